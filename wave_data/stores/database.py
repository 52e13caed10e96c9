"""A database: the executor that needs no connection in hand."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from datetime import datetime
from types import TracebackType
from typing import Any, TypeVar

from wave_data.engine.compiled import CompiledStatement
from wave_data.engine.errors import SerializationFailure, WaveDataError
from wave_data.engine.executor import Executor, Isolation
from wave_data.engine.sql_file import Dialect
from wave_data.stores.clock import checked_clock
from wave_data.stores.connection import StoreConnection
from wave_data.stores.pool import Pool
from wave_data.stores.retry import attempts
from wave_data.stores.settings import Options
from wave_data.stores.statements import Method, Statements
from wave_data.stores.store import Store
from wave_data.stores.transaction import Connection, Transaction, check_isolation

T = TypeVar("T")


class Database(Statements):
    """An open database; every operation takes it, or a connection or transaction of it, as its first argument.

    Each call on the database itself takes a connection for just that call.
    """

    def __init__(self, store: Store, options: Options, clock: Callable[[], datetime] | None = None) -> None:
        self._store = store
        self._options = options
        self._reading = store.reading
        self._writing = store.writing
        self._loop_time = store.loop_time
        self.dialect: Dialect = store.dialect
        self.now: Callable[[], datetime] = store.clock if clock is None else checked_clock(clock)
        self._background = None if store.background is None else asyncio.create_task(store.background())

    def __repr__(self) -> str:
        return f"Database({self._store.url.redacted})"

    async def __aenter__(self) -> "Database":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def batches(self, statement: CompiledStatement, arguments: tuple[Any, ...]) -> AsyncGenerator[list[Any]]:
        """The records of a statement in batches; a connection is held until the iteration ends."""
        started = False
        try:
            async with aclosing(self._batches_once(statement, arguments)) as batches:
                async for batch in batches:
                    started = True
                    yield batch
            return
        except SerializationFailure:
            if started:
                raise
        # Before its first record a stream can begin again: a migration had changed what the statement gives.
        async with aclosing(self._batches_once(statement, arguments)) as batches:
            async for batch in batches:
                yield batch

    async def _batches_once(
        self, statement: CompiledStatement, arguments: tuple[Any, ...]
    ) -> AsyncGenerator[list[Any]]:
        async with (
            self.transaction(readonly=statement.reads_only) as transaction,
            aclosing(transaction.batches(statement, arguments)) as batches,
        ):
            async for batch in batches:
                yield batch

    def connection(self) -> Connection:
        """One connection for several statements: `async with db.connection() as connection`."""
        return Connection(self._store, self.now)

    def transaction(self, isolation: Isolation | None = None, readonly: bool = False) -> Transaction:
        """A transaction: `async with db.transaction() as tx`; commits on success, rolls back on any exception."""
        return Transaction(self._store, self.now, check_isolation(isolation), readonly)

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

        return await attempts(self._options.transaction_retries, self._options)(once)

    async def ping(self) -> None:
        """Make sure that the database can be reached. Raises ConnectionFailed."""
        pool = self._reading
        pool.release(await pool.acquire())

    async def run_script(self, text: str) -> None:
        """Run several statements without arguments, such as a migration."""
        connection = await self._writing.acquire()
        try:
            await connection.script(text)
        finally:
            self._writing.release(connection)

    async def verify(self, statement: CompiledStatement) -> None:
        """Prepare a statement without running it. Raises QueryError or RowMappingError where it does not fit."""
        connection = await self._writing.acquire()
        try:
            await connection.verify(statement)
        finally:
            self._writing.release(connection)

    async def close(self, timeout: float = 10.0) -> None:
        """Refuse new work, wait for the work in flight, then cut it off after `timeout` seconds. May be repeated."""
        if self._background is not None:
            self._background.cancel()
        await self._reading.close(timeout)
        if self._writing is not self._reading:
            await self._writing.close(timeout)

    async def _run(self, method: Method, statement: CompiledStatement, arguments: Sequence[Any]) -> Any:
        """Run a single statement; again where it failed in a way that leaves nothing behind."""
        pool = self._reading if statement.reads_only else self._writing
        connection = pool.take() or await pool.acquire()
        failure = None
        try:
            result = await getattr(connection, method)(statement, arguments)
        except WaveDataError as error:
            if not error.retryable or not self._options.transaction_retries:
                raise
            result, failure = None, error
        finally:
            pool.release(connection)
        if failure is not None:
            return await self._run_again(pool, method, statement, arguments)
        if self._loop_time.is_used_up:
            await asyncio.sleep(0)
        return result

    async def _run_again(
        self, pool: Pool[StoreConnection], method: Method, statement: CompiledStatement, arguments: Sequence[Any]
    ) -> Any:
        async def again() -> Any:
            connection = await pool.acquire()
            try:
                return await getattr(connection, method)(statement, arguments)
            finally:
                pool.release(connection)

        return await attempts(self._options.transaction_retries - 1, self._options)(again)
