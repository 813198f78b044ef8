"""Clusters and chains: how large they are, who leads them, which titles their members hold."""

from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from registry.choices import MemberRole
from registry.models import Cluster, Enterprise, Membership, User
from registry.sight import still_seen
from targets.choices import Feed, Interval
from targets.measure.concentration import Concentration, concentration
from targets.measure.members import Members, members
from targets.models import Target
from targets.reports.held import Held, held_by_cluster
from targets.reports.pictures import Picture, Series
from targets.reports.question import Question
from targets.reports.rows import Row
from targets.series import Point, series
from targets.standings import Standing, in_use, known_targets, standings

MOST_LEADERS = 12


@dataclass(frozen=True)
class Kind:
    """The clusters of one kind; those of different kinds hold the same enterprises and are never added up."""

    name: str
    lines: list["Line"]


@dataclass(frozen=True)
class Line:
    """A cluster with its members in numbers."""

    cluster: Cluster
    members: Members


@dataclass(frozen=True)
class Told:
    """All that the page of a cluster tells."""

    cluster: Cluster
    members: Members
    leaders: list[Membership]
    concentration: Concentration | None
    held: list[Held]
    targets: list[tuple[Row, Decimal | None]]
    picture: Picture | None


def kinds(question: Question) -> list[Kind]:
    clusters = Cluster.objects.in_use_on(question.day).order_by("kind", "position", "code")
    counts = members(question.day)
    grouped = groupby(clusters, key=lambda one: one.get_kind_display())
    return [Kind(str(name), [Line(one, counts[one.pk]) for one in of_kind]) for name, of_kind in grouped]


def told(cluster: Cluster, question: Question, user: User) -> Told:
    day = question.day
    seen = Enterprise.objects.visible_to(user).values("pk")
    leading = Membership.objects.on(day).filter(cluster=cluster, role=MemberRole.LEADER)
    leaders = leading.filter(enterprise__in=seen).select_related("enterprise")
    rows = concerning(cluster, question)
    return Told(
        cluster=cluster,
        members=members(day)[cluster.pk],
        leaders=still_seen(list(leaders.order_by("enterprise_id")[:MOST_LEADERS]), user, "enterprise_id"),
        concentration=concentration(cluster.pk, day),
        held=held_by_cluster(question, cluster.pk),
        targets=rows,
        picture=picture(rows, question),
    )


def concerning(cluster: Cluster, question: Question) -> list[tuple[Row, Decimal | None]]:
    """The targets whose rule names the cluster, each with the cluster's own number."""
    known = in_use(known_targets(question.plan), question.day)
    targets = [
        one for one in known if cluster.pk in {link.cluster_id for link in one.rule.cluster_links.all()}
    ]
    found: list[Standing] = standings(targets, question.day)
    return [(Row(one, question.district), one.reading.by_cluster.get(cluster.pk)) for one in found]


def picture(rows: list[tuple[Row, Decimal | None]], question: Question) -> Picture | None:
    """The scale by year against its target, of the first target that adds up yearly figures of this cluster alone."""
    sums = [
        row
        for row, _own in rows
        if row.standing.spec.feed == Feed.SUM and len(row.standing.spec.clusters) == 1
    ]
    if not sums:
        return None
    target: Target = sums[0].target
    points: list[Point] = series(target, target.starts_on, question.day, Interval.YEAR)
    labels = [str(point.standing.reading.as_of) for point in points]
    values = [point.standing.value for point in points]
    return Picture(
        target.name, target.unit, labels, [Series(target.name, values, kind="bar")], target=target.value
    )
