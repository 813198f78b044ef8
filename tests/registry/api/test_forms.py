"""The same rows in other forms: as tables, and with rows of other resources along."""

import csv
import datetime as dt
import io
import json
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from czindustry.api import router
from registry.api.schema import INCLUDED
from registry.choices import Scope
from tests import people
from tests.factories import designation, district, enterprise, figures, scheme
from tests.registry.api.conftest import Get, errors_of
from tests.registry.api.test_requests import LISTS, more_of_everything, whole_world
from tests.tokens import drawn, program

pytestmark = pytest.mark.django_db


def file(get: Get, path: str, **asked: str) -> Any:
    return get.client.get(f"/api/v1/{path}", asked)  # type: ignore[attr-defined]


def content(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


def table(get: Get, path: str, **asked: str) -> list[dict[str, str]]:
    answer = file(get, path, format="csv", **asked)
    assert answer.status_code == 200, answer.content
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(content(answer).decode())))


# Tables


@pytest.mark.parametrize("resource", LISTS)
def test_a_list_as_csv_holds_the_rows_and_fields_of_the_list(brain: Get, resource: str) -> None:
    whole_world(3)
    rows = brain(f"{resource}/")
    found = table(brain, f"{resource}/")
    assert len(found) == len(rows)
    for row, cells in zip(rows, found, strict=True):
        assert list(cells) == list(row)
        for name, value in row.items():
            assert cells[name] == cell_of(value), name


def cell_of(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case list() | dict():
            return json.dumps(value, ensure_ascii=False)
    return str(value)


def test_a_table_holds_all_rows_not_a_page_and_keeps_filters_and_fields(brain: Get) -> None:
    whole_world(7)
    found = table(brain, "enterprises/", district="320481", fields="name,district")
    assert found == [{"name": f"企业{place}号", "district": "320481"} for place in (6, 4, 2, 0)]


def test_an_area_gets_a_table_of_its_own(wujin: Get) -> None:
    whole_world(4)
    assert [row["name"] for row in table(wujin, "enterprises/")] == ["企业3号", "企业1号"]


def test_a_workbook_knows_numbers_days_and_texts(brain: Get) -> None:
    holder = enterprise("=1+1", district=district(), founded_on=dt.date(2001, 2, 3), contact_name="张三丰")
    figures(holder, 2022, revenue="1234.5")
    answer = file(brain, "enterprises/", format="xlsx", fields="name,founded_on,contact_name")
    sheet: Any = openpyxl.load_workbook(io.BytesIO(content(answer))).worksheets[0]
    head, row = sheet.iter_rows(values_only=True)
    assert dict(zip(head, row, strict=True)) == {
        "name": "=1+1",
        "founded_on": dt.datetime(2001, 2, 3),  # noqa: DTZ001 - as cells hold days
        "contact_name": "张**",
    }
    assert sheet["A2"].data_type == "s"
    answer = file(brain, "annual-figures/", format="xlsx", fields="year,revenue,tax")
    sheet = openpyxl.load_workbook(io.BytesIO(content(answer))).worksheets[0]
    assert list(sheet.iter_rows(values_only=True)) == [("year", "revenue", "tax"), (2022, 1234.5, None)]


def test_a_table_is_also_asked_for_by_accept(brain: Get) -> None:
    client: Any = brain.client  # type: ignore[attr-defined]
    answer = client.get("/api/v1/districts/", headers={"Accept": "text/csv"})
    assert answer["Content-Type"].startswith("text/csv")
    problem = client.get("/api/v1/districts/", {"colour": "red"}, headers={"Accept": "text/csv"})
    assert problem["Content-Type"] == "application/problem+json"


def test_other_forms_there_are_none(brain: Get) -> None:
    assert file(brain, "districts/", format="xml").status_code == 404
    assert file(brain, "districts/320412/", format="csv").status_code in (400, 404)


# Rows along


def test_titles_and_figures_come_along_with_enterprises(brain: Get) -> None:
    holder = enterprise("光能", district=district())
    enterprise("无称号")
    title = designation(holder, dt.date(2022, 1, 1))
    figures(holder, 2022, revenue=5)
    bare, row = brain("enterprises/", include="designations,annual_figures")
    assert row["designations"] == brain("designations/")
    assert row["annual_figures"] == brain("annual-figures/")
    assert (bare["designations"], bare["annual_figures"]) == ([], [])
    one = brain(f"enterprises/{holder.pk}/", include="designations", fields="name")
    assert (one["name"], [found["id"] for found in one["designations"]]) == ("光能", [title.pk])
    assert "annual_figures" not in one


def test_the_holder_comes_along_with_a_title(brain: Get) -> None:
    holder = enterprise("光能", district=district())
    designation(holder, dt.date(2022, 1, 1))
    designation(None, dt.date(2022, 1, 1), item="园区", scheme=scheme("park"), district=district())
    thing, row = brain("designations/", include="holder")
    assert row["holder"] == brain("enterprises/")[0]
    assert thing["holder"] is None


def test_rows_along_cost_no_statement_a_row(brain: Get) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            brain("enterprises/", include="designations,annual_figures")
            brain("designations/", include="holder", fields="id")
        return len(caught)

    whole_world(2)
    few = queries()
    more_of_everything()
    assert queries() == few


@pytest.mark.parametrize(
    ("path", "named"), [("enterprises/", "x"), ("enterprises/", "designations,"), ("districts/", "x")]
)
def test_what_does_not_come_along_is_refused(brain: Get, path: str, named: str) -> None:
    assert errors_of(brain(path, status=400, include=named))["include"]


def test_rows_along_want_their_own_scope() -> None:
    client = program(drawn(people.clerk_of_the_city(), Scope.READ_ENTERPRISES)[1])
    answer = client.get("/api/v1/enterprises/", {"include": "designations"})
    assert (answer.status_code, answer.json()["code"]) == (403, "insufficient_scope")
    assert client.get("/api/v1/enterprises/").status_code == 200


@pytest.mark.parametrize(
    "asked", [{"include": "designations"}, {"limit": "5"}, {"cursor": "x"}, {"count": "true"}]
)
def test_a_table_holds_all_rows_of_one_resource(brain: Get, asked: dict[str, str]) -> None:
    assert set(errors_of(brain("enterprises/", status=400, format="csv", **asked))) == set(asked)


def test_the_schema_tells_of_all_that_may_come_along() -> None:
    views = {view for _prefix, view, _name in router.registry if getattr(view, "includes", None)}
    told = {view.serializer_class.__name__.removesuffix("Serializer"): set(view.includes) for view in views}
    assert told == {name: set(fields) for name, fields in INCLUDED.items()}
