-- migrate:up

CREATE TABLE worktrees (
    id          text        NOT NULL COLLATE "C",
    path        text        NOT NULL COLLATE "C",
    port        integer     NOT NULL,
    branch_name text        NOT NULL COLLATE "C",
    issue_url   text        COLLATE "C",
    task_id     text        COLLATE "C",
    status      text        NOT NULL DEFAULT 'active',
    position_x  integer     NOT NULL DEFAULT 0,
    position_y  integer     NOT NULL DEFAULT 0,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),

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
    CONSTRAINT worktrees_created_at_check CHECK (isfinite(created_at)),
    CONSTRAINT worktrees_updated_at_check CHECK (isfinite(updated_at))
);

CREATE INDEX idx_worktrees_created_at_id ON worktrees (created_at, id);
CREATE INDEX idx_worktrees_status_created_at_id ON worktrees (status, created_at, id);
CREATE INDEX idx_worktrees_task_id_created_at_id ON worktrees (task_id, created_at, id);

CREATE OR REPLACE TRIGGER worktrees_set_updated_at
    BEFORE UPDATE ON worktrees FOR EACH ROW
    WHEN (NEW.updated_at = OLD.updated_at)
    EXECUTE FUNCTION set_updated_at();

-- migrate:down

DROP TABLE worktrees;
