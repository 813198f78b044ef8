"""Targets, readings and records as the API and the commands show them; the names are a promise to others."""

from typing import Any

from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from registry.api.fields import PlainNumber, Row, code, text
from registry.choices import SourceKind
from targets import rules
from targets.choices import Comparator, Exclusion, Feed, Official, State
from targets.models import Citation, Milestone, Target

# The plan


class CitationSerializer(Row):
    section = text("section.name", help_text="Heading under which the phrase stands")
    section_code = text("section.code")

    class Meta:
        model = Citation
        fields = ["quote", "section", "section_code"]


class InPlan(Row):
    """Base of what stands in a plan."""

    plan = code()
    plan_is_draft = serializers.BooleanField(
        source="plan.is_draft",
        read_only=True,
        help_text="Whether the plan is a draft that nobody has decided yet",
    )
    section = serializers.SerializerMethodField(help_text="Heading of the plan's document")
    subsection = serializers.SerializerMethodField(help_text="Heading below it, if there is one")
    section_code = text("section.code", help_text="Code of the nearest heading")
    quote = serializers.CharField(read_only=True, help_text="The phrase of the document, verbatim")
    citations = CitationSerializer(many=True, read_only=True, help_text="Every place that states it")

    def get_section(self, row: Any) -> str:
        return (row.section.parent or row.section).name

    def get_subsection(self, row: Any) -> str | None:
        return row.section.name if row.section.parent else None


HEADING = [
    "id",
    "code",
    "name",
    "plan",
    "plan_is_draft",
    "section",
    "subsection",
    "section_code",
    "quote",
    "citations",
]


class TargetSerializer(InPlan):
    # every field of DRF has a `parent` and a `source` of its own, hence the ignored types
    parent = code(allow_null=True, help_text="The target of which it is a part (其中)")  # type: ignore[assignment]
    hedge = serializers.BooleanField(read_only=True, help_text="力争、争创")
    baseline_date = serializers.DateField(source="starts_on", read_only=True)
    deadline = serializers.DateField(source="due_on", read_only=True)
    baseline_value = PlainNumber(
        allow_null=True, help_text="What there was on the baseline date, from where the expected line begins"
    )
    feed = serializers.SerializerMethodField(help_text="How its number comes about; null without a rule")
    rule_text = serializers.SerializerMethodField(help_text="What its number is, in one sentence")

    class Meta:
        model = Target
        fields = [
            *HEADING,
            "comparator",
            "value",
            "value_max",
            "unit",
            "tolerance",
            "hedge",
            "parent",
            "baseline_date",
            "deadline",
            "baseline_value",
            "baseline_source",
            "feed",
            "rule_text",
            "office",
            "note",
            "position",
            "retired_on",
            "version",
        ]

    @extend_schema_field(serializers.ChoiceField(choices=Feed.choices, allow_null=True))
    def get_feed(self, target: Target) -> str | None:
        return target.rule.feed if hasattr(target, "rule") else None

    def get_rule_text(self, target: Target) -> str | None:
        return rules.sentence(rules.spec_of(target.rule)) if hasattr(target, "rule") else None


class MilestoneSerializer(InPlan):
    class Meta:
        model = Milestone
        fields = [*HEADING, "hedge", "state", "reached_on", "evidence", "office", "position", "version"]


# Readings


class OfficialSerializer(serializers.Serializer):
    """The newest published figure up to the day."""

    value = PlainNumber()
    as_of = serializers.DateField(read_only=True, help_text="The day that the figure is of")
    source = serializers.CharField(read_only=True)  # type: ignore[assignment]
    source_kind = serializers.ChoiceField(choices=SourceKind.choices, read_only=True)
    note = serializers.CharField(read_only=True)


class AreaValueSerializer(serializers.Serializer):
    """The value of one area; the code is null for what lies in no area."""

    code = serializers.CharField(allow_null=True, read_only=True)
    name = serializers.CharField(allow_null=True, read_only=True)
    value = PlainNumber(allow_null=True)


class ClusterValueSerializer(serializers.Serializer):
    """The value of one cluster or chain; clusters of different kinds overlap and are never added up."""

    code = serializers.CharField(read_only=True)
    name = serializers.CharField(read_only=True)
    value = PlainNumber()


class ReadingSerializer(serializers.Serializer):
    """A target on a day. With a district: its own value, judged against the city's target."""

    code = serializers.CharField(read_only=True)
    name = serializers.CharField(read_only=True)
    district = serializers.CharField(read_only=True, allow_null=True, help_text="null is the whole city")
    value = PlainNumber(allow_null=True, help_text="What there is; null without data")
    unit = serializers.CharField(read_only=True)
    target = PlainNumber(help_text="What is wanted, as it was on the day")
    comparator = serializers.ChoiceField(choices=Comparator.choices, read_only=True)
    completion = PlainNumber(allow_null=True, help_text="value / target, a fraction of 1")
    expected = PlainNumber(help_text="序时进度, a fraction of 1")
    lead = PlainNumber(allow_null=True, help_text="completion − expected")
    state = serializers.ChoiceField(choices=State.choices, read_only=True)
    as_of = serializers.DateField(read_only=True)
    data_date = serializers.DateField(
        read_only=True, allow_null=True, help_text="The day that the value's data are of"
    )
    basis = serializers.ChoiceField(
        choices=Official.choices, read_only=True, help_text="Whose number the value is"
    )
    registry_value = PlainNumber(allow_null=True, help_text="The registry's own number")
    official = OfficialSerializer(allow_null=True, read_only=True, help_text="Of the city only")
    difference = PlainNumber(
        allow_null=True, help_text="The registry's number less the published one, where both are of one day"
    )
    numerator = PlainNumber(allow_null=True, help_text="Of a ratio (万元) or a multiple; of the city only")
    denominator = PlainNumber(allow_null=True, help_text="Of a ratio (万元) or a multiple; of the city only")
    by_district = AreaValueSerializer(many=True, read_only=True)
    by_cluster = ClusterValueSerializer(many=True, read_only=True, help_text="Of the city only")


class RecordSerializer(serializers.Serializer):
    """A record that a number counts, or does not count and why; what does not apply is null or empty."""

    enterprise_id = serializers.IntegerField(read_only=True, allow_null=True)
    uscc = serializers.CharField(read_only=True, allow_null=True)
    enterprise = serializers.CharField(read_only=True, help_text="Its name")
    item = serializers.CharField(read_only=True, help_text="The named thing, where things are counted")
    district = serializers.CharField(
        read_only=True, allow_null=True, help_text="The area on the day asked about"
    )
    district_name = serializers.CharField(read_only=True, allow_null=True)
    designation_id = serializers.IntegerField(read_only=True, allow_null=True)
    scheme_name = serializers.CharField(read_only=True)
    level = serializers.CharField(read_only=True)
    batch = serializers.CharField(read_only=True)
    document = serializers.CharField(read_only=True)
    announced_on = serializers.DateField(read_only=True, allow_null=True)
    valid_from = serializers.DateField(read_only=True, allow_null=True)
    valid_to = serializers.DateField(read_only=True, allow_null=True)
    ended_on = serializers.DateField(read_only=True, allow_null=True)
    cluster_name = serializers.CharField(read_only=True)
    year = serializers.IntegerField(read_only=True, allow_null=True)
    value = PlainNumber(allow_null=True, help_text="In the unit of the target")
    source = serializers.CharField(read_only=True)  # type: ignore[assignment]
    reason = serializers.ChoiceField(
        choices=Exclusion.choices, read_only=True, allow_null=True, help_text="Why it is not counted"
    )
    reason_text = serializers.CharField(read_only=True, help_text="The same in words")


# Envelopes


# the one answer of a list action, not an array of them
@extend_schema_serializer(many=False)
class ProgressSerializer(serializers.Serializer):
    """The readings of a plan on a day, in its order."""

    plan = serializers.CharField(read_only=True)
    plan_is_draft = serializers.BooleanField(read_only=True)
    as_of = serializers.DateField(read_only=True)
    district = serializers.CharField(read_only=True, allow_null=True)
    results = ReadingSerializer(many=True, read_only=True)


class RecordsSerializer(serializers.Serializer):
    """Some of the records behind a number; `count` is how many there are in all."""

    count = serializers.IntegerField(read_only=True)
    next = serializers.URLField(read_only=True, allow_null=True)
    previous = serializers.URLField(read_only=True, allow_null=True)
    as_of = serializers.DateField(read_only=True)
    results = RecordSerializer(many=True, read_only=True)
