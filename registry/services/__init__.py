"""Work over several rows: each function does all of it or nothing, and says who and why."""

from registry.services.accounts import take_up_role
from registry.services.enterprises import rename, settle
from registry.services.titles import apply_review, record_review

__all__ = ["apply_review", "record_review", "rename", "settle", "take_up_role"]
