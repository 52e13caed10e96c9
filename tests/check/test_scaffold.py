"""A first draft of the Python for a new statement, ready to be pasted."""

import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest
from check_packages import MakePackage
from releases import server_at

from wave_data import InvalidValue, QueryError
from wave_data.check import check
from wave_data.check.scaffold import scaffold

PYTHON = """
    @query
    async def find(db: Executor, id: UUID) -> Book | None: ...
"""
FIND = "-- name: find\nSELECT * FROM books WHERE id = :id;\n"


@pytest.fixture(autouse=True)
def server(postgres_url: str) -> Iterator[None]:
    with server_at(postgres_url):
        yield


def drafted(make_package: MakePackage, sql: str, python: str = PYTHON) -> str:
    """The draft of the statement `new`, without its imports."""
    text = scaffold("shop.sql:new", [make_package(FIND + dedent(sql), python)])
    return text[min(text.index(start) for start in ("@", "class ") if start in text) :]


def signature(make_package: MakePackage, sql: str) -> str:
    """The decorator and the first line of the function."""
    return drafted(make_package, "-- name: new\n" + sql).partition("\n    ")[0]


def test_a_record_is_written_where_none_fits(make_package: MakePackage):
    assert drafted(
        make_package,
        """
        -- name: new
        -- The titles of an author, with what they cost.
        SELECT id, title, price, score, status, tags, published_at FROM books WHERE author_id = :author_id;
        """,
    ) == dedent('''\
        class ShopNew(Record):
            """What new gives."""

            id: UUID
            title: Text
            price: Usd
            score: Percent | None
            status: Literal["draft", "published", "withdrawn"]
            tags: TextArray
            published_at: UtcDatetime | None


        @query
        async def new(db: Executor, author_id: UUID) -> list[ShopNew]:
            """The titles of an author, with what they cost."""
            ...
        ''')


def test_a_known_record_is_taken_where_the_columns_fit(make_package: MakePackage):
    assert signature(make_package, "SELECT * FROM books WHERE pages > :pages;") == (
        "@query\nasync def new(db: Executor, pages: int) -> list[Book]:"
    )


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT * FROM books WHERE id = :id;", "async def new(db: Executor, id: UUID) -> Book | None:"),
        ("SELECT count(*) FROM books;", "async def new(db: Executor) -> int:"),
        ("SELECT sum(price) FROM books;", "async def new(db: Executor) -> Usd | None:"),
        ("SELECT title FROM books WHERE id = :id;", "async def new(db: Executor, id: UUID) -> Text | None:"),
        ("SELECT title FROM books;", "async def new(db: Executor) -> list[Text]:"),
        ("SELECT notes FROM books;", "async def new(db: Executor) -> list[Json | None]:"),
        (
            "DELETE FROM books WHERE id = :id;",
            "async def new(db: Executor, id: UUID, missing_ok: bool = True) -> bool:",
        ),
        ("DELETE FROM books WHERE pages > :pages;", "async def new(db: Executor, pages: int) -> Affected:"),
        ("UPDATE books SET title = :title;", "async def new(db: Executor, title: Text) -> Affected:"),
        (
            "INSERT INTO authors (id, name, created_at) VALUES (:id, :name, :now);",
            "async def new(db: Executor, name: Text, id: NewId = None) -> None:",
        ),
        (
            "SELECT * FROM books\nWHERE TRUE\n  AND status = :status --?\n  AND pages > :pages\nORDER BY id;",
            "async def new(db: Executor, pages: int, status: Text | None = None) -> list[Book]:",
        ),
        (
            "SELECT * FROM books\nWHERE TRUE\n  AND id > :cursor.id --?\nORDER BY id LIMIT :limit;",
            "async def new(db: Executor, limit: int = 100, cursor: str | None = None) -> Page[Book]:",
        ),
    ],
)
def test_the_signature_follows_the_statement(make_package: MakePackage, sql: str, expected: str):
    assert signature(make_package, sql) == f"@query\n{expected}"


def test_a_transition_is_known_by_its_literals(make_package: MakePackage):
    sql = "UPDATE books SET status = 'published' WHERE id = :id AND status = 'draft' RETURNING *;"
    assert signature(make_package, sql) == "@transition\nasync def new(db: Executor, id: UUID) -> Book:"


def test_a_stream_is_known_by_its_name_and_takes_no_page(make_package: MakePackage):
    sql = """
        -- name: iterate_long
        SELECT * FROM books
        WHERE pages > :pages
          AND id > :cursor.id --?
        ORDER BY id
        LIMIT :limit --?
        ;
    """
    text = scaffold("shop.sql:iterate_long", [make_package(FIND + dedent(sql), PYTHON)])
    assert "\ndef iterate_long(db: Executor, pages: int) -> AsyncIterator[Book]:\n" in text


def test_a_partial_update_is_known_by_its_optional_fields(make_package: MakePackage):
    sql = "UPDATE books\nSET updated_at = :now\n  , title = :title --?\nWHERE id = :id\nRETURNING *;"
    expected = "@partial_update\nasync def new(db: Executor, id: UUID, *, title: Text | Unset = UNSET) -> Book:"
    assert signature(make_package, sql) == expected


def test_the_columns_of_a_joined_table_become_a_record_that_may_be_none(make_package: MakePackage):
    text = drafted(
        make_package,
        """
        -- name: new
        SELECT books.title, authors.id AS "author.id", authors.name AS "author.name"
        FROM books LEFT JOIN authors ON authors.id = books.author_id;
        """,
    )
    assert "class Author(Record):" in text
    assert "    id: UUID\n    name: Text\n" in text
    assert "    author: Author | None\n" in text


def test_attributes_of_a_plural_become_rows(make_package: MakePackage):
    text = drafted(
        make_package,
        "-- name: new\nINSERT INTO authors (id, name, created_at) VALUES (:authors.id, :authors.name, :now);",
    )
    assert "class NewAuthor:" in text
    assert "async def new(db: Executor, authors: Sequence[NewAuthor]) -> None:" in text


def test_imports_come_first_where_the_module_lacks_them(make_package: MakePackage):
    package = make_package(FIND + "-- name: new\nSELECT id, pages FROM books;", PYTHON)
    path = next(Path(folder) / package / "shop.py" for folder in sys.path if (Path(folder) / package).is_dir())
    text = path.read_text()
    path.write_text(text.replace("from wave_data import *", "from wave_data import Executor, query"))
    assert scaffold("shop.sql:new", [package]).startswith("from wave_data import Record\n\n\nclass ShopNew(Record):")


def test_what_is_pasted_passes_the_check(make_package: MakePackage):
    sql = FIND + (
        "-- name: new\nSELECT id, title, price, score, status, tags, details, notes, weight, in_print, words\n"
        "FROM books WHERE author_id = :author_id ORDER BY created_at;\n"
        "-- name: newer\nSELECT count(*), max(published_at) FROM books WHERE status = :status;\n"
    )
    drafts = scaffold("shop.sql:new", [make_package(sql, PYTHON)])
    python = dedent(PYTHON) + drafts
    package = make_package(sql.partition("-- name: newer")[0], python)
    assert [finding.message for finding in check([package]).findings if finding.severity == "error"] == []


def test_a_file_without_a_module_is_found_beside_the_others(make_package: MakePackage):
    package = make_package(FIND, PYTHON, goods_sql="-- name: count\nSELECT count(*) FROM books;")
    assert "async def count(db: Executor) -> int:" in scaffold("goods.sql:count", [package])


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("shop.sql:find", "find has its function already, at "),
        ("shop.sql:finds", "shop.sql has no statement 'finds' for PostgreSQL and SQLite; its names are find, new"),
        ("goods.sql:find", r"goods.sql is no file of these packages \(shop.sql\)"),
        ("find", "nothing is no file"),
    ],
)
def test_what_is_not_there_is_refused(make_package: MakePackage, target: str, expected: str):
    with pytest.raises(InvalidValue, match=expected):
        scaffold(target, [make_package(FIND + "-- name: new\nSELECT 1;", PYTHON)])


def test_a_statement_that_a_store_refuses_is_shown_with_its_place(make_package: MakePackage):
    with pytest.raises(QueryError, match=r"shop\.sql:4:8: PostgreSQL says: column \"titel\" does not exist"):
        scaffold("shop.sql:new", [make_package(FIND + "-- name: new\nSELECT titel FROM books;", PYTHON)])
