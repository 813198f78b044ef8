"""The next plan in the admin: opened from the one before, looked over, published or thrown away."""

from targets.admin.next_plan.deciding import discard_view, publish_view
from targets.admin.next_plan.opening import open_view

__all__ = ["discard_view", "open_view", "publish_view"]
