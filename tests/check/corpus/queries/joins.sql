-- name: inner_join
SELECT b.title, a.name FROM books AS b JOIN authors AS a ON a.id = b.author_id
WHERE b.id = :id;

-- name: left_join
SELECT b.title, e.name FROM books AS b LEFT JOIN authors AS e ON e.id = b.editor_id
WHERE b.id = :id;

-- expect: nullable "name" at: SELECT b.title, e.name
-- name: left_join_too_strict
SELECT b.title, e.name FROM books AS b LEFT JOIN authors AS e ON e.id = b.editor_id
WHERE b.id = :id;

-- name: left_side_of_left_join
SELECT b.title FROM books AS b LEFT JOIN authors AS e ON e.id = b.editor_id
WHERE b.id = :id;

-- expect: nullable "id"
-- name: primary_key_of_left_join
SELECT e.id FROM books AS b LEFT JOIN authors AS e ON e.id = b.editor_id
WHERE b.id = :id;

-- expect: nullable "name"
-- name: left_join_along_a_required_key
SELECT a.name FROM books AS b LEFT JOIN authors AS a ON a.id = b.author_id
WHERE b.id = :id;

-- name: left_join_filled_up
SELECT b.title, COALESCE(e.name, 'nobody') AS name FROM books AS b LEFT JOIN authors AS e ON e.id = b.editor_id
WHERE b.id = :id;

-- expect: nullable "name"
-- name: left_join_filled_up_with_its_own
SELECT b.title, COALESCE(e.nickname, e.name) AS name FROM books AS b LEFT JOIN authors AS e ON e.id = b.editor_id
WHERE b.id = :id;

-- expect: nullable "name"
-- name: expression_over_left_join
SELECT upper(e.name) || '!' AS name FROM books AS b LEFT JOIN authors AS e ON e.id = b.editor_id
WHERE b.id = :id;

-- expect: nullable "is_active"
-- name: comparison_over_left_join
SELECT e.country = 'de' AS is_active FROM books AS b LEFT JOIN authors AS e ON e.id = b.editor_id
WHERE b.id = :id;

-- name: test_over_left_join
SELECT e.id IS NOT NULL AS has_editor FROM books AS b LEFT JOIN authors AS e ON e.id = b.editor_id
WHERE b.id = :id;

-- name: truth_test_over_left_join
SELECT e.is_active IS TRUE AS has_active_editor FROM books AS b LEFT JOIN authors AS e ON e.id = b.editor_id
WHERE b.id = :id;

-- name: count_over_left_join
SELECT count(e.id) FROM books AS b LEFT JOIN authors AS e ON e.id = b.editor_id
WHERE b.author_id = :author_id;

-- expect: nullable "title"
-- name: right_join
SELECT b.title, a.name FROM (SELECT * FROM books WHERE author_id = :author_id) AS b
RIGHT JOIN authors AS a ON a.id = b.author_id
WHERE a.id = :author_id;

-- name: right_side_of_right_join
SELECT a.name FROM (SELECT * FROM books WHERE author_id = :author_id) AS b
RIGHT JOIN authors AS a ON a.id = b.author_id
WHERE a.id = :author_id;

-- expect: nullable "title"
-- expect: nullable "name"
-- name: full_join
SELECT b.title, e.name
FROM (SELECT * FROM books WHERE author_id = :author_id) AS b
FULL JOIN (SELECT * FROM authors WHERE country = :country) AS e ON e.id = b.editor_id;

-- name: full_join_allowed
SELECT b.title, e.name
FROM (SELECT * FROM books WHERE author_id = :author_id) AS b
FULL JOIN (SELECT * FROM authors WHERE country = :country) AS e ON e.id = b.editor_id;

-- name: full_join_filled_up
SELECT COALESCE(b.title, 'none') AS title, COALESCE(e.name, 'none') AS name
FROM (SELECT * FROM books WHERE author_id = :author_id) AS b
FULL JOIN (SELECT * FROM authors WHERE country = :country) AS e ON e.id = b.editor_id;

-- expect: nullable "name"
-- name: chain_of_left_joins
SELECT b.title, a.name FROM books AS b
LEFT JOIN reviews AS r ON r.book_id = b.id
LEFT JOIN authors AS a ON a.id = r.author_id
WHERE b.author_id = :author_id;

-- name: left_join_then_inner_join
SELECT b.title, a.name FROM books AS b
LEFT JOIN reviews AS r ON r.book_id = b.id
JOIN authors AS a ON a.id = b.author_id
WHERE b.author_id = :author_id;

-- expect: nullable "score"
-- name: left_join_then_inner_join_too_strict
SELECT b.title, r.score FROM books AS b
LEFT JOIN reviews AS r ON r.book_id = b.id
JOIN authors AS a ON a.id = b.author_id
WHERE b.author_id = :author_id;

-- expect: nullable "title"
-- name: inner_join_below_a_right_join
SELECT b.title, r.score FROM (SELECT * FROM stock WHERE shop_id = :shop_id) AS s
JOIN books AS b ON b.id = s.book_id
RIGHT JOIN (SELECT * FROM reviews WHERE author_id = :author_id) AS r ON r.book_id = b.id;

-- expect: nullable "name"
-- expect: nullable "score"
-- name: left_join_of_a_join
SELECT b.title, a.name, r.score FROM books AS b
LEFT JOIN (reviews AS r JOIN authors AS a ON a.id = r.author_id AND r.book_id = :id) ON r.book_id = b.id
WHERE b.id = :id;

-- name: side_of_a_left_join_of_a_join
SELECT b.title FROM books AS b
LEFT JOIN (reviews AS r JOIN authors AS a ON a.id = r.author_id AND r.book_id = :id) ON r.book_id = b.id
WHERE b.id = :id;

-- expect: nullable "flag"
-- name: literal_in_a_left_joined_subquery
SELECT b.title, e.flag FROM books AS b
LEFT JOIN (SELECT id, 1 AS flag FROM authors WHERE country = :country) AS e ON e.id = b.editor_id
WHERE b.author_id = :author_id;

-- name: literal_in_an_inner_joined_subquery
SELECT b.title, e.flag FROM books AS b
JOIN (SELECT id, 1 AS flag FROM authors WHERE country = :country) AS e ON e.id = b.editor_id
WHERE b.author_id = :author_id;

-- expect: nullable "review_count"
-- name: count_in_a_left_joined_subquery
SELECT b.title, r.review_count FROM books AS b
LEFT JOIN (SELECT book_id, count(*) AS review_count FROM reviews WHERE book_id = :id GROUP BY book_id) AS r
    ON r.book_id = b.id
WHERE b.id = :id;

-- name: filled_up_count_in_a_left_joined_subquery
SELECT b.title, COALESCE(r.review_count, 0) AS review_count FROM books AS b
LEFT JOIN (SELECT book_id, count(*) AS review_count FROM reviews WHERE book_id = :id GROUP BY book_id) AS r
    ON r.book_id = b.id
WHERE b.id = :id;

-- expect: nullable "name"
-- name: filled_up_too_early
SELECT b.title, e.name FROM books AS b
LEFT JOIN (SELECT id, COALESCE(nickname, name) AS name FROM authors WHERE country = :country) AS e
    ON e.id = b.editor_id
WHERE b.author_id = :author_id;

-- expect: nullable "id"
-- expect: nullable "country"
-- name: star_of_a_left_join
SELECT e.* FROM books AS b LEFT JOIN authors AS e ON e.id = b.editor_id
WHERE b.id = :id;

-- name: self_join
SELECT s.name, p.name AS parent FROM shops AS s JOIN shops AS p ON p.id = s.parent_id
WHERE s.id = :id;

-- expect: nullable "parent"
-- name: self_left_join
SELECT s.name, p.name AS parent FROM shops AS s LEFT JOIN shops AS p ON p.id = s.parent_id
WHERE s.id = :id;

-- name: left_join_using
SELECT book_id, s.quantity, r.score FROM stock AS s LEFT JOIN reviews AS r USING (book_id)
WHERE s.shop_id = :shop_id;

-- expect: nullable "score"
-- name: left_join_using_too_strict
SELECT book_id, s.quantity, r.score FROM stock AS s LEFT JOIN reviews AS r USING (book_id)
WHERE s.shop_id = :shop_id;

-- name: cross_join
SELECT b.title, s.name FROM books AS b CROSS JOIN shops AS s
WHERE b.author_id = :author_id AND s.parent_id = :parent_id;

-- name: comma_join
SELECT b.title, a.name FROM books AS b, authors AS a
WHERE a.id = b.author_id AND b.author_id = :author_id;

-- expect: nullable "latest"
-- name: left_join_of_the_first_row @postgres
SELECT b.title, r.score AS latest FROM books AS b
LEFT JOIN LATERAL (SELECT score FROM reviews WHERE book_id = b.id ORDER BY created_at DESC LIMIT 1) AS r ON TRUE
WHERE b.author_id = :author_id;

-- expect: nullable "latest"
-- name: left_join_of_the_first_row @sqlite
SELECT b.title, (SELECT score FROM reviews WHERE book_id = b.id ORDER BY created_at DESC LIMIT 1) AS latest
FROM books AS b
WHERE b.author_id = :author_id;

-- name: join_of_the_first_row @postgres
SELECT b.title, r.score AS latest FROM books AS b
CROSS JOIN LATERAL (SELECT score FROM reviews WHERE book_id = b.id ORDER BY created_at DESC LIMIT 1) AS r
WHERE b.author_id = :author_id;

-- name: join_of_the_first_row @sqlite
SELECT b.title, r.score AS latest FROM books AS b
JOIN reviews AS r ON r.book_id = b.id
WHERE b.author_id = :author_id
  AND r.id = (SELECT id FROM reviews WHERE book_id = b.id ORDER BY created_at DESC LIMIT 1);

-- name: right_join_using
SELECT book_id, r.score FROM (SELECT * FROM stock WHERE shop_id = :shop_id) AS s
RIGHT JOIN (SELECT * FROM reviews WHERE author_id = :author_id) AS r USING (book_id);

-- expect: nullable "book_id"
-- name: side_of_a_full_join_using
SELECT s.book_id, COALESCE(r.score, 0) AS score FROM (SELECT * FROM stock WHERE shop_id = :shop_id) AS s
FULL JOIN (SELECT * FROM reviews WHERE author_id = :author_id) AS r USING (book_id);

-- expect: nullable "name"
-- name: left_join_below_an_inner_join
SELECT d.title, d.name FROM reviews AS r
JOIN (SELECT b.id, b.title, e.name FROM books AS b LEFT JOIN authors AS e ON e.id = b.editor_id) AS d
    ON d.id = r.book_id
WHERE r.author_id = :author_id;
