"""Where enterprises are, and in which clusters, on the days of a question, for all statements."""

from registry import validity
from targets.measure.days import Days, also, both, named

# Begun by the last of the days and not over before the first of them; of one day: holds on it.
DURING = "({table}.since IS NULL OR {table}.since <= %(last)s) AND ({table}.until IS NULL OR {table}.until > %(first)s)"


# An enterprise stands there once for each area that it is in on some of the days: on one day in one.
PLACED = """
    stay AS ({stays}),
    stay_then AS ({stays_then}),
    {name} AS (
        SELECT enterprise.id,
               CASE WHEN stay_then.present IS NOT FALSE THEN enterprise.district_id ELSE stay_then.district_id END
               AS district_id{bits}
          FROM registry_enterprise enterprise LEFT JOIN stay_then ON stay_then.enterprise_id = enterprise.id
         {condition}
    )
"""
STAYS_THEN = "SELECT * FROM stay WHERE {during}"
# Who has left and come back was there on the days of both stays.
STAYS_UNITED = """
    SELECT enterprise_id, district_id, false AS present{united}
      FROM (SELECT stay.enterprise_id,
                   CASE WHEN stay.present THEN mover.district_id ELSE stay.district_id END AS district_id{bits}
              FROM stay JOIN registry_enterprise mover ON mover.id = stay.enterprise_id
             WHERE {during} AND {moved}) told
     GROUP BY 1, 2
"""


def placed(days: Days, *, chosen: str = "") -> str:
    """`placed`: enterprises with the area that they are in: all of them, or those whose ids `chosen` selects."""
    condition = CHOSEN.format(enterprise="enterprise.id", chosen=chosen) if chosen else ""
    return _placed("placed", days, f"WHERE {condition}" if condition else "")


def existing(days: Days, *, chosen: str = "") -> str:
    """`existing`: the same, of the enterprises that are not closed on all of the days.

    `chosen` is SQL for their ids, where few are wanted.
    """
    condition = "WHERE (enterprise.closed_on IS NULL OR enterprise.closed_on > %(first)s)"
    if chosen:
        condition += f" AND {CHOSEN.format(enterprise='enterprise.id', chosen=chosen)}"
    return _placed("existing", days, condition, until="enterprise.closed_on")


def _placed(name: str, days: Days, condition: str, *, until: str = "NULL::date") -> str:
    during = DURING.format(table="stay")
    stays_then = STAYS_THEN.format(during=during)
    bits = days.covered("NULL::date", until)
    if days.columns:
        stays_then = STAYS_UNITED.format(
            during=during,
            moved=CHOSEN.format(
                enterprise="mover.id", chosen="SELECT enterprise_id FROM registry_relocation"
            ),
            bits=also(named(days.covered("stay.since", "stay.until"), days.columns)),
            united=also(named([f"bit_or({one})" for one in days.columns], days.columns)),
        )
        bits = both(bits, days.of("stay_then"))
    return PLACED.format(
        stays=validity.STAYS,
        stays_then=stays_then,
        name=name,
        bits=also(named(bits, days.columns)),
        condition=condition,
    )


def member(days: Days, *, chosen: str = "") -> str:
    """`member`: the main clusters of enterprises on the days, of all or as in `placed`."""
    conditions = ["membership.main", DURING.format(table="membership")]
    if chosen:
        conditions.append(CHOSEN.format(enterprise="membership.enterprise_id", chosen=chosen))
    bits = named(days.covered("membership.since", "membership.until"), days.columns)
    return f"""
    member AS (
        SELECT membership.enterprise_id, membership.cluster_id, membership.kind{also(bits)}
          FROM registry_membership membership
         WHERE {" AND ".join(conditions)}
    )"""


# An array, as a plan that joins by hashing would read all enterprises for the few that are wanted.
CHOSEN = "{enterprise} = ANY(ARRAY({chosen}))"
# Who has moved between two days, or has entered or left a cluster: in another place than before without any other cause.
MOVED = """
    SELECT enterprise_id FROM registry_relocation WHERE day > %(first)s AND day <= %(last)s
     UNION ALL
    SELECT enterprise_id FROM registry_membership
     WHERE main AND (since > %(first)s AND since <= %(last)s OR until > %(first)s AND until <= %(last)s)
"""
