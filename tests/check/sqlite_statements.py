"""Statements described by a real SQLite file, on tables made to set traps."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from wave_data import Executor
from wave_data.check.facts import ColumnFact, StatementFacts
from wave_data.check.sqlite import SqliteAnalyser, open_analyser
from wave_data.engine.compiled import CompiledStatement
from wave_data.engine.signature import read_signature
from wave_data.engine.sql_file import parse_sql

SCHEMA = """
    CREATE TABLE authors (
        id        TEXT NOT NULL PRIMARY KEY,
        name      TEXT NOT NULL,
        born      TEXT,
        editor_id TEXT REFERENCES authors (id)
    ) STRICT;
    CREATE TABLE books (
        id        INTEGER PRIMARY KEY,
        author_id TEXT REFERENCES authors (id),
        title     TEXT NOT NULL,
        note      TEXT,
        pages     INTEGER NOT NULL,
        price     REAL,
        details   TEXT NOT NULL DEFAULT '{}',
        CONSTRAINT books_author_id_title_key UNIQUE (author_id, title)
    );
    CREATE INDEX books_pages_id ON books (pages, id);
    CREATE TABLE loans (
        book_id INTEGER NOT NULL REFERENCES books (id) ON DELETE CASCADE,
        number  INTEGER NOT NULL,
        reader  TEXT    NOT NULL,
        due     TEXT,
        PRIMARY KEY (book_id, number)
    ) WITHOUT ROWID;
    CREATE INDEX loans_reader_open ON loans (reader) WHERE due IS NULL;
    CREATE TABLE notes (id TEXT PRIMARY KEY, text TEXT NOT NULL, length INTEGER AS (length(text)) NOT NULL);
    CREATE VIEW long_books AS SELECT id, title, note FROM books WHERE pages > 300;
    CREATE VIEW cheap_books AS SELECT id, title, note FROM books WHERE price < 1;
    CREATE VIEW pages_by_author AS SELECT author_id, sum(pages) AS pages FROM books GROUP BY author_id;
    CREATE TRIGGER books_reset AFTER UPDATE ON books BEGIN
        UPDATE authors SET born = NULL WHERE id = NEW.author_id;
    END;
"""

ROWS = """
    INSERT INTO authors VALUES ('a', 'Ada', '1815', NULL), ('b', 'Ben', NULL, 'a'), ('c', 'Cy', NULL, NULL);
    INSERT INTO books VALUES
        (1, 'a', 'Notes', NULL, 400, 9.5, '{"a": null}'), (2, 'a', 'More', 'x', 0, NULL, '{}'),
        (3, NULL, 'Lost', NULL, 1, NULL, '{}');
    INSERT INTO loans VALUES (1, 1, 'Rae', NULL), (1, 2, 'Rae', '2026-01-01');
    INSERT INTO notes (id, text) VALUES (NULL, 'no key'), ('x', '');
"""


def compile_statement(sql: str, nulls: tuple[bool, ...] = ()) -> CompiledStatement:
    """A statement of one shape; `nulls` tells for each parameter whether None can be given."""

    async def probe(db: Executor) -> None: ...

    (statement,) = parse_sql(f"-- name: probe\n{sql}", Path("probe.sql")).statements
    rendered = statement.render("sqlite", lambda line: True)
    signature = read_signature(probe, returns_rows=statement.returns_rows)
    nulls = nulls or (True,) * len(rendered.slots)
    return CompiledStatement(signature, statement, rendered, "sqlite", tuple, "probe", nulls)


class DescribeOnSqlite:
    """Describes statements on the tables of SCHEMA."""

    def __init__(self, analyser: SqliteAnalyser) -> None:
        self.analyser = analyser

    def __call__(self, sql: str, nulls: tuple[bool, ...] = ()) -> StatementFacts:
        """The facts about a statement."""
        return self.analyser.describe(compile_statement(sql, nulls))

    def columns(self, sql: str) -> dict[str, ColumnFact]:
        """The columns of a statement by their names."""
        return {column.name: column for column in self(sql).columns}

    def nullable(self, sql: str, nulls: tuple[bool, ...] = ()) -> list[bool]:
        """Whether each column of a statement can be NULL."""
        return [column.nullable for column in self(sql, nulls).columns]

    def plan(self, sql: str) -> list[tuple[str, str, tuple[str, ...]]]:
        """The steps of a statement's plan that an index could spare."""
        return [(fact.step, fact.table, fact.columns) for fact in self(sql).plan]


@pytest.fixture(scope="module")
def sqlite_describe(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DescribeOnSqlite]:
    """Describes statements on the tables of SCHEMA."""
    path = tmp_path_factory.mktemp("sqlite") / "described.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(SCHEMA)
    with open_analyser(path) as analyser:
        yield DescribeOnSqlite(analyser)
