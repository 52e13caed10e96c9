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
    "orchestrator_runs": {"id": OTHER_ID, "thread_id": "thread-1", "project_id": SESSION_ID, "story_id": "S-1"},
    "human_review_queue": {"id": OTHER_ID, "thread_id": "thread-0", "review_type": "safety", "reason": "odd"},
    "tasks": {"id": OTHER_ID, "title": "Count the stars", "task_type": "research"},
    "workflows": {"id": OTHER_ID, "name": "night shift", "definition": "{}"},
    "workflow_tasks": {"workflow_id": SESSION_ID, "task_id": SESSION_ID},
    "tool_executions": {"id": OTHER_ID, "task_id": SESSION_ID, "tool_name": "telescope"},
    "client_sessions": {"id": OTHER_ID, "client_id": "phone"},
    "configurations": {"key": OTHER_ID, "value": "5"},
    "audit_log": {"id": OTHER_ID, "table_name": "tasks", "row_key": OTHER_ID, "action": "create"},
    "graphs": {"id": OTHER_ID, "name": "review", "definition": "{}"},
    "runs": {"id": OTHER_ID, "run_id": "run-1", "graph_id": SESSION_ID, "initial_state": "{}"},
    "execution_logs": {"id": OTHER_ID, "run_id": SESSION_ID, "node_name": "plan", "status": "started"},
    "worktrees": {"id": OTHER_ID, "path": "/src/a", "port": 3001, "branch_name": "main"},
    "zones": {"id": OTHER_ID, "name": "Testing"},
    "worktree_zones": {"worktree_id": SESSION_ID, "zone_id": SESSION_ID},
    "zone_executions": {
        "id": OTHER_ID,
        "zone_id": SESSION_ID,
        "worktree_id": SESSION_ID,
        "agent_type": "qa",
        "prompt": "Test it.",
        "success": True,
    },
    "analytics_refreshes": {"view_name": "nightly_report", "refreshed_at": NOON},
}

# The rows that the sample rows of other tables refer to, each with SESSION_ID as its id.
PARENTS: Mapping[str, Mapping[str, object]] = {
    "wave_sessions": {"wave_number": 99},
    "orchestrator_runs": {"thread_id": "thread-0"},
    "tasks": {},
    "workflows": {"name": "day shift"},
    "graphs": {"name": "build"},
    "runs": {"run_id": "run-0"},
    "worktrees": {"path": "/src/b", "port": 3002},
    "zones": {},
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
    return f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join(map(literal, row.values()))})"


def session(**values: object) -> str:
    """An INSERT of the session that the other sample rows refer to."""
    return insert("wave_sessions", id=SESSION_ID, **values)


def parents() -> list[str]:
    """INSERTs of every row that sample rows refer to."""
    return [insert(table, id=SESSION_ID, **values) for table, values in PARENTS.items()]


def literal(value: object) -> str:
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
