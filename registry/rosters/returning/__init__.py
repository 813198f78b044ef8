"""A list that was exported, edited and is brought back: only the cells that a person changed count.

`fields` (what each column of an export stands for) → `comparing` (whether a cell still shows a value) → `cells` (what a
person changed in a row), `holder` and `groups` beside it → `checks` (what the database would refuse) → `decider` (what a
row with a number does; rows without one go the way of an office's list) → `telling` (the changed cells of a preview).
"""

from registry.rosters.returning.decider import ReturningDecider, beside
from registry.rosters.returning.telling import changed_cells

__all__ = ["ReturningDecider", "beside", "changed_cells"]
