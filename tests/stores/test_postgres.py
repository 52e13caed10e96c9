"""What is particular to PostgreSQL."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest
from user_package import MIGRATIONS, books

from wave_data import connect
from wave_data.servers.databases import temporary_database
from wave_data.stores import pool, postgres
from wave_data.stores.settings import DatabaseUrl


@pytest.fixture
def url(postgres_url, postgres_template):
    """A migrated database."""
    with temporary_database(postgres_url, postgres_template) as url:
        yield url


@pytest.fixture
def server(load):
    """What the server says of itself."""
    return load(
        """
        -- name: clock @postgres
        SELECT clock_timestamp();
        -- name: clock @sqlite
        SELECT 1;
        -- name: setting @postgres
        SELECT current_setting(:name);
        -- name: setting @sqlite
        SELECT :name;
        -- name: process @postgres
        SELECT pg_backend_pid();
        -- name: process @sqlite
        SELECT 1;
        -- name: end_process @postgres
        SELECT pg_terminate_backend(:id);
        -- name: end_process @sqlite
        SELECT :id;
        """,
        """
        @query
        async def clock(db: Executor) -> UtcDatetime: ...
        @query
        async def setting(db: Executor, name: str) -> str: ...
        @query
        async def process(db: Executor) -> int: ...
        @query
        async def end_process(db: Executor, id: int) -> bool: ...
        """,
    )


async def test_the_clock_follows_the_servers(url, server):
    async with connect(url, migrations=MIGRATIONS) as db:
        before = await server.clock(db)
        now = db.now()
        after = await server.clock(db)
    assert before - timedelta(milliseconds=50) <= now <= after + timedelta(milliseconds=50)


async def test_times_are_in_utc(url, server):
    async with connect(url, migrations=MIGRATIONS) as db:
        assert await server.setting(db, "TimeZone") == "UTC"


async def test_the_parameters_of_the_url_reach_the_server(url, server):
    async with connect(f"{url}&work_mem=7MB", migrations=MIGRATIONS) as db:
        assert await server.setting(db, "work_mem") == "7MB"


async def test_a_statement_timeout_is_the_servers(url, server):
    async with connect(url, migrations=MIGRATIONS, statement_timeout=1.5) as db:
        assert await server.setting(db, "statement_timeout") == "1500ms"


async def test_a_host_may_stand_in_the_parameters(url, server):
    target = DatabaseUrl.parse(url)
    text = replace(target, host=None, port=None).dbmate.replace("localhost", "")
    text = f"{text}&host={target.host}&port={target.port}"
    async with connect(text, migrations=None, connect_retries=0) as db:
        assert await server.setting(db, "TimeZone") == "UTC"


async def test_an_idle_connection_that_the_server_ended_is_replaced(url, server):
    async with (
        connect(url, migrations=MIGRATIONS, pool_size=1, max_overflow=0, backoff_base=0.001) as db,
        connect(url, migrations=None) as other,
    ):
        process = await server.process(db)
        await server.end_process(other, process)
        assert await books.count(db) == 0
        assert await server.process(db) != process


async def test_reads_and_writes_share_one_pool(url, server):
    async with connect(url, migrations=MIGRATIONS, pool_size=1, max_overflow=0) as db:
        process = await server.process(db)
        async with db.transaction() as tx:
            assert await server.process(tx) == process


async def test_a_connection_keeps_no_state_of_a_transaction(url, server):
    async with connect(url, migrations=MIGRATIONS, pool_size=1, max_overflow=0) as db:
        async with db.transaction("serializable", readonly=True) as tx:
            assert await server.setting(tx, "transaction_isolation") == "serializable"
            assert await server.setting(tx, "transaction_read_only") == "on"
        async with db.transaction() as tx:
            assert await server.setting(tx, "transaction_isolation") == "read committed"
            assert await server.setting(tx, "transaction_read_only") == "off"


async def test_closing_closes_every_connection(url, server, postgres_url):
    async with connect(url, migrations=MIGRATIONS, pool_size=3) as db:
        await asyncio.gather(*(books.count(db) for _ in range(6)))
    with temporary_database(postgres_url, url):
        pass  # a database with connections cannot be copied


async def test_many_rows_become_records_in_portions_between_which_others_have_their_turn():
    events: list[str] = []

    def read(rows: list[int]) -> list[int]:
        events.append(f"read {len(rows)}")
        return rows

    async def another() -> None:
        events.append("another task")

    prepared = postgres._Prepared(cast(Any, None), None, read)
    task = asyncio.create_task(another())
    rows = list(range(2 * postgres.PORTION + 1))
    assert await postgres._read(prepared, rows) == rows
    await task
    assert events == [f"read {postgres.PORTION}", "another task", f"read {postgres.PORTION}", "read 1"]


async def test_a_connection_that_was_idle_for_long_is_verified_and_used(url, monkeypatch):
    monkeypatch.setattr(pool, "PING_AFTER", 0.0)
    async with connect(url, migrations=MIGRATIONS, pool_size=1, max_overflow=0) as db:
        book = await books.create(db, "Emma")
        assert await books.get(db, book.id) == book
