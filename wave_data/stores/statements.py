"""What every executor offers for a statement; each runs it in its own way."""

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from contextlib import aclosing
from datetime import datetime
from typing import Any, Literal

from wave_data.engine.compiled import CompiledStatement
from wave_data.engine.dialect import Dialect
from wave_data.engine.limits import Limits
from wave_data.engine.secret_codec import SecretCodec
from wave_data.stores.observing import Inside, Observation, Outside
from wave_data.stores.store import Store

Method = Literal["fetch", "execute", "execute_many", "fetch_many"]


class Statements(ABC):
    """The methods of an executor that run a statement, and what the executors of one database have in common."""

    dialect: Dialect
    limits: Limits
    now: Callable[[], datetime]
    secret_codec: SecretCodec | None
    _store: Store
    observer: Outside | Inside | None

    @property
    def _observation(self) -> Observation | None:
        return None if self.observer is None else self.observer.observation

    def fetch(self, statement: CompiledStatement, arguments: tuple[Any, ...]) -> Coroutine[Any, Any, list[Any]]:
        """The records of a statement."""
        return self._run("fetch", statement, arguments)

    def execute(self, statement: CompiledStatement, arguments: tuple[Any, ...]) -> Coroutine[Any, Any, int]:
        """Run a statement; the number of rows that it changed."""
        return self._run("execute", statement, arguments)

    def execute_many(self, statement: CompiledStatement, rows: Sequence[tuple[Any, ...]]) -> Coroutine[Any, Any, None]:
        """Run a statement for each row of arguments, all or none of them."""
        return self._run("execute_many", statement, rows)

    def fetch_many(
        self, statement: CompiledStatement, rows: Sequence[tuple[Any, ...]]
    ) -> Coroutine[Any, Any, list[Any]]:
        """Run a statement for each row of arguments, all or none of them; the records of all."""
        return self._run("fetch_many", statement, rows)

    async def stream(
        self, statement: CompiledStatement, arguments: tuple[Any, ...], size: int | None = None
    ) -> AsyncGenerator[Any]:
        """The records of a statement, fetched in batches; a connection is held until the iteration ends."""
        async with aclosing(self.batches(statement, arguments, size)) as batches:
            async for batch in batches:
                for record in batch:
                    yield record

    @abstractmethod
    def batches(
        self, statement: CompiledStatement, arguments: tuple[Any, ...], size: int | None = None
    ) -> AsyncGenerator[list[Any]]:
        """The records of a statement in batches; so many rows, or as many as suit the store, are fetched together."""

    @abstractmethod
    async def _run(self, method: Method, statement: CompiledStatement, arguments: Sequence[Any]) -> Any: ...
