"""What can be asked of measuring: parameters of the API and options of the commands become one question."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers
from rest_framework.exceptions import NotFound, PermissionDenied

from registry.api.days import Day, moment_or_refused
from registry.api.pagination import MAX_LIMIT
from registry.models import District
from registry.past import as_known_at
from targets import rules
from targets.choices import Exclusion, State
from targets.filters import in_section
from targets.measure.records import Page, Window, contributors, exclusions
from targets.models import Plan, Section, Target
from targets.standings import Standing, default_day, in_use, plan_on, standings, targets_of


@dataclass
class Question:
    """Which targets, on which day, where."""

    plan: Plan
    as_of: dt.date
    district: District | None = None
    target: str = ""
    section: str = ""
    state: str = ""
    search: str = ""
    reason: str = ""
    limit: int | None = None
    offset: int = 0
    known_at: dt.datetime | None = None

    def targets(self) -> QuerySet[Target]:
        found = targets_of(self.plan)
        if self.target:
            found = found.filter(code=self.target)
        return found.filter(in_section(self.section)) if self.section else found

    def standings(self) -> list[Standing]:
        with as_known_at(self.known_at):
            found = standings(self.targets(), self.as_of, district=self.district)
        return [one for one in found if not self.state or one.verdict.state == self.state]

    def window(self, user: Any = None) -> Window:
        """Which records; without a user (at the command line) nothing is hidden."""
        own = getattr(user, "district_id", None)
        asked = self.district.pk if self.district else None
        if own is not None and asked not in (None, own):
            raise PermissionDenied(_("You may see the enterprises of your own area only."))
        return Window(
            district=own if own is not None else asked,
            within=own is not None,
            search=self.search,
            reason=self.reason,
            offset=self.offset,
            limit=self.limit,
        )

    def records(self, *, counted: bool, user: Any = None) -> Page:
        """The records of the one target asked about."""
        spec, window = rules.spec_of(self.one_target().rule), self.window(user)
        with as_known_at(self.known_at):
            return self._records(spec, window, counted)

    def one_target(self) -> Target:
        """The one target asked about, as it is known."""
        with as_known_at(self.known_at):
            target = next(iter(in_use(self.targets(), self.as_of)), None)
        if target is None:
            raise NotFound(no_such_target(self))
        return target

    def _records(self, spec: rules.Spec, window: Window, counted: bool) -> Page:
        ask = contributors if counted else exclusions
        page = ask(spec, self.as_of, window)
        if not page.records and window.offset:
            # past the end the statement has no row that could tell how many there are
            first = Window(**{**vars(window), "offset": 0, "limit": 1})
            return Page([], ask(spec, self.as_of, first).total)
        return page


def no_such_target(question: Question) -> str:
    return _("The plan %(plan)s has no target %(code)s with a rule on %(day)s.") % {
        "plan": question.plan.code,
        "code": question.target,
        "day": question.as_of,
    }


class PlanQuery(serializers.Serializer):
    """The plan (if absent the one that runs on the day), the area and the moment of knowledge."""

    # the parameter that names the day
    day = "as_of"

    known_at = serializers.CharField(
        required=False,
        help_text=gettext_lazy(
            "The moment whose knowledge is used, as 2025-06-30T12:00:00+08:00; of a day its end; absent: now"
        ),
    )
    plan = serializers.CharField(
        required=False, help_text=gettext_lazy("Code of the plan; if absent the one that runs on the day")
    )
    district = serializers.CharField(required=False, help_text=gettext_lazy("Code of an area"))

    def validate_known_at(self, text: str) -> dt.datetime:
        return moment_or_refused(text)

    def validate_district(self, code: str) -> District:
        return found_or_refused(District.objects.filter(code=code).first(), code)

    def validate_plan(self, code: str) -> Plan:
        return found_or_refused(Plan.objects.filter(code=code).first(), code)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        today, day = self.context["today"], attrs.pop(self.day, None)
        plan = attrs.get("plan") or plan_on(day or today)
        if plan is None:
            raise serializers.ValidationError(
                _("There is no plan yet; load one with manage.py load_reference.")
            )
        return {**attrs, "plan": plan, "as_of": day or default_day(plan, today)}


class AsOfQuery(PlanQuery):
    """A day of a plan."""

    as_of = Day(
        required=False,
        help_text=gettext_lazy("The day asked about; if absent today, but not after the plan's last day"),
    )

    def question(self, **given: Any) -> Question:
        """`given` is what stands in the address itself."""
        self.is_valid(raise_exception=True)
        return Question(**self.validated_data, **given)


def found_or_refused(found: Any, code: str) -> Any:
    if found is None:
        raise serializers.ValidationError(_("There is no %(code)s.") % {"code": code})
    return found


class ProgressQuery(AsOfQuery):
    """Which readings."""

    target = serializers.CharField(required=False, help_text=gettext_lazy("Code of a target"))
    section = serializers.CharField(
        required=False, help_text=gettext_lazy("Code of a heading of the plan, or of the heading above it")
    )
    state = serializers.ChoiceField(choices=State.choices, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs = super().validate(attrs)
        problems = {}
        for name, model in (("target", Target), ("section", Section)):
            code = attrs.get(name)
            if code and not model._default_manager.filter(plan=attrs["plan"], code=code).exists():
                problems[name] = _("There is no %(code)s.") % {"code": code}
        if problems:
            raise serializers.ValidationError(problems)
        return attrs


class RecordsQuery(AsOfQuery):
    """Which records of a target."""

    search = serializers.CharField(
        required=False, allow_blank=True, help_text=gettext_lazy("Part of a name, of an item or of a code")
    )
    limit = serializers.IntegerField(required=False, min_value=1, max_value=MAX_LIMIT, default=50)
    offset = serializers.IntegerField(required=False, min_value=0, max_value=10_000_000, default=0)


class ExclusionsQuery(RecordsQuery):
    """Which records that a target does not count."""

    reason = serializers.ChoiceField(choices=Exclusion.choices, required=False)
