-- migrate:up

-- Whether a text contains another, ignoring the case of ASCII letters, of which alone the collation knows.
CREATE OR REPLACE FUNCTION contains_text(value text, part text) RETURNS boolean
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN strpos(lower(value COLLATE "C"), lower(part COLLATE "C")) > 0;

CREATE TABLE tasks (
    id               uuid        NOT NULL DEFAULT gen_random_uuid(),
    title            text        NOT NULL COLLATE "C",
    description      text,
    task_type        text        NOT NULL COLLATE "C",
    status           text        NOT NULL DEFAULT 'pending',
    config           jsonb       NOT NULL DEFAULT '{}',
    metadata         jsonb       NOT NULL DEFAULT '{}',
    workspace_path   text        COLLATE "C",
    started_at       timestamptz,
    completed_at     timestamptz,
    error            text,
    claimed_by       text        COLLATE "C",
    lease_expires_at timestamptz,
    attempts         integer     NOT NULL DEFAULT 0,
    max_attempts     integer     NOT NULL DEFAULT 3,
    fence            bigint      NOT NULL DEFAULT 0,
    created_at       timestamptz NOT NULL DEFAULT now(),
    updated_at       timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT tasks_pkey PRIMARY KEY (id),
    CONSTRAINT tasks_title_check CHECK (length(title) BETWEEN 1 AND 500),
    CONSTRAINT tasks_task_type_check CHECK (length(task_type) BETWEEN 1 AND 100),
    CONSTRAINT tasks_status_check CHECK (status IN ('pending', 'running', 'completed', 'failed', 'cancelled')),
    CONSTRAINT tasks_config_check CHECK (jsonb_typeof(config) = 'object'),
    CONSTRAINT tasks_metadata_check CHECK (jsonb_typeof(metadata) = 'object'),
    CONSTRAINT tasks_workspace_path_check CHECK (length(workspace_path) BETWEEN 1 AND 4096),
    CONSTRAINT tasks_started_at_check CHECK (
        isfinite(started_at)
        AND (status <> 'pending' OR started_at IS NULL)
        AND (status NOT IN ('running', 'completed') OR started_at IS NOT NULL)
    ),
    CONSTRAINT tasks_completed_at_check CHECK (
        isfinite(completed_at)
        AND (status IN ('completed', 'failed', 'cancelled')) = (completed_at IS NOT NULL)
    ),
    CONSTRAINT tasks_claimed_by_check
        CHECK (length(claimed_by) BETWEEN 1 AND 255 AND (claimed_by IS NULL OR status <> 'pending')),
    CONSTRAINT tasks_lease_expires_at_check CHECK (
        isfinite(lease_expires_at)
        AND (lease_expires_at IS NULL OR (status = 'running' AND claimed_by IS NOT NULL))
    ),
    CONSTRAINT tasks_attempts_check CHECK (attempts >= 0),
    CONSTRAINT tasks_max_attempts_check CHECK (max_attempts >= 1),
    CONSTRAINT tasks_fence_check CHECK (fence >= 0),
    CONSTRAINT tasks_created_at_check CHECK (isfinite(created_at)),
    CONSTRAINT tasks_updated_at_check CHECK (isfinite(updated_at))
);

CREATE INDEX idx_tasks_created_at_id ON tasks (created_at, id);
CREATE INDEX idx_tasks_status_created_at_id ON tasks (status, created_at, id);
CREATE INDEX idx_tasks_task_type_created_at_id ON tasks (task_type, created_at, id);
CREATE INDEX idx_tasks_workspace_path_created_at_id ON tasks (workspace_path, created_at, id);
-- The leases that can run out, to be found in that order.
CREATE INDEX idx_tasks_lease_expires_at_id ON tasks (lease_expires_at, id) WHERE lease_expires_at IS NOT NULL;

CREATE OR REPLACE TRIGGER tasks_set_updated_at
    BEFORE UPDATE ON tasks FOR EACH ROW
    WHEN (NEW.updated_at = OLD.updated_at)
    EXECUTE FUNCTION set_updated_at();

-- migrate:down

DROP TABLE tasks;
DROP FUNCTION contains_text(text, text);
