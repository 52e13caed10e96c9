"""Raw SQL, typed async functions, immutable records; on PostgreSQL and SQLite."""

from wave_data.engine import (
    Affected,
    Executor,
    Page,
    Record,
    load_queries,
    move,
    partial_update,
    query,
    transactional,
    transition,
)
from wave_data.engine.errors import (
    BackupError,
    BudgetExceeded,
    Conflict,
    ConnectionFailed,
    InvalidTransition,
    InvalidValue,
    MigrationError,
    MissingReference,
    NotFound,
    NotInitialised,
    OutcomeUnknown,
    PayloadTooLarge,
    PoolClosed,
    PoolTimeout,
    QueryError,
    QueryTimeout,
    RowMappingError,
    SerializationFailure,
    WaveDataError,
)
from wave_data.engine.types import UNSET, Default, NewId, Scale, Usd, UtcDatetime
from wave_data.package_data import DB

load_queries("wave_data.tables", "wave_data.flows", folder=DB / "queries", migrations=DB / "migrations")

from wave_data.flows import recovery, story_flow  # noqa: E402
from wave_data.lifecycle import connect  # noqa: E402
from wave_data.migrations import drop_all, migrate  # noqa: E402
from wave_data.stores.database import Database  # noqa: E402
from wave_data.stores.transaction import Connection, Transaction  # noqa: E402
from wave_data.tables import wave_checkpoints, wave_sessions, wave_story_executions  # noqa: E402

__all__ = [
    "UNSET",
    "Affected",
    "BackupError",
    "BudgetExceeded",
    "Conflict",
    "Connection",
    "ConnectionFailed",
    "Database",
    "Default",
    "Executor",
    "InvalidTransition",
    "InvalidValue",
    "MigrationError",
    "MissingReference",
    "NewId",
    "NotFound",
    "NotInitialised",
    "OutcomeUnknown",
    "Page",
    "PayloadTooLarge",
    "PoolClosed",
    "PoolTimeout",
    "QueryError",
    "QueryTimeout",
    "Record",
    "RowMappingError",
    "Scale",
    "SerializationFailure",
    "Transaction",
    "Usd",
    "UtcDatetime",
    "WaveDataError",
    "connect",
    "drop_all",
    "load_queries",
    "migrate",
    "move",
    "partial_update",
    "query",
    "recovery",
    "story_flow",
    "transactional",
    "transition",
    "wave_checkpoints",
    "wave_sessions",
    "wave_story_executions",
]
