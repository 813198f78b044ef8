"""The rows of the registry as the API shows them; flat, so that a list of them is a table."""

from typing import Any

from rest_framework import serializers

from registry import contacts
from registry.api.fields import Row, code, text
from registry.choices import Figure, Level, RowOutcome
from registry.models import (
    AnnualFigures,
    Cluster,
    Designation,
    District,
    Enterprise,
    FormerName,
    Industry,
    Membership,
    Relocation,
    Review,
    Roster,
    Scheme,
    SchemeLevel,
    Series,
    Statistic,
)

REFERENCE = ["id", "code", "name", "position", "retired_on"]


class DistrictSerializer(Row):
    inside = code(allow_null=True)

    class Meta:
        model = District
        fields = [*REFERENCE, "short_name", "inside", "towns", "version"]


class ClusterSerializer(Row):
    class Meta:
        model = Cluster
        fields = [*REFERENCE, "kind", "version"]


class IndustrySerializer(Row):
    class Meta:
        model = Industry
        fields = [*REFERENCE, "section", "version"]


class SchemeLevelSerializer(Row):
    class Meta:
        model = SchemeLevel
        fields = ["level", "authority"]


class SchemeSerializer(Row):
    levels = SchemeLevelSerializer(many=True, read_only=True)
    succeeds = code(allow_null=True)

    class Meta:
        model = Scheme
        fields = [
            *REFERENCE,
            "aliases",
            "levels",
            "counts",
            "item_word",
            "measure_word",
            "term_months",
            "grace_months",
            "succeeds",
            "document",
            "version",
        ]


class SeriesSerializer(Row):
    class Meta:
        model = Series
        fields = [*REFERENCE, "unit", "note", "version"]


class FormerNameSerializer(Row):
    class Meta:
        model = FormerName
        fields = ["name", "ended_on"]


class RelocationSerializer(Row):
    from_district = code(allow_null=True)
    to_district = code(allow_null=True)

    class Meta:
        model = Relocation
        fields = ["day", "from_district", "to_district"]


class MembershipSerializer(Row):
    cluster = code()
    cluster_name = text("cluster.name")

    class Meta:
        model = Membership
        fields = ["cluster", "cluster_name", "kind", "main", "role", "since", "until"]


class EnterpriseSerializer(Row):
    former_names = FormerNameSerializer(many=True, read_only=True)
    district = code(allow_null=True)
    industry = code(allow_null=True)
    parent_id = serializers.IntegerField(read_only=True, allow_null=True)
    memberships = MembershipSerializer(many=True, read_only=True)
    relocations = RelocationSerializer(many=True, read_only=True)
    contact_name = serializers.SerializerMethodField(help_text="张**")
    contact_phone = serializers.SerializerMethodField(help_text="138****0000")
    is_demo = serializers.BooleanField(read_only=True)
    roster = serializers.IntegerField(read_only=True, allow_null=True)

    class Meta:
        model = Enterprise
        fields = [
            "id",
            "uscc",
            "uscc_confirmed",
            "registration_no",
            "name",
            "former_names",
            "district",
            "address",
            "industry",
            "legal_form",
            "parent_id",
            "memberships",
            "relocations",
            "founded_on",
            "closed_on",
            "stock_code",
            "contact_name",
            "contact_phone",
            "is_demo",
            "roster",
            "version",
        ]

    def get_contact_name(self, enterprise: Enterprise) -> str:
        return contacts.masked_name(enterprise.contact_name)

    def get_contact_phone(self, enterprise: Enterprise) -> str:
        return contacts.masked_phone(enterprise.contact_phone)


class ReviewSerializer(Row):
    class Meta:
        model = Review
        fields = ["day", "outcome", "valid_to", "document"]


class OfEnterprise(Row):
    """Base for what hangs on an enterprise."""

    enterprise_id = serializers.IntegerField(read_only=True, allow_null=True)
    uscc = text("enterprise.uscc", allow_null=True)
    enterprise = text("enterprise.name", allow_null=True)
    district = serializers.SerializerMethodField(help_text="The area in which the holder is now")
    roster = serializers.IntegerField(read_only=True, allow_null=True)

    def get_district(self, row: Any) -> str | None:
        place = row.enterprise.district if row.enterprise else row.district
        return place.code if place else None


HOLDER = ["enterprise_id", "uscc", "enterprise", "district"]


class DesignationSerializer(OfEnterprise):
    scheme = code()
    scheme_name = text("scheme.name")
    level = serializers.ChoiceField(choices=Level.choices, read_only=True)
    reviews = ReviewSerializer(many=True, read_only=True)

    class Meta:
        model = Designation
        fields = [
            "id",
            "scheme",
            "scheme_name",
            "level",
            *HOLDER,
            "item",
            "batch",
            "document",
            "certificate",
            "announced_on",
            "valid_from",
            "valid_to",
            "ended_on",
            "end_reason",
            "end_document",
            "state",
            "return_reason",
            "reviews",
            "source",
            "note",
            "roster",
            "version",
        ]


class AnnualFiguresSerializer(OfEnterprise):
    class Meta:
        model = AnnualFigures
        fields = ["id", *HOLDER, "year", *map(str, Figure), "above_scale", "source", "roster", "version"]


class StatisticSerializer(Row):
    series = code()
    series_name = text("series.name")
    unit = text("series.unit")
    district = code(allow_null=True, help_text="null is the whole city")
    roster = serializers.IntegerField(read_only=True, allow_null=True)

    class Meta:
        model = Statistic
        fields = [
            "id",
            "series",
            "series_name",
            "unit",
            "district",
            "day",
            "value",
            "finality",
            "source",
            "source_kind",
            "published_on",
            "quotation",
            "note",
            "roster",
            "version",
        ]


class OutcomesSerializer(serializers.Serializer):
    """How many rows of a list came to what; together they are all its rows."""

    def get_fields(self) -> dict[str, Any]:
        return {str(outcome): serializers.IntegerField(read_only=True) for outcome in RowOutcome}


class RosterSerializer(Row):
    imported_by = text("imported_by.username", allow_null=True)
    undone_by = text("undone_by.username", allow_null=True)
    rows = serializers.SerializerMethodField()

    class Meta:
        model = Roster
        fields = [
            "id",
            "kind",
            "file_name",
            "sha256",
            "sheet",
            "options",
            "columns",
            "rows",
            "imported_by",
            "imported_at",
            "undone_by",
            "undone_at",
            "undo_reason",
        ]

    def get_rows(self, roster: Any) -> dict[str, int]:
        found = roster.outcomes or {}
        return {str(outcome): found.get(outcome, 0) for outcome in RowOutcome}
