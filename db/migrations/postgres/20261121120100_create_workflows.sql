-- migrate:up

CREATE TABLE workflows (
    id          uuid        NOT NULL DEFAULT gen_random_uuid(),
    name        text        NOT NULL COLLATE "C",
    description text,
    definition  jsonb       NOT NULL,
    config      jsonb       NOT NULL DEFAULT '{}',
    metadata    jsonb       NOT NULL DEFAULT '{}',
    status      text        NOT NULL DEFAULT 'draft',
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT workflows_pkey PRIMARY KEY (id),
    CONSTRAINT workflows_name_key UNIQUE (name),
    CONSTRAINT workflows_name_check CHECK (length(name) BETWEEN 1 AND 255),
    CONSTRAINT workflows_definition_check CHECK (jsonb_typeof(definition) = 'object'),
    CONSTRAINT workflows_config_check CHECK (jsonb_typeof(config) = 'object'),
    CONSTRAINT workflows_metadata_check CHECK (jsonb_typeof(metadata) = 'object'),
    CONSTRAINT workflows_status_check CHECK (status IN ('draft', 'active', 'archived', 'paused')),
    CONSTRAINT workflows_created_at_check CHECK (isfinite(created_at)),
    CONSTRAINT workflows_updated_at_check CHECK (isfinite(updated_at))
);

CREATE INDEX idx_workflows_created_at_id ON workflows (created_at, id);
CREATE INDEX idx_workflows_status_created_at_id ON workflows (status, created_at, id);

CREATE OR REPLACE TRIGGER workflows_set_updated_at
    BEFORE UPDATE ON workflows FOR EACH ROW
    WHEN (NEW.updated_at = OLD.updated_at)
    EXECUTE FUNCTION set_updated_at();

-- migrate:down

DROP TABLE workflows;
