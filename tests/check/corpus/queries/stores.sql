-- name: same
SELECT id, title AS remark FROM books
WHERE id = :id;

-- name: other_order @postgres
SELECT id, title AS remark FROM books
WHERE id = :id;

-- name: other_order @sqlite
SELECT title AS remark, id FROM books
WHERE id = :id;

-- name: columns_that_no_field_takes @postgres
SELECT id, title AS remark, pages FROM books
WHERE id = :id;

-- name: columns_that_no_field_takes @sqlite
SELECT id, title AS remark, words FROM books
WHERE id = :id;

-- name: column_on_postgres_only @postgres
SELECT id, title AS remark FROM books
WHERE id = :id;

-- expect: store-difference "remark" at: SELECT id FROM
-- name: column_on_postgres_only @sqlite
SELECT id FROM books
WHERE id = :id;

-- expect: store-difference "remark" at: SELECT id FROM
-- name: column_on_sqlite_only @postgres
SELECT id FROM books
WHERE id = :id;

-- name: column_on_sqlite_only @sqlite
SELECT id, title AS remark FROM books
WHERE id = :id;

-- expect: store-difference "in_print" at: in_print = :in_print
-- name: parameter_on_postgres_only @postgres
SELECT id FROM books
WHERE author_id = :author_id AND in_print = :in_print;

-- name: parameter_on_postgres_only @sqlite
SELECT id FROM books
WHERE author_id = :author_id;

-- name: parameter_on_sqlite_only @postgres
DELETE FROM books
WHERE author_id = :author_id;

-- expect: store-difference "in_print" at: in_print = :in_print
-- name: parameter_on_sqlite_only @sqlite
DELETE FROM books
WHERE author_id = :author_id AND in_print = :in_print;

-- name: clock_on_one_store @postgres
SELECT id FROM books
WHERE author_id = :author_id AND released_at < :now;

-- name: clock_on_one_store @sqlite
SELECT id FROM books
WHERE author_id = :author_id AND released_at IS NOT NULL;

-- name: twice_on_one_store @postgres
SELECT id FROM books
WHERE author_id = :author_id OR editor_id = :author_id;

-- name: twice_on_one_store @sqlite
SELECT id FROM books
WHERE author_id = :author_id;

-- expect: nullable "remark"
-- name: optional_on_one_store @postgres
SELECT id, subtitle AS remark FROM books
WHERE id = :id;

-- name: optional_on_one_store @sqlite
SELECT id, COALESCE(subtitle, '') AS remark FROM books
WHERE id = :id;

-- name: unlike_limits @postgres
SELECT id FROM books
WHERE author_id = :author_id
ORDER BY created_at, id
LIMIT 1;

-- expect: cardinality "nothing limits the statement"
-- name: unlike_limits @sqlite
SELECT id FROM books
WHERE author_id = :author_id
ORDER BY created_at, id;
