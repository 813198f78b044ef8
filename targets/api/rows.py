"""Readings and records as plain rows, for the API and the commands alike."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from registry.models import Cluster, District
from targets.api.serializers import ReadingSerializer, RecordSerializer
from targets.choices import Feed, Official
from targets.measure import Reading, Record
from targets.standings import Standing

Row = dict[str, Any]


def reading_rows(standings: Iterable[Standing], day: dt.date) -> list[Row]:
    """Readings in the words of the API; the areas are those in use on the day, in their order."""
    districts = list(District.objects.in_use_on(day))
    clusters = list(Cluster.objects.all())
    rows = [_reading(standing, districts, clusters) for standing in standings]
    return list(ReadingSerializer(rows, many=True).data)


def record_rows(records: Iterable[Record]) -> list[Row]:
    """Records in the words of the API."""
    districts = District.objects.in_bulk()
    return list(RecordSerializer([record_row(record, districts) for record in records], many=True).data)


def _reading(standing: Standing, districts: list[District], clusters: list[Cluster]) -> Row:
    reading, verdict = standing.reading, standing.verdict
    return {
        "code": standing.target.code,
        "name": standing.target.name,
        "district": None,
        "value": standing.value,
        "unit": standing.target.unit,
        "target": standing.terms.value,
        "comparator": standing.terms.comparator,
        "completion": verdict.completion,
        "expected": verdict.expected,
        "lead": verdict.lead,
        "state": verdict.state,
        "as_of": reading.as_of,
        "data_date": standing.data_date,
        "basis": reading.basis,
        **_of_city(reading, clusters),
        **(_of_district(standing, standing.district) if standing.district else {}),
        "by_district": areas_of(reading, districts),
    }


def _of_city(reading: Reading, clusters: list[Cluster]) -> Row:
    return {
        "registry_value": reading.registry.value,
        "official": reading.official,
        "difference": reading.difference,
        "numerator": reading.registry.numerator,
        "denominator": reading.registry.denominator,
        "by_cluster": [
            {"code": cluster.code, "name": cluster.name, "value": reading.by_cluster[cluster.pk]}
            for cluster in clusters
            if cluster.pk in reading.by_cluster
        ],
    }


def _of_district(standing: Standing, district: District) -> Row:
    """What differs for an area: the published figure beside a count is that of the city."""
    statistic = standing.spec.feed == Feed.STATISTIC
    return {
        "district": district.code,
        "basis": Official.PUBLISHED if statistic else Official.REGISTRY,
        "registry_value": standing.value,
        "official": None,
        "difference": None,
        "numerator": None,
        "denominator": None,
        "by_cluster": [],
    }


def areas_of(reading: Reading, districts: list[District]) -> list[Row]:
    areas = [
        {"code": district.code, "name": district.name, "value": reading.by_district.get(district.pk)}
        for district in districts
    ]
    if None in reading.by_district:
        areas.append({"code": None, "name": None, "value": reading.by_district[None]})
    return areas


def record_row(record: Record, districts: dict[int, District]) -> Row:
    district = districts.get(record.district_id) if record.district_id else None
    return {
        **vars(record),
        "district": district and district.code,
        "district_name": district and district.name,
        "scheme_name": record.scheme,
        "cluster_name": record.cluster,
        "reason_text": record.reason.label if record.reason else "",
        "cause_name": record.cause.label if record.cause else "",
    }
