-- name: key
SELECT title FROM books
WHERE id = :id;

-- expect: parameter-type @postgres ":id" at: WHERE id = :id
-- name: text_for_a_key
SELECT title FROM books
WHERE id = :id;

-- expect: parameter-type @postgres ":title" at: AND title = :title
-- name: integer_for_text
SELECT id FROM books
WHERE author_id = :author_id
  AND title = :title;

-- expect: parameter-type @postgres ":pages"
-- name: text_for_an_integer
SELECT id FROM books
WHERE author_id = :author_id AND pages > :pages;

-- name: integer
SELECT id FROM books
WHERE author_id = :author_id AND pages > :pages AND words > :words;

-- name: integer_for_a_float
SELECT id FROM books
WHERE author_id = :author_id AND weight > :weight;

-- expect: parameter-type @postgres ":pages"
-- name: float_for_an_integer
SELECT id FROM books
WHERE author_id = :author_id AND pages > :pages;

-- name: money
SELECT id FROM books
WHERE author_id = :author_id AND price > :price AND discount < :discount;

-- expect: parameter-type @postgres ":price"
-- name: integer_for_money
SELECT id FROM books
WHERE author_id = :author_id AND price > :price;

-- expect: parameter-type @postgres ":price"
-- name: float_for_money
SELECT id FROM books
WHERE author_id = :author_id AND price > :price;

-- expect: parameter-type @postgres ":weight"
-- name: money_for_a_float
SELECT id FROM books
WHERE author_id = :author_id AND weight > :weight;

-- name: times
SELECT id FROM books
WHERE author_id = :author_id AND created_at >= :since AND published_on < :day;

-- expect: parameter-type @postgres ":since"
-- name: day_for_a_time
SELECT id FROM books
WHERE author_id = :author_id AND created_at >= :since;

-- expect: parameter-type @postgres ":since"
-- name: text_for_a_time
SELECT id FROM books
WHERE author_id = :author_id AND created_at >= :since;

-- name: truth
SELECT id FROM books
WHERE author_id = :author_id AND in_print = :in_print;

-- expect: parameter-type @postgres ":in_print"
-- name: integer_for_truth
SELECT id FROM books
WHERE author_id = :author_id AND in_print = :in_print;

-- name: one_of_some_texts
SELECT id FROM books
WHERE author_id = :author_id AND status = :status;

-- expect: parameter-type @postgres ":pages"
-- name: one_of_some_texts_for_an_integer
SELECT id FROM books
WHERE author_id = :author_id AND pages = :pages;

-- name: enumeration
SELECT id FROM books
WHERE author_id = :author_id AND title = :colour;

-- name: keys @postgres
SELECT title FROM books
WHERE id = ANY (:ids);

-- name: keys @sqlite
SELECT title FROM books
WHERE id IN (SELECT value FROM json_each(:ids));

-- expect: parameter-type @postgres ":ids"
-- name: texts_for_keys @postgres
SELECT title FROM books
WHERE id = ANY (:ids);

-- name: texts_for_keys @sqlite
SELECT title FROM books
WHERE id IN (SELECT value FROM json_each(:ids));

-- expect: parameter-type @postgres ":tags"
-- name: integers_for_texts
UPDATE books
SET tags = :tags, updated_at = :now
WHERE id = :id;

-- name: arrays_and_objects
UPDATE books
SET tags = :tags, details = :details, notes = :notes, cover = :cover, updated_at = :now
WHERE id = :id;

-- expect: parameter-type @postgres ":details"
-- name: array_for_an_object
UPDATE books
SET details = :details, updated_at = :now
WHERE id = :id;

-- expect: parameter-type @postgres ":cover"
-- name: text_for_bytes
UPDATE books
SET cover = :cover, updated_at = :now
WHERE id = :id;

-- expect: parameter-type @postgres ":word"
-- name: integer_for_a_cast_to_text
SELECT id FROM books
WHERE author_id = :author_id AND title = CAST(:word AS text);

-- name: added_reviews
INSERT INTO reviews (id, book_id, score, body, created_at)
VALUES (:reviews.id, :reviews.book_id, :reviews.score, :reviews.body, :now);

-- expect: parameter-type @postgres ":reviews.book_id" at: :reviews.book_id
-- expect: parameter-type @postgres ":reviews.score" at: :reviews.score
-- name: added_wrong_reviews
INSERT INTO reviews (id, book_id, score, created_at)
VALUES (:reviews.id,
        :reviews.book_id,
        :reviews.score,
        :now);

-- expect: parameter-type @postgres ":status" at: AND status = :status
-- name: wrong_type_in_an_optional_line
SELECT * FROM books
WHERE author_id = :author_id
  AND status = :status                                    --?
  AND (created_at, id) < (:cursor.created_at, :cursor.id) --?
ORDER BY created_at DESC, id DESC
LIMIT :limit;
