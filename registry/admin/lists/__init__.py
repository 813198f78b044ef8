"""Lists in admin: brought, previewed, applied in the background, read afterwards, taken back."""

from registry.admin.lists import rosters, rows

__all__ = ["rosters", "rows"]
