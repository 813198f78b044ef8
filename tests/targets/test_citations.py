"""Headings, quotations and numbers in a text; the text is made up in the manner of the real one."""

from decimal import Decimal

import pytest

from targets import citations
from targets.citations import LEAD, Amount, Finding, FoundQuotation, Heading, Place, Quotation

TEXT = """ 全市走在全省前列，打造新能源集群。
 数读
 规模效益
 到2025年，规模超2.5万亿元，占比43%左右。
 打造集群
 ■新能源集群
 到2025年，集群规模达1500亿元。
 ■新材料集群
 到2025年，集群规模达1500亿元。
 金融
 强化金融。新增融资规模超3000亿元，总数超150家。
 用好市场。总数超50家，其中10家；另有其中10家。
"""

HEADINGS = [
    Heading(LEAD, "导语"),
    Heading("figures", "数读"),
    Heading("figures.scale", "规模效益", depth=1),
    Heading("clusters", "打造集群"),
    Heading("clusters.energy", "新能源集群", depth=1),
    Heading("clusters.materials", "新材料集群", depth=1),
    Heading("finance", "金融"),
    Heading("finance.strong", "强化金融", depth=1),
    Heading("finance.market", "用好市场", depth=1),
]


def find(section: str, quote: str, text: str = TEXT, headings: list[Heading] = HEADINGS) -> FoundQuotation:
    sections = citations.find_sections(text, headings)
    (found,) = citations.find_quotations(text, sections, [Quotation("target", section, quote)])
    return found


# Headings


def test_headings_are_found_in_order() -> None:
    sections = citations.find_sections(TEXT, HEADINGS)
    assert {section.finding for section in sections.values()} == {Finding.FOUND}
    starts = [section.span.start for section in sections.values() if section.span]
    assert starts == sorted(starts)


def test_the_lead_ends_at_the_first_heading() -> None:
    span = citations.find_sections(TEXT, HEADINGS)[LEAD].span
    assert span == Place(0, TEXT.index("数读"))


def test_a_section_holds_its_parts_and_ends_at_its_like() -> None:
    sections = citations.find_sections(TEXT, HEADINGS)
    whole, part = sections["clusters"].span, sections["clusters.materials"].span
    assert whole is not None
    assert part is not None
    assert whole.holds(part)
    assert TEXT[whole.end :].startswith("金融")
    assert TEXT[part.start : part.end].count("1500亿元") == 1


def test_the_name_of_a_heading_inside_a_sentence_is_no_heading() -> None:
    """新能源集群 stands in the lead before its own heading."""
    span = citations.find_sections(TEXT, HEADINGS)["clusters.energy"].span
    assert span is not None
    assert span.start == TEXT.index("■新能源集群") + 1


def test_a_heading_that_is_not_there_is_missing_and_costs_the_others_nothing() -> None:
    headings = [*HEADINGS[:3], Heading("gone", "没有的标题"), *HEADINGS[3:]]
    sections = citations.find_sections(TEXT, headings)
    assert (sections["gone"].finding, sections["gone"].span) == (Finding.MISSING, None)
    assert sections["clusters"].finding == Finding.FOUND


def test_a_heading_that_comes_twice_is_ambiguous() -> None:
    text = f"{TEXT} 金融\n"
    sections = citations.find_sections(text, HEADINGS)
    assert sections["finance"].finding == Finding.AMBIGUOUS
    assert sections["finance"].span == Place(text.index("金融"), len(text))


def test_an_empty_text_has_nothing() -> None:
    sections = citations.find_sections("", HEADINGS)
    assert {code for code, section in sections.items() if section.finding == Finding.FOUND} == {LEAD}
    assert find("figures.scale", "43%左右", text="").finding == Finding.MISSING


# Quotations

QUOTATIONS = [
    ("figures.scale", "规模超2.5万亿元", Finding.FOUND),
    ("figures", "规模超2.5万亿元", Finding.FOUND),  # in a part of the section
    (LEAD, "全市走在全省前列", Finding.FOUND),
    ("clusters.energy", "集群规模达1500亿元", Finding.FOUND),  # once under each of the two headings
    ("clusters", "集群规模达1500亿元", Finding.AMBIGUOUS),
    ("finance.market", "其中10家", Finding.AMBIGUOUS),
    ("finance.strong", "其中10家", Finding.ELSEWHERE),
    ("figures.scale", "规模超3万亿元", Finding.MISSING),
    ("unknown", "规模超2.5万亿元", Finding.ELSEWHERE),
    ("finance.strong", "50家", Finding.ELSEWHERE),  # 150家 is another number
    ("finance.strong", "总数超15", Finding.ELSEWHERE),  # cut off within 150
    ("figures.scale", "5万亿元", Finding.ELSEWHERE),  # 2.5万亿元 is another number
    ("finance.strong", "", Finding.ELSEWHERE),
]


@pytest.mark.parametrize(("section", "quote", "finding"), QUOTATIONS)
def test_quotation(section: str, quote: str, finding: Finding) -> None:
    assert find(section, quote).finding == finding


def test_the_place_of_a_quotation_and_its_offset_in_the_section() -> None:
    found = find("clusters.materials", "集群规模达1500亿元")
    assert found.place is not None
    assert TEXT[found.place.start : found.place.end] == "集群规模达1500亿元"
    assert found.place.start == TEXT.rindex("集群规模达1500亿元")
    assert found.offset == found.place.start - TEXT.index("新材料集群")


def test_what_is_not_found_has_no_place() -> None:
    found = find("finance.strong", "其中10家")
    assert (found.place, found.offset) == (None, None)


# Numbers

AMOUNTS = [
    ("规模总量超2.5万亿元", "亿元", ["25000"]),
    ("规模达1500亿元", "亿元", ["1500"]),  # 亿 belongs to the unit
    ("建成5G基站2.8万个", "个", ["28000"]),  # 5G is no count
    ("新增市场主体70万户", "户", ["700000"]),
    ("超20,000家", "家", ["20000"]),
    ("比重达52%以上", "%", ["52"]),
    ("1000—2000亿元1家", "家", ["1"]),
    ("年节约800吨标煤以上的项目超200个", "个", ["200"]),
    ("实现上市公司数量倍增", "倍", ["2"]),
    ("收入翻一番", "倍", ["2"]),
    ("增长3倍", "倍", ["3"]),
    ("超过5000家，其中100家", "家", ["5000", "100"]),
    ("培育50", "家", ["50"]),  # without its unit
    ("走在前列", "家", []),
]


@pytest.mark.parametrize(("quote", "unit", "expected"), AMOUNTS)
def test_amounts_in_plain_units(quote: str, unit: str, expected: list[str]) -> None:
    assert citations.amounts(quote, unit) == [Amount(Decimal(number)) for number in expected]


@pytest.mark.parametrize("quote", ["1-2家", "1—2家", "1至2家", "1～2家", "1–2家"])
def test_a_range_has_two_ends(quote: str) -> None:
    assert citations.amounts(quote, "家") == [Amount(Decimal(1), Decimal(2))]


def test_numbers_that_nobody_quotes() -> None:
    text = "到2025年，总数超150家，其中10家。"
    quoted = Place(text.index("总数"), text.index("，其中"))
    left = citations.numbers_outside(text, [quoted])
    assert [text[number.start : number.end] for number in left] == ["2025", "10"]
