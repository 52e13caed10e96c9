-- migrate:up

CREATE TABLE tasks (
    id               TEXT    NOT NULL,
    title            TEXT    NOT NULL,
    description      TEXT,
    task_type        TEXT    NOT NULL,
    status           TEXT    NOT NULL DEFAULT 'pending',
    config           TEXT    NOT NULL DEFAULT '{}',
    metadata         TEXT    NOT NULL DEFAULT '{}',
    workspace_path   TEXT,
    started_at       TEXT,
    completed_at     TEXT,
    error            TEXT,
    claimed_by       TEXT,
    lease_expires_at TEXT,
    attempts         INTEGER NOT NULL DEFAULT 0,
    max_attempts     INTEGER NOT NULL DEFAULT 3,
    fence            INTEGER NOT NULL DEFAULT 0,
    created_at       TEXT    NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),
    updated_at       TEXT    NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),

    CONSTRAINT tasks_pkey PRIMARY KEY (id),
    CONSTRAINT tasks_id_check CHECK (length(id) = 36 AND id NOT GLOB '*[^0-9a-f-]*'),
    CONSTRAINT tasks_title_check CHECK (length(title) BETWEEN 1 AND 500),
    CONSTRAINT tasks_task_type_check CHECK (length(task_type) BETWEEN 1 AND 100),
    CONSTRAINT tasks_status_check CHECK (status IN ('pending', 'running', 'completed', 'failed', 'cancelled')),
    CONSTRAINT tasks_config_check
        CHECK (CASE WHEN json_valid(config) THEN json_type(config) = 'object' ELSE FALSE END),
    CONSTRAINT tasks_metadata_check
        CHECK (CASE WHEN json_valid(metadata) THEN json_type(metadata) = 'object' ELSE FALSE END),
    CONSTRAINT tasks_workspace_path_check CHECK (length(workspace_path) BETWEEN 1 AND 4096),
    CONSTRAINT tasks_started_at_check CHECK (
        (status <> 'pending' OR started_at IS NULL)
        AND (status NOT IN ('running', 'completed') OR started_at IS NOT NULL)
        AND (started_at IS NULL OR julianday(started_at) IS NOT NULL)
        AND started_at GLOB '????-??-??T??:??:??.[0-9][0-9][0-9][0-9][0-9][0-9]Z'
    ),
    CONSTRAINT tasks_completed_at_check CHECK (
        (status IN ('completed', 'failed', 'cancelled')) = (completed_at IS NOT NULL)
        AND (completed_at IS NULL OR julianday(completed_at) IS NOT NULL)
        AND completed_at GLOB '????-??-??T??:??:??.[0-9][0-9][0-9][0-9][0-9][0-9]Z'
    ),
    CONSTRAINT tasks_claimed_by_check
        CHECK (length(claimed_by) BETWEEN 1 AND 255 AND (claimed_by IS NULL OR status <> 'pending')),
    CONSTRAINT tasks_lease_expires_at_check CHECK (
        (lease_expires_at IS NULL OR (status = 'running' AND claimed_by IS NOT NULL))
        AND (lease_expires_at IS NULL OR julianday(lease_expires_at) IS NOT NULL)
        AND lease_expires_at GLOB '????-??-??T??:??:??.[0-9][0-9][0-9][0-9][0-9][0-9]Z'
    ),
    CONSTRAINT tasks_attempts_check CHECK (attempts BETWEEN 0 AND 2147483647),
    CONSTRAINT tasks_max_attempts_check CHECK (max_attempts BETWEEN 1 AND 2147483647),
    CONSTRAINT tasks_fence_check CHECK (fence >= 0),
    CONSTRAINT tasks_created_at_check CHECK (
        julianday(created_at) IS NOT NULL
        AND created_at GLOB '????-??-??T??:??:??.[0-9][0-9][0-9][0-9][0-9][0-9]Z'
    ),
    CONSTRAINT tasks_updated_at_check CHECK (
        julianday(updated_at) IS NOT NULL
        AND updated_at GLOB '????-??-??T??:??:??.[0-9][0-9][0-9][0-9][0-9][0-9]Z'
    )
) STRICT;

CREATE INDEX idx_tasks_created_at_id ON tasks (created_at, id);
CREATE INDEX idx_tasks_status_created_at_id ON tasks (status, created_at, id);
CREATE INDEX idx_tasks_task_type_created_at_id ON tasks (task_type, created_at, id);
CREATE INDEX idx_tasks_workspace_path_created_at_id ON tasks (workspace_path, created_at, id);
-- The leases that can run out, to be found in that order.
CREATE INDEX idx_tasks_lease_expires_at_id ON tasks (lease_expires_at, id) WHERE lease_expires_at IS NOT NULL;

CREATE TRIGGER IF NOT EXISTS tasks_set_updated_at
    AFTER UPDATE ON tasks FOR EACH ROW
    WHEN NEW.updated_at = OLD.updated_at
BEGIN
    UPDATE tasks SET updated_at = strftime('%Y-%m-%dT%H:%M:%f000Z', 'now') WHERE id = NEW.id;
END;

-- migrate:down

DROP TABLE tasks;
