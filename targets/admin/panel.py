"""Which targets an enterprise counts towards, on its page in the register."""

import datetime as dt

from django.urls import reverse

from registry.admin.panels import Line, Panel, register
from registry.models import Enterprise, User
from targets import rules
from targets.measure.overlaps import counted_in, counts_enterprises
from targets.models import Plan
from targets.standings import in_use, known_targets, plan_on


@register
def targets_of_enterprise(enterprise: Enterprise, day: dt.date, reader: User) -> Panel:
    """The targets of the day's plan that count enterprises, as far as this one is among those counted."""
    title = f"{day} 计入的目标"
    plan = plan_on(day, tuple(Plan.objects.select_related("document").defer("document__text")))
    if plan is None:
        return Panel(title, empty="这一天没有规划。")
    targets = [
        target
        for target in in_use(known_targets(plan), day)
        if not rules.problems(target.rule) and counts_enterprises(rules.spec_of(target.rule))
    ]
    counted = counted_in([rules.spec_of(target.rule) for target in targets], day, enterprise.pk)
    lines = [
        Line(
            target.name,
            f"{reverse('reports:target', args=[target.code])}?as_of={day}",
            target.section.name if target.section_id else "",
        )
        for place, target in enumerate(targets)
        if place in counted
    ]
    return Panel(title, lines, "不计入任何按企业数计的目标。")
