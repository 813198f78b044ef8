"""What all resources share: they refuse what they do not understand, and show what a person may see."""

from functools import cached_property
from typing import Any, ClassVar

from django.db import models
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet, ReadOnlyModelViewSet

from registry.api.fields import FlatRow
from registry.api.pagination import COUNT, WholeTable
from registry.api.permissions import ANY

FIELDS = "fields"
PAGING = frozenset({"limit", "cursor", COUNT})


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


@extend_schema_view(list=extend_schema(parameters=[CHOSEN]), retrieve=extend_schema(parameters=[CHOSEN]))
class Resource(Strict, ReadOnlyModelViewSet):
    """Rows of a model; a request may choose some of their fields."""

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
        # the database is asked for these alone, and for what pages go on from
        return queryset.values(self.ordering[0].lstrip("-"), *rows.columns_of(self.chosen))

    def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
        serializer: Any = super().get_serializer(*args, **kwargs)
        if self.chosen is not None:
            getattr(serializer, "child", serializer).choose(self.chosen)
        return serializer

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One row, with its version as ETag: a change names it (If-Match)."""
        response = super().retrieve(request, *args, **kwargs)
        if "version" in response.data:
            response["ETag"] = etag(response.data["version"])
        return response

    def known_parameters(self) -> frozenset[str]:
        known = super().known_parameters()
        return known | {FIELDS} if self.action in ("list", "retrieve") else known

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
