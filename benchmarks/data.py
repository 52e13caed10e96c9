"""The rows that every peer works on. They follow from their numbers, so that each process knows them by itself."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID, uuid4

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
PAGE = 100
"""Rows of a short list."""
CHECKPOINTS = 14
"""Checkpoints of one run of an orchestrator."""
RUNS = 20
"""Runs at the same time, and tasks of a concurrent workload."""
TOKENS = 1200
COST = Decimal("0.031250")

LISTED, STREAMED, MOVED, BULK, FIRST_RUN = range(5)


@dataclass(frozen=True)
class Sizes:
    """How many rows each kind of workload meets."""

    listed: int = 10_000
    streamed: int = 100_000
    moved: int = 200
    bulk: int = 10_000


QUICK = Sizes(listed=1_000, streamed=4_000, moved=100, bulk=1_000)


@dataclass(frozen=True, slots=True)
class NewStory:
    """A story execution to insert."""

    id: UUID
    session_id: UUID
    story_id: str
    story_title: str
    domain: str
    agent: str
    priority: str
    story_points: int
    max_retries: int
    metadata: dict[str, Any]
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class NewCheckpoint:
    """A checkpoint to insert."""

    id: UUID
    session_id: UUID
    checkpoint_type: str
    checkpoint_name: str
    story_id: str
    gate: str
    state: dict[str, Any]
    agent_id: str
    parent_checkpoint_id: UUID | None
    created_at: datetime


def session_id(number: int) -> UUID:
    """The id of a session."""
    return _id(0, number)


def row_id(session: int, number: int) -> UUID:
    """The id of a story execution of a session."""
    return _id(session + 1, number)


def _id(group: int, number: int) -> UUID:
    return UUID(int=0x019B << 112 | 7 << 76 | 2 << 62 | group << 40 | number)


def stories(session: int, size: int) -> Iterator[dict[str, Any]]:
    """The story executions of a session, oldest first."""
    return (story(session, number) for number in range(size))


def story(session: int, number: int) -> dict[str, Any]:
    """One story execution in progress: 27 columns of its table, without those of its end."""
    created_at = BEGIN + timedelta(seconds=number)
    return {
        "id": row_id(session, number),
        "session_id": session_id(session),
        "story_id": f"WAVE3-API-{number:06}",
        "story_title": f"Let the gateway retry a request that timed out, part {number}",
        "domain": "backend",
        "agent": "be-dev-2",
        "status": "in_progress",
        "priority": "high",
        "story_points": number % 8,
        "started_at": created_at + timedelta(milliseconds=250),
        "token_count": 184_000 + number,
        "cost_usd": Decimal("1.284500"),
        "retry_count": 1,
        "max_retries": 3,
        "current_gate": "gate-3",
        "acceptance_criteria_passed": 4,
        "acceptance_criteria_total": 6,
        "tests_passing": True,
        "coverage_achieved": Decimal("87.50"),
        "files_created": ["src/gateway/retry.py", "tests/gateway/test_retry.py"],
        "files_modified": ["src/gateway/client.py", "README.md"],
        "branch_name": f"feature/wave3-api-{number}",
        "commit_sha": "9f2c4be1a7d05c3388e1b6f0d2c4a9e7b1350f6d",
        "pr_url": f"https://git.example.com/acme/gateway/pull/{number}",
        "metadata": {"labels": ["api", "retry"], "attempt": 2, "model": {"name": "m-large", "temperature": 0.2}},
        "created_at": created_at,
        "updated_at": created_at + timedelta(seconds=30),
    }


COLUMNS = tuple(story(LISTED, 0))

_numbers = count()
_process = uuid4().hex[:8]


def new_story(session: int) -> NewStory:
    """A story execution that no process has inserted yet."""
    number, now = next(_numbers), datetime.now(UTC)
    return NewStory(
        id=uuid4(),
        session_id=session_id(session),
        story_id=f"NEW-{_process}-{number}",
        story_title="Let the gateway retry a request that timed out",
        domain="backend",
        agent="be-dev-2",
        priority="high",
        story_points=5,
        max_retries=3,
        metadata={"labels": ["api", "retry"], "attempt": 2},
        created_at=now,
        updated_at=now,
    )


def new_checkpoint(session: int, story_id: str) -> NewCheckpoint:
    """A checkpoint with about 2 KB of state."""
    return NewCheckpoint(
        id=uuid4(),
        session_id=session_id(session),
        checkpoint_type="gate",
        checkpoint_name="gate-3 passed",
        story_id=story_id,
        gate="gate-3",
        state=STATE,
        agent_id="be-dev-2",
        parent_checkpoint_id=None,
        created_at=datetime.now(UTC),
    )


STATE: dict[str, Any] = {
    "gate": "gate-3",
    "status": "passed",
    "attempt": 2,
    "timestamp": "2026-01-01T09:30:00.000000Z",
    "criteria": [
        {
            "name": f"criterion {number}",
            "passed": True,
            "seconds": 1.25 * number,
            "output": "142 passed, 3 skipped in 4.18s: no finding, coverage as before, nothing left to do here",
        }
        for number in range(12)
    ],
}


def sqlite_value(value: Any, column: str = "") -> Any:
    """A value as the library keeps it on SQLite; decimals are scaled integers."""
    match value:
        case UUID():
            return str(value)
        case datetime():
            return value.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        case Decimal():
            return int(value.scaleb(2 if column == "coverage_achieved" else 6))
        case list() | dict():
            return json.dumps(value, separators=(",", ":"))
        case _:
            return value
