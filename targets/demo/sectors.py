"""What is made where, and how much: the table from which enterprises, groups and revenue are drawn.

Money in 亿元 of 2025. A sector's total holds its large enterprises; the others share what is left of it.
The totals are set against the targets of the plan so that some are reached and others are not.
"""

from dataclasses import dataclass, field

FAST = (0.36, 0.43, 0.61, 0.77, 0.88, 0.94, 1.0)
STEADY = (0.70, 0.71, 0.81, 0.87, 0.92, 0.96, 1.0)
SLOW = (0.88, 0.85, 0.95, 0.94, 0.96, 0.98, 1.0)
FIRST_YEAR = 2019
LAST_YEAR = 2025
YEARS = range(FIRST_YEAR, LAST_YEAR + 1)

AREAS = {  # code of the area: its share of enterprises
    "320481": 13,
    "320413": 13,
    "320412": 26,
    "320411": 24,
    "320402": 8,
    "320404": 7,
    "320471": 9,
}


@dataclass(frozen=True)
class Giant:
    """A large enterprise, by its revenue; `strategic` and `chain` name the groups that it belongs to."""

    revenue: int
    strategic: bool = False
    chain: str = ""
    subsidiary: bool = False  # of the first of its sector


@dataclass(frozen=True)
class Sector:
    """A line of business; `cluster` is the advanced cluster of its enterprises, empty outside all of them."""

    code: str
    cluster: str
    share: int  # of enterprises, in thousandths
    total: int
    path: tuple[float, ...]
    lines: dict[str, str]  # what names of enterprises say, and the division of GB/T 4754 that it belongs to
    products: tuple[str, ...]
    strategic: str = ""
    strategic_share: float = 0.0
    chains: dict[str, float] = field(default_factory=dict)
    giants: tuple[Giant, ...] = ()
    areas: dict[str, int] = field(default_factory=dict)  # where the line is at home: times the usual share


SECTORS = (
    Sector(
        code="equipment",
        cluster="advanced.high_end_equipment",
        share=262,
        total=6180,
        path=STEADY,
        lines={
            "精密机械": "34",
            "智能装备": "35",
            "数控机床": "34",
            "轨道装备": "37",
            "农业装备": "35",
            "液压科技": "34",
            "轴承": "34",
            "机器人科技": "34",
            "传动设备": "34",
            "工程机械": "35",
            "精密模具": "35",
            "仪器仪表": "40",
        },
        products=(
            "精密减速器",
            "五轴加工中心",
            "轨道牵引系统",
            "智能插秧机",
            "高压柱塞泵",
            "协作机器人",
            "激光切割机",
            "针织机械",
        ),
        strategic="strategic.smart_equipment",
        strategic_share=0.38,
        chains={"chain.robots": 0.08, "chain.aerospace_information": 0.05},
        giants=(
            Giant(720),
            Giant(330, strategic=True, chain="chain.robots"),
            Giant(260),
            Giant(190, strategic=True, chain="chain.aerospace_information"),
            Giant(150),
            Giant(130),
            Giant(110),
            Giant(160, subsidiary=True),
        ),
    ),
    Sector(
        code="new_energy",
        cluster="advanced.new_energy",
        share=84,
        total=3080,
        path=FAST,
        lines={
            "光伏科技": "38",
            "新能源": "38",
            "储能科技": "38",
            "动力电池": "38",
            "电力设备": "38",
            "氢能科技": "38",
            "风电装备": "34",
            "能源": "44",
        },
        products=("高效光伏组件", "储能电池系统", "动力电池模组", "逆变器", "风电齿轮箱", "氢燃料电堆"),
        strategic="strategic.new_energy",
        strategic_share=0.75,
        chains={"chain.industrial_internet": 0.2},
        giants=(
            Giant(1180, strategic=True),
            Giant(540, strategic=True, chain="chain.industrial_internet"),
            Giant(310, strategic=True),
            Giant(170, strategic=True),
            Giant(120, strategic=True),
            Giant(130, strategic=True, subsidiary=True),
        ),
        areas={"320413": 3, "320481": 3},
    ),
    Sector(
        code="new_materials",
        cluster="advanced.new_materials",
        share=122,
        total=1390,
        path=STEADY,
        lines={
            "新材料": "26",
            "碳纤维科技": "28",
            "高分子材料": "29",
            "复合材料": "30",
            "石墨烯科技": "30",
            "涂层材料": "26",
            "膜材料": "29",
            "铜铝材": "32",
        },
        products=("碳纤维预浸料", "石墨烯导热膜", "特种工程塑料", "光学基膜", "水性涂料", "复合材料型材"),
        chains={"chain.carbon_composites": 0.3},
        giants=(Giant(210, chain="chain.carbon_composites"), Giant(130)),
    ),
    Sector(
        code="nev",
        cluster="advanced.nev",
        share=112,
        total=3420,
        path=FAST,
        lines={
            "汽车零部件": "36",
            "汽车电子": "39",
            "新能源汽车": "36",
            "汽车内饰": "36",
            "车灯科技": "38",
            "电驱动科技": "38",
            "底盘系统": "36",
        },
        products=("电驱动总成", "智能车灯", "汽车线束", "制动系统", "轻量化底盘", "车载雷达", "热管理模块"),
        strategic="strategic.nev",
        strategic_share=0.6,
        chains={"chain.connected_vehicles": 0.15},
        giants=(
            Giant(610, strategic=True, chain="chain.connected_vehicles"),
            Giant(420, strategic=True),
            Giant(230, strategic=True),
            Giant(180, strategic=True, chain="chain.connected_vehicles"),
            Giant(140),
            Giant(115),
            Giant(105, subsidiary=True),
        ),
        areas={"320412": 2, "320413": 2},
    ),
    Sector(
        code="steel",
        cluster="advanced.steel",
        share=34,
        total=2120,
        path=SLOW,
        lines={"特钢": "31", "钢管": "31", "金属制品": "33", "冷轧薄板": "31", "不锈钢": "31"},
        products=("高强度螺纹钢", "无缝钢管", "冷轧硅钢", "不锈钢精密带", "汽车用钢"),
        giants=(Giant(480), Giant(390), Giant(210), Giant(160)),
        areas={"320481": 3, "320471": 2, "320412": 2},
    ),
    Sector(
        code="textile",
        cluster="advanced.textile",
        share=74,
        total=655,
        path=SLOW,
        lines={
            "纺织科技": "17",
            "印染": "17",
            "服饰": "18",
            "家纺": "17",
            "经编科技": "17",
            "牛仔面料": "17",
            "化纤": "28",
        },
        products=("经编面料", "高支色织布", "功能性灯芯绒", "防护服面料", "再生涤纶丝"),
        giants=(Giant(125),),
        areas={"320402": 4, "320412": 2},
    ),
    Sector(
        code="electronics",
        cluster="advanced.electronics",
        share=93,
        total=1450,
        path=STEADY,
        lines={
            "电子科技": "39",
            "半导体": "39",
            "通信技术": "39",
            "光电科技": "39",
            "传感技术": "40",
            "电声器件": "39",
            "微特电机": "38",
        },
        products=("功率半导体模块", "微特电机", "光通信器件", "毫米波天线", "压力传感器", "电声组件"),
        chains={"chain.integrated_circuits": 0.25, "chain.communication_5g": 0.2},
        giants=(
            Giant(240, chain="chain.integrated_circuits"),
            Giant(150, chain="chain.communication_5g"),
            Giant(108),
        ),
        areas={"320411": 2, "320412": 2},
    ),
    Sector(
        code="biomed",
        cluster="advanced.biomed",
        share=62,
        total=610,
        path=STEADY,
        lines={
            "生物医药": "27",
            "医疗器械": "35",
            "制药": "27",
            "骨科器械": "35",
            "诊断试剂": "27",
            "生物科技": "27",
        },
        products=("骨科植入物", "吻合器", "体外诊断试剂盒", "缓释制剂", "康复机器人"),
        chains={"chain.biomedicine": 0.6},
        giants=(Giant(118, chain="chain.biomedicine"),),
        areas={"320411": 3},
    ),
    Sector(
        code="building",
        cluster="advanced.building_materials",
        share=47,
        total=512,
        path=SLOW,
        lines={"新型建材": "30", "装饰材料": "30", "地板": "20", "水泥制品": "30", "玻璃科技": "30"},
        products=("强化木地板", "装配式构件", "节能玻璃", "低碳水泥", "防火板材"),
        areas={"320471": 5},
    ),
    Sector(
        code="energy_saving",
        cluster="advanced.energy_saving",
        share=51,
        total=770,
        path=STEADY,
        lines={"环保装备": "35", "节能科技": "35", "水处理技术": "77", "资源再生": "42", "换热设备": "34"},
        products=("膜法水处理装备", "余热回收机组", "高效换热器", "废气治理装置", "电池回收线"),
        giants=(Giant(105),),
    ),
    Sector(
        code="services",
        cluster="",
        share=34,
        total=180,
        path=FAST,
        lines={
            "软件技术": "65",
            "数字科技": "65",
            "信息技术": "65",
            "工业互联网科技": "64",
            "工业设计": "74",
            "检测技术": "74",
            "研究院": "73",
        },
        products=("设备物联平台", "制造执行系统", "供应链协同平台", "能源管理平台", "数字孪生平台"),
        chains={"chain.industrial_internet": 0.4},
        areas={"320411": 2, "320404": 3},
    ),
    Sector(
        code="other",
        cluster="",
        share=25,
        total=260,
        path=SLOW,
        lines={
            "食品": "14",
            "粮油": "13",
            "纸业": "22",
            "印刷科技": "23",
            "文体用品": "24",
            "包装制品": "22",
        },
        products=("休闲食品", "环保包装箱", "数码印刷品", "画材"),
    ),
)
