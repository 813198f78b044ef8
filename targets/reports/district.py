"""An area (板块): its share in every target, its place among the areas, what it holds and what runs out."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from registry.models import Designation, District, Enterprise, User
from targets.choices import Interval
from targets.ranking import Ranked, by_area, places_of, ranked
from targets.reports import bars
from targets.reports.enterprises import still_seen
from targets.reports.held import Held, held
from targets.reports.pictures import Picture, Series
from targets.reports.question import Question
from targets.reports.rows import Row
from targets.rules import ADDITIVE
from targets.series import before
from targets.standings import Standing, place_of, standings_on, targets_of

SOON = 365
MOST = 20


@dataclass(frozen=True)
class Line:
    """A target as the area has its part in it; places are among the areas, `before` at the end of the month before."""

    row: Row
    value: Decimal | None
    before: Decimal | None
    place: int | None
    place_before: int | None
    length: str | None

    @property
    def change(self) -> Decimal | None:
        return None if self.value is None or self.before is None else self.value - self.before

    @property
    def risen(self) -> int:
        """By how many places it has risen; negative where it fell."""
        return self.place_before - self.place if self.place and self.place_before else 0


@dataclass(frozen=True)
class Told:
    """All that the page of an area tells."""

    district: District
    ranked: list[Ranked]
    own: Ranked | None
    lines: list[Line]
    held: list[Held]
    expiring: list[Designation]
    sees_names: bool


def told(district: District, question: Question, user: User) -> Told:
    now, then = _both(question)
    places = ranked(now, then, question.districts)
    sees = user.district_id in (None, district.pk)
    expiring = _expiring(district, question, user) if sees else []
    return Told(
        district=district,
        ranked=places,
        own=next((one for one in places if one.district == district), None),
        lines=_lines(district, now, then, question),
        held=held(question, district=district.pk),
        expiring=still_seen(expiring, user, "enterprise_id"),
        sees_names=sees,
    )


def ranking_on(question: Question) -> list[Ranked]:
    """The areas in their order on the day."""
    return ranked(*_both(question), question.districts)


def picture(places: list[Ranked]) -> Picture:
    """Mean ranks: the shorter the bar, the better."""
    return Picture(
        _("Mean place of each area"),
        _("place"),
        [one.district.short_name for one in places],
        [Series(_("Mean place"), [one.now.mean for one in places], kind="bar")],
        horizontal=True,
    )


def _both(question: Question) -> tuple[list[Standing], list[Standing]]:
    """Where the targets stand on the day, and at the end of the month before."""
    earlier = before(question.day, Interval.MONTH)
    both = standings_on(targets_of(question.plan), [earlier, question.day])
    return both[question.day], both[earlier]


def _lines(district: District, now: list[Standing], then: list[Standing], question: Question) -> list[Line]:
    keys = [one.pk for one in question.districts]
    before_of = {one.target.pk: one for one in then}
    now = sorted((one for one in now if one.spec.feed in ADDITIVE), key=lambda one: place_of(one.target))
    shares = [Row(one, district).share for one in now]
    lengths = bars.lengths([min(share, Decimal(1)) if share is not None else None for share in shares], 100)
    lines = []
    for one, length in zip(now, lengths, strict=True):
        earlier = before_of.get(one.target.pk)
        was = earlier.reading.by_district if earlier else {}
        lines.append(
            Line(
                row=Row(one, district),
                value=one.reading.by_district.get(district.pk),
                before=was.get(district.pk),
                place=places_of(by_area(one, keys), keys).get(district.pk),
                place_before=places_of(by_area(earlier, keys), keys).get(district.pk) if earlier else None,
                length=length,
            )
        )
    return lines


def _expiring(district: District, question: Question, user: User) -> list[Designation]:
    """What the area's enterprises lose within a year unless it is renewed: the first of it."""
    own = Enterprise.objects.visible_to(user).filter(district=district)
    found = Designation.objects.filter(enterprise__in=own).expiring(question.day, SOON)
    return list(found.select_related("scheme", "enterprise").order_by("valid_to", "pk")[:MOST])
