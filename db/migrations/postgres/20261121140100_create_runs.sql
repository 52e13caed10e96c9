-- migrate:up

CREATE TABLE runs (
    id                      uuid             NOT NULL DEFAULT gen_random_uuid(),
    run_id                  text             NOT NULL COLLATE "C",
    graph_id                uuid             NOT NULL,
    status                  text             NOT NULL DEFAULT 'pending',
    initial_state           jsonb            NOT NULL,
    current_state           jsonb,
    final_state             jsonb,
    started_at              timestamptz,
    completed_at            timestamptz,
    total_execution_time_ms double precision,
    total_iterations        integer,
    error_message           text,
    deleted_at              timestamptz,
    claimed_by              text             COLLATE "C",
    lease_expires_at        timestamptz,
    attempts                integer          NOT NULL DEFAULT 0,
    max_attempts            integer          NOT NULL DEFAULT 3,
    fence                   bigint           NOT NULL DEFAULT 0,
    created_at              timestamptz      NOT NULL DEFAULT now(),
    updated_at              timestamptz      NOT NULL DEFAULT now(),

    CONSTRAINT runs_pkey PRIMARY KEY (id),
    CONSTRAINT runs_run_id_key UNIQUE (run_id),
    CONSTRAINT runs_graph_id_fkey FOREIGN KEY (graph_id) REFERENCES graphs (id) ON DELETE CASCADE,
    CONSTRAINT runs_run_id_check CHECK (length(run_id) BETWEEN 1 AND 255),
    CONSTRAINT runs_status_check CHECK (status IN ('pending', 'running', 'completed', 'failed', 'cancelled')),
    CONSTRAINT runs_initial_state_check CHECK (jsonb_typeof(initial_state) = 'object'),
    CONSTRAINT runs_current_state_check CHECK (jsonb_typeof(current_state) = 'object'),
    CONSTRAINT runs_final_state_check CHECK (jsonb_typeof(final_state) = 'object'),
    CONSTRAINT runs_started_at_check CHECK (
        isfinite(started_at)
        AND (status NOT IN ('running', 'completed') OR started_at IS NOT NULL)
    ),
    CONSTRAINT runs_completed_at_check CHECK (
        isfinite(completed_at)
        AND (status IN ('completed', 'failed', 'cancelled')) = (completed_at IS NOT NULL)
    ),
    -- Any finite number; NaN and infinity are greater.
    CONSTRAINT runs_total_execution_time_ms_check
        CHECK (total_execution_time_ms BETWEEN 0 AND 1.7976931348623157e308),
    CONSTRAINT runs_total_iterations_check CHECK (total_iterations >= 0),
    CONSTRAINT runs_deleted_at_check CHECK (isfinite(deleted_at)),
    CONSTRAINT runs_claimed_by_check
        CHECK (length(claimed_by) BETWEEN 1 AND 255 AND (claimed_by IS NULL OR status <> 'pending')),
    CONSTRAINT runs_lease_expires_at_check CHECK (
        isfinite(lease_expires_at)
        AND (lease_expires_at IS NULL OR (status = 'running' AND claimed_by IS NOT NULL))
    ),
    CONSTRAINT runs_attempts_check CHECK (attempts >= 0),
    CONSTRAINT runs_max_attempts_check CHECK (max_attempts >= 1),
    CONSTRAINT runs_fence_check CHECK (fence >= 0),
    CONSTRAINT runs_created_at_check CHECK (isfinite(created_at)),
    CONSTRAINT runs_updated_at_check CHECK (isfinite(updated_at))
);

CREATE INDEX idx_runs_created_at_id ON runs (created_at, id);
CREATE INDEX idx_runs_status_created_at_id ON runs (status, created_at, id);
CREATE INDEX idx_runs_graph_id_created_at_id ON runs (graph_id, created_at, id);
CREATE INDEX idx_runs_graph_id_status_created_at_id ON runs (graph_id, status, created_at, id);
CREATE INDEX idx_runs_deleted_at ON runs (deleted_at) WHERE deleted_at IS NOT NULL;
-- The leases that can run out, to be found in that order.
CREATE INDEX idx_runs_lease_expires_at_id ON runs (lease_expires_at, id) WHERE lease_expires_at IS NOT NULL;

CREATE OR REPLACE TRIGGER runs_set_updated_at
    BEFORE UPDATE ON runs FOR EACH ROW
    WHEN (NEW.updated_at = OLD.updated_at)
    EXECUTE FUNCTION set_updated_at();

-- migrate:down

DROP TABLE runs;
