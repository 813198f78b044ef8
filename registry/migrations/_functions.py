"""Functions of the database that derive what names are compared and searched by.

The bodies are parsed when they are made (RETURN), so that a restored dump finds them whatever its search path is.
"""

from django.db import migrations

# registry.names.IGNORED as it was when this migration was written; a test holds the two together
IGNORED = " \t\r\n()[]{}<>《》〈〉【】〔〕「」『』\"'“”‘’`.,，、。:;!?·•・-‐–—_/\\|&*#~"

NAME_KEY = f"""
CREATE FUNCTION registry_name_key(name text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN lower(translate(normalize(name, NFKC), '{IGNORED.replace("'", "''")}', ''));
"""

BIGRAMS = """
CREATE FUNCTION registry_bigrams(name text) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN ARRAY(
    SELECT DISTINCT substr(registry_name_key(name), place, 2)
      FROM generate_series(1, greatest(length(registry_name_key(name)) - 1, 1)) AS place
);
"""

OPERATIONS = [
    migrations.RunSQL("CREATE EXTENSION IF NOT EXISTS btree_gist;", migrations.RunSQL.noop),
    migrations.RunSQL("CREATE EXTENSION IF NOT EXISTS pg_trgm;", migrations.RunSQL.noop),
    migrations.RunSQL(NAME_KEY, "DROP FUNCTION registry_name_key(text);"),
    migrations.RunSQL(BIGRAMS, "DROP FUNCTION registry_bigrams(text);"),
]

# The history of updates joins the rows as they were with those that they are. PL/pgSQL keeps the plan that it made
# first, in every connection: for one row it loops, and would loop over the next hundred thousand.
JOIN_BY_HASHING = """
DO $$
DECLARE name text;
BEGIN
    FOR name IN SELECT oid::regprocedure::text FROM pg_proc WHERE proname LIKE 'pgtrigger_update_update_%' LOOP
        EXECUTE 'ALTER FUNCTION ' || name || ' SET enable_nestloop = off';
    END LOOP;
END $$;
"""
