"""Backup files: their names, what is known of each, and which are too many. Everything here blocks."""

import hashlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from wave_data.engine.errors import BackupError, InvalidValue

_TIME = "%Y%m%dT%H%M%S%fZ"
_NAME = re.compile(r"(?P<stem>.+)-(?P<time>\d{8}T\d{12}Z)\.db")
_DIGEST = re.compile(r"(?P<digest>[0-9a-f]{64}) [ *](?P<name>.+)\n?")


@dataclass(frozen=True)
class BackupFile:
    """A backup in its folder; `size` is in bytes."""

    path: Path
    taken_at: datetime
    size: int


@dataclass(frozen=True)
class Backup(BackupFile):
    """A backup that was read from end to end; `row_counts` are by table, `schema_version` is its newest migration."""

    sha256: str
    schema_version: str | None
    row_counts: Mapping[str, int]


def stamp(moment: datetime) -> str:
    """A moment as it stands in file names: sorted by name is sorted by time."""
    return moment.astimezone(UTC).strftime(_TIME)


def new_path(folder: Path, stem: str, moment: datetime) -> Path:
    """The path of a backup taken at a moment, or of the first microsecond after it that is free."""
    while (path := folder / f"{stem}-{stamp(moment)}.db").exists():
        moment += timedelta(microseconds=1)
    return path


def backups_in(folder: Path, stem: str) -> list[BackupFile]:
    """The backups of the database of this stem, newest first; none when there is no such folder."""
    found: list[BackupFile] = []
    for path in folder.glob("*.db"):
        match = _NAME.fullmatch(path.name)
        if match is not None and match["stem"] == stem:
            found.append(BackupFile(path, taken_at(path), path.stat().st_size))
    return sorted(found, key=lambda file: file.taken_at, reverse=True)


def taken_at(path: Path) -> datetime:
    """When a backup was taken, by its name, or else by its file's time."""
    match = _NAME.fullmatch(path.name)
    if match is not None:
        return datetime.strptime(match["time"], _TIME).replace(tzinfo=UTC)
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def check_limits(keep: int, max_age: timedelta) -> None:
    """Raise InvalidValue for limits that no backup can keep to."""
    if keep < 0 or max_age < timedelta(0):
        raise InvalidValue(f"keep={keep} and max_age={max_age} must not be negative")


def remove_old(folder: Path, stem: str, keep: int, oldest: datetime) -> list[BackupFile]:
    """Remove the backups after the newest `keep`, and those from before `oldest`, but never the newest one."""
    removed = [
        file
        for place, file in enumerate(backups_in(folder, stem))
        if place and (place >= keep or file.taken_at < oldest)
    ]
    for file in removed:
        file.path.unlink(missing_ok=True)
        digest_path(file.path).unlink(missing_ok=True)
    return removed


def digest_path(path: Path) -> Path:
    """The file beside a backup that holds its checksum, as `sha256sum --check` reads it."""
    return path.with_name(path.name + ".sha256")


def write_digest(path: Path, digest: str) -> None:
    """Note the checksum of a backup beside it."""
    digest_path(path).write_text(f"{digest}  {path.name}\n", encoding="utf-8")


def check_digest(path: Path, digest: str) -> None:
    """Hold a checksum against the one noted beside the backup, if there is one. Raises BackupError."""
    noted = digest_path(path)
    if noted.exists():
        match = _DIGEST.fullmatch(noted.read_text(encoding="utf-8", errors="replace"))
        if match is None or match["digest"] != digest:
            raise BackupError(f"{path} has another checksum than {noted.name} says: it was changed or damaged")


def digest_of(path: Path) -> str:
    """The SHA-256 checksum of a file, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sync(path: Path) -> None:
    """Have a file, or the names in a folder, written to the disk itself."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
