"""What all resources share: they refuse what they do not understand, and show what a person may see."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from django.db import models
from django.http import FileResponse, Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet, ReadOnlyModelViewSet

from registry.api import statements, tables
from registry.api.fields import FlatRow
from registry.api.pagination import COUNT, WholeTable
from registry.api.permissions import ANY, check_scope
from registry.choices import Scope

FIELDS, INCLUDE = "fields", "include"
PAGING = frozenset({"limit", "cursor", COUNT})


@dataclass(frozen=True)
class Included:
    """Rows of another resource that come along with a row: those whose column `theirs` is its column `own`."""

    resource: Callable[[], Any]
    scope: Scope
    own: str
    theirs: str
    many: bool = True

    def of(self, keys: set[Any], request: Request) -> Callable[[Any], Any]:
        """For each key of a page what comes along; as the resource itself would tell it to this person."""
        view = self.resource()
        view.request, view.action, view.format_kwarg, view.kwargs = request, "list", None, {}
        view.chosen = None
        rows = view.get_queryset().filter(**{f"{self.theirs}__in": keys - {None}}).order_by(*view.ordering)
        serializer = view.get_serializer()
        found: dict[Any, list[Any]] = {}
        for row in rows:
            found.setdefault(row[self.theirs], []).append(serializer.to_representation(row))
        if self.many:
            return lambda key: found.get(key, [])
        return lambda key: next(iter(found.get(key, [])), None)


def etag(version: int) -> str:
    return f'"{version}"'


class Strict(GenericViewSet):
    """Refuses parameters that it does not know: a mistyped filter must not give the whole list."""

    # Of each action besides `list`, which has those of its FilterSet.
    parameters: ClassVar[dict[str, frozenset[str]]] = {}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        # PostgreSQL has no such character in texts
        if any("\x00" in str(value) for value in kwargs.values()):
            raise Http404
        self._check_parameters(request)

    def _check_parameters(self, request: Request) -> None:
        known = self.known_parameters()
        problems: dict[str, list[str]] = {
            name: [ErrorDetail(self._unknown(name, known), code="unknown_parameter")]
            for name in request.query_params
            if name not in known
        }
        for name in known & request.query_params.keys():
            values = request.query_params.getlist(name)
            if any("\x00" in value for value in values):
                problems[name] = [_("This text holds a character that is not allowed.")]
            elif "" in values:
                # a variable of a programme that was never filled in: it must not give the whole list
                problems[name] = [ErrorDetail(_("This is empty: leave it out, or fill it in."), code="empty")]
        if problems:
            raise ValidationError(problems)

    def _unknown(self, name: str, known: frozenset[str]) -> str:
        if name == "known_at":
            return _(
                "Lists show what is known now; known_at is for what is measured: progress, series, bridges, records."
            )
        return _("There is no such parameter here. Known are: %(names)s.") % {
            "names": ", ".join(sorted(known)) or "—"
        }

    def known_parameters(self) -> frozenset[str]:
        if self.action == "list" and hasattr(self, "filterset_class"):
            return PAGING | frozenset(self.filterset_class.base_filters)
        return self.parameters.get(self.action, frozenset())


CHOSEN = OpenApiParameter(
    FIELDS,
    str,
    description="Only these fields of each row, by their names with commas between: id,version",
)


FORMAT = OpenApiParameter(
    "format",
    str,
    enum=["json", "csv", "xlsx"],
    default="json",
    description="csv and xlsx give all rows as a file, not a page of them; or ask by Accept",
)


@extend_schema_view(
    list=extend_schema(parameters=[CHOSEN, FORMAT]), retrieve=extend_schema(parameters=[CHOSEN])
)
class Resource(Strict, ReadOnlyModelViewSet):
    """Rows of a model; a request may choose some of their fields, and have rows of other resources come along."""

    # What may come along, by the name of its field: `include=designations`.
    includes: ClassVar[dict[str, Included]] = {}
    # The day of which its rows are, where a request asks for one.
    as_of: dt.date | None = None
    # Whether what it lists depends on its parameters, its person's area and the day alone: see `statements`.
    keeps_statements: ClassVar[bool] = False
    # The first field is unique, or all but unique: see Keyset.
    ordering: tuple[str, ...] = ("-id",)
    lookup_value_regex = r"\d+"

    def get_queryset(self) -> models.QuerySet[Any]:
        queryset = super().get_queryset()
        if hasattr(queryset, "visible_to"):
            queryset = queryset.visible_to(self.request.user)
        rows = self.get_serializer_class()
        if self.chosen is None or not issubclass(rows, FlatRow):
            return queryset
        # the database is asked for these alone, for what pages go on from, and for what other rows refer to
        keys = {self.ordering[0].lstrip("-"), *(self.includes[name].own for name in self.included)}
        return queryset.values(*sorted(keys), *rows.columns_of(self.chosen))

    def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
        serializer: Any = super().get_serializer(*args, **kwargs)
        if self.chosen is not None:
            getattr(serializer, "child", serializer).choose(self.chosen)
        return serializer

    def get_renderers(self) -> list[Any]:
        found = super().get_renderers()
        is_asked = self.action == "list" and not getattr(self, "swagger_fake_view", False)
        return [*found, tables.Csv(), tables.Xlsx()] if is_asked else found

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        form = request.accepted_renderer.format
        if form in tables.FORMS:
            return self._table(form)
        rows: Any = self.paginate_queryset(self._found())
        data = self.get_serializer(rows, many=True).data
        self._include(rows, data)
        return self.get_paginated_response(data)

    def _found(self) -> Any:
        """The rows that the filters leave; of a first page, which is asked for most often, its statement alone."""
        asked = self.request.query_params
        if self.keeps_statements and COUNT not in asked and "cursor" not in asked:
            pages: Any = self.paginator
            size = pages.get_page_size(self.request)
            return statements.first_page(self, size, self._queryset)
        return self._queryset()

    def _queryset(self) -> models.QuerySet[Any]:
        return self.filter_queryset(self.get_queryset())

    def _table(self, form: str) -> FileResponse:
        problems = {
            name: [_("A table holds all rows, of one resource: leave this out.")]
            for name in sorted(PAGING | {INCLUDE})
            if name in self.request.query_params
        }
        if problems:
            raise ValidationError(problems)
        return tables.answer(self, form)

    def _include(self, rows: Sequence[Any], data: Sequence[dict[str, Any]]) -> None:
        """Give each row those of other resources that hang on it: one statement a resource."""
        for name in sorted(self.included):
            found = self.includes[name].of({row[self.includes[name].own] for row in rows}, self.request)
            for row, told in zip(rows, data, strict=True):
                told[name] = found(row[self.includes[name].own])

    def get_object(self) -> Any:
        return self.row("pk", self.kwargs["pk"]) if self.keeps_statements else super().get_object()

    def row(self, field: str, value: str) -> dict[str, Any]:
        """The row with a value in a unique field, as far as the person sees it."""
        found = statements.row_of(self, field, value)
        if found is None:
            raise Http404
        return found

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One row, with its version as ETag: a change names it (If-Match)."""
        row = self.get_object()
        data = self.get_serializer(row).data
        if self.included:
            self._include([row], [data])
        return Response(data, headers={"ETag": etag(data["version"])} if "version" in data else None)

    def known_parameters(self) -> frozenset[str]:
        known = super().known_parameters()
        besides = {"list": {FIELDS, "format"}, "retrieve": {FIELDS}}.get(self.action, set())
        return known | besides | ({INCLUDE} if besides and self.includes else set())

    @cached_property
    def included(self) -> frozenset[str]:
        """The resources whose rows come along; a problem of the request where one is unknown."""
        given = self.request.query_params.get(INCLUDE)
        names = (
            frozenset(name.strip() for name in given.split(",")) if given and self.includes else frozenset()
        )
        for name in sorted(names):
            if name not in self.includes:
                message = _("Nothing of the name “%(name)s” comes along here. Known are: %(names)s.")
                words = {"name": name[:40], "names": ", ".join(self.includes)}
                raise ValidationError({INCLUDE: [message % words]})
            check_scope(self.request, self.includes[name].scope)
        return names

    @cached_property
    def chosen(self) -> frozenset[str] | None:
        """The fields that the request names, None where it names none; a problem of the request where one is unknown."""
        given = self.request.query_params.get(FIELDS)
        if given is None:
            return None
        names = frozenset(name.strip() for name in given.split(","))
        rows: Any = self.get_serializer_class()
        known = rows.Meta.fields
        unknown = sorted(names.difference(known))
        if unknown:
            message = _("There is no field “%(name)s” here. Known are: %(names)s.")
            raise ValidationError({FIELDS: [message % {"name": unknown[0][:40], "names": ", ".join(known)}]})
        return names


class ReferenceResource(Resource):
    """Reference rows, by code, in their own order."""

    ordering: tuple[str, ...] = ("position", "code")
    pagination_class = WholeTable
    lookup_field = "code"
    lookup_value_regex = r"[^/]+"
    scope = ANY
