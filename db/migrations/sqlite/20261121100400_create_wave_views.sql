-- migrate:up

-- Durations are whole hundredths of a minute (600,000 microseconds) rounded half up, never below zero.
-- Microseconds are counted as integers: a julian day is too coarse for them.

CREATE VIEW active_wave_sessions AS
SELECT
    id,
    project_name,
    wave_number,
    status,
    started_at,
    (
        max(
            0,
            (unixepoch(substr(until, 1, 19)) - unixepoch(substr(started_at, 1, 19))) * 1000000
            + CAST(substr(until, 21, 6) AS INTEGER) - CAST(substr(started_at, 21, 6) AS INTEGER)
        ) + 300000
    ) / 600000 AS duration_minutes,
    budget_usd,
    actual_cost_usd,
    budget_usd - actual_cost_usd AS remaining_usd,
    story_count,
    stories_completed,
    stories_failed,
    CASE
        WHEN story_count = 0 THEN 0
        ELSE (stories_completed * 20000 + story_count) / (story_count * 2)
    END AS completion_percentage,
    created_at
FROM (
    SELECT *, strftime('%Y-%m-%dT%H:%M:%f000Z', 'now') AS until
    FROM wave_sessions
    WHERE status IN ('pending', 'in_progress')
);

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
        max(
            0,
            (unixepoch(substr(ended_at, 1, 19)) - unixepoch(substr(started_at, 1, 19))) * 1000000
            + CAST(substr(ended_at, 21, 6) AS INTEGER) - CAST(substr(started_at, 21, 6) AS INTEGER)
        ) + 300000
    ) / 600000 AS duration_minutes,
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
    SELECT
        *,
        coalesce(completed_at, failed_at, cancelled_at, strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')) AS ended_at
    FROM wave_story_executions
);

CREATE VIEW wave_project_costs AS
SELECT
    project_name,
    count(*) AS session_count,
    sum(budget_usd) AS budget_usd,
    sum(actual_cost_usd) AS actual_cost_usd,
    sum(token_count) AS token_count,
    sum(stories_completed) AS stories_completed,
    sum(stories_failed) AS stories_failed
FROM wave_sessions
GROUP BY project_name;

-- migrate:down

DROP VIEW wave_project_costs;
DROP VIEW story_execution_summary;
DROP VIEW active_wave_sessions;
