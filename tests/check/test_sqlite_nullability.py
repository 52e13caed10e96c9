"""Which columns a statement can leave NULL on SQLite."""

import sqlite3
from contextlib import closing
from itertools import combinations

import pytest
from sqlite_statements import ROWS, SCHEMA, DescribeOnSqlite, sqlite_describe

from wave_data.stores.sqlite_opening import FUNCTIONS

__all__ = ["sqlite_describe"]

NEVER_NULL = [
    "1",
    "'a'",
    "TRUE",
    "x'ab'",
    "-1.5",
    "title",
    "b.title",
    "title AS renamed",
    "id",
    "rowid",
    "b.rowid",
    "CAST(title AS integer)",
    "title COLLATE NOCASE",
    "pages + 1",
    "pages - pages * 2",
    "-pages",
    "pages / 2",
    "pages % 10",
    "pages & 1",
    "title || '!'",
    "pages > 100",
    "pages BETWEEN 1 AND 2",
    "title LIKE 'a%'",
    "title GLOB 'a*'",
    "title IN ('a', 'b')",
    "title IN (SELECT name FROM authors)",
    "NOT pages",
    "pages AND title = ''",
    "note IS NULL",
    "note IS NOT NULL",
    "note IS 'a'",
    "note IS NOT DISTINCT FROM title",
    "note IS TRUE",
    "EXISTS (SELECT 1 FROM authors)",
    "NOT EXISTS (SELECT 1 FROM authors)",
    "COALESCE(note, '')",
    "COALESCE(note, price, title)",
    "ifnull(note, title)",
    "CASE WHEN note = 'a' THEN 1 ELSE 2 END",
    "CASE pages WHEN 1 THEN 'one' ELSE 'many' END",
    "CASE WHEN note IS NULL THEN '' ELSE note END",
    "CASE WHEN note IS NOT NULL THEN note ELSE '' END",
    "CASE WHEN note IS NULL OR price IS NULL THEN 0 ELSE price END",
    "iif(note > 'a', 1, 2)",
    "(SELECT count(*) FROM authors)",
    "(SELECT COALESCE(max(name), '') FROM authors)",
    "(SELECT 1)",
    "(SELECT count(*) FROM authors WHERE authors.id = b.author_id LIMIT 1)",
    "lower(title)",
    "length(title)",
    "substr(title, 1, 3)",
    "trim(title)",
    "replace(title, 'a', 'b')",
    "round(pages)",
    "abs(pages)",
    "instr(title, 'a')",
    "max(pages, 1)",
    "hex(note)",
    "quote(note)",
    "typeof(note)",
    "random()",
    "date('now')",
    "unixepoch()",
    "strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')",
    "CURRENT_TIMESTAMP",
    "json_object('note', note)",
    "json_array(note)",
    "json_set(details, '$.note', note)",
    "json_type(details)",
    "json(details)",
    "json_merge(details, '{}')",
    "row_number() OVER (ORDER BY id)",
    "count(note) OVER ()",
    "sum(pages) OVER (PARTITION BY author_id)",
    "count(*) FILTER (WHERE pages > 3) OVER ()",
    "first_value(title) OVER (ORDER BY id)",
]

SOMETIMES_NULL = [
    "NULL",
    "note",
    "author_id",
    "CAST(note AS integer)",
    "note COLLATE NOCASE",
    "price + 1",
    "-price",
    "pages / 0",
    "pages / pages",
    "pages % pages",
    "note || '!'",
    "note > 'a'",
    "price BETWEEN 1 AND 2",
    "note LIKE 'a%'",
    "note IN ('a', 'b')",
    "title IN ('a', NULL)",
    "title IN (SELECT born FROM authors)",
    "title NOT IN (SELECT born FROM authors)",
    "NOT price",
    "pages AND price",
    "COALESCE(note, price)",
    "nullif(title, '')",
    "CASE WHEN pages > 1 THEN 1 END",
    "CASE WHEN pages > 1 THEN note ELSE '' END",
    "CASE WHEN note IS NULL THEN price ELSE note END",
    "iif(pages > 1, 1, note)",
    "(SELECT name FROM authors WHERE authors.id = b.author_id)",
    "(SELECT max(name) FROM authors)",
    "(SELECT 1 WHERE 0)",
    "(SELECT count(*) FROM authors HAVING count(*) > 100)",
    "(SELECT count(*) FROM authors LIMIT 1 OFFSET 1)",
    "lower(note)",
    "max(pages, price)",
    "unicode(title)",
    "sign(title)",
    "date(title)",
    "strftime('%Y', note)",
    "date('never')",
    "nullif(1, 1)",
    "details -> '$.a'",
    "details ->> 'a'",
    "json_extract(details, '$.a')",
    "json_type(details, '$.a')",
    "json_remove(details, '$')",
    "lag(title) OVER (ORDER BY id)",
    "sum(price) OVER ()",
    "sum(pages) FILTER (WHERE pages > 3) OVER ()",
    "sum(pages) OVER (ORDER BY id ROWS BETWEEN 1 FOLLOWING AND 2 FOLLOWING)",
    "sum(pages) OVER (ORDER BY id ROWS BETWEEN 2 PRECEDING AND 1 PRECEDING)",
    "sum(pages) OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW EXCLUDE CURRENT ROW)",
]

STATEMENTS = {
    # joins
    "SELECT a.name, b.title FROM authors a JOIN books b ON b.author_id = a.id": "..",
    "SELECT a.name, b.title FROM authors a LEFT JOIN books b ON b.author_id = a.id": ".?",
    "SELECT a.name, b.title FROM authors a RIGHT JOIN books b ON b.author_id = a.id": "?.",
    "SELECT a.name, b.title FROM authors a FULL JOIN books b ON b.author_id = a.id": "??",
    "SELECT a.name, b.title FROM authors a, books b": "..",
    "SELECT a.name, b.title FROM authors a CROSS JOIN books b": "..",
    "SELECT a.name, b.title, l.reader FROM authors a LEFT JOIN books b ON b.author_id = a.id"
    " LEFT JOIN loans l ON l.book_id = b.id": ".??",
    "SELECT a.name, b.title, l.reader FROM authors a LEFT JOIN books b ON b.author_id = a.id"
    " JOIN loans l ON l.book_id = b.id": "...",
    "SELECT a.name, b.title, l.reader FROM authors a LEFT JOIN books b ON b.author_id = a.id"
    " JOIN loans l ON l.number = 1": ".?.",
    "SELECT a.name, b.title, l.reader FROM authors a LEFT JOIN"
    " (books b JOIN loans l ON l.book_id = b.id) ON b.author_id = a.id": ".??",
    "SELECT a.name, b.title, l.reader FROM (authors a LEFT JOIN books b ON b.author_id = a.id)"
    " RIGHT JOIN loans l ON l.book_id = b.id": "??.",
    "SELECT a.name, e.name AS editor FROM authors a LEFT JOIN authors e ON e.id = a.editor_id": ".?",
    "SELECT * FROM authors LEFT JOIN notes USING (id)": "..????",
    "SELECT * FROM authors RIGHT JOIN loans ON loans.reader = authors.name": "????...?",
    "SELECT id, name, text FROM authors FULL JOIN notes USING (id)": "???",
    "SELECT name, reader FROM authors NATURAL LEFT JOIN (SELECT id AS id, 'x' AS reader FROM authors)": ".?",
    "SELECT b.author_id, b.title FROM authors a LEFT JOIN books b ON b.author_id = a.id": "??",
    "SELECT b.author_id FROM authors a JOIN books b ON b.author_id = a.id": ".",
    "SELECT a.id, t.books FROM authors a LEFT JOIN"
    " (SELECT author_id, count(*) AS books FROM books GROUP BY author_id) t ON t.author_id = a.id": ".?",
    # conditions
    "SELECT note FROM books WHERE note IS NOT NULL": ".",
    "SELECT note FROM books WHERE note = 'x' AND pages > 1": ".",
    "SELECT note FROM books WHERE note IN ('x', 'y')": ".",
    "SELECT note FROM books WHERE note NOT IN ('x')": ".",
    "SELECT note FROM books WHERE note LIKE 'x%' OR note > 'a'": ".",
    "SELECT note FROM books WHERE note = 'x' OR pages > 1": "?",
    "SELECT note FROM books WHERE NOT (note = 'x')": ".",
    "SELECT note FROM books WHERE note IS NULL": "?",
    "SELECT note FROM books WHERE note IS NOT 'x'": "?",
    "SELECT note FROM books WHERE COALESCE(note, 'x') = 'x'": "?",
    "SELECT note FROM books WHERE note NOT IN (SELECT name FROM authors)": "?",
    "SELECT note, price FROM books WHERE (note, price) > ('a', 1)": ".?",
    "SELECT note, price FROM books WHERE (note, price) = ('a', 1)": "..",
    "SELECT a.name, b.title, b.note FROM authors a LEFT JOIN books b ON b.author_id = a.id WHERE b.pages > 3": "..?",
    "SELECT b.note FROM authors a LEFT JOIN books b ON b.author_id = a.id AND b.note = 'x'": "?",
    # aggregates
    "SELECT count(*), count(note), sum(pages), min(title), avg(pages), total(price) FROM books": "..???.",
    "SELECT COALESCE(sum(pages), 0), json_group_array(note), group_concat(title) FROM books": "..?",
    "SELECT author_id, sum(pages), max(title), min(note) FROM books GROUP BY author_id": "?..?",
    "SELECT title, sum(pages) FILTER (WHERE pages > 1) FROM books GROUP BY title": ".?",
    "SELECT title, count(*) FILTER (WHERE pages > 1) FROM books GROUP BY title": "..",
    "SELECT count(*), title FROM books": ".?",
    "SELECT max(pages), title FROM books WHERE pages > 1": "??",
    "SELECT sum(count(*)) OVER (), max(title) FROM books": ".?",
    "SELECT a.name, count(b.id), max(b.title) FROM authors a LEFT JOIN books b ON b.author_id = a.id"
    " GROUP BY a.id": "..?",
    "SELECT sum(pages) OVER w, sum(pages) OVER v FROM books WINDOW w AS (ORDER BY id),"
    " v AS (ORDER BY id ROWS BETWEEN 1 FOLLOWING AND 1 FOLLOWING)": ".?",
    "SELECT title, sum(pages) FILTER (WHERE pages > 1) OVER (PARTITION BY author_id) FROM books": ".?",
    "SELECT nullif(count(*), 0), count(*) + 1 FROM books": "?.",
    # several queries
    "SELECT title FROM books UNION SELECT name FROM authors": ".",
    "SELECT title FROM books UNION ALL SELECT note FROM books": "?",
    "SELECT note FROM books EXCEPT SELECT title FROM books": "?",
    "SELECT title FROM books EXCEPT SELECT note FROM books": ".",
    "SELECT note FROM books INTERSECT SELECT title FROM books": ".",
    "SELECT name FROM authors UNION SELECT title FROM books UNION SELECT NULL": "?",
    "VALUES (1, NULL), (2, 3)": ".?",
    "SELECT * FROM (VALUES (1, NULL), (2, 3))": ".?",
    "SELECT t.n, t.m FROM (SELECT count(*) AS n, max(title) AS m FROM books) t": ".?",
    "WITH found AS (SELECT title, note FROM books) SELECT * FROM found": ".?",
    "WITH found (a, b) AS (SELECT title, note FROM books) SELECT f.a, g.b FROM found f, found g": ".?",
    "WITH one AS (SELECT title FROM books), two AS (SELECT * FROM one) SELECT a.id, two.title"
    " FROM authors a LEFT JOIN two ON two.title = a.name": ".?",
    "WITH RECURSIVE up (id, editor) AS (SELECT id, editor_id FROM authors UNION ALL"
    " SELECT a.id, a.editor_id FROM up JOIN authors a ON a.id = up.editor) SELECT * FROM up": ".?",
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10) SELECT i FROM n": ".",
    "WITH RECURSIVE n (i, j) AS (SELECT 1, 2 UNION ALL SELECT j, (SELECT price FROM books) FROM n WHERE i < 3)"
    " SELECT i, j FROM n": "??",
    "SELECT id, title FROM long_books": "??",
    "SELECT id FROM long_books WHERE id IS NOT NULL": ".",
    "SELECT e.key, e.value, e.type FROM books, json_each(books.details) e": "??.",
    # what is declared
    "SELECT id, length FROM notes": "?.",
    "SELECT rowid FROM notes": ".",
    "SELECT book_id, number FROM loans": "..",
    # changes
    "INSERT INTO books (title, pages) VALUES ('a', 1) RETURNING id, title, note, COALESCE(note, '')": "..?.",
    "INSERT INTO authors (id, name) VALUES ('a', 'b') ON CONFLICT (id) DO UPDATE SET name = excluded.name"
    " RETURNING *": "..??",
    "UPDATE books SET note = 'x' WHERE id = 1 RETURNING title, note, (SELECT name FROM authors LIMIT 1)": ".??",
    "UPDATE books SET note = a.name FROM authors a WHERE a.id = books.author_id RETURNING title, note": ".?",
    "UPDATE OR IGNORE books SET note = 'x' RETURNING title, note": ".?",
    "DELETE FROM books WHERE id = 1 RETURNING title, price": ".?",
    "REPLACE INTO authors (id, name) VALUES ('a', 'b') RETURNING name, born": ".?",
    "WITH found AS (SELECT 'a' AS id) DELETE FROM authors WHERE id IN (SELECT id FROM found) RETURNING name": ".",
}


@pytest.mark.parametrize("expression", NEVER_NULL)
def test_an_expression_is_never_null(sqlite_describe: DescribeOnSqlite, expression: str):
    assert sqlite_describe.nullable(f"SELECT {expression} FROM books AS b") == [False]


@pytest.mark.parametrize("expression", SOMETIMES_NULL)
def test_an_expression_is_null_at_times(sqlite_describe: DescribeOnSqlite, expression: str):
    assert sqlite_describe.nullable(f"SELECT {expression} FROM books AS b") == [True]


@pytest.mark.parametrize(("sql", "expected"), STATEMENTS.items(), ids=list(STATEMENTS))
def test_the_columns_of_a_statement(sqlite_describe: DescribeOnSqlite, sql: str, expected: str):
    assert "".join(".?"[nullable] for nullable in sqlite_describe.nullable(sql)) == expected


@pytest.mark.parametrize(
    "left_out", [set(found) for n in range(4) for found in combinations(("authors", "books", "loans"), n)]
)
def test_what_is_never_null_is_not_null_in_rows(sqlite_describe: DescribeOnSqlite, left_out: set[str]):
    texts = [*STATEMENTS, *(f"SELECT {expression} FROM books AS b" for expression in NEVER_NULL)]
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        for name, arity, function in FUNCTIONS:
            connection.create_function(name, arity, function, deterministic=True)
        connection.executescript(SCHEMA + ROWS + "".join(f"DELETE FROM {table};" for table in left_out))
        for text in texts:
            nullable = sqlite_describe.nullable(text)
            connection.execute("BEGIN")
            for row in connection.execute(text).fetchall():
                wrong = [
                    value for value, can_be_null in zip(row, nullable, strict=True) if value is None and not can_be_null
                ]
                assert wrong == [], text
            connection.execute("ROLLBACK")


def test_a_parameter_is_null_where_none_can_be_given(sqlite_describe: DescribeOnSqlite):
    sql = "SELECT :one, :two, COALESCE(note, :one), COALESCE(note, :two), :two || 'x' FROM books"
    assert sqlite_describe.nullable(sql, (True, False)) == [True, False, True, False, False]


def test_each_outer_join_that_makes_a_column_null_is_told(sqlite_describe: DescribeOnSqlite):
    facts = sqlite_describe(
        "SELECT a.name, b.title, b.note, l.reader, e.name FROM authors a LEFT JOIN books b ON b.author_id = a.id"
        " LEFT JOIN loans l ON l.book_id = b.id LEFT JOIN authors e ON e.id = a.editor_id"
    )
    name, title, note, reader, editor = facts.columns
    assert name.joins == frozenset()
    assert len(title.joins) == 1
    assert not title.null_in_row
    assert note.joins == title.joins
    assert note.null_in_row
    assert reader.joins > title.joins  # without a book there is no loan
    assert len(editor.joins) == 1
    assert not editor.joins & reader.joins


def test_two_uses_of_a_cte_have_joins_of_their_own(sqlite_describe: DescribeOnSqlite):
    facts = sqlite_describe(
        "WITH found AS (SELECT b.title FROM authors a LEFT JOIN books b ON b.author_id = a.id)"
        " SELECT one.title, two.title FROM found one, found two"
    )
    one, two = facts.columns
    assert one.joins
    assert two.joins
    assert not one.joins & two.joins


def test_a_statement_that_the_parser_does_not_know_is_nullable_throughout(sqlite_describe: DescribeOnSqlite):
    (column,) = sqlite_describe(
        "INSERT INTO authors (id, name) VALUES ('a', 'b') ON CONFLICT (id) DO UPDATE SET name = excluded.name"
        " ON CONFLICT DO NOTHING RETURNING name"
    ).columns
    assert column.nullable
    assert column.origin == ("authors", "name")
