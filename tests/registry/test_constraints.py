"""What the database refuses, whoever writes, and the words that a clerk reads."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from registry import codes
from registry.choices import DesignationState, EndReason
from registry.models import (
    AnnualFigures,
    Designation,
    Enterprise,
    FormerName,
    Membership,
    Relocation,
    Statistic,
)
from tests.factories import (
    cluster,
    designation,
    district,
    enterprise,
    figures,
    member,
    relocation,
    scheme,
    statistic,
)

pytestmark = pytest.mark.django_db

FIRST = dt.date(2022, 3, 1)
LAST = dt.date(2025, 2, 28)
TIANHE = "91320411608131455L"  # 天合光能股份有限公司


def refused(write: Callable[[], object], name: str) -> None:
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        write()


@pytest.mark.parametrize(
    ("constraint", "write"),
    [
        ("enterprise_uscc_alphabet", lambda: enterprise(uscc="9132041160813145OL")),  # an O
        ("enterprise_uscc_alphabet", lambda: enterprise(uscc="91320411608131455")),  # 17 characters
        ("enterprise_uscc_alphabet", lambda: enterprise(uscc="91320411608131455l")),  # a small letter
        ("enterprise_has_a_name", lambda: enterprise("")),
        ("enterprise_closed_after_founded", lambda: enterprise(founded_on=LAST, closed_on=FIRST)),
        ("relocation_moves", lambda: relocation(enterprise(), FIRST, district(), district())),
        (
            "membership_ends_after_start|bound",
            lambda: member(enterprise(), cluster("a"), since=LAST, until=FIRST),
        ),
        ("designation_has_one_holder", lambda: designation(None, FIRST)),
        ("designation_has_one_holder", lambda: designation(enterprise(), FIRST, district=district())),
        ("designation_confirmed_has_a_day", lambda: designation(enterprise(), None)),
        ("designation_end_has_a_reason", lambda: designation(enterprise(), FIRST, ended_on=LAST)),
        (
            "designation_end_has_a_reason",
            lambda: designation(enterprise(), FIRST, end_reason=EndReason.REVOKED),
        ),
        ("figures_revenue_not_negative", lambda: figures(enterprise(), 2024, revenue=-1)),
        ("figures_employees|employees_check", lambda: figures(enterprise(), 2024, employees=-1)),
        ("statistic_has_a_source", lambda: statistic("a", FIRST, "1", source="")),
    ],
)
def test_the_database_refuses(constraint: str, write: Callable[[], object]) -> None:
    with pytest.raises(Exception, match=constraint), transaction.atomic():
        write()


def test_a_code_belongs_to_one_enterprise_but_many_have_none() -> None:
    enterprise(uscc=TIANHE)
    enterprise("甲", uscc=None)
    enterprise("乙", uscc=None)
    refused(lambda: enterprise("丙", uscc=TIANHE), "uscc")


@pytest.mark.parametrize(
    ("start", "end", "ended_on", "allowed"),
    [
        (LAST, None, None, False),  # begins on the last day of the first
        (LAST + dt.timedelta(1), None, None, True),
        (dt.date(2019, 1, 1), FIRST, None, False),  # ends on its first day
        (dt.date(2019, 1, 1), FIRST - dt.timedelta(1), None, True),
        (dt.date(2019, 1, 1), LAST, FIRST, True),  # ended before the first began
        (dt.date(2019, 1, 1), None, None, False),
    ],
)
def test_one_holder_does_not_hold_a_title_twice_at_a_time(
    start: dt.date, end: dt.date | None, ended_on: dt.date | None, allowed: bool
) -> None:
    holder = enterprise()
    designation(holder, FIRST, valid_to=LAST)
    ended = {"ended_on": ended_on, "end_reason": EndReason.REMOVED} if ended_on else {}

    def write() -> object:
        return designation(holder, start, valid_to=end, **ended)

    if allowed:
        assert write()
    else:
        refused(write, "designation_no_overlap")


@pytest.mark.parametrize(
    "other",
    [
        {"level": "national"},
        {"scheme": "another"},
        {"item": "二号车间"},
        {"state": DesignationState.ANNOUNCED},  # a renewal may be announced while the old one runs
    ],
)
def test_another_title_may_run_beside(other: dict[str, object]) -> None:
    holder = enterprise()
    designation(holder, FIRST, item="一号车间")
    if "scheme" in other:
        other = {"scheme": scheme(str(other["scheme"]))}
    assert designation(holder, FIRST, **{"item": "一号车间", **other})


def test_an_item_is_the_same_in_small_and_capital_letters() -> None:
    designation(None, FIRST, item="A产品")
    refused(lambda: designation(None, FIRST, item="a产品"), "designation_no_overlap")


def test_one_main_cluster_of_each_kind_at_a_time() -> None:
    holder = enterprise()
    member(holder, cluster("steel"), until=LAST)
    member(holder, cluster("robots", "chain"))
    member(holder, cluster("textile"), main=False)
    member(holder, cluster("biomed"), since=LAST)
    refused(lambda: member(holder, cluster("nev"), since=FIRST), "membership_one_main_of_a_kind")


def test_raw_sql_cannot_give_a_membership_the_wrong_kind() -> None:
    link = member(enterprise(), cluster("robots", "chain"))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE registry_membership SET kind = 'advanced' WHERE id = %s", [link.pk])
    assert Membership.objects.get().kind == "chain"


def test_facts_that_are_unique() -> None:
    holder = enterprise()
    figures(holder, 2024)
    refused(lambda: figures(holder, 2024), "figures_once_a_year")
    FormerName.objects.create(enterprise=holder, name="旧名(常州)")
    refused(lambda: FormerName.objects.create(enterprise=holder, name="旧名（常州）"), "former_name_once")
    statistic("a", FIRST, "1")
    refused(lambda: statistic("a", FIRST, "2"), "statistic_once_a_day")
    assert statistic("a", FIRST, "2", finality="preliminary")
    relocation(holder, FIRST, district("320412"), district("320481"))
    refused(lambda: relocation(holder, FIRST, None, district("320481")), "relocation_once_a_day")


@pytest.mark.parametrize(
    ("make", "field", "words"),
    [
        (lambda: Enterprise(name="甲", uscc="9132041160813145OL"), "__all__", "不含 I、O、S、V、Z"),
        (lambda: Enterprise(name="甲", uscc=TIANHE[:-1] + "8"), "uscc", "校验"),
        (lambda: Enterprise(name="甲", registration_no="123"), "registration_no", "15位"),
        (
            lambda: Designation(
                scheme=scheme(), level="national", enterprise=enterprise(), valid_from=LAST, valid_to=FIRST
            ),
            "valid_to",
            "",
        ),
        (
            lambda: Designation(
                scheme=scheme(), level="municipal", enterprise=enterprise(), valid_from=FIRST
            ),
            "level",
            "",
        ),
        (
            lambda: AnnualFigures(enterprise=enterprise(), year=2024, revenue=-1),
            "__all__",
            "营业收入不能为负数",
        ),
    ],
)
def test_words_that_a_clerk_reads(make: Callable[[], object], field: str, words: str) -> None:
    with pytest.raises(ValidationError) as told:
        make().full_clean()
    assert field in told.value.message_dict
    assert words in "".join(told.value.message_dict[field])


def test_a_doubtful_check_character_is_taken_once_confirmed() -> None:
    doubtful = TIANHE[:-1] + "8"
    assert not codes.has_valid_check_character(doubtful)
    Enterprise(name="甲", uscc=doubtful, uscc_confirmed=True).full_clean()


def test_a_code_is_taken_as_people_type_it() -> None:
    typed = Enterprise(name="天合光能股份有限公司", uscc=" ９１320411-608131455l ")
    typed.clean()
    assert typed.uscc == TIANHE


def test_references_protect_what_hangs_on_them() -> None:
    designation(enterprise(district=district()), FIRST)
    for row in (district(), scheme(), Enterprise.objects.get()):
        with pytest.raises(IntegrityError), transaction.atomic():
            row.delete()


def test_tables_without_a_model_of_their_own_are_none() -> None:
    assert Relocation.objects.count() == Statistic.objects.count() == 0
