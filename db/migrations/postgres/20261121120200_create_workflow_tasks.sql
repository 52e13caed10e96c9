-- migrate:up

CREATE TABLE workflow_tasks (
    workflow_id uuid        NOT NULL,
    task_id     uuid        NOT NULL,
    sequence    integer     NOT NULL DEFAULT 0,
    config      jsonb       NOT NULL DEFAULT '{}',
    created_at  timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT workflow_tasks_pkey PRIMARY KEY (workflow_id, task_id),
    CONSTRAINT workflow_tasks_workflow_id_fkey FOREIGN KEY (workflow_id) REFERENCES workflows (id) ON DELETE CASCADE,
    CONSTRAINT workflow_tasks_task_id_fkey FOREIGN KEY (task_id) REFERENCES tasks (id) ON DELETE CASCADE,
    CONSTRAINT workflow_tasks_sequence_check CHECK (sequence >= 0),
    CONSTRAINT workflow_tasks_config_check CHECK (jsonb_typeof(config) = 'object'),
    CONSTRAINT workflow_tasks_created_at_check CHECK (isfinite(created_at))
);

CREATE INDEX idx_workflow_tasks_workflow_id_sequence_created_at_task_id
    ON workflow_tasks (workflow_id, sequence, created_at, task_id);
CREATE INDEX idx_workflow_tasks_task_id_created_at_workflow_id ON workflow_tasks (task_id, created_at, workflow_id);

-- migrate:down

DROP TABLE workflow_tasks;
