"""aiosqlite with a pydantic model made of each row."""

import sqlite3
from typing import Any

from benchmarks.models import SqliteCheckpoint, SqliteStory
from benchmarks.peers import aiosqlite_plain


def _story(row: sqlite3.Row) -> SqliteStory:
    return SqliteStory.model_validate(dict(row))


def _checkpoint(row: sqlite3.Row) -> SqliteCheckpoint:
    return SqliteCheckpoint.model_validate(dict(row))


class Peer(aiosqlite_plain.Peer):
    """The model decodes what SQLite has no type for."""

    story = staticmethod(_story)
    checkpoint = staticmethod(_checkpoint)
    row_factory = sqlite3.Row

    def values(self, story: Any) -> dict[str, Any] | None:
        values: dict[str, Any] = story.model_dump()
        return values
