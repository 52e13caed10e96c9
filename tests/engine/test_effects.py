"""What a statement does to a table, and the SELECT of the rows that it is about to meet."""

from pathlib import Path
from textwrap import dedent

import pytest

from wave_data import Record
from wave_data.engine.auditing import plan_of
from wave_data.engine.dialect import DIALECTS
from wave_data.engine.effects import read_effect, rows_before, table_of, table_read
from wave_data.engine.modules import query_modules
from wave_data.engine.sql_file import Statement, parse_sql

# Tables whose rows callers never see.
KEPT_ASIDE = ("wave_charges", "analytics_refreshes")


def statement(sql: str) -> Statement:
    (found,) = parse_sql(f"-- name: work\n{dedent(sql).strip()}\n", Path("shop.sql")).statements
    return found


def effect(sql: str):
    found = read_effect(statement(sql))
    assert found is not None
    return found


def before(sql: str, *given: str, dialect="sqlite") -> str:
    """The text of the SELECT of the rows before, on one line, with the optional lines of the given parameters."""
    found = statement(sql)
    rows = rows_before(found, effect(sql), dialect)
    text = rows.render(dialect, lambda line: not line.optional or all(t.parameter[0] in given for t in line.parameters))
    return " ".join(text.text.split())


@pytest.mark.parametrize(
    ("sql", "action", "table"),
    [
        ("INSERT INTO books (id) VALUES (:id)", "insert", "books"),
        ("INSERT OR REPLACE INTO books (id) VALUES (:id)", "insert", "books"),
        ("REPLACE INTO books (id) VALUES (:id)", "insert", "books"),
        ("INSERT INTO books SELECT * FROM drafts WHERE id = :id", "insert", "books"),
        ("UPDATE books SET title = :title WHERE id = :id", "update", "books"),
        ("UPDATE ONLY shop.books AS b SET title = :title", "update", "books"),
        ('UPDATE "Books" SET title = :title', "update", "Books"),
        ("DELETE FROM books", "delete", "books"),
        (
            "WITH old AS (SELECT id FROM drafts FOR UPDATE) DELETE FROM books WHERE id IN (SELECT id FROM old)",
            "delete",
            "books",
        ),
    ],
)
def test_the_table_that_changes_is_found(sql, action, table):
    assert (effect(sql).action, effect(sql).table) == (action, table)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM books FOR UPDATE",
        "SELECT 'DELETE FROM books'",
        "WITH gone AS (DELETE FROM books RETURNING *) SELECT * FROM gone",
        "VALUES (1)",
    ],
)
def test_what_is_no_change_of_one_table_has_no_effect(sql):
    assert read_effect(statement(sql)) is None


@pytest.mark.parametrize(
    ("sql", "assigned"),
    [
        ("UPDATE books SET title = :title, price = price * 2 WHERE id = :id", {"title": ":TITLE", "price": "PRICE"}),
        ("UPDATE books SET (a, b) = (SELECT 1, 2), c = NULL WHERE d = 1", {"a": "(", "b": "(", "c": "NULL"}),
        ("UPDATE books SET title = (SELECT name FROM t WHERE x = 1) FROM authors WHERE y = 2", {"title": "("}),
        ("INSERT INTO books (id) VALUES (:id) ON CONFLICT (id) DO UPDATE SET n = books.n + 1", {"n": "BOOKS"}),
        ("INSERT INTO books (id) VALUES (:id) ON CONFLICT (id) DO NOTHING", {}),
        ("DELETE FROM books WHERE title = :title", {}),
    ],
)
def test_what_is_assigned(sql, assigned):
    assert effect(sql).assigned == assigned


@pytest.mark.parametrize(
    ("sql", "meets"),
    [
        ("INSERT INTO books (id) VALUES (:id)", False),
        ("INSERT INTO books (id) VALUES (:id) ON CONFLICT (id) DO NOTHING", False),
        ("INSERT INTO books (id) VALUES (:id) ON CONFLICT (id) DO UPDATE SET n = 1", True),
        ("INSERT OR REPLACE INTO books (id) VALUES (:id)", True),
        ("REPLACE INTO books (id) VALUES (:id)", True),
        ("UPDATE books SET n = 1", True),
    ],
)
def test_whether_rows_may_be_there_already(sql, meets):
    assert effect(sql).may_meet_rows is meets


@pytest.mark.parametrize(
    ("sql", "keys"),
    [
        ("DELETE FROM books WHERE id = :id AND n = 1", {"id": "id"}),
        ("DELETE FROM books WHERE id = :book.id", {"id": "book.id"}),
        ("DELETE FROM books WHERE id = :id OR n = 1", {}),
        ("DELETE FROM books WHERE n = (SELECT n FROM t WHERE id = :id)", {}),
        ("DELETE FROM books\nWHERE TRUE\n  AND id = :id --?", {}),
        ("DELETE FROM books AS b WHERE b.id = :id", {"id": "id"}),
        ('DELETE FROM books WHERE n > 1 AND "Id" = :id', {"Id": "id"}),
        ("DELETE FROM books WHERE NOT id = :id", {}),
        ("DELETE FROM books WHERE NOT books.id = :id", {}),
        ("DELETE FROM books WHERE id = :id + 1", {}),
        ("DELETE FROM books WHERE n + id = :id", {}),
        ("DELETE FROM books WHERE id = :id COLLATE nocase AND n = :n", {"n": "n"}),
        ("DELETE FROM books WHERE n BETWEEN :low AND :high AND id = :id", {"id": "id"}),
        ("DELETE FROM books WHERE (n = 1 OR n = 2) AND id = :id", {"id": "id"}),
        ("UPDATE books SET id = :other WHERE id = :id RETURNING id = :third", {"id": "id"}),
        ("INSERT INTO books (id, title, n) VALUES (:id, lower(:title), :n)", {"id": "id", "n": "n"}),
        ("INSERT INTO books SELECT :id", {}),
    ],
)
def test_which_columns_equal_a_parameter(sql, keys):
    assert effect(sql).keys == keys


def test_the_rows_before_are_those_of_the_condition():
    sql = """
        UPDATE books
        SET updated_at = :now
          , title = :title       --?
        WHERE id = :id
          AND version = :version --?
        RETURNING *
    """
    assert before(sql) == "SELECT books.* FROM books WHERE id = ?1"
    assert before(sql, "version", "title") == "SELECT books.* FROM books WHERE id = ?1 AND version = ?2"


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("DELETE FROM books", "SELECT books.* FROM books"),
        ("DELETE FROM books AS b WHERE b.n = 1 RETURNING b.id", "SELECT b.* FROM books AS b WHERE b.n = 1"),
        (
            "UPDATE books SET n = a.n FROM authors AS a WHERE a.id = 1",
            "SELECT books.* FROM books , authors AS a WHERE a.id = 1",
        ),
        (
            "WITH old (id) AS (SELECT 1) UPDATE books SET n = (SELECT 2 WHERE TRUE) WHERE id IN (SELECT id FROM old)",
            "WITH old (id) AS (SELECT 1) SELECT books.* FROM books WHERE id IN (SELECT id FROM old)",
        ),
    ],
)
def test_the_rows_before_of_other_forms(sql, expected):
    assert before(sql) == expected


def test_on_postgres_they_are_locked_as_the_statement_will_lock_them():
    assert before("DELETE FROM books AS b", dialect="postgres").endswith("FOR UPDATE OF b")
    assert before("UPDATE books SET n = 1 -- a note", dialect="postgres").endswith("FOR NO KEY UPDATE OF books")


@pytest.mark.parametrize(
    ("sql", "table"),
    [
        ("SELECT * FROM books WHERE id = :id", "books"),
        ("SELECT * FROM books JOIN authors USING (id)", None),
        ("SELECT (SELECT count(*) FROM authors) FROM books", None),
        ("SELECT 1", None),
        ("WITH b AS (SELECT * FROM books) SELECT * FROM b", None),
    ],
)
def test_the_one_table_that_a_select_reads(sql, table):
    assert table_read(statement(sql)) == table


def changing():
    return [
        found
        for module in query_modules()
        if module.name.startswith("wave_data.")
        for found in module.queries.values()
        if found.changes
    ]


@pytest.mark.parametrize("found", changing(), ids=lambda found: found.signature.title)
def test_every_change_of_the_library_can_be_recorded(found):
    for dialect in DIALECTS:
        assert found.statements[dialect].changes
        read = read_effect(found.statements[dialect])
        assert read is not None
        if read.table not in KEPT_ASIDE:
            table = table_of(found, read.table)
            assert table is not None
            assert issubclass(table.kind, Record)
            assert plan_of(found, dialect) is not None
