"""Lists of enterprises that are kept by what their members must meet (企业名录)."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from registry import history
from registry.models.reference import Reference


@history.track()
class NamedList(Reference):
    """A saved filter with a purpose and an owner: who meets it on a day is on the list on that day.

    `query` holds what is asked, by the names of EnterpriseFilter: {name: [value, …]}; see `registry.named_lists`.
    """

    purpose = models.CharField(
        "用途", max_length=300, help_text="谁用、用来做什么，如：提供给合作银行核验创新贷准入。"
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="负责人"
    )
    query = models.JSONField("入册条件", default=dict)

    class Meta(Reference.Meta):
        verbose_name = verbose_name_plural = "企业名录"
        constraints = [
            models.CheckConstraint(
                condition=~Q(query={}),
                name="named_list_asks_something",
                violation_error_message="至少设定一项入册条件。",
            )
        ]
