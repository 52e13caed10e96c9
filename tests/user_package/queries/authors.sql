-- name: create
INSERT INTO authors (id, name, created_at)
VALUES (:id, :name, :now)
RETURNING *;

-- name: get, find
SELECT * FROM authors
WHERE id = :id;

-- name: delete
DELETE FROM authors
WHERE id = :id;
