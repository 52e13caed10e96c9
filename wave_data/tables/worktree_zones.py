"""worktree_zones: where each worktree sits; one zone at a time."""

from typing import ClassVar

from wave_data.engine import Executor, Page, Record, query, transactional
from wave_data.engine.errors import NotFound
from wave_data.engine.types import Text, UtcDatetime
from wave_data.tables.worktrees import Worktree


class WorktreeZone(Record):
    """A worktree's place in a zone."""

    shown: ClassVar[tuple[str, ...]] = ("worktree_id", "zone_id")

    worktree_id: str
    zone_id: str
    assigned_at: UtcDatetime


class Assignment(WorktreeZone):
    """A worktree's new place, and the zone that it came from."""

    shown: ClassVar[tuple[str, ...]] = ("worktree_id", "zone_id", "previous_zone_id")

    previous_zone_id: str | None


class AssignedWorktree(Worktree):
    """A worktree, and when it was put into its zone."""

    assigned_at: UtcDatetime


class _Ends(Record):
    """The two ends of an assignment, as far as they are there."""

    worktree_id: str | None
    zone_id: str | None


@transactional
async def assign(db: Executor, worktree_id: Text, zone_id: Text) -> Assignment:
    """Put a worktree into a zone, or move it there; it is never without a zone on the way.

    Raises NotFound, which names the worktree or the zone.
    """
    ends = await _lock(db, worktree_id, zone_id)
    if ends.worktree_id is None:
        raise NotFound("worktree", worktree_id)
    if ends.zone_id is None:
        raise NotFound("zone", zone_id)
    previous = await find_by_worktree(db, worktree_id)
    return await _put(db, worktree_id, zone_id, None if previous is None else previous.zone_id)


@query
async def _lock(db: Executor, worktree_id: Text, zone_id: Text) -> _Ends: ...


@query
async def _put(db: Executor, worktree_id: Text, zone_id: Text, previous_zone_id: Text | None) -> Assignment: ...


@query
async def get(db: Executor, worktree_id: Text) -> WorktreeZone:
    """The place of a worktree. Raises NotFound when it is in no zone."""
    ...


@query
async def find(db: Executor, worktree_id: Text) -> WorktreeZone | None:
    """The place of a worktree, or None."""
    ...


@query
async def find_by_worktree(db: Executor, worktree_id: Text) -> WorktreeZone | None:
    """The place of a worktree, or None."""
    ...


@query
async def list_worktrees(
    db: Executor, zone_id: Text, limit: int = 100, cursor: str | None = None
) -> Page[AssignedWorktree]:
    """The worktrees in a zone, the one that is there longest first."""
    ...


@query
async def list_by_zone(db: Executor, zone_id: Text, limit: int = 100, cursor: str | None = None) -> Page[WorktreeZone]:
    """The places in a zone, the oldest first."""
    ...


@query
async def count(db: Executor, zone_id: Text | None = None) -> int:
    """The number of worktrees that are in a zone."""
    ...


@query
async def count_by_zone(db: Executor, zone_id: Text) -> int:
    """The number of worktrees in one zone."""
    ...


@query
async def unassign(db: Executor, worktree_id: Text) -> bool:
    """Take a worktree out of its zone; whether it was in one."""
    ...


@query
async def delete(db: Executor, worktree_id: Text, missing_ok: bool = True) -> bool:
    """As `unassign`. Raises NotFound when the worktree is in no zone and missing_ok is False."""
    ...
