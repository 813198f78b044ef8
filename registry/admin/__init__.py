"""The register as staff edit it: declarations; what needs several rows is in `registry.services`."""

from registry.admin import designation, enterprise, figures, lists, reference, statistics, user

__all__ = ["designation", "enterprise", "figures", "lists", "reference", "statistics", "user"]
