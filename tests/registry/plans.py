"""How PostgreSQL would answer a statement: enough rows for it to choose an index by itself, and its plan."""

from typing import Any

from django.db import connection

# Names of hexadecimal digits: two Chinese characters are as rare among them as in a whole city.
MANY = """
    INSERT INTO registry_enterprise (version, name, uscc_confirmed, registration_no, address, legal_form, stock_code,
                                     contact_name, contact_phone, district_id)
    SELECT 1, '企业' || md5(number::text), false, '', '', '', '', '', '', place.id
      FROM generate_series(1, 5000) number
      LEFT JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS position, count(*) OVER () AS size
                   FROM registry_district) place ON place.position = number % place.size;
    INSERT INTO registry_formername (version, name, enterprise_id)
    SELECT 1, '旧' || md5(id::text), id FROM registry_enterprise;
    INSERT INTO registry_designation (version, scheme_id, level, enterprise_id, item, batch, document, certificate,
                                      valid_from, state, end_reason, end_document, return_reason, source, note)
    SELECT 1, scheme.id, 'national', enterprise.id, '', '', '', '', DATE '2022-01-01', 'confirmed', '', '', '', '', ''
      FROM registry_scheme scheme, registry_enterprise enterprise WHERE enterprise.id % 3 = 0;
"""


def make_many() -> None:
    """Enterprises in all areas that there are, each with a former name, some with a title of every scheme."""
    with connection.cursor() as cursor:
        cursor.execute(MANY)
        # what was just written waits beside the index, and would make it look dear to the planner
        cursor.execute("SELECT gin_clean_pending_list(oid) FROM pg_class WHERE relname LIKE '%_bigrams'")
        cursor.execute("ANALYZE registry_enterprise, registry_formername, registry_designation")


def plan_of(sql: str, parameters: Any = None) -> str:
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (COSTS OFF) " + sql, parameters)
        return "\n".join(line for (line,) in cursor.fetchall())


def searched(plan: str, index: str) -> str:
    """What the plan looks up in an index; empty where it does not use it. A mere mention of the name is not enough."""
    lines = [line.strip() for line in plan.splitlines()]
    place = next((place for place, line in enumerate(lines) if line.endswith(f"Index Scan on {index}")), None)
    return "" if place is None else lines[place + 1]
