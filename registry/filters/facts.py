"""Enterprises, their titles and figures, published figures, lists."""

from typing import Any

import django_filters as filters
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from registry import codes, validity
from registry.choices import ClusterKind, Figure, Level, MemberRole
from registry.filters.base import (
    COUNTED,
    DAY,
    LISTED_ROW,
    RANGE,
    TEXT,
    Choices,
    Codes,
    Day,
    FactFilter,
    Whole,
    YesNo,
    roster,
)
from registry.models import (
    AnnualFigures,
    Cluster,
    Designation,
    District,
    Enterprise,
    Industry,
    Membership,
    Roster,
    Scheme,
    Series,
    Statistic,
)
from registry.search import matching

# Enterprises


class EnterpriseFilter(FactFilter):
    """Enterprises: by name or code, place, group, title and days.

    `valid_on` is the day on which the title (`scheme`, `level`) and the group (`cluster`, `cluster_kind`,
    `role`, `main`) must hold; without it any day does. `as_of` asks for all as on one day: the enterprise exists, title
    and group hold, and the area is that in which it then was.
    """

    name = filters.CharFilter(method="by_name", label=_("Part of the name or of a former name"))
    search = filters.CharFilter(
        method="by_search", label=_("Part of a name, initials of a name, or the beginning of a code")
    )
    uscc = filters.CharFilter(method="by_uscc", label=_("Unified social credit code"))
    district = Codes(
        District, "district", method="later", label=_("The area in which it is now, or was on the day as_of")
    )
    industry = Codes(Industry, "industry")
    as_of = Day(
        method="later",
        label=_("All as on this day: it exists, title and group hold, and its area is that of then"),
    )
    existing_on = Day(method="by_existence", label=_("Founded by and not yet closed on this day"))
    scheme = Codes(Scheme, "designations", method="later", label=_("Holds a title of this scheme"))
    level = Choices(Level, method="later", label=_("Holds a title of this level"))
    valid_on = Day(method="later", label=_("The day on which title and group must hold"))
    cluster = Codes(Cluster, "clusters", method="later")
    cluster_kind = Choices(ClusterKind, method="later", label=_("Belongs to a group of this kind"))
    role = Choices(MemberRole, method="later", label=_("Role in that group"))
    main = YesNo(method="later", label=_("That group is its main one"))
    parent = Whole(field_name="parent_id", label=_("Id of the parent group"))
    roster = roster()

    not_filtered = {
        **COUNTED,
        **LISTED_ROW,
        "contact_name": "personal: shown masked, so it must not be guessed by searching",
        "contact_phone": "personal: shown masked, so it must not be guessed by searching",
        "name_key": "derived from name",
        "name_bigrams": "derived from name",
    }

    class Meta:
        model = Enterprise
        fields = {
            "id": ["exact"],
            "uscc": ["isnull"],
            "uscc_confirmed": ["exact"],
            "registration_no": ["exact"],
            "district": ["isnull"],
            "address": ["icontains"],
            "industry": ["isnull"],
            "legal_form": TEXT,
            "parent": ["isnull"],
            "founded_on": DAY,
            "closed_on": DAY,
            "stock_code": ["exact"],
        }

    def by_name(self, queryset: Any, name: str, value: str) -> QuerySet:
        return queryset.named_like(value)

    def by_search(self, queryset: Any, name: str, value: str) -> QuerySet:
        return matching(queryset, value)

    def by_uscc(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(uscc=codes.clean_uscc(value))

    def by_existence(self, queryset: Any, name: str, value: Any) -> QuerySet:
        return queryset.existing_on(value)

    def together(self, queryset: Any, asked: dict[str, Any]) -> QuerySet:
        day = asked["as_of"]
        if day:
            queryset = queryset.existing_on(day)
        if asked["district"]:
            here = asked["district"]
            queryset = queryset.in_districts_on(here, day) if day else queryset.filter(district__in=here)
        titled = asked["scheme"] or asked["level"]
        grouped = (
            any(asked[name] for name in ("cluster", "cluster_kind", "role")) or asked["main"] is not None
        )
        # a day alone asks for any title that holds on it
        if titled or (asked["valid_on"] and not grouped):
            queryset = queryset.filter(Exists(titles_asked(asked).filter(enterprise=OuterRef("pk"))))
        if grouped:
            queryset = queryset.filter(Exists(_memberships(asked).filter(enterprise=OuterRef("pk"))))
        return queryset


def titles_asked(asked: dict[str, Any]) -> QuerySet:
    """The titles by which an enterprise meets what an EnterpriseFilter asks."""
    day = asked["valid_on"] or asked["as_of"]
    titles = (
        Designation.objects.valid_on(day) if day else Designation.objects.filter(state=validity.CONFIRMED)
    )
    return titles.filter(_any_of(scheme=asked["scheme"], level=asked["level"]))


def _memberships(asked: dict[str, Any]) -> QuerySet:
    day = asked["valid_on"] or asked["as_of"]
    memberships = Membership.objects.on(day) if day else Membership.objects.all()
    if asked["main"] is not None:
        memberships = memberships.filter(main=asked["main"])
    wanted = _any_of(cluster=asked["cluster"], kind=asked["cluster_kind"], role=asked["role"])
    return memberships.filter(wanted)


def _any_of(**wanted: Any) -> Q:
    return Q(**{f"{name}__in": values for name, values in wanted.items() if values})


# Titles and figures


class OfEnterprise(FactFilter):
    """Base for what hangs on an enterprise; asked by who it is and where it is now."""

    enterprise = Whole(field_name="enterprise_id", label=_("Id of the enterprise"))
    uscc = filters.CharFilter(method="by_uscc", label=_("Unified social credit code of the enterprise"))
    name = filters.CharFilter(method="by_name", label=_("Part of the enterprise's name or former name"))
    search = filters.CharFilter(
        method="by_search",
        label=_("Part of the enterprise's name, initials of it, or the beginning of its code"),
    )
    district = Codes(District, "district", method="by_district", label=_("The area in which it is now"))
    industry = Codes(Industry, "enterprise__industry")

    def by_uscc(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(enterprise__uscc=codes.clean_uscc(value))

    def by_name(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(enterprise__in=Enterprise.objects.named_like(value))

    def by_search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(enterprise__in=matching(Enterprise.objects.all(), value))

    def by_district(self, queryset: QuerySet, name: str, value: Any) -> QuerySet:
        return queryset.filter(enterprise__district__in=value) if value else queryset


class DesignationFilter(OfEnterprise):
    """Titles: by scheme and level, holder, place, days and state."""

    scheme = Codes(Scheme, "scheme")
    level = Choices(Level)
    valid_on = Day(method="by_validity", label=_("Counts on this day"))
    as_of = Day(method="by_validity", label=_("The same as valid_on"))
    roster = roster()

    not_filtered = {
        **COUNTED,
        **LISTED_ROW,
        **dict.fromkeys(
            ("submitted_by", "submitted_at", "decided_by", "decided_at"),
            "who sent in and who checked is told inside the office",
        ),
    }

    class Meta:
        model = Designation
        fields = {
            "id": ["exact"],
            "enterprise": ["isnull"],
            "item": TEXT,
            "batch": TEXT,
            "document": TEXT,
            "certificate": ["exact"],
            "announced_on": DAY,
            "valid_from": DAY,
            "valid_to": DAY,
            "ended_on": DAY,
            "end_reason": ["exact"],
            "end_document": TEXT,
            "state": ["exact"],
            "return_reason": ["icontains"],
            "source": ["icontains"],
            "note": ["icontains"],
        }

    def by_district(self, queryset: QuerySet, name: str, value: Any) -> QuerySet:
        here = Q(enterprise__district__in=value) | Q(district__in=value)
        return queryset.filter(here) if value else queryset

    def by_validity(self, queryset: Any, name: str, value: Any) -> QuerySet:
        return queryset.valid_on(value)


class AnnualFiguresFilter(OfEnterprise):
    """Yearly figures: by enterprise, year and amount (万元)."""

    roster = roster()

    not_filtered = {**COUNTED, **LISTED_ROW}

    class Meta:
        model = AnnualFigures
        fields = {
            "id": ["exact"],
            "year": RANGE,
            **{str(figure): ["gte", "lte", "isnull"] for figure in Figure},
            "above_scale": ["exact", "isnull"],
            "source": ["icontains"],
        }


class MembershipFilter(OfEnterprise):
    """Memberships: by enterprise, group, role and days."""

    cluster = Codes(Cluster, "cluster")
    kind = Choices(ClusterKind)
    role = Choices(MemberRole)
    valid_on = Day(method="by_validity", label=_("Belongs to the group on this day"))
    as_of = Day(method="by_validity", label=_("The same as valid_on"))

    not_filtered = {**COUNTED}

    class Meta:
        model = Membership
        fields = {"id": ["exact"], "main": ["exact"], "since": DAY, "until": DAY}

    def by_validity(self, queryset: Any, name: str, value: Any) -> QuerySet:
        return queryset.on(value)


class StatisticFilter(FactFilter):
    """Published figures: by series, area and day."""

    series = Codes(Series, "series")
    district = Codes(District, "district")
    as_of = Day(field_name="day", lookup_expr="lte", label=_("Of this day or before"))
    roster = roster()

    not_filtered = {**COUNTED, **LISTED_ROW}

    class Meta:
        model = Statistic
        fields = {
            "id": ["exact"],
            "district": ["isnull"],
            "day": RANGE,
            "value": RANGE,
            "finality": ["exact"],
            "source": ["icontains"],
            "source_kind": ["exact"],
            "published_on": DAY,
            "quotation": ["icontains"],
            "note": ["icontains"],
        }


class RosterFilter(FactFilter):
    """Imported lists: by kind, file, person and moment."""

    imported_by = filters.CharFilter(
        field_name="imported_by__username", label=_("Who imported it (user name)")
    )
    undone_by = filters.CharFilter(field_name="undone_by__username", label=_("Who undid it (user name)"))

    not_filtered = {
        "content": "the file itself: it is told by its SHA-256",
        "options": "a record of how the list was read",
        "columns": "a record of how the list was read",
        "headers": "a record of how the list was read",
    }

    class Meta:
        model = Roster
        fields = {
            "id": ["exact"],
            "kind": ["exact"],
            "file_name": TEXT,
            "sha256": ["exact"],
            "sheet": ["exact"],
            "imported_at": ["gte", "lte"],
            "undone_at": ["gte", "lte", "isnull"],
            "undo_reason": ["icontains"],
        }
