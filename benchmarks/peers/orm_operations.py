"""Every operation with an async session of an ORM, for the classes of SQLAlchemy and of SQLModel alike."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from benchmarks.data import COLUMNS, COST, TOKENS, NewCheckpoint, NewStory
from benchmarks.peers.sqlalchemy_engine import make_engine


class Operations:
    """A session for each operation, as a web request or a step of an agent has one."""

    story: ClassVar[Any]
    checkpoint: ClassVar[Any]

    async def open(self, location: str, connections: int) -> None:
        self._engine = make_engine(location, connections)
        self._session = async_sessionmaker(self._engine, class_=AsyncSession, expire_on_commit=False)

    async def close(self) -> None:
        await self._engine.dispose()

    def values(self, story: Any) -> dict[str, Any] | None:
        return {name: getattr(story, "details" if name == "metadata" else name) for name in COLUMNS}

    async def get(self, id: UUID) -> Any:
        async with self._session() as session:
            return await session.get(self.story, id)

    def _newest_first(self, session_id: UUID) -> Any:
        story = self.story
        return select(story).where(story.session_id == session_id).order_by(story.created_at.desc(), story.id.desc())

    async def list_newest(self, session_id: UUID, limit: int) -> Sequence[Any]:
        async with self._session() as session:
            return (await session.scalars(self._newest_first(session_id).limit(limit))).all()

    async def list_all(self, session_id: UUID) -> Sequence[Any]:
        async with self._session() as session:
            return (await session.scalars(self._newest_first(session_id))).all()

    async def stream(self, session_id: UUID) -> int:
        found = 0
        statement = self._newest_first(session_id).execution_options(yield_per=500)
        async with self._session() as session:
            async for _ in await session.stream_scalars(statement):
                found += 1
        return found

    async def insert(self, new: NewStory) -> Any:
        story = self.story(**_of_story(new))
        async with self._session.begin() as session:
            session.add(story)
        return story

    async def insert_many(self, new: Sequence[NewStory]) -> None:
        async with self._session.begin() as session:
            await session.execute(insert(self.story), [_of_story(each) for each in new])

    async def _move(self, id: UUID, before: str, after: str) -> Any:
        story = self.story
        statement = (
            update(story)
            .where(story.id == id, story.status == before)
            .values(status=after, updated_at=datetime.now(UTC))
            .returning(story)
        )
        async with self._session.begin() as session:
            return (await session.scalars(statement)).one()

    async def submit(self, id: UUID) -> Any:
        return await self._move(id, "in_progress", "review")

    async def reopen(self, id: UUID) -> Any:
        return await self._move(id, "review", "in_progress")

    async def add_usage(self, id: UUID) -> Any:
        async with self._session.begin() as session:
            return await self._add_usage(session, id)

    async def _add_usage(self, session: AsyncSession, id: UUID) -> Any:
        story = self.story
        statement = (
            update(story)
            .where(story.id == id)
            .values(
                token_count=story.token_count + TOKENS,
                cost_usd=story.cost_usd + COST,
                updated_at=datetime.now(UTC),
            )
            .returning(story)
        )
        return (await session.scalars(statement)).one()

    async def add_checkpoint(self, new: NewCheckpoint) -> Any:
        checkpoint = self.checkpoint(**asdict(new))
        async with self._session.begin() as session:
            session.add(checkpoint)
        return checkpoint

    async def step(self, new: NewCheckpoint, id: UUID) -> Any:
        async with self._session.begin() as session:
            session.add(self.checkpoint(**asdict(new)))
            await session.flush()
            return await self._add_usage(session, id)


def _of_story(new: NewStory) -> dict[str, Any]:
    values = asdict(new)
    values["details"] = values.pop("metadata")
    return values
