"""Opening, using and closing a database, on every store."""

import asyncio
from datetime import UTC, datetime, timedelta, timezone

import pytest
from user_package import books

from wave_data import Database, InvalidValue, PoolClosed, PoolTimeout, connect
from wave_data.testing import FixedClock


async def test_connect_may_be_awaited(database_url, migrations_folder):
    db = await connect(database_url, migrations=migrations_folder)
    assert isinstance(db, Database)
    assert await books.count(db) == 0
    await db.close()


async def test_connect_may_be_entered(database_url, migrations_folder):
    async with connect(database_url, migrations=migrations_folder) as db:
        assert await books.count(db) == 0
    with pytest.raises(PoolClosed):
        await books.count(db)


async def test_an_awaited_database_may_be_entered(database_url, migrations_folder):
    async with await connect(database_url, migrations=migrations_folder) as db:
        assert await books.count(db) == 0
    with pytest.raises(PoolClosed):
        await books.count(db)


async def test_a_database_that_is_entered_closes_on_an_exception(database_url, migrations_folder):
    with pytest.raises(ZeroDivisionError):
        async with connect(database_url, migrations=migrations_folder) as db:
            raise ZeroDivisionError
    with pytest.raises(PoolClosed):
        await books.count(db)


USES = {
    "a read": books.count,
    "a write": lambda db: books.create(db, "Emma"),
    "a bulk write": lambda db: books.create_many(db, []),
    "a transaction": lambda db: db.transaction().__aenter__(),
    "a connection": lambda db: db.connection().__aenter__(),
    "a stream": lambda db: anext(books.iterate(db)),
    "a whole transaction": lambda db: db.run_in_transaction(books.count),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES.keys())
async def test_a_closed_database_refuses(db, use):
    await db.close()
    with pytest.raises(PoolClosed, match=r"the database is closed; open it again with connect\(\)"):
        await use(db)


async def test_closing_twice(db):
    await db.close()
    await db.close()


async def test_closing_waits_for_a_transaction(db, connect_store, store):
    begun = asyncio.Event()
    go_on = asyncio.Event()

    async def work():
        async with db.transaction() as tx:
            await books.create(tx, "Emma")
            begun.set()
            await go_on.wait()

    task = asyncio.create_task(work())
    await begun.wait()
    closing = asyncio.create_task(db.close())
    for _ in range(5):
        await asyncio.sleep(0)
    assert not closing.done()
    go_on.set()
    await asyncio.gather(task, closing)
    if store != "sqlite-memory":
        assert await books.count(await connect_store()) == 1


async def test_a_database_is_shown_without_its_password(db):
    assert repr(db).startswith("Database(")
    assert "***" in repr(db) or db.dialect == "sqlite"


async def test_several_databases_are_open_at_once(db, connect_store):
    other = await connect_store()
    await asyncio.gather(books.create(db, "Emma"), books.create(other, "Persuasion"))
    assert await books.count(db) >= 1


async def test_a_full_pool_is_a_timeout(connect_store):
    db = await connect_store(pool_size=1, max_overflow=0, acquire_timeout=0.05)
    async with db.transaction():
        with pytest.raises(PoolTimeout, match=r"no connection became free within 0\.05 s"):
            await books.create(db, "Emma")
    await books.create(db, "Emma")


async def test_many_tasks_share_few_connections(connect_store):
    db = await connect_store(pool_size=2, max_overflow=1)
    await asyncio.gather(*(books.create(db, f"{number:02}") for number in range(40)))
    assert await books.count(db) == 40


async def test_cancelled_calls_leave_the_pool_whole(connect_store):
    db = await connect_store(pool_size=1, max_overflow=0, acquire_timeout=5)
    for turns in range(10):
        tasks = [asyncio.create_task(books.count(db)) for _ in range(3)]
        for _ in range(turns):
            await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    assert await books.count(db) == 0


# The clock


async def test_now_is_aware_and_in_utc(db):
    now = db.now()
    assert now.tzinfo is UTC
    assert abs(now - datetime.now(UTC)) < timedelta(minutes=5)


async def test_the_clock_of_a_transaction_is_the_databases(connect_store):
    db = await connect_store(clock=FixedClock(datetime(2030, 1, 1, tzinfo=UTC)))
    async with db.transaction() as tx, tx.transaction() as inner:
        assert tx.now() == inner.now() == db.now() == datetime(2030, 1, 1, tzinfo=UTC)


async def test_a_clock_in_another_zone_is_put_in_utc(connect_store):
    clock = datetime(2030, 1, 1, 2, tzinfo=timezone(timedelta(hours=2)))
    db = await connect_store(clock=lambda: clock)
    assert db.now() == datetime(2030, 1, 1, tzinfo=UTC)
    assert db.now().tzinfo is UTC


@pytest.mark.parametrize("time", [datetime(2030, 1, 1), None, "now"])  # noqa: DTZ001
async def test_a_clock_that_gives_no_aware_time(connect_store, time):
    db = await connect_store(clock=lambda: time)
    with pytest.raises(InvalidValue, match="it must give an aware datetime"):
        await books.create(db, "Emma")
