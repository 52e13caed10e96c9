"""The cache of results: what is kept, what it goes with, and what passes it by."""

import asyncio
import pickle
from collections.abc import Collection
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from wave_data import (
    CacheStats,
    InvalidTransition,
    InvalidValue,
    MemoryCache,
    NotFound,
    OutcomeUnknown,
    audit,
    client_sessions,
    configurations,
    execution_logs,
    runs,
    tasks,
    wave_checkpoints,
    wave_sessions,
    wave_story_executions,
    worktrees,
)
from wave_data.testing import builders

# The stores on which another Database can be opened on the same rows.
SHARED = ["sqlite-file", "postgres"]


class Watch:
    """A clock in seconds that a test moves."""

    def __init__(self) -> None:
        self.time = 0.0

    def __call__(self) -> float:
        return self.time


class Pickling:
    """A backend that keeps its records as bytes, somewhere else so to speak."""

    def __init__(self) -> None:
        self.entries: dict[str, tuple[bytes, Collection[str]]] = {}
        self.times: list[float] = []

    async def get(self, key: str) -> Any | None:
        await asyncio.sleep(0)
        return pickle.loads(self.entries[key][0]) if key in self.entries else None

    async def put(self, key: str, record: Any, tags: Collection[str], ttl: float) -> int:
        await asyncio.sleep(0)
        self.entries[key] = pickle.dumps(record), tags
        self.times.append(ttl)
        return 0

    async def drop(self, tags: Collection[str]) -> None:
        await asyncio.sleep(0)
        self.entries = {key: entry for key, entry in self.entries.items() if set(tags).isdisjoint(entry[1])}


@pytest.fixture
async def db(connect_store):
    return await connect_store(cache=True)


@pytest.fixture
async def task(db):
    return await builders.task(db)


async def hits(db, *reads) -> list[bool]:
    """Which of the reads the cache answers, one after the other."""
    found = []
    for read in reads:
        before = db.cache_stats().hits
        await read
        found.append(db.cache_stats().hits > before)
    return found


async def is_cached(db, read) -> bool:
    return (await hits(db, read))[0]


# What is kept


async def test_without_the_option_nothing_is_kept(connect_store):
    db = await connect_store()
    task = await builders.task(db)
    assert await tasks.get(db, task.id) is not await tasks.get(db, task.id)
    assert db.cache_stats() == CacheStats(0, 0, 0)
    assert db.observer is None


async def test_a_second_read_is_answered_from_the_cache(db, task):
    assert await hits(db, tasks.get(db, task.id), tasks.get(db, task.id), tasks.find(db, task.id)) == [
        False,
        True,
        True,
    ]
    assert await tasks.get(db, task.id) == task
    assert db.cache_stats() == CacheStats(hits=3, misses=1, evictions=0)


async def test_rows_found_by_another_key_are_kept(db):
    worktree = await builders.worktree(db)
    for find, key in [(worktrees.find_by_port, worktree.port), (worktrees.find_by_path, worktree.path)]:
        assert await hits(db, find(db, key), find(db, key)) == [False, True]
        assert await find(db, key) == worktree


async def test_configuration_values_are_kept(db):
    await configurations.put(db, "limit", 4)
    assert await hits(db, configurations.get_int(db, "limit"), configurations.get_value(db, "limit")) == [False, True]
    await configurations.put(db, "limit", 8)
    assert await configurations.get_int(db, "limit") == 8


async def test_nothing_found_is_not_kept(db):
    given = uuid4()
    assert await tasks.find(db, given) is None
    with pytest.raises(NotFound):
        await tasks.get(db, given)
    await builders.task(db, id=given)
    assert (await tasks.get(db, given)).id == given
    assert db.cache_stats().hits == 0


async def test_revealed_secrets_are_not_kept(db):
    await configurations.put(db, "token", "sesame", is_secret=True)
    reads = [configurations.get(db, "token", reveal=True), configurations.reveal(db, "token")]
    assert await hits(db, *reads, configurations.get(db, "token"), configurations.get(db, "token")) == [
        False,
        False,
        False,
        True,
    ]


async def test_lists_and_counts_are_not_kept(db, task):
    assert await tasks.count(db) == 1
    await tasks.find_many(db)
    await builders.task(db)
    assert await tasks.count(db) == 2
    assert len((await tasks.find_many(db)).items) == 2
    assert db.cache_stats() == CacheStats()


async def test_arguments_of_another_kind_are_another_entry(db, task):
    await tasks.get(db, task.id)
    with pytest.raises(InvalidValue):
        await tasks.get(db, [task.id])


async def test_who_changes_what_a_row_holds_changes_nobody_elses(db):
    task = await builders.task(db, config={"deep": {"n": 1}})
    for _ in range(3):
        found = await tasks.get(db, task.id)
        assert found.config == {"deep": {"n": 1}}
        found.config["deep"]["n"] += 1


# What it goes with


@pytest.mark.parametrize(
    "change",
    [
        lambda db, task: tasks.update(db, task.id, title="changed"),
        lambda db, task: tasks.start(db, task.id),
        lambda db, task: tasks.set_status(db, task.id, "cancelled"),
        lambda db, task: tasks.claim(db, "worker-1"),
        lambda db, task: tasks.delete(db, task.id),
    ],
)
async def test_a_change_is_seen_at_once(db, task, change):
    await tasks.get(db, task.id)
    await change(db, task)
    found = await tasks.find(db, task.id)
    assert db.cache_stats().hits == 0
    async with db.transaction() as tx:
        assert found == await tasks.find(tx, task.id) != task


async def test_other_rows_stay(db, task):
    other = await builders.task(db)
    await tasks.get(db, other.id)
    await tasks.update(db, task.id, title="changed")
    await tasks.delete(db, task.id)
    await builders.task(db)
    assert await is_cached(db, tasks.get(db, other.id))


async def test_a_row_found_by_another_key_goes_too(db):
    worktree = await builders.worktree(db)
    await worktrees.find_by_port(db, worktree.port)
    await worktrees.update(db, worktree.id, port=worktree.port + 1)
    assert await worktrees.find_by_port(db, worktree.port) is None


async def test_a_row_addressed_by_its_handle_goes_too(db):
    run = await builders.run(db)
    await runs.get(db, run.id)
    await runs.start(db, run.run_id)
    assert (await runs.get(db, run.id)).status == "running"
    await runs.delete(db, run.run_id)
    assert (await runs.get(db, run.id)).is_deleted


async def test_of_several_rows_the_one_to_be_found_may_be_new(db):
    first = await builders.client_session(db, client_id="cli")
    assert (await client_sessions.find_by_client(db, "cli")).id == first.id
    second = await builders.client_session(db, client_id="cli")
    assert (await client_sessions.find_by_client(db, "cli")).id == second.id
    await client_sessions.deactivate(db, second.id)
    assert (await client_sessions.find_by_client(db, "cli")).id == first.id


async def test_what_a_deletion_takes_with_it_goes_too(db):
    log = await builders.execution_log(db)
    await execution_logs.get(db, log.id)
    run = await runs.get(db, log.run_id)
    await runs.hard_delete(db, run.run_id)
    assert await execution_logs.find(db, log.id) is None
    checkpoint = await builders.wave_checkpoint(db)
    child = await wave_checkpoints.create(
        db, checkpoint.session_id, "manual", "later", {}, parent_checkpoint_id=checkpoint.id
    )
    assert (await wave_checkpoints.get(db, child.id)).parent_checkpoint_id == checkpoint.id
    await wave_checkpoints.delete(db, checkpoint.id)
    assert (await wave_checkpoints.get(db, child.id)).parent_checkpoint_id is None


async def test_what_another_module_changes_goes_too(db):
    story = await builders.wave_story_execution(db)
    await wave_sessions.get(db, story.session_id)
    await wave_story_executions.add_usage(db, story.id, tokens=5, roll_up=True)
    assert (await wave_sessions.get(db, story.session_id)).token_count == 5


async def test_many_changed_rows_go_together(db):
    logs = [await builders.execution_log(db) for _ in range(2)]
    for log in logs:
        await execution_logs.get(db, log.id)
    await execution_logs.delete_by_run(db, logs[0].run_id)
    assert await execution_logs.find(db, logs[0].id) is None


async def test_a_failed_change_leaves_what_is_true(db, task):
    await tasks.get(db, task.id)
    with pytest.raises(InvalidTransition):
        await tasks.complete(db, task.id)
    with pytest.raises(InvalidValue):
        await tasks.update(db, task.id, title="")
    assert await tasks.get(db, task.id) == task


async def test_whoever_reads_on_and_on_leaves_others_their_turn(db, task):
    done = False

    async def work():
        nonlocal done
        await tasks.start(db, task.id)
        done = True

    async with asyncio.TaskGroup() as group:
        group.create_task(work())
        while not done:
            await tasks.get(db, task.id)


async def test_the_cache_can_be_cleared(db, task):
    await tasks.get(db, task.id)
    await db.clear_cache()
    assert not await is_cached(db, tasks.get(db, task.id))


# Transactions


async def test_an_entry_goes_after_the_commit_and_not_before(db, task):
    await tasks.get(db, task.id)
    async with db.transaction() as tx:
        await tasks.start(tx, task.id)
        assert (await tasks.get(tx, task.id)).status == "running"
        assert await is_cached(db, tasks.get(db, task.id))
        assert (await tasks.get(db, task.id)).status == "pending"
    assert (await tasks.get(db, task.id)).status == "running"


async def test_a_transaction_that_is_rolled_back_changes_nothing(db, task):
    await tasks.get(db, task.id)
    with pytest.raises(RuntimeError):
        async with db.transaction() as tx:
            await tasks.start(tx, task.id)
            raise RuntimeError
    assert await is_cached(db, tasks.get(db, task.id))


async def test_reads_in_a_transaction_or_on_a_connection_pass_the_cache_by(db, task):
    await tasks.get(db, task.id)
    before = db.cache_stats()
    async with db.transaction() as tx:
        assert await tasks.get(tx, task.id) == task
    async with db.connection() as connection:
        assert await tasks.get(connection, task.id) == task
    assert db.cache_stats() == before


async def test_a_change_on_a_connection_is_seen(db, task):
    await tasks.get(db, task.id)
    async with db.connection() as connection:
        await tasks.start(connection, task.id)
    assert (await tasks.get(db, task.id)).status == "running"
    async with db.connection() as connection, connection.transaction() as tx, tx.transaction() as savepoint:
        await tasks.complete(savepoint, task.id)
    assert (await tasks.get(db, task.id)).status == "completed"


async def test_after_an_unknown_outcome_the_row_is_read_again(db, task):
    await tasks.get(db, task.id)
    tx = db.transaction()
    commit = tx._commit

    async def lose_the_answer(connection):
        await commit(connection)
        raise OutcomeUnknown("the connection was lost during COMMIT")

    tx._commit = lose_the_answer
    with pytest.raises(OutcomeUnknown):
        async with tx:
            await tasks.start(tx, task.id)
    assert (await tasks.get(db, task.id)).status == "running"


async def test_who_reads_while_a_change_is_made_never_keeps_the_old_row(db, task):
    """Readers and a writer run as fast as they can; when all are done, the cache has what the database has."""
    done = False

    async def read():
        while not done:
            await tasks.get(db, task.id)
            await asyncio.sleep(0)

    async def write():
        nonlocal done
        for n in range(30):
            async with db.transaction() as tx:
                await tasks.update(tx, task.id, title=f"title {n}")
            assert (await tasks.get(db, task.id)).title == f"title {n}"
        done = True

    await asyncio.gather(write(), *(read() for _ in range(5)))
    assert (await tasks.get(db, task.id)).title == "title 29"


@pytest.mark.parametrize("store", SHARED)
async def test_a_refused_move_is_explained_by_the_row_itself(db, task, connect_store):
    await tasks.get(db, task.id)
    other = await connect_store()
    await tasks.start(other, task.id)
    with pytest.raises(InvalidTransition) as refused:
        await tasks.start(db, task.id)
    assert refused.value.current == "running"


async def test_the_audit_log_and_the_cache_go_together(connect_store):
    db = await connect_store(cache=True, audit=True)
    task = await builders.task(db)
    await tasks.get(db, task.id)
    await tasks.start(db, task.id)
    assert (await tasks.get(db, task.id)).status == "running"
    assert [entry.action async for entry in audit.iterate(db)] == ["transition", "create"]


# Time and size


async def test_an_entry_grows_old(connect_store):
    watch = Watch()
    db = await connect_store(cache=True, cache_ttl=10, cache_backend=MemoryCache(clock=watch))
    task = await builders.task(db)
    await tasks.get(db, task.id)
    watch.time = 9.9
    assert await is_cached(db, tasks.get(db, task.id))
    watch.time = 10
    assert not await is_cached(db, tasks.get(db, task.id))


@pytest.mark.parametrize("store", SHARED)
async def test_what_others_change_is_seen_when_the_entry_is_old(connect_store):
    watch = Watch()
    db = await connect_store(cache=True, cache_ttl=10, cache_backend=MemoryCache(clock=watch))
    other = await connect_store()
    task = await builders.task(db)
    await tasks.get(db, task.id)
    await tasks.start(other, task.id)
    assert (await tasks.get(db, task.id)).status == "pending"
    watch.time = 10
    assert (await tasks.get(db, task.id)).status == "running"


async def test_the_entry_not_asked_for_the_longest_makes_room(connect_store):
    db = await connect_store(cache=True, cache_size=2)
    first, second, third = [await builders.task(db) for _ in range(3)]
    for task in (first, second, first, third):
        await tasks.get(db, task.id)
    assert db.cache_stats().evictions == 1
    assert await hits(db, tasks.get(db, first.id), tasks.get(db, third.id), tasks.get(db, second.id)) == [
        True,
        True,
        False,
    ]


async def test_a_memory_cache_forgets_its_tags():
    cache = MemoryCache(size=2)
    for n in range(5):
        await cache.put(str(n), n, ("all", str(n)), 60)
    assert len(cache) == 2
    await cache.drop(("all",))
    assert len(cache) == 0
    assert cache._tagged == {}


@pytest.mark.parametrize("options", [{"cache_size": 0}, {"cache_ttl": 0}, {"cache_ttl": float("inf")}])
async def test_sizes_and_times_are_checked(connect_store, options):
    with pytest.raises(InvalidValue):
        await connect_store(cache=True, **options)


# Backends


async def test_another_backend_keeps_the_entries(connect_store):
    backend = Pickling()
    db = await connect_store(cache=True, cache_ttl=7, cache_backend=backend)
    task = await builders.task(db)
    assert await hits(db, tasks.get(db, task.id), tasks.get(db, task.id)) == [False, True]
    assert await tasks.get(db, task.id) == task
    assert backend.times == [7]
    await tasks.start(db, task.id)
    assert (await tasks.get(db, task.id)).status == "running"
    assert len(backend.entries) == 1


async def test_a_change_during_a_slow_put_drops_the_entry(connect_store):
    class Slow(Pickling):
        async def put(self, key, record, tags, ttl):
            await tasks.start(db, task.id)
            return await super().put(key, record, tags, ttl)

    backend = Slow()
    db = await connect_store(cache=True, cache_backend=backend)
    task = await builders.task(db)
    assert (await tasks.get(db, task.id)).status == "pending"
    assert backend.entries == {}


async def test_entries_outlive_a_fixed_clock(connect_store, clock):
    db = await connect_store(cache=True, clock=clock)
    task = await builders.task(db)
    await tasks.get(db, task.id)
    clock.advance(timedelta(days=1))
    assert await is_cached(db, tasks.get(db, task.id))


async def test_the_references_of_tables_are_known(db):
    found = {(reference.table, reference.referenced_table): reference.columns for reference in await db.references()}
    assert found["execution_logs", "runs"] == found["runs", "graphs"] == ("id",)
    assert found["wave_checkpoints", "wave_checkpoints"] == ("id",)
    assert found["human_review_queue", "orchestrator_runs"] == ("thread_id",)
    assert all(table and parent for table, parent in found)
