-- name: fitting
SELECT * FROM books
WHERE id = :id;

-- expect: column-type @postgres "title" at: SELECT title,
-- expect: column-type @sqlite "title" at: SELECT title,
-- expect: column-type @postgres "pages" at: pages,
-- expect: column-type @sqlite "pages" at: pages,
-- expect: column-type @postgres "weight" at: weight FROM
-- expect: column-type @sqlite "weight" at: weight FROM
-- name: unfitting
SELECT title,
       pages,
       weight FROM books
WHERE id = :id;

-- expect: column-type @postgres "count" at: count(*)
-- name: count_as_text
SELECT count(*) FROM books
WHERE author_id = :author_id;

-- expect: column-type @postgres "total"
-- name: sum_of_big_integers
SELECT COALESCE(sum(words), 0) AS total FROM books
WHERE author_id = :author_id;

-- name: cast_sum_of_big_integers
SELECT CAST(COALESCE(sum(words), 0) AS bigint) AS total FROM books
WHERE author_id = :author_id;

-- expect: column-type @postgres "mean"
-- name: mean_as_float
SELECT COALESCE(avg(pages), 0) AS mean FROM books
WHERE author_id = :author_id;

-- expect: column-type @postgres "id"
-- name: key_as_text
SELECT id FROM books
WHERE author_id = :author_id;

-- name: key_cast_to_text
SELECT CAST(id AS text) AS id FROM books
WHERE author_id = :author_id;

-- expect: column-type @postgres "title"
-- name: text_as_key
SELECT title FROM books
WHERE author_id = :author_id;

-- expect: column-type @postgres "price"
-- name: money_as_integer
SELECT price FROM books
WHERE id = :id;

-- expect: column-type @postgres "price" at: SELECT price
-- expect: column-type @sqlite "price" at: SELECT price
-- name: money_as_float_text
SELECT price FROM books
WHERE id = :id;

-- expect: column-type @postgres "pages"
-- name: integer_as_money
SELECT pages FROM books
WHERE id = :id;

-- expect: column-type @postgres "weight"
-- expect: column-type @sqlite "weight"
-- name: float_as_money
SELECT weight FROM books
WHERE id = :id;

-- expect: column-type @postgres "in_print"
-- name: truth_as_integer
SELECT in_print FROM books
WHERE id = :id;

-- expect: column-type @postgres "pages"
-- name: integer_as_truth
SELECT pages FROM books
WHERE id = :id;

-- expect: column-type @postgres "created_at"
-- name: time_as_day
SELECT created_at FROM books
WHERE id = :id;

-- expect: column-type @postgres "published_on"
-- name: day_as_time
SELECT published_on FROM books
WHERE id = :id;

-- expect: column-type @postgres "tags"
-- name: texts_as_integers
SELECT tags FROM books
WHERE id = :id;

-- expect: column-type @postgres "tags"
-- name: array_as_object
SELECT tags FROM books
WHERE id = :id;

-- expect: column-type @postgres "details"
-- name: object_as_text
SELECT details FROM books
WHERE id = :id;

-- expect: column-type @postgres "cover"
-- expect: column-type @sqlite "cover"
-- name: bytes_as_text
SELECT cover FROM books
WHERE id = :id;

-- name: object_as_model
SELECT details FROM books
WHERE id = :id;

-- expect: column-type @postgres "status"
-- expect: column-type @sqlite "status"
-- name: mapping_with_a_wrong_value
SELECT title, status FROM books
WHERE author_id = :author_id;

-- expect: column-type @postgres "pages"
-- expect: column-type @sqlite "pages"
-- name: stream_of_a_wrong_type
SELECT pages FROM books
WHERE author_id = :author_id;

-- expect: column-type @postgres "pages"
-- expect: column-type @sqlite "pages"
-- name: returned_wrong_type
UPDATE books
SET pages = pages + 1, updated_at = :now
WHERE id = :id
RETURNING pages;

-- name: rarer_types
SELECT id, small, code, ratio, raw, numbers FROM samples
WHERE id = :id;

-- name: generated_key
SELECT id FROM samples
WHERE id > :id;

-- expect: nullable "doubled"
-- name: generated_column
SELECT doubled FROM samples
WHERE id = :id;

-- expect: column-type @postgres "taken_at"
-- name: time_without_a_zone
SELECT taken_at FROM samples
WHERE id = :id;

-- expect: column-type @postgres "mood"
-- name: enumerated_type
SELECT mood FROM samples
WHERE id = :id;

-- name: enumerated_type_as_text
SELECT CAST(mood AS text) AS mood FROM samples
WHERE id = :id AND mood = :mood;

-- expect: column-type @postgres "numbers"
-- name: integers_as_texts
SELECT numbers FROM samples
WHERE id = :id;

-- name: required_key_of_a_loose_table
SELECT code FROM heirlooms
WHERE code = :code;

-- expect: nullable @sqlite "code"
-- name: key_of_a_loose_table
SELECT code FROM heirlooms
WHERE code > :code OR code IS NULL;
