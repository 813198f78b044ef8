"""The closed vocabularies of the registry."""

import enum

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy


class Terms(TextChoices):
    """A closed vocabulary whose labels are the terms of the trade, in Chinese; told in English to whoever asks for it.

    The English of every term stands in the catalogue `en`, which `manage.py translations` keeps.
    """

    @enum.property
    def label(self) -> Promise:
        return gettext_lazy(self.chinese)

    @property
    def chinese(self) -> str:
        """The term whatever language is spoken: for lists, papers and the names of groups."""
        return str(self._label_)


class Level(Terms):
    """Who grants a title, from the highest down; the order of the members is the order of rank."""

    NATIONAL = "national", "国家级"
    PROVINCIAL = "provincial", "省级"
    MUNICIPAL = "municipal", "市级"
    DISTRICT = "district", "区级"
    NONE = "none", "不分级"

    @property
    def rank(self) -> int:
        """0 for the highest."""
        return list(Level).index(self)

    @classmethod
    def at_least(cls, level: str) -> list["Level"]:
        """The level and those above it (省级以上 is provincial and national)."""
        return list(cls)[: cls(level).rank + 1]


class ClusterKind(Terms):
    """Groupings of the same enterprises: never added up across kinds."""

    ADVANCED = "advanced", "先进制造业集群"
    STRATEGIC = "strategic", "战略性新兴产业集群"
    CHAIN = "chain", "高成长性产业链"
    FUTURE = "future", "未来产业"


class Unit(Terms):
    """What one unit of a count is."""

    ENTERPRISE = "enterprise", "企业"
    ITEM = "item", "项目"


class DesignationState(Terms):
    """How far a title has come: only a confirmed one counts."""

    ANNOUNCED = "announced", "公示"
    SUBMITTED = "submitted", "待审核"
    CONFIRMED = "confirmed", "已确认"
    RETURNED = "returned", "已退回"


class EndReason(Terms):
    """Why a title ended before its term."""

    FAILED_REVIEW = "failed_review", "复核未通过"
    REVOKED = "revoked", "撤销"
    REMOVED = "removed", "移出名单"
    GRADUATED = "graduated", "晋级"
    DEREGISTERED = "deregistered", "企业注销"
    LEFT = "left", "企业迁出"


class ReviewOutcome(Terms):
    """What a re-review (复核) found."""

    PASSED = "passed", "通过"
    FAILED = "failed", "未通过"


class TitleStep(Terms):
    """What is done to many titles at once."""

    CONFIRM = "confirm", "确认"
    SEND_BACK = "send_back", "退回"
    PASS = "pass", "复核通过"
    FAIL = "fail", "复核未通过"
    END = "end", "终止"


class MemberRole(Terms):
    """What an enterprise is in its cluster or chain."""

    LEADER = "leader", "链主"
    MEMBER = "member", "成员"


class Finality(Terms):
    """Whether a published figure may still change."""

    PRELIMINARY = "preliminary", "初步数"
    FINAL = "final", "最终数"


class SourceKind(Terms):
    """How near a source stands to who counted."""

    OFFICIAL = "official", "官方发布"
    REPRINT = "reprint", "转载"
    MEDIA = "media", "媒体报道"


class RosterKind(Terms):
    """What the rows of a list are."""

    ENTERPRISES = "enterprises", "企业名单"
    DESIGNATIONS = "designations", "认定名单"
    ANNUAL_FIGURES = "annual_figures", "年报数据"
    STATISTICS = "statistics", "统计数据"


class RowOutcome(Terms):
    """What became of a row: rows = created + updated + unchanged + queued + rejected, always."""

    CREATED = "created", "新增"
    UPDATED = "updated", "更新"
    UNCHANGED = "unchanged", "未变"
    QUEUED = "queued", "待匹配"
    REJECTED = "rejected", "退回"


class Figure(Terms):
    """The yearly figures of an enterprise (年报); the values are the field names of AnnualFigures."""

    REVENUE = "revenue", "营业收入"
    OUTPUT = "output", "工业总产值"
    VALUE_ADDED = "value_added", "增加值"
    RND = "rnd", "研发费用"
    TAX = "tax", "税收"
    UPGRADE_INVESTMENT = "upgrade_investment", "技改投资"
    EXPORTS = "exports", "出口额"
    SOFTWARE_REVENUE = "software_revenue", "软件收入"
    EMPLOYEES = "employees", "从业人数"
    INVENTION_PATENTS = "invention_patents", "有效发明专利"


COUNT_FIGURES = (Figure.EMPLOYEES, Figure.INVENTION_PATENTS)
MONEY_FIGURES = tuple(figure for figure in Figure if figure not in COUNT_FIGURES)


class Role(Terms):
    """What a person does here."""

    CITY_CLERK = "city_clerk", "市级经办"
    CITY_REVIEWER = "city_reviewer", "市级审核"
    CITY_OFFICIAL = "city_official", "市级领导"
    DISTRICT_CLERK = "district_clerk", "板块经办"
    DISTRICT_OFFICIAL = "district_official", "板块领导"
    INTEGRATOR = "integrator", "系统接入"
    AUDITOR = "auditor", "审计"
    SYSTEM_ADMINISTRATOR = "system_administrator", "系统管理员"
    SECURITY_ADMINISTRATOR = "security_administrator", "安全保密管理员"
    AUDIT_ADMINISTRATOR = "audit_administrator", "安全审计员"
    UNASSIGNED = "unassigned", "尚未定岗"

    @classmethod
    def administrators(cls) -> tuple["Role", ...]:
        """The three who look after the site (三员分立): they work with no facts, and none does another's work."""
        return (cls.SYSTEM_ADMINISTRATOR, cls.SECURITY_ADMINISTRATOR, cls.AUDIT_ADMINISTRATOR)

    @classmethod
    def of_an_area(cls) -> tuple["Role", ...]:
        return (cls.DISTRICT_CLERK, cls.DISTRICT_OFFICIAL)

    @classmethod
    def without_a_desk(cls) -> tuple["Role", ...]:
        """Programs use the API, not the admin; who has no role yet has no desk either."""
        return (cls.INTEGRATOR, cls.UNASSIGNED)


class UploadState(Terms):
    """How far a list has come that was brought, but is not in the registry yet."""

    READING = "reading", "正在读取"
    UNREADABLE = "unreadable", "需要处理"
    PREVIEWED = "previewed", "待确认导入"
    APPLYING = "applying", "正在导入"
    APPLIED = "applied", "已导入"


class Scope(Terms):
    """What a token may be used for; it never opens more than its person may see or do."""

    READ_TOTALS = "read_totals", "读取汇总数"
    READ_ENTERPRISES = "read_enterprises", "读取企业"
    READ_RECORDS = "read_records", "读取称号与年报"
    READ_CONTACTS = "read_contacts", "读取联系人"
    WRITE_ENTERPRISES = "write_enterprises", "写入企业"
    WRITE_TITLES = "write_titles", "写入称号"
    WRITE_FIGURES = "write_figures", "写入年报"
    WRITE_STATISTICS = "write_statistics", "写入统计数"
    FOLLOW_CHANGES = "follow_changes", "跟踪变动"
    READ_LISTS = "read_lists", "读取指定名录"


class Turnover(Terms):
    """Why an enterprise came onto a named list, or left it."""

    FOUNDED = "founded", "新设立"
    MOVED_IN = "moved_in", "迁入"
    GRANTED = "granted", "称号生效"
    GROUPED = "grouped", "进入集群"
    CLOSED = "closed", "注销"
    MOVED_OUT = "moved_out", "迁出"
    LAPSED = "lapsed", "称号失效"
    UNGROUPED = "ungrouped", "退出集群"


class TokenState(Terms):
    """How a token stands on a day."""

    WAITING = "waiting", "待领取"
    VALID = "valid", "有效"
    ENDING = "ending", "并行期内"
    NOT_BEGUN = "not_begun", "尚未生效"
    SUPERSEDED = "superseded", "已轮换"
    EXPIRED = "expired", "已到期"
    REVOKED = "revoked", "已吊销"

    @classmethod
    def still_open(cls) -> tuple["TokenState", ...]:
        """Those that open something, or will."""
        return (cls.WAITING, cls.VALID, cls.ENDING, cls.NOT_BEGUN)
