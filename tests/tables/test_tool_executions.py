from datetime import timedelta
from decimal import Decimal
from functools import partial
from itertools import product
from uuid import uuid4

import pytest

from wave_data import Conflict, InvalidTransition, InvalidValue, MissingReference, NotFound, tasks, tool_executions

STATUSES = ("pending", "running", "completed", "failed", "timeout")
MOVES = {
    "start": ({"pending"}, "running"),
    "complete": ({"pending", "running"}, "completed"),
    "fail": ({"pending", "running"}, "failed"),
    "timeout": ({"pending", "running"}, "timeout"),
}
REQUIRED = {"fail": ("broken",)}
ALLOWED = [(name, source) for name, (sources, _) in MOVES.items() for source in STATUSES if source in sources]
REFUSED = sorted(set(product(MOVES, STATUSES)) - set(ALLOWED))
ENDS = ("complete", "fail", "timeout")


def targets(source):
    return {target for sources, target in MOVES.values() if source in sources}


@pytest.fixture
async def task(db):
    return await tasks.create(db, "Count the stars", "research")


@pytest.fixture
async def execution(db, task):
    return await tool_executions.create(db, task.id, "telescope")


async def execution_in(db, status, tool_name="telescope"):
    """A call brought to a status, for a task of its own."""
    task = await tasks.create(db, "Count the stars", "research")
    execution = await tool_executions.create(db, task.id, tool_name)
    return execution if status == "pending" else await tool_executions.set_status(db, execution.id, status)


def operate(db, operation, id, **arguments):
    return getattr(tool_executions, operation)(db, id, *REQUIRED.get(operation, ()), **arguments)


# Creating


async def test_a_new_call_is_pending(db, task):
    execution = await tool_executions.create(db, task.id, "telescope")
    assert (execution.task_id, execution.tool_name, execution.status) == (task.id, "telescope", "pending")
    assert (execution.arguments, execution.output, execution.error) == ({}, None, None)
    assert (execution.started_at, execution.completed_at, execution.duration_ms) == (None, None, None)
    assert await tool_executions.get(db, execution.id) == execution


@pytest.mark.parametrize("arguments", [{"zoom": 3}, [1, "two"], "plain text", 5, False, {}, []], ids=repr)
async def test_arguments_and_output_are_any_json(db, task, arguments):
    given = uuid4()
    execution = await tool_executions.create(db, task.id, "telescope", arguments, given)
    assert (execution.id, execution.arguments) == (given, arguments)
    completed = await tool_executions.complete(db, given, arguments)
    assert completed.output == arguments
    assert await tool_executions.get(db, given) == completed


async def test_an_absent_task_is_a_missing_reference(db):
    with pytest.raises(MissingReference):
        await tool_executions.create(db, uuid4(), "telescope")


async def test_a_taken_id_conflicts(db, task, execution):
    with pytest.raises(Conflict):
        await tool_executions.create(db, task.id, "telescope", id=execution.id)


@pytest.mark.parametrize(
    "arguments", [{"tool_name": ""}, {"tool_name": "a" * 256}, {"arguments": {"a": b"x"}}], ids=str
)
async def test_create_refuses(db, task, arguments):
    with pytest.raises(InvalidValue):
        await tool_executions.create(db, task.id, **{"tool_name": "telescope"} | arguments)


# Reading


async def test_an_absent_call_is_not_found(db):
    absent = uuid4()
    with pytest.raises(NotFound, match=f"tool_execution {absent} not found"):
        await tool_executions.get(db, absent)
    assert await tool_executions.find(db, absent) is None


# Lists


async def mixed_executions(db, clock):
    """Eighteen calls of three tasks and two tools, one a minute, in all statuses."""
    made = [await tasks.create(db, f"Task {number}", "research") for number in range(3)]
    for number in range(18):
        execution = await tool_executions.create(db, made[number % 3].id, ("telescope", "abacus")[number % 2])
        if number % 5:
            await tool_executions.set_status(db, execution.id, STATUSES[number % 5])
        clock.advance(timedelta(minutes=1))
    return made


FILTERS = [(), ("task_id",), ("tool_name",), ("status",), ("task_id", "tool_name"), ("task_id", "tool_name", "status")]


@pytest.mark.parametrize("names", FILTERS, ids="-".join)
async def test_filters_combine_newest_first(still_db, clock, read_pages, names):
    made = await mixed_executions(still_db, clock)
    filters = {"task_id": made[1].id, "tool_name": "abacus", "status": "running"}
    filters = {name: filters[name] for name in names}
    everything = [execution async for execution in tool_executions.iterate(still_db)]
    assert everything == sorted(everything, key=lambda row: (row.created_at, row.id), reverse=True)
    expected = [row for row in everything if all(getattr(row, name) == filters[name] for name in names)]
    assert await read_pages(partial(tool_executions.find_many, still_db, **filters)) == expected
    assert [row async for row in tool_executions.iterate(still_db, **filters)] == expected
    assert await tool_executions.count(still_db, **filters) == len(expected) > 0


async def test_calls_are_listed_and_counted_by_task_tool_and_status(still_db, clock, read_pages):
    made = await mixed_executions(still_db, clock)
    everything = [execution async for execution in tool_executions.iterate(still_db)]
    lists = {"task": ("task_id", made[0].id), "tool": ("tool_name", "abacus"), "status": ("status", "failed")}
    for name, (field, value) in lists.items():
        expected = [row for row in everything if getattr(row, field) == value]
        assert await read_pages(partial(getattr(tool_executions, f"list_by_{name}"), still_db, value)) == expected
    assert await tool_executions.count_by_task(still_db, made[0].id) == 6
    assert await tool_executions.count_by_status(still_db, "failed") == 3


async def test_calls_made_at_one_time_come_newest_first(still_db, read_pages):
    made = [await execution_in(still_db, "pending") for _ in range(5)]
    assert await read_pages(partial(tool_executions.find_many, still_db)) == made[::-1]


async def test_a_time_range_includes_its_start_and_not_its_end(still_db, clock):
    await mixed_executions(still_db, clock)
    *_, third, second, first = [execution async for execution in tool_executions.iterate(still_db)]
    between = {"since": first.created_at, "until": third.created_at}
    assert (await tool_executions.find_many(still_db, **between)).items == [second, first]
    assert await tool_executions.count(still_db, **between) == 2


async def test_the_counts_name_every_status(still_db, clock):
    made = await mixed_executions(still_db, clock)
    assert await tool_executions.counts_by_status(still_db) == dict(zip(STATUSES, (4, 4, 4, 3, 3), strict=True))
    counts = await tool_executions.counts_by_status(still_db, task_id=made[0].id, tool_name="telescope")
    assert counts == {"pending": 1, "running": 1, "completed": 1, "failed": 0, "timeout": 0}


# Statistics


async def test_the_stats_of_nothing_are_zeros(db):
    stats = await tool_executions.stats(db)
    assert stats.model_dump() == {
        "total": 0,
        "by_status": dict.fromkeys(STATUSES, 0),
        "success_rate": Decimal("0.00"),
        "avg_duration_ms": 0.0,
        "max_duration_ms": 0,
    }


async def test_stats_tell_how_calls_went(db):
    task = await tasks.create(db, "Count the stars", "research")
    for tool_name, operation, duration in (
        ("telescope", "complete", 10),
        ("telescope", "complete", 21),
        ("telescope", "fail", 3),
        ("telescope", "start", None),
        ("abacus", "timeout", 1_000),
    ):
        execution = await tool_executions.create(db, task.id, tool_name)
        await operate(db, operation, execution.id, **{"duration_ms": duration} if duration else {})
    await execution_in(db, "pending")
    stats = await tool_executions.stats(db, task_id=task.id, tool_name="telescope")
    assert (stats.total, stats.success_rate) == (4, Decimal("66.67"))
    assert stats.by_status == {"pending": 0, "running": 1, "completed": 2, "failed": 1, "timeout": 0}
    assert (stats.avg_duration_ms, stats.max_duration_ms) == (11.33, 21)
    everything = await tool_executions.stats(db)
    assert (everything.total, everything.success_rate, everything.max_duration_ms) == (6, Decimal("50.00"), 1_000)
    assert everything.avg_duration_ms == 258.5


async def test_stats_add_up_the_longest_durations(db):
    for _ in range(2):
        execution = await execution_in(db, "pending")
        await tool_executions.complete(db, execution.id, duration_ms=2**61)
    stats = await tool_executions.stats(db)
    assert (stats.avg_duration_ms, stats.max_duration_ms) == (float(2**61), 2**61)


# Transitions


@pytest.mark.parametrize(("operation", "source"), ALLOWED)
async def test_transition_is_allowed(db, operation, source):
    execution = await execution_in(db, source)
    moved = await operate(db, operation, execution.id)
    assert moved.status == MOVES[operation][1]
    assert await tool_executions.get(db, execution.id) == moved


@pytest.mark.parametrize(("operation", "source"), REFUSED)
async def test_transition_is_refused(db, operation, source):
    execution = await execution_in(db, source)
    with pytest.raises(InvalidTransition) as caught:
        await operate(db, operation, execution.id)
    assert (caught.value.current, caught.value.requested) == (source, MOVES[operation][1])
    assert set(caught.value.allowed) == targets(source)
    assert await tool_executions.get(db, execution.id) == execution


@pytest.mark.parametrize("operation", MOVES)
async def test_transition_of_an_absent_call_is_not_found(db, operation):
    with pytest.raises(NotFound):
        await operate(db, operation, uuid4())


@pytest.mark.parametrize("source", STATUSES)
@pytest.mark.parametrize("target", STATUSES)
async def test_set_status_follows_the_transitions(db, source, target):
    execution = await execution_in(db, source)
    if target in targets(source):
        assert (await tool_executions.set_status(db, execution.id, target)).status == target
    else:
        with pytest.raises(InvalidTransition):
            await tool_executions.set_status(db, execution.id, target)


async def test_set_status_keeps_the_error_of_a_failed_call(db, execution):
    assert (await tool_executions.set_status(db, execution.id, "failed", "broken")).error == "broken"


@pytest.mark.parametrize("operation", ENDS)
@pytest.mark.parametrize("source", ["pending", "running"])
async def test_a_duration_counts_from_the_start_else_from_the_creation(still_db, clock, operation, source):
    execution = await execution_in(still_db, "pending")
    clock.advance(timedelta(milliseconds=700))
    if source == "running":
        started = await tool_executions.start(still_db, execution.id)
        assert started.started_at == clock()
    clock.advance(timedelta(microseconds=1_999_999))
    ended = await operate(still_db, operation, execution.id)
    assert (ended.completed_at, ended.duration_ms) == (clock(), 1_999 if source == "running" else 2_699)


@pytest.mark.parametrize("operation", ENDS)
async def test_a_given_duration_is_kept(db, execution, operation):
    assert (await operate(db, operation, execution.id, duration_ms=0)).duration_ms == 0


async def test_a_clock_that_steps_back_makes_no_negative_duration(still_db, clock):
    execution = await execution_in(still_db, "running")
    clock.advance(timedelta(seconds=-5))
    assert (await tool_executions.complete(still_db, execution.id)).duration_ms == 0


async def test_a_failed_call_keeps_its_error(db, execution):
    assert (await tool_executions.fail(db, execution.id, "broken")).error == "broken"


@pytest.mark.parametrize("status", STATUSES)
async def test_a_call_tells_how_it_stands(db, status):
    execution = await execution_in(db, status)
    assert execution.is_complete is execution.is_terminal is (status in ("completed", "failed", "timeout"))
    assert execution.is_active is (status in ("pending", "running"))
    assert execution.is_successful is (status == "completed")


# Deleting


async def test_delete_removes_a_call(db, execution):
    assert await tool_executions.delete(db, execution.id)
    assert not await tool_executions.delete(db, execution.id)
    with pytest.raises(NotFound):
        await tool_executions.delete(db, execution.id, missing_ok=False)


async def test_the_calls_of_a_task_are_deleted_with_it_or_at_once(db, task, execution):
    other = await execution_in(db, "pending")
    assert await tool_executions.delete_by_task(db, other.task_id) == 1
    await tasks.delete(db, task.id)
    assert await tool_executions.count(db) == 0


async def test_old_calls_are_deleted(still_db, clock):
    made = []
    for _ in range(3):
        made.append(await execution_in(still_db, "pending"))
        clock.advance(timedelta(minutes=1))
    assert await tool_executions.delete_before(still_db, made[2].created_at) == 2
    assert (await tool_executions.find_many(still_db)).items == [made[2]]
