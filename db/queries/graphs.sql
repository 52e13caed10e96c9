-- name: _insert
INSERT INTO graphs (id, name, description, definition, created_at, updated_at)
VALUES (:id, :name, :description, :definition, :now, :now)
RETURNING *;

-- name: get, find
SELECT * FROM graphs
WHERE id = :id;

-- name: find_by_name
SELECT * FROM graphs
WHERE name = :name
  AND is_active = :active_only --?
;

-- name: _find_many, _iterate
SELECT * FROM graphs
WHERE TRUE
  AND is_active = :is_active                              --?
  AND (created_at, id) < (:cursor.created_at, :cursor.id) --?
ORDER BY created_at DESC, id DESC
LIMIT :limit                                              --?
;

-- name: _count
SELECT count(*) FROM graphs
WHERE TRUE
  AND is_active = :is_active --?
;

-- name: list_with_run_counts
-- The runs of the page's graphs only are counted, by the index of their graph.
SELECT graphs.*,
       (SELECT count(*) FROM runs WHERE runs.graph_id = graphs.id AND runs.deleted_at IS NULL) AS run_count,
       (SELECT max(runs.created_at) FROM runs WHERE runs.graph_id = graphs.id AND runs.deleted_at IS NULL) AS last_run_at
FROM graphs
WHERE graphs.is_active = TRUE
  AND (graphs.created_at, graphs.id) < (:cursor.created_at, :cursor.id) --?
ORDER BY graphs.created_at DESC, graphs.id DESC
LIMIT :limit;

-- name: _lock @postgres
SELECT * FROM graphs
WHERE id = :id
FOR NO KEY UPDATE;

-- name: _lock @sqlite
-- A transaction holds the whole database already.
SELECT * FROM graphs
WHERE id = :id;

-- name: _update
UPDATE graphs
SET updated_at = :now
  , name = :name               --?
  , definition = :definition   --?
  , description = :description --?
  , version = :version         --?
WHERE id = :id
RETURNING *;

-- name: _mark_deleted
UPDATE graphs
SET is_active = FALSE, deleted_at = :now, updated_at = :now
WHERE id = :id AND is_active = TRUE;

-- name: _restore
UPDATE graphs
SET is_active = TRUE, deleted_at = NULL, updated_at = :now
WHERE id = :id AND is_active = FALSE
RETURNING *;

-- name: hard_delete
DELETE FROM graphs
WHERE id = :id;

-- name: purge_deleted
DELETE FROM graphs
WHERE is_active = FALSE AND deleted_at < :older_than;
