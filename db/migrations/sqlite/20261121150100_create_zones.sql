-- migrate:up

CREATE TABLE zones (
    id              TEXT    NOT NULL,
    name            TEXT    NOT NULL,
    description     TEXT,
    "trigger"       TEXT    NOT NULL DEFAULT 'onDrop',
    agents          TEXT    NOT NULL DEFAULT '[]',
    prompt_template TEXT    NOT NULL DEFAULT '',
    actions         TEXT    NOT NULL DEFAULT '[]',
    position_x      INTEGER NOT NULL DEFAULT 0,
    position_y      INTEGER NOT NULL DEFAULT 0,
    size_width      INTEGER NOT NULL DEFAULT 300,
    size_height     INTEGER NOT NULL DEFAULT 200,
    created_at      TEXT    NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),
    updated_at      TEXT    NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),

    CONSTRAINT zones_pkey PRIMARY KEY (id),
    CONSTRAINT zones_id_check CHECK (length(id) BETWEEN 1 AND 100),
    CONSTRAINT zones_name_check CHECK (length(name) BETWEEN 1 AND 255),
    CONSTRAINT zones_trigger_check CHECK ("trigger" IN ('onDrop', 'manual', 'scheduled')),
    CONSTRAINT zones_agents_check
        CHECK (CASE WHEN json_valid(agents) THEN json_type(agents) = 'array' ELSE FALSE END),
    CONSTRAINT zones_actions_check
        CHECK (CASE WHEN json_valid(actions) THEN json_type(actions) = 'array' ELSE FALSE END),
    CONSTRAINT zones_position_x_check CHECK (position_x BETWEEN -2147483648 AND 2147483647),
    CONSTRAINT zones_position_y_check CHECK (position_y BETWEEN -2147483648 AND 2147483647),
    CONSTRAINT zones_size_width_check CHECK (size_width BETWEEN 1 AND 2147483647),
    CONSTRAINT zones_size_height_check CHECK (size_height BETWEEN 1 AND 2147483647),
    CONSTRAINT zones_created_at_check CHECK (
        julianday(created_at) IS NOT NULL
        AND created_at GLOB '????-??-??T??:??:??.[0-9][0-9][0-9][0-9][0-9][0-9]Z'
    ),
    CONSTRAINT zones_updated_at_check CHECK (
        julianday(updated_at) IS NOT NULL
        AND updated_at GLOB '????-??-??T??:??:??.[0-9][0-9][0-9][0-9][0-9][0-9]Z'
    )
) STRICT;

CREATE INDEX idx_zones_created_at_id ON zones (created_at, id);
CREATE INDEX idx_zones_trigger_created_at_id ON zones ("trigger", created_at, id);

CREATE TRIGGER IF NOT EXISTS zones_set_updated_at
    AFTER UPDATE ON zones FOR EACH ROW
    WHEN NEW.updated_at = OLD.updated_at
BEGIN
    UPDATE zones SET updated_at = strftime('%Y-%m-%dT%H:%M:%f000Z', 'now') WHERE id = NEW.id;
END;

-- migrate:down

DROP TABLE zones;
