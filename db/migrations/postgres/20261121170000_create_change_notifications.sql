-- migrate:up

-- Until when somebody listens for changes, in seconds since 1970. A notification makes commits wait for one another,
-- so triggers send none while nobody listens. A sequence is read and set outside of transactions: a listener is seen
-- at once. Whoever changes a table asks it, and whoever listens sets it; nothing but hints depends on it.
CREATE SEQUENCE changes_watched_until MINVALUE 0 START 0;
GRANT SELECT, UPDATE ON SEQUENCE changes_watched_until TO PUBLIC;

-- Tells the listeners of table, operation and key of a row; its arguments are the table and the columns of the key.
CREATE OR REPLACE FUNCTION notify_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    operation text := CASE TG_OP WHEN 'INSERT' THEN 'create' ELSE lower(TG_OP) END;
    key       jsonb;
    message   text;
BEGIN
    EXECUTE (
        SELECT format('SELECT jsonb_build_array(%s)', string_agg(format('($1).%I', argument), ', '))
        FROM unnest(TG_ARGV[1:]) AS argument
    ) INTO key USING CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    message := jsonb_build_array(TG_ARGV[0], operation, key);
    IF octet_length(message) > 7000 THEN
        message := jsonb_build_array(TG_ARGV[0], 'missed', NULL);
    END IF;
    PERFORM pg_notify('wave_data_changes', message);
    RETURN NULL;
END
$$;

-- Has changes of a table's rows notified, while somebody listens, with the columns of the key.
CREATE OR REPLACE FUNCTION watch_changes(relation regclass, VARIADIC key text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    name text := (SELECT relname FROM pg_class WHERE oid = relation);
BEGIN
    EXECUTE format(
        'CREATE OR REPLACE TRIGGER %I AFTER INSERT OR UPDATE OR DELETE ON %s FOR EACH ROW'
        ' WHEN (pg_sequence_last_value(''changes_watched_until''::regclass) > extract(epoch FROM clock_timestamp()))'
        ' EXECUTE FUNCTION notify_change(%L, %s)',
        name || '_notify_change', relation, name, (SELECT string_agg(quote_literal(part), ', ') FROM unnest(key) AS part)
    );
END
$$;

SELECT watch_changes('wave_sessions', 'id');
SELECT watch_changes('wave_checkpoints', 'id');
SELECT watch_changes('wave_story_executions', 'id');
SELECT watch_changes('orchestrator_runs', 'id');
SELECT watch_changes('human_review_queue', 'id');
SELECT watch_changes('tasks', 'id');
SELECT watch_changes('workflows', 'id');
SELECT watch_changes('workflow_tasks', 'workflow_id', 'task_id');
SELECT watch_changes('tool_executions', 'id');
SELECT watch_changes('client_sessions', 'id');
SELECT watch_changes('configurations', 'key');
SELECT watch_changes('graphs', 'id');
SELECT watch_changes('runs', 'id');
SELECT watch_changes('execution_logs', 'id');
SELECT watch_changes('worktrees', 'id');
SELECT watch_changes('zones', 'id');
SELECT watch_changes('worktree_zones', 'worktree_id');
SELECT watch_changes('zone_executions', 'id');
SELECT watch_changes('audit_log', 'id');

-- migrate:down

DROP FUNCTION watch_changes(regclass, text[]);
DROP FUNCTION notify_change() CASCADE;
DROP SEQUENCE changes_watched_until;
