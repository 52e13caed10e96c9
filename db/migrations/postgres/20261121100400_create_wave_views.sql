-- migrate:up

-- Durations are whole hundredths of a minute (600,000 microseconds) rounded half up, never below zero.

CREATE VIEW active_wave_sessions AS
SELECT
    id,
    project_name,
    wave_number,
    status,
    started_at,
    (
        div(extract(epoch FROM greatest(now(), started_at) - started_at) * 1000000 + 300000, 600000) * 0.01
    )::numeric(12, 2) AS duration_minutes,
    budget_usd,
    actual_cost_usd,
    (budget_usd - actual_cost_usd)::numeric(14, 6) AS remaining_usd,
    story_count,
    stories_completed,
    stories_failed,
    CASE
        WHEN story_count = 0 THEN 0
        ELSE round(stories_completed * 100.0 / story_count, 2)
    END::numeric(14, 2) AS completion_percentage,
    created_at
FROM wave_sessions
WHERE status IN ('pending', 'in_progress');

CREATE VIEW story_execution_summary AS
SELECT
    id,
    session_id,
    story_id,
    story_title,
    domain,
    agent,
    status,
    priority,
    story_points,
    created_at,
    started_at,
    completed_at,
    failed_at,
    cancelled_at,
    (
        div(extract(epoch FROM greatest(ended_at, started_at) - started_at) * 1000000 + 300000, 600000) * 0.01
    )::numeric(12, 2) AS duration_minutes,
    token_count,
    cost_usd,
    retry_count,
    max_retries,
    current_gate,
    acceptance_criteria_passed,
    acceptance_criteria_total,
    tests_passing,
    coverage_achieved
FROM (
    SELECT *, coalesce(completed_at, failed_at, cancelled_at, now()) AS ended_at
    FROM wave_story_executions
) AS stories;

CREATE VIEW wave_project_costs AS
SELECT
    project_name,
    count(*) AS session_count,
    sum(budget_usd) AS budget_usd,
    sum(actual_cost_usd) AS actual_cost_usd,
    sum(token_count)::bigint AS token_count,
    sum(stories_completed) AS stories_completed,
    sum(stories_failed) AS stories_failed
FROM wave_sessions
GROUP BY project_name;

-- migrate:down

DROP VIEW wave_project_costs;
DROP VIEW story_execution_summary;
DROP VIEW active_wave_sessions;
