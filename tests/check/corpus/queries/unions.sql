-- name: union_all
SELECT id, title AS line FROM books WHERE author_id = :author_id
UNION ALL
SELECT id, name FROM authors WHERE id = :author_id;

-- expect: nullable "line" at: title AS line
-- name: union_all_with_an_optional_arm
SELECT id, title AS line FROM books WHERE author_id = :author_id
UNION ALL
SELECT id, nickname FROM authors WHERE id = :author_id;

-- expect: nullable "line"
-- name: union_with_an_optional_first_arm
SELECT id, subtitle AS line FROM books WHERE author_id = :author_id
UNION
SELECT id, name FROM authors WHERE id = :author_id;

-- name: union_allowed
SELECT id, title AS line FROM books WHERE author_id = :author_id
UNION ALL
SELECT id, nickname FROM authors WHERE id = :author_id;

-- name: union_with_literals
SELECT 'book' AS kind, pages AS amount FROM books WHERE author_id = :author_id
UNION ALL
SELECT 'total', count(*) FROM books WHERE author_id = :author_id;

-- expect: nullable "amount"
-- name: union_with_null
SELECT 'book' AS kind, pages AS amount FROM books WHERE author_id = :author_id
UNION ALL
SELECT 'none', NULL;

-- expect: nullable "amount"
-- name: union_with_an_empty_sum
SELECT 'book' AS kind, pages AS amount FROM books WHERE author_id = :author_id
UNION ALL
SELECT 'total', sum(pages) FROM books WHERE author_id = :author_id;

-- expect: nullable "line"
-- name: third_arm
SELECT id, title AS line FROM books WHERE author_id = :author_id
UNION ALL
SELECT id, name FROM authors WHERE id = :author_id
UNION ALL
SELECT id, body FROM reviews WHERE author_id = :author_id;

-- expect: nullable "line"
-- name: arm_with_a_left_join
SELECT id, title AS line FROM books WHERE author_id = :author_id
UNION ALL
SELECT b.id, e.name FROM books AS b LEFT JOIN authors AS e ON e.id = b.editor_id WHERE b.author_id = :author_id;

-- expect: nullable "line"
-- name: derived_union
SELECT u.id, u.line FROM (
    SELECT id, title AS line FROM books WHERE author_id = :author_id
    UNION ALL
    SELECT id, nickname FROM authors WHERE id = :author_id
) AS u;

-- name: derived_union_filled_up
SELECT u.id, COALESCE(u.line, '') AS line FROM (
    SELECT id, title AS line FROM books WHERE author_id = :author_id
    UNION ALL
    SELECT id, nickname FROM authors WHERE id = :author_id
) AS u;

-- name: exchanged_columns_of_arms
SELECT title AS line FROM books WHERE author_id = :author_id
UNION ALL
SELECT name AS subtitle FROM authors WHERE id = :author_id;

-- expect: nullable "line"
-- name: intersection_of_optionals
SELECT subtitle AS line FROM books WHERE author_id = :author_id
INTERSECT
SELECT body FROM reviews WHERE author_id = :author_id;

-- name: intersection
SELECT title AS line FROM books WHERE author_id = :author_id
INTERSECT
SELECT name FROM authors WHERE id = :author_id;

-- expect: nullable "line"
-- name: difference_of_an_optional
SELECT subtitle AS line FROM books WHERE author_id = :author_id
EXCEPT
SELECT name FROM authors WHERE id = :author_id;

-- expect: nullable "word"
-- name: rows_of_values
WITH v (number, word) AS (VALUES (1, 'one'), (2, NULL))
SELECT number, word FROM v;

-- name: rows_of_values_allowed
WITH v (number, word) AS (VALUES (1, 'one'), (2, 'two'))
SELECT number, word FROM v;
