"""Tokens of the tests, granted and drawn, and programs that ask by them."""

import datetime as dt
from typing import Any

from django.utils import timezone
from rest_framework.test import APIClient

from registry.choices import Scope
from registry.models import ApiToken, District, NamedList, User
from registry.services import tokens
from tests import factories as make
from tests import people
from tests.registry.api.conftest import Get, asking

READING = [Scope.READ_TOTALS, Scope.READ_ENTERPRISES, Scope.READ_RECORDS]
YEAR = dt.timedelta(days=365)


def grantor() -> User:
    return User.objects.filter(username="ning").first() or people.second_security_administrator()


def granted(owner: User, *scopes: Scope, district: District | None = None, **fields: Any) -> ApiToken:
    """For the area of the person; without scopes for reading all but contacts."""
    today = timezone.localdate()
    if Scope.READ_LISTS in scopes and "lists" not in fields:
        lists = list(NamedList.objects.values_list("pk", flat=True))
        fields["lists"] = lists or [make.named_list(owner, level=["national"]).pk]
    token = ApiToken(
        owner=owner,
        scopes=list(scopes or READING),
        district=district or owner.district,
        **{
            "name": "产业大脑",
            "purpose": "汇总展示",
            "valid_from": today,
            "expires_on": today + YEAR,
            **fields,
        },
    )
    return tokens.grant(token=token, by=grantor(), at=timezone.now())


def drawn(owner: User, *scopes: Scope, **fields: Any) -> tuple[ApiToken, str]:
    token = granted(owner, *scopes, **fields)
    text = tokens.draw(token=token, by=owner, at=timezone.now())
    token.refresh_from_db()
    return token, text


def program(text: str) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {text}")
    return client


def by_token(text: str) -> Get:
    return asking(program(text))
