-- migrate:up

CREATE TABLE execution_logs (
    id                uuid             NOT NULL DEFAULT gen_random_uuid(),
    run_id            uuid             NOT NULL,
    node_name         text             NOT NULL COLLATE "C",
    status            text             NOT NULL,
    iteration         integer          NOT NULL DEFAULT 0,
    execution_time_ms double precision,
    error_message     text,
    timestamp         timestamptz      NOT NULL DEFAULT now(),
    state_snapshot    jsonb,

    -- A key of a partitioned table has the column that its partitions are cut by.
    CONSTRAINT execution_logs_pkey PRIMARY KEY (id, timestamp),
    CONSTRAINT execution_logs_run_id_fkey FOREIGN KEY (run_id) REFERENCES runs (id) ON DELETE CASCADE,
    CONSTRAINT execution_logs_node_name_check CHECK (length(node_name) BETWEEN 1 AND 255),
    CONSTRAINT execution_logs_status_check CHECK (status IN ('started', 'completed', 'failed')),
    CONSTRAINT execution_logs_iteration_check CHECK (iteration >= 0),
    -- Any finite number; NaN and infinity are greater.
    CONSTRAINT execution_logs_execution_time_ms_check
        CHECK (execution_time_ms BETWEEN 0 AND 1.7976931348623157e308),
    CONSTRAINT execution_logs_timestamp_check CHECK (isfinite(timestamp)),
    CONSTRAINT execution_logs_state_snapshot_check CHECK (jsonb_typeof(state_snapshot) = 'object')
) PARTITION BY RANGE (timestamp);

-- What no partition of a month takes.
CREATE TABLE execution_logs_default PARTITION OF execution_logs DEFAULT;

CREATE INDEX idx_execution_logs_timestamp_id ON execution_logs (timestamp, id);
CREATE INDEX idx_execution_logs_run_id_timestamp_id ON execution_logs (run_id, timestamp, id);
CREATE INDEX idx_execution_logs_run_id_node_name_iteration_timestamp_id
    ON execution_logs (run_id, node_name, iteration, timestamp, id);
CREATE INDEX idx_execution_logs_node_name_timestamp_id ON execution_logs (node_name, timestamp, id);
CREATE INDEX idx_execution_logs_status_timestamp_id ON execution_logs (status, timestamp, id);

-- The partitions of single months, oldest first; the default one is none.
CREATE OR REPLACE FUNCTION execution_log_partitions()
RETURNS TABLE (name text, since timestamptz, until timestamptz)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
    SELECT part.name, part.bounds[1]::timestamptz, part.bounds[2]::timestamptz
    FROM (
        SELECT child.relname::text AS name,
               regexp_match(
                   pg_get_expr(child.relpartbound, child.oid), $r$^FOR VALUES FROM \('([^']+)'\) TO \('([^']+)'\)$r$
               ) AS bounds
        FROM pg_inherits
        JOIN pg_class AS child ON child.oid = pg_inherits.inhrelid
        WHERE pg_inherits.inhparent = 'execution_logs'::regclass
    ) AS part
    WHERE part.bounds IS NOT NULL
    ORDER BY 2;
END
$$;

-- Makes the partitions of the month of a time and of the months that follow it, and gives those that were missing.
-- PostgreSQL refuses a partition while rows of its month sit in the default one, so they are moved under a lock.
CREATE OR REPLACE FUNCTION ensure_execution_log_partitions(moment timestamptz, months_ahead integer)
RETURNS TABLE (name text, since timestamptz, until timestamptz)
LANGUAGE plpgsql AS $$
DECLARE
    first_month timestamp := date_trunc('month', moment AT TIME ZONE 'UTC');
BEGIN
    FOR ahead IN 0..months_ahead LOOP
        since := (first_month + make_interval(months => ahead)) AT TIME ZONE 'UTC';
        until := (first_month + make_interval(months => ahead + 1)) AT TIME ZONE 'UTC';
        name := 'execution_logs_' || to_char(since AT TIME ZONE 'UTC', 'YYYY_MM');
        CONTINUE WHEN EXISTS (
            SELECT FROM execution_log_partitions() AS known
            WHERE known.since < ensure_execution_log_partitions.until
              AND known.until > ensure_execution_log_partitions.since
        );
        LOCK TABLE execution_logs IN ACCESS EXCLUSIVE MODE;
        CONTINUE WHEN EXISTS (
            SELECT FROM execution_log_partitions() AS known
            WHERE known.since < ensure_execution_log_partitions.until
              AND known.until > ensure_execution_log_partitions.since
        );
        EXECUTE format('CREATE TABLE %I (LIKE execution_logs INCLUDING ALL)', name);
        -- A move is no change: triggers stay silent.
        ALTER TABLE execution_logs_default DISABLE TRIGGER USER;
        EXECUTE format(
            'WITH moved AS (DELETE FROM execution_logs_default WHERE timestamp >= %L AND timestamp < %L RETURNING *)'
            ' INSERT INTO %I SELECT * FROM moved',
            since, until, name
        );
        ALTER TABLE execution_logs_default ENABLE TRIGGER USER;
        EXECUTE format(
            'ALTER TABLE execution_logs ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', name, since, until
        );
        RETURN NEXT;
    END LOOP;
END
$$;

-- Drops the partitions whose months end by a time, with their rows, and gives them.
CREATE OR REPLACE FUNCTION drop_execution_log_partitions(moment timestamptz)
RETURNS TABLE (name text, since timestamptz, until timestamptz)
LANGUAGE plpgsql AS $$
BEGIN
    LOCK TABLE execution_logs IN ACCESS EXCLUSIVE MODE;
    FOR name, since, until IN
        SELECT known.name, known.since, known.until
        FROM execution_log_partitions() AS known
        WHERE known.until <= moment
    LOOP
        EXECUTE format('DROP TABLE %I', name);
        RETURN NEXT;
    END LOOP;
    IF FOUND THEN
        -- No trigger fires for the rows of a table that is dropped.
        PERFORM pg_notify('wave_data_changes', '["execution_logs", "missed", null]');
    END IF;
END
$$;

-- migrate:down

DROP FUNCTION drop_execution_log_partitions(timestamptz);
DROP FUNCTION ensure_execution_log_partitions(timestamptz, integer);
DROP FUNCTION execution_log_partitions();
DROP TABLE execution_logs;
