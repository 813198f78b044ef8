"""The plan, and how far it is."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from django.db import models
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from registry.api.base import ReferenceResource, Strict
from registry.api.days import names
from registry.choices import Scope
from targets import filters
from targets.api import differences, examples, serializers
from targets.api.answers import remembered
from targets.api.course_rows import bridge_row, point_rows, step_rows
from targets.api.courses import BridgeQuery, BridgeRecordsQuery, SeriesQuery
from targets.api.differences import DifferencesSerializer, HistorySerializer
from targets.api.questions import (
    AsOfQuery,
    ExclusionsQuery,
    PlanQuery,
    ProgressQuery,
    Question,
    RecordsQuery,
    no_such_target,
)
from targets.api.rows import Row, reading_rows, record_rows
from targets.measure.records import Page, Record
from targets.models import Citation, Milestone, Plan, Target
from targets.standings import plan_on, targets_of

Asked = TypeVar("Asked", bound=PlanQuery)

PLAN = OpenApiParameter("plan", str, description="Code of the plan; if absent the one that runs today")


def asked(query: type[Asked], request: Request) -> Asked:
    """What the parameters of a request ask."""
    return query(data=request.query_params, context={"today": timezone.localdate()})


class PlanResource(ReferenceResource):
    """What stands in a plan, by its code there."""

    parameters = {"retrieve": frozenset({"plan"})}
    scope = Scope.READ_TOTALS

    def get_queryset(self) -> models.QuerySet:
        if getattr(self, "swagger_fake_view", False):
            return super().get_queryset()
        return self.of_plan(self.plan())

    def plan(self) -> Plan:
        """The plan asked for, else the one that runs today."""
        code = self.request.query_params.get("plan")
        plan = Plan.objects.filter(code=code).first() if code else plan_on(timezone.localdate())
        if plan is None and code:
            raise ValidationError({"plan": [_("There is no %(code)s.") % {"code": code}]})
        if plan is None:
            raise NotFound(_("There is no plan yet; load one with manage.py load_reference."))
        return plan

    def of_plan(self, plan: Plan) -> models.QuerySet:
        raise NotImplementedError


@extend_schema_view(retrieve=extend_schema(parameters=[PLAN]))
class TargetViewSet(PlanResource):
    """The numbers that the plan promises (目标), with the document's phrase and the rule that feeds them."""

    queryset = Target.objects.all()
    serializer_class = serializers.TargetSerializer
    filterset_class = filters.TargetFilter
    parameters = {
        **PlanResource.parameters,
        "progress": names(AsOfQuery),
        "contributors": names(RecordsQuery),
        "exclusions": names(ExclusionsQuery),
        "differences": names(AsOfQuery),
        "series": names(SeriesQuery),
        "bridge": names(BridgeQuery),
        "bridge_records": names(BridgeRecordsQuery),
    }
    # what names the enterprises behind a number
    scopes = dict.fromkeys(("contributors", "exclusions", "bridge_records"), Scope.READ_RECORDS)

    def of_plan(self, plan: Plan) -> models.QuerySet:
        return targets_of(plan)

    @extend_schema(
        summary="The reading of one target",
        parameters=[AsOfQuery],
        responses=serializers.ReadingSerializer,
        filters=False,
        examples=[OpenApiExample("reading", examples.READING, response_only=True)],
    )
    @action(detail=True, pagination_class=None, filter_backends=[])
    def progress(self, request: Request, code: str) -> HttpResponse:
        """What there is on the day, against what is wanted; with `district` the value of that area."""

        def answer() -> Row:
            question = asked(AsOfQuery, request).question(target=code)
            rows = reading_rows(question.standings(), question.as_of)
            if not rows:
                raise NotFound(no_such_target(question))
            return rows[0]

        return remembered(request, answer)

    @extend_schema(
        summary="The records that make up the number",
        parameters=[RecordsQuery],
        responses=serializers.RecordsSerializer,
        filters=False,
        examples=[OpenApiExample("contributors", examples.records(examples.RECORD), response_only=True)],
    )
    @action(detail=True, pagination_class=None, filter_backends=[])
    def contributors(self, request: Request, code: str) -> Response:
        """Each with its document, days and area. People of an area see those of their area."""
        question = asked(RecordsQuery, request).question(target=code)
        return records(request, question, question.records(counted=True, user=request.user))

    @extend_schema(
        summary="The records that the number leaves out, and why",
        parameters=[ExclusionsQuery],
        responses=serializers.RecordsSerializer,
        filters=False,
        examples=[OpenApiExample("exclusions", examples.records(examples.LEFT_OUT), response_only=True)],
    )
    @action(detail=True, pagination_class=None, filter_backends=[])
    def exclusions(self, request: Request, code: str) -> Response:
        """Records of the same titles, figures or groups, each with the first reason not to count it."""
        question = asked(ExclusionsQuery, request).question(target=code)
        return records(request, question, question.records(counted=False, user=request.user))

    @extend_schema(
        summary="The registry against every published figure",
        parameters=[AsOfQuery],
        responses=HistorySerializer,
        filters=False,
        examples=[OpenApiExample("differences", examples.HISTORY, response_only=True)],
    )
    @action(detail=True, pagination_class=None, filter_backends=[])
    def differences(self, request: Request, code: str) -> Response:
        """On each published figure's own day, up to the day asked about, and since when they differ more and more."""
        question = asked(AsOfQuery, request).question(target=code)
        answer = differences.history(question)
        if answer is None:
            raise NotFound(no_such_target(question))
        return Response(answer)

    @extend_schema(
        summary="A target through time, with 同比 and 环比",
        parameters=[SeriesQuery],
        responses=serializers.CourseSerializer,
        filters=False,
        examples=[OpenApiExample("series", examples.SERIES, response_only=True)],
    )
    @action(detail=True, pagination_class=None, filter_backends=[])
    def series(self, request: Request, code: str) -> Response:
        """On the last day of each month, quarter or year, from the target's baseline date if no day is asked."""
        course = asked(SeriesQuery, request).question(target=code)
        target, points = course.series()
        return Response(
            {
                "code": target.code,
                "name": target.name,
                "unit": target.unit,
                "comparator": target.comparator,
                "district": course.district and course.district.code,
                "step": course.step,
                "results": point_rows(points, course),
            }
        )

    @extend_schema(
        summary="Why a count changed between two days",
        parameters=[BridgeQuery],
        responses=serializers.BridgeSerializer,
        filters=False,
        examples=[OpenApiExample("bridge", examples.BRIDGE, response_only=True)],
    )
    @action(detail=True, pagination_class=None, filter_backends=[])
    def bridge(self, request: Request, code: str) -> Response:
        """By cause, adding up exactly in the city, each area and each cluster; from the end of the year before."""
        course = asked(BridgeQuery, request).question(target=code)
        target, found = course.bridge()
        return Response(bridge_row(target, course, found))

    @extend_schema(
        summary="The records that a count gained and lost between two days",
        parameters=[BridgeRecordsQuery],
        responses=serializers.StepsSerializer,
        filters=False,
        examples=[OpenApiExample("steps", examples.records(examples.STEP), response_only=True)],
    )
    @action(detail=True, url_path="bridge/records", pagination_class=None, filter_backends=[])
    def bridge_records(self, request: Request, code: str) -> Response:
        """Losses first. Moves are told of an area alone. People of an area see the records of their area."""
        course = asked(BridgeRecordsQuery, request).question(target=code)
        return records(request, course, course.bridge_records(request.user), step_rows)


def records(
    request: Request,
    question: Question,
    page: Page,
    rows: Callable[[Iterable[Record]], list[Row]] = record_rows,
) -> Response:
    """A page of records."""
    return paged(request, question, page, rows(page.records))


def paged(request: Request, question: Question, page: Page, rows: list[Any]) -> Response:
    """Some of many by limit and offset, with how many there are in all."""
    return Response(
        {
            "count": page.total,
            "next": _link(request, question, page, 1),
            "previous": _link(request, question, page, -1),
            "as_of": question.as_of,
            "results": rows,
        }
    )


def _link(request: Request, question: Question, page: Page, step: int) -> str | None:
    assert question.limit is not None
    offset = question.offset + step * question.limit
    if offset >= page.total or question.offset + step < 0:
        return None
    return replace_query_param(request.build_absolute_uri(), "offset", max(offset, 0))


@extend_schema_view(retrieve=extend_schema(parameters=[PLAN]))
class MilestoneViewSet(PlanResource):
    """The yes-or-no commitments of the plan (里程碑)."""

    queryset = Milestone.objects.all()
    serializer_class = serializers.MilestoneSerializer
    filterset_class = filters.MilestoneFilter

    def of_plan(self, plan: Plan) -> models.QuerySet:
        citations = models.Prefetch("citations", Citation.objects.select_related("section"))
        return (
            Milestone.objects.filter(plan=plan)
            .select_related("plan", "section__parent")
            .prefetch_related(citations)
        )


class ProgressViewSet(Strict):
    """How far the plan is (进度)."""

    pagination_class = None
    filter_backends: list[Any] = []
    parameters = {"list": names(ProgressQuery)}
    scope = Scope.READ_TOTALS

    @extend_schema(
        operation_id="progress",
        summary="The readings of all targets on a day",
        parameters=[ProgressQuery],
        responses=serializers.ProgressSerializer,
        examples=[OpenApiExample("progress", examples.PROGRESS, response_only=True)],
    )
    def list(self, request: Request) -> HttpResponse:
        """In the order of the plan; with `district` the values of that area, judged by the city's targets."""

        def answer() -> dict[str, Any]:
            question = asked(ProgressQuery, request).question()
            return {
                "plan": question.plan.code,
                "plan_is_draft": question.plan.is_draft,
                "as_of": question.as_of,
                "district": question.district.code if question.district else None,
                "results": reading_rows(question.standings(), question.as_of),
            }

        return remembered(request, answer)


class DifferenceViewSet(Strict):
    """The registry against what is published (比对)."""

    pagination_class = None
    filter_backends: list[Any] = []
    parameters = {"list": names(AsOfQuery)}
    scope = Scope.READ_TOTALS

    @extend_schema(
        operation_id="differences",
        summary="All differences between the registry and published figures",
        parameters=[AsOfQuery],
        responses=DifferencesSerializer,
        examples=[OpenApiExample("differences", examples.DIFFERENCES, response_only=True)],
    )
    def list(self, request: Request) -> Response:
        """Of each target the newest published figure up to the day, beside the registry's number on its own day."""
        return Response(differences.rows(asked(AsOfQuery, request).question()))
