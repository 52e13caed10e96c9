"""What a store gives the library: connections that run statements."""

from collections.abc import AsyncGenerator, Sequence
from typing import Any, Protocol

from wave_data.engine.compiled import CompiledStatement
from wave_data.engine.executor import Isolation


class StoreConnection(Protocol):
    """One connection to a database, used by one task at a time. Its methods raise errors of this library only."""

    @property
    def is_closed(self) -> bool:
        """Whether the connection is known to be unusable."""
        ...

    @property
    def in_transaction(self) -> bool:
        """Whether the transaction that was begun still stands."""
        ...

    async def fetch(self, statement: CompiledStatement, arguments: tuple[Any, ...]) -> list[Any]:
        """The records of a statement."""
        ...

    async def execute(self, statement: CompiledStatement, arguments: tuple[Any, ...]) -> int:
        """Run a statement; the number of rows that it changed."""
        ...

    async def execute_many(self, statement: CompiledStatement, rows: Sequence[tuple[Any, ...]]) -> None:
        """Run a statement for each row of arguments, all or none of them."""
        ...

    async def fetch_many(self, statement: CompiledStatement, rows: Sequence[tuple[Any, ...]]) -> list[Any]:
        """Run a statement for each row of arguments, all or none of them; the records of all."""
        ...

    def stream(
        self, statement: CompiledStatement, arguments: tuple[Any, ...], size: int | None = None
    ) -> AsyncGenerator[list[Any]]:
        """The records of a statement in batches; so many rows, or as many as suit the store, are fetched together."""
        ...

    async def begin(self, isolation: Isolation | None, readonly: bool) -> None:
        """Begin a transaction."""
        ...

    async def command(self, text: str) -> None:
        """Run a statement without arguments and rows: COMMIT, ROLLBACK, a savepoint."""
        ...

    def command_at_once(self, text: str) -> bool:
        """Do what `command` does without waiting for anything, where that is possible; whether it has been done."""
        ...

    async def script(self, text: str) -> None:
        """Run several statements without arguments."""
        ...

    async def rows(self, text: str, arguments: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows of a statement given as text, with the values as the driver has them."""
        ...

    async def verify(self, statement: CompiledStatement) -> None:
        """Prepare a statement, and hold its columns against the result of its function, without running it."""
        ...

    async def ping(self) -> bool:
        """Whether the server still answers."""
        ...

    async def close(self) -> None:
        """Close the connection."""
        ...
