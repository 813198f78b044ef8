"""Every page of the admin opens, finds and adds, and asks as much for three rows as for one."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from registry.models import Enterprise, PartChange, User
from tests.targets.admin.rows import one_of_everything

OURS = ("registry", "targets", "auth")
MOST_QUERIES = 70
# What stands on no page of its own: Django's permissions, and our histories.
WITHOUT_PAGE = {"auth.Permission"}


def pages() -> Iterator[admin.ModelAdmin]:
    for model, page in admin.site._registry.items():
        if model._meta.app_label in OURS:
            yield page


PAGES = sorted(pages(), key=lambda page: page.opts.label)
IDS = [page.opts.label for page in PAGES]


def address(page: admin.ModelAdmin, view: str, *args: object) -> str:
    return reverse(f"admin:{page.opts.app_label}_{page.opts.model_name}_{view}", args=args)


@pytest.fixture
def chief(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("root", password=None))
    one_of_everything(0)
    return client


def queries(client: Client, path: str, **asked: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as seen:
        answer = client.get(path, asked)
    assert answer.status_code == 200, f"{path} answers {answer.status_code}"
    return len(seen)


WITHOUT_PAGE = {
    "registry.PartChange",  # written by triggers, and no person learns anything from it
    "registry.NameInitials",  # likewise
    # what programs of other systems are told again, and where their positions begin
    "registry.IdempotentRequest",
    "registry.FeedEpoch",
    # shown on the page of its webhook
    "registry.WebhookProgress",
    # shown on the pages of publications
    "targets.PublicationDocument",
    "targets.PublishedRecord",
    # the way of a list has pages of its own: registry.admin.lists.upload_pages
    "registry.RosterUpload",
    "registry.RosterUploadRow",
    "registry.RememberedColumns",
    # shown on the pages of tokens
    "registry.TokenUse",
}


def test_every_model_has_a_page() -> None:
    known = {page.opts.label for page in PAGES} | WITHOUT_PAGE
    for model in apps.get_models():
        ours = model._meta.app_label in ("registry", "targets") and not hasattr(model, "pgh_tracked_model")
        ours = ours and model is not PartChange  # the state of the facts is for machines
        if ours:
            assert model._meta.label in known, f"{model._meta.label} has no page in the admin: register one"


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_lists_open_search_and_do_not_ask_row_by_row(page: admin.ModelAdmin, chief: Client) -> None:
    path = address(page, "changelist")
    # what a process asks once is not counted
    queries(chief, path, q="光能")
    before = queries(chief, path), queries(chief, path, q="光能")
    for number in (1, 2):
        one_of_everything(number)
    after = queries(chief, path), queries(chief, path, q="光能")
    assert after == before, f"the list of {page.opts.label} asks row by row: list_select_related"


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_lists_can_be_searched(page: admin.ModelAdmin) -> None:
    assert page.search_fields, f"{page.opts.label} has no search_fields"


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_pages_of_rows_open_and_do_not_ask_row_by_row(page: admin.ModelAdmin, chief: Client) -> None:
    row = page.model._default_manager.earliest("pk")
    path = address(page, "change", row.pk)
    queries(chief, path)
    before = queries(chief, path)
    for number in (1, 2):
        one_of_everything(number)
    after = queries(chief, path)
    assert after <= before, f"the page of {page.opts.label} asks once for each row of an inline"
    assert after <= MOST_QUERIES
    queries(chief, address(page, "history", row.pk))


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_pages_for_new_rows_open(page: admin.ModelAdmin, chief: Client) -> None:
    answer = chief.get(address(page, "add"))
    may_add = page.has_add_permission(answer.wsgi_request)
    assert answer.status_code == (200 if may_add else 403)


def large(page: admin.ModelAdmin) -> Iterator[models.ForeignKey]:
    for field in page.opts.concrete_fields:
        if field.is_relation and field.related_model._meta.label in {
            "registry.Enterprise",
            "registry.Scheme",
            "registry.Designation",
            "registry.Roster",
            "registry.RosterRow",
            "targets.Target",
        }:
            yield field


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_large_tables_are_never_a_select(page: admin.ModelAdmin) -> None:
    """A page with 200,000 options does not come up at all."""
    every = [page, *(inline(page.model, admin.site) for inline in page.inlines)]
    for one in every:
        for field in large(one):
            shown = field.editable and field.name in str(one.fields or one.fieldsets or "")
            found = field.name in one.autocomplete_fields or getattr(one, "fk_name", None) == field.name
            read_only = hasattr(one, "has_change_permission") and "ReadOnly" in {
                base.__name__ for base in type(one).__mro__
            }
            assert not shown or found or read_only, f"{one}: {field.name} belongs into autocomplete_fields"


# What grows with the enterprises of a city, or with its lists.
LARGE = {
    "registry.AnnualFigures",
    "registry.Designation",
    "registry.Enterprise",
    "registry.MatchDecision",
    "registry.Membership",
    "registry.NotDuplicate",
    "registry.Relocation",
    "registry.Review",
    "registry.RosterRow",
    "registry.Split",
    "registry.Statistic",
}


@pytest.mark.parametrize("label", sorted(LARGE))
def test_no_list_counts_a_large_table_whole(chief: Client, label: str) -> None:
    """A count of a million rows costs more than the page."""
    opts = apps.get_model(label)._meta
    with CaptureQueriesContext(connection) as seen:
        page = chief.get(reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist"))
    assert page.status_code == 200
    counts = [query["sql"] for query in seen if "COUNT(" in query["sql"] and opts.db_table in query["sql"]]
    assert len(counts) == 1
    assert "LIMIT 10001" in counts[0], "give its admin the bounded paginator of RegisterAdmin"


def test_pages_of_facts_about_enterprises_are_scoped() -> None:
    """A person of an area sees own enterprises only: by the queryset, or by the paths to a district."""
    for page in PAGES:
        hangs_on = {field.related_model for field in page.opts.concrete_fields if field.is_relation}
        if Enterprise in hangs_on or page.opts.label == "registry.Review":
            scoped = hasattr(page.model._default_manager.all(), "visible_to") or page.areas
            assert scoped, f"{page.opts.label} hangs on enterprises: give its admin `areas`"
