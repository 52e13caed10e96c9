-- migrate:up

CREATE TABLE wave_story_executions (
    id                         TEXT    NOT NULL,
    session_id                 TEXT    NOT NULL,
    story_id                   TEXT    NOT NULL,
    story_title                TEXT    NOT NULL,
    domain                     TEXT    NOT NULL,
    agent                      TEXT    NOT NULL,
    status                     TEXT    NOT NULL DEFAULT 'pending',
    priority                   TEXT,
    story_points               INTEGER,
    started_at                 TEXT,
    completed_at               TEXT,
    failed_at                  TEXT,
    cancelled_at               TEXT,
    token_count                INTEGER NOT NULL DEFAULT 0,
    cost_usd                   INTEGER NOT NULL DEFAULT 0,
    retry_count                INTEGER NOT NULL DEFAULT 0,
    max_retries                INTEGER NOT NULL DEFAULT 3,
    current_gate               TEXT    NOT NULL DEFAULT 'gate-0',
    acceptance_criteria_passed INTEGER NOT NULL DEFAULT 0,
    acceptance_criteria_total  INTEGER NOT NULL DEFAULT 0,
    tests_passing              INTEGER NOT NULL DEFAULT FALSE,
    coverage_achieved          INTEGER,
    files_created              TEXT    NOT NULL DEFAULT '[]',
    files_modified             TEXT    NOT NULL DEFAULT '[]',
    branch_name                TEXT,
    commit_sha                 TEXT,
    pr_url                     TEXT,
    error_message              TEXT,
    metadata                   TEXT    NOT NULL DEFAULT '{}',
    created_at                 TEXT    NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),
    updated_at                 TEXT    NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),

    CONSTRAINT wave_story_executions_pkey PRIMARY KEY (id),
    CONSTRAINT wave_story_executions_session_id_story_id_key UNIQUE (session_id, story_id),
    CONSTRAINT wave_story_executions_session_id_fkey
        FOREIGN KEY (session_id) REFERENCES wave_sessions (id) ON DELETE CASCADE,
    CONSTRAINT wave_story_executions_id_check CHECK (length(id) = 36 AND id NOT GLOB '*[^0-9a-f-]*'),
    CONSTRAINT wave_story_executions_session_id_check
        CHECK (length(session_id) = 36 AND session_id NOT GLOB '*[^0-9a-f-]*'),
    CONSTRAINT wave_story_executions_story_id_check CHECK (length(story_id) BETWEEN 1 AND 100),
    CONSTRAINT wave_story_executions_story_title_check CHECK (length(story_title) BETWEEN 1 AND 255),
    CONSTRAINT wave_story_executions_domain_check CHECK (length(domain) BETWEEN 1 AND 100),
    CONSTRAINT wave_story_executions_agent_check CHECK (length(agent) BETWEEN 1 AND 100),
    CONSTRAINT wave_story_executions_status_check CHECK (
        status IN ('pending', 'in_progress', 'blocked', 'review', 'complete', 'failed', 'cancelled')
    ),
    CONSTRAINT wave_story_executions_priority_check CHECK (length(priority) BETWEEN 1 AND 20),
    CONSTRAINT wave_story_executions_story_points_check CHECK (story_points BETWEEN 0 AND 2147483647),
    CONSTRAINT wave_story_executions_started_at_check CHECK (
        (status <> 'pending' OR started_at IS NULL)
        AND (status IN ('pending', 'cancelled') OR started_at IS NOT NULL)
        AND (started_at IS NULL OR julianday(started_at) IS NOT NULL)
        AND started_at GLOB '????-??-??T??:??:??.[0-9][0-9][0-9][0-9][0-9][0-9]Z'
    ),
    CONSTRAINT wave_story_executions_completed_at_check CHECK (
        (status = 'complete') = (completed_at IS NOT NULL)
        AND (completed_at IS NULL OR julianday(completed_at) IS NOT NULL)
        AND completed_at GLOB '????-??-??T??:??:??.[0-9][0-9][0-9][0-9][0-9][0-9]Z'
    ),
    -- A failed story that is skipped becomes cancelled and may keep the time of its failure.
    CONSTRAINT wave_story_executions_failed_at_check CHECK (
        (status <> 'failed' OR failed_at IS NOT NULL)
        AND (status IN ('failed', 'cancelled') OR failed_at IS NULL)
        AND (failed_at IS NULL OR julianday(failed_at) IS NOT NULL)
        AND failed_at GLOB '????-??-??T??:??:??.[0-9][0-9][0-9][0-9][0-9][0-9]Z'
    ),
    CONSTRAINT wave_story_executions_cancelled_at_check CHECK (
        (status = 'cancelled') = (cancelled_at IS NOT NULL)
        AND (cancelled_at IS NULL OR julianday(cancelled_at) IS NOT NULL)
        AND cancelled_at GLOB '????-??-??T??:??:??.[0-9][0-9][0-9][0-9][0-9][0-9]Z'
    ),
    CONSTRAINT wave_story_executions_token_count_check CHECK (token_count >= 0),
    -- Millionths of a dollar, within numeric(14, 6).
    CONSTRAINT wave_story_executions_cost_usd_check CHECK (cost_usd BETWEEN 0 AND 99999999999999),
    CONSTRAINT wave_story_executions_retry_count_check CHECK (retry_count BETWEEN 0 AND 2147483647),
    CONSTRAINT wave_story_executions_max_retries_check CHECK (max_retries BETWEEN 0 AND 2147483647),
    CONSTRAINT wave_story_executions_current_gate_check CHECK (
        current_gate IN ('gate-0', 'gate-1', 'gate-2', 'gate-3', 'gate-4', 'gate-5', 'gate-6', 'gate-7')
    ),
    CONSTRAINT wave_story_executions_acceptance_criteria_passed_check
        CHECK (acceptance_criteria_passed BETWEEN 0 AND 2147483647),
    CONSTRAINT wave_story_executions_acceptance_criteria_total_check CHECK (
        acceptance_criteria_total BETWEEN 0 AND 2147483647
        AND acceptance_criteria_total >= acceptance_criteria_passed
    ),
    CONSTRAINT wave_story_executions_tests_passing_check CHECK (tests_passing IN (0, 1)),
    -- Hundredths of a percent.
    CONSTRAINT wave_story_executions_coverage_achieved_check CHECK (coverage_achieved BETWEEN 0 AND 10000),
    CONSTRAINT wave_story_executions_files_created_check
        CHECK (CASE WHEN json_valid(files_created) THEN json_type(files_created) = 'array' ELSE FALSE END),
    CONSTRAINT wave_story_executions_files_modified_check
        CHECK (CASE WHEN json_valid(files_modified) THEN json_type(files_modified) = 'array' ELSE FALSE END),
    CONSTRAINT wave_story_executions_branch_name_check CHECK (length(branch_name) BETWEEN 1 AND 255),
    CONSTRAINT wave_story_executions_commit_sha_check CHECK (length(commit_sha) BETWEEN 1 AND 64),
    CONSTRAINT wave_story_executions_pr_url_check CHECK (length(pr_url) BETWEEN 1 AND 2048),
    CONSTRAINT wave_story_executions_metadata_check
        CHECK (CASE WHEN json_valid(metadata) THEN json_type(metadata) = 'object' ELSE FALSE END),
    CONSTRAINT wave_story_executions_created_at_check CHECK (
        julianday(created_at) IS NOT NULL
        AND created_at GLOB '????-??-??T??:??:??.[0-9][0-9][0-9][0-9][0-9][0-9]Z'
    ),
    CONSTRAINT wave_story_executions_updated_at_check CHECK (
        julianday(updated_at) IS NOT NULL
        AND updated_at GLOB '????-??-??T??:??:??.[0-9][0-9][0-9][0-9][0-9][0-9]Z'
    )
) STRICT;

CREATE INDEX idx_wave_story_executions_created_at_id ON wave_story_executions (created_at, id);
CREATE INDEX idx_wave_story_executions_session_id_created_at_id
    ON wave_story_executions (session_id, created_at, id);
CREATE INDEX idx_wave_story_executions_session_id_status_created_at_id
    ON wave_story_executions (session_id, status, created_at, id);
CREATE INDEX idx_wave_story_executions_session_id_agent_created_at_id
    ON wave_story_executions (session_id, agent, created_at, id);
CREATE INDEX idx_wave_story_executions_session_id_domain_created_at_id
    ON wave_story_executions (session_id, domain, created_at, id);
CREATE INDEX idx_wave_story_executions_story_id_created_at_id
    ON wave_story_executions (story_id, created_at, id);

CREATE TRIGGER IF NOT EXISTS wave_story_executions_set_updated_at
    AFTER UPDATE ON wave_story_executions FOR EACH ROW
    WHEN NEW.updated_at = OLD.updated_at
BEGIN
    UPDATE wave_story_executions SET updated_at = strftime('%Y-%m-%dT%H:%M:%f000Z', 'now') WHERE id = NEW.id;
END;

-- migrate:down

DROP TABLE wave_story_executions;
