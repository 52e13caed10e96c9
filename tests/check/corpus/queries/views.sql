-- name: view
SELECT id, title, subtitle FROM available_books
WHERE author_id = :author_id;

-- expect: nullable "id"
-- expect: nullable "title"
-- name: view_too_strict
SELECT id, title FROM available_books
WHERE author_id = :author_id;

-- name: reviewed_view
-- not null: id, title
SELECT id, title FROM available_books
WHERE author_id = :author_id;

-- name: reviewed_view_of_groups
-- not null: book_count, longest
SELECT * FROM author_totals
WHERE author_id = :author_id;

-- expect: nullable "longest"
-- name: half_reviewed_view
-- not null: book_count
SELECT * FROM author_totals
WHERE author_id = :author_id;

-- expect: nullable "book_count"
-- name: join_of_a_view
SELECT a.name, t.book_count FROM authors AS a JOIN author_totals AS t ON t.author_id = a.id
WHERE a.id = :id;

-- name: left_join_of_a_view
SELECT a.name, t.book_count FROM authors AS a
LEFT JOIN (SELECT * FROM author_totals WHERE author_id = :id) AS t ON t.author_id = a.id
WHERE a.id = :id;

-- name: filled_up_view
SELECT COALESCE(title, '') AS title FROM available_books
WHERE author_id = :author_id;

-- name: count_of_a_view
SELECT count(*) FROM available_books
WHERE author_id = :author_id;
