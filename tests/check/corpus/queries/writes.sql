-- name: insert_row
INSERT INTO shops (id, name, parent_id, motto)
VALUES (:id, :name, :parent_id, :motto)
RETURNING *;

-- name: insert_key
INSERT INTO shops (id, name)
VALUES (:id, :name)
RETURNING id;

-- expect: nullable "motto"
-- name: insert_optional
INSERT INTO shops (id, name, motto)
VALUES (:id, :name, :motto)
RETURNING motto;

-- expect: nullable "motto"
-- name: insert_without_the_column
INSERT INTO shops (id, name)
VALUES (:id, :name)
RETURNING motto;

-- name: insert_nothing_back
INSERT INTO shops (id, name)
VALUES (:id, :name);

-- name: insert_expression
INSERT INTO shops (id, name)
VALUES (:id, :name)
RETURNING upper(name) AS label;

-- expect: nullable "label"
-- name: insert_optional_expression
INSERT INTO shops (id, name, motto)
VALUES (:id, :name, :motto)
RETURNING name || ': ' || motto AS label;

-- name: insert_default
INSERT INTO settings (key, value)
VALUES (:key, :value)
RETURNING *;

-- name: insert_or_nothing
INSERT INTO shops (id, name)
VALUES (:id, :name)
ON CONFLICT (name) DO NOTHING
RETURNING id;

-- name: upsert
INSERT INTO settings (key, value, note)
VALUES (:key, :value, :note)
ON CONFLICT (key) DO UPDATE SET value = excluded.value, note = excluded.note
RETURNING *;

-- expect: nullable "note"
-- name: upsert_optional
INSERT INTO settings (key, value, note)
VALUES (:key, :value, :note)
ON CONFLICT (key) DO UPDATE SET value = excluded.value, note = COALESCE(excluded.note, settings.note)
RETURNING key, note;

-- name: upsert_filled_up
INSERT INTO settings (key, value, note)
VALUES (:key, :value, :note)
ON CONFLICT (key) DO UPDATE SET value = excluded.value
RETURNING key, COALESCE(note, '') AS note;

-- name: update_row
UPDATE books
SET title = :title, updated_at = :now
WHERE id = :id
RETURNING *;

-- expect: nullable "subtitle"
-- name: update_optional
UPDATE books
SET title = :title, updated_at = :now
WHERE id = :id
RETURNING id, title, subtitle;

-- name: update_counter
UPDATE books
SET pages = pages + :pages, updated_at = :now
WHERE id = :id
RETURNING pages;

-- expect: nullable "words"
-- name: update_optional_counter
UPDATE books
SET words = words + :words, updated_at = :now
WHERE id = :id
RETURNING words;

-- name: update_many
UPDATE books
SET in_print = FALSE, updated_at = :now
WHERE author_id = :author_id
RETURNING id;

-- name: update_uncounted
UPDATE books
SET in_print = FALSE, updated_at = :now
WHERE author_id = :author_id;

-- expect: nullable "name"
-- name: update_returning_a_subquery
UPDATE books
SET in_print = FALSE, updated_at = :now
WHERE id = :id
RETURNING title, (SELECT name FROM authors WHERE id = books.author_id) AS name;

-- name: update_from @postgres
UPDATE books
SET in_print = FALSE, updated_at = :now
FROM authors AS a
WHERE a.id = books.author_id AND books.id = :id
RETURNING books.title, a.name;

-- name: update_from @sqlite
UPDATE books
SET in_print = FALSE, updated_at = :now
WHERE id = :id
RETURNING title, COALESCE((SELECT name FROM authors WHERE id = books.author_id), '') AS name;

-- expect: nullable @postgres "name"
-- name: update_from_an_optional @postgres
UPDATE books
SET in_print = FALSE, updated_at = :now
FROM authors AS a
WHERE a.id = books.author_id AND books.id = :id
RETURNING books.title, a.nickname AS name;

-- name: update_from_an_optional @sqlite
UPDATE books
SET in_print = FALSE, updated_at = :now
WHERE id = :id
RETURNING title, COALESCE((SELECT nickname FROM authors WHERE id = books.author_id), '') AS name;

-- expect: nullable @postgres "name"
-- name: update_from_a_left_join @postgres
UPDATE books
SET in_print = FALSE, updated_at = :now
FROM reviews AS r LEFT JOIN authors AS a ON a.id = r.author_id
WHERE r.id = :review_id AND books.id = r.book_id
RETURNING books.title, a.name;

-- name: update_from_a_left_join @sqlite
UPDATE books
SET in_print = FALSE, updated_at = :now
WHERE id = (SELECT book_id FROM reviews WHERE id = :review_id)
RETURNING title, '' AS name;

-- name: delete_row
DELETE FROM authors
WHERE id = :id
RETURNING *;

-- expect: nullable "nickname"
-- name: delete_optional
DELETE FROM authors
WHERE country = :country
RETURNING nickname;

-- name: delete_known
DELETE FROM authors
WHERE id = :id;

-- name: insert_select
INSERT INTO reviews (id, book_id, score, created_at)
SELECT :id, id, 5, :now FROM books
WHERE id = :book_id
RETURNING book_id, score;

-- expect: nullable "body"
-- name: insert_select_optional
INSERT INTO reviews (id, book_id, score, body, created_at)
SELECT :id, id, 5, subtitle, :now FROM books
WHERE id = :book_id
RETURNING body;

-- expect: nullable "is_new"
-- name: returned_comparison
UPDATE stock
SET counted_at = :now, quantity = :quantity
WHERE shop_id = :shop_id AND book_id = :book_id
RETURNING price > 0 AS is_new;
