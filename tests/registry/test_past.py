"""Facts as they were known: the same questions, the answers of then."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry import state
from registry.models import Designation, Enterprise, FormerName, Membership, Relocation
from registry.past import PastIsReadOnly, as_known_at, as_they_are, moment_in_force
from tests.factories import cluster, designation, district, enterprise, member, relocation
from tests.people import clerk_of_the_city

pytestmark = pytest.mark.django_db

FIRST = dt.date(2022, 3, 1)


def moment() -> dt.datetime:
    """The database's clock now: what is written after it is not known at it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]


def test_created_corrected_deleted() -> None:
    before = moment()
    row = enterprise("甲", district=district("320412"))
    created = moment()
    Enterprise.objects.filter(pk=row.pk).update(name="乙")
    corrected = moment()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM registry_enterprise WHERE id = %s", [row.pk])
    deleted = moment()
    for when, known in [(before, []), (created, ["甲"]), (corrected, ["乙"]), (deleted, []), (None, [])]:
        with as_known_at(when):
            assert list(Enterprise.objects.values_list("name", flat=True)) == known, when


def test_derived_columns_are_those_of_then() -> None:
    row = enterprise("天合光能（常州）")
    then = moment()
    Enterprise.objects.filter(pk=row.pk).update(name="新名")
    with as_known_at(then):
        assert Enterprise.objects.named_like("光能").get().name_key == "天合光能常州"
    assert not Enterprise.objects.named_like("光能").exists()


def test_joins_prefetches_and_subqueries_read_the_past() -> None:
    row = enterprise("甲", district=district("320412"))
    designation(row, FIRST)
    member(row, cluster("steel"))
    relocation(row, FIRST, district("320481"), district("320412"))
    then = moment()
    Designation.objects.all().delete()
    Membership.objects.all().delete()
    Relocation.objects.all().delete()
    Enterprise.objects.filter(pk=row.pk).update(district=None, closed_on=FIRST)
    with as_known_at(then):
        known = Enterprise.objects.with_district_on(dt.date(2022, 2, 28)).select_related("district")
        known = known.prefetch_related("designations", "memberships__cluster").get()
        assert known.district_then == district("320481").pk
        assert known.district == district("320412")
        assert [one.cluster.code for one in known.memberships.all()] == ["steel"]
        assert [one.valid_from for one in known.designations.all()] == [FIRST]
        assert Designation.objects.valid_on(FIRST).count() == 1
    assert Designation.objects.valid_on(FIRST).count() == 0


def test_the_past_cannot_be_written() -> None:
    row = enterprise("甲")
    with as_known_at(moment()), pytest.raises(PastIsReadOnly):
        Enterprise.objects.filter(pk=row.pk).update(name="乙")


def test_what_keeps_no_history_is_written_as_ever() -> None:
    clerk = clerk_of_the_city()
    with as_known_at(moment()):
        clerk.last_login = timezone.now()
        clerk.save(update_fields=["last_login"])
        state.touch()
    clerk.refresh_from_db()
    assert clerk.last_login is not None


def test_the_moment_in_force() -> None:
    when = dt.datetime(2025, 6, 30, 12, tzinfo=dt.timezone(dt.timedelta(hours=8)))
    with as_known_at(when):
        assert moment_in_force() == when
        assert moment_in_force().isoformat() == "2025-06-30T04:00:00+00:00"
    with as_known_at(None):
        assert moment_in_force() is None


def test_rows_of_now_within_a_question_about_then() -> None:
    wujin, liyang = district("320412"), district("320481")
    moved, stayed = enterprise("甲", district=wujin), enterprise("乙", district=wujin)
    then = moment()
    Enterprise.objects.filter(pk=moved.pk).update(district=liyang)
    added = enterprise("丙", district=wujin)
    here = Enterprise.objects.filter(district=wujin)
    with as_known_at(then):
        now = as_they_are(here).values("pk")
        assert set(here) == {moved, stayed}
        assert set(here.filter(pk__in=now)) == {stayed}, "known then, and here now"
        assert set(Enterprise.objects.exclude(pk__in=now)) == {moved}
    assert set(as_they_are(here.all())) == {stayed, added}, "where nothing is asked of the past"


def test_rows_of_now_are_of_a_single_table() -> None:
    joined = Enterprise.objects.filter(district__code="320412")
    with as_known_at(moment()), pytest.raises(ValueError, match="a single table"):
        as_they_are(joined)


def test_one_moment_within_another_is_refused() -> None:
    moment = timezone.now()
    with as_known_at(moment):
        with pytest.raises(RuntimeError, match="which of the two"), as_known_at(moment):
            pass
        assert moment_in_force() == moment, "the outer one goes on"


def test_a_moment_without_a_time_zone_is_refused() -> None:
    naive = timezone.now().replace(tzinfo=None)
    with pytest.raises(ValueError, match="time zone"), as_known_at(naive):
        pass


def snapshot() -> dict[str, list[dict[str, Any]]]:
    facts = (Enterprise, FormerName, Designation, Membership, Relocation)
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in facts}


NAMES = st.sampled_from(["甲", "乙", "丙（常州）"])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("create"), NAMES),
        st.tuples(st.just("rename"), NAMES),
        st.tuples(st.just("bulk"), st.sampled_from(["320412", "320481"])),
        st.tuples(st.just("raw"), NAMES),
        st.tuples(st.just("title"), st.integers(0, 3)),
        st.tuples(st.just("end"), st.integers(0, 3)),
        st.tuples(st.just("delete"), st.integers(0, 3)),
    ),
    min_size=1,
    max_size=12,
)


def do(step: str, what: Any) -> None:
    rows = list(Enterprise.objects.order_by("pk"))
    if step == "create":
        FormerName.objects.create(enterprise=enterprise(what), name=f"旧{what}")
    elif step == "rename" and rows:
        rows[0].name = what
        rows[0].save()
    elif step == "bulk":
        Enterprise.objects.update(district=district(what))
    elif step == "raw":
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE registry_formername SET name = %s WHERE name_key <> registry_name_key(%s)",
                [what, what],
            )
    elif step == "title" and rows:
        designation(rows[what % len(rows)], FIRST, item=f"{Designation.objects.count()}-{what}")
    elif step == "end":
        Designation.objects.filter(
            pk__in=list(Designation.objects.values_list("pk", flat=True))[:what]
        ).update(ended_on=FIRST, end_reason="removed")
    elif step == "delete" and rows:
        Designation.objects.filter(enterprise=rows[what % len(rows)]).delete()
        rows[what % len(rows)].delete()


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_every_moment_is_found_again_as_it_was(steps: list[tuple[str, Any]]) -> None:
    with transaction.atomic():
        district("320412"), district("320481")
        seen = []
        for step in steps:
            do(*step)
            seen.append((moment(), snapshot()))
        for when, then in seen:
            with as_known_at(when):
                assert snapshot() == then
        transaction.set_rollback(True)
