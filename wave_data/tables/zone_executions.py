"""zone_executions: the history of what zones did with worktrees."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import computed_field

from wave_data.engine import Affected, Executor, Page, Record, percentage, query
from wave_data.engine.types import Json, NewId, NowByDefault, Text, UtcDatetime

Bucket = Literal["hour", "day", "week", "month"]


class ZoneExecution(Record):
    """An agent's run in a zone, on a worktree."""

    shown: ClassVar[tuple[str, ...]] = ("id", "zone_id", "worktree_id", "agent_type", "success")

    id: UUID
    zone_id: str
    worktree_id: str
    agent_type: str
    prompt: str
    result: Json | None
    success: bool
    executed_at: UtcDatetime


class ZoneExecutionStats(Record):
    """How many executions there were, how they ended, and how many agents took part."""

    total: int
    successful: int
    failed: int
    unique_agents: int

    @computed_field  # type: ignore[prop-decorator]
    @property
    def success_rate(self) -> Decimal:
        """The successful executions in percent of all, to two digits; 0 when there are none."""
        return percentage(self.successful, self.total)


class ZoneExecutionTrend(Record):
    """The executions of one hour, day, week or month, which begins at `bucket`."""

    bucket: UtcDatetime
    total: int
    successful: int
    failed: int


@query
async def create(
    db: Executor,
    zone_id: Text,
    worktree_id: Text,
    agent_type: Text,
    prompt: Text,
    success: bool,
    result: Json | None = None,
    executed_at: NowByDefault = None,
    id: NewId = None,
) -> ZoneExecution:
    """Insert an execution. Raises MissingReference without the zone or the worktree."""
    ...


@query
async def get(db: Executor, id: UUID) -> ZoneExecution:
    """The execution. Raises NotFound."""
    ...


@query
async def find(db: Executor, id: UUID) -> ZoneExecution | None:
    """The execution, or None."""
    ...


@query
async def find_many(
    db: Executor,
    zone_id: Text | None = None,
    worktree_id: Text | None = None,
    agent_type: Text | None = None,
    success: bool | None = None,
    since: UtcDatetime | None = None,
    until: UtcDatetime | None = None,
    limit: int = 100,
    cursor: str | None = None,
) -> Page[ZoneExecution]:
    """Executions, newest first."""
    ...


@query
def iterate(
    db: Executor,
    zone_id: Text | None = None,
    worktree_id: Text | None = None,
    agent_type: Text | None = None,
    success: bool | None = None,
    since: UtcDatetime | None = None,
    until: UtcDatetime | None = None,
) -> AsyncIterator[ZoneExecution]:
    """All matching executions, newest first."""
    ...


@query
async def list_by_zone(db: Executor, zone_id: Text, limit: int = 100, cursor: str | None = None) -> Page[ZoneExecution]:
    """The executions of a zone, newest first."""
    ...


@query
async def list_by_worktree(
    db: Executor, worktree_id: Text, limit: int = 100, cursor: str | None = None
) -> Page[ZoneExecution]:
    """The executions on a worktree, newest first."""
    ...


@query
async def count(
    db: Executor,
    zone_id: Text | None = None,
    worktree_id: Text | None = None,
    agent_type: Text | None = None,
    success: bool | None = None,
    since: UtcDatetime | None = None,
    until: UtcDatetime | None = None,
) -> int:
    """The number of matching executions."""
    ...


@query
async def stats(
    db: Executor, zone_id: Text | None = None, worktree_id: Text | None = None, since: UtcDatetime | None = None
) -> ZoneExecutionStats:
    """The numbers of matching executions by outcome, and of their agents."""
    ...


@query
async def trends(
    db: Executor, since: UtcDatetime, until: UtcDatetime, bucket: Bucket = "day", zone_id: Text | None = None
) -> list[ZoneExecutionTrend]:
    """The numbers of executions in each hour, day, week from Monday or month, in UTC, the earliest first.

    A bucket without executions is left out.
    """
    ...


@query
async def delete(db: Executor, id: UUID, missing_ok: bool = True) -> bool:
    """Remove the execution; whether there was one.

    Raises NotFound when it is absent and missing_ok is False.
    """
    ...


@query
async def delete_before(db: Executor, until: UtcDatetime) -> Affected:
    """Remove the executions before a time; how many."""
    ...
