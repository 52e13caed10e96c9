"""Retention: what has grown old in all tables is removed by one call."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, fields
from time import perf_counter
from uuid import UUID

from wave_data.engine import Executor, Record, check, query
from wave_data.engine.types import Age, Count
from wave_data.tables import (
    audit,
    client_sessions,
    execution_logs,
    graphs,
    runs,
    tool_executions,
    wave_checkpoints,
    zone_executions,
)

_SESSIONS = 1000
"""Sessions whose checkpoints are cleaned between two looks for others."""


@dataclass(frozen=True, kw_only=True)
class RetentionPolicy:
    """For how long each table keeps its rows; None, the default, for ever.

    Tool executions count from when they were created; logs, zone executions and audit entries from when it happened;
    inactive client sessions from their last change; deleted runs and graphs from their deletion. Of each session that
    is completed or cancelled, so many of the newest checkpoints are kept; other sessions may be recovered by theirs.

    Raises InvalidValue for an age or a number below zero.
    """

    wave_checkpoints: Count | None = None
    tool_executions: Age | None = None
    execution_logs: Age | None = None
    zone_executions: Age | None = None
    client_sessions: Age | None = None
    runs: Age | None = None
    graphs: Age | None = None
    audit_log: Age | None = None

    def __post_init__(self) -> None:
        for field in fields(self):
            check(field.type, getattr(self, field.name), field.name)


class TableRetention(Record):
    """What retention did in a table: the rows removed, without those that went with them, and the seconds it took."""

    table: str
    removed: int
    seconds: float


async def apply_retention(db: Executor, policy: RetentionPolicy) -> list[TableRetention]:
    """Remove what the policy no longer keeps; a report for each table that it names.

    Each table is done by itself, so after an exception those before it are done, and the call can be repeated.
    """
    reports: list[TableRetention] = []
    started = perf_counter()
    async for table, removed in _removals(db, policy):
        ended = perf_counter()
        reports.append(TableRetention(table=table, removed=removed, seconds=ended - started))
        started = ended
    return reports


async def _removals(db: Executor, policy: RetentionPolicy) -> AsyncIterator[tuple[str, int]]:
    """Each table that the policy names and the rows removed from it, rows before those that they go with."""
    if policy.wave_checkpoints is not None:
        yield "wave_checkpoints", await _clean_checkpoints(db, policy.wave_checkpoints)
    if policy.tool_executions is not None:
        yield "tool_executions", await tool_executions.delete_before(db, db.now() - policy.tool_executions)
    if policy.execution_logs is not None:
        yield "execution_logs", await execution_logs.delete_before(db, db.now() - policy.execution_logs)
    if policy.zone_executions is not None:
        yield "zone_executions", await zone_executions.delete_before(db, db.now() - policy.zone_executions)
    if policy.client_sessions is not None:
        yield "client_sessions", await client_sessions.delete_inactive(db, policy.client_sessions)
    if policy.runs is not None:
        yield "runs", await runs.purge_deleted(db, policy.runs)
    if policy.graphs is not None:
        yield "graphs", await graphs.purge_deleted(db, policy.graphs)
    if policy.audit_log is not None:
        yield "audit_log", await audit.purge_before(db, db.now() - policy.audit_log)


async def _clean_checkpoints(db: Executor, keep: int) -> int:
    removed = 0
    while sessions := await _list_sessions_to_clean(db, keep, _SESSIONS):
        for session_id in sessions:
            removed += await wave_checkpoints.cleanup_old(db, session_id, keep)
    return removed


@query
async def _list_sessions_to_clean(db: Executor, keep: Count, limit: Count) -> list[UUID]: ...
