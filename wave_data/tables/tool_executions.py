"""tool_executions: the record of tool calls."""

from collections.abc import AsyncIterator
from functools import partial
from typing import Annotated, ClassVar, Literal, get_args
from uuid import UUID

from wave_data.engine import (
    Affected,
    Executor,
    Page,
    Record,
    move,
    percentage,
    query,
    transition,
)
from wave_data.engine.types import BigCount, Default, Json, NewId, Percent, Text, UtcDatetime

ToolExecutionStatus = Literal["pending", "running", "completed", "failed", "timeout"]


class ToolExecution(Record):
    """One call of a tool, made for a task."""

    shown: ClassVar[tuple[str, ...]] = ("id", "tool_name", "status")

    id: UUID
    task_id: UUID
    tool_name: str
    arguments: Json
    output: Json | None
    status: ToolExecutionStatus
    error: str | None
    started_at: UtcDatetime | None
    completed_at: UtcDatetime | None
    duration_ms: int | None
    created_at: UtcDatetime

    @property
    def is_active(self) -> bool:
        """Pending or running."""
        return self.status in ("pending", "running")

    @property
    def is_complete(self) -> bool:
        """Completed, failed or timed out."""
        return not self.is_active

    @property
    def is_terminal(self) -> bool:
        """Completed, failed or timed out."""
        return not self.is_active

    @property
    def is_successful(self) -> bool:
        """Completed."""
        return self.status == "completed"


class ToolExecutionStats(Record):
    """How many calls there were, how they ended and how long they took.

    `success_rate` is the part of the finished calls that completed, in percent; the rate and the durations are 0 where
    there is nothing to go by.
    """

    total: int
    by_status: dict[ToolExecutionStatus, int]
    success_rate: Percent
    avg_duration_ms: float
    max_duration_ms: int


class _StatusStats(Record):
    """The calls in one status; the sum and the longest of the durations that are known."""

    status: ToolExecutionStatus
    executions: int
    measured: int
    total_ms: int
    longest_ms: int


@query
async def create(
    db: Executor,
    task_id: UUID,
    tool_name: Text,
    arguments: Annotated[Json | None, Default({})] = None,
    id: NewId = None,
) -> ToolExecution:
    """Insert a pending call; no arguments are `{}`.

    Raises MissingReference without the task, Conflict when the id is taken.
    """
    ...


@query
async def get(db: Executor, id: UUID) -> ToolExecution:
    """The tool execution. Raises NotFound."""
    ...


@query
async def find(db: Executor, id: UUID) -> ToolExecution | None:
    """The tool execution, or None."""
    ...


@query
async def find_many(
    db: Executor,
    task_id: UUID | None = None,
    tool_name: Text | None = None,
    status: ToolExecutionStatus | None = None,
    since: UtcDatetime | None = None,
    until: UtcDatetime | None = None,
    limit: int = 100,
    cursor: str | None = None,
) -> Page[ToolExecution]:
    """Tool executions created from `since` to before `until`, newest first."""
    ...


@query
def iterate(
    db: Executor,
    task_id: UUID | None = None,
    tool_name: Text | None = None,
    status: ToolExecutionStatus | None = None,
    since: UtcDatetime | None = None,
    until: UtcDatetime | None = None,
) -> AsyncIterator[ToolExecution]:
    """All matching tool executions, newest first."""
    ...


@query
async def list_by_task(db: Executor, task_id: UUID, limit: int = 100, cursor: str | None = None) -> Page[ToolExecution]:
    """The tool executions of a task, newest first."""
    ...


@query
async def list_by_tool(
    db: Executor, tool_name: Text, limit: int = 100, cursor: str | None = None
) -> Page[ToolExecution]:
    """The executions of a tool, newest first."""
    ...


@query
async def list_by_status(
    db: Executor, status: ToolExecutionStatus, limit: int = 100, cursor: str | None = None
) -> Page[ToolExecution]:
    """The tool executions in a status, newest first."""
    ...


@query
async def count(
    db: Executor,
    task_id: UUID | None = None,
    tool_name: Text | None = None,
    status: ToolExecutionStatus | None = None,
    since: UtcDatetime | None = None,
    until: UtcDatetime | None = None,
) -> int:
    """The number of matching tool executions."""
    ...


@query
async def count_by_status(db: Executor, status: ToolExecutionStatus) -> int:
    """The number of tool executions in a status."""
    ...


@query
async def count_by_task(db: Executor, task_id: UUID) -> int:
    """The number of tool executions of a task."""
    ...


@query
async def counts_by_status(
    db: Executor, task_id: UUID | None = None, tool_name: Text | None = None
) -> dict[ToolExecutionStatus, int]:
    """The number of tool executions in each status, zeros included."""
    ...


async def stats(db: Executor, task_id: UUID | None = None, tool_name: Text | None = None) -> ToolExecutionStats:
    """How the calls of a task, of a tool, of both or of all went; durations in milliseconds."""
    rows = await _stats_by_status(db, task_id, tool_name)
    by_status: dict[ToolExecutionStatus, int] = dict.fromkeys(get_args(ToolExecutionStatus), 0)
    by_status.update({row.status: row.executions for row in rows})
    measured = sum(row.measured for row in rows)
    return ToolExecutionStats(
        total=sum(by_status.values()),
        by_status=by_status,
        success_rate=percentage(
            by_status["completed"], by_status["completed"] + by_status["failed"] + by_status["timeout"]
        ),
        avg_duration_ms=round(sum(row.total_ms for row in rows) / measured, 2) if measured else 0.0,
        max_duration_ms=max((row.longest_ms for row in rows), default=0),
    )


@query
async def _stats_by_status(
    db: Executor, task_id: UUID | None = None, tool_name: Text | None = None
) -> list[_StatusStats]: ...


@transition
async def start(db: Executor, id: UUID) -> ToolExecution:
    """Move a pending call to running. Raises NotFound and InvalidTransition."""
    ...


@transition
async def complete(
    db: Executor, id: UUID, output: Json | None = None, duration_ms: BigCount | None = None
) -> ToolExecution:
    """Move a pending or running call to completed; a duration that is not given counts from its start.

    Raises NotFound and InvalidTransition.
    """
    ...


@transition
async def fail(db: Executor, id: UUID, error: Text, duration_ms: BigCount | None = None) -> ToolExecution:
    """Move a pending or running call to failed; a duration that is not given counts from its start.

    Raises NotFound and InvalidTransition.
    """
    ...


@transition
async def timeout(db: Executor, id: UUID, duration_ms: BigCount | None = None) -> ToolExecution:
    """Move a pending or running call to timeout; a duration that is not given counts from its start.

    Raises NotFound and InvalidTransition.
    """
    ...


async def set_status(db: Executor, id: UUID, status: ToolExecutionStatus, error: Text | None = None) -> ToolExecution:
    """Make whichever transition leads to the status; the error is that of a failed call.

    Raises NotFound and InvalidTransition.
    """
    return await move(
        db,
        id,
        status,
        {
            "running": (start,),
            "completed": (complete,),
            "failed": (partial(_fail, error=error),),
            "timeout": (timeout,),
        },
    )


@transition
async def _fail(
    db: Executor, id: UUID, error: Text | None = None, duration_ms: BigCount | None = None
) -> ToolExecution: ...


@query
async def delete(db: Executor, id: UUID, missing_ok: bool = True) -> bool:
    """Remove the tool execution; whether there was one.

    Raises NotFound when it is absent and missing_ok is False.
    """
    ...


@query
async def delete_by_task(db: Executor, task_id: UUID) -> Affected:
    """Remove the tool executions of a task; how many."""
    ...


@query
async def delete_before(db: Executor, until: UtcDatetime) -> Affected:
    """Remove the tool executions created before a time; how many."""
    ...
