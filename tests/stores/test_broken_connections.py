"""What a connection that breaks means: it depends on what was on its way."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from proxy import Proxy
from user_package import MIGRATIONS, books
from user_package.books import NewBook
from waiting import until

from wave_data import ConnectionFailed, Database, OutcomeUnknown, WaveDataError, connect
from wave_data.servers.databases import temporary_database

QUICK = {"backoff_base": 0.001, "connect_retries": 2}


@pytest.fixture
def direct_url(postgres_url, postgres_template):
    """A database on PostgreSQL, without the proxy."""
    with temporary_database(postgres_url, postgres_template) as url:
        yield url


@pytest.fixture
async def proxy(direct_url) -> AsyncIterator[Proxy]:
    async with Proxy(direct_url) as proxy:
        yield proxy


@pytest.fixture
async def db(proxy) -> AsyncIterator[Database]:
    """The database through the proxy, on one connection."""
    async with connect(proxy.url, migrations=MIGRATIONS, pool_size=1, max_overflow=0, acquire_timeout=5, **QUICK) as db:
        yield db


@pytest.fixture
async def witness(direct_url) -> AsyncIterator[Database]:
    """The same database past the proxy."""
    async with connect(direct_url, migrations=None, pool_size=1) as db:
        yield db


def once(kind: bytes, part: bytes):
    """Says yes to the first message of a type with this content."""
    seen: list[bytes] = []

    def is_it(found: bytes, content: bytes) -> bool:
        if seen or found != kind or part not in content:
            return False
        seen.append(found)
        return True

    return is_it


async def test_an_idle_connection_that_broke_is_replaced(db, proxy):
    await books.create(db, "Emma")
    proxy.cut()
    assert await books.count(db) == 1


async def test_a_read_is_repeated(db, proxy):
    await books.create(db, "Emma")
    await books.count(db)
    proxy.before = once(b"S", b"")
    assert await books.count(db) == 1


async def test_a_read_whose_answer_is_lost_is_repeated(db, proxy):
    await books.count(db)
    proxy.after = once(b"S", b"")
    assert await books.count(db) == 0


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_the_outcome_of_a_lone_write_is_unknown(db, proxy, witness, moment):
    await books.create(db, "Emma")
    setattr(proxy, moment, once(b"S", b""))
    with pytest.raises(OutcomeUnknown) as caught:
        await books.create(db, "Persuasion")
    assert caught.value.retryable is False
    assert await books.count(witness) == {"before": 1, "after": 2}[moment]


async def test_the_outcome_of_a_lone_bulk_write_is_unknown(db, proxy, witness):
    await books.create_many(db, [NewBook("Emma")])
    proxy.after = once(b"S", b"")
    with pytest.raises(OutcomeUnknown):
        await books.create_many(db, [NewBook("Persuasion")])


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_the_outcome_of_a_lost_commit_is_unknown(db, proxy, witness, moment):
    setattr(proxy, moment, once(b"Q", b"COMMIT"))
    with pytest.raises(OutcomeUnknown, match="during COMMIT"):
        async with db.transaction() as tx:
            await books.create(tx, "Emma")
    assert await books.count(witness) == {"before": 0, "after": 1}[moment]


async def test_a_lost_commit_is_never_repeated(db, proxy, witness):
    calls = []
    proxy.after = once(b"Q", b"COMMIT")

    async def work(tx):
        calls.append(await books.create(tx, "Emma"))

    with pytest.raises(OutcomeUnknown):
        await db.run_in_transaction(work)
    assert len(calls) == 1
    assert await books.count(witness) == 1


async def test_a_transaction_lost_before_its_commit_is_repeated(db, proxy, witness):
    calls = []

    async def work(tx):
        calls.append(1)
        await books.create(tx, "Emma")
        if len(calls) == 1:
            proxy.cut()
        await books.create(tx, "Persuasion")

    await db.run_in_transaction(work)
    assert len(calls) == 2
    assert await books.count(witness) == 2


async def test_a_statement_inside_a_callers_transaction_is_not_repeated(db, proxy, witness):
    with pytest.raises(ConnectionFailed) as caught:
        async with db.transaction() as tx:
            await books.create(tx, "Emma")
            proxy.cut()
            await books.create(tx, "Persuasion")
    assert caught.value.retryable is True
    assert await books.count(witness) == 0


async def test_a_transaction_that_is_lost_and_only_ends_tells(db, proxy, witness):
    """Nothing was sent after the cut, but nobody may believe that the transaction was committed."""
    with pytest.raises((ConnectionFailed, OutcomeUnknown)):
        async with db.transaction() as tx:
            await books.create(tx, "Emma")
            proxy.cut()
    assert await books.count(witness) == 0


async def test_a_connection_lost_in_a_savepoint_ends_the_outer_transaction(db, proxy, witness):
    with pytest.raises((ConnectionFailed, OutcomeUnknown)):
        async with db.transaction() as tx:
            await books.create(tx, "Emma")
            with pytest.raises(ConnectionFailed):
                async with tx.transaction() as inner:
                    proxy.cut()
                    await books.create(inner, "Persuasion")
            await books.create(tx, "Sanditon")
    assert await books.count(witness) == 0


async def test_a_stream_that_breaks_tells(db, proxy):
    await books.create_many(db, [NewBook(str(number)) for number in range(1203)])
    seen = 0
    with pytest.raises(ConnectionFailed):
        async for _ in books.iterate(db):
            seen += 1
            if seen == 1:
                proxy.cut()
    assert 0 < seen < 1203
    assert await books.count(db) == 1203


async def test_a_lost_write_gives_its_place_back(db, proxy):
    for _ in range(3):
        proxy.after = once(b"P", b"DELETE FROM books")
        with pytest.raises(OutcomeUnknown):
            await books.delete_drafts(db)
    assert await books.count(db) == 0


async def test_a_lost_commit_gives_its_place_back(db, proxy):
    for _ in range(3):
        proxy.after = once(b"Q", b"COMMIT")
        with pytest.raises(OutcomeUnknown):
            async with db.transaction() as tx:
                await books.count(tx)
    assert await books.count(db) == 0


LOST = [(b"Q", b"BEGIN"), (b"Q", b"SAVEPOINT"), (b"Q", b"RELEASE"), (b"P", b"INSERT"), (b"B", b""), (b"S", b"")]


@pytest.mark.parametrize(("kind", "part"), LOST)
async def test_no_error_of_the_driver_escapes(db, proxy, kind, part):
    await books.count(db)
    proxy.before = once(kind, part)
    with pytest.raises(WaveDataError) as caught:
        async with db.transaction() as tx:
            await books.create(tx, "Emma")
            async with tx.transaction() as inner:
                await books.create_many(inner, [NewBook("Persuasion")])
            [book async for book in books.iterate(tx)]
    assert type(caught.value).__module__ == "wave_data.engine.errors"
    assert await books.count(db) == 0


async def test_a_server_that_lost_a_new_connection_at_once(proxy, db):
    """The wire breaks after the login, while the clock is read; another attempt follows."""
    proxy.cut()
    proxy.before = once(b"P", b"clock_timestamp")
    assert await books.count(db) == 0


async def test_an_opening_that_is_cancelled_leaves_no_connection(proxy):
    """The caller gives up at each message that the opening sends, of which one reads the clock."""

    async def is_opened(moments: int) -> bool:
        proxy.listen()
        opening = asyncio.ensure_future(connect(proxy.url, migrations=MIGRATIONS))

        def gives_up(kind: bytes, content: bytes) -> bool:
            if len(proxy.messages) > moments:
                opening.cancel()
            return False

        proxy.before = gives_up
        try:
            db = await opening
        except asyncio.CancelledError:
            return False
        await db.close()
        return True

    moments = 0
    while not await is_opened(moments):
        await until(lambda: proxy.connections == 0, seconds=5)
        moments += 1
    assert moments > 5


async def test_a_cancelled_statement_leaves_the_connection_usable(db, load):
    shop = load(
        """
        -- name: pause @postgres
        SELECT count(pg_sleep(10));
        -- name: pause @sqlite
        SELECT 1;
        """,
        """
        @query
        async def pause(db: Executor) -> int: ...
        """,
    )
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await shop.pause(db)
    assert await books.count(db) == 0


# Round trips


async def test_a_call_on_the_database_is_one_round_trip(db, proxy):
    book = await books.create(db, "Emma")
    await books.get(db, book.id)
    proxy.listen()
    await books.get(db, book.id)
    await books.get(db, book.id)
    assert proxy.requests == 2


async def test_a_write_on_the_database_is_one_round_trip(db, proxy):
    await books.create(db, "Emma")
    proxy.listen()
    await books.create(db, "Persuasion")
    assert proxy.requests == 1


async def test_a_bulk_statement_is_one_round_trip_whatever_its_rows(db, proxy):
    await books.create_many(db, [NewBook("Emma")])
    await books.import_many(db, [])
    proxy.listen()
    found = await books.create_many(db, [NewBook(str(number)) for number in range(300)])
    assert proxy.requests == 1
    await books.delete_drafts(db)
    await books.import_many(db, found)
    await books.delete_drafts(db)
    proxy.listen()
    await books.import_many(db, found)
    assert proxy.requests == 1


async def test_a_transaction_is_two_round_trips_more(db, proxy):
    await books.create(db, "Emma")
    proxy.listen()
    async with db.transaction() as tx:
        await books.create(tx, "Persuasion")
        await books.create(tx, "Sanditon")
    assert proxy.requests == 4


async def test_each_shape_is_prepared_once(db, proxy):
    for _ in range(2):
        await books.count(db)
        await books.count(db, status="draft")
        await books.count(db, in_print=True)
    assert sum(1 for kind, content in proxy.messages if kind == b"P" and b"count(*)" in content) == 3


async def test_without_a_statement_cache_nothing_outlives_the_call(proxy):
    """A proxy that pools transactions may send the next call to another server process."""
    async with connect(proxy.url, migrations=MIGRATIONS, statement_cache_size=0, pool_size=1) as db:
        await books.create(db, "Emma")
        await books.create_many(db, [NewBook("Persuasion")])
        assert await books.count(db) == 2
    parsed = [content.partition(b"\0")[0] for kind, content in proxy.messages if kind == b"P"]
    assert set(parsed) == {b""}


async def test_the_cache_holds_as_many_statements_as_it_is_told(proxy):
    async with connect(proxy.url, migrations=None, statement_cache_size=2, pool_size=1) as db:
        for _ in range(3):
            await books.count(db)
            await books.count(db, status="draft")
            await books.count(db, in_print=True)
    assert sum(1 for kind, content in proxy.messages if kind == b"P" and b"count(*)" in content) == 9
