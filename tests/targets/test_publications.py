"""A publication on its way, and what becomes of it afterwards: nothing."""

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.db import Error, connection, transaction

from registry.models import Designation, User
from targets.choices import PublicationState
from targets.models import Plan, Publication, PublicationDocument
from targets.services import publishing
from tests import people
from tests.registry.test_past import moment
from tests.targets.reports.conftest import LAST_DAY, Reader, liyang, plan, reader, wujin

__all__ = ["liyang", "plan", "wujin"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def wang(db: None) -> User:
    return people.clerk_of_the_city()


@pytest.fixture
def shen(db: None) -> User:
    return people.reviewer_of_the_city()


def issued(plan: Plan, wang: User, shen: User, **changes: Any) -> Publication:
    made = publishing.draft(plan=plan, kind="year", day=LAST_DAY, by=wang, at=moment(), **changes)
    publishing.sign_off(publication=made, by=shen, at=moment())
    publishing.issue(publication=made, by=shen, at=moment())
    made.refresh_from_db()
    return made


def test_it_goes_from_the_draft_to_the_issue(plan: Plan, wang: User, shen: User) -> None:
    made = issued(plan, wang, shen)
    assert (made.state, made.drafted_by, made.signed_by, made.issued_by) == ("issued", wang, shen, shen)
    assert {one.kind for one in made.documents.all()} >= {"docx", "xlsx"}
    assert publishing.changed_parts(made) == []
    # five are counted, and each has its name
    assert made.records.filter(target="green.all").count() == 5
    call_command("publish", "--verify")


STEPS = {
    "edit": lambda one, by: publishing.edit(publication=one, title="改", texts=["文"] * 5, by=by),
    "sign": lambda one, by: publishing.sign_off(publication=one, by=by, at=moment()),
    "back": lambda one, by: publishing.send_back(publication=one, by=by, reason="数字待核"),
    "issue": lambda one, by: publishing.issue(publication=one, by=by, at=moment()),
    "discard": lambda one, by: publishing.discard(publication=one, by=by),
    "correct": lambda one, by: publishing.correct(publication=one, by=by, at=moment()),
}
POSSIBLE = {"draft": {"edit", "sign", "discard"}, "signed": {"back", "issue"}, "issued": {"correct"}}


@pytest.mark.parametrize("state", POSSIBLE)
@pytest.mark.parametrize("step", STEPS)
def test_each_step_begins_in_its_state_alone(
    plan: Plan, wang: User, shen: User, state: str, step: str
) -> None:
    made = publishing.draft(plan=plan, kind="year", day=LAST_DAY, by=wang, at=moment())
    made.paragraphs = made.paragraphs[:5]
    made.save()
    if state != "draft":
        publishing.sign_off(publication=made, by=shen, at=moment())
    if state == "issued":
        publishing.issue(publication=made, by=shen, at=moment())
    made.refresh_from_db()
    if step in POSSIBLE[state]:
        STEPS[step](made, shen)
    else:
        with pytest.raises(ValidationError):
            STEPS[step](made, shen)
        assert Publication.objects.get(pk=made.pk).state == state


def test_who_drafts_does_not_sign(plan: Plan, wang: User, shen: User) -> None:
    own = publishing.draft(plan=plan, kind="year", day=LAST_DAY, by=shen, at=moment())
    with pytest.raises(ValidationError, match="另一人"):
        publishing.sign_off(publication=own, by=shen, at=moment())
    # nor who edited it last; the database holds to it as well
    other = publishing.draft(plan=plan, kind="year", day=LAST_DAY, by=wang, at=moment())
    texts = [one["text"] for one in other.paragraphs]
    publishing.edit(publication=other, title="改", texts=texts, by=shen)
    with pytest.raises(ValidationError):
        publishing.sign_off(publication=other, by=shen, at=moment())
    with pytest.raises(Error), transaction.atomic():
        Publication.objects.filter(pk=own.pk).update(signed_by=shen, signed_at=moment(), state="signed")
    with pytest.raises(Error), transaction.atomic():
        Publication.objects.filter(pk=own.pk).update(state="issued")


@pytest.mark.parametrize(
    ("step", "person"),
    [
        ("edit", people.official_of_the_city),
        ("edit", people.clerk_of_wujin),
        ("sign", people.clerk_of_the_city),
        ("sign", people.auditor),
        ("issue", people.official_of_the_city),
        ("discard", people.auditor),
        ("correct", people.official_of_wujin),
    ],
)
def test_nobody_does_what_the_role_does_not_give(plan: Plan, step: str, person: Any) -> None:
    li = people._person("li", "李雷", people.Role.CITY_REVIEWER)
    made = publishing.draft(plan=plan, kind="year", day=LAST_DAY, by=li, at=moment())
    if step == "correct":
        han = people._person("han", "韩梅", people.Role.CITY_REVIEWER)
        publishing.sign_off(publication=made, by=han, at=moment())
        publishing.issue(publication=made, by=han, at=moment())
        made.refresh_from_db()
    with pytest.raises(PermissionDenied):
        STEPS[step](made, person())


SIGNED = [
    "UPDATE targets_publication SET title = 'x'",
    "UPDATE targets_publication SET paragraphs = '[]'",
    "UPDATE targets_publication SET content = '{}'",
    "UPDATE targets_publication SET day = '2024-12-31'",
    "UPDATE targets_publication SET drafted_by_id = NULL",
    "UPDATE targets_publication SET state = 'draft'",
    "UPDATE targets_publication SET edited_by_id = signed_by_id",
    "UPDATE targets_publication SET issued_at = now()",
]


@pytest.mark.parametrize("statement", SIGNED)
def test_the_database_refuses_to_change_what_was_signed(
    plan: Plan, wang: User, shen: User, statement: str
) -> None:
    made = publishing.draft(plan=plan, kind="year", day=LAST_DAY, by=wang, at=moment())
    publishing.sign_off(publication=made, by=shen, at=moment())
    with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_numbers_are_taken_anew_in_the_draft_alone(plan: Plan, wang: User, shen: User) -> None:
    made = publishing.draft(plan=plan, kind="year", day=LAST_DAY, by=wang, at=moment())
    Designation.objects.filter(enterprise__name="武进甲厂").update(
        ended_on=dt.date(2025, 1, 1), end_reason="removed"
    )
    publishing.renew(publication=made, by=wang, at=moment())
    made.refresh_from_db()
    (green,) = (one for one in publishing.as_written(made).lines if one.code == "green.all")
    assert green.value == 4
    # whoever took them has worked on it, and so does not sign it
    publishing.renew(publication=made, by=shen, at=moment())
    with pytest.raises(ValidationError):
        publishing.sign_off(publication=made, by=shen, at=moment())


def test_numbers_that_are_no_longer_those_of_their_moment_are_not_issued(
    plan: Plan, wang: User, shen: User
) -> None:
    """What was being written at that moment becomes known after it, as if it had been known."""
    made = publishing.draft(plan=plan, kind="year", day=LAST_DAY, by=wang, at=moment())
    content = made.content
    assert content is not None
    content["lines"][0]["value"] = "99"
    made.save()
    publishing.sign_off(publication=made, by=shen, at=moment())
    with pytest.raises(ValidationError):
        publishing.issue(publication=made, by=shen, at=moment())


def test_verifying_finds_what_was_altered_past_the_triggers(plan: Plan, wang: User, shen: User) -> None:
    issued(plan, wang, shen)
    call_command("publish", "--verify")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE targets_publishedrecord SET enterprise = '他厂' WHERE enterprise = '武进甲厂'")
        cursor.execute("SET LOCAL session_replication_role = origin")
    with pytest.raises(CommandError):
        call_command("publish", "--verify")


FORGERIES = [
    "SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE targets_publishedrecord",
    "SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE targets_publication CASCADE",
    "UPDATE targets_publication SET title = 'x'",
    "UPDATE targets_publication SET state = 'draft', content = NULL",
    "DELETE FROM targets_publication",
    "UPDATE targets_publicationdocument SET content = 'x'",
    "DELETE FROM targets_publicationdocument",
    "UPDATE targets_publishedrecord SET enterprise = 'x'",
    "DELETE FROM targets_publishedrecord",
    "INSERT INTO targets_publicationdocument (publication_id, kind, content, sha256, size) "
    "SELECT id, 'exe', 'x', 'x', 1 FROM targets_publication",
    "INSERT INTO targets_publishedrecord (publication_id, target, enterprise, uscc, district, item, title, level, "
    "document, cluster) SELECT id, 'green.all', '', '', '', '', '', '', '', '' FROM targets_publication",
]


@pytest.mark.parametrize("statement", FORGERIES)
def test_the_database_refuses_to_change_what_was_issued(
    plan: Plan, wang: User, shen: User, statement: str
) -> None:
    issued(plan, wang, shen)
    refused = pytest.raises(Error, match=r"never changes|nothing is added")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_facts_that_change_do_not_change_the_issue(plan: Plan, wang: User, shen: User) -> None:
    first = issued(plan, wang, shen)
    Designation.objects.filter(enterprise__name="武进甲厂").update(
        ended_on=dt.date(2025, 1, 1), end_reason="removed"
    )
    first = Publication.objects.get(pk=first.pk)
    assert publishing.changed_parts(first) == []
    assert first.records.filter(target="green.all").count() == 5

    draft = publishing.correct(publication=first, by=wang, at=moment())
    assert draft.corrects == first
    with pytest.raises(ValidationError):
        publishing.correct(publication=first, by=wang, at=moment())
    publishing.sign_off(publication=draft, by=shen, at=moment())
    publishing.issue(publication=draft, by=shen, at=moment())
    draft.refresh_from_db()
    differing = {one.line.code: one for one in publishing.compare(first, draft)}
    assert set(differing) == {"green.all", "green.national"}
    green = differing["green.all"]
    assert green.first is not None
    assert green.second is not None
    assert (green.first.value, green.second.value, green.areas) == (5, 4, ["320412"])
    assert publishing.compare(first, first) == []


def test_a_failure_on_the_way_leaves_nothing(
    plan: Plan, wang: User, shen: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = publishing.draft(plan=plan, kind="year", day=LAST_DAY, by=wang, at=moment())
    publishing.sign_off(publication=made, by=shen, at=moment())

    def broken(*_args: object) -> None:
        raise RuntimeError("no space left")

    monkeypatch.setattr(publishing, "_freeze_records", broken)
    with pytest.raises(RuntimeError):
        publishing.issue(publication=made, by=shen, at=moment())
    made.refresh_from_db()
    assert made.state == PublicationState.SIGNED
    assert not PublicationDocument.objects.exists()


def test_from_the_command_line(plan: Plan, wang: User, shen: User) -> None:
    asked = {"as_of": LAST_DAY, "kind": "year", "plan": plan.code}
    with pytest.raises(CommandError):
        call_command("publish")
    with pytest.raises(CommandError):
        call_command("publish", by="nobody", **asked)
    with pytest.raises(CommandError):
        call_command("publish", by="wang", sign_off_by="wang", **asked)
    with pytest.raises(CommandError):
        call_command("publish", by="wang", issue=True, **asked)
    call_command("publish", by="wang", sign_off_by="shen", issue=True, **asked)
    assert Publication.objects.filter(state="issued").count() == 1


# Pages


def test_the_way_through_the_pages(plan: Plan, wang: User, shen: User) -> None:
    clerk, reviewer = reader(wang), reader(shen)
    start = {"plan": plan.code, "kind": "year", "as_of": "2025-12-31"}
    made = clerk.client.post("/publications/start/", start)
    assert made.status_code == 302
    page = made["Location"]
    one = Publication.objects.get()
    texts = [part["text"] for part in one.paragraphs]
    texts[0] = "总体良好。"
    clerk.client.post(f"{page}steps/edit/", {"title": "通报（改）", "text": texts})
    assert "总体良好。" in clerk.open(page).content.decode()
    assert "steps/sign/" not in clerk.open(page).content.decode()
    assert clerk.client.post(f"{page}steps/sign/").status_code == 403
    assert reviewer.client.post(f"{page}steps/sign/").status_code == 302
    assert clerk.client.post(f"{page}steps/edit/", {"title": "x", "text": texts}).status_code == 400
    assert reviewer.client.post(f"{page}steps/issue/").status_code == 302
    told = clerk.open(page).content.decode()
    assert "总体良好。" in told
    assert one.documents.get(kind="docx").sha256 in told
    file = clerk.open(f"{page}docx/")
    assert file.content == bytes(one.documents.get(kind="docx").content)
    assert clerk.client.get(f"{page}steps/issue/").status_code == 405


def test_an_area_reads_issues_and_names_of_its_own(
    plan: Plan, wang: User, shen: User, wujin: Reader, liyang: Reader
) -> None:
    draft = publishing.draft(plan=plan, kind="year", day=LAST_DAY, by=wang, at=moment())
    assert wujin.open(f"/publications/{draft.pk}/").status_code == 404
    one = issued(plan, wang, shen)
    assert one.title in wujin.open("/publications/").content.decode()
    assert draft.pk != one.pk
    for person, sees, hidden in ((wujin, "武进甲厂", "溧阳丙厂"), (liyang, "溧阳丙厂", "武进甲厂")):
        page = person.open(f"/publications/{one.pk}/targets/green.all/").content.decode()
        assert sees in page
        assert hidden not in page
    assert wujin.open(f"/publications/{one.pk}/targets/nothing/").status_code == 404
    assert wujin.client.post(f"/publications/{one.pk}/steps/correct/").status_code == 403


def test_two_issues_are_compared_on_a_page(plan: Plan, wang: User, shen: User) -> None:
    first = issued(plan, wang, shen)
    Designation.objects.filter(enterprise__name="武进甲厂").update(
        ended_on=dt.date(2025, 1, 1), end_reason="removed"
    )
    second = issued(plan, wang, shen)
    clerk = reader(wang)
    page = clerk.open("/publications/compare/", first=first.pk, second=second.pk).content.decode()
    assert "green.all" in page
    assert clerk.open("/publications/compare/", first="x", second=second.pk).status_code == 404
