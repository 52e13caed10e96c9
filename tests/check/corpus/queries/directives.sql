-- name: needed_not_null
-- not null: shortest, longest
SELECT min(pages) AS shortest, max(pages) AS longest FROM books
WHERE author_id = :author_id;

-- name: needed_not_null_of_a_scalar
-- A book always has a subtitle by the time it is reviewed.
-- not null: subtitle
SELECT subtitle FROM books
WHERE id = :id;

-- expect: needless "title" at: -- not null: title
-- name: needless_not_null
-- not null: title
SELECT id, title FROM books
WHERE id = :id;

-- expect: needless "id" at: -- not null: id, title
-- name: half_needless_not_null
-- not null: id, title
SELECT id, subtitle AS title FROM books
WHERE id = :id;

-- expect: needless "subtitle" at: -- not null: subtitle
-- name: not_null_for_an_annotation_that_allows_none
-- not null: subtitle
SELECT subtitle FROM books
WHERE id = :id;

-- expect: needless "titel" at: -- not null: titel
-- expect: nullable "title"
-- name: misspelt_not_null
-- not null: titel
SELECT id, subtitle AS title FROM books
WHERE id = :id;

-- name: needed_one_row
-- one row: an author has one book in each status.
SELECT * FROM books
WHERE author_id = :author_id AND status = :status;

-- expect: needless "one row" at: -- one row: the key
-- name: needless_one_row
-- one row: the key
SELECT * FROM books
WHERE id = :id;

-- expect: needless "one row" at: -- one row: surely
-- name: one_row_of_a_list
-- one row: surely
SELECT * FROM books
WHERE author_id = :author_id;

-- name: needed_scan
-- scan: there are few authors, and this is for a person.
SELECT * FROM authors
WHERE nickname = :nickname;

-- name: needed_sort
-- scan: a few hundred books at most.
SELECT * FROM books
WHERE author_id = :author_id
ORDER BY pages;

-- name: scan_needed_in_one_shape
-- scan: there are few authors.
SELECT * FROM authors
WHERE TRUE
  AND nickname = :nickname --?
;

-- expect: needless "scan" at: -- scan: just in case
-- name: needless_scan
-- scan: just in case
SELECT * FROM books
WHERE author_id = :author_id;

-- name: several
-- one row: nicknames are unique by agreement.
-- scan: there are few authors.
-- not null: label, name
SELECT upper(email) AS label, NULLIF(name, '') AS name FROM authors
WHERE nickname = :nickname;

-- name: not_null_on_one_store @postgres
-- not null: tags
SELECT array_agg(title) AS tags FROM books
WHERE author_id = :author_id;

-- name: not_null_on_one_store @sqlite
SELECT json_group_array(title) AS tags FROM books
WHERE author_id = :author_id;

-- expect: needless "tags"
-- name: needless_on_one_store @postgres
-- not null: tags
SELECT COALESCE(array_agg(title), '{}') AS tags FROM books
WHERE author_id = :author_id;

-- name: needless_on_one_store @sqlite
SELECT json_group_array(title) AS tags FROM books
WHERE author_id = :author_id;

-- expect: scan "authors"
-- expect: needless "one row"
-- name: wrong_directive
-- one row: not what is wrong here
SELECT * FROM authors
WHERE nickname = :nickname;

-- name: needed_on_one_store
-- not null: share
SELECT 1000 / pages AS share FROM books
WHERE id = :id;
