"""Dataclasses, and a row's way into them, as sqlc-gen-better-python writes them; written by hand here."""

import dataclasses
import datetime
import decimal
import typing
import uuid


@dataclasses.dataclass()
class Story:
    """A row of wave_story_executions. On SQLite, ids, times and arrays are text, and decimals integers."""

    id: uuid.UUID
    session_id: uuid.UUID
    story_id: str
    story_title: str
    domain: str
    agent: str
    status: str
    priority: str | None
    story_points: int | None
    started_at: datetime.datetime | None
    token_count: int
    cost_usd: decimal.Decimal
    retry_count: int
    max_retries: int
    current_gate: str
    acceptance_criteria_passed: int
    acceptance_criteria_total: int
    tests_passing: bool
    coverage_achieved: decimal.Decimal | None
    files_created: list[str]
    files_modified: list[str]
    branch_name: str | None
    commit_sha: str | None
    pr_url: str | None
    metadata: str
    created_at: datetime.datetime
    updated_at: datetime.datetime


@dataclasses.dataclass()
class Checkpoint:
    """A row of wave_checkpoints."""

    id: uuid.UUID
    session_id: uuid.UUID
    checkpoint_type: str
    checkpoint_name: str
    story_id: str | None
    gate: str | None
    state: str
    agent_id: str | None
    parent_checkpoint_id: uuid.UUID | None
    created_at: datetime.datetime


def story(row: typing.Any) -> Story:
    """The dataclass of a row."""
    return Story(
        id=row[0],
        session_id=row[1],
        story_id=row[2],
        story_title=row[3],
        domain=row[4],
        agent=row[5],
        status=row[6],
        priority=row[7],
        story_points=row[8],
        started_at=row[9],
        token_count=row[10],
        cost_usd=row[11],
        retry_count=row[12],
        max_retries=row[13],
        current_gate=row[14],
        acceptance_criteria_passed=row[15],
        acceptance_criteria_total=row[16],
        tests_passing=row[17],
        coverage_achieved=row[18],
        files_created=row[19],
        files_modified=row[20],
        branch_name=row[21],
        commit_sha=row[22],
        pr_url=row[23],
        metadata=row[24],
        created_at=row[25],
        updated_at=row[26],
    )


def checkpoint(row: typing.Any) -> Checkpoint:
    """The dataclass of a row."""
    return Checkpoint(
        id=row[0],
        session_id=row[1],
        checkpoint_type=row[2],
        checkpoint_name=row[3],
        story_id=row[4],
        gate=row[5],
        state=row[6],
        agent_id=row[7],
        parent_checkpoint_id=row[8],
        created_at=row[9],
    )
