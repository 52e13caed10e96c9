-- name: find, get
SELECT id, session_id, story_id, story_title, domain, agent, status, priority, story_points, started_at,
       token_count, cost_usd, retry_count, max_retries, current_gate, acceptance_criteria_passed,
       acceptance_criteria_total, tests_passing, coverage_achieved, files_created, files_modified, branch_name,
       commit_sha, pr_url, metadata, created_at, updated_at
FROM wave_story_executions WHERE id = :id;

-- name: list_newest
SELECT id, session_id, story_id, story_title, domain, agent, status, priority, story_points, started_at,
       token_count, cost_usd, retry_count, max_retries, current_gate, acceptance_criteria_passed,
       acceptance_criteria_total, tests_passing, coverage_achieved, files_created, files_modified, branch_name,
       commit_sha, pr_url, metadata, created_at, updated_at
FROM wave_story_executions
WHERE session_id = :session_id
  AND (created_at, id) < (:cursor.created_at, :cursor.id) --?
ORDER BY created_at DESC, id DESC
LIMIT :limit;

-- name: list_by_session, iterate_by_session
SELECT id, session_id, story_id, story_title, domain, agent, status, priority, story_points, started_at,
       token_count, cost_usd, retry_count, max_retries, current_gate, acceptance_criteria_passed,
       acceptance_criteria_total, tests_passing, coverage_achieved, files_created, files_modified, branch_name,
       commit_sha, pr_url, metadata, created_at, updated_at
FROM wave_story_executions
WHERE session_id = :session_id
ORDER BY created_at DESC, id DESC;

-- name: create
INSERT INTO wave_story_executions (
    id, session_id, story_id, story_title, domain, agent, priority, story_points, max_retries, metadata,
    created_at, updated_at
)
VALUES (
    :story.id, :story.session_id, :story.story_id, :story.story_title, :story.domain, :story.agent,
    :story.priority, :story.story_points, :story.max_retries, :story.metadata,
    :story.created_at, :story.updated_at
)
RETURNING id, session_id, story_id, story_title, domain, agent, status, priority, story_points, started_at,
       token_count, cost_usd, retry_count, max_retries, current_gate, acceptance_criteria_passed,
       acceptance_criteria_total, tests_passing, coverage_achieved, files_created, files_modified, branch_name,
       commit_sha, pr_url, metadata, created_at, updated_at;

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

-- name: submit
UPDATE wave_story_executions
SET status = 'review', updated_at = :now
WHERE id = :id AND status = 'in_progress'
RETURNING id, session_id, story_id, story_title, domain, agent, status, priority, story_points, started_at,
       token_count, cost_usd, retry_count, max_retries, current_gate, acceptance_criteria_passed,
       acceptance_criteria_total, tests_passing, coverage_achieved, files_created, files_modified, branch_name,
       commit_sha, pr_url, metadata, created_at, updated_at;

-- name: reopen
UPDATE wave_story_executions
SET status = 'in_progress', updated_at = :now
WHERE id = :id AND status = 'review'
RETURNING id, session_id, story_id, story_title, domain, agent, status, priority, story_points, started_at,
       token_count, cost_usd, retry_count, max_retries, current_gate, acceptance_criteria_passed,
       acceptance_criteria_total, tests_passing, coverage_achieved, files_created, files_modified, branch_name,
       commit_sha, pr_url, metadata, created_at, updated_at;

-- name: add_usage
UPDATE wave_story_executions
SET token_count = token_count + :tokens, cost_usd = cost_usd + :cost_usd, updated_at = :now
WHERE id = :id
RETURNING id, session_id, story_id, story_title, domain, agent, status, priority, story_points, started_at,
       token_count, cost_usd, retry_count, max_retries, current_gate, acceptance_criteria_passed,
       acceptance_criteria_total, tests_passing, coverage_achieved, files_created, files_modified, branch_name,
       commit_sha, pr_url, metadata, created_at, updated_at;
