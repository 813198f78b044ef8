"""Rows that are judged thousands at a time are judged as one by one: by `full_clean`, which the forms use."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db.models import CheckConstraint
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.models import AnnualFigures, Designation, Enterprise, Statistic
from registry.services import title_steps
from registry.writing import (
    DesignationWriter,
    EnterpriseWriter,
    FiguresWriter,
    Refused,
    StatisticWriter,
    Wanted,
    Writer,
    conditions,
)
from tests import people
from tests.factories import designation, district, enterprise, figures, scheme, statistic

pytestmark = pytest.mark.django_db

D = dt.date
# within one test the same rows are there for every example; each is rolled back
MANY = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
DAYS = st.sampled_from([None, D(2020, 1, 1), D(2021, 6, 30), D(2021, 7, 1), D(2022, 12, 31), D(2030, 1, 1)])
WORKS = ["", "甲车间", "乙车间", "A车间", "a车间"]


def is_taken(writer: Writer, values: dict[str, Any]) -> bool:
    """Whether a row would be written; it is not."""
    from django.db import transaction

    try:
        with transaction.atomic():
            writer.write([Wanted(values=dict(values))])
            transaction.set_rollback(True)
    except Refused:
        return False
    return True


def is_clean(instance: Any) -> bool:
    try:
        instance.full_clean()
    except ValidationError:
        return False
    return True


@pytest.fixture
def wang(db: None) -> Any:
    return people.clerk_of_the_city()


def test_titles(wang: Any) -> None:
    one, other = enterprise("甲厂", district=district()), enterprise("乙厂", district=district())
    kind, second = scheme(), scheme("brand", levels=("municipal",))
    area = district("320481")
    designation(one, D(2020, 1, 1), scheme=kind, level="national", valid_to=D(2021, 6, 30))
    designation(one, D(2022, 12, 31), scheme=kind, level="national", item="A车间")
    designation(None, D(2020, 1, 1), scheme=kind, level="national", item="甲车间", district=area)
    moment = timezone.now()
    row = st.fixed_dictionaries(
        {
            "scheme_id": st.sampled_from([kind.pk, second.pk]),
            "level": st.sampled_from(["national", "municipal"]),
            "enterprise_id": st.sampled_from([None, one.pk, other.pk]),
            "district_id": st.sampled_from([None, None, area.pk]),
            "item": st.sampled_from(WORKS),
            "announced_on": DAYS,
            "valid_from": DAYS,
            "valid_to": DAYS,
            "ended_on": DAYS,
            "end_reason": st.sampled_from(["", "revoked"]),
        }
    )

    @MANY
    @given(row)
    def holds(values: dict[str, Any]) -> None:
        title = Designation(**values)
        title_steps.enter(title, wang, moment)
        assert is_taken(DesignationWriter(by=wang, moment=moment), values) == is_clean(title)

    holds()


def test_enterprises(wang: Any) -> None:
    known = enterprise("甲厂", uscc="91320411608131455L")
    row = st.fixed_dictionaries(
        {
            "name": st.sampled_from(["", "乙厂"]),
            "uscc": st.sampled_from([None, known.uscc, "91320412MA1MCH4K9E", "91320412MA1MCH4K90", "abc"]),
            "uscc_confirmed": st.booleans(),
            "parent_id": st.sampled_from([None, known.pk]),
            "founded_on": DAYS,
            "closed_on": DAYS,
        }
    )

    @MANY
    @given(row)
    def holds(values: dict[str, Any]) -> None:
        writer = EnterpriseWriter(by=wang, moment=timezone.now())
        assert is_taken(writer, values) == is_clean(Enterprise(**values))

    holds()


def test_figures(wang: Any) -> None:
    known = enterprise("甲厂")
    figures(known, 2022)
    amounts = st.sampled_from([None, Decimal(-1), Decimal(0), Decimal("12.5")])
    row = st.fixed_dictionaries(
        {
            "enterprise_id": st.just(known.pk),
            "year": st.sampled_from([2021, 2022]),
            "revenue": amounts,
            "value_added": amounts,
            "tax": amounts,
            "employees": st.sampled_from([None, 0, 7]),
        }
    )

    @MANY
    @given(row)
    def holds(values: dict[str, Any]) -> None:
        writer = FiguresWriter(by=wang, moment=timezone.now())
        assert is_taken(writer, values) == is_clean(AnnualFigures(**values))

    holds()


def test_published_figures(wang: Any) -> None:
    known = statistic("output", D(2022, 12, 31), "1")
    row = st.fixed_dictionaries(
        {
            "series_id": st.just(known.series_id),
            "district_id": st.sampled_from([None, district().pk]),
            "day": st.sampled_from([D(2022, 12, 31), D(2023, 12, 31)]),
            "value": st.just(Decimal(1)),
            "finality": st.sampled_from(["final", "preliminary"]),
            "source": st.sampled_from(["", "市统计局"]),
        }
    )

    @MANY
    @given(row)
    def holds(values: dict[str, Any]) -> None:
        writer = StatisticWriter(by=wang, moment=timezone.now())
        assert is_taken(writer, values) == is_clean(Statistic(**values))

    holds()


@pytest.mark.parametrize("model", [Designation, Enterprise, AnnualFigures, Statistic])
def test_every_check_of_a_table_is_known_without_asking_it(model: Any) -> None:
    checks = {one.name for one in model._meta.constraints if isinstance(one, CheckConstraint)}
    assert {one.constraint.name for one in conditions.checks(model)} == checks
    row = {field.attname: field.get_default() for field in model._meta.concrete_fields}
    list(conditions.broken(model, row, set(row)))
