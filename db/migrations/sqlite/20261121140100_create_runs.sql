-- migrate:up

CREATE TABLE runs (
    id                      TEXT    NOT NULL,
    run_id                  TEXT    NOT NULL,
    graph_id                TEXT    NOT NULL,
    status                  TEXT    NOT NULL DEFAULT 'pending',
    initial_state           TEXT    NOT NULL,
    current_state           TEXT,
    final_state             TEXT,
    started_at              TEXT,
    completed_at            TEXT,
    total_execution_time_ms REAL,
    total_iterations        INTEGER,
    error_message           TEXT,
    deleted_at              TEXT,
    claimed_by              TEXT,
    lease_expires_at        TEXT,
    attempts                INTEGER NOT NULL DEFAULT 0,
    max_attempts            INTEGER NOT NULL DEFAULT 3,
    fence                   INTEGER NOT NULL DEFAULT 0,
    created_at              TEXT    NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),
    updated_at              TEXT    NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),

    CONSTRAINT runs_pkey PRIMARY KEY (id),
    CONSTRAINT runs_run_id_key UNIQUE (run_id),
    CONSTRAINT runs_graph_id_fkey FOREIGN KEY (graph_id) REFERENCES graphs (id) ON DELETE CASCADE,
    CONSTRAINT runs_id_check CHECK (length(id) = 36 AND id NOT GLOB '*[^0-9a-f-]*'),
    CONSTRAINT runs_run_id_check CHECK (length(run_id) BETWEEN 1 AND 255),
    CONSTRAINT runs_graph_id_check CHECK (length(graph_id) = 36 AND graph_id NOT GLOB '*[^0-9a-f-]*'),
    CONSTRAINT runs_status_check CHECK (status IN ('pending', 'running', 'completed', 'failed', 'cancelled')),
    CONSTRAINT runs_initial_state_check
        CHECK (CASE WHEN json_valid(initial_state) THEN json_type(initial_state) = 'object' ELSE FALSE END),
    CONSTRAINT runs_current_state_check CHECK (
        CASE WHEN json_valid(current_state) THEN json_type(current_state) = 'object' ELSE current_state IS NULL END
    ),
    CONSTRAINT runs_final_state_check CHECK (
        CASE WHEN json_valid(final_state) THEN json_type(final_state) = 'object' ELSE final_state IS NULL END
    ),
    CONSTRAINT runs_started_at_check CHECK (
        (status NOT IN ('running', 'completed') OR started_at IS NOT NULL)
        AND (started_at IS NULL OR julianday(started_at) IS NOT NULL)
        AND started_at GLOB '????-??-??T??:??:??.[0-9][0-9][0-9][0-9][0-9][0-9]Z'
    ),
    CONSTRAINT runs_completed_at_check CHECK (
        (status IN ('completed', 'failed', 'cancelled')) = (completed_at IS NOT NULL)
        AND (completed_at IS NULL OR julianday(completed_at) IS NOT NULL)
        AND completed_at GLOB '????-??-??T??:??:??.[0-9][0-9][0-9][0-9][0-9][0-9]Z'
    ),
    -- Any finite number; NaN and infinity are none.
    CONSTRAINT runs_total_execution_time_ms_check
        CHECK (total_execution_time_ms BETWEEN 0 AND 1.7976931348623157e308),
    CONSTRAINT runs_total_iterations_check CHECK (total_iterations BETWEEN 0 AND 2147483647),
    CONSTRAINT runs_deleted_at_check CHECK (
        (deleted_at IS NULL OR julianday(deleted_at) IS NOT NULL)
        AND deleted_at GLOB '????-??-??T??:??:??.[0-9][0-9][0-9][0-9][0-9][0-9]Z'
    ),
    CONSTRAINT runs_claimed_by_check
        CHECK (length(claimed_by) BETWEEN 1 AND 255 AND (claimed_by IS NULL OR status <> 'pending')),
    CONSTRAINT runs_lease_expires_at_check CHECK (
        (lease_expires_at IS NULL OR (status = 'running' AND claimed_by IS NOT NULL))
        AND (lease_expires_at IS NULL OR julianday(lease_expires_at) IS NOT NULL)
        AND lease_expires_at GLOB '????-??-??T??:??:??.[0-9][0-9][0-9][0-9][0-9][0-9]Z'
    ),
    CONSTRAINT runs_attempts_check CHECK (attempts BETWEEN 0 AND 2147483647),
    CONSTRAINT runs_max_attempts_check CHECK (max_attempts BETWEEN 1 AND 2147483647),
    CONSTRAINT runs_fence_check CHECK (fence >= 0),
    CONSTRAINT runs_created_at_check CHECK (
        julianday(created_at) IS NOT NULL
        AND created_at GLOB '????-??-??T??:??:??.[0-9][0-9][0-9][0-9][0-9][0-9]Z'
    ),
    CONSTRAINT runs_updated_at_check CHECK (
        julianday(updated_at) IS NOT NULL
        AND updated_at GLOB '????-??-??T??:??:??.[0-9][0-9][0-9][0-9][0-9][0-9]Z'
    )
) STRICT;

CREATE INDEX idx_runs_created_at_id ON runs (created_at, id);
CREATE INDEX idx_runs_status_created_at_id ON runs (status, created_at, id);
CREATE INDEX idx_runs_graph_id_created_at_id ON runs (graph_id, created_at, id);
CREATE INDEX idx_runs_graph_id_status_created_at_id ON runs (graph_id, status, created_at, id);
CREATE INDEX idx_runs_deleted_at ON runs (deleted_at) WHERE deleted_at IS NOT NULL;
-- The leases that can run out, to be found in that order.
CREATE INDEX idx_runs_lease_expires_at_id ON runs (lease_expires_at, id) WHERE lease_expires_at IS NOT NULL;

CREATE TRIGGER IF NOT EXISTS runs_set_updated_at
    AFTER UPDATE ON runs FOR EACH ROW
    WHEN NEW.updated_at = OLD.updated_at
BEGIN
    UPDATE runs SET updated_at = strftime('%Y-%m-%dT%H:%M:%f000Z', 'now') WHERE id = NEW.id;
END;

-- migrate:down

DROP TABLE runs;
