"""Throw-away databases that are migrated one step after another."""

import shutil
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from urllib.parse import quote

from wave_data.check.analyser import Analyser
from wave_data.engine.dialect import DIALECTS, Dialect
from wave_data.migrations import Migration, migrate, migrations_of
from wave_data.migrations.files import migrations_folder
from wave_data.schema import Schema, read_schema
from wave_data.stores.settings import DatabaseUrl


class StagedDatabase:
    """A database of one store, with the migrations of a folder up to a stage."""

    def __init__(self, dialect: Dialect, url: str, folder: Path | None, scratch: Path) -> None:
        self.dialect: Dialect = dialect
        self.migrations = migrations_of(dialect, folder)
        self._url = url
        self._source = migrations_folder(dialect, folder)
        self._files = scratch / "migrations" / dialect
        self._files.mkdir(parents=True)

    def apply(self, migrations: Iterable[Migration]) -> None:
        """Apply some more of the migrations. Raises MigrationError for one that fails."""
        files = [self._source / migration.file_name for migration in migrations]
        for path in files:
            shutil.copy(path, self._files)
        if files:
            migrate(self._url, folder=self._files.parent)

    def analyser(self) -> AbstractContextManager[Analyser]:
        """What asks the database as it is now."""
        if self.dialect == "postgres":
            from wave_data.check.postgres import open_analyser as open_postgres

            return open_postgres(self._url)
        from wave_data.check.sqlite import open_analyser

        path = DatabaseUrl.parse(self._url).path
        assert path is not None, "a SQLite database is a file"
        return open_analyser(path)

    def schema(self) -> Schema:
        """The schema as it is now."""
        return read_schema(DatabaseUrl.parse(self._url))


@contextmanager
def staged_databases(
    folder: Path | None, stores: Sequence[Dialect] = DIALECTS
) -> Generator[Mapping[Dialect, StagedDatabase]]:
    """An empty database for each store, to be migrated with the migrations of a folder; None is the library's own.

    Raises ServerUnavailable when there is no PostgreSQL server.
    """
    from wave_data.servers import postgres_server, temporary_database, temporary_folder

    with ExitStack() as stack:
        scratch = Path(stack.enter_context(temporary_folder()))
        urls: dict[Dialect, str] = {}
        if "postgres" in stores:
            server = stack.enter_context(postgres_server(("wheel", "container")))
            urls["postgres"] = stack.enter_context(temporary_database(server.url))
        if "sqlite" in stores:
            path = scratch / "stages.db"
            path.touch()  # a database without a table
            urls["sqlite"] = f"sqlite:{quote(str(path))}"
        yield {dialect: StagedDatabase(dialect, url, folder, scratch) for dialect, url in urls.items()}
