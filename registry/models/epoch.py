"""From where on the changes of the registry can be followed."""

from django.db import models


class FeedEpoch(models.Model):
    """A stretch of the history in one database cluster (变动流时期).

    Positions are told by transactions, which a cluster counts by itself: of a registry that was restored elsewhere they
    would say something else. So there a new stretch begins, behind all events that came with it.
    """

    origin = models.CharField("数据库集群标识", max_length=40)
    # by table of events the last one that came from before
    floors = models.JSONField("起点", default=dict)
    started_at = models.DateTimeField("开始时间", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "变动流时期"
        default_permissions = ()
        ordering = ["-id"]

    def __str__(self) -> str:
        return str(self.pk)
