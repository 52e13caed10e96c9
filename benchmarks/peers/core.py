"""SQLAlchemy Core, and a pydantic model made of each row."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from benchmarks import models
from benchmarks.data import COST, TOKENS, NewCheckpoint, NewStory
from benchmarks.peers import sqlalchemy_tables
from benchmarks.peers.sqlalchemy_engine import make_engine

_stories: Any = sqlalchemy_tables.Story.__table__
_checkpoints: Any = sqlalchemy_tables.Checkpoint.__table__


def _newest_first(session_id: UUID) -> Any:
    columns = _stories.c
    return (
        select(_stories).where(columns.session_id == session_id).order_by(columns.created_at.desc(), columns.id.desc())
    )


def _story(row: Any) -> models.Story:
    return models.Story.model_validate(row._asdict())


class Peer:
    """The tables of the ORM, without its sessions."""

    async def open(self, location: str, connections: int) -> None:
        self._engine = make_engine(location, connections)

    async def close(self) -> None:
        await self._engine.dispose()

    def values(self, story: Any) -> dict[str, Any] | None:
        values: dict[str, Any] = story.model_dump()
        return values

    async def get(self, id: UUID) -> Any:
        async with self._engine.connect() as connection:
            return _story((await connection.execute(select(_stories).where(_stories.c.id == id))).one())

    async def list_newest(self, session_id: UUID, limit: int) -> Sequence[Any]:
        async with self._engine.connect() as connection:
            return [_story(row) for row in await connection.execute(_newest_first(session_id).limit(limit))]

    async def list_all(self, session_id: UUID) -> Sequence[Any]:
        async with self._engine.connect() as connection:
            return [_story(row) for row in await connection.execute(_newest_first(session_id))]

    async def stream(self, session_id: UUID) -> int:
        found = 0
        async with self._engine.connect() as connection:
            statement = _newest_first(session_id).execution_options(yield_per=500)
            async with connection.stream(statement) as rows:
                async for row in rows:
                    _story(row)
                    found += 1
        return found

    async def _write(self, statement: Any) -> models.Story:
        async with self._engine.begin() as connection:
            return _story((await connection.execute(statement)).one())

    async def insert(self, new: NewStory) -> Any:
        return await self._write(insert(_stories).values(**asdict(new)).returning(_stories))

    async def insert_many(self, new: Sequence[NewStory]) -> None:
        async with self._engine.begin() as connection:
            await connection.execute(insert(_stories), [asdict(each) for each in new])

    async def submit(self, id: UUID) -> Any:
        return await self._write(_move(id, "in_progress", "review"))

    async def reopen(self, id: UUID) -> Any:
        return await self._write(_move(id, "review", "in_progress"))

    async def add_usage(self, id: UUID) -> Any:
        return await self._write(_add_usage(id))

    async def add_checkpoint(self, new: NewCheckpoint) -> Any:
        async with self._engine.begin() as connection:
            return await _add_checkpoint(connection, new)

    async def step(self, new: NewCheckpoint, id: UUID) -> Any:
        async with self._engine.begin() as connection:
            await _add_checkpoint(connection, new)
            return _story((await connection.execute(_add_usage(id))).one())


def _move(id: UUID, before: str, after: str) -> Any:
    return (
        update(_stories)
        .where(_stories.c.id == id, _stories.c.status == before)
        .values(status=after, updated_at=datetime.now(UTC))
        .returning(_stories)
    )


def _add_usage(id: UUID) -> Any:
    columns = _stories.c
    return (
        update(_stories)
        .where(columns.id == id)
        .values(
            token_count=columns.token_count + TOKENS,
            cost_usd=columns.cost_usd + COST,
            updated_at=datetime.now(UTC),
        )
        .returning(_stories)
    )


async def _add_checkpoint(connection: AsyncConnection, new: NewCheckpoint) -> models.Checkpoint:
    row = (await connection.execute(insert(_checkpoints).values(**asdict(new)).returning(_checkpoints))).one()
    return models.Checkpoint.model_validate(row._asdict())
