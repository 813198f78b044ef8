"""What lists of the registry can be asked: one FilterSet a model, shared by the API and the pages.

Names are those of fields; `__gte` and `__lte` are inclusive ends, `__icontains` looks inside, `__isnull` asks
for presence. Several codes of one filter (`?district=320412&district=320411`) mean any of them. A FilterSet
never looks at the clock: where a day decides, it is asked for. `not_filtered` names the fields left out, with
the reason; a test holds every field of a model to be in one or the other.
"""

from registry.filters.facts import (
    AnnualFiguresFilter,
    DesignationFilter,
    EnterpriseFilter,
    MembershipFilter,
    RosterFilter,
    StatisticFilter,
)
from registry.filters.reference import (
    ClusterFilter,
    DistrictFilter,
    IndustryFilter,
    NamedListFilter,
    SchemeFilter,
    SeriesFilter,
)

__all__ = [
    "AnnualFiguresFilter",
    "ClusterFilter",
    "DesignationFilter",
    "DistrictFilter",
    "EnterpriseFilter",
    "IndustryFilter",
    "MembershipFilter",
    "NamedListFilter",
    "RosterFilter",
    "SchemeFilter",
    "SeriesFilter",
    "StatisticFilter",
]
