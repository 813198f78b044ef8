"""People who sign in."""

from django.contrib.auth.models import AbstractUser
from django.db import models

from registry.choices import Role
from registry.models.reference import District


class User(AbstractUser):
    """A person's own account (用户), for the whole city or one area of it."""

    full_name = models.CharField("姓名", max_length=50, blank=True)
    district = models.ForeignKey(
        District,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="users",
        verbose_name="板块",
        help_text="留空表示全市。",
    )
    role = models.CharField("角色", max_length=30, choices=Role, default=Role.CITY_OFFICIAL)
    must_change_password = models.BooleanField(
        "须修改密码", default=False, help_text="下次登录时须先修改密码。"
    )

    # What it holds (`registry.held`), where that was read along with it.
    holds: list[str] | None = None

    class Meta:
        verbose_name = verbose_name_plural = "用户"
        permissions = [("assign_role", "授予角色")]
        ordering = ["username"]

    def __str__(self) -> str:
        return self.full_name or self.username
