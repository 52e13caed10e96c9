-- name: required
SELECT title FROM books
WHERE id = :id;

-- name: optional
SELECT subtitle FROM books
WHERE id = :id;

-- expect: nullable "subtitle" at: SELECT subtitle
-- name: optional_as_required
SELECT subtitle FROM books
WHERE id = :id;

-- name: whole_row
SELECT * FROM books
WHERE id = :id;

-- expect: nullable "nickname"
-- expect: nullable "email"
-- name: whole_row_too_strict
SELECT * FROM authors
WHERE id = :id;

-- name: renamed
SELECT title AS heading, subtitle AS note FROM books
WHERE id = :id;

-- expect: nullable "note" at: subtitle AS note
-- name: renamed_too_strict
SELECT title AS heading,
       subtitle AS note
FROM books
WHERE id = :id;

-- name: exchanged_names
SELECT title AS subtitle FROM books
WHERE id = :id;

-- expect: nullable "title"
-- name: exchanged_names_too_strict
SELECT subtitle AS title FROM books
WHERE id = :id;

-- name: literals
SELECT 1 AS one, 'x' AS letter, TRUE AS yes;

-- expect: nullable "missing"
-- name: literal_null
SELECT CAST(NULL AS text) AS missing;

-- name: literal_null_allowed
SELECT CAST(NULL AS text) AS missing;

-- name: argument
SELECT CAST(:word AS text) AS word;

-- expect: nullable "word"
-- name: argument_that_may_be_none
SELECT CAST(:word AS text) AS word;

-- name: list_of_optional
SELECT subtitle FROM books
WHERE author_id = :author_id;

-- expect: nullable "subtitle"
-- name: list_of_required
SELECT subtitle FROM books
WHERE author_id = :author_id;

-- name: required_for_an_optional_field
SELECT id, title AS subtitle FROM books
WHERE id = :id;

-- expect: nullable "subtitle"
-- name: optional_for_a_field_with_a_default
SELECT id, subtitle FROM books
WHERE id = :id;

-- expect: nullable "words"
-- name: cast_of_optional
SELECT CAST(words AS integer) AS words FROM books
WHERE id = :id;

-- name: cast_of_required
SELECT CAST(pages AS bigint) AS pages FROM books
WHERE id = :id;
