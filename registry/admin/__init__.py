"""The register as staff edit it: declarations; what needs several rows is in `registry.services`."""

from registry.admin import designation, enterprise, figures, quality, reference, roster, statistics, user

__all__ = ["designation", "enterprise", "figures", "quality", "reference", "roster", "statistics", "user"]
