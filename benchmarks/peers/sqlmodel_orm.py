"""SQLModel: SQLAlchemy's ORM, whose mapped classes are pydantic models too."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, FetchedValue
from sqlmodel import Field, SQLModel

from benchmarks.peers.orm_operations import Operations
from benchmarks.peers.sqlalchemy_engine import JSON, TEXTS, TIME, UUID_TYPE, decimal

_DEFAULT = {"server_default": FetchedValue()}


def _column(kind: Any = None, **options: Any) -> Any:
    if kind is not None:
        options["sa_type"] = kind
    return Field(**options)


class Story(SQLModel, table=True):
    """A row of wave_story_executions."""

    __tablename__ = "wave_story_executions"
    __mapper_args__ = {"eager_defaults": True}

    id: UUID = _column(UUID_TYPE, primary_key=True)
    session_id: UUID = _column(UUID_TYPE)
    story_id: str
    story_title: str
    domain: str
    agent: str
    status: str | None = _column(sa_column_kwargs=_DEFAULT)
    priority: str | None
    story_points: int | None
    started_at: datetime | None = _column(TIME, default=None)
    token_count: int | None = _column(BigInteger, sa_column_kwargs=_DEFAULT)
    cost_usd: Decimal | None = _column(decimal(14, 6), sa_column_kwargs=_DEFAULT)
    retry_count: int | None = _column(sa_column_kwargs=_DEFAULT)
    max_retries: int
    current_gate: str | None = _column(sa_column_kwargs=_DEFAULT)
    acceptance_criteria_passed: int | None = _column(sa_column_kwargs=_DEFAULT)
    acceptance_criteria_total: int | None = _column(sa_column_kwargs=_DEFAULT)
    tests_passing: bool | None = _column(sa_column_kwargs=_DEFAULT)
    coverage_achieved: Decimal | None = _column(decimal(5, 2), default=None)
    files_created: list[str] | None = _column(TEXTS, sa_column_kwargs=_DEFAULT)
    files_modified: list[str] | None = _column(TEXTS, sa_column_kwargs=_DEFAULT)
    branch_name: str | None = None
    commit_sha: str | None = None
    pr_url: str | None = None
    # `metadata` is a name of the base class itself.
    details: dict[str, Any] = _column(JSON, sa_column_kwargs={"name": "metadata"})
    created_at: datetime = _column(TIME)
    updated_at: datetime = _column(TIME)


class Checkpoint(SQLModel, table=True):
    """A row of wave_checkpoints."""

    __tablename__ = "wave_checkpoints"

    id: UUID = _column(UUID_TYPE, primary_key=True)
    session_id: UUID = _column(UUID_TYPE)
    checkpoint_type: str
    checkpoint_name: str
    story_id: str | None
    gate: str | None
    state: dict[str, Any] = _column(JSON)
    agent_id: str | None
    parent_checkpoint_id: UUID | None = _column(UUID_TYPE, default=None)
    created_at: datetime = _column(TIME)


class Peer(Operations):
    """On SQLModel's classes, which do not validate the rows of a table."""

    story = Story
    checkpoint = Checkpoint
