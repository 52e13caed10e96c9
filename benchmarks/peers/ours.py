"""This library: its own operations, and the queries of `benchmarks.queries` for rows by the thousand."""

from collections.abc import Sequence
from typing import Any, cast
from urllib.parse import quote
from uuid import UUID

from benchmarks.data import COST, TOKENS, NewCheckpoint, NewStory
from benchmarks.queries import stories
from wave_data import Executor, connect, wave_checkpoints, wave_story_executions
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
        return await wave_story_executions.get(self.db, id)

    async def list_newest(self, session_id: UUID, limit: int) -> Sequence[Any]:
        return (await wave_story_executions.list_by_session(self.db, session_id, limit)).items

    async def list_all(self, session_id: UUID) -> Sequence[Any]:
        return await stories.list_by_session(self.db, session_id)

    async def stream(self, session_id: UUID) -> int:
        found = 0
        async for _ in stories.iterate_by_session(self.db, session_id):
            found += 1
        return found

    async def insert(self, new: NewStory) -> Any:
        return await wave_story_executions.create(
            self.db,
            new.session_id,
            new.story_id,
            new.story_title,
            new.domain,
            new.agent,
            new.priority,
            new.story_points,
            new.max_retries,
            new.metadata,
            new.id,
        )

    async def insert_many(self, new: Sequence[NewStory]) -> None:
        await stories.create_many(self.db, new)

    async def submit(self, id: UUID) -> Any:
        return await wave_story_executions.submit_for_review(self.db, id)

    async def reopen(self, id: UUID) -> Any:
        return await wave_story_executions.reopen(self.db, id)

    async def add_usage(self, id: UUID) -> Any:
        return await wave_story_executions.add_usage(self.db, id, TOKENS, COST)

    async def add_checkpoint(self, new: NewCheckpoint) -> Any:
        return await _add_checkpoint(self.db, new)

    async def step(self, new: NewCheckpoint, id: UUID) -> Any:
        async with self.db.transaction() as tx:
            await _add_checkpoint(tx, new)
            return await wave_story_executions.add_usage(tx, id, TOKENS, COST)


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
