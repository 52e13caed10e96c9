"""wave_checkpoints: immutable snapshots of state, from which a session recovers after a crash."""

from collections.abc import AsyncIterator
from typing import ClassVar, Literal
from uuid import UUID

from wave_data.engine import Affected, Executor, Page, Record, query
from wave_data.engine.errors import InvalidValue
from wave_data.engine.types import Count, JsonObject, NewId, Text, UtcDatetime

CheckpointType = Literal["gate", "story_start", "story_complete", "agent_handoff", "error", "manual"]
Gate = Literal["gate-0", "gate-1", "gate-2", "gate-3", "gate-4", "gate-5", "gate-6", "gate-7"]


class WaveCheckpoint(Record):
    """A snapshot of state. It never changes."""

    shown: ClassVar[tuple[str, ...]] = ("id", "checkpoint_type", "checkpoint_name", "story_id")

    id: UUID
    session_id: UUID
    checkpoint_type: CheckpointType
    checkpoint_name: str
    story_id: str | None
    gate: Gate | None
    state: JsonObject
    agent_id: str | None
    parent_checkpoint_id: UUID | None
    created_at: UtcDatetime


async def create(
    db: Executor,
    session_id: UUID,
    checkpoint_type: CheckpointType,
    checkpoint_name: Text,
    state: JsonObject,
    story_id: Text | None = None,
    gate: Gate | None = None,
    agent_id: Text | None = None,
    parent_checkpoint_id: UUID | None = None,
    id: UUID | None = None,
) -> WaveCheckpoint:
    """Insert a checkpoint.

    Raises MissingReference without the session or the parent, InvalidValue for a parent of another session,
    and Conflict for a taken id.
    """
    created = await _insert(
        db,
        session_id,
        checkpoint_type,
        checkpoint_name,
        state,
        story_id,
        gate,
        agent_id,
        parent_checkpoint_id,
        id,
    )
    if created is None:
        raise InvalidValue(
            f"the parent checkpoint {parent_checkpoint_id} belongs to another session than {session_id};"
            " a parent of the same session was expected",
            entity="wave_checkpoint",
            key=parent_checkpoint_id,
        )
    return created


@query
async def _insert(
    db: Executor,
    session_id: UUID,
    checkpoint_type: CheckpointType,
    checkpoint_name: Text,
    state: JsonObject,
    story_id: Text | None,
    gate: Gate | None,
    agent_id: Text | None,
    parent_checkpoint_id: UUID | None,
    id: NewId,
) -> WaveCheckpoint | None: ...


@query
async def get(db: Executor, id: UUID) -> WaveCheckpoint:
    """The checkpoint. Raises NotFound."""
    ...


@query
async def find(db: Executor, id: UUID) -> WaveCheckpoint | None:
    """The checkpoint, or None."""
    ...


@query
async def find_latest_by_session(db: Executor, session_id: UUID) -> WaveCheckpoint | None:
    """The newest checkpoint of a session."""
    ...


@query
async def find_latest_by_story(db: Executor, session_id: UUID, story_id: Text) -> WaveCheckpoint | None:
    """The newest checkpoint of a story."""
    ...


@query
async def find_gate_checkpoint(db: Executor, session_id: UUID, story_id: Text, gate: Gate) -> WaveCheckpoint | None:
    """The newest checkpoint of type `gate` that a story has at a gate."""
    ...


@query
async def find_many(
    db: Executor, session_id: UUID | None = None, limit: int = 100, cursor: str | None = None
) -> Page[WaveCheckpoint]:
    """Checkpoints, newest first."""
    ...


@query
def iterate(db: Executor, session_id: UUID | None = None) -> AsyncIterator[WaveCheckpoint]:
    """All matching checkpoints, newest first."""
    ...


@query
async def list_by_session(
    db: Executor, session_id: UUID, limit: int = 100, cursor: str | None = None
) -> Page[WaveCheckpoint]:
    """The checkpoints of a session, newest first."""
    ...


@query
async def list_by_story(
    db: Executor, session_id: UUID, story_id: Text, limit: int = 100, cursor: str | None = None
) -> Page[WaveCheckpoint]:
    """The checkpoints of a story, newest first."""
    ...


@query
async def list_by_type(
    db: Executor,
    session_id: UUID,
    checkpoint_type: CheckpointType,
    limit: int = 100,
    cursor: str | None = None,
) -> Page[WaveCheckpoint]:
    """The checkpoints of one type in a session, newest first."""
    ...


@query
async def list_by_gate(
    db: Executor, session_id: UUID, gate: Gate, limit: int = 100, cursor: str | None = None
) -> Page[WaveCheckpoint]:
    """The checkpoints at a gate in a session, newest first."""
    ...


@query
async def list_children(
    db: Executor, parent_checkpoint_id: UUID, limit: int = 100, cursor: str | None = None
) -> Page[WaveCheckpoint]:
    """The checkpoints made from another one, newest first."""
    ...


@query
async def list_ancestors(db: Executor, id: UUID) -> list[WaveCheckpoint]:
    """The chain of parents, nearest first, at most 1000."""
    ...


@query
async def count(db: Executor, session_id: UUID | None = None) -> int:
    """The number of matching checkpoints."""
    ...


@query
async def count_by_session(db: Executor, session_id: UUID) -> int:
    """The number of checkpoints of a session."""
    ...


async def delete(db: Executor, id: UUID, include_descendants: bool = False, missing_ok: bool = True) -> bool:
    """Remove a checkpoint; whether there was one. Its children lose their parent, or are removed with theirs.

    Raises NotFound when it is absent and missing_ok is False.
    """
    remove = _delete_with_descendants if include_descendants else _delete
    return await remove(db, id, missing_ok=missing_ok)


@query
async def _delete(db: Executor, id: UUID, missing_ok: bool = True) -> bool: ...


@query
async def _delete_with_descendants(db: Executor, id: UUID, missing_ok: bool = True) -> bool: ...


@query
async def delete_by_session(db: Executor, session_id: UUID) -> Affected:
    """Remove the checkpoints of a session; how many."""
    ...


@query
async def cleanup_old(db: Executor, session_id: UUID, keep: Count = 5, story_id: Text | None = None) -> Affected:
    """Remove all but the newest checkpoints of a session or one of its stories; how many."""
    ...
