-- name: get, find
SELECT * FROM books
WHERE id = :id;

-- name: find_many, iterate, list_by_author
SELECT * FROM books
WHERE TRUE
  AND author_id = :author_id                              --?
  AND status = :status                                    --?
  AND (created_at, id) < (:cursor.created_at, :cursor.id) --?
ORDER BY created_at DESC, id DESC
LIMIT :limit                                              --?
;

-- expect: nullable "subtitle"
-- name: stream_of_optional
SELECT subtitle FROM books
WHERE author_id = :author_id;

-- name: stream_of_optional_allowed
SELECT subtitle FROM books
WHERE author_id = :author_id;

-- expect: nullable "subtitle"
-- name: page_of_optional
SELECT id, created_at, subtitle FROM books
WHERE author_id = :author_id
  AND (created_at, id) < (:cursor.created_at, :cursor.id) --?
ORDER BY created_at DESC, id DESC
LIMIT :limit;

-- name: create_many
INSERT INTO shops (id, name, parent_id)
VALUES (:shops.id, :shops.name, :shops.parent_id);

-- name: create_many_returning
INSERT INTO shops (id, name, parent_id)
VALUES (:shops.id, :shops.name, :shops.parent_id)
RETURNING id;

-- expect: nullable "motto"
-- name: create_many_returning_optional
INSERT INTO shops (id, name, parent_id)
VALUES (:shops.id, :shops.name, :shops.parent_id)
RETURNING id, motto;

-- name: publish
UPDATE books
SET status = 'published', updated_at = :now
  , subtitle = :subtitle --?
WHERE id = :id AND status = 'draft'
RETURNING *;

-- expect: cardinality "nothing limits the statement"
-- name: withdraw_all
UPDATE books
SET status = 'withdrawn', updated_at = :now
WHERE author_id = :id AND status IN ('draft', 'published')
RETURNING *;

-- expect: nullable "subtitle"
-- name: withdraw
UPDATE books
SET status = 'withdrawn', updated_at = :now
WHERE id = :id AND status IN ('draft', 'published')
RETURNING id, subtitle;

-- name: update
UPDATE books
SET updated_at = :now
  , title = :title         --?
  , subtitle = :subtitle   --?
  , editor_id = :editor_id --?
WHERE id = :id
RETURNING *;

-- expect: cardinality "nothing limits the statement"
-- name: update_by_author
UPDATE books
SET updated_at = :now
  , title = :title --?
WHERE author_id = :id
RETURNING *;

-- expect: parameter-type @postgres ":pages" at: , pages = :pages
-- name: update_with_a_wrong_type
UPDATE books
SET updated_at = :now
  , title = :title --?
  , pages = :pages --?
WHERE id = :id
RETURNING *;

-- expect: refused @postgres "colour" at: , colour = :colour
-- expect: refused @sqlite "colour"
-- name: update_of_an_unknown_column
UPDATE books
SET updated_at = :now
  , title = :title   --?
  , colour = :colour --?
WHERE id = :id
RETURNING *;

-- name: list_filtered
SELECT * FROM books
WHERE author_id = :author_id
  AND status = :status           --?
  AND in_print = :in_print       --?
  AND pages >= :least            --?
  AND pages <= :most             --?
  AND released_at IS NOT NULL AND words > :after --?
ORDER BY created_at DESC, id DESC;

-- expect: nullable "word"
-- name: given_none
SELECT title
  , CAST(:word AS text) AS word --?
FROM books
WHERE id = :id;

-- name: given_something
SELECT title
  , CAST(:word AS text) AS word --?
FROM books
WHERE id = :id;

-- name: replaced_none
SELECT title, CAST(:word AS text) AS word FROM books
WHERE id = :id;
