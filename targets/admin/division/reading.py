"""From a table that came back from Excel to the quotas that change."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from registry.models import District
from registry.rosters import workbook
from registry.rosters.errors import RosterError
from registry.rosters.workbook import Cell, Row
from targets import quotas
from targets.models import Quota, Target

CODE, DAY = "代码", "截至日期"
# Above the heads stand at most a title and a line on whose table it is.
HEAD_WITHIN = 10
MOST = Decimal(10) ** 16


@dataclass(frozen=True)
class Changed:
    """A quota that the table sets, changes or takes away (None)."""

    target: Target
    day: dt.date
    area: District
    before: Decimal | None
    value: Decimal | None


@dataclass
class Changes:
    """What the table changes, and every cell that cannot be read, in words with its row."""

    cells: list[Changed] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


Places = dict[str, int]


def changes(content: bytes, targets: Sequence[Target], areas: Sequence[District], day: dt.date) -> Changes:
    """Compare a table with what is saved; rows without a day of their own are of `day`.

    Raises RosterError where the file is no such table at all.
    """
    rows = workbook.read(content).rows
    places, body = _heads(rows, areas)
    by_code = {target.code: target for target in targets}
    saved = {
        (target, of_day, area): value
        for target, of_day, area, value in Quota.objects.filter(target__in=targets).values_list(
            "target_id", "day", "district_id", "value"
        )
    }
    found, seen = Changes(), set[tuple[str, dt.date]]()
    for number, cells in body:
        code = _text(cells, places[CODE])
        if not code:
            continue
        target = by_code.get(code)
        of_day = _day(cells, places, day)
        problem = _problem(code, target, of_day, seen)
        if problem or target is None or of_day is None:
            found.problems.append(_("Row %(row)d: %(problem)s") % {"row": number, "problem": problem})
            continue
        seen.add((code, of_day))
        for area in areas:
            if area.name in places:
                _compare(found, number, target, of_day, area, cells[places[area.name] :], saved)
    return found


def _heads(rows: list[Row], areas: Sequence[District]) -> tuple[Places, list[Row]]:
    names = {alias: area.name for area in areas for alias in (area.name, area.short_name, area.code)}
    names |= {CODE: CODE, "目标代码": CODE, DAY: DAY}
    for place, (_number, cells) in enumerate(rows[:HEAD_WITHIN]):
        places = {names[text]: at for at in range(len(cells)) if (text := _text(cells, at)) in names}
        if CODE in places and len(places.keys() - {CODE, DAY}) > 0:
            return places, rows[place + 1 :]
    message = _(
        "There is no row of heads with “%(code)s” and the names of the areas. Take the table out first."
    )
    raise RosterError(message % {"code": CODE})


def _text(cells: Sequence[Cell], place: int) -> str:
    return str(cells[place] if place < len(cells) and cells[place] is not None else "").strip()


def _day(cells: Sequence[Cell], places: Places, day: dt.date) -> dt.date | None:
    """The day of a row; None where it cannot be read."""
    if DAY not in places or not (text := _text(cells, places[DAY])):
        return day
    cell = cells[places[DAY]]
    if isinstance(cell, dt.datetime):
        return cell.date()
    if isinstance(cell, dt.date):
        return cell
    try:
        return dt.date.fromisoformat(text[:10].replace("/", "-"))
    except ValueError:
        return None


def _problem(code: str, target: Target | None, day: dt.date | None, seen: set[tuple[str, dt.date]]) -> str:
    if target is None:
        return _("the plan has no target with the code “%(code)s”") % {"code": code[:40]}
    if day is None:
        return _("its day cannot be read; write it like 2025-12-31")
    if (code, day) in seen:
        return _("the target “%(code)s” stands here twice for one day") % {"code": code}
    if day not in quotas.days_to_divide(target):
        offered = _(", ").join(map(str, quotas.days_to_divide(target)))
        return _("%(day)s is no day for which this target is divided; those are %(offered)s") % {
            "day": day,
            "offered": offered,
        }
    return ""


def _compare(
    found: Changes,
    row: int,
    target: Target,
    day: dt.date,
    area: District,
    cells: Sequence[Cell],
    saved: dict[tuple[int, dt.date, int], Decimal],
) -> None:
    text = _text(cells, 0).replace(",", "")
    before = saved.get((target.pk, day, area.pk))
    try:
        value = Decimal(text) if text else None
    except InvalidOperation:
        value = Decimal("NaN")
    if value is not None and not (value.is_finite() and 0 <= value < MOST):
        message = _("Row %(row)d, %(area)s: “%(text)s” is no number of 0 or more.")
        found.problems.append(message % {"row": row, "area": area.name, "text": text[:20]})
        return
    value = None if value is None else value.quantize(Decimal("0.0001"))
    if value != before:
        found.cells.append(Changed(target, day, area, before, value))
