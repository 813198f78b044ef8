"""Pages are Chinese; English is chosen by the switch at their foot, and by nothing else."""

import re

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse

from registry.choices import Terms
from targets.models import Plan
from tests import people
from tests.targets.reports.conftest import Reader

pytestmark = pytest.mark.django_db
CHINESE = re.compile(r"[\u4e00-\u9fff]")
RUN = re.compile(r"[\u4e00-\u9fff]+")
PAGES = (
    "/",
    "/courses/",
    "/targets/green.all/",
    "/targets/green.all/?list=excluded",
    "/targets/green.all/series/",
    "/targets/green.all/bridge/",
    "/targets/green.all/differences/",
    "/targets/people.trained/",
    "/districts/",
    "/districts/320412/",
    "/districts/320412/holdings/",
    "/clusters/",
    "/enterprises/",
    "/expiring/",
    "/lists/",
    "/find/?q=武进",
    "/publications/",
    "/differences/",
    "/overlaps/",
)


def choose(client: Client, language: str, following: str = "/") -> str:
    answer = client.post(reverse("language"), {"language": language, "next": following})
    assert answer.status_code == 302
    return answer["Location"]


def test_a_browser_set_to_english_gets_chinese(clerk: Reader, plan: Plan) -> None:
    page = clerk.client.get("/", headers={"accept-language": "en"}).content.decode()
    assert 'lang="zh-Hans"' in page
    assert "已完成" in page


def test_the_switch_leads_back_to_the_page_with_its_question(clerk: Reader, plan: Plan) -> None:
    address = "/targets/green.all/?as_of=2024-12-31"
    assert (
        f'name="next" value="{address}"'
        in clerk.open("/targets/green.all/", as_of="2024-12-31").content.decode()
    )
    assert choose(clerk.client, "en", address) == address
    page = clerk.open("/targets/green.all/", as_of="2024-12-31").content.decode()
    assert '<html lang="en">' in page
    assert "Completion" in page
    assert choose(clerk.client, "zh-hans", address) == address
    assert "完成率" in clerk.open("/targets/green.all/", as_of="2024-12-31").content.decode()


@pytest.mark.parametrize("elsewhere", ["https://example.com/", "//example.com/", "javascript:alert(1)"])
def test_the_switch_leads_nowhere_else(clerk: Reader, plan: Plan, elsewhere: str) -> None:
    assert "example.com" not in choose(clerk.client, "en", elsewhere)
    assert "javascript" not in choose(clerk.client, "en", elsewhere)


def test_who_has_not_signed_in_may_choose_too() -> None:
    client = Client()
    choose(client, "en", "/signin/")
    assert "Sign in" in client.get("/signin/").content.decode()


def test_the_desk_stays_chinese(clerk: Reader, plan: Plan) -> None:
    choose(clerk.client, "en")
    assert "规划" in clerk.open(reverse("admin:index")).content.decode()


def test_rights_do_not_hang_on_the_language(plan: Plan) -> None:
    official = people.official_of_wujin()
    client = Client()
    client.force_login(official)
    choose(client, "en")
    assert client.get("/enterprises/").status_code == 200


def test_no_term_is_left_in_chinese_on_an_english_page(clerk: Reader, plan: Plan) -> None:
    """What is left are names and units, which are data."""
    chinese = {page: clerk.client.get(page).content.decode() for page in PAGES}
    choose(clerk.client, "en")
    known = data()
    terms = {term.chinese for vocabulary in Terms.__subclasses__() for term in vocabulary}
    for page, before in chinese.items():
        answer = clerk.client.get(page)
        assert answer.status_code == 200, page
        told = set(texts(answer.content.decode()))
        assert not told & terms, f"{page}: {told & terms}"
        shared = {text for text in told & set(texts(before)) if CHINESE.search(text)}
        strange = {run for text in shared for run in RUN.findall(text) if run not in known}
        assert not strange, f"{page}: {strange}"


def texts(page: str) -> list[str]:
    """The texts between tags, without those of scripts."""
    page = re.sub(r"<script.*?</script>|<style.*?</style>", "", page, flags=re.S)
    return [text.strip() for text in re.split(r"<[^>]*>", page) if text.strip()]


def data() -> str:
    """All words of the facts and of the people that stand in the database."""
    models = [*apps.get_app_config("registry").get_models(), *apps.get_app_config("targets").get_models()]
    columns = [
        (model, field.attname)
        for model in models
        for field in model._meta.concrete_fields
        if field.get_internal_type() in ("CharField", "TextField")
    ]
    found = [
        str(value)
        for model, name in columns
        for value in model._default_manager.values_list(name, flat=True)
        if value
    ]
    return " ".join([*found, "中文", "王敏"])
