-- name: create
INSERT INTO workflows (id, name, description, definition, config, metadata, created_at, updated_at)
VALUES (:id, :name, :description, :definition, :config, :metadata, :now, :now)
RETURNING *;

-- name: get, find
SELECT * FROM workflows
WHERE id = :id;

-- name: find_by_name
SELECT * FROM workflows
WHERE name = :name;

-- name: find_many, iterate, list_by_status
SELECT * FROM workflows
WHERE TRUE
  AND status = :status                                    --?
  AND (created_at, id) < (:cursor.created_at, :cursor.id) --?
ORDER BY created_at DESC, id DESC
LIMIT :limit                                              --?
;

-- name: count, count_by_status
SELECT count(*) FROM workflows
WHERE TRUE
  AND status = :status --?
;

-- name: counts_by_status
SELECT status, count(*) FROM workflows
GROUP BY status;

-- name: _list_with_tasks
SELECT workflow.*, place.sequence AS "task.sequence", place.config AS "task.placement_config",
       place.created_at AS "task.placed_at",
       task.id AS "task.id", task.title AS "task.title", task.description AS "task.description",
       task.task_type AS "task.task_type", task.status AS "task.status", task.config AS "task.config",
       task.metadata AS "task.metadata", task.workspace_path AS "task.workspace_path",
       task.started_at AS "task.started_at", task.completed_at AS "task.completed_at", task.error AS "task.error",
       task.claimed_by AS "task.claimed_by", task.lease_expires_at AS "task.lease_expires_at",
       task.attempts AS "task.attempts", task.max_attempts AS "task.max_attempts", task.fence AS "task.fence",
       task.created_at AS "task.created_at", task.updated_at AS "task.updated_at"
FROM workflows AS workflow
JOIN workflow_tasks AS place ON place.workflow_id = workflow.id
JOIN tasks AS task ON task.id = place.task_id
WHERE workflow.id = :id
ORDER BY place.sequence, place.created_at, place.task_id;

-- name: list_with_task_counts
SELECT workflow.*, (
    SELECT count(*) FROM workflow_tasks AS place
    WHERE place.workflow_id = workflow.id
) AS task_count
FROM workflows AS workflow
WHERE TRUE
  AND workflow.status = :status                                             --?
  AND (workflow.created_at, workflow.id) < (:cursor.created_at, :cursor.id) --?
ORDER BY workflow.created_at DESC, workflow.id DESC
LIMIT :limit;

-- name: update
UPDATE workflows
SET updated_at = :now
  , name = :name               --?
  , description = :description --?
  , definition = :definition   --?
  , config = :config           --?
  , metadata = :metadata       --?
WHERE id = :id
RETURNING *;

-- name: activate
UPDATE workflows
SET status = 'active', updated_at = :now
WHERE id = :id AND status IN ('draft', 'paused')
RETURNING *;

-- name: pause
UPDATE workflows
SET status = 'paused', updated_at = :now
WHERE id = :id AND status = 'active'
RETURNING *;

-- name: archive
UPDATE workflows
SET status = 'archived', updated_at = :now
WHERE id = :id AND status IN ('draft', 'active', 'paused')
RETURNING *;

-- name: restore
UPDATE workflows
SET status = 'draft', updated_at = :now
WHERE id = :id AND status = 'archived'
RETURNING *;

-- name: delete
DELETE FROM workflows
WHERE id = :id;
