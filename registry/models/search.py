"""What names are found by besides their characters: kept by triggers of the database, on whatever way a name comes in."""

import pgtrigger
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import connection, models
from django.db.models import F

from registry.models.enterprise import Enterprise, FormerName

SPELT = """
    INSERT INTO registry_nameinitials (enterprise_id, former_name_id, initials)
    SELECT DISTINCT spelt.enterprise_id, spelt.former_name_id, variant.initials
      FROM (SELECT {enterprise} AS enterprise_id, {former} AS former_name_id,
                   string_agg(coalesce(left(known.letters, 1), itself.letter, ''), '' ORDER BY place) AS one,
                   string_agg(coalesce(right(known.letters, 1), itself.letter, ''), '' ORDER BY place) AS other
              FROM {rows}
             CROSS JOIN LATERAL unnest(string_to_array(named.name_key, NULL)) WITH ORDINALITY AS c(letter, place)
              LEFT JOIN registry_initialletters known ON known.character = c.letter
              LEFT JOIN LATERAL (SELECT c.letter WHERE c.letter ~ '^[a-z0-9]$') itself ON true
             GROUP BY 1, 2) spelt
     CROSS JOIN LATERAL (VALUES (spelt.one), (spelt.other)) AS variant(initials)
     WHERE variant.initials <> ''
"""
CHANGED = """(SELECT new_values.* FROM old_values JOIN new_values USING (id)
              WHERE old_values.name_key IS DISTINCT FROM new_values.name_key) named"""


class NameInitials(models.Model):
    """The initials of a name or former name of an enterprise; no fact, but derived from one by triggers.

    They also delete it, hence plain numbers: whoever deletes a name need not know of its initials. The letters of
    characters stand in `registry_initialletters`, a table of the database alone that migrations fill.
    """

    enterprise_id = models.BigIntegerField("企业编号")
    former_name_id = models.BigIntegerField("曾用名编号", null=True)
    initials = models.TextField("首字母")

    class Meta:
        verbose_name = verbose_name_plural = "名称首字母"
        indexes = [
            models.Index(fields=["enterprise_id"], name="initials_enterprise"),
            # the beginning of a name; whatever the collation of the database is
            models.Index(OpClass(F("initials"), "text_pattern_ops"), name="initials_beginning"),
            GinIndex(OpClass(F("initials"), "gin_trgm_ops"), name="initials_trigrams"),
        ]

    def __str__(self) -> str:
        return self.initials


def _triggers(enterprise: str, former: str, own: str) -> list[pgtrigger.Trigger]:
    insert = SPELT.format(enterprise=enterprise, former=former, rows="new_values named")
    again = SPELT.format(enterprise=enterprise, former=former, rows=CHANGED)
    return [
        pgtrigger.Trigger(
            name="spell_insert",
            level=pgtrigger.Statement,
            when=pgtrigger.After,
            operation=pgtrigger.Insert,
            referencing=pgtrigger.Referencing(new="new_values"),
            func=f"{insert}; RETURN NULL;",
        ),
        pgtrigger.Trigger(
            name="spell_update",
            level=pgtrigger.Statement,
            when=pgtrigger.After,
            operation=pgtrigger.Update,
            referencing=pgtrigger.Referencing(old="old_values", new="new_values"),
            func=f"""
                IF EXISTS (SELECT FROM {CHANGED}) THEN
                    DELETE FROM registry_nameinitials spelt USING {CHANGED} WHERE {own};
                    {again};
                END IF;
                RETURN NULL;
            """,
        ),
        pgtrigger.Trigger(
            name="spell_delete",
            level=pgtrigger.Statement,
            when=pgtrigger.After,
            operation=pgtrigger.Delete,
            referencing=pgtrigger.Referencing(old="old_values"),
            func=f"DELETE FROM registry_nameinitials spelt USING old_values named WHERE {own}; RETURN NULL;",
        ),
    ]


PRESENT = ("named.id", "NULL::bigint", "spelt.enterprise_id = named.id AND spelt.former_name_id IS NULL")
FORMER = ("named.enterprise_id", "named.id", "spelt.former_name_id = named.id")
for _trigger in _triggers(*PRESENT):
    pgtrigger.register(_trigger)(Enterprise)
for _trigger in _triggers(*FORMER):
    pgtrigger.register(_trigger)(FormerName)


def spell_all() -> None:
    """All names anew: after the letters have changed, or where names came in past the triggers."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM registry_nameinitials")
        for (enterprise, former, _own), model in ((PRESENT, Enterprise), (FORMER, FormerName)):
            rows = f"{model._meta.db_table} named"
            cursor.execute(SPELT.format(enterprise=enterprise, former=former, rows=rows))
