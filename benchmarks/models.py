"""The models that peers validate their rows with."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Json


class Story(BaseModel):
    """A story execution whose driver gives Python's own types, and JSON decoded."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    session_id: UUID
    story_id: str
    story_title: str
    domain: str
    agent: str
    status: str
    priority: str | None
    story_points: int | None
    started_at: datetime | None
    token_count: int
    cost_usd: Decimal
    retry_count: int
    max_retries: int
    current_gate: str
    acceptance_criteria_passed: int
    acceptance_criteria_total: int
    tests_passing: bool
    coverage_achieved: Decimal | None
    files_created: list[str]
    files_modified: list[str]
    branch_name: str | None
    commit_sha: str | None
    pr_url: str | None
    metadata: dict[str, Any]
    created_at: datetime
    updated_at: datetime


class Checkpoint(BaseModel):
    """A checkpoint whose driver gives Python's own types, and JSON decoded."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    session_id: UUID
    checkpoint_type: str
    checkpoint_name: str
    story_id: str | None
    gate: str | None
    state: dict[str, Any]
    agent_id: str | None
    parent_checkpoint_id: UUID | None
    created_at: datetime


def _usd(value: int) -> Decimal:
    return Decimal(value).scaleb(-6)


def _percent(value: int | None) -> Decimal | None:
    return None if value is None else Decimal(value).scaleb(-2)


class SqliteStory(Story):
    """A story execution as it stands in SQLite: decimals scaled to integers, arrays and JSON as text."""

    cost_usd: Annotated[Decimal, BeforeValidator(_usd)]
    coverage_achieved: Annotated[Decimal | None, BeforeValidator(_percent)]
    files_created: Json[list[str]]
    files_modified: Json[list[str]]
    metadata: Json[dict[str, Any]]


class SqliteCheckpoint(Checkpoint):
    """A checkpoint as it stands in SQLite."""

    state: Json[dict[str, Any]]
