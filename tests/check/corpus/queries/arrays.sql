-- name: whole_array
SELECT title, tags FROM books
WHERE id = :id;

-- expect: nullable "awards"
-- name: optional_array
SELECT title, awards FROM books
WHERE id = :id;

-- name: optional_array_filled_up @postgres
SELECT title, COALESCE(awards, '{}') AS awards FROM books
WHERE id = :id;

-- name: optional_array_filled_up @sqlite
SELECT title, COALESCE(awards, '[]') AS awards FROM books
WHERE id = :id;

-- expect: nullable "tag"
-- name: first_element @postgres
SELECT tags[1] AS tag FROM books
WHERE id = :id;

-- expect: nullable "tag"
-- name: first_element @sqlite
SELECT tags ->> 0 AS tag FROM books
WHERE id = :id;

-- name: first_element_allowed @postgres
SELECT tags[1] AS tag FROM books
WHERE id = :id;

-- name: first_element_allowed @sqlite
SELECT tags ->> 0 AS tag FROM books
WHERE id = :id;

-- expect: nullable @postgres "length"
-- name: length_of_an_empty_array @postgres
SELECT array_length(tags, 1) AS length FROM books
WHERE id = :id;

-- name: length_of_an_empty_array @sqlite
SELECT json_array_length(tags) AS length FROM books
WHERE id = :id;

-- name: cardinality @postgres
SELECT cardinality(tags) AS length FROM books
WHERE id = :id;

-- name: cardinality @sqlite
SELECT json_array_length(tags) AS length FROM books
WHERE id = :id;

-- expect: nullable "length"
-- name: cardinality_of_optional @postgres
SELECT cardinality(awards) AS length FROM books
WHERE id = :id;

-- expect: nullable "length"
-- name: cardinality_of_optional @sqlite
SELECT json_array_length(awards) AS length FROM books
WHERE id = :id;

-- expect: nullable "tag"
-- name: elements @postgres
SELECT t.tag FROM books AS b CROSS JOIN LATERAL unnest(b.tags) AS t (tag)
WHERE b.id = :id;

-- expect: nullable "tag"
-- name: elements @sqlite
SELECT t.value AS tag FROM books AS b JOIN json_each(b.tags) AS t
WHERE b.id = :id;

-- expect: nullable "tag"
-- name: elements_in_the_results @postgres
SELECT unnest(tags) AS tag FROM books
WHERE id = :id;

-- name: elements_in_the_results @sqlite
SELECT COALESCE(t.value, '') AS tag FROM books AS b JOIN json_each(b.tags) AS t
WHERE b.id = :id;

-- name: elements_allowed @postgres
SELECT t.tag FROM books AS b CROSS JOIN LATERAL unnest(b.tags) AS t (tag)
WHERE b.id = :id;

-- name: elements_allowed @sqlite
SELECT t.value AS tag FROM books AS b JOIN json_each(b.tags) AS t
WHERE b.id = :id;

-- expect: nullable @postgres "titles"
-- name: collected_of_nothing @postgres
SELECT array_agg(title) AS titles FROM books
WHERE author_id = :author_id;

-- name: collected_of_nothing @sqlite
SELECT json_group_array(title) AS titles FROM books
WHERE author_id = :author_id;

-- name: collected_filled_up @postgres
SELECT COALESCE(array_agg(title), '{}') AS titles FROM books
WHERE author_id = :author_id;

-- name: collected_filled_up @sqlite
SELECT json_group_array(title) AS titles FROM books
WHERE author_id = :author_id;

-- name: collected_by_a_constructor @postgres
SELECT a.name AS title, ARRAY(SELECT b.title FROM books AS b WHERE b.author_id = a.id) AS tags FROM authors AS a
WHERE a.id = :id;

-- name: collected_by_a_constructor @sqlite
SELECT a.name AS title, (SELECT json_group_array(b.title) FROM books AS b WHERE b.author_id = a.id) AS tags
FROM authors AS a
WHERE a.id = :id;

-- name: written_out @postgres
SELECT title, ARRAY[title, status] AS tags FROM books
WHERE id = :id;

-- name: written_out @sqlite
SELECT title, json_array(title, status) AS tags FROM books
WHERE id = :id;

-- expect: nullable @postgres "has_tag"
-- name: is_among @postgres
SELECT CAST(:tag AS text) = ANY (tags) AS has_tag FROM books
WHERE id = :id;

-- name: is_among @sqlite
SELECT EXISTS (SELECT 1 FROM json_each(tags) WHERE value = :tag) AS has_tag FROM books
WHERE id = :id;

-- expect: nullable @postgres "place"
-- name: place_in_the_array @postgres
SELECT array_position(tags, :tag) AS place FROM books
WHERE id = :id;

-- name: place_in_the_array @sqlite
SELECT COALESCE((SELECT key FROM json_each(tags) WHERE value = :tag LIMIT 1), 0) AS place FROM books
WHERE id = :id;

-- name: keys_given @postgres
SELECT title FROM books
WHERE id = ANY (:ids);

-- name: keys_given @sqlite
SELECT title FROM books
WHERE id IN (SELECT value FROM json_each(:ids));
