import asyncio
import gc
import hashlib
import tracemalloc
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from uuid import uuid4

import asyncpg
import pytest
from by_hand import run as run_by_hand

from wave_data import (
    Conflict,
    InvalidValue,
    MissingReference,
    NotFound,
    PayloadTooLarge,
    drop_all,
    execution_logs,
    graphs,
    runs,
)
from wave_data.migrations import verify
from wave_data.tables.execution_logs import LogPartition, NewExecutionLog

EMPTY = {"nodes": [], "edges": [], "entry_point": "start"}
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


async def new_run(db, name="r1"):
    graph = await graphs.create(db, f"graph of {name}", EMPTY)
    return await runs.create(db, graph.id, {}, name)


@pytest.fixture
async def run(db):
    return await new_run(db)


def entries(run, count, step=timedelta(seconds=1)):
    """Logs of three nodes, the later ones first."""
    return [
        NewExecutionLog(
            run.id,
            ("plan", "build", "test")[number % 3],
            ("started", "completed", "failed", "completed")[number % 4],
            iteration=number // 6,
            execution_time_ms=float(number),
            timestamp=NOON + number * step,
        )
        for number in reversed(range(count))
    ]


# Creating


async def test_a_log_holds_what_it_was_given(db, run):
    given = uuid4()
    log = await execution_logs.create(
        db, run.id, "plan", "failed", 2, 1.5, "broken", {"step": 1}, timestamp=NOON, id=given
    )
    assert (log.id, log.run_id, log.node_name, log.status, log.iteration) == (given, run.id, "plan", "failed", 2)
    assert (log.execution_time_ms, log.error_message, log.state_snapshot) == (1.5, "broken", {"step": 1})
    assert log.timestamp == NOON
    assert await execution_logs.get(db, given) == log


async def test_a_log_is_of_now_where_no_time_is_given(still_db, clock):
    run = await new_run(still_db)
    log = await execution_logs.create(still_db, run.id, "plan", "started")
    assert log.timestamp == clock()
    assert (log.iteration, log.execution_time_ms, log.error_message, log.state_snapshot) == (0, None, None, None)


async def test_an_absent_run_is_a_missing_reference(db, run):
    with pytest.raises(MissingReference):
        await execution_logs.create(db, uuid4(), "plan", "started")
    for count in (1, 100):
        rows = [*entries(run, count), NewExecutionLog(uuid4(), "plan", "started")]
        with pytest.raises(MissingReference):
            await execution_logs.create_many(db, rows)
    assert await execution_logs.count(db) == 0


async def test_a_taken_id_conflicts(db, run):
    log = await execution_logs.create(db, run.id, "plan", "started", timestamp=NOON)
    with pytest.raises(Conflict):
        await execution_logs.create(db, run.id, "plan", "started", timestamp=NOON, id=log.id)


@pytest.mark.parametrize(
    "arguments",
    [
        {"node_name": ""},
        {"node_name": "x" * 256},
        {"status": "paused"},
        {"iteration": -1},
        {"iteration": None},
        {"execution_time_ms": -1.0},
        {"execution_time_ms": float("nan")},
        {"execution_time_ms": float("inf")},
        {"state_snapshot": []},
        {"timestamp": datetime(2026, 1, 1)},  # noqa: DTZ001
    ],
    ids=str,
)
async def test_create_refuses(db, run, arguments):
    values = {"node_name": "plan", "status": "started"} | arguments
    with pytest.raises(InvalidValue):
        await execution_logs.create(db, run.id, **values)
    with pytest.raises(InvalidValue):
        await execution_logs.create_many(db, [{"run_id": run.id, **values}])
    assert await execution_logs.count(db) == 0


async def test_many_logs_come_as_records_and_mappings(still_db, clock):
    db = still_db
    run = await new_run(db)
    written = [
        NewExecutionLog(run.id, "plan", "started"),
        {"run_id": run.id, "node_name": "plan", "status": "completed", "execution_time_ms": 3},
    ]
    assert await execution_logs.create_many(db, written) == 2
    first, second = (await execution_logs.list_by_run(db, run.id)).items
    assert (first.status, first.timestamp) == ("started", clock())
    assert (second.status, second.execution_time_ms) == ("completed", 3.0)
    assert await execution_logs.create_many(db, []) == 0
    assert await execution_logs.create_many(db, (entry for entry in entries(run, 200))) == 200
    assert await execution_logs.count_by_run(db, run.id) == 202


@pytest.mark.parametrize("entry", [{"node_name": "plan"}, {"colour": "red"}])
async def test_many_logs_have_the_names_of_create(db, run, entry):
    with pytest.raises(TypeError):
        await execution_logs.create_many(db, [entry])


# Snapshots


def snapshot(size):
    """A snapshot whose JSON text has so many bytes."""
    return {"x": "a" * (size - len('{"x":""}'))}


async def test_a_snapshot_over_1_mib_is_refused(db, run):
    whole = await execution_logs.create(db, run.id, "plan", "started", state_snapshot=snapshot(1024**2))
    assert whole.state_snapshot == snapshot(1024**2)
    match = "state_snapshot: the JSON value takes 1048577 bytes; at most 1048576 are stored"
    with pytest.raises(PayloadTooLarge, match=match):
        await execution_logs.create(db, run.id, "plan", "started", state_snapshot=snapshot(1024**2 + 1))
    entry = NewExecutionLog(run.id, "plan", "started", state_snapshot=snapshot(1024**2 + 1))
    with pytest.raises(PayloadTooLarge, match=match):
        await execution_logs.create_many(db, [entry])
    assert await execution_logs.count(db) == 1


async def test_bytes_count_and_not_characters(connect_store):
    db = await connect_store(snapshot_limit=20)
    run = await new_run(db)
    await execution_logs.create(db, run.id, "plan", "started", state_snapshot={"x": "é" * 6})
    with pytest.raises(PayloadTooLarge, match="takes 22 bytes"):
        await execution_logs.create(db, run.id, "plan", "started", state_snapshot={"x": "é" * 7})


async def test_a_truncated_snapshot_leaves_its_size_and_hash(connect_store):
    db = await connect_store(snapshot_limit=100, snapshot_policy="truncate")
    run = await new_run(db)
    text = '{"x":"' + "a" * 93 + '"}'
    marker = {"truncated": True, "size": 101, "sha256": hashlib.sha256(text.encode()).hexdigest()}
    cut = await execution_logs.create(db, run.id, "plan", "started", state_snapshot=snapshot(101))
    assert cut.state_snapshot == marker
    whole = await execution_logs.create(db, run.id, "plan", "started", state_snapshot=snapshot(100))
    assert whole.state_snapshot == snapshot(100)
    await execution_logs.create_many(db, [NewExecutionLog(run.id, "plan", "failed", state_snapshot=snapshot(101))])
    [many] = (await execution_logs.find_many(db, status="failed")).items
    assert many.state_snapshot == marker


async def test_the_limits_hold_in_transactions_and_on_connections_too(connect_store):
    db = await connect_store(snapshot_limit=100)
    run = await new_run(db)
    async with db.connection() as connection:
        with pytest.raises(PayloadTooLarge):
            await execution_logs.create(connection, run.id, "plan", "started", state_snapshot=snapshot(101))
    async with db.transaction() as tx, tx.transaction() as inner:
        with pytest.raises(PayloadTooLarge):
            await execution_logs.create(inner, run.id, "plan", "started", state_snapshot=snapshot(101))


@pytest.mark.parametrize("options", [{"json_limit": 0}, {"snapshot_limit": -1}, {"snapshot_policy": "shorten"}])
async def test_wrong_limits_are_refused(connect_store, options):
    with pytest.raises(InvalidValue):
        await connect_store(**options)


# Reading


async def test_an_absent_log_is_not_found(db):
    with pytest.raises(NotFound):
        await execution_logs.get(db, uuid4())
    assert await execution_logs.find(db, uuid4()) is None


@pytest.fixture(params=["steps", "one instant"])
async def logged(request, db):
    """A run with 13 logs and another with 5; and all logs in the order of execution."""
    step = timedelta(seconds=1) if request.param == "steps" else timedelta()
    run, other = await new_run(db), await new_run(db, "r2")
    await execution_logs.create_many(db, entries(run, 13, step) + entries(other, 5, step))
    everything = [log async for log in execution_logs.iterate(db)]
    return run, sorted(everything, key=lambda log: (log.timestamp, log.id))


@pytest.mark.parametrize("status", [None, "completed"])
async def test_the_logs_of_a_run_come_in_the_order_of_execution(db, read_pages, logged, status):
    run, everything = logged
    expected = [log for log in everything if log.run_id == run.id and status in (None, log.status)]
    assert await read_pages(partial(execution_logs.list_by_run, db, run.id, status)) == expected
    assert len(expected) >= 6


async def test_the_logs_of_a_node_come_by_iteration(db, read_pages, logged):
    run, everything = logged
    expected = [log for log in everything if log.run_id == run.id and log.node_name == "plan"]
    expected.sort(key=lambda log: (log.iteration, log.timestamp, log.id))
    assert await read_pages(partial(execution_logs.list_by_run_and_node, db, run.id, "plan")) == expected
    assert len(expected) == 5


FILTERS = {
    "none": {},
    "node": {"node_name": "plan"},
    "status": {"status": "completed"},
    "since": {"since": NOON + timedelta(seconds=3)},
    "until": {"until": NOON + timedelta(seconds=3)},
    "all": {"node_name": "build", "status": "completed", "since": NOON, "until": NOON + timedelta(seconds=9)},
}


@pytest.mark.parametrize("name", FILTERS)
async def test_logs_of_all_runs_come_newest_first(db, read_pages, logged, name):
    _, everything = logged
    filters = FILTERS[name]
    expected = [
        log
        for log in reversed(everything)
        if log.node_name == filters.get("node_name", log.node_name)
        and log.status == filters.get("status", log.status)
        and filters.get("since", log.timestamp) <= log.timestamp
        and ("until" not in filters or log.timestamp < filters["until"])
    ]
    assert await read_pages(partial(execution_logs.find_many, db, **filters)) == expected
    assert [log async for log in execution_logs.iterate(db, **filters)] == expected
    assert await execution_logs.count(db, **filters) == len(expected)


# Streams


@pytest.mark.parametrize("batch", [1, 2, 13, 500])
async def test_a_stream_has_all_logs_of_a_run_in_order(db, logged, batch):
    run, everything = logged
    expected = [log for log in everything if log.run_id == run.id]
    assert [log async for log in execution_logs.stream_by_run(db, run.id, batch=batch)] == expected
    async with db.transaction() as tx:
        assert [log async for log in execution_logs.stream_by_run(tx, run.id, batch)] == expected


@pytest.mark.parametrize("batch", [0, -1, 10_001, 1.5, None, True])
async def test_a_batch_has_1_to_10000_rows(db, batch):
    with pytest.raises(InvalidValue, match="batch"):
        execution_logs.stream_by_run(db, uuid4(), batch=batch)


async def test_a_stream_that_is_left_early_frees_its_connection(connect_store):
    db = await connect_store(pool_size=1, max_overflow=0, acquire_timeout=5)
    run = await new_run(db)
    await execution_logs.create_many(db, entries(run, 50))
    for _ in range(3):
        stream = execution_logs.stream_by_run(db, run.id, batch=5)
        assert (await anext(stream)).timestamp == NOON
        await stream.aclose()
    assert await execution_logs.count_by_run(db, run.id) == 50


@pytest.mark.timeout(300)
async def test_a_long_stream_stays_in_flat_memory(db):
    run = await new_run(db)
    for hundred in range(10):
        await execution_logs.create_many(
            db,
            (
                NewExecutionLog(run.id, "plan", "started", number, state_snapshot={"step": number, "text": "x" * 100})
                for number in range(hundred * 10_000, hundred * 10_000 + 10_000)
            ),
        )
    gc.collect()
    tracemalloc.start()
    try:
        count, last = 0, None
        async for log in execution_logs.stream_by_run(db, run.id):
            assert last is None or last < (log.timestamp, log.id)
            last = (log.timestamp, log.id)
            count += 1
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == 100_000
    assert peak < 20 * 1024**2


# Numbers


async def test_node_stats(db, run):
    other = await new_run(db, "r2")
    for node, status, milliseconds, hour in [
        ("plan", "started", None, 0),
        ("plan", "completed", 1.0, 0),
        ("plan", "completed", 2.0, 1),
        ("plan", "failed", 2.0, 2),
        ("build", "started", None, 2),
    ]:
        await execution_logs.create(
            db, run.id, node, status, execution_time_ms=milliseconds, timestamp=NOON + timedelta(hours=hour)
        )
    await execution_logs.create(db, other.id, "plan", "completed", execution_time_ms=7.5, timestamp=NOON)

    async def stats(**filters):
        return [tuple(node.model_dump().values()) for node in await execution_logs.node_stats(db, **filters)]

    assert await stats(run_id=run.id) == [("build", 0, 0, 0.0, 0.0), ("plan", 3, 1, 1.67, 2.0)]
    assert await stats() == [("build", 0, 0, 0.0, 0.0), ("plan", 4, 1, 3.13, 7.5)]
    assert await stats(since=NOON + timedelta(hours=2)) == [("build", 0, 0, 0.0, 0.0), ("plan", 1, 1, 2.0, 2.0)]
    assert await stats(run_id=uuid4()) == []


# Deleting


async def test_deleting_one_log(db, run):
    log = await execution_logs.create(db, run.id, "plan", "started")
    assert await execution_logs.delete(db, log.id) is True
    assert await execution_logs.delete(db, log.id) is False
    with pytest.raises(NotFound):
        await execution_logs.delete(db, log.id, missing_ok=False)


async def test_deleting_the_logs_of_a_run(db, run):
    other = await new_run(db, "r2")
    await execution_logs.create_many(db, entries(run, 3) + entries(other, 2))
    assert await execution_logs.delete_by_run(db, run.id) == 3
    assert await execution_logs.delete_by_run(db, run.id) == 0
    assert await execution_logs.count(db) == 2


@pytest.mark.parametrize("batch", [1, 3, 4, 100])
async def test_deleting_old_logs_in_batches(db, run, batch):
    await execution_logs.create_many(db, entries(run, 10))
    assert await execution_logs.delete_before(db, NOON + timedelta(seconds=7), batch=batch) == 7
    left = (await execution_logs.list_by_run(db, run.id)).items
    assert [log.timestamp for log in left] == [NOON + timedelta(seconds=second) for second in (7, 8, 9)]
    assert await execution_logs.delete_before(db, NOON) == 0


@pytest.mark.parametrize("batch", [0, -1, None])
async def test_a_deletion_takes_batches_of_1_or_more(db, batch):
    with pytest.raises(InvalidValue):
        await execution_logs.delete_before(db, NOON, batch=batch)


async def test_batches_of_a_deletion_commit_one_by_one(db, run, monkeypatch):
    await execution_logs.create_many(db, entries(run, 10))
    once = execution_logs._delete_batch
    calls = []

    async def fail_the_second_time(*arguments):
        calls.append(arguments)
        if len(calls) == 2:
            raise RuntimeError("the power went out")
        return await once(*arguments)

    monkeypatch.setattr(execution_logs, "_delete_batch", fail_the_second_time)
    with pytest.raises(RuntimeError):
        await execution_logs.delete_before(db, NOON + timedelta(days=1), batch=4)
    assert await execution_logs.count(db) == 6


# Partitions


def month(year, number):
    return datetime(year, number, 1, tzinfo=UTC)


class TestOnSqlite:
    @pytest.fixture(params=["sqlite-file", "sqlite-memory"])
    def store(self, request):
        return request.param

    async def test_there_are_no_partitions(self, db, run):
        assert await execution_logs.ensure_partitions(db) == []
        assert await execution_logs.list_partitions(db) == []

    async def test_dropping_partitions_deletes_the_logs(self, db, run):
        await execution_logs.create_many(db, entries(run, 5))
        assert await execution_logs.drop_partitions_before(db, NOON + timedelta(seconds=3)) == []
        assert await execution_logs.count(db) == 2


class TestOnPostgres:
    @pytest.fixture
    def store(self):
        return "postgres"

    @pytest.fixture
    async def late_db(self, connect_store, clock):
        """A database in whose time it is the last second of a year."""
        clock.set(datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC))
        return await connect_store(clock=clock)

    def rows_by_partition(self, url):
        return dict(run_by_hand(url, "SELECT tableoid::regclass::text, count(*) FROM execution_logs GROUP BY 1"))

    async def test_the_months_from_now_on_get_partitions(self, late_db):
        made = await execution_logs.ensure_partitions(late_db, months_ahead=2)
        assert made == [
            LogPartition(name="execution_logs_2026_12", since=month(2026, 12), until=month(2027, 1)),
            LogPartition(name="execution_logs_2027_01", since=month(2027, 1), until=month(2027, 2)),
            LogPartition(name="execution_logs_2027_02", since=month(2027, 2), until=month(2027, 3)),
        ]
        assert await execution_logs.list_partitions(late_db) == made
        assert await execution_logs.ensure_partitions(late_db, months_ahead=2) == []
        [another] = await execution_logs.ensure_partitions(late_db)
        assert another.name == "execution_logs_2027_03"
        assert await execution_logs.list_partitions(late_db) == [*made, another]

    @pytest.mark.parametrize("months_ahead", [-1, 121, None, 1.0])
    async def test_months_ahead_are_0_to_120(self, db, months_ahead):
        with pytest.raises(InvalidValue):
            await execution_logs.ensure_partitions(db, months_ahead)

    async def test_rows_of_a_month_move_from_the_default_partition(self, late_db, database_url):
        run = await new_run(late_db)
        times = [
            month(2026, 12) - timedelta(microseconds=1),
            month(2026, 12),
            month(2027, 1) - timedelta(microseconds=1),
            month(2027, 1),
            month(2030, 5),
        ]
        written = [await execution_logs.create(late_db, run.id, "plan", "started", timestamp=time) for time in times]
        assert self.rows_by_partition(database_url) == {"execution_logs_default": 5}
        await execution_logs.ensure_partitions(late_db)
        assert self.rows_by_partition(database_url) == {
            "execution_logs_default": 2,
            "execution_logs_2026_12": 2,
            "execution_logs_2027_01": 1,
        }
        assert (await execution_logs.list_by_run(late_db, run.id)).items == written
        assert [await execution_logs.get(late_db, log.id) for log in written] == written
        fresh = await execution_logs.create(late_db, run.id, "plan", "started")
        assert self.rows_by_partition(database_url)["execution_logs_2026_12"] == 3
        assert await execution_logs.get(late_db, fresh.id) == fresh

    async def test_a_move_fires_no_trigger(self, late_db, database_url):
        run = await new_run(late_db)
        log = await execution_logs.create(late_db, run.id, "plan", "started")
        run_by_hand(
            database_url,
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'a change'; END $$",
            "CREATE TRIGGER refuse AFTER DELETE OR INSERT ON execution_logs FOR EACH ROW EXECUTE FUNCTION refuse()",
        )
        await execution_logs.ensure_partitions(late_db)
        assert self.rows_by_partition(database_url) == {"execution_logs_2026_12": 1}
        with pytest.raises(Exception, match="a change"):
            await execution_logs.delete(late_db, log.id)

    async def test_a_failure_leaves_the_rows_where_they_were(self, late_db, database_url):
        run = await new_run(late_db)
        await execution_logs.create(late_db, run.id, "plan", "started")
        run_by_hand(database_url, "CREATE TABLE execution_logs_2027_02 (x integer)")
        with pytest.raises(Exception, match="already exists"):
            await execution_logs.ensure_partitions(late_db)
        assert await execution_logs.list_partitions(late_db) == []
        assert self.rows_by_partition(database_url) == {"execution_logs_default": 1}

    async def test_a_partition_made_by_hand_serves_its_months(self, late_db, database_url):
        run_by_hand(
            database_url,
            "CREATE TABLE logs_of_2027 PARTITION OF execution_logs FOR VALUES FROM ('2027-01-01Z') TO ('2028-01-01Z')",
        )
        made = await execution_logs.ensure_partitions(late_db)
        assert [partition.name for partition in made] == ["execution_logs_2026_12"]
        assert [partition.name for partition in await execution_logs.list_partitions(late_db)] == [
            "execution_logs_2026_12",
            "logs_of_2027",
        ]

    async def test_racing_calls_make_each_partition_once(self, late_db):
        made = await asyncio.gather(*(execution_logs.ensure_partitions(late_db) for _ in range(4)))
        names = sorted(partition.name for found in made for partition in found)
        assert len(names) == 4
        assert len(set(names)) == 4

    async def test_logs_are_written_while_partitions_are_made(self, late_db):
        run = await new_run(late_db)

        async def write():
            for _ in range(20):
                await execution_logs.create(late_db, run.id, "plan", "started")

        await asyncio.gather(write(), write(), execution_logs.ensure_partitions(late_db), write())
        assert await execution_logs.count_by_run(late_db, run.id) == 60

    async def test_dropping_takes_whole_months_and_deletes_the_rest(self, late_db):
        run = await new_run(late_db)
        await execution_logs.ensure_partitions(late_db)
        times = [NOON, month(2026, 12), month(2027, 1), month(2027, 1) + timedelta(days=20)]
        for time in times:
            await execution_logs.create(late_db, run.id, "plan", "started", timestamp=time)
        dropped = await execution_logs.drop_partitions_before(late_db, month(2027, 1) + timedelta(days=10))
        assert [partition.name for partition in dropped] == ["execution_logs_2026_12"]
        assert [log.timestamp for log in (await execution_logs.list_by_run(late_db, run.id)).items] == times[3:]
        assert len(await execution_logs.list_partitions(late_db)) == 3
        assert await execution_logs.drop_partitions_before(late_db, month(2027, 1) + timedelta(days=10)) == []

    async def test_listeners_are_told_that_they_missed_what_was_dropped(self, late_db, database_url):
        await execution_logs.ensure_partitions(late_db)
        told = asyncio.Queue()
        listener = await asyncpg.connect(database_url)
        await listener.add_listener("wave_data_changes", lambda *arguments: told.put_nowait(arguments[-1]))
        await execution_logs.drop_partitions_before(late_db, month(2026, 12))
        await execution_logs.drop_partitions_before(late_db, month(2027, 1))
        async with asyncio.timeout(10):
            assert await told.get() == '["execution_logs", "missed", null]'
        await listener.close()
        assert told.empty()

    async def test_constraints_and_references_hold_in_partitions(self, late_db):
        await execution_logs.ensure_partitions(late_db)
        run = await new_run(late_db)
        log = await execution_logs.create(late_db, run.id, "plan", "started")
        with pytest.raises(MissingReference):
            await execution_logs.create(late_db, uuid4(), "plan", "started")
        with pytest.raises(Conflict):
            await execution_logs.create(late_db, run.id, "plan", "started", timestamp=log.timestamp, id=log.id)
        with pytest.raises(InvalidValue):
            await execution_logs.create(late_db, run.id, "", "started")
        await runs.hard_delete(late_db, "r1")
        assert await execution_logs.count(late_db) == 0

    async def test_partitions_are_no_difference_and_go_with_the_table(self, late_db, database_url):
        run = await new_run(late_db)
        await execution_logs.create(late_db, run.id, "plan", "started")
        await execution_logs.ensure_partitions(late_db)
        assert await asyncio.to_thread(verify, database_url) == []
        await asyncio.to_thread(drop_all, database_url, confirm=True)
        assert run_by_hand(database_url, "SELECT relname FROM pg_class WHERE relname LIKE 'execution_log%'") == []

    async def test_partitions_follow_each_other_without_gaps(self, late_db):
        made = await execution_logs.ensure_partitions(late_db, months_ahead=14)
        assert all(one.until == other.since for one, other in pairwise(made))


async def test_repr_names_the_log_and_not_its_snapshot(db, run):
    log = await execution_logs.create(db, run.id, "plan", "started", state_snapshot={"secret": 1})
    assert repr(log) == f"ExecutionLog(id={log.id!r}, run_id={run.id!r}, node_name='plan', status='started')"
