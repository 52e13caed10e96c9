"""Every operation with the standard library's sqlite3: tuples as they come."""

from collections.abc import Sequence
from datetime import UTC, datetime
from sqlite3 import Connection, Cursor
from typing import Any
from uuid import UUID

from benchmarks import statements
from benchmarks.data import COST, TOKENS, NewCheckpoint, NewStory, sqlite_value
from benchmarks.peers.arguments import of_sqlite_checkpoint, of_sqlite_story
from benchmarks.statements import for_sqlite

Row = tuple[Any, ...]

GET = for_sqlite(statements.GET)
LIST_NEWEST = for_sqlite(statements.LIST_NEWEST)
LIST_ALL = for_sqlite(statements.LIST_ALL)
INSERT = for_sqlite(statements.INSERT)
INSERT_MANY = for_sqlite(statements.INSERT_MANY)
SUBMIT = for_sqlite(statements.SUBMIT)
REOPEN = for_sqlite(statements.REOPEN)
ADD_USAGE = for_sqlite(statements.ADD_USAGE)
ADD_CHECKPOINT = for_sqlite(statements.ADD_CHECKPOINT)
SETTINGS = ("PRAGMA synchronous = NORMAL", "PRAGMA foreign_keys = ON", "PRAGMA busy_timeout = 30000")
"""What every peer's connections are set to; the journal is a WAL already."""
COST_SCALED = sqlite_value(COST)


def configure(raw: Connection) -> None:
    """Set a new connection up."""
    for setting in SETTINGS:
        raw.execute(setting)


def _one(raw: Connection, statement: str, arguments: Row) -> Row:
    row: Row = raw.execute(statement, arguments).fetchall()[0]
    return row


def get(raw: Connection, id: UUID) -> Row:
    """The story of an id."""
    return _one(raw, GET, (str(id),))


def list_newest(raw: Connection, session_id: UUID, limit: int) -> list[Row]:
    """The newest stories of a session."""
    return raw.execute(LIST_NEWEST, (str(session_id), limit)).fetchall()


def list_all(raw: Connection, session_id: UUID) -> list[Row]:
    """All stories of a session."""
    return raw.execute(LIST_ALL, (str(session_id),)).fetchall()


def open_cursor(raw: Connection, session_id: UUID) -> Cursor:
    """A cursor over all stories of a session."""
    return raw.execute(LIST_ALL, (str(session_id),))


def fetch_batch(raw: Connection, cursor: Cursor) -> list[Row]:
    """The next stories of a cursor."""
    return cursor.fetchmany(500)


def insert(raw: Connection, new: NewStory) -> Row:
    """Insert a story."""
    return _one(raw, INSERT, of_sqlite_story(new))


def insert_many(raw: Connection, new: Sequence[NewStory]) -> None:
    """Insert stories in one transaction."""
    raw.execute("BEGIN IMMEDIATE")
    raw.executemany(INSERT_MANY, map(of_sqlite_story, new))
    raw.execute("COMMIT")


def submit(raw: Connection, now: datetime, id: UUID) -> Row:
    """Move a story to review."""
    return _one(raw, SUBMIT, (sqlite_value(now), str(id)))


def reopen(raw: Connection, now: datetime, id: UUID) -> Row:
    """Move a story back to in_progress."""
    return _one(raw, REOPEN, (sqlite_value(now), str(id)))


def add_usage(raw: Connection, now: datetime, id: UUID) -> Row:
    """Add usage to a story."""
    return _one(raw, ADD_USAGE, (TOKENS, COST_SCALED, sqlite_value(now), str(id)))


def add_checkpoint(raw: Connection, new: NewCheckpoint) -> Row:
    """Insert a checkpoint."""
    return _one(raw, ADD_CHECKPOINT, of_sqlite_checkpoint(new))


def step(raw: Connection, new: NewCheckpoint, id: UUID) -> Row:
    """Insert a checkpoint and add usage, in one transaction."""
    raw.execute("BEGIN IMMEDIATE")
    add_checkpoint(raw, new)
    row = add_usage(raw, datetime.now(UTC), id)
    raw.execute("COMMIT")
    return row
