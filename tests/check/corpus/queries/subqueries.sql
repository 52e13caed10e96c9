-- name: scalar_allowed
SELECT b.title, (SELECT a.name FROM authors AS a WHERE a.id = b.author_id) AS name FROM books AS b
WHERE b.id = :id;

-- expect: nullable "name"
-- name: scalar
SELECT b.title, (SELECT a.name FROM authors AS a WHERE a.id = b.author_id) AS name FROM books AS b
WHERE b.id = :id;

-- name: scalar_filled_up
SELECT b.title, COALESCE((SELECT a.name FROM authors AS a WHERE a.id = b.author_id), '') AS name FROM books AS b
WHERE b.id = :id;

-- expect: nullable "name"
-- name: scalar_filled_up_too_early
SELECT b.title, (SELECT COALESCE(a.nickname, '') FROM authors AS a WHERE a.id = b.author_id) AS name FROM books AS b
WHERE b.id = :id;

-- name: scalar_count
SELECT b.title, (SELECT count(*) FROM reviews AS r WHERE r.book_id = b.id) AS review_count FROM books AS b
WHERE b.id = :id;

-- expect: nullable "review_count"
-- name: scalar_count_of_groups
SELECT b.title,
       (SELECT count(*) FROM reviews AS r WHERE r.book_id = b.id GROUP BY r.book_id) AS review_count
FROM books AS b
WHERE b.id = :id;

-- expect: nullable "review_count"
-- name: scalar_count_with_having
SELECT b.title,
       (SELECT count(*) FROM reviews AS r WHERE r.book_id = b.id HAVING count(*) > 3) AS review_count
FROM books AS b
WHERE b.id = :id;

-- expect: nullable "review_count"
-- name: scalar_count_beyond_an_offset
SELECT b.title,
       (SELECT count(*) FROM reviews AS r WHERE r.book_id = b.id LIMIT 1 OFFSET 1) AS review_count
FROM books AS b
WHERE b.id = :id;

-- expect: nullable "best"
-- name: scalar_max
SELECT b.title, (SELECT max(r.score) FROM reviews AS r WHERE r.book_id = b.id) AS best FROM books AS b
WHERE b.id = :id;

-- name: scalar_max_filled_up_inside
SELECT b.title, (SELECT COALESCE(max(r.score), 0) FROM reviews AS r WHERE r.book_id = b.id) AS best FROM books AS b
WHERE b.id = :id;

-- name: scalar_literal_allowed
SELECT b.title, (SELECT 'reviewed' FROM reviews AS r WHERE r.id = :review_id) AS name FROM books AS b
WHERE b.id = :id;

-- expect: nullable "name"
-- name: scalar_literal
SELECT b.title, (SELECT 'reviewed' FROM reviews AS r WHERE r.id = :review_id) AS name FROM books AS b
WHERE b.id = :id;

-- name: exists
SELECT b.title, EXISTS (SELECT 1 FROM reviews AS r WHERE r.book_id = b.id) AS is_reviewed FROM books AS b
WHERE b.id = :id;

-- name: not_exists
SELECT b.title, NOT EXISTS (SELECT 1 FROM reviews AS r WHERE r.book_id = b.id) AS is_reviewed FROM books AS b
WHERE b.id = :id;

-- expect: nullable "is_reviewed"
-- name: among_optional_values
SELECT b.title, b.author_id IN (SELECT r.author_id FROM reviews AS r WHERE r.book_id = b.id) AS is_reviewed
FROM books AS b
WHERE b.id = :id;

-- expect: nullable "is_reviewed"
-- name: not_among_optional_values
SELECT b.title, b.author_id NOT IN (SELECT r.author_id FROM reviews AS r WHERE r.book_id = b.id) AS is_reviewed
FROM books AS b
WHERE b.id = :id;

-- expect: nullable "is_reviewed"
-- name: optional_value_among
SELECT b.title, b.editor_id IN (SELECT r.book_id FROM reviews AS r WHERE r.book_id = b.id) AS is_reviewed
FROM books AS b
WHERE b.id = :id;

-- name: derived_table
SELECT d.title, d.name FROM (
    SELECT b.title, a.name FROM books AS b JOIN authors AS a ON a.id = b.author_id WHERE b.id = :id
) AS d;

-- expect: nullable "name"
-- name: derived_table_with_optional
SELECT d.title, d.name FROM (
    SELECT b.title, b.subtitle AS name FROM books AS b WHERE b.id = :id
) AS d;

-- expect: nullable "name"
-- name: derived_table_with_left_join
SELECT d.title, d.name FROM (
    SELECT b.title, e.name FROM books AS b LEFT JOIN authors AS e ON e.id = b.editor_id WHERE b.id = :id
) AS d;

-- name: nested_derived_tables
SELECT o.title, o.name FROM (
    SELECT i.title, COALESCE(i.subtitle, 'none') AS name FROM (
        SELECT title, subtitle FROM books WHERE id = :id
    ) AS i
) AS o;

-- expect: nullable "name"
-- name: nested_derived_tables_with_optional
SELECT o.title, o.name FROM (
    SELECT i.title, i.subtitle AS name FROM (
        SELECT title, subtitle FROM books WHERE id = :id
    ) AS i
) AS o;

-- name: star_of_a_derived_table
SELECT * FROM (SELECT title, COALESCE(subtitle, title) AS name FROM books WHERE id = :id) AS d;

-- expect: nullable "name"
-- name: star_of_a_derived_table_with_optional
SELECT * FROM (SELECT title, subtitle AS name FROM books WHERE id = :id) AS d;

-- name: filtered_by_a_subquery
SELECT title FROM books
WHERE author_id IN (SELECT id FROM authors WHERE country = :country);
