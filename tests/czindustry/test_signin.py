"""Signing in and out, the password that must be changed, and who is let in where."""

import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from django.contrib.staticfiles import finders
from django.core.cache import cache
from django.test import Client, override_settings

from registry.models import User
from targets.models import Target
from tests import factories, people

NEW = "Longcheng-Gongye-532"


@pytest.fixture
def wang(db: None) -> User:
    return people.clerk_of_the_city()


@pytest.fixture
def newcomer(db: None) -> User:
    """Zhou with the password that the administrator has given him."""
    user = people.official_of_wujin()
    user.must_change_password = True
    user.save()
    return user


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize(
    "address",
    ["/", "/targets/green.all/", "/?as_of=2025-12-31&district=320412", "/password/"],
)
@pytest.mark.django_db
def test_strangers_are_asked_to_sign_in(address: str) -> None:
    response = Client().get(address)
    assert response.status_code == 302
    assert response["Location"].startswith("/signin/?next=")


def test_signing_in_leads_to_where_one_was_going(wang: User) -> None:
    client = Client()
    response = client.post(
        "/signin/", {"username": "wang", "password": people.PASSWORD, "next": "/?as_of=2024-06-30"}
    )
    assert response["Location"] == "/?as_of=2024-06-30"
    assert client.get("/").status_code == 200


@pytest.mark.parametrize("following", ["https://example.org/", "//example.org/", "javascript:alert(1)"])
def test_nobody_is_led_to_another_host(wang: User, newcomer: User, following: str) -> None:
    form = {"username": "wang", "password": people.PASSWORD, "next": following}
    assert Client().post("/signin/", form)["Location"] == "/"
    form = {"old_password": people.PASSWORD, "new_password1": NEW, "new_password2": NEW, "next": following}
    assert signed_in(newcomer).post("/password/", form)["Location"] == "/"


def test_a_wrong_password_is_told_to_the_person(wang: User) -> None:
    response = Client().post("/signin/", {"username": "wang", "password": "wrong"})
    assert response.status_code == 200
    assert 'role="alert"' in response.content.decode()
    assert "_auth_user_id" not in response.client.session


def test_signing_out_is_a_post(wang: User) -> None:
    client = signed_in(wang)
    assert client.get("/signout/").status_code == 405
    assert client.post("/signout/")["Location"] == "/signin/"
    assert client.get("/").status_code == 302


# The password that must be changed


@pytest.mark.parametrize("address", ["/", "/targets/green.all/", "/?as_of=2025-12-31", "/admin/"])
def test_a_newcomer_is_led_to_the_password(newcomer: User, address: str) -> None:
    response = signed_in(newcomer).get(address)
    assert response.status_code == 302
    assert response["Location"].startswith("/password/?next=")


def test_a_newcomer_of_the_staff_is_led_there_from_the_admin(newcomer: User) -> None:
    newcomer.is_staff = newcomer.is_superuser = True
    newcomer.save()
    client = signed_in(newcomer)
    for address in ("/admin/", "/admin/registry/enterprise/", "/admin/password_change/"):
        assert "/password/" in client.get(address)["Location"]


def test_a_newcomer_gets_nothing_from_the_api(newcomer: User) -> None:
    assert signed_in(newcomer).get("/api/v1/targets/").status_code == 403


def test_a_newcomer_may_sign_out_instead(newcomer: User) -> None:
    client = signed_in(newcomer)
    assert client.post("/signout/")["Location"] == "/signin/"
    assert client.get("/password/").status_code == 302


def test_a_new_password_ends_the_duty(newcomer: User) -> None:
    client = signed_in(newcomer)
    form = {"old_password": people.PASSWORD, "new_password1": NEW, "new_password2": NEW}
    response = client.post("/password/", {**form, "next": "/?as_of=2024-06-30"})
    assert response["Location"] == "/?as_of=2024-06-30"
    newcomer.refresh_from_db()
    assert not newcomer.must_change_password
    assert newcomer.check_password(NEW)
    # still signed in
    assert client.get("/").status_code == 200


@pytest.mark.parametrize(
    "form",
    [
        # wrong old one
        {"old_password": "wrong", "new_password1": NEW, "new_password2": NEW},
        # not the same twice
        {"old_password": people.PASSWORD, "new_password1": NEW, "new_password2": NEW + "x"},
        # the old one again
        {
            "old_password": people.PASSWORD,
            "new_password1": people.PASSWORD,
            "new_password2": people.PASSWORD,
        },
        # too short, only digits, the name
        {"old_password": people.PASSWORD, "new_password1": "Ab1-", "new_password2": "Ab1-"},
        {"old_password": people.PASSWORD, "new_password1": "73519402864", "new_password2": "73519402864"},
        {"old_password": people.PASSWORD, "new_password1": "", "new_password2": ""},
    ],
)
def test_a_bad_new_password_changes_nothing(newcomer: User, form: dict[str, str]) -> None:
    response = signed_in(newcomer).post("/password/", form)
    assert response.status_code == 200
    assert 'role="alert"' in response.content.decode()
    newcomer.refresh_from_db()
    assert newcomer.must_change_password
    assert newcomer.check_password(people.PASSWORD)


# The admin


@pytest.mark.django_db
def test_the_admin_uses_the_same_page() -> None:
    response = Client().get("/admin/registry/enterprise/", follow=True)
    assert unquote(response.redirect_chain[-1][0]) == "/signin/?next=/admin/registry/enterprise/"


def test_people_without_the_admin_are_told_so_instead_of_going_round(wang: User) -> None:
    reader = people.integrator()
    response = signed_in(reader).get("/admin/", follow=True)
    assert response.status_code == 403
    # staff goes in
    assert signed_in(wang).get("/admin/").status_code == 200


@pytest.mark.parametrize("staff", [True, False])
def test_the_top_says_who_and_where(db: None, staff: bool) -> None:
    user = people.official_of_wujin()
    user.is_staff = staff
    user.save()
    factories.plan()
    page = signed_in(user).get("/").content.decode()
    assert "周建国" in page
    assert "武进区" in page
    assert ('href="/admin/"' in page) == staff
    assert 'action="/signout/"' in page


# What every page has


def test_pages_say_that_there_are_demo_data(wang: User) -> None:
    """Until the first real list is in."""
    factories.plan()
    client = signed_in(wang)
    cache.clear()
    assert 'class="demo"' not in client.get("/").content.decode()
    cache.clear()
    factories.enterprise("示例精密机械(常州)有限公司")
    assert 'class="demo"' in client.get("/").content.decode()
    assert 'class="demo"' in Client().get("/signin/").content.decode()
    cache.clear()


@override_settings(ROOT_URLCONF="tests.czindustry.failing_urls")
def test_an_error_has_a_page_that_needs_no_database(wang: User) -> None:
    client = Client(raise_request_exception=False)
    response = client.get("/fails/")
    assert response.status_code == 500
    assert "czindustry/site.css" in response.content.decode()
    assert client.get("/refuses/").status_code == 400
    assert client.get("/forbids/").status_code == 403


def test_a_form_without_its_token_is_refused_in_words(wang: User) -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.post("/signin/", {"username": "wang", "password": people.PASSWORD})
    assert response.status_code == 403
    assert "czindustry/site.css" in response.content.decode()


def test_nothing_is_loaded_from_elsewhere(wang: User) -> None:
    factories.target_with_rule("green.all", schemes=(factories.scheme(),))
    client = signed_in(wang)
    assert Target.objects.exists()
    for address in ("/", "/targets/green.all/", "/password/"):
        page = client.get(address).content.decode()
        assert "http://" not in page.replace("http://www.w3.org", "")
        assert "https://" not in page
        # a strict content policy is possible: no script and no style within the page
        assert "<style" not in page
        assert " style=" not in page
        assert all(" src=" in script for script in re.findall("<script[^>]*>", page))
    for name in ("tokens.css", "site.css", "reports.css", "print.css", "site.js"):
        path = finders.find(f"czindustry/{name}")
        assert path is not None
        assert not re.search(r"//\S", Path(path).read_text(encoding="utf-8")), name


def test_the_site_says_that_the_first_account_is_still_there_until_it_is_gone(wang: User) -> None:
    chief = User.objects.create_superuser("root", password=None)
    factories.plan()
    told = "初始账号仍可做任何事"
    for person, seen in ((chief, True), (people.audit_administrator(), True), (wang, False)):
        assert (told in signed_in(person).get("/admin/").content.decode()) is seen
    assert told in signed_in(chief).get("/").content.decode()
    User.objects.filter(pk=chief.pk).update(is_active=False)
    assert told not in signed_in(User.objects.get(username="jian")).get("/admin/").content.decode()
