-- migrate:up

CREATE TABLE execution_logs (
    id                TEXT    NOT NULL,
    run_id            TEXT    NOT NULL,
    node_name         TEXT    NOT NULL,
    status            TEXT    NOT NULL,
    iteration         INTEGER NOT NULL DEFAULT 0,
    execution_time_ms REAL,
    error_message     TEXT,
    timestamp         TEXT    NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),
    state_snapshot    TEXT,

    CONSTRAINT execution_logs_pkey PRIMARY KEY (id),
    CONSTRAINT execution_logs_run_id_fkey FOREIGN KEY (run_id) REFERENCES runs (id) ON DELETE CASCADE,
    CONSTRAINT execution_logs_id_check CHECK (length(id) = 36 AND id NOT GLOB '*[^0-9a-f-]*'),
    CONSTRAINT execution_logs_run_id_check CHECK (length(run_id) = 36 AND run_id NOT GLOB '*[^0-9a-f-]*'),
    CONSTRAINT execution_logs_node_name_check CHECK (length(node_name) BETWEEN 1 AND 255),
    CONSTRAINT execution_logs_status_check CHECK (status IN ('started', 'completed', 'failed')),
    CONSTRAINT execution_logs_iteration_check CHECK (iteration BETWEEN 0 AND 2147483647),
    -- Any finite number; NaN and infinity are none.
    CONSTRAINT execution_logs_execution_time_ms_check
        CHECK (execution_time_ms BETWEEN 0 AND 1.7976931348623157e308),
    CONSTRAINT execution_logs_timestamp_check CHECK (
        julianday(timestamp) IS NOT NULL
        AND timestamp GLOB '????-??-??T??:??:??.[0-9][0-9][0-9][0-9][0-9][0-9]Z'
    ),
    CONSTRAINT execution_logs_state_snapshot_check CHECK (
        CASE WHEN json_valid(state_snapshot) THEN json_type(state_snapshot) = 'object' ELSE state_snapshot IS NULL END
    )
) STRICT;

CREATE INDEX idx_execution_logs_timestamp_id ON execution_logs (timestamp, id);
CREATE INDEX idx_execution_logs_run_id_timestamp_id ON execution_logs (run_id, timestamp, id);
CREATE INDEX idx_execution_logs_run_id_node_name_iteration_timestamp_id
    ON execution_logs (run_id, node_name, iteration, timestamp, id);
CREATE INDEX idx_execution_logs_node_name_timestamp_id ON execution_logs (node_name, timestamp, id);
CREATE INDEX idx_execution_logs_status_timestamp_id ON execution_logs (status, timestamp, id);

-- migrate:down

DROP TABLE execution_logs;
