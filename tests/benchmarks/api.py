"""How fast the API is read at the volume of a city, beside the bare SQL of the very same rows; what history costs.

    python -m tests.benchmarks.api

200,000 enterprises, 1,000,000 titles, 1,000,000 yearly figures. A request goes through all of the site: connection from
the pool, session, person, permissions, filters, JSON. The bare SQL goes through a connection of psycopg as it comes: it
asks for the ids of area and title, since with their codes inside PostgreSQL would plan without knowing how many there
are, and then for the very rows and columns that the API shows. Both take turns, so that other work on the machine
disturbs them alike.

History: 50,000 titles in one INSERT … SELECT with its commit, with the triggers of the history and without; indexes,
constraints and all other triggers are on in both. Runs in databases made for it and dropped afterwards.
"""

import json
import resource
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import psycopg
from django.db import close_old_connections, connection
from django.test import Client

from tests.benchmarks.imports import (
    OWN,
    backend_pid,
    cpu_seconds,
    empty_titles,
    prepare_django,
    scratch_database,
    seed,
    settle,
    since,
)
from tests.benchmarks.volume import make_volume

REQUESTS = 51
INSERTS = 5
PAGE = 50
TITLES = 50_000
ROWS = 10_000
DISTRICT, SCHEME, USCC = "32043", "s1", "913204000000100000"
# What many names hold, here one in ten; and what few hold, here one in five hundred.
MANY, FEW = "电子", "光能"

FORMER_NAMES = f"""
    SET session_replication_role = replica;
    INSERT INTO registry_formername (version, name, enterprise_id, ended_on)
    SELECT 1, left(name, 2) || substr('{OWN}', 1 + (id % length('{OWN}'))::int, 1) || substr(name, 4), id,
           DATE '2019-01-01' + (id % 1500)::int
      FROM registry_enterprise WHERE id % 20 = 0;
    SET session_replication_role = origin;
"""

ENTERPRISES = """
    SELECT enterprise.id, enterprise.uscc, enterprise.uscc_confirmed, enterprise.registration_no, enterprise.name,
           ARRAY(SELECT jsonb_build_object('name', former.name, 'ended_on', former.ended_on)
                   FROM registry_formername former
                  WHERE former.enterprise_id = enterprise.id ORDER BY former.ended_on),
           district.code, enterprise.address, industry.code, enterprise.legal_form, enterprise.parent_id,
           ARRAY(SELECT jsonb_build_object('cluster', cluster.code, 'cluster_name', cluster.name, 'kind', member.kind,
                                           'main', member.main, 'role', member.role, 'since', member.since,
                                           'until', member.until)
                   FROM registry_membership member JOIN registry_cluster cluster ON cluster.id = member.cluster_id
                  WHERE member.enterprise_id = enterprise.id
                  ORDER BY member.kind, member.main DESC, cluster.position, cluster.code),
           ARRAY(SELECT jsonb_build_object('day', move.day, 'from_district', origin.code, 'to_district', goal.code)
                   FROM registry_relocation move
                   LEFT JOIN registry_district origin ON origin.id = move.from_district_id
                   LEFT JOIN registry_district goal ON goal.id = move.to_district_id
                  WHERE move.enterprise_id = enterprise.id ORDER BY move.day),
           enterprise.founded_on, enterprise.closed_on, enterprise.stock_code, enterprise.contact_name,
           enterprise.contact_phone, enterprise.uscc LIKE '__000000%%', listed.roster_id, enterprise.version
      FROM registry_enterprise enterprise
      LEFT JOIN registry_district district ON district.id = enterprise.district_id
      LEFT JOIN registry_industry industry ON industry.id = enterprise.industry_id
      LEFT JOIN registry_rosterrow listed ON listed.id = enterprise.roster_row_id
"""
LIST = f"""{ENTERPRISES}
     WHERE enterprise.district_id = %(district)s
       AND (enterprise.name_bigrams @> ARRAY[%(name)s]
            OR enterprise.id = ANY (ARRAY(SELECT enterprise_id FROM registry_formername
                                           WHERE name_bigrams @> ARRAY[%(name)s])))
       AND EXISTS (SELECT FROM registry_designation title
                    WHERE title.enterprise_id = enterprise.id AND title.scheme_id = %(scheme)s
                      AND title.state = 'confirmed')
     ORDER BY enterprise.id DESC LIMIT {PAGE}
"""
DETAIL = f"{ENTERPRISES} WHERE enterprise.uscc = %(uscc)s"

BULK = f"""
    INSERT INTO registry_designation
        (version, scheme_id, level, enterprise_id, item, batch, document, certificate, valid_from, valid_to,
         state, end_reason, end_document, return_reason, source, note)
    SELECT 1, scheme.id, 'provincial', enterprise.id, '', '第五批', '苏工信〔2022〕1号', 'No. ' || enterprise.id,
           DATE '2022-03-01', DATE '2025-02-28', 'confirmed', '', '', '', '', ''
      FROM registry_enterprise enterprise, registry_scheme scheme
     ORDER BY enterprise.id LIMIT {TITLES}
"""
OF_HISTORY = r"""
    SELECT tgname FROM pg_trigger
     WHERE tgrelid = 'registry_designation'::regclass
       AND tgname ~ '^pgtrigger_(insert_insert|update_update|delete_delete)_'
"""


def main() -> None:
    prepare_django()
    with scratch_database():
        make_volume(1)
        run(FORMER_NAMES)
        settle("registry_formername")
        report_reading()
        report_writing()
    with scratch_database():
        seed(200_000)
        report_history()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(f"peak memory of this process: {peak:.0f} MB\n")


# Reading


def report_reading() -> None:
    get = signed_in()
    with own_connection() as bare:
        for how_many, name in (("many", MANY), ("few", FEW)):
            asked = {"name": name, "district": DISTRICT, "scheme": SCHEME, "limit": PAGE}
            floor, api = partial(bare_list, bare, asked), partial(get, "enterprises/", asked)
            rows = floor()
            assert [row[0] for row in rows] == [row["id"] for row in api().json()["results"]]
            least, spent = in_turns(floor, api, pids=(bare.info.backend_pid, backend_pid()))
            print_line(f"area, title, two characters of {how_many}: bare SQL", least, f"{len(rows)} rows")
            print_line(
                "the same through the API", spent, f"{ratio(spent, least)} bare SQL; wanted: at most 3"
            )
        report_counting(bare, get)
        floor, api = partial(bare_detail, bare), partial(get, f"enterprises/{USCC}/", {})
        assert floor()[0] == api().json()["id"]
        least, spent = in_turns(floor, api, pids=(bare.info.backend_pid, backend_pid()))
    more = spent.milliseconds - least.milliseconds
    print_line("one enterprise by its code: bare SQL", least)
    print_line("the same through the API", spent, f"{more:.1f} ms more; wanted: at most 5")


def report_counting(bare: psycopg.Connection, get: Callable[..., Any]) -> None:
    """What it costs to be told the number of all rows along with a page of them, here of one row."""
    for name, table in (
        ("designations", "registry_designation"),
        ("annual-figures", "registry_annualfigures"),
    ):
        floor = partial(bare_count, bare, table)
        api = partial(get, f"{name}/", {"limit": 1, "count": "true"})
        number = floor()
        assert number == api().json()["count"]
        least, spent = in_turns(floor, api, pids=(bare.info.backend_pid, backend_pid()))
        print_line(f"all {name} counted: bare SQL", least, f"{number:,} rows")
        print_line("the same through the API", spent, f"{ratio(spent, least)} bare SQL")


def own_connection() -> psycopg.Connection:
    known = connection.get_connection_params()
    address = {name: known[name] for name in ("dbname", "host", "port", "user", "password") if name in known}
    return psycopg.connect(**address, autocommit=True)


def bare_list(bare: psycopg.Connection, asked: dict[str, Any]) -> list[Any]:
    given = {"name": asked["name"]}
    for name in ("district", "scheme"):
        given[name] = bare.execute(
            f"SELECT id FROM registry_{name} WHERE code = %s", [asked[name]]
        ).fetchone()[0]
    return bare.execute(LIST, given).fetchall()


def bare_count(bare: psycopg.Connection, table: str) -> int:
    (number,) = bare.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(number)


def bare_detail(bare: psycopg.Connection) -> Any:
    return bare.execute(DETAIL, {"uscc": USCC}).fetchone()


def signed_in() -> Callable[..., Any]:
    """Asks the API with the session of a person who sees the whole city."""
    from registry.choices import Role
    from registry.models import User

    client = Client(SERVER_NAME="localhost")
    person = User.objects.create(username="bench", role=Role.INTEGRATOR, must_change_password=False)
    client.force_login(person)

    def get(path: str, asked: dict[str, Any]) -> Any:
        response = client.get(f"/api/v1/{path}", asked)
        assert response.status_code == 200, response.content.decode()
        # as a server does after each request: the connection goes back to the pool, and is looked at when it comes out
        close_old_connections()
        return response

    return get


# Writing and following

NEW = f"""
    SELECT uscc FROM registry_enterprise WHERE uscc IS NOT NULL AND closed_on IS NULL ORDER BY id LIMIT {ROWS}
"""
CHANGES = """
    SELECT event.pgh_id, event.pgh_label, row_to_json(event) FROM registry_annualfiguresfactevent event
     WHERE event.pgh_transaction >= %(since)s::text::bigint ORDER BY event.pgh_id LIMIT 500
"""


def report_writing() -> None:
    """Ten thousand rows at once, new and then changed; and the changes that they are to who follows them."""
    client = writer()
    uscc = [code for (code,) in query(NEW)]
    ((since_then,),) = query("SELECT pg_snapshot_xmax(pg_current_snapshot())::text")
    position = ask(client, "changes/", {})["position"]
    values = {
        "revenue": "12345.67",
        "output": "23456.7",
        "rnd": "345.6",
        "employees": 120,
        "above_scale": True,
    }
    figures = [{"uscc": code, "year": 2040, **values, "source": "年报"} for code in uscc]
    award = {
        "scheme": a_new_scheme(),
        "level": "provincial",
        "valid_from": "2025-01-01",
        "document": "苏工信〔2025〕1号",
    }
    titles = [{**award, "uscc": code} for code in uscc]
    for name, path, rows in (
        ("yearly figures written", "annual-figures", figures),
        ("the same changed", "annual-figures", [{**row, "version": "*", "tax": "5"} for row in figures]),
        ("titles written", "designations", titles),
    ):
        body = json.dumps({"rows": rows})
        spent = timed(partial(send, client, path, body), backend_pid())
        rate = len(rows) / spent.milliseconds * 1000
        print_line(f"{len(rows):,} {name} at once", spent, f"{rate:,.0f} rows/s; wanted: 5,000")
    asked = {"after": position, "resource": "annual-figures", "limit": 500}
    with own_connection() as bare:
        floor = partial(bare_changes, bare, since_then)
        api = partial(ask, client, "changes/", asked)
        assert len(floor()) == len(api()["changes"]) == 500
        least, spent = in_turns(floor, api, pids=(bare.info.backend_pid, backend_pid()))
    print_line("500 changes of a stretch of 20,000: bare SQL", least)
    print_line("the same through the API", spent, f"{ratio(spent, least)} bare SQL")


def a_new_scheme() -> str:
    """One that nobody holds yet."""
    from registry.models import Scheme

    made = Scheme.objects.create(code="new", name="新类别")
    made.levels.create(level="provincial")
    return made.code


def writer() -> Client:
    """A programme with all scopes."""
    return Client(SERVER_NAME="localhost", headers={"Authorization": f"Bearer {token()}"})


def token() -> str:
    """Of a programme with all scopes, for which a clerk of the city answers."""
    from django.conf import settings
    from django.utils import timezone

    from registry.choices import Role, Scope
    from registry.models import ApiToken, User
    from registry.services import take_up_role, tokens

    settings.API_TOKEN_RATE = 10**9
    clerk = User.objects.create(username="clerk", role=Role.CITY_CLERK, must_change_password=False)
    grantor = User.objects.create(username="grantor", role=Role.SECURITY_ADMINISTRATOR)
    for person in (clerk, grantor):
        take_up_role(account=person)
    today = timezone.localdate()
    scopes = [one for one in Scope if one != Scope.READ_LISTS]
    made = ApiToken(
        name="bench", purpose="bench", owner=clerk, scopes=scopes, valid_from=today, expires_on=today
    )
    tokens.grant(token=made, by=grantor, at=timezone.now())
    return tokens.draw(token=made, by=clerk, at=timezone.now())


def send(client: Client, path: str, body: str) -> Any:
    response = client.post(f"/api/v1/{path}/bulk/", body, content_type="application/json")
    assert response.status_code == 200, response.content.decode()[:500]
    close_old_connections()
    return response.json()


def ask(client: Client, path: str, asked: dict[str, Any]) -> Any:
    response = client.get(f"/api/v1/{path}", asked)
    assert response.status_code == 200, response.content.decode()[:500]
    close_old_connections()
    return response.json()


def bare_changes(bare: psycopg.Connection, since_then: str) -> list[Any]:
    return bare.execute(CHANGES, {"since": since_then}).fetchall()


# History


def report_history() -> None:
    insert = partial(run, BULK)
    without, with_it = [], []
    for _ in range(INSERTS):
        for state, events, found in (("DISABLE", 0, without), ("ENABLE", TITLES, with_it)):
            for (trigger,) in query(OF_HISTORY):
                run(f"ALTER TABLE registry_designation {state} TRIGGER {trigger}")
            found.append(timed(insert, backend_pid()))
            assert query("SELECT count(*) FROM registry_designation") == [(TITLES,)]
            assert query("SELECT count(*) FROM registry_designationfactevent") == [(events,)]
            empty_titles()
    bare, kept = median(without), median(with_it)
    print_line(f"{TITLES:,} titles without history", bare)
    print_line("the same with history", kept, f"{ratio(kept, bare)} without; wanted: at most 2.5")


# All


@dataclass
class Spent:
    """By the clock, and CPU of Python and of PostgreSQL together; None where the server is on another machine."""

    milliseconds: float
    cpu: float | None


def in_turns(*works: Callable[[], Any], pids: tuple[int, ...]) -> list[Spent]:
    """They take turns, after a round that nobody counts."""
    found: list[list[Spent]] = [[] for _ in works]
    for _ in range(REQUESTS + 1):
        for work, pid, times in zip(works, pids, found, strict=True):
            times.append(timed(work, pid))
    return [median(times[1:]) for times in found]


def timed(work: Callable[[], Any], pid: int) -> Spent:
    start, cpu = time.perf_counter(), cpu_seconds(pid)
    work()
    milliseconds = (time.perf_counter() - start) * 1000
    spent = since(cpu, pid)
    return Spent(milliseconds, None if spent is None else spent * 1000)


def median(found: list[Spent]) -> Spent:
    """The mean of the CPU: the system counts that of PostgreSQL in steps of 10 ms."""
    spent = [one.cpu for one in found if one.cpu is not None]
    cpu = statistics.mean(spent) if spent else None
    return Spent(statistics.median(one.milliseconds for one in found), cpu)


def ratio(one: Spent, other: Spent) -> str:
    by_cpu = f" ({one.cpu / other.cpu:.2f} by CPU)" if one.cpu and other.cpu else ""
    return f"{one.milliseconds / other.milliseconds:.2f} ×{by_cpu}"


def run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def query(sql: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def print_line(name: str, spent: Spent, remark: str = "") -> None:
    cpu = f", CPU {spent.cpu:>7.1f} ms" if spent.cpu else ""
    sys.stdout.write(f"{name:<48}{spent.milliseconds:>8.1f} ms{cpu}   {remark}".rstrip() + "\n")


if __name__ == "__main__":
    main()
