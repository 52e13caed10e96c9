-- name: row_number
SELECT title, row_number() OVER (ORDER BY created_at, id) AS number FROM books
WHERE author_id = :author_id;

-- name: rank
SELECT title, rank() OVER (PARTITION BY author_id ORDER BY created_at) AS number FROM books
WHERE author_id = :author_id;

-- name: count_of_all
SELECT title, count(*) OVER () AS number FROM books
WHERE author_id = :author_id;

-- name: count_of_an_empty_frame
SELECT title, count(*) OVER (ORDER BY created_at ROWS BETWEEN 2 PRECEDING AND 1 PRECEDING) AS number FROM books
WHERE author_id = :author_id;

-- name: running_sum
SELECT title, sum(pages) OVER (ORDER BY created_at, id) AS pages FROM books
WHERE author_id = :author_id;

-- name: sum_of_a_partition
SELECT title, sum(pages) OVER (PARTITION BY author_id) AS pages FROM books
WHERE author_id = :author_id;

-- expect: nullable "pages"
-- name: sum_of_an_empty_frame
SELECT title, sum(pages) OVER (ORDER BY created_at ROWS BETWEEN 2 PRECEDING AND 1 PRECEDING) AS pages FROM books
WHERE author_id = :author_id;

-- expect: nullable "pages"
-- name: filtered_sum
SELECT title, sum(pages) FILTER (WHERE in_print) OVER (PARTITION BY author_id) AS pages FROM books
WHERE author_id = :author_id;

-- expect: nullable "pages"
-- name: max_of_optional
SELECT title, max(words) OVER (PARTITION BY author_id) AS pages FROM books
WHERE author_id = :author_id;

-- expect: nullable "before"
-- name: row_before
SELECT title, lag(title) OVER (ORDER BY created_at, id) AS before FROM books
WHERE author_id = :author_id;

-- name: row_before_allowed
SELECT title, lag(title) OVER (ORDER BY created_at, id) AS before FROM books
WHERE author_id = :author_id;

-- name: row_before_filled_up
SELECT title, COALESCE(lag(title) OVER (ORDER BY created_at, id), 'none') AS before FROM books
WHERE author_id = :author_id;

-- expect: nullable "before"
-- name: row_after
SELECT title, lead(title) OVER (PARTITION BY author_id ORDER BY created_at) AS before FROM books
WHERE author_id = :author_id;

-- expect: nullable "before"
-- name: optional_row_before_with_default
SELECT title, lag(subtitle, 1, '') OVER (ORDER BY created_at, id) AS before FROM books
WHERE author_id = :author_id;

-- expect: nullable "before"
-- name: second_row
SELECT title, nth_value(title, 2) OVER (ORDER BY created_at, id) AS before FROM books
WHERE author_id = :author_id;

-- expect: nullable "before"
-- name: first_row_of_a_frame_ahead
SELECT title,
       first_value(title) OVER (ORDER BY created_at ROWS BETWEEN 1 FOLLOWING AND 2 FOLLOWING) AS before
FROM books
WHERE author_id = :author_id;

-- expect: nullable "before"
-- name: last_optional_row
SELECT title, last_value(subtitle) OVER (ORDER BY created_at, id) AS before FROM books
WHERE author_id = :author_id;

-- expect: nullable "pages"
-- name: named_window
SELECT title, lag(pages) OVER own AS pages FROM books
WHERE author_id = :author_id
WINDOW own AS (ORDER BY created_at, id);

-- name: latest_of_each
SELECT title, number FROM (
    SELECT title, row_number() OVER (PARTITION BY author_id ORDER BY created_at) AS number FROM books
    WHERE author_id = :author_id
) AS n
WHERE number <= 3;

-- expect: nullable "pages"
-- name: sum_of_the_others
SELECT title,
       sum(pages) OVER (
           ORDER BY created_at, id
           ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE CURRENT ROW
       ) AS pages
FROM books
WHERE author_id = :author_id;

-- expect: nullable "pages"
-- name: named_window_of_an_empty_frame
SELECT title, sum(pages) OVER own AS pages FROM books
WHERE author_id = :author_id
WINDOW own AS (ORDER BY created_at ROWS BETWEEN 2 PRECEDING AND 1 PRECEDING);

-- name: first_row
SELECT title, first_value(title) OVER (PARTITION BY author_id ORDER BY created_at) AS before FROM books
WHERE author_id = :author_id;

-- name: moving_sum
SELECT title, sum(pages) OVER (ORDER BY created_at ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) AS pages FROM books
WHERE author_id = :author_id;

-- name: tile
SELECT title, ntile(4) OVER (ORDER BY created_at, id) AS number FROM books
WHERE author_id = :author_id;
