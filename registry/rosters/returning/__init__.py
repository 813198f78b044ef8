"""A list that was exported, edited and is brought back: only the cells that a person changed count.

`fields` (what each column of an export stands for) → `comparing` (cell, value at the export and value now) →
`decider` (what a row with a number does; rows without one go the way of an office's list).
"""

from registry.rosters.returning.decider import ReturningDecider, beside
from registry.rosters.returning.telling import changed_cells

__all__ = ["ReturningDecider", "beside", "changed_cells"]
