-- name: _insert
-- Inserts nothing for a graph that is deleted; an absent one is left to the foreign key.
INSERT INTO runs (id, run_id, graph_id, initial_state, max_attempts, created_at, updated_at)
SELECT :id, :run_id, :graph_id, :initial_state, :max_attempts, :now, :now
WHERE NOT EXISTS (SELECT 1 FROM graphs WHERE id = :graph_id AND is_active = FALSE)
RETURNING *;

-- name: get, find
SELECT * FROM runs
WHERE id = :id;

-- name: find_by_run_id, _get_by_run_id
SELECT * FROM runs
WHERE run_id = :run_id;

-- name: get_with_graph
SELECT runs.*,
       graphs.id AS "graph.id",
       graphs.name AS "graph.name",
       graphs.description AS "graph.description",
       graphs.definition AS "graph.definition",
       graphs.version AS "graph.version",
       graphs.is_active AS "graph.is_active",
       graphs.deleted_at AS "graph.deleted_at",
       graphs.created_at AS "graph.created_at",
       graphs.updated_at AS "graph.updated_at"
FROM runs JOIN graphs ON graphs.id = runs.graph_id
WHERE runs.run_id = :run_id;

-- name: find_many, iterate
-- scan: deleted runs are few beside the others, and purged in time; an index gives the rest and the order
SELECT * FROM runs
WHERE (deleted_at IS NULL OR :include_deleted)
  AND graph_id = :graph_id                                --?
  AND status = :status                                    --?
  AND (created_at, id) < (:cursor.created_at, :cursor.id) --?
ORDER BY created_at DESC, id DESC
LIMIT :limit                                              --?
;

-- name: count
-- scan: deleted runs are few beside the others, and purged in time; an index gives the rest and the order
SELECT count(*) FROM runs
WHERE (deleted_at IS NULL OR :include_deleted)
  AND graph_id = :graph_id --?
  AND status = :status     --?
;

-- name: counts_by_status
-- scan: deleted runs are few beside the others, and purged in time; an index gives the rest and the order
SELECT status, count(*) FROM runs
WHERE (deleted_at IS NULL OR :include_deleted)
  AND graph_id = :graph_id --?
GROUP BY status;

-- name: start
UPDATE runs
SET status = 'running', started_at = COALESCE(started_at, :now), updated_at = :now
WHERE run_id = :run_id AND status = 'pending' AND deleted_at IS NULL
RETURNING *;

-- name: complete
-- A run under a lease is completed with the fence of its claim, one without a lease with none.
UPDATE runs
SET status = 'completed', completed_at = :now, lease_expires_at = NULL, updated_at = :now,
    total_execution_time_ms = COALESCE(
        :total_execution_time_ms, CAST(milliseconds_between(started_at, :now) AS double precision)
    )
  , final_state = :final_state                   --?
  , total_iterations = :total_iterations         --?
WHERE run_id = :run_id AND status = 'running' AND deleted_at IS NULL
  AND (lease_expires_at IS NULL) = (CAST(:fence AS bigint) IS NULL)
  AND fence = :fence AND lease_expires_at > :now --?
RETURNING *;

-- name: fail, _fail
UPDATE runs
SET status = 'failed', completed_at = :now, lease_expires_at = NULL, updated_at = :now
  , error_message = :error_message               --?
WHERE run_id = :run_id AND status IN ('pending', 'running') AND deleted_at IS NULL
  AND (lease_expires_at IS NULL) = (CAST(:fence AS bigint) IS NULL)
  AND fence = :fence AND lease_expires_at > :now --?
RETURNING *;

-- name: cancel
UPDATE runs
SET status = 'cancelled', completed_at = :now, lease_expires_at = NULL, updated_at = :now
  , error_message = :reason --?
WHERE run_id = :run_id AND status IN ('pending', 'running') AND deleted_at IS NULL
RETURNING *;

-- name: resume
UPDATE runs
SET status = 'running', started_at = COALESCE(started_at, :now), completed_at = NULL, error_message = NULL,
    claimed_by = NULL, attempts = 0, updated_at = :now
WHERE run_id = :run_id AND status = 'failed' AND deleted_at IS NULL
RETURNING *;

-- name: save_state
UPDATE runs
SET status = 'running', current_state = :current_state, updated_at = :now
WHERE run_id = :run_id AND status = 'running' AND deleted_at IS NULL
  AND (lease_expires_at IS NULL) = (CAST(:fence AS bigint) IS NULL)
  AND fence = :fence AND lease_expires_at > :now --?
RETURNING *;

-- name: save_final_state
UPDATE runs
SET final_state = :final_state, total_iterations = :total_iterations,
    total_execution_time_ms = :total_execution_time_ms, updated_at = :now
WHERE run_id = :run_id
RETURNING *;

-- name: stats
-- scan: deleted runs are few beside the others, and purged in time; an index gives the rest and the order
SELECT count(*) AS total,
       count(*) FILTER (WHERE status = 'pending') AS pending,
       count(*) FILTER (WHERE status = 'running') AS running,
       count(*) FILTER (WHERE status = 'completed') AS completed,
       count(*) FILTER (WHERE status = 'failed') AS failed,
       count(*) FILTER (WHERE status = 'cancelled') AS cancelled,
       COALESCE(avg(total_execution_time_ms) FILTER (WHERE status = 'completed'), 0) AS avg_execution_time_ms
FROM runs
WHERE deleted_at IS NULL
  AND graph_id = :graph_id --?
  AND created_at >= :since --?
;

-- name: _claim @postgres
-- Two arms, each the beginning of an index: leases that ran out, then pending runs; what others are claiming is
-- skipped. A run that has no attempt left fails here, so that none waits for somebody who sweeps.
WITH expired AS (
    SELECT id FROM runs
    WHERE lease_expires_at <= :now AND deleted_at IS NULL
    ORDER BY lease_expires_at, id
    LIMIT :limit
    FOR NO KEY UPDATE SKIP LOCKED
), queued AS (
    SELECT id FROM runs
    WHERE status = 'pending' AND deleted_at IS NULL
    ORDER BY created_at, id
    LIMIT :limit - (SELECT count(*) FROM expired)
    FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE runs
SET status = CASE WHEN attempts < max_attempts THEN 'running' ELSE 'failed' END,
    claimed_by = CASE WHEN attempts < max_attempts THEN :worker ELSE claimed_by END,
    lease_expires_at = CASE WHEN attempts < max_attempts THEN :lease::timestamptz END,
    attempts = least(attempts + 1, max_attempts),
    fence = fence + 1,
    started_at = COALESCE(started_at, :now),
    completed_at = CASE WHEN attempts >= max_attempts THEN :now::timestamptz END,
    error_message = CASE WHEN attempts >= max_attempts THEN 'the lease of attempt ' || attempts || ' ran out' END,
    updated_at = :now
WHERE id = ANY (ARRAY(SELECT id FROM expired UNION ALL SELECT id FROM queued))
RETURNING *;

-- name: _claim @sqlite
UPDATE runs
SET status = CASE WHEN attempts < max_attempts THEN 'running' ELSE 'failed' END,
    claimed_by = CASE WHEN attempts < max_attempts THEN :worker ELSE claimed_by END,
    lease_expires_at = CASE WHEN attempts < max_attempts THEN :lease END,
    attempts = min(attempts + 1, max_attempts),
    fence = fence + 1,
    started_at = COALESCE(started_at, :now),
    completed_at = CASE WHEN attempts >= max_attempts THEN :now END,
    error_message = CASE WHEN attempts >= max_attempts THEN 'the lease of attempt ' || attempts || ' ran out' END,
    updated_at = :now
WHERE id IN (
    SELECT id FROM (
        SELECT id FROM runs
        WHERE lease_expires_at <= :now AND deleted_at IS NULL
        ORDER BY lease_expires_at, id
        LIMIT :limit
    )
    UNION ALL
    SELECT id FROM (
        SELECT id FROM runs
        WHERE status = 'pending' AND deleted_at IS NULL
        ORDER BY created_at, id
        LIMIT :limit
    )
    LIMIT :limit
)
RETURNING *;

-- name: heartbeat
UPDATE runs
SET lease_expires_at = :lease, updated_at = :now
WHERE id = :claim.id AND fence = :claim.fence AND lease_expires_at > :now AND deleted_at IS NULL
RETURNING *;

-- name: release
UPDATE runs
SET status = 'pending', started_at = NULL, claimed_by = NULL, lease_expires_at = NULL, attempts = attempts - 1,
    updated_at = :now
WHERE id = :claim.id AND fence = :claim.fence AND lease_expires_at > :now AND deleted_at IS NULL
RETURNING *;

-- name: _mark_deleted
UPDATE runs
SET deleted_at = :now, updated_at = :now
WHERE run_id = :run_id AND deleted_at IS NULL;

-- name: _restore
UPDATE runs
SET deleted_at = NULL, updated_at = :now
WHERE run_id = :run_id AND deleted_at IS NOT NULL
RETURNING *;

-- name: hard_delete
DELETE FROM runs
WHERE run_id = :run_id;

-- name: purge_deleted
DELETE FROM runs
WHERE deleted_at < :older_than;
