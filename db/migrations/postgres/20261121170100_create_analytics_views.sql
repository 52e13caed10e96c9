-- migrate:up

CREATE VIEW review_backlog AS
SELECT
    types.review_type COLLATE "C" AS review_type,
    count(reviews.id) AS pending_count,
    min(reviews.created_at) AS oldest_created_at,
    (
        div(
            extract(epoch FROM greatest(now(), min(reviews.created_at)) - min(reviews.created_at)) * 1000000 + 300000,
            600000
        ) * 0.01
    )::numeric(12, 2) AS oldest_age_minutes
FROM (VALUES ('safety'), ('gate_override'), ('budget_exceeded')) AS types (review_type)
LEFT JOIN human_review_queue AS reviews
    ON reviews.review_type = types.review_type AND reviews.status = 'pending'
GROUP BY types.review_type;

-- The policies of the queue hold for whoever reads the view, not for its owner; PostgreSQL 14 has no such option.
DO $$
BEGIN
    IF current_setting('server_version_num')::integer >= 150000 THEN
        ALTER VIEW review_backlog SET (security_invoker = TRUE);
    END IF;
END
$$;

CREATE MATERIALIZED VIEW run_daily_stats AS
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
    CASE WHEN finished = 0 THEN 0 ELSE round(completed * 100.0 / finished, 2) END::numeric(5, 2) AS success_rate
FROM (
    SELECT
        (runs.created_at AT TIME ZONE 'UTC')::date AS day,
        runs.graph_id,
        graphs.name AS graph_name,
        count(*) AS total,
        count(*) FILTER (WHERE runs.status = 'pending') AS pending,
        count(*) FILTER (WHERE runs.status = 'running') AS running,
        count(*) FILTER (WHERE runs.status = 'completed') AS completed,
        count(*) FILTER (WHERE runs.status = 'failed') AS failed,
        count(*) FILTER (WHERE runs.status = 'cancelled') AS cancelled,
        count(*) FILTER (WHERE runs.status IN ('completed', 'failed', 'cancelled')) AS finished,
        coalesce(avg(runs.total_execution_time_ms) FILTER (WHERE runs.status = 'completed'), 0)
            AS avg_execution_time_ms
    FROM runs
    JOIN graphs ON graphs.id = runs.graph_id
    WHERE runs.deleted_at IS NULL
    GROUP BY 1, runs.graph_id, graphs.name
) AS days;

CREATE UNIQUE INDEX idx_run_daily_stats_day_graph_id ON run_daily_stats (day, graph_id);
CREATE INDEX idx_run_daily_stats_graph_id_day ON run_daily_stats (graph_id, day);

-- A node logs its start and its end; the end counts.
CREATE MATERIALIZED VIEW node_performance AS
SELECT
    node_name,
    count(*) FILTER (WHERE status <> 'started') AS executions,
    count(*) FILTER (WHERE status = 'failed') AS failures,
    coalesce(avg(execution_time_ms), 0) AS avg_execution_time_ms,
    coalesce(max(execution_time_ms), 0) AS max_execution_time_ms
FROM execution_logs
GROUP BY node_name;

CREATE UNIQUE INDEX idx_node_performance_node_name ON node_performance (node_name);

-- The 95th percentile is the shortest duration that at least 95 of 100 calls did not exceed.
CREATE MATERIALIZED VIEW tool_performance AS
SELECT
    tool_name,
    count(*) AS total,
    count(*) FILTER (WHERE status = 'pending') AS pending,
    count(*) FILTER (WHERE status = 'running') AS running,
    count(*) FILTER (WHERE status = 'completed') AS completed,
    count(*) FILTER (WHERE status = 'failed') AS failed,
    count(*) FILTER (WHERE status = 'timeout') AS timeout,
    coalesce(avg(duration_ms), 0)::double precision AS avg_duration_ms,
    coalesce(max(duration_ms) FILTER (WHERE place = (measured * 95 + 99) / 100), 0) AS p95_duration_ms
FROM (
    SELECT
        tool_name,
        status,
        duration_ms,
        row_number() OVER (PARTITION BY tool_name ORDER BY duration_ms NULLS LAST) AS place,
        count(duration_ms) OVER (PARTITION BY tool_name) AS measured
    FROM tool_executions
) AS calls
GROUP BY tool_name;

CREATE UNIQUE INDEX idx_tool_performance_tool_name ON tool_performance (tool_name);

CREATE MATERIALIZED VIEW zone_activity_daily AS
SELECT
    (executed_at AT TIME ZONE 'UTC')::date AS day,
    zone_id,
    agent_type,
    count(*) AS total,
    count(*) FILTER (WHERE success) AS successful,
    count(*) FILTER (WHERE NOT success) AS failed
FROM zone_executions
GROUP BY 1, zone_id, agent_type;

CREATE UNIQUE INDEX idx_zone_activity_daily_day_zone_id_agent_type
    ON zone_activity_daily (day, zone_id, agent_type);
CREATE INDEX idx_zone_activity_daily_zone_id_day_agent_type
    ON zone_activity_daily (zone_id, day, agent_type);
CREATE INDEX idx_zone_activity_daily_agent_type_day_zone_id
    ON zone_activity_daily (agent_type, day, zone_id);

-- When a view was last refreshed; one that is not here is always fresh.
CREATE TABLE analytics_refreshes (
    view_name    text        NOT NULL COLLATE "C",
    refreshed_at timestamptz NOT NULL,

    CONSTRAINT analytics_refreshes_pkey PRIMARY KEY (view_name),
    CONSTRAINT analytics_refreshes_view_name_check CHECK (length(view_name) BETWEEN 1 AND 63),
    CONSTRAINT analytics_refreshes_refreshed_at_check CHECK (isfinite(refreshed_at))
);

INSERT INTO analytics_refreshes (view_name, refreshed_at)
SELECT name, now()
FROM unnest(ARRAY['run_daily_stats', 'node_performance', 'tool_performance', 'zone_activity_daily']) AS name;

-- Refreshes a materialised view, without keeping readers out, and gives the time that it is told.
CREATE OR REPLACE FUNCTION refresh_view(name text, moment timestamptz) RETURNS timestamptz
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('REFRESH MATERIALIZED VIEW CONCURRENTLY %I', name);
    RETURN moment;
END
$$;

-- migrate:down

DROP FUNCTION refresh_view(text, timestamptz);
DROP TABLE analytics_refreshes;
DROP MATERIALIZED VIEW zone_activity_daily;
DROP MATERIALIZED VIEW tool_performance;
DROP MATERIALIZED VIEW node_performance;
DROP MATERIALIZED VIEW run_daily_stats;
DROP VIEW review_backlog;
