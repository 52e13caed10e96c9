-- name: create
INSERT INTO wave_sessions (id, project_name, wave_number, budget_usd, metadata, created_at, updated_at)
VALUES (:id, :project_name, :wave_number, :budget_usd, :metadata, :now, :now)
RETURNING *;

-- name: get, find
SELECT * FROM wave_sessions
WHERE id = :id;

-- name: find_active
-- A session in progress before a pending one; a pending session has no start.
SELECT * FROM wave_sessions
WHERE project_name = :project_name AND status IN ('pending', 'in_progress')
ORDER BY status = 'in_progress' DESC, COALESCE(started_at, created_at) DESC, id DESC
LIMIT 1;

-- name: find_by_project_and_wave
SELECT * FROM wave_sessions
WHERE project_name = :project_name AND wave_number = :wave_number
ORDER BY created_at DESC, id DESC
LIMIT 1;

-- name: find_many, iterate, list_by_project
SELECT * FROM wave_sessions
WHERE TRUE
  AND project_name = :project_name                        --?
  AND status = :status                                    --?
  AND (created_at, id) < (:cursor.created_at, :cursor.id) --?
ORDER BY created_at DESC, id DESC
LIMIT :limit                                              --?
;

-- name: list_active @postgres
SELECT * FROM wave_sessions
WHERE status IN ('pending', 'in_progress')
  AND (created_at, id) < (:cursor.created_at, :cursor.id) --?
ORDER BY created_at DESC, id DESC
LIMIT :limit;

-- name: list_active @sqlite
-- Left to itself, SQLite takes the index of the status and sorts.
SELECT * FROM wave_sessions INDEXED BY idx_wave_sessions_created_at_id_live
WHERE status IN ('pending', 'in_progress')
  AND (created_at, id) < (:cursor.created_at, :cursor.id) --?
ORDER BY created_at DESC, id DESC
LIMIT :limit;

-- name: count
SELECT count(*) FROM wave_sessions
WHERE TRUE
  AND project_name = :project_name --?
  AND status = :status             --?
;

-- name: counts_by_status
SELECT status, count(*) FROM wave_sessions
WHERE TRUE
  AND project_name = :project_name --?
GROUP BY status;

-- name: start
UPDATE wave_sessions
SET status = 'in_progress', started_at = :now, updated_at = :now
WHERE id = :id AND status = 'pending'
RETURNING *;

-- name: complete
UPDATE wave_sessions
SET status = 'completed', started_at = COALESCE(started_at, :now), completed_at = :now, updated_at = :now
  , actual_cost_usd = :actual_cost_usd --?
WHERE id = :id AND status IN ('pending', 'in_progress')
RETURNING *;

-- name: fail
UPDATE wave_sessions
SET status = 'failed', failed_at = :now, updated_at = :now
  , metadata = json_put(metadata, 'error_message', :error_message) --?
WHERE id = :id AND status IN ('pending', 'in_progress')
RETURNING *;

-- name: cancel
UPDATE wave_sessions
SET status = 'cancelled', cancelled_at = :now, updated_at = :now
  , metadata = json_put(metadata, 'cancel_reason', :reason) --?
WHERE id = :id AND status IN ('pending', 'in_progress')
RETURNING *;

-- name: resume
UPDATE wave_sessions
SET status = 'in_progress', started_at = COALESCE(started_at, :now), failed_at = NULL, updated_at = :now
WHERE id = :id AND status = 'failed'
RETURNING *;

-- name: update_progress
UPDATE wave_sessions
SET updated_at = :now
  , story_count = :story_count             --?
  , stories_completed = :stories_completed --?
  , stories_failed = :stories_failed       --?
  , actual_cost_usd = :actual_cost_usd     --?
  , token_count = :token_count             --?
WHERE id = :id
RETURNING *;

-- name: add_usage
UPDATE wave_sessions
SET token_count = token_count + :tokens, actual_cost_usd = actual_cost_usd + :cost_usd, updated_at = :now
WHERE id = :id
RETURNING *;

-- name: _lock @postgres
SELECT id FROM wave_sessions
WHERE id = :id
FOR NO KEY UPDATE;

-- name: _lock @sqlite
-- A transaction holds the whole database already.
SELECT id FROM wave_sessions
WHERE id = :id;

-- name: _recalculate
UPDATE wave_sessions
SET updated_at = :now,
    (story_count, stories_completed, stories_failed, token_count, actual_cost_usd) = (
        SELECT count(*),
               count(CASE WHEN story.status = 'complete' THEN 1 END),
               count(CASE WHEN story.status = 'failed' THEN 1 END),
               COALESCE(sum(story.token_count), 0),
               COALESCE(sum(story.cost_usd), 0)
        FROM wave_story_executions AS story
        WHERE story.session_id = wave_sessions.id
    )
WHERE id = :id
RETURNING *;

-- name: _charge
UPDATE wave_sessions
SET actual_cost_usd = actual_cost_usd + :cost_usd, token_count = token_count + :tokens, updated_at = :now
WHERE id = :id AND actual_cost_usd + :cost_usd <= budget_usd
RETURNING *;

-- name: _use_key
-- Selects from the session, so that an absent one inserts nothing instead of breaking the foreign key.
INSERT INTO wave_charges (session_id, key, cost_usd, tokens, created_at)
SELECT id, :key, :cost_usd, :tokens, :now FROM wave_sessions
WHERE id = :id
ON CONFLICT (session_id, key) DO NOTHING;

-- name: set_budget
UPDATE wave_sessions
SET budget_usd = :budget_usd, updated_at = :now
WHERE id = :id
RETURNING *;

-- name: budget_status
SELECT budget_usd, actual_cost_usd AS spent_usd FROM wave_sessions
WHERE id = :id;

-- name: merge_metadata
UPDATE wave_sessions
SET metadata = json_merge(metadata, :patch), updated_at = :now
WHERE id = :id
RETURNING *;

-- name: delete
DELETE FROM wave_sessions
WHERE id = :id;
