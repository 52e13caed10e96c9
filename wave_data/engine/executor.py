"""What a query runs on."""

from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, Literal, ParamSpec, Protocol, TypeVar

from wave_data.engine.dialect import Dialect
from wave_data.engine.secret_codec import SecretCodec

if TYPE_CHECKING:
    from wave_data.engine.compiled import CompiledStatement
    from wave_data.engine.limits import Limits
    from wave_data.engine.modules import Query

T = TypeVar("T")
Isolation = Literal["read committed", "repeatable read", "serializable"]


class Observer(Protocol):
    """Stands between the callers and the functions that change rows, or find one by `get`, `find` or `find_by_x`."""

    def call(self, query: "Query", db: "Executor", arguments: tuple[Any, ...]) -> Awaitable[Any]:
        """What `query.run(db, arguments)` gives."""
        ...

    def reveal(self, db: "Executor", table: str, key: str) -> Awaitable[None]:
        """Take note that a secret of a row goes to the caller."""
        ...


class Executor(Protocol):
    """A database, a connection or a transaction; the first argument of every operation.

    Every method raises errors of this library only. `secret_codec` is how secrets are kept, None for as they are.
    """

    secret_codec: SecretCodec | None

    @property
    def observer(self) -> Observer | None:
        """Whoever sees the calls of functions; None where nobody wants to."""
        ...

    @property
    def dialect(self) -> Dialect:
        """The kind of store."""
        ...

    @property
    def limits(self) -> "Limits":
        """How large the JSON values that statements bind may be."""
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

    def stream(
        self, statement: "CompiledStatement", arguments: tuple[Any, ...], size: int | None = None
    ) -> AsyncIterator[Any]:
        """The records of a statement, fetched in batches of so many rows, or as many as suit the store."""
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
