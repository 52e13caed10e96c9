-- name: list_points
SELECT id AS checkpoint_id, checkpoint_type, checkpoint_name, story_id, gate, state, created_at
FROM wave_checkpoints
WHERE session_id = :session_id
  AND story_id = :story_id                                           --?
  AND (created_at, id) < (:cursor.created_at, :cursor.checkpoint_id) --?
ORDER BY created_at DESC, id DESC
LIMIT :limit;

-- name: find_last_point
SELECT id AS checkpoint_id, checkpoint_type, checkpoint_name, story_id, gate, state, created_at
FROM wave_checkpoints
WHERE session_id = :session_id AND story_id = :story_id
  AND checkpoint_type IN ('gate', 'story_start', 'agent_handoff', 'error')
ORDER BY checkpoint_type = 'error', created_at DESC, id DESC
LIMIT 1;

-- name: can_recover
SELECT EXISTS (
    SELECT 1 FROM wave_story_executions
    WHERE session_id = :session_id AND story_id = :story_id AND status NOT IN ('complete', 'cancelled')
) AND EXISTS (
    SELECT 1 FROM wave_checkpoints
    WHERE session_id = :session_id AND story_id = :story_id
);

-- name: _lock_story @postgres
SELECT * FROM wave_story_executions
WHERE session_id = :session_id AND story_id = :story_id
FOR NO KEY UPDATE;

-- name: _lock_story @sqlite
-- A transaction holds the whole database already.
SELECT * FROM wave_story_executions
WHERE session_id = :session_id AND story_id = :story_id;

-- name: _lock_stories @postgres
SELECT * FROM wave_story_executions
WHERE session_id = :session_id
ORDER BY created_at, id
FOR NO KEY UPDATE;

-- name: _lock_stories @sqlite
SELECT * FROM wave_story_executions
WHERE session_id = :session_id
ORDER BY created_at, id;

-- name: _list_sources
-- The best checkpoint to recover each story from: a safe one, else an error, else any.
SELECT source.*
FROM wave_story_executions AS story
JOIN wave_checkpoints AS source ON source.id = (
    SELECT checkpoint.id FROM wave_checkpoints AS checkpoint
    WHERE checkpoint.session_id = story.session_id AND checkpoint.story_id = story.story_id
    ORDER BY checkpoint.checkpoint_type IN ('story_complete', 'manual'), checkpoint.checkpoint_type = 'error',
             checkpoint.created_at DESC, checkpoint.id DESC
    LIMIT 1
)
WHERE story.session_id = :session_id
  AND story.story_id = :story_id --?
  AND story.status NOT IN ('complete', 'cancelled');

-- name: _list_recoverable
SELECT story.story_id, story.status AS current_status, story.retry_count,
       latest.checkpoint_type AS "last_checkpoint.type",
       latest.gate AS "last_checkpoint.gate",
       latest.created_at AS "last_checkpoint.created_at"
FROM wave_story_executions AS story
JOIN wave_checkpoints AS latest ON latest.id = (
    SELECT checkpoint.id FROM wave_checkpoints AS checkpoint
    WHERE checkpoint.session_id = story.session_id AND checkpoint.story_id = story.story_id
    ORDER BY checkpoint.created_at DESC, checkpoint.id DESC
    LIMIT 1
)
WHERE story.session_id = :session_id AND story.status NOT IN ('complete', 'cancelled')
ORDER BY story.created_at, story.id;

-- name: list_interrupted
-- scan: SQLite finds the live sessions by their status and sorts them; they are few beside the others.
SELECT session.*, (
    SELECT count(*) FROM wave_story_executions AS story
    WHERE story.session_id = session.id AND story.status NOT IN ('complete', 'cancelled')
      AND EXISTS (
        SELECT 1 FROM wave_checkpoints AS checkpoint
        WHERE checkpoint.session_id = story.session_id AND checkpoint.story_id = story.story_id
      )
) AS recoverable_stories
FROM wave_sessions AS session
WHERE session.status IN ('pending', 'in_progress')
  AND (session.created_at, session.id) < (:cursor.created_at, :cursor.id) --?
ORDER BY session.created_at DESC, session.id DESC
LIMIT :limit;
