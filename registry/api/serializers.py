"""The rows of the registry as the API shows them; flat, so that a list of them is a table."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from registry import codes, contacts
from registry.api.fields import FlatRow, Row, code, code_of, text
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


class FormerNameSerializer(FlatRow):
    class Meta:
        model = FormerName
        fields = ["name", "ended_on"]


class RelocationSerializer(FlatRow):
    from_district = code_of("from_district", allow_null=True)
    to_district = code_of("to_district", allow_null=True)

    class Meta:
        model = Relocation
        fields = ["day", "from_district", "to_district"]


class MembershipSerializer(FlatRow):
    cluster = code_of("cluster")
    cluster_name = text("cluster__name")

    class Meta:
        model = Membership
        fields = ["cluster", "cluster_name", "kind", "main", "role", "since", "until"]


class MaskedName(serializers.CharField):
    """A person's name, as people without the right to see it whole are shown it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(read_only=True, **kwargs)

    def to_representation(self, value: str) -> str:
        return contacts.masked_name(value)


class MaskedPhone(MaskedName):
    """A telephone number, likewise."""

    def to_representation(self, value: str) -> str:
        return contacts.masked_phone(value)


class EnterpriseSerializer(FlatRow):
    former_names = FormerNameSerializer(many=True, read_only=True, source="its_former_names")
    district = code_of("district", allow_null=True)
    industry = code_of("industry", allow_null=True)
    parent_id = serializers.IntegerField(read_only=True, allow_null=True)
    memberships = MembershipSerializer(many=True, read_only=True, source="its_memberships")
    relocations = RelocationSerializer(many=True, read_only=True, source="its_relocations")
    contact_name = MaskedName(help_text="张**")
    contact_phone = MaskedPhone(help_text="138****0000")
    is_demo = serializers.SerializerMethodField()
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

    def get_is_demo(self, row: Mapping[str, Any]) -> bool:
        return codes.is_made_up(row["uscc"])


class EnterpriseWithContactsSerializer(EnterpriseSerializer):
    """For tokens that may read whom to call."""

    contact_name = serializers.CharField(read_only=True)  # type: ignore[assignment]
    contact_phone = serializers.CharField(read_only=True)  # type: ignore[assignment]


class ReviewSerializer(FlatRow):
    class Meta:
        model = Review
        fields = ["day", "outcome", "valid_to", "document"]


class OfEnterprise(FlatRow):
    """Base for what hangs on an enterprise."""

    enterprise_id = serializers.IntegerField(read_only=True, allow_null=True)
    uscc = text("enterprise__uscc", allow_null=True)
    enterprise = text("enterprise__name", allow_null=True)
    district = text("place", allow_null=True, help_text="The area in which the holder is now")
    roster = serializers.IntegerField(read_only=True, allow_null=True)


HOLDER = ["enterprise_id", "uscc", "enterprise", "district"]


class DesignationSerializer(OfEnterprise):
    scheme = code_of("scheme")
    scheme_name = text("scheme__name")
    level = serializers.ChoiceField(choices=Level.choices, read_only=True)
    reviews = ReviewSerializer(many=True, read_only=True, source="its_reviews")

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


class ClusterMembershipSerializer(FlatRow):
    """A membership by itself, with the enterprise to which it belongs."""

    enterprise_id = serializers.IntegerField(read_only=True)
    uscc = text("enterprise__uscc", allow_null=True)
    enterprise = text("enterprise__name")
    district = text("place", allow_null=True, help_text="The area in which the enterprise is now")
    cluster = code_of("cluster")
    cluster_name = text("cluster__name")

    class Meta:
        model = Membership
        fields = ["id", *HOLDER, *MembershipSerializer.Meta.fields, "version"]


class StatisticSerializer(FlatRow):
    series = code_of("series")
    series_name = text("series__name")
    unit = text("series__unit")
    district = code_of("district", allow_null=True, help_text="null is the whole city")
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
