"""aiosqlite as its documentation has it: one connection, a job for each call of it; tuples as they come."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import aiosqlite

from benchmarks.data import TOKENS, NewCheckpoint, NewStory, sqlite_value
from benchmarks.peers import sqlite3_operations as operations
from benchmarks.peers.arguments import of_sqlite_checkpoint, of_sqlite_story


class Peer:
    """A lock keeps the transactions of several tasks on the one connection apart.

    `story` and `checkpoint` make of a row what a subclass hands out.
    """

    story: Callable[[Any], Any] = staticmethod(lambda row: row)
    checkpoint: Callable[[Any], Any] = staticmethod(lambda row: row)
    row_factory: Any = None

    async def open(self, location: str, connections: int) -> None:
        self._connection = await aiosqlite.connect(location, isolation_level=None)
        self._connection.row_factory = self.row_factory
        self._writing = asyncio.Lock()
        for setting in operations.SETTINGS:
            await self._connection.execute(setting)

    async def close(self) -> None:
        await self._connection.close()

    def values(self, story: Any) -> dict[str, Any] | None:
        return None

    async def _one(self, statement: str, arguments: Sequence[Any]) -> Any:
        async with self._connection.execute(statement, arguments) as cursor:
            return await cursor.fetchone()

    async def _all(self, statement: str, arguments: Sequence[Any]) -> list[Any]:
        async with self._connection.execute(statement, arguments) as cursor:
            return [self.story(row) for row in await cursor.fetchall()]

    async def get(self, id: UUID) -> Any:
        return self.story(await self._one(operations.GET, (str(id),)))

    async def list_newest(self, session_id: UUID, limit: int) -> Sequence[Any]:
        return await self._all(operations.LIST_NEWEST, (str(session_id), limit))

    async def list_all(self, session_id: UUID) -> Sequence[Any]:
        return await self._all(operations.LIST_ALL, (str(session_id),))

    async def stream(self, session_id: UUID) -> int:
        found = 0
        async with self._connection.execute(operations.LIST_ALL, (str(session_id),)) as cursor:
            async for row in cursor:
                self.story(row)
                found += 1
        return found

    async def insert(self, new: NewStory) -> Any:
        async with self._writing:
            return self.story(await self._one(operations.INSERT, of_sqlite_story(new)))

    async def insert_many(self, new: Sequence[NewStory]) -> None:
        async with self._writing:
            await self._connection.execute("BEGIN IMMEDIATE")
            await self._connection.executemany(operations.INSERT_MANY, [of_sqlite_story(each) for each in new])
            await self._connection.commit()

    async def submit(self, id: UUID) -> Any:
        async with self._writing:
            return self.story(await self._one(operations.SUBMIT, (sqlite_value(datetime.now(UTC)), str(id))))

    async def reopen(self, id: UUID) -> Any:
        async with self._writing:
            return self.story(await self._one(operations.REOPEN, (sqlite_value(datetime.now(UTC)), str(id))))

    async def add_usage(self, id: UUID) -> Any:
        async with self._writing:
            return await self._add_usage(id)

    async def _add_usage(self, id: UUID) -> Any:
        arguments = (TOKENS, operations.COST_SCALED, sqlite_value(datetime.now(UTC)), str(id))
        return self.story(await self._one(operations.ADD_USAGE, arguments))

    async def add_checkpoint(self, new: NewCheckpoint) -> Any:
        async with self._writing:
            return await self._add_checkpoint(new)

    async def _add_checkpoint(self, new: NewCheckpoint) -> Any:
        return self.checkpoint(await self._one(operations.ADD_CHECKPOINT, of_sqlite_checkpoint(new)))

    async def step(self, new: NewCheckpoint, id: UUID) -> Any:
        async with self._writing:
            await self._connection.execute("BEGIN IMMEDIATE")
            await self._add_checkpoint(new)
            row = await self._add_usage(id)
            await self._connection.commit()
        return row
