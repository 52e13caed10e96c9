import asyncio
from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest

from wave_data import (
    Conflict,
    InvalidTransition,
    InvalidValue,
    NotFound,
    audit,
    configurations,
    execution_logs,
    human_reviews,
    orchestrator_runs,
    runs,
    tasks,
    wave_sessions,
    wave_story_executions,
    workflow_tasks,
    workflows,
    worktree_zones,
    worktrees,
    zones,
)
from wave_data.engine.auditing import SUMMARISED, AuditedChange
from wave_data.engine.types import MASK
from wave_data.testing import builders


@pytest.fixture
async def db(connect_store):
    return await connect_store(audit=True)


@pytest.fixture
async def task(db):
    return await tasks.create(db, "Count the stars", "research")


async def entries(db, table=None):
    """All entries, the oldest first."""
    return [entry async for entry in audit.iterate(db, table)][::-1]


async def told(db, table=None):
    return [(entry.action, entry.row_key) for entry in await entries(db, table)]


async def last(db):
    return (await entries(db))[-1]


# What is recorded


async def test_without_the_option_nothing_is_recorded(connect_store):
    db = await connect_store()
    with db.actor("bot"):
        task = await tasks.create(db, "Count the stars", "research")
    await tasks.delete(db, task.id)
    assert await audit.count(db) == 0


async def test_a_new_row_is_recorded_as_it_is(db):
    task = await tasks.create(db, "Count the stars", "research", config={"n": 1})
    (entry,) = await entries(db)
    assert (entry.table_name, entry.row_key, entry.action, entry.actor) == ("tasks", str(task.id), "create", None)
    assert entry.before is None
    assert tasks.Task.model_validate(entry.after) == task
    assert entry.at >= task.created_at


async def test_an_update_has_both_sides(db, task):
    await tasks.update(db, task.id, title="Count them again")
    entry = await last(db)
    assert (entry.action, entry.row_key) == ("update", str(task.id))
    assert (entry.before["title"], entry.after["title"]) == ("Count the stars", "Count them again")


async def test_a_transition_is_told_from_an_update(db, task):
    await tasks.start(db, task.id)
    entry = await last(db)
    assert (entry.action, entry.before["status"], entry.after["status"]) == ("transition", "pending", "running")


async def test_a_deleted_row_is_kept_as_it_was(db, task):
    assert await tasks.delete(db, task.id)
    entry = await last(db)
    assert (entry.action, entry.before["title"], entry.after) == ("delete", task.title, None)


async def test_a_soft_deletion_and_its_restoration(db):
    run = await builders.run(db, run_id="run-1")
    await runs.delete(db, "run-1")
    await runs.restore(db, "run-1")
    await runs.hard_delete(db, "run-1")
    key = str(run.id)
    assert await told(db, "runs") == [("create", key), ("delete", key), ("restore", key), ("delete", key)]
    deleted, restored = (await entries(db, "runs"))[1:3]
    assert deleted.before["deleted_at"] is None
    assert deleted.after["deleted_at"] == restored.before["deleted_at"] is not None


async def test_an_upsert_creates_or_updates(db):
    await worktrees.create(db, "/src/a", "main", id="wt-1")
    for name in ("zone-1", "zone-2"):
        await zones.create(db, name, id=name)
        await worktree_zones.assign(db, "wt-1", name)
    created, updated = await entries(db, "worktree_zones")
    assert (created.action, created.before, created.after["zone_id"]) == ("create", None, "zone-1")
    assert (updated.action, updated.before["zone_id"], updated.after["zone_id"]) == ("update", "zone-1", "zone-2")
    assert set(updated.after) == set(worktree_zones.WorktreeZone.model_fields)


async def test_a_key_of_two_columns_has_a_slash(db, task):
    workflow = await workflows.create(db, "night shift", {})
    await workflow_tasks.create(db, workflow.id, task.id)
    await workflow_tasks.set_sequence(db, workflow.id, task.id, 7)
    key = f"{workflow.id}/{task.id}"
    assert await told(db, "workflow_tasks") == [("create", key), ("update", key)]


async def test_claimed_rows_are_recorded_one_by_one(db):
    first, second = [await tasks.create(db, "Count", "research") for _ in range(2)]
    claims = await tasks.claim(db, "worker-1", limit=2)
    assert len(claims) == 2
    found = {entry.row_key: entry for entry in (await entries(db, "tasks"))[2:]}
    assert found.keys() == {str(first.id), str(second.id)}
    for entry in found.values():
        assert (entry.action, entry.before["status"], entry.after["status"]) == ("transition", "pending", "running")


async def test_what_one_module_does_to_another_ones_rows_is_recorded(db):
    story = await builders.wave_story_execution(db)
    await wave_story_executions.add_usage(db, story.id, tokens=5, roll_up=True)
    assert [action for action, _ in await told(db, "wave_story_executions")] == ["create", "update"]
    rolled_up = (await entries(db, "wave_sessions"))[-1]
    assert (rolled_up.action, rolled_up.row_key) == ("update", str(story.session_id))
    assert (rolled_up.before["token_count"], rolled_up.after["token_count"]) == (0, 5)


async def test_a_review_and_its_run_are_recorded_together(db):
    run = await orchestrator_runs.create(db, "thread-1", uuid4(), "S-1")
    review = await human_reviews.create(db, "thread-1", "safety", "odd")
    await human_reviews.approve(db, review.id, "ada")
    assert ("transition", str(review.id)) in await told(db, "human_review_queue")
    assert {key for _, key in await told(db, "orchestrator_runs")} == {str(run.id)}


async def test_a_statement_over_many_rows_has_one_entry_with_their_number(db):
    run = await builders.run(db)
    await execution_logs.create_many(db, [{"run_id": run.id, "node_name": "a", "status": "started"}] * 60)
    assert await execution_logs.delete_by_run(db, run.id) == 60
    assert await execution_logs.delete_by_run(db, run.id) == 0
    created, deleted = await entries(db, "execution_logs")
    assert (created.action, created.row_key, created.before) == ("create", "*", None)
    assert created.after == {"operation": "execution_logs._create_many", "rows": 60}
    assert (deleted.action, deleted.row_key, deleted.after) == ("delete", "*", None)
    assert deleted.before == {"operation": "execution_logs.delete_by_run", "rows": 60}


async def test_what_a_deletion_takes_with_it_is_not_told_apart(db):
    story = await builders.wave_story_execution(db)
    await wave_sessions.delete(db, story.session_id)
    assert [action for action, _ in await told(db, "wave_story_executions")] == ["create"]


async def test_what_changes_nothing_leaves_no_entry(db, task):
    before = await audit.count(db)
    await tasks.update(db, task.id)
    await tasks.delete(db, uuid4())
    with pytest.raises(NotFound):
        await tasks.update(db, uuid4(), title="none")
    with pytest.raises(InvalidTransition):
        await tasks.complete(db, task.id)
    with pytest.raises(Conflict):
        await tasks.create(db, "Count the stars", "research", id=task.id)
    with pytest.raises(InvalidValue):
        await tasks.update(db, task.id, title="")
    assert await audit.count(db) == before


async def test_large_values_are_given_by_size_and_hash(db, task):
    await tasks.update(db, task.id, config={"state": "x" * SUMMARISED}, description="y" * (SUMMARISED + 1))
    entry = await last(db)
    assert entry.before["config"] == {}
    assert (entry.after["config"]["truncated"], entry.after["config"]["size"]) == (True, SUMMARISED + 12)
    assert (entry.after["description"]["truncated"], entry.after["description"]["size"]) == (True, SUMMARISED + 1)


async def test_an_entry_is_not_held_to_the_limit_of_other_json(connect_store):
    db = await connect_store(audit=True, json_limit=10)
    task = await tasks.create(db, "Count the stars", "research")
    assert (await last(db)).row_key == str(task.id)


async def test_a_program_can_record_changes_of_its_own(db):
    await audit.record(db, [AuditedChange("books", "7", "update", "ada", {"title": "a"}, {"title": "b"})])
    (entry,) = await entries(db)
    assert (entry.table_name, entry.row_key, entry.actor, entry.before) == ("books", "7", "ada", {"title": "a"})


# In the same transaction


async def test_an_entry_stands_and_falls_with_its_transaction(db, task):
    with pytest.raises(RuntimeError):
        async with db.transaction() as tx:
            await tasks.start(tx, task.id)
            assert await audit.count(tx) == 2
            raise RuntimeError
    assert await audit.count(db) == 1
    async with db.transaction() as tx:
        with pytest.raises(RuntimeError):
            async with tx.transaction() as savepoint:
                await tasks.start(savepoint, task.id)
                raise RuntimeError
        await tasks.update(tx, task.id, title="kept")
    assert [action for action, _ in await told(db)] == ["create", "update"]


async def test_a_connection_records_as_well(db, task):
    async with db.connection() as connection:
        await tasks.start(connection, task.id)
        async with connection.transaction() as tx:
            await tasks.complete(tx, task.id)
    assert [action for action, _ in await told(db)] == ["create", "transition", "transition"]


async def test_where_the_entry_cannot_be_written_nothing_is(db, task):
    async def refuse(tx, changes):
        raise InvalidValue("the log is full")

    db.observer.observation.auditor._write = refuse
    with pytest.raises(InvalidValue, match="the log is full"):
        await tasks.start(db, task.id)
    assert (await tasks.get(db, task.id)).status == "pending"


async def test_of_racing_writers_each_entry_follows_the_one_before(db, task):
    await asyncio.gather(*(tasks.update(db, task.id, title=f"title {n}") for n in range(8)))
    found = (await entries(db))[1:]
    assert len(found) == 8
    after = {entry.after["title"]: entry for entry in found}
    title = (await tasks.get(db, task.id)).title
    for _ in range(8):
        title = after[title].before["title"]
    assert title == "Count the stars"


# Actors


async def test_an_actor_is_named_for_a_block(db, task):
    with db.actor("ada"):
        await tasks.start(db, task.id)
        with db.actor("grace"):
            async with db.transaction() as tx:
                await tasks.complete(tx, task.id)
        await tasks.update(db, task.id, title="counted")
    await tasks.update(db, task.id, title="recounted")
    assert [entry.actor for entry in await entries(db)] == [None, "ada", "grace", "ada", None]


async def test_each_task_has_its_own_actor(db):
    async def work(name):
        with db.actor(name):
            return await tasks.create(db, name, "research")

    await asyncio.gather(*(work(f"actor-{n}") for n in range(5)))
    assert all(entry.actor == entry.after["title"] for entry in await entries(db))


async def test_each_database_has_its_own_actor(connect_store):
    first, second = await connect_store(audit=True), await connect_store(audit=True)
    with first.actor("ada"):
        await tasks.create(second, "Count", "research")
    assert (await last(second)).actor is None


@pytest.mark.parametrize("name", ["", "x" * 256, 5, None, "nul\0"])
async def test_an_actor_has_a_name(db, name):
    with pytest.raises(InvalidValue), db.actor(name):
        pass
    assert db.current_actor is None


# Secrets


async def test_secrets_are_masked(db):
    await configurations.put(db, "token", "sesame", is_secret=True)
    await configurations.update_value(db, "token", "open sesame")
    await configurations.unmark_secret(db, "token")
    await configurations.mark_secret(db, "token")
    await configurations.delete(db, "token")
    found = await entries(db)
    assert len(found) == 5
    values = [side["value"] for entry in found for side in (entry.before, entry.after) if side is not None]
    assert set(values) == {MASK}


async def test_open_settings_are_not_masked(db):
    await configurations.put(db, "limit", 4)
    await configurations.put(db, "limit", 8)
    entry = await last(db)
    assert (entry.action, entry.before["value"], entry.after["value"]) == ("update", "4", "8")


async def test_a_revealed_secret_is_recorded(db):
    await configurations.put(db, "token", "sesame", is_secret=True)
    await configurations.put(db, "limit", 4)
    with db.actor("ada"):
        assert await configurations.reveal(db, "token") == "sesame"
        async with db.transaction() as tx:
            await configurations.get(tx, "token", reveal=True)
        await configurations.reveal(db, "limit")
        await configurations.get(db, "token")
    revealed = [entry for entry in await entries(db) if entry.actor == "ada"]
    assert [(entry.action, entry.row_key, entry.before, entry.after) for entry in revealed] == [
        ("reveal", "token", None, None)
    ] * 2


# Reading


@pytest.fixture
async def books(db):
    """Entries that two actors made of three rows."""
    for n in range(6):
        await audit.record(
            db, [AuditedChange("books" if n % 2 else "authors", str(n % 3), "update", "ada" if n < 4 else "grace")]
        )
    return await entries(db)


async def test_get_and_find(db, books):
    assert await audit.get(db, books[0].id) == await audit.find(db, books[0].id) == books[0]
    assert await audit.find(db, uuid4()) is None
    with pytest.raises(NotFound):
        await audit.get(db, uuid4())


async def test_lists_are_newest_first_and_paged(db, books, read_pages):
    newest = books[::-1]
    assert await read_pages(partial(audit.find_many, db)) == newest
    assert await read_pages(partial(audit.find_many, db, "books")) == [e for e in newest if e.table_name == "books"]
    assert await read_pages(partial(audit.list_by_actor, db, "ada")) == [e for e in newest if e.actor == "ada"]
    assert await read_pages(partial(audit.list_by_row, db, "books", "1")) == [
        e for e in newest if (e.table_name, e.row_key) == ("books", "1")
    ]


async def test_filters_by_time(connect_store, clock):
    db = await connect_store(audit=True, clock=clock)
    for title in ("first", "second", "third"):
        await tasks.create(db, title, "research")
        clock.advance(timedelta(hours=1))
    since, until = clock() - timedelta(hours=2), clock() - timedelta(hours=1)
    (entry,) = (await audit.find_many(db, since=since, until=until)).items
    assert entry.after["title"] == "second"
    assert await audit.count(db, "tasks", since=since) == 2
    assert [e.after["title"] async for e in audit.iterate(db, until=until)] == ["second", "first"]


async def test_entries_are_purged(connect_store, clock):
    db = await connect_store(audit=True, clock=clock)
    for title in ("first", "second"):
        await tasks.create(db, title, "research")
        clock.advance(timedelta(hours=1))
    assert await audit.purge_before(db, clock() - timedelta(hours=1)) == 1
    (entry,) = await entries(db)
    assert entry.after["title"] == "second"
    assert await audit.delete(db, entry.id)
    assert not await audit.delete(db, entry.id)
    with pytest.raises(NotFound):
        await audit.delete(db, entry.id, missing_ok=False)
    assert await audit.count(db) == 0
