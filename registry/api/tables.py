"""Lists as tables: CSV for programs, xlsx for people; all rows that the filters leave, not a page of them.

The columns are the fields by their names. What hangs on a row stands in one cell, as JSON.
"""

import csv
import datetime as dt
import io
import itertools
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import IO, Any

from django.http import FileResponse
from django.utils import timezone
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import BaseRenderer

from registry import exports
from registry.api.fields import PlainNumber
from registry.downloads import TYPES, called
from registry.exports import Column, Layout, Shape, TooManyRows
from registry.output import as_text

CHUNK = 2_000


class Table(BaseRenderer):
    """For the negotiation alone: a table is written as it is read, not rendered."""

    def render(self, data: Any, *args: Any, **kwargs: Any) -> bytes:
        raise NotImplementedError


class Csv(Table):
    media_type = "text/csv"
    format = "csv"


class Xlsx(Table):
    media_type = TYPES["xlsx"]
    format = "xlsx"


FORMS = (Csv.format, Xlsx.format)


def answer(view: Any, form: str) -> FileResponse:
    """All rows of a list as a file."""
    serializer = view.get_serializer()
    rows = view.filter_queryset(view.get_queryset()).order_by(*view.ordering)
    names = [name for name in serializer.Meta.fields if view.chosen is None or name in view.chosen]
    count = itertools.count()
    numbered = zip(count, rows.iterator(chunk_size=CHUNK), strict=False)
    told = (serializer.to_representation(row) for _number, row in numbered)
    moment = timezone.localtime()
    name = f"{view.basename}_{moment:%Y%m%d_%H%M}.{form}"
    if form == Csv.format:
        file = _csv(names, told)
    else:
        about = exports.About(
            name=view.basename,
            person=str(view.request.user),
            moment=moment,
            as_of=view.as_of or moment.date(),
        )
        file = _xlsx(names, serializer.fields, told, about)
    response = FileResponse(file, as_attachment=True, filename=name, content_type=TYPES[form])
    # one number was drawn to find that there is no further row
    return called(response, view.basename, next(count) - 1)


def _csv(names: list[str], rows: Iterable[Mapping[str, Any]]) -> IO[bytes]:
    out = tempfile.TemporaryFile(suffix=".csv")  # noqa: SIM115 - it is the answer, and goes when that has been sent
    text = io.TextIOWrapper(out, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([as_text(row[name]) for name in names] for row in rows)
    text.flush()
    text.detach()
    out.seek(0)
    return out


def _xlsx(
    names: list[str], fields: Mapping[str, Any], rows: Iterable[Mapping[str, Any]], about: exports.About
) -> IO[bytes]:
    columns = tuple(Column(name, name, _shape(fields[name])) for name in names)
    try:
        file, _count = exports.write(Layout(columns), _cells(columns, rows), about)
    except TooManyRows as error:
        raise ValidationError({"format": [str(error)]}) from error
    return file


def _shape(field: serializers.Field[Any, Any, Any, Any]) -> Shape:
    if isinstance(field, PlainNumber | serializers.IntegerField):
        return Shape.NUMBER
    return Shape.DAY if isinstance(field, serializers.DateField) else Shape.TEXT


def _cells(columns: tuple[Column, ...], rows: Iterable[Mapping[str, Any]]) -> Iterator[list[Any]]:
    for row in rows:
        yield [_cell(column.shape, row[column.path]) for column in columns]


def _cell(shape: Shape, value: Any) -> Any:
    """The API tells numbers and days as texts; a workbook knows better."""
    if isinstance(value, str) and shape == Shape.NUMBER:
        return Decimal(value)
    if isinstance(value, str) and shape == Shape.DAY:
        return dt.date.fromisoformat(value)
    return as_text(value) if isinstance(value, list | dict) else value
