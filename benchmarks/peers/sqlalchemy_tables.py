"""The tables as SQLAlchemy's ORM maps them; Core uses the same tables."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, FetchedValue, MetaData
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from benchmarks.peers.sqlalchemy_engine import JSON, TEXTS, TIME, UUID_TYPE, decimal


class Base(DeclarativeBase):
    """The registry of both tables."""

    metadata = MetaData()
    type_annotation_map = {UUID: UUID_TYPE, datetime: TIME, list[str]: TEXTS, dict[str, Any]: JSON}  # noqa: RUF012


class Story(Base):
    """A row of wave_story_executions."""

    __tablename__ = "wave_story_executions"
    __mapper_args__ = {"eager_defaults": True}  # noqa: RUF012

    id: Mapped[UUID] = mapped_column(primary_key=True)
    session_id: Mapped[UUID]
    story_id: Mapped[str]
    story_title: Mapped[str]
    domain: Mapped[str]
    agent: Mapped[str]
    status: Mapped[str] = mapped_column(server_default=FetchedValue())
    priority: Mapped[str | None]
    story_points: Mapped[int | None]
    started_at: Mapped[datetime | None]
    token_count: Mapped[int] = mapped_column(BigInteger, server_default=FetchedValue())
    cost_usd: Mapped[Decimal] = mapped_column(decimal(14, 6), server_default=FetchedValue())
    retry_count: Mapped[int] = mapped_column(server_default=FetchedValue())
    max_retries: Mapped[int]
    current_gate: Mapped[str] = mapped_column(server_default=FetchedValue())
    acceptance_criteria_passed: Mapped[int] = mapped_column(server_default=FetchedValue())
    acceptance_criteria_total: Mapped[int] = mapped_column(server_default=FetchedValue())
    tests_passing: Mapped[bool] = mapped_column(server_default=FetchedValue())
    coverage_achieved: Mapped[Decimal | None] = mapped_column(decimal(5, 2))
    files_created: Mapped[list[str]] = mapped_column(server_default=FetchedValue())
    files_modified: Mapped[list[str]] = mapped_column(server_default=FetchedValue())
    branch_name: Mapped[str | None]
    commit_sha: Mapped[str | None]
    pr_url: Mapped[str | None]
    # `metadata` is a name of the declarative base itself.
    details: Mapped[dict[str, Any]] = mapped_column("metadata", JSON)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Checkpoint(Base):
    """A row of wave_checkpoints."""

    __tablename__ = "wave_checkpoints"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    session_id: Mapped[UUID]
    checkpoint_type: Mapped[str]
    checkpoint_name: Mapped[str]
    story_id: Mapped[str | None]
    gate: Mapped[str | None]
    state: Mapped[dict[str, Any]]
    agent_id: Mapped[str | None]
    parent_checkpoint_id: Mapped[UUID | None]
    created_at: Mapped[datetime]
