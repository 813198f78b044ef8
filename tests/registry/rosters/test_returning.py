"""Out and in again: a list is exported, edited in a workbook and imported; only changed cells come up."""

import datetime as dt
import io
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.management import call_command
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from registry import exports, layouts
from registry.models import (
    AnnualFigures,
    Cluster,
    Designation,
    District,
    Enterprise,
    FormerName,
    Industry,
    Membership,
    Scheme,
    Series,
    Statistic,
    User,
)
from registry.rosters import service
from tests.registry.rosters import lists
from tests.registry.rosters.lists import code

pytestmark = pytest.mark.django_db
KINDS = {
    Enterprise: "enterprises",
    Designation: "designations",
    AnnualFigures: "annual_figures",
    Statistic: "statistics",
}
ABOUT = exports.About("企业", "王敏", dt.datetime(2026, 3, 1, 9, 30), dt.date(2026, 3, 1), can_return=True)  # noqa: DTZ001
Edit = Callable[[Any], None]


def export(model: Any, edit: Edit | None = None, *, contacts: bool = False) -> bytes:
    """The list of all rows of a model as it goes out, edited as Excel would."""
    layout = layouts.layout_of(model, contacts=contacts)
    file, _count = exports.write(layout, exports.rows_of(layout, model.objects.order_by("pk")), ABOUT)
    if edit is None:
        return file.read()
    book = openpyxl.load_workbook(file)
    edit(book["数据"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def put(**cells: Any) -> Edit:
    """Cells of the first row by the titles of their columns; None empties."""

    def edit(sheet: Any) -> None:
        titles = {cell.value: cell.column for cell in sheet[1]}
        for title, value in cells.items():
            sheet.cell(2, titles[title]).value = value

    return edit


def without(title: str) -> Edit:
    def edit(sheet: Any) -> None:
        sheet.delete_cols(next(cell.column for cell in sheet[1] if cell.value == title))

    return edit


def bring(model: Any, edit: Edit | None = None, **more: Any) -> Any:
    return lists.bring(KINDS[model], export(model, edit), **more)


def changes(done: Any) -> list[dict[str, Any]]:
    return [write.after for row in done.plan.rows for write in row.writes]


@pytest.fixture
def guang(city: None) -> Enterprise:
    made = Enterprise.objects.create(
        name="光能科技（常州）有限公司",
        uscc=code(1),
        registration_no="320400000012345",
        district=District.objects.get(code="320412"),
        address='-1号楼 "东" 侧',
        industry=Industry.objects.get(code="38"),
        founded_on=dt.date(1999, 1, 2),
        stock_code="002115",
    )
    Membership.objects.create(enterprise=made, cluster=Cluster.objects.get(code="advanced.新能源"))
    FormerName.objects.create(enterprise=made, name="光能器材厂")
    return made


@pytest.fixture
def title(guang: Enterprise) -> Designation:
    return Designation.objects.create(
        enterprise=guang,
        scheme=Scheme.objects.get(code="specialized_sme"),
        level="provincial",
        batch="第五批",
        valid_from=dt.date(2022, 12, 1),
        valid_to=dt.date(2025, 11, 30),
    )


@pytest.fixture
def figures(guang: Enterprise) -> AnnualFigures:
    return AnnualFigures.objects.create(
        enterprise=guang,
        year=2024,
        revenue=Decimal("12345678901234.5678"),
        output=Decimal(0),
        above_scale=False,
    )


@pytest.fixture
def statistic(city: None) -> Statistic:
    return Statistic.objects.create(
        series=Series.objects.get(code="scale.output"),
        day=dt.date(2024, 12, 31),
        value="23000.5",
        source="公报",
    )


# What goes out


def test_the_workbook_says_what_it_is_and_spoils_nothing(guang: Enterprise) -> None:
    book = openpyxl.load_workbook(io.BytesIO(export(Enterprise, contacts=True)))
    sheet = book["数据"]
    row = {title.value: cell for title, cell in zip(sheet[1], sheet[2], strict=True)}
    assert (row["统一社会信用代码"].value, row["统一社会信用代码"].data_type) == (code(1), "s")
    assert (row["股票代码"].value, row["股票代码"].number_format) == ("002115", "@")
    assert row["成立日期"].value == dt.datetime(1999, 1, 2)  # noqa: DTZ001
    assert (row["注册地址"].value, row["注册地址"].data_type) == ('-1号楼 "东" 侧', "s")
    assert row["注册地址"].quotePrefix  # editing the cell makes no formula of it
    assert (row["编号"].value, row["版本"].value, row["集群"].value) == (guang.pk, guang.version, "新能源")
    assert (sheet.freeze_panes, sheet.auto_filter.ref[:2]) == ("A2", "A1")
    about = {line[0].value: line[1].value for line in book["说明"].iter_rows()}
    assert about["名单"] == "企业"
    assert about["导出人"] == "王敏"
    assert about["导出时间"] == "2026-03-01 09:30:00"
    assert about["数据基准日"] == "2026-03-01"
    assert about["行数"] == "1"


@pytest.mark.parametrize("text", ["=1+1", "+8613812345678", "-1", "@SUM(A1)", '=HYPERLINK("x")'])
def test_no_text_becomes_a_formula(guang: Enterprise, text: str) -> None:
    Enterprise.objects.update(address=text)
    sheet = openpyxl.load_workbook(io.BytesIO(export(Enterprise)))["数据"]
    cell = next(cell for head, cell in zip(sheet[1], sheet[2], strict=True) if head.value == "注册地址")
    assert (cell.value, cell.data_type) == (text, "s")


@pytest.mark.parametrize(("model", "count"), [(Membership, 1), (FormerName, 1), (District, 7), (User, 1)])
def test_every_other_list_goes_out_too(guang: Enterprise, wang: User, model: Any, count: int) -> None:
    rows = CalamineWorkbook.from_filelike(io.BytesIO(export(model))).get_sheet_by_name("数据").to_python()
    assert len(rows) == count + 1
    assert "password" not in str(rows).lower()
    assert wang.password not in str(rows)


# And comes in


@pytest.mark.parametrize("model", KINDS)
def test_unchanged_nothing_is_written(
    model: Any, title: Designation, figures: AnnualFigures, statistic: Statistic
) -> None:
    before = list(model.objects.values())
    done = bring(model)
    assert lists.outcomes(done) == ["unchanged"]
    assert list(model.objects.values()) == before


def test_only_the_three_changed_cells_change(guang: Enterprise, wang: User) -> None:
    edit = put(注册地址="武进区湖塘镇1号", 股票代码=None, 成立日期=dt.date(2000, 2, 29))
    done = bring(Enterprise, edit, by=wang, reason="核对")
    assert changes(done) == [
        {"address": "武进区湖塘镇1号", "stock_code": "", "founded_on": dt.date(2000, 2, 29)}
    ]
    assert lists.only(done) == ("updated", "Emptied: 股票代码.")
    event = guang.events.order_by("-pgh_id").first()
    assert event.pgh_context.metadata["reason"] == "核对"
    guang.refresh_from_db()
    assert (guang.name, guang.address, guang.stock_code) == (
        "光能科技（常州）有限公司",
        "武进区湖塘镇1号",
        "",
    )


def test_a_column_left_out_says_nothing(guang: Enterprise) -> None:
    assert lists.outcomes(bring(Enterprise, without("股票代码"))) == ["unchanged"]


def test_in_an_offices_list_an_empty_cell_says_nothing(guang: Enterprise) -> None:
    lists.bring("enterprises", [("企业名称", "统一社会信用代码", "股票代码"), (guang.name, guang.uscc, "")])
    guang.refresh_from_db()
    assert guang.stock_code == "002115"


def test_an_ordinal_column_makes_no_export(guang: Enterprise) -> None:
    """编号 counts the rows in many offices' lists."""
    done = lists.bring(
        "enterprises", [("编号", "企业名称", "统一社会信用代码"), (1, "新企业有限公司", code(2))]
    )
    assert lists.outcomes(done) == ["created"]


CONFLICTS = [
    # now, in the list, outcome, what the record then says
    ("他人改的地址", "我改的地址", "rejected", "他人改的地址"),
    ("我改的地址", "我改的地址", "unchanged", "我改的地址"),
    ("他人改的地址", None, "rejected", "他人改的地址"),
]


@pytest.mark.parametrize(("now", "mine", "outcome", "then"), CONFLICTS)
def test_what_others_changed_meanwhile_is_not_overwritten(
    guang: Enterprise, now: str, mine: str | None, outcome: str, then: str
) -> None:
    content = export(Enterprise, put(注册地址=mine))
    Enterprise.objects.filter(pk=guang.pk).update(address=now)
    done = lists.bring("enterprises", content)
    assert lists.outcomes(done) == [outcome]
    guang.refresh_from_db()
    assert guang.address == then
    if outcome == "rejected":
        reason = lists.only(done)[1]
        assert "changed by somebody else since the export" in reason
        assert now in reason


def test_another_cell_may_have_changed_meanwhile(guang: Enterprise) -> None:
    content = export(Enterprise, put(股票代码="300001"))
    Enterprise.objects.filter(pk=guang.pk).update(address="他人改的地址")
    assert lists.outcomes(lists.bring("enterprises", content)) == ["updated"]
    guang.refresh_from_db()
    assert (guang.address, guang.stock_code) == ("他人改的地址", "300001")


REFUSED = [
    (Enterprise, {"编号": 999999}, "There is no record 999999"),
    (Enterprise, {"编号": "十二"}, "must stay as they were exported"),
    (Enterprise, {"版本": None}, "must stay as they were exported"),
    (Enterprise, {"版本": 7}, "The version 7"),
    (Enterprise, {"企业名称": "另一家有限公司", "统一社会信用代码": code(9)}, "another's"),
    (Enterprise, {"企业名称": None}, "must not be emptied"),
    (Enterprise, {"注销日期": dt.date(1990, 1, 1)}, "cannot close"),
    (Enterprise, {"统一社会信用代码": "123"}, "18"),
    (Designation, {"企业名称": "另一家有限公司"}, "another's"),
    (Designation, {"统一社会信用代码": code(9)}, "another's"),
    (Designation, {"认定类别": "绿色工厂"}, "tells which record this is"),
    (Designation, {"审核状态": "待审核"}, "tells which record this is"),
    (Designation, {"认定日期": None}, "is missing"),
    (Designation, {"有效期至": dt.date(2020, 1, 1)}, "must not lie before"),
    (Designation, {"终止日期": dt.date(2024, 1, 1)}, "both its day"),
    (AnnualFigures, {"年份": 2023}, "tells which record this is"),
    (AnnualFigures, {"工业总产值（万元）": -1}, "must not be negative"),
    (AnnualFigures, {"研发费用（万元）": "很多"}, "is no number"),
    (Statistic, {"指标": "小巨人企业数"}, "tells which record this is"),
    (Statistic, {"数值": None}, "must not be emptied"),
    (Statistic, {"单位": "家"}, "tells which record this is"),
]


@pytest.mark.parametrize(("model", "cells", "reason"), REFUSED)
def test_refused_with_a_reason(
    model: Any,
    cells: dict[str, Any],
    reason: str,
    title: Designation,
    figures: AnnualFigures,
    statistic: Statistic,
) -> None:
    before = list(model.objects.values())
    done = bring(model, put(**cells))
    assert lists.only(done)[0] == "rejected"
    assert reason in lists.only(done)[1]
    assert list(model.objects.values()) == before


CHANGED = [
    (
        Designation,
        {"批次": "第六批", "终止文号": "苏工信〔2025〕1号"},
        {"batch": "第六批", "end_document": "苏工信〔2025〕1号"},
    ),
    (
        Designation,
        {"终止日期": dt.date(2024, 1, 1), "终止原因": "撤销"},
        {"ended_on": dt.date(2024, 1, 1), "end_reason": "revoked"},
    ),
    (AnnualFigures, {"研发费用（万元）": 0, "规上": "是"}, {"rnd": Decimal(0), "above_scale": True}),
    (AnnualFigures, {"工业总产值（万元）": None}, {"output": None}),
    (AnnualFigures, {"营业收入（万元）": "1亿元"}, {"revenue": Decimal(10000)}),
    (Statistic, {"数值": 24000, "性质": "初步数"}, {"value": Decimal(24000), "finality": "preliminary"}),
    (Enterprise, {"板块": "溧阳市", "集群": "新能源、新材料"}, {"district_id", "membership"}),
    (Enterprise, {"企业名称": "光能集团有限公司"}, {"name", "former_name"}),
    (Enterprise, {"曾用名": "光能器材厂、光能一厂"}, {"former_name"}),
]


@pytest.mark.parametrize(("model", "cells", "expected"), CHANGED)
def test_changed_cells_change_their_fields(
    model: Any,
    cells: dict[str, Any],
    expected: Any,
    title: Designation,
    figures: AnnualFigures,
    statistic: Statistic,
) -> None:
    done = bring(model, put(**cells))
    assert lists.outcomes(done) == ["updated"], lists.only(done)
    if isinstance(expected, dict):
        assert changes(done) == [expected]
        assert {name: getattr(model.objects.get(), name) for name in expected} == expected
        return
    writes = [write for row in done.plan.rows for write in row.writes]
    said = {name for write in writes for name in ([write.record.table] if write.created else write.after)}
    assert said == expected


def test_a_record_twice_and_a_code_of_another(guang: Enterprise) -> None:
    other = Enterprise.objects.create(name="时创能源有限公司", uscc=code(2))

    def edit(sheet: Any) -> None:
        titles = {cell.value: cell.column for cell in sheet[1]}
        sheet.cell(3, titles["统一社会信用代码"]).value = guang.uscc
        for cell in sheet[2]:
            sheet.cell(4, cell.column).value = cell.value

    done = bring(Enterprise, edit)
    assert lists.outcomes(done) == ["unchanged", "rejected", "rejected"]
    assert "belongs to another enterprise" in done.plan.rows[1].reason
    assert "stands in row 2 already" in done.plan.rows[2].reason
    other.refresh_from_db()
    assert other.uscc == code(2)


def test_two_titles_made_to_overlap(title: Designation) -> None:
    later = Designation.objects.create(
        enterprise=title.enterprise, scheme=title.scheme, level=title.level, valid_from=dt.date(2025, 12, 1)
    )
    done = bring(Designation, put(有效期至=dt.date(2026, 1, 1)))
    assert lists.outcomes(done) == ["rejected", "unchanged"]
    assert "the two would overlap" in done.plan.rows[0].reason
    later.refresh_from_db()


def test_a_row_without_a_number_is_a_new_record(guang: Enterprise) -> None:
    def edit(sheet: Any) -> None:
        titles = {cell.value: cell.column for cell in sheet[1]}
        sheet.cell(3, titles["企业名称"]).value = "时创能源有限公司"
        sheet.cell(3, titles["统一社会信用代码"]).value = code(2)

    assert lists.outcomes(bring(Enterprise, edit)) == ["unchanged", "created"]
    assert Enterprise.objects.get(uscc=code(2)).name == "时创能源有限公司"


def test_the_demo_registry_can_go_out_and_in_and_stays(city: None) -> None:
    Enterprise.objects.create(name="示例光能有限公司", uscc="91000000000000000X", stock_code="1")
    assert lists.outcomes(bring(Enterprise, put(股票代码="2"))) == ["updated"]
    assert Enterprise.objects.get().stock_code == "2"


@pytest.mark.parametrize(
    ("area", "cells", "outcome", "reason"),
    [
        ("320412", {"股票代码": "1"}, "updated", ""),
        ("320481", {"股票代码": "1"}, "rejected", "There is no record"),
        ("320412", {"板块": "溧阳市"}, "rejected", "moved to another area by the city"),
    ],
)
def test_people_of_an_area_bring_back_their_own_records_only(
    guang: Enterprise, area: str, cells: dict[str, Any], outcome: str, reason: str
) -> None:
    done = bring(Enterprise, put(**cells), area=District.objects.get(code=area).pk)
    assert lists.only(done)[0] == outcome
    assert reason in lists.only(done)[1]
    assert guang.name not in done.plan.rows[0].reason


def test_columns_that_only_an_export_has_are_not_told_as_unused(title: Designation) -> None:
    assert bring(Designation).plan.table.ignored == []
    content = export(Enterprise, contacts=True)
    assert lists.preview("enterprises", content).table.ignored == []


def test_contacts_come_back(guang: Enterprise) -> None:
    lists.bring("enterprises", export(Enterprise, put(联系人="李四"), contacts=True))
    guang.refresh_from_db()
    assert guang.contact_name == "李四"


def test_the_list_can_be_taken_back(guang: Enterprise, wang: User) -> None:
    done = bring(Enterprise, put(股票代码=None))
    service.undo_list(done.roster, by=wang, reason="误改")
    guang.refresh_from_db()
    assert guang.stock_code == "002115"


def test_the_preview_of_the_command_tells_the_changed_cells_only(guang: Enterprise, tmp_path: Path) -> None:
    path = tmp_path / "企业.xlsx"
    path.write_bytes(export(Enterprise, put(板块="溧阳市", 股票代码=None, 集群="新能源、新材料")))
    out = io.StringIO()
    call_command("import_roster", path, kind="enterprises", dry_run=True, stdout=out, form="json")
    (told,) = json.loads(out.getvalue())
    assert [(cell["field"], cell["before"], cell["after"]) for cell in told["changed_cells"]] == [
        ("板块", "武进区", "溧阳市"),
        ("股票代码", "002115", "—"),
        ("new", "", "新材料"),
    ]
    call_command("import_roster", path, kind="enterprises", dry_run=True, stdout=out)
    assert "溧阳市" in out.getvalue()
    guang.refresh_from_db()
    assert guang.stock_code == "002115"


# Whatever the values are

letters = st.text(
    st.one_of(
        st.characters(codec="utf-8", exclude_categories=("Cs",), exclude_characters="\x00"),
        st.sampled_from("常州光能 　=+-@'\"0123_x-—无/\\<>&"),
    ),
    max_size=30,
)
amounts = st.none() | st.decimals(0, 10**13, places=4)
WHATEVER = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@WHATEVER
@example(texts=("\x85", ""), days=(None, None))  # a text that no cell shows
@given(
    texts=st.tuples(letters, letters.map(lambda text: text[:12])),
    days=st.tuples(*[st.none() | st.dates(dt.date(1800, 1, 1), dt.date(9999, 12, 31))] * 2),
)
def test_any_enterprise_comes_back_as_it_was(
    guang: Enterprise, texts: tuple[str, str], days: tuple[Any, Any]
) -> None:
    founded, closed = sorted(days) if all(days) else days
    Enterprise.objects.filter(pk=guang.pk).update(
        address=texts[0], stock_code=texts[1], legal_form=texts[0][::-1], founded_on=founded, closed_on=closed
    )
    assert lists.only(bring(Enterprise)) == ("unchanged", "")


@WHATEVER
@given(
    money=st.tuples(amounts, amounts, st.none() | st.decimals(-(10**13), 10**13, places=4)),
    count=st.none() | st.integers(0, 2_147_483_647),
    above=st.sampled_from([None, True, False]),
)
def test_any_figures_come_back_as_they_were(
    figures: AnnualFigures, money: tuple[Any, Any, Any], count: int | None, above: bool | None
) -> None:
    AnnualFigures.objects.update(
        revenue=money[0], output=money[1], tax=money[2], employees=count, above_scale=above
    )
    assert lists.only(bring(AnnualFigures)) == ("unchanged", "")
