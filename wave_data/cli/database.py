"""`wave-data init`, `reset`, `seed`, `stats` and `health`: a database as a whole."""

import asyncio
import os
from dataclasses import asdict, dataclass
from time import perf_counter
from typing import Annotated

import typer

from wave_data import backup as backups
from wave_data import migrations
from wave_data.cli.options import DatabaseUrlOption, JsonOption
from wave_data.cli.output import show
from wave_data.engine.errors import Conflict, InvalidValue, MigrationError, WaveDataError
from wave_data.lifecycle import connect
from wave_data.migrations import Migration
from wave_data.stores.settings import DatabaseUrl
from wave_data.stores.settings import database_url as parsed_url
from wave_data.stores.upkeep import Health
from wave_data.tables import zones

BackupFirstOption = Annotated[
    bool, typer.Option("--backup", help="Back up first, verify afterwards, and restore after a failure; SQLite.")
]
YesOption = Annotated[bool, typer.Option("--yes", help="Mean it: every table goes, with all its rows.")]
TimeoutOption = Annotated[float, typer.Option("--timeout", metavar="SECONDS", help="How long to wait for an answer.")]


@dataclass(frozen=True)
class _Stats:
    database: str
    dialect: str
    server_version: str | None
    schema_version: str | None
    tables: dict[str, int]


def init(
    database_url: DatabaseUrlOption = None, backup_first: BackupFirstOption = False, as_json: JsonOption = False
) -> None:
    """Apply every pending migration, and create the default zones that are absent; a missing database is created."""
    if backup_first:
        applied = list(asyncio.run(backups.migrate_with_backup(database_url)).applied)
    else:
        applied = migrations.migrate(database_url)
    seeded = asyncio.run(_seed(database_url))
    found = migrations.status(database_url)
    lines = [
        *([f"applied {migration}" for migration in applied] or ["nothing to apply"]),
        _told(seeded),
        f"{len(found.applied)} applied, {len(found.pending)} pending",
    ]
    result = {
        "applied": [_shown(migration) for migration in applied],
        "seeded": seeded,
        "status": {"applied": len(found.applied), "pending": len(found.pending), "unknown": list(found.unknown)},
    }
    show(result, lines, as_json=as_json)


def reset(database_url: DatabaseUrlOption = None, yes: YesOption = False, as_json: JsonOption = False) -> None:
    """Take every migration back, with all data, apply them again, and create the default zones.

    It refuses without --yes, and where WAVE_ENV is production.
    """
    if os.environ.get("WAVE_ENV", "").strip().lower() == "production":
        raise Conflict("WAVE_ENV is production: its database is not reset")
    if not yes:
        raise InvalidValue("reset removes every table with its rows: pass --yes to mean it")
    state = "nothing is known to have changed"
    try:
        dropped = migrations.drop_all(database_url, confirm=True)
        state = "the tables are gone, and were not made again"
        applied = migrations.migrate(database_url)
        state = "the tables are there, without the default zones"
        seeded = asyncio.run(_seed(database_url))
    except InvalidValue:
        raise
    except WaveDataError as error:
        raise MigrationError(f"reset failed, and {state}: {error}") from error
    lines = [f"took back {len(dropped)}, applied {len(applied)}", _told(seeded)]
    result = {
        "dropped": [_shown(migration) for migration in dropped],
        "applied": [_shown(migration) for migration in applied],
        "seeded": seeded,
    }
    show(result, lines, as_json=as_json)


def seed(database_url: DatabaseUrlOption = None, as_json: JsonOption = False) -> None:
    """Create the default zones that are absent; what is there stays as it is."""
    seeded = asyncio.run(_seed(database_url))
    show(seeded, [_told(seeded)], as_json=as_json)


def stats(database_url: DatabaseUrlOption = None, as_json: JsonOption = False) -> None:
    """Show the number of rows of each table, and the newest migration."""
    found = asyncio.run(_stats(database_url))
    width = max(map(len, found.tables), default=0)
    lines = [
        f"{found.database}: {found.dialect} {found.server_version}, schema {found.schema_version or 'empty'}",
        *(f"{name:{width}} {count:>12,}" for name, count in found.tables.items()),
    ]
    show(asdict(found), lines, as_json=as_json)


def health(database_url: DatabaseUrlOption = None, timeout: TimeoutOption = 2.0, as_json: JsonOption = False) -> None:
    """Ask whether the database answers; exit code 1 means that it does not."""
    found = asyncio.run(_health(parsed_url(database_url), timeout))
    answer = f"ok: {found.dialect} {found.server_version} answered in {found.latency * 1000:.1f} ms"
    show(asdict(found), [answer if found.ok else f"not healthy: {found.error}"], as_json=as_json)
    if not found.ok:
        raise typer.Exit(1)


async def _seed(url: str | None) -> dict[str, int]:
    _check_existence(parsed_url(url))
    async with connect(url) as database:
        seeded = await zones.seed_defaults(database)
    return {"created": seeded.created, "skipped": seeded.skipped, "total": seeded.total}


async def _stats(url: str | None) -> _Stats:
    _check_existence(parsed_url(url))
    found = migrations.status(url)
    versions = [*(migration.version for migration in found.applied), *found.unknown]
    async with connect(url, migrations=None) as database:
        version = (await database.health_check()).server_version
        counts = await database.table_counts()
        return _Stats(database.url.redacted, database.dialect, version, max(versions, default=None), counts)


async def _health(url: DatabaseUrl, timeout: float) -> Health:
    started = perf_counter()
    try:
        _check_existence(url)
        async with connect(
            url.dbmate, migrations=None, connect_retries=0, connect_timeout=timeout, acquire_timeout=timeout
        ) as database:
            return await database.health_check(timeout)
    except InvalidValue:
        raise
    except WaveDataError as error:
        return Health(False, perf_counter() - started, url.dialect, None, str(error))


def _check_existence(url: DatabaseUrl) -> None:
    """Raise what is wrong with a SQLite file that connecting would create."""
    if url.is_memory:
        raise InvalidValue("a :memory: database lives inside one process, out of this one's reach")
    if url.path is not None and not url.path.exists():
        raise MigrationError(f"{url.path} does not exist; wave-data init creates it")


def _told(seeded: dict[str, int]) -> str:
    return f"created {seeded['created']} of {seeded['total']} default zones"


def _shown(migration: Migration) -> dict[str, str]:
    return {"version": migration.version, "name": migration.name}
