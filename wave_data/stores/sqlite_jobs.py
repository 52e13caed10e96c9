"""What the thread of a SQLite connection does, as functions of sqlite3's connection."""

import contextlib
import re
import sqlite3
from collections.abc import Callable, Sequence
from time import perf_counter, sleep
from typing import Any, TypeVar

from wave_data.engine.compiled import CompiledStatement
from wave_data.engine.records import Column
from wave_data.stores.sqlite_errors import LOCKED, primary_code

T = TypeVar("T")

_CHANGE = re.compile(
    r"(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM)\s+(?P<table>\w+(?:\s+AS\s+\w+)?).*\bRETURNING\b(?P<returned>.*)",
    re.IGNORECASE | re.DOTALL,
)


def patiently(raw: sqlite3.Connection, patience: float, job: Callable[..., T], *arguments: Any) -> T:
    """The value of a job, begun again while the file is locked: SQLite itself waits for nothing.

    A job in whose course SQLite has ended the transaction is not begun again.
    """
    until = perf_counter() + patience
    in_transaction = raw.in_transaction
    while True:
        try:
            return job(raw, *arguments)
        except sqlite3.OperationalError as error:
            if primary_code(error) not in LOCKED or perf_counter() > until:
                raise
            if raw.in_transaction is not in_transaction:
                raise
        sleep(0.005)


def script(raw: sqlite3.Connection, text: str, patience: float) -> None:
    """Run several statements, in whose course SQLite itself waits for a locked file."""
    raw.execute(f"PRAGMA busy_timeout = {int(patience * 1000)}")
    try:
        raw.executescript(text)
    finally:
        raw.execute("PRAGMA busy_timeout = 0")


def nothing(raw: sqlite3.Connection) -> None:
    """A job that shows, when it is done, that those before it are."""


def rows(raw: sqlite3.Connection, text: str, arguments: Sequence[Any]) -> list[tuple[Any, ...]]:
    """The rows of a statement given as text."""
    return raw.execute(text, arguments).fetchall()


def fetch_some(raw: sqlite3.Connection, cursor: sqlite3.Cursor, size: int) -> list[tuple[Any, ...]]:
    """The next rows of a statement that was begun."""
    return cursor.fetchmany(size)


def checkpoint(raw: sqlite3.Connection) -> None:
    """Move what the WAL holds to the file, as far as other processes let that happen at once."""
    with contextlib.suppress(sqlite3.Error):
        raw.rollback()
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def close_cursor(raw: sqlite3.Connection, cursor: sqlite3.Cursor) -> None:
    """Let go of what a statement was still reading."""
    cursor.close()


def execute(raw: sqlite3.Connection, text: str, arguments: tuple[Any, ...]) -> int:
    """Run a statement; the number of rows that it changed."""
    cursor = raw.execute(text, arguments)
    cursor.fetchall()
    if cursor.rowcount >= 0:
        return cursor.rowcount
    # sqlite3 counts for a statement that begins with INSERT, UPDATE, DELETE or REPLACE, not with WITH.
    count: int = raw.execute("SELECT changes()").fetchone()[0]
    return count


def verify(raw: sqlite3.Connection, statement: CompiledStatement) -> None:
    """Prepare a statement, and hold its columns against the result of its function, without running it."""
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


def command(raw: sqlite3.Connection, text: str) -> None:
    """Run a statement without arguments and rows, such as one that begins or ends a transaction."""
    # SQLite ends a transaction by itself after some errors, such as an interrupted write or a full disk.
    if text.startswith(("ROLLBACK", "RELEASE")) and not raw.in_transaction:
        return
    raw.execute(text)


def atomically(raw: sqlite3.Connection, work: Callable[..., T], *arguments: Any) -> T:
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
