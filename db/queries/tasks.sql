-- name: create
INSERT INTO tasks (
    id, title, description, task_type, config, metadata, workspace_path, max_attempts, created_at, updated_at
)
VALUES (
    :id, :title, :description, :task_type, :config, :metadata, :workspace_path, :max_attempts, :now, :now
)
RETURNING *;

-- name: get, find
SELECT * FROM tasks
WHERE id = :id;

-- name: find_many, iterate, list_by_status, list_by_type, list_by_workspace, list_by_created
-- scan: only a search looks at every text, in the order that the index of the other filters gives
SELECT * FROM tasks
WHERE TRUE
  AND status = :status                                                         --?
  AND task_type = :task_type                                                   --?
  AND workspace_path = :workspace_path                                         --?
  AND created_at >= :since                                                     --?
  AND created_at < :until                                                      --?
  AND (contains_text(title, :search) OR contains_text(description, :search))   --?
  AND (created_at, id) < (:cursor.created_at, :cursor.id)                      --?
ORDER BY created_at DESC, id DESC
LIMIT :limit                                                                   --?
;

-- name: count, count_by_status
-- scan: only a search looks at every text
SELECT count(*) FROM tasks
WHERE TRUE
  AND status = :status                                                         --?
  AND task_type = :task_type                                                   --?
  AND workspace_path = :workspace_path                                         --?
  AND created_at >= :since                                                     --?
  AND created_at < :until                                                      --?
  AND (contains_text(title, :search) OR contains_text(description, :search))   --?
;

-- name: counts_by_status
SELECT status, count(*) FROM tasks
GROUP BY status;

-- name: update
UPDATE tasks
SET updated_at = :now
  , title = :title                   --?
  , description = :description       --?
  , task_type = :task_type           --?
  , config = :config                 --?
  , metadata = :metadata             --?
  , workspace_path = :workspace_path --?
  , max_attempts = :max_attempts     --?
WHERE id = :id
RETURNING *;

-- name: start
UPDATE tasks
SET status = 'running', started_at = :now, updated_at = :now
WHERE id = :id AND status = 'pending'
RETURNING *;

-- name: complete
-- A task under a lease is completed with the fence of its claim, one without a lease with none.
UPDATE tasks
SET status = 'completed', completed_at = :now, lease_expires_at = NULL, updated_at = :now
WHERE id = :id AND status = 'running'
  AND (lease_expires_at IS NULL) = (CAST(:fence AS bigint) IS NULL)
  AND fence = :fence AND lease_expires_at > :now --?
RETURNING *;

-- name: fail, _fail
UPDATE tasks
SET status = 'failed', completed_at = :now, lease_expires_at = NULL, updated_at = :now
  , error = :error                               --?
WHERE id = :id AND status IN ('pending', 'running')
  AND (lease_expires_at IS NULL) = (CAST(:fence AS bigint) IS NULL)
  AND fence = :fence AND lease_expires_at > :now --?
RETURNING *;

-- name: cancel
UPDATE tasks
SET status = 'cancelled', completed_at = :now, lease_expires_at = NULL, updated_at = :now
WHERE id = :id AND status IN ('pending', 'running')
RETURNING *;

-- name: retry
UPDATE tasks
SET status = 'pending', started_at = NULL, completed_at = NULL, error = NULL, claimed_by = NULL, attempts = 0,
    updated_at = :now
WHERE id = :id AND status IN ('failed', 'cancelled')
RETURNING *;

-- name: _claim @postgres
-- Two arms, each the beginning of an index: leases that ran out, then pending tasks; what others are claiming is
-- skipped. A task that has no attempt left fails here, so that none waits for somebody who sweeps.
WITH expired AS (
    SELECT id FROM tasks
    WHERE lease_expires_at <= :now
    ORDER BY lease_expires_at, id
    LIMIT :limit
    FOR NO KEY UPDATE SKIP LOCKED
), queued AS (
    SELECT id FROM tasks
    WHERE status = 'pending'
    ORDER BY created_at, id
    LIMIT :limit - (SELECT count(*) FROM expired)
    FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE tasks
SET status = CASE WHEN attempts < max_attempts THEN 'running' ELSE 'failed' END,
    claimed_by = CASE WHEN attempts < max_attempts THEN :worker ELSE claimed_by END,
    lease_expires_at = CASE WHEN attempts < max_attempts THEN :lease::timestamptz END,
    attempts = least(attempts + 1, max_attempts),
    fence = fence + 1,
    started_at = COALESCE(started_at, :now),
    completed_at = CASE WHEN attempts >= max_attempts THEN :now::timestamptz END,
    error = CASE WHEN attempts >= max_attempts THEN 'the lease of attempt ' || attempts || ' ran out' END,
    updated_at = :now
WHERE id = ANY (ARRAY(SELECT id FROM expired UNION ALL SELECT id FROM queued))
RETURNING *;

-- name: _claim @sqlite
UPDATE tasks
SET status = CASE WHEN attempts < max_attempts THEN 'running' ELSE 'failed' END,
    claimed_by = CASE WHEN attempts < max_attempts THEN :worker ELSE claimed_by END,
    lease_expires_at = CASE WHEN attempts < max_attempts THEN :lease END,
    attempts = min(attempts + 1, max_attempts),
    fence = fence + 1,
    started_at = COALESCE(started_at, :now),
    completed_at = CASE WHEN attempts >= max_attempts THEN :now END,
    error = CASE WHEN attempts >= max_attempts THEN 'the lease of attempt ' || attempts || ' ran out' END,
    updated_at = :now
WHERE id IN (
    SELECT id FROM (SELECT id FROM tasks WHERE lease_expires_at <= :now ORDER BY lease_expires_at, id LIMIT :limit)
    UNION ALL
    SELECT id FROM (SELECT id FROM tasks WHERE status = 'pending' ORDER BY created_at, id LIMIT :limit)
    LIMIT :limit
)
RETURNING *;

-- name: heartbeat
UPDATE tasks
SET lease_expires_at = :lease, updated_at = :now
WHERE id = :claim.id AND fence = :claim.fence AND lease_expires_at > :now
RETURNING *;

-- name: release
UPDATE tasks
SET status = 'pending', started_at = NULL, claimed_by = NULL, lease_expires_at = NULL, attempts = attempts - 1,
    updated_at = :now
WHERE id = :claim.id AND fence = :claim.fence AND lease_expires_at > :now
RETURNING *;

-- name: delete
DELETE FROM tasks
WHERE id = :id;
