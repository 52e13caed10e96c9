"""Asks a PostgreSQL database about statements."""

import asyncio
import json
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Literal

import asyncpg

from wave_data.check.cardinality import limit_one
from wave_data.check.facts import ColumnFact, ParameterFact, PlanFact, Refused, StatementFacts
from wave_data.check.postgres.access import reads_and_writes
from wave_data.check.postgres.catalogue import read_catalogue
from wave_data.check.postgres.levels import target_entries
from wave_data.check.postgres.node_tree import Node, read_tree
from wave_data.check.postgres.nullability import Nullability
from wave_data.check.postgres.plans import SETTINGS, read_plan
from wave_data.engine.compiled import CompiledStatement
from wave_data.engine.errors import MigrationError
from wave_data.schema import Schema, read_schema
from wave_data.stores.settings import DatabaseUrl

if TYPE_CHECKING:
    from asyncpg.prepared_stmt import PreparedStatement

    Connection = asyncpg.Connection[asyncpg.Record]
    Prepared = PreparedStatement[asyncpg.Record]

_TIMEOUT = 30.0

# A function of this kind keeps the analysed tree of its statement, not the text.
_BEGIN = """
    BEGIN;
    CREATE FUNCTION wave_data_check({types}) RETURNS void LANGUAGE sql BEGIN ATOMIC {text}
; END
"""
_TREE = "SELECT prosqlbody::text FROM pg_proc WHERE proname = 'wave_data_check' AND prosqlbody IS NOT NULL"
_PREPARE = "PREPARE wave_data_check{types} AS {text}"
_NO_SORT = "SET LOCAL enable_sort = off; SET LOCAL enable_incremental_sort = off"
_EXPLAIN = "EXPLAIN (VERBOSE, COSTS OFF, FORMAT JSON) EXECUTE wave_data_check{nothings}"


class PostgresAnalyser:
    """A migrated database that tells what it makes of a statement; nothing that it does stays."""

    dialect: Literal["postgres"] = "postgres"

    def __init__(self, runner: asyncio.Runner, connection: "Connection", schema: Schema) -> None:
        self._runner = runner
        self._connection = connection
        self._schema = schema
        self._is_prepared = False
        self._catalogue = runner.run(read_catalogue(connection))
        self._tree = runner.run(connection.prepare(_TREE))
        runner.run(connection.execute(SETTINGS))

    @property
    def server(self) -> str:
        """Name and version of the server."""
        return f"PostgreSQL {self._connection.get_settings().server_version.split()[0]}"

    def describe(self, statement: CompiledStatement) -> StatementFacts:
        """The facts about one shape. Raises Refused when the database does not take it."""
        return self._runner.run(self._describe(statement))

    async def _describe(self, statement: CompiledStatement) -> StatementFacts:
        try:
            prepared = await self._connection.prepare(statement.text)
        except asyncpg.PostgresError as error:
            raise _refusal(error) from error
        parameters = prepared.get_parameters()
        query, plan = await self._look_into(statement.text, [self._catalogue.types[kind.oid] for kind in parameters])
        reads, writes = reads_and_writes(query, self._catalogue)
        return StatementFacts(
            parameters=tuple(ParameterFact(self._catalogue.domains.get(p.oid, p.name)) for p in parameters),
            columns=self._columns(prepared, query, statement.nulls),
            reads=reads,
            writes=writes,
            limit_one=limit_one(statement.text, "postgres", self._schema),
            plan=plan,
        )

    async def _look_into(self, text: str, types: list[str]) -> tuple[Node | None, tuple[PlanFact, ...]]:
        """The analysed tree and the plan of a statement; nothing for one that has neither, such as SHOW."""
        query = None
        plan: tuple[PlanFact, ...] = ()
        try:
            await self._connection.execute(_BEGIN.format(types=", ".join(types), text=text))
            tree: str = await self._tree.fetchval()
            (query,) = read_tree(tree)
            plan = await self._plan(text, types)
        except asyncpg.SyntaxOrAccessError as error:
            if query is not None:
                raise _refusal(error) from error  # some mistakes are found by the planner only
        except asyncpg.PostgresError:
            pass
        finally:
            await self._connection.execute("ROLLBACK")
            await self._deallocate()
        return query, plan

    async def _plan(self, text: str, types: list[str]) -> tuple[PlanFact, ...]:
        """The plan that an index serves best.

        To a planner that believes tables to be small, a sort looks as cheap as an index that gives the order, and
        all of a partial index as cheap as a look into one of all rows.
        """
        first = await self._explain(text, types)
        facts = first
        with suppress(asyncpg.PostgresError):
            for change in (_NO_SORT, *self._catalogue.without_partial_indexes):
                if not any(fact.columns for fact in facts):
                    return facts
                await self._deallocate()
                await self._connection.execute(change)
                facts = await self._explain(text, types)
        return first if any(fact.columns for fact in facts) else facts

    async def _explain(self, text: str, types: list[str]) -> tuple[PlanFact, ...]:
        listed, nothings = (f"({', '.join(items)})" if types else "" for items in (types, ["NULL"] * len(types)))
        await self._connection.execute(_PREPARE.format(types=listed, text=text))
        self._is_prepared = True
        plan: str = await self._connection.fetchval(_EXPLAIN.format(nothings=nothings))
        return read_plan(json.loads(plan)[0]["Plan"], self._catalogue)

    async def _deallocate(self) -> None:
        if self._is_prepared:
            await self._connection.execute("DEALLOCATE wave_data_check")
            self._is_prepared = False

    def _columns(self, prepared: "Prepared", query: Node | None, nulls: tuple[bool, ...]) -> tuple[ColumnFact, ...]:
        attributes = prepared.get_attributes()
        entries = [] if query is None else target_entries(query)
        if query is None or len(entries) != len(attributes):
            return tuple(ColumnFact(a.name, a.type.name, nullable=True, null_in_row=True) for a in attributes)
        found = Nullability(self._catalogue, nulls).of_statement(query)
        return tuple(
            ColumnFact(
                attribute.name,
                attribute.type.name,
                nullable=not null.never,
                origin=self._origin(entry),
                joins=null.joins,
                null_in_row=null.in_row,
            )
            for attribute, entry, null in zip(attributes, entries, found, strict=True)
        )

    def _origin(self, entry: Node) -> tuple[str, str] | None:
        relation = self._catalogue.relations.get(entry.number("resorigtbl"))
        column = entry.number("resorigcol")
        return (relation.name, relation.columns[column]) if relation is not None and column > 0 else None


@contextmanager
def open_analyser(url: str) -> Generator[PostgresAnalyser]:
    """Open an analyser on a migrated database; nothing that it does there stays.

    It runs an event loop of its own, so it is not for a thread that runs one already. Raises MigrationError when the
    database cannot be reached.
    """
    settings = DatabaseUrl.parse(url)
    schema = read_schema(settings)
    with asyncio.Runner() as runner:
        connection = runner.run(_connect(settings))
        try:
            yield PostgresAnalyser(runner, connection, schema)
        finally:
            runner.run(connection.close(timeout=_TIMEOUT))


async def _connect(url: DatabaseUrl) -> "Connection":
    try:
        return await asyncpg.connect(url.dbmate, timeout=_TIMEOUT, server_settings={"jit": "off"})
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise MigrationError(f"cannot connect to {url.redacted}: {str(error) or type(error).__name__}") from error


def _refusal(error: asyncpg.PostgresError) -> Refused:
    message = ". ".join(part for part in (error.message, error.hint) if part)
    return Refused(message, int(error.position) - 1 if error.position else None)
