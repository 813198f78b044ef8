"""Numbers, targets and states as people read them."""

from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from targets.choices import Comparator, Feed, MilestoneState, State
from targets.standings import Standing

NOTHING = "—"
MINUS = "−"
ATTACHED_UNITS = {"%"}
# Decimal places where a number is not whole; others have one.
PLACES = {"%": 2, "倍": 2}

# All of them stand in GBK, so that every Chinese font and every Word document has them.
STATE_SIGNS = {
    State.REACHED: "●",
    State.AHEAD: "▲",
    State.ON_PACE: "◆",
    State.BEHIND: "▽",
    State.FAR_BEHIND: "▼",
    State.MISSED: "×",
    State.NO_DATA: "○",
}
MILESTONE_SIGNS = {
    MilestoneState.REACHED: "●",
    MilestoneState.UNDER_WAY: "◎",
    MilestoneState.NOT_STARTED: "○",
}


def css_name(state: str) -> str:
    """The class that gives a state its colour."""
    return f"is-{state.replace('_', '-')}"


def amount(value: Decimal | int | None, unit: str = "") -> str:
    """A number without its unit: grouped by thousands, rounded as its unit is usually told."""
    if value is None:
        return NOTHING
    places = PLACES.get(unit, 1)
    rounded = Decimal(value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    if rounded == rounded.to_integral_value():
        rounded = rounded.quantize(Decimal(1))
    return f"{rounded:,f}".replace("-", MINUS)


def with_unit(value: Decimal | None, unit: str) -> str:
    """A number with its unit as it stands in a sentence: 43%, 350家, 6,000亿元."""
    return amount(value, unit) if value is None else f"{amount(value, unit)}{unit}"


def signed(value: Decimal | None, unit: str = "") -> str:
    """A difference, with + or − before it."""
    if value is None:
        return NOTHING
    text = amount(abs(value), unit)
    return text if text == "0" else f"{_sign(value)}{text}"


def percent(fraction: Decimal | None) -> str:
    """A fraction of 1 with one decimal place; what falls short of the whole is never rounded up to it."""
    if fraction is None:
        return NOTHING
    rounded = _tenths(fraction)
    if fraction < 1 <= rounded / 100:
        rounded = Decimal("99.9")
    return f"{rounded:,f}%".replace("-", MINUS)


def signed_percent(fraction: Decimal | None) -> str:
    """A share by which something has changed, with + or − before it."""
    if fraction is None:
        return NOTHING
    text = f"{_tenths(abs(fraction)):,f}%"
    return text if text == "0.0%" else f"{_sign(fraction)}{text}"


def points(fraction: Decimal | None) -> str:
    """A lead in percentage points, with + or − before it."""
    if fraction is None:
        return NOTHING
    rounded = _tenths(abs(fraction))
    return "0.0" if not rounded else f"{_sign(fraction)}{rounded:,f}"


def _tenths(fraction: Decimal) -> Decimal:
    return (fraction * 100).quantize(Decimal("0.1"), ROUND_HALF_UP)


def _sign(value: Decimal) -> str:
    return "+" if value > 0 else MINUS


def wanted(standing: Standing) -> str:
    """What the target wanted on the day, in the words of a plan: 超过350家, 100家以上, 43%左右, 1–2家."""
    terms, unit = standing.terms, standing.target.unit
    words = {"number": with_unit(terms.value, unit), "unit": unit}
    sentences = {
        Comparator.GT: pgettext("target", "over %(number)s"),
        Comparator.GTE: pgettext("target", "%(number)s or more"),
        Comparator.EQ: pgettext("target", "%(number)s"),
        Comparator.APPROX: pgettext("target", "about %(number)s"),
        Comparator.RANGE: pgettext("target", "%(least)s–%(most)s%(unit)s"),
    }
    if terms.comparator == Comparator.RANGE:
        words |= {"least": amount(terms.value, unit), "most": amount(_maximum(standing), unit)}
    text = sentences[terms.comparator] % words
    return _("%(number)s a year") % {"number": text} if standing.spec.feed == Feed.YEARLY else text


def _maximum(standing: Standing) -> Decimal | None:
    """The upper end of a range on the day: before a revision its former one."""
    target, day = standing.target, standing.reading.as_of
    later = next((one for one in target.revisions.all() if one.day > day), None)
    return later.value_max_before if later else target.value_max


def met_when(standing: Standing) -> str:
    """When the target counts as reached, as a sentence."""
    terms, unit = standing.terms, standing.target.unit
    number = with_unit(terms.value, unit)
    if terms.comparator == Comparator.GT:
        return _("Reached when more than %(number)s.") % {"number": number}
    if terms.comparator == Comparator.APPROX:
        tolerance = _("%(number)s percentage points") if unit == "%" else "%(number)s" + unit
        words = {"number": number, "tolerance": tolerance % {"number": amount(terms.tolerance, unit)}}
        return _("Reached when at most %(tolerance)s away from %(number)s.") % words
    if terms.comparator == Comparator.RANGE:
        return _("Reached from the lower bound, %(number)s, on.") % {"number": number}
    return _("Reached when %(number)s or more.") % {"number": number}
