"""Throw-away databases that migrations made, each with the analyser that asks it."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from importlib import import_module
from pathlib import Path
from urllib.parse import quote

from wave_data.check.analyser import Analyser
from wave_data.engine.dialect import DIALECTS, Dialect
from wave_data.migrations import migrate


def import_analysers(stores: Sequence[Dialect] = DIALECTS) -> None:
    """Import what `open_analysers` needs, for two threads that call it at once would import in each other's way.

    Raises ModuleNotFoundError where the extra `check` is not installed.
    """
    import_module("wave_data.servers")
    for dialect in stores:
        import_module(f"wave_data.check.{dialect}")


@contextmanager
def open_analysers(
    migrations: Path | None = None, stores: Sequence[Dialect] = DIALECTS
) -> Generator[Mapping[Dialect, Analyser]]:
    """An analyser for each store, on a database of its own that the migrations made; None is the library's own.

    Raises ServerUnavailable when there is no PostgreSQL server, and MigrationError when the migrations fail.
    """
    with ExitStack() as stack:
        yield {dialect: stack.enter_context(_OPEN[dialect](migrations)) for dialect in stores}


@contextmanager
def _open_postgres(migrations: Path | None) -> Generator[Analyser]:
    from wave_data.check.postgres import open_analyser
    from wave_data.servers import postgres_server, temporary_database

    # The wheel before a container, whose image may have to come from far away first.
    with postgres_server(("wheel", "container")) as server, temporary_database(server.url) as url:
        migrate(url, folder=migrations)
        with open_analyser(url) as analyser:
            yield analyser


@contextmanager
def _open_sqlite(migrations: Path | None) -> Generator[Analyser]:
    from wave_data.check.sqlite import open_analyser
    from wave_data.servers.folders import temporary_folder

    with temporary_folder() as folder:
        path = Path(folder) / "check.db"
        migrate(f"sqlite:{quote(str(path))}", folder=migrations)
        with open_analyser(path) as analyser:
            yield analyser


_OPEN = {"postgres": _open_postgres, "sqlite": _open_sqlite}
