-- migrate:up

CREATE VIEW review_backlog AS
SELECT
    review_type,
    pending_count,
    oldest_created_at,
    (
        max(
            0,
            (unixepoch(substr(until, 1, 19)) - unixepoch(substr(oldest_created_at, 1, 19))) * 1000000
            + CAST(substr(until, 21, 6) AS INTEGER) - CAST(substr(oldest_created_at, 21, 6) AS INTEGER)
        ) + 300000
    ) / 600000 AS oldest_age_minutes
FROM (
    SELECT
        types.review_type,
        count(reviews.id) AS pending_count,
        min(reviews.created_at) AS oldest_created_at,
        strftime('%Y-%m-%dT%H:%M:%f000Z', 'now') AS until
    FROM (
        SELECT 'safety' AS review_type UNION ALL SELECT 'gate_override' UNION ALL SELECT 'budget_exceeded'
    ) AS types
    LEFT JOIN human_review_queue AS reviews
        ON reviews.review_type = types.review_type AND reviews.status = 'pending'
    GROUP BY types.review_type
);

CREATE VIEW run_daily_stats AS
SELECT
    day,
    graph_id,
    graph_name,
    total,
    pending,
    running,
    completed,
    failed,
    cancelled,
    avg_execution_time_ms,
    CASE WHEN finished = 0 THEN 0 ELSE (completed * 20000 + finished) / (finished * 2) END AS success_rate
FROM (
    SELECT
        substr(runs.created_at, 1, 10) AS day,
        runs.graph_id,
        graphs.name AS graph_name,
        count(*) AS total,
        count(*) FILTER (WHERE runs.status = 'pending') AS pending,
        count(*) FILTER (WHERE runs.status = 'running') AS running,
        count(*) FILTER (WHERE runs.status = 'completed') AS completed,
        count(*) FILTER (WHERE runs.status = 'failed') AS failed,
        count(*) FILTER (WHERE runs.status = 'cancelled') AS cancelled,
        count(*) FILTER (WHERE runs.status IN ('completed', 'failed', 'cancelled')) AS finished,
        coalesce(avg(runs.total_execution_time_ms) FILTER (WHERE runs.status = 'completed'), 0.0)
            AS avg_execution_time_ms
    FROM runs
    JOIN graphs ON graphs.id = runs.graph_id
    WHERE runs.deleted_at IS NULL
    GROUP BY 1, runs.graph_id, graphs.name
);

-- A node logs its start and its end; the end counts.
CREATE VIEW node_performance AS
SELECT
    node_name,
    count(*) FILTER (WHERE status <> 'started') AS executions,
    count(*) FILTER (WHERE status = 'failed') AS failures,
    coalesce(avg(execution_time_ms), 0.0) AS avg_execution_time_ms,
    coalesce(max(execution_time_ms), 0.0) AS max_execution_time_ms
FROM execution_logs
GROUP BY node_name;

-- The 95th percentile is the shortest duration that at least 95 of 100 calls did not exceed.
CREATE VIEW tool_performance AS
SELECT
    tool_name,
    count(*) AS total,
    count(*) FILTER (WHERE status = 'pending') AS pending,
    count(*) FILTER (WHERE status = 'running') AS running,
    count(*) FILTER (WHERE status = 'completed') AS completed,
    count(*) FILTER (WHERE status = 'failed') AS failed,
    count(*) FILTER (WHERE status = 'timeout') AS timeout,
    coalesce(avg(duration_ms), 0.0) AS avg_duration_ms,
    coalesce(max(duration_ms) FILTER (WHERE place = (measured * 95 + 99) / 100), 0) AS p95_duration_ms
FROM (
    SELECT
        tool_name,
        status,
        duration_ms,
        row_number() OVER (PARTITION BY tool_name ORDER BY duration_ms NULLS LAST) AS place,
        count(duration_ms) OVER (PARTITION BY tool_name) AS measured
    FROM tool_executions
)
GROUP BY tool_name;

CREATE VIEW zone_activity_daily AS
SELECT
    substr(executed_at, 1, 10) AS day,
    zone_id,
    agent_type,
    count(*) AS total,
    count(*) FILTER (WHERE success) AS successful,
    count(*) FILTER (WHERE NOT success) AS failed
FROM zone_executions
GROUP BY 1, zone_id, agent_type;

-- When a view was last refreshed; one that is not here is always fresh, and here that is all of them.
CREATE TABLE analytics_refreshes (
    view_name    TEXT NOT NULL,
    refreshed_at TEXT NOT NULL,

    CONSTRAINT analytics_refreshes_pkey PRIMARY KEY (view_name),
    CONSTRAINT analytics_refreshes_view_name_check CHECK (length(view_name) BETWEEN 1 AND 63),
    CONSTRAINT analytics_refreshes_refreshed_at_check CHECK (
        julianday(refreshed_at) IS NOT NULL
        AND refreshed_at GLOB '????-??-??T??:??:??.[0-9][0-9][0-9][0-9][0-9][0-9]Z'
    )
) STRICT;

-- migrate:down

DROP TABLE analytics_refreshes;
DROP VIEW zone_activity_daily;
DROP VIEW tool_performance;
DROP VIEW node_performance;
DROP VIEW run_daily_stats;
DROP VIEW review_backlog;
