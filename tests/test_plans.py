"""Every list, and every claim, is served by an index: plans on databases whose tables all have many rows."""

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from many_rows import MANY, ManyRows

from wave_data import Database, connect
from wave_data.engine.compiled import CompiledStatement
from wave_data.engine.conversions import ColumnType
from wave_data.engine.modules import Query, query_modules
from wave_data.engine.signature import CONTROLS, Parameter, Shape
from wave_data.schema import read_schema
from wave_data.stores.postgres_opening import set_codecs
from wave_data.stores.settings import DatabaseUrl
from wave_data.stores.sqlite_opening import FUNCTIONS

# What no column is called by.
VALUES: dict[str, object] = {
    "limit": 11,
    "search": "star",
    "worker": "worker-1",
    "prefix": "key-5",
    "configurations._list_by_prefix until": "key-6",
    "lease": timedelta(minutes=5),
    "older_than": timedelta(hours=4),
    "stale_after": timedelta(hours=4),
    "now": datetime.now(UTC),
}
# The columns that may stand behind another name.
TIMES = ("created_at", "timestamp", "executed_at", "at")
COLUMNS = {"table": ("table_name",), "since": TIMES, "until": TIMES, "placed_at": TIMES, "checkpoint_id": ("id",)}
# What reads more than an index gives, and why that is right.
EXEMPT = {
    "tasks.find_many(search": "a search looks at every text",
    "tasks.iterate(search": "a search looks at every text",
}
# For all rows of a stream PostgreSQL may rather sort than follow an index, so it is asked whether it could.
COULD = dict.fromkeys(("enable_seqscan", "enable_bitmapscan", "enable_sort"), "off")


def cases() -> Iterator[tuple[Query, tuple[str, ...]]]:
    """The functions that list or claim, each without a filter and with each of its filters alone."""
    for module in query_modules():
        if not module.name.startswith("wave_data.") or module.name.endswith((".schema_migrations", ".analytics")):
            continue
        for found in module.queries.values():
            if found.signature.shape in (Shape.PAGE, Shape.STREAM) or found.signature.name == "_claim":
                yield found, ()
                yield from ((found, (p.name,)) for p in found.signature.parameters.values() if _is_filter(p))


def _is_filter(parameter: Parameter) -> bool:
    is_flag = parameter.type is not None and parameter.type.name == "boolean"
    return not parameter.required and parameter.name not in CONTROLS and not is_flag


def title(found: Query, filters: tuple[str, ...]) -> str:
    return f"{found.signature.title}({', '.join(filters)})"


class Arguments:
    """The arguments of a call that finds some of many rows."""

    def __init__(self, rows: ManyRows) -> None:
        self.rows = rows

    def of(self, found: Query, filters: tuple[str, ...], *, goes_on: bool) -> list[object]:
        """The arguments that a statement binds, those of the page after the first where it goes on."""
        arguments: list[object] = []
        for name, parameter in found.signature.parameters.items():
            if name == "cursor":
                arguments.append(self._cursor(found) if goes_on else None)
            elif name == "limit" or name in filters or parameter.required:
                assert parameter.type is not None
                arguments.append(self._value(found, name, parameter.type))
            else:
                arguments.append(parameter.default)
        return arguments

    def _cursor(self, found: Query) -> object:
        pager = next(iter(found.compiled.values())).pager
        assert pager is not None
        return SimpleNamespace(**{name: self._value(found, name, kind) for name, kind in pager.keys})

    def _value(self, found: Query, name: str, kind: ColumnType) -> object:
        """What a row in the middle of the table has in the column of that name, or its default."""
        for known in (f"{found.signature.title} {name}", name):
            if known in VALUES:
                return VALUES[known]
        tables = re.findall(r"\b(?:FROM|JOIN) (\w+)", next(iter(found.statements.values())).source)
        for table in (table for table in tables if table in self.rows.tables):
            for column in COLUMNS.get(name, (name,)):
                value = self._column(table, column)
                if value is not None:
                    return _CONVERSIONS.get(kind.postgres[0], lambda same: same)(value)
        pytest.fail(
            f"{found.signature.title}: no table has a column {name!r}; name a value for it in VALUES or COLUMNS"
        )

    def _column(self, table: str, column: str) -> object:
        rows = (self.rows.row(table, number) for number in range(MANY // 2, MANY // 2 + 50))
        default = getattr(self.rows.schema.tables[table].columns.get(column), "default", None)
        return next((row[column] for row in rows if row.get(column) is not None), default and default.strip("'"))


_CONVERSIONS: dict[str, Any] = {"uuid": lambda value: UUID(str(value)), "timestamptz": datetime.fromisoformat}


def statement_of(found: Query, dialect: str, given: tuple[str, ...]) -> CompiledStatement:
    """The statement in the shape of these optional arguments."""
    shapes = next(shapes for name, shapes in found.compiled.items() if name == dialect)
    return shapes[sum(1 << bit for bit, name in enumerate(shapes.optional) if name in given)]


def postgres_problems(plan: dict[str, Any], large: set[str]) -> Iterator[str]:
    """The steps of a plan that read a whole table or sort."""
    kind, table = plan["Node Type"], plan.get("Relation Name")
    if kind == "Seq Scan" and table in large:
        yield f"reads all of {table}"
    if kind == "Sort":
        yield f"sorts by {', '.join(plan['Sort Key'])}"
    for step in plan.get("Plans", ()):
        yield from postgres_problems(step, large)


def sqlite_problems(steps: list[str], *, is_filtered: bool) -> Iterator[str]:
    """The steps of a plan that read a whole table, or a whole index to find some of its rows, or sort."""
    for step in steps:
        if re.match(r"SCAN (?!CONSTANT|\()", step) and (is_filtered or "USING" not in step):
            yield f"reads all: {step}"
        if "USE TEMP B-TREE" in step:
            yield step.lower()


def calls(rows: ManyRows) -> Iterator[tuple[Query, tuple[str, ...], list[object]]]:
    """Every list and claim with the optional arguments that it is given, and all its arguments."""
    arguments = Arguments(rows)
    for found, filters in cases():
        yield found, filters, arguments.of(found, filters, goes_on=False)
        if found.signature.shape is Shape.PAGE:
            yield found, (*filters, "cursor"), arguments.of(found, filters, goes_on=True)


async def explain_on_postgres(db: Database, url: str, rows: ManyRows) -> list[str]:
    problems: list[str] = []
    connection, streaming = await asyncpg.connect(url), await asyncpg.connect(url, server_settings=COULD)
    set_codecs(connection)
    set_codecs(streaming)
    large = {row[0] for row in await connection.fetch("SELECT relname FROM pg_class WHERE reltuples > 1000")}
    for found, given, arguments in calls(rows):
        statement = statement_of(found, "postgres", given)
        asked = streaming if found.signature.shape is Shape.STREAM else connection
        plan = await asked.fetchval(f"EXPLAIN (FORMAT JSON) {statement.text}", *statement.bind(db, *arguments))
        problems += [f"{title(found, given)} {p}" for p in postgres_problems(json.loads(plan)[0]["Plan"], large)]
    await connection.close()
    await streaming.close()
    return problems


async def explain_on_sqlite(db: Database, url: str, rows: ManyRows) -> list[str]:
    problems: list[str] = []
    with closing(sqlite3.connect(str(DatabaseUrl.parse(url).path))) as connection:
        for name, arity, function in FUNCTIONS:
            connection.create_function(name, arity, function)
        for found, given, arguments in calls(rows):
            statement = statement_of(found, "sqlite", given)
            plan = connection.execute(f"EXPLAIN QUERY PLAN {statement.text}", statement.bind(db, *arguments)).fetchall()
            is_filtered = any(p.required and p.name not in VALUES for p in found.signature.parameters.values())
            steps = sqlite_problems(
                [step for *_, step in plan], is_filtered=is_filtered or given not in ((), ("cursor",))
            )
            problems += [f"{title(found, given)} {problem}" for problem in steps]
    return problems


@pytest.mark.timeout(300)
@pytest.mark.parametrize("store", ["sqlite-file", "postgres"])
async def test_an_index_serves_every_list(database_url: str, sqlite_template: Path):
    rows = ManyRows(read_schema(DatabaseUrl("sqlite", path=sqlite_template)))
    rows.fill(database_url)
    explain = explain_on_postgres if database_url.startswith("postgres") else explain_on_sqlite
    async with connect(database_url) as db:
        problems = await explain(db, database_url, rows)
    assert [problem for problem in problems if not problem.startswith(tuple(EXEMPT))] == []
