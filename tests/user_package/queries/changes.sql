-- name: merge
SELECT json_merge(:target, :patch) AS value;

-- name: put
SELECT json_put(:target, :key, CAST(:value AS text)) AS value;

-- name: put_time @postgres
SELECT json_put(:target, :key, CAST(:value AS timestamptz)) AS value;

-- name: put_time @sqlite
SELECT json_put(:target, :key, :value) AS value;

-- name: without
SELECT json_without(:target, :key) AS value;

-- name: append
SELECT array_append_distinct(:existing, :added) AS value;

-- name: list_titles
SELECT title FROM books
ORDER BY title;
