-- migrate:up

CREATE TABLE audit_log (
    id         TEXT NOT NULL,
    table_name TEXT NOT NULL,
    row_key    TEXT NOT NULL,
    action     TEXT NOT NULL,
    actor      TEXT,
    at         TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),
    before     TEXT,
    after      TEXT,

    CONSTRAINT audit_log_pkey PRIMARY KEY (id),
    CONSTRAINT audit_log_id_check CHECK (length(id) = 36 AND id NOT GLOB '*[^0-9a-f-]*'),
    CONSTRAINT audit_log_table_name_check CHECK (length(table_name) BETWEEN 1 AND 255),
    CONSTRAINT audit_log_row_key_check CHECK (length(row_key) BETWEEN 1 AND 1000),
    CONSTRAINT audit_log_action_check
        CHECK (action IN ('create', 'update', 'transition', 'delete', 'restore', 'reveal')),
    CONSTRAINT audit_log_actor_check CHECK (length(actor) BETWEEN 1 AND 255),
    CONSTRAINT audit_log_at_check CHECK (
        julianday(at) IS NOT NULL AND at GLOB '????-??-??T??:??:??.[0-9][0-9][0-9][0-9][0-9][0-9]Z'
    ),
    CONSTRAINT audit_log_before_check CHECK (
        CASE WHEN json_valid(before) THEN json_type(before) = 'object' ELSE before IS NULL END
    ),
    CONSTRAINT audit_log_after_check CHECK (
        CASE WHEN json_valid(after) THEN json_type(after) = 'object' ELSE after IS NULL END
    )
) STRICT;

CREATE INDEX idx_audit_log_at_id ON audit_log (at, id);
CREATE INDEX idx_audit_log_table_name_at_id ON audit_log (table_name, at, id);
CREATE INDEX idx_audit_log_table_name_row_key_at_id ON audit_log (table_name, row_key, at, id);
CREATE INDEX idx_audit_log_actor_at_id ON audit_log (actor, at, id);

-- migrate:down

DROP TABLE audit_log;
