-- migrate:up

CREATE TABLE graphs (
    id          uuid        NOT NULL DEFAULT gen_random_uuid(),
    name        text        NOT NULL COLLATE "C",
    description text,
    definition  jsonb       NOT NULL,
    version     integer     NOT NULL DEFAULT 1,
    is_active   boolean     NOT NULL DEFAULT TRUE,
    deleted_at  timestamptz,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT graphs_pkey PRIMARY KEY (id),
    CONSTRAINT graphs_name_key UNIQUE (name),
    CONSTRAINT graphs_name_check CHECK (length(name) BETWEEN 1 AND 255),
    CONSTRAINT graphs_definition_check CHECK (jsonb_typeof(definition) = 'object'),
    CONSTRAINT graphs_version_check CHECK (version >= 1),
    CONSTRAINT graphs_deleted_at_check CHECK (isfinite(deleted_at) AND is_active = (deleted_at IS NULL)),
    CONSTRAINT graphs_created_at_check CHECK (isfinite(created_at)),
    CONSTRAINT graphs_updated_at_check CHECK (isfinite(updated_at))
);

CREATE INDEX idx_graphs_created_at_id ON graphs (created_at, id);
CREATE INDEX idx_graphs_is_active_created_at_id ON graphs (is_active, created_at, id);

CREATE OR REPLACE TRIGGER graphs_set_updated_at
    BEFORE UPDATE ON graphs FOR EACH ROW
    WHEN (NEW.updated_at = OLD.updated_at)
    EXECUTE FUNCTION set_updated_at();

-- migrate:down

DROP TABLE graphs;
