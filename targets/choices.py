"""The closed vocabularies of plans and rules."""

from registry.choices import Terms


class Comparator(Terms):
    """When a target is met; see docs of `targets.progress.is_met`."""

    GT = "gt", "超过"
    GTE = "gte", "达到"
    EQ = "eq", "数量"
    APPROX = "approx", "左右"
    RANGE = "range", "区间"


class Feed(Terms):
    """How a number comes about."""

    STOCK = "stock", "存量"
    NEW = "new", "新增"
    YEARLY = "yearly", "每年新增"
    BAND = "band", "营收分档"
    SUM = "sum", "合计"
    RATIO = "ratio", "占比"
    STATISTIC = "statistic", "统计数"
    CLUSTERS_OVER = "clusters_over", "超规模集群数"
    MULTIPLE = "multiple", "倍增"
    LEAST = "least", "最少组"


class Official(Terms):
    """Which of two numbers is the official value of a target."""

    REGISTRY = "registry", "登记册"
    PUBLISHED = "published", "公布数"


class State(Terms):
    """Where a target stands; every state has a word and a sign, so that colour alone tells nothing."""

    REACHED = "reached", "已完成"
    AHEAD = "ahead", "超序时"
    ON_PACE = "on_pace", "符合序时"
    BEHIND = "behind", "滞后"
    FAR_BEHIND = "far_behind", "严重滞后"
    MISSED = "missed", "未完成"
    NO_DATA = "no_data", "暂无数据"


class MilestoneState(Terms):
    """How far a yes-or-no commitment is."""

    NOT_STARTED = "not_started", "未启动"
    UNDER_WAY = "under_way", "推进中"
    REACHED = "reached", "已达成"


class Interval(Terms):
    """How far the points of a series lie apart; each is the last day of its month, quarter or year."""

    MONTH = "month", "按月"
    QUARTER = "quarter", "按季"
    YEAR = "year", "按年"


class Cause(Terms):
    """Why a holder is counted on one day and not on another; in the order in which a bridge tells them."""

    CORRECTED = "corrected", "数据更正"
    GRANTED = "granted", "新认定"
    RENEWED = "renewed", "复审通过或重新认定"
    EXPIRED = "expired", "到期未续"
    ENDED = "ended", "终止（撤销、移出等）"
    CLOSED = "closed", "企业注销"
    YEAR_OVER = "year_over", "跨年重新计数"
    FIRST_FIGURE = "first_figure", "新有年报数据"
    ROSE_IN = "rose_in", "升入本档"
    FELL_IN = "fell_in", "降入本档"
    ROSE_OUT = "rose_out", "升出本档"
    FELL_OUT = "fell_out", "降出本档"
    NO_FIGURE = "no_figure", "缺少年报数据"
    MOVED_IN = "moved_in", "迁入"
    MOVED_OUT = "moved_out", "迁出"


class Exclusion(Terms):
    """Why a record of a target's schemes is not counted; the first that applies, in this order."""

    ANNOUNCED = "announced", "尚在公示"
    NOT_CONFIRMED = "not_confirmed", "未经确认"
    NOT_BEGUN = "not_begun", "尚未生效"
    EXPIRED = "expired", "已到期"
    ENDED = "ended", "已终止"
    CLOSED = "enterprise_closed", "企业已注销"
    OTHER_AREA = "other_area", "属其他板块"
    LOWER_LEVEL = "lower_level", "级别不符"
    OTHER_RULE = "other_rule", "不在口径适用期内"
    BEFORE_BASELINE = "before_baseline", "此前已首次认定"
    COUNTED_HIGHER = "counted_higher", "已按更高级别计入"
    COUNTED_ALREADY = "counted_already", "已计入一次"
    SUBSIDIARY = "subsidiary", "由所属集团计入"
    OUT_OF_BAND = "out_of_band", "不在分档区间"
    NO_FIGURE = "no_figure", "缺少该年数据"
    NOT_A_MEMBER = "not_a_member", "不是主集群成员"
    OTHER_GROUP = "other_group", "属其他产业链"
    NOT_OVER = "not_over", "未超过门槛"


class Part(Terms):
    """Which enterprises of two sets that are laid upon each other."""

    BOTH = "both", "两者都有"
    FIRST = "first", "仅前者"
    SECOND = "second", "仅后者"


class Among(Terms):
    """Of what pairs are made."""

    TARGETS = "targets", "目标"
    SCHEMES = "schemes", "认定类别"


class NotCompared(Terms):
    """Why there is no difference between the registry and a published figure; the first that applies, in this order."""

    STATISTIC = "statistic", "本身就是公布数，登记册没有自己的数"
    NO_SERIES = "no_series", "口径未指定公布数指标"
    NOT_PUBLISHED = "not_published", "截至该日没有公布数"
    NO_BASELINE = "no_baseline", "缺少基期公布数，不能换算成倍数"
    NOT_KEPT = "not_kept", "登记册未收录"
    OTHER_DAY = "other_day", "登记册的数据不属同一日"


class BulletinKind(Terms):
    """Which period a bulletin closes."""

    MONTH = "month", "月度通报"
    QUARTER = "quarter", "季度通报"
    YEAR = "year", "进展通报"


class PublicationState(Terms):
    """How far a bulletin has come; only what is issued is public."""

    DRAFT = "draft", "草稿"
    SIGNED = "signed", "已签发"
    ISSUED = "issued", "已印发"


class DivideBy(Terms):
    """By what a target is divided among the areas."""

    NUMBER = "number", "现有数"
    REVENUE = "revenue", "营业收入"
    OUTPUT = "output", "工业总产值"
    EMPLOYEES = "employees", "从业人数"
    EVEN = "even", "平均"


class Divided(Terms):
    """What of a target is divided."""

    WHOLE = "whole", "总量"
    INCREASE = "increase", "增量（现有数之外）"
