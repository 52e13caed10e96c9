"""What is particular to SQLite."""

import asyncio
import sqlite3
import threading
from contextlib import closing

import pytest
from user_package import MIGRATIONS, authors, books
from user_package.books import NewBook

from wave_data import MissingReference, connect
from wave_data.engine.identifiers import uuid7


@pytest.fixture
async def db(path):
    async with connect(f"sqlite:{path}", migrations=MIGRATIONS, pool_size=4) as db:
        yield db


@pytest.fixture
def pragma(load):
    """Reads the pragmas of a connection."""
    return load(
        """
        -- name: foreign_keys @sqlite
        SELECT foreign_keys FROM pragma_foreign_keys;
        -- name: foreign_keys @postgres
        SELECT 1;
        -- name: foreign_keys_of_a_writer @sqlite
        SELECT foreign_keys + 0 * (SELECT count(*) FROM authors) FROM pragma_foreign_keys;
        -- name: foreign_keys_of_a_writer @postgres
        SELECT 1;
        -- name: journal_mode @sqlite
        SELECT journal_mode FROM pragma_journal_mode;
        -- name: journal_mode @postgres
        SELECT 'none';
        -- name: synchronous @sqlite
        SELECT synchronous FROM pragma_synchronous;
        -- name: synchronous @postgres
        SELECT 1;
        """,
        """
        @query
        async def foreign_keys(db: Executor) -> int: ...
        @query
        async def foreign_keys_of_a_writer(db: Executor) -> int: ...
        @query
        async def journal_mode(db: Executor) -> str: ...
        @query
        async def synchronous(db: Executor) -> int: ...
        """,
    )


async def test_foreign_keys_are_enforced_on_every_reader(db, pragma):
    async def look():
        async with db.transaction(readonly=True) as tx:
            await all_open.wait()
            return await pragma.foreign_keys(tx)

    all_open = asyncio.Barrier(4)
    assert await asyncio.gather(*(look() for _ in range(4))) == [1] * 4


async def test_foreign_keys_are_enforced_on_the_writer(db, pragma):
    async with db.transaction() as tx:
        assert await pragma.foreign_keys(tx) == 1
    with pytest.raises(MissingReference):
        await books.create(db, "Emma", author_id=uuid7())


async def test_foreign_keys_are_enforced_in_memory(pragma):
    async with connect("sqlite::memory:", migrations=MIGRATIONS) as db:
        with pytest.raises(MissingReference):
            await books.create(db, "Emma", author_id=uuid7())


async def test_a_file_has_a_wal_and_syncs_normally(db, pragma):
    async with db.transaction() as tx:
        assert (await pragma.journal_mode(tx), await pragma.synchronous(tx)) == ("wal", 1)


async def test_another_journal_mode(path, pragma):
    async with connect(f"sqlite:{path}", migrations=MIGRATIONS, journal_mode="delete") as db, db.transaction() as tx:
        assert await pragma.journal_mode(tx) == "delete"


async def test_reads_do_not_wait_for_a_write_transaction(db):
    await books.create(db, "Emma")
    async with db.transaction() as tx:
        await books.create(tx, "Persuasion")
        async with asyncio.timeout(5):
            assert await books.count(db) == 1
            assert len((await books.find_many(db)).items) == 1
        assert await books.count(tx) == 2


async def test_several_readers_read_beside_the_writer(db):
    await books.create_many(db, [NewBook(str(number)) for number in range(10)])
    all_open = asyncio.Barrier(4)

    async def look():
        async with db.transaction(readonly=True) as tx:
            await all_open.wait()
            return await books.count(tx)

    async with db.transaction() as tx:
        await books.create(tx, "Emma")
        async with asyncio.timeout(5):
            assert await asyncio.gather(*(look() for _ in range(4))) == [10] * 4


async def test_a_readonly_transaction_sees_one_moment(db):
    await books.create(db, "Emma")
    async with db.transaction(readonly=True) as tx:
        assert await books.count(tx) == 1
        await books.create(db, "Persuasion")
        assert await books.count(tx) == 1
    assert await books.count(db) == 2


async def test_a_write_transaction_takes_its_lock_at_the_beginning(db, path):
    async with db.transaction():
        with (
            closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as other,
            pytest.raises(sqlite3.OperationalError, match="locked"),
        ):
            other.execute("BEGIN IMMEDIATE")


async def test_writers_wait_for_each_other_without_a_lock_conflict(path):
    async with connect(f"sqlite:{path}", migrations=MIGRATIONS, busy_timeout=0, transaction_retries=0) as db:

        async def work(number):
            async with db.transaction() as tx:
                await books.create(tx, str(number))
                await asyncio.sleep(0)

        await asyncio.gather(*(work(number) for number in range(20)))
        assert await books.count(db) == 20


async def test_other_programs_see_what_is_committed(db, path):
    await books.create(db, "Emma")
    with closing(sqlite3.connect(path)) as other:
        assert other.execute("SELECT title FROM books").fetchall() == [("Emma",)]


async def test_values_are_stored_in_the_formats_of_the_schema(db, path):
    author = await authors.create(db, "Jane Austen")
    book = await books.create(
        db, "Emma", author_id=author.id, price="9.99", score="12.5", in_print=True, details={"a": 1}, tags=["x", "é"]
    )
    with closing(sqlite3.connect(path)) as other:
        (row,) = other.execute("SELECT id, price, score, in_print, details, tags, created_at FROM books").fetchall()
    assert row == (
        str(book.id),
        9_990_000,
        1250,
        1,
        '{"a":1}',
        '["x","é"]',
        book.created_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
    )


SLOW = """
    -- name: slow @sqlite
    WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers LIMIT 1000000000)
    SELECT count(*) FROM numbers;
    -- name: slow @postgres
    SELECT 1;
    -- name: slow_write @sqlite
    UPDATE books SET pages = (
        WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers LIMIT 1000000000)
        SELECT count(*) FROM numbers
    );
    -- name: slow_write @postgres
    UPDATE books SET pages = 1;
    """
SLOW_PYTHON = """
    @query
    async def slow(db: Executor) -> int: ...
    @query
    async def slow_write(db: Executor) -> None: ...
    """


@pytest.mark.parametrize("name", ["slow", "slow_write"])
async def test_a_cancelled_statement_is_interrupted(path, load, name):
    shop = load(SLOW, SLOW_PYTHON)
    async with connect(f"sqlite:{path}", migrations=MIGRATIONS, pool_size=1, max_overflow=0, acquire_timeout=5) as db:
        await books.create(db, "Emma")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await getattr(shop, name)(db)
        assert await books.count(db) == 1
        await books.create(db, "Persuasion")


async def test_a_cancelled_statement_stops_no_other(db, load):
    shop = load(SLOW, SLOW_PYTHON)
    await books.create(db, "Emma")

    async def work():
        return [await books.count(db) for _ in range(50)]

    counting = asyncio.create_task(work())
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.02):
            await shop.slow(db)
    assert await counting == [1] * 50


@pytest.fixture
def no_new_threads():
    """Every thread that the test began has ended at its end."""
    before = set(threading.enumerate())
    yield
    begun = set(threading.enumerate()) - before
    for thread in begun:
        thread.join(5)
    assert not any(thread.is_alive() for thread in begun)


@pytest.mark.usefixtures("no_new_threads")
async def test_closing_leaves_no_thread_and_no_wal_behind(path):
    async with connect(f"sqlite:{path}", migrations=MIGRATIONS) as db:
        await books.create(db, "Emma")
        await asyncio.gather(*(books.count(db) for _ in range(10)))
    assert not path.with_name("books.db-wal").exists()


@pytest.mark.usefixtures("no_new_threads")
async def test_a_database_that_could_not_be_opened_leaves_no_thread(tmp_path):
    with pytest.raises(Exception, match="cannot open"):
        await connect(f"sqlite:{tmp_path}", migrations=None, connect_retries=1, backoff_base=0)


@pytest.mark.usefixtures("no_new_threads")
async def test_an_opening_that_is_cancelled_leaves_no_thread(path):
    cancelled = 0
    for turns in range(12):
        opening = asyncio.ensure_future(connect(f"sqlite:{path}", migrations=MIGRATIONS))
        for _ in range(turns):
            await asyncio.sleep(0)
        if opening.cancel():
            with pytest.raises(asyncio.CancelledError):
                await opening
            cancelled += 1
        else:
            await (await opening).close()
    assert cancelled > 2


async def test_databases_in_memory_are_apart():
    async with (
        connect("sqlite::memory:", migrations=MIGRATIONS) as one,
        connect("sqlite::memory:", migrations=MIGRATIONS) as two,
    ):
        await books.create(one, "Emma")
        assert (await books.count(one), await books.count(two)) == (1, 0)


async def test_every_operation_in_memory_sees_the_same_data():
    async with connect("sqlite::memory:", migrations=MIGRATIONS, pool_size=5) as db:
        await books.create(db, "Emma")
        assert await asyncio.gather(*(books.count(db) for _ in range(10))) == [1] * 10


async def test_a_path_with_every_kind_of_character(tmp_path):
    folder = tmp_path / "a b#c?d%41é"
    async with connect(f"sqlite:{tmp_path}/a b%23c%3Fd%2541é/books.db", migrations=None) as db:
        await db.ping()
    assert (folder / "books.db").exists()


async def test_a_trigger_sets_the_time_where_the_statement_does_not(tmp_path, load):
    shop = load(
        """
        -- name: create
        INSERT INTO items (id, name, updated_at) VALUES (:id, :name, 'never');

        -- name: rename
        UPDATE items SET name = :name WHERE id = :id;

        -- name: date
        UPDATE items SET name = :name, updated_at = 'never' WHERE id = :id;

        -- name: updated_at
        SELECT updated_at FROM items WHERE id = :id;
        """,
        """
        @query
        async def create(db: Executor, id: int, name: str) -> None: ...
        @query
        async def rename(db: Executor, id: int, name: str) -> None: ...
        @query
        async def date(db: Executor, id: int, name: str) -> None: ...
        @query
        async def updated_at(db: Executor, id: int) -> str: ...
        """,
    )
    async with connect(f"sqlite:{tmp_path / 'own.db'}", migrations=None) as db:
        await db.run_script(
            "CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT, updated_at TEXT);"
            "CREATE TRIGGER touch AFTER UPDATE ON items WHEN NEW.updated_at = OLD.updated_at"
            " BEGIN UPDATE items SET updated_at = 'now' WHERE id = NEW.id; END"
        )
        await shop.create(db, 1, "a pen")
        await shop.date(db, 1, "a pencil")
        assert await shop.updated_at(db, 1) == "never"
        await shop.rename(db, 1, "a brush")
        assert await shop.updated_at(db, 1) == "now"
        await shop.create(db, 2, "a pen")
        await shop.date(db, 2, "a pencil")
        assert await shop.updated_at(db, 2) == "never"
