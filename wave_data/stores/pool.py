"""A pool of connections: an idle stack, and a queue of those who wait."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from math import inf
from time import monotonic
from typing import Generic, TypeVar

from wave_data.engine.errors import PoolClosed, PoolTimeout
from wave_data.stores.connection import StoreConnection
from wave_data.stores.pool_stats import PoolCounts

C = TypeVar("C", bound=StoreConnection)

_Turn = asyncio.Future[C | None]
"""What one who waits is handed over: a connection, or None for a reason to look again."""

_CLOSED = "the database is closed; open it again with connect()"

PING_AFTER = 30.0
"""Seconds of idleness after which a connection is verified before it is used."""
LINGER = 5.0
"""Seconds for which a connection beyond the pool's size stays open when idle."""


class Pool(Generic[C]):
    """Keeps `size` connections and opens up to `overflow` more under load; they close again when idle.

    `take` gives an idle connection without waiting, `acquire` waits for one.
    """

    def __init__(
        self,
        open_connection: Callable[[], Awaitable[C]],
        *,
        size: int,
        overflow: int,
        timeout: float,
        pre_ping: bool,
        remedy: str,
    ) -> None:
        self._open_connection = open_connection
        self._size = size
        self._maximum = size + overflow
        self._timeout = timeout
        self._pre_ping = pre_ping
        self._remedy = remedy
        self._idle: list[tuple[C, float]] = []
        self._waiting: OrderedDict[_Turn[C], float] = OrderedDict()
        self._alarm: asyncio.TimerHandle | None = None
        self._alarm_at = inf
        self._count = 0
        self._in_use: set[C] = set()
        self._closing = False
        self._paused = False
        self._draining = False
        self._left = asyncio.Event()
        self._acquired = 0
        self._released = 0
        self._timeouts = 0
        self._reaper: asyncio.TimerHandle | None = None
        self._background: set[asyncio.Task[None]] = set()

    def take(self) -> C | None:
        """An idle connection that needs no verification, or None."""
        if self._idle and not self._draining:
            connection, since = self._idle[-1]
            if not connection.is_closed and not self._needs_ping(since):
                self._idle.pop()
                self._in_use.add(connection)
                self._acquired += 1
                return connection
        return None

    async def acquire(self, timeout: float | None = None) -> C:
        """A connection. Raises PoolTimeout, PoolClosed and ConnectionFailed."""
        limit = self._timeout if timeout is None else timeout
        until = monotonic() + limit
        try:
            while True:
                if self._closing:
                    raise PoolClosed(_CLOSED)
                if self._idle or (self._count < self._maximum and not self._paused):
                    connection = await self._idle_or_new(until)
                else:
                    turn = self._line_up(until)
                    try:
                        connection = await turn
                        if self._closing:
                            raise PoolClosed(_CLOSED)
                    except BaseException:
                        self._abandon(turn)
                        raise
                if connection is not None:
                    self._acquired += 1
                    return connection
        except TimeoutError:
            self._timeouts += 1
            raise PoolTimeout(self._shortage(limit)) from None

    def _shortage(self, limit: float) -> str:
        used = f"{len(self._in_use)} of {self._maximum} are in use"
        if len(self._in_use) < self._maximum:
            return f"no connection could be opened within {limit:g} s ({used}); does the database answer?"
        return f"no connection became free within {limit:g} s: {used}; {self._remedy}"

    async def _idle_or_new(self, until: float) -> C | None:
        """An idle connection or a new one; None when there is reason to look again."""
        async with asyncio.timeout(until - monotonic()):
            if not self._idle:
                return await self._open()
            connection, since = self._idle.pop()
            self._in_use.add(connection)
            return connection if await self._is_usable(connection, since) else None

    def _line_up(self, until: float) -> "_Turn[C]":
        """The turn of one who waits, behind all who do."""
        turn: _Turn[C] = asyncio.Future()
        self._waiting[turn] = until
        if until < self._alarm_at:
            self._set_alarm(until)
        return turn

    def _set_alarm(self, until: float) -> None:
        """Have `_time_out` called then: one timer for all who wait, since nearly none of them waits so long."""
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm_at = until
        self._alarm = asyncio.get_running_loop().call_later(until - monotonic(), self._time_out)

    def _time_out(self) -> None:
        self._alarm_at, now = inf, monotonic()
        for turn, until in self._waiting.items():
            if until <= now and not turn.done():
                turn.set_exception(TimeoutError())
        later = [until for turn, until in self._waiting.items() if not turn.done()]
        if later:
            self._set_alarm(min(later))

    def _needs_ping(self, since: float) -> bool:
        return self._pre_ping and monotonic() - since >= PING_AFTER

    async def _is_usable(self, connection: C, since: float) -> bool:
        """Whether a connection taken from the idle ones still works; one that does not is dropped."""
        usable = False
        try:
            usable = not connection.is_closed and (not self._needs_ping(since) or await connection.ping())
        finally:
            if not usable:
                self._drop(connection)
                self._wake()
        return usable

    async def _open(self) -> C | None:
        self._count += 1
        try:
            connection = await self._open_connection()
        except BaseException:
            self._count -= 1
            self._left.set()
            self._wake()
            raise
        self._in_use.add(connection)
        if self._draining:
            self._drop(connection)
            return None
        return connection

    def _abandon(self, turn: "_Turn[C]") -> None:
        """Give back what was handed over to one who could not take it any more."""
        if turn in self._waiting:
            del self._waiting[turn]
        elif turn.done() and not turn.cancelled() and turn.exception() is None:
            handed = turn.result()
            if handed is None:
                self._wake()
            else:
                self._acquired += 1  # as release counts it
                self.release(handed)

    def release(self, connection: C) -> None:
        """Give a connection back: to the longest waiting task, else to the idle ones."""
        if connection not in self._in_use:
            return  # cut off by close
        self._released += 1
        if connection.is_closed or self._draining:
            self._drop(connection)
            self._wake()
            return
        while self._waiting:
            turn, _ = self._waiting.popitem(last=False)
            if not turn.done():
                turn.set_result(connection)
                return
        self._in_use.discard(connection)
        self._idle.append((connection, monotonic()))
        if self._count > self._size and self._reaper is None:
            self._reaper = asyncio.get_running_loop().call_later(LINGER, self._reap)

    def _wake(self) -> None:
        """Let one waiter look again, since a connection can be opened now."""
        while self._waiting:
            turn, _ = self._waiting.popitem(last=False)
            if not turn.done():
                turn.set_result(None)
                return

    def _reap(self) -> None:
        self._reaper = None
        while self._count > self._size and self._idle and monotonic() - self._idle[0][1] >= LINGER:
            self._drop(self._idle.pop(0)[0])
        if self._count > self._size and self._idle:
            self._reaper = asyncio.get_running_loop().call_later(LINGER, self._reap)

    def _drop(self, connection: C) -> None:
        self._in_use.discard(connection)
        self._count -= 1
        task = asyncio.get_running_loop().create_task(connection.close())
        self._background.add(task)
        task.add_done_callback(self._background.discard)
        self._left.set()

    @property
    def is_closing(self) -> bool:
        """Whether the pool refuses new work."""
        return self._closing

    def counts(self) -> PoolCounts:
        """How the connections are used now, and what has happened to them."""
        return PoolCounts(
            size=self._count,
            idle=len(self._idle),
            active=len(self._in_use),
            maximum=self._maximum,
            overflow=max(0, self._count - self._size),
            waiting=sum(not turn.done() for turn in self._waiting),
            acquired=self._acquired,
            released=self._released,
            timeouts=self._timeouts,
        )

    async def pause(self, timeout: float) -> None:
        """Have new work wait until `resume`, wait for the connections in use, and close all.

        Raises PoolTimeout, and goes on as before, when some are still in use after `timeout` seconds.
        """
        self._paused = self._draining = True
        self._drop_idle()
        try:
            async with asyncio.timeout(timeout):
                await self._until(lambda: self._count == 0)
        except TimeoutError:
            self.resume()
            raise PoolTimeout(f"{len(self._in_use)} connections were still in use after {timeout:g} s") from None
        await self._closed_all()

    def resume(self) -> None:
        """Let the work go on that waits since `pause`."""
        self._paused = False
        self._draining = self._closing
        for _ in range(len(self._waiting)):
            self._wake()

    async def _until(self, is_reached: Callable[[], bool]) -> None:
        """Wait until the connections that leave bring something about."""
        while not is_reached():
            self._left.clear()
            await self._left.wait()

    def _drop_idle(self) -> None:
        while self._idle:
            self._drop(self._idle.pop()[0])

    async def _closed_all(self) -> None:
        await asyncio.gather(*self._background, return_exceptions=True)

    async def close(self, timeout: float) -> None:
        """Refuse new work, wait for the connections in use or being opened, close all.

        What is in use after `timeout` seconds is cut off.
        """
        self._closing = self._draining = True
        for timer in (self._reaper, self._alarm):
            if timer is not None:
                timer.cancel()
        while self._waiting:
            self._wake()
        self._drop_idle()
        try:
            async with asyncio.timeout(timeout):
                await self._until(lambda: self._count == 0)
        except TimeoutError:
            self._released += len(self._in_use)
            for connection in list(self._in_use):
                self._drop(connection)
        await self._closed_all()
