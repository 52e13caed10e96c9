-- migrate:up

-- Charges that carried an idempotency key, so that a repeated one is counted once.
CREATE TABLE wave_charges (
    session_id uuid           NOT NULL,
    key        text           NOT NULL COLLATE "C",
    cost_usd   numeric(14, 6) NOT NULL,
    tokens     bigint         NOT NULL DEFAULT 0,
    created_at timestamptz    NOT NULL DEFAULT now(),

    CONSTRAINT wave_charges_pkey PRIMARY KEY (session_id, key),
    CONSTRAINT wave_charges_session_id_fkey
        FOREIGN KEY (session_id) REFERENCES wave_sessions (id) ON DELETE CASCADE,
    CONSTRAINT wave_charges_key_check CHECK (length(key) BETWEEN 1 AND 255),
    CONSTRAINT wave_charges_cost_usd_check CHECK (cost_usd BETWEEN 0 AND 99999999.999999),
    CONSTRAINT wave_charges_tokens_check CHECK (tokens >= 0),
    CONSTRAINT wave_charges_created_at_check CHECK (isfinite(created_at))
);

-- migrate:down

DROP TABLE wave_charges;
