"""Numbers and states in templates, as `targets.reports.words` says them; the settings call it `reports`."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django import template
from django.http import HttpRequest
from django.template import Context
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from registry.choices import Level
from targets.choices import MilestoneState, State
from targets.models import Plan
from targets.reports import words
from targets.reports.listing import Listing
from targets.reports.question import Question

register = template.Library()

NUMERALS = "一二三四五六七八九十"

register.filter("percent", words.percent)
register.filter("points", words.points)
register.filter("signed_percent", words.signed_percent)


@register.filter
def amount(value: Decimal | None, unit: str = "") -> str:
    return words.amount(value, unit)


@register.filter
def signed(value: Decimal | None, unit: str = "") -> str:
    return words.signed(value, unit)


@register.filter
def day(value: dt.date | None) -> str:
    """A day in tables: 2025-12-31."""
    return words.NOTHING if value is None else value.isoformat()


@register.simple_tag
def state(value: State | MilestoneState) -> SafeString:
    """The word of a state with its sign; the colour only repeats them."""
    signs: dict[Any, str] = {**words.STATE_SIGNS, **words.MILESTONE_SIGNS}
    return format_html(
        '<span class="state {}"><i aria-hidden="true">{}</i>{}</span>',
        words.css_name(value),
        signs[value],
        value.label,
    )


@register.simple_tag
def state_of(code: str) -> SafeString:
    """The word of a state that was kept by its code."""
    return state(State(code))


@register.simple_tag
def numeral(number: int) -> str:
    """The number of a heading in a Chinese paper: 一, 二 …"""
    return NUMERALS[number - 1] if number <= len(NUMERALS) else str(number)


@register.filter
def css_name(value: str) -> str:
    return words.css_name(value)


@register.simple_tag(takes_context=True)
def to(context: Context, name: str, *args: object, **changes: object) -> str:
    """The address of a page of ours, with the day and the area of this one."""
    question: Question | None = context.get("question")
    address = reverse(f"reports:{name}", args=args)
    query = question.query(**changes) if question else ""
    return address if query == "?" else address + query


@register.simple_tag(takes_context=True)
def here(context: Context, **changes: object) -> str:
    """The address of this page with the same day and area, what else it keeps, and what is given besides."""
    question: Question = context["question"]
    kept: dict[str, object] = context.get("kept") or {}
    return question.here(**{**kept, **changes})


# Which entry of the navigation a page belongs to, where it is not the page of that entry itself.
PARTS = {
    "target": "overview",
    "series": "overview",
    "bridge": "overview",
    "source": "overview",
    "district": "districts",
    "cluster": "clusters",
    "enterprise": "enterprises",
    "target_differences": "differences",
    "publications": "bulletin",
    "publication": "bulletin",
    "publication_compare": "bulletin",
    "publication_records": "bulletin",
}


@register.simple_tag(takes_context=True)
def current(context: Context, entry: str) -> SafeString | str:
    """Marks the entry of the navigation that a page is, or belongs to."""
    request: HttpRequest | None = context.get("request")
    if request is None or request.resolver_match is None:
        return ""
    name = request.resolver_match.url_name
    if name == entry:
        return mark_safe(' aria-current="page"')
    return mark_safe(' aria-current="true"') if PARTS.get(name or "") == entry else ""


@register.simple_tag(takes_context=True)
def as_pdf(context: Context) -> str:
    """The address of this very page as PDF; empty where it is none that can be printed."""
    request: HttpRequest | None = context.get("request")
    if request is None or request.resolver_match is None:
        return ""
    if not getattr(request.resolver_match.func, "is_printable", False):
        return ""
    query = request.GET.copy()
    query["format"] = "pdf"
    return f"{request.path}?{query.urlencode()}"


@register.simple_tag(takes_context=True)
def head(context: Context, column: str, label: str, css: str = "") -> SafeString:
    """The head of a column of records: a link that orders by it, the other way round where that is so already."""
    listing: Listing = context["listing"]
    wish = listing.wish
    css_class = format_html(' class="{}"', css) if css else ""
    if not listing.can_order(column):
        return format_html('<th scope="col"{}>{}</th>', css_class, label)
    ordered = wish.order.removeprefix("-") == column
    descending = ordered and wish.order.startswith("-")
    order = f"-{column}" if ordered and not descending else column
    address = here(context, list=listing.tab, search=wish.search, reason=wish.reason, order=order)
    state = format_html(' aria-sort="{}"', "descending" if descending else "ascending") if ordered else ""
    sign = ("▼" if descending else "▲") if ordered else "↕"
    return format_html(
        '<th scope="col"{}{}><a href="{}#records">{}<i aria-hidden="true">{}</i></a></th>',
        css_class,
        state,
        address,
        label,
        sign,
    )


@register.simple_tag(takes_context=True)
def plans_for_choice(context: Context) -> list[Plan]:
    """The plans between which this reader may choose; none where there is but one."""
    question: Question = context["question"]
    return question.plans_for(context["user"])


@register.simple_tag
def of_width(per_cent: float, width: int) -> str:
    """A place on a line of time as a length in a drawing, in plain digits whatever the language."""
    return f"{per_cent * width / 100:.2f}"


@register.filter
def group(value: int) -> str:
    """A whole number, grouped by thousands."""
    return f"{value:,d}"


@register.filter
def gained(value: int) -> str:
    """A gain or loss of holders: +3, −1."""
    return words.signed(Decimal(value))


@register.filter
def level(value: str) -> str:
    return str(Level(value).label) if value in Level.values else ""


@register.simple_tag(takes_context=True)
def area_name(context: Context, district: int | None) -> str:
    """The name of an area by its id, without asking the database for each line."""
    names = {one.pk: one.name for one in context["question"].districts}
    return names.get(district, words.NOTHING)
