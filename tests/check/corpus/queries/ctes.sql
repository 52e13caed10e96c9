-- name: cte
WITH own AS (SELECT id, title FROM books WHERE author_id = :author_id)
SELECT id, title AS line FROM own;

-- expect: nullable "line"
-- name: cte_with_optional
WITH own AS (SELECT id, subtitle FROM books WHERE author_id = :author_id)
SELECT id, subtitle AS line FROM own;

-- name: cte_filled_up
WITH own AS (SELECT id, COALESCE(subtitle, title) AS line FROM books WHERE author_id = :author_id)
SELECT id, line FROM own;

-- expect: nullable "line"
-- name: chained_ctes
WITH own AS (SELECT id, subtitle FROM books WHERE author_id = :author_id),
     named AS (SELECT id, subtitle AS line FROM own)
SELECT id, line FROM named;

-- name: renamed_columns
WITH own (id, line, note) AS (SELECT id, title, subtitle FROM books WHERE author_id = :author_id)
SELECT id, line FROM own;

-- expect: nullable "line"
-- name: renamed_columns_exchanged
WITH own (id, note, line) AS (SELECT id, title, subtitle FROM books WHERE author_id = :author_id)
SELECT id, line FROM own;

-- expect: nullable "title"
-- name: cte_named_as_a_table
WITH books AS (SELECT id, nickname AS title FROM authors WHERE id = :id)
SELECT title FROM books;

-- name: table_named_as_the_cte_of_another_query
WITH named AS (SELECT s.title FROM (WITH books AS (SELECT name AS title FROM authors WHERE id = :id)
                                    SELECT title FROM books) AS s)
SELECT b.title FROM books AS b JOIN named AS n ON n.title = b.title
WHERE b.author_id = :id;

-- expect: nullable "line"
-- name: left_join_of_a_cte
WITH latest AS (SELECT book_id, 'reviewed' AS line FROM reviews WHERE author_id = :author_id)
SELECT b.id, l.line FROM books AS b LEFT JOIN latest AS l ON l.book_id = b.id
WHERE b.author_id = :author_id;

-- name: inner_join_of_a_cte
WITH latest AS (SELECT book_id, 'reviewed' AS line FROM reviews WHERE author_id = :author_id)
SELECT b.id, l.line FROM books AS b JOIN latest AS l ON l.book_id = b.id
WHERE b.author_id = :author_id;

-- expect: nullable "review_count"
-- name: left_join_of_counts
WITH counts AS (SELECT book_id, count(*) AS review_count FROM reviews WHERE author_id = :author_id GROUP BY book_id)
SELECT b.title, c.review_count FROM books AS b LEFT JOIN counts AS c ON c.book_id = b.id
WHERE b.author_id = :author_id;

-- expect: nullable "longest"
-- name: cte_with_an_empty_max
WITH bounds AS (SELECT max(pages) AS longest FROM books WHERE author_id = :author_id)
SELECT longest FROM bounds;

-- expect: nullable "line"
-- name: scalar_subquery_of_a_cte
WITH own AS (SELECT id, name FROM authors WHERE id = :author_id)
SELECT b.id, (SELECT name FROM own) AS line FROM books AS b
WHERE b.author_id = :author_id;

-- name: ancestors
WITH RECURSIVE up AS (
    SELECT id, name, parent_id, 0 AS depth FROM shops WHERE id = :id
    UNION ALL
    SELECT s.id, s.name, s.parent_id, up.depth + 1 FROM shops AS s JOIN up ON s.id = up.parent_id
)
SELECT id, name, depth FROM up;

-- expect: nullable "parent_id"
-- name: ancestors_with_optional
WITH RECURSIVE up AS (
    SELECT id, parent_id FROM shops WHERE id = :id
    UNION ALL
    SELECT s.id, s.parent_id FROM shops AS s JOIN up ON s.id = up.parent_id
)
SELECT id, parent_id FROM up;

-- expect: nullable "name"
-- name: optional_recursive_arm
WITH RECURSIVE up AS (
    SELECT id, name, parent_id, 0 AS depth FROM shops WHERE id = :id
    UNION ALL
    SELECT s.id, s.motto, s.parent_id, up.depth + 1 FROM shops AS s JOIN up ON s.id = up.parent_id
)
SELECT id, name, depth FROM up;

-- expect: nullable "name"
-- name: optional_first_arm
WITH RECURSIVE up AS (
    SELECT id, CASE WHEN motto IS NULL THEN name END AS name, parent_id, 0 AS depth FROM shops WHERE id = :id
    UNION ALL
    SELECT s.id, s.name, s.parent_id, up.depth + 1 FROM shops AS s JOIN up ON s.id = up.parent_id
)
SELECT id, name, depth FROM up;

-- expect: nullable "parent_id"
-- name: optional_that_travels_through_the_recursion
WITH RECURSIVE walk AS (
    SELECT id, id AS parent_id, 0 AS depth FROM shops WHERE id = :id
    UNION ALL
    SELECT s.id, s.parent_id, walk.depth + 1 FROM walk JOIN shops AS s ON s.id = walk.parent_id
),
     last AS (SELECT id, parent_id FROM walk WHERE depth < 10)
SELECT id, parent_id FROM last;

-- expect: nullable "number"
-- name: recursion_over_its_own_column
WITH RECURSIVE walk AS (
    SELECT 1 AS number, 2 AS next
    UNION ALL
    SELECT next, NULLIF(next + 1, 5) FROM walk WHERE number < 10
)
SELECT number FROM walk;

-- name: numbers
WITH RECURSIVE walk AS (
    SELECT 1 AS number
    UNION ALL
    SELECT number + 1 FROM walk WHERE number < 10
)
SELECT number FROM walk;

-- name: deleted_rows @postgres
WITH gone AS (DELETE FROM books WHERE id = :id RETURNING id, title)
SELECT id, title AS line FROM gone;

-- name: deleted_rows @sqlite
DELETE FROM books
WHERE id = :id
RETURNING id, title AS line;

-- expect: nullable "line"
-- name: deleted_rows_with_optional @postgres
WITH gone AS (DELETE FROM books WHERE id = :id RETURNING id, subtitle)
SELECT id, subtitle AS line FROM gone;

-- expect: nullable "line"
-- name: deleted_rows_with_optional @sqlite
DELETE FROM books
WHERE id = :id
RETURNING id, subtitle AS line;

-- expect: cardinality "nothing limits the statement"
-- name: cte_before_its_namesake @postgres
WITH own AS (SELECT title FROM books WHERE author_id = :author_id),
     books AS (SELECT title FROM own LIMIT 1)
SELECT title FROM own;

-- expect: cardinality "nothing limits the statement"
-- name: cte_before_its_namesake @sqlite
SELECT title FROM books
WHERE author_id = :author_id;

-- name: cte_over_its_namesake @postgres
WITH books AS (SELECT id, title FROM books WHERE id = :id)
SELECT title FROM books;

-- name: cte_over_its_namesake @sqlite
SELECT title FROM books
WHERE id = :id;
