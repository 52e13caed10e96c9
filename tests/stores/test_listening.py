"""How the change feed learns of changes on PostgreSQL, and what it does when notifications do not come."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest
from proxy import Proxy

from wave_data import Change, Changes, Database, connect, execution_logs, wave_sessions
from wave_data.servers.databases import temporary_database
from wave_data.stores import postgres_changes
from wave_data.testing.plugin import migrations_folder, postgres_template

__all__ = ["migrations_folder", "postgres_template"]

QUICK = {"backoff_base": 0.001, "connect_retries": 2, "change_poll_interval": 0.05}
MISSED = Change("wave_sessions", None, "missed")


@pytest.fixture
def direct_url(postgres_url, postgres_template):
    with temporary_database(postgres_url, postgres_template) as url:
        yield url


@pytest.fixture
async def proxy(direct_url) -> AsyncIterator[Proxy]:
    async with Proxy(direct_url) as proxy:
        yield proxy


@pytest.fixture
async def db(proxy) -> AsyncIterator[Database]:
    """The database through the proxy."""
    async with connect(proxy.url, **QUICK) as db:
        yield db


@pytest.fixture
async def witness(direct_url) -> AsyncIterator[Database]:
    """The same database past the proxy."""
    async with connect(direct_url, pool_size=1) as db:
        yield db


async def following(feed: Changes) -> Change:
    async with asyncio.timeout(20):
        return await anext(feed)


async def until(feed: Changes, wanted: Change) -> None:
    """Read until a hint comes; what is missed may be told more than once."""
    while (found := await following(feed)) != wanted:
        assert found == MISSED


async def test_a_lost_connection_is_replaced_and_told(db, proxy, witness):
    async with db.changes("wave_sessions") as feed:
        assert await following(feed) == MISSED
        for number in range(2):
            proxy.cut()
            await wave_sessions.create(witness, "lost", number)
            assert await following(feed) == MISSED
            row = await wave_sessions.create(witness, "heard", number)
            await until(feed, Change("wave_sessions", row.id, "create"))


async def test_a_server_that_cannot_be_reached_for_a_while_is_survived(db, proxy, witness):
    async with db.changes("wave_sessions") as feed:
        await following(feed)
        refused: list[bytes] = []
        third = asyncio.Event()

        def refuse(kind: bytes, content: bytes) -> bool:
            refused.append(kind)
            if len(refused) == 3:
                third.set()
            return True

        proxy.before = refuse
        proxy.cut()
        async with asyncio.timeout(20):
            await third.wait()
        proxy.before = lambda kind, content: False
        assert await following(feed) == MISSED
        row = await wave_sessions.create(witness, "heard", 1)
        await until(feed, Change("wave_sessions", row.id, "create"))


async def test_triggers_do_not_notify_while_nobody_listens(witness):
    async with witness.connection() as connection:
        heard: list[str] = []
        raw = connection._held
        await raw.listen(postgres_changes.CHANNEL, heard.append, lambda: None)
        await wave_sessions.create(connection, "unheard", 1)
        await raw.rows("SELECT 1")
        assert heard == []


async def test_a_transaction_that_had_written_before_is_told_of_when_it_ends(db, witness):
    async with AsyncExitStack() as open_transaction, db.changes("wave_sessions") as feed:
        tx = await open_transaction.enter_async_context(witness.transaction())
        await wave_sessions.create(tx, "early", 1)
        assert await following(feed) == MISSED
        row = await wave_sessions.create(db, "later", 1)
        assert await following(feed) == Change("wave_sessions", row.id, "create")
        await open_transaction.aclose()
        assert await following(feed) == MISSED


async def test_where_notifications_do_not_come_through_changes_are_polled_for(db, witness, monkeypatch):
    monkeypatch.setattr(postgres_changes._Watch, "hear", lambda watch, payload: None)
    monkeypatch.setattr(postgres_changes, "PROOF", 0.01)
    async with db.changes("wave_sessions") as feed:
        assert await following(feed) == MISSED
        await wave_sessions.create(witness, "polled", 1)
        assert await following(feed) == MISSED


@pytest.mark.parametrize(
    "broken",
    [
        "DROP TRIGGER wave_sessions_notify_change ON wave_sessions",
        "ALTER TABLE wave_sessions DISABLE TRIGGER wave_sessions_notify_change",
        "DROP SEQUENCE changes_watched_until CASCADE",
    ],
)
async def test_a_table_that_does_not_notify_is_polled(db, witness, broken):
    await witness.run_script(broken)
    async with db.changes("wave_sessions") as feed:
        assert await following(feed) == MISSED
        await wave_sessions.create(witness, "polled", 1)
        assert await following(feed) == MISSED


async def test_after_a_pause_so_long_that_the_triggers_fell_silent_the_reader_is_told(db, monkeypatch):
    monkeypatch.setattr(postgres_changes, "LEASE", 0)
    async with db.changes("wave_sessions") as feed:
        for _ in range(3):
            assert await following(feed) == MISSED


async def test_what_others_send_on_the_channel_is_passed_over(db, witness):
    async with db.changes("wave_sessions") as feed:
        await following(feed)
        for payload in ("", "hello", "[]", "3"):
            await witness.run_script(f"NOTIFY {postgres_changes.CHANNEL}, '{payload}'")
        row = await wave_sessions.create(witness, "heard", 1)
        await until(feed, Change("wave_sessions", row.id, "create"))


async def test_a_month_of_logs_that_is_dropped_is_told(db, witness):
    await execution_logs.ensure_partitions(witness)
    async with db.changes("execution_logs") as feed:
        missed = Change("execution_logs", None, "missed")
        assert await following(feed) == missed
        assert await execution_logs.drop_partitions_before(witness, witness.now() + timedelta(days=62))
        assert await following(feed) == missed


async def test_a_key_too_long_for_a_notification_is_not_told(db, witness):
    await witness.run_script(
        "CREATE TABLE notes (name text PRIMARY KEY, body text); SELECT watch_changes('notes', 'name')"
    )
    async with db.changes("notes") as feed:
        await following(feed)
        await witness.run_script("INSERT INTO notes VALUES (repeat('x', 2000)), ('short')")
        assert await following(feed) == ("notes", "x" * 2000, "create")
        assert await following(feed) == ("notes", "short", "create")
        await witness.run_script("UPDATE notes SET name = repeat('y', 2600) || name WHERE name <> 'short'")
        await until(feed, Change("notes", "y" * 2600 + "x" * 2000, "update"))
