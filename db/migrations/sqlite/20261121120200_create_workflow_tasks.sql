-- migrate:up

CREATE TABLE workflow_tasks (
    workflow_id TEXT    NOT NULL,
    task_id     TEXT    NOT NULL,
    sequence    INTEGER NOT NULL DEFAULT 0,
    config      TEXT    NOT NULL DEFAULT '{}',
    created_at  TEXT    NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),

    CONSTRAINT workflow_tasks_pkey PRIMARY KEY (workflow_id, task_id),
    CONSTRAINT workflow_tasks_workflow_id_fkey FOREIGN KEY (workflow_id) REFERENCES workflows (id) ON DELETE CASCADE,
    CONSTRAINT workflow_tasks_task_id_fkey FOREIGN KEY (task_id) REFERENCES tasks (id) ON DELETE CASCADE,
    CONSTRAINT workflow_tasks_workflow_id_check
        CHECK (length(workflow_id) = 36 AND workflow_id NOT GLOB '*[^0-9a-f-]*'),
    CONSTRAINT workflow_tasks_task_id_check CHECK (length(task_id) = 36 AND task_id NOT GLOB '*[^0-9a-f-]*'),
    CONSTRAINT workflow_tasks_sequence_check CHECK (sequence BETWEEN 0 AND 2147483647),
    CONSTRAINT workflow_tasks_config_check
        CHECK (CASE WHEN json_valid(config) THEN json_type(config) = 'object' ELSE FALSE END),
    CONSTRAINT workflow_tasks_created_at_check CHECK (
        julianday(created_at) IS NOT NULL
        AND created_at GLOB '????-??-??T??:??:??.[0-9][0-9][0-9][0-9][0-9][0-9]Z'
    )
) STRICT, WITHOUT ROWID;

CREATE INDEX idx_workflow_tasks_workflow_id_sequence_created_at_task_id
    ON workflow_tasks (workflow_id, sequence, created_at, task_id);
CREATE INDEX idx_workflow_tasks_task_id_created_at_workflow_id ON workflow_tasks (task_id, created_at, workflow_id);

-- migrate:down

DROP TABLE workflow_tasks;
