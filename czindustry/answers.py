"""The store of remembered answers that all processes share: a table, or Redis where one is named."""

import base64
import logging
import pickle
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.db import DatabaseCache
from django.core.cache.backends.redis import RedisCache
from django.db import connections, router

log = logging.getLogger(__name__)

WRITE = """
    INSERT INTO {table} (cache_key, value, expires)
    SELECT key, value, now() + interval '100 years' FROM unnest(%s::text[], %s::text[]) AS given(key, value)
    ON CONFLICT (cache_key) DO NOTHING
"""
READ = "SELECT cache_key, value FROM {table} WHERE cache_key = ANY(%s::text[])"
COUNT = "SELECT count(*) FROM {table}"
# What another one removes just now is left to it. Chosen once: as a subquery it may be run for every row, and take more.
REMOVE_OLDEST = """
    WITH oldest AS MATERIALIZED (
        SELECT cache_key FROM {table} ORDER BY expires LIMIT %s FOR UPDATE SKIP LOCKED
    )
    DELETE FROM {table} kept USING oldest WHERE kept.cache_key = oldest.cache_key
"""


class AnswerTable(DatabaseCache):
    """Django's cache in a table, with many answers read and written in one statement, however many they are.

    A key tells all that its answer depends on, so that what stands under it never changes and never runs out: its day
    of expiry only tells in which order answers came. Past MAX_ENTRIES the oldest go, so that two thirds remain.
    """

    # Django's own, which its stubs do not know
    _table: str
    _max_entries: int

    def get_many(self, keys: Iterable[Any], version: int | None = None) -> dict[Any, Any]:
        key_of = {self.make_and_validate_key(key, version=version): key for key in keys}
        connection = connections[router.db_for_read(self.cache_model_class)]
        with connection.cursor() as cursor:
            cursor.execute(READ.format(table=connection.ops.quote_name(self._table)), [list(key_of)])
            return {key_of[name]: pickle.loads(base64.b64decode(text)) for name, text in cursor}

    def set_many(
        self, data: Mapping[str, Any], timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> list[str]:
        rows = {self.make_and_validate_key(key, version=version): self._text(data[key]) for key in data}
        connection = connections[router.db_for_write(self.cache_model_class)]
        table = connection.ops.quote_name(self._table)
        with connection.cursor() as cursor:
            # in the order of keys: two that write the same answers must not wait for each other
            cursor.execute(WRITE.format(table=table), [sorted(rows), [rows[key] for key in sorted(rows)]])
            cursor.execute(COUNT.format(table=table))
            number = cursor.fetchone()[0]
            if number > self._max_entries:
                cursor.execute(REMOVE_OLDEST.format(table=table), [number - self._max_entries * 2 // 3])
        return []

    def _text(self, value: Any) -> str:
        return base64.b64encode(pickle.dumps(value, self.pickle_protocol)).decode("ascii")


class AnswerRedis(RedisCache):
    """Redis, which nobody has to wait for: while it does not answer, nothing is remembered there."""

    # Django's own, which its stubs do not know
    _cache: Any

    def get_many(self, keys: Iterable[Any], version: int | None = None) -> dict[Any, Any]:
        try:
            return super().get_many(keys, version)
        except self._cache._lib.RedisError as error:
            log.warning("Redis does not answer: %s", error)
            return {}
