-- name: active_wave_sessions
-- not null: id, project_name, wave_number, status, budget_usd, actual_cost_usd, remaining_usd, story_count, stories_completed
-- not null: stories_failed, completion_percentage, created_at
SELECT * FROM active_wave_sessions
WHERE TRUE
  AND project_name = :project_name                        --?
  AND (created_at, id) < (:cursor.created_at, :cursor.id) --?
ORDER BY created_at DESC, id DESC
LIMIT :limit;

-- name: story_execution_summary
-- not null: id, session_id, story_id, story_title, domain, agent, status, created_at, token_count, cost_usd, retry_count
-- not null: max_retries, current_gate, acceptance_criteria_passed, acceptance_criteria_total, tests_passing
SELECT * FROM story_execution_summary
WHERE TRUE
  AND session_id = :session_id                            --?
  AND story_id = :story_id                                --?
  AND (created_at, id) < (:cursor.created_at, :cursor.id) --?
ORDER BY created_at DESC, id DESC
LIMIT :limit;

-- name: wave_project_costs
-- not null: project_name, session_count, budget_usd, actual_cost_usd, token_count, stories_completed, stories_failed
SELECT * FROM wave_project_costs
WHERE TRUE
  AND project_name = :project_name        --?
  AND project_name > :cursor.project_name --?
ORDER BY project_name
LIMIT :limit;

-- name: review_backlog
-- not null: review_type, pending_count
SELECT * FROM review_backlog
WHERE TRUE
  AND review_type = :review_type        --?
  AND review_type > :cursor.review_type --?
ORDER BY review_type
LIMIT :limit;

-- name: run_daily_stats
-- scan: on SQLite the view counts all runs but the deleted ones
-- not null: day, graph_id, graph_name, total, pending, running, completed, failed, cancelled, avg_execution_time_ms, success_rate
SELECT * FROM run_daily_stats
WHERE TRUE
  AND graph_id = :graph_id                              --?
  AND day >= :since                                     --?
  AND day < :until                                      --?
  AND (day, graph_id) < (:cursor.day, :cursor.graph_id) --?
ORDER BY day DESC, graph_id DESC
LIMIT :limit;

-- name: node_performance
-- not null: node_name, executions, failures, avg_execution_time_ms, max_execution_time_ms
SELECT * FROM node_performance
WHERE TRUE
  AND node_name = :node_name        --?
  AND node_name > :cursor.node_name --?
ORDER BY node_name
LIMIT :limit;

-- name: tool_performance
-- not null: tool_name, total, pending, running, completed, failed, timeout, avg_duration_ms, p95_duration_ms
SELECT * FROM tool_performance
WHERE TRUE
  AND tool_name = :tool_name        --?
  AND tool_name > :cursor.tool_name --?
ORDER BY tool_name
LIMIT :limit;

-- name: zone_activity_daily
-- not null: day, zone_id, agent_type, total, successful, failed
SELECT * FROM zone_activity_daily
WHERE TRUE
  AND zone_id = :zone_id                                                              --?
  AND agent_type = :agent_type                                                        --?
  AND day >= :since                                                                   --?
  AND day < :until                                                                    --?
  AND (day, zone_id, agent_type) < (:cursor.day, :cursor.zone_id, :cursor.agent_type) --?
ORDER BY day DESC, zone_id DESC, agent_type DESC
LIMIT :limit;

-- name: as_of
SELECT COALESCE((SELECT refreshed_at FROM analytics_refreshes WHERE view_name = :view), :now);

-- name: _refresh @postgres
UPDATE analytics_refreshes
SET refreshed_at = greatest(refreshed_at, refresh_view(view_name, :now))
WHERE view_name = :view;

-- name: _refresh @sqlite
-- Plain views are always fresh, and none of them is in the table.
UPDATE analytics_refreshes
SET refreshed_at = :now
WHERE view_name = :view;
