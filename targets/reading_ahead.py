"""What a process that serves the site does when it begins: it reads the facts that its pages count."""

import datetime as dt
import logging

from django.db import DatabaseError, connections

from targets import rules
from targets.measure.days import Days
from targets.measure.facts import gather
from targets.measure.planning import whole_sets
from targets.standings import default_day, in_use, known_targets, plan_on

logger = logging.getLogger(__name__)


def read_facts(today: dt.date) -> None:
    """Have the columns that the present plan counts in this process, so that no visitor waits for them.

    Where the database does not answer they are read when somebody asks.
    """
    try:
        plan = plan_on(today)
        if plan is not None:
            day = default_day(plan, today)
            with whole_sets():
                gather([rules.spec_of(one.rule) for one in in_use(known_targets(plan), day)], Days([day]))
    except DatabaseError:
        logger.warning("The facts were not read ahead.", exc_info=True)
    finally:
        connections.close_all()
