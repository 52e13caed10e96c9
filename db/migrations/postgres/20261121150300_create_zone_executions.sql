-- migrate:up

CREATE TABLE zone_executions (
    id          uuid        NOT NULL DEFAULT gen_random_uuid(),
    zone_id     text        NOT NULL COLLATE "C",
    worktree_id text        NOT NULL COLLATE "C",
    agent_type  text        NOT NULL COLLATE "C",
    prompt      text        NOT NULL,
    result      jsonb,
    success     boolean     NOT NULL,
    executed_at timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT zone_executions_pkey PRIMARY KEY (id),
    CONSTRAINT zone_executions_zone_id_fkey FOREIGN KEY (zone_id) REFERENCES zones (id) ON DELETE CASCADE,
    CONSTRAINT zone_executions_worktree_id_fkey
        FOREIGN KEY (worktree_id) REFERENCES worktrees (id) ON DELETE CASCADE,
    CONSTRAINT zone_executions_agent_type_check CHECK (length(agent_type) BETWEEN 1 AND 100),
    CONSTRAINT zone_executions_executed_at_check CHECK (isfinite(executed_at))
);

CREATE INDEX idx_zone_executions_executed_at_id ON zone_executions (executed_at, id);
CREATE INDEX idx_zone_executions_zone_id_executed_at_id ON zone_executions (zone_id, executed_at, id);
CREATE INDEX idx_zone_executions_worktree_id_executed_at_id ON zone_executions (worktree_id, executed_at, id);
CREATE INDEX idx_zone_executions_agent_type_executed_at_id ON zone_executions (agent_type, executed_at, id);

-- migrate:down

DROP TABLE zone_executions;
