"""The thread of a SQLite connection."""

import asyncio
import sqlite3
from collections.abc import Callable
from typing import Any, TypeVar

import aiosqlite

T = TypeVar("T")


class SqliteThread(aiosqlite.Connection):
    """aiosqlite's connection, with its way of running any function in the connection's thread in the open."""

    def submit(self, job: Callable[..., T], *arguments: Any) -> asyncio.Future[T]:
        """The future value of `job(sqlite3_connection, *arguments)`, run in the thread after the jobs before it."""
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        raw = self._conn
        # No partial: aiosqlite logs what it runs, and a partial shows its arguments.
        self._tx.put_nowait((future, lambda: job(raw, *arguments)))  # pyright: ignore[reportUnknownMemberType]
        return future

    @property
    def raw(self) -> sqlite3.Connection:
        """The connection of sqlite3, for one thread at a time."""
        return self._conn

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open."""
        return self._connection is not None and self._connection.in_transaction

    async def opened(self) -> None:
        """Start the thread, and wait until the connection is open in it."""
        await self

    async def ended(self) -> None:
        """Wait for the thread of a connection that could not be opened to end."""
        await asyncio.to_thread(self._thread.join)

    def interrupt_now(self) -> None:
        """Stop the statement that is running; safe to call from another thread."""
        self._conn.interrupt()
