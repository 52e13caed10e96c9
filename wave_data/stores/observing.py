"""Observers of calls: those of a database with an audit log or a cache, outside of transactions and in one."""

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any

from wave_data.engine.auditing import Auditor
from wave_data.engine.executor import Executor
from wave_data.engine.modules import Query
from wave_data.stores.cache import ResultCache
from wave_data.stores.finishing import to_the_end


@dataclass(frozen=True)
class Observation:
    """What a database has calls observed for."""

    auditor: Auditor | None
    cache: ResultCache | None


class Outside:
    """The observer of a database, and of a connection, which does not read from the cache."""

    def __init__(self, observation: Observation, *, reads_cache: bool) -> None:
        self.observation = observation
        self._reads_cache = reads_cache

    def call(self, query: Query, db: Executor, arguments: tuple[Any, ...]) -> Awaitable[Any]:
        """What the call gives: a read from the cache; a write with its audit entries in a transaction of their own."""
        auditor, cache = self.observation.auditor, self.observation.cache
        if not query.changes:
            return cache.read(query, db, arguments) if cache and self._reads_cache else query.run(db, arguments)
        if auditor is not None:
            return db.run_in_transaction(lambda tx: _observed(query, tx, arguments))
        return query.run(db, arguments) if cache is None else self._change(cache, query, db, arguments)

    async def _change(self, cache: ResultCache, query: Query, db: Executor, arguments: tuple[Any, ...]) -> Any:
        result: Any = None
        try:
            result = await query.run(db, arguments)
        except BaseException as error:
            result = error
            raise
        finally:
            await to_the_end(cache.drop(cache.changed(query, db, arguments, result)))
        return result

    async def reveal(self, db: Executor, table: str, key: str) -> None:
        """Have an entry written."""
        if self.observation.auditor is not None:
            await self.observation.auditor.reveal(db, table, key)


class Inside:
    """The observer of a transaction and of the savepoints in it: it collects what to drop from the cache at the end."""

    def __init__(self, observation: Observation) -> None:
        self.observation = observation
        self._changed: set[str] = set()

    def call(self, query: Query, db: Executor, arguments: tuple[Any, ...]) -> Awaitable[Any]:
        """What the call gives, recorded in its transaction."""
        return self._change(query, db, arguments) if query.changes else query.run(db, arguments)

    async def _change(self, query: Query, db: Executor, arguments: tuple[Any, ...]) -> Any:
        auditor, cache = self.observation.auditor, self.observation.cache
        result: Any = None
        try:
            result = await (query.run(db, arguments) if auditor is None else auditor.run(query, db, arguments))
        except BaseException as error:
            result = error
            raise
        finally:
            if cache is not None:
                self._changed |= cache.changed(query, db, arguments, result)
        return result

    async def reveal(self, db: Executor, table: str, key: str) -> None:
        """Have an entry written."""
        if self.observation.auditor is not None:
            await self.observation.auditor.reveal(db, table, key)

    async def ended(self) -> None:
        """Drop from the cache what the transaction, which is committed or may be, has changed."""
        if self.observation.cache is not None:
            await to_the_end(self.observation.cache.drop(self._changed))


def _observed(query: Query, tx: Executor, arguments: tuple[Any, ...]) -> Awaitable[Any]:
    return query.run(tx, arguments) if tx.observer is None else tx.observer.call(query, tx, arguments)
