"""asyncpg by itself, the limit on PostgreSQL: Records as they come, JSON left as text."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import asyncpg

from benchmarks import statements
from benchmarks.data import COST, TOKENS, NewCheckpoint, NewStory
from benchmarks.peers.arguments import of_checkpoint, of_story

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]


class Peer:
    """A stack of connections, without the reset of asyncpg's own pool, which costs a round trip."""

    async def open(self, location: str, connections: int) -> None:
        self._idle: asyncio.LifoQueue[Connection] = asyncio.LifoQueue()
        for _ in range(connections):
            self._idle.put_nowait(await asyncpg.connect(location))
        self._copying = await asyncpg.connect(location)
        # COPY is binary, and asyncpg knows jsonb as text only.
        await self._copying.set_type_codec(
            "jsonb", schema="pg_catalog", format="binary", encoder=_jsonb, decoder=lambda value: value[1:].decode()
        )

    async def close(self) -> None:
        while not self._idle.empty():
            await self._idle.get_nowait().close()
        await self._copying.close()

    @asynccontextmanager
    async def _connection(self) -> "AsyncIterator[Connection]":
        connection = await self._idle.get()
        try:
            yield connection
        finally:
            self._idle.put_nowait(connection)

    async def _fetch(self, statement: str, *arguments: Any) -> list[asyncpg.Record]:
        connection = self._idle.get_nowait() if not self._idle.empty() else await self._idle.get()
        try:
            return await connection.fetch(statement, *arguments)
        finally:
            self._idle.put_nowait(connection)

    def values(self, story: Any) -> dict[str, Any] | None:
        return None

    async def get(self, id: UUID) -> Any:
        return (await self._fetch(statements.GET, id))[0]

    async def list_newest(self, session_id: UUID, limit: int) -> Sequence[Any]:
        return await self._fetch(statements.LIST_NEWEST, session_id, limit)

    async def list_all(self, session_id: UUID) -> Sequence[Any]:
        return await self._fetch(statements.LIST_ALL, session_id)

    async def stream(self, session_id: UUID) -> int:
        found = 0
        async with self._connection() as connection, connection.transaction():
            async for _ in connection.cursor(statements.LIST_ALL, session_id, prefetch=500):
                found += 1
        return found

    async def insert(self, new: NewStory) -> Any:
        return (await self._fetch(statements.INSERT, *of_story(new)))[0]

    async def insert_many(self, new: Sequence[NewStory]) -> None:
        await self._copying.copy_records_to_table(
            "wave_story_executions", records=map(of_story, new), columns=statements.STORY_FIELDS
        )

    async def submit(self, id: UUID) -> Any:
        return (await self._fetch(statements.SUBMIT, datetime.now(UTC), id))[0]

    async def reopen(self, id: UUID) -> Any:
        return (await self._fetch(statements.REOPEN, datetime.now(UTC), id))[0]

    async def add_usage(self, id: UUID) -> Any:
        return (await self._fetch(statements.ADD_USAGE, TOKENS, COST, datetime.now(UTC), id))[0]

    async def add_checkpoint(self, new: NewCheckpoint) -> Any:
        return (await self._fetch(statements.ADD_CHECKPOINT, *of_checkpoint(new)))[0]

    async def step(self, new: NewCheckpoint, id: UUID) -> Any:
        async with self._connection() as connection, connection.transaction():
            await connection.fetch(statements.ADD_CHECKPOINT, *of_checkpoint(new))
            rows = await connection.fetch(statements.ADD_USAGE, TOKENS, COST, datetime.now(UTC), id)
        return rows[0]


def _jsonb(text: str) -> bytes:
    return b"\x01" + text.encode()
