"""The initials of names: 天合光能 is found by `thgn`.

Each character has a letter, or two where both readings are usual in names (长 as in 长江 and in 成长); the database
spells every name with the first letters and with the second (`registry.models.search`), and finds it by either.
"""

import unicodedata
from functools import cache

from pypinyin.pinyin_dict import pinyin_dict

# What companies and places are called by in two ways; of all other characters the first reading of the dictionary counts.
READ_IN_TWO_WAYS = {
    "长": "cz",
    "重": "zc",
    "行": "hx",
    "乐": "ly",
    "藏": "cz",
    "曾": "zc",
    "厦": "xs",
    "单": "ds",
    "盛": "sc",
    "调": "td",
    "朝": "cz",
    "会": "hk",
    "参": "cs",
    "传": "cz",
    "弹": "dt",
    "解": "jx",
    "查": "cz",
    "车": "cj",
    "校": "xj",
    "降": "jx",
    "奇": "qj",
    "率": "ls",
    "粘": "zn",
    "便": "bp",
    "轧": "zg",
    "仇": "qc",
    "覃": "tq",
    "尉": "wy",
}


def letters() -> dict[str, str]:
    """The letter or the two letters of every character that has a reading."""
    found = {chr(code): _letter(readings) for code, readings in pinyin_dict.items() if code > 127}
    return {character: letter for character, letter in found.items() if letter} | READ_IN_TWO_WAYS


def of(name: str) -> str:
    """The initials of a name by its first readings, for the few names that are searched without the database."""
    return "".join(
        _known().get(one, one.lower() if one.isascii() and one.isalnum() else "")[:1] for one in name
    )


@cache
def _known() -> dict[str, str]:
    return letters()


def _letter(readings: str) -> str:
    """The first letter of the first reading, without its tone."""
    plain = unicodedata.normalize("NFD", readings[:1])[:1].lower()
    return plain if plain.isascii() and plain.isalpha() else ""
