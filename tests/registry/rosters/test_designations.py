"""Lists of titles: granted, announced, confirmed, re-reviewed, ended, held by things."""

from typing import Any

import pytest

from registry.models import Designation, Enterprise, Review
from registry.rosters import service
from tests.factories import enterprise
from tests.registry.rosters.lists import bring, code, day, only, outcomes

pytestmark = pytest.mark.usefixtures("city")

CODE = code(1)
NAME = "常州甲有限公司"
SME = {"认定类别": "专精特新中小企业"}


def one(more: dict[str, Any] | None = None, /, **fields: Any) -> tuple[str, str]:
    """Import one row and say what became of it; `more` are options of the whole list."""
    fields = {"企业名称": NAME, **fields}
    return only(bring("designations", [list(fields), list(fields.values())], **(more or {})))


def award() -> Designation:
    return Designation.objects.get()


@pytest.fixture
def holder(city: None) -> Enterprise:
    return enterprise(NAME, uscc=CODE)


class TestGranted:
    def test_all_columns(self, holder: Enterprise) -> None:
        outcome = one(
            **SME,
            统一社会信用代码=CODE,
            批次="第五批",
            文号="苏工信〔2022〕1号",
            证书编号="A1",
            认定日期="2022年3月1日",
            公示日期="2022.2.1",
            来源="省工信厅",
            备注="x",
        )
        assert outcome == ("created", "")
        found = award()
        assert (found.enterprise, found.scheme.code, found.level, found.state) == (
            holder,
            "specialized_sme",
            "provincial",
            "confirmed",
        )
        assert (found.batch, found.document, found.certificate) == ("第五批", "苏工信〔2022〕1号", "A1")
        assert (found.announced_on, found.valid_from) == (day("2022-02-01"), day("2022-03-01"))
        assert (found.source, found.note, found.item, found.district) == ("省工信厅", "x", "", None)

    @pytest.mark.parametrize(
        ("start", "given", "end"),
        [
            ("2022-03-01", "", "2025-02-28"),  # 36 months by the scheme, the last day counts
            ("2021-03-01", "", "2024-02-29"),
            ("2022-03-01", "2024-12-31", "2024-12-31"),  # the list goes before the term
        ],
    )
    def test_last_day(self, holder: Enterprise, start: str, given: str, end: str) -> None:
        one(**SME, 认定日期=start, 有效期至=given)
        assert award().valid_to == day(end)

    def test_no_term_no_end(self, holder: Enterprise) -> None:
        one(认定类别="绿色工厂", 级别="省级", 认定日期="2022-03-01")
        assert award().valid_to is None

    @pytest.mark.parametrize(
        ("options", "fields", "expected"),
        [
            # options speak for rows that do not speak themselves
            (
                {"scheme": "green_factory", "level": "national", "valid_from": day("2022-03-01")},
                {},
                ("green_factory", "national", "2022-03-01"),
            ),
            (
                {"scheme": "绿色工厂", "level": "national"},
                {"级别": "省级", "认定日期": "2023-01-01"},
                ("green_factory", "provincial", "2023-01-01"),
            ),
            (
                {"level": "national", "valid_from": day("2022-03-01")},
                {"认定类别": "省级绿色工厂"},
                ("green_factory", "provincial", "2022-03-01"),
            ),
            # one level only: it need not be said
            (
                {"scheme": "specialized_sme"},
                {"认定日期": "2023-01-01"},
                ("specialized_sme", "provincial", "2023-01-01"),
            ),
            (
                {"scheme": "listed_company"},
                {"上市日期": "2023-01-01"},
                ("listed_company", "none", "2023-01-01"),
            ),
        ],
    )
    def test_options(
        self,
        holder: Enterprise,
        options: dict[str, Any],
        fields: dict[str, str],
        expected: tuple[str, str, str],
    ) -> None:
        one(options, **fields)
        assert (award().scheme.code, award().level, str(award().valid_from)) == expected

    @pytest.mark.parametrize(
        ("options", "fields", "word"),
        [
            ({}, {"认定日期": "2022-03-01"}, "认定类别"),
            ({}, {"认定类别": "先进单位", "认定日期": "2022-03-01"}, "先进单位"),
            ({}, {"认定类别": "绿色工厂", "认定日期": "2022-03-01"}, "several levels"),
            ({}, {**SME, "级别": "国家级", "认定日期": "2022-03-01"}, "not granted at the level"),
            ({}, {**SME}, "认定日期"),
            ({}, {**SME, "认定日期": "2022年3月"}, "no complete date"),
            ({}, {**SME, "认定日期": "2022-03-01", "有效期至": "2021-12-31"}, "before the first"),
            ({}, {**SME, "认定日期": "2022-03-01", "终止日期": "2023-01-01"}, "both its day"),
            (
                {},
                {**SME, "认定日期": "2022-03-01", "终止日期": "2021-01-01", "终止原因": "撤销"},
                "before the start",
            ),
            ({}, {**SME, "认定日期": "2022-03-01", "事件": "座谈"}, "座谈"),
        ],
    )
    def test_refused(
        self, holder: Enterprise, options: dict[str, Any], fields: dict[str, str], word: str
    ) -> None:
        outcome, reason = one(options, **fields)
        assert (outcome, word in reason) == ("rejected", True), reason
        assert not Designation.objects.exists()

    def test_again_nothing_changes_and_blanks_erase_nothing(self, holder: Enterprise) -> None:
        one(**SME, 认定日期="2022-03-01", 文号="A")
        assert one(**SME, 认定日期="2022-03-01") == ("unchanged", "")
        assert one(**SME, 认定日期="2022-03-01", 文号="B")[0] == "updated"
        assert (award().document, str(award().valid_to)) == ("B", "2025-02-28")

    def test_overlap_is_refused_and_tells_with_which(self, holder: Enterprise) -> None:
        one(**SME, 认定日期="2022-03-01", 批次="第五批")
        outcome, reason = one(**SME, 认定日期="2025-02-28")
        assert outcome == "rejected"
        assert all(word in reason for word in ("2022-03-01", "2025-02-28", "第五批"))
        assert one(**SME, 认定日期="2025-03-01")[0] == "created"

    def test_overlap_within_one_list(self, holder: Enterprise) -> None:
        head = ["企业名称", "认定类别", "认定日期"]
        rows = [
            head,
            *[[NAME, "专精特新中小企业", start] for start in ("2022-03-01", "2024-03-01", "2025-03-01")],
        ]
        assert outcomes(bring("designations", rows)) == ["created", "rejected", "created"]

    def test_an_award_made_longer_must_not_reach_into_the_next(self, holder: Enterprise) -> None:
        one(**SME, 认定日期="2022-03-01")
        one(**SME, 认定日期="2025-03-01")
        assert one(**SME, 认定日期="2022-03-01", 有效期至="2025-03-01")[0] == "rejected"


class TestAnnounced:
    @pytest.mark.parametrize(
        "event",
        [
            "公示",
            "公示入选",
            "公示入围",
            "拟认定",
            "拟认定公示",
            "认定或复核通过(公示,原文未分)",
            "复核通过(公示)",
        ],
    )
    def test_is_no_title_yet(self, holder: Enterprise, event: str) -> None:
        one(**SME, 事件=event, 日期="2023-12-29", 批次="2023")
        assert (award().state, award().announced_on, award().valid_from) == (
            "announced",
            day("2023-12-29"),
            None,
        )
        assert one(**SME, 事件=event, 日期="2023-12-29", 批次="2023")[0] == "unchanged"

    def test_its_day_may_be_incomplete(self, holder: Enterprise) -> None:
        outcome, reason = one(**SME, 事件="公示", 日期="2023")
        assert (outcome, "not known" in reason, award().announced_on) == ("created", True, None)

    def test_state_of_the_whole_list(self, holder: Enterprise) -> None:
        one({"state": "announced", "scheme": "specialized_sme", "valid_from": day("2023-12-29")})
        assert (award().state, award().announced_on) == ("announced", day("2023-12-29"))

    @pytest.mark.parametrize(
        ("announced", "granted", "count"),
        [("2023", "2023", 1), ("", "2023", 1), ("2023", "", 1), ("2022", "2023", 2)],  # batches
    )
    def test_the_final_list_confirms_it(
        self, holder: Enterprise, announced: str, granted: str, count: int
    ) -> None:
        one(**SME, 事件="公示", 公示日期="2023-12-29", 批次=announced)
        assert one(**SME, 认定日期="2024-01-15", 批次=granted)[0] == ("updated" if count == 1 else "created")
        assert Designation.objects.count() == count
        found = Designation.objects.get(state="confirmed")
        assert (str(found.valid_from), str(found.valid_to)) == ("2024-01-15", "2027-01-14")
        assert found.announced_on == (day("2023-12-29") if count == 1 else None)

    def test_announced_again_when_granted_changes_nothing(self, holder: Enterprise) -> None:
        one(**SME, 事件="公示", 公示日期="2023-12-29")
        one(**SME, 认定日期="2024-01-15")
        assert one(**SME, 事件="公示", 公示日期="2023-12-29")[0] == "unchanged"
        assert award().state == "confirmed"


class TestReviews:
    @pytest.fixture(autouse=True)
    def _granted(self, holder: Enterprise) -> None:
        one(**SME, 认定日期="2022-03-01")

    def test_passed_runs_on_for_another_term(self) -> None:
        assert one(**SME, 事件="复核通过", 日期="2025-12-10", 文号="D")[0] == "updated"
        review = Review.objects.get()
        assert (review.outcome, review.day, review.document) == ("passed", day("2025-12-10"), "D")
        assert review.valid_to == day("2028-02-29")
        assert award().valid_to == review.valid_to

    def test_passed_until_the_day_of_the_list(self) -> None:
        one(**SME, 事件="复核通过", 日期="2025-12-10", 有效期至="2028-12-09")
        assert str(award().valid_to) == "2028-12-09"

    def test_again_nothing_changes(self) -> None:
        one(**SME, 事件="复核通过", 日期="2025-12-10")
        before = award().valid_to
        assert one(**SME, 事件="复核通过", 日期="2025-12-10")[0] == "unchanged"
        # nor does the first list take the new term back
        assert one(**SME, 认定日期="2022-03-01", 有效期至="2025-02-28")[0] == "unchanged"
        assert award().valid_to == before

    def test_only_announced(self) -> None:
        outcome, reason = one(**SME, 事件="复核通过(公示)", 日期="2025-12-01")
        assert (outcome, "only announced" in reason) == ("unchanged", True)

    def test_failed_ends_it(self) -> None:
        assert one(**SME, 事件="复核未通过", 日期="2025-01-10")[0] == "updated"
        assert (str(award().ended_on), award().end_reason) == ("2025-01-10", "failed_review")
        assert Review.objects.get().outcome == "failed"
        assert one(**SME, 事件="复核未通过", 日期="2025-01-10")[0] == "unchanged"

    def test_two_outcomes_of_one_day(self) -> None:
        one(**SME, 事件="复核通过", 日期="2025-01-10")
        assert one(**SME, 事件="复核未通过", 日期="2025-01-10")[0] == "rejected"

    def test_without_a_title_it_is_granted(self) -> None:
        Designation.objects.all().delete()
        assert one(**SME, 事件="复核通过", 日期="2025-12-10")[0] == "created"
        assert str(award().valid_from) == "2025-12-10"


class TestEnds:
    @pytest.fixture(autouse=True)
    def _granted(self, holder: Enterprise) -> None:
        one(认定类别="省级绿色工厂", 认定日期="2022-03-01")

    @pytest.mark.parametrize(
        ("fields", "reason"),
        [
            ({"终止日期": "2024-05-01", "终止原因": "移出名单"}, "removed"),
            ({"终止日期": "2024-05-01", "终止原因": "因重大事故撤销称号"}, "revoked"),
            ({"终止日期": "2024-05-01", "终止原因": "企业注销", "认定日期": "2022-03-01"}, "deregistered"),
            ({"事件": "移出", "日期": "2024-05-01"}, "removed"),
            ({"事件": "撤销", "日期": "2024-05-01"}, "revoked"),
        ],
    )
    def test_ended(self, fields: dict[str, str], reason: str) -> None:
        assert one(认定类别="省级绿色工厂", **fields)[0] == "updated"
        assert (str(award().ended_on), award().end_reason) == ("2024-05-01", reason)
        assert one(认定类别="省级绿色工厂", **fields)[0] == "unchanged"

    @pytest.mark.parametrize(
        ("fields", "word"),
        [
            ({"认定类别": "国家级绿色工厂", "事件": "移出", "日期": "2024-05-01"}, "no such title"),
            ({"认定类别": "省级绿色工厂", "终止日期": "2024-05-01"}, "both"),
            ({"认定类别": "省级绿色工厂", "终止日期": "2021-05-01", "终止原因": "撤销"}, "before the start"),
            ({"认定类别": "省级绿色工厂", "终止日期": "2024-05-01", "终止原因": "不明"}, "不明"),
        ],
    )
    def test_refused(self, fields: dict[str, str], word: str) -> None:
        outcome, reason = one(**fields)
        assert (outcome, word in reason) == ("rejected", True), reason

    def test_a_second_end(self) -> None:
        one(认定类别="省级绿色工厂", 事件="移出", 日期="2024-05-01")
        outcome, reason = one(认定类别="省级绿色工厂", 事件="移出", 日期="2024-06-01")
        assert (outcome, "2024-05-01" in reason) == ("rejected", True)

    def test_granted_and_ended_in_one_row(self) -> None:
        one(认定类别="国家级绿色工厂", 认定日期="2020-01-01", 终止日期="2021-01-01", 终止原因="撤销")
        assert Designation.objects.get(level="national").end_reason == "revoked"

    def test_the_latest_stands_on_top(self) -> None:
        Designation.objects.all().delete()
        rows = [
            ["企业名称", "认定类别", "事件", "日期"],
            [NAME, "专精特新中小企业", "移出", "2026-03-01"],
            [NAME, "专精特新中小企业", "复核通过", "2025-12-10"],
            [NAME, "专精特新中小企业", "认定", "2022-12-10"],
        ]
        done = bring("designations", rows)
        assert outcomes(done) == ["updated", "updated", "created"]
        title = award()
        assert (title.valid_from, title.valid_to) == (day("2022-12-10"), day("2028-12-09"))
        assert (title.ended_on, title.end_reason) == (day("2026-03-01"), "removed")
        service.undo_list(done.roster, by=None, reason="试")
        assert not Designation.objects.exists()


class TestThings:
    def test_of_an_enterprise(self, holder: Enterprise) -> None:
        head = ["企业名称", "车间名称", "认定类别", "认定日期"]
        rows = [
            head,
            *[[NAME, item, "智能车间", "2022-03-01"] for item in ("一号车间", "二号车间", "一号车间")],
        ]
        assert outcomes(bring("designations", rows)) == ["created", "created", "unchanged"]
        assert {(d.item, d.enterprise_id, d.district_id) for d in Designation.objects.all()} == {
            ("一号车间", holder.pk, None),
            ("二号车间", holder.pk, None),
        }

    def test_without_enterprise(self) -> None:
        rows = [
            ["名称", "板块", "认定类别", "认定日期"],
            ["武进高新区", "武进区", "国家级绿色园区", "2022-03-01"],
        ]
        assert only(bring("designations", rows))[0] == "created"
        assert (award().item, award().enterprise, award().district.name) == ("武进高新区", None, "武进区")
        assert only(bring("designations", rows))[0] == "unchanged"

    def test_the_item_stands_in_the_title(self, holder: Enterprise) -> None:
        one(认定类别="国家级制造业单项冠军(产品:圆形孔喷丝板)", 事件="公示", 日期="2022-11-02")
        assert (award().item, award().level) == ("圆形孔喷丝板", "national")

    def test_where_enterprises_are_counted_a_bare_name_is_one(self, holder: Enterprise) -> None:
        rows = [["名称", "认定日期"], [NAME, "2022-03-01"]]
        assert only(bring("designations", rows, scheme="specialized_sme"))[0] == "created"
        assert (award().enterprise, award().item) == (holder, "")

    def test_neither(self) -> None:
        rows = [["企业名称", "板块", "认定类别", "认定日期"], ["", "武进区", "绿色园区", "2022-03-01"]]
        assert only(bring("designations", rows))[0] == "rejected"


class TestHolders:
    ROW = {**SME, "认定日期": "2022-03-01"}

    def test_unknown_is_queued(self) -> None:
        assert one(**self.ROW)[0] == "queued"
        assert not Enterprise.objects.exists()

    def test_unknown_is_made_where_the_list_may(self) -> None:
        assert (
            one({"create_missing": True}, **self.ROW, 统一社会信用代码=CODE, 注册地址="武进区湖塘镇")[0]
            == "created"
        )
        made = Enterprise.objects.get()
        assert (made.uscc, made.district.name, award().enterprise) == (CODE, "武进区", made)

    def test_but_not_beside_a_near_name(self) -> None:
        near = enterprise("常州甲集团有限公司")
        done = bring(
            "designations",
            [["企业名称", *self.ROW], ["常州甲集团股份有限公司", *self.ROW.values()]],
            create_missing=True,
        )
        assert (outcomes(done), done.plan.rows[0].candidates[0]["id"]) == (["queued"], near.pk)

    def test_one_new_enterprise_with_two_titles(self) -> None:
        head = ["企业名称", "认定类别", "认定日期"]
        rows = [head, [NAME, "专精特新中小企业", "2022-03-01"], [NAME, "省级绿色工厂", "2022-03-01"]]
        assert outcomes(bring("designations", rows, create_missing=True)) == ["created", "created"]
        assert Enterprise.objects.get().designations.count() == 2

    def test_a_refused_row_makes_no_enterprise(self) -> None:
        assert (
            one({"create_missing": True}, **{**SME, "认定日期": "2022-03-01", "有效期至": "2021-01-01"})[0]
            == "rejected"
        )
        assert not Enterprise.objects.exists()

    def test_another_name_under_the_code_is_a_warning(self, holder: Enterprise) -> None:
        outcome, reason = only(
            bring(
                "designations",
                [["企业名称", "统一社会信用代码", *self.ROW], ["甲的新名", CODE, *self.ROW.values()]],
            )
        )
        assert (outcome, NAME in reason) == ("created", True)
