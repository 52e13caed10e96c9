"""The whole check: what importing tells, then every shape of every statement on each store."""

import linecache
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import perf_counter

from wave_data.check.analyser import Analyser
from wave_data.check.databases import import_analysers, open_analysers
from wave_data.check.facts import Refused, StatementFacts
from wave_data.check.finding import FactKey, Report, in_order
from wave_data.check.shapes import shapes_of
from wave_data.check.static import load
from wave_data.check.verdicts import judge
from wave_data.engine.compiled import CompiledStatement
from wave_data.engine.dialect import DIALECTS, Dialect
from wave_data.engine.errors import InvalidValue
from wave_data.engine.modules import QueryModule

_Answers = dict[FactKey, StatementFacts | Refused]


def check(packages: Sequence[str], migrations: Path | None = None, stores: Sequence[Dialect] = DIALECTS) -> Report:
    """Check the queries of `packages` on throw-away databases that `migrations` make.

    Without a folder of migrations, each package is checked on the one that it gave to `load_queries`.

    Raises InvalidValue for a package that cannot be imported or has no queries or no migrations, ServerUnavailable
    when there is no PostgreSQL server, and MigrationError when the migrations fail.
    """
    begun = perf_counter()
    linecache.checkcache()
    modules, findings = load(packages)
    answers: _Answers = {}
    servers: dict[Dialect, str] = {}
    import_analysers(stores)
    for folder, together in _by_migrations(modules, migrations):
        with ThreadPoolExecutor(len(stores)) as threads:
            work = [threads.submit(_ask, dialect, folder, together) for dialect in stores]
            for dialect, done in zip(stores, work, strict=True):
                servers[dialect], found = done.result()
                answers |= found
    facts = {key: answer for key, answer in answers.items() if isinstance(answer, StatementFacts)}
    refused = {key: answer for key, answer in answers.items() if isinstance(answer, Refused)}
    findings += judge(modules, facts, refused, stores)
    return Report(in_order(findings), facts, servers, perf_counter() - begun)


def _by_migrations(modules: Sequence[QueryModule], chosen: Path | None) -> Iterator[tuple[Path, list[QueryModule]]]:
    """The modules that are checked on one schema, with the folder that makes it."""
    folders: dict[Path, list[QueryModule]] = {}
    for module in modules:
        folder = chosen or module.migrations
        if folder is None:
            raise InvalidValue(
                f"{module.name} does not say which migrations make its tables: name the folder with --migrations, or"
                " give it to load_queries(__name__, migrations=…)"
            )
        folders.setdefault(folder, []).append(module)
    yield from folders.items()


def _ask(dialect: Dialect, migrations: Path, modules: Sequence[QueryModule]) -> tuple[str, _Answers]:
    with open_analysers(migrations, (dialect,)) as analysers:
        analyser = analysers[dialect]
        return analyser.server, ask(analyser, modules)


def ask(analyser: Analyser, modules: Sequence[QueryModule]) -> _Answers:
    """What a database says of every shape of the queries of modules; functions that share a statement ask once."""
    known: dict[tuple[object, ...], StatementFacts | Refused] = {}
    answers: _Answers = {}
    for module in modules:
        for query in module.queries.values():
            for names, statement in shapes_of(query, analyser.dialect):
                same = (statement.text, statement.nulls)
                if same not in known:
                    known[same] = _describe(analyser, statement)
                answers[FactKey(query.signature.title, analyser.dialect, names)] = known[same]
    return answers


def _describe(analyser: Analyser, statement: CompiledStatement) -> StatementFacts | Refused:
    try:
        return analyser.describe(statement)
    except Refused as refused:
        return refused
