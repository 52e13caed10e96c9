-- migrate:up

CREATE TABLE client_sessions (
    id              TEXT    NOT NULL,
    client_id       TEXT    NOT NULL,
    user_id         TEXT,
    connection_type TEXT    NOT NULL DEFAULT 'websocket',
    is_active       INTEGER NOT NULL DEFAULT TRUE,
    metadata        TEXT    NOT NULL DEFAULT '{}',
    last_heartbeat  TEXT    NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),
    created_at      TEXT    NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),
    updated_at      TEXT    NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),

    CONSTRAINT client_sessions_pkey PRIMARY KEY (id),
    CONSTRAINT client_sessions_id_check CHECK (length(id) = 36 AND id NOT GLOB '*[^0-9a-f-]*'),
    CONSTRAINT client_sessions_client_id_check CHECK (length(client_id) BETWEEN 1 AND 255),
    CONSTRAINT client_sessions_user_id_check CHECK (length(user_id) BETWEEN 1 AND 255),
    CONSTRAINT client_sessions_connection_type_check CHECK (connection_type IN ('websocket', 'http', 'grpc')),
    CONSTRAINT client_sessions_is_active_check CHECK (is_active IN (0, 1)),
    CONSTRAINT client_sessions_metadata_check
        CHECK (CASE WHEN json_valid(metadata) THEN json_type(metadata) = 'object' ELSE FALSE END),
    CONSTRAINT client_sessions_last_heartbeat_check CHECK (
        julianday(last_heartbeat) IS NOT NULL
        AND last_heartbeat GLOB '????-??-??T??:??:??.[0-9][0-9][0-9][0-9][0-9][0-9]Z'
    ),
    CONSTRAINT client_sessions_created_at_check CHECK (
        julianday(created_at) IS NOT NULL
        AND created_at GLOB '????-??-??T??:??:??.[0-9][0-9][0-9][0-9][0-9][0-9]Z'
    ),
    CONSTRAINT client_sessions_updated_at_check CHECK (
        julianday(updated_at) IS NOT NULL
        AND updated_at GLOB '????-??-??T??:??:??.[0-9][0-9][0-9][0-9][0-9][0-9]Z'
    )
) STRICT;

CREATE INDEX idx_client_sessions_created_at_id ON client_sessions (created_at, id);
CREATE INDEX idx_client_sessions_client_id_created_at_id ON client_sessions (client_id, created_at, id);
CREATE INDEX idx_client_sessions_user_id_created_at_id ON client_sessions (user_id, created_at, id);
CREATE INDEX idx_client_sessions_last_heartbeat_id_active ON client_sessions (last_heartbeat, id) WHERE is_active;
CREATE INDEX idx_client_sessions_updated_at_id_inactive ON client_sessions (updated_at, id) WHERE NOT is_active;

CREATE TRIGGER IF NOT EXISTS client_sessions_set_updated_at
    AFTER UPDATE ON client_sessions FOR EACH ROW
    WHEN NEW.updated_at = OLD.updated_at
BEGIN
    UPDATE client_sessions SET updated_at = strftime('%Y-%m-%dT%H:%M:%f000Z', 'now') WHERE id = NEW.id;
END;

-- migrate:down

DROP TABLE client_sessions;
