-- migrate:up

-- Charges that carried an idempotency key, so that a repeated one is counted once.
CREATE TABLE wave_charges (
    session_id TEXT    NOT NULL,
    key        TEXT    NOT NULL,
    cost_usd   INTEGER NOT NULL,
    tokens     INTEGER NOT NULL DEFAULT 0,
    created_at TEXT    NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),

    CONSTRAINT wave_charges_pkey PRIMARY KEY (session_id, key),
    CONSTRAINT wave_charges_session_id_fkey
        FOREIGN KEY (session_id) REFERENCES wave_sessions (id) ON DELETE CASCADE,
    CONSTRAINT wave_charges_session_id_check
        CHECK (length(session_id) = 36 AND session_id NOT GLOB '*[^0-9a-f-]*'),
    CONSTRAINT wave_charges_key_check CHECK (length(key) BETWEEN 1 AND 255),
    CONSTRAINT wave_charges_cost_usd_check CHECK (cost_usd BETWEEN 0 AND 99999999999999),
    CONSTRAINT wave_charges_tokens_check CHECK (tokens >= 0),
    CONSTRAINT wave_charges_created_at_check CHECK (
        julianday(created_at) IS NOT NULL
        AND created_at GLOB '????-??-??T??:??:??.[0-9][0-9][0-9][0-9][0-9][0-9]Z'
    )
) STRICT, WITHOUT ROWID;

-- migrate:down

DROP TABLE wave_charges;
