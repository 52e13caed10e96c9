-- migrate:up

CREATE TABLE wave_story_executions (
    id                         uuid           NOT NULL DEFAULT gen_random_uuid(),
    session_id                 uuid           NOT NULL,
    story_id                   text           NOT NULL COLLATE "C",
    story_title                text           NOT NULL COLLATE "C",
    domain                     text           NOT NULL COLLATE "C",
    agent                      text           NOT NULL COLLATE "C",
    status                     text           NOT NULL DEFAULT 'pending',
    priority                   text           COLLATE "C",
    story_points               integer,
    started_at                 timestamptz,
    completed_at               timestamptz,
    failed_at                  timestamptz,
    cancelled_at               timestamptz,
    token_count                bigint         NOT NULL DEFAULT 0,
    cost_usd                   numeric(14, 6) NOT NULL DEFAULT 0,
    retry_count                integer        NOT NULL DEFAULT 0,
    max_retries                integer        NOT NULL DEFAULT 3,
    current_gate               text           NOT NULL DEFAULT 'gate-0',
    acceptance_criteria_passed integer        NOT NULL DEFAULT 0,
    acceptance_criteria_total  integer        NOT NULL DEFAULT 0,
    tests_passing              boolean        NOT NULL DEFAULT FALSE,
    coverage_achieved          numeric(5, 2),
    files_created              text[]         NOT NULL DEFAULT '{}',
    files_modified             text[]         NOT NULL DEFAULT '{}',
    branch_name                text           COLLATE "C",
    commit_sha                 text           COLLATE "C",
    pr_url                     text           COLLATE "C",
    error_message              text,
    metadata                   jsonb          NOT NULL DEFAULT '{}',
    created_at                 timestamptz    NOT NULL DEFAULT now(),
    updated_at                 timestamptz    NOT NULL DEFAULT now(),

    CONSTRAINT wave_story_executions_pkey PRIMARY KEY (id),
    CONSTRAINT wave_story_executions_session_id_story_id_key UNIQUE (session_id, story_id),
    CONSTRAINT wave_story_executions_session_id_fkey
        FOREIGN KEY (session_id) REFERENCES wave_sessions (id) ON DELETE CASCADE,
    CONSTRAINT wave_story_executions_story_id_check CHECK (length(story_id) BETWEEN 1 AND 100),
    CONSTRAINT wave_story_executions_story_title_check CHECK (length(story_title) BETWEEN 1 AND 255),
    CONSTRAINT wave_story_executions_domain_check CHECK (length(domain) BETWEEN 1 AND 100),
    CONSTRAINT wave_story_executions_agent_check CHECK (length(agent) BETWEEN 1 AND 100),
    CONSTRAINT wave_story_executions_status_check CHECK (
        status IN ('pending', 'in_progress', 'blocked', 'review', 'complete', 'failed', 'cancelled')
    ),
    CONSTRAINT wave_story_executions_priority_check CHECK (length(priority) BETWEEN 1 AND 20),
    CONSTRAINT wave_story_executions_story_points_check CHECK (story_points >= 0),
    CONSTRAINT wave_story_executions_started_at_check CHECK (
        isfinite(started_at)
        AND (status <> 'pending' OR started_at IS NULL)
        AND (status IN ('pending', 'cancelled') OR started_at IS NOT NULL)
    ),
    CONSTRAINT wave_story_executions_completed_at_check
        CHECK (isfinite(completed_at) AND (status = 'complete') = (completed_at IS NOT NULL)),
    -- A failed story that is skipped becomes cancelled and may keep the time of its failure.
    CONSTRAINT wave_story_executions_failed_at_check CHECK (
        isfinite(failed_at)
        AND (status <> 'failed' OR failed_at IS NOT NULL)
        AND (status IN ('failed', 'cancelled') OR failed_at IS NULL)
    ),
    CONSTRAINT wave_story_executions_cancelled_at_check
        CHECK (isfinite(cancelled_at) AND (status = 'cancelled') = (cancelled_at IS NOT NULL)),
    CONSTRAINT wave_story_executions_token_count_check CHECK (token_count >= 0),
    -- The upper bound of money refuses NaN, which is greater than every number.
    CONSTRAINT wave_story_executions_cost_usd_check CHECK (cost_usd BETWEEN 0 AND 99999999.999999),
    CONSTRAINT wave_story_executions_retry_count_check CHECK (retry_count >= 0),
    CONSTRAINT wave_story_executions_max_retries_check CHECK (max_retries >= 0),
    CONSTRAINT wave_story_executions_current_gate_check CHECK (
        current_gate IN ('gate-0', 'gate-1', 'gate-2', 'gate-3', 'gate-4', 'gate-5', 'gate-6', 'gate-7')
    ),
    CONSTRAINT wave_story_executions_acceptance_criteria_passed_check
        CHECK (acceptance_criteria_passed >= 0),
    CONSTRAINT wave_story_executions_acceptance_criteria_total_check
        CHECK (acceptance_criteria_total >= 0 AND acceptance_criteria_total >= acceptance_criteria_passed),
    CONSTRAINT wave_story_executions_coverage_achieved_check CHECK (coverage_achieved BETWEEN 0 AND 100),
    CONSTRAINT wave_story_executions_branch_name_check CHECK (length(branch_name) BETWEEN 1 AND 255),
    CONSTRAINT wave_story_executions_commit_sha_check CHECK (length(commit_sha) BETWEEN 1 AND 64),
    CONSTRAINT wave_story_executions_pr_url_check CHECK (length(pr_url) BETWEEN 1 AND 2048),
    CONSTRAINT wave_story_executions_metadata_check CHECK (jsonb_typeof(metadata) = 'object'),
    CONSTRAINT wave_story_executions_created_at_check CHECK (isfinite(created_at)),
    CONSTRAINT wave_story_executions_updated_at_check CHECK (isfinite(updated_at))
);

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

CREATE OR REPLACE TRIGGER wave_story_executions_set_updated_at
    BEFORE UPDATE ON wave_story_executions FOR EACH ROW
    WHEN (NEW.updated_at = OLD.updated_at)
    EXECUTE FUNCTION set_updated_at();

-- migrate:down

DROP TABLE wave_story_executions;
