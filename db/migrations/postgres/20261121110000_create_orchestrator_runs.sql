-- migrate:up

CREATE TABLE orchestrator_runs (
    id                    uuid           NOT NULL DEFAULT gen_random_uuid(),
    thread_id             text           NOT NULL COLLATE "C",
    project_id            uuid           NOT NULL,
    story_id              text           NOT NULL COLLATE "C",
    phase                 text           NOT NULL DEFAULT 'planning',
    current_agent         text           COLLATE "C",
    gate_status           text           NOT NULL DEFAULT 'pending',
    gate_reason           text,
    safety_score          numeric(3, 2)  NOT NULL DEFAULT 1.00,
    violations            text[]         NOT NULL DEFAULT '{}',
    requires_human_review boolean        NOT NULL DEFAULT FALSE,
    tokens_used           bigint         NOT NULL DEFAULT 0,
    cost_usd              numeric(14, 6) NOT NULL DEFAULT 0,
    actions_count         integer        NOT NULL DEFAULT 0,
    started_at            timestamptz    NOT NULL DEFAULT now(),
    completed_at          timestamptz,
    updated_at            timestamptz    NOT NULL DEFAULT now(),
    files_created         text[]         NOT NULL DEFAULT '{}',
    error                 text,

    CONSTRAINT orchestrator_runs_pkey PRIMARY KEY (id),
    CONSTRAINT orchestrator_runs_thread_id_key UNIQUE (thread_id),
    CONSTRAINT orchestrator_runs_thread_id_check CHECK (length(thread_id) BETWEEN 1 AND 255),
    CONSTRAINT orchestrator_runs_story_id_check CHECK (length(story_id) BETWEEN 1 AND 255),
    CONSTRAINT orchestrator_runs_phase_check
        CHECK (phase IN ('planning', 'development', 'testing', 'review', 'complete', 'failed')),
    CONSTRAINT orchestrator_runs_current_agent_check CHECK (length(current_agent) BETWEEN 1 AND 100),
    CONSTRAINT orchestrator_runs_gate_status_check
        CHECK (gate_status IN ('pending', 'go', 'hold', 'kill', 'recycle')),
    CONSTRAINT orchestrator_runs_safety_score_check CHECK (safety_score BETWEEN 0 AND 1),
    CONSTRAINT orchestrator_runs_tokens_used_check CHECK (tokens_used >= 0),
    -- The upper bound of money refuses NaN, which is greater than every number.
    CONSTRAINT orchestrator_runs_cost_usd_check CHECK (cost_usd BETWEEN 0 AND 99999999.999999),
    CONSTRAINT orchestrator_runs_actions_count_check CHECK (actions_count >= 0),
    CONSTRAINT orchestrator_runs_started_at_check CHECK (isfinite(started_at)),
    CONSTRAINT orchestrator_runs_completed_at_check
        CHECK (isfinite(completed_at) AND (phase IN ('complete', 'failed')) = (completed_at IS NOT NULL)),
    CONSTRAINT orchestrator_runs_updated_at_check CHECK (isfinite(updated_at))
);

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

CREATE OR REPLACE TRIGGER orchestrator_runs_set_updated_at
    BEFORE UPDATE ON orchestrator_runs FOR EACH ROW
    WHEN (NEW.updated_at = OLD.updated_at)
    EXECUTE FUNCTION set_updated_at();

-- Besides the owner, only the application's role sees and changes rows, whatever else is granted to others.
-- The role is read once, here: a policy that read the setting itself would believe what any session sets.
ALTER TABLE orchestrator_runs ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS orchestrator_runs_application ON orchestrator_runs;
DO $$
BEGIN
    EXECUTE format(
        'CREATE POLICY orchestrator_runs_application ON orchestrator_runs TO %I USING (TRUE) WITH CHECK (TRUE)',
        coalesce(nullif(current_setting('wave_data.application_role', TRUE), ''), current_user)
    );
END
$$;

-- migrate:down

DROP TABLE orchestrator_runs;
