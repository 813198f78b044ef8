"""What targets and titles have in common, and whether numbers may be added up."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from registry.api.base import Strict
from registry.api.days import names
from registry.api.pagination import MAX_LIMIT
from registry.choices import Scope
from registry.models import District
from registry.past import as_known_at
from targets.api import examples
from targets.api.overlap_serializers import (
    HolderSerializer,
    HoldersSerializer,
    LargestSerializer,
    OverlapSerializer,
    TotalSerializer,
)
from targets.api.questions import AsOfQuery, Question
from targets.api.views import asked, paged
from targets.choices import Among, Part
from targets.measure.overlaps import Overlap, Overlaps, Together, enterprises, overlap
from targets.measure.records import Page, Record, Window
from targets.pairs import Pair, largest
from targets.sides import NoSuchSide, Side, set_of, side_of, sides_among
from targets.sums import Total, add_up, reason_against

Row = dict[str, Any]

ADDRESS = gettext_lazy("target:CODE, scheme:CODE (whatever its level) or scheme:CODE:LEVEL")
MOST_ADDENDS = 20


# What is asked


@dataclass(kw_only=True)
class PairQuestion(Question):
    """Two sets of enterprises on a day."""

    first: Side
    second: Side
    part: Part = Part.BOTH

    def overlaps(self) -> Overlaps:
        with as_known_at(self.known_at):
            return overlap(self.first.spec, self.second.spec, self.as_of)

    def enterprises(self, user: Any = None) -> Page:
        """Without a user (at the command line) nothing is hidden."""
        window = self.window(user)
        with as_known_at(self.known_at):
            page = self._enterprises(window)
            if not page.records and window.offset:
                # past the end the statement has no row that could tell how many there are
                first = Window(**{**vars(window), "offset": 0, "limit": 1})
                return Page([], self._enterprises(first).total)
        return page

    def _enterprises(self, window: Window) -> Page:
        return enterprises(self.first.spec, self.second.spec, self.as_of, self.part, window)


@dataclass(kw_only=True)
class LargestQuestion(Question):
    """The pairs of many sets that have most in common."""

    among: Among
    beside: Side | None = None

    def pairs(self) -> list[Pair]:
        with as_known_at(self.known_at):
            sides = sides_among(self.among, self.plan, self.as_of)
            return largest(sides, self.as_of, district=self.district, beside=self.beside)


@dataclass(kw_only=True)
class SumQuestion(Question):
    """Several numbers that somebody wants to add up."""

    of: list[Side]

    def total(self) -> Total:
        with as_known_at(self.known_at):
            return add_up(self.of, self.as_of, district=self.district)


def found_sides(attrs: Row, *fields: str) -> Row:
    """The sets that addresses lead to, as they were known; what leads nowhere is told by its field."""
    found, problems = {}, {}
    with as_known_at(attrs.get("known_at")):
        for name in fields:
            try:
                if name in attrs:
                    found[name] = set_of(attrs[name], attrs["plan"], attrs["as_of"])
            except NoSuchSide as problem:
                problems[name] = str(problem)
    if problems:
        raise serializers.ValidationError(problems)
    return found


class PairQuery(AsOfQuery):
    """Which two targets or titles."""

    first = serializers.CharField(help_text=ADDRESS)
    second = serializers.CharField(help_text=ADDRESS)

    def validate(self, attrs: Row) -> Row:
        attrs = super().validate(attrs)
        return attrs | found_sides(attrs, "first", "second")

    def question(self, **given: Any) -> PairQuestion:
        self.is_valid(raise_exception=True)
        return PairQuestion(**self.validated_data, **given)


class EnterprisesQuery(PairQuery):
    """Which enterprises of two sets."""

    part = serializers.ChoiceField(choices=Part.choices, required=False, default=Part.BOTH)
    search = serializers.CharField(
        required=False, allow_blank=True, help_text=gettext_lazy("Part of a name or of a code")
    )
    limit = serializers.IntegerField(required=False, min_value=1, max_value=MAX_LIMIT, default=50)
    offset = serializers.IntegerField(required=False, min_value=0, max_value=10_000_000, default=0)

    def validate_part(self, part: str) -> Part:
        return Part(part)


class LargestQuery(AsOfQuery):
    """Which pairs."""

    among = serializers.ChoiceField(choices=Among.choices, required=False, default=Among.TARGETS)
    beside = serializers.CharField(
        required=False, help_text=gettext_lazy("Only the pairs of this one, given by its address")
    )
    limit = serializers.IntegerField(required=False, min_value=1, max_value=MAX_LIMIT, default=50)

    def validate(self, attrs: Row) -> Row:
        attrs = super().validate(attrs)
        return attrs | found_sides(attrs, "beside")

    def question(self, **given: Any) -> LargestQuestion:
        self.is_valid(raise_exception=True)
        return LargestQuestion(**self.validated_data, **given)


class SumQuery(AsOfQuery):
    """Which numbers."""

    of = serializers.CharField(
        help_text=gettext_lazy(
            "Two and more addresses with commas: target:CODE, scheme:CODE[:LEVEL] or cluster:CODE (its revenue)"
        )
    )

    def validate(self, attrs: Row) -> Row:
        attrs = super().validate(attrs)
        addresses = list(filter(None, attrs["of"].split(",")))
        if not 2 <= len(addresses) <= MOST_ADDENDS:
            message = _("From 2 to %(most)d addresses with commas between them.") % {"most": MOST_ADDENDS}
            raise serializers.ValidationError({"of": message})
        try:
            with as_known_at(attrs.get("known_at")):
                return attrs | {"of": [side_of(one, attrs["plan"], attrs["as_of"]) for one in addresses]}
        except NoSuchSide as problem:
            raise serializers.ValidationError({"of": str(problem)}) from problem

    def question(self, **given: Any) -> SumQuestion:
        self.is_valid(raise_exception=True)
        return SumQuestion(**self.validated_data, **given)


# What is answered


def set_row(side: Side, number: int) -> Row:
    return {"address": side.address, "name": side.name, "number": number}


def pair_row(first: Side, second: Side, found: Overlap) -> Row:
    return {
        "first": set_row(first, found.first),
        "second": set_row(second, found.second),
        "both": found.both,
        "either": found.either,
        "only_first": found.only_first,
        "only_second": found.only_second,
    }


def overlap_row(question: PairQuestion) -> Row:
    """The overlap of two sets in the words of the API; the areas are those in use on the day, in their order."""
    found, area = question.overlaps(), question.district
    chosen = found.by_district.get(area.pk, Overlap()) if area else found.city
    reason = reason_against(
        [question.first, question.second], Together(chosen.first + chosen.second, chosen.either)
    )
    return {
        "as_of": question.as_of,
        "district": area and area.code,
        **pair_row(question.first, question.second, chosen),
        "may_be_added": not reason,
        "reason": reason,
        "by_district": [_area_row(district, found) for district in _areas(question, found)],
    }


def _areas(question: PairQuestion, found: Overlaps) -> list[District | None]:
    with as_known_at(question.known_at):
        districts = list(District.objects.in_use_on(question.as_of))
    return [*districts, None] if None in found.by_district else list(districts)


def _area_row(district: District | None, found: Overlaps) -> Row:
    one = found.by_district.get(district.pk if district else None, Overlap())
    numbers = {"first": one.first, "second": one.second, "both": one.both}
    return {"code": district and district.code, "name": district and district.name, **numbers}


def ranked_rows(pairs: Iterable[Pair]) -> list[Row]:
    return [
        {
            **pair_row(pair.first, pair.second, pair.overlap),
            "share_of_first": pair.share_of_first,
            "share_of_second": pair.share_of_second,
            "whole_and_part": pair.is_whole_and_part,
        }
        for pair in pairs
    ]


def enterprise_rows(records: Iterable[Record]) -> list[Row]:
    districts = District.objects.in_bulk()
    return [
        {
            **vars(record),
            "district": districts[record.district_id].code if record.district_id else None,
            "district_name": districts[record.district_id].name if record.district_id else None,
        }
        for record in records
    ]


def total_row(question: SumQuestion) -> Row:
    total = question.total()
    sets = total.together
    return {
        "as_of": question.as_of,
        "district": question.district and question.district.code,
        "may_be_added": not total.reason,
        "reason": total.reason,
        "value": total.value,
        "unit": total.unit,
        "added": sets and sets.added,
        "once": sets and sets.once,
        "again": sets and sets.again,
        "of": [
            {"address": side.address, "name": side.name, "value": value}
            for side, value in zip(total.sides, total.values, strict=True)
        ],
    }


class OverlapViewSet(Strict):
    """What targets and titles have in common (重叠): the enterprises that two of them count both."""

    pagination_class = None
    filter_backends: list[Any] = []
    parameters = {
        "list": names(PairQuery),
        "enterprises": names(EnterprisesQuery),
        "largest": names(LargestQuery),
    }
    scope = Scope.READ_TOTALS
    scopes = {"enterprises": Scope.READ_ENTERPRISES}

    @extend_schema(
        operation_id="overlap",
        summary="How many enterprises two targets or titles count both",
        parameters=[PairQuery],
        responses=OverlapSerializer,
        examples=[OpenApiExample("overlap", examples.OVERLAP, response_only=True)],
    )
    def list(self, request: Request) -> Response:
        """In the city and in every area; things stand for their enterprises. Totals are open to everybody."""
        return Response(OverlapSerializer(overlap_row(asked(PairQuery, request).question())).data)

    @extend_schema(
        operation_id="overlap_enterprises",
        summary="The enterprises of two targets or titles",
        parameters=[EnterprisesQuery],
        responses=HoldersSerializer,
        filters=False,
        examples=[OpenApiExample("enterprises", examples.COMMON, response_only=True)],
    )
    @action(detail=False, pagination_class=None, filter_backends=[])
    def enterprises(self, request: Request) -> Response:
        """Those in both, or those in one alone. People of an area see those of their area."""
        question = asked(EnterprisesQuery, request).question()
        page = question.enterprises(request.user)
        rows = HolderSerializer(enterprise_rows(page.records), many=True).data
        return paged(request, question, page, list(rows))

    @extend_schema(
        operation_id="overlaps_largest",
        summary="The pairs that have most enterprises in common",
        parameters=[LargestQuery],
        responses=LargestSerializer,
        filters=False,
        examples=[OpenApiExample("largest", examples.LARGEST, response_only=True)],
    )
    @action(detail=False, pagination_class=None, filter_backends=[])
    def largest(self, request: Request) -> Response:
        """Among the counting targets of the plan, or among all titles whatever their level."""
        question = asked(LargestQuery, request).question()
        pairs = question.pairs()
        answer = {
            "plan": question.plan.code,
            "as_of": question.as_of,
            "district": question.district and question.district.code,
            "count": len(pairs),
            "results": ranked_rows(pairs[: question.limit]),
        }
        return Response(LargestSerializer(answer).data)


class SumViewSet(Strict):
    """Whether numbers may be added up (合计)."""

    pagination_class = None
    filter_backends: list[Any] = []
    parameters = {"list": names(SumQuery)}
    scope = Scope.READ_TOTALS

    @extend_schema(
        operation_id="sum",
        summary="What numbers add up to, or why they may not be added up",
        parameters=[SumQuery],
        responses=TotalSerializer,
        examples=[OpenApiExample("sum", examples.TOTAL, response_only=True)],
    )
    def list(self, request: Request) -> Response:
        """Never across kinds of clusters; counts of enterprises only where none would be counted again."""
        return Response(TotalSerializer(total_row(asked(SumQuery, request).question())).data)
