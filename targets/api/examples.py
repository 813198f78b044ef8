"""What answers look like, for the schema."""

AREAS = [
    {"code": "320481", "name": "溧阳市", "value": "4"},
    {"code": "320413", "name": "金坛区", "value": "3"},
    {"code": "320412", "name": "武进区", "value": "9"},
    {"code": "320411", "name": "新北区", "value": "7"},
    {"code": "320402", "name": "天宁区", "value": "1"},
    {"code": "320404", "name": "钟楼区", "value": "2"},
    {"code": "320471", "name": "常州经开区", "value": "1"},
]

READING = {
    "code": "green.factories_national",
    "name": "国家级绿色工厂",
    "district": None,
    "value": "27",
    "unit": "家",
    "target": "30",
    "comparator": "eq",
    "completion": "0.9",
    "expected": "0.8",
    "lead": "0.1",
    "state": "ahead",
    "as_of": "2024-12-30",
    "data_date": "2024-12-30",
    "basis": "registry",
    "registry_value": "27",
    "official": {
        "value": "28",
        "as_of": "2024-12-30",
        "source": "常州市工业和信息化局",
        "source_kind": "official",
        "note": "",
    },
    "difference": "-1",
    "numerator": None,
    "denominator": None,
    "by_district": AREAS,
    "by_cluster": [{"code": "advanced.new_energy", "name": "新能源", "value": "11"}],
}

NO_DATA = {
    **READING,
    "code": "cluster.new_energy",
    "name": "新能源集群规模",
    "value": None,
    "unit": "亿元",
    "target": "1000",
    "comparator": "gt",
    "completion": None,
    "lead": None,
    "state": "no_data",
    "data_date": None,
    "registry_value": None,
    "official": None,
    "difference": None,
    "by_district": [{**area, "value": None} for area in AREAS],
    "by_cluster": [],
}

PROGRESS = {
    "plan": "532",
    "plan_is_draft": False,
    "as_of": "2024-12-30",
    "district": None,
    "results": [READING, NO_DATA],
}

RECORD = {
    "enterprise_id": 1,
    "uscc": "91320400000000000X",
    "enterprise": "示例光能有限公司",
    "item": "",
    "district": "320412",
    "district_name": "武进区",
    "designation_id": 7,
    "scheme_name": "绿色工厂",
    "level": "national",
    "batch": "第六批",
    "document": "工信厅节函〔2022〕7号",
    "announced_on": None,
    "valid_from": "2022-01-21",
    "valid_to": None,
    "ended_on": None,
    "cluster_name": "",
    "year": None,
    "value": None,
    "source": "",
    "reason": None,
    "reason_text": "",
}

LEFT_OUT = {**RECORD, "valid_to": "2023-12-31", "reason": "expired", "reason_text": "已到期"}


LISTED = {"address": "scheme:listed_company", "name": "上市公司", "number": 101}
GIANTS = {
    "address": "target:brand.little_giants_national",
    "name": "国家级专精特新“小巨人”企业",
    "number": 232,
}
PAIR = {
    "first": GIANTS,
    "second": LISTED,
    "both": 27,
    "either": 306,
    "only_first": 205,
    "only_second": 74,
}

OVERLAP = {
    **PAIR,
    "as_of": "2024-12-31",
    "district": None,
    "may_be_added": False,
    "reason": "相加为333，但实际只有306家企业：有27家会重复计算。",
    "by_district": [{"code": "320412", "name": "武进区", "first": 71, "second": 30, "both": 11}],
}

LARGEST = {
    "plan": "532",
    "as_of": "2024-12-31",
    "district": None,
    "count": 1,
    "results": [
        {**PAIR, "share_of_first": "0.1163793", "share_of_second": "0.2673267", "whole_and_part": False}
    ],
}

COMMON = {
    "count": 1,
    "next": None,
    "previous": None,
    "as_of": "2024-12-31",
    "results": [
        {
            "enterprise_id": 1,
            "uscc": "91320400000000000X",
            "enterprise": "示例光能有限公司",
            "district": "320412",
            "district_name": "武进区",
        }
    ],
}

TOTAL = {
    "as_of": "2024-12-31",
    "district": None,
    "may_be_added": False,
    "reason": "不同类别的集群是同一批企业的不同分组，从不相加：先进制造业集群、高成长性产业链。",
    "value": None,
    "unit": "亿元",
    "added": None,
    "once": None,
    "again": None,
    "of": [
        {"address": "cluster:advanced.new_energy", "name": "新能源", "value": "1860.5"},
        {"address": "cluster:chain.solar", "name": "太阳能光伏", "value": "905.2"},
    ],
}

COMPARED = {
    "as_of": "2024-12-31",
    "published": {
        "value": "232",
        "as_of": "2024-12-31",
        "source": "常州市工业和信息化局",
        "source_kind": "official",
        "note": "",
    },
    "registry_value": "229",
    "difference": "-3",
    "share": "-0.0129310",
    "reason": None,
    "reason_text": "",
}
NAMED = {"code": "brand.little_giants_national", "name": "国家级专精特新“小巨人”企业", "unit": "家"}

DIFFERENCES = {
    "plan": "532",
    "as_of": "2025-12-31",
    "district": None,
    "results": [{**NAMED, **COMPARED, "since": "2022-08-16"}],
    "left_out": [
        {
            "code": "quality.trademarks",
            "name": "有效注册商标",
            "unit": "件",
            "published": None,
            "reason": "statistic",
            "reason_text": "本身就是公布数，登记册没有自己的数",
        }
    ],
}

HISTORY = {
    **NAMED,
    "as_of": "2025-12-31",
    "district": None,
    "since": None,
    "reason": None,
    "reason_text": "",
    "results": [COMPARED],
}


def records(*rows: dict[str, object]) -> dict[str, object]:
    return {"count": len(rows), "next": None, "previous": None, "as_of": "2024-12-30", "results": list(rows)}


CHANGE = {"value": "24", "difference": "3", "share": "0.125"}

POINT = {
    "day": "2024-12-31",
    "value": "27",
    "data_date": "2024-12-31",
    "target": "30",
    "completion": "0.9",
    "expected": "0.8",
    "lead": "0.1",
    "state": "ahead",
    "official": READING["official"],
    "year_on_year": CHANGE,
    "on_last": {"value": "27", "difference": "0", "share": "0"},
    "by_district": AREAS,
}

SERIES = {
    "code": "green.factories_national",
    "name": "国家级绿色工厂",
    "unit": "家",
    "comparator": "eq",
    "district": None,
    "step": "month",
    "results": [POINT],
}

GAINED = {"cause": "granted", "name": "新认定", "amount": "4"}
LOST = {"cause": "ended", "name": "终止（撤销、移出等）", "amount": "-1"}
MOVED = {"cause": "moved_out", "name": "迁出", "amount": "-1"}

BRIDGE = {
    "code": "green.factories_national",
    "name": "国家级绿色工厂",
    "unit": "家",
    "district": None,
    "from": "2023-12-31",
    "to": "2024-12-31",
    "from_known_at": None,
    "known_at": None,
    "start": "24",
    "causes": [GAINED, LOST],
    "end": "27",
    "by_district": [
        {"code": "320412", "name": "武进区", "start": "10", "causes": [MOVED], "end": "9"},
    ],
    "by_cluster": [
        {
            "code": "advanced.new_energy",
            "name": "新能源",
            "kind": "advanced",
            "start": "7",
            "causes": [GAINED],
            "end": "11",
        }
    ],
}

STEP = {
    **{name: value for name, value in RECORD.items() if not name.startswith("reason")},
    "cause": "granted",
    "cause_name": "新认定",
    "amount": "1",
}

# Rows, by the names of their schemas

PUBLICATION = {
    "id": 7,
    "plan": "532",
    "kind": "month",
    "day": "2024-06-30",
    "title": "2024年6月通报",
    "known_at": "2024-07-03T10:00:00+08:00",
    "signed_at": "2024-07-03T15:20:00+08:00",
    "issued_at": "2024-07-04T09:00:00+08:00",
    "corrects": None,
    "corrected_by": None,
    "records_sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "documents": [],
}
ROWS = {
    "Target": {
        "id": 4,
        "code": "scale.tech_upgrade_invest_share",
        "name": "工业技改投资占工业投资比重",
        "plan": "532",
        "plan_is_draft": False,
        "section": "数读",
        "subsection": "规模效益",
        "section_code": "overview.scale",
        "quote": "工业技改投资占工业投资比重达60%",
        "citations": [
            {
                "quote": "工业技改投资占工业投资比重达60%",
                "section": "规模效益",
                "section_code": "overview.scale",
            }
        ],
        "comparator": "gte",
        "value": "60",
        "value_max": None,
        "unit": "%",
        "tolerance": None,
        "hedge": False,
        "parent": None,
        "baseline_date": "2020-12-31",
        "deadline": "2025-12-31",
        "baseline_value": None,
        "baseline_source": "",
        "feed": "statistic",
        "rule_text": "截至所选日期最新的公布统计数",
        "office": "工信局",
        "note": "",
        "position": 4,
        "retired_on": None,
        "version": 1,
    },
    "Milestone": {
        "id": 1,
        "code": "milestone.national_smart_pilot_zone",
        "name": "国家智能制造先行区",
        "plan": "532",
        "plan_is_draft": False,
        "section": "纵深拓展“智改数转”",
        "subsection": "智能化改造",
        "section_code": "digital.smart",
        "quote": "争创国家智能制造先行区",
        "citations": [
            {"quote": "争创国家智能制造先行区", "section": "智能化改造", "section_code": "digital.smart"}
        ],
        "hedge": True,
        "state": "not_started",
        "reached_on": None,
        "evidence": "",
        "office": "",
        "position": 1,
        "version": 1,
    },
    "Quota": {
        "id": 3,
        "plan": "532",
        "target": "green.factories_national",
        "target_name": "国家级绿色工厂",
        "unit": "家",
        "district": "320412",
        "day": "2025-12-31",
        "value": "9",
        "basis": "count",
        "version": 1,
    },
    "Publication": PUBLICATION,
    "WholePublication": {**PUBLICATION, "paragraphs": [], "content": {}},
}
