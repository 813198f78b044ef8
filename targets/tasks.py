"""What the worker does for the pages: warms the answers up, so that after a change nobody has to wait for all targets."""

import datetime as dt

from django.utils import timezone
from procrastinate.contrib.django import app

from targets.choices import Interval
from targets.reports.course import years_of
from targets.series import before
from targets.standings import default_day, known_targets, plan_on, standings_on

QUEUE = "warming"


@app.periodic(cron="* * * * *")
@app.task(name="targets.warm_answers", queue=QUEUE, lock="warm_answers", queueing_lock="warm_answers")
def warm_answers(timestamp: int) -> None:
    """Each minute; where nothing has changed it takes a few milliseconds, as what is remembered is not counted again."""
    warm(timezone.localdate())


def warm(today: dt.date) -> None:
    """Count what pages and API are asked for without a day: the present plan on its day, the month before, its years.

    With clusters, for which the API asks: what has them serves the pages, too.
    """
    plan = plan_on(today)
    if plan is not None:
        day = default_day(plan, today)
        targets = known_targets(plan)
        standings_on(targets, [before(day, Interval.MONTH), day])
        standings_on(targets, years_of(plan, day))
