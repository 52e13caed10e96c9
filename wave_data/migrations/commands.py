"""What can be done with the migrations of a database; every function blocks."""

import secrets
import sqlite3
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from wave_data.administration import DatabaseMissing, administer, create_database, drop_database
from wave_data.engine.errors import InvalidValue, MigrationError
from wave_data.migrations.dbmate import Command, run_dbmate
from wave_data.migrations.files import (
    Migration,
    create_files,
    migrations_folder,
    migrations_of,
    required_versions,
)
from wave_data.migrations.lock import exclusively
from wave_data.stores.settings import DatabaseUrl, database_url

if TYPE_CHECKING:
    from asyncpg import Connection

    from wave_data.schema import Difference

Folder = Path | str | None


@dataclass(frozen=True)
class MigrationStatus:
    """Which migrations a database has, oldest first.

    `applied` and `pending` are those of the folder; `unknown` are versions of the database that it lacks.
    """

    applied: tuple[Migration, ...]
    pending: tuple[Migration, ...]
    unknown: tuple[str, ...]

    @property
    def is_current(self) -> bool:
        """True when nothing is pending."""
        return not self.pending


def migrate(url: str | None = None, *, folder: Folder = None) -> list[Migration]:
    """Apply every pending migration, oldest first, and return them; a missing database is created.

    `folder` holds postgres/ and sqlite/; None means the library's own migrations.

    Raises MigrationError naming the file that failed: nothing of it remains, those before it stay applied.
    InvalidValue for a wrong URL.
    """
    target = _target(url)
    try:
        return _run("up", target, folder)
    except DatabaseMissing:
        create_database(target)
        return _run("up", target, folder)


def rollback(url: str | None = None, *, folder: Folder = None) -> Migration:
    """Take back the newest applied migration and return it.

    Raises MigrationError when none is applied or the way back failed, InvalidValue for a wrong URL.
    """
    target = _existing(url)
    return _run("rollback", target, folder)[0]


def drop_all(url: str | None = None, *, confirm: bool = False, folder: Folder = None) -> list[Migration]:
    """Take back every applied migration, newest first, with all data, and return them.

    Raises InvalidValue without `confirm=True` and for a wrong URL, MigrationError when a way back failed.
    """
    if confirm is not True:
        raise InvalidValue("drop_all removes every table with its data: call it with confirm=True to mean it")
    target = _target(url)
    known = set(required_versions(target.dialect, folder))
    if not known & _applied_versions(target):
        return []
    return _run("rollback", target, folder, times=lambda: len(known & _applied_versions(target)))


def status(url: str | None = None, *, folder: Folder = None) -> MigrationStatus:
    """Compare the versions in the database with the files; a database that does not exist has none.

    Raises MigrationError when the database cannot be reached, InvalidValue for a wrong URL.
    """
    target = _target(url)
    known = migrations_of(target.dialect, folder)
    versions = _applied_versions(target)
    return MigrationStatus(
        applied=tuple(migration for migration in known if migration.version in versions),
        pending=tuple(migration for migration in known if migration.version not in versions),
        unknown=tuple(sorted(versions - {migration.version for migration in known})),
    )


def new(name: str, *, folder: Folder = None) -> list[Path]:
    """Write an empty migration for each store, with one new version, and return the paths.

    Raises InvalidValue for a name other than lower-case words joined by `_`.
    """
    return create_files(name, folder)


def verify(url: str | None = None, *, folder: Folder = None) -> "list[Difference]":
    """Every difference between the live schema and the one that the migrations give; empty when they agree.

    The latter is made for the purpose: in a temporary file, or in a temporary database on the same server,
    which the user must be allowed to create. Raises MigrationError when a database cannot be reached or made.
    """
    from wave_data.schema import Difference, differences, read_schema  # here, since connect needs none of it

    target = _existing(url)
    pending = [Difference(f"migration {m}", "applied", "pending") for m in status(url, folder=folder).pending]
    with _throw_away(target) as model:
        _run("up", model, folder)
        return pending + differences(read_schema(model), read_schema(target))


def _applied_versions(target: DatabaseUrl) -> set[str]:
    """The versions that dbmate recorded in the database; none when there is no database."""
    if target.path is not None:
        return _applied_in_file(target.path)

    async def read(connection: "Connection") -> set[str]:
        if await connection.fetchval("SELECT to_regclass('schema_migrations')") is None:
            return set()
        return {row["version"] for row in await connection.fetch("SELECT version FROM schema_migrations")}

    try:
        return administer(target, read)
    except DatabaseMissing:
        return set()


def _applied_in_file(path: Path) -> set[str]:
    if not path.exists():
        return set()
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            if not connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'schema_migrations'").fetchone():
                return set()
            return {version for (version,) in connection.execute("SELECT version FROM schema_migrations")}
    except sqlite3.Error as error:
        raise MigrationError(f"{path}: {error}") from error


def _run(
    command: Command, target: DatabaseUrl, folder: Folder, times: Callable[[], int] = lambda: 1
) -> list[Migration]:
    files = migrations_folder(target.dialect, folder)
    by_file = {migration.file_name: migration for migration in migrations_of(target.dialect, folder)}

    def run(encrypted: bool | None) -> list[str]:
        # How often is counted under the lock, when no other migrator can change it.
        steps = [run_dbmate(command, target, files, encrypted=encrypted) for _ in range(times())]
        return [file for step in steps for file in step]

    return [by_file[file] for file in exclusively(target, run)]


def _target(url: str | None) -> DatabaseUrl:
    target = database_url(url)
    if target.is_memory:
        raise InvalidValue(
            "a :memory: database lives inside its connection, out of dbmate's reach: connect migrates it"
        )
    if "?" in str(target.path or ""):
        raise InvalidValue(f"{target.path}: dbmate takes what follows the question mark for options; rename the path")
    return target


def _existing(url: str | None) -> DatabaseUrl:
    target = _target(url)
    if target.path is not None and not target.path.exists():
        raise MigrationError(f"{target.path} does not exist; migrate creates it")
    return target


@contextmanager
def _throw_away(target: DatabaseUrl) -> Generator[DatabaseUrl, None, None]:
    if target.dialect == "sqlite":
        with TemporaryDirectory(prefix="wave-data-verify-") as directory:
            yield DatabaseUrl("sqlite", path=Path(directory) / "model.db")
        return
    model = replace(target, database=f"wave_data_verify_{secrets.token_hex(8)}")
    create_database(model)
    try:
        yield model
    finally:
        drop_database(model)
