"""`wave-data backup`, `backups`, `restore` and `rollback`: a SQLite file and its copies."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from wave_data import backup as backups
from wave_data.backup import Backup, BackupFile, Restored
from wave_data.cli.options import DatabaseUrlOption, JsonOption
from wave_data.cli.output import show
from wave_data.engine.errors import BackupError, InvalidValue

DirectoryOption = Annotated[
    Path | None,
    typer.Option(
        "--directory",
        metavar="PATH",
        help="The folder of the backups. Without it: backups/ beside the database.",
        show_default=False,
    ),
]
KeepOption = Annotated[
    int | None,
    typer.Option(
        "--keep", metavar="NUMBER", min=0, help="Then remove older ones, up to this number.", show_default=False
    ),
]
MaxAgeOption = Annotated[
    int | None,
    typer.Option("--max-age", metavar="DAYS", min=0, help="Then remove those of more days.", show_default=False),
]
AtOption = Annotated[
    str | None,
    typer.Option(
        "--at",
        metavar="TIME",
        help="The newest backup up to this time, such as 2026-01-31T12:00Z.",
        show_default=False,
    ),
]


def backup(
    database_url: DatabaseUrlOption = None,
    directory: DirectoryOption = None,
    keep: KeepOption = None,
    max_age: MaxAgeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Copy a SQLite database while it is in use; --keep and --max-age remove old copies."""
    made, removed = asyncio.run(_back_up(database_url, directory, keep, max_age))
    lines = [f"{made.path}", f"{made.size} bytes, schema {made.schema_version}, {sum(made.row_counts.values())} rows"]
    lines += [f"removed {file.path}" for file in removed]
    show(_all_of(made) | {"removed": [str(file.path) for file in removed]}, lines, as_json=as_json)


def list_backups(
    database_url: DatabaseUrlOption = None, directory: DirectoryOption = None, as_json: JsonOption = False
) -> None:
    """List the backups, newest first."""
    found = asyncio.run(backups.list_backups(database_url, directory))
    lines = [f"{file.taken_at:%Y-%m-%d %H:%M:%S} {file.size:>14} {file.path}" for file in found] or ["no backups"]
    show([_file(file) for file in found], lines, as_json=as_json)


def restore(
    path: Annotated[Path, typer.Argument(help="The backup.", show_default=False)],
    database_url: DatabaseUrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put a backup in the place of the database, which no other process may have open."""
    _tell(asyncio.run(backups.restore(database_url, path)), as_json=as_json)


def rollback(
    database_url: DatabaseUrlOption = None,
    at: AtOption = None,
    directory: DirectoryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Restore the newest backup that is usable."""
    _tell(asyncio.run(backups.rollback(database_url, _moment(at), directory)), as_json=as_json)


async def _back_up(
    url: str | None, directory: Path | None, keep: int | None, max_age: int | None
) -> tuple[Backup, list[BackupFile]]:
    limits = {} if max_age is None else {"max_age": timedelta(days=max_age)}
    made = await backups.backup(url, directory)
    if made is None:
        raise BackupError("the database does not exist; there is nothing to back up")
    if keep is None and max_age is None:
        return made, []
    return made, await backups.prune(url, 10 if keep is None else keep, directory=directory, **limits)


def _moment(text: str | None) -> datetime | None:
    try:
        return None if text is None else datetime.fromisoformat(text)
    except ValueError:
        raise InvalidValue(f"--at {text!r} is no time; write it like 2026-01-31T12:00Z") from None


def _tell(restored: Restored, *, as_json: bool) -> None:
    aside = restored.set_aside
    lines = [f"restored {restored.backup.path}", *([] if aside is None else [f"the former file is {aside}"])]
    result = {"restored": _all_of(restored.backup), "set_aside": None if aside is None else str(aside)}
    show(result, lines, as_json=as_json)


def _all_of(made: Backup) -> dict[str, object]:
    return _file(made) | {
        "sha256": made.sha256,
        "schema_version": made.schema_version,
        "row_counts": dict(made.row_counts),
    }


def _file(file: BackupFile) -> dict[str, object]:
    return {"path": str(file.path), "taken_at": file.taken_at.isoformat(), "size": file.size}
