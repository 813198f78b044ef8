"""How far the data behind a number can be relied on (数据质量): where they come from, until when, what is missing."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from targets.choices import Exclusion, Feed
from targets.measure.coverage import Coverage, coverage, without_figure
from targets.reports.question import Question
from targets.reports.rows import Row


@dataclass(frozen=True)
class Line:
    """One thing to know; `asks` is what leads to its records on this page, where it does."""

    name: str
    text: str
    asks: dict[str, str] = field(default_factory=dict)


def card(row: Row, question: Question) -> list[Line]:
    """The lines of the card; its numbers are the city's, whoever asks."""
    return [*_origin(row), *_titles(row, question), *_figures(row, question)]


def _origin(row: Row) -> Iterator[Line]:
    reading = row.standing.reading
    if row.is_published and reading.official is not None:
        yield Line(_("Source"), _("published figure: %(source)s") % {"source": reading.official.source})
    elif not row.is_statistic:
        yield Line(_("Source"), _("the registry, counted record by record"))
    if reading.data_date is not None and reading.data_date < reading.as_of:
        days = (reading.as_of - reading.data_date).days
        text = ngettext("%(day)s, %(days)d day before", "%(day)s, %(days)d days before", days)
        yield Line(_("Data of"), text % {"day": reading.data_date, "days": days})


def _titles(row: Row, question: Question) -> Iterator[Line]:
    spec = row.standing.spec
    covered = coverage(spec, question.day)
    if covered is None:
        return
    if covered.newest is not None:
        yield Line(_("Newest award"), str(covered.newest))
    yield Line(_("Titles behind it"), f"{covered.titles:,d}")
    yield from _gaps(covered)
    waiting = {Exclusion.ANNOUNCED: covered.announced, Exclusion.NOT_CONFIRMED: covered.not_confirmed}
    for reason, number in waiting.items():
        if number:
            yield Line(str(reason.label), f"{number:,d}", {"list": "excluded", "reason": reason.value})


def _gaps(covered: Coverage) -> Iterator[Line]:
    gaps = [
        (_("Without a credit code"), covered.without_code),
        (_("In no area"), covered.without_area),
        (_("Without a document"), covered.without_document),
        (_("Without a last day"), covered.undated),
    ]
    missing = [(name, number) for name, number in gaps if number]
    for name, number in missing:
        share = number * 100 / covered.titles
        yield Line(name, f"{number:,d}（{share:.1f}%）")
    if not missing and covered.titles:
        yield Line(_("Missing"), _("no code, area, document or last day is missing"))


def _figures(row: Row, question: Question) -> Iterator[Line]:
    spec = row.standing.spec
    if spec.feed not in (Feed.BAND, Feed.SUM, Feed.RATIO):
        return
    number = without_figure(spec, question.day)
    asks = {"list": "excluded", "reason": Exclusion.NO_FIGURE.value}
    yield Line(_("Without the figure of the year"), f"{number:,d}", asks if number else {})
