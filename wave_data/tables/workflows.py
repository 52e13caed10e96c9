"""workflows: named definitions."""

from collections.abc import AsyncIterator
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from wave_data.engine import Executor, Page, Record, move, partial_update, query, transition
from wave_data.engine.types import UNSET, Default, JsonObject, NewId, Text, Unset, UtcDatetime
from wave_data.tables.tasks import Task

WorkflowStatus = Literal["draft", "active", "archived", "paused"]


class Workflow(Record):
    """A named definition."""

    shown: ClassVar[tuple[str, ...]] = ("id", "name", "status")

    id: UUID
    name: str
    description: str | None
    definition: JsonObject
    config: JsonObject
    metadata: JsonObject
    status: WorkflowStatus
    created_at: UtcDatetime
    updated_at: UtcDatetime

    @property
    def is_active(self) -> bool:
        """Active."""
        return self.status == "active"

    @property
    def is_paused(self) -> bool:
        """Paused."""
        return self.status == "paused"

    @property
    def is_archived(self) -> bool:
        """Archived; it can be restored."""
        return self.status == "archived"


class PlacedTask(Task):
    """A task in a workflow, with its place there."""

    sequence: int
    placement_config: JsonObject
    placed_at: UtcDatetime


class WorkflowWithTasks(Workflow):
    """A workflow and its tasks in their order."""

    tasks: list[PlacedTask]


class WorkflowWithTaskCount(Workflow):
    """A workflow and how many tasks it has."""

    task_count: int


class _WorkflowAndTask(Workflow):
    """A workflow and one of its tasks."""

    task: PlacedTask


@query
async def create(
    db: Executor,
    name: Text,
    definition: JsonObject,
    description: Text | None = None,
    config: Annotated[JsonObject | None, Default({})] = None,
    metadata: Annotated[JsonObject | None, Default({})] = None,
    id: NewId = None,
) -> Workflow:
    """Insert a draft. Raises Conflict when the name or the id is taken."""
    ...


@query
async def get(db: Executor, id: UUID) -> Workflow:
    """The workflow. Raises NotFound."""
    ...


@query
async def find(db: Executor, id: UUID) -> Workflow | None:
    """The workflow, or None."""
    ...


@query
async def find_by_name(db: Executor, name: Text) -> Workflow | None:
    """The workflow of exactly this name."""
    ...


async def get_with_tasks(db: Executor, id: UUID) -> WorkflowWithTasks:
    """The workflow with all its tasks, in their order. Raises NotFound."""
    rows = await _list_with_tasks(db, id)
    found = rows[0] if rows else await get(db, id)
    workflow = {name: getattr(found, name) for name in Workflow.model_fields}
    return WorkflowWithTasks(**workflow, tasks=[row.task for row in rows])


@query
async def _list_with_tasks(db: Executor, id: UUID) -> list[_WorkflowAndTask]: ...


@query
async def find_many(
    db: Executor, status: WorkflowStatus | None = None, limit: int = 100, cursor: str | None = None
) -> Page[Workflow]:
    """Workflows, newest first."""
    ...


@query
def iterate(db: Executor, status: WorkflowStatus | None = None) -> AsyncIterator[Workflow]:
    """All matching workflows, newest first."""
    ...


@query
async def list_by_status(
    db: Executor, status: WorkflowStatus, limit: int = 100, cursor: str | None = None
) -> Page[Workflow]:
    """The workflows in a status, newest first."""
    ...


@query
async def list_with_task_counts(
    db: Executor, status: WorkflowStatus | None = None, limit: int = 100, cursor: str | None = None
) -> Page[WorkflowWithTaskCount]:
    """Workflows, newest first, each with its number of tasks."""
    ...


@query
async def count(db: Executor, status: WorkflowStatus | None = None) -> int:
    """The number of matching workflows."""
    ...


@query
async def count_by_status(db: Executor, status: WorkflowStatus) -> int:
    """The number of workflows in a status."""
    ...


@query
async def counts_by_status(db: Executor) -> dict[WorkflowStatus, int]:
    """The number of workflows in each status, zeros included."""
    ...


@partial_update
async def update(
    db: Executor,
    id: UUID,
    *,
    name: Text | Unset = UNSET,
    description: Text | Unset | None = UNSET,
    definition: JsonObject | Unset = UNSET,
    config: JsonObject | Unset = UNSET,
    metadata: JsonObject | Unset = UNSET,
) -> Workflow:
    """Change the fields given; None clears the description.

    Raises NotFound, and Conflict when the name is taken.
    """
    ...


@transition
async def activate(db: Executor, id: UUID) -> Workflow:
    """Move a draft or paused workflow to active. Raises NotFound and InvalidTransition."""
    ...


@transition
async def pause(db: Executor, id: UUID) -> Workflow:
    """Move an active workflow to paused. Raises NotFound and InvalidTransition."""
    ...


@transition
async def archive(db: Executor, id: UUID) -> Workflow:
    """Move a workflow to archived. Raises NotFound and InvalidTransition."""
    ...


@transition
async def restore(db: Executor, id: UUID) -> Workflow:
    """Move an archived workflow back to draft. Raises NotFound and InvalidTransition."""
    ...


async def set_status(db: Executor, id: UUID, status: WorkflowStatus) -> Workflow:
    """Make whichever transition leads to the status. Raises NotFound and InvalidTransition."""
    return await move(
        db,
        id,
        status,
        {"draft": (restore,), "active": (activate,), "paused": (pause,), "archived": (archive,)},
    )


@query
async def delete(db: Executor, id: UUID, missing_ok: bool = True) -> bool:
    """Remove the workflow with the places of its tasks, which stay; whether there was one.

    Raises NotFound when it is absent and missing_ok is False.
    """
    ...
