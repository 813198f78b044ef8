"""The usual sentences of a bulletin, from the readings. Official papers are Chinese, so that these are not translated."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from targets.choices import Cause, Interval, State

if TYPE_CHECKING:
    from targets.bulletin.content import Bulletin, Line, Ranked

MOST = 5
CHANGES = 8
ORDER = (
    State.REACHED,
    State.AHEAD,
    State.ON_PACE,
    State.BEHIND,
    State.FAR_BEHIND,
    State.MISSED,
    State.NO_DATA,
)


def title(plan: str, kind: str, day: dt.date) -> str:
    """关于 … 完成情况的通报, with the period in its name."""
    if kind == Interval.MONTH:
        period = f"{day.year}年{day.month}月"
    elif kind == Interval.QUARTER:
        period = f"{day.year}年第{'一二三四'[(day.month - 1) // 3]}季度"
    else:
        period = f"截至{chinese(day)}"
    return f"关于{period}{plan}完成情况的通报"


def paragraphs(found: Bulletin) -> list[tuple[str, str]]:
    """Heading and text, in the order of the paper."""
    told = [
        ("总体情况", overall(found)),
        ("主要变化", changes(found)),
        ("进度较快的指标", leading(found)),
        ("进度滞后的指标", lagging(found)),
        ("各板块情况", areas(found)),
        ("数据说明", sources(found)),
    ]
    return [(heading, text) for heading, text in told if text]


def overall(found: Bulletin) -> str:
    counts = Counter(line.state for line in found.lines)
    parts = [f"{state.label}{counts[state]}项" for state in ORDER if counts[state]]
    return f"截至{chinese(found.day)}，{found.plan}{len(found.lines)}项指标中，{'，'.join(parts)}。"


def changes(found: Bulletin) -> str:
    moved = [line for line in found.lines if line.change]
    if not moved:
        return f"与{chinese(found.since)}相比，各项指标数值没有变化。"
    moved.sort(key=lambda line: line.moved, reverse=True)
    told = "；".join(change(line) for line in moved[:CHANGES])
    return f"与{chinese(found.since)}相比，{len(moved)}项指标数值有变化，其中：{told}。"


def change(line: Line) -> str:
    """One that changed: 绿色工厂200家，增加12家（新认定15家，到期未续3家）."""
    moved = line.change or Decimal(0)
    word = "增加" if moved > 0 else "减少"
    unit = "个百分点" if line.unit == "%" else line.unit
    told = f"{line.name}{number(line.value)}{line.unit}，{word}{number(abs(moved))}{unit}"
    causes = [f"{Cause(cause).label}{abs(count)}{line.unit}" for cause, count in line.causes.items() if count]
    return f"{told}（{'，'.join(causes)}）" if causes else told


def leading(found: Bulletin) -> str:
    ahead = [line for line in found.lines if line.lead is not None and line.lead > 0]
    ahead.sort(key=lambda line: -(line.lead or 0))
    return _named(
        [f"{line.name}完成{share(line.completion)}，超序时进度{points(line.lead)}" for line in ahead]
    )


def lagging(found: Bulletin) -> str:
    behind = [line for line in found.lines if line.lead is not None and line.lead < 0]
    behind.sort(key=lambda line: line.lead or 0)
    return _named(
        [f"{line.name}完成{share(line.completion)}，落后序时进度{points(line.lead)}" for line in behind]
    )


def _named(told: list[str]) -> str:
    if not told:
        return ""
    more = f"。此类指标共{len(told)}项" if len(told) > MOST else ""
    return f"{'；'.join(told[:MOST])}{more}。"


def areas(found: Bulletin) -> str:
    """The places of the areas, with the change since the bulletin before."""
    if not found.ranked:
        return ""
    told = "，".join(_area(one) for one in found.ranked)
    number = max(one.targets for one in found.ranked)
    if found.ranked[0].by_quota:
        return f"按已分解到板块的{number}项指标任务完成率位次的平均数排序，{told}。"
    return f"按可分板块的{number}项指标位次平均数排序，{told}。"


def _area(one: Ranked) -> str:
    if one.before is None or one.before == one.place:
        return f"{one.name}第{one.place}位"
    word = "上升" if one.before > one.place else "下降"
    return f"{one.name}第{one.place}位（较上期{word}{abs(one.before - one.place)}位）"


def sources(found: Bulletin) -> str:
    published = sum(line.official is not None for line in found.lines)
    known = f"，按{found.known_at:%Y年%-m月%-d日}所掌握的数据" if found.known_at else ""
    return (
        f"数据截至{chinese(found.day)}{known}，由登记册按各指标口径逐家计算，同一企业不重复计数；年报类指标以最近年度数据为准。"
        f"序时进度按数据截止日占规划期的比例计算，有分年度目标的按分年度目标计算。另有{published}项指标可与已公布数据对照。"
    )


# Words


def chinese(day: dt.date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def number(value: Decimal | None) -> str:
    """Plain digits, at most two places; thousands are not grouped in official papers."""
    if value is None:
        return "—"
    rounded = value.quantize(Decimal("0.01"), ROUND_HALF_UP)
    text = f"{rounded:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def share(value: Decimal | None) -> str:
    return "—" if value is None else f"{(value * 100).quantize(Decimal('0.1'), ROUND_HALF_UP)}%"


def points(value: Decimal | None) -> str:
    """Percentage points without their sign: 12.3个百分点."""
    return "—" if value is None else f"{abs(value * 100).quantize(Decimal('0.1'), ROUND_HALF_UP)}个百分点"
