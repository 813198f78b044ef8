"""The plan divided among the areas, made up as all of the demo: by what they produced when it began."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from registry.demo import MARK
from targets.choices import DivideBy, Divided
from targets.models import Plan, Quota
from targets.services.division import assign, propose
from targets.standings import targets_of

BASIS = f"{MARK}：按规划基期工业总产值分解"


def divide_all() -> int:
    """Give the areas quotas of every target that can be divided and that nobody has divided; how many quotas."""
    before = Quota.objects.count()
    for plan in Plan.objects.filter(is_draft=False):
        for target in targets_of(plan).filter(quotas=None, rule__isnull=False):
            try:
                values = propose(
                    target,
                    target.due_on,
                    by=DivideBy.OUTPUT,
                    of=Divided.WHOLE,
                    counted_on=plan.baseline_date,
                )
            except ValidationError:  # of areas whose numbers do not add up there is nothing to divide
                continue
            assign(
                target=target,
                day=target.due_on,
                values=dict(values),
                by=None,
                reason=_("Demo data"),
                basis=BASIS,
            )
    return Quota.objects.count() - before


def remove() -> None:
    Quota.objects.filter(basis__startswith=MARK).delete()
