-- expect: nullable "size" at: SELECT CASE WHEN
-- name: case_without_else
SELECT CASE WHEN pages > 500 THEN 'thick'
            WHEN pages > 100 THEN 'normal'
       END AS size
FROM books
WHERE id = :id;

-- name: case_with_else
SELECT CASE WHEN pages > 500 THEN 'thick' ELSE 'thin' END AS size FROM books
WHERE id = :id;

-- name: case_without_else_allowed
SELECT CASE WHEN pages > 500 THEN 'thick' END AS size FROM books
WHERE id = :id;

-- expect: nullable "size"
-- name: case_with_else_null
SELECT CASE WHEN pages > 500 THEN 'thick' ELSE NULL END AS size FROM books
WHERE id = :id;

-- expect: nullable "line"
-- name: case_with_an_optional_branch
SELECT CASE WHEN in_print THEN subtitle ELSE title END AS line FROM books
WHERE id = :id;

-- expect: nullable "line"
-- name: case_with_an_optional_else
SELECT CASE WHEN in_print THEN title ELSE subtitle END AS line FROM books
WHERE id = :id;

-- name: simple_case
SELECT CASE status WHEN 'draft' THEN 1 WHEN 'published' THEN 2 ELSE 3 END AS rank FROM books
WHERE id = :id;

-- expect: nullable "rank"
-- name: simple_case_without_else
SELECT CASE status WHEN 'draft' THEN 1 WHEN 'published' THEN 2 WHEN 'withdrawn' THEN 3 END AS rank FROM books
WHERE id = :id;

-- name: case_on_an_optional_column
SELECT CASE WHEN subtitle IS NULL THEN 'plain' ELSE 'with subtitle' END AS kind FROM books
WHERE id = :id;

-- expect: nullable "kind"
-- name: nested_case_without_else
SELECT CASE WHEN in_print THEN CASE WHEN pages > 500 THEN 'thick' END ELSE 'gone' END AS kind FROM books
WHERE id = :id;

-- name: coalesce_with_a_column
SELECT COALESCE(subtitle, title) AS line FROM books
WHERE id = :id;

-- name: coalesce_of_three
SELECT COALESCE(nickname, email, name) AS shown FROM authors
WHERE id = :id;

-- expect: nullable "shown"
-- name: coalesce_of_optionals
SELECT COALESCE(nickname, email) AS shown FROM authors
WHERE id = :id;

-- expect: nullable "shown"
-- name: coalesce_with_null
SELECT COALESCE(nickname, NULL) AS shown FROM authors
WHERE id = :id;

-- name: coalesce_with_an_argument
SELECT COALESCE(nickname, CAST(:fallback AS text)) AS shown FROM authors
WHERE id = :id;

-- expect: nullable "shown"
-- name: coalesce_with_an_optional_argument
SELECT COALESCE(nickname, CAST(:fallback AS text)) AS shown FROM authors
WHERE id = :id;

-- expect: nullable "share"
-- name: nullif
SELECT NULLIF(pages, 0) AS share FROM books
WHERE id = :id;

-- name: nullif_filled_up
SELECT COALESCE(NULLIF(pages, 0), 1) AS share FROM books
WHERE id = :id;

-- expect: nullable "share"
-- name: division_by_nullif
SELECT 1000 / NULLIF(pages, 0) AS share FROM books
WHERE id = :id;

-- name: comparison
SELECT pages > 100 AS is_thick FROM books
WHERE id = :id;

-- expect: nullable "is_long"
-- name: comparison_of_optional
SELECT words > 100000 AS is_long FROM books
WHERE id = :id;

-- name: conjunction
SELECT in_print AND pages > 100 AS is_thick FROM books
WHERE id = :id;

-- expect: nullable "is_long"
-- name: conjunction_with_optional
SELECT in_print AND is_signed AS is_long FROM books
WHERE id = :id;

-- expect: nullable "is_unsigned"
-- name: negation_of_optional
SELECT NOT is_signed AS is_unsigned FROM books
WHERE id = :id;

-- name: truth_test
SELECT is_signed IS TRUE AS is_signed FROM books
WHERE id = :id;

-- name: null_test
SELECT subtitle IS NULL AS is_plain FROM books
WHERE id = :id;

-- name: distinct_test
SELECT subtitle IS DISTINCT FROM title AS is_other FROM books
WHERE id = :id;

-- name: between
SELECT pages BETWEEN 100 AND 500 AS is_normal FROM books
WHERE id = :id;

-- expect: nullable "is_normal"
-- name: between_optional_bounds
SELECT pages BETWEEN 100 AND words AS is_normal FROM books
WHERE id = :id;

-- name: member_of_a_list
SELECT status IN ('draft', 'withdrawn') AS is_hidden FROM books
WHERE id = :id;

-- expect: nullable "is_known"
-- name: optional_member_of_a_list
SELECT subtitle IN ('a', 'b') AS is_known FROM books
WHERE id = :id;

-- expect: nullable "is_known"
-- name: member_of_a_list_with_optional
SELECT title IN ('a', subtitle) AS is_known FROM books
WHERE id = :id;

-- name: pattern
SELECT title LIKE 'The %' AS has_article FROM books
WHERE id = :id;

-- expect: nullable "has_article"
-- name: pattern_of_optional
SELECT subtitle LIKE 'The %' AS has_article FROM books
WHERE id = :id;

-- expect: nullable "is_unknown"
-- name: comparison_with_null
SELECT title = NULL AS is_unknown FROM books
WHERE id = :id;
