from django.db import models


class Fact(models.Model):
    """A row whose every version is kept; `version` counts the changes (the ETag of the API)."""

    version = models.PositiveIntegerField("版本", default=1, editable=False)

    class Meta:
        abstract = True


class Listed(Fact):
    """A fact that may have come from a list: it leads to the row that made or last changed it."""

    roster_row = models.ForeignKey(
        "registry.RosterRow",
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name="来源名单行",
    )

    class Meta:
        abstract = True
