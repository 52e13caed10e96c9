-- name: create
INSERT INTO tool_executions (id, task_id, tool_name, arguments, created_at)
VALUES (:id, :task_id, :tool_name, :arguments, :now)
RETURNING *;

-- name: get, find
SELECT * FROM tool_executions
WHERE id = :id;

-- name: find_many, iterate, list_by_task, list_by_tool, list_by_status
SELECT * FROM tool_executions
WHERE TRUE
  AND task_id = :task_id                                  --?
  AND tool_name = :tool_name                              --?
  AND status = :status                                    --?
  AND created_at >= :since                                --?
  AND created_at < :until                                 --?
  AND (created_at, id) < (:cursor.created_at, :cursor.id) --?
ORDER BY created_at DESC, id DESC
LIMIT :limit                                              --?
;

-- name: count, count_by_status, count_by_task
SELECT count(*) FROM tool_executions
WHERE TRUE
  AND task_id = :task_id     --?
  AND tool_name = :tool_name --?
  AND status = :status       --?
  AND created_at >= :since   --?
  AND created_at < :until    --?
;

-- name: counts_by_status
SELECT status, count(*) FROM tool_executions
WHERE TRUE
  AND task_id = :task_id     --?
  AND tool_name = :tool_name --?
GROUP BY status;

-- name: _stats_by_status
SELECT status, count(*) AS executions, count(duration_ms) AS measured,
       CAST(COALESCE(sum(duration_ms), 0) AS bigint) AS total_ms, COALESCE(max(duration_ms), 0) AS longest_ms
FROM tool_executions
WHERE TRUE
  AND task_id = :task_id     --?
  AND tool_name = :tool_name --?
GROUP BY status;

-- name: start
UPDATE tool_executions
SET status = 'running', started_at = :now
WHERE id = :id AND status = 'pending'
RETURNING *;

-- name: complete
UPDATE tool_executions
SET status = 'completed', completed_at = :now, output = :output,
    duration_ms = COALESCE(:duration_ms, milliseconds_between(COALESCE(started_at, created_at), :now))
WHERE id = :id AND status IN ('pending', 'running')
RETURNING *;

-- name: fail, _fail
UPDATE tool_executions
SET status = 'failed', completed_at = :now, error = :error,
    duration_ms = COALESCE(:duration_ms, milliseconds_between(COALESCE(started_at, created_at), :now))
WHERE id = :id AND status IN ('pending', 'running')
RETURNING *;

-- name: timeout
UPDATE tool_executions
SET status = 'timeout', completed_at = :now,
    duration_ms = COALESCE(:duration_ms, milliseconds_between(COALESCE(started_at, created_at), :now))
WHERE id = :id AND status IN ('pending', 'running')
RETURNING *;

-- name: delete
DELETE FROM tool_executions
WHERE id = :id;

-- name: delete_by_task
DELETE FROM tool_executions
WHERE task_id = :task_id;

-- name: delete_before
DELETE FROM tool_executions
WHERE created_at < :until;
