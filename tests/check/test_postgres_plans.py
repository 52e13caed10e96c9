"""Which scans and sorts PostgreSQL's plans have that an index could spare."""

import asyncio

import pytest
from postgres_statements import SCHEMA, Describe, execute

from wave_data.check.postgres import open_analyser
from wave_data.servers import temporary_database

SERVED = [
    "SELECT * FROM books WHERE id = :id",
    "SELECT * FROM books WHERE id = :id AND note = :note",
    "SELECT * FROM books WHERE id = :id ORDER BY note, pages",
    "SELECT * FROM books WHERE author_id = :a AND title = :t ORDER BY pages LIMIT 1",
    "SELECT * FROM books WHERE id IN (1, 2, 3)",
    "SELECT * FROM books WHERE id = ANY (CAST(:ids AS integer[]))",
    "SELECT * FROM books WHERE lower(note) = :note",
    "SELECT * FROM books WHERE tags @> :tags",
    "SELECT * FROM books WHERE author_id IS NULL",
    "SELECT * FROM books WHERE created_at > :since",
    "SELECT * FROM books WHERE author_id = :a ORDER BY created_at DESC, id DESC LIMIT :limit",
    "SELECT * FROM books WHERE author_id = :a AND (created_at, id) < (:at, :id) ORDER BY created_at DESC, id DESC",
    "SELECT * FROM books ORDER BY created_at, id LIMIT 10",
    "SELECT * FROM books WHERE id = :id OR author_id = :a",
    "SELECT * FROM loans WHERE returned_at IS NULL AND due < :now ORDER BY due",
    "SELECT * FROM authors a JOIN books b ON b.author_id = a.id WHERE a.id = :id",
    "SELECT * FROM loans l JOIN books b ON b.id = l.book_id LEFT JOIN authors a ON a.id = b.author_id"
    " WHERE l.book_id = :id",
    "SELECT (SELECT count(*) FROM loans l WHERE l.book_id = b.id) FROM books b WHERE b.id = :id",
    "SELECT (SELECT count(*) FROM loans) FROM books b WHERE b.author_id = :a",
    "SELECT * FROM authors a JOIN books b ON b.author_id = a.id WHERE a.id = :id AND b.title = :title",
    "SELECT author_id, count(*) FROM books WHERE author_id = :a GROUP BY author_id",
    "SELECT id FROM long_books WHERE id = :id",
    "SELECT pages FROM author_pages WHERE author_id = :a",
    "SELECT * FROM generate_series(1, 10) AS n WHERE n = :n ORDER BY n",
    "SELECT * FROM (VALUES (2, 'a'), (1, 'b')) AS v (x, y) WHERE x = :x ORDER BY y",
    "WITH found AS MATERIALIZED (SELECT * FROM books WHERE author_id = :a) SELECT * FROM found WHERE note = :note",
    "INSERT INTO authors (id, name) VALUES (:id, :name) ON CONFLICT (id) DO NOTHING",
    "UPDATE books SET pages = :pages WHERE id = :id AND note = 'x'",
    "UPDATE loans SET state = 'x' WHERE book_id = :id AND number = :number AND returned_at IS NULL",
    "DELETE FROM loans WHERE book_id = :id",
    "SHOW server_version",
]
"""Statements that indexes of the schema serve."""

UNSERVED = {
    "SELECT * FROM books WHERE note = :note": ("scan", "books", ("note",)),
    "SELECT * FROM books WHERE pages > :pages": ("scan", "books", ("pages",)),
    "SELECT * FROM books WHERE pages > :p AND note = :note AND price = :price": (
        "scan",
        "books",
        ("note", "price", "pages"),
    ),
    "SELECT * FROM books WHERE title = :title": ("scan", "books", ("title",)),
    "SELECT * FROM books WHERE note IN ('a', 'b')": ("scan", "books", ("note",)),
    "SELECT * FROM books WHERE price IS NULL": ("scan", "books", ("price",)),
    "SELECT * FROM books WHERE note = :note ORDER BY pages": ("scan", "books", ("note", "pages")),
    "SELECT * FROM books WHERE note = :note ORDER BY created_at, id LIMIT 1": (
        "scan",
        "books",
        ("note", "created_at", "id"),
    ),
    "SELECT * FROM books WHERE id = :id OR note = :note": ("scan", "books", ("note",)),
    "SELECT * FROM authors WHERE lower(name) = :name": ("scan", "authors", ("lower(name)",)),
    'SELECT * FROM loans WHERE "Reader" = :reader': ("scan", "loans", ("Reader",)),
    "SELECT * FROM loans WHERE number = :number": ("scan", "loans", ("number",)),
    "SELECT * FROM loans WHERE due < :now": ("scan", "loans", ("due",)),
    "SELECT * FROM long_books WHERE title = :title": ("scan", "books", ("title", "pages")),
    "SELECT * FROM authors a JOIN authors e ON e.editor_id = a.id WHERE a.id = :id": (
        "scan",
        "authors",
        ("editor_id",),
    ),
    "SELECT * FROM authors a JOIN books b ON b.author_id = a.id WHERE a.born = :born": ("scan", "authors", ("born",)),
    "SELECT (SELECT count(*) FROM authors e WHERE e.editor_id = a.id) FROM authors a WHERE a.id = :id": (
        "scan",
        "authors",
        ("editor_id",),
    ),
    "UPDATE books SET pages = 0 WHERE note = :note": ("scan", "books", ("note",)),
    "DELETE FROM loans WHERE state = :state": ("scan", "loans", ("state",)),
    "SELECT id FROM attic.boxes WHERE books = :books": ("scan", "attic.boxes", ("books",)),
    "SELECT * FROM books ORDER BY pages LIMIT 10": ("sort", "books", ("pages",)),
    "SELECT * FROM books WHERE author_id = :a ORDER BY pages DESC, id": (
        "sort",
        "books",
        ("author_id", "pages DESC", "id"),
    ),
    "SELECT * FROM books WHERE author_id = :a ORDER BY pages DESC, id DESC": (
        "sort",
        "books",
        ("author_id", "pages", "id"),
    ),
    "SELECT * FROM books WHERE author_id = :a ORDER BY created_at DESC, id": (
        "sort",
        "books",
        ("author_id", "created_at DESC", "id"),
    ),
    "SELECT * FROM books ORDER BY price DESC NULLS LAST LIMIT 3": ("sort", "books", ("price DESC NULLS LAST",)),
    "SELECT * FROM loans WHERE book_id = :id ORDER BY due": ("sort", "loans", ("book_id", "due")),
    "SELECT (SELECT due FROM loans l WHERE l.book_id = :id ORDER BY due LIMIT 1)": (
        "sort",
        "loans",
        ("book_id", "due"),
    ),
}
"""Statements that an index would serve which is not there, and the first thing that is said of each."""


@pytest.mark.parametrize("sql", SERVED)
def test_what_an_index_serves_is_no_matter(describe: Describe, sql: str) -> None:
    assert [fact for fact in describe.plan(sql) if fact[2]] == []


@pytest.mark.parametrize(("sql", "fact"), UNSERVED.items())
def test_what_no_index_serves_is_named_with_the_columns_of_one(
    describe: Describe, sql: str, fact: tuple[str, str, tuple[str, ...]]
) -> None:
    assert [found for found in describe.plan(sql) if found[2]] == [fact]


def test_the_indexes_that_are_named_settle_the_matter(postgres_url: str) -> None:
    wanted = dict.fromkeys((table, ", ".join(map(index_key, columns))) for _, table, columns in UNSERVED.values())
    indexes = ";".join(f"CREATE INDEX ON {table} ({keys})" for table, keys in wanted)
    with temporary_database(postgres_url) as url:
        asyncio.run(execute(url, f"{SCHEMA}; {indexes}"))
        with open_analyser(url) as analyser:
            describe = Describe(url, analyser)
            assert {sql: facts for sql in UNSERVED if (facts := [f for f in describe.plan(sql) if f[2]])} == {}


def index_key(column: str) -> str:
    """A column as CREATE INDEX takes it."""
    name, _, direction = column.partition(" ")
    return name if "(" in name else f'"{name}" {direction}'


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM books",
        "SELECT count(*) FROM books",
        "SELECT author_id, count(*) FROM books GROUP BY author_id",
        "SELECT * FROM books ORDER BY created_at, id",
        "SELECT * FROM author_pages",
        "DELETE FROM books",
    ],
)
def test_all_rows_are_read_where_all_are_asked_for(describe: Describe, sql: str) -> None:
    assert describe.plan(sql) == [("scan", "books", ())]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT author_id, count(*) AS n FROM books WHERE author_id = :a GROUP BY author_id, pages ORDER BY n",
        "SELECT * FROM books WHERE author_id = :a ORDER BY pages % 2",
        "SELECT * FROM books WHERE author_id IN (1, 2) ORDER BY pages",
        "SELECT * FROM books WHERE created_at > :since ORDER BY pages",
        "SELECT DISTINCT pages FROM books WHERE author_id = :a",
        "SELECT title FROM books WHERE id = :id UNION SELECT name FROM authors WHERE id = :id ORDER BY 1",
        "SELECT a.name FROM books b JOIN authors a ON a.id = b.author_id WHERE b.author_id IN (1, 2) ORDER BY a.name",
    ],
)
def test_a_sort_that_no_index_can_spare_is_no_matter(describe: Describe, sql: str) -> None:
    assert [fact for fact in describe.plan(sql) if fact[2]] == []


def test_a_plan_is_that_of_any_argument(describe: Describe) -> None:
    assert describe.plan("SELECT * FROM books WHERE (:id)::integer IS NULL OR id = :id")[0][:2] == ("scan", "books")
