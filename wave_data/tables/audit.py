"""audit_log: who changed which row, and how; written while the database is open with `connect(audit=True)`."""

from collections.abc import AsyncIterator, Sequence
from typing import ClassVar
from uuid import UUID

from wave_data.engine import Affected, Executor, Page, Record, query
from wave_data.engine.auditing import AuditAction, AuditedChange
from wave_data.engine.types import JsonObject, Text, UtcDatetime


class AuditEntry(Record):
    """One change of a row, or of many under the key `*`; secrets are masked, and large values given by size and hash.

    The row as it was before and as it was after; a created row has no before, a deleted one no after, and a secret
    that was revealed neither.
    """

    shown: ClassVar[tuple[str, ...]] = ("id", "table_name", "row_key", "action", "actor")

    id: UUID
    table_name: str
    row_key: str
    action: AuditAction
    actor: str | None
    at: UtcDatetime
    before: JsonObject | None
    after: JsonObject | None


@query
async def record(db: Executor, changes: Sequence[AuditedChange]) -> None:
    """Insert an entry for each change, as the library does by itself for its own."""
    ...


@query
async def get(db: Executor, id: UUID) -> AuditEntry:
    """The entry. Raises NotFound."""
    ...


@query
async def find(db: Executor, id: UUID) -> AuditEntry | None:
    """The entry, or None."""
    ...


@query
async def find_many(
    db: Executor,
    table: Text | None = None,
    since: UtcDatetime | None = None,
    until: UtcDatetime | None = None,
    limit: int = 100,
    cursor: str | None = None,
) -> Page[AuditEntry]:
    """Entries made from `since` to before `until`, newest first."""
    ...


@query
def iterate(
    db: Executor, table: Text | None = None, since: UtcDatetime | None = None, until: UtcDatetime | None = None
) -> AsyncIterator[AuditEntry]:
    """All matching entries, newest first."""
    ...


@query
async def list_by_row(
    db: Executor, table: Text, row_key: Text, limit: int = 100, cursor: str | None = None
) -> Page[AuditEntry]:
    """The entries of a row, newest first; a key of several columns has a slash between them."""
    ...


@query
async def list_by_actor(db: Executor, actor: Text, limit: int = 100, cursor: str | None = None) -> Page[AuditEntry]:
    """The entries of an actor, newest first."""
    ...


@query
async def count(
    db: Executor, table: Text | None = None, since: UtcDatetime | None = None, until: UtcDatetime | None = None
) -> int:
    """The number of matching entries."""
    ...


@query
async def delete(db: Executor, id: UUID, missing_ok: bool = True) -> bool:
    """Remove the entry; whether there was one.

    Raises NotFound when it is absent and missing_ok is False.
    """
    ...


@query
async def purge_before(db: Executor, until: UtcDatetime) -> Affected:
    """Remove the entries made before a time; how many."""
    ...
