-- migrate:up

CREATE TABLE audit_log (
    id         uuid        NOT NULL DEFAULT gen_random_uuid(),
    table_name text        NOT NULL COLLATE "C",
    row_key    text        NOT NULL COLLATE "C",
    action     text        NOT NULL,
    actor      text        COLLATE "C",
    at         timestamptz NOT NULL DEFAULT now(),
    before     jsonb,
    after      jsonb,

    CONSTRAINT audit_log_pkey PRIMARY KEY (id),
    CONSTRAINT audit_log_table_name_check CHECK (length(table_name) BETWEEN 1 AND 255),
    CONSTRAINT audit_log_row_key_check CHECK (length(row_key) BETWEEN 1 AND 1000),
    CONSTRAINT audit_log_action_check
        CHECK (action IN ('create', 'update', 'transition', 'delete', 'restore', 'reveal')),
    CONSTRAINT audit_log_actor_check CHECK (length(actor) BETWEEN 1 AND 255),
    CONSTRAINT audit_log_at_check CHECK (isfinite(at)),
    CONSTRAINT audit_log_before_check CHECK (jsonb_typeof(before) = 'object'),
    CONSTRAINT audit_log_after_check CHECK (jsonb_typeof(after) = 'object')
);

CREATE INDEX idx_audit_log_at_id ON audit_log (at, id);
CREATE INDEX idx_audit_log_table_name_at_id ON audit_log (table_name, at, id);
CREATE INDEX idx_audit_log_table_name_row_key_at_id ON audit_log (table_name, row_key, at, id);
CREATE INDEX idx_audit_log_actor_at_id ON audit_log (actor, at, id);

-- migrate:down

DROP TABLE audit_log;
