-- name: inner_join
SELECT b.title, a.id AS "author.id", a.name AS "author.name" FROM books AS b JOIN authors AS a ON a.id = b.author_id
WHERE b.id = :id;

-- name: left_join
SELECT b.title, e.id AS "editor.id", e.name AS "editor.name"
FROM books AS b LEFT JOIN authors AS e ON e.id = b.editor_id
WHERE b.id = :id;

-- expect: nullable "editor.id" at: AS "editor.id"
-- expect: nullable "editor.name" at: AS "editor.name"
-- name: left_join_of_a_required_record
SELECT b.title,
       e.id AS "editor.id",
       e.name AS "editor.name"
FROM books AS b LEFT JOIN authors AS e ON e.id = b.editor_id
WHERE b.id = :id;

-- expect: nullable "editor.nickname"
-- name: optional_column_of_a_left_join
SELECT b.title, e.id AS "editor.id", e.nickname AS "editor.nickname"
FROM books AS b LEFT JOIN authors AS e ON e.id = b.editor_id
WHERE b.id = :id;

-- name: optional_column_of_a_left_join_allowed
SELECT b.title, e.id AS "editor.id", e.nickname AS "editor.nickname"
FROM books AS b LEFT JOIN authors AS e ON e.id = b.editor_id
WHERE b.id = :id;

-- name: two_records
SELECT b.title, a.id AS "author.id", a.name AS "author.name", e.id AS "editor.id", e.name AS "editor.name"
FROM books AS b
JOIN authors AS a ON a.id = b.author_id
LEFT JOIN authors AS e ON e.id = b.editor_id
WHERE b.id = :id;

-- expect: nullable "author.id"
-- expect: nullable "author.name"
-- name: exchanged_records
SELECT b.title, e.id AS "author.id", e.name AS "author.name", a.id AS "editor.id", a.name AS "editor.name"
FROM books AS b
JOIN authors AS a ON a.id = b.author_id
LEFT JOIN authors AS e ON e.id = b.editor_id
WHERE b.id = :id;

-- expect: nullable "editor.id"
-- name: record_of_two_tables
SELECT b.title, e.id AS "editor.id", b.created_at AS "editor.created_at"
FROM books AS b LEFT JOIN authors AS e ON e.id = b.editor_id
WHERE b.id = :id;

-- expect: nullable "editor.id"
-- expect: nullable "editor.created_at"
-- name: record_of_two_left_joins
SELECT b.title, e.id AS "editor.id", r.created_at AS "editor.created_at"
FROM books AS b
LEFT JOIN authors AS e ON e.id = b.editor_id
LEFT JOIN reviews AS r ON r.book_id = b.id
WHERE b.author_id = :author_id;

-- expect: nullable "editor.id"
-- name: record_filled_up_in_part
SELECT b.title, e.id AS "editor.id", COALESCE(e.name, 'nobody') AS "editor.name"
FROM books AS b LEFT JOIN authors AS e ON e.id = b.editor_id
WHERE b.id = :id;

-- name: record_in_a_record
SELECT b.title, r.id AS "review.id", r.score AS "review.score",
       a.id AS "review.critic.id", a.name AS "review.critic.name"
FROM books AS b
LEFT JOIN reviews AS r ON r.book_id = b.id
LEFT JOIN authors AS a ON a.id = r.author_id
WHERE b.author_id = :author_id;

-- expect: column-missing "editor.name"
-- name: field_of_the_nested_record_missing
SELECT b.title, e.id AS "editor.id"
FROM books AS b LEFT JOIN authors AS e ON e.id = b.editor_id
WHERE b.id = :id;

-- expect: column-missing "author.name" at: "author.nam"
-- name: misspelt_nested_column
SELECT b.title, a.id AS "author.id", a.name AS "author.nam"
FROM books AS b JOIN authors AS a ON a.id = b.author_id
WHERE b.id = :id;

-- expect: column-missing "author"
-- name: nested_record_missing
SELECT title FROM books
WHERE id = :id;

-- name: nested_record_with_a_default
SELECT title FROM books
WHERE id = :id;

-- name: left_join_of_a_subquery
SELECT b.title, e.id AS "editor.id", e.name AS "editor.name"
FROM books AS b
LEFT JOIN (SELECT id, name FROM authors WHERE country = :country) AS e ON e.id = b.editor_id
WHERE b.author_id = :author_id;
