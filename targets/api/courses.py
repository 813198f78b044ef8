"""What can be asked of the course of a target: its series from a day to a day, and the bridge between the two."""

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from registry.api.days import Day, moment_or_refused
from registry.api.pagination import MAX_LIMIT
from registry.models import Cluster
from registry.past import as_known_at
from targets import bridges, rules
from targets.api.questions import PlanQuery, Question, found_or_refused
from targets.bridges import Lines, Span
from targets.choices import Cause, Feed, Interval
from targets.measure.bridge import COUNTED, NoBridge
from targets.measure.pages import Page, Window
from targets.models import Target
from targets.series import Point, last_days, series

# Twenty years by month.
MAX_POINTS = 240


@dataclass
class Course(Question):
    """One target from a day (`first`; None: see `series` and `bridge`) to a day (`as_of`)."""

    first: dt.date | None = None
    step: Interval = Interval.MONTH
    from_known_at: dt.datetime | None = None
    cluster: Cluster | None = None

    def window(self, user: Any = None) -> Window:
        return replace(super().window(user), cluster=self.cluster.pk if self.cluster else None)

    def series(self) -> tuple[Target, list[Point]]:
        """From the target's baseline date on, if no day is asked."""
        target = self.one_target()
        first = self.first or min(target.starts_on, self.as_of)
        if first > self.as_of:
            raise ValidationError(
                {"from": [_("“from” must not lie after “to”, %(day)s.") % {"day": self.as_of}]}
            )
        points = len(last_days(first, self.as_of, self.step))
        if points > MAX_POINTS:
            raise ValidationError({"from": [too_many(points)]})
        with as_known_at(self.known_at):
            return target, series(target, first, self.as_of, self.step, district=self.district)

    @property
    def span(self) -> Span:
        """From the last day of the year before, if no day is asked; `known_at` is of both days, if it stands alone."""
        first = self.first or dt.date(self.as_of.year - 1, 12, 31)
        if first >= self.as_of:
            raise ValidationError(
                {"from": [_("“from” must lie before “to”, %(day)s.") % {"day": self.as_of}]}
            )
        return Span(first, self.as_of, self.from_known_at or self.known_at, self.known_at)

    def bridge(self) -> tuple[Target, Lines]:
        target, span = self.one_target(), self.span
        try:
            return target, bridges.lines(rules.spec_of(target.rule), span)
        except NoBridge as refused:
            raise ValidationError({"target": [no_bridge(target)]}) from refused

    def bridge_records(self, user: Any = None) -> Page:
        target, span = self.one_target(), self.span
        try:
            return bridges.records(rules.spec_of(target.rule), span, self.window(user))
        except NoBridge as refused:
            raise ValidationError({"target": [no_bridge(target)]}) from refused


def too_many(points: int) -> str:
    return _(
        "That makes %(points)d points; at most %(most)d are told. Ask for a later “from” or a longer step."
    ) % {
        "points": points,
        "most": MAX_POINTS,
    }


def no_bridge(target: Target) -> str:
    """Why a target has none; corrections, too, are told of counts alone."""
    return _(
        "A bridge explains counts of enterprises or things (%(counted)s); %(name)s is told as %(feed)s. "
        "Its series shows how it went."
    ) % {
        "counted": _(", ").join(str(feed.label) for feed in COUNTED),
        "name": target.name,
        "feed": Feed(target.rule.feed).label,
    }


class CourseQuery(PlanQuery):
    """Two days of a plan."""

    day = "to"

    # a word of the language itself
    vars()["from"] = Day(required=False, help_text=gettext_lazy("The first day"))
    to = Day(
        required=False,
        help_text=gettext_lazy("The last day; if absent today, but not after the plan's last day"),
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        first = attrs.pop("from", None)
        return {**super().validate(attrs), "first": first}

    def question(self, **given: Any) -> Course:
        """`given` is what stands in the address itself."""
        self.is_valid(raise_exception=True)
        return Course(**self.validated_data, **given)


class SeriesQuery(CourseQuery):
    """How far the points of a series lie apart; from the target's baseline date on, if no day is asked."""

    step = serializers.ChoiceField(
        choices=Interval.choices,
        required=False,
        default=Interval.MONTH,
        help_text=gettext_lazy("Points on the last day of each month, quarter or year"),
    )

    def validate_step(self, step: str) -> Interval:
        return Interval(step)


class BridgeQuery(CourseQuery):
    """From the last day of the year before `to` on, if no day is asked."""

    from_known_at = serializers.CharField(
        required=False,
        help_text=gettext_lazy(
            "The knowledge of the first day, where it differs from that of the last: corrections show"
        ),
    )

    def validate_from_known_at(self, text: str) -> dt.datetime:
        return moment_or_refused(text)


class BridgeRecordsQuery(BridgeQuery):
    """Which records behind a bridge."""

    cause = serializers.ChoiceField(
        choices=Cause.choices,
        required=False,
        source="reason",
        help_text=gettext_lazy("One cause only; if absent all but corrections"),
    )
    cluster = serializers.CharField(
        required=False, help_text=gettext_lazy("Code of a cluster or chain: what its members gained and lost")
    )
    search = serializers.CharField(
        required=False, allow_blank=True, help_text=gettext_lazy("Part of a name, of an item or of a code")
    )
    limit = serializers.IntegerField(required=False, min_value=1, max_value=MAX_LIMIT, default=50)
    offset = serializers.IntegerField(required=False, min_value=0, max_value=10_000_000, default=0)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs.get("cluster") and attrs.get("reason") == Cause.CORRECTED:
            raise ValidationError({"cluster": [_("Corrections open by area, not by cluster.")]})
        return super().validate(attrs)

    def validate_cluster(self, code: str) -> Any:
        return found_or_refused(Cluster.objects.filter(code=code).first(), code)
