"""An area (板块): its share in every target, its place among the areas, what it holds and what runs out."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from registry.models import Designation, District, Enterprise, User
from targets.ranking import Place, places_of, ranking
from targets.reports import bars
from targets.reports.enterprises import still_seen
from targets.reports.held import Held, held
from targets.reports.overview import month_before
from targets.reports.pictures import Picture, Series
from targets.reports.question import Question
from targets.reports.rows import ADDITIVE, Row
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
class Ranked:
    """An area in the ranking, with its place at the end of the month before."""

    district: District
    now: Place
    before: Place | None

    @property
    def risen(self) -> int:
        return self.before.place - self.now.place if self.before else 0


@dataclass(frozen=True)
class Told:
    """All that the page of an area tells."""

    district: District
    ranked: list[Ranked]
    own: Ranked | None
    lines: list[Line]
    held: list[Held]
    expiring: list[Designation]
    expiring_number: int
    sees_names: bool
    picture: Picture


def told(district: District, question: Question, user: User) -> Told:
    now, before = _both(question)
    ranked = _ranked(now, before, question)
    sees = user.district_id in (None, district.pk)
    expiring = _expiring(district, question, user) if sees else []
    return Told(
        district=district,
        ranked=ranked,
        own=next((one for one in ranked if one.district == district), None),
        lines=_lines(district, now, before, question),
        held=held(question, district=district.pk),
        expiring=still_seen(expiring[:MOST], user, "enterprise_id"),
        expiring_number=len(expiring),
        sees_names=sees,
        picture=picture(ranked),
    )


def ranked(question: Question) -> list[Ranked]:
    """The areas in their order on the day, by their places in all targets."""
    return _ranked(*_both(question), question)


def picture(ranked: list[Ranked]) -> Picture:
    """Mean ranks: the shorter the bar, the better."""
    return Picture(
        _("Mean place of each area"),
        _("place"),
        [one.district.short_name for one in ranked],
        [Series(_("Mean place"), [one.now.mean for one in ranked], kind="bar")],
        horizontal=True,
    )


def _both(question: Question) -> tuple[list[Standing], dict[str, Standing]]:
    """The targets that add up over areas, on the day and at the end of the month before."""
    earlier = month_before(question.day)
    both = standings_on(targets_of(question.plan), [earlier, question.day])
    now = [one for one in both[question.day] if one.spec.feed in ADDITIVE]
    then = {one.target.code: one for one in both[earlier]}
    return sorted(now, key=lambda one: place_of(one.target)), then


def _ranked(now: list[Standing], before: dict[str, Standing], question: Question) -> list[Ranked]:
    keys = [one.pk for one in question.districts]
    places = ranking((_by_area(one, keys) for one in now), keys)
    then = [before[one.target.code] for one in now if one.target.code in before]
    earlier = {one.key: one for one in ranking((_by_area(one, keys) for one in then), keys)}
    by_key = {one.pk: one for one in question.districts}
    return [Ranked(by_key[one.key], one, earlier.get(one.key)) for one in places]


def _by_area(standing: Standing, keys: Iterable[int]) -> dict[int, Decimal | None]:
    return {key: standing.reading.by_district.get(key) for key in keys}


def _lines(
    district: District, now: list[Standing], before: dict[str, Standing], question: Question
) -> list[Line]:
    keys = [one.pk for one in question.districts]
    shares = [Row(one, district).share for one in now]
    lengths = bars.lengths([min(share, Decimal(1)) if share is not None else None for share in shares], 100)
    lines = []
    for one, length in zip(now, lengths, strict=True):
        earlier = before.get(one.target.code)
        was = earlier.reading.by_district if earlier else {}
        lines.append(
            Line(
                row=Row(one, district),
                value=one.reading.by_district.get(district.pk),
                before=was.get(district.pk),
                place=places_of(_by_area(one, keys), keys).get(district.pk),
                place_before=places_of(_by_area(earlier, keys), keys).get(district.pk) if earlier else None,
                length=length,
            )
        )
    return lines


def _expiring(district: District, question: Question, user: User) -> list[Designation]:
    """What the area's enterprises lose within a year unless it is renewed, the first first; as many as one looks at."""
    own = Enterprise.objects.visible_to(user).filter(district=district)
    found = Designation.objects.filter(enterprise__in=own).expiring(question.day, SOON)
    return list(found.select_related("scheme", "enterprise").order_by("valid_to", "pk")[: 10 * MOST])
