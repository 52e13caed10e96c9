"""Executors that hold one connection: a connection by itself, and a transaction on it."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Sequence
from contextlib import aclosing
from datetime import datetime
from types import TracebackType
from typing import Any, TypeVar

from wave_data.engine.compiled import CompiledStatement
from wave_data.engine.errors import ConnectionFailed, InvalidValue, NotInitialised, OutcomeUnknown
from wave_data.engine.executor import Executor, Isolation
from wave_data.engine.sql_file import Dialect
from wave_data.stores.connection import StoreConnection
from wave_data.stores.pool import Pool
from wave_data.stores.store import Store

T = TypeVar("T")

ISOLATIONS = ("read committed", "repeatable read", "serializable")


class Held:
    """An executor on one connection, which its statements use one after the other."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self.dialect: Dialect = store.dialect
        self.now = now
        self._connection: StoreConnection | None = None
        self._turn = asyncio.Lock()

    @property
    def _held(self) -> StoreConnection:
        if self._connection is None:
            raise NotInitialised(f"the {type(self).__name__.lower()} is not open; use it inside its `async with` block")
        return self._connection

    async def fetch(self, statement: CompiledStatement, arguments: tuple[Any, ...]) -> list[Any]:
        """The records of a statement."""
        async with self._turn:
            return await self._held.fetch(statement, arguments)

    async def execute(self, statement: CompiledStatement, arguments: tuple[Any, ...]) -> int:
        """Run a statement; the number of rows that it changed."""
        async with self._turn:
            return await self._held.execute(statement, arguments)

    async def execute_many(self, statement: CompiledStatement, rows: Sequence[tuple[Any, ...]]) -> None:
        """Run a statement for each row of arguments, all or none of them."""
        async with self._turn:
            await self._held.execute_many(statement, rows)

    async def fetch_many(self, statement: CompiledStatement, rows: Sequence[tuple[Any, ...]]) -> list[Any]:
        """Run a statement for each row of arguments, all or none of them; the records of all."""
        async with self._turn:
            return await self._held.fetch_many(statement, rows)

    async def command(self, text: str) -> None:
        """Run a statement without arguments and rows."""
        async with self._turn:
            await self._held.command(text)

    def transaction(self, isolation: Isolation | None = None, readonly: bool = False) -> "Transaction":
        """A transaction on this connection."""
        return Transaction(self._store, self.now, self.check_isolation(isolation), readonly, outer=self)

    async def run_in_transaction(
        self, work: Callable[[Executor], Awaitable[T]], isolation: Isolation | None = None
    ) -> T:
        """The value of `work` run in a transaction on this connection, once."""
        async with self.transaction(isolation) as transaction:
            return await work(transaction)

    async def stream(self, statement: CompiledStatement, arguments: tuple[Any, ...]) -> AsyncGenerator[Any]:
        """The records of a statement, fetched in batches."""
        async with aclosing(self._held.stream(statement, arguments)) as batches:
            async for batch in batches:
                for record in batch:
                    yield record

    @staticmethod
    def check_isolation(isolation: Isolation | None) -> Isolation | None:
        """The isolation level, where it is one. Raises InvalidValue."""
        if isolation is not None and isolation not in ISOLATIONS:
            raise InvalidValue(f"{isolation!r} is no isolation level; choose one of {', '.join(ISOLATIONS)}")
        return isolation


class Connection(Held):
    """A connection held for a block: `async with db.connection() as connection`."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        super().__init__(store, now)

    async def __aenter__(self) -> "Connection":
        self._connection = await self._store.writing.acquire()
        return self

    async def __aexit__(self, *_: object) -> None:
        connection, self._connection = self._held, None
        self._store.writing.release(connection)


class Transaction(Held):
    """A transaction: `async with db.transaction() as tx` commits on success and rolls back on any exception.

    Inside another transaction it is a savepoint.
    """

    def __init__(
        self,
        store: Store,
        now: Callable[[], datetime],
        isolation: Isolation | None,
        readonly: bool,
        outer: Held | None = None,
    ) -> None:
        super().__init__(store, now)
        self._isolation: Isolation | None = isolation
        self._readonly = readonly
        self._outer = outer
        self._pool: Pool[StoreConnection] | None = None
        self._savepoint: str | None = None
        if outer is not None:
            self._turn = outer._turn
        if isinstance(outer, Transaction):
            self._savepoint = f"{outer._savepoint or 'savepoint'}_{id(self) % 10**6}"

    async def __aenter__(self) -> "Transaction":
        if self._outer is not None:
            connection = self._outer._held
        else:
            self._pool = self._store.reading if self._readonly else self._store.writing
            connection = self._pool.take() or await self._pool.acquire()
        try:
            if self._savepoint is not None:
                await connection.command(f"SAVEPOINT {self._savepoint}")
            else:
                await connection.begin(self._isolation, self._readonly)
        except BaseException:
            await self._undo(connection)
            raise
        self._connection = connection
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        connection = self._held
        async with self._turn:
            self._connection = None
            if error is None:
                await self._commit(connection)
            else:
                await self._undo(connection)

    async def _commit(self, connection: StoreConnection) -> None:
        if self._savepoint is not None:
            await connection.command(f"RELEASE SAVEPOINT {self._savepoint}")
            return
        try:
            await _to_the_end(connection.command("COMMIT"))
        except ConnectionFailed as error:
            raise OutcomeUnknown(
                "the connection was lost during COMMIT: the transaction may or may not stand"
            ) from error
        except BaseException:
            await self._undo(connection)
            raise
        self._give_back(connection)

    async def _undo(self, connection: StoreConnection) -> None:
        """Roll back; a connection that is gone has rolled back by itself."""
        try:
            if connection.is_closed:
                return
            if self._savepoint is None:
                await _to_the_end(connection.command("ROLLBACK"))
            else:
                await _to_the_end(connection.command(f"ROLLBACK TO SAVEPOINT {self._savepoint}"))
                await _to_the_end(connection.command(f"RELEASE SAVEPOINT {self._savepoint}"))
        except ConnectionFailed:
            pass
        finally:
            self._give_back(connection)

    def _give_back(self, connection: StoreConnection) -> None:
        if self._pool is not None:
            pool, self._pool = self._pool, None
            pool.release(connection)


async def _to_the_end(work: Coroutine[Any, Any, None]) -> None:
    """Finish `work` even when the caller is cancelled, so that what became of a transaction is always known."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        while not task.done():
            try:
                await asyncio.wait((task,))
            except asyncio.CancelledError:
                continue
        raise
