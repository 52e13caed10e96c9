"""tasks: units of work, and the queue from which workers claim them."""

from collections.abc import AsyncIterator
from functools import partial
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from wave_data.engine import Executor, Page, Record, move, partial_update, query, transition
from wave_data.engine.types import (
    LEASE,
    UNSET,
    BigCount,
    ClaimLimit,
    Default,
    JsonObject,
    Lease,
    NewId,
    PositiveCount,
    Text,
    Unset,
    UtcDatetime,
)

TaskStatus = Literal["pending", "running", "completed", "failed", "cancelled"]


class Task(Record):
    """A unit of work. A claimed one is the claim: it carries the fence that shows who has it now."""

    shown: ClassVar[tuple[str, ...]] = ("id", "title", "status")

    id: UUID
    title: str
    description: str | None
    task_type: str
    status: TaskStatus
    config: JsonObject
    metadata: JsonObject
    workspace_path: str | None
    started_at: UtcDatetime | None
    completed_at: UtcDatetime | None
    error: str | None
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
        """Completed; a failed or cancelled task can be retried."""
        return self.status == "completed"

    @property
    def is_successful(self) -> bool:
        """Completed."""
        return self.status == "completed"


@query
async def create(
    db: Executor,
    title: Text,
    task_type: Text,
    description: Text | None = None,
    config: Annotated[JsonObject | None, Default({})] = None,
    metadata: Annotated[JsonObject | None, Default({})] = None,
    workspace_path: Text | None = None,
    max_attempts: PositiveCount = 3,
    id: NewId = None,
) -> Task:
    """Insert a pending task, which workers may claim `max_attempts` times. Raises Conflict when the id is taken."""
    ...


@query
async def get(db: Executor, id: UUID) -> Task:
    """The task. Raises NotFound."""
    ...


@query
async def find(db: Executor, id: UUID) -> Task | None:
    """The task, or None."""
    ...


@query
async def find_many(
    db: Executor,
    status: TaskStatus | None = None,
    task_type: Text | None = None,
    workspace_path: Text | None = None,
    since: UtcDatetime | None = None,
    until: UtcDatetime | None = None,
    search: Text | None = None,
    limit: int = 100,
    cursor: str | None = None,
) -> Page[Task]:
    """Tasks, newest first: created from `since` to before `until`, and with `search` in title or description.

    The search ignores the case of ASCII letters only; no character in it is special.
    """
    ...


@query
def iterate(
    db: Executor,
    status: TaskStatus | None = None,
    task_type: Text | None = None,
    workspace_path: Text | None = None,
    since: UtcDatetime | None = None,
    until: UtcDatetime | None = None,
    search: Text | None = None,
) -> AsyncIterator[Task]:
    """All matching tasks, newest first."""
    ...


@query
async def list_by_status(db: Executor, status: TaskStatus, limit: int = 100, cursor: str | None = None) -> Page[Task]:
    """The tasks in a status, newest first."""
    ...


@query
async def list_by_type(db: Executor, task_type: Text, limit: int = 100, cursor: str | None = None) -> Page[Task]:
    """The tasks of a type, newest first."""
    ...


@query
async def list_by_workspace(
    db: Executor, workspace_path: Text, limit: int = 100, cursor: str | None = None
) -> Page[Task]:
    """The tasks of a workspace, newest first."""
    ...


@query
async def list_by_created(
    db: Executor, since: UtcDatetime, until: UtcDatetime, limit: int = 100, cursor: str | None = None
) -> Page[Task]:
    """The tasks created from `since` to before `until`, newest first."""
    ...


@query
async def count(
    db: Executor,
    status: TaskStatus | None = None,
    task_type: Text | None = None,
    workspace_path: Text | None = None,
    since: UtcDatetime | None = None,
    until: UtcDatetime | None = None,
    search: Text | None = None,
) -> int:
    """The number of matching tasks."""
    ...


@query
async def count_by_status(db: Executor, status: TaskStatus) -> int:
    """The number of tasks in a status."""
    ...


@query
async def counts_by_status(db: Executor) -> dict[TaskStatus, int]:
    """The number of tasks in each status, zeros included."""
    ...


@partial_update
async def update(
    db: Executor,
    id: UUID,
    *,
    title: Text | Unset = UNSET,
    description: Text | Unset | None = UNSET,
    task_type: Text | Unset = UNSET,
    config: JsonObject | Unset = UNSET,
    metadata: JsonObject | Unset = UNSET,
    workspace_path: Text | Unset | None = UNSET,
    max_attempts: PositiveCount | Unset = UNSET,
) -> Task:
    """Change the fields given; None clears a nullable one. Raises NotFound."""
    ...


@transition
async def start(db: Executor, id: UUID) -> Task:
    """Move a pending task to running, without a lease. Raises NotFound and InvalidTransition."""
    ...


@transition
async def complete(db: Executor, id: UUID, fence: BigCount | None = None) -> Task:
    """Move a running task to completed; one that a worker has claimed takes the claim's fence.

    Raises NotFound and InvalidTransition, and StaleClaim when the claim does not hold, or none is given for a task
    under a lease.
    """
    ...


@transition
async def fail(db: Executor, id: UUID, error: Text, fence: BigCount | None = None) -> Task:
    """Move a pending or running task to failed; one that a worker has claimed takes the claim's fence.

    Raises NotFound and InvalidTransition, and StaleClaim when the claim does not hold, or none is given for a task
    under a lease.
    """
    ...


@transition
async def cancel(db: Executor, id: UUID) -> Task:
    """Move a pending or running task to cancelled, whoever has claimed it. Raises NotFound and InvalidTransition."""
    ...


@transition
async def retry(db: Executor, id: UUID) -> Task:
    """Move a failed or cancelled task back to pending, with all its attempts. Raises NotFound and InvalidTransition."""
    ...


async def set_status(db: Executor, id: UUID, status: TaskStatus, error: Text | None = None) -> Task:
    """Make whichever transition leads to the status; the error is that of a failed task.

    Raises NotFound and InvalidTransition, and StaleClaim for a task under a lease, which can only be cancelled.
    """
    return await move(
        db,
        id,
        status,
        {
            "pending": (retry,),
            "running": (start,),
            "completed": (complete,),
            "failed": (partial(_fail, error=error),),
            "cancelled": (cancel,),
        },
    )


@transition
async def _fail(db: Executor, id: UUID, error: Text | None = None, fence: BigCount | None = None) -> Task: ...


async def claim(db: Executor, worker: Text, limit: ClaimLimit = 1, lease: Lease = LEASE) -> list[Task]:
    """Hand the worker up to `limit` tasks for the time of the lease, in no order; none when nobody may claim any.

    Tasks whose lease ran out come first, then pending ones, the oldest first. No other worker gets them until the
    lease ends, which `heartbeat` puts off. A task whose lease ran out in its last attempt becomes failed.
    """
    while taken := await _claim(db, worker, limit, lease):
        if claims := [task for task in taken if task.status == "running"]:
            return claims
    return []


@query
async def _claim(db: Executor, worker: Text, limit: ClaimLimit, lease: Lease) -> list[Task]: ...


@query
async def heartbeat(db: Executor, claim: Task, lease: Lease = LEASE) -> Task:
    """Let the lease of a claim end that long from now. Raises NotFound, and StaleClaim when the claim does not hold."""
    ...


@query
async def release(db: Executor, claim: Task) -> Task:
    """Give a claimed task back to the queue; the attempt does not count.

    Raises NotFound, and StaleClaim when the claim does not hold.
    """
    ...


@query
async def delete(db: Executor, id: UUID, missing_ok: bool = True) -> bool:
    """Remove the task with its places in workflows and its tool executions; whether there was one.

    Raises NotFound when it is absent and missing_ok is False.
    """
    ...
