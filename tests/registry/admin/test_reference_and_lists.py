"""Reference rows, published figures, lists and people."""

from typing import Any

import pytest
from django.apps import apps
from django.test import Client

from registry.admin.forms import FIELD_OF_CONSTRAINT, field_of
from registry.models import Cluster, Roster, RosterRow, Scheme, Statistic
from tests import factories as make
from tests.people import clerk_of_the_city
from tests.registry.admin.desk import errors_on, page_for_new, page_of, send, sign_in


@pytest.fixture
def wang(db: None) -> Client:
    return sign_in(clerk_of_the_city())


def test_every_constraint_has_a_field_for_its_message() -> None:
    names = set()
    for model in apps.get_models():
        if model._meta.app_label in ("registry", "targets"):
            for constraint in model._meta.constraints:
                names.add(constraint.name)
                assert field_of(constraint) in {field.name for field in model._meta.fields}, (
                    f"{constraint.name}: say in FIELD_OF_CONSTRAINT at which field a clerk reads its message"
                )
    assert set(FIELD_OF_CONSTRAINT) <= names, "FIELD_OF_CONSTRAINT names constraints that are gone"


def test_a_scheme_is_made_with_its_levels(wang: Client) -> None:
    scheme = {
        "code": "zero_carbon",
        "name": "零碳工厂",
        "counts": "enterprise",
        "measure_word": "家",
        "aliases": "",
    }
    levels = [{"level": "national", "authority": "工信部"}, {"level": "provincial"}]
    assert send(wang, page_for_new(Scheme), rows={"levels": levels}, **scheme).status_code == 302
    assert Scheme.objects.get().levels.count() == 2
    twice = send(wang, page_of(Scheme.objects.get()), rows={"levels": levels[:1]})
    assert "levels-2-level" in errors_on(twice)


def test_a_scheme_that_counts_things_has_a_word_for_them(wang: Client) -> None:
    scheme = {"code": "workshop", "name": "智能车间", "counts": "item", "measure_word": "个"}
    assert set(errors_on(send(wang, page_for_new(Scheme), **scheme))) == {"item_word"}


def test_a_cluster_with_members_keeps_its_kind(wang: Client) -> None:
    make.member(make.enterprise(), make.cluster("steel"))
    assert "kind" in errors_on(send(wang, page_of(Cluster.objects.get()), kind="chain"))


def test_a_published_value_stands_once_a_day(wang: Client) -> None:
    value = make.statistic("gdp", make.dt.date(2024, 12, 31), "10000")
    again: dict[str, Any] = {
        "series": value.series_id,
        "day": "2024-12-31",
        "value": "1",
        "finality": "final",
    }
    errors = errors_on(send(wang, page_for_new(Statistic), **again, source="公报", source_kind="official"))
    assert set(errors) == {"day"}


def test_a_list_is_read_and_its_file_comes_back(wang: Client) -> None:
    content = "企业名称\n天合光能".encode()
    roster = Roster.objects.create(kind="enterprises", file_name="名单.csv", content=content, sha256="0")
    row = RosterRow.objects.create(roster=roster, number=2, raw={"企业名称": "天合光能"}, outcome="queued")
    page = wang.get(page_of(roster)).content.decode()
    assert f"roster__id__exact={roster.pk}&amp;outcome__exact=queued" in page
    rows = wang.get("/admin/registry/rosterrow/", {"roster__id__exact": roster.pk, "q": "天合"})
    assert list(rows.context["cl"].result_list) == [row]
    answer = wang.get(f"/admin/registry/roster/{roster.pk}/download/")
    assert b"".join(answer.streaming_content) == content
    for path in (page_of(roster), page_of(row)):
        assert wang.post(path, {}).status_code == 403
