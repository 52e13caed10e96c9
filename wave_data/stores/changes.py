"""The change feed: hints that rows of a table may have changed, to look at again."""

import asyncio
import logging
import re
from collections.abc import Collection, Sequence
from types import TracebackType
from typing import Any, Literal, NamedTuple, Protocol
from uuid import UUID
from weakref import WeakSet

from wave_data.engine.errors import InvalidValue, PoolClosed, WaveDataError

log = logging.getLogger("wave_data")

Operation = Literal["create", "update", "delete", "missed"]

PENDING = 1000
"""Hints that a feed keeps for a reader that is slow; with more, the reader is told that it has missed some."""

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Change(NamedTuple):
    """A hint that a row of a table may have changed.

    `key` is the row's primary key, a tuple where it has several columns; a text that is written as a UUID is one.
    With the operation `missed` it is None: any row may have changed, so read again what matters of the table.
    """

    table: str
    key: Any
    operation: Operation


def read_key(columns: Sequence[Any]) -> Any:
    """A primary key from the values of its columns, as a store tells them."""
    values = tuple(UUID(v) if isinstance(v, str) and _UUID.fullmatch(v) else v for v in columns)
    return values[0] if len(values) == 1 else values


class Changes:
    """The hints of some tables: an async iterator that begins to listen when it is first asked.

    The first hint of each table is `missed`: from then on nothing is lost, so read the table then. The same comes
    again after a lost connection. It ends when the database closes; leave it with `async with` or `aclose()`.
    """

    def __init__(self, hub: "ChangeHub", tables: Collection[str]) -> None:
        self.tables = frozenset(tables)
        self._hub = hub
        self._pending: dict[Change, None] = {}
        self._arrived = asyncio.Event()
        self._failure: BaseException | None = None
        self._is_ended = False
        self._has_begun = False

    def __aiter__(self) -> "Changes":
        return self

    async def __anext__(self) -> Change:
        """The next hint. Raises InvalidValue where there is no such table."""
        if not self._is_ended:
            self._hub.join(self)
        while not self._pending:
            if self._failure is not None:
                raise self._failure
            if self._is_ended:
                raise StopAsyncIteration
            self._arrived.clear()
            await self._arrived.wait()
        change = next(iter(self._pending))
        del self._pending[change]
        return change

    async def __aenter__(self) -> "Changes":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Listen no longer. May be repeated."""
        self._pending.clear()
        self.end()
        await self._hub.leave(self)

    def begin(self) -> None:
        """Tell the reader that from now on every change is told."""
        if not self._has_begun:
            self._has_begun = True
            for table in sorted(self.tables):
                self.tell(Change(table, None, "missed"))

    def interrupt(self) -> None:
        """Tell nothing until the feed begins again."""
        self._has_begun = False

    def tell(self, change: Change) -> None:
        """Keep a hint for the reader, unless one that it has not read yet says the same."""
        missed = Change(change.table, None, "missed")
        if not self._has_begun or change.table not in self.tables or missed in self._pending:
            return
        if change == missed or len(self._pending) >= PENDING:
            self._pending = {kept: None for kept in self._pending if kept.table != change.table}
            change = missed
        self._pending[change] = None
        self._arrived.set()

    def end(self, failure: BaseException | None = None) -> None:
        """Let the iteration end after what is pending, with an exception where one is given."""
        self._is_ended = True
        self._failure = failure
        self._arrived.set()


class ChangeSource(Protocol):
    """Where a store learns of changes."""

    async def run(self, hub: "ChangeHub") -> None:
        """Watch the tables of the hub until it has none. Raises WaveDataError when the connection is lost."""
        ...


class ChangeHub:
    """All feeds of a database; it runs their one source while there are any."""

    def __init__(self, source: ChangeSource, interval: float) -> None:
        self._source = source
        self._interval = interval
        # Weak, so that a feed whose reader forgot to close it goes with the reader.
        self._feeds: WeakSet[Changes] = WeakSet()
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._is_closed = False

    @property
    def tables(self) -> frozenset[str]:
        """The tables that somebody waits for."""
        return frozenset[str]().union(*(feed.tables for feed in self._feeds))

    def join(self, feed: Changes) -> None:
        """Add a feed, unless it is here already. Raises PoolClosed."""
        if self._is_closed:
            raise PoolClosed("the database is closed; open it again with connect()")
        if feed in self._feeds:
            return
        self._feeds.add(feed)
        self._woken.set()
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())
            self._task.add_done_callback(self._finished)

    async def leave(self, feed: Changes) -> None:
        """Remove a feed; the source stops with the last one."""
        self._feeds.discard(feed)
        if not self._feeds:
            await self._stop()

    async def close(self) -> None:
        """End every feed."""
        self._is_closed = True
        self._end_all()
        await self._stop()

    async def _stop(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait((task,))

    async def _run(self) -> None:
        while self._feeds:
            try:
                await self._source.run(self)
            except PoolClosed:
                self._end_all()
            except WaveDataError as error:
                log.warning("the change feed was interrupted and begins again: %s", error)
                self.interrupt()
                await asyncio.sleep(self._interval)

    def _finished(self, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self._end_all(error)

    def _end_all(self, failure: BaseException | None = None) -> None:
        for feed in list(self._feeds):
            feed.end(failure)
        self._feeds.clear()

    def interrupt(self) -> None:
        """Tell nothing until the feeds begin again."""
        for feed in list(self._feeds):
            feed.interrupt()

    def begin(self, tables: Collection[str]) -> None:
        """Let those feeds begin all of whose tables are watched now."""
        for feed in list(self._feeds):
            if feed.tables.issubset(tables):
                feed.begin()

    def tell(self, change: Change) -> None:
        """Hand a hint to every feed that waits for it."""
        for feed in list(self._feeds):
            feed.tell(change)

    def miss(self, tables: Collection[str]) -> None:
        """Tell that changes of some tables may have been missed."""
        for table in sorted(tables):
            self.tell(Change(table, None, "missed"))

    def refuse(self, tables: Collection[str]) -> None:
        """End the feeds that wait for tables which are not there."""
        for feed in list(self._feeds):
            for table in sorted(feed.tables.intersection(tables)):
                feed.end(InvalidValue(f"the database has no table {table!r}, whose changes were asked for"))
                self._feeds.discard(feed)

    def wake(self) -> None:
        """Let the source look at once."""
        self._woken.set()

    async def wait(self) -> None:
        """Return when it is time to look again: after the interval, for a new feed, or when woken."""
        try:
            async with asyncio.timeout(self._interval):
                await self._woken.wait()
        except TimeoutError:
            return
        self._woken.clear()
