-- migrate:up

CREATE TABLE configurations (
    key         TEXT    NOT NULL,
    value       TEXT    NOT NULL,
    value_type  TEXT    NOT NULL DEFAULT 'string',
    description TEXT,
    is_secret   INTEGER NOT NULL DEFAULT FALSE,
    -- Whether the value stands in the form that a secret codec gave it.
    is_encoded  INTEGER NOT NULL DEFAULT FALSE,
    created_at  TEXT    NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),
    updated_at  TEXT    NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),

    CONSTRAINT configurations_pkey PRIMARY KEY (key),
    CONSTRAINT configurations_key_check CHECK (length(key) BETWEEN 1 AND 255),
    CONSTRAINT configurations_value_type_check
        CHECK (value_type IN ('string', 'integer', 'float', 'boolean', 'json')),
    CONSTRAINT configurations_is_secret_check CHECK (is_secret IN (0, 1)),
    CONSTRAINT configurations_is_encoded_check CHECK (is_encoded IN (0, 1) AND (is_secret OR NOT is_encoded)),
    CONSTRAINT configurations_created_at_check CHECK (
        julianday(created_at) IS NOT NULL
        AND created_at GLOB '????-??-??T??:??:??.[0-9][0-9][0-9][0-9][0-9][0-9]Z'
    ),
    CONSTRAINT configurations_updated_at_check CHECK (
        julianday(updated_at) IS NOT NULL
        AND updated_at GLOB '????-??-??T??:??:??.[0-9][0-9][0-9][0-9][0-9][0-9]Z'
    )
) STRICT;

CREATE INDEX idx_configurations_value_type_key ON configurations (value_type, key);
CREATE INDEX idx_configurations_key_secret ON configurations (key) WHERE is_secret;

CREATE TRIGGER IF NOT EXISTS configurations_set_updated_at
    AFTER UPDATE ON configurations FOR EACH ROW
    WHEN NEW.updated_at = OLD.updated_at
BEGIN
    UPDATE configurations SET updated_at = strftime('%Y-%m-%dT%H:%M:%f000Z', 'now') WHERE key = NEW.key;
END;

-- migrate:down

DROP TABLE configurations;
