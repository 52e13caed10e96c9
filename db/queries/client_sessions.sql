-- name: create
INSERT INTO client_sessions (
    id, client_id, connection_type, user_id, is_active, metadata, last_heartbeat, created_at, updated_at
)
VALUES (:id, :client_id, :connection_type, :user_id, TRUE, :metadata, :now, :now, :now)
RETURNING *;

-- name: get, find
SELECT * FROM client_sessions
WHERE id = :id;

-- name: find_by_client
-- scan: a client has few sessions
SELECT * FROM client_sessions
WHERE client_id = :client_id
ORDER BY is_active DESC, last_heartbeat DESC, id DESC
LIMIT 1;

-- name: find_many, iterate, list_by_client, list_by_user
-- scan: by the flag alone; list_active and list_inactive have indexes of their own
SELECT * FROM client_sessions
WHERE TRUE
  AND client_id = :client_id                              --?
  AND user_id = :user_id                                  --?
  AND is_active = :is_active                              --?
  AND (created_at, id) < (:cursor.created_at, :cursor.id) --?
ORDER BY created_at DESC, id DESC
LIMIT :limit                                              --?
;

-- name: list_active
SELECT * FROM client_sessions
WHERE is_active
  AND (last_heartbeat, id) < (:cursor.last_heartbeat, :cursor.id) --?
ORDER BY last_heartbeat DESC, id DESC
LIMIT :limit;

-- name: list_inactive
SELECT * FROM client_sessions
WHERE NOT is_active
  AND (updated_at, id) < (:cursor.updated_at, :cursor.id) --?
ORDER BY updated_at DESC, id DESC
LIMIT :limit;

-- name: list_stale
SELECT * FROM client_sessions
WHERE is_active AND last_heartbeat < :stale_after
  AND (last_heartbeat, id) > (:cursor.last_heartbeat, :cursor.id) --?
ORDER BY last_heartbeat, id
LIMIT :limit;

-- name: count
-- scan: by the flag alone; count_active has an index of its own
SELECT count(*) FROM client_sessions
WHERE TRUE
  AND client_id = :client_id --?
  AND user_id = :user_id     --?
  AND is_active = :is_active --?
;

-- name: count_active
SELECT count(*) FROM client_sessions
WHERE is_active;

-- name: _heartbeat
UPDATE client_sessions
SET last_heartbeat = :now, updated_at = :now
WHERE id = :id AND is_active
RETURNING *;

-- name: activate
UPDATE client_sessions
SET is_active = TRUE, last_heartbeat = :now, updated_at = :now
WHERE id = :id
RETURNING *;

-- name: deactivate
-- A session that is inactive already stays as it is, and so as old as it is.
UPDATE client_sessions
SET is_active = FALSE, updated_at = CASE WHEN is_active THEN :now ELSE updated_at END
WHERE id = :id
RETURNING *;

-- name: cleanup_stale
UPDATE client_sessions
SET is_active = FALSE, updated_at = :now
WHERE is_active AND last_heartbeat < :stale_after
RETURNING id;

-- name: set_user
UPDATE client_sessions
SET user_id = :user_id, updated_at = :now
WHERE id = :id
RETURNING *;

-- name: set_metadata
UPDATE client_sessions
SET metadata = :metadata, updated_at = :now
WHERE id = :id
RETURNING *;

-- name: merge_metadata
UPDATE client_sessions
SET metadata = json_merge(metadata, :patch), updated_at = :now
WHERE id = :id
RETURNING *;

-- name: delete
DELETE FROM client_sessions
WHERE id = :id;

-- name: delete_inactive
DELETE FROM client_sessions
WHERE NOT is_active
  AND updated_at < :older_than --?
;
