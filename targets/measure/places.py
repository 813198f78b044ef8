"""Where enterprises are, and in which clusters, on the days of a question, for all statements."""

from registry import validity
from targets.measure.days import Days, also, both, named

# Begun by the last of the days and not over before the first of them; of one day: holds on it.
DURING = "({table}.since IS NULL OR {table}.since <= %(last)s) AND ({table}.until IS NULL OR {table}.until > %(first)s)"


# An enterprise stands there once for each area that it is in on some of the days.
PLACED = """
    stay AS ({stays}),
    stay_then AS (SELECT * FROM stay WHERE {during}),
    {name} AS (
        SELECT enterprise.id,
               CASE WHEN stay_then.present IS NOT FALSE THEN enterprise.district_id ELSE stay_then.district_id END
               AS district_id{bits}
          FROM registry_enterprise enterprise LEFT JOIN stay_then ON stay_then.enterprise_id = enterprise.id
         {condition}
    )
"""


def placed(days: Days, *, chosen: bool = False) -> str:
    """`placed`: enterprises with the area that they are in, all of them or those chosen by `%(enterprises)s`."""
    condition = "WHERE enterprise.id = ANY(%(enterprises)s::bigint[])" if chosen else ""
    return _placed("placed", days, days.covered("stay_then.since", "stay_then.until"), condition)


def existing(days: Days, *, chosen: str = "") -> str:
    """`existing`: the same, of the enterprises that are not closed on all of the days.

    `chosen` is SQL for their ids, where few are wanted: a plan that joins by hashing would read them all.
    """
    there = days.covered("stay_then.since", "stay_then.until")
    open_days = days.covered("NULL::date", "enterprise.closed_on")
    condition = "WHERE (enterprise.closed_on IS NULL OR enterprise.closed_on > %(first)s)"
    if chosen:
        condition += f" AND enterprise.id = ANY(ARRAY({chosen}))"
    return _placed("existing", days, both(there, open_days), condition)


def _placed(name: str, days: Days, bits: list[str], condition: str) -> str:
    return PLACED.format(
        stays=validity.STAYS,
        during=DURING.format(table="stay"),
        name=name,
        bits=also(named(bits, days.columns)),
        condition=condition,
    )


def member(days: Days) -> str:
    """`member`: the main clusters of enterprises on the days."""
    bits = named(days.covered("membership.since", "membership.until"), days.columns)
    return f"""
    member AS (
        SELECT membership.enterprise_id, membership.cluster_id, membership.kind{also(bits)}
          FROM registry_membership membership
         WHERE membership.main AND {DURING.format(table="membership")}
    )"""
