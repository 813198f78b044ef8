"""Which area an address lies in, which title a cell speaks of."""

import pytest

from registry.choices import ClusterKind
from registry.rosters import reference
from registry.rosters.errors import RowRefused
from registry.rosters.reference import Reference

pytestmark = pytest.mark.usefixtures("city")


@pytest.fixture
def known(city: None) -> Reference:
    return reference.load()


def name_of(known: Reference, area: int | None) -> str:
    return next((one.name for one in known.areas if one.id == area), "")


@pytest.mark.parametrize(
    ("address", "area"),
    [
        ("常州市武进区湖塘镇人民西路1号", "武进区"),
        ("江苏省溧阳市昆仑北路", "溧阳市"),
        ("江苏省常州新北区汉江路156号", "新北区"),
        # the towns of the zone go before the district in which they lie
        ("武进区遥观镇新南村", "常州经开区"),
        ("江苏省常州市武进区横林镇", "常州经开区"),
        ("常州经济开发区东方路", "常州经开区"),
        # but not before another area that is named
        ("天宁区横林镇路口", "天宁区"),
        # a town alone
        ("湖塘镇武宜路", "武进区"),
        ("常州市春江镇圩塘", "新北区"),
        # a short name at the beginning
        ("江苏省武进经济开发区丰泽路18号", "武进区"),
        ("江苏省常州市钟楼经济开发区星港路", "钟楼区"),
        ("常州市金坛经济开发区金胜东路8号", "金坛区"),
        ("武进湖塘街道", "武进区"),
        ("金坛市河头镇", "金坛区"),
        # a short name that is that of a street says nothing
        ("常州市武进路1号", ""),
        ("金坛大道92号", ""),
        ("常州市天宁新村3幢", ""),
        # neither do addresses that name no area, or two
        ("常州市青龙路1号", ""),
        ("兰陵路29号", ""),
        ("常州市天宁区、武进区交界处", ""),
        ("苏州市工业园区", ""),
        ("", ""),
    ],
)
def test_area_of_an_address(known: Reference, address: str, area: str) -> None:
    assert name_of(known, known.district_of_address(address)) == area


@pytest.mark.parametrize(
    ("words", "area"),
    [
        ("武进区", "武进区"),
        ("武进", "武进区"),
        ("常州市武进区", "武进区"),
        ("320412", "武进区"),
        ("经开区", "常州经开区"),
        ("经开", "常州经开区"),
        ("常州经济开发区", "常州经开区"),
        ("遥观镇", "常州经开区"),
        ("溧阳", "溧阳市"),
        ("武进经济开发区", "武进区"),
        ("全市", ""),  # the whole city is no area
        ("常州市", ""),
    ],
)
def test_area_of_a_cell(known: Reference, words: str, area: str) -> None:
    assert name_of(known, known.district(words)) == area


def test_an_unknown_area_is_refused_with_the_known_ones(known: Reference) -> None:
    with pytest.raises(RowRefused, match=r"昆山市.*武进区"):
        known.district("昆山市")


@pytest.mark.parametrize(
    ("words", "code", "level", "item"),
    [
        ("绿色工厂", "green_factory", "", ""),
        ("green_factory", "green_factory", "", ""),
        ("国家级绿色工厂", "green_factory", "national", ""),  # an alias that begins with the level
        ("省级绿色工厂", "green_factory", "provincial", ""),
        ("省绿色工厂", "green_factory", "provincial", ""),
        ("江苏省绿色工厂", "green_factory", "provincial", ""),
        ("市级绿色工厂", "green_factory", "", ""),  # not granted at that level: the row or the list must say
        ("国家级制造业单项冠军(产品:圆形孔喷丝板)", "mfg_champion", "national", "圆形孔喷丝板"),
        ("制造业单项冠军（产品：喷丝板（圆形））", "mfg_champion", "", "喷丝板(圆形)"),
        ("制造业单项冠军企业", "mfg_champion", "", ""),
        ("省级专精特新中小企业(旧口径):某产品", "specialized_sme", "provincial", "某产品"),
        ("专精特新中小企业（2023年度）", "specialized_sme", "", ""),
        ("先进单位", None, "", ""),
    ],
)
def test_titles(known: Reference, words: str, code: str | None, level: str, item: str) -> None:
    found = known.scheme(words)
    assert (found and (found.scheme.code, found.level, found.item)) == (code and (code, level, item))


@pytest.mark.parametrize(
    ("words", "level"),
    [
        ("国家级", "national"),
        ("省", "provincial"),
        ("市级", "municipal"),
        ("不分级", "none"),
        ("provincial", "provincial"),
    ],
)
def test_levels(words: str, level: str) -> None:
    assert reference.level(words) == level


def test_a_group_is_of_the_kind_of_its_column(known: Reference) -> None:
    advanced = known.cluster("新能源", ClusterKind.ADVANCED)
    assert known.cluster("新能源集群", ClusterKind.ADVANCED) == advanced
    assert known.cluster("新能源", ClusterKind.STRATEGIC) != advanced
    with pytest.raises(RowRefused, match="机器人"):
        known.cluster("机器人", ClusterKind.ADVANCED)
