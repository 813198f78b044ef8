"""Codes of enterprises: the unified social credit code (统一社会信用代码, GB 32100-2015)."""

import re
import unicodedata

from stdnum.cn import uscc as standard

USCC_PATTERN = r"^[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}$"
_USCC = re.compile(USCC_PATTERN)
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
DEMO_AUTHORITY = "000000"


def clean_uscc(text: str) -> str:
    """Half-width upper case without spaces and hyphens; does not judge."""
    return "".join(unicodedata.normalize("NFKC", text).split()).replace("-", "").upper()


def is_uscc(code: str) -> bool:
    """18 characters of the right alphabet; says nothing of the check character."""
    return _USCC.fullmatch(code) is not None


def is_registration_no(code: str) -> bool:
    """An old business registration number (工商注册号) of 15 digits."""
    return len(code) == 15 and code.isascii() and code.isdigit()


def has_valid_check_character(code: str) -> bool:
    """Whether the 18th character is right (modulus 31); some early codes fail and are real all the same."""
    return is_uscc(code) and standard.calc_check_digit(code[:17]) == code[17]


def is_made_up(code: str | None) -> bool:
    """Made up for a first look: the registration authority 000000 does not exist."""
    return (code or "")[2:8] == DEMO_AUTHORITY


def with_check_character(first17: str) -> str:
    """The full code for 17 characters."""
    return first17 + standard.calc_check_digit(first17)
