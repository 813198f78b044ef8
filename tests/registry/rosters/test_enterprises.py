"""Lists of enterprises: new ones, changed ones, renamed ones, and what is refused."""

from typing import Any

import pytest

from registry.models import Enterprise, FormerName, Membership
from tests.factories import cluster, enterprise, member
from tests.registry.rosters.lists import bring, code, day, only, outcomes, preview

pytestmark = pytest.mark.usefixtures("city")

HEAD = ["企业名称", "统一社会信用代码", "板块", "注册地址", "成立日期"]
CODE, OTHER = code(1), code(2)


def one(**fields: Any) -> tuple[str, str]:
    """Import one row and say what became of it."""
    return only(bring("enterprises", [list(fields), list(fields.values())]))


def test_a_new_enterprise() -> None:
    outcome = one(
        企业名称="常州甲有限公司",
        统一社会信用代码=CODE,
        板块="武进区",
        注册地址="湖塘镇1号",
        成立日期="2001年2月3日",
        行业代码="C3511",
        股票代码="300001.SZ",
        企业类型="有限责任公司",
        注销日期="2020/1/1",
    )
    found = Enterprise.objects.get()
    assert outcome == ("created", "")
    assert (found.name, found.uscc, found.district.name, found.address) == (
        "常州甲有限公司",
        CODE,
        "武进区",
        "湖塘镇1号",
    )
    assert (found.founded_on, found.closed_on, found.industry.code) == (
        day("2001-02-03"),
        day("2020-01-01"),
        "35",
    )
    assert (found.stock_code, found.legal_form, found.version) == ("300001.SZ", "有限责任公司", 1)
    assert found.name_key == "常州甲有限公司"


@pytest.mark.parametrize(
    ("fields", "area"),
    [
        ({"板块": "溧阳市", "注册地址": "武进区湖塘镇"}, "溧阳市"),  # the column goes before the address
        ({"注册地址": "武进区遥观镇"}, "常州经开区"),
        ({"注册地址": "常州市青龙路1号"}, None),  # never guessed
        ({}, None),
    ],
)
def test_area(fields: dict[str, str], area: str | None) -> None:
    one(企业名称="常州甲有限公司", **fields)
    found = Enterprise.objects.get().district
    assert (found and found.name) == area


def test_those_without_area_are_counted() -> None:
    plan = preview(
        "enterprises",
        [HEAD, ["甲厂", "", "", "某路", ""], ["乙厂", "", "武进", "", ""], ["丙厂", "", "", "", ""]],
    )
    assert any("without an area: 2" in note for note in plan.notes)


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"统一社会信用代码": "9132040213715O798H"}, "holds “O”"),
        ({"统一社会信用代码": "91320402137"}, "11 characters"),
        ({"板块": "昆山市"}, "昆山市"),
        ({"成立日期": "2001年"}, "no complete date"),
        ({"成立日期": "2001-02-30"}, "no date"),
        ({"行业代码": "99"}, "no division 99"),
        ({"成立日期": "2001-01-01", "注销日期": "2000-01-01"}, "before it was founded"),
        ({"企业名称": ""}, "name of the enterprise is missing"),
        ({"企业名称": "长" * 201}, "longer than 200"),
        ({"企业名称": "示例机械有限公司"}, "made-up"),
        ({"统一社会信用代码": "91000000MA1111111J"}, "made-up"),
        ({"板块": "昆山市", "成立日期": "昨天"}, "昨天"),  # all that is wrong is said at once
    ],
)
def test_refused(fields: dict[str, str], word: str) -> None:
    outcome, reason = one(**{"企业名称": "常州甲有限公司", "统一社会信用代码": CODE, **fields})
    assert outcome == "rejected"
    assert word in reason
    assert not Enterprise.objects.exists()


def test_a_wrong_check_character_is_a_warning() -> None:
    wrong = CODE[:-1] + ("0" if CODE[-1] != "0" else "1")
    outcome, reason = one(企业名称="常州甲有限公司", 统一社会信用代码=wrong)
    assert (outcome, wrong in reason) == ("created", True)
    assert Enterprise.objects.get().uscc_confirmed is False


def test_an_old_number_of_15_digits_is_no_code() -> None:
    one(企业名称="常州甲有限公司", 统一社会信用代码="320400000012345")
    found = Enterprise.objects.get()
    assert (found.uscc, found.registration_no) == (None, "320400000012345")


def test_blank_cells_erase_nothing() -> None:
    enterprise("常州甲有限公司", uscc=CODE, address="湖塘镇1号", founded_on=day("2001-02-03"))
    assert one(企业名称="常州甲有限公司", 统一社会信用代码=CODE, 注册地址="", 成立日期="") == (
        "unchanged",
        "",
    )
    assert Enterprise.objects.get().address == "湖塘镇1号"


def test_what_changed_is_told_field_by_field() -> None:
    enterprise("常州甲有限公司", uscc=CODE, address="旧址")
    plan = preview("enterprises", [HEAD, ["常州甲有限公司", CODE, "", "新址", "2001-02-03"]])
    ((write,),) = [row.writes for row in plan.rows]
    assert (write.before, write.after) == (
        {"address": "旧址", "founded_on": None},
        {"address": "新址", "founded_on": day("2001-02-03")},
    )
    assert Enterprise.objects.get().address == "旧址"


def test_another_area_is_a_correction_and_says_so() -> None:
    one(企业名称="常州甲有限公司", 统一社会信用代码=CODE, 板块="武进区")
    outcome, reason = one(企业名称="常州甲有限公司", 统一社会信用代码=CODE, 板块="新北区")
    assert (outcome, "enter the move" in reason) == ("updated", True)


def test_an_area_derived_from_the_address_never_replaces_one() -> None:
    one(企业名称="常州甲有限公司", 统一社会信用代码=CODE, 板块="武进区")
    one(企业名称="常州甲有限公司", 统一社会信用代码=CODE, 注册地址="新北区汉江路")
    assert Enterprise.objects.get().district.name == "武进区"


class TestNames:
    def test_renamed(self) -> None:
        enterprise("常州旧名有限公司", uscc=CODE)
        outcome, reason = one(企业名称="常州新名有限公司", 统一社会信用代码=CODE)
        assert (outcome, "常州旧名有限公司" in reason) == ("updated", True)
        assert Enterprise.objects.get().name == "常州新名有限公司"
        assert FormerName.objects.get().name == "常州旧名有限公司"

    def test_an_old_list_does_not_rename_back(self) -> None:
        enterprise("常州旧名有限公司", uscc=CODE)
        one(企业名称="常州新名有限公司", 统一社会信用代码=CODE)
        assert one(企业名称="常州旧名有限公司", 统一社会信用代码=CODE)[0] == "unchanged"
        assert Enterprise.objects.get().name == "常州新名有限公司"

    def test_other_brackets_are_no_other_name(self) -> None:
        enterprise("瑞声(常州)有限公司", uscc=CODE)
        assert one(企业名称="瑞声（常州）有限公司", 统一社会信用代码=CODE)[0] == "unchanged"

    def test_former_names_of_the_list(self) -> None:
        one(企业名称="常州甲有限公司", 统一社会信用代码=CODE, 曾用名="常州乙厂、常州丙厂；常州甲有限公司")
        assert set(FormerName.objects.values_list("name", flat=True)) == {"常州乙厂", "常州丙厂"}
        assert one(企业名称="常州甲有限公司", 统一社会信用代码=CODE, 曾用名="常州乙厂")[0] == "unchanged"

    def test_found_by_the_former_name_that_the_list_states(self) -> None:
        enterprise("常州旧名有限公司")
        assert one(企业名称="常州新名有限公司", 曾用名="常州旧名有限公司")[0] == "updated"
        assert Enterprise.objects.get().name == "常州新名有限公司"


class TestQueue:
    def test_near_names_without_a_code_are_asked_about(self) -> None:
        known = enterprise("江苏恒立液压股份有限公司")
        plan = preview("enterprises", [HEAD, ["恒立液压", "", "", "", ""]])
        (row,) = plan.rows
        assert (row.outcome, [one["id"] for one in row.candidates]) == ("queued", [known.pk])

    def test_with_a_code_a_near_name_is_another_enterprise(self) -> None:
        enterprise("江苏恒立液压股份有限公司", uscc=OTHER)
        assert one(企业名称="江苏恒立液压科技有限公司", 统一社会信用代码=CODE)[0] == "created"

    def test_code_and_name_of_two_enterprises(self) -> None:
        enterprise("常州甲有限公司", uscc=CODE)
        enterprise("常州乙有限公司", uscc=OTHER)
        plan = preview("enterprises", [HEAD, ["常州乙有限公司", CODE, "", "", ""]])
        assert [one["by"] for one in plan.rows[0].candidates] == ["code", "name"]

    @pytest.mark.parametrize("choice", ["it", "new"])
    def test_a_persons_decision(self, choice: str) -> None:
        known = enterprise("江苏恒立液压股份有限公司")
        decision = known.pk if choice == "it" else "new"
        done = bring("enterprises", [HEAD, ["恒立液压", "", "", "湖塘镇", ""]], decisions={2: decision})
        assert outcomes(done) == ["updated" if choice == "it" else "created"]
        assert Enterprise.objects.count() == (1 if choice == "it" else 2)


class TestTwice:
    """One list that says a thing twice."""

    @pytest.mark.parametrize(
        ("second", "outcome", "word"),
        [
            (["常州甲有限公司", CODE, "武进区", "旧址", "2001-02-03"], "unchanged", ""),
            (["常州甲有限公司", CODE, "", "", ""], "unchanged", ""),
            (["常州甲有限公司", "", "", "", ""], "unchanged", ""),  # found by its name
            (
                ["常州甲有限公司", CODE, "武进区", "新址", "2001-02-03"],
                "rejected",
                "Row 2 of this list says otherwise",
            ),
            (["常州别名有限公司", CODE, "", "", ""], "rejected", "企业名称"),
        ],
    )
    def test_doubled_rows(self, second: list[str], outcome: str, word: str) -> None:
        first = ["常州甲有限公司", CODE, "武进区", "旧址", "2001-02-03"]
        plan = bring("enterprises", [HEAD, first, second]).plan
        assert outcomes(plan) == ["created", outcome]
        assert word in plan.rows[1].reason

    def test_what_the_first_row_leaves_open_the_second_fills(self) -> None:
        rows = [HEAD, ["常州甲有限公司", CODE, "", "", ""], ["常州甲有限公司", "", "", "旧址", ""]]
        assert outcomes(bring("enterprises", rows)) == ["created", "updated"]
        assert (Enterprise.objects.get().address, Enterprise.objects.get().version) == ("旧址", 1)


class TestMemberships:
    def test_main_where_there_is_none_of_the_kind(self) -> None:
        one(
            企业名称="常州甲有限公司",
            统一社会信用代码=CODE,
            集群="新能源、新材料",
            产业链="机器人",
            角色="链主",
        )
        found = {
            (m.cluster.code, m.kind, m.main, m.role) for m in Membership.objects.select_related("cluster")
        }
        assert found == {
            ("advanced.新能源", "advanced", True, "leader"),
            ("advanced.新材料", "advanced", False, "leader"),
            ("chain.机器人", "chain", True, "leader"),
        }

    def test_a_main_group_stays(self) -> None:
        member(enterprise("常州甲有限公司", uscc=CODE), cluster("advanced.新材料"))
        one(企业名称="常州甲有限公司", 统一社会信用代码=CODE, 集群="新能源")
        assert list(Membership.objects.filter(main=True).values_list("cluster__code", flat=True)) == [
            "advanced.新材料"
        ]

    def test_known_ones_change_nothing_but_the_role(self) -> None:
        member(enterprise("常州甲有限公司", uscc=CODE), cluster("chain.机器人", "chain"))
        assert one(企业名称="常州甲有限公司", 统一社会信用代码=CODE, 产业链="机器人")[0] == "unchanged"
        assert (
            one(企业名称="常州甲有限公司", 统一社会信用代码=CODE, 产业链="机器人", 链主="是")[0] == "updated"
        )
        assert Membership.objects.get().role == "leader"

    def test_an_ended_one_is_not_begun_anew(self) -> None:
        member(
            enterprise("常州甲有限公司", uscc=CODE), cluster("chain.机器人", "chain"), until=day("2023-01-01")
        )
        outcome, reason = one(企业名称="常州甲有限公司", 统一社会信用代码=CODE, 产业链="机器人")
        assert (outcome, "ended" in reason) == ("unchanged", True)
