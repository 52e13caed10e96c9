"""PostgreSQL through asyncpg."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic, perf_counter
from typing import Any, Literal, cast

import asyncpg
from asyncpg.prepared_stmt import PreparedStatement

from wave_data.engine.compiled import CompiledStatement
from wave_data.engine.errors import ConnectionFailed, QueryError, WaveDataError
from wave_data.engine.executor import Isolation
from wave_data.engine.readers import MANY, PORTION, Reader, read_portions
from wave_data.engine.records import Column
from wave_data.stores.clock import ServerClock
from wave_data.stores.postgres_changes import PostgresChanges
from wave_data.stores.postgres_copy import COPY_FROM, Copy, prepare_copy
from wave_data.stores.postgres_errors import is_lost, translate
from wave_data.stores.postgres_opening import open_raw
from wave_data.stores.postgres_upkeep import PostgresUpkeep
from wave_data.stores.retry import Retries
from wave_data.stores.settings import DatabaseUrl, Options
from wave_data.stores.store import Store, make_pool
from wave_data.stores.watch import Watch

BATCH = 500
"""Rows of a stream that are fetched together."""
STRETCH = 2000
"""Rows that are made into records at a stretch: some milliseconds."""
CLOCK_INTERVAL = 60.0
"""Seconds between readings of the server's clock."""


# What the server says of a value whose column has another type than the COPY was prepared for.
_OTHER_TYPES = (
    asyncpg.InvalidBinaryRepresentationError,
    asyncpg.BadCopyFileFormatError,
    asyncpg.ProtocolViolationError,
)

_Method = Literal["fetch", "executemany", "fetchmany", "cursor"]


_OUTDATED = (asyncpg.InvalidCachedStatementError, asyncpg.OutdatedSchemaCacheError)


@dataclass(slots=True)
class _Prepared:
    """A statement as a connection keeps it; `copy` is the COPY in its place, once it is known whether there is one."""

    handle: "PreparedStatement[asyncpg.Record]"
    state: Any
    read: Reader | None
    copy: Copy | None = None
    copy_is_known: bool = False


class _Running:
    """A block in which a statement runs: its exceptions leave it as errors of this library, its time is noted."""

    __slots__ = ("_connection", "_started", "_statement")

    def __init__(self, connection: "PostgresConnection", statement: CompiledStatement | None) -> None:
        self._connection = connection
        self._statement = statement

    def __enter__(self) -> None:
        self._started = perf_counter()

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        if error is None:
            self._connection.watch.ended(self._statement, self._started)
        elif isinstance(error, Exception) and not isinstance(error, WaveDataError):
            raise self._connection.translated(error, self._statement) from error


class Schema:
    """Counts the changes of a schema that prepared statements have met, for all connections of a database."""

    def __init__(self) -> None:
        self.generation = 0


class PostgresConnection:
    """One connection; it prepares each statement once and keeps it."""

    def __init__(self, raw: "asyncpg.Connection[asyncpg.Record]", options: Options, schema: Schema) -> None:
        self._raw = raw
        self.watch = Watch(options)
        self.in_transaction = False
        self._is_lost = False
        self._is_cut_off = False
        self._cache_size = options.statement_cache_size
        self._schema = schema
        self._generation = schema.generation
        self._prepared: dict[CompiledStatement, _Prepared] = {}
        self._fetching: asyncio.Task[list[Any]] | None = None
        protocol: Any = getattr(raw, "_protocol")  # noqa: B009 - calls that the wrappers of asyncpg end in
        self._bind_execute = protocol.bind_execute
        self._is_connected: Callable[[], bool] = protocol.is_connected

    @property
    def is_closed(self) -> bool:
        """Whether the connection is known to be unusable."""
        return self._is_lost or not self._is_connected()

    def translated(self, error: Exception, statement: CompiledStatement | None) -> WaveDataError:
        """The error of this library for the driver's that a statement met; the connection may be lost by it."""
        self._is_lost = self._is_lost or is_lost(error)
        if self._is_cut_off and isinstance(error, asyncpg.QueryCanceledError):
            return ConnectionFailed("the database was closed while work was in flight")
        return translate(error, statement, self.in_transaction)

    async def fetch(self, statement: CompiledStatement, arguments: tuple[Any, ...]) -> list[Any]:
        """The records of a statement."""
        started = perf_counter()
        try:
            prepared = self._prepared.get(statement)
            if prepared is None or self._fetching is not None:
                prepared = await self._ready(statement)
            try:
                # All that a prepared statement of asyncpg does in the end, without a dozen calls in between.
                rows = await self._bind_execute(prepared.state, arguments, "", 0, False, None)
            except _OUTDATED as error:
                prepared = await self._prepare_again(statement, error)
                rows = await self._bind_execute(prepared.state, arguments, "", 0, False, None)
        except WaveDataError:
            raise
        except Exception as error:
            raise self.translated(error, statement) from error
        self.watch.ended(statement, started)
        if prepared.read is not None and len(rows) < MANY:
            return prepared.read(rows)
        return await _read(prepared, rows)

    async def execute(self, statement: CompiledStatement, arguments: tuple[Any, ...]) -> int:
        """Run a statement; the number of rows that it changed."""
        with self._running(statement):
            prepared, _ = await self._call("fetch", statement, *arguments)
            count = (prepared.handle.get_statusmsg() or "").rpartition(" ")[2]
        return int(count) if count.isdigit() else 0

    async def execute_many(self, statement: CompiledStatement, rows: Sequence[tuple[Any, ...]]) -> None:
        """Run a statement for each row of arguments, all or none of them.

        asyncpg pipelines them in one transaction; a plain INSERT of many rows is a COPY.
        """
        with self._running(statement):
            if len(rows) < COPY_FROM or not await self._copy(statement, rows):
                await self._call("executemany", statement, rows)

    async def fetch_many(self, statement: CompiledStatement, rows: Sequence[tuple[Any, ...]]) -> list[Any]:
        """Run a statement for each row of arguments, all or none of them; the records of all."""
        with self._running(statement):
            prepared, found = await self._call("fetchmany", statement, rows)
        return await _read(prepared, found)

    async def stream(
        self, statement: CompiledStatement, arguments: tuple[Any, ...], size: int | None = None
    ) -> AsyncGenerator[list[Any]]:
        """The records of a statement in batches, through a cursor; the caller has begun a transaction."""
        with self._running(statement):
            prepared, cursor = await self._call("cursor", statement, *arguments)
        try:
            pending = await self._begin_fetch(cursor, size or BATCH)
            while True:
                with self._running(statement):
                    rows = await pending
                if not rows or prepared.read is None:
                    return
                # The server has the next batch ready while this one becomes records and is worked on.
                pending = await self._begin_fetch(cursor, size or BATCH)
                for records in read_portions(prepared.read, rows, PORTION):
                    yield records
        finally:
            await self._end_fetch()

    async def _begin_fetch(self, cursor: Any, size: int) -> "asyncio.Task[list[Any]]":
        await self._end_fetch()
        task = self._fetching = asyncio.create_task(cursor.fetch(size))
        await asyncio.sleep(0)  # sends the request
        return task

    async def _end_fetch(self) -> None:
        """Wait for a batch that a stream has asked for: the connection does one thing at a time."""
        task, self._fetching = self._fetching, None
        if task is not None:
            try:
                await asyncio.wait((task,))
            except asyncio.CancelledError:
                self._fetching = task
                raise
            if not task.cancelled():
                task.exception()  # is raised where the stream goes on, if it does

    async def _call(self, method: _Method, statement: CompiledStatement, *arguments: Any) -> tuple[_Prepared, Any]:
        """Await a method of the prepared statement, and once more when a migration has changed its columns."""
        prepared = await self._ready(statement)
        try:
            return prepared, await getattr(prepared.handle, method)(*arguments)
        except _OUTDATED as error:
            prepared = await self._prepare_again(statement, error)
        return prepared, await getattr(prepared.handle, method)(*arguments)

    async def _ready(self, statement: CompiledStatement) -> _Prepared:
        """The prepared statement, on a connection that does nothing else."""
        if self._fetching is not None:
            await self._end_fetch()
        return self._prepared.get(statement) or await self._prepare(statement)

    async def _prepare_again(self, statement: CompiledStatement, error: Exception) -> _Prepared:
        """The statement prepared anew after a migration; in a transaction, which has failed by that, its error."""
        self._schema.generation += 1
        if isinstance(error, asyncpg.OutdatedSchemaCacheError):
            await self._raw.reload_schema_state()
        if self._raw.is_in_transaction():
            raise error
        return await self._prepare(statement)

    async def _copy(self, statement: CompiledStatement, rows: Sequence[tuple[Any, ...]]) -> bool:
        """Insert rows by COPY, where that does the same as the statement; whether it does."""
        await self._end_fetch()
        copy = await self._copy_of(statement)
        if copy is None:
            return False
        try:
            await copy.run(self._raw, rows)
        except _OTHER_TYPES:
            # A migration has changed the type of a column since the COPY was prepared.
            self._prepared.pop(statement, None)
            if self._raw.is_in_transaction():
                raise
            return False
        return True

    async def _copy_of(self, statement: CompiledStatement) -> Copy | None:
        """The COPY in place of a statement, prepared once like the statement itself."""
        if statement.plain_insert is None:
            return None
        prepared = self._prepared.get(statement) or await self._prepare(statement)
        if not prepared.copy_is_known:
            types = prepared.handle.get_parameters()
            prepared.copy = await prepare_copy(self._raw, statement.plain_insert, types)
            prepared.copy_is_known = True
        return prepared.copy

    def _forget_outdated(self) -> None:
        """Give up what was prepared before the schema changed."""
        if self._generation != self._schema.generation:
            self._prepared.clear()
            self._generation = self._schema.generation

    async def _prepare(self, statement: CompiledStatement) -> _Prepared:
        self._forget_outdated()
        handle = await self._raw.prepare(statement.text)
        read = None
        if statement.has_result:
            read = statement.reader([Column(a.name, a.type.name) for a in handle.get_attributes()])
        prepared = _Prepared(handle, getattr(handle, "_state"), read)  # noqa: B009
        if self._cache_size:
            if len(self._prepared) >= self._cache_size:
                del self._prepared[next(iter(self._prepared))]
            self._prepared[statement] = prepared
        return prepared

    def _running(self, statement: CompiledStatement | None) -> _Running:
        return _Running(self, statement)

    async def begin(self, isolation: Isolation | None, readonly: bool) -> None:
        """Begin a transaction."""
        self._forget_outdated()
        level = f" ISOLATION LEVEL {isolation.upper()}" if isolation else ""
        await self.command(f"BEGIN{level}{' READ ONLY' if readonly else ''}")
        self.in_transaction = True

    async def command(self, text: str) -> None:
        """Run a statement without arguments and rows."""
        await self._end_fetch()
        with self._running(None):
            done = await self._raw.execute(text)
        if text in ("COMMIT", "ROLLBACK"):
            self.in_transaction = False
            if done != text:
                raise QueryError("PostgreSQL rolled the transaction back: one of its statements had failed")

    def command_at_once(self, text: str) -> bool:
        """Nothing: a server is waited for."""
        return False

    async def script(self, text: str) -> None:
        """Run several statements without arguments."""
        await self.command(text)

    async def rows(self, text: str, arguments: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows of a statement given as text, with the values as the driver has them."""
        await self._end_fetch()
        with self._running(None):
            return [tuple(row) for row in await self._raw.fetch(text, *arguments)]

    async def listen(self, channel: str, hear: Callable[[str], None], lost: Callable[[], None]) -> None:
        """Have a function called with each notification of a channel, and another when the connection is lost."""

        def heard(connection: object, process: int, channel: str, payload: object) -> None:
            hear(str(payload))

        with self._running(None):
            await self._raw.add_listener(channel, heard)
        self._raw.add_termination_listener(lambda connection: lost())

    async def verify(self, statement: CompiledStatement) -> None:
        """Prepare a statement, and hold its columns against the result of its function, without running it."""
        with self._running(statement):
            await self._prepare(statement)

    async def read_clock(self, clock: ServerClock) -> None:
        """Set a clock by the server's."""
        sent = monotonic()
        with self._running(None):
            server = await self._raw.fetchval("SELECT clock_timestamp()")
        received = monotonic()
        clock.set(server, sent, received)

    async def ping(self) -> bool:
        """Whether the server still answers."""
        try:
            await asyncio.wait_for(self._raw.execute("SELECT 1"), 5)
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return False
        return True

    async def close(self) -> None:
        """Close the connection; cut it off when the server does not answer."""
        self._is_cut_off = True
        try:
            await self._raw.close(timeout=2)
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            self._raw.terminate()


async def _read(prepared: _Prepared, rows: list[Any]) -> list[Any]:
    """The records of rows; of many in portions, between which other tasks have their turn."""
    if prepared.read is None:
        return []
    records: list[Any] = []
    for some in read_portions(prepared.read, rows, STRETCH):
        records += some
        if rows:
            await asyncio.sleep(0)
    return records


def open_postgres(url: DatabaseUrl, options: Options) -> Store:
    """A store on a PostgreSQL server; its connections raise ConnectionFailed, without the password."""
    schema, clock, retries = Schema(), ServerClock(), Retries(options)

    async def open_connection() -> PostgresConnection:
        raw = await open_raw(url, options)
        connection = PostgresConnection(raw, options, schema)
        try:
            await connection.read_clock(clock)
        except BaseException:
            raw.terminate()
            raise
        return connection

    pool = make_pool(open_connection, options, retries)

    async def follow_clock() -> None:
        while True:
            await asyncio.sleep(CLOCK_INTERVAL)
            with suppress(WaveDataError):
                connection = await pool.acquire()
                try:
                    await cast(PostgresConnection, connection).read_clock(clock)
                finally:
                    pool.release(connection)

    return Store(
        "postgres",
        url,
        reading=pool,
        writing=pool,
        clock=clock,
        retries=retries,
        upkeep=PostgresUpkeep(),
        changes=PostgresChanges(open_connection, pool),
        limits=options.limits,
        background=follow_clock,
    )
