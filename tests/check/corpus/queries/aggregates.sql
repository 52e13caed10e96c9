-- name: count_rows
SELECT count(*) FROM books
WHERE author_id = :author_id;

-- name: count_values
SELECT count(subtitle) FROM books
WHERE author_id = :author_id;

-- name: count_distinct
SELECT count(DISTINCT editor_id) FROM books
WHERE author_id = :author_id;

-- name: count_filtered
SELECT count(*) FILTER (WHERE in_print) FROM books
WHERE author_id = :author_id;

-- name: any_rows
SELECT count(*) > 0 AS has_books FROM books
WHERE author_id = :author_id;

-- expect: nullable "total"
-- name: sum_of_nothing
SELECT sum(pages) AS total FROM books
WHERE author_id = :author_id;

-- name: sum_allowed
SELECT sum(pages) AS total FROM books
WHERE author_id = :author_id;

-- name: sum_filled_up
SELECT COALESCE(sum(pages), 0) AS total FROM books
WHERE author_id = :author_id;

-- expect: nullable "total"
-- name: sum_filled_up_inside
SELECT CAST(sum(COALESCE(words, 0)) AS bigint) AS total FROM books
WHERE author_id = :author_id;

-- name: money
SELECT COALESCE(sum(price), 0) AS total FROM books
WHERE author_id = :author_id;

-- expect: nullable "total"
-- name: money_of_nothing
SELECT sum(price) AS total FROM books
WHERE author_id = :author_id;

-- expect: nullable "longest"
-- name: max_of_nothing
SELECT max(pages) AS longest FROM books
WHERE author_id = :author_id;

-- expect: nullable "first"
-- name: min_of_nothing
SELECT min(title) AS first FROM books
WHERE author_id = :author_id;

-- expect: nullable "mean"
-- name: mean_of_nothing
SELECT CAST(avg(pages) AS double precision) AS mean FROM books
WHERE author_id = :author_id;

-- expect: nullable "total"
-- name: expression_over_sum
SELECT sum(pages) + 1 AS total FROM books
WHERE author_id = :author_id;

-- expect: nullable "longest"
-- name: coalesce_of_aggregates
SELECT COALESCE(max(pages), min(pages)) AS longest FROM books
WHERE author_id = :author_id;

-- name: bounds
SELECT count(*) AS book_count, min(pages) AS shortest, max(pages) AS longest FROM books
WHERE author_id = :author_id;

-- name: max_of_a_group
SELECT author_id, max(pages) AS longest FROM books
WHERE author_id = :author_id
GROUP BY author_id;

-- name: sum_of_a_group
SELECT author_id, sum(pages) AS total FROM books
WHERE author_id = :author_id
GROUP BY author_id;

-- name: mean_of_a_group
SELECT author_id, CAST(avg(pages) AS double precision) AS mean FROM books
WHERE author_id = :author_id
GROUP BY author_id;

-- expect: nullable "last"
-- name: max_of_optional_in_a_group
SELECT author_id, max(subtitle) AS last FROM books
WHERE author_id = :author_id
GROUP BY author_id;

-- name: max_of_filled_up_in_a_group
SELECT author_id, max(COALESCE(subtitle, '')) AS last FROM books
WHERE author_id = :author_id
GROUP BY author_id;

-- expect: nullable "longest"
-- name: filtered_max_of_a_group
SELECT author_id, max(pages) FILTER (WHERE in_print) AS longest FROM books
WHERE author_id = :author_id
GROUP BY author_id;

-- expect: nullable "total"
-- name: conditional_sum_of_a_group
SELECT author_id, sum(CASE WHEN in_print THEN pages END) AS total FROM books
WHERE author_id = :author_id
GROUP BY author_id;

-- name: conditional_sum_with_else
SELECT author_id, sum(CASE WHEN in_print THEN pages ELSE 0 END) AS total FROM books
WHERE author_id = :author_id
GROUP BY author_id;

-- expect: nullable "editor_id"
-- name: optional_group_key
SELECT editor_id, count(*) AS book_count FROM books
WHERE author_id = :author_id
GROUP BY editor_id;

-- name: optional_group_key_allowed
SELECT editor_id, count(*) AS book_count FROM books
WHERE author_id = :author_id
GROUP BY editor_id
HAVING count(*) > 1;

-- name: counts_by_status
SELECT status, count(*) FROM books
WHERE author_id = :author_id
GROUP BY status;

-- expect: nullable "editor_id"
-- name: mapping_with_optional_key
SELECT editor_id, count(*) AS book_count FROM books
WHERE author_id = :author_id
GROUP BY editor_id;

-- expect: nullable "words"
-- name: mapping_with_optional_value
SELECT title, words FROM books
WHERE author_id = :author_id;

-- name: mapping_with_optional_value_allowed
SELECT title, words FROM books
WHERE author_id = :author_id;

-- expect: nullable "country"
-- name: rollup @postgres
SELECT country, count(*) AS author_count FROM authors
WHERE country IN (:first, :second)
GROUP BY ROLLUP (country);

-- expect: nullable "country"
-- name: rollup @sqlite
SELECT country, count(*) AS author_count FROM authors
WHERE country IN (:first, :second)
GROUP BY country
UNION ALL
SELECT NULL, count(*) FROM authors
WHERE country IN (:first, :second);

-- expect: nullable @postgres "country"
-- name: grouping_sets @postgres
SELECT country, count(*) AS author_count FROM authors
WHERE country IN (:first, :second)
GROUP BY GROUPING SETS ((country, is_active), (is_active));

-- name: grouping_sets @sqlite
SELECT country, count(*) AS author_count FROM authors
WHERE country IN (:first, :second)
GROUP BY country, is_active;

-- expect: nullable "titles"
-- name: joined_text_of_nothing @postgres
SELECT string_agg(title, ', ') AS titles FROM books
WHERE author_id = :author_id;

-- expect: nullable "titles"
-- name: joined_text_of_nothing @sqlite
SELECT group_concat(title, ', ') AS titles FROM books
WHERE author_id = :author_id;

-- name: joined_text_filled_up @postgres
SELECT COALESCE(string_agg(title, ', '), '') AS titles FROM books
WHERE author_id = :author_id;

-- name: joined_text_filled_up @sqlite
SELECT COALESCE(group_concat(title, ', '), '') AS titles FROM books
WHERE author_id = :author_id;

-- expect: nullable @postgres "all_in_print"
-- name: every_of_nothing @postgres
SELECT bool_and(in_print) AS all_in_print FROM books
WHERE author_id = :author_id;

-- name: every_of_nothing @sqlite
SELECT NOT EXISTS (SELECT 1 FROM books WHERE author_id = :author_id AND NOT in_print) AS all_in_print;

-- expect: nullable "last"
-- name: group_over_a_left_join
SELECT b.author_id, max(e.name) AS last FROM books AS b LEFT JOIN authors AS e ON e.id = b.editor_id
WHERE b.author_id = :author_id
GROUP BY b.author_id;

-- name: count_or_sum
SELECT COALESCE(sum(pages), count(*)) AS total FROM books
WHERE author_id = :author_id;

-- expect: nullable "total"
-- name: nullif_of_a_count
SELECT NULLIF(count(*), 0) AS total FROM books
WHERE author_id = :author_id;

-- expect: nullable @postgres "mean"
-- name: deviation_of_a_group @postgres
SELECT author_id, CAST(stddev(pages) AS double precision) AS mean FROM books
WHERE author_id = :author_id
GROUP BY author_id;

-- name: deviation_of_a_group @sqlite
SELECT author_id, total(pages) AS mean FROM books
WHERE author_id = :author_id
GROUP BY author_id;

-- name: column_beside_an_aggregate @postgres
SELECT COALESCE(max(title), '') AS title, count(*) AS number FROM books
WHERE author_id = :author_id;

-- expect: nullable "title"
-- name: column_beside_an_aggregate @sqlite
SELECT title, count(*) AS number FROM books
WHERE author_id = :author_id;

-- expect: nullable "total"
-- name: sum_of_a_derived_union
SELECT sum(u.pages) AS total FROM (
    SELECT pages FROM books WHERE author_id = :author_id
    UNION ALL
    SELECT pages FROM books WHERE editor_id = :author_id
) AS u;

-- expect: nullable "number"
-- name: aggregate_over_a_scalar_subquery
SELECT b.title, sum((SELECT r.score FROM reviews AS r WHERE r.id = b.id)) AS number FROM books AS b
WHERE b.author_id = :author_id
GROUP BY b.title;

-- expect: nullable "last"
-- name: texts_of_an_optional_column @postgres
SELECT author_id, string_agg(subtitle, ', ') AS last FROM books
WHERE author_id = :author_id
GROUP BY author_id;

-- expect: nullable "last"
-- name: texts_of_an_optional_column @sqlite
SELECT author_id, group_concat(subtitle, ', ') AS last FROM books
WHERE author_id = :author_id
GROUP BY author_id;

-- name: texts_of_a_group @postgres
SELECT author_id, string_agg(title, ', ' ORDER BY title) AS last FROM books
WHERE author_id = :author_id
GROUP BY author_id;

-- name: texts_of_a_group @sqlite
SELECT author_id, group_concat(title, ', ') AS last FROM books
WHERE author_id = :author_id
GROUP BY author_id;
