-- migrate:up

CREATE TABLE configurations (
    key         text        NOT NULL COLLATE "C",
    value       text        NOT NULL,
    value_type  text        NOT NULL DEFAULT 'string',
    description text,
    is_secret   boolean     NOT NULL DEFAULT FALSE,
    -- Whether the value stands in the form that a secret codec gave it.
    is_encoded  boolean     NOT NULL DEFAULT FALSE,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT configurations_pkey PRIMARY KEY (key),
    CONSTRAINT configurations_key_check CHECK (length(key) BETWEEN 1 AND 255),
    CONSTRAINT configurations_value_type_check
        CHECK (value_type IN ('string', 'integer', 'float', 'boolean', 'json')),
    CONSTRAINT configurations_is_encoded_check CHECK (is_secret OR NOT is_encoded),
    CONSTRAINT configurations_created_at_check CHECK (isfinite(created_at)),
    CONSTRAINT configurations_updated_at_check CHECK (isfinite(updated_at))
);

CREATE INDEX idx_configurations_value_type_key ON configurations (value_type, key);
CREATE INDEX idx_configurations_key_secret ON configurations (key) WHERE is_secret;

CREATE OR REPLACE TRIGGER configurations_set_updated_at
    BEFORE UPDATE ON configurations FOR EACH ROW
    WHEN (NEW.updated_at = OLD.updated_at)
    EXECUTE FUNCTION set_updated_at();

-- migrate:down

DROP TABLE configurations;
