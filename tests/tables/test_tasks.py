from datetime import timedelta
from functools import partial
from itertools import product
from uuid import uuid4

import pytest

from wave_data import Conflict, InvalidTransition, InvalidValue, NotFound, tasks

STATUSES = ("pending", "running", "completed", "failed", "cancelled")
MOVES = {
    "start": ({"pending"}, "running"),
    "complete": ({"running"}, "completed"),
    "fail": ({"pending", "running"}, "failed"),
    "cancel": ({"pending", "running"}, "cancelled"),
    "retry": ({"failed", "cancelled"}, "pending"),
}
REQUIRED = {"fail": ("broken",)}
ALLOWED = [(name, source) for name, (sources, _) in MOVES.items() for source in STATUSES if source in sources]
REFUSED = sorted(set(product(MOVES, STATUSES)) - set(ALLOWED))


def targets(source):
    return {target for sources, target in MOVES.values() if source in sources}


async def task_in(db, status):
    """A task brought to a status."""
    task = await tasks.create(db, "Count the stars", "research")
    if status in ("running", "completed"):
        task = await tasks.start(db, task.id)
    return task if task.status == status else await tasks.set_status(db, task.id, status)


def operate(db, operation, id):
    return getattr(tasks, operation)(db, id, *REQUIRED.get(operation, ()))


@pytest.fixture
async def task(db):
    return await tasks.create(db, "Count the stars", "research")


# Creating


async def test_a_new_task_is_pending_and_unclaimed(db):
    task = await tasks.create(db, "Count the stars", "research")
    assert (task.title, task.task_type, task.status) == ("Count the stars", "research", "pending")
    assert (task.description, task.workspace_path, task.error) == (None, None, None)
    assert (task.config, task.metadata) == ({}, {})
    assert (task.started_at, task.completed_at) == (None, None)
    assert (task.claimed_by, task.lease_expires_at) == (None, None)
    assert (task.attempts, task.max_attempts, task.fence) == (0, 3, 0)
    assert await tasks.get(db, task.id) == task


async def test_a_task_holds_what_it_was_given(db):
    given = uuid4()
    task = await tasks.create(
        db, "Count", "research", "all of them", {"sky": "north"}, {"owner": "ana"}, "/sky", 1, given
    )
    assert (task.description, task.config, task.metadata) == ("all of them", {"sky": "north"}, {"owner": "ana"})
    assert (task.workspace_path, task.max_attempts, task.id) == ("/sky", 1, given)


async def test_a_taken_id_conflicts(db, task):
    with pytest.raises(Conflict):
        await tasks.create(db, "Again", "research", id=task.id)


@pytest.mark.parametrize(
    "arguments",
    [
        {"title": ""},
        {"title": "a" * 501},
        {"title": None},
        {"task_type": ""},
        {"task_type": "a" * 101},
        {"config": []},
        {"metadata": "{}"},
        {"workspace_path": ""},
        {"workspace_path": "a" * 4097},
        {"max_attempts": 0},
    ],
    ids="-".join,
)
async def test_create_refuses(db, arguments):
    with pytest.raises(InvalidValue):
        await tasks.create(db, **{"title": "Count", "task_type": "research"} | arguments)


# Reading


async def test_an_absent_task_is_not_found(db):
    absent = uuid4()
    with pytest.raises(NotFound, match=f"task {absent} not found"):
        await tasks.get(db, absent)
    assert await tasks.find(db, absent) is None


async def test_a_task_is_found_by_its_id(db, task):
    assert await tasks.find(db, task.id) == task


# Lists


async def mixed_tasks(db, clock):
    """Twelve tasks, one a minute, of all statuses, two types and three workspaces, one of them none."""
    for number in range(12):
        task = await tasks.create(
            db, f"Task {number}", ("research", "build")[number % 2], workspace_path=(None, "/a", "/b")[number % 3]
        )
        if number % 4:
            await operate(db, ("start", "fail", "cancel")[number % 4 - 1], task.id)
        clock.advance(timedelta(minutes=1))


@pytest.fixture
async def mixed_db(still_db, clock):
    await mixed_tasks(still_db, clock)
    return still_db


LISTS = {
    "find_many": ({}, lambda task: True),
    "list_by_status": ({"status": "failed"}, lambda task: task.status == "failed"),
    "list_by_type": ({"task_type": "build"}, lambda task: task.task_type == "build"),
    "list_by_workspace": ({"workspace_path": "/a"}, lambda task: task.workspace_path == "/a"),
}
FILTERS = [
    {"status": "pending"},
    {"task_type": "research"},
    {"workspace_path": "/b"},
    {"status": "pending", "task_type": "research"},
    {"task_type": "research", "workspace_path": "/a", "status": "running"},
]


def matches(filters):
    return lambda task: all(getattr(task, name) == value for name, value in filters.items())


@pytest.mark.parametrize("name", LISTS)
async def test_pages_hold_exactly_the_matching_tasks_newest_first(mixed_db, read_pages, name):
    arguments, is_listed = LISTS[name]
    everything = [task async for task in tasks.iterate(mixed_db)]
    assert everything == sorted(everything, key=lambda task: (task.created_at, task.id), reverse=True)
    expected = [task for task in everything if is_listed(task)]
    assert len(expected) >= 3
    assert await read_pages(partial(getattr(tasks, name), mixed_db, **arguments)) == expected


async def test_tasks_made_at_one_time_come_newest_first(still_db, read_pages):
    made = [await tasks.create(still_db, f"Task {number}", "research") for number in range(5)]
    assert await read_pages(partial(tasks.find_many, still_db)) == made[::-1]


@pytest.mark.parametrize("filters", FILTERS, ids="-".join)
async def test_filters_combine(mixed_db, read_pages, filters):
    expected = list(filter(matches(filters), [task async for task in tasks.iterate(mixed_db)]))
    assert await read_pages(partial(tasks.find_many, mixed_db, **filters)) == expected
    assert [task async for task in tasks.iterate(mixed_db, **filters)] == expected
    assert await tasks.count(mixed_db, **filters) == len(expected)


async def test_a_time_range_includes_its_start_and_not_its_end(mixed_db, read_pages):
    *_, third, second, first = [task async for task in tasks.iterate(mixed_db)]
    between = {"since": first.created_at, "until": third.created_at}
    assert await read_pages(partial(tasks.list_by_created, mixed_db, *between.values())) == [second, first]
    assert await read_pages(partial(tasks.find_many, mixed_db, **between)) == [second, first]
    assert await tasks.count(mixed_db, **between) == 2
    assert (await tasks.find_many(mixed_db, until=second.created_at)).items == [first]
    assert await tasks.count(mixed_db, since=third.created_at) == 10


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("star", True),
        ("STAR", True),
        ("every ÉTOILE", True),
        ("every étoile", False),
        ("EVERY Étoile", True),
        ("100%", True),
        ("100_", False),
        ("%", True),
        ("c_unt", False),
        ("\\", False),
        ("starsevery", False),
        ("", True),
    ],
)
async def test_a_search_is_literal_and_ignores_the_case_of_ascii_letters(db, search, found):
    task = await tasks.create(db, "Count 100% of the Stars", "research", "Every ÉTOILE")
    plain = await tasks.create(db, "Count 100% of the Stars, every ÉTOILE", "research")
    expected = [plain, task] if found else []
    assert (await tasks.find_many(db, search=search)).items == expected
    assert await tasks.count(db, search=search) == len(expected)
    assert [task async for task in tasks.iterate(db, search=search, status="running")] == []


async def test_the_counts_name_every_status(mixed_db):
    assert await tasks.counts_by_status(mixed_db) == {
        "pending": 3,
        "running": 3,
        "completed": 0,
        "failed": 3,
        "cancelled": 3,
    }
    assert await tasks.count_by_status(mixed_db, "failed") == 3
    assert await tasks.count_by_status(mixed_db, "completed") == 0


# Changing


@pytest.mark.parametrize(
    "field",
    [
        {"title": "Weigh the moon"},
        {"description": "roughly"},
        {"description": None},
        {"task_type": "build"},
        {"config": {"sky": "south"}},
        {"metadata": {}},
        {"workspace_path": "/moon"},
        {"workspace_path": None},
        {"max_attempts": 1},
    ],
    ids=str,
)
async def test_update_changes_the_given_field_only(still_db, clock, field):
    task = await tasks.create(still_db, "Count", "research", "all", {"a": 1}, {"b": 2}, "/sky")
    clock.advance(timedelta(minutes=1))
    changed = await tasks.update(still_db, task.id, **field)
    assert changed == task.model_copy(update={**field, "updated_at": clock()})
    assert await tasks.get(still_db, task.id) == changed


async def test_update_of_nothing_changes_nothing(still_db, clock):
    task = await tasks.create(still_db, "Count", "research")
    clock.advance(timedelta(minutes=1))
    assert await tasks.update(still_db, task.id) == task


async def test_update_refuses_unknown_fields_absent_tasks_and_null(db, task):
    with pytest.raises(TypeError):
        await tasks.update(db, task.id, status="running")
    with pytest.raises(NotFound):
        await tasks.update(db, uuid4(), title="x")
    with pytest.raises(InvalidValue):
        await tasks.update(db, task.id, title=None)


# Transitions


@pytest.mark.parametrize(("operation", "source"), ALLOWED)
async def test_transition_is_allowed(db, operation, source):
    task = await task_in(db, source)
    moved = await operate(db, operation, task.id)
    assert moved.status == MOVES[operation][1]
    assert await tasks.get(db, task.id) == moved


@pytest.mark.parametrize(("operation", "source"), REFUSED)
async def test_transition_is_refused(db, operation, source):
    task = await task_in(db, source)
    with pytest.raises(InvalidTransition) as caught:
        await operate(db, operation, task.id)
    assert (caught.value.current, caught.value.requested) == (source, MOVES[operation][1])
    assert set(caught.value.allowed) == targets(source)
    assert await tasks.get(db, task.id) == task


@pytest.mark.parametrize("operation", MOVES)
async def test_transition_of_an_absent_task_is_not_found(db, operation):
    with pytest.raises(NotFound):
        await operate(db, operation, uuid4())


@pytest.mark.parametrize("source", STATUSES)
@pytest.mark.parametrize("target", STATUSES)
async def test_set_status_follows_the_transitions(db, source, target):
    task = await task_in(db, source)
    if target in targets(source):
        assert (await tasks.set_status(db, task.id, target)).status == target
    else:
        with pytest.raises(InvalidTransition) as caught:
            await tasks.set_status(db, task.id, target)
        assert (caught.value.current, caught.value.requested) == (source, target)
        assert set(caught.value.allowed) == targets(source)


async def test_set_status_keeps_the_error_of_a_failed_task(db, task):
    assert (await tasks.set_status(db, task.id, "failed", "broken")).error == "broken"


async def test_set_status_refuses_an_unknown_status(db, task):
    with pytest.raises(InvalidValue, match="paused"):
        await tasks.set_status(db, task.id, "paused")


@pytest.mark.parametrize(
    ("operation", "source", "column"),
    [
        ("start", "pending", "started_at"),
        ("complete", "running", "completed_at"),
        ("fail", "pending", "completed_at"),
        ("cancel", "running", "completed_at"),
    ],
)
async def test_transition_sets_its_time(still_db, clock, operation, source, column):
    task = await task_in(still_db, source)
    clock.advance(timedelta(minutes=5))
    moved = await operate(still_db, operation, task.id)
    assert getattr(moved, column) == moved.updated_at == clock()
    assert moved.created_at == task.created_at


async def test_a_retried_task_is_as_new(db):
    task = await task_in(db, "running")
    failed = await tasks.fail(db, task.id, "broken")
    assert failed.error == "broken"
    retried = await tasks.retry(db, task.id)
    assert (retried.started_at, retried.completed_at, retried.error) == (None, None, None)


@pytest.mark.parametrize(
    ("status", "active", "terminal", "successful"),
    [
        ("pending", True, False, False),
        ("running", True, False, False),
        ("completed", False, True, True),
        ("failed", False, False, False),
        ("cancelled", False, False, False),
    ],
)
async def test_a_task_tells_how_it_stands(db, status, active, terminal, successful):
    task = await task_in(db, status)
    assert (task.is_active, task.is_terminal, task.is_successful) == (active, terminal, successful)


# Deleting


async def test_delete_removes_a_task(db, task):
    assert await tasks.delete(db, task.id)
    assert await tasks.find(db, task.id) is None
    assert not await tasks.delete(db, task.id)
    with pytest.raises(NotFound):
        await tasks.delete(db, task.id, missing_ok=False)
