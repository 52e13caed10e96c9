"""What can be done with the backups of a database."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from typing import TypeVar

from wave_data import migrations
from wave_data.backup.copying import Stopped, copy_database, inspect, replace
from wave_data.backup.files import (
    Backup,
    BackupFile,
    backups_in,
    check_limits,
    new_path,
    remove_old,
    stamp,
    taken_at,
    write_digest,
)
from wave_data.engine.errors import BackupError, InvalidValue, MigrationError, PoolTimeout, WaveDataError
from wave_data.engine.timestamps import to_utc
from wave_data.lifecycle import connect
from wave_data.migrations.files import Migration
from wave_data.migrations.lock import exclusively
from wave_data.stores.clock import system_clock
from wave_data.stores.database import Database
from wave_data.stores.finishing import to_the_end
from wave_data.stores.settings import DatabaseUrl, database_url
from wave_data.tables import zones

T = TypeVar("T")
Source = Database | str | None
Folder = Path | str | None

log = logging.getLogger("wave_data")

_PATIENCE = 10.0
"""Seconds that work in flight has to end before a failed migration is taken back."""


@dataclass(frozen=True)
class Restored:
    """The backup that is the database now, and where the file went that was the database before, if there was one."""

    backup: Backup
    set_aside: Path | None


@dataclass(frozen=True)
class MigratedWithBackup:
    """The backup taken before (None for a database that did not exist), and the migrations that were applied."""

    backup: Backup | None
    applied: tuple[Migration, ...]


class Kept:
    """A SQLite file and the folder of its backups. Raises BackupError for other databases."""

    def __init__(self, source: Source, directory: Folder = None) -> None:
        self.database = source if isinstance(source, Database) else None
        self.url: DatabaseUrl = source.url if isinstance(source, Database) else database_url(source)
        self.now: Callable[[], datetime] = source.now if isinstance(source, Database) else system_clock
        if self.url.dialect == "postgres":
            raise BackupError(
                "this is for SQLite; back PostgreSQL up with pg_dump, or with pg_basebackup and an archive of its WAL"
            )
        if self.url.path is None:
            raise BackupError("a database in memory has no file to back up or restore")
        # One file, one set of backups, whatever link leads to it.
        self.path = self.url.path.resolve()
        self.folder = self.path.parent / "backups" if directory is None else Path(directory)


async def backup(source: Source, directory: Folder = None) -> Backup | None:
    """Copy the database as it stands at one moment, while it is in use, to `<stem>-<UTC time>.db` in `directory`.

    Without a directory it is `backups` beside the file. Returns None for a file that does not exist yet. The copy is
    read from end to end before it gets its name. Raises BackupError when it cannot be made or is damaged, as it is
    when the database itself is.
    """
    kept = Kept(source, directory)
    stopped = Event()
    return await to_the_end(asyncio.to_thread(_back_up, kept, kept.now(), stopped.is_set), on_cancel=stopped.set)


async def verify_backup(path: Path | str) -> Backup:
    """Read a backup from end to end and tell what it holds.

    Raises BackupError when it is absent or damaged, breaks a foreign key, or is not what its `.sha256` says.
    """
    return await asyncio.to_thread(inspect, Path(path))


async def restore(source: Source, path: Path | str, timeout: float = 10.0) -> Restored:
    """Put a backup in the place of the database; the present file is set aside beside it.

    An open `Database` waits for its work in flight, closes its connections, and opens new ones to the restored file.
    Raises BackupError, and leaves the present file, when the backup is not usable, work is still in flight after
    `timeout` seconds, or another process has the database open.
    """
    kept = Kept(source)
    found = await verify_backup(path)
    return Restored(found, await _put_back(kept, found.path, timeout))


async def rollback(
    source: Source, at: datetime | None = None, directory: Folder = None, timeout: float = 10.0
) -> Restored:
    """Restore the newest backup that is usable; with `at`, the newest one that is not later.

    Raises BackupError when there is none and as `restore` does, InvalidValue for a naive time.
    """
    kept = Kept(source, directory)
    until = None if at is None else _moment(at)
    for file in await list_backups(source, directory):
        if until is None or file.taken_at <= until:
            try:
                found = await verify_backup(file.path)
            except BackupError as error:
                log.warning("passed over a backup: %s", error)
            else:
                return Restored(found, await _put_back(kept, found.path, timeout))
    raise BackupError(f"{kept.folder} has no usable backup of {kept.path.name}{'' if at is None else f' up to {at}'}")


async def list_backups(source: Source, directory: Folder = None) -> list[BackupFile]:
    """The backups of a database, newest first, by their names."""
    kept = Kept(source, directory)
    return await asyncio.to_thread(backups_in, kept.folder, kept.path.stem)


async def prune(
    source: Source, keep: int = 10, max_age: timedelta = timedelta(days=30), directory: Folder = None
) -> list[BackupFile]:
    """Remove the backups after the newest `keep` and those older than `max_age`, and return them.

    The newest one stays in any case. Raises InvalidValue for negative limits.
    """
    kept = Kept(source, directory)
    check_limits(keep, max_age)
    return await asyncio.to_thread(remove_old, kept.folder, kept.path.stem, keep, kept.now() - max_age)


async def migrate_with_backup(source: Source, *, folder: Folder = None, directory: Folder = None) -> MigratedWithBackup:
    """Back up, apply the pending migrations, seed the default zones, and verify the schema and the foreign keys.

    After any failure the database is restored to what it was, and the failure raised. Own migrations in `folder` bring
    no default zones.
    """
    kept = Kept(source, directory)
    before = await backup(source, directory)
    try:
        return MigratedWithBackup(before, await _migrate(kept, folder))
    except BaseException as failure:
        try:
            await _put_back(kept, None if before is None else before.path, _PATIENCE)
        except WaveDataError as error:
            raise BackupError(f"{failure}; and then the backup was not restored: {error}") from failure
        raise


def _moment(at: datetime) -> datetime:
    try:
        return to_utc(at)
    except (ValueError, AttributeError) as error:
        raise InvalidValue(f"at: {error}") from None


def _back_up(kept: Kept, moment: datetime, is_stopped: Callable[[], bool]) -> Backup | None:
    if not kept.path.exists():
        return None
    try:
        kept.folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BackupError(f"cannot make the folder {kept.folder}: {error.strerror}") from error
    path = new_path(kept.folder, kept.path.stem, moment)
    partial = path.with_name(f".{path.name}.partial")
    try:
        copy_database(kept.path, partial, is_stopped)
        copied = inspect(partial, is_stopped)
        if is_stopped():
            return None
        write_digest(path, copied.sha256)
        partial.replace(path)
    except Stopped:
        return None
    except OSError as error:
        raise BackupError(f"{path} cannot be written: {error.strerror}") from error
    finally:
        partial.unlink(missing_ok=True)
    return Backup(path, taken_at(path), copied.size, copied.sha256, copied.schema_version, copied.row_counts)


async def _put_back(kept: Kept, path: Path | None, timeout: float) -> Path | None:
    """Replace the database while nobody here has it open."""

    def work() -> Path | None:
        aside = kept.path.with_name(f"{kept.path.name}.replaced-{stamp(kept.now())}")
        return exclusively(kept.url, lambda _: replace(kept.path, path, aside))

    if kept.database is None:
        return await to_the_end(asyncio.to_thread(work))
    try:
        async with kept.database.paused(timeout):
            return await to_the_end(asyncio.to_thread(work))
    except PoolTimeout as error:
        raise BackupError(f"{kept.path} cannot be replaced: {error}") from error


async def _migrate(kept: Kept, folder: Folder) -> tuple[Migration, ...]:
    applied = await to_the_end(asyncio.to_thread(migrations.migrate, kept.url.dbmate, folder=folder))
    if kept.database is not None:
        await _seed_and_check(kept.database, folder)
    else:
        async with connect(kept.url.dbmate, migrations=None) as database:
            await _seed_and_check(database, folder)
    found = await asyncio.to_thread(migrations.verify, kept.url.dbmate, folder=folder)
    # What the migrations do not know may come from others, which may share the database.
    missing = [str(difference) for difference in found if difference.expected is not None]
    if missing:
        raise MigrationError(f"the schema is not the one that the migrations give: {'; '.join(missing)}")
    return tuple(applied)


async def _seed_and_check(database: Database, folder: Folder) -> None:
    if folder is None:
        await zones.seed_defaults(database)
    broken = await database.foreign_key_check()
    if broken:
        raise MigrationError(f"rows refer to others that are absent: {', '.join(key.constraint for key in broken)}")
