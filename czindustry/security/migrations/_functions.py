"""The trail as the database keeps it: sealed in a chain, only added to, fed by the tables that an auditor asks about.

The functions run with the rights of their owner, so that the role of the application needs no more than to add events.
"""

from django.db import migrations

ONLY_ADDED_TO = """
CREATE FUNCTION security_only_added_to() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        -- only for databases made for trying out
        IF current_setting('czindustry.may_empty', true) = 'yes' THEN RETURN NULL; END IF;
    ELSIF TG_OP = 'DELETE' AND current_setting('czindustry.archiving', true) = 'yes' THEN
        -- what must be kept is not dropped by anybody: the days are those of GB/T 22239 and the Cybersecurity Law, and some
        IF TG_TABLE_NAME = 'security_auditseal' THEN RETURN OLD; END IF;
        IF OLD.at < now() - interval '400 days' THEN RETURN OLD; END IF;
    END IF;
    RAISE EXCEPTION 'the audit trail is only added to' USING ERRCODE = 'raise_exception';
END $$;

CREATE TRIGGER only_added_to BEFORE UPDATE OR DELETE ON security_auditevent
    FOR EACH ROW EXECUTE FUNCTION security_only_added_to();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON security_auditevent
    FOR EACH STATEMENT EXECUTE FUNCTION security_only_added_to();
CREATE TRIGGER only_added_to BEFORE UPDATE OR DELETE ON security_auditseal
    FOR EACH ROW EXECUTE FUNCTION security_only_added_to();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON security_auditseal
    FOR EACH STATEMENT EXECUTE FUNCTION security_only_added_to();
CREATE TRIGGER only_added_to BEFORE UPDATE OR DELETE ON security_auditarchive
    FOR EACH ROW EXECUTE FUNCTION security_only_added_to();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON security_auditarchive
    FOR EACH STATEMENT EXECUTE FUNCTION security_only_added_to();
"""

# What is hashed is JSON with the time in seconds, so that neither time zone nor format of dates of a session matters.
CHAIN = """
CREATE FUNCTION security_words(event security_auditevent) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_array(
        event.id, extract(epoch FROM event.at)::text, event.action, event.succeeded, event.person_id, event.username,
        event.token, host(event.address), event.request, event.path, event.subject, event.rows, event.details
    )::text
$$;
CREATE FUNCTION security_digest(previous text, event security_auditevent) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT encode(sha256(convert_to(previous || security_words(event), 'UTF8')), 'hex')
$$;
"""
SEAL_AT_ONCE = """
CREATE OR REPLACE FUNCTION security_seal() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    place bigint;
    before text;
BEGIN
    -- when the transaction commits, so that nobody waits for a long one; until it has, the next one waits here
    PERFORM pg_advisory_xact_lock(532, 7);
    SELECT position, digest INTO place, before FROM security_auditseal ORDER BY position DESC LIMIT 1;
    IF place IS NULL THEN
        SELECT last_position, last_digest INTO place, before
          FROM security_auditarchive ORDER BY last_position DESC LIMIT 1;
    END IF;
    before := coalesce(before, repeat('0', 64));
    INSERT INTO security_auditseal (event_id, position, previous, digest)
    VALUES (NEW.id, coalesce(place, 0) + 1, before, security_digest(before, NEW));
    RETURN NULL;
END $$;
"""
SEALED = """
CREATE CONSTRAINT TRIGGER sealed AFTER INSERT ON security_auditevent
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION security_seal();
"""

ARCHIVE = """
CREATE FUNCTION security_drop_archived(
    through bigint, file_name text, sha256 text
) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    dropped bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(532, 7);
    INSERT INTO security_auditarchive (file_name, sha256, events, first_position, last_position, last_digest)
    SELECT $2, $3, count(*), min(position), max(position), (array_agg(digest ORDER BY position DESC))[1]
      FROM security_auditseal WHERE position <= through;
    PERFORM set_config('czindustry.archiving', 'yes', true);
    DELETE FROM security_auditevent WHERE id IN (SELECT event_id FROM security_auditseal WHERE position <= through);
    GET DIAGNOSTICS dropped = ROW_COUNT;
    DELETE FROM security_auditseal WHERE position <= through;
    PERFORM set_config('czindustry.archiving', '', true);
    RETURN dropped;
END $$;
"""

# The person, the place and the request come from the context that also the history is written with.
FEED = """
CREATE FUNCTION security_note(
    action text, subject text, details jsonb, rows bigint DEFAULT NULL, by_id bigint DEFAULT NULL
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    context jsonb := coalesce(nullif(current_setting('pghistory.context_metadata', true), ''), '{}')::jsonb;
    who bigint := coalesce((context->>'user')::bigint, by_id);
BEGIN
    INSERT INTO security_auditevent
        (action, succeeded, person_id, username, token, address, request, path, subject, rows, details)
    VALUES (
        $1, true, (SELECT id FROM registry_user WHERE id = who),
        coalesce((SELECT username FROM registry_user WHERE id = who), ''),
        left(coalesce(context->>'token', ''), 100), nullif(context->>'address', '')::inet,
        left(coalesce(context->>'request', ''), 100), left(coalesce(context->>'url', ''), 1000),
        left($2, 300), $4, $3
    );
END $$;

CREATE FUNCTION security_changed(old jsonb, new jsonb, names text[]) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(jsonb_object_agg(name, jsonb_build_array(old->name, new->name)), '{}')
      FROM unnest(names) name WHERE old->name IS DISTINCT FROM new->name
$$;

CREATE FUNCTION security_user() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    said jsonb;
BEGIN
    IF TG_OP = 'INSERT' THEN
        said := jsonb_build_object('role', NEW.role, 'district', NEW.district_id, 'is_superuser', NEW.is_superuser);
        PERFORM security_note('account', NEW.username, said);
        RETURN NULL;
    END IF;
    said := security_changed(to_jsonb(OLD), to_jsonb(NEW), '{role,district_id,is_superuser,is_staff}');
    IF said <> '{}' THEN PERFORM security_note('rights', NEW.username, said); END IF;
    said := security_changed(
        to_jsonb(OLD), to_jsonb(NEW), '{username,full_name,first_name,last_name,email,is_active,must_change_password}'
    );
    IF said <> '{}' THEN PERFORM security_note('account', NEW.username, said); END IF;
    IF OLD.password IS DISTINCT FROM NEW.password THEN PERFORM security_note('password', NEW.username, '{}'); END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER trail AFTER INSERT OR UPDATE ON registry_user FOR EACH ROW EXECUTE FUNCTION security_user();

CREATE FUNCTION security_token() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    said jsonb := '{}';
    subject text := NEW.name || coalesce('（' || NEW.prefix || '）', '');
BEGIN
    IF TG_OP = 'INSERT' THEN
        said := jsonb_build_object('granted', to_jsonb(NEW.scopes), 'owner', NEW.owner_id, 'district', NEW.district_id);
        PERFORM security_note('token', subject, said, NULL, NEW.granted_by_id);
        RETURN NULL;
    END IF;
    said := security_changed(to_jsonb(OLD), to_jsonb(NEW), '{prefix,drawn_at,superseded_at,revoked_at,revoke_reason}');
    IF said <> '{}' THEN PERFORM security_note('token', subject, said, NULL, NEW.revoked_by_id); END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER trail AFTER INSERT OR UPDATE ON registry_apitoken FOR EACH ROW EXECUTE FUNCTION security_token();

-- Once all is written: only then a list has its rows.
CREATE FUNCTION security_roster() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    many bigint := (SELECT count(*) FROM registry_rosterrow WHERE roster_id = NEW.id);
    subject text := '#' || NEW.id || ' ' || NEW.file_name;
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM security_note(
            'import', subject, jsonb_build_object('kind', NEW.kind, 'sha256', NEW.sha256), many, NEW.imported_by_id
        );
    ELSIF OLD.undone_at IS NULL AND NEW.undone_at IS NOT NULL THEN
        PERFORM security_note(
            'undo', subject, jsonb_build_object('reason', NEW.undo_reason), many, NEW.undone_by_id
        );
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER trail AFTER INSERT OR UPDATE ON registry_roster
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION security_roster();

CREATE FUNCTION security_publication() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    by_id bigint := CASE NEW.state WHEN 'issued' THEN NEW.issued_by_id WHEN 'signed' THEN NEW.signed_by_id ELSE NEW.drafted_by_id END;
BEGIN
    IF TG_OP = 'INSERT' OR OLD.state IS DISTINCT FROM NEW.state THEN
        PERFORM security_note(
            'publication', NEW.title,
            jsonb_build_object('publication', NEW.id, 'state', NEW.state, 'day', NEW.day), NULL, by_id
        );
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER trail AFTER INSERT OR UPDATE ON targets_publication
    FOR EACH ROW EXECUTE FUNCTION security_publication();
"""

# Who has which rights, one event for each person or group that a statement touches.
HELD = """
CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    said record;
BEGIN
    FOR said IN
        SELECT whose.{whose_name} AS name, array_agg(held.{name} ORDER BY held.{name}) AS names
          FROM touched JOIN {held} held ON held.id = touched.{held_id}
          JOIN {whose} whose ON whose.id = touched.{whose_id} GROUP BY 1 ORDER BY 1
    LOOP
        PERFORM security_note('rights', said.name, jsonb_build_object(lower(TG_OP), to_jsonb(said.names)));
    END LOOP;
    RETURN NULL;
END $$;
CREATE TRIGGER trail_insert AFTER INSERT ON {table} REFERENCING NEW TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION {function}();
CREATE TRIGGER trail_delete AFTER DELETE ON {table} REFERENCING OLD TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION {function}();
"""
PERSON = {"whose": "registry_user", "whose_name": "username", "whose_id": "user_id"}
GROUP = {"whose": "auth_group", "whose_name": "name", "whose_id": "group_id"}
OF_GROUPS = {"held": "auth_group", "name": "name", "held_id": "group_id"}
RIGHTS = {"held": "auth_permission", "name": "codename", "held_id": "permission_id"}
TABLES = {
    "registry_user_groups": {"function": "security_members", **PERSON, **OF_GROUPS},
    "registry_user_user_permissions": {"function": "security_own_rights", **PERSON, **RIGHTS},
    "auth_group_permissions": {"function": "security_group_rights", **GROUP, **RIGHTS},
}
HOLDINGS = "".join(HELD.format(table=table, **given) for table, given in TABLES.items())

OPERATIONS = [
    migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in (ONLY_ADDED_TO, CHAIN, SEAL_AT_ONCE, SEALED, ARCHIVE, FEED, HOLDINGS)
]


# From 0003 on. A transaction that has one snapshot from its beginning (a bulletin that is issued) does not see the last
# seal when it commits: its events wait for the next transaction that does, at the latest for the worker's of each minute.
SEALED_BY_THE_NEXT = """
CREATE TABLE security_auditwaiting (event_id bigint PRIMARY KEY);

CREATE FUNCTION security_seal_one(event security_auditevent) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    place bigint;
    before text;
BEGIN
    SELECT position, digest INTO place, before FROM security_auditseal ORDER BY position DESC LIMIT 1;
    IF place IS NULL THEN
        SELECT last_position, last_digest INTO place, before
          FROM security_auditarchive ORDER BY last_position DESC LIMIT 1;
    END IF;
    before := coalesce(before, repeat('0', 64));
    INSERT INTO security_auditseal (event_id, position, previous, digest)
    VALUES (event.id, coalesce(place, 0) + 1, before, security_digest(before, event));
END $$;
REVOKE EXECUTE ON FUNCTION security_seal_one(security_auditevent) FROM PUBLIC;

CREATE FUNCTION security_seal_waiting() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    event security_auditevent;
    sealed bigint := 0;
BEGIN
    -- until this transaction has committed, the next one waits here
    PERFORM pg_advisory_xact_lock(532, 7);
    FOR event IN
        SELECT noted.* FROM security_auditevent noted
          JOIN security_auditwaiting waiting ON waiting.event_id = noted.id ORDER BY noted.id
    LOOP
        PERFORM security_seal_one(event);
        sealed := sealed + 1;
    END LOOP;
    IF sealed > 0 THEN
        DELETE FROM security_auditwaiting waiting USING security_auditseal seal WHERE seal.event_id = waiting.event_id;
    END IF;
    RETURN sealed;
END $$;

CREATE OR REPLACE FUNCTION security_seal() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        INSERT INTO security_auditwaiting VALUES (NEW.id);
        RETURN NULL;
    END IF;
    -- when the transaction commits, so that nobody waits for a long one
    PERFORM security_seal_waiting();
    PERFORM security_seal_one(NEW);
    RETURN NULL;
END $$;
"""
SEALED_AT_ONCE = f"""
{SEAL_AT_ONCE}
DROP FUNCTION security_seal_waiting();
DROP FUNCTION security_seal_one(security_auditevent);
DROP TABLE security_auditwaiting;
"""
