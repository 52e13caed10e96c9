-- expect: refused @postgres "syntax" at: FORM books
-- expect: refused @sqlite "syntax"
-- name: misspelt_keyword
SELECT title
FORM books
WHERE id = :id;

-- expect: refused @postgres "bookes" at: FROM bookes
-- expect: refused @sqlite "bookes"
-- name: unknown_table
SELECT title
FROM bookes
WHERE id = :id;

-- expect: refused @postgres "titel" at: SELECT titel
-- expect: refused @sqlite "titel"
-- name: unknown_column
SELECT titel FROM books
WHERE id = :id;

-- expect: refused @postgres "colour" at: WHERE colour
-- expect: refused @sqlite "colour"
-- name: unknown_column_in_a_condition
SELECT title FROM books
WHERE colour = :colour;

-- expect: refused @postgres "id" at: SELECT id
-- expect: refused @sqlite "ambiguous"
-- name: ambiguous_column
SELECT id FROM books JOIN authors ON authors.id = books.author_id
WHERE books.id = :id;

-- expect: refused @postgres "frobnicate" at: frobnicate
-- expect: refused @sqlite "frobnicate"
-- name: unknown_function
SELECT frobnicate(title) AS title FROM books
WHERE id = :id;

-- expect: refused @sqlite "greatest"
-- name: function_of_postgres
SELECT greatest(pages, 1) AS pages FROM books
WHERE id = :id;

-- expect: refused @postgres "instr" at: instr
-- name: function_of_sqlite
SELECT instr(title, 'a') AS place FROM books
WHERE id = :id;

-- expect: refused @postgres "GROUP BY" at: title, count
-- name: column_outside_of_the_group
SELECT title, count(*) AS number FROM books
WHERE author_id = :author_id
GROUP BY author_id;

-- expect: refused @postgres "aggregate" at: WHERE count
-- expect: refused @sqlite "aggregate"
-- name: aggregate_in_a_condition
SELECT title FROM books
WHERE count(*) > 1 AND author_id = :author_id;

-- expect: refused @postgres "operator" at: title + 1
-- name: sum_of_text
SELECT title + 1 AS title FROM books
WHERE id = :id;

-- expect: refused @postgres "could not determine" at: :word IS NULL
-- name: undetermined_parameter
SELECT title FROM books
WHERE author_id = :author_id AND :word IS NULL;

-- expect: refused @postgres "expressions"
-- expect: refused @sqlite "values"
-- name: fewer_values_than_columns
INSERT INTO shops (id, name, motto)
VALUES (:id, :name);

-- expect: refused @postgres "slogan" at: slogan
-- expect: refused @sqlite "slogan"
-- name: unknown_column_inserted
INSERT INTO shops (id, name, slogan)
VALUES (:id, :name, :slogan);

-- expect: refused @postgres "slogan" at: SET slogan
-- expect: refused @sqlite "slogan"
-- name: unknown_column_updated
UPDATE shops
SET slogan = :slogan
WHERE id = :id;

-- expect: refused @postgres "constraint"
-- expect: refused @sqlite "ON CONFLICT"
-- name: conflict_without_a_key
INSERT INTO shops (id, name, motto)
VALUES (:id, :name, :motto)
ON CONFLICT (motto) DO NOTHING;

-- expect: refused @postgres "UNION" at: SELECT id FROM authors
-- expect: refused @sqlite "UNION"
-- name: arms_of_different_width
SELECT id, title FROM books WHERE author_id = :author_id
UNION ALL
SELECT id FROM authors WHERE id = :author_id;

-- expect: refused @postgres "UNION"
-- name: arms_of_different_types
SELECT title FROM books WHERE author_id = :author_id
UNION ALL
SELECT pages FROM books WHERE author_id = :author_id;

-- expect: refused @postgres "boolean"
-- name: number_as_truth
SELECT title FROM books
WHERE author_id = :author_id AND in_print = 1;

-- expect: refused @postgres "CASE"
-- name: branches_of_different_types
SELECT CASE WHEN in_print THEN pages ELSE title END AS either FROM books
WHERE id = :id;

-- expect: refused @sqlite "authors.name" at: RETURNING authors.name
-- name: returned_column_of_another_table
UPDATE books
SET in_print = FALSE, updated_at = :now
FROM authors
WHERE authors.id = books.author_id AND books.id = :id
RETURNING authors.name;

-- expect: refused @sqlite "now"
-- name: clock_of_postgres
SELECT title FROM books
WHERE author_id = :author_id AND created_at < now();

-- expect: refused @postgres "nickname" at: AND nickname
-- expect: refused @sqlite "nickname"
-- name: unknown_column_in_an_optional_line
SELECT title FROM books
WHERE author_id = :author_id
  AND nickname = :nickname --?
;
