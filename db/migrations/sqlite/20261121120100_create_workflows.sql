-- migrate:up

CREATE TABLE workflows (
    id          TEXT NOT NULL,
    name        TEXT NOT NULL,
    description TEXT,
    definition  TEXT NOT NULL,
    config      TEXT NOT NULL DEFAULT '{}',
    metadata    TEXT NOT NULL DEFAULT '{}',
    status      TEXT NOT NULL DEFAULT 'draft',
    created_at  TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),
    updated_at  TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),

    CONSTRAINT workflows_pkey PRIMARY KEY (id),
    CONSTRAINT workflows_name_key UNIQUE (name),
    CONSTRAINT workflows_id_check CHECK (length(id) = 36 AND id NOT GLOB '*[^0-9a-f-]*'),
    CONSTRAINT workflows_name_check CHECK (length(name) BETWEEN 1 AND 255),
    CONSTRAINT workflows_definition_check
        CHECK (CASE WHEN json_valid(definition) THEN json_type(definition) = 'object' ELSE FALSE END),
    CONSTRAINT workflows_config_check
        CHECK (CASE WHEN json_valid(config) THEN json_type(config) = 'object' ELSE FALSE END),
    CONSTRAINT workflows_metadata_check
        CHECK (CASE WHEN json_valid(metadata) THEN json_type(metadata) = 'object' ELSE FALSE END),
    CONSTRAINT workflows_status_check CHECK (status IN ('draft', 'active', 'archived', 'paused')),
    CONSTRAINT workflows_created_at_check CHECK (
        julianday(created_at) IS NOT NULL
        AND created_at GLOB '????-??-??T??:??:??.[0-9][0-9][0-9][0-9][0-9][0-9]Z'
    ),
    CONSTRAINT workflows_updated_at_check CHECK (
        julianday(updated_at) IS NOT NULL
        AND updated_at GLOB '????-??-??T??:??:??.[0-9][0-9][0-9][0-9][0-9][0-9]Z'
    )
) STRICT;

CREATE INDEX idx_workflows_created_at_id ON workflows (created_at, id);
CREATE INDEX idx_workflows_status_created_at_id ON workflows (status, created_at, id);

CREATE TRIGGER IF NOT EXISTS workflows_set_updated_at
    AFTER UPDATE ON workflows FOR EACH ROW
    WHEN NEW.updated_at = OLD.updated_at
BEGIN
    UPDATE workflows SET updated_at = strftime('%Y-%m-%dT%H:%M:%f000Z', 'now') WHERE id = NEW.id;
END;

-- migrate:down

DROP TABLE workflows;
