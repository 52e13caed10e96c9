"""Short sessions with a PostgreSQL server for functions that block."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from wave_data.engine.errors import MigrationError
from wave_data.stores.settings import DatabaseUrl

if TYPE_CHECKING:
    import asyncpg

T = TypeVar("T")

_CONNECT_TIMEOUT = 30.0


class DatabaseMissing(MigrationError):
    """The server is there, the database is not."""


def administer(url: DatabaseUrl, work: "Callable[[asyncpg.Connection], Awaitable[T]]") -> T:
    """Open a connection, await `work` with it, close it, and return what `work` returned.

    It runs on an event loop in a thread of its own, so the caller may block inside a running loop as well.
    Raises DatabaseMissing or MigrationError when the database cannot be reached or refuses a statement.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="wave-data-administration") as thread:
        return thread.submit(asyncio.run, _session(url, work)).result()


def create_database(url: DatabaseUrl) -> None:
    """Create the database that the URL names; one that exists already is left as it is.

    Raises MigrationError when the server cannot be reached or the user may not create databases.
    """

    async def create(connection: "asyncpg.Connection") -> None:
        from asyncpg import DuplicateDatabaseError, UniqueViolationError

        # Two that create it at the same moment get either error.
        with suppress(DuplicateDatabaseError, UniqueViolationError):
            await connection.execute(f"CREATE DATABASE {_quoted(url.database)} TEMPLATE template0")

    administer(_maintenance(url), create)


def drop_database(url: DatabaseUrl) -> None:
    """Drop the database that the URL names and cut whoever is connected to it.

    Raises MigrationError when the server cannot be reached or the user may not drop the database.
    """

    async def drop(connection: "asyncpg.Connection") -> None:
        await connection.execute(f"DROP DATABASE IF EXISTS {_quoted(url.database)} WITH (FORCE)")

    administer(_maintenance(url), drop)


def _maintenance(url: DatabaseUrl) -> DatabaseUrl:
    return replace(url, database="postgres")


def _quoted(name: str | None) -> str:
    return '"' + (name or "").replace('"', '""') + '"'


async def _session(url: DatabaseUrl, work: "Callable[[asyncpg.Connection], Awaitable[T]]") -> T:
    import asyncpg  # here, so that a program on SQLite never loads it

    try:
        connection = await asyncpg.connect(url.dbmate, timeout=_CONNECT_TIMEOUT)
    except asyncpg.InvalidCatalogNameError as error:
        raise DatabaseMissing(f"{url.redacted}: the database does not exist") from error
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise MigrationError(f"cannot connect to {url.redacted}: {str(error) or type(error).__name__}") from error
    try:
        return await work(connection)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise MigrationError(f"{url.redacted}: {str(error) or type(error).__name__}") from error
    finally:
        await connection.close(timeout=_CONNECT_TIMEOUT)
