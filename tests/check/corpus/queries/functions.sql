-- name: text_functions
SELECT upper(lower(trim(title))) AS shown FROM books
WHERE id = :id;

-- expect: nullable "shown"
-- name: text_function_of_optional
SELECT upper(subtitle) AS shown FROM books
WHERE id = :id;

-- name: length
SELECT length(title) AS length FROM books
WHERE id = :id;

-- expect: nullable "length"
-- name: length_of_optional
SELECT length(subtitle) AS length FROM books
WHERE id = :id;

-- name: replaced
SELECT replace(title, 'a', 'b') AS shown FROM books
WHERE id = :id;

-- expect: nullable "shown"
-- name: replaced_by_optional
SELECT replace(title, 'a', subtitle) AS shown FROM books
WHERE id = :id;

-- name: part_of_text
SELECT substr(title, 1, 3) AS shown FROM books
WHERE id = :id;

-- name: joined_text
SELECT title || ' (' || status || ')' AS shown FROM books
WHERE id = :id;

-- expect: nullable "shown"
-- name: joined_text_with_optional
SELECT title || ': ' || subtitle AS shown FROM books
WHERE id = :id;

-- name: arithmetic
SELECT abs(pages - 100) * 2 + 1 AS distance FROM books
WHERE id = :id;

-- expect: nullable "distance"
-- name: arithmetic_with_optional
SELECT pages + words AS distance FROM books
WHERE id = :id;

-- name: division_by_a_number
SELECT pages / 2 AS half FROM books
WHERE id = :id;

-- expect: nullable @sqlite "share"
-- name: division_by_a_column
SELECT 1000 / pages AS share FROM books
WHERE id = :id;

-- expect: nullable @sqlite "rest"
-- name: remainder_by_a_column
SELECT 1000 % pages AS rest FROM books
WHERE id = :id;

-- expect: nullable @sqlite "share"
-- name: division_by_an_argument
SELECT pages / CAST(:parts AS integer) AS share FROM books
WHERE id = :id;

-- name: cast
SELECT CAST(pages AS text) AS shown FROM books
WHERE id = :id;

-- expect: nullable "hour"
-- name: part_of_a_time @postgres
SELECT CAST(extract(hour FROM created_at) AS integer) AS hour FROM books
WHERE id = :id;

-- expect: nullable "hour"
-- name: part_of_a_time @sqlite
SELECT CAST(strftime('%H', created_at) AS integer) AS hour FROM books
WHERE id = :id;

-- expect: nullable @postgres "shown"
-- name: part_by_pattern @postgres
SELECT substring(title FROM 'The (.*)') AS shown FROM books
WHERE id = :id;

-- name: part_by_pattern @sqlite
SELECT substr(title, 5) AS shown FROM books
WHERE id = :id;

-- expect: nullable @postgres "shown"
-- name: part_by_position_of_a_pattern @postgres
SELECT (regexp_match(title, 'The (.*)'))[1] AS shown FROM books
WHERE id = :id;

-- name: part_by_position_of_a_pattern @sqlite
SELECT substr(title, instr(title, 'The') + 4) AS shown FROM books
WHERE id = :id;

-- expect: nullable @postgres "first"
-- name: lower_bound_of_an_empty_range @postgres
SELECT lower(int4range(0, pages)) AS first FROM books
WHERE id = :id;

-- name: lower_bound_of_an_empty_range @sqlite
SELECT max(pages, 0) AS first FROM books
WHERE id = :id;

-- expect: nullable @postgres "shown"
-- name: missing_setting @postgres
SELECT current_setting('corpus.absent', TRUE) AS shown;

-- name: missing_setting @sqlite
SELECT 'none' AS shown;

-- name: larger_with_optional @postgres
SELECT greatest(pages, words) AS larger FROM books
WHERE id = :id;

-- expect: nullable @sqlite "larger"
-- name: larger_with_optional @sqlite
SELECT max(pages, words) AS larger FROM books
WHERE id = :id;

-- expect: nullable "larger"
-- name: larger_of_optionals @postgres
SELECT greatest(words, NULL) AS larger FROM books
WHERE id = :id;

-- expect: nullable "larger"
-- name: larger_of_optionals @sqlite
SELECT max(words, 0) AS larger FROM books
WHERE id = :id;

-- name: rounded
SELECT CAST(round(CAST(weight AS real)) AS integer) AS weight FROM books
WHERE id = :id;

-- name: clock
SELECT created_at < :now AS is_past FROM books
WHERE id = :id;

-- expect: nullable "first"
-- expect: nullable "second"
-- name: series_of_unlike_lengths @postgres
SELECT generate_series(1, pages) AS first, generate_series(1, 3) AS second FROM books
WHERE id = :id;

-- name: series_of_unlike_lengths @sqlite
SELECT pages AS first, pages AS second FROM books
WHERE id = :id;

-- expect: nullable "first"
-- expect: nullable "second"
-- name: rows_from_series @postgres
SELECT s.first, s.second FROM ROWS FROM (generate_series(1, 1), generate_series(1, 3)) AS s (first, second);

-- name: rows_from_series @sqlite
SELECT 1 AS first, 1 AS second;

-- name: series @postgres
SELECT s AS number FROM generate_series(1, 10) AS s;

-- name: series @sqlite
WITH RECURSIVE s (number) AS (VALUES (1) UNION ALL SELECT number + 1 FROM s WHERE number < 10)
SELECT number FROM s;

-- name: code_of_a_character @postgres
SELECT ascii(title) AS code FROM books
WHERE id = :id;

-- expect: nullable "code"
-- name: code_of_a_character @sqlite
SELECT unicode(title) AS code FROM books
WHERE id = :id;

-- name: day_of_a_text @postgres
SELECT CAST(CAST(title AS date) AS text) AS day FROM books
WHERE id = :id;

-- expect: nullable "day"
-- name: day_of_a_text @sqlite
SELECT date(title) AS day FROM books
WHERE id = :id;

-- name: joined_whatever_is_there @postgres
SELECT concat(title, ' ', subtitle) AS shown FROM books
WHERE id = :id;

-- name: joined_whatever_is_there @sqlite
SELECT title || ' ' || ifnull(subtitle, '') AS shown FROM books
WHERE id = :id;

-- name: chosen @postgres
SELECT regexp_replace(split_part(title, ':', 1), '^The ', '') AS shown FROM books
WHERE id = :id;

-- name: chosen @sqlite
SELECT iif(in_print, title, 'gone') AS shown FROM books
WHERE id = :id;

-- expect: nullable "shown"
-- name: chosen_optional @postgres
SELECT to_char(released_at, 'YYYY') AS shown FROM books
WHERE id = :id;

-- expect: nullable "shown"
-- name: chosen_optional @sqlite
SELECT iif(in_print, title, subtitle) AS shown FROM books
WHERE id = :id;

-- name: contained @postgres
SELECT details @> '{"colour": "red"}' AS is_red FROM books
WHERE id = :id;

-- name: contained @sqlite
SELECT COALESCE(details ->> 'colour' = 'red', FALSE) AS is_red FROM books
WHERE id = :id;

-- expect: nullable "is_red"
-- name: contained_in_optional @postgres
SELECT notes @> '{"colour": "red"}' AS is_red FROM books
WHERE id = :id;

-- expect: nullable "is_red"
-- name: contained_in_optional @sqlite
SELECT json_valid(notes) AS is_red FROM books
WHERE id = :id;
