-- name: _find
SELECT * FROM configurations
WHERE key = :key;

-- name: _find_stored
SELECT * FROM configurations
WHERE key = :key;

-- name: _lock @postgres
SELECT * FROM configurations
WHERE key = :key
FOR NO KEY UPDATE;

-- name: _lock @sqlite
-- A transaction holds the whole database already.
SELECT * FROM configurations
WHERE key = :key;

-- name: _lock_secrets @postgres
SELECT * FROM configurations
WHERE is_secret AND key > :after
ORDER BY key
LIMIT 500
FOR NO KEY UPDATE;

-- name: _lock_secrets @sqlite
SELECT * FROM configurations
WHERE is_secret AND key > :after
ORDER BY key
LIMIT 500;

-- name: exists
SELECT EXISTS (SELECT 1 FROM configurations WHERE key = :key);

-- name: find_many, iterate, list_by_type, _list_by_prefix
-- scan: by the flag alone; list_secrets has an index of its own
SELECT * FROM configurations
WHERE TRUE
  AND value_type = :value_type --?
  AND is_secret = :is_secret   --?
  AND key >= :prefix           --?
  AND key < :until             --?
  AND key > :cursor.key        --?
ORDER BY key
LIMIT :limit                   --?
;

-- name: list_secrets
SELECT * FROM configurations
WHERE is_secret
  AND key > :cursor.key --?
ORDER BY key
LIMIT :limit;

-- name: count
-- scan: by the flag alone
SELECT count(*) FROM configurations
WHERE TRUE
  AND value_type = :value_type --?
  AND is_secret = :is_secret   --?
;

-- name: _put
-- Whether the key has a secret already, and so which of the two forms is stored, is known to this statement alone.
INSERT INTO configurations (
    key, value, value_type, description, is_secret, is_encoded, created_at, updated_at
)
VALUES (
    :key,
    CASE WHEN :is_secret THEN :secret_form ELSE :value END,
    :value_type,
    :description,
    COALESCE(:is_secret, FALSE),
    COALESCE(:is_secret, FALSE) AND :encodes,
    :now,
    :now
)
ON CONFLICT (key) DO UPDATE
SET value = CASE WHEN COALESCE(:is_secret, configurations.is_secret) THEN :secret_form ELSE :value END,
    value_type = :value_type,
    description = CASE WHEN :keeps_description THEN configurations.description ELSE :description END,
    is_secret = COALESCE(:is_secret, configurations.is_secret),
    is_encoded = COALESCE(:is_secret, configurations.is_secret) AND :encodes,
    updated_at = :now
RETURNING *;

-- name: _put_first
-- The update that changes nothing has the statement return the row that was there first.
INSERT INTO configurations (key, value, value_type, created_at, updated_at)
VALUES (:key, :value, :value_type, :now, :now)
ON CONFLICT (key) DO UPDATE
SET updated_at = configurations.updated_at
RETURNING *;

-- name: _store
UPDATE configurations
SET value = :value, is_secret = :is_secret, is_encoded = :is_encoded, updated_at = :now
WHERE key = :key
RETURNING *;

-- name: _store_encoded
UPDATE configurations
SET value = :secrets.value, is_encoded = TRUE, updated_at = :now
WHERE key = :secrets.key;

-- name: update_description
UPDATE configurations
SET description = :description, updated_at = :now
WHERE key = :key
RETURNING *;

-- name: delete
DELETE FROM configurations
WHERE key = :key;

-- name: _delete_all
DELETE FROM configurations;
