"""SQLite through aiosqlite: each operation is one job in the connection's thread, records included."""

import asyncio
import contextlib
import re
import sqlite3
from collections.abc import AsyncGenerator, Callable, Sequence
from time import perf_counter, sleep
from typing import Any, TypeVar

import aiosqlite

from wave_data.engine.compiled import CompiledStatement
from wave_data.engine.errors import ConnectionFailed, WaveDataError
from wave_data.engine.executor import Isolation
from wave_data.engine.readers import Reader
from wave_data.engine.records import Column
from wave_data.stores.clock import system_clock
from wave_data.stores.finishing import to_the_end
from wave_data.stores.loop_time import LoopTime
from wave_data.stores.retry import Retries
from wave_data.stores.settings import DatabaseUrl, Options
from wave_data.stores.sqlite_changes import Recorder, SqliteChanges
from wave_data.stores.sqlite_errors import open_error, translate
from wave_data.stores.sqlite_opening import make_directory, open_raw
from wave_data.stores.sqlite_upkeep import SqliteUpkeep
from wave_data.stores.store import Store, make_pool
from wave_data.stores.watch import Watch

T = TypeVar("T")

BATCH = 500
"""Rows of one batch of a stream."""
SHORT = 0.001
"""Seconds that a read may take in the event loop."""
STEPS = 1000
"""Instructions of SQLite between two looks at the clock."""
FEW = 128
"""Rows that are too many to be read in the event loop."""
LONG_CALLS = 100
"""Calls of a statement that go to the thread after one that took long."""

_CLOSED = "the database was closed while work was in flight"
_LOCKED = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_NOT_AT_ONCE = (sqlite3.SQLITE_INTERRUPT, *_LOCKED)

_CHANGE = re.compile(
    r"(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM)\s+(?P<table>\w+(?:\s+AS\s+\w+)?).*\bRETURNING\b(?P<returned>.*)",
    re.IGNORECASE | re.DOTALL,
)


class _Thread(aiosqlite.Connection):
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


class SqliteConnection:
    """One connection. A job that has begun is awaited to its end even when the caller is cancelled."""

    def __init__(
        self, thread: _Thread, options: Options, loop_time: LoopTime, recorder: Recorder | None, in_memory: bool
    ) -> None:
        self._thread = thread
        self._in_memory = in_memory
        self._patience = options.busy_timeout
        self._recorder = recorder
        self._writes = recorder is not None
        self._readonly = False
        self._timeout = options.statement_timeout
        self._watch = Watch(options)
        self._readers: dict[CompiledStatement, tuple[Any, Reader]] = {}
        self._closed = False
        self._deadline = 0.0
        self._long: dict[CompiledStatement, int] = {}
        self._loop_time = loop_time

    @property
    def is_closed(self) -> bool:
        """Whether the connection is known to be unusable."""
        return self._closed

    @property
    def in_transaction(self) -> bool:
        """Whether the transaction that was begun still stands; SQLite ends one when a write in it is interrupted."""
        return self._thread.in_transaction

    async def fetch(self, statement: CompiledStatement, arguments: tuple[Any, ...]) -> list[Any]:
        """The records of a statement."""
        if statement.reads_only and not self._closed and self._never_waits():
            records = self._fetch_at_once(statement, arguments)
            if records is not None:
                return records
        return await self._run(statement, self._fetch, statement, arguments)

    def _never_waits(self) -> bool:
        """Whether a locked file is told at once: SQLite itself waits only on the connection that writes."""
        return not self._writes or self._in_memory or self._thread.in_transaction

    def _fetch_at_once(self, statement: CompiledStatement, arguments: tuple[Any, ...]) -> list[Any] | None:
        """The records where the event loop itself can read them in no time, None where that is the thread's work.

        The caller holds the connection, so its thread has nothing to do. What proves long is left to the thread for
        the next calls too.
        """
        long = self._long.get(statement, 0)
        if long:
            self._long[statement] = long - 1
            return None
        started = perf_counter()
        self._deadline = started + SHORT
        raw = self._thread.raw
        try:
            raw.set_progress_handler(self._is_late, STEPS)
            try:
                cursor = raw.execute(statement.text, arguments)
                rows = cursor.fetchmany(FEW)
            finally:
                raw.set_progress_handler(None, STEPS)
            if len(rows) < FEW:
                records = self._reader(statement, cursor.description)(rows)
                self._watch.ended(statement, started)
                self._loop_time.add(perf_counter() - started)
                return records
            cursor.close()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 255 not in _NOT_AT_ONCE:
                raise translate(error, statement) from error
        except sqlite3.Error as error:
            raise translate(error, statement) from error
        self._long[statement] = LONG_CALLS
        return None

    def _is_late(self) -> bool:
        return perf_counter() > self._deadline

    async def execute(self, statement: CompiledStatement, arguments: tuple[Any, ...]) -> int:
        """Run a statement; the number of rows that it changed."""
        return await self._run(statement, _execute, statement.text, arguments)

    async def execute_many(self, statement: CompiledStatement, rows: Sequence[tuple[Any, ...]]) -> None:
        """Run a statement for each row of arguments, all or none of them."""
        await self._run(statement, _atomically, _execute_many, statement.text, rows)

    async def fetch_many(self, statement: CompiledStatement, rows: Sequence[tuple[Any, ...]]) -> list[Any]:
        """Run a statement for each row of arguments, all or none of them; the records of all."""

        def fetch_each(raw: sqlite3.Connection) -> list[Any]:
            return [record for arguments in rows for record in self._fetch(raw, statement, arguments)]

        return await self._run(statement, _atomically, fetch_each)

    async def stream(
        self, statement: CompiledStatement, arguments: tuple[Any, ...], size: int | None = None
    ) -> AsyncGenerator[list[Any]]:
        """The records of a statement in batches."""
        cursor = await self._run(statement, sqlite3.Connection.execute, statement.text, arguments)
        try:
            while rows := await self._run(statement, self._batch, cursor, statement, size or BATCH):
                yield rows
        finally:
            await self._run(statement, _close_cursor, cursor)

    async def begin(self, isolation: Isolation | None, readonly: bool) -> None:
        """Begin a transaction; one that may write takes the write lock at once."""
        await self.command("BEGIN" if readonly else "BEGIN IMMEDIATE")
        if readonly:
            await self.command("PRAGMA query_only = ON")
            self._readonly = True

    async def command(self, text: str) -> None:
        """Run a statement without arguments and rows."""
        if self._recorder is not None and text == "ROLLBACK":
            self._recorder.forget()
        await self._run(None, _command, text)
        if self._readonly and self._writes and text in ("COMMIT", "ROLLBACK"):
            self._readonly = False
            await self._run(None, _command, "PRAGMA query_only = OFF")

    async def script(self, text: str) -> None:
        """Run several statements without arguments."""
        await self._run(None, sqlite3.Connection.executescript, text)

    async def rows(self, text: str, arguments: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows of a statement given as text, with the values as the driver has them."""
        return await self._run(None, _rows, text, arguments)

    async def verify(self, statement: CompiledStatement) -> None:
        """Prepare a statement, and hold its columns against the result of its function, without running it."""
        await self._run(statement, _verify, statement)

    async def ping(self) -> bool:
        """Whether the connection still works; there is no server that could be gone."""
        return not self._closed

    async def close(self) -> None:
        """Cut off what still runs, bring the file up to date with its WAL, close the connection and its thread."""
        if not self._closed:
            self._closed = True
            self._thread.interrupt_now()
            if self._writes:
                await self._thread.submit(_checkpoint)
            await self._thread.close()

    def _fetch(self, raw: sqlite3.Connection, statement: CompiledStatement, arguments: tuple[Any, ...]) -> list[Any]:
        cursor = raw.execute(statement.text, arguments)
        rows = cursor.fetchmany(BATCH)
        read = self._reader(statement, cursor.description)
        records = read(rows)
        while len(rows) == BATCH:
            rows = cursor.fetchmany(BATCH)
            records += read(rows)
        return records

    def _batch(
        self, raw: sqlite3.Connection, cursor: sqlite3.Cursor, statement: CompiledStatement, size: int
    ) -> list[Any]:
        rows = cursor.fetchmany(size)
        return self._reader(statement, cursor.description)(rows) if rows else []

    def _reader(self, statement: CompiledStatement, description: Any) -> Reader:
        """The reader of a statement's rows, found anew when a migration has changed its columns."""
        known = self._readers.get(statement)
        if known is None or known[0] != description:
            columns = [Column(name) for name, *_ in description]
            known = self._readers[statement] = description, statement.reader(columns)
        return known[1]

    async def _run(self, statement: CompiledStatement | None, job: Callable[..., T], *arguments: Any) -> T:
        if self._closed:
            raise ConnectionFailed(_CLOSED)
        started, timer = perf_counter(), None
        if self._timeout is not None:
            timer = asyncio.get_running_loop().call_later(self._timeout, self._thread.interrupt_now)
        try:
            if self._writes:
                result = await self._thread.submit(job, *arguments)
            else:
                result = await self._thread.submit(_patiently, self._patience, job, *arguments)
        except asyncio.CancelledError:
            if not self._closed:
                self._thread.interrupt_now()
                await self._idle()
            raise
        except WaveDataError:
            raise
        except Exception as error:
            if self._recorder is not None and not self._thread.in_transaction:
                self._recorder.forget()
            if self._closed:
                raise ConnectionFailed(_CLOSED) from error
            raise translate(error, statement) from error
        finally:
            if timer is not None:
                timer.cancel()
        self._watch.ended(statement, started)
        if self._recorder is not None and self._recorder.has_noted and not self._thread.in_transaction:
            self._recorder.publish()
        return result

    async def _idle(self) -> None:
        """Wait until the thread has run every job, also when cancelled again."""
        waiting = True
        while waiting:
            with contextlib.suppress(asyncio.CancelledError):
                await self._thread.submit(_nothing)
                waiting = False


def _patiently(raw: sqlite3.Connection, patience: float, job: Callable[..., T], *arguments: Any) -> T:
    """The value of a job that reads; it waits for a locked file as SQLite does on the connection that writes."""
    until = perf_counter() + patience
    while True:
        try:
            return job(raw, *arguments)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 255 not in _LOCKED or perf_counter() > until:
                raise
        sleep(0.005)


def _nothing(raw: sqlite3.Connection) -> None:
    """A job that shows, when it is done, that those before it are."""


def _rows(raw: sqlite3.Connection, text: str, arguments: Sequence[Any]) -> list[tuple[Any, ...]]:
    return raw.execute(text, arguments).fetchall()


def _checkpoint(raw: sqlite3.Connection) -> None:
    """Move what the WAL holds to the file, as far as other processes let that happen at once."""
    with contextlib.suppress(sqlite3.Error):
        raw.rollback()
        raw.execute("PRAGMA busy_timeout = 0")
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _close_cursor(raw: sqlite3.Connection, cursor: sqlite3.Cursor) -> None:
    cursor.close()


def _execute_many(raw: sqlite3.Connection, text: str, rows: Sequence[tuple[Any, ...]]) -> None:
    raw.executemany(text, rows)


def _execute(raw: sqlite3.Connection, text: str, arguments: tuple[Any, ...]) -> int:
    cursor = raw.execute(text, arguments)
    cursor.fetchall()
    if cursor.rowcount >= 0:
        return cursor.rowcount
    # sqlite3 counts for a statement that begins with INSERT, UPDATE, DELETE or REPLACE, not with WITH.
    count: int = raw.execute("SELECT changes()").fetchone()[0]
    return count


def _verify(raw: sqlite3.Connection, statement: CompiledStatement) -> None:
    # sqlite3 tells the columns of a statement only when it runs: so a query is asked for no row, and what a change
    # returns is asked of its table.
    nothing = (None,) * len(statement.slots)
    raw.execute(f"EXPLAIN {statement.text}", nothing).close()
    text = statement.text
    change = _CHANGE.match(text)
    if change is not None:
        text = f"SELECT {change['returned']} FROM {change['table']}"
        nothing = (None,) * max((int(number) for number in re.findall(r"\?(\d+)", text)), default=0)
    if statement.has_result:
        statement.reader([Column(c[0]) for c in raw.execute(f"SELECT * FROM ({text}\n) LIMIT 0", nothing).description])


def _command(raw: sqlite3.Connection, text: str) -> None:
    # SQLite ends a transaction by itself after some errors, such as an interrupted write or a full disk.
    if text.startswith(("ROLLBACK", "RELEASE")) and not raw.in_transaction:
        return
    raw.execute(text)


def _atomically(raw: sqlite3.Connection, work: Callable[..., T], *arguments: Any) -> T:
    """The value of `work`, all of whose changes are made or none."""
    rollback: tuple[str, ...]
    begin, commit, rollback = "BEGIN IMMEDIATE", "COMMIT", ("ROLLBACK",)
    if raw.in_transaction:
        begin, commit, rollback = "SAVEPOINT bulk", "RELEASE bulk", ("ROLLBACK TO bulk", "RELEASE bulk")
    raw.execute(begin)
    try:
        result = work(raw, *arguments)
        raw.execute(commit)
    except BaseException:
        # One by one: executescript would COMMIT first. After some errors SQLite has ended the transaction itself.
        for text in rollback if raw.in_transaction else ():
            raw.execute(text)
        raise
    return result


def open_sqlite(url: DatabaseUrl, options: Options) -> Store:
    """A store in a SQLite file or in memory. Raises ConnectionFailed."""
    if url.path is not None:
        make_directory(url.path)

    loop_time, retries, recorder = LoopTime(), Retries(options), Recorder()

    def opener(writes: bool) -> Callable[[], Any]:
        async def open_connection() -> SqliteConnection:
            thread = _Thread(lambda: open_raw(url, options, recorder if writes else None), 64)
            try:
                await to_the_end(thread.opened())
            except sqlite3.Error as error:
                await thread.ended()
                raise open_error(error, url.redacted) from error
            except asyncio.CancelledError:
                await to_the_end(thread.close())
                raise
            return SqliteConnection(thread, options, loop_time, recorder if writes else None, url.is_memory)

        return open_connection

    # A locked file is waited for by SQLite itself, busy_timeout long.
    patient = options.model_copy(update={"connect_retries": 0})
    writing = make_pool(opener(writes=True), patient, retries, size=1)
    reading = writing if url.is_memory else make_pool(opener(writes=False), patient, retries)
    return Store(
        "sqlite",
        url,
        reading=reading,
        writing=writing,
        clock=system_clock,
        retries=retries,
        upkeep=SqliteUpkeep(),
        changes=SqliteChanges(writing, recorder),
        limits=options.limits,
        loop_time=loop_time,
    )
