"""分解任务: a target divided among the areas on its page, and the whole plan as one table, out to Excel and back."""

from targets.admin.division.one import divide_view
from targets.admin.division.table import table_view

__all__ = ["divide_view", "table_view"]
