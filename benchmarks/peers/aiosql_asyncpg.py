"""aiosql on asyncpg's pool, and a pydantic model made of each row."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg

from benchmarks.data import COST, TOKENS, NewCheckpoint, NewStory
from benchmarks.models import Checkpoint, Story
from benchmarks.peers.aiosql_queries import load
from benchmarks.peers.arguments import of_checkpoint, of_story, same
from benchmarks.peers.pydantic_asyncpg import use_json
from benchmarks.statements import CHECKPOINT_FIELDS, STORY_FIELDS


class Peer:
    """The pool is handed to aiosql, which takes a connection of it for each query."""

    async def open(self, location: str, connections: int) -> None:
        self._pool = await asyncpg.create_pool(location, min_size=connections, max_size=connections, init=use_json)
        self._queries = load("asyncpg")

    async def close(self) -> None:
        await self._pool.close()

    def values(self, story: Any) -> dict[str, Any] | None:
        values: dict[str, Any] = story.model_dump()
        return values

    async def get(self, id: UUID) -> Any:
        async with self._pool.acquire() as connection:
            return Story.model_validate(dict(await self._queries.get(connection, id=id)))

    async def list_newest(self, session_id: UUID, limit: int) -> Sequence[Any]:
        async with self._pool.acquire() as connection:
            rows = self._queries.list_newest(connection, session_id=session_id, limit=limit)
            return [Story.model_validate(dict(row)) async for row in rows]

    async def list_all(self, session_id: UUID) -> Sequence[Any]:
        async with self._pool.acquire() as connection:
            rows = self._queries.list_all(connection, session_id=session_id)
            return [Story.model_validate(dict(row)) async for row in rows]

    async def stream(self, session_id: UUID) -> int:
        found = 0
        async with (
            self._pool.acquire() as connection,
            self._queries.list_all_cursor(connection, session_id=session_id) as cursor,
        ):
            async for row in cursor:
                Story.model_validate(dict(row))
                found += 1
        return found

    async def insert(self, new: NewStory) -> Any:
        async with self._pool.acquire() as connection:
            return Story.model_validate(dict(await self._queries.insert(connection, **_named_story(new))))

    async def insert_many(self, new: Sequence[NewStory]) -> None:
        async with self._pool.acquire() as connection:
            await self._queries.insert_many(connection, [_named_story(each) for each in new])

    async def submit(self, id: UUID) -> Any:
        async with self._pool.acquire() as connection:
            return Story.model_validate(dict(await self._queries.submit(connection, now=datetime.now(UTC), id=id)))

    async def reopen(self, id: UUID) -> Any:
        async with self._pool.acquire() as connection:
            return Story.model_validate(dict(await self._queries.reopen(connection, now=datetime.now(UTC), id=id)))

    async def add_usage(self, id: UUID) -> Any:
        async with self._pool.acquire() as connection:
            return await self._add_usage(connection, id)

    async def _add_usage(self, connection: Any, id: UUID) -> Story:
        row = await self._queries.add_usage(connection, tokens=TOKENS, cost_usd=COST, now=datetime.now(UTC), id=id)
        return Story.model_validate(dict(row))

    async def add_checkpoint(self, new: NewCheckpoint) -> Any:
        async with self._pool.acquire() as connection:
            return await self._add_checkpoint(connection, new)

    async def _add_checkpoint(self, connection: Any, new: NewCheckpoint) -> Checkpoint:
        arguments = dict(zip(CHECKPOINT_FIELDS, of_checkpoint(new, same), strict=True))
        return Checkpoint.model_validate(dict(await self._queries.add_checkpoint(connection, **arguments)))

    async def step(self, new: NewCheckpoint, id: UUID) -> Any:
        async with self._pool.acquire() as connection, connection.transaction():
            await self._add_checkpoint(connection, new)
            return await self._add_usage(connection, id)


def _named_story(new: NewStory) -> dict[str, Any]:
    return dict(zip(STORY_FIELDS, of_story(new, same), strict=True))
