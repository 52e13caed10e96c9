-- name: create
INSERT INTO zone_executions (id, zone_id, worktree_id, agent_type, prompt, result, success, executed_at)
VALUES (:id, :zone_id, :worktree_id, :agent_type, :prompt, :result, :success, :executed_at)
RETURNING *;

-- name: get, find
SELECT * FROM zone_executions
WHERE id = :id;

-- name: find_many, iterate, list_by_zone, list_by_worktree
-- scan: success by itself is a flag that halves the table at best.
SELECT * FROM zone_executions
WHERE TRUE
  AND zone_id = :zone_id                                    --?
  AND worktree_id = :worktree_id                            --?
  AND agent_type = :agent_type                              --?
  AND success = :success                                    --?
  AND executed_at >= :since                                 --?
  AND executed_at < :until                                  --?
  AND (executed_at, id) < (:cursor.executed_at, :cursor.id) --?
ORDER BY executed_at DESC, id DESC
LIMIT :limit                                                --?
;

-- name: count
-- scan: success by itself is a flag that halves the table at best.
SELECT count(*) FROM zone_executions
WHERE TRUE
  AND zone_id = :zone_id         --?
  AND worktree_id = :worktree_id --?
  AND agent_type = :agent_type   --?
  AND success = :success         --?
  AND executed_at >= :since      --?
  AND executed_at < :until       --?
;

-- name: stats
SELECT count(*) AS total,
       count(CASE WHEN success THEN 1 END) AS successful,
       count(CASE WHEN NOT success THEN 1 END) AS failed,
       count(DISTINCT agent_type) AS unique_agents
FROM zone_executions
WHERE TRUE
  AND zone_id = :zone_id         --?
  AND worktree_id = :worktree_id --?
  AND executed_at >= :since      --?
;

-- name: trends @postgres
SELECT date_trunc(:bucket, executed_at, 'UTC') AS bucket,
       count(*) AS total,
       count(CASE WHEN success THEN 1 END) AS successful,
       count(CASE WHEN NOT success THEN 1 END) AS failed
FROM zone_executions
WHERE executed_at >= :since AND executed_at < :until
  AND zone_id = :zone_id --?
GROUP BY 1
ORDER BY 1;

-- name: trends @sqlite
-- not null: bucket
-- The Monday of a week is six days before the Sunday on or after the day.
SELECT CASE :bucket
           WHEN 'hour' THEN substr(executed_at, 1, 13) || ':00:00.000000Z'
           WHEN 'day' THEN substr(executed_at, 1, 10) || 'T00:00:00.000000Z'
           WHEN 'week' THEN date(executed_at, 'weekday 0', '-6 days') || 'T00:00:00.000000Z'
           ELSE substr(executed_at, 1, 7) || '-01T00:00:00.000000Z'
       END AS bucket,
       count(*) AS total,
       count(CASE WHEN success THEN 1 END) AS successful,
       count(CASE WHEN NOT success THEN 1 END) AS failed
FROM zone_executions
WHERE executed_at >= :since AND executed_at < :until
  AND zone_id = :zone_id --?
GROUP BY 1
ORDER BY 1;

-- name: delete
DELETE FROM zone_executions
WHERE id = :id;

-- name: delete_before
DELETE FROM zone_executions
WHERE executed_at < :until;
