"""The plan that the site ships, held against the article and the catalogue where they are at hand."""

import csv
import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction

from registry import names
from registry.choices import ClusterKind, Unit
from registry.models import Cluster, District, Industry, Scheme, Series, Statistic
from targets import citations
from targets.choices import Comparator, Feed, Official
from targets.citations import Finding
from targets.management.commands.load_reference import load
from targets.models import Milestone, Plan, Rule, RuleScheme, Section, Target

SHARED = Path(settings.BASE_DIR).parent / "shared"
ARTICLE = SHARED / "data" / "article.txt"
CATALOGUE = SHARED / "TARGETS.md"
FIGURES = SHARED / "data" / "official_figures.csv"
EVENTS = SHARED / "data" / "designation_events.csv"

pytestmark = pytest.mark.django_db


def needs(path: Path) -> pytest.MarkDecorator:
    return pytest.mark.skipif(not path.exists(), reason=f"{path.name} is not at hand: it is not ours to ship")


@pytest.fixture(scope="module", autouse=True)
def loaded(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Once for all tests of this file, which only read; each runs in a savepoint of this transaction."""
    with django_db_blocker.unblock(), transaction.atomic():
        load()
        yield
        transaction.set_rollback(True)


@pytest.fixture
def plan(db: None) -> Plan:
    return Plan.objects.get(code="532")


# The targets

# code, comparator, value, its maximum, unit, hedge, parent: read from the article, apart from the fixture
AS_READ = [
    ("scale.industrial_output", "gt", "25000", None, "亿元", False, None),  # 2.5万亿元
    ("scale.mfg_va_gdp_share", "approx", "43", None, "%", False, None),  # 左右
    ("scale.industries_over_3000", "gte", "3", None, "个", False, None),  # 3个以上, not 3000亿元
    ("scale.tech_upgrade_invest_share", "gte", "60", None, "%", False, None),  # 达
    ("structure.national_clusters_new", "range", "1", "2", "家", False, None),  # 1-2家
    ("enterprise.world500", "eq", "1", None, "家", True, None),  # 力争
    ("enterprise.band_2000_up", "eq", "1", None, "家", True, None),  # 以上 is on the threshold
    (
        "enterprise.band_100_500",
        "eq",
        "24",
        None,
        "家",
        True,
        None,
    ),  # 力争 carries on across verbless clauses
    ("enterprise.world500_landed", "eq", "10", None, "家", True, None),
    ("enterprise.regional_hq", "eq", "10", None, "家", True, None),
    ("innovation.hitech_enterprises_double", "gte", "2", None, "倍", False, None),  # 倍增
    ("innovation.invention_patents", "gt", "20000", None, "件", False, None),
    ("integration.iiot_platforms", "gte", "50", None, "个", False, None),
    ("integration.iiot_platforms_national", "eq", "1", None, "个", False, "integration.iiot_platforms"),
    ("integration.iiot_platforms_provincial", "eq", "30", None, "个", False, "integration.iiot_platforms"),
    ("green.factories_provincial_plus", "gte", "100", None, "家", False, None),  # 省级以上 is a level
    ("green.factories_national", "eq", "35", None, "家", False, "green.factories_provincial_plus"),
    ("cluster.textile", "gte", "700", None, "亿元", False, None),
    ("smart.workshop_provincial", "eq", "300", None, "个", False, None),
    ("smart.demo_zones_municipal", "gte", "30", None, "家", False, None),  # 培育建设 ends the 争创 before it
    ("digital.star_cloud_new_per_year", "eq", "200", None, "家", False, "digital.cloud_new_per_year"),
    ("digital.base_stations_5g", "eq", "28000", None, "个", False, None),  # 2.8万个
    ("digital.pon_10g_ports", "eq", "90000", None, "个", False, None),  # 9万个
    ("rd.centers_provincial_new", "eq", "300", None, "家", True, None),  # 力争 carries on across 、
    (
        "rd.innovation_centers_provincial_new",
        "eq",
        "4",
        None,
        "家",
        False,
        None,
    ),  # 新增 ends the 力争 before it
    ("emerging.chain_leaders_per_chain", "range", "3", "5", "家", False, None),  # 3—5家
    ("emerging.eight_chains_share", "gte", "52", None, "%", False, None),  # 达52%以上
    ("greensafe.energy_projects", "gt", "200", None, "个", False, None),  # not 800吨
    ("brand.china_mfg500_new", "range", "1", "2", "家", False, None),
    ("brand.little_giants_national", "eq", "100", None, "家", False, "brand.little_giants_provincial_plus"),
    ("brand.mfg_champions_national", "eq", "50", None, "家", False, None),  # after ；: not 其中
    ("quality.governor_award", "eq", "5", None, "个", True, None),
    ("quality.mayor_award", "gte", "25", None, "个", False, None),  # 培育 ends the 争创 before it
    ("quality.trademarks", "eq", "200000", None, "件", False, None),  # 20万件
    ("finance.listed_total", "gt", "150", None, "家", False, None),
    ("people.trained_managers", "gte", "10000", None, "名", False, None),
    ("market.entities_new", "eq", "700000", None, "户", False, None),  # 70万户
]


@pytest.mark.parametrize(("code", "comparator", "value", "value_max", "unit", "hedge", "parent"), AS_READ)
def test_target_says_what_the_article_says(
    code: str,
    comparator: str,
    value: str,
    value_max: str | None,
    unit: str,
    hedge: bool,
    parent: str | None,
) -> None:
    target = Target.objects.get(code=code)

    assert (target.comparator, target.value, target.unit) == (comparator, Decimal(value), unit)
    assert target.value_max == (Decimal(value_max) if value_max else None)
    assert target.hedge is hedge
    assert (target.parent.code if target.parent else None) == parent


def test_the_plan_is_whole(plan: Plan) -> None:
    assert plan.targets.count() == 96
    assert plan.milestones.count() == 22
    assert Rule.objects.filter(target__plan=plan).count() == 96
    assert list(plan.targets.values_list("position", flat=True)) == list(range(1, 97))


def test_hedges_are_these_and_no_others() -> None:
    assert set(Target.objects.filter(hedge=True).values_list("code", flat=True)) == {
        "enterprise.world500",
        "enterprise.band_2000_up",
        "enterprise.band_1000_2000",
        "enterprise.band_500_1000",
        "enterprise.band_100_500",
        "enterprise.world500_landed",
        "enterprise.regional_hq",
        "rd.centers_national_new",
        "rd.centers_provincial_new",
        "rd.innovation_center_national",
        "quality.china_quality_award",
        "quality.governor_award",
        "quality.jiangsu_premium",
        "quality.standard_innovation_bases",
        "quality.standard_awards",
    }
    assert set(Milestone.objects.filter(hedge=True).values_list("code", flat=True)) == {
        "milestone.national_smart_pilot_zone",
        "milestone.national_strategic_new_energy",
        "milestone.national_strategic_nev",
        "milestone.national_service_complex",
    }


def in_words(quote: str, target: Target) -> str:
    """The comparator, from the wording around the number."""
    number = rf"(?P<low>\d[\d.]*)(?P<range>[-—]\d+)?万?{target.unit}"
    matches = [
        match
        for match in re.finditer(number, quote)
        if any(amount.low == target.value for amount in citations.amounts(match[0], target.unit))
    ]
    if not matches:
        return Comparator.GTE if "倍增" in quote else ""
    before, after = quote[: matches[0].start()], quote[matches[0].end() :]
    if matches[0]["range"]:
        return Comparator.RANGE
    if re.search("超过?$", before):
        return Comparator.GT
    if after.startswith("左右"):
        return Comparator.APPROX
    return Comparator.GTE if re.search("达到?$", before) or after.startswith("以上") else Comparator.EQ


def test_every_comparator_follows_from_the_wording(plan: Plan) -> None:
    differing = [
        (target.code, citation.quote, target.comparator)
        for target in plan.targets.prefetch_related("citations")
        for citation in target.citations.all()
        if in_words(citation.quote, target) != target.comparator
    ]
    assert differing == []


def test_the_tolerance_is_ours_and_says_so() -> None:
    target = Target.objects.get(comparator=Comparator.APPROX)
    assert target.tolerance == 1
    assert "本系统约定" in target.note


def test_stated_twice_is_one_target_with_two_quotations() -> None:
    sections = Target.objects.get(code="green.factories_provincial_plus").citations.values_list(
        "section__code", flat=True
    )
    assert list(sections) == ["overview.green", "greensafe.green_mfg"]
    assert Counter(target.citations.count() for target in Target.objects.all()) == {1: 95, 2: 1}


# The rules


def test_feeds() -> None:
    assert Counter(Rule.objects.values_list("feed", flat=True)) == {
        Feed.STOCK: 28,
        Feed.NEW: 25,
        Feed.YEARLY: 2,
        Feed.BAND: 4,
        Feed.SUM: 14,
        Feed.RATIO: 1,
        Feed.STATISTIC: 16,
        Feed.CLUSTERS_OVER: 1,
        Feed.MULTIPLE: 4,
        Feed.LEAST: 1,
    }


# code, unit, level, at least, schemes
TITLE_RULES = [
    ("green.factories_provincial_plus", Unit.ENTERPRISE, "provincial", True, {"green_factory"}),
    ("green.factories_national", Unit.ENTERPRISE, "national", False, {"green_factory"}),
    (
        "integration.iiot_platforms",
        Unit.ITEM,
        "",
        False,
        {"iiot_platform"},
    ),  # any level: its parts have levels
    ("integration.iiot_platforms_provincial", Unit.ITEM, "provincial", False, {"iiot_platform"}),
    (
        "digital.cloud_new_per_year",
        Unit.ENTERPRISE,
        "",
        False,
        {"cloud_enterprise", "star_cloud_enterprise"},
    ),
    ("smart.workshop_provincial", Unit.ITEM, "provincial", False, {"smart_workshop"}),
    (
        "rd.innovation_centers_provincial_new",
        Unit.ITEM,
        "provincial",
        False,
        {"mfg_innovation_center", "tech_innovation_center"},
    ),
    ("brand.mfg_champions_national", Unit.ENTERPRISE, "national", False, {"mfg_champion"}),
    ("brand.unicorns", Unit.ENTERPRISE, "none", False, {"unicorn", "potential_unicorn"}),
    ("quality.standard_awards", Unit.ITEM, "provincial", True, {"standard_innovation_award"}),
    ("finance.listed_total", Unit.ENTERPRISE, "none", False, {"listed_company"}),
]


@pytest.mark.parametrize(("code", "unit", "level", "at_least", "schemes"), TITLE_RULES)
def test_rule_of_titles(code: str, unit: str, level: str, at_least: bool, schemes: set[str]) -> None:
    rule = Rule.objects.get(target__code=code)
    assert (rule.unit, rule.level, rule.at_least) == (unit, level, at_least)
    assert set(rule.schemes.values_list("scheme__code", flat=True)) == schemes


def test_a_renamed_title_is_mapped_by_the_day_of_the_award() -> None:
    target = Target.objects.get(code="brand.little_giants_provincial_plus")
    rows = {
        row.scheme.code: (str(row.applies_from or ""), str(row.applies_to or ""))
        for row in target.rule.schemes.all()
    }
    assert rows == {
        "little_giant": ("", ""),
        "provincial_little_giant_2021": ("", "2022-07-31"),
        "specialized_sme": ("2022-08-01", ""),
    }
    assert "2022年7月31日" in target.note


def test_bands_meet_without_a_gap() -> None:
    bands = Rule.objects.filter(feed=Feed.BAND).order_by("lower").values_list("lower", "upper")
    assert list(bands) == [(100, 500), (500, 1000), (1000, 2000), (2000, None)]


def test_each_of_the_ten_clusters_has_its_target() -> None:
    fed = Rule.objects.filter(target__code__startswith="cluster.").values_list("clusters__code", flat=True)
    assert set(fed) == set(Cluster.objects.filter(kind=ClusterKind.ADVANCED).values_list("code", flat=True))
    assert len(fed) == 10


def test_the_published_number_is_official_only_where_no_list_holds_the_facts() -> None:
    published = Rule.objects.filter(official=Official.PUBLISHED)
    assert not published.filter(series=None).exists()
    assert not Rule.objects.filter(feed=Feed.STATISTIC, official=Official.REGISTRY).exists()
    counted = published.exclude(feed=Feed.STATISTIC).values_list("target__code", flat=True)
    assert set(counted) == {
        "integration.cloud_enterprises",
        "digital.cloud_new_per_year",
        "market.entities_double",
        "market.enterprises_double",
    }


def test_every_series_is_used_and_has_the_unit_of_its_target() -> None:
    for series in Series.objects.prefetch_related("rules__target"):
        (rule,) = series.rules.all()
        assert series.code == rule.target.code
        assert rule.feed == Feed.MULTIPLE or series.unit == rule.target.unit


# The kinds of titles

# Known though no target counts them: the rungs below 专精特新, and a title of old lists.
FED_BY_NONE = {"tech_sme", "innovative_sme", "provincial_specialized_product"}


def test_every_scheme_feeds_a_target() -> None:
    idle = set(Scheme.objects.filter(rules=None).values_list("code", flat=True))
    assert idle == FED_BY_NONE


def test_every_scheme_of_a_rule_is_granted_at_its_level_and_counts_its_unit() -> None:
    """A scheme at another level would feed nothing, and nobody would see why."""
    for row in RuleScheme.objects.select_related("rule__target", "scheme"):
        granted = set(row.scheme.levels.values_list("level", flat=True))
        wanted = {row.rule.level} | ({"national"} if row.rule.at_least else set())
        assert row.rule.level == "" or granted & wanted, f"{row.rule.target.code}: {row.scheme.code}"
        assert row.scheme.counts == row.rule.unit, f"{row.rule.target.code}: {row.scheme.code}"


def test_no_two_schemes_share_a_name() -> None:
    owners: dict[str, str] = {}
    for scheme in Scheme.objects.all():
        for name in {names.key(name) for name in [scheme.name, *scheme.aliases]}:
            assert owners.setdefault(name, scheme.code) == scheme.code, name


def test_terms() -> None:
    """Three years for the ladder and 高新技术企业, one for yearly lists, none where nothing sets one."""
    terms = dict(Scheme.objects.values_list("code", "term_months"))
    ladder = ["innovative_sme", "specialized_sme", "little_giant", "mfg_champion", "hitech_enterprise"]
    assert {terms[code] for code in ladder} == {36}
    assert {terms[code] for code in ["tech_sme", "china_top_500", "china_mfg_top_500"]} == {12}
    assert {terms[code] for code in ["green_factory", "listed_company"]} == {None}


def test_the_ladder_of_firms_stands_in_its_order() -> None:
    ladder = ["tech_sme", "innovative_sme", "specialized_sme", "little_giant", "mfg_champion"]
    positions = [Scheme.objects.get(code=code).position for code in ladder]
    assert positions == sorted(positions)
    assert Scheme.objects.get(code="specialized_sme").succeeds.code == "provincial_little_giant_2021"


@needs(EVENTS)
def test_titles_of_the_real_list_are_known_by_name() -> None:
    known = {names.key(name) for scheme in Scheme.objects.all() for name in [scheme.name, *scheme.aliases]}
    with EVENTS.open(encoding="utf-8-sig", newline="") as file:
        titles = {re.split(r"\(产品|:", row["称号"])[0] for row in csv.DictReader(file)}
    assert {title for title in titles if names.key(title) not in known} == set()


# Areas, groups, industries, figures


def test_seven_areas_six_of_them_administrative() -> None:
    assert District.objects.count() == 7
    assert District.objects.get(inside__isnull=False).inside.code == "320412"
    zone = District.objects.get(code="320471")
    assert {"横林镇", "遥观镇", "横山桥镇", "潞城街道", "丁堰街道", "戚墅堰街道"} <= set(zone.towns)


def test_a_town_lies_in_one_area() -> None:
    towns = Counter(town for district in District.objects.all() for town in district.towns)
    assert [town for town, count in towns.items() if count > 1] == []


def test_groups() -> None:
    kinds = Counter(Cluster.objects.values_list("kind", flat=True))
    assert kinds == {"advanced": 10, "strategic": 3, "chain": 8, "future": 5}


def test_industries_are_the_97_divisions() -> None:
    assert list(Industry.objects.values_list("code", flat=True)) == [
        f"{number:02}" for number in range(1, 98)
    ]
    manufacturing = Industry.objects.filter(section="C").values_list("code", flat=True)
    assert list(manufacturing) == [str(number) for number in range(13, 44)]


@needs(FIGURES)
def test_published_figures_are_those_of_the_list() -> None:
    with FIGURES.open(encoding="utf-8-sig", newline="") as file:
        listed = {
            (
                row["target_code"],
                row["district"],
                row["as_of"],
                Decimal(row["value"]),
                row["source"],
                row["source_kind"],
                row["published_on"],
            )
            for row in csv.DictReader(file)
        }
    stored = {
        (
            statistic.series.code,
            statistic.district.name if statistic.district else "",
            statistic.day.isoformat(),
            statistic.value,
            statistic.source,
            statistic.source_kind,
            statistic.published_on.isoformat(),
        )
        for statistic in Statistic.objects.select_related("series", "district")
    }
    assert stored == listed


# Against the catalogue and the article


@needs(CATALOGUE)
def test_codes_names_order_feeds_and_parts_are_those_of_the_catalogue(plan: Plan) -> None:
    row = re.compile(r"^\| `([\w.]+)` \| (.+?) \| \S+ \| \w+ \| (\w+) \| ?(?:`([\w.]+)`)? ?\|$", re.MULTILINE)
    text = CATALOGUE.read_text(encoding="utf-8")
    ours = plan.targets.order_by("position").values_list("code", "name", "rule__feed", "parent__code")
    assert [(code, name, feed, parent or "") for code, name, feed, parent in ours] == row.findall(text)
    milestones = re.findall(r"^\| `(milestone\.\w+)` \| (.+?) \|$", text, re.MULTILINE)
    assert list(plan.milestones.order_by("position").values_list("code", "name")) == milestones


@needs(ARTICLE)
def test_every_quotation_stands_in_the_article_at_its_place(plan: Plan) -> None:
    text = ARTICLE.read_text(encoding="utf-8")
    sections = citations.find_sections(text, citations.headings_of(plan))
    found = citations.find_quotations(text, sections, citations.quotations_of(plan))

    assert len(found) == 97 + 22
    assert [section.heading for section in sections.values() if section.finding != Finding.FOUND] == []
    assert [quotation for quotation in found if quotation.finding != Finding.FOUND] == []


@needs(ARTICLE)
def test_no_number_of_the_article_is_forgotten(plan: Plan) -> None:
    """What no quotation covers are years, the name of the plan, and generations of radio."""
    text = ARTICLE.read_text(encoding="utf-8").split("---", 2)[2]
    sections = citations.find_sections(text, citations.headings_of(plan))
    found = citations.find_quotations(text, sections, citations.quotations_of(plan))
    left = citations.numbers_outside(text, [quotation.place for quotation in found if quotation.place])
    assert {text[number.start : number.end + 1] for number in left} == {"2025年", "532”", "5G", "6G"}


def test_sections_stand_in_two_levels() -> None:
    assert Section.objects.filter(parent=None).count() == 12
    assert not Section.objects.filter(parent__parent__isnull=False).exists()
