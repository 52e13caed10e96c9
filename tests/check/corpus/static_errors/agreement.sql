-- name: agreed
SELECT title FROM books
WHERE id = :id;

-- expect: static "no parameter 'id'" at: WHERE id = :id
-- name: misspelt_parameter
SELECT title FROM books
WHERE id = :id;

-- expect: static "no parameter 'colour'" at: AND title = :colour
-- name: unknown_parameter
SELECT title FROM books
WHERE id = :id
  AND title = :colour;

-- name: unused_parameter
SELECT title FROM books
WHERE id = :id;

-- expect: static "no attribute 'nam'" at: :shop.nam)
-- name: misspelt_attribute
INSERT INTO shops (id, name)
VALUES (:shop.id, :shop.nam);

-- expect: static "no attribute 'hex'" at: :id.hex
-- name: attribute_of_a_scalar
SELECT title FROM books
WHERE id = :id.hex;

-- expect: static "sequence of rows" at: VALUES (:shops
-- name: rows_as_a_whole
INSERT INTO shops (id)
VALUES (:shops);

-- expect: static "has no function" at: -- name: without_a_function
-- name: without_a_function
SELECT title FROM books
WHERE id = :id;

-- expect: static "'misspelt_name' has no function" at: -- name: misspelt_name
-- name: misspelt_name
SELECT title FROM books
WHERE id = :id;

-- expect: static "postgres only" at: -- name: for_one_store @postgres
-- name: for_one_store @postgres
SELECT title FROM books
WHERE id = :id;

-- name: gives_rows_on_one_store @postgres
DELETE FROM books
WHERE id = :id
RETURNING id;

-- expect: static "rows on one store only"
-- name: gives_rows_on_one_store @sqlite
DELETE FROM books
WHERE id = :id;

-- name: optional_lines_of_the_stores_differ @postgres
SELECT title FROM books
WHERE author_id = :author_id
  AND status = :status --?
;

-- name: optional_lines_of_the_stores_differ @sqlite
SELECT title FROM books
WHERE author_id = :author_id
  AND status = :status;

-- expect: static "no function of" at: AND colour = :colour
-- name: shared, shared_too
SELECT title FROM books
WHERE author_id = :author_id
  AND colour = :colour --?
;
