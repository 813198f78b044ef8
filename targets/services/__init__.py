"""Work on the plan over several rows: each function does all of it or nothing, and says who and why."""

from targets.services.division import assign, propose
from targets.services.next_plan import (
    Choice,
    Opened,
    Proposal,
    discard_draft,
    open_plan,
    proposals,
    publish_plan,
)
from targets.services.revision import revise

__all__ = [
    "Choice",
    "Opened",
    "Proposal",
    "assign",
    "discard_draft",
    "open_plan",
    "proposals",
    "propose",
    "publish_plan",
    "revise",
]
