"""Pages by keyset: page 1,000 costs what page 1 costs, and nothing is counted."""

import binascii
from typing import Any

from django.core.exceptions import ValidationError as ModelValidationError
from django.db import models
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request

MAX_LIMIT = 200


def limit_of(text: str, *, most: int = MAX_LIMIT) -> int:
    """The size of a page that was asked for; a problem of the request where it is none."""
    if text.isascii() and text.isdigit() and len(text) <= 9 and 1 <= int(text) <= most:
        return int(text)
    raise ValidationError({"limit": [_("A whole number from 1 to %(most)d.") % {"most": most}]})


class Keyset(CursorPagination):
    """Ordered as the view says; its first field is all but unique: a page is found through the index."""

    page_size = 50
    page_size_query_param = "limit"
    max_page_size = MAX_LIMIT

    def get_ordering(self, request: Request, queryset: Any, view: Any) -> tuple[str, ...]:
        return tuple(view.ordering)

    def get_page_size(self, request: Request) -> int:
        given = request.query_params.get(self.page_size_query_param)
        return self.page_size if given is None else limit_of(given)

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any] | None:
        self._check_position(queryset.model, request, view)
        return super().paginate_queryset(queryset, request, view)

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
