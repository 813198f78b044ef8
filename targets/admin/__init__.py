"""The plan as staff edit it: a target with its rule, without code."""

from targets.admin import plan, rule, target

__all__ = ["plan", "rule", "target"]
