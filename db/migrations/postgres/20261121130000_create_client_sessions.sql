-- migrate:up

CREATE TABLE client_sessions (
    id              uuid        NOT NULL DEFAULT gen_random_uuid(),
    client_id       text        NOT NULL COLLATE "C",
    user_id         text        COLLATE "C",
    connection_type text        NOT NULL DEFAULT 'websocket',
    is_active       boolean     NOT NULL DEFAULT TRUE,
    metadata        jsonb       NOT NULL DEFAULT '{}',
    last_heartbeat  timestamptz NOT NULL DEFAULT now(),
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT client_sessions_pkey PRIMARY KEY (id),
    CONSTRAINT client_sessions_client_id_check CHECK (length(client_id) BETWEEN 1 AND 255),
    CONSTRAINT client_sessions_user_id_check CHECK (length(user_id) BETWEEN 1 AND 255),
    CONSTRAINT client_sessions_connection_type_check CHECK (connection_type IN ('websocket', 'http', 'grpc')),
    CONSTRAINT client_sessions_metadata_check CHECK (jsonb_typeof(metadata) = 'object'),
    CONSTRAINT client_sessions_last_heartbeat_check CHECK (isfinite(last_heartbeat)),
    CONSTRAINT client_sessions_created_at_check CHECK (isfinite(created_at)),
    CONSTRAINT client_sessions_updated_at_check CHECK (isfinite(updated_at))
);

CREATE INDEX idx_client_sessions_created_at_id ON client_sessions (created_at, id);
CREATE INDEX idx_client_sessions_client_id_created_at_id ON client_sessions (client_id, created_at, id);
CREATE INDEX idx_client_sessions_user_id_created_at_id ON client_sessions (user_id, created_at, id);
CREATE INDEX idx_client_sessions_last_heartbeat_id_active ON client_sessions (last_heartbeat, id) WHERE is_active;
CREATE INDEX idx_client_sessions_updated_at_id_inactive ON client_sessions (updated_at, id) WHERE NOT is_active;

CREATE OR REPLACE TRIGGER client_sessions_set_updated_at
    BEFORE UPDATE ON client_sessions FOR EACH ROW
    WHEN (NEW.updated_at = OLD.updated_at)
    EXECUTE FUNCTION set_updated_at();

-- migrate:down

DROP TABLE client_sessions;
