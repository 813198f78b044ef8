"""The differences between registry and published figures as the API and the command show them."""

from typing import Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from registry.api.fields import PlainNumber
from registry.past import as_known_at
from targets.api.questions import Question
from targets.api.serializers import OfficialSerializer
from targets.choices import NotCompared
from targets.differences import Compared, Difference, differences, largest_first, without

Row = dict[str, Any]


class Reasoned(serializers.Serializer):
    """Base of what may have no difference."""

    reason = serializers.ChoiceField(
        choices=NotCompared.choices, read_only=True, allow_null=True, help_text="Why there is no difference"
    )
    reason_text = serializers.CharField(read_only=True, help_text="The same in words")


class ComparedSerializer(Reasoned):
    """A published figure, and the registry's number on its day."""

    as_of = serializers.DateField(read_only=True, help_text="The published figure's own day")
    published = OfficialSerializer(read_only=True)
    registry_value = PlainNumber(allow_null=True, help_text="The registry's number on the same day")
    difference = PlainNumber(allow_null=True, help_text="The registry's number less the published one")
    share = PlainNumber(allow_null=True, help_text="difference / published value, a fraction of 1")


class NamedSerializer(serializers.Serializer):
    """Base of what is told of a target."""

    code = serializers.CharField(read_only=True)
    name = serializers.CharField(read_only=True)
    unit = serializers.CharField(read_only=True)


SINCE = (
    "Since when it grew: the first day of the unbroken rise of its amount that ends with this figure; "
    "null where the newest figure is not further off than the one before it"
)


class DifferenceSerializer(ComparedSerializer, NamedSerializer):
    """A target's newest published figure beside the registry's number on its day."""

    since = serializers.DateField(read_only=True, allow_null=True, help_text=SINCE)


class LeftOutSerializer(Reasoned, NamedSerializer):
    """A target without a difference, and why."""

    published = OfficialSerializer(read_only=True, allow_null=True, help_text="The newest, if there is one")


# the one answer of a list action, not an array of them
@extend_schema_serializer(many=False)
class DifferencesSerializer(serializers.Serializer):
    """All differences of a plan, the largest share first; then the targets that have none, in the plan's order."""

    plan = serializers.CharField(read_only=True)
    as_of = serializers.DateField(read_only=True)
    district = serializers.CharField(read_only=True, allow_null=True)
    results = DifferenceSerializer(many=True, read_only=True)
    left_out = LeftOutSerializer(many=True, read_only=True)


class HistorySerializer(Reasoned, NamedSerializer):
    """The differences of a target on every day on which a figure was published, the oldest first."""

    as_of = serializers.DateField(read_only=True)
    district = serializers.CharField(read_only=True, allow_null=True)
    since = serializers.DateField(read_only=True, allow_null=True, help_text=SINCE)
    results = ComparedSerializer(many=True, read_only=True)


def found(question: Question) -> list[Difference]:
    """The differences that a question asks for."""
    with as_known_at(question.known_at):
        return differences(question.targets(), question.as_of, district=question.district)


def rows(question: Question) -> Row:
    """All differences of a plan, in the words of the API."""
    ours = found(question)
    answer = {
        **_asked(question),
        "plan": question.plan.code,
        "results": [_difference(one) for one in largest_first(ours)],
        "left_out": [_left_out(one) for one in without(ours)],
    }
    return dict(DifferencesSerializer(answer).data)


def history(question: Question) -> Row | None:
    """The differences of the one target asked about; None where there is no such target."""
    ours = found(question)
    if not ours:
        return None
    (one,) = ours
    answer = {
        **_asked(question),
        **_named(one),
        **_reason(one.why_not),
        "since": one.since,
        "results": [_compared(point) for point in one.history],
    }
    return dict(HistorySerializer(answer).data)


def _asked(question: Question) -> Row:
    return {"as_of": question.as_of, "district": question.district and question.district.code}


def _named(one: Difference) -> Row:
    return {"code": one.target.code, "name": one.target.name, "unit": one.target.unit}


def _reason(reason: NotCompared | None) -> Row:
    return {"reason": reason, "reason_text": reason.label if reason else ""}


def _compared(point: Compared) -> Row:
    return {
        "as_of": point.day,
        "published": point.published,
        "registry_value": point.registry,
        "difference": point.difference,
        "share": point.share,
        **_reason(point.why_not),
    }


def _difference(one: Difference) -> Row:
    assert one.newest is not None
    return {**_named(one), **_compared(one.newest), "since": one.since}


def _left_out(one: Difference) -> Row:
    return {**_named(one), **_reason(one.why_not), "published": one.newest and one.newest.published}
