-- migrate:up

CREATE TABLE orchestrator_runs (
    id                    TEXT    NOT NULL,
    thread_id             TEXT    NOT NULL,
    project_id            TEXT    NOT NULL,
    story_id              TEXT    NOT NULL,
    phase                 TEXT    NOT NULL DEFAULT 'planning',
    current_agent         TEXT,
    gate_status           TEXT    NOT NULL DEFAULT 'pending',
    gate_reason           TEXT,
    safety_score          INTEGER NOT NULL DEFAULT 100,
    violations            TEXT    NOT NULL DEFAULT '[]',
    requires_human_review INTEGER NOT NULL DEFAULT FALSE,
    tokens_used           INTEGER NOT NULL DEFAULT 0,
    cost_usd              INTEGER NOT NULL DEFAULT 0,
    actions_count         INTEGER NOT NULL DEFAULT 0,
    started_at            TEXT    NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),
    completed_at          TEXT,
    updated_at            TEXT    NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),
    files_created         TEXT    NOT NULL DEFAULT '[]',
    error                 TEXT,

    CONSTRAINT orchestrator_runs_pkey PRIMARY KEY (id),
    CONSTRAINT orchestrator_runs_thread_id_key UNIQUE (thread_id),
    CONSTRAINT orchestrator_runs_id_check CHECK (length(id) = 36 AND id NOT GLOB '*[^0-9a-f-]*'),
    CONSTRAINT orchestrator_runs_thread_id_check CHECK (length(thread_id) BETWEEN 1 AND 255),
    CONSTRAINT orchestrator_runs_project_id_check
        CHECK (length(project_id) = 36 AND project_id NOT GLOB '*[^0-9a-f-]*'),
    CONSTRAINT orchestrator_runs_story_id_check CHECK (length(story_id) BETWEEN 1 AND 255),
    CONSTRAINT orchestrator_runs_phase_check
        CHECK (phase IN ('planning', 'development', 'testing', 'review', 'complete', 'failed')),
    CONSTRAINT orchestrator_runs_current_agent_check CHECK (length(current_agent) BETWEEN 1 AND 100),
    CONSTRAINT orchestrator_runs_gate_status_check
        CHECK (gate_status IN ('pending', 'go', 'hold', 'kill', 'recycle')),
    -- Hundredths.
    CONSTRAINT orchestrator_runs_safety_score_check CHECK (safety_score BETWEEN 0 AND 100),
    CONSTRAINT orchestrator_runs_violations_check
        CHECK (CASE WHEN json_valid(violations) THEN json_type(violations) = 'array' ELSE FALSE END),
    CONSTRAINT orchestrator_runs_requires_human_review_check CHECK (requires_human_review IN (0, 1)),
    CONSTRAINT orchestrator_runs_tokens_used_check CHECK (tokens_used >= 0),
    -- Millionths of a dollar, within numeric(14, 6).
    CONSTRAINT orchestrator_runs_cost_usd_check CHECK (cost_usd BETWEEN 0 AND 99999999999999),
    CONSTRAINT orchestrator_runs_actions_count_check CHECK (actions_count BETWEEN 0 AND 2147483647),
    CONSTRAINT orchestrator_runs_started_at_check CHECK (
        julianday(started_at) IS NOT NULL
        AND started_at GLOB '????-??-??T??:??:??.[0-9][0-9][0-9][0-9][0-9][0-9]Z'
    ),
    CONSTRAINT orchestrator_runs_completed_at_check CHECK (
        (phase IN ('complete', 'failed')) = (completed_at IS NOT NULL)
        AND (completed_at IS NULL OR julianday(completed_at) IS NOT NULL)
        AND completed_at GLOB '????-??-??T??:??:??.[0-9][0-9][0-9][0-9][0-9][0-9]Z'
    ),
    CONSTRAINT orchestrator_runs_updated_at_check CHECK (
        julianday(updated_at) IS NOT NULL
        AND updated_at GLOB '????-??-??T??:??:??.[0-9][0-9][0-9][0-9][0-9][0-9]Z'
    ),
    CONSTRAINT orchestrator_runs_files_created_check
        CHECK (CASE WHEN json_valid(files_created) THEN json_type(files_created) = 'array' ELSE FALSE END)
) STRICT;

CREATE INDEX idx_orchestrator_runs_started_at_id ON orchestrator_runs (started_at, id);
CREATE INDEX idx_orchestrator_runs_started_at_id_active ON orchestrator_runs (started_at, id)
    WHERE phase IN ('planning', 'development', 'testing', 'review');
CREATE INDEX idx_orchestrator_runs_started_at_id_requires_human_review ON orchestrator_runs (started_at, id)
    WHERE requires_human_review;
CREATE INDEX idx_orchestrator_runs_project_id_started_at_id ON orchestrator_runs (project_id, started_at, id);
CREATE INDEX idx_orchestrator_runs_story_id_started_at_id ON orchestrator_runs (story_id, started_at, id);
CREATE INDEX idx_orchestrator_runs_phase_started_at_id ON orchestrator_runs (phase, started_at, id);
CREATE INDEX idx_orchestrator_runs_phase_gate_status_started_at_id
    ON orchestrator_runs (phase, gate_status, started_at, id);
CREATE INDEX idx_orchestrator_runs_gate_status_started_at_id ON orchestrator_runs (gate_status, started_at, id);

CREATE TRIGGER IF NOT EXISTS orchestrator_runs_set_updated_at
    AFTER UPDATE ON orchestrator_runs FOR EACH ROW
    WHEN NEW.updated_at = OLD.updated_at
BEGIN
    UPDATE orchestrator_runs SET updated_at = strftime('%Y-%m-%dT%H:%M:%f000Z', 'now') WHERE id = NEW.id;
END;

-- migrate:down

DROP TABLE orchestrator_runs;
