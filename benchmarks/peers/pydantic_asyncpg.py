"""asyncpg with its own pool, a JSON codec, and a pydantic model made of each row."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg

from benchmarks import statements
from benchmarks.data import COST, TOKENS, NewCheckpoint, NewStory
from benchmarks.models import Checkpoint, Story
from benchmarks.peers.arguments import of_checkpoint, of_story, same


async def use_json(connection: Any) -> None:
    """Encode and decode jsonb on a connection."""
    await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=json.dumps, decoder=json.loads)


class Peer:
    """As the documentation of both libraries has it."""

    async def open(self, location: str, connections: int) -> None:
        self._pool = await asyncpg.create_pool(location, min_size=connections, max_size=connections, init=use_json)

    async def close(self) -> None:
        await self._pool.close()

    def values(self, story: Any) -> dict[str, Any] | None:
        values: dict[str, Any] = story.model_dump()
        return values

    async def _one(self, statement: str, *arguments: Any) -> Story:
        return Story.model_validate(_dict(await self._pool.fetchrow(statement, *arguments)))

    async def get(self, id: UUID) -> Any:
        return await self._one(statements.GET, id)

    async def list_newest(self, session_id: UUID, limit: int) -> Sequence[Any]:
        rows = await self._pool.fetch(statements.LIST_NEWEST, session_id, limit)
        return [Story.model_validate(dict(row)) for row in rows]

    async def list_all(self, session_id: UUID) -> Sequence[Any]:
        return [Story.model_validate(dict(row)) for row in await self._pool.fetch(statements.LIST_ALL, session_id)]

    async def stream(self, session_id: UUID) -> int:
        found = 0
        async with self._pool.acquire() as connection, connection.transaction():
            async for row in connection.cursor(statements.LIST_ALL, session_id, prefetch=500):
                Story.model_validate(dict(row))
                found += 1
        return found

    async def insert(self, new: NewStory) -> Any:
        return await self._one(statements.INSERT, *of_story(new, same))

    async def insert_many(self, new: Sequence[NewStory]) -> None:
        await self._pool.executemany(statements.INSERT_MANY, [of_story(each, same) for each in new])

    async def submit(self, id: UUID) -> Any:
        return await self._one(statements.SUBMIT, datetime.now(UTC), id)

    async def reopen(self, id: UUID) -> Any:
        return await self._one(statements.REOPEN, datetime.now(UTC), id)

    async def add_usage(self, id: UUID) -> Any:
        return await self._one(statements.ADD_USAGE, TOKENS, COST, datetime.now(UTC), id)

    async def add_checkpoint(self, new: NewCheckpoint) -> Any:
        row = await self._pool.fetchrow(statements.ADD_CHECKPOINT, *of_checkpoint(new, same))
        return Checkpoint.model_validate(_dict(row))

    async def step(self, new: NewCheckpoint, id: UUID) -> Any:
        async with self._pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(statements.ADD_CHECKPOINT, *of_checkpoint(new, same))
            Checkpoint.model_validate(_dict(row))
            row = await connection.fetchrow(statements.ADD_USAGE, TOKENS, COST, datetime.now(UTC), id)
        return Story.model_validate(_dict(row))


def _dict(row: "asyncpg.Record | None") -> dict[str, Any]:
    assert row is not None
    return dict(row)
