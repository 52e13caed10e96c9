"""The change feed of PostgreSQL: LISTEN on a connection of its own, and polling where notifications do not come."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Protocol
from uuid import uuid4

from wave_data.engine.errors import ConnectionFailed, PoolClosed, WaveDataError
from wave_data.stores.changes import Change, ChangeHub, read_key
from wave_data.stores.connection import StoreConnection
from wave_data.stores.pool import Pool

log = logging.getLogger("wave_data")

CHANNEL = "wave_data_changes"
LEASE = 60
"""Seconds for which triggers notify after somebody has said that he listens."""
PROOF = 5.0
"""Seconds within which a notification of our own must come back."""

_TABLES = """
    SELECT name, relation.oid IS NOT NULL AND relation.relkind IN ('r', 'p'), EXISTS (
        SELECT FROM pg_trigger JOIN pg_proc ON pg_proc.oid = pg_trigger.tgfoid
        WHERE pg_trigger.tgrelid = relation.oid AND pg_trigger.tgenabled <> 'D' AND pg_proc.proname = 'notify_change'
    )
    FROM unnest($1::text[]) AS name LEFT JOIN pg_class AS relation ON relation.oid = to_regclass(quote_ident(name))
"""
_EXTEND = """
    SELECT setval('changes_watched_until', ceil(extract(epoch FROM clock_timestamp()))::bigint + $1::integer)
"""
_SNAPSHOT = "SELECT pg_current_snapshot()::text"
_WRITERS = """
    SELECT DISTINCT virtualtransaction FROM pg_locks
    WHERE database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND relation IN (SELECT to_regclass(quote_ident(name)) FROM unnest($1::text[]) AS name)
      AND granted AND mode IN ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
"""


class ListeningConnection(StoreConnection, Protocol):
    """A connection that can receive notifications."""

    async def listen(self, channel: str, hear: Callable[[str], None], lost: Callable[[], None]) -> None:
        """Have a function called with each notification of a channel, and another when the connection is lost."""
        ...


class PostgresChanges:
    """Watches tables through notifications; a table whose triggers do not notify, through the server's snapshot."""

    def __init__(
        self, open_connection: Callable[[], Awaitable[ListeningConnection]], pool: Pool[StoreConnection]
    ) -> None:
        self._open_connection = open_connection
        self._pool = pool

    async def run(self, hub: ChangeHub) -> None:
        """Watch the tables of the hub until it has none. Raises ConnectionFailed."""
        connection = await self._open_connection()
        try:
            watch = _Watch(connection, self._pool, hub)
            while hub.tables:
                await watch.look()
                await hub.wait()
        finally:
            await connection.close()


class _Watch:
    """The tables that one connection watches."""

    def __init__(self, connection: ListeningConnection, pool: Pool[StoreConnection], hub: ChangeHub) -> None:
        self._connection = connection
        self._pool = pool
        self._hub = hub
        self._notifying: set[str] = set()
        self._polled: set[str] = set()
        self._snapshot = ""
        self._unsettled: list[tuple[set[str], set[str]]] = []
        self._is_listening = False
        self._is_heard = False
        self._proof = ""
        self._proved = asyncio.Event()
        self._lease_end = 0.0

    def hear(self, payload: str) -> None:
        """Take a notification."""
        if payload == self._proof:
            self._proved.set()
            return
        try:
            table, operation, key = json.loads(payload)
            change = Change(table, None if key is None else read_key(key), operation)
        except (TypeError, ValueError):
            return  # somebody else uses the channel
        self._hub.tell(change)

    async def look(self) -> None:
        """Begin to watch tables that are new, and tell what only polling finds."""
        if monotonic() > self._lease_end - LEASE / 2:
            await self._extend_lease()
        known = self._notifying | self._polled
        new = await self._classify(self._hub.tables - known) if self._hub.tables - known else set[str]()
        before, [(self._snapshot,)] = self._snapshot, await self._connection.rows(_SNAPSHOT)
        if before != self._snapshot:
            self._hub.miss(self._polled)
        await self._settle()
        if new & self._notifying and (writers := await self._writers(new & self._notifying)):
            self._unsettled.append((writers, new & self._notifying))
        self._hub.begin(self._notifying | self._polled)

    async def _settle(self) -> None:
        """Tell of the transactions that may have written, not notifying yet, when a table began to be watched."""
        unsettled, self._unsettled = self._unsettled, []
        for writers, tables in unsettled:
            if writers & await self._writers(tables):
                self._unsettled.append((writers, tables))
            else:
                self._hub.miss(tables)

    async def _writers(self, tables: set[str]) -> set[str]:
        """The transactions that hold a lock for writing to one of the tables."""
        return {name for (name,) in await self._connection.rows(_WRITERS, (sorted(tables),))}

    async def _classify(self, tables: frozenset[str]) -> set[str]:
        """Find out how to watch tables, and refuse those that are not there; the others."""
        found = await self._connection.rows(_TABLES, (sorted(tables),))
        self._hub.refuse({name for name, exists, _ in found if not exists})
        notifying = {name for name, exists, notifies in found if exists and notifies and self._is_heard}
        polled = {name for name, exists, _ in found if exists} - notifying
        self._notifying |= notifying
        self._polled |= polled
        return notifying | polled

    async def _extend_lease(self) -> None:
        """Have the triggers notify for a while longer, and make sure that what they send comes here."""
        lapsed, now, was_heard = monotonic() > self._lease_end, monotonic(), self._is_heard
        try:
            if not self._is_listening:
                await self._connection.listen(CHANNEL, self.hear, self._hub.wake)
                self._is_listening = True
            await self._connection.rows(_EXTEND, (LEASE,))
            self._is_heard = was_heard or await self._is_proved()
        except (ConnectionFailed, PoolClosed):
            raise
        except WaveDataError as error:
            self._is_heard = False
            log.warning("changes are polled for, because the database does not notify of them: %s", error)
        self._lease_end = now + LEASE
        if lapsed or self._is_heard != was_heard:
            # Watched anew, in the way that serves now, and the feeds learn that they may have missed something.
            self._hub.interrupt()
            self._notifying.clear()
            self._polled.clear()

    async def _is_proved(self) -> bool:
        """Whether a notification that another connection sends is heard here; a proxy may swallow it."""
        self._proof = str(uuid4())
        self._proved.clear()
        connection = await self._pool.acquire()
        try:
            await connection.rows("SELECT pg_notify($1, $2)", (CHANNEL, self._proof))
        finally:
            self._pool.release(connection)
        try:
            async with asyncio.timeout(PROOF):
                await self._proved.wait()
        except TimeoutError:
            log.warning("changes are polled for, because notifications do not come through to this connection")
            return False
        return True
