"""sqlite3 in a thread of aiosqlite, the limit on SQLite: tuples as they come, one job for each operation."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

import aiosqlite

from benchmarks.data import NewCheckpoint, NewStory
from benchmarks.peers import sqlite3_operations as operations

T = TypeVar("T")


class Peer:
    """One connection reads and one writes, each in a thread of its own."""

    async def open(self, location: str, connections: int) -> None:
        self._reader = await aiosqlite.connect(location, isolation_level=None)
        self._writer = await aiosqlite.connect(location, isolation_level=None)
        for connection in (self._reader, self._writer):
            await _run(connection, operations.configure)

    async def close(self) -> None:
        await self._reader.close()
        await self._writer.close()

    def values(self, story: Any) -> dict[str, Any] | None:
        return None

    async def get(self, id: UUID) -> Any:
        return await _run(self._reader, operations.get, id)

    async def list_newest(self, session_id: UUID, limit: int) -> Sequence[Any]:
        return await _run(self._reader, operations.list_newest, session_id, limit)

    async def list_all(self, session_id: UUID) -> Sequence[Any]:
        return await _run(self._reader, operations.list_all, session_id)

    async def stream(self, session_id: UUID) -> int:
        found = 0
        cursor = await _run(self._reader, operations.open_cursor, session_id)
        while rows := await _run(self._reader, operations.fetch_batch, cursor):
            for _ in rows:
                found += 1
        return found

    async def insert(self, new: NewStory) -> Any:
        return await _run(self._writer, operations.insert, new)

    async def insert_many(self, new: Sequence[NewStory]) -> None:
        await _run(self._writer, operations.insert_many, new)

    async def submit(self, id: UUID) -> Any:
        return await _run(self._writer, operations.submit, datetime.now(UTC), id)

    async def reopen(self, id: UUID) -> Any:
        return await _run(self._writer, operations.reopen, datetime.now(UTC), id)

    async def add_usage(self, id: UUID) -> Any:
        return await _run(self._writer, operations.add_usage, datetime.now(UTC), id)

    async def add_checkpoint(self, new: NewCheckpoint) -> Any:
        return await _run(self._writer, operations.add_checkpoint, new)

    async def step(self, new: NewCheckpoint, id: UUID) -> Any:
        return await _run(self._writer, operations.step, new, id)


async def _run(connection: aiosqlite.Connection, job: Callable[..., T], *arguments: Any) -> T:
    """Run a whole operation in the thread, where the public methods of aiosqlite make several jobs of it."""
    execute: Callable[..., Awaitable[T]] = connection._execute
    return await execute(job, connection._conn, *arguments)
