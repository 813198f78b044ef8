"""Every change leaves a version: who, why, in which transaction; also in bulk and by raw SQL."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection, transaction

from registry import history
from registry.models import Designation, Enterprise, Membership
from tests.factories import cluster, designation, district, enterprise, member
from tests.people import clerk_of_the_city

pytestmark = pytest.mark.django_db

FIRST = dt.date(2022, 3, 1)


def versions(row: Any) -> list[tuple[str, int]]:
    events = type(row).pgh_event_model.objects.filter(pgh_obj_id=row.pk).order_by("pgh_id")
    return list(events.values_list("pgh_label", "version"))


def test_each_kind_of_write_leaves_its_version() -> None:
    row = enterprise("甲")
    row.name = "乙"
    row.save()
    Enterprise.objects.filter(pk=row.pk).update(address="武进区1号")
    Enterprise.objects.bulk_update([Enterprise(pk=row.pk, stock_code="300001")], ["stock_code"])
    with connection.cursor() as cursor:
        cursor.execute("UPDATE registry_enterprise SET legal_form = '有限公司' WHERE id = %s", [row.pk])
    pk = row.pk
    row.delete()
    row.pk = pk
    assert versions(row) == [
        ("insert", 1),
        ("update", 2),
        ("update", 3),
        ("update", 4),
        ("update", 5),
        ("delete", 5),
    ]


def test_saving_without_a_change_is_no_version() -> None:
    row = designation(enterprise(), FIRST)
    row.refresh_from_db()
    row.save()
    assert versions(row) == [("insert", 1)]
    row.refresh_from_db()
    assert row.version == 1


def test_bulk_creation_is_kept_row_by_row() -> None:
    Enterprise.objects.bulk_create(Enterprise(name=f"企业{number}") for number in range(50))
    assert Enterprise.pgh_event_model.objects.filter(pgh_label="insert").count() == 50


def test_person_and_reason_stand_with_the_change() -> None:
    clerk = clerk_of_the_city()
    row = designation(enterprise(), FIRST)
    with history.change(by=clerk, reason="按苏工信〔2025〕1号撤销"):
        Designation.objects.filter(pk=row.pk).update(ended_on=FIRST, end_reason="revoked")
    event = Designation.pgh_event_model.objects.filter(pgh_obj_id=row.pk).latest("pgh_id")
    assert event.pgh_context.metadata == {"user": clerk.pk, "reason": "按苏工信〔2025〕1号撤销"}


def test_an_inner_reason_adds_to_the_outer_person() -> None:
    clerk = clerk_of_the_city()
    with history.change(by=clerk), history.change(reason="更名"):
        row = enterprise("新名")
    event = Enterprise.pgh_event_model.objects.get(pgh_obj_id=row.pk)
    assert event.pgh_context.metadata == {"user": clerk.pk, "reason": "更名"}


@pytest.mark.django_db(transaction=True)
def test_changes_of_one_transaction_stand_together() -> None:
    with transaction.atomic():
        one, other = enterprise("甲"), enterprise("乙")
    third = enterprise("丙")
    events = Enterprise.pgh_event_model.objects.in_bulk(field_name="pgh_id").values()
    by_row = {event.pgh_obj_id: event.pgh_transaction for event in events}
    assert by_row[one.pk] == by_row[other.pk] < by_row[third.pk]


def test_a_whole_past_row_can_be_read() -> None:
    row = enterprise("甲", district=district("320412"))
    Enterprise.objects.filter(pk=row.pk).update(name="乙", district=district("320481"))
    first = Enterprise.pgh_event_model.objects.filter(pgh_obj_id=row.pk).earliest("pgh_id")
    assert (first.name, first.district_id) == ("甲", district("320412").pk)


def test_deleting_with_what_hangs_on_it_is_kept() -> None:
    link = member(enterprise(), cluster("steel"))
    pk = link.pk
    link.enterprise.delete()
    last = Membership.pgh_event_model.objects.filter(pgh_obj_id=pk).latest("pgh_id")
    assert last.pgh_label == "delete"
    assert last.cluster_id == cluster("steel").pk


def test_updates_of_many_rows_are_joined_by_hashing() -> None:
    """PL/pgSQL keeps the plan of a connection's first update: made for one row, it took minutes for 20,000."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT proname, proconfig FROM pg_proc WHERE proname LIKE %s",
            ["pgtrigger\\_update\\_update\\_%"],
        )
        functions = dict(cursor.fetchall())
    assert functions
    looping = [name for name, settings in functions.items() if settings != ["enable_nestloop=off"]]
    assert not looping, "Run _functions.JOIN_BY_HASHING in the migration that makes these functions."
