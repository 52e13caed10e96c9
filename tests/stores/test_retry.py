"""What is repeated, and what never is: with real transactions that get in each other's way."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from user_package import MIGRATIONS, authors, books
from user_package.books import NewBook

from wave_data import Conflict, InvalidValue, MissingReference, SerializationFailure, connect
from wave_data.engine.identifiers import uuid7
from wave_data.servers.databases import temporary_database
from wave_data.stores.settings import DatabaseUrl

QUICK = {"backoff_base": 0.001, "backoff_cap": 0.01}


@pytest.fixture
async def postgres(postgres_url, postgres_template):
    """A database on PostgreSQL."""
    with temporary_database(postgres_url, postgres_template) as url:
        quick_to_see = f"{url}&deadlock_timeout=20ms"
        async with connect(quick_to_see, migrations=MIGRATIONS, transaction_retries=5, **QUICK) as db:
            yield db


@contextmanager
def locked(path: Path) -> Iterator[sqlite3.Connection]:
    """The file while another program writes to it."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield other
        if other.in_transaction:
            other.execute("ROLLBACK")


@pytest.fixture
def file_url(path) -> str:
    """The URL of a SQLite file of this test's own."""
    return f"sqlite:{path}"


def path_of(url: str) -> Path:
    path = DatabaseUrl.parse(url).path
    assert path is not None
    return path


async def test_a_serialisation_failure_is_repeated(postgres):
    """Both read the total before either has written: one of them must be run again."""
    both_have_read = asyncio.Barrier(2)
    runs = []

    async def add_total(tx):
        runs.append(1)
        total = sum([book.pages async for book in books.iterate(tx)])
        if len(runs) <= 2:
            await both_have_read.wait()
        return await books.create(tx, f"{uuid7()}", pages=total + 1)

    made = await asyncio.gather(*(postgres.run_in_transaction(add_total, isolation="serializable") for _ in range(2)))
    assert sorted(book.pages for book in made) == [1, 2]
    assert len(runs) == 3


async def test_a_serialisation_failure_of_a_plain_transaction_is_told(postgres):
    book = await books.create(postgres, "Emma")
    with pytest.raises(SerializationFailure) as caught:
        async with postgres.transaction("repeatable read") as tx:
            await books.get(tx, book.id)
            await books.add_words(postgres, book.id, 1)
            await books.add_words(tx, book.id, 1)
    assert caught.value.retryable is True
    assert (await books.get(postgres, book.id)).words == 1


async def test_a_deadlock_is_repeated(postgres):
    first, second = await books.create_many(postgres, [NewBook("a"), NewBook("b")])
    both_hold_one, one_is_done = asyncio.Barrier(2), asyncio.Event()
    runs = []

    async def crosswise(one, other):
        async def work(tx):
            runs.append(1)
            if len(runs) > 2:
                await one_is_done.wait()  # else it may take its first row again before the other wakes up
            await books.add_words(tx, one.id, 1)
            if len(runs) <= 2:
                await both_hold_one.wait()
            await books.add_words(tx, other.id, 1)

        await postgres.run_in_transaction(work)
        one_is_done.set()

    await asyncio.gather(crosswise(first, second), crosswise(second, first))
    assert len(runs) == 3
    assert [(await books.get(postgres, book.id)).words for book in (first, second)] == [2, 2]


async def test_what_keeps_failing_is_told_after_the_retries(postgres):
    book = await books.create(postgres, "Emma")
    runs = []

    async def work(tx):
        runs.append(1)
        await books.get(tx, book.id)
        await books.add_words(postgres, book.id, 1)
        await books.add_words(tx, book.id, 1)

    with pytest.raises(SerializationFailure):
        await postgres.run_in_transaction(work, isolation="repeatable read")
    assert len(runs) == 6


async def test_no_retries_where_none_are_wanted(postgres_url, postgres_template):
    runs = []

    async def work(tx):
        runs.append(1)
        raise SerializationFailure("in the way")

    with temporary_database(postgres_url, postgres_template) as url:
        async with connect(url, migrations=None, transaction_retries=0) as db:
            with pytest.raises(SerializationFailure):
                await db.run_in_transaction(work)
    assert len(runs) == 1


async def test_a_locked_file_is_waited_for(file_url):
    async with connect(file_url, migrations=MIGRATIONS, busy_timeout=5) as db:
        with locked(path_of(file_url)) as other:
            writing = asyncio.create_task(books.create(db, "Emma"))
            await asyncio.sleep(0.05)
            assert not writing.done()
            other.execute("ROLLBACK")
        assert (await writing).title == "Emma"


async def test_a_locked_file_is_tried_again(file_url):
    runs = []
    async with connect(file_url, migrations=MIGRATIONS, busy_timeout=0, transaction_retries=50, **QUICK) as db:

        async def work(tx):
            runs.append(1)
            return await books.create(tx, "Emma")

        with locked(path_of(file_url)) as other:
            writing = asyncio.create_task(db.run_in_transaction(work))
            await asyncio.sleep(0.05)
            assert runs == []
            other.execute("ROLLBACK")
        assert (await writing).title == "Emma"


@pytest.mark.parametrize(
    "write", [lambda db: books.create(db, "Emma"), lambda db: books.create_many(db, [NewBook("a")])]
)
async def test_a_file_that_stays_locked_is_told(file_url, write):
    async with connect(file_url, migrations=MIGRATIONS, busy_timeout=0, transaction_retries=2, **QUICK) as db:
        await books.delete_drafts(db)
        with locked(path_of(file_url)):
            with pytest.raises(SerializationFailure, match="the database is locked") as caught:
                await write(db)
            assert caught.value.retryable is True
            assert await books.count(db) == 0
        await write(db)
        assert await books.count(db) == 1


async def test_a_file_that_is_locked_when_it_is_opened(file_url):
    async with connect(
        file_url, migrations=MIGRATIONS, busy_timeout=0, connect_retries=1, transaction_retries=1, **QUICK
    ) as db:
        with locked(path_of(file_url)), pytest.raises(SerializationFailure):
            await books.create(db, "Emma")
        await books.create(db, "Emma")


async def test_a_bulk_write_whose_commit_finds_the_file_locked_is_not_lost(file_url):
    """Without a WAL, a reader keeps others from committing: the write is repeated, not half forgotten."""
    async with connect(
        file_url, migrations=MIGRATIONS, journal_mode="delete", busy_timeout=0, transaction_retries=3, **QUICK
    ) as db:
        await books.create(db, "Emma")
        with closing(sqlite3.connect(path_of(file_url), isolation_level=None)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT * FROM books").fetchall()
            with pytest.raises(SerializationFailure):
                await books.create_many(db, [NewBook("Persuasion")])
            reader.execute("ROLLBACK")
        await books.create(db, "Sanditon")
    with closing(sqlite3.connect(path_of(file_url))) as witness:
        assert witness.execute("SELECT title FROM books ORDER BY title").fetchall() == [("Emma",), ("Sanditon",)]


ERRORS = {
    Conflict: lambda tx: books.create(tx, "Emma"),
    MissingReference: lambda tx: books.create(tx, "Persuasion", author_id=uuid7()),
    InvalidValue: lambda tx: books.create(tx, "Persuasion", pages=-(2**40)),
}


@pytest.mark.parametrize("kind", ERRORS)
async def test_errors_of_constraints_are_never_repeated(db, kind):
    await books.create(db, "Emma")
    runs = []

    async def work(tx):
        runs.append(1)
        await ERRORS[kind](tx)

    with pytest.raises(kind) as caught:
        await db.run_in_transaction(work)
    assert (len(runs), caught.value.retryable) == (1, False)


async def test_another_exception_is_never_repeated(db):
    runs = []

    async def work(tx):
        runs.append(await authors.create(tx, "Jane Austen"))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await db.run_in_transaction(work)
    assert len(runs) == 1
