-- name: _insert
-- Inserts nothing when the parent belongs to another session; an absent parent is left to the foreign key.
INSERT INTO wave_checkpoints (
    id, session_id, checkpoint_type, checkpoint_name, story_id, gate, state, agent_id, parent_checkpoint_id, created_at
)
SELECT :id, :session_id, :checkpoint_type, :checkpoint_name, :story_id, :gate, :state, :agent_id,
       :parent_checkpoint_id, :now
WHERE NOT EXISTS (
    SELECT 1 FROM wave_checkpoints AS parent
    WHERE parent.id = :parent_checkpoint_id AND parent.session_id <> :session_id
)
RETURNING *;

-- name: get, find
SELECT * FROM wave_checkpoints
WHERE id = :id;

-- name: find_latest_by_session, find_latest_by_story, find_gate_checkpoint
SELECT * FROM wave_checkpoints
WHERE session_id = :session_id
  AND story_id = :story_id                      --?
  AND gate = :gate AND checkpoint_type = 'gate' --?
ORDER BY created_at DESC, id DESC
LIMIT 1;

-- name: find_many, iterate, list_by_session, list_by_story, list_by_type, list_by_gate, list_children
SELECT * FROM wave_checkpoints
WHERE TRUE
  AND session_id = :session_id                            --?
  AND story_id = :story_id                                --?
  AND checkpoint_type = :checkpoint_type                  --?
  AND gate = :gate                                        --?
  AND parent_checkpoint_id = :parent_checkpoint_id        --?
  AND (created_at, id) < (:cursor.created_at, :cursor.id) --?
ORDER BY created_at DESC, id DESC
LIMIT :limit                                              --?
;

-- name: list_ancestors
-- The depth limit ends a circle of parents, which only hand-written SQL can make.
WITH RECURSIVE ancestors (id, depth) AS (
    SELECT parent_checkpoint_id, 1 FROM wave_checkpoints
    WHERE id = :id
    UNION ALL
    SELECT child.parent_checkpoint_id, ancestors.depth + 1
    FROM ancestors JOIN wave_checkpoints AS child ON child.id = ancestors.id
    WHERE ancestors.depth < 1000
)
SELECT checkpoint.*
FROM ancestors JOIN wave_checkpoints AS checkpoint ON checkpoint.id = ancestors.id
ORDER BY ancestors.depth;

-- name: count, count_by_session
SELECT count(*) FROM wave_checkpoints
WHERE TRUE
  AND session_id = :session_id --?
;

-- name: _delete
DELETE FROM wave_checkpoints
WHERE id = :id;

-- name: _delete_with_descendants
DELETE FROM wave_checkpoints
WHERE id IN (
    WITH RECURSIVE family (id) AS (
        SELECT id FROM wave_checkpoints
        WHERE id = :id
        UNION
        SELECT child.id
        FROM family JOIN wave_checkpoints AS child ON child.parent_checkpoint_id = family.id
    )
    SELECT id FROM family
);

-- name: delete_by_session
DELETE FROM wave_checkpoints
WHERE session_id = :session_id;

-- name: cleanup_old
DELETE FROM wave_checkpoints
WHERE session_id = :session_id
  AND story_id = :story_id     --?
  AND id NOT IN (
    SELECT id FROM wave_checkpoints
    WHERE session_id = :session_id
      AND story_id = :story_id --?
    ORDER BY created_at DESC, id DESC
    LIMIT :keep
  );
