"""The city in small: areas, groups, kinds of titles, and those who bring lists."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import translation

from registry.models import Cluster, District, Industry, Scheme, SchemeLevel, Series, User
from tests.people import clerk_of_the_city

AREAS = [
    ("320481", "溧阳市", "溧阳", ["溧城街道", "竹箦镇"]),
    ("320413", "金坛区", "金坛", ["尧塘街道", "薛埠镇"]),
    ("320412", "武进区", "武进", ["湖塘镇", "洛阳镇"]),
    ("320411", "新北区", "新北", ["春江镇", "薛家镇"]),
    ("320402", "天宁区", "天宁", ["青龙街道"]),
    ("320404", "钟楼区", "钟楼", ["邹区镇"]),
]
SCHEMES: list[dict[str, Any]] = [
    {"code": "specialized_sme", "name": "专精特新中小企业", "levels": ["provincial"], "term_months": 36},
    {
        "code": "green_factory",
        "name": "绿色工厂",
        "levels": ["national", "provincial"],
        "aliases": ["国家级绿色工厂"],
    },
    {"code": "mfg_champion", "name": "制造业单项冠军", "levels": ["national"], "term_months": 36},
    {"code": "listed_company", "name": "上市公司", "levels": ["none"]},
    {
        "code": "smart_workshop",
        "name": "智能车间",
        "levels": ["provincial"],
        "counts": "item",
        "item_word": "车间",
    },
    {"code": "green_park", "name": "绿色园区", "levels": ["national"], "counts": "item", "item_word": "园区"},
]


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """The messages are written in English; their Chinese is checked elsewhere."""
    with translation.override("en"):
        yield


@pytest.fixture
def city(db: None) -> None:
    for position, (code, name, short, towns) in enumerate(AREAS):
        District.objects.create(code=code, name=name, short_name=short, towns=towns, position=position)
    District.objects.create(
        code="320471",
        name="常州经开区",
        short_name="经开",
        towns=["遥观镇", "横林镇"],
        inside=District.objects.get(code="320412"),
        position=9,
    )
    for kind, name in [
        ("advanced", "新能源"),
        ("advanced", "新材料"),
        ("strategic", "新能源"),
        ("chain", "机器人"),
    ]:
        Cluster.objects.create(code=f"{kind}.{name}", name=name, kind=kind)
    Industry.objects.create(code="35", name="专用设备制造业", section="C")
    Industry.objects.create(code="38", name="电气机械和器材制造业", section="C")
    for scheme in SCHEMES:
        levels = scheme["levels"]
        made = Scheme.objects.create(**{name: value for name, value in scheme.items() if name != "levels"})
        SchemeLevel.objects.bulk_create(SchemeLevel(scheme=made, level=level) for level in levels)
    Series.objects.create(code="brand.little_giants", name="小巨人企业数", unit="家")
    Series.objects.create(code="scale.output", name="工业规模总量", unit="亿元")


@pytest.fixture
def wang(db: None) -> User:
    return clerk_of_the_city()
