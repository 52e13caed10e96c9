-- name: _lock @postgres
SELECT * FROM wave_story_executions
WHERE id = :id
FOR NO KEY UPDATE;

-- name: _lock @sqlite
-- A transaction holds the whole database already.
SELECT * FROM wave_story_executions
WHERE id = :id;

-- name: state
SELECT story.status, story.current_gate, story.retry_count, story.max_retries,
       story.acceptance_criteria_passed, story.acceptance_criteria_total,
       latest.id AS "latest_checkpoint.id",
       latest.session_id AS "latest_checkpoint.session_id",
       latest.checkpoint_type AS "latest_checkpoint.checkpoint_type",
       latest.checkpoint_name AS "latest_checkpoint.checkpoint_name",
       latest.story_id AS "latest_checkpoint.story_id",
       latest.gate AS "latest_checkpoint.gate",
       latest.state AS "latest_checkpoint.state",
       latest.agent_id AS "latest_checkpoint.agent_id",
       latest.parent_checkpoint_id AS "latest_checkpoint.parent_checkpoint_id",
       latest.created_at AS "latest_checkpoint.created_at"
FROM wave_story_executions AS story
LEFT JOIN wave_checkpoints AS latest ON latest.id = (
    SELECT checkpoint.id FROM wave_checkpoints AS checkpoint
    WHERE checkpoint.session_id = story.session_id AND checkpoint.story_id = story.story_id
    ORDER BY checkpoint.created_at DESC, checkpoint.id DESC
    LIMIT 1
)
WHERE story.id = :execution_id;
