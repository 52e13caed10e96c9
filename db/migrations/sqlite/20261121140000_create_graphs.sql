-- migrate:up

CREATE TABLE graphs (
    id          TEXT    NOT NULL,
    name        TEXT    NOT NULL,
    description TEXT,
    definition  TEXT    NOT NULL,
    version     INTEGER NOT NULL DEFAULT 1,
    is_active   INTEGER NOT NULL DEFAULT TRUE,
    deleted_at  TEXT,
    created_at  TEXT    NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),
    updated_at  TEXT    NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),

    CONSTRAINT graphs_pkey PRIMARY KEY (id),
    CONSTRAINT graphs_name_key UNIQUE (name),
    CONSTRAINT graphs_id_check CHECK (length(id) = 36 AND id NOT GLOB '*[^0-9a-f-]*'),
    CONSTRAINT graphs_name_check CHECK (length(name) BETWEEN 1 AND 255),
    CONSTRAINT graphs_definition_check
        CHECK (CASE WHEN json_valid(definition) THEN json_type(definition) = 'object' ELSE FALSE END),
    CONSTRAINT graphs_version_check CHECK (version BETWEEN 1 AND 2147483647),
    CONSTRAINT graphs_is_active_check CHECK (is_active IN (0, 1)),
    CONSTRAINT graphs_deleted_at_check CHECK (
        is_active = (deleted_at IS NULL)
        AND (deleted_at IS NULL OR julianday(deleted_at) IS NOT NULL)
        AND deleted_at GLOB '????-??-??T??:??:??.[0-9][0-9][0-9][0-9][0-9][0-9]Z'
    ),
    CONSTRAINT graphs_created_at_check CHECK (
        julianday(created_at) IS NOT NULL
        AND created_at GLOB '????-??-??T??:??:??.[0-9][0-9][0-9][0-9][0-9][0-9]Z'
    ),
    CONSTRAINT graphs_updated_at_check CHECK (
        julianday(updated_at) IS NOT NULL
        AND updated_at GLOB '????-??-??T??:??:??.[0-9][0-9][0-9][0-9][0-9][0-9]Z'
    )
) STRICT;

CREATE INDEX idx_graphs_created_at_id ON graphs (created_at, id);
CREATE INDEX idx_graphs_is_active_created_at_id ON graphs (is_active, created_at, id);

CREATE TRIGGER IF NOT EXISTS graphs_set_updated_at
    AFTER UPDATE ON graphs FOR EACH ROW
    WHEN NEW.updated_at = OLD.updated_at
BEGIN
    UPDATE graphs SET updated_at = strftime('%Y-%m-%dT%H:%M:%f000Z', 'now') WHERE id = NEW.id;
END;

-- migrate:down

DROP TABLE graphs;
