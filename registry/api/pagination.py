"""Pages by keyset: page 1,000 costs what page 1 costs, and nothing is counted unless asked."""

import binascii
from typing import Any

from django.core.exceptions import ValidationError as ModelValidationError
from django.db import models
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response

MAX_LIMIT = 200
COUNT = "count"


def limit_of(text: str, *, most: int = MAX_LIMIT) -> int:
    """The size of a page that was asked for; a problem of the request where it is none."""
    if text.isascii() and text.isdigit() and len(text) <= 9 and 1 <= int(text) <= most:
        return int(text)
    raise ValidationError({"limit": [_("A whole number from 1 to %(most)d.") % {"most": most}]})


def wants_count(request: Request) -> bool:
    """Whether all rows of the list are to be counted; a problem of the request where that is neither true nor false."""
    given = request.query_params.get(COUNT, "false")
    if given not in ("true", "false"):
        raise ValidationError({COUNT: [_("Either true or false.")]})
    return given == "true"


class Keyset(CursorPagination):
    """Ordered as the view says; its first field is all but unique: a page is found through the index."""

    page_size = 50
    page_size_query_param = "limit"
    max_page_size = MAX_LIMIT
    # of all pages together; None where nobody asked
    count: int | None = None

    def get_ordering(self, request: Request, queryset: Any, view: Any) -> tuple[str, ...]:
        return tuple(view.ordering)

    def get_page_size(self, request: Request) -> int:
        given = request.query_params.get(self.page_size_query_param)
        return self.page_size if given is None else limit_of(given)

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any] | None:
        self._check_position(queryset.model, request, view)
        if wants_count(request):
            self.count = queryset.count()
        return super().paginate_queryset(queryset, request, view)

    def get_paginated_response(self, data: Any) -> Response:
        response = super().get_paginated_response(data)
        if self.count is not None:
            response.data = {COUNT: self.count, **response.data}
        return response

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        found = super().get_paginated_response_schema(schema)
        described = {
            "type": "integer",
            "description": "All rows of the list, where count=true",
            "example": 123,
        }
        return found | {"properties": {COUNT: described, **found["properties"]}}

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        asked = {
            "name": COUNT,
            "required": False,
            "in": "query",
            "description": "true: count all rows of the list, which takes longer than a page of it.",
            "schema": {"type": "boolean", "default": False},
        }
        return [*super().get_schema_operation_parameters(view), asked]

    def _check_position(self, model: type[models.Model], request: Request, view: Any) -> None:
        """A cursor made up by hand must not reach the database."""
        try:
            cursor = self.decode_cursor(request)
            if cursor is not None and cursor.position is not None:
                field: Any = model._meta.get_field(view.ordering[0].lstrip("-"))
                field.to_python(cursor.position)
                if "\x00" in str(cursor.position):
                    raise ValueError
        except (ValueError, ModelValidationError, binascii.Error) as error:
            raise NotFound(self.invalid_cursor_message) from error


class WholeTable(Keyset):
    """For reference rows: as a rule all of them on one page."""

    page_size = MAX_LIMIT
