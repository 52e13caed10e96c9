"""Transactions and savepoints, on every store."""

import asyncio
from contextlib import suppress
from uuid import uuid4

import pytest
from user_package import books
from user_package.books import NewBook

from wave_data import (
    Conflict,
    InvalidValue,
    NotFound,
    NotInitialised,
    QueryError,
    QueryTimeout,
    WaveDataError,
    transactional,
)


class Stop(Exception):
    """What a test raises itself."""


async def titles(db) -> list[str]:
    return sorted([book.title async for book in books.iterate(db)])


async def test_a_transaction_commits_on_success(db):
    async with db.transaction() as tx:
        await books.create(tx, "Emma")
        await books.create(tx, "Persuasion")
    assert await titles(db) == ["Emma", "Persuasion"]


async def test_a_transaction_rolls_back_on_an_exception(db):
    with pytest.raises(Stop):
        async with db.transaction() as tx:
            await books.create(tx, "Emma")
            raise Stop
    assert await titles(db) == []


async def test_a_transaction_rolls_back_on_an_error_of_a_statement(db):
    with pytest.raises(Conflict):
        async with db.transaction() as tx:
            await books.create(tx, "Emma")
            await books.create(tx, "Emma")
    assert await titles(db) == []


async def test_a_transaction_rolls_back_on_cancellation(db):
    begun = asyncio.Event()

    async def work():
        async with db.transaction() as tx:
            await books.create(tx, "Emma")
            begun.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(work())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await titles(db) == []


async def test_a_transaction_cancelled_again_and_again_gives_its_connection_back(connect_store):
    db = await connect_store(pool_size=1, max_overflow=0, acquire_timeout=5)

    async def work():
        async with db.transaction() as tx:
            await books.create(tx, str(uuid4()))
            await books.create(tx, str(uuid4()))

    for turns in range(12):
        task = asyncio.create_task(work())
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    async with db.transaction() as tx:
        await books.create(tx, "Emma")
    assert "Emma" in await titles(db)


async def test_a_transaction_sees_its_own_changes(db):
    async with db.transaction() as tx:
        book = await books.create(tx, "Emma")
        assert await books.get(tx, book.id) == book


@pytest.mark.parametrize("store", ["sqlite-file", "postgres"], indirect=True)
async def test_others_do_not_see_what_is_not_committed(db):
    async with db.transaction() as tx:
        await books.create(tx, "Emma")
        assert await books.count(db) == 0
    assert await books.count(db) == 1


async def test_an_empty_transaction(db):
    async with db.transaction():
        pass


@pytest.mark.parametrize(
    "use", [books.count, lambda tx: books.create(tx, "Emma"), lambda tx: books.create_many(tx, [])]
)
async def test_a_transaction_is_over_at_the_end_of_its_block(db, use):
    async with db.transaction() as tx:
        pass
    with pytest.raises(NotInitialised, match="the transaction is not open; use it inside its `async with` block"):
        await use(tx)


async def test_a_transaction_is_not_open_before_its_block(db):
    with pytest.raises(NotInitialised):
        await books.count(db.transaction())


async def test_a_failed_transaction_is_over_too(db):
    with pytest.raises(Stop):
        async with db.transaction() as tx:
            raise Stop
    with pytest.raises(NotInitialised):
        await books.count(tx)


async def test_a_stream_of_a_transaction_that_is_over(db):
    async with db.transaction() as tx:
        pass
    with pytest.raises(NotInitialised):
        await titles(tx)


async def test_the_tasks_of_a_group_may_share_a_transaction(db):
    async with db.transaction() as tx:
        await asyncio.gather(*(books.create(tx, f"{number:02}") for number in range(20)))
        assert await books.count(tx) == 20
    assert await books.count(db) == 20


async def test_a_stream_and_other_statements_may_share_a_transaction(db):
    await books.create_many(db, [NewBook(f"{number:04}") for number in range(1203)])
    async with db.transaction() as tx:
        seen, *counts = await asyncio.gather(titles(tx), *(books.count(tx) for _ in range(20)))
    assert (len(seen), counts) == (1203, [1203] * 20)


# Errors inside


async def test_an_error_that_is_caught_is_not_forgotten_by_commit(db):
    """Either everything else of the transaction stands after its block, or the block tells that nothing does."""
    told = None
    try:
        async with db.transaction() as tx:
            await books.create(tx, "Emma")
            with pytest.raises(Conflict):
                await books.create(tx, "Emma")
    except WaveDataError as error:
        told = error
    assert await titles(db) == ([] if told else ["Emma"])


async def test_a_savepoint_whose_error_is_caught_inside_is_not_forgotten(db):
    told = None
    try:
        async with db.transaction() as tx:
            await books.create(tx, "Emma")
            async with tx.transaction() as inner:
                await books.create(inner, "Persuasion")
                with pytest.raises(Conflict):
                    await books.create(inner, "Emma")
    except WaveDataError as error:
        told = error
    assert await titles(db) == ([] if told else ["Emma", "Persuasion"])


# Savepoints


async def test_an_inner_transaction_is_part_of_the_outer(db):
    async with db.transaction() as tx:
        await books.create(tx, "Emma")
        async with tx.transaction() as inner:
            await books.create(inner, "Persuasion")
    assert await titles(db) == ["Emma", "Persuasion"]


async def test_an_inner_transaction_goes_with_the_outer(db):
    with pytest.raises(Stop):
        async with db.transaction() as tx:
            async with tx.transaction() as inner:
                await books.create(inner, "Emma")
            raise Stop
    assert await titles(db) == []


async def test_an_inner_failure_leaves_the_outer_whole(db):
    async with db.transaction() as tx:
        await books.create(tx, "Emma")
        with pytest.raises(Conflict):
            async with tx.transaction() as inner:
                await books.create(inner, "Persuasion")
                await books.create(inner, "Emma")
        await books.create(tx, "Sanditon")
    assert await titles(db) == ["Emma", "Sanditon"]


async def test_an_inner_failure_of_a_bulk_statement_leaves_the_outer_whole(db):
    async with db.transaction() as tx:
        await books.create(tx, "Emma")
        with pytest.raises(Conflict):
            async with tx.transaction() as inner:
                await books.create_many(inner, [NewBook("Persuasion"), NewBook("Emma")])
        await books.create(tx, "Sanditon")
    assert await titles(db) == ["Emma", "Sanditon"]


async def test_savepoints_nest(db):
    async with db.transaction() as first:
        await books.create(first, "a")
        async with first.transaction() as second:
            await books.create(second, "b")
            with pytest.raises(Stop):
                async with second.transaction() as third:
                    await books.create(third, "c")
                    raise Stop
            async with second.transaction() as third:
                await books.create(third, "d")
    assert await titles(db) == ["a", "b", "d"]


async def test_savepoints_follow_one_another(db):
    async with db.transaction() as tx:
        for title in "abcd":
            try:
                async with tx.transaction() as inner:
                    await books.create(inner, title)
                    if title in "bd":
                        raise Stop
            except Stop:
                continue
    assert await titles(db) == ["a", "c"]


async def test_a_savepoint_is_over_at_the_end_of_its_block(db):
    async with db.transaction() as tx:
        async with tx.transaction() as inner:
            pass
        with pytest.raises(NotInitialised):
            await books.count(inner)


async def test_a_cancelled_savepoint_leaves_the_outer_whole(db):
    async with db.transaction() as tx:
        await books.create(tx, "Emma")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01), tx.transaction() as inner:
                await books.create(inner, "Persuasion")
                await asyncio.Event().wait()
        await books.create(tx, "Sanditon")
    assert await titles(db) == ["Emma", "Sanditon"]


SLOW_WRITE = """
    -- name: slow_write @postgres
    UPDATE books SET pages = (SELECT count(pg_sleep(10)))::int;
    -- name: slow_write @sqlite
    UPDATE books SET pages = (
        WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers LIMIT 1000000000)
        SELECT count(*) FROM numbers
    );
    """
SLOW_WRITE_PYTHON = """
    @query
    async def slow_write(db: Executor) -> Affected: ...
    """


async def test_a_write_that_times_out_in_a_savepoint_leaves_the_outer_whole_or_tells(connect_store, load):
    """SQLite ends the whole transaction when it interrupts a write in it; nothing may pass for committed then."""
    shop = load(SLOW_WRITE, SLOW_WRITE_PYTHON)
    db = await connect_store(statement_timeout=0.1)
    told = None
    try:
        async with db.transaction() as tx:
            await books.create(tx, "Emma")
            with suppress(WaveDataError):
                async with tx.transaction() as inner:
                    await shop.slow_write(inner)
            await books.create(tx, "Persuasion")
    except WaveDataError as error:
        told = error
    assert await titles(db) == ([] if told else ["Emma", "Persuasion"])


async def test_a_write_that_times_out_in_a_savepoint_is_a_timeout(connect_store, load):
    shop = load(SLOW_WRITE, SLOW_WRITE_PYTHON)
    db = await connect_store(statement_timeout=0.1)
    with pytest.raises(QueryTimeout):
        async with db.transaction() as tx:
            await books.create(tx, "Emma")
            async with tx.transaction() as inner:
                await shop.slow_write(inner)


async def test_a_write_that_is_cancelled_in_a_savepoint_leaves_the_outer_whole_or_tells(db, load):
    shop = load(SLOW_WRITE, SLOW_WRITE_PYTHON)
    told = None
    try:
        async with db.transaction() as tx:
            await books.create(tx, "Emma")
            with suppress(WaveDataError, TimeoutError):
                async with asyncio.timeout(0.1), tx.transaction() as inner:
                    await shop.slow_write(inner)
            await books.create(tx, "Persuasion")
    except WaveDataError as error:
        told = error
    assert await titles(db) == ([] if told else ["Emma", "Persuasion"])


async def test_a_write_that_times_out_ends_the_transaction(connect_store, load):
    shop = load(SLOW_WRITE, SLOW_WRITE_PYTHON)
    db = await connect_store(statement_timeout=0.1)
    with pytest.raises(QueryTimeout):
        async with db.transaction() as tx:
            await books.create(tx, "Emma")
            await shop.slow_write(tx)
    assert await titles(db) == []


async def test_a_write_that_is_cancelled_ends_the_transaction(db, load):
    shop = load(SLOW_WRITE, SLOW_WRITE_PYTHON)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1), db.transaction() as tx:
            await books.create(tx, "Emma")
            await shop.slow_write(tx)
    assert await titles(db) == []


# Connections


async def test_a_transaction_on_a_held_connection(db):
    async with db.connection() as connection:
        await books.create(connection, "Emma")
        with pytest.raises(Stop):
            async with connection.transaction() as tx:
                await books.create(tx, "Persuasion")
                raise Stop
        async with connection.transaction() as tx:
            await books.create(tx, "Sanditon")
        assert await titles(connection) == ["Emma", "Sanditon"]
    assert await titles(db) == ["Emma", "Sanditon"]


async def test_a_connection_is_over_at_the_end_of_its_block(db):
    async with db.connection() as connection:
        pass
    with pytest.raises(NotInitialised, match="the connection is not open"):
        await books.count(connection)


async def test_a_connection_serves_several_tasks_one_after_the_other(db):
    async with db.connection() as connection:
        await asyncio.gather(*(books.create(connection, f"{number:02}") for number in range(20)))
    assert await books.count(db) == 20


# Read only, isolation


async def test_a_readonly_transaction_reads(db):
    await books.create(db, "Emma")
    async with db.transaction(readonly=True) as tx:
        assert await titles(tx) == ["Emma"]


async def test_a_readonly_transaction_refuses_to_write(db):
    with pytest.raises(QueryError):
        async with db.transaction(readonly=True) as tx:
            await books.create(tx, "Emma")
    assert await titles(db) == []


async def test_a_connection_writes_again_after_a_readonly_transaction(connect_store):
    db = await connect_store(pool_size=1, max_overflow=0)
    async with db.transaction(readonly=True) as tx:
        await books.count(tx)
    await books.create(db, "Emma")
    assert await titles(db) == ["Emma"]


@pytest.mark.parametrize("isolation", ["read committed", "repeatable read", "serializable"])
async def test_every_isolation_level(db, isolation):
    async with db.transaction(isolation) as tx:
        await books.create(tx, "Emma")
    assert await titles(db) == ["Emma"]


@pytest.mark.parametrize("isolation", ["dirty", "", 7])
async def test_an_unknown_isolation_level(db, isolation):
    with pytest.raises(InvalidValue, match="is no isolation level; choose one of read committed, repeatable read, ser"):
        db.transaction(isolation)


# The whole of a function


async def test_run_in_transaction_gives_the_value(db):
    async def work(tx):
        return await books.create(tx, "Emma")

    book = await db.run_in_transaction(work)
    assert await books.get(db, book.id) == book


async def test_run_in_transaction_rolls_back(db):
    async def work(tx):
        await books.create(tx, "Emma")
        raise Stop

    with pytest.raises(Stop):
        await db.run_in_transaction(work)
    assert await titles(db) == []


async def test_run_in_transaction_inside_a_transaction_is_a_savepoint(db):
    async def work(tx):
        await books.create(tx, "Persuasion")
        raise Stop

    async with db.transaction() as tx:
        await books.create(tx, "Emma")
        with pytest.raises(Stop):
            await tx.run_in_transaction(work)
    assert await titles(db) == ["Emma"]


@transactional
async def replace_all(db, *new: str, fail: bool = False) -> int:
    """An operation of several statements."""
    await books.delete_drafts(db)
    for title in new:
        await books.create(db, title)
    if fail:
        raise Stop
    return len(new)


async def test_a_transactional_function_is_all_or_nothing(db):
    assert await replace_all(db, "Emma", "Persuasion") == 2
    with pytest.raises(Stop):
        await replace_all(db, "Sanditon", fail=True)
    assert await titles(db) == ["Emma", "Persuasion"]


async def test_a_transactional_function_is_a_savepoint_inside_a_transaction(db):
    async with db.transaction() as tx:
        await replace_all(tx, "Emma")
        with pytest.raises(Stop):
            await replace_all(tx, "Sanditon", fail=True)
    assert await titles(db) == ["Emma"]


def test_a_transactional_function_keeps_its_name():
    assert (replace_all.__name__, replace_all.__doc__) == ("replace_all", "An operation of several statements.")


async def test_a_transaction_reads_absent_rows_like_the_database(db):
    async with db.transaction() as tx:
        with pytest.raises(NotFound):
            await books.get(tx, uuid4())
        await books.create(tx, "Emma")
    assert await titles(db) == ["Emma"]
