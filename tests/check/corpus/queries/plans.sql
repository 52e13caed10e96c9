-- name: by_index
SELECT * FROM books
WHERE editor_id = :editor_id;

-- expect: scan "begins with nickname" at: FROM authors
-- name: without_an_index
SELECT *
FROM authors
WHERE nickname = :nickname;

-- name: by_expression_index
SELECT * FROM authors
WHERE lower(nickname) = lower(:nickname);

-- expect: scan "begins with upper(nickname)"
-- name: by_an_expression_without_an_index
SELECT * FROM authors
WHERE upper(nickname) = upper(:nickname);

-- expect: scan "begins with lower(name)"
-- name: expression_over_an_indexed_column
SELECT * FROM authors
WHERE lower(name) = lower(:name);

-- name: by_partial_index
SELECT * FROM books
WHERE published_on = :day AND in_print;

-- expect: scan "begins with published_on"
-- name: by_a_partial_index_without_its_condition
SELECT * FROM books
WHERE published_on = :day;

-- expect: scan "begins with title"
-- name: second_column_of_an_index
SELECT * FROM books
WHERE title = :title;

-- name: second_column_with_the_first
SELECT * FROM books
WHERE author_id = :author_id AND title > :title;

-- expect: scan "begins with title"
-- name: pattern
SELECT * FROM books
WHERE title LIKE :pattern;

-- expect: scan "begins with subtitle"
-- name: alternative_without_an_index
SELECT * FROM books
WHERE id = :id OR subtitle = :subtitle;

-- name: alternative_of_indexes
SELECT * FROM books
WHERE author_id = :author_id OR editor_id = :author_id;

-- name: list_of_keys
SELECT * FROM books
WHERE id IN (:id, :other_id);

-- name: range
SELECT * FROM books
WHERE created_at >= :since AND created_at < :until;

-- expect: scan "begins with counted_at"
-- name: range_without_an_index
SELECT shop_id, book_id, quantity, price FROM stock
WHERE counted_at < :until;

-- name: everything
SELECT * FROM authors;

-- name: everything_in_order
SELECT * FROM books
ORDER BY created_at, id;

-- name: count_of_everything
SELECT count(*) FROM books;

-- name: join_by_indexes
SELECT r.id, b.title FROM reviews AS r JOIN books AS b ON b.id = r.book_id
WHERE r.author_id = :author_id;

-- expect: scan "begins with subtitle" at: JOIN books
-- name: join_without_an_index
SELECT a.id, b.title FROM authors AS a
JOIN books AS b ON b.subtitle = a.name
WHERE a.id = :id;

-- expect: scan "begins with body" at: FROM reviews
-- name: subquery_without_an_index
SELECT id, title FROM books
WHERE author_id = :author_id
  AND EXISTS (SELECT 1
              FROM reviews
              WHERE body = books.title);

-- expect: scan "begins with subtitle" at: UPDATE books
-- name: update_without_an_index
UPDATE books
SET in_print = FALSE, updated_at = :now
WHERE subtitle = :subtitle;

-- name: update_by_index
UPDATE books
SET in_print = FALSE, updated_at = :now
WHERE created_at < :until;

-- expect: scan "begins with counted_at" at: DELETE FROM stock
-- name: delete_without_an_index
DELETE FROM stock
WHERE counted_at < :until;

-- name: delete_by_index
DELETE FROM stock
WHERE book_id = :book_id;

-- expect: scan "begins with nickname"
-- name: optional_line_without_an_index
SELECT * FROM authors
WHERE TRUE
  AND country = :country   --?
  AND nickname = :nickname --?
;

-- name: order_of_an_index
SELECT * FROM books
WHERE author_id = :author_id
ORDER BY created_at DESC, id DESC;

-- expect: sort "begins with author_id, pages" at: ORDER BY pages
-- name: order_without_an_index
SELECT * FROM books
WHERE author_id = :author_id
ORDER BY pages;

-- expect: sort "begins with author_id, created_at DESC, id" at: ORDER BY created_at DESC, id
-- name: order_in_two_directions
SELECT * FROM books
WHERE author_id = :author_id
ORDER BY created_at DESC, id;

-- expect: sort "begins with country, name"
-- name: order_by_another_index
SELECT * FROM authors
WHERE country = :country
ORDER BY name;

-- name: order_of_one_row
SELECT * FROM books
WHERE id = :id
ORDER BY pages;

-- name: order_of_groups
SELECT status, count(*) AS number FROM books
WHERE author_id = :author_id
GROUP BY status
ORDER BY count(*) DESC;

-- name: page
SELECT * FROM books
WHERE author_id = :author_id
  AND (created_at, id) < (:cursor.created_at, :cursor.id) --?
ORDER BY created_at DESC, id DESC
LIMIT :limit;

-- expect: sort "begins with author_id, updated_at, id"
-- name: page_without_an_index
SELECT * FROM books
WHERE author_id = :author_id
  AND (updated_at, id) < (:cursor.updated_at, :cursor.id) --?
ORDER BY updated_at DESC, id DESC
LIMIT :limit;

-- name: small_values_in_order
WITH v (number, word) AS (VALUES (2, 'two'), (1, 'one'))
SELECT word, number FROM v
ORDER BY number;

-- name: keyed_array @postgres
SELECT * FROM books
WHERE id = ANY (:ids);

-- name: keyed_array @sqlite
SELECT * FROM books
WHERE id IN (SELECT value FROM json_each(:ids));
