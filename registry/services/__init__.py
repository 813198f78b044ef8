"""Work over several rows: each function does all of it or nothing, and says who and why."""

from registry.services.accounts import take_up_role
from registry.services.enterprises import close, move, rename, settle, split_off
from registry.services.titles import apply_review, record_review

__all__ = [
    "apply_review",
    "close",
    "move",
    "record_review",
    "rename",
    "settle",
    "split_off",
    "take_up_role",
]
