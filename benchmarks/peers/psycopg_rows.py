"""psycopg 3 with its pool, and class_row, which makes a pydantic model of each row."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from psycopg.rows import class_row
from psycopg.types.json import Jsonb
from psycopg_pool import AsyncConnectionPool

from benchmarks import statements
from benchmarks.data import COST, TOKENS, NewCheckpoint, NewStory
from benchmarks.models import Checkpoint, Story
from benchmarks.peers.arguments import of_checkpoint, of_story
from benchmarks.statements import for_psycopg

_GET = for_psycopg(statements.GET)
_LIST_NEWEST = for_psycopg(statements.LIST_NEWEST)
_LIST_ALL = for_psycopg(statements.LIST_ALL)
_INSERT = for_psycopg(statements.INSERT)
_INSERT_MANY = for_psycopg(statements.INSERT_MANY)
_SUBMIT = for_psycopg(statements.SUBMIT)
_REOPEN = for_psycopg(statements.REOPEN)
_ADD_USAGE = for_psycopg(statements.ADD_USAGE)
_ADD_CHECKPOINT = for_psycopg(statements.ADD_CHECKPOINT)


class Peer:
    """Autocommit, so that a single statement needs no BEGIN and COMMIT."""

    async def open(self, location: str, connections: int) -> None:
        self._pool = AsyncConnectionPool(
            location,
            min_size=connections,
            max_size=connections,
            open=False,
            kwargs={"autocommit": True, "prepare_threshold": 1},
        )
        await self._pool.open(wait=True)

    async def close(self) -> None:
        await self._pool.close()

    def values(self, story: Any) -> dict[str, Any] | None:
        values: dict[str, Any] = story.model_dump()
        return values

    async def _one(self, kind: type[Any], statement: Any, arguments: Sequence[Any]) -> Any:
        async with self._pool.connection() as connection, connection.cursor(row_factory=class_row(kind)) as cursor:
            await cursor.execute(statement, arguments)
            return await cursor.fetchone()

    async def _all(self, statement: Any, arguments: Sequence[Any]) -> list[Story]:
        async with self._pool.connection() as connection, connection.cursor(row_factory=class_row(Story)) as cursor:
            await cursor.execute(statement, arguments)
            return await cursor.fetchall()

    async def get(self, id: UUID) -> Any:
        return await self._one(Story, _GET, (id,))

    async def list_newest(self, session_id: UUID, limit: int) -> Sequence[Any]:
        return await self._all(_LIST_NEWEST, (session_id, limit))

    async def list_all(self, session_id: UUID) -> Sequence[Any]:
        return await self._all(_LIST_ALL, (session_id,))

    async def stream(self, session_id: UUID) -> int:
        found = 0
        async with (
            self._pool.connection() as connection,
            connection.transaction(),
            connection.cursor("stories", row_factory=class_row(Story)) as cursor,
        ):
            cursor.itersize = 500
            await cursor.execute(_LIST_ALL, (session_id,))
            async for _ in cursor:
                found += 1
        return found

    async def insert(self, new: NewStory) -> Any:
        return await self._one(Story, _INSERT, of_story(new, Jsonb))

    async def insert_many(self, new: Sequence[NewStory]) -> None:
        async with self._pool.connection() as connection, connection.transaction(), connection.cursor() as cursor:
            await cursor.executemany(_INSERT_MANY, [of_story(each, Jsonb) for each in new])

    async def submit(self, id: UUID) -> Any:
        return await self._one(Story, _SUBMIT, (datetime.now(UTC), id))

    async def reopen(self, id: UUID) -> Any:
        return await self._one(Story, _REOPEN, (datetime.now(UTC), id))

    async def add_usage(self, id: UUID) -> Any:
        return await self._one(Story, _ADD_USAGE, (TOKENS, COST, datetime.now(UTC), id))

    async def add_checkpoint(self, new: NewCheckpoint) -> Any:
        return await self._one(Checkpoint, _ADD_CHECKPOINT, of_checkpoint(new, Jsonb))

    async def step(self, new: NewCheckpoint, id: UUID) -> Any:
        async with self._pool.connection() as connection, connection.transaction():
            async with connection.cursor(row_factory=class_row(Checkpoint)) as cursor:
                await cursor.execute(_ADD_CHECKPOINT, of_checkpoint(new, Jsonb))
                await cursor.fetchone()
            async with connection.cursor(row_factory=class_row(Story)) as cursor:
                await cursor.execute(_ADD_USAGE, (TOKENS, COST, datetime.now(UTC), id))
                return await cursor.fetchone()
