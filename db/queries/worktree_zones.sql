-- name: _lock @postgres
-- The worktree, so that its moves come one after the other; the zone before its assignments, as deleting one locks them.
SELECT (SELECT id FROM worktrees WHERE id = :worktree_id FOR NO KEY UPDATE) AS worktree_id,
       (SELECT id FROM zones WHERE id = :zone_id FOR KEY SHARE) AS zone_id;

-- name: _lock @sqlite
-- A transaction holds the whole database already.
SELECT (SELECT id FROM worktrees WHERE id = :worktree_id) AS worktree_id,
       (SELECT id FROM zones WHERE id = :zone_id) AS zone_id;

-- name: _put
INSERT INTO worktree_zones (worktree_id, zone_id, assigned_at)
VALUES (:worktree_id, :zone_id, :now)
ON CONFLICT (worktree_id) DO UPDATE
SET zone_id = excluded.zone_id, assigned_at = excluded.assigned_at
RETURNING *, CAST(:previous_zone_id AS text) AS previous_zone_id;

-- name: get, find, find_by_worktree
SELECT * FROM worktree_zones
WHERE worktree_id = :worktree_id;

-- name: list_worktrees
SELECT worktree.*, assignment.assigned_at
FROM worktree_zones AS assignment
JOIN worktrees AS worktree ON worktree.id = assignment.worktree_id
WHERE assignment.zone_id = :zone_id
  AND (assignment.assigned_at, assignment.worktree_id) > (:cursor.assigned_at, :cursor.id) --?
ORDER BY assignment.assigned_at, assignment.worktree_id
LIMIT :limit;

-- name: list_by_zone
SELECT * FROM worktree_zones
WHERE zone_id = :zone_id
  AND (assigned_at, worktree_id) > (:cursor.assigned_at, :cursor.worktree_id) --?
ORDER BY assigned_at, worktree_id
LIMIT :limit;

-- name: count, count_by_zone
SELECT count(*) FROM worktree_zones
WHERE TRUE
  AND zone_id = :zone_id --?
;

-- name: unassign, delete
DELETE FROM worktree_zones
WHERE worktree_id = :worktree_id;
