"""A pytest plugin: each test on SQLite, in a file and in memory, and on a real PostgreSQL server.

Switch it on in the top-level conftest.py with `pytest_plugins = ["wave_data.testing.plugin"]`. A test that
takes `db` then runs once on each store, every time on a migrated database of its own. Override
`migrations_folder` to test with migrations of your own, `store` to choose the stores.
"""

import shutil
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal, Protocol
from urllib.parse import quote

import pytest
import pytest_asyncio

from wave_data import Database, connect, migrate
from wave_data.package_data import MIGRATIONS
from wave_data.servers.databases import temporary_database
from wave_data.servers.errors import ServerUnavailable
from wave_data.servers.folders import temporary_folder
from wave_data.servers.postgres import PostgresServer, postgres_server
from wave_data.testing.clock import FixedClock

Store = Literal["sqlite-file", "sqlite-memory", "postgres"]

_SERVER = pytest.StashKey[PostgresServer]()
_NO_SERVER = pytest.StashKey[str]()


class ConnectStore(Protocol):
    """Opens the test's database with options of `connect`, and closes it after the test."""

    async def __call__(self, **options: Any) -> Database:
        """Open one more `Database` on the same URL; in memory, that is one more database."""
        ...


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Have a server before the report's header names it; the workers of pytest-xdist share it."""
    config = session.config
    if config.option.collectonly:
        return
    workerinput: dict[str, Any] | None = getattr(config, "workerinput", None)
    stack = ExitStack()
    config.add_cleanup(stack.close)
    try:
        if workerinput is None:
            config.stash[_SERVER] = stack.enter_context(postgres_server())
        elif workerinput["wave_data_server"]:
            config.stash[_SERVER] = PostgresServer(**workerinput["wave_data_server"])
        else:
            config.stash[_NO_SERVER] = workerinput["wave_data_no_server"]
    except ServerUnavailable as error:
        config.stash[_NO_SERVER] = str(error)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of pytest-xdist about the server."""
    server = node.config.stash.get(_SERVER, None)
    node.workerinput["wave_data_server"] = server and asdict(server)
    node.workerinput["wave_data_no_server"] = node.config.stash.get(_NO_SERVER, None)


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say which stores the tests run on, and where the server came from."""
    server = config.stash.get(_SERVER, None) or config.stash.get(_NO_SERVER, None)
    return [f"stores: SQLite {sqlite3.sqlite_version} (file, memory)", f"stores: {server}"] if server else []


@pytest.fixture(scope="session")
def postgres_url(pytestconfig: pytest.Config) -> str:
    """The URL of the server's maintenance database. It fails, and never skips, where there is no server."""
    server = pytestconfig.stash.get(_SERVER, None)
    if server is None:
        pytest.fail(pytestconfig.stash.get(_NO_SERVER, "no PostgreSQL server was started"), pytrace=False)
    return server.url


@pytest.fixture
def empty_postgres_url(postgres_url: str) -> Iterator[str]:
    """The URL of a new, empty database."""
    with temporary_database(postgres_url) as url:
        yield url


@pytest.fixture(scope="session")
def migrations_folder() -> Path:
    """The folder with postgres/ and sqlite/ that makes the schema: the library's own, unless overridden."""
    return MIGRATIONS


@pytest.fixture(scope="session")
def postgres_template(postgres_url: str, migrations_folder: Path) -> Iterator[str]:
    """The URL of the migrated PostgreSQL database that tests get copies of; nobody may connect to it."""
    with temporary_database(postgres_url) as url:
        migrate(url, folder=migrations_folder)
        yield url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory, migrations_folder: Path) -> Path:
    """The migrated SQLite file that tests get copies of."""
    path = tmp_path_factory.mktemp("sqlite-template") / "template.db"
    migrate(f"sqlite:{quote(str(path))}", folder=migrations_folder)
    return path


@pytest.fixture(params=["sqlite-file", "sqlite-memory", "postgres"])
def store(request: pytest.FixtureRequest) -> Store:
    """The store that the test runs on, one after the other."""
    name: Store = request.param
    return name


@pytest.fixture
def database_url(store: Store, request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a migrated, empty database on the store, for this test alone."""
    match store:
        case "sqlite-memory":
            yield "sqlite::memory:"
        case "sqlite-file":
            with temporary_folder() as folder:
                path = shutil.copy(request.getfixturevalue("sqlite_template"), f"{folder}/wave.db")
                yield f"sqlite:{quote(path)}"
        case "postgres":
            server_url = request.getfixturevalue("postgres_url")
            with temporary_database(server_url, request.getfixturevalue("postgres_template")) as url:
                yield url


@pytest_asyncio.fixture
async def connect_store(database_url: str, migrations_folder: Path) -> AsyncIterator[ConnectStore]:
    """A function that opens the test's database with options: `await connect_store(clock=clock)`."""
    async with AsyncExitStack() as opened:

        async def open_database(**options: Any) -> Database:
            chosen: dict[str, Any] = {"migrations": migrations_folder, **options}
            return await opened.enter_async_context(connect(database_url, **chosen))

        yield open_database


@pytest_asyncio.fixture
async def db(connect_store: ConnectStore) -> Database:
    """The test's database, open."""
    return await connect_store()


@pytest.fixture
def clock() -> FixedClock:
    """A clock that stands still until the test moves it, for `connect_store(clock=clock)`."""
    return FixedClock()
