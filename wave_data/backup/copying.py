"""SQLite files copied, read and put in each other's place. Everything here blocks."""

import shutil
import sqlite3
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from pathlib import Path

from wave_data.backup.files import Backup, check_digest, digest_of, sync, taken_at
from wave_data.engine.errors import BackupError
from wave_data.stores.sqlite_errors import LOCKED, primary_code
from wave_data.stores.upkeep import quoted

PAGES = 1024
"""Pages that are copied at a stretch: some megabytes."""
STEPS = 100_000
"""Instructions of SQLite between two looks at whether somebody waits: some milliseconds."""

_TABLES = r"""
SELECT name FROM sqlite_schema
WHERE type = 'table' AND name NOT LIKE 'sqlite\_%' ESCAPE '\'
ORDER BY name
"""
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class Stopped(Exception):
    """Nobody waits for the copy any more."""


def copy_database(source: Path, target: Path, is_stopped: Callable[[], bool]) -> None:
    """Copy a database that may be in use to a new file, as it stands at one moment, its WAL included.

    Raises BackupError, and Stopped soon after `is_stopped` turns true.
    """

    def check(status: int, remaining: int, total: int) -> None:
        if is_stopped():
            raise Stopped

    with _errors(f"{source} cannot be copied"):
        with _opened(source, "rw") as origin, closing(sqlite3.connect(target, isolation_level=None)) as copy:
            # Held for all steps: a copy that lets go between them would begin again after each write of others.
            origin.execute("BEGIN")
            origin.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            origin.backup(copy, pages=PAGES, progress=check)
            # The backup is one file by itself; whoever opens it needs no WAL.
            copy.execute("PRAGMA journal_mode = DELETE")
        sync(target)


def inspect(path: Path, is_stopped: Callable[[], bool] = lambda: False) -> Backup:
    """Read a backup from end to end.

    Raises BackupError for one that is absent, damaged or breaks a foreign key, and Stopped as copy_database does.
    """
    if not path.is_file():
        raise BackupError(f"there is no backup {path}")
    beside = path.with_name(path.name + "-wal")
    if beside.exists() and beside.stat().st_size:
        raise BackupError(f"{path} is no usable backup: it is a database in use, with newer changes in {beside.name}")
    with _errors(f"{path} is no usable backup"):
        digest = digest_of(path)
        check_digest(path, digest)
        with _opened(path, "ro&immutable=1") as raw:
            raw.set_progress_handler(is_stopped, STEPS)
            _refuse_problems(path, [line for (line,) in raw.execute("PRAGMA integrity_check")])
            broken = {
                f"a row of {child} refers to one of {parent} that is absent" for child, _, parent, _ in _broken(raw)
            }
            _refuse_problems(path, sorted(broken) or ["ok"])
            tables = [name for (name,) in raw.execute(_TABLES)]
            version = None
            if "schema_migrations" in tables:
                tables.remove("schema_migrations")
                ((version,),) = raw.execute("SELECT max(version) FROM schema_migrations")
            counts = {name: raw.execute(f"SELECT count(*) FROM {quoted(name)}").fetchone()[0] for name in tables}
        return Backup(path, taken_at(path), path.stat().st_size, digest, version, counts)


def replace(path: Path, backup: Path | None, set_aside: Path) -> Path | None:
    """Put a backup in the place of a database that nobody has open; with None leave the place empty.

    Returns where the former file went, None when there was none. Raises BackupError, and then nothing has changed.
    """
    if backup is not None and path.exists() and path.samefile(backup):
        raise BackupError(f"{backup} is the database itself")
    with _errors(f"{path} cannot be replaced"):
        path.parent.mkdir(parents=True, exist_ok=True)
        arriving = path.with_name(f".{path.name}.restoring")
        try:
            if backup is not None:
                shutil.copyfile(backup, arriving)
                sync(arriving)
            former = _set_aside(path, set_aside)
            if backup is not None:
                arriving.replace(path)
            else:
                path.unlink(missing_ok=True)
            sync(path.parent)
        finally:
            arriving.unlink(missing_ok=True)
        return former


def _set_aside(path: Path, place: Path) -> Path | None:
    """Give the file a second name, and take away what stands beside it: the WAL of one file would ruin another."""
    if path.exists():
        _settle(path)
    for suffix in ("-wal", "-journal"):
        beside = path.with_name(path.name + suffix)
        if beside.exists():
            beside.rename(place.with_name(place.name + suffix))
    path.with_name(path.name + "-shm").unlink(missing_ok=True)
    if not path.exists():
        return None
    try:
        place.hardlink_to(path)
    except OSError:  # a file system without links
        shutil.copy2(path, place)
    return place


def _settle(path: Path) -> None:
    """Take the WAL into the file. Raises BackupError when another connection is open, which SQLite tells just here."""
    try:
        with _opened(path, "rw") as raw:
            raw.execute("PRAGMA busy_timeout = 0")
            raw.execute("PRAGMA journal_mode = DELETE").fetchone()
    except sqlite3.Error as error:
        code = primary_code(error)
        if code in LOCKED:
            raise BackupError(f"{path} is open in another process, which would go on with the former file") from error
        if code not in _DAMAGED:
            raise


def _broken(raw: sqlite3.Connection) -> list[tuple[str, int, str, int]]:
    return raw.execute("PRAGMA foreign_key_check").fetchall()


def _refuse_problems(path: Path, found: list[str]) -> None:
    if found != ["ok"]:
        more = f" (and {len(found) - 3} more)" if len(found) > 3 else ""
        raise BackupError(f"{path} is no usable backup: {'; '.join(found[:3])}{more}")


@contextmanager
def _opened(path: Path, mode: str) -> Generator[sqlite3.Connection]:
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    with closing(sqlite3.connect(uri, uri=True, isolation_level=None)) as raw:
        yield raw


@contextmanager
def _errors(what: str) -> Generator[None]:
    """Say in an error of this library what went wrong."""
    try:
        yield
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT:
            raise Stopped from error
        raise BackupError(f"{what}: {error}") from error
    except OSError as error:
        raise BackupError(f"{what}: {error}") from error
