"""Tokens by which other systems ask the API."""

import datetime as dt
import hashlib
import hmac
from typing import Any, Self

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext as _

from registry.access import sees_facts
from registry.choices import Role, Scope, TokenState
from registry.models.named_list import NamedList
from registry.models.reference import District

LONGEST = dt.timedelta(days=366)
HOLD, GRANT = "registry.hold_apitoken", "registry.add_apitoken"
# What the person who answers for a token must be allowed, so that it may be used for this.
NEEDS = {
    Scope.READ_ENTERPRISES: "registry.view_enterprise",
    Scope.READ_RECORDS: "registry.view_designation",
    Scope.READ_CONTACTS: "registry.change_enterprise",
    Scope.WRITE_ENTERPRISES: "registry.change_enterprise",
    Scope.WRITE_TITLES: "registry.change_designation",
    Scope.WRITE_FIGURES: "registry.change_annualfigures",
    Scope.WRITE_STATISTICS: "registry.change_statistic",
    Scope.FOLLOW_CHANGES: "registry.view_enterprise",
    Scope.READ_LISTS: "registry.view_namedlist",
}

# What was granted never changes, a secret is drawn once, and what was revoked stays so: who wants more grants anew.
AS_GRANTED = pgtrigger.Trigger(
    name="as_granted",
    when=pgtrigger.Before,
    operation=pgtrigger.Update,
    condition=pgtrigger.Condition(
        "ROW(OLD.name, OLD.purpose, OLD.owner_id, OLD.scopes, OLD.lists, OLD.district_id, OLD.valid_from, "
        "OLD.expires_on, OLD.granted_by_id, OLD.granted_at, OLD.predecessor_id) IS DISTINCT FROM "
        "ROW(NEW.name, NEW.purpose, NEW.owner_id, NEW.scopes, NEW.lists, NEW.district_id, NEW.valid_from, "
        "NEW.expires_on, NEW.granted_by_id, NEW.granted_at, NEW.predecessor_id) "
        "OR (OLD.drawn_at IS NOT NULL AND (OLD.prefix, OLD.digest, OLD.drawn_at) IS DISTINCT FROM "
        "(NEW.prefix, NEW.digest, NEW.drawn_at)) "
        "OR (OLD.revoked_at IS NOT NULL AND (OLD.revoked_at, OLD.revoked_by_id, OLD.revoke_reason) IS DISTINCT FROM "
        "(NEW.revoked_at, NEW.revoked_by_id, NEW.revoke_reason))"
    ),
    func="RAISE EXCEPTION 'a token stays as it was granted' USING ERRCODE = 'raise_exception';",
)
KEPT = pgtrigger.Trigger(
    name="kept",
    when=pgtrigger.Before,
    operation=pgtrigger.Delete,
    func="RAISE EXCEPTION 'a token is revoked, never deleted' USING ERRCODE = 'raise_exception';",
)


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def visible_to(self, user: Any) -> Self:
        """One's own; all of them for those who look after the site, and for the auditor."""
        looks_after = user.is_superuser or user.role in (*Role.administrators(), Role.AUDITOR)
        return self if looks_after else self.filter(owner=user.pk)

    def open_at(self, now: dt.datetime, today: dt.date) -> Self:
        """Those that open something, or will: see `TokenState.still_open`."""
        goes_on = Q(superseded_at=None) | Q(superseded_at__gt=now)
        return self.filter(goes_on, revoked_at=None, expires_on__gte=today)


def person(verbose_name: str, **kwargs: Any) -> Any:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=verbose_name,
        **kwargs,
    )


def digest_of(secret: str) -> str:
    """Of 256 random bits nothing can be guessed: one round is enough, and costs a request nothing."""
    return hashlib.sha256(secret.encode()).hexdigest()


@pgtrigger.register(AS_GRANTED, KEPT)
class ApiToken(models.Model):
    """The access of one system to the API (接口令牌): what it may be used for, where, until when, and who answers for it.

    It acts as the person who answers for it, within its scopes and its area; so it never reaches further than that
    person does, and stops with the account.
    """

    name = models.CharField("系统名称", max_length=100)
    purpose = models.CharField("用途", max_length=300)
    owner = person("责任人", help_text="由其领取密钥并对使用负责；令牌的权限不超出其本人的权限。")
    scopes = ArrayField(models.CharField(max_length=30, choices=Scope), verbose_name="权限范围")
    lists = ArrayField(
        models.BigIntegerField(),
        default=list,
        blank=True,
        verbose_name="可读名录",
        help_text="“读取指定名录”所及的企业名录；其他名录对该令牌不存在。",
    )
    district = models.ForeignKey(
        District,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="板块",
        help_text="留空表示全市。",
    )
    valid_from = models.DateField("生效日期")
    expires_on = models.DateField("到期日期", help_text="当日仍有效；自生效日期起最长一年。")
    granted_by = person("授权人", editable=False)
    granted_at = models.DateTimeField("授权时间", editable=False)
    prefix = models.CharField("令牌编号", max_length=12, null=True, editable=False)  # noqa: DJ001
    digest = models.CharField("密钥摘要", max_length=64, blank=True, editable=False)
    drawn_at = models.DateTimeField("领取时间", null=True, editable=False)
    predecessor = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        editable=False,
        related_name="successor",
        verbose_name="接替的令牌",
    )
    superseded_at = models.DateTimeField("轮换后停用时间", null=True, editable=False)
    revoked_at = models.DateTimeField("吊销时间", null=True, editable=False)
    revoked_by = person("吊销人", null=True, editable=False)
    revoke_reason = models.CharField("吊销原因", max_length=300, blank=True, editable=False)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "接口令牌"
        default_permissions = ("view", "add")
        permissions = [("hold_apitoken", "领用接口令牌")]
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["prefix"], name="token_prefix_once", violation_error_message="令牌编号已被使用。"
            ),
            models.CheckConstraint(
                condition=Q(scopes__len__gte=1),
                name="token_has_a_scope",
                violation_error_message="至少选择一项权限范围。",
            ),
            models.CheckConstraint(
                condition=Q(scopes__contains=[Scope.READ_LISTS]) & ~Q(lists=[])
                | ~Q(scopes__contains=[Scope.READ_LISTS]) & Q(lists=[]),
                name="token_names_its_lists",
                violation_error_message="“读取指定名录”须与可读名录同时选择。",
            ),
            models.CheckConstraint(
                condition=Q(expires_on__gte=F("valid_from")),
                name="token_expires_after_it_begins",
                violation_error_message="到期日期不得早于生效日期。",
            ),
            models.CheckConstraint(
                condition=Q(expires_on__lte=F("valid_from") + LONGEST),
                name="token_lasts_a_year_at_most",
                violation_error_message="自生效日期起最长一年。",
            ),
            models.CheckConstraint(
                condition=Q(drawn_at=None, prefix=None, digest="")
                | (Q(drawn_at__isnull=False, prefix__isnull=False) & ~Q(digest="")),
                name="token_is_drawn_with_a_secret",
                violation_error_message="领取令牌须同时产生密钥。",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at=None, revoked_by=None, revoke_reason="")
                | (Q(revoked_at__isnull=False, revoked_by__isnull=False) & ~Q(revoke_reason="")),
                name="token_is_revoked_for_a_reason",
                violation_error_message="吊销须写明原因和吊销人。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}（{self.prefix}）" if self.prefix else self.name

    @property
    def scope_words(self) -> str:
        return "、".join(str(Scope(one).label) for one in self.scopes)

    @property
    def list_words(self) -> str:
        return "、".join(NamedList.objects.filter(pk__in=self.lists).values_list("name", flat=True))

    def clean(self) -> None:
        problems: dict[str, str] = {}
        if self.owner_id:
            problems |= self._beyond_owner()
        if Scope.READ_CONTACTS in (self.scopes or ()) and Scope.READ_ENTERPRISES not in self.scopes:
            problems["scopes"] = _("Contacts stand with enterprises: add the scope that reads these.")
        if problems:
            raise ValidationError(problems)

    def _beyond_owner(self) -> dict[str, str]:
        """A token reaches no further than the person who answers for it."""
        owner = self.owner
        if not owner.is_active or not sees_facts(owner) or not owner.has_perm(HOLD):
            return {"owner": _("This person cannot answer for a token: choose a clerk or a reviewer.")}
        if owner.district_id is not None and owner.district_id != self.district_id:
            return {
                "district": _("This person works for %(area)s: so does the token.") % {"area": owner.district}
            }
        beyond = [
            Scope(one) for one in self.scopes or () if one in NEEDS and not owner.has_perm(NEEDS[Scope(one)])
        ]
        if beyond:
            named = "、".join(str(one.label) for one in beyond)
            return {"scopes": _("This person may not do so either: %(scopes)s.") % {"scopes": named}}
        return {}

    def answers_to(self, secret: str) -> bool:
        return bool(self.digest) and hmac.compare_digest(self.digest, digest_of(secret))

    def may(self, scope: Scope) -> bool:
        return scope in self.scopes

    def sees_contacts(self) -> bool:
        """Whole, not masked: within its scopes, and where its person may see them whole at the desk."""
        return self.may(Scope.READ_CONTACTS) and self.owner.has_perm(NEEDS[Scope.READ_CONTACTS])

    def state_at(self, now: dt.datetime, today: dt.date) -> TokenState:
        """The day of expiry still counts; a token in its overlap opens until the moment of its end."""
        if self.revoked_at is not None:
            return TokenState.REVOKED
        if self.superseded_at is not None and self.superseded_at <= now:
            return TokenState.SUPERSEDED
        if self.expires_on < today:
            return TokenState.EXPIRED
        if today < self.valid_from:
            return TokenState.NOT_BEGUN
        if self.drawn_at is None:
            return TokenState.WAITING
        return TokenState.VALID if self.superseded_at is None else TokenState.ENDING

    def refusal(self, now: dt.datetime, today: dt.date) -> str:
        """Why it opens nothing at a moment; empty if it does."""
        match self.state_at(now, today):
            case TokenState.REVOKED:
                return _("This token was revoked.")
            case TokenState.SUPERSEDED:
                return _("This token was replaced by a newer one.")
            case TokenState.EXPIRED:
                return _("This token expired after %(day)s.") % {"day": self.expires_on}
            case TokenState.NOT_BEGUN:
                return _("This token is valid from %(day)s.") % {"day": self.valid_from}
        return self._has_nobody()

    def _has_nobody(self) -> str:
        """What has become of the person since: the token ends with the account, and does not follow to another area."""
        owner = self.owner
        moved = owner.district_id is not None and owner.district_id != self.district_id
        if not owner.is_active or not sees_facts(owner) or moved:
            return _("Nobody answers for this token any more.")
        return ""

    def principal(self) -> Any:
        """The person as whom it acts, in its own area; never to be saved."""
        acting = self.owner
        acting.district_id = self.district_id
        return acting


class TokenUse(models.Model):
    """When and from where a token was last used (令牌使用), and what it took of its rate this minute.

    A row of its own, written about once a minute: tokens themselves stay as they were granted.
    """

    token = models.OneToOneField(
        ApiToken, models.CASCADE, primary_key=True, related_name="use", verbose_name="接口令牌"
    )
    used_at = models.DateTimeField("最近使用时间")
    used_from = models.GenericIPAddressField("最近使用地址", null=True)
    minute = models.BigIntegerField("计数的分钟")
    taken = models.PositiveIntegerField("该分钟已取用次数")

    class Meta:
        verbose_name = verbose_name_plural = "令牌使用"
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.token)
