-- name: create
INSERT INTO wave_story_executions (
    id, session_id, story_id, story_title, domain, agent, priority, story_points, max_retries, metadata,
    created_at, updated_at
)
VALUES (
    :id, :session_id, :story_id, :story_title, :domain, :agent, :priority, :story_points, :max_retries, :metadata,
    :now, :now
)
RETURNING *;

-- name: get, find
SELECT * FROM wave_story_executions
WHERE id = :id;

-- name: find_by_story
SELECT * FROM wave_story_executions
WHERE session_id = :session_id AND story_id = :story_id;

-- name: find_many, iterate, list_by_session, list_by_status, list_by_agent, list_by_domain
SELECT * FROM wave_story_executions
WHERE TRUE
  AND session_id = :session_id                            --?
  AND story_id = :story_id                                --?
  AND status = :status                                    --?
  AND agent = :agent                                      --?
  AND domain = :domain                                    --?
  AND (created_at, id) < (:cursor.created_at, :cursor.id) --?
ORDER BY created_at DESC, id DESC
LIMIT :limit                                              --?
;

-- name: count
SELECT count(*) FROM wave_story_executions
WHERE TRUE
  AND story_id = :story_id --?
;

-- name: counts_by_status
SELECT status, count(*) FROM wave_story_executions
WHERE session_id = :session_id
GROUP BY status;

-- name: start
UPDATE wave_story_executions
SET status = 'in_progress', started_at = :now, updated_at = :now
  , metadata = json_put(metadata, 'last_transition_reason', :reason) --?
WHERE id = :id AND status = 'pending'
RETURNING *;

-- name: block, _block
UPDATE wave_story_executions
SET status = 'blocked', updated_at = :now
  , metadata = json_put(metadata, 'block_reason', :reason) --?
WHERE id = :id AND status = 'in_progress'
RETURNING *;

-- name: unblock
UPDATE wave_story_executions
SET status = 'in_progress', updated_at = :now,
    metadata = json_without(CASE
        WHEN CAST(:reason AS text) IS NULL THEN metadata
        ELSE json_put(metadata, 'last_transition_reason', :reason)
    END, 'block_reason')
WHERE id = :id AND status = 'blocked'
RETURNING *;

-- name: submit_for_review
UPDATE wave_story_executions
SET status = 'review', updated_at = :now
  , metadata = json_put(metadata, 'last_transition_reason', :reason) --?
WHERE id = :id AND status = 'in_progress'
RETURNING *;

-- name: reopen
UPDATE wave_story_executions
SET status = 'in_progress', updated_at = :now
  , metadata = json_put(metadata, 'last_transition_reason', :reason) --?
WHERE id = :id AND status = 'review'
RETURNING *;

-- name: complete, _complete
UPDATE wave_story_executions
SET status = 'complete', completed_at = :now, updated_at = :now
  , tests_passing = :tests_passing                                   --?
  , coverage_achieved = :coverage_achieved                           --?
  , files_created = :files_created                                   --?
  , files_modified = :files_modified                                 --?
  , branch_name = :branch_name                                       --?
  , commit_sha = :commit_sha                                         --?
  , pr_url = :pr_url                                                 --?
  , metadata = json_put(metadata, 'last_transition_reason', :reason) --?
WHERE id = :id AND status IN ('in_progress', 'review')
RETURNING *;

-- name: fail, _fail
UPDATE wave_story_executions
SET status = 'failed', failed_at = :now, updated_at = :now
  , error_message = :error_message --?
WHERE id = :id AND status IN ('in_progress', 'blocked', 'review')
RETURNING *;

-- name: cancel
UPDATE wave_story_executions
SET status = 'cancelled', cancelled_at = :now, updated_at = :now
  , metadata = json_put(metadata, 'last_transition_reason', :reason) --?
WHERE id = :id AND status IN ('pending', 'in_progress', 'blocked', 'review')
RETURNING *;

-- name: resume
UPDATE wave_story_executions
SET status = 'in_progress', failed_at = NULL, updated_at = :now
WHERE id = :id AND status = 'failed'
RETURNING *;

-- name: restart
UPDATE wave_story_executions
SET status = 'pending', started_at = NULL, completed_at = NULL, failed_at = NULL, cancelled_at = NULL,
    error_message = NULL, retry_count = 0, acceptance_criteria_passed = 0, current_gate = 'gate-0',
    metadata = json_put(metadata, 'restarted_at', :now), updated_at = :now
WHERE id = :id AND status IN ('pending', 'in_progress', 'blocked', 'review', 'failed')
RETURNING *;

-- name: skip
UPDATE wave_story_executions
SET status = 'cancelled', cancelled_at = :now, updated_at = :now,
    metadata = json_put(CASE
        WHEN CAST(:reason AS text) IS NULL THEN metadata
        ELSE json_put(metadata, 'skip_reason', :reason)
    END, 'skipped_at', :now)
WHERE id = :id AND status IN ('pending', 'in_progress', 'blocked', 'review', 'failed')
RETURNING *;

-- name: set_gate
UPDATE wave_story_executions
SET current_gate = :current_gate, updated_at = :now
WHERE id = :id
RETURNING *;

-- name: update_metrics
UPDATE wave_story_executions
SET updated_at = :now
  , token_count = :token_count                               --?
  , cost_usd = :cost_usd                                     --?
  , retry_count = :retry_count                               --?
  , acceptance_criteria_passed = :acceptance_criteria_passed --?
  , acceptance_criteria_total = :acceptance_criteria_total   --?
WHERE id = :id
RETURNING *;

-- name: _add_usage
UPDATE wave_story_executions
SET token_count = token_count + :tokens, cost_usd = cost_usd + :cost_usd, retry_count = retry_count + :retries,
    updated_at = :now
WHERE id = :id
RETURNING *;

-- name: _roll_up
UPDATE wave_sessions
SET token_count = token_count + :tokens, actual_cost_usd = actual_cost_usd + :cost_usd, updated_at = :now
WHERE id = (SELECT session_id FROM wave_story_executions WHERE id = :id);

-- name: add_files
UPDATE wave_story_executions
SET updated_at = :now
  , files_created = array_append_distinct(files_created, :created)    --?
  , files_modified = array_append_distinct(files_modified, :modified) --?
WHERE id = :id
RETURNING *;

-- name: merge_metadata
UPDATE wave_story_executions
SET metadata = json_merge(metadata, :patch), updated_at = :now
WHERE id = :id
RETURNING *;

-- name: delete
DELETE FROM wave_story_executions
WHERE id = :id;

-- name: delete_by_session
DELETE FROM wave_story_executions
WHERE session_id = :session_id;
