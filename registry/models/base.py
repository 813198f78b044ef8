from django.db import models


class Fact(models.Model):
    """A row whose every version is kept; `version` counts the changes (the ETag of the API)."""

    version = models.PositiveIntegerField("版本", default=1, editable=False)

    class Meta:
        abstract = True
