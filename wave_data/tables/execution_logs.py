"""execution_logs: the history of a run's nodes, append-only; on PostgreSQL in partitions of a month."""

from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from annotated_types import Ge, Le

from wave_data.engine import Affected, Executor, Page, Record, query, transactional
from wave_data.engine.types import (
    Count,
    JsonObject,
    Milliseconds,
    NewId,
    NowByDefault,
    PositiveCount,
    RoundedFloat,
    Snapshot,
    Text,
    UtcDatetime,
)

ExecutionLogStatus = Literal["started", "completed", "failed"]
MonthsAhead = Annotated[int, Ge(0), Le(120)]


class ExecutionLog(Record):
    """What a node of a run did, and the state that it left."""

    shown: ClassVar[tuple[str, ...]] = ("id", "run_id", "node_name", "status")

    id: UUID
    run_id: UUID
    node_name: str
    status: ExecutionLogStatus
    iteration: int
    execution_time_ms: float | None
    error_message: str | None
    timestamp: UtcDatetime
    state_snapshot: JsonObject | None


@dataclass(frozen=True, slots=True)
class NewExecutionLog:
    """A log to be written; `run_id` is the UUID of its run, and without a timestamp it is of now."""

    run_id: UUID
    node_name: Text
    status: ExecutionLogStatus
    iteration: Count = 0
    execution_time_ms: Milliseconds | None = None
    error_message: Text | None = None
    state_snapshot: Snapshot | None = None
    timestamp: NowByDefault = None
    id: NewId = None


class NodeStats(Record):
    """How often a node was executed, how often it failed, and how long it took, in milliseconds."""

    node_name: str
    executions: int
    failures: int
    avg_execution_time_ms: RoundedFloat
    max_execution_time_ms: float


class LogPartition(Record):
    """A partition of logs: those from `since` on and before `until`."""

    name: str
    since: UtcDatetime
    until: UtcDatetime


@query
async def create(
    db: Executor,
    run_id: UUID,
    node_name: Text,
    status: ExecutionLogStatus,
    iteration: Count = 0,
    execution_time_ms: Milliseconds | None = None,
    error_message: Text | None = None,
    state_snapshot: Snapshot | None = None,
    timestamp: NowByDefault = None,
    id: NewId = None,
) -> ExecutionLog:
    """Insert a log; `run_id` is the UUID of its run.

    Raises MissingReference without the run, Conflict when the id is taken, and PayloadTooLarge for a snapshot over the
    limit, which the option `snapshot_policy="truncate"` of `connect` replaces by its size and hash.
    """
    ...


async def create_many(db: Executor, entries: Iterable[NewExecutionLog | Mapping[str, Any]]) -> int:
    """Insert many logs in one round trip, all or none of them; how many. A mapping has the parameters of `create`.

    Raises TypeError for an unknown or missing name, and what `create` raises.
    """
    rows = [entry if isinstance(entry, NewExecutionLog) else NewExecutionLog(**entry) for entry in entries]
    await _create_many(db, rows)
    return len(rows)


@query
async def _create_many(db: Executor, entries: list[NewExecutionLog]) -> None: ...


@query
async def get(db: Executor, id: UUID) -> ExecutionLog:
    """The log. Raises NotFound."""
    ...


@query
async def find(db: Executor, id: UUID) -> ExecutionLog | None:
    """The log, or None."""
    ...


@query
async def list_by_run(
    db: Executor,
    run_id: UUID,
    status: ExecutionLogStatus | None = None,
    limit: int = 100,
    cursor: str | None = None,
) -> Page[ExecutionLog]:
    """The logs of a run, in the order of execution."""
    ...


@query
def stream_by_run(db: Executor, run_id: UUID, batch: int = 500) -> AsyncIterator[ExecutionLog]:
    """All logs of a run, in the order of execution, `batch` at a time in memory."""
    ...


@query
async def list_by_run_and_node(
    db: Executor, run_id: UUID, node_name: Text, limit: int = 100, cursor: str | None = None
) -> Page[ExecutionLog]:
    """The logs of a node of a run, by iteration and then in the order of execution."""
    ...


@query
async def find_many(
    db: Executor,
    node_name: Text | None = None,
    status: ExecutionLogStatus | None = None,
    since: UtcDatetime | None = None,
    until: UtcDatetime | None = None,
    limit: int = 100,
    cursor: str | None = None,
) -> Page[ExecutionLog]:
    """Logs of all runs, newest first."""
    ...


@query
def iterate(
    db: Executor,
    node_name: Text | None = None,
    status: ExecutionLogStatus | None = None,
    since: UtcDatetime | None = None,
    until: UtcDatetime | None = None,
) -> AsyncIterator[ExecutionLog]:
    """All matching logs, newest first."""
    ...


@query
async def count(
    db: Executor,
    node_name: Text | None = None,
    status: ExecutionLogStatus | None = None,
    since: UtcDatetime | None = None,
    until: UtcDatetime | None = None,
) -> int:
    """The number of matching logs."""
    ...


@query
async def count_by_run(db: Executor, run_id: UUID) -> int:
    """The number of logs of a run."""
    ...


@query
async def node_stats(db: Executor, run_id: UUID | None = None, since: UtcDatetime | None = None) -> list[NodeStats]:
    """Numbers about each node, by name; an execution is one that completed or failed."""
    ...


@query
async def delete(db: Executor, id: UUID, missing_ok: bool = True) -> bool:
    """Remove a log; whether there was one. Raises NotFound when it is absent and missing_ok is False."""
    ...


@query
async def delete_by_run(db: Executor, run_id: UUID) -> Affected:
    """Remove the logs of a run; how many."""
    ...


async def delete_before(db: Executor, until: UtcDatetime, batch: PositiveCount = 10000) -> int:
    """Remove the logs from before a time, `batch` of them in one transaction after the other; how many."""
    deleted = 0
    while removed := await _delete_batch(db, until, batch):
        deleted += removed
    return deleted


@query
async def _delete_batch(db: Executor, until: UtcDatetime, batch: PositiveCount) -> Affected: ...


@transactional
async def ensure_partitions(db: Executor, months_ahead: MonthsAhead = 3) -> list[LogPartition]:
    """Make the partitions of this month and the months ahead; those that were missing, none on SQLite.

    Logs of these months that sit in the default partition are moved.
    """
    return await _ensure_partitions(db, months_ahead)


@query
async def _ensure_partitions(db: Executor, months_ahead: MonthsAhead) -> list[LogPartition]: ...


@query
async def list_partitions(db: Executor) -> list[LogPartition]:
    """The partitions of single months, oldest first; none on SQLite. The default partition is not among them."""
    ...


async def drop_partitions_before(db: Executor, until: UtcDatetime) -> list[LogPartition]:
    """Remove the logs from before a time: whole months with their partitions, which are given, the others by deletion.

    On SQLite it is `delete_before`, and gives none.
    """
    dropped = await _drop_in_transaction(db, until)
    await delete_before(db, until)
    return dropped


@transactional
async def _drop_in_transaction(db: Executor, until: UtcDatetime) -> list[LogPartition]:
    return await _drop_partitions_before(db, until)


@query
async def _drop_partitions_before(db: Executor, until: UtcDatetime) -> list[LogPartition]: ...
