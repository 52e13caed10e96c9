import asyncio
from datetime import timedelta
from decimal import Decimal
from functools import partial
from itertools import product
from uuid import uuid4

import pytest

from wave_data import (
    Conflict,
    InvalidTransition,
    InvalidValue,
    MissingReference,
    NotFound,
    PayloadTooLarge,
    StaleClaim,
    execution_logs,
    graphs,
    runs,
)

EMPTY = {"nodes": [], "edges": [], "entry_point": "start"}
STATUSES = ("pending", "running", "completed", "failed", "cancelled")
MOVES = {
    "start": ({"pending"}, "running"),
    "complete": ({"running"}, "completed"),
    "fail": ({"pending", "running"}, "failed"),
    "cancel": ({"pending", "running"}, "cancelled"),
    "resume": ({"failed"}, "running"),
}
REQUIRED = {"fail": ("broken",)}
ALLOWED = [(name, source) for name, (sources, _) in MOVES.items() for source in STATUSES if source in sources]
REFUSED = sorted(set(product(MOVES, STATUSES)) - set(ALLOWED))
TARGETS = {source: {target for sources, target in MOVES.values() if source in sources} for source in STATUSES}


@pytest.fixture
async def graph(db):
    return await graphs.create(db, "review", EMPTY)


@pytest.fixture
async def run(db, graph):
    return await runs.create(db, graph.id, {"step": 0}, "r1")


async def run_in(db, status, graph=None):
    """A run brought to a status, without any lease."""
    graph = graph or await graphs.create(db, f"graph of {uuid4()}", EMPTY)
    run = await runs.create(db, graph.id, {})
    if status in ("running", "completed"):
        run = await runs.start(db, run.run_id)
    return run if status in ("pending", "running") else await runs.set_status(db, run.run_id, status)


def operate(db, operation, run_id):
    return getattr(runs, operation)(db, run_id, *REQUIRED.get(operation, ()))


# Creating


async def test_a_new_run_is_pending(db, graph):
    run = await runs.create(db, graph.id, {"step": 0}, "r1")
    assert (run.graph_id, run.run_id, run.initial_state, run.status) == (graph.id, "r1", {"step": 0}, "pending")
    assert (run.current_state, run.final_state, run.started_at, run.completed_at) == (None,) * 4
    assert (run.total_execution_time_ms, run.total_iterations, run.error_message, run.deleted_at) == (None,) * 4
    assert (run.claimed_by, run.lease_expires_at, run.attempts, run.max_attempts, run.fence) == (None, None, 0, 3, 0)
    assert await runs.get(db, run.id) == run
    assert await runs.find(db, run.id) == run
    assert await runs.find_by_run_id(db, "r1") == run


async def test_a_handle_is_made_where_none_is_given(db, graph):
    first, second = [await runs.create(db, graph.id, {}) for _ in range(2)]
    assert first.run_id < second.run_id
    assert first.run_id.startswith("run_")
    assert len(first.run_id) == len("run_") + 32


async def test_a_handle_and_an_id_are_taken_once(db, graph, run):
    with pytest.raises(Conflict):
        await runs.create(db, graph.id, {}, "r1")
    with pytest.raises(Conflict):
        await runs.create(db, graph.id, {}, id=run.id)
    await runs.delete(db, "r1")
    with pytest.raises(Conflict):
        await runs.create(db, graph.id, {}, "r1")


async def test_an_absent_graph_is_a_missing_reference(db):
    with pytest.raises(MissingReference):
        await runs.create(db, uuid4(), {})


async def test_a_deleted_graph_takes_no_runs(db, graph):
    await graphs.delete(db, graph.id)
    with pytest.raises(Conflict, match="is deleted; restore it before it runs"):
        await runs.create(db, graph.id, {})
    await graphs.restore(db, graph.id)
    await runs.create(db, graph.id, {})


@pytest.mark.parametrize(
    "arguments",
    [{"run_id": ""}, {"run_id": "x" * 256}, {"initial_state": None}, {"initial_state": []}, {"max_attempts": 0}],
    ids="-".join,
)
async def test_create_refuses(db, graph, arguments):
    with pytest.raises(InvalidValue):
        await runs.create(db, graph.id, **({"initial_state": {}} | arguments))


# Reading


async def test_an_absent_run_is_not_found(db):
    with pytest.raises(NotFound):
        await runs.get(db, uuid4())
    assert await runs.find(db, uuid4()) is None
    assert await runs.find_by_run_id(db, "r1") is None
    for operation in (runs.get_with_graph, runs.get_with_logs):
        with pytest.raises(NotFound, match="run r1 not found") as caught:
            await operation(db, "r1")
        assert caught.value.key == "r1"


async def test_a_run_with_its_graph(db, graph, run):
    found = await runs.get_with_graph(db, "r1")
    assert found.graph == graph
    assert found.model_dump(exclude={"graph"}) == run.model_dump()


async def test_a_run_with_a_page_of_its_logs(db, run):
    logs = [await execution_logs.create(db, run.id, f"node {number}", "started") for number in range(3)]
    found = await runs.get_with_logs(db, "r1", limit=2)
    assert found.model_dump(exclude={"logs"}) == run.model_dump()
    assert found.logs.items == logs[:2]
    rest = await runs.get_with_logs(db, "r1", limit=2, cursor=found.logs.next_cursor)
    assert (rest.logs.items, rest.logs.next_cursor) == (logs[2:], None)


@pytest.fixture(params=["moving clock", "still clock"])
def either_db(request, db, still_db):
    return db if request.param == "moving clock" else still_db


async def mixed_runs(db):
    """Runs of two graphs in several statuses, two of them deleted; the first graph, and all runs newest first."""
    made = [await graphs.create(db, name, EMPTY) for name in ("first", "second")]
    handles = []
    for number in range(12):
        run = await run_in(db, STATUSES[number % 3], made[number % 2])
        handles.append(run.run_id)
    await runs.delete(db, handles[0])
    await runs.delete(db, handles[3])
    return made[0], [await runs.find_by_run_id(db, handle) for handle in reversed(handles)]


FILTERS = {
    "none": {},
    "graph": {"graph_id": True},
    "status": {"status": "running"},
    "graph and status": {"graph_id": True, "status": "completed"},
    "deleted too": {"include_deleted": True},
    "deleted too of a status": {"status": "pending", "include_deleted": True},
}


@pytest.mark.parametrize("name", FILTERS)
async def test_lists_are_newest_first_and_hide_deleted_runs(either_db, read_pages, name):
    graph, everything = await mixed_runs(either_db)
    filters = dict(FILTERS[name])
    if "graph_id" in filters:
        filters["graph_id"] = graph.id
    wanted = {"include_deleted": False} | filters
    expected = [
        run
        for run in everything
        if (wanted["include_deleted"] or not run.is_deleted)
        and all(getattr(run, field) == value for field, value in filters.items() if field != "include_deleted")
    ]
    assert await read_pages(partial(runs.find_many, either_db, **filters)) == expected
    assert [run async for run in runs.iterate(either_db, **filters)] == expected
    assert await runs.count(either_db, **filters) == len(expected) > 1


async def test_counts_by_status_name_every_status(db):
    graph, _ = await mixed_runs(db)
    zeros = dict.fromkeys(STATUSES, 0)
    assert await runs.counts_by_status(db) == zeros | {"pending": 2, "running": 4, "completed": 4}
    assert await runs.counts_by_status(db, include_deleted=True) == zeros | dict.fromkeys(STATUSES[:3], 4)
    assert await runs.counts_by_status(db, graph.id) == zeros | {"pending": 1, "running": 2, "completed": 2}
    assert await runs.counts_by_status(db, uuid4()) == zeros


# Transitions


@pytest.mark.parametrize(("operation", "source"), ALLOWED)
async def test_transition_is_allowed(db, operation, source):
    run = await run_in(db, source)
    moved = await operate(db, operation, run.run_id)
    assert moved.status == MOVES[operation][1]
    assert await runs.get(db, run.id) == moved


@pytest.mark.parametrize(("operation", "source"), REFUSED)
async def test_transition_is_refused(db, operation, source):
    run = await run_in(db, source)
    with pytest.raises(InvalidTransition) as caught:
        await operate(db, operation, run.run_id)
    assert (caught.value.current, caught.value.requested) == (source, MOVES[operation][1])
    assert (caught.value.key, set(caught.value.allowed)) == (run.run_id, TARGETS[source])
    assert await runs.get(db, run.id) == run


@pytest.mark.parametrize("source", STATUSES)
@pytest.mark.parametrize("target", STATUSES)
async def test_set_status_moves_as_the_operations_do(db, source, target):
    run = await run_in(db, source)
    if target in TARGETS[source]:
        moved = await runs.set_status(db, run.run_id, target, "because")
        assert moved.status == target
        assert moved.error_message == ("because" if target in ("failed", "cancelled") else None)
    else:
        with pytest.raises(InvalidTransition) as caught:
            await runs.set_status(db, run.run_id, target)
        assert (caught.value.current, caught.value.requested) == (source, target)
        assert set(caught.value.allowed) == TARGETS[source]
        assert await runs.get(db, run.id) == run


@pytest.mark.parametrize("operation", MOVES)
async def test_transition_of_an_absent_run_is_not_found(db, operation):
    with pytest.raises(NotFound, match="run r1 not found"):
        await operate(db, operation, "r1")


async def test_set_status_of_an_absent_run_or_an_unknown_status(db, run):
    for status in STATUSES:
        with pytest.raises(NotFound):
            await runs.set_status(db, "r2", status)
    with pytest.raises(InvalidValue):
        await runs.set_status(db, "r1", "paused")


@pytest.mark.parametrize(("operation", "source"), [*ALLOWED, ("save_state", "running")])
async def test_a_deleted_run_does_not_move(db, operation, source):
    run = await run_in(db, source)
    await runs.delete(db, run.run_id)
    arguments = {"save_state": ({},)}.get(operation, REQUIRED.get(operation, ()))
    with pytest.raises(Conflict, match="is deleted; restore it first") as caught:
        await getattr(runs, operation)(db, run.run_id, *arguments)
    assert not isinstance(caught.value, InvalidTransition)
    if operation in MOVES:
        with pytest.raises(Conflict):
            await runs.set_status(db, run.run_id, MOVES[operation][1])
    restored = await runs.restore(db, run.run_id)
    assert restored.status == source
    await getattr(runs, operation)(db, run.run_id, *arguments)


async def test_transitions_set_their_times(still_db, clock):
    db = still_db
    run = await run_in(db, "pending")
    started = clock()
    run = await runs.start(db, run.run_id)
    assert (run.started_at, run.completed_at) == (started, None)
    clock.advance(timedelta(minutes=1))
    run = await runs.fail(db, run.run_id, "broken")
    assert (run.completed_at, run.error_message) == (clock(), "broken")
    clock.advance(timedelta(minutes=1))
    run = await runs.resume(db, run.run_id)
    assert (run.started_at, run.completed_at, run.error_message) == (started, None, None)
    run = await runs.cancel(db, run.run_id)
    assert (run.completed_at, run.error_message) == (clock(), None)
    never_started = await runs.resume(db, (await run_in(db, "failed")).run_id)
    assert never_started.started_at == clock()


async def test_completing_stores_the_results_and_the_duration(still_db, clock):
    db = still_db
    run = await run_in(db, "running")
    clock.advance(timedelta(seconds=2, microseconds=345600))
    run = await runs.complete(db, run.run_id, {"answer": 42}, total_iterations=7)
    assert (run.final_state, run.total_iterations) == ({"answer": 42}, 7)
    assert run.total_execution_time_ms == pytest.approx(2345, abs=1)
    given = await runs.complete(db, (await run_in(db, "running")).run_id, total_execution_time_ms=0.25)
    assert (given.total_execution_time_ms, given.final_state, given.total_iterations) == (0.25, None, None)


async def test_a_clock_that_stepped_back_makes_no_negative_duration(still_db, clock):
    run = await run_in(still_db, "running")
    clock.advance(timedelta(seconds=-5))
    assert (await runs.complete(still_db, run.run_id)).total_execution_time_ms == 0


@pytest.mark.parametrize(
    "results",
    [
        {"final_state": []},
        {"total_iterations": -1},
        {"total_execution_time_ms": -0.5},
        {"total_execution_time_ms": float("nan")},
        {"total_execution_time_ms": float("inf")},
    ],
)
async def test_wrong_results_are_refused(db, results):
    run = await run_in(db, "running")
    with pytest.raises(InvalidValue):
        await runs.complete(db, run.run_id, **results)
    with pytest.raises(InvalidValue):
        values = {"final_state": {}, "total_iterations": 1, "total_execution_time_ms": 1.0}
        await runs.save_final_state(db, run.run_id, **(values | results))
    assert await runs.get(db, run.id) == run


async def test_one_of_racing_transitions_wins(db):
    run = await run_in(db, "running")
    moves = [runs.complete(db, run.run_id) for _ in range(4)] + [runs.fail(db, run.run_id, "x") for _ in range(4)]
    done = await asyncio.gather(*moves, return_exceptions=True)
    assert sum(isinstance(found, runs.Run) for found in done) == 1
    assert sum(isinstance(found, InvalidTransition) for found in done) == 7


# States


@pytest.mark.parametrize("status", STATUSES)
async def test_a_state_is_saved_while_running(db, status):
    run = await run_in(db, status)
    if status == "running":
        saved = await runs.save_state(db, run.run_id, {"step": 1})
        assert (saved.current_state, saved.status, saved.initial_state) == ({"step": 1}, "running", {})
        assert await runs.get(db, run.id) == saved
    else:
        with pytest.raises(InvalidTransition) as caught:
            await runs.save_state(db, run.run_id, {"step": 1})
        assert caught.value.current == status
        assert await runs.get(db, run.id) == run


@pytest.mark.parametrize("status", STATUSES)
async def test_a_final_state_is_saved_in_any_status_which_stays(db, status):
    run = await run_in(db, status)
    saved = await runs.save_final_state(db, run.run_id, {"answer": 42}, 7, 1.5)
    assert (saved.final_state, saved.total_iterations, saved.total_execution_time_ms) == ({"answer": 42}, 7, 1.5)
    assert (saved.status, saved.completed_at) == (run.status, run.completed_at)
    with pytest.raises(NotFound):
        await runs.save_final_state(db, "absent", {}, 0, 0)


async def test_a_state_over_the_limit_is_refused(connect_store):
    db = await connect_store(json_limit=100)
    graph = await graphs.create(db, "g", EMPTY)
    exact, larger = {"x": "a" * 92}, {"x": "a" * 93}
    run = await runs.start(db, (await runs.create(db, graph.id, exact)).run_id)
    with pytest.raises(PayloadTooLarge, match="initial_state: the JSON value takes 101 bytes; at most 100 are stored"):
        await runs.create(db, graph.id, larger)
    with pytest.raises(PayloadTooLarge):
        await runs.save_state(db, run.run_id, larger)
    with pytest.raises(PayloadTooLarge):
        await runs.complete(db, run.run_id, larger)
    assert (await runs.complete(db, run.run_id, exact)).final_state == exact


async def test_a_limit_above_the_default_lets_larger_values_in(connect_store):
    db = await connect_store(json_limit=20 * 1024 * 1024)
    graph = await graphs.create(db, "g", EMPTY)
    state = {"x": "a" * (17 * 1024 * 1024)}
    assert (await runs.create(db, graph.id, state)).initial_state == state


# Numbers


async def test_stats_of_no_runs(db):
    stats = await runs.stats(db)
    assert stats.model_dump() == dict.fromkeys(["total", *STATUSES], 0) | {
        "avg_execution_time_ms": 0.0,
        "success_rate": Decimal("0.00"),
    }


async def test_stats(still_db, clock):
    db = still_db
    graph = await graphs.create(db, "g", EMPTY)
    old = await run_in(db, "failed", graph)
    clock.advance(timedelta(days=1))
    for milliseconds in (1.0, 2.0, 2.0):
        run = await run_in(db, "running", graph)
        await runs.complete(db, run.run_id, total_execution_time_ms=milliseconds)
    for status in ("pending", "running", "failed", "cancelled", "cancelled"):
        await run_in(db, status, graph)
    failed = await run_in(db, "failed", graph)
    await runs.save_final_state(db, failed.run_id, {}, 1, 1000.0)
    await runs.delete(db, (await run_in(db, "completed", graph)).run_id)
    await run_in(db, "completed")
    stats = await runs.stats(db, graph.id, since=clock())
    assert (stats.total, stats.pending, stats.running) == (9, 1, 1)
    assert (stats.completed, stats.failed, stats.cancelled) == (3, 2, 2)
    assert (stats.avg_execution_time_ms, stats.success_rate) == (1.67, Decimal("42.86"))
    assert (await runs.stats(db, graph.id)).failed == 3
    assert (await runs.stats(db)).completed == 4
    assert (await runs.stats(db, since=old.created_at)).total == 11


# Claims


async def test_a_claim_hands_out_the_oldest_pending_runs(db):
    graph = await graphs.create(db, "g", EMPTY)
    made = [await run_in(db, "pending", graph) for _ in range(4)]
    await runs.delete(db, made[0].run_id)
    claims = await runs.claim(db, "worker-1", limit=2, lease=timedelta(minutes=1))
    assert {claim.id for claim in claims} == {made[1].id, made[2].id}
    for claim in claims:
        assert (claim.status, claim.claimed_by, claim.attempts, claim.fence) == ("running", "worker-1", 1, 1)
        assert claim.lease_expires_at - claim.started_at == timedelta(minutes=1)
        assert await runs.get(db, claim.id) == claim
    assert [claim.id for claim in await runs.claim(db, "worker-2", limit=5)] == [made[3].id]
    assert await runs.claim(db, "worker-3") == []


async def claimed(db, run_id="r1", **lease):
    graph = await graphs.create(db, f"graph of {run_id}", EMPTY)
    await runs.create(db, graph.id, {}, run_id)
    [claim] = await runs.claim(db, "worker-1", **lease)
    return claim


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [("complete", {}), ("fail", {"error_message": "x"}), ("save_state", {"current_state": {}})],
)
async def test_a_run_under_a_lease_takes_the_fence_of_its_claim(db, operation, arguments):
    claim = await claimed(db)
    for fence in (None, claim.fence + 1):
        with pytest.raises(StaleClaim):
            await getattr(runs, operation)(db, "r1", **arguments, fence=fence)
    assert await runs.get(db, claim.id) == claim
    moved = await getattr(runs, operation)(db, "r1", **arguments, fence=claim.fence)
    assert (moved.lease_expires_at is None) == (operation != "save_state")
    assert moved.claimed_by == "worker-1"


async def test_a_supervisor_cancels_without_a_fence(db):
    claim = await claimed(db)
    assert (await runs.cancel(db, "r1", "enough")).lease_expires_at is None
    with pytest.raises(StaleClaim):
        await runs.complete(db, "r1", fence=claim.fence)


async def test_a_lease_that_ran_out_passes_to_another_worker(still_db, clock):
    db = still_db
    first = await claimed(db, lease=timedelta(minutes=1))
    assert await runs.claim(db, "worker-2") == []
    clock.advance(timedelta(minutes=1))
    for move in (partial(runs.complete, fence=1), partial(runs.save_state, current_state={}, fence=1)):
        with pytest.raises(StaleClaim):
            await move(db, "r1")
    [second] = await runs.claim(db, "worker-2")
    assert (second.id, second.claimed_by, second.attempts, second.fence) == (first.id, "worker-2", 2, 2)
    assert second.started_at == first.started_at
    for operation in (runs.heartbeat, runs.release):
        with pytest.raises(StaleClaim):
            await operation(db, first)
    assert (await runs.complete(db, "r1", fence=second.fence)).status == "completed"


async def test_a_heartbeat_puts_the_end_off(still_db, clock):
    db = still_db
    claim = await claimed(db, lease=timedelta(minutes=1))
    clock.advance(timedelta(seconds=59))
    beaten = await runs.heartbeat(db, claim, lease=timedelta(minutes=1))
    assert beaten.lease_expires_at == clock() + timedelta(minutes=1)
    clock.advance(timedelta(seconds=59))
    assert await runs.claim(db, "worker-2") == []
    await runs.complete(db, "r1", fence=claim.fence)


async def test_a_released_run_is_pending_again_and_the_attempt_does_not_count(db):
    released = await runs.release(db, await claimed(db))
    assert (released.status, released.claimed_by, released.attempts, released.fence) == ("pending", None, 0, 1)
    [again] = await runs.claim(db, "worker-2")
    assert (again.attempts, again.fence) == (1, 2)


async def test_a_run_fails_when_its_last_attempt_runs_out(still_db, clock):
    db = still_db
    graph = await graphs.create(db, "g", EMPTY)
    await runs.create(db, graph.id, {}, "r1", max_attempts=2)
    other = await runs.create(db, graph.id, {}, "r2")
    for _ in range(2):
        assert [claim.run_id for claim in await runs.claim(db, "worker-1")] == ["r1"]
        clock.advance(timedelta(minutes=5))
    assert [claim.id for claim in await runs.claim(db, "worker-1")] == [other.id]
    failed = await runs.find_by_run_id(db, "r1")
    assert (failed.status, failed.error_message) == ("failed", "the lease of attempt 2 ran out")
    resumed = await runs.resume(db, "r1")
    assert (resumed.attempts, resumed.claimed_by, resumed.lease_expires_at) == (0, None, None)


async def test_a_deleted_run_is_neither_kept_nor_given_nor_taken_back(still_db, clock):
    db = still_db
    claim = await claimed(db)
    await runs.delete(db, "r1")
    for operation in (runs.heartbeat, runs.release):
        with pytest.raises(Conflict, match="is deleted"):
            await operation(db, claim)
    clock.advance(timedelta(minutes=5))
    assert await runs.claim(db, "worker-2") == []
    await runs.restore(db, "r1")
    assert [found.id for found in await runs.claim(db, "worker-2")] == [claim.id]


async def test_racing_workers_share_the_runs(db):
    graph = await graphs.create(db, "g", EMPTY)
    made = {(await run_in(db, "pending", graph)).id for _ in range(12)}
    claims = await asyncio.gather(*(runs.claim(db, f"worker-{number}", limit=2) for number in range(8)))
    taken = [claim.id for found in claims for claim in found]
    assert len(taken) == len(set(taken))
    rest = await runs.claim(db, "last", limit=100)
    assert {*taken, *(claim.id for claim in rest)} == made


# Deleting


async def test_deleting_hides_a_run_once(db, run):
    assert await runs.delete(db, "r1") is True
    deleted = await runs.get(db, run.id)
    assert deleted.is_deleted
    assert deleted.deleted_at == deleted.updated_at
    assert await runs.find_by_run_id(db, "r1") == deleted
    assert await runs.delete(db, "r1") is False
    assert await runs.delete(db, "r1", missing_ok=False) is False


async def test_deleting_an_absent_run(db):
    for operation in (runs.delete, runs.hard_delete):
        assert await operation(db, "r1") is False
        with pytest.raises(NotFound, match="run r1 not found"):
            await operation(db, "r1", missing_ok=False)


async def test_restoring(db, run):
    with pytest.raises(InvalidTransition):
        await runs.restore(db, "r1")
    with pytest.raises(NotFound):
        await runs.restore(db, "r2")
    await runs.delete(db, "r1")
    restored = await runs.restore(db, "r1")
    assert restored == run.model_copy(update={"updated_at": restored.updated_at})


async def test_a_hard_deletion_takes_the_logs_along(db, run):
    log = await execution_logs.create(db, run.id, "plan", "started")
    assert await runs.hard_delete(db, "r1") is True
    assert await runs.find(db, run.id) is None
    assert await execution_logs.find(db, log.id) is None


async def test_purging_removes_what_was_deleted_longer_ago(still_db, clock):
    db = still_db
    graph = await graphs.create(db, "g", EMPTY)
    for name in ("old", "new", "kept"):
        run = await runs.create(db, graph.id, {}, name)
        await execution_logs.create(db, run.id, "plan", "started")
    await runs.delete(db, "old")
    clock.advance(timedelta(days=1))
    await runs.delete(db, "new")
    assert await runs.purge_deleted(db, timedelta(days=1)) == 0
    clock.advance(timedelta(microseconds=1))
    assert await runs.purge_deleted(db, timedelta(days=1)) == 1
    assert {run.run_id async for run in runs.iterate(db, include_deleted=True)} == {"new", "kept"}
    assert await execution_logs.count(db) == 2


async def test_the_properties_follow_the_status(db):
    found = {status: await run_in(db, status) for status in STATUSES}
    assert {status for status, run in found.items() if run.is_active} == {"pending", "running"}
    assert {status for status, run in found.items() if run.is_terminal} == {"completed", "cancelled"}
    assert {status for status, run in found.items() if run.is_successful} == {"completed"}


async def test_repr_names_the_run_and_not_its_state(run):
    assert repr(run) == f"Run(id={run.id!r}, run_id='r1', status='pending')"
