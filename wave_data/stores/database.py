"""A database: the executor that needs no connection in hand."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import replace
from datetime import datetime
from time import monotonic, perf_counter
from types import TracebackType
from typing import Any, TypeVar

from wave_data.engine.columns import check
from wave_data.engine.compiled import CompiledStatement
from wave_data.engine.dialect import Dialect
from wave_data.engine.errors import InvalidValue, QueryError, SerializationFailure, WaveDataError
from wave_data.engine.executor import Executor, Isolation
from wave_data.engine.secret_codec import SecretCodec
from wave_data.stores.cache import EVERYTHING, CacheStats
from wave_data.stores.changes import ChangeHub, Changes
from wave_data.stores.clock import checked_clock
from wave_data.stores.connection import StoreConnection
from wave_data.stores.explain import bind
from wave_data.stores.observing import Observation, Outside
from wave_data.stores.pool import Pool
from wave_data.stores.pool_stats import PoolStats
from wave_data.stores.settings import DatabaseUrl, Options
from wave_data.stores.statements import Method, Statements
from wave_data.stores.store import Store
from wave_data.stores.transaction import Connection, Transaction, check_isolation
from wave_data.stores.upkeep import BrokenReference, Health, Reference, count_rows

T = TypeVar("T")


class Database(Statements):
    """An open database; every operation takes it, or a connection or transaction of it, as its first argument.

    Each call on the database itself takes a connection for just that call.
    """

    def __init__(
        self,
        store: Store,
        options: Options,
        clock: Callable[[], datetime] | None = None,
        secret_codec: SecretCodec | None = None,
    ) -> None:
        self.secret_codec = secret_codec
        self.observer = None
        self._store = store
        self._options = options
        self._reading = store.reading
        self._writing = store.writing
        self.dialect: Dialect = store.dialect
        self.limits = store.limits
        self.now: Callable[[], datetime] = store.clock if clock is None else checked_clock(clock)
        self._actor: ContextVar[str | None] = ContextVar("actor", default=None)
        self._changes = ChangeHub(store.changes, options.change_poll_interval)
        self._background = None if store.background is None else asyncio.create_task(store.background())

    def __repr__(self) -> str:
        return f"Database({self._store.url.redacted})"

    @property
    def url(self) -> DatabaseUrl:
        """Where the database is; its `repr` and `str` show no password."""
        return self._store.url

    def observe(self, observation: Observation) -> None:
        """Have every call from now on recorded in the audit log, or served from the cache, or both."""
        self.observer = Outside(observation, reads_cache=True)

    @contextmanager
    def actor(self, name: str) -> Generator[None]:
        """A block whose changes are this actor's in the audit log: `with db.actor("deploy-bot")`.

        It holds for the task that enters it and those that the task begins. Raises InvalidValue for an empty name and
        one of more than 255 characters.
        """
        if not 1 <= len(check(str, name, "actor")) <= 255:
            raise InvalidValue("actor: a text of 1 to 255 characters was expected")
        outer = self._actor.get()
        self._actor.set(name)
        try:
            yield
        finally:
            self._actor.set(outer)

    @property
    def current_actor(self) -> str | None:
        """The actor of the innermost `actor` block, None outside of any."""
        return self._actor.get()

    @property
    def _pools(self) -> list[Pool[StoreConnection]]:
        return list(dict.fromkeys((self._reading, self._writing)))

    async def __aenter__(self) -> "Database":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def batches(
        self, statement: CompiledStatement, arguments: tuple[Any, ...], size: int | None = None
    ) -> AsyncGenerator[list[Any]]:
        """The records of a statement in batches; a connection is held until the iteration ends."""
        started = False
        try:
            async with aclosing(self._batches_once(statement, arguments, size)) as batches:
                async for batch in batches:
                    started = True
                    yield batch
            return
        except SerializationFailure:
            if started:
                raise
        # Before its first record a stream can begin again: a migration had changed what the statement gives.
        async with aclosing(self._batches_once(statement, arguments, size)) as batches:
            async for batch in batches:
                yield batch

    async def _batches_once(
        self, statement: CompiledStatement, arguments: tuple[Any, ...], size: int | None
    ) -> AsyncGenerator[list[Any]]:
        async with (
            self.transaction(readonly=statement.reads_only) as transaction,
            aclosing(transaction.batches(statement, arguments, size)) as batches,
        ):
            async for batch in batches:
                yield batch

    def connection(self) -> Connection:
        """One connection for several statements: `async with db.connection() as connection`."""
        return Connection(self)

    def transaction(self, isolation: Isolation | None = None, readonly: bool = False) -> Transaction:
        """A transaction: `async with db.transaction() as tx`; commits on success, rolls back on any exception."""
        return Transaction(self, check_isolation(isolation), readonly)

    async def run_in_transaction(
        self, work: Callable[[Executor], Awaitable[T]], isolation: Isolation | None = None
    ) -> T:
        """The value of `work(tx)` run in a transaction.

        The whole is run again, a few times, after a serialisation failure, a deadlock, a locked database or a
        connection lost before COMMIT; so `work` must have no other effects. A lost COMMIT raises OutcomeUnknown.
        """

        async def once() -> T:
            async with self.transaction(isolation) as transaction:
                return await work(transaction)

        return await self._store.retries.attempts(self._options.transaction_retries)(once)

    def changes(self, *tables: str) -> Changes:
        """Hints that rows of the tables may have changed: `async for table, key, operation in db.changes("tasks")`.

        They tell when to look, not what is there; see Changes. Raises InvalidValue without a table.
        """
        if not tables:
            raise InvalidValue("name the tables whose changes are to be told, as in db.changes('tasks')")
        return Changes(self._changes, tables)

    async def ping(self) -> None:
        """Make sure that the database can be reached. Raises ConnectionFailed."""
        async with _taken(self._reading):
            pass

    async def run_script(self, text: str) -> None:
        """Run several statements without arguments, such as a migration."""
        async with _taken(self._writing) as connection:
            await connection.script(text)
        await self.clear_cache()

    async def verify(self, statement: CompiledStatement) -> None:
        """Prepare a statement without running it. Raises QueryError or RowMappingError where it does not fit."""
        async with _taken(self._writing) as connection:
            await connection.verify(statement)

    async def health_check(self, timeout: float = 2.0) -> Health:
        """Whether the database answers within `timeout` seconds, and what stands in the way. Raises nothing."""
        started = perf_counter()
        version = error = None
        try:
            async with asyncio.timeout(timeout), _taken(self._reading) as connection:
                version = await self._store.upkeep.server_version(connection)
        except TimeoutError:
            stats = self.pool_stats()
            error = f"no answer within {timeout:g} s; {stats.active} of {stats.maximum} connections are in use"
        except (WaveDataError, OSError) as failure:
            error = str(failure)
        return Health(error is None, perf_counter() - started, self.dialect, version, error)

    async def is_healthy(self) -> bool:
        """Whether `health_check` finds nothing wrong."""
        return (await self.health_check()).ok

    def pool_stats(self) -> PoolStats:
        """How the connections are used now, and what has happened to them since the database was opened."""
        found = PoolStats.of([pool.counts() for pool in self._pools], self._store.retries.count, self.now())
        # SQLite's writer is one connection more than the options say.
        return replace(found, maximum=self._options.pool_size + self._options.max_overflow)

    def cache_stats(self) -> CacheStats:
        """How often the cache had what was asked for, since the database was opened; zeros without a cache."""
        cache = None if self._observation is None else self._observation.cache
        return CacheStats() if cache is None else cache.stats

    async def clear_cache(self) -> None:
        """Forget what the cache has, as after a change made past this library."""
        if self._observation is not None and self._observation.cache is not None:
            await self._observation.cache.drop((EVERYTHING,))

    async def references(self) -> list[Reference]:
        """The foreign keys of all tables."""
        async with _taken(self._reading) as connection:
            return await self._store.upkeep.references(connection)

    def is_pool_healthy(self) -> bool:
        """Whether the database is open and has, or can open, a connection that is not in use."""
        reading = self._reading.counts()
        return not any(pool.is_closing for pool in self._pools) and reading.active < reading.maximum

    async def wait_for_connection(self, timeout: float) -> None:
        """Wait until a connection can be had, for reading as well as for writing.

        Raises PoolTimeout after `timeout` seconds, ConnectionFailed and PoolClosed.
        """
        until = monotonic() + timeout
        for pool in self._pools:
            async with _taken(pool, max(0.0, until - monotonic())):
                pass

    async def vacuum(self) -> None:
        """Reclaim the space of deleted rows: VACUUM. On SQLite it rewrites the file, and writers wait meanwhile."""
        async with _taken(self._writing) as connection:
            await connection.command("VACUUM")

    async def analyze(self) -> None:
        """Renew the statistics that plans are made by: ANALYZE."""
        async with _taken(self._writing) as connection:
            await connection.command("ANALYZE")

    async def foreign_key_check(self) -> list[BrokenReference]:
        """The foreign keys that rows break, found by looking at all rows; empty when every one leads somewhere."""
        async with _taken(self._reading) as connection:
            return await self._store.upkeep.broken_references(connection)

    async def integrity_check(self) -> list[str]:
        """What is wrong with the database as it is stored; empty when nothing is.

        SQLite reads the whole file. PostgreSQL tells of invalid indexes, constraints that were never validated,
        triggers switched off and wrong checksums.
        """
        async with _taken(self._reading) as connection:
            return await self._store.upkeep.integrity_problems(connection)

    async def table_counts(self) -> dict[str, int]:
        """The number of rows of every table by its name, counted in one statement; dbmate's own is left out."""
        async with _taken(self._reading) as connection:
            return await count_rows(connection, await self._store.upkeep.tables(connection))

    async def explain(self, sql: str, args: Mapping[str, object] | None = None) -> list[str]:
        """The lines of the plan for a statement with `:name` parameters, which does not run.

        PostgreSQL's lines show the values of `args`.
        Raises InvalidValue where `args` and the names differ, QueryError for SQL that the database refuses.
        """
        text, arguments = bind(sql, args or {}, self.dialect)
        async with _taken(self._reading) as connection:
            try:
                return await self._store.upkeep.plan(connection, text, arguments)
            except QueryError as error:
                raise QueryError(f"explain: {error.__cause__}") from error.__cause__

    @asynccontextmanager
    async def paused(self, timeout: float = 10.0) -> AsyncGenerator[None]:
        """A block in which no connection is open, such as for putting another file in the place of a SQLite database.

        Work in flight is waited for; new work waits, for `acquire_timeout`, until the block ends. Raises PoolTimeout
        when work is still in flight after `timeout` seconds, InvalidValue for a database in memory: it would be lost.
        """
        if self.url.is_memory:
            raise InvalidValue("a database in memory lives in its connection, which cannot be closed meanwhile")
        try:
            for pool in self._pools:
                await pool.pause(timeout)
            yield
        finally:
            try:
                await self.clear_cache()
            finally:
                for pool in self._pools:
                    pool.resume()

    async def close(self, timeout: float = 10.0) -> None:
        """Refuse new work, wait for the work in flight, then cut it off after `timeout` seconds. May be repeated."""
        await self._changes.close()
        if self._background is not None:
            self._background.cancel()
        await asyncio.gather(*(pool.close(timeout) for pool in self._pools))

    async def _run(self, method: Method, statement: CompiledStatement, arguments: Sequence[Any]) -> Any:
        """Run a single statement; again where it failed in a way that leaves nothing behind."""
        pool = self._reading if statement.reads_only else self._writing
        if self._store.loop_time.is_used_up:
            await asyncio.sleep(0)
        connection = pool.take() or await pool.acquire()
        try:
            return await getattr(connection, method)(statement, arguments)
        except WaveDataError as error:
            if not error.retryable or not self._options.transaction_retries:
                raise
            failure = error
        finally:
            pool.release(connection)
        self._store.retries.note(1, failure)
        return await self._run_again(pool, method, statement, arguments)

    async def _run_again(
        self, pool: Pool[StoreConnection], method: Method, statement: CompiledStatement, arguments: Sequence[Any]
    ) -> Any:
        async def again() -> Any:
            connection = await pool.acquire()
            try:
                return await getattr(connection, method)(statement, arguments)
            finally:
                pool.release(connection)

        return await self._store.retries.attempts(self._options.transaction_retries - 1, failed=1)(again)


@asynccontextmanager
async def _taken(pool: Pool[StoreConnection], timeout: float | None = None) -> AsyncGenerator[StoreConnection]:
    """A connection for a block."""
    connection = await pool.acquire(timeout)
    try:
        yield connection
    finally:
        pool.release(connection)
