"""What SQLAlchemy needs on either store: an engine, and the types of the columns."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.types import TypeDecorator

from benchmarks.data import sqlite_value
from benchmarks.peers.sqlite3_operations import SETTINGS


def make_engine(location: str, connections: int) -> AsyncEngine:
    """An engine with as many connections as the others have, and none beyond."""
    if location.startswith("postgres"):
        import asyncpg

        async def connect() -> Any:
            return await asyncpg.connect(location)

        return create_async_engine(
            "postgresql+asyncpg://", async_creator=connect, pool_size=connections, max_overflow=0
        )
    engine = create_async_engine(f"sqlite+aiosqlite:///{location}", pool_size=5, max_overflow=0)
    sa.event.listen(engine.sync_engine, "connect", _configure)
    return engine


def _configure(connection: Any, record: object) -> None:
    cursor = connection.cursor()
    for setting in SETTINGS:
        cursor.execute(setting)
    cursor.close()


class _UuidText(TypeDecorator[UUID]):
    impl = sa.String
    cache_ok = True

    def process_bind_param(self, value: UUID | None, dialect: object) -> str | None:
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: object) -> UUID | None:
        return None if value is None else UUID(value)


class _TimeText(TypeDecorator[datetime]):
    impl = sa.String
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: object) -> Any:
        return None if value is None else sqlite_value(value.astimezone(UTC))

    def process_result_value(self, value: str | None, dialect: object) -> datetime | None:
        return None if value is None else datetime.fromisoformat(value)


class _Scaled(TypeDecorator[Decimal]):
    impl = sa.Integer
    cache_ok = True

    def __init__(self, scale: int) -> None:
        super().__init__()
        self.scale = scale

    def process_bind_param(self, value: Decimal | None, dialect: object) -> int | None:
        return None if value is None else int(value.scaleb(self.scale))

    def process_result_value(self, value: int | None, dialect: object) -> Decimal | None:
        return None if value is None else Decimal(value).scaleb(-self.scale)


def decimal(precision: int, scale: int) -> Any:
    """A decimal number, an integer on SQLite."""
    return sa.Numeric(precision, scale).with_variant(_Scaled(scale), "sqlite")


UUID_TYPE: Any = sa.Uuid().with_variant(_UuidText(), "sqlite")
TIME: Any = sa.DateTime(timezone=True).with_variant(_TimeText(), "sqlite")
TEXTS: Any = ARRAY(sa.Text).with_variant(sa.JSON(), "sqlite")
JSON: Any = JSONB().with_variant(sa.JSON(), "sqlite")
