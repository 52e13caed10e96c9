-- name: create
INSERT INTO books (
    id, author_id, title, price, score, pages, words, weight, in_print, details, notes, tags, published_at,
    created_at, updated_at
)
VALUES (
    :id, :author_id, :title, :price, :score, :pages, :words, :weight, :in_print, :details, :notes, :tags, :published_at,
    :now, :now
)
RETURNING *;

-- name: create_many, load_many
INSERT INTO books (id, title, price, pages, created_at, updated_at)
VALUES (:books.id, :books.title, :books.price, :books.pages, :now, :now)
RETURNING *;

-- name: import_many
INSERT INTO books (id, title, price, pages, created_at, updated_at)
VALUES (:books.id, :books.title, :books.price, :books.pages, :now, :now);

-- name: get, find
SELECT * FROM books
WHERE id = :id;

-- name: find_many, iterate, list_by_author
-- One statement for every list: newest first.
SELECT * FROM books
WHERE TRUE
  AND author_id = :author_id                                --?
  AND status = :status                                      --?
  AND in_print = :in_print                                  --?
  AND (created_at, id) < (:cursor.created_at, :cursor.id)   --?
ORDER BY created_at DESC, id DESC
LIMIT :limit                                                --?
;

-- name: count
SELECT count(*) FROM books
WHERE TRUE
  AND author_id = :author_id --?
  AND status = :status       --?
  AND in_print = :in_print   --?
;

-- name: counts_by_status
SELECT status, count(*) FROM books
GROUP BY status;

-- What moves a book from one status to another.

-- name: publish
UPDATE books
SET status = 'published', published_at = :now, updated_at = :now
WHERE id = :id AND status = 'draft'
RETURNING *;

-- name: withdraw
UPDATE books
SET status = 'withdrawn', updated_at = :now
WHERE id = :id AND status IN ('draft', 'published')
RETURNING *;

-- name: update
UPDATE books
SET updated_at = :now
  , title = :title   --?
  , score = :score   --?
  , weight = :weight --?
WHERE id = :id
RETURNING *;

-- name: add_words
UPDATE books
SET words = words + :count, updated_at = :now
WHERE id = :id
RETURNING *;

-- name: delete
DELETE FROM books
WHERE id = :id;

-- name: delete_drafts
DELETE FROM books
WHERE status = 'draft';

-- Nothing stands below this line: a comment after the last statement belongs to no other.
