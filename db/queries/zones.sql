-- name: _insert
INSERT INTO zones (
    id, name, description, "trigger", agents, prompt_template, actions, position_x, position_y, size_width, size_height,
    created_at, updated_at
)
VALUES (
    :id, :name, :description, :trigger, :agents, :prompt_template, :actions, :position_x, :position_y, :size_width,
    :size_height, :now, :now
)
RETURNING *;

-- name: _insert_absent
INSERT INTO zones (
    id, name, description, "trigger", agents, prompt_template, actions, position_x, position_y, size_width, size_height,
    created_at, updated_at
)
VALUES (
    :zones.id, :zones.name, :zones.description, :zones.trigger, :zones.agents, :zones.prompt_template, :zones.actions,
    :zones.position_x, :zones.position_y, :zones.size_width, :zones.size_height, :now, :now
)
ON CONFLICT (id) DO NOTHING
RETURNING id;

-- name: get, find
SELECT * FROM zones
WHERE id = :id;

-- name: find_many, iterate, list_by_trigger
SELECT * FROM zones
WHERE TRUE
  AND "trigger" = :trigger                                --?
  AND (created_at, id) < (:cursor.created_at, :cursor.id) --?
ORDER BY created_at DESC, id DESC
LIMIT :limit                                              --?
;

-- name: list_with_counts
SELECT zone.*, (
    SELECT count(*) FROM worktree_zones AS assignment
    WHERE assignment.zone_id = zone.id
) AS worktree_count, (
    SELECT count(*) FROM zone_executions AS execution
    WHERE execution.zone_id = zone.id
) AS execution_count
FROM zones AS zone
WHERE TRUE
  AND (zone.created_at, zone.id) < (:cursor.created_at, :cursor.id) --?
ORDER BY zone.created_at DESC, zone.id DESC
LIMIT :limit;

-- name: count
SELECT count(*) FROM zones
WHERE TRUE
  AND "trigger" = :trigger --?
;

-- name: _update
UPDATE zones
SET updated_at = :now
  , name = :name                       --?
  , description = :description         --?
  , "trigger" = :trigger               --?
  , agents = :agents                   --?
  , prompt_template = :prompt_template --?
  , actions = :actions                 --?
  , position_x = :position_x           --?
  , position_y = :position_y           --?
  , size_width = :size_width           --?
  , size_height = :size_height         --?
WHERE id = :id
RETURNING *;

-- name: delete
DELETE FROM zones
WHERE id = :id;
