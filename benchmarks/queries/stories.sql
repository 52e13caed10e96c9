-- name: list_by_session, iterate_by_session
SELECT * FROM wave_story_executions
WHERE session_id = :session_id
ORDER BY created_at DESC, id DESC;

-- name: create_many
INSERT INTO wave_story_executions (
    id, session_id, story_id, story_title, domain, agent, priority, story_points, max_retries, metadata,
    created_at, updated_at
)
VALUES (
    :stories.id, :stories.session_id, :stories.story_id, :stories.story_title, :stories.domain, :stories.agent,
    :stories.priority, :stories.story_points, :stories.max_retries, :stories.metadata,
    :stories.created_at, :stories.updated_at
);
