"""Rows that other systems write: one at a time or thousands together, judged and written as at the desk.

    registry.api.inputs    what a request says         -> Wanted
    registry.writing       Wanted x what is there       -> Draft, with everything that is wrong with it
    registry.rosters.tables   drafts                    -> the tables, set by set

The rules are those of the models (`clean`, constraints) and of `services.title_steps`; here is only what makes them bear
ten thousand rows: what they ask of the database is asked once for all rows.
"""

from registry.writing.designations import DesignationWriter
from registry.writing.drafts import Draft, Kind, Outcome, Problem, Wanted
from registry.writing.enterprises import EnterpriseWriter
from registry.writing.figures import FiguresWriter
from registry.writing.memberships import MembershipWriter
from registry.writing.statistics import StatisticWriter
from registry.writing.writer import Refused, Writer

__all__ = [
    "DesignationWriter",
    "Draft",
    "EnterpriseWriter",
    "FiguresWriter",
    "Kind",
    "MembershipWriter",
    "Outcome",
    "Problem",
    "Refused",
    "StatisticWriter",
    "Wanted",
    "Writer",
]
