"""企业名录 at the desk: conditions chosen in a form, and shown in words to who only reads."""

from typing import Any

import pytest

from registry.models import NamedList
from tests import people
from tests.czindustry.test_rights import signed_in
from tests.factories import district, named_list, scheme
from tests.registry.admin.desk import errors_on, page_for_new, page_of, send

pytestmark = pytest.mark.django_db

ASKED = {"ask_scheme": ["green_factory"], "ask_level": ["national", "provincial"]}


@pytest.fixture(autouse=True)
def reference() -> None:
    scheme(), district("320412")


def made(**fields: Any) -> Any:
    clerk = signed_in(people.clerk_of_the_city())
    given = {"code": "innovation_loan", "name": "创新贷白名单", "purpose": "供合作银行核验"}
    return send(clerk, page_for_new(NamedList), **{**given, **fields})


def test_a_clerk_makes_a_list() -> None:
    answer = made(**ASKED, ask_district=["320412"])
    assert answer.status_code == 302, errors_on(answer)
    one = NamedList.objects.get()
    assert one.owner.username == "wang"
    assert one.query == {
        "scheme": ["green_factory"],
        "level": ["national", "provincial"],
        "district": ["320412"],
    }


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({}, "至少设定一项入册条件"),
        ({"ask_search": "  "}, "至少设定一项入册条件"),
        ({"ask_scheme": ["none_such"]}, "none_such"),
        ({**ASKED, "code": "创新贷"}, "代码只能含小写字母"),
        ({**ASKED, "ask_main": "perhaps"}, "perhaps"),
    ],
)
def test_what_is_refused(fields: dict[str, Any], complaint: str) -> None:
    answer = made(**fields)
    assert answer.status_code == 200
    (told,) = errors_on(answer).values()
    assert complaint in told
    assert not NamedList.objects.exists()


def test_conditions_are_changed_and_kept_in_the_history() -> None:
    one = named_list(people.clerk_of_the_city(), scheme=["green_factory"], main=["true"])
    clerk = signed_in(one.owner)
    page = clerk.get(page_of(one)).content.decode()
    assert '<option value="green_factory" selected' in page
    answer = send(clerk, page_of(one), ask_main="", ask_level=["national"], change_reason="银行要求")
    assert answer.status_code == 302, errors_on(answer)
    one.refresh_from_db()
    assert one.query == {"scheme": ["green_factory"], "level": ["national"]}
    assert one.version == 2
    assert one.events.last().pgh_context.metadata["reason"] == "银行要求"


def test_the_code_by_which_programmes_ask_stays() -> None:
    one = named_list(people.clerk_of_the_city(), scheme=["green_factory"])
    send(signed_in(one.owner), page_of(one), code="renamed", name="新名")
    one.refresh_from_db()
    assert (one.code, one.name) == ("innovation_loan", "新名")


def test_an_address_brings_conditions_along() -> None:
    clerk = signed_in(people.clerk_of_the_city())
    page = clerk.get(
        page_for_new(NamedList), {"scheme": "green_factory", "search": "碳纤维"}
    ).content.decode()
    assert '<option value="green_factory" selected' in page
    assert 'value="碳纤维"' in page


@pytest.mark.parametrize("person", [people.clerk_of_wujin, people.official_of_the_city])
def test_others_read_what_it_asks(person: Any) -> None:
    one = named_list(people.clerk_of_the_city(), level=["national"])
    reader = signed_in(person())
    assert reader.get(page_for_new(NamedList)).status_code == 403
    if person is people.clerk_of_wujin:
        page = reader.get(page_of(one)).content.decode()
        assert "称号级别：国家级" in page
        assert "ask_scheme" not in page
