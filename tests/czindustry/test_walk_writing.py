"""Every address that writes, sent by people of Wujin with records of Liyang: nothing there changes, nothing is told."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.urls import reverse

from registry.models import Designation, Enterprise, FormerName, Membership, Review, User
from tests import people
from tests.czindustry.addresses import every_address
from tests.czindustry.test_walk import SECRETS, World, browser, world

__all__ = ["world"]

pytestmark = pytest.mark.django_db

SENT: dict[str, Any] = {
    "post": "yes",
    "name": "改名",
    "ended_on": "2024-01-01",
    "end_reason": "removed",
    "day": "2024-01-01",
    "reason": "试试",
    "change_reason": "试试",
    "_confirm": "1",
    "confirm": "1",
}


def of_liyang(there: Enterprise) -> dict[str, Any]:
    """All that hangs on the enterprise of Liyang, as the tables hold it."""
    owned = {
        "enterprise": Enterprise.objects.filter(pk=there.pk),
        "titles": Designation.objects.filter(enterprise=there),
        "reviews": Review.objects.filter(designation__enterprise=there),
        "names": FormerName.objects.filter(enterprise=there),
        "members": Membership.objects.filter(enterprise=there),
    }
    return {name: list(rows.order_by("pk").values()) for name, rows in owned.items()}


@pytest.mark.parametrize("person", [people.clerk_of_wujin, people.official_of_wujin])
def test_nothing_sent_by_an_area_changes_another(world: World, person: Callable[[], User]) -> None:
    client, before = browser(person()), of_liyang(world.there)
    leaks = []
    for address in every_address():
        if address.name in ("signout", "admin:logout", "password") or "password" in address.name:
            continue
        answer = client.post(world.path(address), {**SENT, "other": world.there.pk, "kept": world.there.pk})
        assert answer.status_code < 500, f"{address.name} answers {answer.status_code}"
        said = b"".join(answer.streaming_content) if answer.streaming else answer.content
        # a problem repeats the address that was asked, which tells nothing
        told = said.decode(errors="replace").replace(world.path(address), "")
        leaks += [f"{address.name} tells {one}" for one in SECRETS if one in told]
    assert not leaks, "\n".join(leaks)
    assert of_liyang(world.there) == before


@pytest.mark.parametrize("across", ["0", "1"])
def test_no_action_on_many_reaches_another_area(world: World, across: str) -> None:
    gu = people.clerk_of_wujin()
    client, before = browser(gu), of_liyang(world.there)
    for model, page in admin.site._registry.items():
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        answer = client.get(address)
        if answer.status_code != 200:
            continue
        row = world.newest(model)
        for action in page.get_actions(answer.wsgi_request):
            sent = {**SENT, "action": action, "select_across": across, "index": "0"}
            answer = client.post(address, {**sent, "_selected_action": [row.pk if row else 1]})
            assert answer.status_code < 500, f"{address} {action}"
            assert not [one for one in SECRETS if one in answer.content.decode(errors="replace")]
    assert of_liyang(world.there) == before


GUESSES = [
    # what follows a relation tells by the number of rows whether it is true
    ("enterprise", "parent__name__startswith", "溧阳"),
    ("enterprise", "parent__uscc__startswith", "91320481"),
    ("enterprise", "parent__district__code", "320481"),
    ("enterprise", "subsidiaries__name__startswith", "武进"),
    ("designation", "enterprise__parent__name__startswith", "溧阳"),
    ("designation", "roster_row__roster__file_name__startswith", "溧阳"),
]


@pytest.mark.parametrize(("name", "lookup", "right"), GUESSES)
def test_a_filter_through_a_relation_answers_no_guess(
    world: World, name: str, lookup: str, right: str
) -> None:
    """A right guess and a wrong one are answered alike."""
    client = browser(people.clerk_of_wujin())
    address = reverse(f"admin:registry_{name}_changelist")
    told = []
    for guess in (right, "不存在"):
        answer = client.get(address, {lookup: guess})
        told.append((answer.status_code, "武进重工" in answer.content.decode()))
    assert told[0] == told[1]
    assert told[0][0] in (302, 400)


def test_the_code_of_another_area_is_refused_without_a_word_of_whose_it_is(world: World) -> None:
    client = browser(people.clerk_of_wujin())
    page = reverse("admin:registry_enterprise_add")
    answer = client.post(page, {"name": "武进新厂", "uscc": world.there.uscc, "district": ""})
    assert "溧阳" not in answer.content.decode()
    assert not Enterprise.objects.filter(name="武进新厂").exists()
