-- name: whole_value
SELECT details FROM books
WHERE id = :id;

-- expect: nullable "notes"
-- name: optional_value
SELECT notes FROM books
WHERE id = :id;

-- expect: nullable "colour" at: details ->> 'colour'
-- name: member_as_text
SELECT details ->> 'colour' AS colour FROM books
WHERE id = :id;

-- name: member_as_text_allowed
SELECT details ->> 'colour' AS colour FROM books
WHERE id = :id;

-- name: member_filled_up
SELECT COALESCE(details ->> 'colour', 'white') AS colour FROM books
WHERE id = :id;

-- expect: nullable "colour"
-- name: member
SELECT details -> 'colour' AS colour FROM books
WHERE id = :id;

-- expect: nullable "colour"
-- name: member_of_a_member
SELECT details -> 'binding' ->> 'colour' AS colour FROM books
WHERE id = :id;

-- expect: nullable "size"
-- name: cast_of_a_member
SELECT CAST(details ->> 'size' AS integer) AS size FROM books
WHERE id = :id;

-- expect: nullable "is_red"
-- name: comparison_of_a_member
SELECT details ->> 'colour' = 'red' AS is_red FROM books
WHERE id = :id;

-- name: member_is_there
SELECT details ->> 'colour' IS NOT NULL AS has_colour FROM books
WHERE id = :id;

-- expect: nullable "colour"
-- name: path @postgres
SELECT details #>> '{binding,colour}' AS colour FROM books
WHERE id = :id;

-- expect: nullable "colour"
-- name: path @sqlite
SELECT json_extract(details, '$.binding.colour') AS colour FROM books
WHERE id = :id;

-- expect: nullable "colour"
-- name: path_function @postgres
SELECT jsonb_extract_path_text(details, 'binding', 'colour') AS colour FROM books
WHERE id = :id;

-- expect: nullable "colour"
-- name: path_function @sqlite
SELECT json_type(details, '$.colour') AS colour FROM books
WHERE id = :id;

-- expect: nullable "colour"
-- name: path_query @postgres
SELECT jsonb_path_query_first(details, '$.colour') #>> '{}' AS colour FROM books
WHERE id = :id;

-- name: path_query @sqlite
SELECT COALESCE(details ->> '$.colour', '') AS colour FROM books
WHERE id = :id;

-- name: type_of_the_value @postgres
SELECT jsonb_typeof(details) AS kind FROM books
WHERE id = :id;

-- name: type_of_the_value @sqlite
SELECT json_type(details) AS kind FROM books
WHERE id = :id;

-- name: built_object @postgres
SELECT jsonb_build_object('title', title, 'subtitle', subtitle) AS item FROM books
WHERE id = :id;

-- name: built_object @sqlite
SELECT json_object('title', title, 'subtitle', subtitle) AS item FROM books
WHERE id = :id;

-- expect: nullable @postgres "items"
-- name: collected_of_nothing @postgres
SELECT jsonb_agg(title) AS items FROM books
WHERE author_id = :author_id;

-- name: collected_of_nothing @sqlite
SELECT json_group_array(title) AS items FROM books
WHERE author_id = :author_id;

-- name: collected_filled_up @postgres
SELECT COALESCE(jsonb_agg(details), '[]') AS items FROM books
WHERE author_id = :author_id;

-- name: collected_filled_up @sqlite
SELECT json_group_array(json(details)) AS items FROM books
WHERE author_id = :author_id;

-- expect: nullable @postgres "by_title"
-- name: mapped_of_nothing @postgres
SELECT jsonb_object_agg(title, pages) AS by_title FROM books
WHERE author_id = :author_id;

-- name: mapped_of_nothing @sqlite
SELECT json_group_object(title, pages) AS by_title FROM books
WHERE author_id = :author_id;

-- name: nested_records @postgres
SELECT b.title, (
    SELECT COALESCE(jsonb_agg(jsonb_build_object('score', r.score, 'body', r.body)), '[]')
    FROM reviews AS r WHERE r.book_id = b.id
) AS reviews
FROM books AS b
WHERE b.id = :id;

-- name: nested_records @sqlite
SELECT b.title, (
    SELECT json_group_array(json_object('score', r.score, 'body', r.body))
    FROM reviews AS r WHERE r.book_id = b.id
) AS reviews
FROM books AS b
WHERE b.id = :id;

-- expect: nullable @postgres "reviews"
-- name: nested_records_of_nothing @postgres
SELECT b.title, (
    SELECT jsonb_agg(jsonb_build_object('score', r.score, 'body', r.body))
    FROM reviews AS r WHERE r.book_id = b.id
) AS reviews
FROM books AS b
WHERE b.id = :id;

-- name: nested_records_of_nothing @sqlite
SELECT b.title, (
    SELECT json_group_array(json_object('score', r.score, 'body', r.body))
    FROM reviews AS r WHERE r.book_id = b.id
) AS reviews
FROM books AS b
WHERE b.id = :id;

-- expect: nullable "value"
-- name: members @postgres
SELECT m.value FROM books AS b CROSS JOIN LATERAL jsonb_each_text(b.details) AS m
WHERE b.id = :id;

-- expect: nullable "value"
-- name: members @sqlite
SELECT m.value FROM books AS b JOIN json_each(b.details) AS m
WHERE b.id = :id;

-- expect: nullable "merged"
-- name: merged_with_optional
SELECT json_merge(details, notes) AS merged FROM books
WHERE id = :id;

-- name: merged_allowed
SELECT json_merge(details, :patch) AS merged FROM books
WHERE id = :id;

-- name: stored_merge
UPDATE books
SET details = json_merge(details, :patch), updated_at = :now
WHERE id = :id
RETURNING details;

-- expect: nullable "length"
-- name: length_of_a_member @postgres
SELECT jsonb_array_length(details -> 'colours') AS length FROM books
WHERE id = :id;

-- expect: nullable "length"
-- name: length_of_a_member @sqlite
SELECT json_array_length(details, '$.colours') AS length FROM books
WHERE id = :id;
