"""Which steps of a plan on SQLite an index could spare."""

import pytest
from sqlite_statements import DescribeOnSqlite, sqlite_describe

__all__ = ["sqlite_describe"]

FINE = [
    "SELECT * FROM books",
    "SELECT count(*) FROM books",
    "SELECT * FROM books WHERE id = :id",
    "SELECT * FROM books WHERE id > :id ORDER BY id",
    "SELECT * FROM books WHERE author_id = :author AND note = :note",
    "SELECT * FROM books WHERE author_id = :author ORDER BY title",
    "SELECT * FROM books WHERE pages = :pages ORDER BY id DESC LIMIT 10",
    "SELECT * FROM books WHERE (pages, id) < (:pages, :id) ORDER BY pages DESC, id DESC",
    "SELECT * FROM books ORDER BY pages, id",
    "SELECT * FROM books WHERE id = :id ORDER BY note",
    "SELECT * FROM books b LEFT JOIN authors a ON a.id = b.author_id",
    "SELECT * FROM authors a JOIN books b ON b.author_id = a.id",
    "SELECT * FROM authors a WHERE EXISTS (SELECT 1 FROM books b WHERE b.author_id = a.id)",
    "SELECT reader FROM loans WHERE due IS NULL AND reader > ''",
    "SELECT pages, count(*) FROM books GROUP BY pages ORDER BY count(*)",
    "SELECT * FROM books ORDER BY length(title)",
    "SELECT * FROM json_each('[1, 2]') WHERE value = 1",
    "WITH n (i) AS (VALUES (1), (2)) SELECT * FROM n WHERE i = 1 ORDER BY i",
    "SELECT * FROM long_books",
    "SELECT * FROM pages_by_author",
    "INSERT INTO authors (id, name) VALUES ('a', 'b')",
    "UPDATE books SET note = NULL",
    "UPDATE books SET note = NULL WHERE id = :id",
    "DELETE FROM books WHERE author_id = :author",
]

SPARED = {
    "SELECT * FROM books WHERE note = :note": [("scan", "books", ("note",))],
    "SELECT * FROM books WHERE note = :note AND price > 1 ORDER BY id": [("scan", "books", ("note", "id"))],
    "SELECT * FROM books WHERE price > 1": [("scan", "books", ("price",))],
    "SELECT * FROM books WHERE price BETWEEN 1 AND 2": [("scan", "books", ("price",))],
    "SELECT * FROM books WHERE note IS NULL": [("scan", "books", ("note",))],
    "SELECT * FROM books WHERE note IN ('a', 'b')": [("scan", "books", ("note",))],
    "SELECT * FROM books WHERE note <> 'a'": [("scan", "books", ("note",))],
    "SELECT * FROM books AS b WHERE lower(b.note) = 'a' AND price > 1": [("scan", "books", ("lower(note)", "price"))],
    "SELECT * FROM books WHERE note LIKE '%a%'": [("scan", "books", ("note",))],
    "SELECT * FROM books WHERE author_id = :a OR note = :n": [("scan", "books", ("author_id", "note"))],
    "SELECT * FROM books WHERE note = :note ORDER BY pages, id LIMIT 1": [("scan", "books", ("note", "pages", "id"))],
    "SELECT count(*) FROM books AS b WHERE b.note = :note": [("scan", "books", ("note",))],
    "SELECT * FROM books ORDER BY price": [("sort", "books", ("price",))],
    "SELECT title AS name FROM books ORDER BY name": [("sort", "books", ("title",))],
    "SELECT title FROM books ORDER BY 1 DESC": [("sort", "books", ("title",))],
    "SELECT * FROM books WHERE author_id = :a ORDER BY price, id": [("sort", "books", ("author_id", "price", "id"))],
    "SELECT * FROM books WHERE author_id = :a ORDER BY price DESC, author_id, id": [
        ("sort", "books", ("author_id", "price DESC", "id"))
    ],
    "SELECT * FROM books WHERE pages IN (1, 2) ORDER BY title": [("sort", "books", ("title",))],
    "SELECT a.name FROM authors a LEFT JOIN loans l ON l.reader = a.name": [("scan", "loans", ("reader",))],
    "SELECT * FROM books WHERE author_id IN (SELECT id FROM authors WHERE name = 'a')": [
        ("scan", "authors", ("name",))
    ],
    "SELECT note FROM books WHERE note = 'a' UNION ALL SELECT note FROM books WHERE price = 1": [
        ("scan", "books", ("note",)),
        ("scan", "books", ("price",)),
    ],
    "WITH found AS (SELECT * FROM books WHERE note = 'a') SELECT * FROM found": [("scan", "books", ("note",))],
    "SELECT * FROM (authors a JOIN loans l ON l.reader = a.name) WHERE a.id = 'a'": [("scan", "loans", ("reader",))],
    "SELECT * FROM cheap_books": [("scan", "books", ("price",))],
    "SELECT * FROM cheap_books WHERE note = 'a'": [("scan", "books", ("note", "price"))],
    "UPDATE books SET pages = 1 WHERE note = :note": [("scan", "books", ("note",))],
    "DELETE FROM books WHERE price < 1": [("scan", "books", ("price",))],
    "INSERT INTO authors (id, name) SELECT id, title FROM books WHERE note = 'a'": [("scan", "books", ("note",))],
}


@pytest.mark.parametrize("sql", FINE)
def test_no_index_would_help(sqlite_describe: DescribeOnSqlite, sql: str):
    assert sqlite_describe.plan(sql) == []


@pytest.mark.parametrize(("sql", "steps"), SPARED.items(), ids=list(SPARED))
def test_an_index_would_spare_a_step(
    sqlite_describe: DescribeOnSqlite, sql: str, steps: list[tuple[str, str, tuple[str, ...]]]
):
    assert sqlite_describe.plan(sql) == steps
