"""The trail: who did what, chained, only added to, and archived before it is dropped."""

import datetime as dt
import gzip
import io
import json
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone

from czindustry import tasks
from czindustry.security import chain, receivers, trail, words
from czindustry.security.chain import Head
from czindustry.security.choices import Action
from czindustry.security.models import AuditArchive, AuditEvent, AuditSeal
from registry import history
from registry.choices import Role, Scope
from registry.models import User
from registry.rosters import service
from registry.rosters.plan import Request
from registry.rosters.workbench import Options
from registry.services import take_up_role
from targets.services import publishing
from tests import factories as make
from tests import people, tokens
from tests.connections import another

FROM_WUJIN = {"REMOTE_ADDR": "10.4.12.7"}


def events(action: Action) -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(action=action).order_by("pk"))


def told(action: Action) -> list[tuple[str, bool, str, str | None]]:
    return [(one.subject, one.succeeded, one.username, one.address) for one in events(action)]


def seal() -> None:
    """As a commit would."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


# What is told


@pytest.mark.django_db
def test_sign_ins_and_their_failures_are_told_with_their_place() -> None:
    people.clerk_of_wujin()
    client = Client(**FROM_WUJIN)
    client.post("/signin/", {"username": "gu", "password": "wrong"})
    client.post("/signin/", {"username": "nobody\x00", "password": "wrong"})
    client.post("/signin/", {"username": "gu", "password": people.PASSWORD}, headers={"X-Request-Id": "wj-1"})
    client.post("/signout/")
    assert told(Action.SIGN_IN) == [
        ("gu", False, "gu", "10.4.12.7"),
        ("gu", True, "gu", "10.4.12.7"),
    ]
    assert told(Action.SIGN_OUT) == [("gu", True, "gu", "10.4.12.7")]
    assert events(Action.SIGN_IN)[-1].request == "wj-1"


@pytest.mark.django_db
def test_no_password_stands_in_the_trail() -> None:
    people.clerk_of_wujin()
    Client().post("/signin/", {"username": "gu", "password": "Geheim-9000"})
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(security_words(event), '') FROM security_auditevent event")
        assert "Geheim" not in cursor.fetchone()[0]


@pytest.mark.django_db
def test_accounts_and_rights_are_told_by_whatever_way_they_change() -> None:
    gu = people.clerk_of_wujin()
    with history.change(by=gu, address="10.1.1.1", request="r-7"):
        User.objects.filter(pk=gu.pk).update(role=Role.CITY_CLERK, district=None)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE registry_user SET is_active = false WHERE id = %s", [gu.pk])
    by_page, by_sql = events(Action.RIGHTS)[-1], events(Action.ACCOUNT)[-1]
    assert by_page.details["role"] == ["district_clerk", "city_clerk"]
    assert (by_page.person, by_page.address, by_page.request) == (gu, "10.1.1.1", "r-7")
    assert by_sql.details == {"is_active": [True, False]}
    take_up_role(account=User.objects.get(pk=gu.pk))
    taken, given = (one.details for one in events(Action.RIGHTS)[-2:])
    assert (taken, given) == ({"delete": ["板块经办"]}, {"insert": ["市级经办"]})


@pytest.mark.django_db
def test_a_new_password_is_told_without_it() -> None:
    gu = people.clerk_of_wujin()
    gu.set_password("Longcheng-Gongye-532")
    gu.save()
    assert [(one.subject, one.details) for one in events(Action.PASSWORD)] == [("gu", {})]


@pytest.mark.django_db
def test_a_list_and_its_undoing_are_told_with_their_rows() -> None:
    wang = people.clerk_of_the_city()
    content = "企业名称,统一社会信用代码\n常州天地光能有限公司,\n常州龙城机械有限公司,\n".encode()
    request = Request(kind="enterprises", content=content, file_name="最终版2.csv", options=Options())
    roster = service.import_list(request, by=wang, reason="试").roster
    seal()
    (came,) = events(Action.IMPORT)
    assert (came.rows, came.person, came.details["sha256"]) == (2, wang, roster.sha256)
    assert came.subject.endswith("最终版2.csv")
    service.undo_list(roster, by=wang, reason="重复导入")
    seal()
    (back,) = events(Action.UNDO)
    assert (back.rows, back.person, back.details) == (2, wang, {"reason": "重复导入"})


@pytest.mark.django_db
def test_a_bulletin_is_told_from_draft_to_issue_with_its_people() -> None:
    target = make.target_with_rule("green.all", schemes=(make.scheme(),))
    wang, shen = people.clerk_of_the_city(), people.reviewer_of_the_city()
    now = timezone.now()
    draft = publishing.draft(plan=target.plan, kind="month", day=dt.date(2025, 12, 31), by=wang, at=now)
    publishing.sign_off(publication=draft, by=shen, at=now)
    publishing.issue(publication=draft, by=shen, at=now)
    told_of = [(one.details["state"], one.username) for one in events(Action.PUBLICATION)]
    assert told_of == [("draft", "wang"), ("signed", "shen"), ("issued", "shen")]


@pytest.mark.django_db
def test_a_token_is_told_from_grant_to_end() -> None:
    wang = people.clerk_of_the_city()
    token, _text = tokens.drawn(wang)
    granted, drawn = events(Action.TOKEN)
    assert (granted.username, granted.details["owner"]) == ("ning", wang.pk)
    assert drawn.details["prefix"] == [None, token.prefix]
    assert "digest" not in drawn.details


@pytest.mark.parametrize(
    ("details", "told_as"),
    [
        ({"role": ["district_clerk", "city_clerk"]}, "角色：板块经办 → 市级经办"),
        ({"is_active": [True, False]}, "有效：是 → 否"),
        ({"district_id": ["wujin", None]}, "板块：武进区 → 全市"),
        ({"insert": ["市级经办"]}, "加入：市级经办"),
        ({"granted": ["read_totals"]}, "权限范围："),
        ({"by": "office"}, "方式：统一身份认证"),
        ({"new_name": "x"}, "new_name：x"),
    ],
)
def test_details_are_told_in_the_words_of_the_office(
    db: None, details: dict[str, object], told_as: str
) -> None:
    wujin = make.district("320412")
    given = {name: [wujin.pk, None] if value == ["wujin", None] else value for name, value in details.items()}
    (words_of,) = words.told(given)
    assert words_of.startswith(told_as.replace("武进区", str(wujin)))


@pytest.mark.django_db
def test_files_that_leave_are_told_with_their_rows() -> None:
    make.plan()
    wujin = make.district("320412")
    for number in range(3):
        make.enterprise(f"光能{number}", district=wujin)
    client = Client(**FROM_WUJIN)
    client.force_login(people.clerk_of_wujin())
    answer = client.get("/enterprises/?district=320412&format=xlsx")
    assert answer.status_code == 200, answer.content
    client.get("/enterprises/?district=320412")
    (left,) = events(Action.EXPORT)
    assert (left.rows, left.username, left.address) == (3, "gu", "10.4.12.7")
    assert left.subject.startswith("企业")


@pytest.mark.django_db(transaction=True)
def test_what_programs_take_is_told_with_their_token() -> None:
    make.enterprise("光能1")
    make.enterprise("光能2")
    client = tokens.program(tokens.drawn(people.clerk_of_the_city(), Scope.READ_ENTERPRISES)[1])
    b"".join(client.get("/api/v1/export/enterprises.ndjson").streaming_content)
    b"".join(client.get("/api/v1/enterprises/?format=csv").streaming_content)
    client.get("/api/v1/enterprises/")
    assert [(one.rows, bool(one.token)) for one in events(Action.EXPORT)] == [(2, True), (2, True)]


@pytest.mark.django_db
def test_a_token_that_opens_nothing_is_told_once_a_minute() -> None:
    receivers.REFUSED.clear()
    token, text = tokens.drawn(people.clerk_of_wujin())
    other = text[:-4] + ("aaaa" if text[-4:] != "aaaa" else "bbbb")
    for _number in range(3):
        assert tokens.program(other).get("/api/v1/districts/").status_code == 401
    assert tokens.program("czi_nothing").get("/api/v1/districts/").status_code == 401
    told = [(one.subject, one.person) for one in events(Action.TOKEN) if not one.succeeded]
    assert told == [(str(token), token.owner), ("", None)]


@pytest.mark.django_db
def test_a_page_that_is_printed_says_so() -> None:
    client = Client(**FROM_WUJIN)
    client.force_login(people.official_of_wujin())
    assert client.get("/printed/").status_code == 405
    form = {"page": "/districts/320412/?as_of=2025-12-31", "title": "武进区\x00" + "长" * 900}
    assert client.post("/printed/", form).status_code == 204
    (left,) = events(Action.PRINT)
    assert (left.username, left.details["page"]) == ("zhou", form["page"])
    assert left.subject.startswith("武进区长")


def test_a_stream_that_breaks_off_is_told_as_far_as_it_came() -> None:
    seen: list[tuple[int, bool]] = []
    parts = trail.counted(iter([b"1\n2\n", b"3\n"]), lambda rows, whole: seen.append((rows, whole)))
    next(parts)
    parts.close()  # type: ignore[attr-defined]
    assert seen == [(2, False)]


# Chained, and only added to


@pytest.fixture
def three(db: None) -> list[AuditEvent]:
    made = [trail.note(Action.SIGN_IN, None, username=f"u{number}") for number in range(3)]
    seal()
    return made


def test_each_event_is_sealed_on_the_one_before(three: list[AuditEvent]) -> None:
    seals = list(AuditSeal.objects.filter(event__in=three))
    assert [one.event_id for one in seals] == [one.pk for one in three]
    assert [one.previous for one in seals[1:]] == [one.digest for one in seals[:-1]]
    assert chain.check().problems == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE security_auditevent SET username = 'nobody'",
        "DELETE FROM security_auditevent",
        "UPDATE security_auditseal SET digest = repeat('0', 64)",
        "DELETE FROM security_auditseal",
        "SET czindustry.archiving = 'yes'; DELETE FROM security_auditevent",
    ],
)
def test_nothing_of_it_is_changed(three: list[AuditEvent], statement: str) -> None:
    with pytest.raises(DatabaseError, match="only added to"), transaction.atomic():
        connection.cursor().execute(statement)
    assert chain.check().problems == []


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("UPDATE security_auditevent SET username = 'nobody' WHERE id = %(second)s", "changed"),
        ("UPDATE security_auditevent SET at = at - interval '1 day' WHERE id = %(second)s", "changed"),
        ("DELETE FROM security_auditevent WHERE id = %(second)s", "missing"),
        ("DELETE FROM security_auditseal WHERE event_id = %(second)s", "gap"),
        ("DELETE FROM security_auditseal WHERE event_id = %(second)s", "unsealed"),
        (
            "UPDATE security_auditseal SET previous = repeat('1', 64) WHERE event_id = %(second)s",
            "changed",
        ),
        (
            "UPDATE security_auditseal seal SET previous = repeat('1', 64), "
            "digest = security_digest(repeat('1', 64), event) "
            "FROM security_auditevent event WHERE event.id = seal.event_id AND event.id = %(second)s",
            "relinked",
        ),
    ],
)
def test_whoever_goes_past_the_triggers_is_found_out(
    three: list[AuditEvent], statement: str, reason: str
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(statement, {"second": three[1].pk})
        cursor.execute("SET session_replication_role = origin")
    assert reason in {one.reason for one in chain.check().problems}
    with pytest.raises(CommandError):
        call_command("trail", "check", stderr=io.StringIO(), stdout=io.StringIO())


def test_an_end_that_was_noted_shows_a_chain_written_anew(three: list[AuditEvent]) -> None:
    out = io.StringIO()
    call_command("trail", "check", stdout=out)
    noted = chain.head()
    assert str(noted) in out.getvalue()
    call_command("trail", "check", head=str(noted), stdout=out)
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("DELETE FROM security_auditevent WHERE id = %s", [three[2].pk])
        cursor.execute("DELETE FROM security_auditseal WHERE event_id = %s", [three[2].pk])
        cursor.execute("SET session_replication_role = origin")
    assert chain.check().problems == []
    with pytest.raises(CommandError):
        call_command("trail", "check", head=str(noted), stdout=out)


@pytest.mark.django_db(transaction=True)
def test_events_are_sealed_in_the_order_of_commits_and_nobody_waits_meanwhile() -> None:
    first = connection.copy()
    try:
        with transaction.atomic(), first.cursor() as other:
            mine = trail.note(Action.SIGN_IN, None, username="long")
            other.execute(
                "INSERT INTO security_auditevent (action, succeeded, username, token, request, path, subject, details) "
                "VALUES ('sign_in', true, 'short', '', '', '', '', '{}') RETURNING id"
            )
            (theirs,) = other.fetchone()
        assert list(AuditSeal.objects.values_list("event_id", flat=True))[-2:] == [theirs, mine.pk]
        assert chain.check().problems == []
    finally:
        first.close()


@pytest.mark.django_db(transaction=True)
def test_what_a_transaction_of_one_snapshot_notes_is_sealed_by_the_next() -> None:
    """It does not see what was sealed since it began: a bulletin that is issued while others work."""
    with another() as other:
        other.run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        other.run("SELECT 1 FROM security_auditseal")
        trail.note(Action.SIGN_OUT, None, subject="meanwhile")
        other.run("SELECT security_note('export', 'slow', '{}')")
        other.commit()
    before = list(AuditSeal.objects.order_by("position").values_list("event__subject", flat=True))
    assert (before[-1], "slow" in before) == ("meanwhile", False)
    trail.note(Action.SIGN_OUT, None, subject="next")
    sealed = AuditSeal.objects.order_by("position").values_list("event__subject", flat=True)
    assert list(sealed) == [*before, "slow", "next"]
    assert chain.check().problems == []
    assert chain.seal_waiting() == 0


@pytest.mark.django_db(transaction=True)
def test_the_worker_seals_what_nobody_has_sealed_since() -> None:
    with another() as other:
        other.run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        other.run("SELECT security_note('export', 'slow', '{}')")
        other.commit()
    assert not AuditSeal.objects.filter(event__subject="slow").exists()
    tasks.seal_trail(0)
    assert AuditSeal.objects.filter(event__subject="slow").exists()


@pytest.mark.django_db
def test_what_fails_is_told_nevertheless() -> None:
    """A sign-in that fails is kept although nothing else is."""
    with history.change(reason="x"):
        Client().post("/signin/", {"username": "gu", "password": "wrong"})
    assert [one.succeeded for one in events(Action.SIGN_IN)] == [False]


# The role of the application


def test_the_application_may_add_and_nothing_else(three: list[AuditEvent]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE test_application")
        call_command("grant_application", "test_application", verbosity=0, stdout=io.StringIO())
        cursor.execute("SET ROLE test_application")
    added = trail.note(Action.SIGN_IN, None, username="wang")
    seal()
    for statement in (
        "UPDATE security_auditevent SET username = ''",
        "DELETE FROM security_auditevent",
        "TRUNCATE security_auditevent",
        "ALTER TABLE security_auditevent DISABLE TRIGGER ALL",
        "DROP TRIGGER only_added_to ON security_auditevent",
        "INSERT INTO security_auditseal VALUES (1, 1, '', '')",
        "UPDATE security_auditseal SET digest = ''",
        "SET session_replication_role = replica",
        "CREATE OR REPLACE FUNCTION security_only_added_to() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'",
    ):
        with pytest.raises(DatabaseError, match=r"permission denied|must be owner"), transaction.atomic():
            connection.cursor().execute(statement)
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
    assert AuditSeal.objects.filter(event=added).exists()
    assert chain.check().problems == []


# Archives


def aged(event: AuditEvent, days: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            "UPDATE security_auditevent SET at = at - make_interval(days => %s) WHERE id = %s",
            [days, event.pk],
        )
        cursor.execute(
            "WITH RECURSIVE anew AS (SELECT 1) UPDATE security_auditseal seal SET digest = "
            "security_digest(seal.previous, event) FROM security_auditevent event "
            "WHERE event.id = seal.event_id AND event.id = %s",
            [event.pk],
        )
        cursor.execute(
            "UPDATE security_auditseal later SET previous = seal.digest FROM security_auditseal seal "
            "WHERE seal.event_id = %s AND later.position = seal.position + 1",
            [event.pk],
        )
        cursor.execute(
            "UPDATE security_auditseal seal SET digest = security_digest(seal.previous, event) "
            "FROM security_auditevent event WHERE event.id = seal.event_id AND event.id > %s",
            [event.pk],
        )
        cursor.execute("SET session_replication_role = origin")


@pytest.mark.parametrize(("days", "dropped"), [(399, 0), (401, 1)])
def test_what_is_old_goes_to_a_file_and_the_chain_goes_on(
    db: None, tmp_path: Path, days: int, dropped: int
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("DELETE FROM security_auditseal; DELETE FROM security_auditevent")
        cursor.execute("SET session_replication_role = origin")
    old = trail.note(Action.SIGN_IN, None, username="old")
    trail.note(Action.SIGN_IN, None, username="new")
    seal()
    aged(old, days)
    assert chain.check().problems == []
    before = chain.head()
    call_command("trail", "archive", folder=tmp_path, stdout=io.StringIO())
    assert AuditEvent.objects.filter(username="old").exists() == (not dropped)
    assert AuditArchive.objects.count() == dropped
    assert chain.check().problems == []
    assert chain.head() == before
    assert chain.holds(before)
    if dropped:
        (file,) = tmp_path.iterdir()
        (line,) = gzip.decompress(file.read_bytes()).decode().splitlines()
        assert '"old"' in json.loads(line)["words"]
        call_command("trail", "check", file=file, stdout=io.StringIO())
        file.write_bytes(gzip.compress(line.replace("old", "odd").encode()))
        with pytest.raises(CommandError):
            call_command("trail", "check", file=file, stdout=io.StringIO())
        trail.note(Action.SIGN_IN, None, username="newest")
        seal()
        assert chain.check().problems == []


def test_less_than_the_days_that_must_be_kept_is_refused(db: None, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="400"):
        call_command("trail", "archive", days=399, folder=tmp_path)
    assert chain.archive(timezone.now() - dt.timedelta(days=4000), tmp_path) is None


# Who reads it


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.AUDIT_ADMINISTRATOR, 200),
        (Role.SYSTEM_ADMINISTRATOR, 403),
        (Role.SECURITY_ADMINISTRATOR, 403),
        (Role.CITY_REVIEWER, 403),
    ],
)
def test_only_the_audit_administrator_reads_it(three: list[AuditEvent], role: Role, status: int) -> None:
    user = User.objects.create(username="someone", role=role)
    take_up_role(account=user)
    client = Client()
    client.force_login(user)
    seal()
    assert client.get("/admin/security/auditevent/").status_code == status
    assert client.get(f"/admin/security/auditevent/{three[0].pk}/change/").status_code == status
    answer = client.get("/admin/security/auditevent/check", follow=True)
    assert (str(chain.head()) in answer.content.decode()) == (status == 200)
    assert client.get(f"/admin/security/auditevent/{three[0].pk}/delete/").status_code == 403


def test_a_head_is_what_the_check_prints() -> None:
    assert str(Head(3, "a" * 64)) == "3:" + "a" * 64


@pytest.mark.django_db
def test_an_upload_that_is_refused_is_no_import() -> None:
    client = Client()
    client.force_login(people.clerk_of_the_city())
    file = SimpleUploadedFile("a.xlsx", b"no workbook")
    client.post("/admin/registry/roster/upload/", {"file": file, "kind": "enterprises"})
    seal()
    assert events(Action.IMPORT) == []
