"""Clusters and chains: how large they are, who leads them, which titles their members hold."""

from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from django.db.models import Count, Q

from registry.choices import MemberRole
from registry.models import Cluster, Enterprise, Membership, User
from targets.choices import Feed, Interval
from targets.measure.concentration import Concentration, concentration
from targets.models import Target
from targets.reports.enterprises import still_seen
from targets.reports.held import Held, held
from targets.reports.pictures import Picture, Series
from targets.reports.question import Question
from targets.reports.rows import Row
from targets.series import Point, series
from targets.standings import Standing, standings, targets_of

MOST_LEADERS = 12


@dataclass(frozen=True)
class Kind:
    """The clusters of one kind; those of different kinds hold the same enterprises and are never added up."""

    name: str
    lines: list["Line"]


@dataclass(frozen=True)
class Line:
    """A cluster with the number of its main members."""

    cluster: Cluster
    members: int
    leaders: int


@dataclass(frozen=True)
class Told:
    """All that the page of a cluster tells."""

    cluster: Cluster
    members: int
    main: int
    leaders: list[Membership]
    concentration: Concentration | None
    held: list[Held]
    targets: list[tuple[Row, Decimal | None]]
    picture: Picture | None


def kinds(question: Question) -> list[Kind]:
    clusters = Cluster.objects.in_use_on(question.day).order_by("kind", "position", "code")
    counts = {
        (cluster, role): number
        for cluster, role, number in Membership.objects.on(question.day)
        .filter(main=True)
        .values_list("cluster", "role")
        .order_by()
        .annotate(Count("pk"))
    }

    def line(one: Cluster) -> Line:
        by_role = {role: counts.get((one.pk, role.value), 0) for role in MemberRole}
        return Line(one, sum(by_role.values()), by_role[MemberRole.LEADER])

    grouped = groupby(clusters, key=lambda one: one.get_kind_display())
    return [Kind(str(name), [line(one) for one in of_kind]) for name, of_kind in grouped]


def told(cluster: Cluster, question: Question, user: User) -> Told:
    day = question.day
    members = Membership.objects.on(day).filter(cluster=cluster)
    counts = members.aggregate(every=Count("pk"), main=Count("pk", filter=Q(main=True)))
    seen = Enterprise.objects.visible_to(user).values("pk")
    leaders = members.filter(role=MemberRole.LEADER, enterprise__in=seen).select_related("enterprise")
    rows = concerning(cluster, question)
    return Told(
        cluster=cluster,
        members=counts["every"],
        main=counts["main"],
        leaders=still_seen(list(leaders.order_by("enterprise_id")[:MOST_LEADERS]), user, "enterprise_id"),
        concentration=concentration(cluster.pk, day),
        held=held(question, cluster=cluster.pk),
        targets=rows,
        picture=picture(rows, question),
    )


def concerning(cluster: Cluster, question: Question) -> list[tuple[Row, Decimal | None]]:
    """The targets whose rule names the cluster, each with the cluster's own number."""
    targets = targets_of(question.plan).filter(rule__cluster_links__cluster=cluster)
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
