"""Whether a database answers, how its connections are used, and waiting for one."""

import asyncio
import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import pytest
from user_package import MIGRATIONS, books

from wave_data import ConnectionFailed, PoolClosed, PoolTimeout, SerializationFailure, connect
from wave_data.testing import FixedClock

SMALL = {"pool_size": 1, "max_overflow": 0}


async def settle() -> None:
    """Let every task run until it waits."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_a_healthy_database(db, store):
    found = await db.health_check()
    assert (found.ok, found.error) == (True, None)
    assert found.dialect == db.dialect == ("postgres" if store == "postgres" else "sqlite")
    assert int((found.server_version or "").partition(".")[0]) >= 3
    assert 0 < found.latency < 2
    assert await db.is_healthy()


async def test_a_closed_database_is_not_healthy(db):
    await db.close()
    found = await db.health_check()
    assert (found.ok, found.server_version) == (False, None)
    assert "closed" in (found.error or "")
    assert not await db.is_healthy()


async def test_a_database_without_a_free_connection_is_not_healthy(connect_store):
    db = await connect_store(**SMALL)
    async with db.transaction(readonly=True):
        found = await db.health_check(timeout=0.05)
    assert not found.ok
    assert found.error == "no answer within 0.05 s; 1 of 1 connections are in use"
    assert found.latency >= 0.05
    assert await db.is_healthy()


async def test_a_server_that_is_gone_is_told_and_not_raised(postgres_url):
    db = await connect(postgres_url, migrations=None, connect_retries=0, pool_size=1)
    async with connect(postgres_url, migrations=None) as other, other.connection() as connection:
        cut = await db._reading.acquire()
        [(pid,)] = await cut.rows("SELECT pg_backend_pid()")
        db._reading.release(cut)
        await connection._held.rows(f"SELECT pg_terminate_backend({pid})")
    found = [await db.health_check() for _ in range(3)]
    assert found[-1].ok  # a new connection has taken the place of the broken one
    assert all(one.ok or one.error for one in found)
    await db.close()


# Numbers


async def test_the_numbers_of_a_database_at_rest(connect_store):
    db = await connect_store(pool_size=2, max_overflow=3)
    stats = db.pool_stats()
    assert stats.maximum == 5
    assert (stats.active, stats.waiting, stats.timeouts, stats.retries, stats.overflow) == (0, 0, 0, 0, 0)
    assert stats.acquired == stats.released > 0
    assert stats.size == stats.idle > 0
    assert abs((stats.collected_at - datetime.now(UTC)).total_seconds()) < 60


async def test_the_numbers_carry_the_time_of_the_databases_clock(connect_store):
    clock = FixedClock()
    db = await connect_store(clock=clock)
    assert db.pool_stats().collected_at == clock()


async def test_a_transaction_uses_one_connection(db):
    before = db.pool_stats()
    async with db.transaction() as tx:
        await books.count(tx)
        during = db.pool_stats()
        assert during.active == 1
        assert during.acquired == before.acquired + 1
        assert during.released == before.released
    after = db.pool_stats()
    assert (after.active, after.released) == (0, before.released + 1)


async def test_every_call_counts(db):
    before = db.pool_stats().acquired
    for _ in range(5):
        await books.count(db)
    await books.create(db, "Emma")
    assert db.pool_stats().acquired == db.pool_stats().released == before + 6


async def test_who_waits_is_counted(connect_store):
    db = await connect_store(**SMALL)
    async with db.transaction():
        task = asyncio.create_task(db.wait_for_connection(0.05))
        await settle()
        assert db.pool_stats().waiting
        with pytest.raises(PoolTimeout):
            await task
    assert (db.pool_stats().waiting, db.pool_stats().timeouts) == (0, 1)


async def test_attempts_that_are_made_again_are_counted_and_logged(db, caplog):
    attempts = []

    async def work(tx):
        attempts.append(1)
        if len(attempts) < 3:
            raise SerializationFailure("somebody was faster")
        return await books.count(tx)

    assert await db.run_in_transaction(work) == 0
    assert db.pool_stats().retries == 2
    assert [f"attempt {number} failed, trying again: somebody was faster" for number in (1, 2)] == caplog.messages


async def test_attempts_to_connect_are_logged_with_their_numbers(caplog):
    with pytest.raises(ConnectionFailed):
        await connect("postgres://nobody@127.0.0.1:1/none", connect_retries=2, backoff_base=0.001)
    assert [message.partition(":")[0] for message in caplog.messages] == [
        "attempt 1 failed, trying again",
        "attempt 2 failed, trying again",
    ]


async def test_the_pool_is_healthy_while_a_connection_can_be_had(connect_store, store):
    db = await connect_store(**SMALL)
    assert db.is_pool_healthy()
    async with db.transaction():
        # A SQLite file has its second connection for reading.
        assert db.is_pool_healthy() == (store == "sqlite-file")
    assert db.is_pool_healthy()
    await db.close()
    assert not db.is_pool_healthy()


# Waiting


async def test_a_free_connection_needs_no_waiting(db):
    await db.wait_for_connection(1)
    assert db.pool_stats().active == 0


async def test_waiting_ends_when_a_connection_is_given_back(connect_store):
    db = await connect_store(**SMALL)
    async with db.transaction():
        task = asyncio.create_task(db.wait_for_connection(5))
        await settle()
        assert db.pool_stats().waiting
    await task
    assert db.pool_stats().active == 0


async def test_waiting_in_vain(connect_store):
    db = await connect_store(**SMALL)
    async with db.transaction():
        with pytest.raises(PoolTimeout):
            await db.wait_for_connection(0.02)


async def test_nobody_waits_for_a_closed_database(db):
    await db.close()
    with pytest.raises(PoolClosed):
        await db.wait_for_connection(1)


# Closing


async def test_closing_takes_the_wal_into_the_file_while_another_program_has_it_open(tmp_path, path):
    db = await connect(f"sqlite:{path}", migrations=MIGRATIONS)
    await books.create(db, "Emma")
    with closing(sqlite3.connect(path)) as other:
        other.execute("SELECT count(*) FROM books").fetchone()
        wal = path.with_name("books.db-wal")
        assert wal.stat().st_size > 0
        await db.close()
        assert wal.stat().st_size == 0
        alone = tmp_path / "alone.db"
        alone.write_bytes(path.read_bytes())
    async with connect(f"sqlite:{alone}", migrations=MIGRATIONS) as copied:
        assert await books.count(copied) == 1


async def test_closing_does_not_wait_for_a_reader_of_another_program(path):
    db = await connect(f"sqlite:{path}", migrations=MIGRATIONS, busy_timeout=60)
    await books.create(db, "Emma")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM books").fetchone()
        await books.create(db, "Persuasion")
        async with asyncio.timeout(5):
            await db.close()


SLOW = """
-- name: slow
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000000)
SELECT count(*) FROM n;
"""
SLOW_PYTHON = """
@query
async def slow(db: Executor) -> int: ...
"""


async def test_closing_cuts_off_a_statement_that_does_not_end(db, load):
    shop = load(SLOW, SLOW_PYTHON)
    task = asyncio.create_task(shop.slow(db))
    await settle()
    assert db.pool_stats().active
    async with asyncio.timeout(8):
        await db.close(timeout=0.05)
        with pytest.raises((PoolClosed, ConnectionFailed)):
            await task


async def test_closing_cuts_off_a_transaction_that_does_not_end(db):
    async def work():
        async with db.transaction() as tx:
            await books.create(tx, "Emma")
            begun.set()
            await asyncio.Event().wait()

    begun = asyncio.Event()
    task = asyncio.create_task(work())
    await begun.wait()
    await db.close(timeout=0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_what_goes_on_after_it_was_cut_off_is_told(db):
    async with db.connection() as connection:
        await db.close(timeout=0)
        for use in (books.count, lambda executor: books.create(executor, "Emma")):
            with pytest.raises(ConnectionFailed):
                await use(connection)
