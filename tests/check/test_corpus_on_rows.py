"""What the analysers derive without looking at data holds on data: for every query of the corpus, on both stores."""

import asyncio
import contextlib
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID

import asyncpg
import corpus
import pytest
from corpus.queries.parameters import Colour

from wave_data import migrate
from wave_data.check import FactKey, Report
from wave_data.check.facts import StatementFacts
from wave_data.check.shapes import shapes_of
from wave_data.engine.compiled import CompiledStatement
from wave_data.engine.conversions import ColumnType
from wave_data.engine.dialect import Dialect
from wave_data.engine.modules import Query, query_modules
from wave_data.engine.sql_file import CLOCK
from wave_data.servers import temporary_database
from wave_data.stores.postgres_opening import set_codecs
from wave_data.stores.sqlite_opening import FUNCTIONS

KEY = UUID("00000000-0000-7000-8000-000000000001")
NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
VALUES: dict[str, Any] = {
    "array": ["a"],
    "boolean": True,
    "bytes": b"a",
    "date": date(2026, 1, 1),
    "decimal": Decimal(1),
    "float": 1.0,
    "integer": 1,
    "json": {},
    "object": {},
    "text": "a",
    "timestamp": NOW,
    "uuid": KEY,
}

Rows = Sequence[Sequence[Any]]
Facts = Mapping[FactKey, StatementFacts]
Call = tuple[str, CompiledStatement, StatementFacts, Query]


@pytest.fixture
def facts(corpus_report: Report) -> Facts:
    return corpus_report.facts


def calls(facts: Facts, dialect: Dialect) -> Iterator[Call]:
    """Every shape that the store takes."""
    for module in query_modules():
        for query in module.queries.values() if module.name.startswith("corpus.queries.") else ():
            for names, statement in shapes_of(query, dialect):
                key = FactKey(query.signature.title, dialect, names)
                if key in facts:
                    yield f"{key.function} {names}", statement, facts[key], query


def arguments(call: Call, dialect: Dialect, *, with_nulls: bool) -> list[Any]:
    """A value for each placeholder, or None wherever that can be bound."""
    _, statement, _, query = call
    found: list[Any] = []
    for (name, attribute), can_be_null in zip(statement.slots, statement.nulls, strict=True):
        if name == CLOCK:
            found.append(NOW if dialect == "postgres" else "2026-01-01T12:00:00.000000Z")
        elif with_nulls and can_be_null:
            found.append(None)
        else:
            kind = query.compiled[dialect].bound_type(name, attribute)
            found.append(kind.encoder(dialect)(value_of(kind)))
    return found


def value_of(kind: ColumnType) -> Any:
    if kind.choices:
        return kind.choices[0]
    if kind.name == "enum":
        return Colour.RED
    if kind.name == "array" and kind.postgres[0] != "text[]":
        return [KEY] if kind.postgres[0] == "uuid[]" else [1]
    return VALUES[kind.name]


def broken(call: Call, rows: Rows) -> Iterator[str]:
    """What the facts say and the rows belie."""
    title, _, facts, _ = call
    for position, column in enumerate(facts.columns):
        if not column.nullable and any(row[position] is None for row in rows):
            yield f"{title}: {column.name} is NULL"
    if facts.limit_one and len(rows) > 1:
        yield f"{title}: {len(rows)} rows"


def on_sqlite(database: sqlite3.Connection, called: Iterable[Call], *, with_nulls: bool) -> Iterator[Rows | None]:
    for call in called:
        database.execute("SAVEPOINT before")
        try:
            yield database.execute(call[1].text, arguments(call, "sqlite", with_nulls=with_nulls)).fetchall()
        except sqlite3.Error:
            yield None  # a wrong statement may fail on some rows
        finally:
            database.execute("ROLLBACK TO before")
            database.execute("RELEASE before")


async def on_postgres(url: str, called: Iterable[Call], rows: str, *, with_nulls: bool) -> list[Rows | None]:
    found: list[Rows | None] = []
    database = await asyncpg.connect(url)
    set_codecs(database)
    try:
        await database.execute(rows)
        for kind in ("json", "jsonb"):
            await database.set_type_codec(kind, schema="pg_catalog", encoder=str, decoder=str)
        for call in called:
            change = database.transaction()
            await change.start()
            try:
                given = arguments(call, "postgres", with_nulls=with_nulls)
                found.append([tuple(row) for row in await database.fetch(call[1].text, *given)])
            except (asyncpg.PostgresError, asyncpg.DataError):
                found.append(None)
            finally:
                await change.rollback()
    finally:
        await database.close()
    return found


@pytest.fixture(params=["with rows", "without rows"])
def rows(request: pytest.FixtureRequest) -> str:
    return (corpus.HOME / "rows.sql").read_text() if request.param == "with rows" else "SELECT 1"


@pytest.mark.parametrize("with_nulls", [False, True])
def test_what_is_derived_for_sqlite_holds_on_rows(facts: Facts, rows: str, with_nulls: bool, tmp_path: Path):
    path = tmp_path / "corpus.db"
    migrate(f"sqlite:{quote(str(path))}", folder=corpus.MIGRATIONS)
    called = list(calls(facts, "sqlite"))
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as database:
        for name, arity, function in FUNCTIONS:
            database.create_function(name, arity, function, deterministic=True)
        database.executescript(rows)
        given = list(on_sqlite(database, called, with_nulls=with_nulls))
    assert_held(called, given)


@pytest.mark.parametrize("with_nulls", [False, True])
def test_what_is_derived_for_postgres_holds_on_rows(facts: Facts, rows: str, with_nulls: bool, postgres_url: str):
    called = list(calls(facts, "postgres"))
    with temporary_database(postgres_url) as url:
        migrate(url, folder=corpus.MIGRATIONS)
        given = asyncio.run(on_postgres(url, called, rows, with_nulls=with_nulls))
    assert_held(called, given)


def assert_held(called: Sequence[Call], given: Sequence[Rows | None]) -> None:
    answered = [(call, rows) for call, rows in zip(called, given, strict=True) if rows is not None]
    assert len(answered) > len(called) * 0.8
    assert [found for call, rows in answered for found in broken(call, rows)] == []
