"""The plan as staff edit it: a target with its rule, without code."""

from targets.admin import panel, plan, publication, rule, target

__all__ = ["panel", "plan", "publication", "rule", "target"]
