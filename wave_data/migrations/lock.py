"""One migrator at a time: dbmate's own lock knows PostgreSQL only, and is off unless asked for."""

import asyncio
import fcntl
import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from wave_data.administration import administer
from wave_data.engine.errors import MigrationError
from wave_data.stores.settings import DatabaseUrl

if TYPE_CHECKING:
    from asyncpg import Connection

T = TypeVar("T")

_ADVISORY_KEY = 0x776176655F646174  # "wave_dat" in ASCII: one number for all releases
_POLL_SECONDS = 0.1


def exclusively(url: DatabaseUrl, work: Callable[[bool | None], T]) -> T:
    """Run `work` while no other migrator works on the database, and return what it returned.

    `work` is told whether the server speaks TLS; None for SQLite. Raises MigrationError when the database
    cannot be reached.
    """
    if url.path is not None:
        path = url.path.resolve()  # one file, one lock, whatever link leads to it
        with _file_lock(path.with_name(path.name + ".migrating")):
            return work(None)

    async def run(connection: "Connection") -> T:
        await connection.execute("SET statement_timeout = 0; SET idle_session_timeout = 0")
        await _take_advisory_lock(connection)
        encrypted = await connection.fetchval("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
        return await asyncio.to_thread(work, bool(encrypted))

    return administer(url, run)


async def _take_advisory_lock(connection: "Connection") -> None:
    # Trying again instead of waiting: a waiting statement holds a snapshot, for which a CREATE INDEX
    # CONCURRENTLY of the other migrator would wait in turn.
    while True:
        if await connection.fetchval("SELECT pg_try_advisory_lock($1)", _ADVISORY_KEY):
            return
        await asyncio.sleep(_POLL_SECONDS)


@contextmanager
def _file_lock(path: Path) -> Generator[None, None, None]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = _locked(path)
    except OSError as error:
        raise MigrationError(f"{path}: the lock of the migrations cannot be taken: {error.strerror}") from error
    try:
        yield
    finally:
        # Removed while it is still locked, so that nobody's fresh lock is removed.
        path.unlink(missing_ok=True)
        os.close(descriptor)


def _locked(path: Path) -> int:
    while True:
        descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o644)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if path.exists() and os.path.samestat(os.fstat(descriptor), path.stat()):
            return descriptor
        os.close(descriptor)  # its last holder removed the file that was waited for
