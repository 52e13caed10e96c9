"""asyncpg's exceptions as errors of this library."""

import asyncpg

from wave_data.engine.compiled import CompiledStatement
from wave_data.engine.errors import (
    Conflict,
    ConnectionFailed,
    InvalidValue,
    MissingReference,
    OutcomeUnknown,
    QueryError,
    QueryTimeout,
    SerializationFailure,
    WaveDataError,
)

_LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
)


def is_lost(error: BaseException) -> bool:
    """Whether the connection is gone."""
    if isinstance(error, asyncpg.InterfaceError):
        return "closed" in str(error)
    return isinstance(error, (OSError, asyncpg.InternalClientError, *_LOST))


def translate(error: Exception, statement: CompiledStatement | None, in_transaction: bool) -> WaveDataError:
    """The error of ours for one that a statement met."""
    query = statement.query if statement is not None else "transaction"
    entity = statement.entity if statement is not None else None
    if is_lost(error):
        return _lost(error, query, statement is None or statement.reads_only or in_transaction)
    if statement is not None and statement.has_secrets:
        _withhold_values(error)
    if isinstance(error, asyncpg.InvalidCachedStatementError):
        return SerializationFailure(
            f"{query}: the schema changed under a prepared statement; run the transaction again"
        )
    if isinstance(error, asyncpg.PostgresError):
        return _of_server(error, query, entity, statement)
    if isinstance(error, ValueError | TypeError | OverflowError):
        return InvalidValue(f"{query}: an argument does not fit its column: {_first_line(error)}", entity=entity)
    return QueryError(f"{query}: {_first_line(error)}", entity=entity)


def _withhold_values(error: Exception) -> None:
    """Take from a driver's error what it repeats of a row or an argument: the caller gets the error as the cause.

    The error itself is changed, for what is raised while it is handled keeps it as its context.
    """
    # What is wrong with the text of the statement may be told; what runs inside it, such as a trigger, has a context.
    is_about_text = str(getattr(error, "sqlstate", "")).startswith("42") and not getattr(error, "context", None)
    if not is_about_text:
        error.args = ("the message is withheld: the statement handles secrets",)
    error.__cause__ = error.__context__ = None
    for name in vars(error).keys() - _WITHOUT_VALUES:
        setattr(error, name, None)


_WITHOUT_VALUES = {
    "query",
    "position",
    "sqlstate",
    "severity",
    "schema_name",
    "table_name",
    "column_name",
    "constraint_name",
}
"""What a driver's error tells that holds no value."""


def _lost(error: Exception, query: str, nothing_done: bool) -> WaveDataError:
    # asyncpg says so before it sends anything: the connection was closed, or the server had ended it meanwhile.
    never_sent = isinstance(error, asyncpg.InterfaceError | asyncpg.InternalClientError)
    if nothing_done or never_sent:
        return ConnectionFailed(f"{query}: the connection to PostgreSQL was lost")
    return OutcomeUnknown(f"{query}: the connection to PostgreSQL was lost while the write was in flight")


def _of_server(
    error: asyncpg.PostgresError, query: str, entity: str | None, statement: CompiledStatement | None
) -> WaveDataError:
    code: str = error.sqlstate or ""
    name: str | None = getattr(error, "constraint_name", None) or None
    found = _KINDS.get(code) or _CLASSES.get(code[:2])
    if found is not None:
        kind, wording = found
        subject = name or getattr(error, "column_name", None) or ""
        return kind(f"{query}: {wording}{f' ({subject})' if subject else ''}", entity=entity, constraint=name)
    place = ""
    position = getattr(error, "position", None)
    if statement is not None:
        place = f"{statement.place(int(position) - 1 if position else None)}: "
    return QueryError(f"{place}{query}: {_first_line(error)}{_remedy(code)}", entity=entity)


_KINDS: dict[str, tuple[type[WaveDataError], str]] = {
    "23505": (Conflict, "the unique key is taken"),
    "23P01": (Conflict, "another row excludes this one"),
    "23503": (MissingReference, "a referenced row is absent, or still refers to this one"),
    "23514": (InvalidValue, "a check refuses the value"),
    "23502": (InvalidValue, "the column takes no NULL"),
    "40001": (SerializationFailure, "another transaction changed the same rows"),
    "40P01": (SerializationFailure, "a deadlock with another transaction"),
    "55P03": (SerializationFailure, "a lock was not to be had in time"),
    "57014": (QueryTimeout, "the statement ran longer than its timeout"),
    "53300": (ConnectionFailed, "the server has no connection left"),
}
_CLASSES: dict[str, tuple[type[WaveDataError], str]] = {
    "22": (InvalidValue, "a value does not fit its column or operation"),
    "08": (ConnectionFailed, "the connection to PostgreSQL was lost"),
}


def _remedy(code: str) -> str:
    return " (is the schema migrated? run `wave-data migrate up`)" if code in ("42P01", "42703", "42883") else ""


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]


def connect_error(error: Exception, place: str) -> ConnectionFailed:
    """The error of ours for a connection that could not be opened; `place` is the URL without its password."""
    if isinstance(error, asyncpg.InvalidPasswordError | asyncpg.InvalidAuthorizationSpecificationError):
        reason = "the server refused the user or the password"
    elif isinstance(error, asyncpg.InvalidCatalogNameError):
        reason = "the server has no database of this name"
    elif isinstance(error, asyncpg.TooManyConnectionsError):
        reason = "the server has no connection left; close some, or raise its max_connections"
    elif isinstance(error, TimeoutError):
        reason = "the server did not answer in time"
    elif isinstance(error, OSError):
        reason = f"no server answers there ({error.strerror or type(error).__name__})"
    else:
        reason = _first_line(error) if isinstance(error, asyncpg.PostgresError) else type(error).__name__
    return ConnectionFailed(f"cannot connect to {place}: {reason}")
