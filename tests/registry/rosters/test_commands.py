"""import_roster and undo_roster as a person calls them."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from registry.models import Designation, Enterprise, Roster, User
from tests.factories import enterprise
from tests.registry.rosters import files
from tests.registry.rosters.lists import code

pytestmark = pytest.mark.usefixtures("city")

HEAD = ["企业名称", "统一社会信用代码", "经营范围"]
GOOD = ["常州甲有限公司", code(1), "机械"]
BAD = ["常州乙有限公司", "123", "电子"]
WRONG = ["常州丙有限公司", code(3)[:-1] + ("0" if code(3)[-1] != "0" else "1"), ""]


@pytest.fixture
def file(tmp_path: Path) -> Any:
    def make(*rows: list[str], head: list[str] | None = None) -> Path:
        path = tmp_path / "名单.csv"
        path.write_bytes(files.text([head or HEAD, *rows]))
        return path

    return make


def run(*arguments: Any) -> str:
    out = io.StringIO()
    call_command(*map(str, arguments), stdout=out)
    return out.getvalue()


def import_(path: Path, *more: Any) -> str:
    return run("import_roster", path, "--kind", "enterprises", *more)


def test_the_sum_of_all_rows(file: Any) -> None:
    out = import_(file(GOOD, BAD, WRONG), "--partial")
    assert "3 rows = 2 new + 0 changed + 0 unchanged + 0 to be matched + 1 sent back" in out
    assert "经营范围" in out  # a column that was not used
    assert WRONG[1] in out  # a warning
    rejected = next(line for line in out.splitlines() if "常州乙有限公司" in line)
    assert rejected.split()[0] == "3"  # its number in the file
    assert "3 characters" in rejected
    assert f"undo_roster {Roster.objects.get().pk}" in out


def test_a_rejected_row_ends_the_command_in_failure(file: Any, capsys: pytest.CaptureFixture[str]) -> None:
    out = io.StringIO()
    with pytest.raises(CommandError, match="1 rows are rejected"):
        call_command("import_roster", str(file(GOOD, BAD)), "--kind", "enterprises", stdout=out)
    assert "常州乙有限公司" in out.getvalue()
    assert not Enterprise.objects.exists()


def test_dry_run(file: Any) -> None:
    assert "1 new" in import_(file(GOOD), "--dry-run")
    assert not Enterprise.objects.exists()
    assert not Roster.objects.exists()


def test_json(file: Any) -> None:
    enterprise("江苏恒立液压股份有限公司")
    (found,) = json.loads(
        import_(file(GOOD, BAD, ["恒立液压", "", ""], WRONG), "--partial", "--format", "json")
    )
    outcomes = {name: found[name] for name in ("created", "updated", "unchanged", "queued", "rejected")}
    assert outcomes == {"created": 2, "updated": 0, "unchanged": 0, "queued": 1, "rejected": 1}
    assert (found["count"], found["ignored_columns"], found["roster"]) == (
        4,
        ["经营范围"],
        Roster.objects.get().pk,
    )
    assert [row["row"] for row in found["rows"]] == [3, 4, 5]
    assert found["rows"][1]["candidates"][0]["name"] == "江苏恒立液压股份有限公司"
    assert found["rows"][2]["warnings"]


def test_csv(file: Any) -> None:
    (row,) = csv.DictReader(io.StringIO(import_(file(GOOD, BAD), "--partial", "--format", "csv")))
    assert (row["row"], row["name"]) == ("3", "常州乙有限公司")


def test_options_of_titles(file: Any, wang: User) -> None:
    enterprise("常州甲有限公司", uscc=code(1))
    more = [
        "--scheme",
        "green_factory",
        "--level",
        "provincial",
        "--valid-from",
        "2022-03-01",
        "--valid-to",
        "2025-02-28",
    ]
    more += ["--batch", "第五批", "--document", "苏工信〔2022〕1号", "--by", "wang", "--reason", "省厅名单"]
    run("import_roster", file(GOOD), "--kind", "designations", *more)
    found = Designation.objects.get()
    assert (found.level, str(found.valid_from), str(found.valid_to), found.batch, found.document) == (
        "provincial", "2022-03-01", "2025-02-28", "第五批", "苏工信〔2022〕1号",
    )  # fmt: skip
    roster = Roster.objects.get()
    assert roster.imported_by == wang
    assert roster.options["valid_from"] == "2022-03-01"


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--scheme", "no_such"], "no_such"),
        (["--scheme", "green_factory", "--level", "municipal"], "municipal"),
        (["--by", "nobody"], "nobody"),
        (["--sheet", "别的"], "Sheet"),
    ],
)
def test_what_the_whole_list_cannot_be(file: Any, arguments: list[str], word: str) -> None:
    if "--sheet" in arguments:
        path = file(GOOD).with_suffix(".xlsx")
        path.write_bytes(files.xlsx([HEAD, GOOD]))
    else:
        path = file(GOOD)
    with pytest.raises(CommandError, match=word):
        run("import_roster", path, "--kind", "designations", *arguments)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        import_(tmp_path / "nothing.xlsx")


def test_undo(file: Any, wang: User) -> None:
    import_(file(GOOD))
    number = Roster.objects.get().pk
    assert "1 records deleted" in run("undo_roster", number, "--dry-run")
    assert Enterprise.objects.exists()
    run("undo_roster", number, "--by", "wang", "--reason", "导错了")
    assert not Enterprise.objects.exists()
    assert Roster.objects.get().undone_by == wang
    with pytest.raises(CommandError, match="undone already"):
        run("undo_roster", number)


def test_undo_of_no_list(city: None) -> None:
    with pytest.raises(CommandError, match="no list 99"):
        run("undo_roster", 99)
