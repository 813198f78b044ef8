"""The titles that a number counts, and those of the same schemes that it does not."""

import datetime as dt
from dataclasses import replace
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Lower

from registry import past, validity
from registry.choices import Level
from registry.models import Designation
from registry.reading import connection
from targets.choices import Exclusion, Feed
from targets.measure import title_counts, titles
from targets.measure.days import Days
from targets.measure.memory import remembered
from targets.measure.pages import (
    BY_AREA,
    BY_NAME,
    Page,
    Record,
    Window,
    order_by,
    page_of,
    reason_of,
    window_parameters,
)
from targets.measure.places import placed
from targets.measure.planning import whole_sets
from targets.measure.readings import measure
from targets.rules import SchemeTerm, Spec

REASONS = f"""
    CASE WHEN fact.state = 'announced' THEN '{Exclusion.ANNOUNCED}'
         WHEN fact.state <> '{validity.CONFIRMED}' THEN '{Exclusion.NOT_CONFIRMED}'
         WHEN fact.valid_from > %(as_of)s THEN '{Exclusion.NOT_BEGUN}'
         WHEN %(is_stock)s AND fact.term_end <= %(as_of)s THEN '{Exclusion.EXPIRED}'
         WHEN %(is_stock)s AND fact.ended_on <= %(as_of)s THEN '{Exclusion.ENDED}'
         WHEN %(is_stock)s AND fact.until <= %(as_of)s THEN '{Exclusion.CLOSED}'
         WHEN %(district)s::bigint IS NOT NULL AND {{place}} IS DISTINCT FROM %(district)s::bigint
              THEN '{Exclusion.OTHER_AREA}'
         WHEN asked.scheme_id IS NULL THEN '{Exclusion.LOWER_LEVEL}'
         WHEN asked.applies_from > fact.valid_from OR asked.applies_to < fact.valid_from
              THEN '{Exclusion.OTHER_RULE}'
    END
"""

TITLES = """
    WITH {placed}, asked AS (SELECT * FROM {asked}), fact AS ({fact}),
    sorted AS (
        SELECT fact.*, {place} AS place, {reasons} AS reason,
               array_position(%(ranks)s::text[], fact.level::text) AS rank,
               CASE WHEN %(items)s OR fact.enterprise_id IS NULL THEN lower(fact.item) END AS thing,
               CASE WHEN %(items)s THEN fact.scheme_id END AS thing_scheme
          FROM fact
          LEFT JOIN asked ON asked.scheme_id = fact.scheme_id AND asked.level = fact.level
          LEFT JOIN placed ON placed.id = fact.enterprise_id
    ),
    told AS (
        SELECT sorted.*,
               CASE WHEN reason IS NOT NULL THEN reason
                    WHEN first_value(valid_from) OVER first <= %(since)s::date THEN '{before}'
                    WHEN row_number() OVER best = 1 THEN NULL
                    WHEN first_value(rank) OVER best < rank THEN '{higher}'
                    ELSE '{already}' END AS verdict
          FROM sorted
        WINDOW best AS (PARTITION BY reason IS NULL, enterprise_id, thing, thing_scheme, district_id
                            ORDER BY CASE WHEN %(is_stock)s THEN rank END, valid_from, id),
               first AS (PARTITION BY reason IS NULL, enterprise_id, thing, thing_scheme, district_id
                             ORDER BY valid_from, id)
    )
    SELECT told.enterprise_id, coalesce(enterprise.name, ''), enterprise.uscc, told.place, told.id, told.item,
           scheme.name, told.level, told.batch, told.document, told.announced_on, told.valid_from, told.valid_to,
           told.ended_on, told.source, told.verdict, count(*) OVER ()
      FROM told
      JOIN registry_scheme scheme ON scheme.id = told.scheme_id
      LEFT JOIN registry_enterprise enterprise ON enterprise.id = told.enterprise_id{among}
     WHERE (told.verdict IS NULL) = %(counted)s
       AND (NOT %(within)s OR told.place = %(district)s)
       AND (%(reason)s = '' OR told.verdict = %(reason)s)
       AND (%(search)s = '' OR enterprise.name_key LIKE %(pattern)s OR registry_name_key(told.item) LIKE %(pattern)s
            OR enterprise.uscc LIKE upper(%(pattern)s))
     ORDER BY {order}
    OFFSET %(offset)s LIMIT %(limit)s
"""

USUAL = "told.verdict, told.valid_from DESC NULLS LAST, told.id"
ORDERS = {
    "name": BY_NAME.format(enterprise="told.enterprise_id"),
    "area": BY_AREA.format(place="told.place"),
    "title": "(scheme.position, told.rank)",
    "batch": "told.batch",
    "valid_from": "told.valid_from",
    "valid_to": "told.valid_to",
    "ended_on": "told.ended_on",
    "reason": "told.verdict",
}

FACT_FIELDS = (
    *("id", "scheme_id", "level", "enterprise_id", "item", "district_id", "batch", "document", "source"),
    *("announced_on", "valid_from", "valid_to", "ended_on", "state", "term_end", "until"),
)
TITLE_FIELDS = (
    "enterprise_id",
    "enterprise",
    "uscc",
    "district_id",
    "designation_id",
    "item",
    "scheme",
    "level",
    "batch",
    "document",
    "announced_on",
    "valid_from",
    "valid_to",
    "ended_on",
    "source",
)


# A first page needs the newest titles only; further on it is quicker to look at them all.
MOST_LOOKED_AT = 4_000
# (enterprise, item, first day, id)
Newest = tuple[int | None, str, dt.date, int]
A_YEAR = dt.timedelta(days=366)
# How many times as many titles as records are wanted: holders have several, and areas see their own alone.
LOOKS = (4, 64)


# Said to the enterprises themselves too: as known at a moment all of them would be joined for a page of fifty.
ENTERPRISES = "SELECT unnest(%(enterprises)s::bigint[])"
AMONG = " AND enterprise.id = ANY(%(enterprises)s::bigint[])"


def of_titles(spec: Spec, day: dt.date, window: Window, counted: bool) -> Page:
    if counted and window.limit is not None and not (window.search or window.order):
        for times in LOOKS:
            number = times * (window.offset + window.limit)
            found = _among_the_newest(spec, day, window, number) if number <= MOST_LOOKED_AT else None
            if found is not None:
                return Page(found, _total(spec, day, window))
    with whole_sets():
        return _told(spec, day, window, counted, _facts(spec))


def _among_the_newest(spec: Spec, day: dt.date, window: Window, number: int) -> list[Record] | None:
    """The page, from so many of the newest titles and all others of their holders; None where those are too few.

    What is told of a holder hangs on its own titles alone, so the same statement over fewer holders tells the same.
    Records come with the newest first, as the titles do: those that are counted among the titles looked at come
    before all others that are counted.
    """
    looked_at = _newest(spec, day, number, window.district)
    if not looked_at:
        return []
    enterprises = {enterprise for enterprise, _item, _day, _pk in looked_at if enterprise is not None}
    items = {item for enterprise, item, _day, _pk in looked_at if enterprise is None}
    holders = Q(enterprise__in=enterprises)
    if items:
        holders |= Q(enterprise__isnull=True, thing__in=items)
    facts = _facts(spec).annotate(thing=Lower("item")).filter(holders)
    everything = replace(window, offset=0, limit=None)
    found = _told(spec, day, everything, True, facts, enterprises=list(enterprises)).records
    end = window.offset + (window.limit or 0)
    if len(looked_at) == number:
        known = {pk for *_holder, pk in looked_at}
        found = [record for record in found if record.designation_id in known]
        if len(found) < end:
            return None
    return found[window.offset : end]


def _newest(spec: Spec, day: dt.date, number: int, district: int | None) -> list[Newest]:
    """The newest titles that may be counted, of an area those that may be there; each scheme and level by its index.

    As known at a moment, looking titles up one by one would run through what has changed since for each: whole tables
    are joined, for those of the last year first.
    """
    here = Q() if district is None else titles.ever_in(district)
    if past.moment_in_force():
        asked = (spec, day, "newest", number, district)
        return remembered([asked], lambda _asked: {asked: _newest_in_the_past(spec, day, number, here)})[
            asked
        ]
    return _newest_of(spec, day, number, here)


def _newest_in_the_past(spec: Spec, day: dt.date, number: int, here: Q) -> list[Newest]:
    found = _newest_of(spec, day, number, here & Q(valid_from__gt=day - A_YEAR))
    return found if len(found) == number else _newest_of(spec, day, number, here)


def _newest_of(spec: Spec, day: dt.date, number: int, condition: Q) -> list[Newest]:
    if titles.awarded_after(spec, day):
        counts = Q(state=validity.CONFIRMED, valid_from__lte=day)
    else:
        counts = validity.designation_counts(day)
    fields = ("enterprise_id", Lower("item"), "valid_from", "id")
    each = [
        _applying(term)
        .filter(condition, counts, level=level)
        .order_by("-valid_from", "id")
        .values_list(*fields)[:number]
        for term in spec.schemes
        for level in spec.levels
    ]
    found = each[0].union(*each[1:], all=True) if len(each) > 1 else each[0]
    return sorted(found, key=lambda row: (-row[2].toordinal(), row[3]))[:number]


def _applying(term: SchemeTerm) -> QuerySet[Any]:
    titles_of = Designation.objects.with_until().filter(scheme=term.id)
    if term.applies_from:
        titles_of = titles_of.filter(valid_from__gte=term.applies_from)
    if term.applies_to:
        titles_of = titles_of.filter(valid_from__lte=term.applies_to)
    return titles_of


# Of the titles of some schemes those that no column holds, where their holders are on the day.
NOT_CONFIRMED_IN_AREA = f"""
    WITH waiting AS MATERIALIZED (
        SELECT enterprise_id, district_id FROM registry_designation
         WHERE scheme_id = ANY(%(schemes)s::bigint[]) AND state <> '{validity.CONFIRMED}'
    ), {{placed}}
    SELECT count(*) FROM waiting LEFT JOIN placed ON placed.id = waiting.enterprise_id WHERE {{place}} = %(district)s
"""


def number_left_out(spec: Spec, day: dt.date, window: Window) -> int:
    """How many titles are not counted, whatever the reason: each title that there is tells one holder or is left out."""
    area = window.district if window.within else None
    asked = (spec, day, "titles there are", area)
    every: int = remembered([asked], lambda _asked: {asked: _titles_there_are(spec, day, area)})[asked]
    return every - _total(spec, day, window)


def _titles_there_are(spec: Spec, day: dt.date, area: int | None) -> int:
    schemes = [term.id for term in spec.schemes]
    if area is None:
        return Designation.objects.filter(scheme__in=schemes).count()
    return _confirmed_in_area(spec, day, area) + _not_confirmed_in_area(schemes, day, area)


def _confirmed_in_area(spec: Spec, day: dt.date, area: int) -> int:
    terms = tuple(replace(term, applies_from=None, applies_to=None) for term in spec.schemes)
    every = replace(spec, schemes=terms, level="")
    return title_counts.titles_in_area(title_counts.columns_of(every), every, day, area)


def _not_confirmed_in_area(schemes: list[int], day: dt.date, area: int) -> int:
    days = Days([day])
    sql = NOT_CONFIRMED_IN_AREA.format(
        placed=placed(days, chosen="SELECT enterprise_id FROM waiting"),
        place=titles.PLACE.format(holder="waiting"),
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, {**days.parameters, "schemes": schemes, "district": area})
        number: int = cursor.fetchone()[0]
    return number


def _total(spec: Spec, day: dt.date, window: Window) -> int:
    """How many are counted: the number itself, or what a multiple divides."""
    if spec.feed == Feed.MULTIPLE:
        spec = replace(spec, feed=Feed.STOCK)
    number = measure([spec], day)[spec.code].registry
    value = number.value if window.district is None else number.by_district.get(window.district)
    return int(value or 0)


def _told(
    spec: Spec,
    day: dt.date,
    window: Window,
    counted: bool,
    facts: QuerySet[Any],
    *,
    enterprises: list[int] | None = None,
) -> Page:
    """What is told of the titles given: of each why it is not counted, or that it is."""
    awarded_after = titles.awarded_after(spec, day)
    days = Days([day])
    fact, fact_parameters = titles.as_subquery(facts.values(*FACT_FIELDS))
    place = titles.PLACE.format(holder="fact")
    sql = TITLES.format(
        placed=placed(days, chosen="" if enterprises is None else ENTERPRISES),
        among="" if enterprises is None else AMONG,
        asked=titles.ASKED,
        fact=fact,
        place=place,
        reasons=REASONS.format(place=place),
        before=Exclusion.BEFORE_BASELINE,
        higher=Exclusion.COUNTED_HIGHER,
        already=Exclusion.COUNTED_ALREADY,
        order=order_by(window, ORDERS, USUAL),
    )
    parameters = {
        **titles.parameters_of(spec),
        **fact_parameters,
        **window_parameters(window),
        **days.parameters,
        "enterprises": enterprises,
        "as_of": day,
        "is_stock": awarded_after is None,
        "since": awarded_after,
        "items": spec.unit == "item",
        "ranks": [str(level) for level in Level],
        "counted": counted,
    }
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows = cursor.fetchall()
    return page_of(
        rows, lambda row: Record(**dict(zip(TITLE_FIELDS, row, strict=False)), reason=reason_of(row[-2]))
    )


def _facts(spec: Spec) -> QuerySet[Any]:
    """Every title of the rule's schemes, whatever its level and state."""
    queryset = Designation.objects.with_until().annotate(term_end=validity.term_end())
    return queryset.filter(scheme__in=[term.id for term in spec.schemes]).order_by()
