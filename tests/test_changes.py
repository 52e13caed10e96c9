"""The change feed: hints of what changed, the same ones on every store."""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import aclosing
from uuid import UUID

import pytest
from by_hand import OTHER_ID, SESSION_ID, insert, parents, run, session

from wave_data import Change, Changes, Database, InvalidValue, PoolClosed, connect, wave_checkpoints, wave_sessions
from wave_data.stores import changes as feeds

QUICK = {"change_poll_interval": 0.05}


@pytest.fixture
async def db(connect_store) -> Database:
    return await connect_store(**QUICK)


@pytest.fixture
async def feed(db) -> AsyncIterator[Changes]:
    """A feed of sessions that has begun."""
    async with db.changes("wave_sessions") as feed:
        assert await following(feed) == missed("wave_sessions")
        yield feed


def missed(table: str) -> Change:
    return Change(table, None, "missed")


async def following(feed: Changes) -> Change:
    """The next hint."""
    async with asyncio.timeout(20):
        return await anext(feed)


async def take(feed: Changes, count: int) -> list[Change]:
    return [await following(feed) for _ in range(count)]


async def test_the_first_hint_of_each_table_says_that_changes_may_have_been_missed(db):
    async with db.changes("wave_sessions", "wave_checkpoints") as feed:
        assert await take(feed, 2) == [missed("wave_checkpoints"), missed("wave_sessions")]


async def test_what_happens_to_a_row_is_told_with_its_key(db, feed):
    row = await wave_sessions.create(db, "apollo", 1)
    assert await following(feed) == ("wave_sessions", row.id, "create")
    await wave_sessions.start(db, row.id)
    assert await following(feed) == ("wave_sessions", row.id, "update")
    await wave_sessions.delete(db, row.id)
    assert await following(feed) == ("wave_sessions", row.id, "delete")


async def test_other_tables_are_not_told(db, feed):
    row = await wave_sessions.create(db, "apollo", 1)
    await wave_checkpoints.create(db, row.id, "manual", "before", {})
    await wave_sessions.start(db, row.id)
    assert [change.operation for change in await take(feed, 2)] == ["create", "update"]


async def test_rows_that_go_with_another_are_told(db):
    row = await wave_sessions.create(db, "apollo", 1)
    checkpoint = await wave_checkpoints.create(db, row.id, "manual", "before", {})
    async with db.changes("wave_checkpoints") as feed:
        await following(feed)
        await wave_sessions.delete(db, row.id)
        assert await following(feed) == ("wave_checkpoints", checkpoint.id, "delete")


async def test_a_transaction_is_told_when_it_is_committed(db, feed):
    async with db.transaction() as tx:
        row = await wave_sessions.create(tx, "apollo", 1)
        waiting = asyncio.create_task(following(feed))
        await wave_sessions.get(tx, row.id)
        assert not waiting.done()
    assert await waiting == ("wave_sessions", row.id, "create")


async def test_what_is_rolled_back_is_not_told(db, feed):
    with pytest.raises(ZeroDivisionError):
        async with db.transaction() as tx:
            await wave_sessions.create(tx, "apollo", 1)
            raise ZeroDivisionError
    with pytest.raises(InvalidValue):
        await db.run_script(insert("wave_sessions", wave_number=-1))
    row = await wave_sessions.create(db, "apollo", 2)
    assert await following(feed) == ("wave_sessions", row.id, "create")


async def test_the_same_hint_waits_once(db, feed):
    row = await wave_sessions.create(db, "apollo", 1)
    for _ in range(3):
        await wave_sessions.add_usage(db, row.id, tokens=1)
    await wave_sessions.delete(db, row.id)
    assert [change.operation for change in await take(feed, 3)] == ["create", "update", "delete"]


async def test_statements_past_the_operations_are_told(db, feed):
    await db.run_script(session())
    assert await following(feed) == ("wave_sessions", UUID(SESSION_ID), "create")


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ("workflow_tasks", (UUID(SESSION_ID), UUID(SESSION_ID))),
        ("worktree_zones", UUID(SESSION_ID)),
        ("zones", "zone-testing"),
        ("execution_logs", UUID(OTHER_ID)),
        ("configurations", UUID(OTHER_ID)),
        ("tool_executions", UUID(OTHER_ID)),
    ],
)
async def test_the_key_is_the_primary_key(db, table, key):
    await db.run_script(";".join(parents()))
    async with db.changes(table) as feed:
        await following(feed)
        await db.run_script(insert(table, **({"id": key} if isinstance(key, str) else {})))
        assert await following(feed) == (table, key, "create")


async def test_every_feed_is_told(db, feed):
    async with db.changes("wave_sessions") as other:
        await following(other)
        row = await wave_sessions.create(db, "apollo", 1)
        assert await following(feed) == await following(other) == ("wave_sessions", row.id, "create")


async def test_a_reader_that_falls_behind_is_told_that_it_missed_something(db, feed, monkeypatch):
    monkeypatch.setattr(feeds, "PENDING", 2)
    rows = [await wave_sessions.create(db, "apollo", number) for number in range(3)]
    async with db.changes("wave_sessions") as other:  # all that came before is told when it begins
        await following(other)
        found = [await following(feed)]
        while found[-1] != missed("wave_sessions"):
            found.append(await following(feed))
    assert len(found) <= len(rows)


async def test_nothing_is_lost_when_many_write_at_once(db, feed):
    async def write(worker: int) -> set[UUID]:
        return {(await wave_sessions.create(db, f"worker {worker}", number)).id for number in range(40)}

    async def read() -> set[UUID]:
        return {(await following(feed)).key for _ in range(200)}

    told, *written = await asyncio.gather(read(), *(write(worker) for worker in range(5)))
    assert told == set().union(*written)


async def test_a_feed_of_no_table_is_refused(db):
    with pytest.raises(InvalidValue, match="name the tables"):
        db.changes()


async def test_a_table_that_is_not_there_is_refused(db, feed):
    with pytest.raises(InvalidValue, match="no table 'wave_sesions'"):
        await following(db.changes("wave_sesions", "wave_sessions"))
    row = await wave_sessions.create(db, "apollo", 1)
    assert await following(feed) == ("wave_sessions", row.id, "create")


async def test_a_closed_feed_ends(db):
    feed = db.changes("wave_sessions")
    await following(feed)
    waiting = asyncio.create_task(following(feed))
    await asyncio.sleep(0)
    await feed.aclose()
    with pytest.raises(StopAsyncIteration):
        await waiting
    await feed.aclose()
    assert [change async for change in feed] == []


async def test_feeds_end_when_the_database_closes(connect_store):
    db = await connect_store(**QUICK)
    feed = db.changes("wave_sessions")
    await following(feed)
    reading = asyncio.create_task(anext(feed, None))
    await asyncio.sleep(0)
    await db.close()
    assert await reading is None
    with pytest.raises(PoolClosed):
        await following(db.changes("wave_sessions"))


async def test_a_feed_begins_again_after_all_were_closed(db):
    for number in range(3):
        async with db.changes("wave_sessions") as feed:
            assert await following(feed) == missed("wave_sessions")
            row = await wave_sessions.create(db, "apollo", number)
            assert await following(feed) == ("wave_sessions", row.id, "create")


async def test_a_feed_that_nobody_holds_is_given_up(db):
    async for _ in db.changes("wave_sessions"):
        break
    gc.collect()
    assert db._changes.tables == frozenset()
    async with aclosing(db.changes("wave_sessions")) as feed:
        assert await following(feed) == missed("wave_sessions")


class TestOtherProcesses:
    @pytest.fixture(params=["sqlite-file", "postgres"])
    def store(self, request: pytest.FixtureRequest) -> str:
        return request.param

    async def test_what_another_process_writes_is_told(self, db, feed, database_url, store):
        run(database_url, session())
        expected = missed("wave_sessions") if store == "sqlite-file" else ("wave_sessions", UUID(SESSION_ID), "create")
        assert await following(feed) == expected

    async def test_what_is_written_here_is_not_taken_for_anothers(self, db, feed, database_url):
        rows = [await wave_sessions.create(db, "apollo", number) for number in range(5)]
        async with db.changes("wave_checkpoints") as other:  # begins after another look
            await following(other)
        assert [change.key for change in await take(feed, 5)] == [row.id for row in rows]
        run(database_url, insert("wave_sessions", wave_number=9))
        assert (await following(feed)).key in (None, UUID(OTHER_ID))

    async def test_another_database_object_is_told(self, db, feed, database_url, store):
        async with connect(database_url) as other:
            row = await wave_sessions.create(other, "apollo", 1)
        assert await following(feed) in (missed("wave_sessions"), ("wave_sessions", row.id, "create"))
