-- name: _insert
INSERT INTO human_review_queue (id, thread_id, review_type, reason, safety_score, context, created_at)
VALUES (:id, :thread_id, :review_type, :reason, :safety_score, :context, :now)
RETURNING *;

-- name: _flag_run
UPDATE orchestrator_runs
SET requires_human_review = TRUE, updated_at = :now
WHERE thread_id = :thread_id;

-- name: _hold_run
UPDATE orchestrator_runs
SET gate_status = 'hold', gate_reason = :reason, updated_at = :now
WHERE thread_id = :thread_id AND phase NOT IN ('complete', 'failed') AND gate_status NOT IN ('hold', 'kill');

-- name: get, find
SELECT * FROM human_review_queue
WHERE id = :id;

-- name: find_many, iterate, list_by_thread
SELECT * FROM human_review_queue
WHERE TRUE
  AND thread_id = :thread_id                              --?
  AND review_type = :review_type                          --?
  AND status = :status                                    --?
  AND (created_at, id) < (:cursor.created_at, :cursor.id) --?
ORDER BY created_at DESC, id DESC
LIMIT :limit                                              --?
;

-- name: list_pending
SELECT * FROM human_review_queue
WHERE status = 'pending'
  AND review_type = :review_type                          --?
  AND (created_at, id) > (:cursor.created_at, :cursor.id) --?
ORDER BY created_at, id
LIMIT :limit;

-- name: list_overdue
SELECT * FROM human_review_queue
WHERE status = 'pending' AND created_at < :older_than
  AND (created_at, id) > (:cursor.created_at, :cursor.id) --?
ORDER BY created_at, id
LIMIT :limit;

-- name: count
SELECT count(*) FROM human_review_queue
WHERE TRUE
  AND thread_id = :thread_id     --?
  AND review_type = :review_type --?
  AND status = :status           --?
;

-- name: count_pending
SELECT count(*) FROM human_review_queue
WHERE status = 'pending'
  AND thread_id = :thread_id --?
;

-- name: counts_by_status
SELECT status, count(*) FROM human_review_queue
GROUP BY status;

-- name: _lock_run @postgres
SELECT run.id FROM orchestrator_runs AS run
JOIN human_review_queue AS review ON review.thread_id = run.thread_id
WHERE review.id = :id
FOR NO KEY UPDATE OF run;

-- name: _lock_run @sqlite
-- A transaction holds the whole database already.
SELECT run.id FROM orchestrator_runs AS run
JOIN human_review_queue AS review ON review.thread_id = run.thread_id
WHERE review.id = :id;

-- name: _approve
UPDATE human_review_queue
SET status = 'approved', resolved_by = :resolved_by, resolution_notes = :notes, resolved_at = :now
WHERE id = :id AND status = 'pending'
RETURNING *;

-- name: _reject
UPDATE human_review_queue
SET status = 'rejected', resolved_by = :resolved_by, resolution_notes = :notes, resolved_at = :now
WHERE id = :id AND status = 'pending'
RETURNING *;

-- name: _clear_flag
UPDATE orchestrator_runs
SET requires_human_review = FALSE, updated_at = :now
WHERE thread_id = :thread_id AND requires_human_review AND NOT EXISTS (
    SELECT 1 FROM human_review_queue AS review
    WHERE review.thread_id = orchestrator_runs.thread_id AND review.status = 'pending'
);

-- name: _release_run
UPDATE orchestrator_runs
SET gate_status = 'go', gate_reason = NULL, updated_at = :now
WHERE thread_id = :thread_id AND phase NOT IN ('complete', 'failed') AND gate_status = 'hold'
  AND NOT requires_human_review;

-- name: _kill_run
UPDATE orchestrator_runs
SET gate_status = 'kill', gate_reason = :reason, phase = 'failed', completed_at = :now, error = :reason,
    updated_at = :now
WHERE thread_id = :thread_id AND phase NOT IN ('complete', 'failed');

-- name: _recycle_run
UPDATE orchestrator_runs
SET gate_status = 'recycle', gate_reason = :reason, phase = 'planning', updated_at = :now
WHERE thread_id = :thread_id AND phase NOT IN ('complete', 'failed') AND gate_status <> 'kill';

-- name: delete
DELETE FROM human_review_queue
WHERE id = :id;

-- name: delete_by_thread
DELETE FROM human_review_queue
WHERE thread_id = :thread_id;
