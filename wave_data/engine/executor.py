"""What a query runs on."""

from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, Literal, ParamSpec, Protocol, TypeVar

from wave_data.engine.sql_file import Dialect

if TYPE_CHECKING:
    from wave_data.engine.compiled import CompiledStatement

T = TypeVar("T")
Isolation = Literal["read committed", "repeatable read", "serializable"]


class Executor(Protocol):
    """A database, a connection or a transaction; the first argument of every operation.

    Every method raises errors of this library only.
    """

    @property
    def dialect(self) -> Dialect:
        """The kind of store."""
        ...

    def now(self) -> datetime:
        """The database's clock, in UTC: what statements bind as `:now`."""
        ...

    def transaction(
        self, isolation: Isolation | None = None, readonly: bool = False
    ) -> AbstractAsyncContextManager["Executor"]:
        """A transaction: commits on success, rolls back on any exception; inside another one a savepoint."""
        ...

    async def run_in_transaction(
        self, work: Callable[["Executor"], Awaitable[T]], isolation: Isolation | None = None
    ) -> T:
        """The value of `work` run in a transaction, the whole of it again where only that can help."""
        ...

    def fetch(self, statement: "CompiledStatement", arguments: tuple[Any, ...]) -> Awaitable[list[Any]]:
        """The records of a statement."""
        ...

    def execute(self, statement: "CompiledStatement", arguments: tuple[Any, ...]) -> Awaitable[int]:
        """Run a statement; the number of rows that it changed."""
        ...

    def execute_many(self, statement: "CompiledStatement", rows: Sequence[tuple[Any, ...]]) -> Awaitable[None]:
        """Run a statement once for each row of arguments, all or none of them."""
        ...

    def fetch_many(self, statement: "CompiledStatement", rows: Sequence[tuple[Any, ...]]) -> Awaitable[list[Any]]:
        """Run a statement once for each row of arguments, all or none of them; the records of all."""
        ...

    def stream(self, statement: "CompiledStatement", arguments: tuple[Any, ...]) -> AsyncIterator[Any]:
        """The records of a statement, fetched in batches."""
        ...


P = ParamSpec("P")


def transactional(
    function: Callable[Concatenate[Executor, P], Awaitable[T]],
) -> Callable[Concatenate[Executor, P], Coroutine[Any, Any, T]]:
    """Run the whole of an async function in one transaction: a savepoint where it is called in one already.

    The transaction is retried as `run_in_transaction` does, so the function must have no other effects.
    """

    @wraps(function)
    async def run(db: Executor, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await db.run_in_transaction(lambda tx: function(tx, *args, **kwargs))

    return run
