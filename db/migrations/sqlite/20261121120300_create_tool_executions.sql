-- migrate:up

CREATE TABLE tool_executions (
    id           TEXT    NOT NULL,
    task_id      TEXT    NOT NULL,
    tool_name    TEXT    NOT NULL,
    arguments    TEXT    NOT NULL DEFAULT '{}',
    output       TEXT,
    status       TEXT    NOT NULL DEFAULT 'pending',
    error        TEXT,
    started_at   TEXT,
    completed_at TEXT,
    duration_ms  INTEGER,
    created_at   TEXT    NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),

    CONSTRAINT tool_executions_pkey PRIMARY KEY (id),
    CONSTRAINT tool_executions_task_id_fkey FOREIGN KEY (task_id) REFERENCES tasks (id) ON DELETE CASCADE,
    CONSTRAINT tool_executions_id_check CHECK (length(id) = 36 AND id NOT GLOB '*[^0-9a-f-]*'),
    CONSTRAINT tool_executions_task_id_check CHECK (length(task_id) = 36 AND task_id NOT GLOB '*[^0-9a-f-]*'),
    CONSTRAINT tool_executions_tool_name_check CHECK (length(tool_name) BETWEEN 1 AND 255),
    CONSTRAINT tool_executions_arguments_check CHECK (json_valid(arguments)),
    CONSTRAINT tool_executions_output_check CHECK (output IS NULL OR json_valid(output)),
    CONSTRAINT tool_executions_status_check CHECK (status IN ('pending', 'running', 'completed', 'failed', 'timeout')),
    CONSTRAINT tool_executions_started_at_check CHECK (
        (status <> 'pending' OR started_at IS NULL)
        AND (status <> 'running' OR started_at IS NOT NULL)
        AND (started_at IS NULL OR julianday(started_at) IS NOT NULL)
        AND started_at GLOB '????-??-??T??:??:??.[0-9][0-9][0-9][0-9][0-9][0-9]Z'
    ),
    CONSTRAINT tool_executions_completed_at_check CHECK (
        (status IN ('completed', 'failed', 'timeout')) = (completed_at IS NOT NULL)
        AND (completed_at IS NULL OR julianday(completed_at) IS NOT NULL)
        AND completed_at GLOB '????-??-??T??:??:??.[0-9][0-9][0-9][0-9][0-9][0-9]Z'
    ),
    CONSTRAINT tool_executions_duration_ms_check CHECK (duration_ms >= 0),
    CONSTRAINT tool_executions_created_at_check CHECK (
        julianday(created_at) IS NOT NULL
        AND created_at GLOB '????-??-??T??:??:??.[0-9][0-9][0-9][0-9][0-9][0-9]Z'
    )
) STRICT;

CREATE INDEX idx_tool_executions_task_id_created_at_id ON tool_executions (task_id, created_at, id);
CREATE INDEX idx_tool_executions_tool_name_created_at_id ON tool_executions (tool_name, created_at, id);
CREATE INDEX idx_tool_executions_status_created_at_id ON tool_executions (status, created_at, id);
CREATE INDEX idx_tool_executions_created_at_id ON tool_executions (created_at, id);

-- migrate:down

DROP TABLE tool_executions;
