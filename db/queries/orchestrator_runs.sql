-- name: create
INSERT INTO orchestrator_runs (
    id, thread_id, project_id, story_id, phase, current_agent, gate_status, safety_score, violations,
    requires_human_review, tokens_used, cost_usd, started_at, completed_at, updated_at, files_created
)
VALUES (
    :id, :thread_id, :project_id, :story_id, :phase, :current_agent, :gate_status, :safety_score, :violations,
    :requires_human_review, :tokens_used, :cost_usd, :started_at,
    CASE WHEN :phase IN ('complete', 'failed') THEN :now END, :now, :files_created
)
RETURNING *;

-- name: get, find
SELECT * FROM orchestrator_runs
WHERE id = :id;

-- name: find_by_thread
SELECT * FROM orchestrator_runs
WHERE thread_id = :thread_id;

-- name: find_many, iterate, list_by_project
-- scan: a flag tells few rows apart; each other filter has its index
SELECT * FROM orchestrator_runs
WHERE TRUE
  AND project_id = :project_id                            --?
  AND story_id = :story_id                                --?
  AND phase = :phase                                      --?
  AND gate_status = :gate_status                          --?
  AND requires_human_review = :requires_human_review      --?
  AND (started_at, id) < (:cursor.started_at, :cursor.id) --?
ORDER BY started_at DESC, id DESC
LIMIT :limit                                              --?
;

-- name: list_active @postgres
SELECT * FROM orchestrator_runs
WHERE phase IN ('planning', 'development', 'testing', 'review')
  AND (started_at, id) < (:cursor.started_at, :cursor.id) --?
ORDER BY started_at DESC, id DESC
LIMIT :limit;

-- name: list_active @sqlite
-- Left to itself, SQLite takes the index of the phase and sorts.
SELECT * FROM orchestrator_runs INDEXED BY idx_orchestrator_runs_started_at_id_active
WHERE phase IN ('planning', 'development', 'testing', 'review')
  AND (started_at, id) < (:cursor.started_at, :cursor.id) --?
ORDER BY started_at DESC, id DESC
LIMIT :limit;

-- name: count
-- scan: a flag tells few rows apart; each other filter has its index
SELECT count(*) FROM orchestrator_runs
WHERE TRUE
  AND project_id = :project_id                       --?
  AND story_id = :story_id                           --?
  AND phase = :phase                                 --?
  AND gate_status = :gate_status                     --?
  AND requires_human_review = :requires_human_review --?
;

-- name: counts_by_phase
SELECT phase, count(*) FROM orchestrator_runs
WHERE TRUE
  AND project_id = :project_id --?
GROUP BY phase;

-- name: counts_by_gate
SELECT gate_status, count(*) FROM orchestrator_runs
WHERE TRUE
  AND project_id = :project_id --?
GROUP BY gate_status;

-- name: summary, list_summaries
-- scan: a flag tells few rows apart; each other filter has its index
SELECT run.id, run.thread_id, run.phase, run.current_agent, run.safety_score, run.gate_status, run.tokens_used,
       run.actions_count, run.started_at, (
           SELECT count(*) FROM human_review_queue AS asked
           WHERE asked.thread_id = run.thread_id AND asked.status = 'pending'
       ) AS pending_reviews
FROM orchestrator_runs AS run
WHERE TRUE
  AND run.id = :id                                                --?
  AND run.project_id = :project_id                                --?
  AND run.story_id = :story_id                                    --?
  AND run.phase = :phase                                          --?
  AND run.gate_status = :gate_status                              --?
  AND run.requires_human_review = :requires_human_review          --?
  AND (run.started_at, run.id) < (:cursor.started_at, :cursor.id) --?
ORDER BY run.started_at DESC, run.id DESC
LIMIT :limit                                                      --?
;

-- name: update
UPDATE orchestrator_runs
SET updated_at = :now
  , story_id = :story_id           --?
  , project_id = :project_id       --?
  , current_agent = :current_agent --?
  , error = :error                 --?
WHERE id = :id
RETURNING *;

-- name: assign_agent
UPDATE orchestrator_runs
SET current_agent = :agent, updated_at = :now
WHERE id = :id
RETURNING *;

-- name: _to_planning
UPDATE orchestrator_runs
SET phase = 'planning', updated_at = :now
  , current_agent = :current_agent --?
WHERE id = :id AND phase IN ('development', 'testing', 'review')
RETURNING *;

-- name: _to_development
UPDATE orchestrator_runs
SET phase = 'development', updated_at = :now
  , current_agent = :current_agent --?
WHERE id = :id AND phase IN ('planning', 'testing', 'review')
RETURNING *;

-- name: _to_testing
UPDATE orchestrator_runs
SET phase = 'testing', updated_at = :now
  , current_agent = :current_agent --?
WHERE id = :id AND phase IN ('planning', 'development', 'review')
RETURNING *;

-- name: _to_review
UPDATE orchestrator_runs
SET phase = 'review', updated_at = :now
  , current_agent = :current_agent --?
WHERE id = :id AND phase IN ('planning', 'development', 'testing')
RETURNING *;

-- name: _to_complete
UPDATE orchestrator_runs
SET phase = 'complete', completed_at = :now, updated_at = :now
  , current_agent = :current_agent --?
WHERE id = :id AND phase IN ('planning', 'development', 'testing', 'review')
  AND gate_status IN ('pending', 'go', 'recycle')
RETURNING *;

-- name: fail, _to_failed
UPDATE orchestrator_runs
SET phase = 'failed', completed_at = :now, updated_at = :now
  , error = :error                 --?
  , current_agent = :current_agent --?
WHERE id = :id AND phase IN ('planning', 'development', 'testing', 'review')
RETURNING *;

-- name: _to_pending
UPDATE orchestrator_runs
SET gate_status = 'pending', gate_reason = NULL, updated_at = :now
WHERE id = :id AND gate_status IN ('go', 'recycle') AND phase IN ('planning', 'development', 'testing', 'review')
RETURNING *;

-- name: _to_go
UPDATE orchestrator_runs
SET gate_status = 'go', gate_reason = NULL, updated_at = :now
WHERE id = :id AND gate_status IN ('pending', 'hold', 'recycle')
  AND phase IN ('planning', 'development', 'testing', 'review')
RETURNING *;

-- name: hold
UPDATE orchestrator_runs
SET gate_status = 'hold', gate_reason = :reason, updated_at = :now
WHERE id = :id AND gate_status IN ('pending', 'go', 'recycle')
  AND phase IN ('planning', 'development', 'testing', 'review')
RETURNING *;

-- name: recycle
UPDATE orchestrator_runs
SET gate_status = 'recycle', gate_reason = :reason, phase = :to_phase, updated_at = :now
WHERE id = :id AND gate_status IN ('pending', 'go', 'hold')
  AND phase IN ('planning', 'development', 'testing', 'review')
RETURNING *;

-- name: kill
UPDATE orchestrator_runs
SET gate_status = 'kill', gate_reason = :reason, phase = 'failed', completed_at = :now, error = :reason,
    updated_at = :now
WHERE id = :id AND gate_status IN ('pending', 'go', 'hold', 'recycle')
  AND phase IN ('planning', 'development', 'testing', 'review')
RETURNING *;

-- name: _record_safety
UPDATE orchestrator_runs
SET safety_score = :score, violations = array_append_distinct(violations, :violations), updated_at = :now
WHERE id = :id AND phase NOT IN ('complete', 'failed')
RETURNING *;

-- name: _hold_for_review
-- A run that is held already keeps its reason.
UPDATE orchestrator_runs
SET requires_human_review = TRUE, updated_at = :now,
    gate_reason = CASE WHEN gate_status IN ('hold', 'kill') THEN gate_reason ELSE :reason END,
    gate_status = CASE WHEN gate_status = 'kill' THEN gate_status ELSE 'hold' END
WHERE id = :id
RETURNING *;

-- name: record_usage
UPDATE orchestrator_runs
SET tokens_used = tokens_used + :tokens, cost_usd = cost_usd + :cost_usd, actions_count = actions_count + :actions,
    updated_at = :now
WHERE id = :id
RETURNING *;

-- name: add_files
UPDATE orchestrator_runs
SET files_created = array_append_distinct(files_created, :files), updated_at = :now
WHERE id = :id
RETURNING *;

-- name: delete
DELETE FROM orchestrator_runs
WHERE id = :id;
