"""sqlite3's exceptions as errors of this library."""

import re
import sqlite3

from wave_data.engine.compiled import CompiledStatement
from wave_data.engine.errors import (
    Conflict,
    ConnectionFailed,
    InvalidValue,
    MissingReference,
    QueryError,
    QueryTimeout,
    SerializationFailure,
    WaveDataError,
)

LOCKED = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
"""The codes of a file that another connection has locked."""

_CONSTRAINT_DATATYPE = 3091
"""SQLITE_CONSTRAINT_DATATYPE, which Python 3.11 has no name for."""


def primary_code(error: sqlite3.Error) -> int:
    """SQLite's result code without what extends it, such as SQLITE_BUSY; 0 where the error is none of SQLite's."""
    code: int = getattr(error, "sqlite_errorcode", 0)
    return code & 255


def translate(error: Exception, statement: CompiledStatement | None) -> WaveDataError:
    """The error of ours for one that a statement met."""
    query = statement.query if statement is not None else "transaction"
    entity = statement.entity if statement is not None else None
    code: str = getattr(error, "sqlite_errorname", "")
    if getattr(error, "sqlite_errorcode", 0) == _CONSTRAINT_DATATYPE:
        return InvalidValue(f"{query}: a value does not fit its column: {error}", entity=entity)
    if code.startswith("SQLITE_CONSTRAINT"):
        return _constraint(code, str(error), query, entity)
    if code.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return SerializationFailure(f"{query}: the database is locked by another process", entity=entity)
    if code.startswith("SQLITE_INTERRUPT"):
        return QueryTimeout(f"{query}: the statement ran longer than its timeout", entity=entity)
    if code in ("SQLITE_TOOBIG", "SQLITE_MISMATCH", "SQLITE_RANGE") or isinstance(
        error, OverflowError | UnicodeError | sqlite3.DataError
    ):
        return InvalidValue(f"{query}: an argument does not fit its column: {error}", entity=entity)
    if code.startswith(("SQLITE_CANTOPEN", "SQLITE_NOTADB", "SQLITE_CORRUPT", "SQLITE_IOERR", "SQLITE_FULL")):
        return ConnectionFailed(f"{query}: the database file cannot be used: {error}", entity=entity)
    if isinstance(error, ValueError) and "closed" in str(error).lower():
        return ConnectionFailed(f"{query}: the connection is closed", entity=entity)
    place = f"{statement.place()}: " if statement is not None else ""
    return QueryError(f"{place}{query}: {error}{_remedy(str(error))}", entity=entity)


def open_error(error: sqlite3.Error, place: str) -> WaveDataError:
    """The error of ours for a file that could not be opened."""
    if getattr(error, "sqlite_errorname", "").startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return SerializationFailure(f"cannot open {place}: the database is locked by another process")
    return ConnectionFailed(f"cannot open {place}: {error}")


_UNIQUE = re.compile(r"UNIQUE constraint failed: (?P<columns>.+)")
_NAMED = re.compile(r"(?:CHECK constraint failed|UNIQUE constraint failed: index): '?(?P<name>\w+)'?")


def _constraint(code: str, message: str, query: str, entity: str | None) -> WaveDataError:
    match code:
        case "SQLITE_CONSTRAINT_UNIQUE" | "SQLITE_CONSTRAINT_PRIMARYKEY" | "SQLITE_CONSTRAINT_ROWID":
            name = _unique_name(message, primary=code == "SQLITE_CONSTRAINT_PRIMARYKEY")
            return Conflict(f"{query}: the unique key is taken{_subject(name)}", entity=entity, constraint=name)
        case "SQLITE_CONSTRAINT_FOREIGNKEY":
            return MissingReference(f"{query}: a referenced row is absent, or still refers to this one", entity=entity)
        case "SQLITE_CONSTRAINT_NOTNULL":
            column = message.rpartition(".")[2]
            return InvalidValue(f"{query}: the column takes no NULL ({column})", entity=entity)
        case "SQLITE_CONSTRAINT_CHECK":
            found = _NAMED.search(message)
            name = found["name"] if found else None
            return InvalidValue(f"{query}: a check refuses the value{_subject(name)}", entity=entity, constraint=name)
        case _:
            return QueryError(f"{query}: {message}", entity=entity)


def _subject(name: str | None) -> str:
    return f" ({name})" if name else ""


def _unique_name(message: str, *, primary: bool) -> str | None:
    """The name that a unique constraint has by the naming rule; SQLite tells its columns only."""
    found = _UNIQUE.fullmatch(message)
    if found is None:
        return None
    columns = [column.strip().partition(".") for column in found["columns"].split(",")]
    table = columns[0][0]
    return f"{table}_pkey" if primary else f"{table}_{'_'.join(name for _, _, name in columns)}_key"


def _remedy(message: str) -> str:
    missing = "no such table" in message or "no such column" in message or "no column named" in message
    return " (is the schema migrated? run `wave-data migrate up`)" if missing else ""
