-- migrate:up

CREATE TABLE worktrees (
    id          TEXT    NOT NULL,
    path        TEXT    NOT NULL,
    port        INTEGER NOT NULL,
    branch_name TEXT    NOT NULL,
    issue_url   TEXT,
    task_id     TEXT,
    status      TEXT    NOT NULL DEFAULT 'active',
    position_x  INTEGER NOT NULL DEFAULT 0,
    position_y  INTEGER NOT NULL DEFAULT 0,
    created_at  TEXT    NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),
    updated_at  TEXT    NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),

    CONSTRAINT worktrees_pkey PRIMARY KEY (id),
    CONSTRAINT worktrees_path_key UNIQUE (path),
    CONSTRAINT worktrees_port_key UNIQUE (port),
    CONSTRAINT worktrees_id_check CHECK (length(id) BETWEEN 1 AND 100),
    CONSTRAINT worktrees_path_check CHECK (length(path) BETWEEN 1 AND 4096),
    CONSTRAINT worktrees_port_check CHECK (port BETWEEN 1 AND 65535),
    CONSTRAINT worktrees_branch_name_check CHECK (length(branch_name) BETWEEN 1 AND 255),
    CONSTRAINT worktrees_issue_url_check CHECK (length(issue_url) BETWEEN 1 AND 2048),
    CONSTRAINT worktrees_task_id_check CHECK (length(task_id) BETWEEN 1 AND 255),
    CONSTRAINT worktrees_status_check CHECK (status IN ('active', 'inactive', 'completed')),
    CONSTRAINT worktrees_position_x_check CHECK (position_x BETWEEN -2147483648 AND 2147483647),
    CONSTRAINT worktrees_position_y_check CHECK (position_y BETWEEN -2147483648 AND 2147483647),
    CONSTRAINT worktrees_created_at_check CHECK (
        julianday(created_at) IS NOT NULL
        AND created_at GLOB '????-??-??T??:??:??.[0-9][0-9][0-9][0-9][0-9][0-9]Z'
    ),
    CONSTRAINT worktrees_updated_at_check CHECK (
        julianday(updated_at) IS NOT NULL
        AND updated_at GLOB '????-??-??T??:??:??.[0-9][0-9][0-9][0-9][0-9][0-9]Z'
    )
) STRICT;

CREATE INDEX idx_worktrees_created_at_id ON worktrees (created_at, id);
CREATE INDEX idx_worktrees_status_created_at_id ON worktrees (status, created_at, id);
CREATE INDEX idx_worktrees_task_id_created_at_id ON worktrees (task_id, created_at, id);

CREATE TRIGGER IF NOT EXISTS worktrees_set_updated_at
    AFTER UPDATE ON worktrees FOR EACH ROW
    WHEN NEW.updated_at = OLD.updated_at
BEGIN
    UPDATE worktrees SET updated_at = strftime('%Y-%m-%dT%H:%M:%f000Z', 'now') WHERE id = NEW.id;
END;

-- migrate:down

DROP TABLE worktrees;
