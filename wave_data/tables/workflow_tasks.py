"""workflow_tasks: tasks placed in workflows."""

from collections.abc import Sequence
from typing import Annotated, ClassVar, NamedTuple
from uuid import UUID

from wave_data.engine import Affected, Executor, Page, Record, query, transactional
from wave_data.engine.errors import InvalidValue
from wave_data.engine.types import UNSET, Count, Default, JsonObject, Unset, UtcDatetime
from wave_data.tables.workflows import PlacedTask, Workflow


class WorkflowTask(Record):
    """A task's place in a workflow, with settings for this place."""

    shown: ClassVar[tuple[str, ...]] = ("workflow_id", "task_id", "sequence")

    workflow_id: UUID
    task_id: UUID
    sequence: int
    config: JsonObject
    created_at: UtcDatetime


class WorkflowOfTask(Workflow):
    """A workflow that a task is in, with the task's place there."""

    sequence: int
    placement_config: JsonObject
    placed_at: UtcDatetime


class _Place(NamedTuple):
    task_id: UUID
    sequence: Count


async def create(
    db: Executor,
    workflow_id: UUID,
    task_id: UUID,
    sequence: Count | None = None,
    config: JsonObject | None = None,
) -> WorkflowTask:
    """Place a task in a workflow, behind the last one when no sequence is given.

    Raises Conflict when the workflow has the task already, MissingReference without the workflow or the task.
    """
    if sequence is None:
        return await _create_last(db, workflow_id, task_id, config)
    return await _create(db, workflow_id, task_id, sequence, config)


@transactional
async def _create_last(db: Executor, workflow_id: UUID, task_id: UUID, config: JsonObject | None) -> WorkflowTask:
    # The lock comes first, so that the last place is read after every append that it waited for.
    await _lock(db, workflow_id)
    return await _append(db, workflow_id, task_id, config)


@query
async def _lock(db: Executor, workflow_id: UUID) -> UUID | None: ...


@query
async def _create(
    db: Executor,
    workflow_id: UUID,
    task_id: UUID,
    sequence: Count,
    config: Annotated[JsonObject | None, Default({})],
) -> WorkflowTask: ...


@query
async def _append(
    db: Executor, workflow_id: UUID, task_id: UUID, config: Annotated[JsonObject | None, Default({})]
) -> WorkflowTask: ...


@query
async def get(db: Executor, workflow_id: UUID, task_id: UUID) -> WorkflowTask:
    """The task's place in the workflow. Raises NotFound."""
    ...


@query
async def find(db: Executor, workflow_id: UUID, task_id: UUID) -> WorkflowTask | None:
    """The task's place in the workflow, or None."""
    ...


@query
async def list_by_workflow(
    db: Executor, workflow_id: UUID, limit: int = 100, cursor: str | None = None
) -> Page[WorkflowTask]:
    """The places of a workflow in their order: by sequence, of equal ones the oldest first."""
    ...


@query
async def list_by_task(db: Executor, task_id: UUID, limit: int = 100, cursor: str | None = None) -> Page[WorkflowTask]:
    """The places of a task, newest first."""
    ...


@query
async def list_tasks(db: Executor, workflow_id: UUID, limit: int = 100, cursor: str | None = None) -> Page[PlacedTask]:
    """The tasks of a workflow in their order: by sequence, of equal ones the first placed first."""
    ...


@query
async def list_workflows(
    db: Executor, task_id: UUID, limit: int = 100, cursor: str | None = None
) -> Page[WorkflowOfTask]:
    """The workflows that a task is in, the last that it was placed in first."""
    ...


@query
async def count_by_workflow(db: Executor, workflow_id: UUID) -> int:
    """The number of tasks in a workflow."""
    ...


@query
async def count_by_task(db: Executor, task_id: UUID) -> int:
    """The number of workflows that a task is in."""
    ...


@query
async def set_sequence(db: Executor, workflow_id: UUID, task_id: UUID, sequence: Count) -> WorkflowTask:
    """Move a task to another place. Raises NotFound."""
    ...


async def update(db: Executor, workflow_id: UUID, task_id: UUID, *, config: JsonObject | Unset = UNSET) -> WorkflowTask:
    """Change the settings of a place. Raises NotFound."""
    if isinstance(config, Unset):
        return await get(db, workflow_id, task_id)
    return await _set_config(db, workflow_id, task_id, config)


@query
async def _set_config(db: Executor, workflow_id: UUID, task_id: UUID, config: JsonObject) -> WorkflowTask: ...


@transactional
async def reorder(db: Executor, workflow_id: UUID, task_ids: Sequence[UUID]) -> int:
    """Give the tasks of a workflow the sequences 0, 1, … in this order; how many there are.

    Raises InvalidValue unless each of them is named exactly once, and no other.
    """
    await _lock(db, workflow_id)
    placed = await _list_task_ids(db, workflow_id)
    if len(task_ids) != len(placed) or set(task_ids) != set(placed):
        raise InvalidValue(
            f"task_ids: the {len(task_ids)} given are not the {len(placed)} tasks of workflow {workflow_id}, each once"
        )
    await _set_sequences(db, workflow_id, [_Place(task_id, number) for number, task_id in enumerate(task_ids)])
    return len(task_ids)


@query
async def _list_task_ids(db: Executor, workflow_id: UUID) -> list[UUID]: ...


@query
async def _set_sequences(db: Executor, workflow_id: UUID, places: Sequence[_Place]) -> None: ...


@query
async def delete(db: Executor, workflow_id: UUID, task_id: UUID, missing_ok: bool = True) -> bool:
    """Take a task out of a workflow; whether it was in it.

    Raises NotFound when it was not and missing_ok is False.
    """
    ...


@query
async def delete_by_workflow(db: Executor, workflow_id: UUID) -> Affected:
    """Take all tasks out of a workflow; how many."""
    ...


@query
async def delete_by_task(db: Executor, task_id: UUID) -> Affected:
    """Take a task out of all workflows; of how many."""
    ...
