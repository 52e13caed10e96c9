-- name: _insert
-- A taken port inserts nothing, so that another one can be tried in the same transaction.
INSERT INTO worktrees (
    id, path, port, branch_name, issue_url, task_id, status, position_x, position_y, created_at, updated_at
)
VALUES (
    :id, :path, :port, :branch_name, :issue_url, :task_id, :status, :position_x, :position_y, :now, :now
)
ON CONFLICT (port) DO NOTHING
RETURNING *;

-- name: _find_free_port
-- The lowest free port is the first of the range, or follows one that is held.
SELECT min(candidate.port)
FROM (
    SELECT CAST(:lowest AS integer) AS port
    UNION ALL
    SELECT port + 1 FROM worktrees
    WHERE port >= :lowest AND port < :highest
) AS candidate
WHERE NOT EXISTS (SELECT 1 FROM worktrees AS held WHERE held.port = candidate.port);

-- name: get, find
SELECT * FROM worktrees
WHERE id = :id;

-- name: find_by_port
SELECT * FROM worktrees
WHERE port = :port;

-- name: find_by_path
SELECT * FROM worktrees
WHERE path = :path;

-- name: find_many, iterate
SELECT * FROM worktrees
WHERE TRUE
  AND status = :status                                    --?
  AND task_id = :task_id                                  --?
  AND (created_at, id) < (:cursor.created_at, :cursor.id) --?
ORDER BY created_at DESC, id DESC
LIMIT :limit                                              --?
;

-- name: list_with_zone
SELECT worktree.*,
       zone.id AS "zone.id",
       zone.name AS "zone.name",
       zone.description AS "zone.description",
       zone."trigger" AS "zone.trigger",
       zone.agents AS "zone.agents",
       zone.prompt_template AS "zone.prompt_template",
       zone.actions AS "zone.actions",
       zone.position_x AS "zone.position_x",
       zone.position_y AS "zone.position_y",
       zone.size_width AS "zone.size_width",
       zone.size_height AS "zone.size_height",
       zone.created_at AS "zone.created_at",
       zone.updated_at AS "zone.updated_at"
FROM worktrees AS worktree
LEFT JOIN worktree_zones AS assignment ON assignment.worktree_id = worktree.id
LEFT JOIN zones AS zone ON zone.id = assignment.zone_id
WHERE TRUE
  AND (worktree.created_at, worktree.id) < (:cursor.created_at, :cursor.id) --?
ORDER BY worktree.created_at DESC, worktree.id DESC
LIMIT :limit;

-- name: count
SELECT count(*) FROM worktrees
WHERE TRUE
  AND status = :status   --?
  AND task_id = :task_id --?
;

-- name: counts_by_status
SELECT status, count(*) FROM worktrees
WHERE TRUE
  AND task_id = :task_id --?
GROUP BY status;

-- name: _list_ports
SELECT port FROM worktrees
WHERE port BETWEEN :lowest AND :highest
ORDER BY port;

-- name: _update
UPDATE worktrees
SET updated_at = :now
  , status = :status           --?
  , position_x = :position_x   --?
  , position_y = :position_y   --?
  , issue_url = :issue_url     --?
  , task_id = :task_id         --?
  , branch_name = :branch_name --?
  , path = :path               --?
  , port = :port               --?
WHERE id = :id
RETURNING *;

-- name: delete
DELETE FROM worktrees
WHERE id = :id;
