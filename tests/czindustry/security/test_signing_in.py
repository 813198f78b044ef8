"""What guards signing in: locks, the second factor, how long a session lasts, what a password must be."""

import datetime as dt
import re
import time

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from czindustry.security import passwords, second_factor, sessions
from czindustry.security.models import AuditEvent, UsedPassword
from registry.choices import Role
from registry.models import User
from registry.services import take_up_role
from tests import people, tokens

WRONG = "Falsch-und-lang-1"
NEW = "Longcheng-Gongye-532"
OFFICE, ELSEWHERE = "10.4.12.7", "10.9.9.9"


@pytest.fixture
def gu(db: None) -> User:
    return people.clerk_of_wujin()


def try_it(password: str, username: str = "gu", address: str = OFFICE, client: Client | None = None) -> int:
    client = client or Client()
    answer = client.post("/signin/", {"username": username, "password": password}, REMOTE_ADDR=address)
    return answer.status_code


# Locks


def test_five_wrong_passwords_lock_the_account_wherever_they_come_from(gu: User) -> None:
    assert [try_it(WRONG, address=f"10.4.12.{number}") for number in range(5)] == [200, 200, 200, 200, 429]
    assert try_it(people.PASSWORD, address=ELSEWHERE) == 429
    people.clerk_of_the_city()
    assert try_it(people.PASSWORD, username="wang") == 302


def test_four_do_not_and_the_right_one_forgives_them(gu: User) -> None:
    for _round in range(2):
        assert [try_it(WRONG) for _number in range(4)] == [200] * 4
        assert try_it(people.PASSWORD) == 302


def test_an_address_that_tries_many_names_is_locked_for_all_of_them(gu: User) -> None:
    seen = [try_it(WRONG, username=f"name{number}") for number in range(50)]
    assert seen[:49] == [200] * 49
    assert try_it(people.PASSWORD) == 429
    assert try_it(people.PASSWORD, address=ELSEWHERE) == 302


def test_ones_own_right_password_forgives_nobody_else(gu: User) -> None:
    """Whoever has an account must not try another one's password between two of their own sign-ins."""
    people.clerk_of_the_city()
    for _round in range(4):
        try_it(WRONG)
        assert try_it(people.PASSWORD, username="wang") == 302
    assert try_it(WRONG) == 429


def test_a_lock_ends_by_itself_and_trying_meanwhile_does_not_prolong_it(
    gu: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _number in range(5):
        try_it(WRONG)
    now = timezone.now()
    for minutes, status in ((14, 429), (16, 302)):
        monkeypatch.setattr(
            "axes.handlers.proxy.now", lambda minutes=minutes: now + dt.timedelta(minutes=minutes)
        )
        assert try_it(people.PASSWORD) == status


def test_the_page_of_a_lock_says_how_long_and_whom_to_ask(gu: User) -> None:
    for _number in range(5):
        try_it(WRONG)
    answer = Client().post("/signin/", {"username": "gu", "password": people.PASSWORD}, REMOTE_ADDR=OFFICE)
    assert "请 15 分钟后再试，或请系统管理员解除锁定" in answer.content.decode()
    assert answer["Retry-After"] == "900"
    assert list(AuditEvent.objects.filter(action="locked").values_list("subject", flat=True)) == ["gu", "gu"]


def administrator(role: Role, name: str) -> User:
    user = User.objects.create(username=name, role=role)
    take_up_role(account=user)
    return user


def do(role: Role, action: str, user: User) -> Client:
    client = Client()
    client.force_login(administrator(role, f"admin-{role}"))
    client.post("/admin/registry/user/", {"action": action, "_selected_action": [user.pk]})
    return client


@pytest.mark.parametrize(
    ("role", "status"), [(Role.SYSTEM_ADMINISTRATOR, 302), (Role.SECURITY_ADMINISTRATOR, 429)]
)
def test_the_system_administrator_unlocks(gu: User, role: Role, status: int) -> None:
    for _number in range(5):
        try_it(WRONG, address=ELSEWHERE)
    do(role, "unlock", gu)
    assert try_it(people.PASSWORD) == status


# Told after signing in


def test_one_is_told_when_one_signed_in_last_and_what_failed_since(gu: User) -> None:
    first = Client()
    try_it(people.PASSWORD, client=first)
    assert "上次登录" not in first.get("/password/").content.decode()
    assert "上次登录" not in first.get("/").content.decode()
    try_it(WRONG, address=ELSEWHERE)
    second = Client()
    try_it(people.PASSWORD, client=second)
    page = second.get("/").content.decode()
    assert "您上次登录：" in page
    assert f"来自 {OFFICE}" in page
    assert "此后有 1 次以您的用户名登录失败" in page


# How long a session lasts


@pytest.fixture
def client(gu: User) -> Client:
    client = Client()
    client.force_login(gu)
    return client


@pytest.mark.parametrize(("minutes", "status"), [(29, 200), (30, 302)])
def test_a_session_ends_without_a_sign_of_the_person(
    client: Client, monkeypatch: pytest.MonkeyPatch, minutes: int, status: int
) -> None:
    client.get("/")
    now = time.time()
    monkeypatch.setattr(sessions.time, "time", lambda: now + minutes * 60)
    answer = client.get("/enterprises/?scheme=green_factory")
    assert answer.status_code == status
    if status == 302:
        assert answer["Location"] == "/signin/?next=%2Fenterprises%2F%3Fscheme%3Dgreen_factory"
        assert "您已超过 30 分钟没有操作" in client.get(answer["Location"]).content.decode()


@pytest.mark.parametrize(("hours", "status"), [(11.75, 200), (12, 302)])
def test_it_ends_after_twelve_hours_at_work_as_well(
    client: Client, monkeypatch: pytest.MonkeyPatch, hours: float, status: int
) -> None:
    now = time.time()
    moments = [now + step * 20 * 60 for step in range(int(hours * 3))]
    for moment in [*moments, now + hours * 3600]:
        monkeypatch.setattr(sessions.time, "time", lambda moment=moment: moment)
        answer = client.get("/password/")
    assert answer.status_code == status


def test_the_api_refuses_a_session_that_is_over(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    client.get("/")
    now = time.time()
    monkeypatch.setattr(sessions.time, "time", lambda: now + 3600)
    answer = client.get("/api/v1/districts/")
    assert answer.status_code == 401
    assert answer["Content-Type"].startswith("application/problem+json")


def test_a_clock_that_was_set_back_locks_nobody_out(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    client.get("/")
    now = time.time()
    monkeypatch.setattr(sessions.time, "time", lambda: now - 7 * 24 * 3600)
    assert client.get("/").status_code == 200
    monkeypatch.setattr(sessions.time, "time", lambda: now - 7 * 24 * 3600 + 1800)
    assert client.get("/").status_code == 302


# What a password must be


@pytest.mark.parametrize(
    ("password", "good"),
    [
        ("Longcheng532", True),
        ("longcheng-532", True),
        ("longcheng532x", False),
        ("LONGCHENG-GONGYE", False),
        ("Lc-532", False),
        ("龙城工业规划二五Aa1", True),
    ],
)
def test_a_password_has_ten_characters_of_three_classes(gu: User, password: str, good: bool) -> None:
    client = Client()
    client.force_login(gu)
    form = {"old_password": people.PASSWORD, "new_password1": password, "new_password2": password}
    assert (client.post("/password/", form).status_code == 302) is good


def test_none_of_the_last_five_is_taken_again(gu: User) -> None:
    for number in range(5):
        gu.set_password(f"{NEW}-{number}")
        gu.save()
    check = passwords.NotUsedLately(5)
    for number in range(5):
        with pytest.raises(ValidationError):
            check.validate(f"{NEW}-{number}", gu)
    check.validate(people.PASSWORD, gu)
    assert UsedPassword.objects.filter(person=gu).count() == 5


@pytest.mark.parametrize(("days", "due"), [(89, False), (90, True)])
def test_a_password_is_good_for_ninety_days(gu: User, days: int, due: bool) -> None:
    UsedPassword.objects.filter(person=gu).update(since=timezone.now() - dt.timedelta(days=days))
    client = Client()
    try_it(people.PASSWORD, client=client)
    assert client.get("/").status_code == (302 if due else 200)
    if due:
        form = {"old_password": people.PASSWORD, "new_password1": NEW, "new_password2": NEW}
        assert client.post("/password/", form).status_code == 302
        assert client.get("/").status_code == 200


def test_a_password_that_was_only_hashed_anew_is_as_old_as_before(gu: User) -> None:
    since = timezone.now() - dt.timedelta(days=50)
    UsedPassword.objects.filter(person=gu).update(since=since)
    user = User.objects.get(pk=gu.pk)
    user.password = "md5$other$hash"
    user.save(update_fields=["password"])
    assert passwords.set_at(user) == since


# The second factor


@pytest.fixture
def demanding(settings: object) -> None:
    settings.SECOND_FACTOR = "administrators"  # type: ignore[attr-defined]


def code_of(user: User) -> str:
    device = TOTPDevice.objects.get(user=user)
    device.throttle_reset()
    TOTPDevice.objects.filter(pk=device.pk).update(last_t=-1)
    return f"{TOTP(device.bin_key, device.step, device.t0, device.digits).token():06d}"


def set_up(client: Client, user: User) -> list[str]:
    client.get("/password/second-factor/")
    page = client.post("/password/second-factor/", {"do": "confirm", "code": code_of(user)}).content.decode()
    return re.findall(r"<li><code>(\w+)</code></li>", page)


def test_whoever_has_set_it_up_gives_the_code_before_anything_opens(gu: User) -> None:
    client = Client()
    client.force_login(gu)
    codes = set_up(client, gu)
    assert len(codes) == 10
    assert client.get("/").status_code == 200
    fresh = Client()
    try_it(people.PASSWORD, client=fresh)
    for address in ("/", "/enterprises/", "/admin/", "/password/", "/password/second-factor/"):
        assert fresh.get(address)["Location"].startswith("/signin/code/?next="), address
    assert fresh.get("/api/v1/districts/").status_code == 403
    assert fresh.post("/signin/code/", {"code": "000000"}).status_code == 200
    answer = fresh.post("/signin/code/", {"code": code_of(gu), "next": "/enterprises/"})
    assert answer["Location"] == "/enterprises/"
    assert fresh.get("/").status_code == 200
    told = (
        AuditEvent.objects.filter(action="second_factor").order_by("pk").values_list("succeeded", flat=True)
    )
    assert list(told) == [True, False, True]


def test_a_recovery_code_opens_once(gu: User) -> None:
    client = Client()
    client.force_login(gu)
    codes = set_up(client, gu)
    for expected in (302, 200):
        fresh = Client()
        try_it(people.PASSWORD, client=fresh)
        TOTPDevice.objects.get(user=gu).throttle_reset()
        assert fresh.post("/signin/code/", {"code": codes[0].upper()}).status_code == expected
    assert StaticToken.objects.filter(device__user=gu).count() == 9


def test_codes_are_not_tried_one_after_the_other(gu: User) -> None:
    client = Client()
    client.force_login(gu)
    set_up(client, gu)
    fresh = Client()
    try_it(people.PASSWORD, client=fresh)
    right = code_of(gu)
    fresh.post("/signin/code/", {"code": "000000"})
    assert fresh.post("/signin/code/", {"code": right}).status_code == 200


def test_a_code_is_good_for_one_sign_in(gu: User) -> None:
    client = Client()
    client.force_login(gu)
    set_up(client, gu)
    right = code_of(gu)
    for status in (302, 200):
        fresh = Client()
        try_it(people.PASSWORD, client=fresh)
        assert fresh.post("/signin/code/", {"code": right}).status_code == status


@pytest.mark.parametrize("role", Role.administrators())
def test_administrators_set_it_up_first(demanding: None, db: None, role: Role) -> None:
    user = administrator(role, "admin")
    client = Client()
    client.force_login(user)
    assert client.get("/admin/")["Location"] == "/password/second-factor/?next=%2Fadmin%2F"
    assert len(set_up(client, user)) == 10
    assert client.get("/admin/").status_code == 200
    page = client.post("/password/second-factor/", {"do": "remove", "code": code_of(user)})
    assert second_factor.has_one(user)
    assert "停用动态验证码" not in page.content.decode()


@pytest.mark.parametrize(("setting", "status"), [("all", 302), ("administrators", 200), ("nobody", 200)])
def test_a_setting_says_from_whom_it_is_asked(gu: User, settings: object, setting: str, status: int) -> None:
    settings.SECOND_FACTOR = setting  # type: ignore[attr-defined]
    client = Client()
    client.force_login(gu)
    assert client.get("/").status_code == status


def test_tokens_of_programs_are_not_asked(gu: User, settings: object) -> None:
    settings.SECOND_FACTOR = "all"  # type: ignore[attr-defined]
    assert tokens.program(tokens.drawn(gu)[1]).get("/api/v1/districts/").status_code == 200


def test_it_is_given_up_by_its_own_code(gu: User) -> None:
    client = Client()
    client.force_login(gu)
    set_up(client, gu)
    client.post("/password/second-factor/", {"do": "remove", "code": "000000"})
    assert second_factor.has_one(gu)
    client.post("/password/second-factor/", {"do": "remove", "code": code_of(gu)})
    assert not second_factor.has_one(gu)
    fresh = Client()
    try_it(people.PASSWORD, client=fresh)
    assert fresh.get("/").status_code == 200


@pytest.mark.parametrize(
    ("role", "gone"), [(Role.SYSTEM_ADMINISTRATOR, True), (Role.SECURITY_ADMINISTRATOR, False)]
)
def test_who_has_lost_the_telephone_is_helped(gu: User, role: Role, gone: bool) -> None:
    client = Client()
    client.force_login(gu)
    set_up(client, gu)
    do(role, "take_second_factor", gu)
    assert second_factor.has_one(gu) is not gone


def test_that_of_an_administrator_is_taken_off_on_the_server(gu: User) -> None:
    other = administrator(Role.AUDIT_ADMINISTRATOR, "audit")
    client = Client()
    client.force_login(other)
    set_up(client, other)
    do(Role.SYSTEM_ADMINISTRATOR, "take_second_factor", other)
    assert second_factor.has_one(other)
    call_command("second_factor", "audit", verbosity=0)
    assert not second_factor.has_one(other)
    for name in ("audit", "nobody"):
        with pytest.raises(CommandError):
            call_command("second_factor", name)


# Behind proxies


@pytest.mark.parametrize(
    ("proxies", "claimed", "told"),
    [
        (0, "1.2.3.4", OFFICE),
        (1, "1.2.3.4", "1.2.3.4"),
        (1, "6.6.6.6, 1.2.3.4", "1.2.3.4"),
        (2, "6.6.6.6, 1.2.3.4, 10.0.0.1", "1.2.3.4"),
        (1, "nonsense", OFFICE),
        (1, "", OFFICE),
    ],
)
def test_the_address_is_that_which_our_proxy_saw(
    gu: User, settings: object, proxies: int, claimed: str, told: str
) -> None:
    settings.PROXIES = proxies  # type: ignore[attr-defined]
    form = {"username": "gu", "password": people.PASSWORD}
    Client().post("/signin/", form, REMOTE_ADDR=OFFICE, HTTP_X_FORWARDED_FOR=claimed)
    assert AuditEvent.objects.get(action="sign_in").address == told


@pytest.mark.parametrize(
    ("sent", "kept"), [("wj-2026.1", True), ("a b\n", False), ("x" * 101, False), ("", False)]
)
def test_a_request_is_known_by_its_number(gu: User, sent: str, kept: bool) -> None:
    answer = Client().get("/signin/", headers={"X-Request-Id": sent})
    assert (answer["X-Request-Id"] == sent) is kept
    assert answer["X-Request-Id"]
