"""Series and bridges as plain rows, for the API and the commands alike."""

from collections.abc import Iterable
from typing import Any

from registry.models import Cluster, District
from targets.api import serializers
from targets.api.courses import Course
from targets.api.rows import Row, areas_of, record_row
from targets.bridges import Line, Lines
from targets.measure import Record
from targets.measure.bridge import Causes
from targets.models import Target
from targets.series import Point


def point_rows(points: Iterable[Point], course: Course) -> list[Row]:
    """The points of a series; the areas are those in use on its last day, in their order."""
    districts = list(District.objects.in_use_on(course.as_of))
    rows = [_point(point, districts) for point in points]
    return list(serializers.PointSerializer(rows, many=True).data)


def _point(point: Point, districts: list[District]) -> Row:
    standing = point.standing
    return {
        "day": standing.reading.as_of,
        "value": standing.value,
        "data_date": standing.data_date,
        "target": standing.terms.value,
        "completion": standing.verdict.completion,
        "expected": standing.verdict.expected,
        "lead": standing.verdict.lead,
        "state": standing.verdict.state,
        "official": standing.reading.official if standing.district is None else None,
        "year_on_year": point.year_on_year,
        "on_last": point.on_last,
        "by_district": areas_of(standing.reading, districts),
    }


def bridge_row(target: Target, course: Course, found: Lines) -> Row:
    """A bridge of the city, or of the area asked about, with those of all areas and clusters."""
    span, area = course.span, course.district
    line = found.by_district.get(area.pk, Line(0, {}, 0)) if area else found.city
    row = {
        "code": target.code,
        "name": target.name,
        "unit": target.unit,
        "district": area and area.code,
        "from": span.first,
        "to": span.last,
        "from_known_at": span.first_known_at,
        "known_at": span.last_known_at,
        **_line(line),
        "by_district": _by_district(found, course),
        "by_cluster": [] if area else _by_cluster(found),
    }
    return dict(serializers.BridgeSerializer(row).data)


def _line(line: Line) -> Row:
    return {"start": line.start, "causes": _causes(line.causes), "end": line.end}


def _causes(causes: Causes) -> list[Row]:
    return [{"cause": cause, "name": cause.label, "amount": amount} for cause, amount in causes.items()]


def _by_district(found: Lines, course: Course) -> list[Row]:
    """Areas in use on the last day, and whatever else has a part in it; at the end what lies in none."""
    used = {district.pk for district in District.objects.in_use_on(course.as_of)}
    rows = [
        {"code": district.code, "name": district.name, **_line(found.by_district[district.pk])}
        for district in District.objects.order_by("position", "code")
        if district.pk in found.by_district
        and (district.pk in used or not found.by_district[district.pk].is_empty)
    ]
    if None in found.by_district:
        rows.append({"code": None, "name": None, **_line(found.by_district[None])})
    return rows


def _by_cluster(found: Lines) -> list[Row]:
    return [
        {
            "code": cluster.code,
            "name": cluster.name,
            "kind": cluster.kind,
            **_line(found.by_cluster[cluster.pk]),
        }
        for cluster in Cluster.objects.all()
        if cluster.pk in found.by_cluster
    ]


def step_rows(records: Iterable[Record]) -> list[Row]:
    """The records behind a bridge."""
    districts = District.objects.in_bulk()
    rows: list[dict[str, Any]] = [record_row(record, districts) for record in records]
    return list(serializers.StepSerializer(rows, many=True).data)
