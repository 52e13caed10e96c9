"""How a connection to SQLite is opened, and what it is given to work with."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, sleep
from typing import Any

from wave_data.engine import json_text
from wave_data.engine.errors import ConnectionFailed
from wave_data.engine.text_functions import contains_text, milliseconds_between
from wave_data.stores.settings import DatabaseUrl, Options
from wave_data.stores.sqlite_changes import NOTE_CHANGE, Recorder

FUNCTIONS: tuple[tuple[str, int, Callable[..., Any]], ...] = (
    ("json_merge", 2, json_text.json_merge),
    ("json_put", 3, json_text.json_put),
    ("json_without", 2, json_text.json_without),
    ("array_append_distinct", 2, json_text.array_append_distinct),
    ("contains_text", 2, contains_text),
    ("milliseconds_between", 2, milliseconds_between),
)
"""The functions that statements share with PostgreSQL, where a migration makes them."""


def make_directory(path: Path) -> None:
    """Make the folder of a database file. Raises ConnectionFailed."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConnectionFailed(f"cannot make the directory {path.parent}: {error.strerror}") from error


def _set_journal_mode(raw: sqlite3.Connection, mode: str, patience: float) -> None:
    """Switch the journal; SQLite does not wait for a locked file here as it does elsewhere."""
    until = perf_counter() + patience
    while True:
        try:
            raw.execute(f"PRAGMA journal_mode = {mode}")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or perf_counter() > until:
                raise
            sleep(0.01)
        else:
            return


class _Authorizer:
    """Keeps triggers from changing an `updated_at` that the statement itself assigns.

    A trigger that serves SQL written by hand takes a statement that sets the time which stands there already for one
    that sets none. SQLite asks once, when it prepares a statement: first for the columns that the statement assigns,
    then for those of its triggers.
    """

    def __init__(self) -> None:
        self._assigned: set[str | None] = set()
        self._in_triggers = False

    def __call__(
        self, action: int, table: str | None, column: str | None, schema: str | None, trigger: str | None
    ) -> int:
        if action != sqlite3.SQLITE_UPDATE:
            return sqlite3.SQLITE_OK
        if trigger is None:
            if self._in_triggers:  # another statement begins
                self._assigned.clear()
            self._in_triggers = False
            if column == "updated_at":
                self._assigned.add(table)
            return sqlite3.SQLITE_OK
        self._in_triggers = True
        return sqlite3.SQLITE_IGNORE if column == "updated_at" and table in self._assigned else sqlite3.SQLITE_OK


def open_raw(url: DatabaseUrl, options: Options, recorder: Recorder | None) -> sqlite3.Connection:
    """A connection of sqlite3 as the library needs it; one with a recorder writes, the others only read."""
    raw = sqlite3.connect(
        ":memory:" if url.path is None else str(url.path),
        timeout=options.busy_timeout,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=options.statement_cache_size or 1,
    )
    try:
        if recorder is not None:
            raw.create_function(NOTE_CHANGE, -1, recorder.note)
            _set_journal_mode(raw, options.journal_mode or ("memory" if url.is_memory else "wal"), options.busy_timeout)
            raw.execute("PRAGMA synchronous = NORMAL")
        else:
            raw.execute("PRAGMA query_only = ON")
        raw.execute("PRAGMA schema_version")  # reads the file, so that one which is no database is told now
        raw.execute("PRAGMA foreign_keys = ON")
        for name, arity, function in FUNCTIONS:
            raw.create_function(name, arity, function, deterministic=True)
        raw.set_authorizer(_Authorizer())
        raw.execute("PRAGMA busy_timeout = 0")  # what finds a locked file in the event loop must not wait there
    except BaseException:
        raw.close()
        raise
    return raw
