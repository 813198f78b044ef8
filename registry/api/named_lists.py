"""Named lists (企业名录): which there are, who is on one on a day, who came and went since."""

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from registry import filters, named_lists
from registry.api import examples
from registry.api.base import PAGING, ReferenceResource, Resource, Strict
from registry.api.days import Day, moment_or_refused, names
from registry.api.fields import FlatRow, Row, code_of
from registry.api.permissions import token_of
from registry.choices import Level, Scope, Turnover
from registry.models import Designation, District, Enterprise, NamedList
from registry.past import as_known_at

CODE = OpenApiParameter("code", str, OpenApiParameter.PATH, description="Code of the list")


class NamedListSerializer(Row):
    """A list, with what its members meet."""

    owner: Any = serializers.StringRelatedField(help_text="Who keeps it")
    query = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField()),
        read_only=True,
        help_text="What is asked, by the names of the filters of enterprises/",
    )

    class Meta:
        model = NamedList
        fields = ["id", "code", "name", "position", "retired_on", "purpose", "owner", "query", "version"]


def of_token(rows: QuerySet[NamedList], request: Request) -> QuerySet[NamedList]:
    """The lists that a token names; people see them all."""
    token = token_of(request)
    return rows if token is None else rows.filter(pk__in=token.lists)


class NamedListViewSet(ReferenceResource):
    """Named lists (企业名录): saved filters with a purpose; a token sees those that were granted to it."""

    scope = Scope.READ_LISTS
    queryset = NamedList.objects.select_related("owner")
    serializer_class = NamedListSerializer
    filterset_class = filters.NamedListFilter

    def get_queryset(self) -> QuerySet[Any]:
        return of_token(super().get_queryset(), self.request)


class HeldSerializer(FlatRow):
    """A title by which an enterprise is on a list."""

    scheme = code_of("scheme")
    level = serializers.ChoiceField(choices=Level.choices, read_only=True)

    class Meta:
        model = Designation
        fields = ["id", "scheme", "level", "valid_from", "valid_to"]


class MemberSerializer(FlatRow):
    """An enterprise that is on a list on a day."""

    district = serializers.CharField(
        source="place", read_only=True, allow_null=True, help_text="The area in which it was on the day"
    )
    industry = code_of("industry", allow_null=True)
    titles = HeldSerializer(
        many=True, read_only=True, source="its_titles", help_text="By which it is on the list"
    )

    class Meta:
        model = Enterprise
        fields = ["id", "uscc", "name", "district", "industry", "founded_on", "stock_code", "titles"]


class MembersQuery(serializers.Serializer):
    """On which day, as known when."""

    as_of = Day(required=False, help_text=gettext_lazy("The day asked about; if absent today"))
    known_at = serializers.CharField(
        required=False,
        help_text=gettext_lazy(
            "The moment whose knowledge is used, as 2025-06-30T12:00:00+08:00; of a day its end; absent: now"
        ),
    )

    def validate_known_at(self, text: str) -> Any:
        return moment_or_refused(text)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return {"as_of": timezone.localdate(), "known_at": None, **attrs}


class ChangesQuery(MembersQuery):
    """Since when."""

    since = Day(help_text=gettext_lazy("The day compared with"))


class OfList(Strict):
    """What is asked of one list: known by its code, as it was known at the moment asked about."""

    scope = Scope.READ_LISTS
    query: type[MembersQuery]

    def asked(self) -> dict[str, Any]:
        query = self.query(data=self.request.query_params)
        query.is_valid(raise_exception=True)
        found: dict[str, Any] = query.validated_data
        return found

    def answered(self, answer: Callable[[NamedList, dict[str, Any]], Any]) -> Any:
        question = self.asked()
        seen = of_token(NamedList.objects.all(), self.request)
        one = get_object_or_404(seen, code=self.kwargs["code"])
        with as_known_at(question["known_at"]):
            # what it asked then; before it was made there was no such list, and from its last day on none any more
            then = get_object_or_404(NamedList.objects.in_use_on(question["as_of"]), pk=one.pk)
            return answer(then, question)


class MembersViewSet(OfList, Resource):
    """Who is on a named list on a day."""

    query = MembersQuery
    queryset = Enterprise.objects.all()
    serializer_class = MemberSerializer
    filter_backends: list[Any] = []
    parameters = {"list": PAGING | names(MembersQuery)}

    @extend_schema(
        operation_id="lists_members", summary="Who is on a list on a day", parameters=[CODE, MembersQuery]
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        """All who meet the conditions of the list on the day, with the titles by which they do."""
        told = super().list

        def answer(one: NamedList, question: dict[str, Any]) -> Any:
            self.as_of = question["as_of"]
            self.queryset = self._rows(one, question["as_of"])
            return told(request, *args, **kwargs)

        return self.answered(answer)

    def _rows(self, one: NamedList, day: dt.date) -> Any:
        user: Any = self.request.user
        area = District.objects.filter(pk=OuterRef("district_then")).values("code")
        titles = named_lists.titles_of(one, day).order_by("valid_from", "pk")
        rows = named_lists.members(one, day, user).with_district_on(day)
        return rows.annotate(
            place=Subquery(area), its_titles=HeldSerializer.these_on(titles, "enterprise")
        ).values(*MemberSerializer.columns())


class CameOrWentSerializer(serializers.Serializer):
    """An enterprise that came onto a list, or left it."""

    id = serializers.IntegerField()
    uscc = serializers.CharField(allow_null=True)
    name = serializers.CharField()
    district = serializers.CharField(
        allow_null=True, help_text="Its area on the last of the two days on which it was on the list"
    )
    reason = serializers.ChoiceField(
        choices=Turnover.choices, help_text="The first condition that it did not meet on the other day"
    )


class ListChangesSerializer(serializers.Serializer):
    """Who came and who went between two days."""

    since = serializers.DateField()
    as_of = serializers.DateField()
    joined = CameOrWentSerializer(many=True)
    left = CameOrWentSerializer(many=True)


class ListChangesViewSet(OfList):
    """What has changed in a named list since a day."""

    query = ChangesQuery
    pagination_class = None
    filter_backends: list[Any] = []
    parameters = {"list": names(ChangesQuery)}

    @extend_schema(
        operation_id="lists_changes",
        summary="Who came onto a list and who left it since a day",
        parameters=[CODE, ChangesQuery],
        responses=ListChangesSerializer(many=False),
        examples=[OpenApiExample("two months", examples.LIST_CHANGES, response_only=True)],
    )
    def list(self, request: Request, **kwargs: Any) -> Response:
        """By the conditions of the list as they are (at known_at: as they were), on both days."""
        user: Any = request.user
        areas = dict(District.objects.values_list("pk", "code"))

        def rows(found: Iterable[tuple[Any, Turnover]]) -> Any:
            return [
                {
                    "id": one.pk,
                    "uscc": one.uscc,
                    "name": one.name,
                    "district": areas.get(one.district_then),
                    "reason": reason,
                }
                for one, reason in found
            ]

        def answer(one: NamedList, question: dict[str, Any]) -> Response:
            since, day = question["since"], question["as_of"]
            found = named_lists.changes(one, since, day, user)
            return Response(
                {"since": since, "as_of": day, "joined": rows(found.joined), "left": rows(found.left)}
            )

        return self.answered(answer)
