"""Hand-written SQL on a database, past the library: what migrations promise, they promise to it as well."""

import asyncio
import re
import sqlite3
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import asyncpg

from wave_data.stores.settings import DatabaseUrl

SESSION_ID = "01900000-0000-7000-8000-000000000001"
OTHER_ID = "01900000-0000-7000-8000-000000000002"
NOON = "2026-01-01T12:00:00.000000Z"

ROWS: Mapping[str, Mapping[str, object]] = {
    "wave_sessions": {"id": OTHER_ID, "project_name": "apollo", "wave_number": 0},
    "wave_checkpoints": {
        "id": OTHER_ID,
        "session_id": SESSION_ID,
        "checkpoint_type": "manual",
        "checkpoint_name": "before lunch",
        "state": "{}",
    },
    "wave_story_executions": {
        "id": OTHER_ID,
        "session_id": SESSION_ID,
        "story_id": "S-1",
        "story_title": "Log in",
        "domain": "auth",
        "agent": "builder",
    },
    "wave_charges": {"session_id": SESSION_ID, "key": "call-1", "cost_usd": 0},
}


class Refused(Exception):
    """The database refused a statement; `constraint` is the name it gave, if any."""

    def __init__(self, message: str, constraint: str | None) -> None:
        super().__init__(message)
        self.constraint = constraint


def run(url: str, *statements: str) -> list[tuple[Any, ...]]:
    """Run the statements one by one on a connection of their own and return the rows of the last."""
    target = DatabaseUrl.parse(url)
    return _run_sqlite(str(target.path), statements) if target.path else _run_postgres(target.dbmate, statements)


def insert(table: str, **values: object) -> str:
    """An INSERT of the table's sample row with these values instead."""
    row = {**ROWS[table], **values}
    return f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join(map(_literal, row.values()))})"


def session(**values: object) -> str:
    """An INSERT of the session that the other sample rows refer to."""
    return insert("wave_sessions", id=SESSION_ID, **values)


def _literal(value: object) -> str:
    if value is None:
        return "NULL"
    return str(value) if isinstance(value, int) else f"'{value}'"


def _run_sqlite(path: str, statements: tuple[str, ...]) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        rows: list[tuple[Any, ...]] = []
        for statement in statements:
            try:
                rows = connection.execute(statement).fetchall()
            except sqlite3.Error as error:
                found = re.search(r"constraint failed: (\w+)$", str(error))
                raise Refused(str(error), found[1] if found else None) from error
        return rows


def _run_postgres(url: str, statements: tuple[str, ...]) -> list[tuple[Any, ...]]:
    async def work() -> list[tuple[Any, ...]]:
        connection = await asyncpg.connect(url)
        try:
            rows: list[Any] = []
            for statement in statements:
                rows = await connection.fetch(statement)
            return [tuple(row) for row in rows]
        except asyncpg.PostgresError as error:
            raise Refused(str(error), getattr(error, "constraint_name", None)) from error
        finally:
            await connection.close()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work()).result()
