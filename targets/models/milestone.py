"""Yes-or-no commitments of a plan, and the phrases in which its document states what it promises."""

from django.db import models
from django.db.models import Q

from registry import history, state
from registry.models.base import Fact
from targets.choices import MilestoneState
from targets.models.plan import InPlan, Plan, Section, Target


@history.track()
class Milestone(Fact):
    """A yes-or-no commitment of the plan (里程碑)."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="milestones", verbose_name="规划")
    section = models.ForeignKey(Section, models.PROTECT, related_name="milestones", verbose_name="章节")
    code = models.CharField("代码", max_length=60)
    name = models.CharField("名称", max_length=100)
    position = models.PositiveIntegerField("排序", default=0)
    hedge = models.BooleanField("力争", default=False)
    state = models.CharField(
        "状态", max_length=20, choices=MilestoneState, default=MilestoneState.NOT_STARTED
    )
    reached_on = models.DateField("达成日期", null=True, blank=True)
    evidence = models.CharField("依据", max_length=500, blank=True)
    office = models.CharField("责任处室", max_length=60, blank=True)

    objects = InPlan()

    class Meta:
        verbose_name = verbose_name_plural = "里程碑"
        ordering = ["plan", "position", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "code"],
                name="milestone_code_once",
                violation_error_message="该规划已有这一里程碑代码。",
            ),
            models.CheckConstraint(
                condition=Q(state=MilestoneState.REACHED, reached_on__isnull=False) & ~Q(evidence="")
                | (~Q(state=MilestoneState.REACHED) & Q(reached_on__isnull=True)),
                name="milestone_reached_has_evidence",
                violation_error_message="已达成的须填写达成日期和依据；未达成的不填达成日期。",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def natural_key(self) -> tuple[str, str]:
        return (self.plan.code, self.code)

    natural_key.dependencies = ["targets.plan", "targets.section"]  # type: ignore[attr-defined]

    @property
    def quote(self) -> str:
        """The phrase of the document that states the commitment."""
        return next((citation.quote for citation in self.citations.all()), "")


class CitationManager(models.Manager["Citation"]):
    def get_by_natural_key(self, plan: str, section: str, quote: str, subject: str) -> "Citation":
        return self.get(
            Q(target__code=subject) | Q(milestone__code=subject),
            section__plan__code=plan,
            section__code=section,
            quote=quote,
        )


@state.part(state.PLAN)
@history.track()
class Citation(Fact):
    """Where the document states a target or a milestone: the verbatim phrase, under its heading."""

    target = models.ForeignKey(
        Target, models.CASCADE, null=True, blank=True, related_name="citations", verbose_name="目标"
    )
    milestone = models.ForeignKey(
        Milestone, models.CASCADE, null=True, blank=True, related_name="citations", verbose_name="里程碑"
    )
    section = models.ForeignKey(Section, models.PROTECT, related_name="citations", verbose_name="所在章节")
    quote = models.CharField("引文", max_length=300, help_text="逐字摘录，含数字。")
    position = models.PositiveIntegerField("排序", default=0)

    objects = CitationManager()

    class Meta:
        verbose_name = verbose_name_plural = "引文"
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(target__isnull=False, milestone__isnull=True)
                | Q(target__isnull=True, milestone__isnull=False),
                name="citation_of_one_thing",
                violation_error_message="引文属于一个目标或一个里程碑。",
            )
        ]

    def __str__(self) -> str:
        return self.quote

    def natural_key(self) -> tuple[str, str, str, str]:
        subject = self.target or self.milestone
        assert subject is not None
        return (self.section.plan.code, self.section.code, self.quote, subject.code)

    natural_key.dependencies = ["targets.target", "targets.milestone"]  # type: ignore[attr-defined]
