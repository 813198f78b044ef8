"""审核: what areas send in is confirmed or sent back; and the re-review of a batch at once."""

from registry.admin.checking.batch import batch_review
from registry.admin.checking.one import check
from registry.admin.checking.worklist import worklist

__all__ = ["batch_review", "check", "worklist"]
