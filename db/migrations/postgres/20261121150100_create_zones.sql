-- migrate:up

CREATE TABLE zones (
    id              text        NOT NULL COLLATE "C",
    name            text        NOT NULL COLLATE "C",
    description     text,
    "trigger"       text        NOT NULL DEFAULT 'onDrop',
    agents          text[]      NOT NULL DEFAULT '{}',
    prompt_template text        NOT NULL DEFAULT '',
    actions         jsonb       NOT NULL DEFAULT '[]',
    position_x      integer     NOT NULL DEFAULT 0,
    position_y      integer     NOT NULL DEFAULT 0,
    size_width      integer     NOT NULL DEFAULT 300,
    size_height     integer     NOT NULL DEFAULT 200,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT zones_pkey PRIMARY KEY (id),
    CONSTRAINT zones_id_check CHECK (length(id) BETWEEN 1 AND 100),
    CONSTRAINT zones_name_check CHECK (length(name) BETWEEN 1 AND 255),
    CONSTRAINT zones_trigger_check CHECK ("trigger" IN ('onDrop', 'manual', 'scheduled')),
    CONSTRAINT zones_actions_check CHECK (jsonb_typeof(actions) = 'array'),
    CONSTRAINT zones_size_width_check CHECK (size_width > 0),
    CONSTRAINT zones_size_height_check CHECK (size_height > 0),
    CONSTRAINT zones_created_at_check CHECK (isfinite(created_at)),
    CONSTRAINT zones_updated_at_check CHECK (isfinite(updated_at))
);

CREATE INDEX idx_zones_created_at_id ON zones (created_at, id);
CREATE INDEX idx_zones_trigger_created_at_id ON zones ("trigger", created_at, id);

CREATE OR REPLACE TRIGGER zones_set_updated_at
    BEFORE UPDATE ON zones FOR EACH ROW
    WHEN (NEW.updated_at = OLD.updated_at)
    EXECUTE FUNCTION set_updated_at();

-- migrate:down

DROP TABLE zones;
