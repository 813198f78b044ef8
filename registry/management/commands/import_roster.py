"""An office's list into the registry; what became of every row."""

import datetime as dt
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from registry.choices import DesignationState, Level, RosterKind, RowOutcome
from registry.models import User
from registry.output import add_format_argument, print_rows
from registry.rosters import returning, service
from registry.rosters.apply import RowsRejected
from registry.rosters.errors import RosterError
from registry.rosters.plan import ImportPlan, PlannedRow, Request
from registry.rosters.workbench import Options

# All rejected and queued rows are printed; of mere warnings so many.
WARNINGS = 50


class Command(BaseCommand):
    help = _(
        "Import a list (xlsx, xls, csv): enterprises, titles, yearly or published figures. Prints what "
        "became of every row. All or nothing: a rejected row stops the import, "
        "unless --partial leaves such rows out."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--kind", choices=RosterKind.values, required=True)
        parser.add_argument(
            "--sheet", default="", help=_("name or number of the sheet; default the first with rows")
        )
        titles = parser.add_argument_group(_("for all rows that do not say it themselves"))
        titles.add_argument("--scheme", default="", metavar="CODE", help=_("kind of title, by code or name"))
        titles.add_argument("--level", default="", choices=["", *Level.values])
        titles.add_argument("--valid-from", type=dt.date.fromisoformat, metavar="DAY")
        titles.add_argument("--valid-to", type=dt.date.fromisoformat, metavar="DAY")
        titles.add_argument("--batch", default="")
        titles.add_argument("--document", default="", help=_("number of the document that grants the titles"))
        titles.add_argument(
            "--state", default="confirmed", choices=[DesignationState.CONFIRMED, DesignationState.ANNOUNCED]
        )
        titles.add_argument("--year", type=int, help=_("year of yearly figures"))
        parser.add_argument(
            "--create-missing", action="store_true", help=_("make enterprises that match nothing")
        )
        parser.add_argument(
            "--partial", action="store_true", help=_("leave rejected rows out, import the others")
        )
        parser.add_argument("--dry-run", action="store_true", help=_("only say what would happen"))
        parser.add_argument("--by", default="", metavar="USERNAME", help=_("who imports, for the history"))
        parser.add_argument("--reason", default="", help=_("why, for the history"))
        add_format_argument(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        request = _request(options)
        by = user_named(options["by"])
        try:
            if options["dry_run"]:
                self._report(service.preview(request), options, None)
                return
            done = service.import_list(request, by=by, reason=options["reason"])
        except RowsRejected as error:
            self._report(error.plan, options, None)
            raise CommandError(str(error)) from error
        except RosterError as error:
            raise CommandError(str(error)) from error
        self._report(done.plan, options, done.roster.pk)

    def _report(self, plan: ImportPlan, options: dict[str, Any], roster: int | None) -> None:
        if options["form"] == "table":
            self._print_summary(plan, roster)
            if plan.is_returned and (cells := returning.changed_cells(plan.rows)):
                print_rows(self.stdout, cells, cell_headings(), "table")
        rows = [_shown(row, plan) for row in plan.rows if row.outcome in TOLD]
        if options["form"] == "json":
            print_rows(self.stdout, [{**summary(plan, roster), "rows": _with_warnings(plan)}], {}, "json")
        elif rows or options["form"] == "csv":
            print_rows(self.stdout, rows, headings(), options["form"])

    def _print_summary(self, plan: ImportPlan, roster: int | None) -> None:
        counts = plan.counts()
        parts = " + ".join(f"{counts[o]} {RowOutcome(o).label}" for o in RowOutcome)
        self.stdout.write(_("%(rows)s rows = %(parts)s") % {"rows": len(plan.rows), "parts": parts})
        self.stdout.write(_("Columns: %(names)s") % {"names": "、".join(plan.table.recognised())})
        if plan.table.ignored:
            self.stdout.write(_("Columns not used: %(names)s") % {"names": "、".join(plan.table.ignored)})
        for note in plan.notes:
            self.stdout.write(note)
        warned = [row for row in plan.rows if row.warnings]
        for row in warned[:WARNINGS]:
            self.stdout.write(
                _("Row %(row)s: %(text)s") % {"row": row.number, "text": " ".join(row.warnings)}
            )
        if len(warned) > WARNINGS:
            self.stdout.write(_("And %(count)s more.") % {"count": len(warned) - WARNINGS})
        if roster is None:
            self.stdout.write(_("Nothing was written."))
            return
        if plan.removes_demo:
            self.stdout.write(_("The demo registry was thrown away: this is the first real list."))
        self.stdout.write(_("Kept as list %(id)s; undo_roster %(id)s takes it back.") % {"id": roster})


TOLD = (RowOutcome.REJECTED, RowOutcome.QUEUED)


def headings() -> dict[str, str]:
    return {
        "row": _("row"),
        "outcome": _("outcome"),
        "name": _("name"),
        "reason": _("reason"),
        "candidates": _("candidates"),
    }


def cell_headings() -> dict[str, str]:
    return {
        "row": _("row"),
        "record": _("record"),
        "field": _("field"),
        "before": _("before"),
        "after": _("after"),
    }


def summary(plan: ImportPlan, roster: int | None) -> dict[str, Any]:
    return {
        "roster": roster,
        "count": len(plan.rows),
        **plan.counts(),
        "columns": plan.table.recognised(),
        "ignored_columns": plan.table.ignored,
        "notes": plan.notes,
        "demo_removed": roster is not None and plan.removes_demo,
        **({"changed_cells": returning.changed_cells(plan.rows)} if plan.is_returned else {}),
    }


def _with_warnings(plan: ImportPlan) -> list[dict[str, Any]]:
    return [
        {**_shown(row, plan), "candidates": row.candidates, "warnings": row.warnings}
        for row in plan.rows
        if row.outcome in TOLD or row.warnings
    ]


def _shown(row: PlannedRow, plan: ImportPlan) -> dict[str, Any]:
    raw = plan.table.raw(row.cells)
    headers = [
        plan.table.headers[place]
        for name, place in plan.table.places.items()
        if name in ("name", "item", "series")
    ]
    return {
        "row": row.number,
        "outcome": row.outcome.label,
        "name": next((raw[header] for header in headers if header in raw), ""),
        "reason": row.reason,
        "candidates": "；".join(f"{one['name']} {one['score']}" for one in row.candidates),
    }


def _request(options: dict[str, Any]) -> Request:
    try:
        content = options["file"].read_bytes()
    except OSError as error:
        raise CommandError(_("The file cannot be read: %(error)s") % {"error": error}) from error
    chosen = Options(**{name: options[name] for name in Options.__dataclass_fields__})
    return Request(
        kind=options["kind"],
        content=content,
        file_name=options["file"].name,
        sheet=options["sheet"],
        options=chosen,
        partial=options["partial"],
    )


def user_named(name: str) -> User | None:
    """The account of a name; none for none."""
    if not name:
        return None
    found = User.objects.filter(username=name).first()
    if found is None:
        raise CommandError(_("There is no account “%(name)s”.") % {"name": name})
    return found
