from datetime import timedelta
from functools import partial
from itertools import product
from uuid import uuid4

import pytest

from wave_data import Conflict, InvalidTransition, InvalidValue, NotFound, tasks, workflow_tasks, workflows

STATUSES = ("draft", "active", "archived", "paused")
MOVES = {
    "activate": ({"draft", "paused"}, "active"),
    "pause": ({"active"}, "paused"),
    "archive": ({"draft", "active", "paused"}, "archived"),
    "restore": ({"archived"}, "draft"),
}
ALLOWED = [(name, source) for name, (sources, _) in MOVES.items() for source in STATUSES if source in sources]
REFUSED = sorted(set(product(MOVES, STATUSES)) - set(ALLOWED))


def targets(source):
    return {target for sources, target in MOVES.values() if source in sources}


async def workflow_in(db, status, name="night shift"):
    """A workflow brought to a status."""
    workflow = await workflows.create(db, name, {})
    for operation in {"active": ("activate",), "paused": ("activate", "pause"), "archived": ("archive",)}.get(
        status, ()
    ):
        workflow = await getattr(workflows, operation)(db, workflow.id)
    return workflow


@pytest.fixture
async def workflow(db):
    return await workflows.create(db, "night shift", {"steps": []})


# Creating


async def test_a_new_workflow_is_a_draft(db):
    workflow = await workflows.create(db, "night shift", {"steps": [1]})
    assert (workflow.name, workflow.definition, workflow.status) == ("night shift", {"steps": [1]}, "draft")
    assert (workflow.description, workflow.config, workflow.metadata) == (None, {}, {})
    assert await workflows.get(db, workflow.id) == workflow


async def test_a_workflow_holds_what_it_was_given(db):
    given = uuid4()
    workflow = await workflows.create(db, "x", {}, "all night", {"a": 1}, {"b": 2}, given)
    assert (workflow.description, workflow.config, workflow.metadata) == ("all night", {"a": 1}, {"b": 2})
    assert workflow.id == given


async def test_a_taken_name_or_id_conflicts(db, workflow):
    with pytest.raises(Conflict):
        await workflows.create(db, "night shift", {})
    with pytest.raises(Conflict):
        await workflows.create(db, "other", {}, id=workflow.id)
    await workflows.create(db, "Night shift", {})


@pytest.mark.parametrize(
    "arguments",
    [{"name": ""}, {"name": "a" * 256}, {"definition": []}, {"definition": None}, {"config": []}, {"metadata": 1}],
    ids=str,
)
async def test_create_refuses(db, arguments):
    with pytest.raises(InvalidValue):
        await workflows.create(db, **{"name": "x", "definition": {}} | arguments)


# Reading


async def test_an_absent_workflow_is_not_found(db):
    absent = uuid4()
    for read in (workflows.get, workflows.get_with_tasks):
        with pytest.raises(NotFound, match=f"workflow {absent} not found"):
            await read(db, absent)
    assert await workflows.find(db, absent) is None
    assert await workflows.find_by_name(db, "night shift") is None


async def test_a_workflow_is_found_by_id_and_exact_name(db, workflow):
    assert await workflows.find(db, workflow.id) == workflow
    assert await workflows.find_by_name(db, "night shift") == workflow
    assert await workflows.find_by_name(db, "NIGHT SHIFT") is None


async def test_a_workflow_comes_with_its_tasks_in_order(db, workflow):
    made = [await tasks.create(db, f"Task {number}", "research") for number in range(3)]
    for task, sequence in zip(made, (2, 0, 1), strict=True):
        await workflow_tasks.create(db, workflow.id, task.id, sequence, {"at": sequence})
    other = await workflows.create(db, "day shift", {})
    await workflow_tasks.create(db, other.id, made[0].id)
    found = await workflows.get_with_tasks(db, workflow.id)
    assert [task.id for task in found.tasks] == [made[1].id, made[2].id, made[0].id]
    assert [(task.sequence, task.placement_config) for task in found.tasks] == [(n, {"at": n}) for n in range(3)]
    assert found.tasks[0].model_dump(include=set(tasks.Task.model_fields)) == made[1].model_dump()
    assert found.model_dump(exclude={"tasks"}) == workflow.model_dump()


async def test_a_workflow_without_tasks_has_an_empty_list_of_them(db, workflow):
    assert (await workflows.get_with_tasks(db, workflow.id)).tasks == []


# Lists


async def mixed_workflows(db):
    return [await workflow_in(db, STATUSES[number % 4], f"workflow {number}") for number in range(12)]


@pytest.mark.parametrize("arguments", [{}, {"status": "paused"}], ids=str)
@pytest.mark.parametrize("still", [False, True])
async def test_pages_hold_exactly_the_matching_workflows_newest_first(db, still_db, read_pages, arguments, still):
    database = still_db if still else db
    made = await mixed_workflows(database)
    expected = [workflow for workflow in reversed(made) if workflow.status == arguments.get("status", workflow.status)]
    assert await read_pages(partial(workflows.find_many, database, **arguments)) == expected
    assert [workflow async for workflow in workflows.iterate(database, **arguments)] == expected
    assert await workflows.count(database, **arguments) == len(expected)


async def test_workflows_are_listed_and_counted_by_status(db, read_pages):
    made = await mixed_workflows(db)
    expected = [workflow for workflow in reversed(made) if workflow.status == "active"]
    assert await read_pages(partial(workflows.list_by_status, db, "active")) == expected
    assert await workflows.count_by_status(db, "active") == 3
    await workflows.delete(db, expected[0].id)
    assert await workflows.counts_by_status(db) == {"draft": 3, "active": 2, "archived": 3, "paused": 3}


async def test_workflows_are_listed_with_the_number_of_their_tasks(db, read_pages):
    made = await mixed_workflows(db)
    for number in (0, 1, 1):
        task = await tasks.create(db, "Task", "research")
        await workflow_tasks.create(db, made[number].id, task.id)
    counted = await read_pages(partial(workflows.list_with_task_counts, db))
    assert [row.id for row in counted] == [workflow.id for workflow in reversed(made)]
    assert [row.task_count for row in counted] == [0] * 10 + [2, 1]
    active = await read_pages(partial(workflows.list_with_task_counts, db, "active"))
    assert [(row.id, row.task_count) for row in active] == [(made[9].id, 0), (made[5].id, 0), (made[1].id, 2)]


# Changing


@pytest.mark.parametrize(
    "field",
    [
        {"name": "day shift"},
        {"description": "by day"},
        {"description": None},
        {"definition": {}},
        {"config": {"x": 1}},
        {"metadata": {}},
    ],
    ids=str,
)
async def test_update_changes_the_given_field_only(still_db, clock, field):
    workflow = await workflows.create(still_db, "night shift", {"a": 1}, "by night", {"b": 2}, {"c": 3})
    clock.advance(timedelta(minutes=1))
    changed = await workflows.update(still_db, workflow.id, **field)
    assert changed == workflow.model_copy(update={**field, "updated_at": clock()})
    assert await workflows.get(still_db, workflow.id) == changed


async def test_update_of_nothing_changes_nothing(still_db, clock):
    workflow = await workflows.create(still_db, "night shift", {})
    clock.advance(timedelta(minutes=1))
    assert await workflows.update(still_db, workflow.id) == workflow


async def test_update_refuses_a_taken_name_and_absent_workflows(db, workflow):
    other = await workflows.create(db, "day shift", {})
    with pytest.raises(Conflict):
        await workflows.update(db, other.id, name="night shift")
    with pytest.raises(NotFound):
        await workflows.update(db, uuid4(), name="x")
    with pytest.raises(TypeError):
        await workflows.update(db, other.id, status="active")


# Transitions


@pytest.mark.parametrize(("operation", "source"), ALLOWED)
async def test_transition_is_allowed(still_db, clock, operation, source):
    workflow = await workflow_in(still_db, source)
    clock.advance(timedelta(minutes=1))
    moved = await getattr(workflows, operation)(still_db, workflow.id)
    assert moved == workflow.model_copy(update={"status": MOVES[operation][1], "updated_at": clock()})
    assert await workflows.get(still_db, workflow.id) == moved


@pytest.mark.parametrize(("operation", "source"), REFUSED)
async def test_transition_is_refused(db, operation, source):
    workflow = await workflow_in(db, source)
    with pytest.raises(InvalidTransition) as caught:
        await getattr(workflows, operation)(db, workflow.id)
    assert (caught.value.current, caught.value.requested) == (source, MOVES[operation][1])
    assert set(caught.value.allowed) == targets(source)
    assert await workflows.get(db, workflow.id) == workflow


@pytest.mark.parametrize("operation", MOVES)
async def test_transition_of_an_absent_workflow_is_not_found(db, operation):
    with pytest.raises(NotFound):
        await getattr(workflows, operation)(db, uuid4())


@pytest.mark.parametrize("source", STATUSES)
@pytest.mark.parametrize("target", STATUSES)
async def test_set_status_follows_the_transitions(db, source, target):
    workflow = await workflow_in(db, source)
    if target in targets(source):
        assert (await workflows.set_status(db, workflow.id, target)).status == target
    else:
        with pytest.raises(InvalidTransition):
            await workflows.set_status(db, workflow.id, target)


@pytest.mark.parametrize("status", STATUSES)
async def test_a_workflow_tells_how_it_stands(db, status):
    workflow = await workflow_in(db, status)
    stands = (workflow.is_active, workflow.is_paused, workflow.is_archived)
    assert stands == (status == "active", status == "paused", status == "archived")


# Deleting


async def test_delete_removes_a_workflow_and_leaves_its_tasks(db, workflow):
    task = await tasks.create(db, "Task", "research")
    await workflow_tasks.create(db, workflow.id, task.id)
    assert await workflows.delete(db, workflow.id)
    assert await workflow_tasks.count_by_task(db, task.id) == 0
    assert await tasks.find(db, task.id) == task
    assert not await workflows.delete(db, workflow.id)
    with pytest.raises(NotFound):
        await workflows.delete(db, workflow.id, missing_ok=False)
