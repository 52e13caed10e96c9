"""The pool of connections, with connections that count."""

import asyncio
from typing import Any

import pytest

from wave_data import ConnectionFailed, PoolClosed, PoolTimeout
from wave_data.stores import pool as pools
from wave_data.stores.pool import Pool
from wave_data.stores.pool_stats import PoolCounts


class FakeConnection:
    """A connection to nowhere."""

    def __init__(self) -> None:
        self.is_closed = False
        self.answers = True
        self.closings = 0
        self.slow_ping: asyncio.Event | None = None

    async def ping(self) -> bool:
        if self.slow_ping is not None:
            await self.slow_ping.wait()
        return self.answers

    async def close(self) -> None:
        self.is_closed = True
        self.closings += 1


class Opener:
    """Opens connections and remembers them."""

    def __init__(self) -> None:
        self.opened: list[FakeConnection] = []
        self.gate: asyncio.Event | None = None
        self.error: Exception | None = None

    async def __call__(self) -> Any:
        if self.gate is not None:
            await self.gate.wait()
        if self.error is not None:
            raise self.error
        self.opened.append(FakeConnection())
        return self.opened[-1]

    @property
    def alive(self) -> int:
        return sum(not connection.is_closed for connection in self.opened)


@pytest.fixture
def opener() -> Opener:
    return Opener()


def make(opener: Opener, *, size: int = 1, overflow: int = 0, timeout: float = 5, pre_ping: bool = True) -> Pool[Any]:
    return Pool(opener, size=size, overflow=overflow, timeout=timeout, pre_ping=pre_ping, remedy="shorten")


async def settle() -> None:
    """Let every task run until it waits."""
    for _ in range(20):
        await asyncio.sleep(0)


async def waiting(pool: Pool[Any], count: int = 1) -> list[asyncio.Task[Any]]:
    """Tasks that wait for a connection."""
    tasks = [asyncio.create_task(pool.acquire()) for _ in range(count)]
    await settle()
    return tasks


async def test_a_connection_is_opened_when_it_is_first_needed(opener):
    pool = make(opener)
    assert pool.take() is None
    connection = await pool.acquire()
    assert opener.opened == [connection]


async def test_a_connection_is_used_again(opener):
    pool = make(opener)
    first = await pool.acquire()
    pool.release(first)
    assert pool.take() is first
    pool.release(first)
    assert await pool.acquire() is first


async def test_no_more_connections_than_size_and_overflow(opener):
    pool = make(opener, size=2, overflow=1, timeout=0.01)
    for _ in range(3):
        await pool.acquire()
    with pytest.raises(PoolTimeout, match=r"no connection became free within 0\.01 s: 3 of 3 are in use; shorten"):
        await pool.acquire()
    assert len(opener.opened) == 3


async def test_who_waits_longest_is_served_first(opener):
    pool = make(opener)
    connection = await pool.acquire()
    first, second = await waiting(pool, 2)
    pool.release(connection)
    await settle()
    assert (first.done(), second.done()) == (True, False)
    pool.release(first.result())
    assert await second is connection


async def test_nobody_takes_what_was_handed_to_a_waiter(opener):
    pool = make(opener)
    connection = await pool.acquire()
    (waiter,) = await waiting(pool)
    pool.release(connection)
    assert pool.take() is None
    assert await waiter is connection


async def test_a_cancelled_waiter_loses_no_connection(opener):
    pool = make(opener)
    connection = await pool.acquire()
    (waiter,) = await waiting(pool)
    waiter.cancel()
    await settle()
    pool.release(connection)
    assert await pool.acquire() is connection


async def test_a_waiter_cancelled_while_it_is_served_loses_no_connection(opener):
    pool = make(opener)
    connection = await pool.acquire()
    (waiter,) = await waiting(pool)
    pool.release(connection)
    waiter.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiter
    assert await pool.acquire() is connection


async def test_a_waiter_cancelled_while_it_is_served_passes_the_connection_on(opener):
    pool = make(opener)
    connection = await pool.acquire()
    first, second = await waiting(pool, 2)
    pool.release(connection)
    first.cancel()
    assert await second is connection


async def test_cancelled_while_a_connection_is_opened(opener):
    pool = make(opener)
    opener.gate = asyncio.Event()
    (first,) = await waiting(pool)
    (second,) = await waiting(pool)
    first.cancel()
    opener.gate.set()
    assert await second is opener.opened[0]
    assert opener.alive == 1


async def test_cancelled_while_a_connection_is_verified(opener, monkeypatch):
    monkeypatch.setattr(pools, "PING_AFTER", -1)
    pool = make(opener, timeout=0.5)
    connection = await pool.acquire()
    connection.slow_ping = asyncio.Event()
    pool.release(connection)
    (waiter,) = await waiting(pool)
    waiter.cancel()
    await settle()
    connection.slow_ping.set()
    assert not (await pool.acquire()).is_closed


async def test_a_connection_that_does_not_answer_is_replaced(opener, monkeypatch):
    monkeypatch.setattr(pools, "PING_AFTER", -1)
    pool = make(opener)
    first = await pool.acquire()
    first.answers = False
    pool.release(first)
    assert pool.take() is None
    assert await pool.acquire() is not first
    await settle()
    assert first.is_closed


async def test_a_connection_is_not_verified_when_it_was_just_used(opener):
    pool = make(opener)
    first = await pool.acquire()
    first.answers = False
    pool.release(first)
    assert await pool.acquire() is first


async def test_a_connection_is_not_verified_without_pre_ping(opener, monkeypatch):
    monkeypatch.setattr(pools, "PING_AFTER", -1)
    pool = make(opener, pre_ping=False)
    first = await pool.acquire()
    first.answers = False
    pool.release(first)
    assert await pool.acquire() is first


async def test_a_broken_connection_is_replaced_for_who_waits(opener):
    pool = make(opener)
    first = await pool.acquire()
    (waiter,) = await waiting(pool)
    first.is_closed = True
    pool.release(first)
    assert await waiter is opener.opened[1]


async def test_an_error_in_opening_is_told_and_leaves_the_place_free(opener):
    pool = make(opener)
    opener.error = ConnectionFailed("no server")
    with pytest.raises(ConnectionFailed):
        await pool.acquire()
    opener.error = None
    assert await pool.acquire() is opener.opened[0]


async def test_an_error_in_opening_wakes_who_waits(opener):
    pool = make(opener)
    opener.gate = asyncio.Event()
    first, second = await waiting(pool, 2)
    opener.error = ConnectionFailed("no server")
    opener.gate.set()
    results = await asyncio.gather(first, second, return_exceptions=True)
    assert [type(result) for result in results] == [ConnectionFailed, ConnectionFailed]


async def test_a_server_that_does_not_answer_in_time_is_not_called_a_busy_pool(opener):
    pool = make(opener, timeout=0.01)
    opener.gate = asyncio.Event()
    with pytest.raises((PoolTimeout, ConnectionFailed)) as caught:
        await pool.acquire()
    assert "raise pool_size" not in str(caught.value)


async def test_overflow_closes_again_when_idle(opener, monkeypatch):
    monkeypatch.setattr(pools, "LINGER", 0)
    pool = make(opener, size=1, overflow=2)
    connections = [await pool.acquire() for _ in range(3)]
    for connection in connections:
        pool.release(connection)
    await settle()
    assert opener.alive == 1
    assert not (await pool.acquire()).is_closed


async def test_connections_within_the_size_stay_open(opener, monkeypatch):
    monkeypatch.setattr(pools, "LINGER", 0)
    pool = make(opener, size=2)
    for connection in [await pool.acquire(), await pool.acquire()]:
        pool.release(connection)
    await settle()
    assert opener.alive == 2


# Numbers


async def test_the_numbers_of_a_pool_at_work(opener):
    pool = make(opener, size=1, overflow=1)
    assert pool.counts() == PoolCounts(
        size=0, idle=0, active=0, maximum=2, overflow=0, waiting=0, acquired=0, released=0, timeouts=0
    )
    first, second = await pool.acquire(), await pool.acquire()
    (waiter,) = await waiting(pool)
    assert pool.counts() == PoolCounts(
        size=2, idle=0, active=2, maximum=2, overflow=1, waiting=1, acquired=2, released=0, timeouts=0
    )
    pool.release(first)
    pool.release(second)
    pool.release(await waiter)
    assert pool.counts() == PoolCounts(
        size=2, idle=2, active=0, maximum=2, overflow=1, waiting=0, acquired=3, released=3, timeouts=0
    )
    taken = pool.take()
    assert (pool.counts().idle, pool.counts().active, pool.counts().acquired) == (1, 1, 4)
    pool.release(taken)


async def test_who_waits_in_vain_is_counted(opener):
    pool = make(opener, timeout=0.01)
    await pool.acquire()
    for _ in range(2):
        with pytest.raises(PoolTimeout):
            await pool.acquire()
    assert (pool.counts().timeouts, pool.counts().acquired, pool.counts().waiting) == (2, 1, 0)


async def test_what_is_taken_and_given_back_adds_up_when_waiters_are_cancelled(opener):
    pool = make(opener)
    connection = await pool.acquire()
    first, second = await waiting(pool, 2)
    pool.release(connection)
    first.cancel()
    pool.release(await second)
    counts = pool.counts()
    assert counts.acquired == counts.released == 3
    assert counts.waiting == 0


async def test_what_close_cuts_off_counts_as_given_back(opener):
    pool = make(opener)
    connection = await pool.acquire()
    await pool.close(0)
    pool.release(connection)
    counts = pool.counts()
    assert (counts.acquired, counts.released, counts.active, counts.size) == (1, 1, 0, 0)


async def test_a_connection_that_could_not_be_opened_is_not_counted(opener):
    pool = make(opener)
    opener.error = ConnectionFailed("no server")
    with pytest.raises(ConnectionFailed):
        await pool.acquire()
    assert (pool.counts().acquired, pool.counts().size, pool.counts().timeouts) == (0, 0, 0)


# Pausing


async def test_a_paused_pool_has_no_connection_and_lets_work_wait(opener):
    pool = make(opener, size=2)
    pool.release(await pool.acquire())
    await pool.pause(1)
    assert opener.alive == 0
    assert pool.take() is None
    first, second = await waiting(pool, 2)
    assert opener.alive == 0
    pool.resume()
    assert await first is not await second
    assert opener.alive == 2


async def test_pausing_waits_for_the_work_in_flight(opener):
    pool = make(opener)
    connection = await pool.acquire()
    pausing = asyncio.create_task(pool.pause(5))
    await settle()
    assert not pausing.done()
    pool.release(connection)
    await pausing
    assert opener.alive == 0


async def test_pausing_waits_for_a_connection_that_is_being_opened(opener):
    pool = make(opener)
    opener.gate = asyncio.Event()
    (waiter,) = await waiting(pool)
    pausing = asyncio.create_task(pool.pause(5))
    await settle()
    assert not pausing.done()
    opener.gate.set()
    await pausing
    assert opener.alive == 0
    assert not waiter.done()
    pool.resume()
    assert not (await waiter).is_closed


async def test_work_that_does_not_end_is_left_alone(opener):
    pool = make(opener)
    connection = await pool.acquire()
    with pytest.raises(PoolTimeout, match=r"1 connections were still in use after 0\.01 s"):
        await pool.pause(0.01)
    assert not connection.is_closed
    pool.release(connection)
    assert await pool.acquire() is connection


async def test_closing_a_paused_pool_turns_away_who_waits(opener):
    pool = make(opener)
    await pool.pause(1)
    (waiter,) = await waiting(pool)
    await pool.close(1)
    with pytest.raises(PoolClosed):
        await waiter
    pool.resume()
    with pytest.raises(PoolClosed):
        await pool.acquire()


# Closing


async def test_a_closed_pool_refuses(opener):
    pool = make(opener)
    pool.release(await pool.acquire())
    await pool.close(1)
    assert pool.take() is None
    with pytest.raises(PoolClosed, match=r"the database is closed; open it again with connect\(\)"):
        await pool.acquire()
    assert opener.alive == 0


async def test_closing_waits_for_the_work_in_flight(opener):
    pool = make(opener)
    connection = await pool.acquire()
    closing = asyncio.create_task(pool.close(5))
    await settle()
    assert not closing.done()
    assert not connection.is_closed
    pool.release(connection)
    await closing
    assert connection.closings == 1


async def test_closing_turns_away_who_waits(opener):
    pool = make(opener)
    connection = await pool.acquire()
    (waiter,) = await waiting(pool)
    closing = asyncio.create_task(pool.close(5))
    with pytest.raises(PoolClosed):
        await waiter
    pool.release(connection)
    await closing
    assert opener.alive == 0


async def test_closing_in_the_moment_in_which_a_waiter_is_served(opener):
    pool = make(opener)
    connection = await pool.acquire()
    (waiter,) = await waiting(pool)
    pool.release(connection)
    await pool.close(0.1)
    with pytest.raises(PoolClosed):
        await waiter
    await settle()
    assert opener.alive == 0


async def test_closing_cuts_off_what_does_not_end(opener):
    pool = make(opener)
    connection = await pool.acquire()
    await pool.close(0.01)
    assert connection.is_closed
    pool.release(connection)
    await settle()
    assert connection.closings == 1


async def test_closing_while_a_connection_is_opened(opener):
    pool = make(opener)
    opener.gate = asyncio.Event()
    (waiter,) = await waiting(pool)
    closing = asyncio.create_task(pool.close(1))
    await settle()
    assert not closing.done()
    opener.gate.set()
    await closing
    assert len(opener.opened) == 1
    assert opener.alive == 0
    with pytest.raises(PoolClosed):
        await waiter


async def test_closing_waits_no_longer_than_it_may_for_a_connection_that_is_opened(opener):
    pool = make(opener)
    opener.gate = asyncio.Event()
    (waiter,) = await waiting(pool)
    await pool.close(0.01)
    opener.gate.set()
    with pytest.raises(PoolClosed):
        await waiter
    await settle()
    assert opener.alive == 0


async def test_closing_twice(opener):
    pool = make(opener)
    pool.release(await pool.acquire())
    await asyncio.gather(pool.close(1), pool.close(1))
    await pool.close(1)
    assert opener.opened[0].closings == 1


async def test_many_tasks_with_cancellations_leave_the_pool_whole(opener):
    pool = make(opener, size=2, overflow=1)

    async def work() -> None:
        connection = await pool.acquire()
        try:
            await asyncio.sleep(0)
        finally:
            pool.release(connection)

    for step in range(30):
        tasks = [asyncio.create_task(work()) for _ in range(8)]
        for _ in range(step % 6):
            await asyncio.sleep(0)
        for task in tasks[:: 1 + step % 3]:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    held = [await pool.acquire() for _ in range(3)]
    assert len(set(held)) == 3
    assert opener.alive == 3
