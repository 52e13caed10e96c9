-- migrate:up

-- Whole milliseconds from one time to another, none where the second comes first.
CREATE OR REPLACE FUNCTION milliseconds_between(since timestamptz, until timestamptz) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN greatest(0, floor(extract(epoch FROM until) * 1000 - extract(epoch FROM since) * 1000))::bigint;

CREATE TABLE tool_executions (
    id           uuid        NOT NULL DEFAULT gen_random_uuid(),
    task_id      uuid        NOT NULL,
    tool_name    text        NOT NULL COLLATE "C",
    arguments    jsonb       NOT NULL DEFAULT '{}',
    output       jsonb,
    status       text        NOT NULL DEFAULT 'pending',
    error        text,
    started_at   timestamptz,
    completed_at timestamptz,
    duration_ms  bigint,
    created_at   timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT tool_executions_pkey PRIMARY KEY (id),
    CONSTRAINT tool_executions_task_id_fkey FOREIGN KEY (task_id) REFERENCES tasks (id) ON DELETE CASCADE,
    CONSTRAINT tool_executions_tool_name_check CHECK (length(tool_name) BETWEEN 1 AND 255),
    CONSTRAINT tool_executions_status_check CHECK (status IN ('pending', 'running', 'completed', 'failed', 'timeout')),
    CONSTRAINT tool_executions_started_at_check CHECK (
        isfinite(started_at)
        AND (status <> 'pending' OR started_at IS NULL)
        AND (status <> 'running' OR started_at IS NOT NULL)
    ),
    CONSTRAINT tool_executions_completed_at_check CHECK (
        isfinite(completed_at)
        AND (status IN ('completed', 'failed', 'timeout')) = (completed_at IS NOT NULL)
    ),
    CONSTRAINT tool_executions_duration_ms_check CHECK (duration_ms >= 0),
    CONSTRAINT tool_executions_created_at_check CHECK (isfinite(created_at))
);

CREATE INDEX idx_tool_executions_task_id_created_at_id ON tool_executions (task_id, created_at, id);
CREATE INDEX idx_tool_executions_tool_name_created_at_id ON tool_executions (tool_name, created_at, id);
CREATE INDEX idx_tool_executions_status_created_at_id ON tool_executions (status, created_at, id);
CREATE INDEX idx_tool_executions_created_at_id ON tool_executions (created_at, id);

-- migrate:down

DROP TABLE tool_executions;
DROP FUNCTION milliseconds_between(timestamptz, timestamptz);
