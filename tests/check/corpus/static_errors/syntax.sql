-- expect: static "an optional line binds a parameter" at: AND in_print
-- name: optional_line_without_a_parameter
SELECT title FROM books
WHERE author_id = :author_id
  AND in_print --?
;

-- expect: static "an optional line ends in" at: AND title = :title
-- name: note_behind_the_mark
SELECT title FROM books
WHERE author_id = :author_id
  AND title = :title --? when given
;

-- expect: static "a stray colon" at: WHERE id = : id
-- name: stray_colon
SELECT title FROM books
WHERE id = : id;

-- expect: static "a positional parameter $1" at: WHERE id = $1
-- name: positional_parameter
SELECT title FROM books
WHERE id = $1;

-- expect: static "a second statement under one name" at: DELETE FROM books
-- name: two_statements
SELECT title FROM books
WHERE id = :id;
DELETE FROM books
WHERE id = :id;

-- name: twice
SELECT title FROM books
WHERE id = :id;

-- expect: static "'twice' has a statement for postgres already"
-- name: twice
SELECT title FROM books
WHERE id = :id;

-- expect: static "unknown store @mysql" at: -- name: for_another_store
-- name: for_another_store @mysql
SELECT title FROM books
WHERE id = :id;

-- expect: static "the name has no statement" at: -- name: without_a_statement
-- name: without_a_statement

-- expect: static "names no column" at: -- not null:
-- name: directive_without_a_column
-- not null:
SELECT subtitle FROM books
WHERE id = :id;

-- expect: static "gives no reason" at: -- scan:
-- name: directive_without_a_reason
-- scan:
SELECT title FROM books
WHERE author_id = :author_id;

-- expect: static "gives no reason" at: -- one row:
-- name: one_row_without_a_reason
-- one row:
SELECT title FROM books
WHERE id = :id;

-- expect: static "the comment is never closed" at: /* of the one
-- name: endless_comment
SELECT title FROM books
WHERE id = :id /* of the one;
