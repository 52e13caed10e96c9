-- name: more_columns_than_fields
SELECT * FROM books
WHERE id = :id;

-- expect: column-missing "title" at: SELECT id FROM
-- name: no_column_for_a_field
SELECT id FROM books
WHERE id = :id;

-- expect: column-missing "title" at: id, subtitle
-- name: misspelt_column
SELECT
    id, subtitle AS titel
FROM books
WHERE id = :id;

-- name: field_with_a_default
SELECT id FROM books
WHERE id = :id;

-- expect: column-missing "updated_at"
-- name: row_without_some_columns
SELECT id, author_id, editor_id, title, subtitle, status, price, discount, pages, words, weight, in_print, is_signed,
       cover, tags, awards, details, notes, published_on, released_at, created_at
FROM books
WHERE id = :id;

-- expect: column-missing "1 column"
-- name: two_columns_for_a_scalar
SELECT id, title FROM books
WHERE id = :id;

-- expect: column-missing "1 column"
-- name: whole_row_for_a_scalar
SELECT * FROM reviews
WHERE id = :id;

-- expect: column-missing "2 columns"
-- name: one_column_for_a_mapping
SELECT title FROM books
WHERE author_id = :author_id;

-- expect: column-missing "2 columns"
-- name: three_columns_for_a_mapping
SELECT title, pages, words FROM books
WHERE author_id = :author_id;

-- name: two_columns_for_a_mapping
SELECT title, pages FROM books
WHERE author_id = :author_id;

-- expect: column-missing "title" at: RETURNING id
-- name: returned_too_little
UPDATE books
SET title = :title, updated_at = :now
WHERE id = :id
RETURNING id;

-- expect: column-missing "id"
-- expect: column-missing "created_at"
-- name: two_columns_of_one_name
SELECT b.*, a.* FROM books AS b JOIN authors AS a ON a.id = b.author_id
WHERE b.id = :id;

-- name: two_columns_of_a_name_that_is_no_field
SELECT b.id, b.title, b.created_at, a.created_at FROM books AS b JOIN authors AS a ON a.id = b.author_id
WHERE b.id = :id;

-- expect: column-missing @postgres "title"
-- expect: column-missing @sqlite "title"
-- name: unnamed_expression
SELECT id, upper(title) FROM books
WHERE id = :id;

-- expect: column-missing "title" at: SELECT id
-- name: page_without_a_column
SELECT id, created_at FROM books
WHERE author_id = :author_id
  AND (created_at, id) < (:cursor.created_at, :cursor.id) --?
ORDER BY created_at DESC, id DESC
LIMIT :limit;
