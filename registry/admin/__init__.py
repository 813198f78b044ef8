"""The register as staff edit it: declarations; what needs several rows is in `registry.services`."""

from registry.admin import (
    designation,
    enterprise,
    figures,
    lists,
    named_lists,
    quality,
    reference,
    statistics,
    tokens,
    user,
    webhooks,
)

__all__ = [
    "designation",
    "enterprise",
    "figures",
    "lists",
    "named_lists",
    "quality",
    "reference",
    "statistics",
    "tokens",
    "user",
    "webhooks",
]
