"""On SQLite the event loop itself runs statements that take no time; longer ones are the thread's."""

import asyncio
import sqlite3
import threading
from contextlib import closing

import pytest
from user_package import MIGRATIONS, books
from user_package.books import NewBook

from wave_data import Conflict, QueryError, connect
from wave_data.stores import loop_time, sqlite
from wave_data.stores.sqlite_journal import CHANGES


@pytest.fixture
async def db(path):
    async with connect(f"sqlite:{path}", migrations=MIGRATIONS, pool_size=2) as db:
        yield db


@pytest.fixture
def numbers(load):
    """Queries that take as long as they are asked to."""
    return load(
        """
        -- name: count_to
        WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :last)
        SELECT count(*) FROM numbers;
        -- name: list_to
        WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :last)
        SELECT n FROM numbers;
        -- name: count_matches
        WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :last)
        SELECT count(*) FROM numbers WHERE contains_text('abc', 'b');
        -- name: add_words
        UPDATE books SET words = coalesce(words, 0) + (
            WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :last)
            SELECT count(*) FROM numbers
        )
        WHERE title = :title;
        -- name: fail @sqlite
        SELECT abs(:number);
        -- name: fail @postgres
        SELECT 1 / :number;
        """,
        """
        @query
        async def count_to(db: Executor, last: int) -> int: ...
        @query
        async def list_to(db: Executor, last: int) -> list[int]: ...
        @query
        async def count_matches(db: Executor, last: int) -> int: ...
        @query
        async def add_words(db: Executor, title: str, last: int) -> Affected: ...
        @query
        async def fail(db: Executor, number: int) -> int: ...
        """,
    )


@pytest.fixture
def patient(monkeypatch):
    """A machine that is busy with other things makes nothing long."""
    monkeypatch.setattr(sqlite, "SHORT", 60)
    monkeypatch.setattr(loop_time, "LIMIT", 60)


def result_without_waiting(coroutine):
    """What a coroutine returns if it never waits, else None."""
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return stop.value
    coroutine.close()
    return None


@pytest.mark.usefixtures("patient")
async def test_a_short_read_is_done_without_waiting(db):
    book = await books.create(db, "Emma")
    await books.get(db, book.id)
    assert result_without_waiting(books.get(db, book.id)) == book


async def test_it_sees_what_was_written_just_before(db):
    await books.count(db)
    for number in range(20):
        await books.create(db, f"book {number}")
        assert await books.count(db) == number + 1


async def test_other_tasks_run_between_many_short_reads(db):
    turns = []

    async def take_turns():
        while True:
            turns.append(len(turns))
            await asyncio.sleep(0)

    other = asyncio.create_task(take_turns())
    book = await books.create(db, "Emma")
    before = len(turns)
    for _ in range(2_000):
        await books.get(db, book.id)
    other.cancel()
    assert len(turns) - before > 1


async def test_a_long_read_leaves_the_loop_to_others(db, numbers):
    expected = 3_000_000
    assert await numbers.count_to(db, 10) == 10
    reading = asyncio.create_task(numbers.count_to(db, expected))
    turns = 0
    while not reading.done():
        turns += 1
        await asyncio.sleep(0)
    assert await reading == expected
    assert turns > 2


async def test_what_proved_long_begins_in_the_thread_for_a_while(db, numbers):
    await numbers.count_to(db, 3_000_000)
    for _ in range(sqlite.LONG_CALLS):
        assert result_without_waiting(numbers.count_to(db, 1)) is None
        await asyncio.sleep(0)
    await numbers.count_to(db, 1)


async def test_many_rows_are_read_in_the_thread_and_all_of_them(db, numbers):
    for size in (sqlite.FEW - 1, sqlite.FEW, sqlite.FEW + 1, 3 * sqlite.BATCH):
        assert await numbers.list_to(db, size) == list(range(1, size + 1))


async def test_its_errors_are_the_librarys(db, numbers):
    await numbers.fail(db, 1)
    with pytest.raises(QueryError, match="integer overflow"):
        await numbers.fail(db, -(2**63))
    assert await numbers.fail(db, -1) == 1


async def test_it_waits_for_a_lock_in_the_thread(path):
    url = f"sqlite:{path}"
    async with connect(url, migrations=MIGRATIONS, journal_mode="delete", busy_timeout=20) as db:
        await books.create_many(db, [NewBook("Emma")])
        assert await books.count(db) == 1
        with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
            other.execute("BEGIN EXCLUSIVE")
            other.execute("DELETE FROM books")
            reading = asyncio.create_task(books.count(db))
            for _ in range(10):
                await asyncio.sleep(0)
            assert not reading.done()
            thread = threading.Thread(target=other.execute, args=("COMMIT",))
            thread.start()
            assert await reading == 0
            thread.join()


@pytest.mark.usefixtures("patient")
async def test_a_transaction_reads_its_own_changes_without_waiting(db):
    async with db.transaction() as tx:
        book = await books.create(tx, "Emma")
        assert result_without_waiting(books.get(tx, book.id)) == book
    assert await books.get(db, book.id) == book


@pytest.fixture
async def emma(db):
    """A book; the first change of a file waits for the disk, those after it do not."""
    return await books.create(db, "Emma")


@pytest.mark.usefixtures("patient")
async def test_a_short_write_is_done_without_waiting(db, emma, numbers):
    await books.create(db, "Persuasion")
    written = result_without_waiting(books.create(db, "Sanditon"))
    assert result_without_waiting(numbers.add_words(db, "Emma", 5)) == 1
    assert (await books.get(db, emma.id)).words == 5
    assert await books.get(db, written.id) == written


async def test_a_long_write_leaves_the_loop_to_others_and_happens_once(db, emma, numbers):
    last = 3_000_000
    await numbers.add_words(db, "Emma", 1)
    writing = asyncio.create_task(numbers.add_words(db, "Emma", last))
    turns = 0
    while not writing.done():
        turns += 1
        await asyncio.sleep(0)
    assert await writing == 1
    assert turns > 2
    assert (await books.get(db, emma.id)).words == 1 + last


async def test_a_write_that_is_refused_changes_nothing(db, emma):
    with pytest.raises(Conflict):
        await books.create(db, "Emma again", id=emma.id)
    assert await books.count(db) == 1
    await books.create(db, "Sanditon")
    assert await books.count(db) == 2


async def test_a_long_write_ends_no_transaction(db, emma, numbers):
    async with db.transaction() as tx:
        await books.create(tx, "Sanditon")
        await numbers.add_words(tx, "Emma", 300_000)
    assert await books.count(db) == 2
    assert (await books.get(db, emma.id)).words == 300_000


@pytest.mark.usefixtures("emma")
async def test_what_is_given_up_at_any_moment_happens_once(db, monkeypatch):
    monkeypatch.setattr(sqlite, "SHORT", 0.00003)
    monkeypatch.setattr(sqlite, "STEPS", 20)
    monkeypatch.setattr(sqlite, "LONG_CALLS", 0)
    for number in range(2_000):
        await books.create(db, f"book {number}")
    assert await books.count(db) == 2_001


async def test_a_write_waits_for_a_lock_in_the_thread(path):
    async with connect(f"sqlite:{path}", migrations=MIGRATIONS, busy_timeout=20) as db:
        await books.create(db, "Emma")
        await books.create(db, "Sanditon")
        with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
            for write in (lambda: books.create(db, "Lady Susan"), lambda: in_transaction(db)):
                other.execute("BEGIN IMMEDIATE")
                writing = asyncio.create_task(write())
                for _ in range(10):
                    await asyncio.sleep(0)
                assert not writing.done()
                other.execute("COMMIT")
                await writing
        assert await books.count(db) == 4


async def in_transaction(db):
    async with db.transaction() as tx:
        await books.create(tx, "The Watsons")


@pytest.mark.usefixtures("patient")
async def test_a_file_without_a_log_is_written_by_the_thread(path):
    async with connect(f"sqlite:{path}", migrations=MIGRATIONS, journal_mode="delete") as db:
        await books.create(db, "Emma")
        await books.create(db, "Persuasion")
        assert result_without_waiting(books.create(db, "Sanditon")) is None


async def test_the_log_is_taken_up_now_and_then(db, path):
    for number in range(8 * CHANGES):
        await books.create(db, f"book {number}")
    assert path.with_name("books.db-wal").stat().st_size < 4 * 2**20
    assert path.stat().st_size > 7 * CHANGES * 100
    assert await books.count(db) == 8 * CHANGES


async def test_the_log_is_taken_up_after_a_large_transaction(db, path):
    async with db.transaction() as tx:
        await books.create_many(tx, [NewBook(f"book {number}") for number in range(5_000)])
    assert path.stat().st_size > 5_000 * 100


async def test_what_a_closed_coroutine_left_to_the_thread_is_waited_for(path, numbers):
    async with connect(f"sqlite:{path}", migrations=MIGRATIONS, pool_size=1, max_overflow=0) as db:
        expected = await numbers.count_matches(db, 200_000)
        reading = numbers.count_matches(db, 200_000)
        reading.send(None)
        reading.close()
        assert await books.count(db) == 0
        assert await numbers.count_matches(db, 200_000) == expected == 200_000
