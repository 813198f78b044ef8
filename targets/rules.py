"""What a rule may say: the fields of each feed, what cannot be evaluated, and the sentence that says what it counts."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from registry.choices import COUNT_FIGURES, MONEY_FIGURES, ClusterKind, Figure, Level, MemberRole, Unit
from registry.models import Cluster
from targets.choices import Feed, Official
from targets.models import Rule, RuleScheme

TITLES = (Feed.STOCK, Feed.NEW, Feed.YEARLY)
FIGURES = (Feed.BAND, Feed.SUM, Feed.RATIO, Feed.CLUSTERS_OVER)
# Begin anew with every plan, so that no level is carried over; a multiple has a baseline of its own in its rule.
BEGIN_ANEW = (Feed.NEW, Feed.YEARLY, Feed.MULTIPLE)
# The city is the sum of its areas; of ratios, multiples and smallest groups it is not.
ADDITIVE = (*TITLES, Feed.BAND, Feed.SUM)

PER_HUNDRED_MILLION = Decimal(10_000)  # 万元 in 亿元
PERCENT = Decimal(100)


@dataclass(frozen=True)
class SchemeTerm:
    """A scheme that feeds a rule, and the award days (inclusive) between which it does."""

    id: int
    name: str
    levels: tuple[str, ...]
    counts: Unit
    applies_from: dt.date | None = None
    applies_to: dt.date | None = None


@dataclass(frozen=True)
class ClusterTerm:
    """A cluster or chain whose main members feed a rule."""

    id: int
    name: str
    kind: str


@dataclass(frozen=True)
class Spec:
    """A rule as measuring needs it: plain data, from the database or from a form that is not saved yet.

    Thresholds are in 亿元, dates inclusive; `levels` empty means any level. `carried_over` says that the target has a
    baseline from which its expected line begins: that of a multiple, by which it divides, is `baseline_value`.
    """

    code: str
    feed: Feed
    target_unit: str
    starts_on: dt.date
    unit: Unit = Unit.ENTERPRISE
    level: str = ""
    at_least: bool = False
    schemes: tuple[SchemeTerm, ...] = ()
    cluster_kind: str = ""
    clusters: tuple[ClusterTerm, ...] = ()
    role: str = ""
    figure: str = ""
    lower: Decimal | None = None
    upper: Decimal | None = None
    denominator_kind: str = ""
    series: int | None = None
    official: Official = Official.REGISTRY
    baseline_value: Decimal | None = None
    baseline_source: str = ""
    carried_over: bool = False

    @property
    def levels(self) -> tuple[str, ...]:
        """The levels that count, the highest first."""
        if not self.level:
            return tuple(Level.values)
        return tuple(Level.at_least(self.level)) if self.at_least else (self.level,)

    @property
    def shown_divisor(self) -> Decimal:
        """What one enterprise's figure is divided by where it is shown: money in 亿元, unless the target is in 万元."""
        return (
            Decimal(1) if self.figure in COUNT_FIGURES or self.target_unit == "万元" else PER_HUNDRED_MILLION
        )

    @property
    def divisor(self) -> Decimal:
        """What a sum of the figure is divided by to come out in the target's unit."""
        in_hundred_million = self.figure in MONEY_FIGURES and self.target_unit == "亿元"
        return PER_HUNDRED_MILLION if in_hundred_million else Decimal(1)


# For each feed the fields that it must have and those that it may have; no other may be filled.
COMMON = {"series", "official"}
NEEDS: dict[Feed, set[str]] = {
    Feed.STOCK: {"schemes"},
    Feed.NEW: {"schemes"},
    Feed.YEARLY: {"schemes"},
    Feed.BAND: {"figure"},
    Feed.SUM: {"figure"},
    Feed.RATIO: {"figure", "cluster_kind", "denominator_kind"},
    Feed.STATISTIC: {"series"},
    Feed.CLUSTERS_OVER: {"figure", "cluster_kind", "lower"},
    Feed.MULTIPLE: set(),
    Feed.LEAST: {"cluster_kind", "role"},
}
MAY_HAVE: dict[Feed, set[str]] = {
    **{feed: {"level", "at_least"} | COMMON for feed in TITLES},
    Feed.BAND: {"lower", "upper"} | COMMON,
    Feed.SUM: {"cluster_kind", "clusters"} | COMMON,
    Feed.RATIO: COMMON,
    Feed.STATISTIC: {"official"},
    Feed.CLUSTERS_OVER: COMMON,
    Feed.MULTIPLE: {"schemes", "level", "at_least", "baseline_value", "baseline_source"} | COMMON,
    Feed.LEAST: COMMON,
}
FIELDS = (
    "schemes",
    "level",
    "at_least",
    "cluster_kind",
    "clusters",
    "role",
    "figure",
    "lower",
    "upper",
    "denominator_kind",
    "series",
    "baseline_value",
    "baseline_source",
)


def fields_of(feed: Feed) -> set[str]:
    """The fields that a form shows for a feed."""
    counted = {"unit"} if feed in (*TITLES, Feed.MULTIPLE) else set()
    return NEEDS[feed] | MAY_HAVE[feed] | counted


def problems_of(spec: Spec) -> dict[str, str]:
    """Why a rule cannot be evaluated, by field; empty when it can."""
    feed = spec.feed
    found = {
        name: _("This way of counting needs this field.") for name in NEEDS[feed] if not _has(spec, name)
    }
    unwanted = [name for name in FIELDS if _has(spec, name) and name not in fields_of(feed)]
    found |= dict.fromkeys(unwanted, _("This way of counting does not use this field: leave it empty."))
    return found | _contradictions(spec)


def _has(spec: Spec, name: str) -> bool:
    value = getattr(spec, name)
    return value is not None and value not in ("", (), False)


def _contradictions(spec: Spec) -> dict[str, str]:
    return _of_baseline(spec) | _of_titles(spec) | _of_figures(spec)


def _of_baseline(spec: Spec) -> dict[str, str]:
    if not spec.carried_over or spec.feed not in BEGIN_ANEW:
        return {}
    if spec.feed == Feed.MULTIPLE:
        return {"feed": _("A multiple has its baseline in its rule: leave that of the target empty.")}
    return {"feed": _("This way of counting begins from 0: leave the baseline of the target empty.")}


def _of_titles(spec: Spec) -> dict[str, str]:
    found = {}
    if spec.at_least and spec.level in ("", Level.NONE):
        found["level"] = _("“And above” needs a level that others lie above.")
    elif (
        spec.level and spec.schemes and not any(set(spec.levels) & set(term.levels) for term in spec.schemes)
    ):
        found["level"] = _("None of these schemes is granted at this level.")
    if spec.schemes and spec.unit == Unit.ITEM and all(term.counts != Unit.ITEM for term in spec.schemes):
        found["unit"] = _("These schemes are held by enterprises: count enterprises.")
    if spec.feed == Feed.MULTIPLE and not spec.schemes and spec.series is None:
        found["schemes"] = _("A multiple needs schemes to count, or a published series.")
    return found


def _of_figures(spec: Spec) -> dict[str, str]:
    found = {}
    if spec.feed == Feed.BAND and spec.lower is None and spec.upper is None:
        found["lower"] = _("A band needs a lower or an upper threshold.")
    if spec.feed in (Feed.BAND, Feed.CLUSTERS_OVER) and spec.figure in COUNT_FIGURES:
        found["figure"] = _("Thresholds are in 亿元: choose a figure in money.")
    if spec.clusters and spec.cluster_kind:
        found["clusters"] = _("Choose single clusters or a whole kind, not both.")
    elif len({term.kind for term in spec.clusters}) > 1:
        found["clusters"] = _("Clusters of different kinds overlap and are never added up: choose one kind.")
    if spec.feed == Feed.SUM and spec.figure in MONEY_FIGURES and spec.target_unit not in ("亿元", "万元"):
        found["figure"] = _("A sum of money is in 亿元 or 万元: change the unit of the target or the figure.")
    return found


def problems(rule: Rule) -> list[str]:
    """Why a saved rule cannot be evaluated, a line for each reason; empty when it can."""
    return [
        _("%(field)s: %(reason)s") % {"field": _term(field), "reason": reason}
        for field, reason in problems_of(spec_of(rule)).items()
    ]


def _term(field: str) -> str:
    """The official term for a field of a rule."""
    related = {"schemes": RuleScheme, "clusters": Cluster}
    if field in related:
        return str(related[field]._meta.verbose_name)
    return str(Rule._meta.get_field(field).verbose_name)  # type: ignore[union-attr]


def spec_of(rule: Rule) -> Spec:
    """The plain data of a saved rule; prefetch `schemes__scheme__levels` and `cluster_links__cluster` for many."""
    target = rule.target
    return Spec(
        code=target.code,
        feed=Feed(rule.feed),
        target_unit=target.unit,
        starts_on=target.starts_on,
        schemes=tuple(scheme_term(row) for row in rule.schemes.all()),
        clusters=tuple(cluster_term(row.cluster) for row in rule.cluster_links.all()),
        carried_over=target.baseline_value is not None,
        **plain_fields(rule),
    )


def plain_fields(rule: Rule) -> dict[str, Any]:
    """The fields of a rule that stand in its own row, saved or not."""
    return {
        "unit": Unit(rule.unit),
        "level": rule.level,
        "at_least": rule.at_least,
        "cluster_kind": rule.cluster_kind,
        "role": rule.role,
        "figure": rule.figure,
        "lower": rule.lower,
        "upper": rule.upper,
        "denominator_kind": rule.denominator_kind,
        "series": rule.series_id,
        "official": Official(rule.official),
        "baseline_value": rule.baseline_value,
        "baseline_source": rule.baseline_source,
    }


def scheme_term(row: RuleScheme) -> SchemeTerm:
    scheme = row.scheme
    return SchemeTerm(
        id=scheme.pk,
        name=scheme.name,
        levels=tuple(level.level for level in scheme.levels.all()),
        counts=Unit(scheme.counts),
        applies_from=row.applies_from,
        applies_to=row.applies_to,
    )


def cluster_term(cluster: Cluster) -> ClusterTerm:
    return ClusterTerm(id=cluster.pk, name=cluster.name, kind=cluster.kind)


# The sentence


def sentence(spec: Spec) -> str:
    """What the number of this rule is, in one sentence for its page, the API and the criteria of a report."""
    return _SENTENCES[spec.feed](spec) % _words(spec)


def _words(spec: Spec) -> dict[str, str]:
    return {
        "titles": _titles(spec),
        "unit": _("by enterprise") if spec.unit == Unit.ENTERPRISE else _("one by one"),
        "start": spec.starts_on.isoformat(),
        "figure": str(Figure(spec.figure).label) if spec.figure else "",
        "members": _members(spec),
        "kind": str(ClusterKind(spec.cluster_kind).label) if spec.cluster_kind else "",
        "denominator": str(ClusterKind(spec.denominator_kind).label) if spec.denominator_kind else "",
        "role": str(MemberRole(spec.role).label) if spec.role else "",
        "lower": _plain(spec.lower),
        "upper": _plain(spec.upper),
        "baseline": _plain(spec.baseline_value),
        "source": spec.baseline_source,
    }


def _titles(spec: Spec) -> str:
    names = _(" or ").join(_dated(term) for term in spec.schemes)
    if spec.level in ("", Level.NONE):
        return names
    level = str(Level(spec.level).label)
    above = _("%(level)s and above") % {"level": level} if spec.at_least else level
    return _("%(level)s %(scheme)s") % {"level": above, "scheme": names}


def _dated(term: SchemeTerm) -> str:
    if term.applies_from and term.applies_to:
        days = _("awarded from %(first)s to %(last)s")
    elif term.applies_from:
        days = _("awarded from %(first)s on")
    elif term.applies_to:
        days = _("awarded up to %(last)s")
    else:
        return term.name
    return _("%(name)s (%(days)s)") % {
        "name": term.name,
        "days": days % {"first": term.applies_from, "last": term.applies_to},
    }


def _members(spec: Spec) -> str:
    if spec.clusters:
        return _(", ").join(term.name for term in spec.clusters)
    if spec.cluster_kind:
        return _("all %(kind)s, each enterprise once") % {"kind": ClusterKind(spec.cluster_kind).label}
    return ""


def _plain(number: Decimal | None) -> str:
    return "" if number is None else f"{number.normalize():f}"


def _band(spec: Spec) -> str:
    if spec.upper is None:
        return _(
            "Enterprises (groups counted once) with %(figure)s of %(lower)s 亿元 and more in the last closed year"
        )
    if spec.lower is None:
        return _(
            "Enterprises (groups counted once) with %(figure)s under %(upper)s 亿元 in the last closed year"
        )
    return _(
        "Enterprises (groups counted once) with %(figure)s from %(lower)s to under %(upper)s 亿元 in the last closed year"
    )


def _sum(spec: Spec) -> str:
    if not spec.clusters and not spec.cluster_kind:
        return _("Sum of %(figure)s in the last closed year over all enterprises of the registry")
    return _("Sum of %(figure)s in the last closed year over the main members: %(members)s")


def _multiple(spec: Spec) -> str:
    if not spec.schemes:
        counted = _("Published value on the chosen day")
    else:
        counted = _("%(titles)s valid on the chosen day, counted %(unit)s,")
    if spec.baseline_value is not None:
        return counted + _(" divided by the baseline %(baseline)s (%(source)s)")
    return counted + _(" divided by the same on %(start)s")


_SENTENCES: dict[Feed, Callable[[Spec], str]] = {
    Feed.STOCK: lambda spec: _("%(titles)s valid on the chosen day, counted %(unit)s"),
    Feed.NEW: lambda spec: _(
        "%(titles)s first awarded after %(start)s, still valid or not, counted %(unit)s"
    ),
    Feed.YEARLY: lambda spec: _(
        "%(titles)s first awarded in the calendar year of the chosen day, counted %(unit)s"
    ),
    Feed.BAND: _band,
    Feed.SUM: _sum,
    Feed.RATIO: lambda spec: _(
        "%(figure)s of the members of all %(kind)s in that of all %(denominator)s, last closed year"
    ),
    Feed.STATISTIC: lambda spec: _("Published statistic, the newest up to the chosen day"),
    Feed.CLUSTERS_OVER: lambda spec: _(
        "Number of %(kind)s whose %(figure)s in the last closed year, over their main members, exceeds %(lower)s 亿元"
    ),
    Feed.MULTIPLE: _multiple,
    Feed.LEAST: lambda spec: _("Smallest number of %(role)s among all %(kind)s on the chosen day"),
}
