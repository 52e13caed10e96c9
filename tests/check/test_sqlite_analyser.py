"""What SQLite says of statements besides nullability: columns, types, what is read and written, what is refused."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlite_statements import SCHEMA, DescribeOnSqlite, compile_statement, sqlite_describe

from wave_data.check.facts import ParameterFact, Refused
from wave_data.check.sqlite import open_analyser

__all__ = ["sqlite_describe"]


def test_it_names_the_version_that_runs_the_statements(sqlite_describe: DescribeOnSqlite):
    assert sqlite_describe.analyser.dialect == "sqlite"
    assert sqlite_describe.analyser.server == f"SQLite {sqlite3.sqlite_version}"


def test_each_parameter_is_one_fact_without_a_type(sqlite_describe: DescribeOnSqlite):
    facts = sqlite_describe("SELECT id FROM books WHERE author_id = :author AND (title = :title OR note = :title)")
    assert facts.parameters == (ParameterFact(), ParameterFact())


@pytest.mark.parametrize(
    ("sql", "origins"),
    [
        ("SELECT title FROM books", [("books", "title")]),
        ("SELECT b.TITLE AS name FROM Books b", [("books", "title")]),
        ("SELECT title || '' FROM books", [None]),
        ("SELECT max(title) FROM books", [None]),
        ("SELECT t.found FROM (SELECT title AS found FROM books) t", [("books", "title")]),
        ("WITH t (found) AS (SELECT title FROM books) SELECT found FROM t", [("books", "title")]),
        ("SELECT title FROM long_books", [("books", "title")]),
        ("SELECT pages FROM pages_by_author", [None]),
        ("SELECT title FROM books UNION SELECT title FROM books", [("books", "title")]),
        ("SELECT title FROM books UNION SELECT name FROM authors", [None]),
        ("SELECT (SELECT name FROM authors)", [None]),
        ("UPDATE books SET pages = 1 RETURNING title, pages + 1", [("books", "title"), None]),
    ],
)
def test_the_origin_of_a_column(sqlite_describe: DescribeOnSqlite, sql: str, origins: list[tuple[str, str] | None]):
    assert [column.origin for column in sqlite_describe(sql).columns] == origins


def test_the_type_of_a_column_is_what_its_origin_declares(sqlite_describe: DescribeOnSqlite):
    columns = sqlite_describe.columns('SELECT title, pages AS "book.pages", price, pages + 1 AS more FROM books')
    assert {name: column.type for name, column in columns.items()} == {
        "title": "TEXT",
        "book.pages": "INTEGER",
        "price": "REAL",
        "more": None,
    }


@pytest.mark.parametrize(
    ("sql", "reads", "writes"),
    [
        ("SELECT title FROM books WHERE pages > 1", {"books": {"title", "pages"}}, {}),
        ("SELECT count(*) FROM books", {"books": set()}, {}),
        (
            "SELECT a.name FROM authors a WHERE EXISTS (SELECT 1 FROM books b WHERE b.author_id = a.id)",
            {"authors": {"name", "id"}, "books": {"author_id"}},
            {},
        ),
        (
            "SELECT title FROM long_books",
            {"long_books": {"title"}, "books": {"id", "title", "note", "pages"}},
            {},
        ),
        ("WITH found AS (SELECT title FROM books) SELECT * FROM found", {"books": {"title"}}, {}),
        (
            "INSERT INTO authors (id, name) VALUES ('a', 'b') ON CONFLICT (id) DO UPDATE SET born = excluded.name",
            {"authors": {"id"}},
            {"authors": {"id", "name", "born"}},
        ),
        ("INSERT INTO authors VALUES ('a', 'b', NULL, NULL)", {}, {"authors": {"id", "name", "born", "editor_id"}}),
        (
            "INSERT INTO authors (id, name) SELECT author_id, title FROM books",
            {"books": {"author_id", "title"}},
            {"authors": {"id", "name"}},
        ),
        ("UPDATE books SET note = title WHERE pages = 1", {"books": {"title", "pages"}}, {"books": {"note"}}),
        ("DELETE FROM books WHERE note = 'x'", {"books": {"note"}}, {"books": set()}),
        ("REPLACE INTO authors (id, name) VALUES ('a', 'b')", {}, {"authors": {"id", "name"}}),
    ],
)
def test_what_a_statement_reads_and_writes(
    sqlite_describe: DescribeOnSqlite, sql: str, reads: dict[str, set[str]], writes: dict[str, set[str]]
):
    facts = sqlite_describe(sql)
    assert dict(facts.writes) == writes
    assert {table: columns for table, columns in facts.reads.items() if columns or table not in writes} == reads


def test_what_a_trigger_reads_and_writes_is_not_the_statements(sqlite_describe: DescribeOnSqlite):
    assert "authors" not in sqlite_describe("UPDATE books SET note = 'x' WHERE id = 1").writes


def test_one_row_at_most_is_told(sqlite_describe: DescribeOnSqlite):
    assert sqlite_describe("SELECT * FROM books WHERE id = :id").limit_one
    assert sqlite_describe("SELECT * FROM books WHERE author_id = :author AND title = :title").limit_one
    assert not sqlite_describe("SELECT * FROM books WHERE author_id = :author").limit_one
    assert sqlite_describe("SELECT * FROM long_books WHERE id = :id").limit_one
    assert sqlite_describe("SELECT * FROM pages_by_author WHERE author_id = :author").limit_one


@pytest.mark.parametrize(
    ("sql", "message", "at"),
    [
        ("SELECT titel FROM books", "no such column: titel", "titel"),
        ("SELECT * FROM bokos", "no such table: bokos", None),
        ("SELECT * FRM books", "near", "FRM"),
        ("SELECT 'ä', titel FROM books", "no such column: titel", "titel"),
        ("SELECT unheard_of(1)", "no such function: unheard_of", "unheard_of"),
        ('SELECT "titel" FROM books', "no such column", '"titel"'),
        ("INSERT INTO books (title) VALUES (1, 2)", "2 values for 1 columns", None),
        ("INSERT INTO books (id) VALUES (1) ON CONFLICT (title) DO NOTHING", "ON CONFLICT clause does not match", None),
        (
            "SELECT a.id FROM authors a JOIN books b ON a.id = b.author_id WHERE id = 1",
            "ambiguous column name",
            "id = 1",
        ),
    ],
)
def test_what_the_database_refuses(sqlite_describe: DescribeOnSqlite, sql: str, message: str, at: str | None):
    with pytest.raises(Refused, match=message) as refused:
        sqlite_describe(sql)
    if at is not None:
        assert refused.value.offset == sql.index(at)


@pytest.mark.skipif(sqlite3.sqlite_version_info >= (3, 44), reason="concat came with SQLite 3.44")
def test_what_pythons_own_sqlite_does_not_know_yet_is_refused(sqlite_describe: DescribeOnSqlite):
    with pytest.raises(Refused, match=f"no such function: concat.*SQLite {sqlite3.sqlite_version}"):
        sqlite_describe("SELECT concat('a', 'b')")


def test_a_foreign_key_that_cannot_be_held_is_refused(tmp_path: Path):
    path = tmp_path / "wrong.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("CREATE TABLE a (b INTEGER REFERENCES c (d)); CREATE TABLE c (d INTEGER)")
    with open_analyser(path) as analyser, pytest.raises(Refused, match="foreign key mismatch"):
        analyser.describe(compile_statement("INSERT INTO a (b) VALUES (1)"))


def test_nothing_is_changed(tmp_path: Path):
    path = tmp_path / "kept.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(SCHEMA + "INSERT INTO authors (id, name) VALUES ('a', 'b');")
    with open_analyser(path) as analyser:
        analyser.describe(compile_statement("DELETE FROM authors RETURNING *"))
        analyser.describe(compile_statement("UPDATE authors SET name = ''"))
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT name FROM authors").fetchall() == [("b",)]
