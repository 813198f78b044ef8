"""The steps of a bridge for bands of a yearly figure: who entered and left the band between two days, and from where."""

from typing import Any

from registry.choices import Figure
from targets.choices import Cause
from targets.measure.days import Days
from targets.measure.figures import INSIDE, limits
from targets.measure.places import existing, member
from targets.rules import Spec

# Holders are enterprises that stand for themselves; of each the figure of the year that is asked on either day.
STEPS = """
    {existing}, {member},
    figure AS (
        SELECT enterprise.id AS enterprise_id, enterprise.closed_on, before.{figure} AS before, after.{figure} AS after
          FROM registry_enterprise enterprise
          LEFT JOIN registry_annualfigures before ON before.enterprise_id = enterprise.id
                AND before.year = %(first_year)s
          LEFT JOIN registry_annualfigures after ON after.enterprise_id = enterprise.id AND after.year = %(last_year)s
         WHERE enterprise.parent_id IS NULL AND (enterprise.closed_on IS NULL OR enterprise.closed_on > %(first)s)
    ),
    holder AS (
        SELECT figure.*, coalesce({was}, false) AS was,
               coalesce({remains} AND (closed_on IS NULL OR closed_on > %(last)s), false) AS remains
          FROM figure
    ),
    changed AS (
        SELECT holder.*,
               CASE WHEN remains AND before IS NULL THEN '{first_figure}'
                    WHEN remains AND before < %(lower)s::numeric THEN '{rose_in}'
                    WHEN remains THEN '{fell_in}'
                    WHEN closed_on <= %(last)s THEN '{closed}'
                    WHEN after IS NULL THEN '{no_figure}'
                    WHEN after < %(lower)s::numeric THEN '{fell_out}'
                    ELSE '{rose_out}' END AS cause
          FROM holder WHERE was <> remains
    ),
    stayed AS (
        SELECT holder.enterprise_id, former.district_id AS from_district_id, present.district_id AS to_district_id,
               holder.after
          FROM holder
          JOIN existing former ON former.id = holder.enterprise_id AND former.bits0 & 1 <> 0
          JOIN existing present ON present.id = holder.enterprise_id AND present.bits0 & 2 <> 0
         WHERE holder.was AND holder.remains AND former.bits0 <> 3
           AND former.district_id IS DISTINCT FROM present.district_id
    ),
    step AS (
        SELECT enterprise_id, NULL AS thing, existing.district_id, NULL::bigint AS designation_id, cause,
               CASE WHEN was THEN -1 ELSE 1 END AS amount, CASE WHEN was THEN before ELSE after END AS value
          FROM changed JOIN existing ON existing.id = changed.enterprise_id
           AND existing.bits0 & CASE WHEN was THEN 1 ELSE 2 END <> 0
         UNION ALL
        SELECT enterprise_id, NULL, from_district_id, NULL, '{moved_out}', -1, after FROM stayed
         UNION ALL
        SELECT enterprise_id, NULL, to_district_id, NULL, '{moved_in}', 1, after FROM stayed
    ),
    cluster_step AS (
        SELECT cluster_id, cause, CASE WHEN was THEN -1 ELSE 1 END AS amount
          FROM changed JOIN member USING (enterprise_id)
         WHERE member.bits0 & CASE WHEN was THEN 1 ELSE 2 END <> 0
         UNION ALL
        SELECT cluster_id, CASE member.bits0 WHEN 1 THEN '{moved_out}' ELSE '{moved_in}' END,
               CASE member.bits0 WHEN 1 THEN -1 ELSE 1 END
          FROM holder JOIN member USING (enterprise_id)
         WHERE holder.was AND holder.remains AND member.bits0 IN (1, 2)
    )
"""


def steps(
    spec: Spec, days: Days, first_year: int | None, last_year: int | None
) -> tuple[str, dict[str, Any]]:
    """The tables `step` and `cluster_step` of a band between two days, with their parameters.

    The years are those whose figures are asked on the days; None where there are no figures yet.
    """
    lower, upper = limits(spec)
    thresholds = {"lower": "%(lower)s", "upper": "%(upper)s"}
    sql = STEPS.format(
        existing=existing(days),
        member=member(days),
        figure=Figure(spec.figure).value,
        was=INSIDE.format(value="before", **thresholds),
        remains=INSIDE.format(value="after", **thresholds),
        **{cause.name.lower(): cause.value for cause in Cause},
    )
    years = {"first_year": first_year, "last_year": last_year, "lower": lower, "upper": upper}
    return sql, {**days.parameters, **years}
