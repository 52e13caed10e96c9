"""Streams ask for the next batch while the one before is worked on; nobody has to know."""

import asyncio
from contextlib import aclosing

import pytest
from user_package import books
from user_package.books import NewBook

from wave_data import InvalidValue, WaveDataError

SIZE = 1_203


@pytest.fixture
async def titles(db):
    """The titles of more books than a batch holds, newest first."""
    found = [f"book {number:04}" for number in range(SIZE)]
    await books.create_many(db, [NewBook(title) for title in found])
    return found[::-1]


async def test_it_gives_every_row_in_order(db, titles):
    assert [book.title async for book in books.iterate(db)] == titles


async def test_other_statements_may_run_in_between(db, titles):
    async with db.transaction() as tx:
        seen = []
        async for book in books.iterate(tx):
            seen.append(book.title)
            if len(seen) % 100 == 1:
                changed = await books.update(tx, book.id, weight=1.5)
                assert changed.weight == 1.5
                assert await books.count(tx) == SIZE
        assert seen == titles


async def test_two_streams_of_one_transaction_take_turns(db, titles):
    async with db.transaction() as tx:
        first, second = books.iterate(tx), books.iterate(tx)
        pairs = [((await anext(first)).title, (await anext(second)).title) for _ in range(SIZE)]
        assert pairs == [(title, title) for title in titles]


@pytest.mark.parametrize("seen", [1, 49, 50, 51, 99, 100, 101, 499, 500, 501])
async def test_leaving_early_leaves_the_transaction_usable(db, titles, seen):
    async with db.transaction() as tx:
        async with aclosing(books.iterate(tx)) as found:
            for _ in range(seen):
                await anext(found)
        await books.create(tx, "one more")
    assert await books.count(db) == SIZE + 1


async def test_a_failure_in_a_later_batch_is_raised_where_the_stream_comes_to_it(db, titles, load):
    module = load(
        """
        -- name: divide @postgres
        SELECT 1 / (:last - n) FROM generate_series(1, 1000) AS n;
        -- name: divide @sqlite
        WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 1000)
        SELECT CASE WHEN n = :last THEN abs(-9223372036854775807 - 1) ELSE 1 / (:last - n) END FROM numbers;
        """,
        """
        @query
        def divide(db: Executor, last: int) -> AsyncIterator[int]: ...
        """,
    )
    seen = 0
    with pytest.raises(WaveDataError) as caught:
        async for _ in module.divide(db, 750):
            seen += 1
    assert 0 < seen < 750
    assert db.dialect == "sqlite" or isinstance(caught.value, InvalidValue)
    assert await books.count(db) == SIZE


async def test_a_cancelled_reader_gives_its_connection_back(db, titles):
    async def read():
        async for _ in books.iterate(db):
            await asyncio.sleep(0)

    for turns in range(60):
        reading = asyncio.create_task(read())
        for _ in range(turns % 15):
            await asyncio.sleep(0)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
    assert await books.count(db) == SIZE
