"""runs: executions of a graph, addressed by their handle `run_id`, and the queue from which workers claim them."""

from collections.abc import AsyncIterator
from decimal import Decimal
from functools import partial
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import computed_field

from wave_data.engine import Affected, Executor, Page, Record, move, percentage, query, transition
from wave_data.engine.errors import Conflict, InvalidTransition
from wave_data.engine.identifiers import uuid7
from wave_data.engine.types import (
    LEASE,
    Age,
    BigCount,
    ClaimLimit,
    Count,
    Default,
    JsonObject,
    Lease,
    Milliseconds,
    NewId,
    PositiveCount,
    RoundedFloat,
    Text,
    UtcDatetime,
)
from wave_data.tables import execution_logs
from wave_data.tables.execution_logs import ExecutionLog
from wave_data.tables.graphs import Graph

RunStatus = Literal["pending", "running", "completed", "failed", "cancelled"]


def new_run_id() -> str:
    """A new handle: `run_` and a UUIDv7 in hexadecimal digits."""
    return f"run_{uuid7().hex}"


class Run(Record):
    """An execution of a graph. A claimed one is the claim: it carries the fence that shows who has it now."""

    shown: ClassVar[tuple[str, ...]] = ("id", "run_id", "status")

    id: UUID
    run_id: str
    graph_id: UUID
    status: RunStatus
    initial_state: JsonObject
    current_state: JsonObject | None
    final_state: JsonObject | None
    started_at: UtcDatetime | None
    completed_at: UtcDatetime | None
    total_execution_time_ms: float | None
    total_iterations: int | None
    error_message: str | None
    deleted_at: UtcDatetime | None
    claimed_by: str | None
    lease_expires_at: UtcDatetime | None
    attempts: int
    max_attempts: int
    fence: int
    created_at: UtcDatetime
    updated_at: UtcDatetime

    @property
    def is_active(self) -> bool:
        """Pending or running."""
        return self.status in ("pending", "running")

    @property
    def is_terminal(self) -> bool:
        """Completed or cancelled; a failed run can be resumed."""
        return self.status in ("completed", "cancelled")

    @property
    def is_successful(self) -> bool:
        """Completed."""
        return self.status == "completed"

    @property
    def is_deleted(self) -> bool:
        """Deleted, though not purged yet."""
        return self.deleted_at is not None


class RunWithGraph(Run):
    """A run and its graph."""

    graph: Graph


class RunWithLogs(Run):
    """A run and a page of its logs, in the order of execution."""

    logs: Page[ExecutionLog]


class RunStats(Record):
    """How many runs there are in each status, and how long the completed ones took on average, in milliseconds."""

    total: int
    pending: int
    running: int
    completed: int
    failed: int
    cancelled: int
    avg_execution_time_ms: RoundedFloat

    @computed_field  # type: ignore[prop-decorator]
    @property
    def success_rate(self) -> Decimal:
        """The completed runs in percent of those that ended, to two digits; 0 when none did."""
        return percentage(self.completed, self.completed + self.failed + self.cancelled)


async def create(
    db: Executor,
    graph_id: UUID,
    initial_state: JsonObject,
    run_id: Text | None = None,
    max_attempts: PositiveCount = 3,
    id: UUID | None = None,
) -> Run:
    """Insert a pending run, which workers may claim `max_attempts` times; without a handle it gets a new one.

    Raises MissingReference without the graph, and Conflict for a deleted graph and a taken handle or id.
    """
    created = await _insert(db, graph_id, initial_state, run_id, max_attempts, id)
    if created is None:
        raise Conflict(f"graph {graph_id} is deleted; restore it before it runs", entity="graph", key=graph_id)
    return created


@query
async def _insert(
    db: Executor,
    graph_id: UUID,
    initial_state: JsonObject,
    run_id: Annotated[Text | None, Default(factory=new_run_id)],
    max_attempts: PositiveCount,
    id: NewId,
) -> Run | None: ...


@query
async def get(db: Executor, id: UUID) -> Run:
    """The run, deleted or not. Raises NotFound."""
    ...


@query
async def find(db: Executor, id: UUID) -> Run | None:
    """The run, deleted or not, or None."""
    ...


@query
async def find_by_run_id(db: Executor, run_id: Text) -> Run | None:
    """The run of a handle, deleted or not, or None."""
    ...


@query
async def _get_by_run_id(db: Executor, run_id: Text) -> Run: ...


@query
async def get_with_graph(db: Executor, run_id: Text) -> RunWithGraph:
    """The run with its graph. Raises NotFound."""
    ...


async def get_with_logs(db: Executor, run_id: Text, limit: int = 100, cursor: str | None = None) -> RunWithLogs:
    """The run with a page of its logs, in the order of execution. Raises NotFound."""
    run = await _get_by_run_id(db, run_id)
    logs = await execution_logs.list_by_run(db, run.id, limit=limit, cursor=cursor)
    return RunWithLogs(**dict(run), logs=logs)


@query
async def find_many(
    db: Executor,
    graph_id: UUID | None = None,
    status: RunStatus | None = None,
    include_deleted: bool = False,
    limit: int = 100,
    cursor: str | None = None,
) -> Page[Run]:
    """Runs, newest first."""
    ...


@query
def iterate(
    db: Executor, graph_id: UUID | None = None, status: RunStatus | None = None, include_deleted: bool = False
) -> AsyncIterator[Run]:
    """All matching runs, newest first."""
    ...


@query
async def count(
    db: Executor, graph_id: UUID | None = None, status: RunStatus | None = None, include_deleted: bool = False
) -> int:
    """The number of matching runs."""
    ...


@query
async def counts_by_status(
    db: Executor, graph_id: UUID | None = None, include_deleted: bool = False
) -> dict[RunStatus, int]:
    """The number of runs in each status, zeros included."""
    ...


@transition
async def start(db: Executor, run_id: Text) -> Run:
    """Move a pending run to running, without a lease.

    Raises NotFound, InvalidTransition, and Conflict for a deleted run.
    """
    ...


@transition
async def complete(
    db: Executor,
    run_id: Text,
    final_state: JsonObject | None = None,
    total_iterations: Count | None = None,
    total_execution_time_ms: Milliseconds | None = None,
    fence: BigCount | None = None,
) -> Run:
    """Move a running run to completed with its results; without a duration, that since its start, in milliseconds.

    Raises NotFound, InvalidTransition, Conflict for a deleted run, and StaleClaim when the claim of the fence does not
    hold, or none is given for a run under a lease.
    """
    ...


@transition
async def fail(db: Executor, run_id: Text, error_message: Text, fence: BigCount | None = None) -> Run:
    """Move a pending or running run to failed. Raises what `complete` raises."""
    ...


@transition
async def cancel(db: Executor, run_id: Text, reason: Text | None = None) -> Run:
    """Move a pending or running run to cancelled, whoever has claimed it; the reason becomes its error message.

    Raises NotFound, InvalidTransition, and Conflict for a deleted run.
    """
    ...


@transition
async def resume(db: Executor, run_id: Text) -> Run:
    """Move a failed run back to running, without a lease and with all its attempts; its error message goes.

    Raises NotFound, InvalidTransition, and Conflict for a deleted run.
    """
    ...


async def set_status(db: Executor, run_id: Text, status: RunStatus, error_message: Text | None = None) -> Run:
    """Make whichever transition leads to the status; the message is that of a failed or cancelled run.

    Raises NotFound, InvalidTransition, Conflict for a deleted run, and StaleClaim for a run under a lease, which can
    only be cancelled.
    """
    return await move(
        db,
        run_id,
        status,
        {
            "running": (start, resume),
            "completed": (complete,),
            "failed": (partial(_fail, error_message=error_message),),
            "cancelled": (partial(cancel, reason=error_message),),
        },
    )


@transition
async def _fail(
    db: Executor, run_id: Text, error_message: Text | None = None, fence: BigCount | None = None
) -> Run: ...


@transition
async def save_state(db: Executor, run_id: Text, current_state: JsonObject, fence: BigCount | None = None) -> Run:
    """Store the state of a running run. Raises what `complete` raises."""
    ...


@query
async def save_final_state(
    db: Executor,
    run_id: Text,
    final_state: JsonObject,
    total_iterations: Count | None,
    total_execution_time_ms: Milliseconds | None,
) -> Run:
    """Store the results of a run in any status, which stays. Raises NotFound."""
    ...


@query
async def stats(db: Executor, graph_id: UUID | None = None, since: UtcDatetime | None = None) -> RunStats:
    """Numbers about the runs created from a time on; deleted ones do not count."""
    ...


async def claim(db: Executor, worker: Text, limit: ClaimLimit = 1, lease: Lease = LEASE) -> list[Run]:
    """Hand the worker up to `limit` runs for the time of the lease, in no order; none when nobody may claim any.

    Runs whose lease ran out come first, then pending ones, the oldest first. No other worker gets them until the lease
    ends, which `heartbeat` puts off. A run whose lease ran out in its last attempt becomes failed.
    """
    while taken := await _claim(db, worker, limit, lease):
        if claims := [run for run in taken if run.status == "running"]:
            return claims
    return []


@query
async def _claim(db: Executor, worker: Text, limit: ClaimLimit, lease: Lease) -> list[Run]: ...


@query
async def heartbeat(db: Executor, claim: Run, lease: Lease = LEASE) -> Run:
    """Let the lease of a claim end that long from now.

    Raises NotFound, StaleClaim when the claim does not hold, and Conflict for a deleted run.
    """
    ...


@query
async def release(db: Executor, claim: Run) -> Run:
    """Give a claimed run back to the queue; the attempt does not count.

    Raises NotFound, StaleClaim when the claim does not hold, and Conflict for a deleted run.
    """
    ...


async def delete(db: Executor, run_id: Text, missing_ok: bool = True) -> bool:
    """Hide the run from lists until it is restored or purged; whether it was there.

    Raises NotFound when it is absent and missing_ok is False.
    """
    if await _mark_deleted(db, run_id):
        return True
    if not missing_ok:
        await _get_by_run_id(db, run_id)
    return False


@query
async def _mark_deleted(db: Executor, run_id: Text) -> bool: ...


async def restore(db: Executor, run_id: Text) -> Run:
    """Take back a deletion. Raises NotFound, and InvalidTransition for a run that is not deleted."""
    restored = await _restore(db, run_id)
    if restored is None:
        await _get_by_run_id(db, run_id)
        raise InvalidTransition("run", run_id, current="not deleted", requested="not deleted", allowed=("deleted",))
    return restored


@query
async def _restore(db: Executor, run_id: Text) -> Run | None: ...


@query
async def hard_delete(db: Executor, run_id: Text, missing_ok: bool = True) -> bool:
    """Remove the run with its logs; whether there was one.

    Raises NotFound when it is absent and missing_ok is False.
    """
    ...


@query
async def purge_deleted(db: Executor, older_than: Age) -> Affected:
    """Remove the runs that were deleted longer ago than that, with their logs; how many runs."""
    ...
