"""The volume of a city, made up: 200,000 enterprises, 1,000,000 titles of 60 schemes, 1,000,000 yearly figures.

Enterprises have many titles or few, move, close and belong to clusters; titles run out and are renewed; every title has
its first version in the history. Names and codes are made up.
"""

from typing import Any

from django.db import connection

from tests.benchmarks.imports import OWN, TRADES

# Constraints and triggers cost most of the time of making such volumes, and say nothing about reading them.
VOLUME = """
SET session_replication_role = replica;
SELECT setseed(0.532);
ALTER TABLE registry_designation DROP CONSTRAINT designation_no_overlap;
INSERT INTO registry_district (code, name, short_name, position, version, towns)
  SELECT '3204' || i, '区' || i, '区' || i, i, 1, '{}' FROM generate_series(1, 7) i;
INSERT INTO registry_cluster (code, name, kind, position, version)
  SELECT 'c' || i, 'c' || i, CASE WHEN i <= 10 THEN 'advanced' WHEN i <= 13 THEN 'strategic' ELSE 'chain' END, i, 1
    FROM generate_series(1, 21) i;
INSERT INTO registry_scheme (code, name, counts, item_word, measure_word, grace_months, document, position, version,
                             aliases, term_months)
  SELECT 's' || i, '称号' || i, CASE WHEN i % 6 = 0 THEN 'item' ELSE 'enterprise' END, '车间', '家',
         CASE WHEN i % 5 = 0 THEN 6 ELSE 0 END, '', i, 1, '{}', 36
    FROM generate_series(1, 60) i;
INSERT INTO registry_schemelevel (scheme_id, level, authority, version)
  SELECT id, level, '', 1 FROM registry_scheme, unnest(ARRAY['national', 'provincial', 'municipal']) level;
INSERT INTO registry_enterprise (name, uscc, uscc_confirmed, registration_no, district_id, address, legal_form,
                                 stock_code, contact_name, contact_phone, version, founded_on, closed_on)
  SELECT '常州' || own || trades[1 + i % cardinality(trades)] || '有限公司', '91320400' || lpad(i::text, 10, '0'), false,
         '', (SELECT min(id) FROM registry_district) + (i * 7919) % 7, '', '', '', '', '', 1,
         DATE '2005-01-01' + (i % 5000)::int, CASE WHEN i % 40 = 0 THEN DATE '2023-01-01' + (i % 1000)::int END
    FROM generate_series(1, {enterprises}::bigint) i, string_to_array('{trades}', ',') trades,
         LATERAL (
           SELECT string_agg(substr('{own}', 1 + (hashint8extended(i, place) & 1023)::int % length('{own}'), 1), '')
             FROM generate_series(1, 4) place
         ) names(own);
INSERT INTO registry_membership (enterprise_id, cluster_id, kind, main, role, version)
  SELECT id, (SELECT min(id) FROM registry_cluster) + id % 10, 'advanced', true, 'member', 1
    FROM registry_enterprise WHERE id % 2 = 0
   UNION ALL
  SELECT id, (SELECT min(id) FROM registry_cluster) + 13 + id % 8, 'chain', true,
         CASE WHEN id % 4000 = 0 THEN 'leader' ELSE 'member' END, 1
    FROM registry_enterprise WHERE id % 4 = 0;
INSERT INTO registry_relocation (enterprise_id, day, from_district_id, to_district_id, version)
  SELECT enterprise.id, DATE '2022-01-01' + (enterprise.id % 1800)::int,
         first.id + (district_id - first.id + 1) % 7, district_id, 1
    FROM registry_enterprise enterprise, (SELECT min(id) AS id FROM registry_district) first
   WHERE enterprise.id % 50 = 0;
INSERT INTO registry_designation (scheme_id, level, enterprise_id, item, batch, document, certificate, valid_from,
                                  valid_to, end_reason, end_document, state, return_reason, source, note, version)
  SELECT (SELECT min(id) FROM registry_scheme) + floor(60 * power(random(), 2))::int,
         (ARRAY['national', 'provincial', 'provincial', 'municipal'])[1 + floor(random() * 4)::int],
         (SELECT min(id) FROM registry_enterprise) + floor({enterprises} * power(random(), 1.5))::int,
         CASE WHEN random() < 0.1 THEN '车间' || (i % 5) ELSE '' END, '第' || (i % 9) || '批', '', '', day,
         CASE WHEN random() < 0.8 THEN day + 1094 END, '', '',
         CASE WHEN random() < 0.97 THEN 'confirmed' ELSE 'announced' END, '', '', '', 1
    FROM (SELECT i, DATE '2018-01-01' + floor(random() * 2900)::int AS day FROM generate_series(1, {titles}) i) titles;
INSERT INTO registry_annualfigures (enterprise_id, year, revenue, output, employees, invention_patents, source, version)
  SELECT id, year, revenue, revenue, 100, 3, '', 1
    FROM (SELECT id, (1000 * exp(random() * 6))::numeric(18, 4) AS revenue FROM registry_enterprise) enterprises,
         generate_series(2021, 2025) year;
SET session_replication_role = origin;
"""

# The first version of every row, as the triggers would have written it.
HISTORY = """
INSERT INTO {events} ({columns}, pgh_obj_id, pgh_label, pgh_created_at)
SELECT {columns}, id, 'insert', '2026-01-01 09:00:00+08' FROM {table} ORDER BY id
"""


def make_volume(times: int) -> None:
    from registry import state
    from registry.models import Designation

    with connection.cursor() as cursor:
        given = {"{enterprises}": str(200_000 * times), "{titles}": str(1_000_000 * times)}
        given |= {"{own}": OWN, "{trades}": ",".join(TRADES)}
        sql = VOLUME
        for name, value in given.items():
            sql = sql.replace(name, value)
        cursor.execute(sql)
        cursor.execute(history_of(Designation))
        cursor.execute("VACUUM ANALYZE")
    state.touch()


def history_of(model: Any) -> str:
    events = model.pgh_event_model._meta
    kept = {field.column for field in events.concrete_fields}
    columns = [field.column for field in model._meta.concrete_fields if field.column in kept]
    return HISTORY.format(events=events.db_table, table=model._meta.db_table, columns=", ".join(columns))
