-- name: is_not_null
SELECT subtitle FROM books
WHERE author_id = :author_id AND subtitle IS NOT NULL;

-- name: equals
SELECT subtitle FROM books
WHERE author_id = :author_id AND subtitle = :subtitle;

-- name: is_greater
SELECT words FROM books
WHERE author_id = :author_id AND words > :words;

-- expect: nullable "subtitle"
-- name: is_not_null_or_else
SELECT subtitle FROM books
WHERE author_id = :author_id AND (subtitle IS NOT NULL OR in_print);

-- expect: nullable "subtitle"
-- name: equals_when_filled_up
SELECT subtitle FROM books
WHERE author_id = :author_id AND COALESCE(subtitle, '') = '';

-- expect: nullable "subtitle"
-- name: is_not_distinct
SELECT subtitle FROM books
WHERE author_id = :author_id AND subtitle IS NOT DISTINCT FROM :subtitle;

-- expect: nullable "is_signed"
-- name: is_not_false
SELECT is_signed FROM books
WHERE author_id = :author_id AND is_signed IS NOT FALSE;

-- expect: nullable "subtitle"
-- name: another_column_is_not_null
SELECT subtitle FROM books
WHERE author_id = :author_id AND words IS NOT NULL;

-- expect: nullable "subtitle"
-- name: is_null
SELECT subtitle FROM books
WHERE author_id = :author_id AND subtitle IS NULL;

-- expect: nullable "subtitle"
-- name: condition_of_a_left_join_about_its_left_side
SELECT b.title, b.subtitle FROM books AS b
LEFT JOIN authors AS e ON e.id = b.editor_id AND b.subtitle IS NOT NULL
WHERE b.author_id = :author_id;

-- expect: nullable "name"
-- name: condition_of_a_left_join_about_its_right_side
SELECT b.title, e.nickname AS name FROM books AS b
LEFT JOIN authors AS e ON e.id = b.editor_id AND e.nickname IS NOT NULL
WHERE b.author_id = :author_id;

-- expect: nullable "name"
-- name: condition_in_a_left_joined_subquery
SELECT b.title, e.nickname AS name FROM books AS b
LEFT JOIN (SELECT id, nickname FROM authors WHERE country = :country AND nickname IS NOT NULL) AS e
    ON e.id = b.editor_id
WHERE b.author_id = :author_id;

-- expect: nullable "subtitle"
-- name: condition_of_another_row_of_the_table
SELECT b.title, b.subtitle FROM books AS b JOIN books AS o ON o.author_id = b.author_id
WHERE b.author_id = :author_id AND o.subtitle IS NOT NULL;

-- expect: nullable "subtitle"
-- name: condition_of_a_subquery
SELECT subtitle FROM books
WHERE author_id = :author_id AND EXISTS (SELECT 1 FROM reviews WHERE book_id = books.id AND body IS NOT NULL);

-- expect: nullable "subtitle"
-- name: cleared_where_it_was_there
UPDATE books
SET subtitle = NULL, updated_at = :now
WHERE id = :id AND subtitle IS NOT NULL
RETURNING title, subtitle;

-- expect: nullable "subtitle"
-- name: replaced_where_it_was_there
UPDATE books
SET subtitle = :subtitle, updated_at = :now
WHERE id = :id AND subtitle IS NOT NULL
RETURNING title, subtitle;

-- expect: nullable "note"
-- name: upsert_where_it_was_there
INSERT INTO settings (key, value, note)
VALUES (:key, :value, :note)
ON CONFLICT (key) DO UPDATE SET value = excluded.value
WHERE settings.note IS NOT NULL
RETURNING key, note;

-- expect: nullable "words"
-- name: max_where_it_is_there
SELECT max(words) AS words FROM books
WHERE author_id = :author_id AND words IS NOT NULL;

-- expect: nullable "subtitle"
-- name: only_in_an_optional_line
SELECT subtitle FROM books
WHERE author_id = :author_id
  AND subtitle = :subtitle --?
;

-- expect: nullable "subtitle"
-- name: condition_of_one_arm
SELECT subtitle FROM books WHERE author_id = :author_id AND subtitle IS NOT NULL
UNION ALL
SELECT subtitle FROM books WHERE editor_id = :author_id;

-- expect: nullable "subtitle"
-- name: not_among_none
SELECT subtitle FROM books
WHERE author_id = :author_id AND subtitle NOT IN (SELECT body FROM reviews WHERE book_id = :book_id);

-- name: among_some
SELECT subtitle FROM books
WHERE author_id = :author_id AND subtitle IN (SELECT body FROM reviews WHERE book_id = :book_id);

-- expect: nullable "subtitle"
-- name: unlike_all_of_none @postgres
SELECT subtitle FROM books
WHERE author_id = :author_id AND subtitle <> ALL (:words);

-- expect: nullable "subtitle"
-- name: unlike_all_of_none @sqlite
SELECT subtitle FROM books
WHERE author_id = :author_id AND subtitle NOT IN (SELECT value FROM json_each(:words));

-- expect: nullable "subtitle"
-- name: negated_conjunction
SELECT subtitle FROM books
WHERE author_id = :author_id AND NOT (subtitle IS NOT NULL AND in_print);

-- expect: nullable "subtitle"
-- name: null_or_equal
SELECT subtitle FROM books
WHERE author_id = :author_id AND (subtitle IS NULL OR subtitle = :subtitle);

-- expect: nullable "subtitle"
-- name: not_true
SELECT subtitle FROM books
WHERE author_id = :author_id AND (subtitle = :subtitle) IS NOT TRUE;

-- expect: nullable "subtitle"
-- name: condition_in_a_case
SELECT subtitle FROM books
WHERE author_id = :author_id AND CASE WHEN in_print THEN subtitle = :subtitle ELSE TRUE END;

-- expect: nullable "name"
-- name: left_join_or_nothing
SELECT b.title, e.name FROM books AS b LEFT JOIN authors AS e ON e.id = b.editor_id
WHERE b.author_id = :author_id AND (e.country = :country OR e.id IS NULL);

-- expect: nullable "name"
-- name: anti_join
SELECT b.title, e.name FROM books AS b LEFT JOIN authors AS e ON e.id = b.editor_id
WHERE b.author_id = :author_id AND e.id IS NULL;

-- expect: nullable "subtitle"
-- name: condition_of_a_right_join_about_its_left_side
SELECT s.note AS title, b.subtitle FROM (SELECT id, subtitle FROM books WHERE author_id = :author_id) AS b
RIGHT JOIN (SELECT id, book_id, 'x' AS note FROM reviews WHERE author_id = :author_id) AS s
    ON s.book_id = b.id AND b.subtitle IS NOT NULL;

-- expect: nullable "name"
-- name: condition_before_a_rollup @postgres
SELECT 'x' AS title, nickname AS name FROM authors
WHERE country = :country AND nickname IS NOT NULL
GROUP BY ROLLUP (nickname);

-- name: condition_before_a_rollup @sqlite
SELECT 'x' AS title, nickname AS name FROM authors
WHERE country = :country AND nickname IS NOT NULL
GROUP BY nickname;

-- expect: nullable "subtitle"
-- name: condition_on_the_table_not_the_cte
WITH own AS (SELECT title, subtitle FROM books WHERE author_id = :author_id)
SELECT o.title, o.subtitle FROM own AS o JOIN books AS b ON b.title = o.title
WHERE b.author_id = :author_id AND b.subtitle IS NOT NULL;

-- expect: nullable "subtitle"
-- name: is_distinct
SELECT subtitle FROM books
WHERE author_id = :author_id AND subtitle IS DISTINCT FROM :subtitle;

-- expect: nullable "subtitle"
-- name: test_compared
SELECT subtitle FROM books
WHERE author_id = :author_id AND (subtitle IS NOT NULL) = :is_there;

-- expect: nullable "subtitle"
-- name: case_compared
SELECT subtitle FROM books
WHERE author_id = :author_id AND CASE WHEN subtitle = 'x' THEN 1 ELSE 2 END = 2;

-- expect: nullable "subtitle"
-- name: lenient_function_compared @postgres
SELECT subtitle FROM books
WHERE author_id = :author_id AND concat(subtitle, 'x') = 'x';

-- expect: nullable "subtitle"
-- name: lenient_function_compared @sqlite
SELECT subtitle FROM books
WHERE author_id = :author_id AND typeof(subtitle) = 'null';

-- expect: nullable "subtitle"
-- name: constructor_compared @postgres
SELECT subtitle FROM books
WHERE author_id = :author_id AND ARRAY[subtitle] <> '{}';

-- expect: nullable "subtitle"
-- name: constructor_compared @sqlite
SELECT subtitle FROM books
WHERE author_id = :author_id AND json_array(subtitle) <> '[]';

-- expect: nullable "subtitle"
-- name: comparison_filled_up
SELECT subtitle FROM books
WHERE author_id = :author_id AND COALESCE(subtitle = :subtitle, TRUE);

-- expect: nullable "words"
-- name: second_of_compared_rows
SELECT title, words FROM books
WHERE author_id = :author_id AND (title, words) > (:title, :words);

-- name: equal_rows
SELECT title, words FROM books
WHERE author_id = :author_id AND (pages, words) = (:pages, :words);

-- expect: nullable "subtitle"
-- name: shadowed_alias
SELECT b.subtitle FROM books AS b
WHERE b.author_id = :author_id
  AND EXISTS (SELECT 1 FROM books AS b WHERE b.author_id = :author_id AND b.subtitle IS NOT NULL);

-- expect: nullable "subtitle"
-- name: other_use_of_the_cte
WITH own AS (SELECT title, subtitle FROM books WHERE author_id = :author_id)
SELECT a.title, a.subtitle FROM own AS a JOIN own AS b ON b.title = a.title
WHERE b.subtitle IS NOT NULL;

-- name: condition_on_the_cte
WITH own AS (SELECT title, subtitle FROM books WHERE author_id = :author_id)
SELECT title, subtitle FROM own
WHERE subtitle IS NOT NULL;

-- name: condition_in_the_cte
WITH own AS (SELECT title, subtitle FROM books WHERE author_id = :author_id AND subtitle IS NOT NULL)
SELECT title, subtitle FROM own;

-- expect: nullable "motto"
-- name: copied_without_it
INSERT INTO shops (id, name, motto)
SELECT :id, :name, NULL FROM shops
WHERE id = :other_id AND motto IS NOT NULL
RETURNING motto;

-- name: between
SELECT words FROM books
WHERE author_id = :author_id AND words BETWEEN 1 AND 1000;

-- name: columns_that_are_equal
SELECT b.title, b.subtitle FROM books AS b JOIN authors AS a ON a.nickname = b.subtitle
WHERE b.author_id = :author_id AND a.id = :author_id;

-- expect: nullable "subtitle"
-- name: columns_that_are_equal_or_missing
SELECT b.title, b.subtitle FROM books AS b LEFT JOIN authors AS a ON a.nickname = b.subtitle AND a.id = :author_id
WHERE b.author_id = :author_id;

-- expect: nullable "subtitle"
-- name: negated_among_none
SELECT subtitle FROM books
WHERE author_id = :author_id AND (NOT (subtitle IN (SELECT body FROM reviews WHERE book_id = :book_id)));

-- name: deleted_where_it_was_there
DELETE FROM shops
WHERE parent_id = :parent_id AND motto IS NOT NULL
RETURNING motto;

-- name: is_not_so_that_it_is_null
SELECT subtitle FROM books
WHERE author_id = :author_id AND NOT (subtitle IS NULL);
