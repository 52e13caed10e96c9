import asyncio
from functools import partial
from uuid import uuid4

import pytest

from wave_data import Conflict, InvalidValue, MissingReference, NotFound, tasks, workflow_tasks, workflows


@pytest.fixture
async def workflow(db):
    return await workflows.create(db, "night shift", {})


async def make_tasks(db, number):
    return [await tasks.create(db, f"Task {index}", "research") for index in range(number)]


async def fill(db, workflow, number):
    """Append as many new tasks to the workflow; their ids."""
    made = await make_tasks(db, number)
    for task in made:
        await workflow_tasks.create(db, workflow.id, task.id)
    return [task.id for task in made]


# Creating


async def test_a_task_without_a_sequence_is_placed_last(db, workflow):
    made = await make_tasks(db, 4)
    sequences = []
    for task, sequence in zip(made, (None, None, 7, None), strict=True):
        place = await workflow_tasks.create(db, workflow.id, task.id, sequence)
        sequences.append(place.sequence)
        assert await workflow_tasks.get(db, workflow.id, task.id) == place
    assert sequences == [0, 1, 7, 8]


async def test_a_place_holds_what_it_was_given(db, workflow):
    first, second = await make_tasks(db, 2)
    place = await workflow_tasks.create(db, workflow.id, first.id, 3, {"retries": 1})
    assert (place.workflow_id, place.task_id, place.sequence) == (workflow.id, first.id, 3)
    assert place.config == {"retries": 1}
    assert (await workflow_tasks.create(db, workflow.id, second.id)).config == {}


@pytest.mark.parametrize("sequence", [None, 5])
async def test_a_task_is_once_in_a_workflow(db, workflow, sequence):
    [task] = await make_tasks(db, 1)
    await workflow_tasks.create(db, workflow.id, task.id)
    with pytest.raises(Conflict):
        await workflow_tasks.create(db, workflow.id, task.id, sequence)


@pytest.mark.parametrize("sequence", [None, 5])
async def test_workflow_and_task_must_exist(db, workflow, sequence):
    [task] = await make_tasks(db, 1)
    with pytest.raises(MissingReference):
        await workflow_tasks.create(db, workflow.id, uuid4(), sequence)
    with pytest.raises(MissingReference):
        await workflow_tasks.create(db, uuid4(), task.id, sequence)


@pytest.mark.parametrize("arguments", [{"sequence": -1}, {"sequence": 2**31}, {"config": []}], ids=str)
async def test_create_refuses(db, workflow, arguments):
    [task] = await make_tasks(db, 1)
    with pytest.raises(InvalidValue):
        await workflow_tasks.create(db, workflow.id, task.id, **arguments)


async def test_nothing_comes_after_the_last_sequence_there_is(db, workflow):
    first, second = await make_tasks(db, 2)
    await workflow_tasks.create(db, workflow.id, first.id, 2**31 - 1)
    with pytest.raises(InvalidValue):
        await workflow_tasks.create(db, workflow.id, second.id)


async def test_racing_appends_receive_distinct_sequences(db, workflow):
    other = await workflows.create(db, "day shift", {})
    made = await make_tasks(db, 30)
    places = await asyncio.gather(
        *(workflow_tasks.create(db, owner.id, task.id) for task in made for owner in (workflow, other))
    )
    for owner in (workflow, other):
        assert sorted(place.sequence for place in places if place.workflow_id == owner.id) == list(range(30))


# Reading


async def test_an_absent_place_is_not_found(db, workflow):
    absent = uuid4()
    with pytest.raises(NotFound) as caught:
        await workflow_tasks.get(db, workflow.id, absent)
    assert (caught.value.entity, caught.value.key) == ("workflow_task", (workflow.id, absent))
    assert await workflow_tasks.find(db, workflow.id, absent) is None


# Lists


async def test_the_places_of_a_workflow_come_in_their_order(db, still_db, read_pages):
    for database, name in ((db, "moving"), (still_db, "still")):
        workflow = await workflows.create(database, name, {})
        made = await make_tasks(database, 6)
        for task, sequence in zip(made, (1, 0, 1, 5, 0, 2), strict=True):
            await workflow_tasks.create(database, workflow.id, task.id, sequence, {"of": task.title})
        expected = [made[index].id for index in (1, 4, 0, 2, 5, 3)]
        places = await read_pages(partial(workflow_tasks.list_by_workflow, database, workflow.id))
        assert [place.task_id for place in places] == expected
        placed = await read_pages(partial(workflow_tasks.list_tasks, database, workflow.id))
        assert [task.id for task in placed] == expected
        assert [task.sequence for task in placed] == [place.sequence for place in places]
        assert [task.placement_config for task in placed] == [{"of": task.title} for task in placed]
        assert [task.placed_at for task in placed] == [place.created_at for place in places]
        assert await workflow_tasks.count_by_workflow(database, workflow.id) == 6


async def test_the_places_of_a_task_come_newest_first(db, read_pages):
    [task] = await make_tasks(db, 1)
    made = [await workflows.create(db, f"workflow {number}", {}) for number in range(5)]
    for workflow in made[::-1]:
        await workflow_tasks.create(db, workflow.id, task.id, 3)
    places = await read_pages(partial(workflow_tasks.list_by_task, db, task.id))
    assert [place.workflow_id for place in places] == [workflow.id for workflow in made]
    found = await read_pages(partial(workflow_tasks.list_workflows, db, task.id))
    assert [(workflow.id, workflow.name, workflow.sequence) for workflow in found] == [(w.id, w.name, 3) for w in made]
    assert await workflow_tasks.count_by_task(db, task.id) == 5


async def test_lists_of_an_empty_workflow_are_empty(db, workflow):
    assert (await workflow_tasks.list_by_workflow(db, workflow.id)).items == []
    assert (await workflow_tasks.list_tasks(db, workflow.id)).items == []
    assert await workflow_tasks.count_by_workflow(db, workflow.id) == 0


# Changing


async def test_a_task_can_be_moved_and_its_place_be_configured(db, workflow):
    [task_id] = await fill(db, workflow, 1)
    place = await workflow_tasks.get(db, workflow.id, task_id)
    moved = await workflow_tasks.set_sequence(db, workflow.id, task_id, 9)
    assert moved == place.model_copy(update={"sequence": 9})
    changed = await workflow_tasks.update(db, workflow.id, task_id, config={"x": 1})
    assert changed == moved.model_copy(update={"config": {"x": 1}})
    assert await workflow_tasks.update(db, workflow.id, task_id) == changed
    assert await workflow_tasks.get(db, workflow.id, task_id) == changed


async def test_an_absent_place_cannot_be_changed(db, workflow):
    absent = uuid4()
    changes = (
        workflow_tasks.set_sequence(db, workflow.id, absent, 1),
        workflow_tasks.update(db, workflow.id, absent, config={}),
        workflow_tasks.update(db, workflow.id, absent),
    )
    for change in changes:
        with pytest.raises(NotFound) as caught:
            await change
        assert caught.value.key == (workflow.id, absent)


async def test_reorder_numbers_the_tasks_anew(db, workflow):
    task_ids = await fill(db, workflow, 4)
    await workflow_tasks.set_sequence(db, workflow.id, task_ids[0], 9)
    wanted = [task_ids[index] for index in (2, 0, 3, 1)]
    assert await workflow_tasks.reorder(db, workflow.id, wanted) == 4
    page = await workflow_tasks.list_by_workflow(db, workflow.id)
    assert [(place.task_id, place.sequence) for place in page.items] == list(zip(wanted, range(4), strict=True))


async def test_reorder_leaves_other_workflows_alone(db, workflow):
    task_ids = await fill(db, workflow, 2)
    other = await workflows.create(db, "day shift", {})
    for task_id in task_ids:
        await workflow_tasks.create(db, other.id, task_id)
    await workflow_tasks.reorder(db, workflow.id, task_ids[::-1])
    page = await workflow_tasks.list_by_workflow(db, other.id)
    assert [place.task_id for place in page.items] == task_ids


@pytest.mark.parametrize("wrong", ["too few", "too many", "repeated", "another"])
async def test_reorder_takes_exactly_the_tasks_of_the_workflow(db, workflow, wrong):
    first, second, third = await fill(db, workflow, 3)
    stranger = (await make_tasks(db, 1))[0].id
    task_ids = {
        "too few": [first, second],
        "too many": [first, second, third, stranger],
        "repeated": [first, second, second],
        "another": [first, second, stranger],
    }[wrong]
    before = (await workflow_tasks.list_by_workflow(db, workflow.id)).items
    with pytest.raises(InvalidValue, match="task_ids"):
        await workflow_tasks.reorder(db, workflow.id, task_ids)
    assert (await workflow_tasks.list_by_workflow(db, workflow.id)).items == before


async def test_an_empty_workflow_can_be_reordered(db, workflow):
    assert await workflow_tasks.reorder(db, workflow.id, []) == 0


async def test_racing_reorders_leave_one_of_the_orders(db, workflow):
    task_ids = await fill(db, workflow, 6)
    orders = [task_ids[turn:] + task_ids[:turn] for turn in range(6)]
    await asyncio.gather(*(workflow_tasks.reorder(db, workflow.id, order) for order in orders * 3))
    page = await workflow_tasks.list_by_workflow(db, workflow.id)
    assert [place.sequence for place in page.items] == list(range(6))
    assert [place.task_id for place in page.items] in orders


# Deleting


async def test_delete_takes_a_task_out_of_its_workflow(db, workflow):
    [task_id] = await fill(db, workflow, 1)
    assert await workflow_tasks.delete(db, workflow.id, task_id)
    assert await tasks.find(db, task_id) is not None
    assert not await workflow_tasks.delete(db, workflow.id, task_id)
    with pytest.raises(NotFound):
        await workflow_tasks.delete(db, workflow.id, task_id, missing_ok=False)


async def test_all_places_of_a_workflow_or_a_task_are_deleted_at_once(db, workflow):
    task_ids = await fill(db, workflow, 3)
    other = await workflows.create(db, "day shift", {})
    await workflow_tasks.create(db, other.id, task_ids[0])
    assert await workflow_tasks.delete_by_task(db, task_ids[0]) == 2
    assert await workflow_tasks.delete_by_workflow(db, workflow.id) == 2
    assert await workflow_tasks.delete_by_workflow(db, workflow.id) == 0


async def test_a_deleted_task_leaves_its_workflows(db, workflow):
    first, second = await fill(db, workflow, 2)
    await tasks.delete(db, first)
    page = await workflow_tasks.list_by_workflow(db, workflow.id)
    assert [place.task_id for place in page.items] == [second]
