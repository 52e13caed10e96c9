"""aiosql on aiosqlite, and a pydantic model made of each row."""

import asyncio
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import aiosqlite

from benchmarks.data import TOKENS, NewCheckpoint, NewStory, sqlite_value
from benchmarks.models import SqliteCheckpoint, SqliteStory
from benchmarks.peers import sqlite3_operations as operations
from benchmarks.peers.aiosql_queries import load
from benchmarks.peers.arguments import of_sqlite_checkpoint, of_sqlite_story
from benchmarks.statements import CHECKPOINT_FIELDS, STORY_FIELDS


class Peer:
    """A lock keeps the transactions of several tasks on the one connection apart."""

    async def open(self, location: str, connections: int) -> None:
        self._connection = await aiosqlite.connect(location, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._writing = asyncio.Lock()
        self._queries = load("aiosqlite")
        for setting in operations.SETTINGS:
            await self._connection.execute(setting)

    async def close(self) -> None:
        await self._connection.close()

    def values(self, story: Any) -> dict[str, Any] | None:
        values: dict[str, Any] = story.model_dump()
        return values

    async def get(self, id: UUID) -> Any:
        return _story(await self._queries.get(self._connection, id=str(id)))

    async def list_newest(self, session_id: UUID, limit: int) -> Sequence[Any]:
        rows = self._queries.list_newest(self._connection, session_id=str(session_id), limit=limit)
        return [_story(row) async for row in rows]

    async def list_all(self, session_id: UUID) -> Sequence[Any]:
        return [_story(row) async for row in self._queries.list_all(self._connection, session_id=str(session_id))]

    async def stream(self, session_id: UUID) -> int:
        found = 0
        async with self._queries.list_all_cursor(self._connection, session_id=str(session_id)) as cursor:
            async for row in cursor:
                _story(row)
                found += 1
        return found

    async def insert(self, new: NewStory) -> Any:
        async with self._writing:
            return _story(await self._queries.insert(self._connection, **_named_story(new)))

    async def insert_many(self, new: Sequence[NewStory]) -> None:
        async with self._writing:
            await self._connection.execute("BEGIN IMMEDIATE")
            await self._queries.insert_many(self._connection, [_named_story(each) for each in new])
            await self._connection.commit()

    async def submit(self, id: UUID) -> Any:
        async with self._writing:
            now = sqlite_value(datetime.now(UTC))
            return _story(await self._queries.submit(self._connection, now=now, id=str(id)))

    async def reopen(self, id: UUID) -> Any:
        async with self._writing:
            now = sqlite_value(datetime.now(UTC))
            return _story(await self._queries.reopen(self._connection, now=now, id=str(id)))

    async def add_usage(self, id: UUID) -> Any:
        async with self._writing:
            return await self._add_usage(id)

    async def _add_usage(self, id: UUID) -> SqliteStory:
        now = sqlite_value(datetime.now(UTC))
        cost = operations.COST_SCALED
        return _story(
            await self._queries.add_usage(self._connection, tokens=TOKENS, cost_usd=cost, now=now, id=str(id))
        )

    async def add_checkpoint(self, new: NewCheckpoint) -> Any:
        async with self._writing:
            return await self._add_checkpoint(new)

    async def _add_checkpoint(self, new: NewCheckpoint) -> SqliteCheckpoint:
        arguments = dict(zip(CHECKPOINT_FIELDS, of_sqlite_checkpoint(new), strict=True))
        return SqliteCheckpoint.model_validate(dict(await self._queries.add_checkpoint(self._connection, **arguments)))

    async def step(self, new: NewCheckpoint, id: UUID) -> Any:
        async with self._writing:
            await self._connection.execute("BEGIN IMMEDIATE")
            await self._add_checkpoint(new)
            story = await self._add_usage(id)
            await self._connection.commit()
        return story


def _story(row: sqlite3.Row) -> SqliteStory:
    return SqliteStory.model_validate(dict(row))


def _named_story(new: NewStory) -> dict[str, Any]:
    return dict(zip(STORY_FIELDS, of_sqlite_story(new), strict=True))
