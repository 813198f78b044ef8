"""Names of workshops, products, centres, platforms, parks, standards and projects."""

from random import Random

from registry.demo import MARK
from targets.demo.facts import Company
from targets.demo.names import FIRST, SECOND

# {product} is what the enterprise makes, {town} a place; those of no enterprise begin with the mark.
FORMS: dict[str, tuple[str, ...]] = {
    "workshop": (
        "{product}总装智能车间",
        "{product}精密加工智能车间",
        "{product}成型智能车间",
        "{product}检测智能车间",
    ),
    "product": ("{product}（重大装备）", "智能化{product}", "大型{product}成套装备", "高速{product}"),
    "specialized": ("{product}", "高性能{product}"),
    "tech_center": ("{product}企业技术中心",),
    "research_center": ("{product}工程研究中心",),
    "engineering_center": ("{product}工程技术研究中心",),
    "innovation_center": ("{product}创新中心",),
    "design_center": ("{product}工业设计中心",),
    "platform": ("{product}工业互联网平台", "{product}行业云平台"),
    "energy": (
        "{product}产线余热回收改造",
        "{product}空压系统节能改造",
        "{product}窑炉节能改造",
        "{product}电机系统能效提升",
    ),
    "standard": ("{product} 通用技术条件", "{product} 试验方法", "{product} 术语", "{product} 安全要求"),
    "award": ("《{product} 通用技术规范》标准",),
    "base": ("{product}技术标准创新基地",),
    "park": ("示例{town}产业园", "示例{town}先进制造园", "示例{town}科技园"),
    "cluster": ("示例{town}装备产业集群", "示例{town}新能源产业集群"),
    "landed": ("示例{brand}全球集团常州项目",),
    "headquarters": ("示例{brand}跨国集团常州地区总部",),
}
ALONE = {"park", "cluster", "landed", "headquarters"}  # held by no enterprise
COUNTING = "二三四五六七八九十"


def item_name(
    rng: Random, kind: str, company: Company | None, town: str, taken: set[tuple[int | None, str]]
) -> str:
    """A name that the holder has not yet used."""
    form = rng.choice(FORMS[kind])
    product = rng.choice(company.sector.products) if company else ""
    brand = rng.choice(FIRST) + rng.choice(SECOND)
    name = form.format(product=product, town=town, brand=brand)
    holder = company.number if company else None
    numbers = iter(range(len(COUNTING) * 20))
    unique = name
    while (holder, unique) in taken:
        turn = next(numbers)
        unique = f"{name}（{COUNTING[turn % 9]}期）" if turn < 9 else f"{name}（{turn + 2}号）"
    taken.add((holder, unique))
    assert company is not None or unique.startswith(MARK)
    return unique
