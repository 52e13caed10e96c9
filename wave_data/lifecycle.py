"""Opening a database."""

from collections.abc import Awaitable, Callable, Generator
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from pydantic import ValidationError

from wave_data.engine import SecretCodec
from wave_data.engine.auditing import Auditor
from wave_data.engine.errors import InvalidValue, MigrationError, QueryError, WaveDataError
from wave_data.engine.modules import query_modules
from wave_data.migrations.files import migrations_of
from wave_data.package_data import MIGRATIONS
from wave_data.stores.cache import CacheBackend, MemoryCache, ResultCache
from wave_data.stores.database import Database
from wave_data.stores.observing import Observation
from wave_data.stores.settings import DatabaseUrl, Options, database_url
from wave_data.stores.store import Store
from wave_data.tables import audit, schema_migrations


class Connecting(Awaitable[Database]):
    """A database about to be opened: await it, or enter it with `async with`, which closes it at the end."""

    def __init__(self, open_database: Callable[[], Any]) -> None:
        self._open_database = open_database
        self._database: Database | None = None

    def __await__(self) -> Generator[Any, Any, Database]:
        opened: Generator[Any, Any, Database] = self._open_database().__await__()
        return opened

    async def __aenter__(self) -> Database:
        self._database = await self
        return self._database

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._database is not None:
            await self._database.close()


def connect(
    url: str | None = None,
    *,
    clock: Callable[[], datetime] | None = None,
    migrations: Path | None = MIGRATIONS,
    secret_codec: SecretCodec | None = None,
    cache_backend: CacheBackend | None = None,
    **options: Any,
) -> Connecting:
    """Open a database: `async with connect(url) as db`, or `db = await connect(url)` and `await db.close()`.

    Without a URL, DATABASE_URL and then POSTGRES_HOST, _PORT, _DB, _USER and _PASSWORD say where it is. `clock`
    replaces the database's clock, for tests. `migrations` is the folder whose versions the schema must have, None for
    no such check; a database in memory is migrated from it. `secret_codec` is how secrets are kept in the database.
    `cache_backend` keeps the entries of the option `cache` instead of this process's memory. The options are the fields
    of Options.

    Raises InvalidValue for a malformed URL or option, TypeError for an unknown one, ConnectionFailed, and
    MigrationError naming the missing versions when the schema is behind.
    """
    unknown = set(options) - set(Options.model_fields)
    if unknown:
        raise TypeError(
            f"connect() has no option {', '.join(sorted(unknown))}; the options are "
            f"{', '.join(sorted(Options.model_fields))}"
        )
    address = database_url(url)
    try:
        chosen = Options(**options)
    except ValidationError as error:
        wrong = error.errors(include_input=False)[0]
        raise InvalidValue(f"option {'.'.join(map(str, wrong['loc']))}: {wrong['msg']}") from None
    return Connecting(lambda: _open(address, chosen, clock, migrations, secret_codec, cache_backend))


async def _open(
    url: DatabaseUrl,
    options: Options,
    clock: Callable[[], datetime] | None,
    migrations: Path | None,
    secret_codec: SecretCodec | None,
    cache_backend: CacheBackend | None,
) -> Database:
    database = Database(_open_store(url, options), options, clock, secret_codec)
    try:
        if migrations is None:
            await database.ping()
        elif url.is_memory:
            await database.run_script("\n".join(_scripts(migrations)))
        else:
            await _check_schema(database, url, migrations)
        await _observe(database, options, cache_backend)
    except BaseException:
        await database.close()
        raise
    return database


async def _observe(database: Database, options: Options, cache_backend: CacheBackend | None) -> None:
    """Set up the audit log and the cache, where they are on."""
    auditor = cache = None
    if options.audit:
        auditor = Auditor(audit.record, lambda: database.current_actor)
    if options.cache:
        backend = MemoryCache(options.cache_size) if cache_backend is None else cache_backend
        cache = ResultCache(backend, options.cache_ttl, await database.references())
    if auditor is not None or cache is not None:
        database.observe(Observation(auditor, cache))


def _open_store(url: DatabaseUrl, options: Options) -> Store:
    # A driver is imported when it is first needed: a program on SQLite never loads asyncpg, nor the other way round.
    if url.dialect == "postgres":
        from wave_data.stores.postgres import open_postgres

        return open_postgres(url, options)
    from wave_data.stores.sqlite import open_sqlite

    return open_sqlite(url, options)


def _scripts(migrations: Path) -> Generator[str, None, None]:
    """What dbmate does to an empty SQLite database."""
    yield "CREATE TABLE schema_migrations (version varchar(128) PRIMARY KEY);"
    for migration in migrations_of("sqlite", migrations):
        yield f"BEGIN; {migration.up}; INSERT INTO schema_migrations VALUES ('{migration.version}'); COMMIT;"


async def _check_schema(database: Database, url: DatabaseUrl, migrations: Path) -> None:
    """Hold the versions of the schema against those of the code."""
    try:
        applied: set[str] = set(await schema_migrations.list_versions(database))
    except QueryError as error:
        if not _is_absent_table(error.__cause__):
            raise
        applied = set()
    known = migrations_of(url.dialect, migrations)
    missing = [f"{migration.version} ({migration.name})" for migration in known if migration.version not in applied]
    if missing:
        raise MigrationError(
            f"the schema of {url.redacted} is behind the code; missing: {', '.join(missing)};"
            " run `wave-data migrate up` (or `make migrate`)"
        )
    if applied - {migration.version for migration in known}:
        await _check_queries(database, url, migrations)


def _is_absent_table(error: BaseException | None) -> bool:
    return getattr(error, "sqlstate", None) == "42P01" or "no such table" in str(error)


async def _check_queries(database: Database, url: DatabaseUrl, migrations: Path) -> None:
    """Prepare every query on a schema that is ahead of the code."""
    broken: list[str] = []
    for module in query_modules():
        if module.migrations != migrations:
            continue
        for query in module.queries.values():
            for statement in query.shapes(database.dialect):
                try:
                    await database.verify(statement)
                except WaveDataError as error:
                    broken.append(str(error))
    if broken:
        raise MigrationError(
            f"the schema of {url.redacted} is ahead of the code, and queries no longer fit it: {'; '.join(broken)}"
        )
