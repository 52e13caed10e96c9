"""What is particular to PostgreSQL."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from user_package import MIGRATIONS, books

from wave_data import RowMappingError, connect
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


@pytest.fixture
def times(load):
    """Times that travel there and back, under whatever settings the session has."""
    return load(
        """
        -- name: set_zone @postgres
        SELECT set_config('timezone', :zone, true);
        -- name: set_zone @sqlite
        SELECT :zone;
        -- name: echo @postgres
        SELECT CAST(:at AS timestamptz) AS at, CAST(CAST(:at AS timestamptz) AS text) AS text;
        -- name: echo @sqlite
        SELECT :at AS at, :at AS text;
        -- name: texts @postgres
        SELECT CAST(CAST(:at AS timestamptz) AS text);
        -- name: texts @sqlite
        SELECT :at;
        -- name: read @postgres
        SELECT CAST(CAST(:text AS text) AS timestamptz) AS at;
        -- name: read @sqlite
        SELECT :text AS at;
        -- name: read_array @postgres
        SELECT ARRAY[CAST(CAST(:text AS text) AS timestamptz)] AS array;
        -- name: read_array @sqlite
        SELECT :text AS array;
        """,
        """
        class Found(Record):
            at: UtcDatetime
            text: str

        class Several(Record):
            array: list[UtcDatetime]

        @query
        async def set_zone(db: Executor, zone: str) -> str: ...
        @query
        async def echo(db: Executor, at: UtcDatetime) -> Found: ...
        @query
        async def texts(db: Executor, at: UtcDatetime) -> str: ...
        @query
        async def read(db: Executor, text: str) -> UtcDatetime: ...
        @query
        async def read_array(db: Executor, text: str) -> Several: ...
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


async def test_times_are_read_in_the_time_zone_of_any_session(url, times):
    moment = datetime(1907, 6, 5, 4, 3, 2, 10, UTC)
    async with connect(url, migrations=MIGRATIONS) as db:
        for zone in ("UTC", "Asia/Kolkata", "America/St_Johns", "Africa/Monrovia"):
            async with db.transaction() as tx:
                assert await times.set_zone(tx, zone) == zone
                found = await times.echo(tx, moment)
                assert (found.at, found.at.tzinfo) == (moment, UTC)
                assert await times.texts(tx, moment) == found.text


async def test_no_setting_of_the_database_changes_how_times_are_read(url, times):
    moment = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)
    name = DatabaseUrl.parse(url).database
    async with connect(url, migrations=None) as db:
        await db.run_script(
            f"ALTER DATABASE {name} SET datestyle = 'German, DMY'; ALTER DATABASE {name} SET timezone = 'Asia/Tokyo'"
        )
    async with connect(url, migrations=MIGRATIONS) as db:
        found = await times.echo(db, moment)
    assert (found.at, found.text) == (moment, "2026-02-03 04:05:06+00")


@pytest.mark.parametrize("text", ["infinity", "-infinity", "0044-03-15 12:00:00+00 BC", "10000-01-01 00:00:00+00"])
async def test_a_time_that_no_datetime_can_express_is_named_by_its_column(url, times, text):
    async with connect(url, migrations=MIGRATIONS) as db:
        with pytest.raises(RowMappingError, match="column at holds no timestamp"):
            await times.read(db, text)
        with pytest.raises(RowMappingError, match="column array holds no array"):
            await times.read_array(db, text)
        assert await times.read(db, "9999-12-31 23:59:59.999999+00") == datetime.max.replace(tzinfo=UTC)


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


async def test_many_rows_become_records_at_stretches_between_which_others_have_their_turn():
    events: list[str] = []

    def read(rows: list[int]) -> list[int]:
        events.append(f"read {len(rows)}")
        return rows

    async def another() -> None:
        events.append("another task")

    prepared = postgres._Prepared(cast(Any, None), None, read)
    task = asyncio.create_task(another())
    rows = list(range(2 * postgres.STRETCH + 1))
    assert await postgres._read(prepared, list(rows)) == rows
    await task
    assert events == [f"read {postgres.STRETCH}", "another task", f"read {postgres.STRETCH}", "read 1"]


async def test_a_connection_that_was_idle_for_long_is_verified_and_used(url, monkeypatch):
    monkeypatch.setattr(pool, "PING_AFTER", 0.0)
    async with connect(url, migrations=MIGRATIONS, pool_size=1, max_overflow=0) as db:
        book = await books.create(db, "Emma")
        assert await books.get(db, book.id) == book
