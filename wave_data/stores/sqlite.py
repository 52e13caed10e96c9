"""SQLite through aiosqlite: the event loop runs what takes no time, the connection's thread all else.

An operation in the thread is one job, its records included.
"""

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncGenerator, Callable, Hashable, Sequence
from enum import Enum
from time import perf_counter
from typing import Any, TypeVar

from wave_data.engine.compiled import CompiledStatement
from wave_data.engine.errors import ConnectionFailed, WaveDataError
from wave_data.engine.executor import Isolation
from wave_data.engine.readers import PORTION, Reader, read_many, read_portions
from wave_data.engine.records import Column
from wave_data.stores import sqlite_jobs
from wave_data.stores.clock import system_clock
from wave_data.stores.finishing import to_the_end
from wave_data.stores.loop_time import LoopTime
from wave_data.stores.retry import Retries
from wave_data.stores.settings import DatabaseUrl, Options
from wave_data.stores.sqlite_changes import Recorder, SqliteChanges
from wave_data.stores.sqlite_errors import LOCKED, open_error, primary_code, translate
from wave_data.stores.sqlite_journal import Journal
from wave_data.stores.sqlite_opening import make_directory, open_raw
from wave_data.stores.sqlite_thread import SqliteThread
from wave_data.stores.sqlite_upkeep import SqliteUpkeep
from wave_data.stores.store import Store, make_pool
from wave_data.stores.watch import Watch

T = TypeVar("T")

BATCH = 500
"""Rows that the thread fetches together."""
SHORT = 0.001
"""Seconds that a statement may keep the event loop."""
STEPS = 1000
"""Instructions of SQLite between two looks at the clock."""
FEW = 128
"""Rows that are too many to be read in the event loop."""
LONG_CALLS = 100
"""Calls of a statement that go to the thread after one that took long."""

_CLOSED = "the database was closed while work was in flight"
_NOT_AT_ONCE = (sqlite3.SQLITE_INTERRUPT, *LOCKED)
_QUICK = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


class _Later(Enum):
    LATER = "the thread's work"


LATER = _Later.LATER


class SqliteConnection:
    """One connection. A job that has begun is awaited to its end even when the caller is cancelled."""

    def __init__(
        self,
        thread: SqliteThread,
        journal: Journal,
        options: Options,
        loop_time: LoopTime,
        recorder: Recorder | None,
    ) -> None:
        self._thread = thread
        self._journal = journal
        self._patience = options.busy_timeout
        self._recorder = recorder
        self._writes = recorder is not None
        self._readonly = False
        self._timeout = options.statement_timeout
        self._watch = Watch(options)
        self._readers: dict[CompiledStatement, tuple[Any, Reader]] = {}
        self._closed = False
        self._deadline = 0.0
        self._changes_before = 0
        self._long: dict[Hashable, int] = {}
        self._loop_time = loop_time
        self._last_job: asyncio.Future[Any] | None = None

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
        if self._is_allowed_at_once(statement):
            read = self._fetch_few if statement.reads_only else self._fetch
            records = self._at_once(statement, read, statement, arguments)
            if records is not LATER:
                return records
        return await self._run(statement, self._fetch, statement, arguments)

    async def execute(self, statement: CompiledStatement, arguments: tuple[Any, ...]) -> int:
        """Run a statement; the number of rows that it changed."""
        if self._is_allowed_at_once(statement):
            count = self._at_once(statement, sqlite_jobs.execute, statement.text, arguments)
            if count is not LATER:
                return count
        return await self._run(statement, sqlite_jobs.execute, statement.text, arguments)

    def _is_allowed_at_once(self, statement: CompiledStatement) -> bool:
        """Whether the event loop itself may begin a statement, which it gives up when that is not done in no time.

        Inside a transaction it does not change anything: SQLite rolls back all of it when a change is given up.
        """
        if not self._is_idle():
            return False
        return statement.reads_only or (not self._thread.in_transaction and self._journal.commits_quickly())

    def _is_idle(self) -> bool:
        """Whether the connection is open and its thread has nothing to do.

        A job may be left over from a coroutine that was closed: SQLite would wait for it with Python's lock in hand,
        and the job for that lock.
        """
        return not self._closed and (self._last_job is None or self._last_job.done())

    def _at_once(
        self, statement: CompiledStatement, function: Callable[..., T | _Later], *arguments: Any
    ) -> T | _Later:
        """The value of a function where the event loop can run it in no time, LATER where that is the thread's work.

        The caller holds the connection, so its thread has nothing to do. What proves long is left to the thread for
        the next calls too.
        """
        if self._proved_long(statement):
            return LATER
        raw = self._thread.raw
        started = perf_counter()
        self._deadline, self._changes_before = started + SHORT, raw.total_changes
        value: T | _Later = LATER
        try:
            raw.set_progress_handler(self._is_to_be_given_up, STEPS)
            try:
                value = function(raw, *arguments)
            finally:
                raw.set_progress_handler(None, STEPS)
        except sqlite3.Error as error:
            self._raise_unless(error, _NOT_AT_ONCE, statement)
        self._loop_time.add(perf_counter() - started)
        if value is LATER:
            self._long[statement] = LONG_CALLS
        else:
            self._ended(statement, started)
        return value

    def _raise_unless(self, error: sqlite3.Error, codes: Sequence[int], statement: CompiledStatement | None) -> None:
        """Raise the library's error for one of SQLite's, unless its code says that the thread should try."""
        self._forget_what_was_rolled_back()
        if primary_code(error) not in codes:
            raise translate(error, statement) from error

    def _is_to_be_given_up(self) -> bool:
        # SQLite asks once more when it has committed: from then on the number of changes tells that it is too late.
        return perf_counter() > self._deadline and self._thread.raw.total_changes == self._changes_before

    def _proved_long(self, work: Hashable) -> bool:
        """Whether one of the last calls took long; each question counts as a call."""
        calls = self._long.get(work, 0)
        if calls:
            self._long[work] = calls - 1
        return calls > 0

    async def execute_many(self, statement: CompiledStatement, rows: Sequence[tuple[Any, ...]]) -> None:
        """Run a statement for each row of arguments, all or none of them."""
        await self._run(statement, sqlite_jobs.atomically, sqlite3.Connection.executemany, statement.text, rows)

    async def fetch_many(self, statement: CompiledStatement, rows: Sequence[tuple[Any, ...]]) -> list[Any]:
        """Run a statement for each row of arguments, all or none of them; the records of all."""

        def fetch_each(raw: sqlite3.Connection) -> list[Any]:
            return [record for arguments in rows for record in self._fetch(raw, statement, arguments)]

        return await self._run(statement, sqlite_jobs.atomically, fetch_each)

    async def stream(
        self, statement: CompiledStatement, arguments: tuple[Any, ...], size: int | None = None
    ) -> AsyncGenerator[list[Any]]:
        """The records of a statement in batches."""
        cursor = await self._run(statement, sqlite3.Connection.execute, statement.text, arguments)
        try:
            while rows := await self._run(statement, sqlite_jobs.fetch_some, cursor, size or BATCH):
                for records in read_portions(self._reader(statement, cursor.description), rows, PORTION):
                    yield records
        finally:
            await self._run(statement, sqlite_jobs.close_cursor, cursor)

    async def begin(self, isolation: Isolation | None, readonly: bool) -> None:
        """Begin a transaction; one that may write takes the write lock at once."""
        self._journal.begin()
        await self.command("BEGIN" if readonly else "BEGIN IMMEDIATE")
        if readonly and self._writes:
            await self.command("PRAGMA query_only = ON")
            self._readonly = True

    async def command(self, text: str) -> None:
        """Run a statement without arguments and rows."""
        if self.command_at_once(text):
            return
        await self._run(None, sqlite_jobs.command, text)
        if self._readonly and text in ("COMMIT", "ROLLBACK"):
            self._readonly = False
            await self._run(None, sqlite_jobs.command, "PRAGMA query_only = OFF")

    def command_at_once(self, text: str) -> bool:
        """Begin or end a transaction in the event loop, where that takes no time; whether it has been done."""
        if self._recorder is not None and text == "ROLLBACK":
            self._recorder.forget()
        is_quick = text.startswith(_QUICK) and self._is_idle() and self._journal.ends_quickly()
        if not is_quick or self._readonly or self._proved_long(text):
            return False
        started = perf_counter()
        try:
            sqlite_jobs.command(self._thread.raw, text)
        except sqlite3.Error as error:
            self._raise_unless(error, LOCKED, None)
            self._long[text] = LONG_CALLS
            return False
        self._loop_time.add(perf_counter() - started)
        self._ended(None, started)
        return True

    async def script(self, text: str) -> None:
        """Run several statements without arguments."""
        await self._run(None, sqlite_jobs.script, text, self._patience)

    async def rows(self, text: str, arguments: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows of a statement given as text, with the values as the driver has them."""
        return await self._run(None, sqlite_jobs.rows, text, arguments)

    async def verify(self, statement: CompiledStatement) -> None:
        """Prepare a statement, and hold its columns against the result of its function, without running it."""
        await self._run(statement, sqlite_jobs.verify, statement)

    async def ping(self) -> bool:
        """Whether the connection still works; there is no server that could be gone."""
        return not self._closed

    async def close(self) -> None:
        """Cut off what still runs, bring the file up to date with its WAL, close the connection and its thread."""
        if not self._closed:
            self._closed = True
            self._thread.interrupt_now()
            if self._writes:
                await self._thread.submit(sqlite_jobs.checkpoint)
            await self._thread.close()

    def _fetch(self, raw: sqlite3.Connection, statement: CompiledStatement, arguments: tuple[Any, ...]) -> list[Any]:
        cursor = raw.execute(statement.text, arguments)
        read = self._reader(statement, cursor.description)
        records: list[Any] = []
        while rows := cursor.fetchmany(BATCH):
            records += read_many(read, rows)
        return records

    def _fetch_few(
        self, raw: sqlite3.Connection, statement: CompiledStatement, arguments: tuple[Any, ...]
    ) -> list[Any] | _Later:
        cursor = raw.execute(statement.text, arguments)
        rows = cursor.fetchmany(FEW)
        if len(rows) < FEW:
            return self._reader(statement, cursor.description)(rows)
        cursor.close()
        return LATER

    def _reader(self, statement: CompiledStatement, description: Any) -> Reader:
        """The reader of a statement's rows, found anew when a migration has changed its columns."""
        known = self._readers.get(statement)
        if known is None or known[0] != description:
            columns = [Column(name) for name, *_ in description]
            known = self._readers[statement] = description, statement.reader(columns)
        return known[1]

    async def _run(self, statement: CompiledStatement | None, function: Callable[..., T], *arguments: Any) -> T:
        """The value of a function of sqlite3's connection, run in the thread."""
        if self._closed:
            raise ConnectionFailed(_CLOSED)
        started, timer = perf_counter(), None
        if self._timeout is not None:
            timer = asyncio.get_running_loop().call_later(self._timeout, self._thread.interrupt_now)
        try:
            self._last_job = self._thread.submit(sqlite_jobs.patiently, self._patience, function, *arguments)
            result: T = await self._last_job
            self._last_job = None
            self._ended(statement, started)
            if self._journal.is_due():
                await self._thread.submit(self._journal.take_up)
        except asyncio.CancelledError:
            if not self._closed:
                self._thread.interrupt_now()
                await self._idle()
            # A cursor that came just before the cancellation stays open with its job, and interrupts what comes next.
            self._last_job = None
            raise
        except WaveDataError:
            raise
        except Exception as error:
            self._forget_what_was_rolled_back()
            if self._closed:
                raise ConnectionFailed(_CLOSED) from error
            raise translate(error, statement) from error
        finally:
            if timer is not None:
                timer.cancel()
        return result

    def _ended(self, statement: CompiledStatement | None, started: float) -> None:
        self._watch.ended(statement, started)
        if self._recorder is not None and self._recorder.has_noted and not self._thread.in_transaction:
            self._recorder.publish()

    def _forget_what_was_rolled_back(self) -> None:
        if self._recorder is not None and not self._thread.in_transaction:
            self._recorder.forget()

    async def _idle(self) -> None:
        """Wait until the thread has run every job, also when cancelled again."""
        waiting = True
        while waiting:
            with contextlib.suppress(asyncio.CancelledError):
                await self._thread.submit(sqlite_jobs.nothing)
                waiting = False


def open_sqlite(url: DatabaseUrl, options: Options) -> Store:
    """A store in a SQLite file or in memory. Raises ConnectionFailed."""
    if url.path is not None:
        make_directory(url.path)

    loop_time, retries, recorder = LoopTime(), Retries(options), Recorder()

    def opener(writes: bool) -> Callable[[], Any]:
        async def open_connection() -> SqliteConnection:
            thread = SqliteThread(lambda: open_raw(url, options, recorder if writes else None), 64)
            try:
                await to_the_end(thread.opened())
            except sqlite3.Error as error:
                await thread.ended()
                raise open_error(error, url.redacted) from error
            except asyncio.CancelledError:
                await to_the_end(thread.close())
                raise
            journal = Journal(thread.raw, writes=writes)
            return SqliteConnection(thread, journal, options, loop_time, recorder if writes else None)

        return open_connection

    # Whoever opens a locked file waits for it already, busy_timeout long.
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
