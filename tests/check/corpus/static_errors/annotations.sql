-- name: without_annotation, unheld_parameter, decimal_without_scale, undefined_annotation, without_return
SELECT title FROM books
WHERE id = :id;

-- name: unheld_return, two_types, unheld_field, plain_function, without_executor, any_number_of_parameters
SELECT title FROM books
WHERE id = :id;

-- name: rows_of_no_returning
DELETE FROM books
WHERE id = :id;

-- name: stream_as_a_coroutine
SELECT title FROM books
WHERE author_id = :author_id;

-- name: page_without_limit
SELECT * FROM books
WHERE author_id = :author_id
  AND (created_at, id) < (:cursor.created_at, :cursor.id) --?
ORDER BY created_at DESC, id DESC;

-- name: page_without_keys
SELECT * FROM books
WHERE author_id = :author_id
  AND title > :cursor --?
ORDER BY title
LIMIT :limit;

-- name: counted_bulk
INSERT INTO shops (id, name)
VALUES (:shops.id, :shops.name);

-- expect: static "a transition says SET status"
-- name: transition_to_an_argument
UPDATE books
SET status = :status, updated_at = :now
WHERE id = :id AND status = 'draft'
RETURNING *;

-- expect: static "a transition is an UPDATE"
-- name: transition_of_a_select
SELECT * FROM books
WHERE id = :id AND status = 'draft';

-- name: transition_without_find
UPDATE books
SET status = 'published', updated_at = :now
WHERE id = :id AND status = 'draft'
RETURNING *;

-- name: partial_update_without_get
UPDATE books
SET updated_at = :now
  , title = :title --?
WHERE id = :id
RETURNING *;
