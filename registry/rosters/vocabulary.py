"""The columns that lists have: what each fills, its canonical name and the names that offices give it."""

from dataclasses import dataclass

from registry.choices import COUNT_FIGURES, MONEY_FIGURES, Figure, RosterKind


@dataclass(frozen=True, slots=True)
class Column:
    """A column that a kind of list may have; other names stand in one text, divided by spaces."""

    field: str
    title: str
    aliases: str = ""
    # names that mean this only where no better name stands in the list
    weak: str = ""


IDENTITY = (
    Column(
        "name",
        "企业名称",
        "单位名称 公司名称 公司全称 企业全称 企业 单位 申报单位 申报企业 纳税人名称 机构名称 单位全称 "
        "依托单位 建设单位 所属企业 项目单位 实施企业 承担单位 企业中文名称 name enterprise",
        weak="名称",
    ),
    Column(
        "code",
        "统一社会信用代码",
        "社会信用代码 信用代码 统一信用代码 统一代码 社会统一信用代码 统一社会信用代码注册号 纳税人识别号 "
        "税号 工商注册号 注册号 营业执照号 组织机构代码或统一社会信用代码 uscc credit_code",
    ),
    Column(
        "district",
        "板块",
        "所属板块 所属区 所在区 区县 县区 县市区 市区 所属区县 所属地区 地区 辖市区 所属辖市区 属地 "
        "所在地区 推荐单位所在地 所属区域 区域 行政区划 行政区 district",
    ),
    Column("address", "注册地址", "地址 住所 企业地址 单位地址 注册地 经营地址 详细地址 address"),
    Column(
        "industry", "行业代码", "行业大类 行业大类代码 国民经济行业代码 所属行业代码 行业分类代码 industry"
    ),
    Column("founded_on", "成立日期", "注册日期 成立时间 注册时间 登记日期 设立日期 开业日期 founded_on"),
    Column("cluster", "集群", "所属集群 产业集群 先进制造业集群 所属产业集群 cluster"),
    Column("strategic", "战略性新兴产业集群", "战新集群 战略性新兴产业 战新产业"),
    Column("chain", "产业链", "所属产业链 重点产业链 高成长性产业链 chain"),
    Column("role", "角色", "链主 是否链主 链主企业 产业链角色"),
    Column("former_names", "曾用名", "原名 原名称 曾用名称 更名前名称 原企业名称 变更前名称"),
    Column("closed_on", "注销日期", "注销时间 吊销日期 closed_on"),
    Column("stock_code", "股票代码", "证券代码 ts_code 股票编码 上市代码 stock_code"),
    Column("registration_no", "旧注册号", "原注册号 registration_no"),
    Column("legal_form", "企业类型", "公司类型 登记注册类型 企业性质 类型 legal_form"),
)

TITLES = (
    Column(
        "scheme",
        "认定类别",
        "称号 认定称号 荣誉称号 称号名称 资质 资质名称 类别 认定名称 项目类别 荣誉 认定类型 scheme",
    ),
    Column("level", "级别", "认定级别 层级 level"),
    Column(
        "item",
        "名称",
        "项目名称 车间名称 产品名称 中心名称 平台名称 园区名称 主导产品 示范车间名称 装备名称 集群名称 "
        "标准名称 基地名称 认定项目 item",
    ),
    Column("batch", "批次", "认定批次 批号 batch"),
    Column("document", "文号", "文件号 认定文号 文件文号 文件 公布文件 依据文件 document"),
    Column("certificate", "证书编号", "证书号 证书号码 certificate"),
    Column("announced_on", "公示日期", "公示时间 announced_on"),
    Column(
        "valid_from",
        "认定日期",
        "认定时间 公布日期 公布时间 发证日期 发证时间 获得时间 获评时间 颁发日期 有效期起 有效期自 "
        "上市日期 上市时间 入选日期 入选时间 批准日期 认定年月 valid_from",
        weak="日期 时间",
    ),
    Column("valid_to", "有效期至", "有效期止 到期日期 到期时间 失效日期 截止日期 valid_to"),
    Column("ended_on", "终止日期", "撤销日期 移出日期 终止时间 取消日期 退市日期 摘牌日期 ended_on"),
    Column("end_reason", "终止原因", "撤销原因 移出原因 取消原因 end_reason"),
    Column("event", "事件", "认定结果 结果 复核结果 状态 事项 event"),
    Column("source", "来源", "数据来源 出处 链接 网址 source"),
    Column("note", "备注", "说明 note"),
)

FIGURE_ALIASES: dict[str, str] = {
    Figure.REVENUE: "营收 营业总收入 主营业务收入 销售收入 开票销售 开票收入 应税销售",
    Figure.OUTPUT: "工业产值 总产值 产值",
    Figure.VALUE_ADDED: "工业增加值",
    Figure.RND: "研发投入 研发经费 研发支出 R&D经费 研究开发费用 研发费",
    Figure.TAX: "税金 纳税额 入库税收 税收总额 实缴税收 纳税总额 上缴税金",
    Figure.UPGRADE_INVESTMENT: "技术改造投资 技改投入 设备投资",
    Figure.EXPORTS: "出口 出口交货值 自营出口 出口总额",
    Figure.SOFTWARE_REVENUE: "软件业务收入 软件产品收入 工业软件收入",
    Figure.EMPLOYEES: "职工人数 员工人数 员工数 平均从业人数 从业人员 从业人员数 职工总数 人数",
    Figure.INVENTION_PATENTS: "有效发明专利数 发明专利 发明专利数 有效发明专利拥有量 发明专利拥有量",
}
FIGURES = (
    Column("year", "年份", "年度 统计年份 数据年份 报告期 所属年度 year"),
    *[Column(figure.value, figure.chinese, f"{FIGURE_ALIASES[figure]} {figure.value}") for figure in Figure],
    Column(
        "above_scale",
        "规上",
        "是否规上 规上企业 规上工业 是否规上企业 规模以上 是否规模以上 above_scale",
    ),
    Column("source", "来源", "数据来源 source"),
)

STATISTICS = (
    Column("series", "指标", "指标名称 指标代码 统计指标 target_code series code"),
    Column("district", "板块", "地区 所属区 区域 辖市区 行政区 district"),
    Column("day", "截止日期", "日期 统计日期 时点 数据日期 截至日期 as_of day", weak="年份 年度"),
    Column("value", "数值", "数据 值 数量 统计数 value"),
    Column("unit", "单位", "计量单位 unit"),
    Column("finality", "性质", "数据性质 初步或最终 finality"),
    Column("source", "来源", "数据来源 出处 source"),
    Column("source_kind", "来源类型", "来源性质 source_kind"),
    Column("published_on", "发布日期", "发布时间 公布日期 published_on"),
    Column("quotation", "原文摘录", "原文 摘录 引文 quotation"),
    Column("note", "备注", "说明 value_note note"),
)

COLUMNS: dict[str, tuple[Column, ...]] = {
    RosterKind.ENTERPRISES: IDENTITY,
    RosterKind.DESIGNATIONS: (*IDENTITY, *TITLES),
    RosterKind.ANNUAL_FIGURES: (*IDENTITY[:4], *FIGURES),
    RosterKind.STATISTICS: STATISTICS,
}
# At least one column of each group must be there.
NEEDED: dict[str, tuple[tuple[str, ...], ...]] = {
    RosterKind.ENTERPRISES: (("name",),),
    RosterKind.DESIGNATIONS: (("name", "code", "item"),),
    RosterKind.ANNUAL_FIGURES: (("name", "code"), (*Figure.values, "above_scale")),
    RosterKind.STATISTICS: (("series",), ("day",), ("value",), ("source",)),
}
MONEY_FIELDS = frozenset(figure.value for figure in MONEY_FIGURES)
COUNT_FIELDS = frozenset(figure.value for figure in COUNT_FIGURES)
