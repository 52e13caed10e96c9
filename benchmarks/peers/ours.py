"""This library: the queries of `benchmarks.queries`, and its own operation for checkpoints."""

from collections.abc import Sequence
from typing import Any, cast
from urllib.parse import quote
from uuid import UUID

from benchmarks.data import COST, TOKENS, NewCheckpoint, NewStory
from benchmarks.queries import stories
from wave_data import Executor, connect, wave_checkpoints
from wave_data.tables.wave_checkpoints import CheckpointType, Gate, WaveCheckpoint


class Peer:
    """On PostgreSQL as many connections as the others have, and none beyond; on SQLite as it comes."""

    async def open(self, location: str, connections: int) -> None:
        if location.startswith("postgres"):
            self.db = await connect(location, pool_size=connections, max_overflow=0, slow_query_ms=None)
        else:
            self.db = await connect(f"sqlite://{quote(location)}", slow_query_ms=None)

    async def close(self) -> None:
        await self.db.close()

    def values(self, story: Any) -> dict[str, Any] | None:
        values: dict[str, Any] = story.model_dump()
        return values

    async def get(self, id: UUID) -> Any:
        return await stories.get(self.db, id)

    async def list_newest(self, session_id: UUID, limit: int) -> Sequence[Any]:
        return (await stories.list_newest(self.db, session_id, limit)).items

    async def list_all(self, session_id: UUID) -> Sequence[Any]:
        return await stories.list_by_session(self.db, session_id)

    async def stream(self, session_id: UUID) -> int:
        found = 0
        async for _ in stories.iterate_by_session(self.db, session_id):
            found += 1
        return found

    async def insert(self, new: NewStory) -> Any:
        return await stories.create(self.db, new)

    async def insert_many(self, new: Sequence[NewStory]) -> None:
        await stories.create_many(self.db, new)

    async def submit(self, id: UUID) -> Any:
        return await stories.submit(self.db, id)

    async def reopen(self, id: UUID) -> Any:
        return await stories.reopen(self.db, id)

    async def add_usage(self, id: UUID) -> Any:
        return await stories.add_usage(self.db, id, TOKENS, COST)

    async def add_checkpoint(self, new: NewCheckpoint) -> Any:
        return await _add_checkpoint(self.db, new)

    async def step(self, new: NewCheckpoint, id: UUID) -> Any:
        async with self.db.transaction() as tx:
            await _add_checkpoint(tx, new)
            return await stories.add_usage(tx, id, TOKENS, COST)


async def _add_checkpoint(db: Executor, new: NewCheckpoint) -> WaveCheckpoint:
    return await wave_checkpoints.create(
        db,
        new.session_id,
        cast(CheckpointType, new.checkpoint_type),
        new.checkpoint_name,
        new.state,
        new.story_id,
        cast(Gate, new.gate),
        new.agent_id,
        new.parent_checkpoint_id,
        new.id,
    )
