"""What a token opens: never more than the person who answers for it sees, and of that what its scopes say."""

import datetime as dt
from typing import Any
from unittest import mock

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext, override_settings
from django.utils import timezone

from czindustry.api import router
from registry.api import throttles
from registry.api.permissions import CLOSED, scope_of
from registry.choices import Role, Scope
from registry.models import ApiToken, TokenUse, User
from registry.services import tokens
from tests import people
from tests.factories import designation, district, enterprise, figures, scheme, target_with_rule
from tests.registry.api.conftest import Get, reader
from tests.tokens import READING, by_token, drawn, granted, grantor, program

pytestmark = pytest.mark.django_db

D = dt.date
NAMES = ("武进一厂", "溧阳厂")


@pytest.fixture
def facts() -> None:
    """A title and a year's figures in Wujin and in Liyang, and the target that counts the titles."""
    for name, area in zip(NAMES, ("320412", "320481"), strict=True):
        holder = enterprise(name, district=district(area), contact_name="张三丰", contact_phone="13812340000")
        designation(holder, D(2022, 1, 1))
        figures(holder, 2022, revenue=10)
    target_with_rule("green.all", schemes=(scheme(),))


# Each token before each page: what the status is

PAGES = {
    #                                        city wujin totals read contacts
    "":                                      "200 200 200 200 200",
    "schema/":                               "200 200 200 200 200",
    "districts/":                            "200 200 200 200 200",
    "schemes/green_factory/":                "200 200 200 200 200",
    "statistics/":                           "200 200 200 403 403",
    "targets/":                              "200 200 200 403 403",
    "targets/green.all/":                    "200 200 200 403 403",
    "targets/green.all/progress/":           "200 200 200 403 403",
    "targets/green.all/series/":             "200 200 200 403 403",
    "targets/green.all/bridge/":             "200 200 200 403 403",
    "targets/green.all/differences/":        "200 200 200 403 403",
    "progress/":                             "200 200 200 403 403",
    "differences/":                          "200 200 200 403 403",
    "milestones/":                           "200 200 200 403 403",
    "publications/":                         "200 200 200 403 403",
    "overlaps/largest/":                     "200 200 200 403 403",
    # what names enterprises
    "enterprises/":                          "200 200 403 403 200",
    "designations/":                         "200 200 403 200 403",
    "annual-figures/":                       "200 200 403 200 403",
    "memberships/":                          "200 200 403 403 200",
    "rosters/":                              "200 200 403 200 403",
    "targets/green.all/contributors/":       "200 200 403 200 403",
    "targets/green.all/exclusions/":         "200 200 403 200 403",
    "targets/green.all/bridge/records/":     "200 200 403 200 403",
    "overlaps/enterprises/" + "?first=target:green.all&second=scheme:green_factory":
                                             "200 200 403 403 200",
    "nothing/":                              "404 404 404 404 404",
}  # fmt: skip


def token_texts() -> list[str]:
    wang, gu = people.clerk_of_the_city(), people.clerk_of_wujin()
    return [
        drawn(wang)[1],
        drawn(gu)[1],
        drawn(wang, Scope.READ_TOTALS)[1],
        drawn(wang, Scope.READ_RECORDS)[1],
        drawn(wang, Scope.READ_ENTERPRISES, Scope.READ_CONTACTS)[1],
    ]


@pytest.mark.usefixtures("facts")
def test_each_token_before_each_page() -> None:
    programs = [program(text) for text in token_texts()]
    found = {
        page: " ".join(str(one.get(f"/api/v1/{page}").status_code) for one in programs) for page in PAGES
    }
    assert found == PAGES


@pytest.mark.usefixtures("facts")
def test_totals_alone_name_no_enterprise() -> None:
    client = program(drawn(people.clerk_of_the_city(), Scope.READ_TOTALS)[1])
    for page in PAGES:
        told = client.get(f"/api/v1/{page}").content.decode()
        assert not [name for name in NAMES if name in told], page


@pytest.mark.usefixtures("facts")
def test_what_lacks_is_named() -> None:
    problem = by_token(drawn(people.clerk_of_the_city(), Scope.READ_TOTALS)[1])("enterprises/", status=403)
    assert problem["code"] == "insufficient_scope"
    assert "read_enterprises" in problem["detail"]


def test_every_view_says_which_scope_it_needs() -> None:
    """A view that does not say is closed to all tokens: give it `scope`, and `scopes` for what opens names."""
    for prefix, view, _name in router.registry:
        assert scope_of(view(action="list"), "GET") != CLOSED, prefix
        assert scope_of(view(action="create"), "POST") == CLOSED or "create" in view.scopes, prefix


# A token of an area


@pytest.mark.usefixtures("facts")
@pytest.mark.parametrize(
    "path",
    ["enterprises/", "designations/", "annual-figures/", "progress/", "targets/green.all/contributors/", "rosters/"],
)  # fmt: skip
def test_a_token_of_an_area_sees_what_its_clerk_sees(path: str) -> None:
    gu, wang = people.clerk_of_wujin(), people.clerk_of_the_city()
    clerk, own = reader(gu), by_token(drawn(gu)[1])
    narrowed = by_token(drawn(wang, district=district("320412"))[1])
    assert clerk(path) == own(path) == narrowed(path)


@pytest.mark.usefixtures("facts")
def test_a_token_of_an_area_does_not_ask_for_another() -> None:
    narrowed = by_token(drawn(people.clerk_of_the_city(), district=district("320412"))[1])
    narrowed("targets/green.all/contributors/", district="320481", status=403)
    assert [row["name"] for row in narrowed("enterprises/")] == ["武进一厂"]


@pytest.mark.usefixtures("facts")
def test_contacts_are_whole_within_their_scope_only() -> None:
    wang = people.clerk_of_the_city()
    for scopes, shown in (
        (READING, "138****0000"),
        ([*READING, Scope.READ_CONTACTS], "13812340000"),
    ):
        get = by_token(drawn(wang, *scopes)[1])
        assert {row["contact_phone"] for row in get("enterprises/")} == {shown}
    assert {row["contact_phone"] for row in reader(wang)("enterprises/")} == {"138****0000"}
    # who may see them whole no longer does not pass them on either
    wang.role = Role.CITY_OFFICIAL
    wang.save()
    people.take_up_role(account=wang)
    assert {row["contact_phone"] for row in get("enterprises/")} == {"138****0000"}


# Until when


def status_of(text: str, *, at: dt.datetime | None = None) -> int:
    with mock.patch("registry.api.tokens.timezone.now", return_value=at or timezone.now()):
        return program(text).get("/api/v1/districts/").status_code


def noon(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time(12)))


@pytest.mark.parametrize(
    ("day", "status"),
    [
        (D(2030, 2, 28), 401),  # the day before
        (D(2030, 3, 1), 200),  # the first day
        (D(2031, 2, 28), 200),  # the last day
        (D(2031, 3, 1), 401),  # the day after
    ],
)
def test_a_token_opens_from_the_first_to_the_last_day(day: dt.date, status: int) -> None:
    days = {"valid_from": D(2030, 3, 1), "expires_on": D(2031, 2, 28)}
    _token, text = drawn(people.clerk_of_the_city(), **days)
    assert status_of(text, at=noon(day)) == status


def test_midnight_is_that_of_the_city() -> None:
    today = timezone.localdate()
    _token, text = drawn(people.clerk_of_the_city(), expires_on=today)
    midnight = timezone.make_aware(dt.datetime.combine(today + dt.timedelta(days=1), dt.time()))
    assert status_of(text, at=midnight - dt.timedelta(seconds=1)) == 200
    assert status_of(text, at=midnight) == 401


def test_the_old_secret_opens_until_the_overlap_is_over() -> None:
    wang = people.clerk_of_the_city()
    token, old = drawn(wang)
    now = timezone.now()
    until = now + dt.timedelta(days=7)
    new, text = tokens.rotate(token=token, by=wang, at=now, until=until)
    second = dt.timedelta(seconds=1)
    assert [status_of(one, at=until - second) for one in (old, text)] == [200, 200]
    assert [status_of(one, at=until) for one in (old, text)] == [401, 200]
    assert (new.scopes, new.district, new.expires_on, new.predecessor) == (
        token.scopes, token.district, token.expires_on, token,
    )  # fmt: skip
    with pytest.raises(tokens.TokenRefused):
        tokens.rotate(token=token, by=wang, at=now, until=until)


def test_revoking_ends_it_at_once_with_those_it_replaced() -> None:
    wang = people.clerk_of_the_city()
    token, old = drawn(wang)
    now = timezone.now()
    new, text = tokens.rotate(token=token, by=wang, at=now, until=now + dt.timedelta(days=7))
    ended = tokens.revoke(token=new, by=wang, at=now, reason="密钥泄露")
    assert [one.pk for one in ended] == [new.pk, token.pk]
    assert [status_of(one) for one in (old, text)] == [401, 401]


def test_who_grants_renews_and_the_owner_draws() -> None:
    wang, an = people.clerk_of_the_city(), people.security_administrator()
    token, _old = drawn(wang)
    now, later = timezone.now(), timezone.localdate() + dt.timedelta(days=366)
    new, text = tokens.rotate(token=token, by=an, at=now, until=now, expires_on=later)
    assert (text, new.drawn_at, new.expires_on, new.granted_by) == ("", None, later, an)
    with pytest.raises(tokens.TokenRefused):
        tokens.draw(token=new, by=an, at=now)
    assert status_of(tokens.draw(token=new, by=wang, at=now)) == 200


@pytest.mark.parametrize(
    "changed",
    [
        {"is_active": False},
        {"role": Role.UNASSIGNED},
        {"role": Role.SYSTEM_ADMINISTRATOR},
        {"district": "320481"},  # moved to another area
    ],
)
def test_a_token_ends_with_the_person_who_answers_for_it(changed: dict[str, Any]) -> None:
    gu = people.clerk_of_wujin()
    _token, text = drawn(gu)
    assert status_of(text) == 200
    if "district" in changed:
        changed = {"district": district(changed["district"])}
    User.objects.filter(pk=gu.pk).update(**changed)
    assert status_of(text) == 401


def test_a_new_first_password_does_not_stop_a_program() -> None:
    wang = people.clerk_of_the_city()
    _token, text = drawn(wang)
    User.objects.filter(pk=wang.pk).update(must_change_password=True)
    assert status_of(text) == 200


# The secret


def test_a_secret_is_kept_as_a_digest_and_drawn_once() -> None:
    wang = people.clerk_of_the_city()
    token, text = drawn(wang)
    row = str(ApiToken.objects.values().get())
    secret = text.rpartition("_")[2]
    assert secret not in row
    assert len(secret) == 43
    with pytest.raises(tokens.TokenRefused):
        tokens.draw(token=token, by=wang, at=timezone.now())


@pytest.mark.parametrize(
    "spoiled",
    [
        lambda text: text[:-1] + ("a" if text[-1] != "a" else "b"),
        lambda text: text[:-1],
        lambda text: text.swapcase(),
        lambda text: "",
        lambda text: "czi",
        lambda text: f"czi_{'a' * 10}_{'b' * 43}",
        lambda text: text.replace("_", "\x00"),
        lambda text: f"czi_{'企' * 10}_{'b' * 43}",
        lambda text: text + text,
    ],
)
def test_what_only_looks_like_a_token_opens_nothing(spoiled: Any) -> None:
    _token, text = drawn(people.clerk_of_the_city())
    client = program(spoiled(text).encode().decode("latin-1"))
    answer = client.get("/api/v1/districts/")
    assert (answer.status_code, answer.json()["code"]) == (401, "authentication_failed")
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_a_token_that_nobody_has_drawn_opens_nothing() -> None:
    granted(people.clerk_of_the_city())
    assert status_of(f"czi_{'a' * 10}_{'b' * 43}") == 401


# What may be granted


@pytest.mark.parametrize(
    ("owner", "fields", "wrong"),
    [
        (people.clerk_of_the_city, {}, set()),
        (people.reviewer_of_the_city, {}, set()),
        (people.clerk_of_wujin, {}, set()),
        (people.clerk_of_wujin, {"district": "320481"}, {"district"}),
        (people.clerk_of_wujin, {"scopes": [Scope.WRITE_ENTERPRISES]}, set()),
        # what a clerk of an area may not do either
        (people.clerk_of_wujin, {"scopes": [Scope.WRITE_STATISTICS]}, {"scopes"}),
        (people.clerk_of_the_city, {"scopes": [Scope.READ_CONTACTS]}, {"scopes"}),
        (people.clerk_of_the_city, {"scopes": []}, {"scopes"}),
        (people.clerk_of_the_city, {"scopes": ["everything"]}, {"scopes"}),
        (people.clerk_of_the_city, {"valid_from": D(2026, 1, 1), "expires_on": D(2027, 1, 2)}, set()),
        (people.clerk_of_the_city, {"valid_from": D(2026, 1, 1), "expires_on": D(2027, 1, 3)}, {"__all__"}),
        (people.clerk_of_the_city, {"valid_from": D(2026, 1, 2), "expires_on": D(2026, 1, 1)}, {"__all__"}),
        # who reads only, and who looks after the site
        (people.official_of_the_city, {}, {"owner"}),
        (people.auditor, {}, {"owner"}),
        (people.integrator, {}, {"owner"}),
        (people.security_administrator, {}, {"owner"}),
        (people.system_administrator, {}, {"owner"}),
        (people.without_a_role, {}, {"owner"}),
    ],
)
def test_what_may_be_granted(owner: Any, fields: dict[str, Any], wrong: set[str]) -> None:
    person = owner()
    if "district" in fields:
        fields = {**fields, "district": district(fields["district"])}
    today = timezone.localdate()
    token = ApiToken(
        **{"name": "平台", "purpose": "展示", "owner": person, "scopes": READING, "district": person.district,
           "valid_from": today, "expires_on": today, **fields}
    )  # fmt: skip
    assert problems_of(token) == wrong


def problems_of(token: ApiToken) -> set[str]:
    """The fields for which it is not granted."""
    try:
        tokens.grant(token=token, by=grantor(), at=timezone.now())
    except ValidationError as refused:
        return set(refused.message_dict)
    return set()


# What it costs, and how often


def statements(client: Any, path: str = "/api/v1/districts/") -> list[str]:
    with CaptureQueriesContext(connection) as seen:
        assert client.get(path).status_code == 200
    return [query["sql"] for query in seen]


def test_a_token_costs_one_statement() -> None:
    """Where a session costs two; and one more about once a minute, which notes the use and takes from the rate."""
    district()
    client = program(drawn(people.clerk_of_the_city())[1])
    first, second = statements(client), statements(client)
    assert sum("registry_tokenuse" in sql for sql in first) == 1
    assert ["registry_apitoken" in sql for sql in second] == [True, False]


@override_settings(API_TOKEN_RATE=5)
def test_a_token_has_a_rate_of_its_own() -> None:
    wang = people.clerk_of_the_city()
    (_one, first), (_two, second) = drawn(wang), drawn(wang)
    with mock.patch("registry.api.throttles.time.time", return_value=60 * 1000 + 20.0):
        assert [status_of(first) for _time in range(7)] == [200] * 5 + [429] * 2
        assert status_of(second) == 200
        answer = program(first).get("/api/v1/districts/")
    assert (answer["Retry-After"], answer.json()["code"]) == ("40", "throttled")
    assert answer["Content-Type"] == "application/problem+json"
    with mock.patch("registry.api.throttles.time.time", return_value=60 * 1001 + 0.0):
        assert status_of(first) == 200


@pytest.mark.parametrize(("rate", "most"), [(100, 100), (7, 7), (1, 1)])
def test_several_processes_share_one_rate(rate: int, most: int) -> None:
    """Each process remembers what it took; together they never spend more than the rate."""
    token, _text = drawn(people.clerk_of_the_city())
    processes: list[dict[int, throttles.Held]] = [{}, {}, {}]
    spent = 0
    with override_settings(API_TOKEN_RATE=rate):
        for number in range(3 * rate):
            with mock.patch.object(throttles, "HELD", processes[number % 3]):
                spent += throttles.spend(token.pk, 1, None)
    assert spent == most
    assert TokenUse.objects.get().taken <= rate + 3 * max(1, rate // throttles.SHARES)


def test_the_last_use_is_told(facts: None) -> None:
    token, text = drawn(people.clerk_of_the_city())
    assert not TokenUse.objects.exists()
    program(text).get("/api/v1/districts/", REMOTE_ADDR="10.1.2.3")
    use = TokenUse.objects.get(token=token)
    assert use.used_from == "10.1.2.3"
    assert abs(use.used_at - timezone.now()) < dt.timedelta(minutes=1)


def test_people_with_a_session_have_no_rate(brain: Get) -> None:
    with override_settings(API_TOKEN_RATE=0):
        brain("districts/")


# Read once for each version of it


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("change", "status"),
    [
        (lambda token: None, 200),
        (lambda token: tokens.revoke(token=token, by=token.owner, at=timezone.now(), reason="停用"), 401),
        (lambda token: User.objects.filter(pk=token.owner_id).update(is_active=False), 401),
        (lambda token: User.objects.filter(pk=token.owner_id).update(full_name="改名"), 200),
        (lambda token: User.objects.filter(pk=token.owner_id).update(role=Role.UNASSIGNED), 401),
    ],
    ids=["nothing", "revoked", "left", "renamed", "without a role"],
)
def test_a_token_that_was_read_before_is_as_it_is_now(change: Any, status: int) -> None:
    token, text = drawn(people.clerk_of_wujin(), Scope.READ_ENTERPRISES)
    ask = program(text)
    assert ask.get("/api/v1/enterprises/").status_code == 200
    change(token)
    for _again in range(2):
        assert ask.get("/api/v1/enterprises/").status_code == status


@pytest.mark.django_db(transaction=True)
def test_it_is_not_read_again_as_long_as_it_stays() -> None:
    ask = program(drawn(people.clerk_of_wujin(), Scope.READ_ENTERPRISES)[1])
    counts = []
    for _again in range(2):
        with CaptureQueriesContext(connection) as seen:
            ask.get("/api/v1/districts/")
        counts.append(sum('FROM "registry_apitoken"' in one["sql"] for one in seen))
    assert counts == [1, 0]
