"""Generated code on asyncpg's pool: dataclasses filled by position, JSON left as text."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg

from benchmarks import statements
from benchmarks.data import COST, TOKENS, NewCheckpoint, NewStory
from benchmarks.peers.arguments import of_checkpoint, of_story
from benchmarks.peers.sqlc_models import Story, checkpoint, story


class Peer:
    """Its functions take a connection, which a caller takes from the pool."""

    async def open(self, location: str, connections: int) -> None:
        self._pool = await asyncpg.create_pool(location, min_size=connections, max_size=connections)

    async def close(self) -> None:
        await self._pool.close()

    def values(self, story: Any) -> dict[str, Any] | None:
        return None

    async def _one(self, statement: str, *arguments: Any) -> Story:
        async with self._pool.acquire() as connection:
            return story(await connection.fetchrow(statement, *arguments))

    async def get(self, id: UUID) -> Any:
        return await self._one(statements.GET, id)

    async def list_newest(self, session_id: UUID, limit: int) -> Sequence[Any]:
        async with self._pool.acquire() as connection:
            return [story(row) for row in await connection.fetch(statements.LIST_NEWEST, session_id, limit)]

    async def list_all(self, session_id: UUID) -> Sequence[Any]:
        async with self._pool.acquire() as connection:
            return [story(row) for row in await connection.fetch(statements.LIST_ALL, session_id)]

    async def stream(self, session_id: UUID) -> int:
        found = 0
        async with self._pool.acquire() as connection, connection.transaction():
            async for row in connection.cursor(statements.LIST_ALL, session_id):
                story(row)
                found += 1
        return found

    async def insert(self, new: NewStory) -> Any:
        return await self._one(statements.INSERT, *of_story(new))

    async def insert_many(self, new: Sequence[NewStory]) -> None:
        async with self._pool.acquire() as connection:
            await connection.executemany(statements.INSERT_MANY, [of_story(each) for each in new])

    async def submit(self, id: UUID) -> Any:
        return await self._one(statements.SUBMIT, datetime.now(UTC), id)

    async def reopen(self, id: UUID) -> Any:
        return await self._one(statements.REOPEN, datetime.now(UTC), id)

    async def add_usage(self, id: UUID) -> Any:
        return await self._one(statements.ADD_USAGE, TOKENS, COST, datetime.now(UTC), id)

    async def add_checkpoint(self, new: NewCheckpoint) -> Any:
        async with self._pool.acquire() as connection:
            return checkpoint(await connection.fetchrow(statements.ADD_CHECKPOINT, *of_checkpoint(new)))

    async def step(self, new: NewCheckpoint, id: UUID) -> Any:
        async with self._pool.acquire() as connection, connection.transaction():
            checkpoint(await connection.fetchrow(statements.ADD_CHECKPOINT, *of_checkpoint(new)))
            return story(await connection.fetchrow(statements.ADD_USAGE, TOKENS, COST, datetime.now(UTC), id))
