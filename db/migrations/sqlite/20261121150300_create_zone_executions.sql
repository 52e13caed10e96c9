-- migrate:up

CREATE TABLE zone_executions (
    id          TEXT    NOT NULL,
    zone_id     TEXT    NOT NULL,
    worktree_id TEXT    NOT NULL,
    agent_type  TEXT    NOT NULL,
    prompt      TEXT    NOT NULL,
    result      TEXT,
    success     INTEGER NOT NULL,
    executed_at TEXT    NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),

    CONSTRAINT zone_executions_pkey PRIMARY KEY (id),
    CONSTRAINT zone_executions_zone_id_fkey FOREIGN KEY (zone_id) REFERENCES zones (id) ON DELETE CASCADE,
    CONSTRAINT zone_executions_worktree_id_fkey
        FOREIGN KEY (worktree_id) REFERENCES worktrees (id) ON DELETE CASCADE,
    CONSTRAINT zone_executions_id_check CHECK (length(id) = 36 AND id NOT GLOB '*[^0-9a-f-]*'),
    CONSTRAINT zone_executions_agent_type_check CHECK (length(agent_type) BETWEEN 1 AND 100),
    CONSTRAINT zone_executions_result_check CHECK (result IS NULL OR json_valid(result)),
    CONSTRAINT zone_executions_success_check CHECK (success IN (0, 1)),
    CONSTRAINT zone_executions_executed_at_check CHECK (
        julianday(executed_at) IS NOT NULL
        AND executed_at GLOB '????-??-??T??:??:??.[0-9][0-9][0-9][0-9][0-9][0-9]Z'
    )
) STRICT;

CREATE INDEX idx_zone_executions_executed_at_id ON zone_executions (executed_at, id);
CREATE INDEX idx_zone_executions_zone_id_executed_at_id ON zone_executions (zone_id, executed_at, id);
CREATE INDEX idx_zone_executions_worktree_id_executed_at_id ON zone_executions (worktree_id, executed_at, id);
CREATE INDEX idx_zone_executions_agent_type_executed_at_id ON zone_executions (agent_type, executed_at, id);

-- migrate:down

DROP TABLE zone_executions;
