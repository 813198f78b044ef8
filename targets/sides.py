"""What is laid upon each other or added up, by its address: target:CODE, scheme:CODE, scheme:CODE:LEVEL, cluster:CODE."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from registry.choices import Figure, Level, Unit
from registry.models import Cluster, Scheme
from targets import rules
from targets.choices import Among, Feed
from targets.measure.overlaps import counts_enterprises
from targets.models import Plan, Target
from targets.rules import Spec
from targets.standings import in_use, known_targets, one_in_use

TARGET, SCHEME, CLUSTER = "target", "scheme", "cluster"


class NoSuchSide(Exception):
    """An address that leads nowhere; the message tells a person what to change."""


@dataclass(frozen=True)
class Side:
    """A target, a title or a cluster with the rule that gives its number; a title is its stock on the day."""

    address: str
    name: str
    spec: Spec
    target: Target | None = None

    @property
    def counts(self) -> bool:
        """Whether it is a set of enterprises, so that it can overlap."""
        return counts_enterprises(self.spec)


def side_of(address: str, plan: Plan, day: dt.date) -> Side:
    """Whatever an address leads to."""
    kind, _colon, code = address.partition(":") if address.isprintable() else ("", "", "")
    if kind == TARGET:
        return _target(code, plan, day)
    if kind == SCHEME:
        return _scheme(code, day)
    if kind == CLUSTER:
        return _cluster(code, day)
    message = _("“%(text)s” is no address. Write target:CODE, scheme:CODE or scheme:CODE:LEVEL.")
    raise NoSuchSide(message % {"text": address[:60]})


def set_of(address: str, plan: Plan, day: dt.date) -> Side:
    """What an address leads to, as a set of enterprises."""
    side = side_of(address, plan, day)
    if not side.counts:
        message = _("No enterprises are counted one by one for %(name)s: it is no set that could overlap.")
        raise NoSuchSide(message % {"name": side.name})
    return side


def sides_among(among: Among, plan: Plan, day: dt.date) -> list[Side]:
    """All sets of enterprises of a sort: the counting targets of the plan, or the titles whatever their level."""
    return counting_targets(plan, day) if among == Among.TARGETS else titles_on(day)


def counting_targets(plan: Plan, day: dt.date) -> list[Side]:
    """The targets in use on a day that count enterprises, in the order of the plan."""
    found = (_of_target(target) for target in in_use(known_targets(plan), day))
    return [side for side in found if side.counts]


def titles_on(day: dt.date) -> list[Side]:
    """The titles in use on a day, each whatever its level."""
    return [_of_scheme(scheme, "", day) for scheme in _schemes(day)]


def titles_by_level(day: dt.date) -> list[Side]:
    """The titles in use on a day, whatever the level and then at each where there are several."""
    return [side for scheme in _schemes(day) for side in _of_levels(scheme, day)]


def _schemes(day: dt.date) -> list[Scheme]:
    return list(Scheme.objects.in_use_on(day).prefetch_related("levels"))


def _of_levels(scheme: Scheme, day: dt.date) -> Iterator[Side]:
    yield _of_scheme(scheme, "", day)
    levels = {row.level for row in scheme.levels.all()}
    if len(levels) > 1:
        yield from (_of_scheme(scheme, level, day) for level in Level if level in levels)


def _target(code: str, plan: Plan, day: dt.date) -> Side:
    target = one_in_use(code, plan, day)
    if target is None:
        message = _("The plan %(plan)s has no target %(code)s with a rule on %(day)s.")
        raise NoSuchSide(message % {"plan": plan.code, "code": code[:60], "day": day})
    return _of_target(target)


def _of_target(target: Target) -> Side:
    return Side(address_of(target), target.name, rules.spec_of(target.rule), target)


def address_of(target: Target) -> str:
    return f"{TARGET}:{target.code}"


def _scheme(code_and_level: str, day: dt.date) -> Side:
    code, _colon, level = code_and_level.partition(":")
    scheme = Scheme.objects.filter(code=code).prefetch_related("levels").first()
    if scheme is None:
        raise NoSuchSide(_("There is no scheme %(code)s.") % {"code": code[:60]})
    levels = [row.level for row in scheme.levels.all()]
    if level and level not in levels:
        message = _("%(scheme)s is not granted at the level “%(level)s”. Its levels are: %(levels)s.")
        names = {"scheme": scheme.name, "level": level[:20], "levels": _(", ").join(levels)}
        raise NoSuchSide(message % names)
    return _of_scheme(scheme, level, day)


def _of_scheme(scheme: Scheme, level: str, day: dt.date) -> Side:
    address = ":".join(filter(None, (SCHEME, scheme.code, level)))
    term = term_of(scheme)
    spec = Spec(address, Feed.STOCK, scheme.measure_word, day, level=level, schemes=(term,))
    if level in ("", Level.NONE):
        return Side(address, scheme.name, spec)
    words = {"level": Level(level).label, "scheme": scheme.name}
    return Side(address, _("%(level)s %(scheme)s") % words, spec)


def titles_of(schemes: Iterable[Scheme], day: dt.date) -> Spec:
    """The titles of some schemes on a day: under their state is remembered what a page tells of them besides."""
    return Spec("titles", Feed.STOCK, "", day, schemes=tuple(term_of(scheme) for scheme in schemes))


def every_title(day: dt.date) -> Spec:
    """As `titles_of`, of all schemes."""
    return titles_of(Scheme.objects.order_by("pk").prefetch_related("levels"), day)


def term_of(scheme: Scheme) -> rules.SchemeTerm:
    """A scheme as a rule takes it in, whenever its titles were awarded."""
    levels = tuple(row.level for row in scheme.levels.all())
    return rules.SchemeTerm(scheme.pk, scheme.name, levels, Unit(scheme.counts))


def _cluster(code: str, day: dt.date) -> Side:
    """Its revenue: what clusters are measured by."""
    cluster = Cluster.objects.filter(code=code).first()
    if cluster is None:
        raise NoSuchSide(_("There is no cluster or chain %(code)s.") % {"code": code[:60]})
    term = rules.cluster_term(cluster)
    spec = Spec(f"{CLUSTER}:{code}", Feed.SUM, "亿元", day, figure=Figure.REVENUE, clusters=(term,))
    return Side(spec.code, cluster.name, spec)
