-- name: primary_key
SELECT * FROM books
WHERE id = :id;

-- name: primary_key_and_more
SELECT * FROM books
WHERE in_print AND :id = id AND (title = :title OR subtitle = :title);

-- name: unique_key
SELECT * FROM authors
WHERE name = :name;

-- expect: cardinality "nothing limits the statement"
-- name: plain_index
SELECT * FROM books
WHERE author_id = :author_id;

-- expect: cardinality "nothing limits the statement"
-- name: plain_index_for_one_row
SELECT * FROM books
WHERE author_id = :author_id;

-- name: composite_key
SELECT shop_id, book_id, quantity, price FROM stock
WHERE shop_id = :shop_id AND book_id = :book_id;

-- expect: cardinality "nothing limits the statement"
-- name: half_of_a_composite_key
SELECT shop_id, book_id, quantity, price FROM stock
WHERE book_id = :book_id;

-- name: composite_unique_key
SELECT * FROM books
WHERE author_id = :author_id AND title = :title;

-- name: partial_unique_index
SELECT * FROM authors
WHERE email = :email AND deleted_at IS NULL;

-- expect: cardinality "nothing limits the statement"
-- name: partial_unique_index_without_its_condition
SELECT * FROM authors
WHERE email = :email;

-- expect: cardinality "nothing limits the statement"
-- name: partial_unique_index_with_the_opposite
SELECT * FROM authors
WHERE email = :email AND deleted_at IS NOT NULL;

-- name: partial_unique_index_by_status
SELECT * FROM books
WHERE author_id = :author_id AND status = 'draft';

-- expect: cardinality "nothing limits the statement"
-- name: partial_unique_index_by_another_status
SELECT * FROM books
WHERE author_id = :author_id AND status = 'published';

-- expect: cardinality "nothing limits the statement"
-- name: partial_unique_index_by_an_argument
SELECT * FROM books
WHERE author_id = :author_id AND status = :status;

-- expect: cardinality "nothing limits the statement"
-- name: partial_unique_index_for_nulls
SELECT * FROM authors
WHERE email IS NULL AND deleted_at IS NULL;

-- name: limited
SELECT * FROM books
WHERE author_id = :author_id
ORDER BY created_at DESC, id DESC
LIMIT 1;

-- expect: cardinality "nothing limits the statement"
-- name: limited_to_two
SELECT * FROM books
WHERE author_id = :author_id
ORDER BY created_at DESC, id DESC
LIMIT 2;

-- expect: cardinality "nothing limits the statement"
-- name: limited_by_an_argument
SELECT * FROM books
WHERE author_id = :author_id
ORDER BY created_at DESC, id DESC
LIMIT :size;

-- expect: cardinality "nothing limits the statement"
-- name: alternative_of_keys
SELECT * FROM books
WHERE id = :id OR id = :other_id;

-- expect: cardinality "nothing limits the statement"
-- name: key_or_something_else
SELECT * FROM authors
WHERE id = :id OR name = :name;

-- expect: cardinality "nothing limits the statement"
-- name: list_of_keys
SELECT * FROM books
WHERE id IN (:id, :other_id);

-- name: list_of_one_key
SELECT * FROM books
WHERE id IN (:id);

-- expect: cardinality "nothing limits the statement"
-- name: keys_of_a_subquery
SELECT * FROM books
WHERE id IN (SELECT book_id FROM stock WHERE shop_id = :shop_id);

-- name: key_of_a_scalar_subquery
SELECT * FROM books
WHERE id = (SELECT book_id FROM reviews WHERE id = :review_id);

-- expect: cardinality "nothing limits the statement"
-- name: range_of_keys
SELECT * FROM authors
WHERE name >= :name;

-- expect: cardinality "nothing limits the statement"
-- name: key_compared_with_itself
SELECT * FROM books AS b
WHERE b.id = b.id AND b.author_id = :author_id;

-- expect: cardinality "nothing limits the statement"
-- name: negated_key
SELECT * FROM books
WHERE author_id = :author_id AND NOT id = :id;

-- name: join_along_a_foreign_key
SELECT b.title, a.name FROM books AS b JOIN authors AS a ON a.id = b.author_id
WHERE b.id = :id;

-- expect: cardinality "nothing limits the statement"
-- name: join_against_a_foreign_key
SELECT b.title, a.name FROM authors AS a JOIN books AS b ON b.author_id = a.id
WHERE a.id = :id;

-- expect: cardinality "nothing limits the statement"
-- name: left_join_of_many
SELECT b.title, COALESCE(r.score, 0) AS score FROM books AS b LEFT JOIN reviews AS r ON r.book_id = b.id
WHERE b.id = :id;

-- name: chain_of_foreign_keys
SELECT b.title, a.name FROM reviews AS r
JOIN books AS b ON b.id = r.book_id
JOIN authors AS a ON a.id = b.author_id
WHERE r.id = :id;

-- name: key_through_the_join
SELECT b.title, a.name FROM books AS b JOIN authors AS a ON a.id = b.author_id
WHERE a.name = :name AND b.title = :title;

-- expect: cardinality "nothing limits the statement"
-- name: cross_join
SELECT b.title, a.name FROM books AS b, authors AS a
WHERE b.id = :id AND a.country = :country;

-- name: two_keys
SELECT b.title, a.name FROM books AS b, authors AS a
WHERE b.id = :id AND a.id = :author_id;

-- name: aggregate
SELECT count(*) FROM books
WHERE author_id = :author_id;

-- expect: cardinality "nothing limits the statement"
-- name: aggregate_of_groups
SELECT count(*) FROM books
WHERE author_id = :author_id
GROUP BY status;

-- expect: cardinality "nothing limits the statement"
-- name: window_is_no_aggregate
SELECT count(*) OVER () AS number FROM books
WHERE author_id = :author_id;

-- expect: cardinality "nothing limits the statement"
-- name: subquery_with_an_aggregate
SELECT (SELECT count(*) FROM reviews) AS number FROM books
WHERE author_id = :author_id;

-- name: without_a_table
SELECT 1 AS one;

-- expect: cardinality "nothing limits the statement"
-- name: union_of_single_rows
SELECT title FROM books WHERE id = :id
UNION ALL
SELECT name FROM authors WHERE id = :id;

-- name: inserted_row
INSERT INTO shops (id, name)
VALUES (:id, :name)
RETURNING *;

-- expect: cardinality "nothing limits the statement"
-- name: inserted_rows
INSERT INTO shops (id, name)
VALUES (:id, :name), (:other_id, :other_name)
RETURNING *;

-- expect: cardinality "nothing limits the statement"
-- name: inserted_selection
INSERT INTO stock (shop_id, book_id, quantity)
SELECT :shop_id, id, 0 FROM books
WHERE author_id = :author_id
RETURNING book_id;

-- name: updated_row
UPDATE settings
SET note = :note
WHERE key = :key
RETURNING *;

-- expect: cardinality "nothing limits the statement"
-- name: updated_rows
UPDATE books
SET in_print = FALSE, updated_at = :now
WHERE author_id = :author_id
RETURNING *;

-- expect: cardinality "nothing limits the statement"
-- name: deleted_rows
DELETE FROM reviews
WHERE book_id = :book_id
RETURNING *;

-- name: chosen_row
UPDATE books
SET status = 'published', updated_at = :now
WHERE id = (SELECT id FROM books WHERE status = 'draft' ORDER BY created_at, id LIMIT 1)
RETURNING *;

-- expect: cardinality "nothing limits the statement"
-- name: key_in_an_optional_line
SELECT * FROM books
WHERE author_id = :author_id
  AND id = :id --?
;

-- name: derived_row
SELECT title FROM (SELECT title FROM books WHERE author_id = :author_id ORDER BY created_at, id LIMIT 1) AS d;

-- name: row_of_a_cte
WITH own AS (SELECT * FROM books WHERE id = :id)
SELECT title FROM own;

-- expect: cardinality "nothing limits the statement"
-- name: rows_of_a_cte
WITH own AS (SELECT * FROM books WHERE author_id = :author_id)
SELECT title FROM own;

-- expect: cardinality "nothing limits the statement"
-- name: unlimited_around_a_limited_subquery
SELECT b.* FROM books AS b
WHERE b.author_id = :author_id AND EXISTS (SELECT 1 FROM reviews AS r WHERE r.book_id = b.id LIMIT 1);

-- expect: cardinality "nothing limits the statement"
-- name: expression_over_the_key
SELECT * FROM authors
WHERE lower(nickname) = lower(:nickname);

-- name: left_join_of_a_whole_key
SELECT b.title, COALESCE(s.quantity, 0) AS score FROM books AS b
LEFT JOIN stock AS s ON s.book_id = b.id AND s.shop_id = :shop_id
WHERE b.id = :id;

-- expect: cardinality "nothing limits the statement"
-- name: key_in_the_condition_of_a_right_join
SELECT COALESCE(b.title, '') AS title, r.score FROM (SELECT * FROM books WHERE author_id = :author_id) AS b
RIGHT JOIN (SELECT * FROM reviews WHERE author_id = :author_id) AS r ON r.book_id = b.id AND b.id = :id;

-- expect: cardinality "nothing limits the statement"
-- name: key_in_the_condition_of_a_left_join
SELECT b.title, a.name FROM authors AS a LEFT JOIN books AS b ON b.author_id = a.id AND a.id = :id
WHERE a.country = :country AND b.title IS NOT NULL;

-- expect: cardinality "nothing limits the statement"
-- name: key_of_another_row_of_the_table
SELECT b.* FROM books AS b JOIN books AS o ON o.author_id = b.author_id
WHERE o.id = :id;

-- expect: cardinality "nothing limits the statement"
-- name: key_before_an_or
SELECT * FROM books
WHERE id = :id AND in_print OR author_id = :author_id;

-- expect: cardinality "nothing limits the statement"
-- name: partial_unique_index_with_more_statuses
SELECT * FROM books
WHERE author_id = :author_id AND status IN ('draft', 'published');

-- expect: cardinality "nothing limits the statement"
-- name: many_values_of_one_row @postgres
SELECT unnest(tags) AS tag FROM books
WHERE id = :id;

-- expect: cardinality "nothing limits the statement"
-- name: many_values_of_one_row @sqlite
SELECT t.value AS tag FROM books AS b JOIN json_each(b.tags) AS t
WHERE b.id = :id;

-- expect: cardinality "nothing limits the statement"
-- name: limited_with_ties @postgres
SELECT * FROM books
WHERE author_id = :author_id
ORDER BY created_at
FETCH FIRST 1 ROW WITH TIES;

-- name: limited_with_ties @sqlite
SELECT * FROM books
WHERE author_id = :author_id
ORDER BY created_at
LIMIT 1;

-- name: fetched_first @postgres
SELECT * FROM books
WHERE author_id = :author_id
ORDER BY created_at
FETCH FIRST ROW ONLY;

-- name: fetched_first @sqlite
SELECT * FROM books
WHERE author_id = :author_id
ORDER BY created_at
LIMIT 1 OFFSET 0;

-- name: compared_without_case @postgres
SELECT * FROM authors
WHERE name = :name;

-- expect: cardinality "nothing limits the statement"
-- name: compared_without_case @sqlite
-- scan: the index is in another order.
SELECT * FROM authors
WHERE name = :name COLLATE NOCASE;

-- expect: cardinality "nothing limits the statement"
-- name: full_join_of_single_rows
SELECT COALESCE(b.title, '') AS title, COALESCE(a.name, '') AS name
FROM (SELECT * FROM books WHERE id = :id) AS b
FULL JOIN (SELECT * FROM authors WHERE id = :author_id) AS a ON a.id = b.author_id;

-- expect: cardinality "nothing limits the statement"
-- name: key_in_a_subquery_only
SELECT b.title, a.name FROM books AS b JOIN authors AS a ON a.id = b.author_id
WHERE a.country = (SELECT country FROM authors WHERE id = :id);

-- name: row_number_of_the_table
SELECT label FROM samples
WHERE id = :id;
