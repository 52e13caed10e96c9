-- migrate:up

CREATE TABLE wave_sessions (
    id                TEXT    NOT NULL,
    project_name      TEXT    NOT NULL,
    wave_number       INTEGER NOT NULL,
    status            TEXT    NOT NULL DEFAULT 'pending',
    started_at        TEXT,
    completed_at      TEXT,
    failed_at         TEXT,
    cancelled_at      TEXT,
    budget_usd        INTEGER NOT NULL DEFAULT 2000000,
    actual_cost_usd   INTEGER NOT NULL DEFAULT 0,
    token_count       INTEGER NOT NULL DEFAULT 0,
    story_count       INTEGER NOT NULL DEFAULT 0,
    stories_completed INTEGER NOT NULL DEFAULT 0,
    stories_failed    INTEGER NOT NULL DEFAULT 0,
    metadata          TEXT    NOT NULL DEFAULT '{}',
    created_at        TEXT    NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),
    updated_at        TEXT    NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),

    CONSTRAINT wave_sessions_pkey PRIMARY KEY (id),
    CONSTRAINT wave_sessions_id_check CHECK (length(id) = 36 AND id NOT GLOB '*[^0-9a-f-]*'),
    CONSTRAINT wave_sessions_project_name_check CHECK (length(project_name) BETWEEN 1 AND 255),
    CONSTRAINT wave_sessions_wave_number_check CHECK (wave_number BETWEEN 0 AND 2147483647),
    CONSTRAINT wave_sessions_status_check
        CHECK (status IN ('pending', 'in_progress', 'completed', 'failed', 'cancelled')),
    CONSTRAINT wave_sessions_started_at_check CHECK (
        (status <> 'pending' OR started_at IS NULL)
        AND (status NOT IN ('in_progress', 'completed') OR started_at IS NOT NULL)
        AND (started_at IS NULL OR julianday(started_at) IS NOT NULL)
        AND started_at GLOB '????-??-??T??:??:??.[0-9][0-9][0-9][0-9][0-9][0-9]Z'
    ),
    CONSTRAINT wave_sessions_completed_at_check CHECK (
        (status = 'completed') = (completed_at IS NOT NULL)
        AND (completed_at IS NULL OR julianday(completed_at) IS NOT NULL)
        AND completed_at GLOB '????-??-??T??:??:??.[0-9][0-9][0-9][0-9][0-9][0-9]Z'
    ),
    CONSTRAINT wave_sessions_failed_at_check CHECK (
        (status = 'failed') = (failed_at IS NOT NULL)
        AND (failed_at IS NULL OR julianday(failed_at) IS NOT NULL)
        AND failed_at GLOB '????-??-??T??:??:??.[0-9][0-9][0-9][0-9][0-9][0-9]Z'
    ),
    CONSTRAINT wave_sessions_cancelled_at_check CHECK (
        (status = 'cancelled') = (cancelled_at IS NOT NULL)
        AND (cancelled_at IS NULL OR julianday(cancelled_at) IS NOT NULL)
        AND cancelled_at GLOB '????-??-??T??:??:??.[0-9][0-9][0-9][0-9][0-9][0-9]Z'
    ),
    -- Millionths of a dollar, within numeric(14, 6).
    CONSTRAINT wave_sessions_budget_usd_check CHECK (budget_usd BETWEEN 0 AND 99999999999999),
    CONSTRAINT wave_sessions_actual_cost_usd_check CHECK (actual_cost_usd BETWEEN 0 AND 99999999999999),
    CONSTRAINT wave_sessions_token_count_check CHECK (token_count >= 0),
    CONSTRAINT wave_sessions_story_count_check CHECK (story_count BETWEEN 0 AND 2147483647),
    CONSTRAINT wave_sessions_stories_completed_check CHECK (stories_completed BETWEEN 0 AND 2147483647),
    CONSTRAINT wave_sessions_stories_failed_check CHECK (stories_failed BETWEEN 0 AND 2147483647),
    CONSTRAINT wave_sessions_metadata_check
        CHECK (CASE WHEN json_valid(metadata) THEN json_type(metadata) = 'object' ELSE FALSE END),
    CONSTRAINT wave_sessions_created_at_check CHECK (
        julianday(created_at) IS NOT NULL
        AND created_at GLOB '????-??-??T??:??:??.[0-9][0-9][0-9][0-9][0-9][0-9]Z'
    ),
    CONSTRAINT wave_sessions_updated_at_check CHECK (
        julianday(updated_at) IS NOT NULL
        AND updated_at GLOB '????-??-??T??:??:??.[0-9][0-9][0-9][0-9][0-9][0-9]Z'
    )
) STRICT;

-- One live session per wave, any number of finished ones.
CREATE UNIQUE INDEX wave_sessions_project_name_wave_number_key ON wave_sessions (project_name, wave_number)
    WHERE status IN ('pending', 'in_progress');
CREATE INDEX idx_wave_sessions_created_at_id ON wave_sessions (created_at, id);
CREATE INDEX idx_wave_sessions_created_at_id_live ON wave_sessions (created_at, id)
    WHERE status IN ('pending', 'in_progress');
CREATE INDEX idx_wave_sessions_project_name_created_at_id ON wave_sessions (project_name, created_at, id);
CREATE INDEX idx_wave_sessions_project_name_wave_number_created_at_id
    ON wave_sessions (project_name, wave_number, created_at, id);
CREATE INDEX idx_wave_sessions_status_created_at_id ON wave_sessions (status, created_at, id);

CREATE TRIGGER IF NOT EXISTS wave_sessions_set_updated_at
    AFTER UPDATE ON wave_sessions FOR EACH ROW
    WHEN NEW.updated_at = OLD.updated_at
BEGIN
    UPDATE wave_sessions SET updated_at = strftime('%Y-%m-%dT%H:%M:%f000Z', 'now') WHERE id = NEW.id;
END;

-- migrate:down

DROP TABLE wave_sessions;
