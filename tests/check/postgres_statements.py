"""Statements described by a real PostgreSQL server, on tables made to set traps."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from wave_data import Executor
from wave_data.check.facts import ColumnFact, StatementFacts
from wave_data.check.postgres import PostgresAnalyser, open_analyser
from wave_data.engine.compiled import CompiledStatement
from wave_data.engine.signature import read_signature
from wave_data.engine.sql_file import parse_sql
from wave_data.servers import temporary_database

SCHEMA = """
    CREATE TABLE authors (
        id integer PRIMARY KEY,
        name varchar(80) NOT NULL,
        born date,
        editor_id integer REFERENCES authors (id)
    );
    CREATE TABLE books (
        id integer PRIMARY KEY,
        author_id integer REFERENCES authors (id),
        title text NOT NULL,
        note text,
        pages integer NOT NULL,
        price numeric(10, 2),
        tags text[] NOT NULL,
        details jsonb NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        UNIQUE (author_id, title)
    );
    CREATE INDEX books_created_at_id ON books (created_at, id);
    CREATE INDEX books_author_id_created_at_id ON books (author_id, created_at, id);
    CREATE INDEX books_lower_note ON books (lower(note));
    CREATE INDEX books_tags ON books USING gin (tags);
    CREATE TABLE loans (
        book_id integer NOT NULL REFERENCES books (id),
        number integer NOT NULL,
        "Reader" text NOT NULL,
        state text NOT NULL,
        due date,
        returned_at timestamptz,
        PRIMARY KEY (book_id, number)
    );
    CREATE INDEX loans_open ON loans (due) WHERE returned_at IS NULL;
    CREATE VIEW long_books AS SELECT id, title, pages FROM books WHERE pages > 300;
    CREATE VIEW author_pages AS SELECT author_id, sum(pages) AS pages FROM books GROUP BY author_id;
    CREATE MATERIALIZED VIEW titles AS SELECT id, title FROM books;
    CREATE TABLE places (name text NOT NULL);
    CREATE TABLE towns (mayor text) INHERITS (places);
    CREATE DOMAIN isbn AS text CHECK (length(value) = 13);
    CREATE TYPE mood AS ENUM ('good', 'bad');
    CREATE TABLE odds (isbn isbn NOT NULL, mood mood, moods mood[], code char(3), isbns isbn[]);
    CREATE FUNCTION twice(value integer) RETURNS integer LANGUAGE sql IMMUTABLE STRICT RETURN value * 2;
    CREATE SCHEMA attic;
    CREATE TABLE attic.boxes (id integer PRIMARY KEY, books integer);

    INSERT INTO authors VALUES (1, 'Ada', '1815-12-10', NULL), (2, 'Ben', NULL, 1), (3, 'Cy', NULL, NULL);
    INSERT INTO books VALUES
        (1, 1, 'Notes', NULL, 400, 9.5, '{}', '{"a": null}'), (2, 1, 'More', 'x', 20, NULL, '{b,NULL}', '{}'),
        (3, NULL, 'Lost', NULL, 1, NULL, '{}', '[null]');
    INSERT INTO loans VALUES (1, 1, 'Rae', 'out', NULL, NULL), (1, 2, 'Rae', 'back', '2026-01-01', now());
    REFRESH MATERIALIZED VIEW titles;
"""


def compile_statement(sql: str, nulls: tuple[bool, ...] = ()) -> CompiledStatement:
    """A statement of one shape; `nulls` tells for each parameter whether None can be given."""

    async def probe(db: Executor) -> None: ...

    (statement,) = parse_sql(f"-- name: probe\n{sql}", Path("probe.sql")).statements
    rendered = statement.render("postgres", lambda line: True)
    signature = read_signature(probe, returns_rows=statement.returns_rows)
    nulls = nulls or (True,) * len(rendered.slots)
    return CompiledStatement(signature, statement, rendered, "postgres", tuple, "probe", nulls)


class Describe:
    """Describes statements on the tables of SCHEMA."""

    def __init__(self, url: str, analyser: PostgresAnalyser) -> None:
        self.url = url
        self.analyser = analyser

    def __call__(self, sql: str, nulls: tuple[bool, ...] = ()) -> StatementFacts:
        """The facts about a statement."""
        return self.analyser.describe(compile_statement(sql, nulls))

    @property
    def version(self) -> int:
        """The major version of the server."""
        return int(self.analyser.server.removeprefix("PostgreSQL ").partition(".")[0])

    def columns(self, sql: str) -> dict[str, ColumnFact]:
        """The columns of a statement by their names."""
        return {column.name: column for column in self(sql).columns}

    def nullable(self, sql: str, nulls: tuple[bool, ...] = ()) -> list[bool]:
        """Whether each column of a statement can be NULL."""
        return [column.nullable for column in self(sql, nulls).columns]

    def run(self, *statements: str) -> list[list[tuple[Any, ...]]]:
        """The rows of each statement on the few rows of SCHEMA; what it changes is undone."""
        return asyncio.run(_run(self.url, statements))

    def plan(self, sql: str) -> list[tuple[str, str, tuple[str, ...]]]:
        """The steps of a statement's plan that an index could spare."""
        return [(fact.step, fact.table, fact.columns) for fact in self(sql).plan]


async def _run(url: str, statements: tuple[str, ...]) -> list[list[tuple[Any, ...]]]:
    connection = await asyncpg.connect(url)
    found: list[list[tuple[Any, ...]]] = []
    for sql in statements:
        await connection.execute("BEGIN")
        found.append([tuple(row) for row in await connection.fetch(sql)])
        await connection.execute("ROLLBACK")
    await connection.close()
    return found


async def execute(url: str, sql: str) -> None:
    """Run statements that stay."""
    connection = await asyncpg.connect(url)
    await connection.execute(sql)
    await connection.close()


@pytest.fixture(scope="module")
def describe(postgres_url: str) -> Iterator[Describe]:
    """Describes statements on the tables of SCHEMA, on the server of the tests."""
    with temporary_database(postgres_url) as url:
        asyncio.run(execute(url, SCHEMA))
        with open_analyser(url) as analyser:
            yield Describe(url, analyser)
