"""From what stands in a cell to a value: dates in every usual writing, amounts, codes, yes and no.

Each function takes a cell and returns a value, None for a blank cell, or raises RowRefused.
"""

import datetime as dt
import re
import unicodedata
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache

from django.utils.translation import gettext as _

from registry import codes
from registry.rosters.errors import RowRefused
from registry.rosters.workbook import Cell

BLANK_WORDS = frozenset(
    ["-", "--", "—", "——", "/", "\\", "无", "暂无", "空", "n/a", "na", "#n/a", "null", "none", "nan"]
)
LONGEST_BLANK = max(map(len, BLANK_WORDS))
OPEN_WORDS = frozenset(["长期", "长期有效", "至今", "无固定期限", "永久"])
YES = frozenset(["是", "√", "✓", "y", "yes", "true", "1", "有", "规上", "对"])
NO = frozenset(["否", "×", "✗", "x", "n", "no", "false", "0", "规下", "错", "非规上"])

# Factors to 万元
WAN, YI, YUAN = Decimal(1), Decimal(10_000), Decimal("0.0001")
MONEY_UNITS = {"亿元": YI, "亿": YI, "万元": WAN, "万": WAN, "千元": Decimal("0.1"), "元": YUAN}
PLACES = Decimal("0.0001")
LARGEST_AMOUNT = Decimal(10) ** 14
LARGEST_COUNT = 2_147_483_647

EXCEL_EPOCH = dt.date(1899, 12, 30)
# Serial numbers of 1954 to 2119; below lie years, and small numbers that no date column should hold
SERIALS = range(20_000, 80_000)
YEARS = range(1900, 2101)

_ZERO_WIDTH = dict.fromkeys(map(ord, "\u200b\u200c\u200d\ufeff\u00ad\x00"))
_DAY = re.compile(
    r"(\d{4})\s*(?:年|/|-|\.)\s*(\d{1,2})\s*(?:月|/|-|\.)\s*(\d{1,2})\s*(?:日|号)?(?:[t\s].*)?", re.ASCII
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_INCOMPLETE = re.compile(r"(\d{4})\s*(?:年度?|(?:年|/|-|\.)\s*\d{1,2}\s*月?)?", re.ASCII)
_AMOUNT = re.compile(r"([-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?)(亿元|亿|万元|万|千元|元)?", re.ASCII)
_USCC = re.compile(codes.USCC_PATTERN)
_NUMBER_WITH_EXPONENT = re.compile(r"\d(\.\d+)?e\+?\d+", re.ASCII | re.IGNORECASE)


class Incomplete(RowRefused):
    """A date without its day or month."""


def text(cell: Cell, *, most: int = 0) -> str:
    """One line of text; whole numbers without the point that workbooks give them."""
    if cell is None:
        return ""
    words = _clean(cell if isinstance(cell, str) else _written(cell))
    if most and len(words) > most:
        raise RowRefused(
            _("“%(text)s…” is longer than %(most)s characters.") % {"text": words[:20], "most": most}
        )
    return words


def _clean(words: str) -> str:
    # Most cells are clean: nothing invisible, no line breaks, no wide or double spaces.
    words = words.strip()
    if not words.isprintable() or "  " in words:
        words = " ".join(words.translate(_ZERO_WIDTH).split())
    return "" if len(words) <= LONGEST_BLANK and words.lower() in BLANK_WORDS else words


def _written(cell: Cell) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, dt.datetime) and cell.time() == dt.time.min:
        return str(cell.date())
    return str(cell)


def plain(cell: Cell) -> str:
    """Text in half-width characters and lower case, for comparing with words."""
    return unicodedata.normalize("NFKC", text(cell)).strip().lower()


# Dates


def day(cell: Cell) -> dt.date | None:
    """A date of a day; a month or a year alone is Incomplete."""
    if isinstance(cell, dt.datetime):
        return _in_range(cell.date())
    if isinstance(cell, dt.date):
        return _in_range(cell)
    if isinstance(cell, bool) or not isinstance(cell, str | int | float):
        return None if cell is None else _bad_day(cell)
    return _day_of_text(cell if isinstance(cell, str) else text(cell))


@lru_cache(maxsize=16_384)
def _day_of_text(cell: str) -> dt.date | None:
    words = plain(cell)
    if not words or words in OPEN_WORDS:
        return None
    if match := _DAY.fullmatch(words) or _COMPACT.fullmatch(words):
        try:
            return _in_range(dt.date(*map(int, match.groups())))
        except ValueError:
            return _bad_day(words)
    if words.replace(".", "", 1).isdecimal() and int(float(words)) in SERIALS:
        return EXCEL_EPOCH + dt.timedelta(days=int(float(words)))
    if (match := _INCOMPLETE.fullmatch(words)) and int(match[1]) in YEARS:
        raise Incomplete(
            _("“%(text)s” is no complete date. Fill in year, month and day, e.g. 2022-03-01.")
            % {"text": words}
        )
    return _bad_day(words)


def _in_range(found: dt.date) -> dt.date | None:
    # the end of time is how some systems write that there is no end
    if found.year == dt.MAXYEAR:
        return None
    return found if found.year in YEARS else _bad_day(found)


def _bad_day(cell: object) -> dt.date:
    raise RowRefused(_("“%(text)s” is no date. Write it like 2022-03-01.") % {"text": cell})


def year(cell: Cell) -> int | None:
    """A year, alone or of a date."""
    words = plain(cell)
    if not words:
        return None
    match = re.match(r"(\d{4})(?!\d)", words)
    if match is None or int(match[1]) not in range(1949, 2101):
        raise RowRefused(_("“%(text)s” is no year.") % {"text": words})
    return int(match[1])


# Numbers


def number(cell: Cell) -> tuple[Decimal, str] | None:
    """A number, exact, and the unit of money that stands behind it in the same cell."""
    if isinstance(cell, bool):
        raise RowRefused(_("“%(text)s” is no number.") % {"text": cell})
    if isinstance(cell, int | float):
        return _finite(repr(cell), cell), ""
    words = plain(cell).replace(",", "").replace(" ", "").lstrip("¥￥")
    if not words:
        return None
    match = _AMOUNT.fullmatch(words)
    if match is None:
        raise RowRefused(_("“%(text)s” is no number.") % {"text": words})
    return _finite(match[1], words), match[2] or ""


def _finite(digits: str, cell: object) -> Decimal:
    try:
        found = Decimal(digits)
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite():
        raise RowRefused(_("“%(text)s” is no number.") % {"text": cell})
    return found


def money(cell: Cell, factor: Decimal = WAN) -> Decimal | None:
    """An amount in 万元 to the yuan; a unit in the cell itself goes before that of the header (`factor`)."""
    found = number(cell)
    if found is None:
        return None
    amount, unit = found
    amount *= MONEY_UNITS.get(unit, factor)
    if abs(amount) >= LARGEST_AMOUNT:
        raise RowRefused(_("The amount “%(text)s” is too large.") % {"text": text(cell)})
    return amount.quantize(PLACES, ROUND_HALF_UP)


def count(cell: Cell) -> int | None:
    found = number(cell)
    if found is None:
        return None
    amount, unit = found
    amount *= {"万": 10_000, "亿": 100_000_000}.get(unit, 1)
    if amount != amount.to_integral_value() or not 0 <= amount <= LARGEST_COUNT or unit.endswith("元"):
        raise RowRefused(_("“%(text)s” is no whole number of zero or more.") % {"text": text(cell)})
    return int(amount)


def yes_or_no(cell: Cell) -> bool | None:
    words = plain(cell)
    if not words:
        return None
    if words not in YES and words not in NO:
        raise RowRefused(_("“%(text)s” is neither yes (是) nor no (否).") % {"text": words})
    return words in YES


# Codes


def code(cell: Cell) -> tuple[str, str]:
    """The unified social credit code, or the old registration number of 15 digits, the other one empty."""
    # A workbook keeps 15 digits of a number: 15 are whole, of 18 the last three are gone.
    if isinstance(cell, int | float) and not isinstance(cell, bool) and cell >= 10**15:
        raise RowRefused(_lost_digits())
    found = codes.clean_uscc(text(cell)).lstrip("'`’")
    if not found:
        return "", ""
    if codes.is_registration_no(found):
        return "", found
    if _USCC.fullmatch(found):
        return found, ""
    raise RowRefused(_reason_against(found))


def _lost_digits() -> str:
    return _(
        "The code is stored as a number and has lost its last digits. "
        "Set the column to text and enter the code anew."
    )


def _reason_against(found: str) -> str:
    if _NUMBER_WITH_EXPONENT.fullmatch(found):
        return _lost_digits()
    if len(found) != 18:
        return _("The code “%(code)s” has %(count)s characters; it must have 18 (or 15 digits).") % {
            "code": found,
            "count": len(found),
        }
    wrong = [character for character in found if character not in codes.ALPHABET]
    if wrong:
        return _("The code “%(code)s” holds “%(wrong)s”; codes never hold I, O, S, V, Z.") % {
            "code": found,
            "wrong": "".join(dict.fromkeys(wrong)),
        }
    return _("Characters 3 to 8 of the code “%(code)s” must be digits.") % {"code": found}


def industry(cell: Cell) -> str:
    """The division of GB/T 4754 (two digits) of a code of two to four digits, with or without its letter."""
    words = plain(cell)
    if not words:
        return ""
    match = re.match(r"[a-t]?(\d{2,4})(?!\d)", words)
    if match is None:
        raise RowRefused(
            _("“%(text)s” is no code of an industry: two to four digits, e.g. 35 or C3511.") % {"text": words}
        )
    return match[1][:2]
