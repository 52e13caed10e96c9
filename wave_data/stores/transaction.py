"""Executors that hold one connection: a connection by itself, and a transaction on it."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing, suppress
from types import TracebackType
from typing import Any, TypeVar

from wave_data.engine.compiled import CompiledStatement
from wave_data.engine.dialect import Dialect
from wave_data.engine.errors import (
    ConnectionFailed,
    InvalidValue,
    NotInitialised,
    OutcomeUnknown,
    QueryError,
    RowMappingError,
)
from wave_data.engine.executor import Executor, Isolation
from wave_data.stores.connection import StoreConnection
from wave_data.stores.finishing import to_the_end
from wave_data.stores.observing import Inside, Outside
from wave_data.stores.pool import Pool
from wave_data.stores.statements import Method, Statements

T = TypeVar("T")

ISOLATIONS = ("read committed", "repeatable read", "serializable")


def check_isolation(isolation: Isolation | None) -> Isolation | None:
    """The isolation level, where it is one. Raises InvalidValue."""
    if isolation is not None and isolation not in ISOLATIONS:
        raise InvalidValue(f"{isolation!r} is no isolation level; choose one of {', '.join(ISOLATIONS)}")
    return isolation


class Held(Statements):
    """An executor on one connection, which its statements use one after the other; in all else it is as its origin."""

    def __init__(self, origin: Statements) -> None:
        self.secret_codec = origin.secret_codec
        self.dialect: Dialect = origin.dialect
        self.limits = origin.limits
        self.now = origin.now
        self._store = origin._store
        self._connection: StoreConnection | None = None
        self._turn = asyncio.Lock()

    @property
    def _held(self) -> StoreConnection:
        if self._connection is None:
            raise NotInitialised(f"the {type(self).__name__.lower()} is not open; use it inside its `async with` block")
        return self._connection

    async def _run(self, method: Method, statement: CompiledStatement, arguments: Sequence[Any]) -> Any:
        if self._store.loop_time.is_used_up:
            await asyncio.sleep(0)
        async with self._turn:
            return await getattr(self._held, method)(statement, arguments)

    def transaction(self, isolation: Isolation | None = None, readonly: bool = False) -> "Transaction":
        """A transaction on this connection."""
        return Transaction(self, check_isolation(isolation), readonly)

    async def run_in_transaction(
        self, work: Callable[[Executor], Awaitable[T]], isolation: Isolation | None = None
    ) -> T:
        """The value of `work` run in a transaction on this connection, once."""
        async with self.transaction(isolation) as transaction:
            return await work(transaction)

    async def batches(
        self, statement: CompiledStatement, arguments: tuple[Any, ...], size: int | None = None
    ) -> AsyncGenerator[list[Any]]:
        """The records of a statement in batches, in a transaction of their own."""
        async with (
            self.transaction() as transaction,
            aclosing(transaction.batches(statement, arguments, size)) as batches,
        ):
            async for batch in batches:
                yield batch


class Connection(Held):
    """A connection held for a block: `async with db.connection() as connection`."""

    def __init__(self, origin: Statements) -> None:
        super().__init__(origin)
        observation = origin._observation
        self.observer = None if observation is None else Outside(observation, reads_cache=False)

    async def __aenter__(self) -> "Connection":
        self._connection = await self._store.writing.acquire()
        return self

    async def __aexit__(self, *_: object) -> None:
        connection, self._connection = self._held, None
        self._store.writing.release(connection)


class Transaction(Held):
    """A transaction: `async with db.transaction() as tx` commits on success and rolls back on any exception.

    Inside another transaction it is a savepoint. After a statement has failed nothing more can be done in the
    transaction, and it is never committed; what may fail goes into a savepoint: `async with tx.transaction()`.
    """

    def __init__(self, origin: Statements, isolation: Isolation | None, readonly: bool) -> None:
        super().__init__(origin)
        observation = origin._observation
        self.observer = self._inside = None if observation is None else Inside(observation)
        self._isolation: Isolation | None = isolation
        self._readonly = readonly
        self._outer = outer = origin if isinstance(origin, Held) else None
        self._pool: Pool[StoreConnection] | None = None
        self._savepoint: str | None = None
        self._failure: BaseException | None = None
        if outer is not None:
            self._turn = outer._turn
        if isinstance(outer, Transaction):
            self.observer = self._inside = outer._inside
            self._savepoint = f"savepoint_{outer._depth + 1}"

    @property
    def _depth(self) -> int:
        return self._outer._depth + 1 if isinstance(self._outer, Transaction) else 0

    async def __aenter__(self) -> "Transaction":
        if self._outer is not None:
            connection = self._outer._held
        else:
            self._pool = self._store.reading if self._readonly else self._store.writing
            connection = self._pool.take() or await self._pool.acquire()
        try:
            async with self._turn:
                if isinstance(self._outer, Transaction):
                    self._outer._refuse_after_failure()
                    await connection.command(f"SAVEPOINT {self._savepoint}")
                else:
                    await connection.begin(self._isolation, self._readonly)
        except BaseException as error:
            await self._undo(connection, error)
            raise
        self._connection = connection
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        async with self._turn:
            connection, self._connection = self._held, None
            if error is None and self._failure is None:
                try:
                    await self._commit(connection)
                finally:
                    if self._inside is not None and self._savepoint is None:
                        await self._inside.ended()
                return
            await self._undo(connection, error or self._failure)
        if error is None:
            raise QueryError(
                "the transaction was rolled back: one of its statements had failed; what may fail goes into a"
                " savepoint, `async with tx.transaction()`"
            ) from self._failure

    async def _run(self, method: Method, statement: CompiledStatement, arguments: Sequence[Any]) -> Any:
        if self._store.loop_time.is_used_up:
            await asyncio.sleep(0)
        async with self._turn:
            self._refuse_after_failure()
            try:
                return await getattr(self._held, method)(statement, arguments)
            except RowMappingError:
                raise
            except BaseException as error:
                self._failure = error
                raise

    async def batches(
        self, statement: CompiledStatement, arguments: tuple[Any, ...], size: int | None = None
    ) -> AsyncGenerator[list[Any]]:
        """The records of a statement in batches, between which other statements may run."""
        async with aclosing(self._held.stream(statement, arguments, size)) as batches:
            while True:
                async with self._turn:
                    self._refuse_after_failure()
                    try:
                        batch = await anext(batches, None)
                    except BaseException as error:
                        self._failure = error
                        raise
                if batch is None:
                    return
                yield batch

    def _refuse_after_failure(self) -> None:
        if self._failure is not None:
            raise QueryError(
                "a statement of this transaction has failed, so nothing more can be done in it; what may fail goes into"
                " a savepoint, `async with tx.transaction()`"
            ) from self._failure

    async def _commit(self, connection: StoreConnection) -> None:
        text = "COMMIT" if self._savepoint is None else f"RELEASE SAVEPOINT {self._savepoint}"
        try:
            if not connection.command_at_once(text):
                await to_the_end(connection.command(text))
        except ConnectionFailed as error:
            self._give_back(connection)
            if self._savepoint is not None:
                raise
            raise OutcomeUnknown(
                "the connection was lost during COMMIT: the transaction may or may not stand"
            ) from error
        except BaseException as error:
            await self._undo(connection, error)
            raise
        self._give_back(connection)

    async def _undo(self, connection: StoreConnection, error: BaseException | None) -> None:
        """Roll back; a connection that is gone has rolled back by itself."""
        try:
            with suppress(ConnectionFailed):
                if self._savepoint is None:
                    await to_the_end(connection.command("ROLLBACK"))
                elif connection.in_transaction:
                    await to_the_end(connection.command(f"ROLLBACK TO SAVEPOINT {self._savepoint}"))
                    await to_the_end(connection.command(f"RELEASE SAVEPOINT {self._savepoint}"))
        finally:
            if isinstance(self._outer, Transaction) and not connection.in_transaction:
                self._outer._failure = error
            self._give_back(connection)

    def _give_back(self, connection: StoreConnection) -> None:
        if self._pool is not None:
            pool, self._pool = self._pool, None
            pool.release(connection)
