-- name: _lock @postgres
-- Keeps out those who append and reorder, and, since it is the key that they refer to, those who insert.
SELECT id FROM workflows
WHERE id = :workflow_id
FOR UPDATE;

-- name: _lock @sqlite
-- A transaction holds the whole database already.
SELECT id FROM workflows
WHERE id = :workflow_id;

-- name: _create
INSERT INTO workflow_tasks (workflow_id, task_id, sequence, config, created_at)
VALUES (:workflow_id, :task_id, :sequence, :config, :now)
RETURNING *;

-- name: _append
INSERT INTO workflow_tasks (workflow_id, task_id, sequence, config, created_at)
SELECT :workflow_id, :task_id, COALESCE(max(sequence) + 1, 0), :config, :now
FROM workflow_tasks
WHERE workflow_id = :workflow_id
RETURNING *;

-- name: get, find
SELECT * FROM workflow_tasks
WHERE workflow_id = :workflow_id AND task_id = :task_id;

-- name: list_by_workflow
SELECT * FROM workflow_tasks
WHERE workflow_id = :workflow_id
  AND (sequence, created_at, task_id) > (:cursor.sequence, :cursor.created_at, :cursor.task_id) --?
ORDER BY sequence, created_at, task_id
LIMIT :limit;

-- name: list_by_task
SELECT * FROM workflow_tasks
WHERE task_id = :task_id
  AND (created_at, workflow_id) < (:cursor.created_at, :cursor.workflow_id) --?
ORDER BY created_at DESC, workflow_id DESC
LIMIT :limit;

-- name: list_tasks
SELECT task.*, place.sequence, place.config AS placement_config, place.created_at AS placed_at
FROM workflow_tasks AS place
JOIN tasks AS task ON task.id = place.task_id
WHERE place.workflow_id = :workflow_id
  AND (place.sequence, place.created_at, place.task_id) > (:cursor.sequence, :cursor.placed_at, :cursor.id) --?
ORDER BY place.sequence, place.created_at, place.task_id
LIMIT :limit;

-- name: list_workflows
SELECT workflow.*, place.sequence, place.config AS placement_config, place.created_at AS placed_at
FROM workflow_tasks AS place
JOIN workflows AS workflow ON workflow.id = place.workflow_id
WHERE place.task_id = :task_id
  AND (place.created_at, place.workflow_id) < (:cursor.placed_at, :cursor.id) --?
ORDER BY place.created_at DESC, place.workflow_id DESC
LIMIT :limit;

-- name: count_by_workflow
SELECT count(*) FROM workflow_tasks
WHERE workflow_id = :workflow_id;

-- name: count_by_task
SELECT count(*) FROM workflow_tasks
WHERE task_id = :task_id;

-- name: set_sequence
UPDATE workflow_tasks
SET sequence = :sequence
WHERE workflow_id = :workflow_id AND task_id = :task_id
RETURNING *;

-- name: _set_config
UPDATE workflow_tasks
SET config = :config
WHERE workflow_id = :workflow_id AND task_id = :task_id
RETURNING *;

-- name: _list_task_ids
SELECT task_id FROM workflow_tasks
WHERE workflow_id = :workflow_id;

-- name: _set_sequences
UPDATE workflow_tasks
SET sequence = :places.sequence
WHERE workflow_id = :workflow_id AND task_id = :places.task_id;

-- name: delete
DELETE FROM workflow_tasks
WHERE workflow_id = :workflow_id AND task_id = :task_id;

-- name: delete_by_workflow
DELETE FROM workflow_tasks
WHERE workflow_id = :workflow_id;

-- name: delete_by_task
DELETE FROM workflow_tasks
WHERE task_id = :task_id;
