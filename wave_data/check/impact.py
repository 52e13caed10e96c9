"""What migrations do to queries: which of them each one breaks, changes or makes possible."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from wave_data import migrations as commands
from wave_data.check.against import breaks, describe
from wave_data.check.analyser import Analyser
from wave_data.check.contracts import Contract, contract_of, slot_name
from wave_data.check.facts import ColumnFact, Refused, StatementFacts
from wave_data.check.lock_file import folder_of
from wave_data.check.shapes import ShapedStatement, shapes_of
from wave_data.check.stages import StagedDatabase, staged_databases
from wave_data.check.static import load
from wave_data.engine.compiled import CompiledStatement
from wave_data.engine.dialect import DIALECTS, Dialect
from wave_data.engine.errors import InvalidValue, QueryError
from wave_data.engine.modules import QueryModule
from wave_data.engine.sql_tokens import Place
from wave_data.migrations import Migration
from wave_data.schema import Schema, differences
from wave_data.stores.settings import database_url

Kind = Literal["breaks", "changes", "needed by"]
KINDS: tuple[Kind, ...] = ("breaks", "changes", "needed by")


@dataclass(frozen=True)
class Effect:
    """What a migration does to one query; `stores` are those where it does."""

    kind: Kind
    function: str
    reason: str
    place: Place
    stores: tuple[Dialect, ...]


@dataclass(frozen=True)
class Impact:
    """What one migration does to the queries; no effects where it touches none."""

    migration: str
    effects: tuple[Effect, ...]


@dataclass(frozen=True)
class _Subject:
    """A query in one shape."""

    contract: Contract
    statement: CompiledStatement


_Answers = list[StatementFacts | Refused]


def of_pending(packages: Sequence[str], url: str | None = None, folder: Path | None = None) -> list[Impact]:
    """The impact of each migration that a database lacks, oldest first, on the queries of `packages`.

    The database is only asked which migrations it has; they run on a throw-away one of its kind. Without a URL the
    environment names the database. Raises InvalidValue for a wrong URL, MigrationError when the database cannot be
    reached or a migration fails, QueryError for queries that cannot be imported, and ServerUnavailable.
    """
    modules = _modules(packages)
    files = folder_of(modules, folder)
    applied = {migration.version for migration in commands.status(url, folder=files).applied}
    return _impacts(modules, files, (database_url(url).dialect,), applied)


def since(
    packages: Sequence[str], version: str, folder: Path | None = None, stores: Sequence[Dialect] = DIALECTS
) -> list[Impact]:
    """The impact of each migration after a version; needs no database, and looks at both stores.

    Raises InvalidValue for a version that no migration has, and otherwise what `of_pending` raises.
    """
    modules = _modules(packages)
    files = folder_of(modules, folder)
    known = sorted({m.version for dialect in stores for m in commands.migrations_of(dialect, files)})
    if version not in known:
        raise InvalidValue(f"no migration has the version {version}; the versions are {', '.join(known) or 'none'}")
    return _impacts(modules, files, stores, {other for other in known if other <= version})


def _modules(packages: Sequence[str]) -> list[QueryModule]:
    modules, findings = load(packages)
    if findings:
        first = findings[0]
        raise QueryError(f"{first.place}: {first.message}; mend what `wave-data check` finds first")
    return modules


def _impacts(
    modules: Sequence[QueryModule], folder: Path, stores: Sequence[Dialect], applied: set[str]
) -> list[Impact]:
    effects: dict[Migration, list[Effect]] = {}
    with staged_databases(folder, stores) as databases:
        for database in databases.values():
            for migration, found in _walk(database, modules, applied):
                effects.setdefault(migration, []).extend(found)
    return [Impact(str(migration), tuple(_told_once(effects[migration]))) for migration in sorted(effects)]


def _walk(
    database: StagedDatabase, modules: Sequence[QueryModule], applied: set[str]
) -> Iterator[tuple[Migration, list[Effect]]]:
    """Each migration that is not applied, with its effects, while they are applied one by one."""
    subjects = [
        _Subject(contract_of(query), statement)
        for module in modules
        for query in module.queries.values()
        for _, statement in _outermost(shapes_of(query, database.dialect))
    ]
    database.apply(migration for migration in database.migrations if migration.version in applied)
    schema, answers = database.schema(), _ask(database.analyser(), subjects)
    for migration in database.migrations:
        if migration.version in applied:
            continue
        database.apply([migration])
        next_schema, next_answers = database.schema(), _ask(database.analyser(), subjects)
        yield migration, list(_effects(subjects, answers, next_answers, schema, next_schema))
        schema, answers = next_schema, next_answers


def _outermost(shapes: list[ShapedStatement]) -> list[ShapedStatement]:
    """The shapes with the fewest and the most lines: between them they have every line, and every absence."""
    return shapes[:1] if len(shapes) == 1 else [shapes[0], shapes[-1]]


def _ask(opened: AbstractContextManager[Analyser], subjects: Sequence[_Subject]) -> _Answers:
    with opened as analyser:
        return [describe(analyser, subject.statement) for subject in subjects]


def _effects(
    subjects: Sequence[_Subject], before: _Answers, after: _Answers, earlier: Schema, later: Schema
) -> Iterator[Effect]:
    constraints = _changed_rules(earlier, later)
    for subject, old, new in zip(subjects, before, after, strict=True):
        for kind, reason in _effects_on(subject, old, new, earlier, later, constraints):
            statement = subject.statement
            yield Effect(kind, subject.contract.title, reason, statement.place(), (statement.dialect,))


def _effects_on(
    subject: _Subject,
    old: StatementFacts | Refused,
    new: StatementFacts | Refused,
    earlier: Schema,
    later: Schema,
    rules: Mapping[str, Sequence[str]],
) -> Iterator[tuple[Kind, str]]:
    if isinstance(old, Refused):
        if not isinstance(new, Refused):
            yield "needed by", "it cannot run before"
        return
    broken = [found.reason for found in breaks(subject.contract, subject.statement, old, new, later, earlier)]
    if broken or isinstance(new, Refused):
        for reason in broken:
            yield "breaks", reason
        return
    for reason in _changes(subject, old, new):
        yield "changes", reason
    for reason in (reason for table in old.writes for reason in rules.get(table, ())):
        yield "changes", reason


def _changes(subject: _Subject, old: StatementFacts, new: StatementFacts) -> Iterator[str]:
    """What of the facts is different."""
    for slot, was, is_now in zip(subject.statement.slots, old.parameters, new.parameters, strict=False):
        if was.type != is_now.type:
            yield f":{slot_name(slot)} is taken for {is_now.type}, no longer for {was.type}"
    if subject.contract.result[0] not in ("affected", "changed", "nothing"):
        yield from _column_changes(_by_name(old.columns), _by_name(new.columns))
    for step in new.plan:
        if step.columns and step not in old.plan:
            yield f"{_step(step.step)} all rows of {step.table}, for which no index serves any more"
    for step in old.plan:
        if step.columns and step not in new.plan:
            yield f"no longer {_step(step.step)} all rows of {step.table}"
    if old.limit_one != new.limit_one:
        yield "is limited to one row now" if new.limit_one else "is no longer limited to one row by a unique key"


def _column_changes(old: Mapping[str, ColumnFact], new: Mapping[str, ColumnFact]) -> Iterator[str]:
    for name in old.keys() - new.keys():
        yield f"no longer gives the column {name}"
    for name, column in new.items():
        was = old.get(name)
        if was is None:
            yield f"gives a new column {name}"
            continue
        if was.type != column.type:
            yield f"column {name} is a {column.type}, no longer a {was.type}"
        if was.nullable != column.nullable:
            yield f"column {name} {'can be NULL now' if column.nullable else 'is never NULL now'}"


def _by_name(columns: Iterable[ColumnFact]) -> dict[str, ColumnFact]:
    return {column.name: column for column in columns}


def _step(step: str) -> str:
    return "reads" if step == "scan" else "sorts"


def _changed_rules(earlier: Schema, later: Schema) -> dict[str, list[str]]:
    """What is new or different in the rules that rows of a table keep, by table."""
    rules: dict[str, list[str]] = {}
    for difference in differences(earlier, later):
        table, _, member = difference.place.partition(", ")
        kind = member.partition(" ")[0]
        name = table.removeprefix("table ")
        if not table.startswith("table ") or "," in member or name not in earlier.tables or name not in later.tables:
            continue
        if kind in ("check", "key", "foreign", "trigger", "policy"):
            change = "a new" if difference.expected is None else "no" if difference.found is None else "another"
            rules.setdefault(name, []).append(f"{name} has {change} {member}")
        elif kind == "index" and "UNIQUE" in f"{difference.expected} {difference.found}":
            change = "a new" if difference.expected is None else "no" if difference.found is None else "another"
            rules.setdefault(name, []).append(f"{name} has {change} unique {member}")
        elif kind == "column" and difference.expected is not None and difference.found is not None:
            rules.setdefault(name, []).append(f"{name}.{member.removeprefix('column ')} is {difference.found} now")
    return rules


def _told_once(effects: Iterable[Effect]) -> list[Effect]:
    """The effects without those that only tell another shape of the same, with the stores of those that agree."""
    stores: dict[tuple[Kind, str, str], dict[Dialect, Effect]] = {}
    for effect in effects:
        known = stores.setdefault((effect.kind, effect.function, effect.reason), {})
        known.setdefault(effect.stores[0], effect)
    told = [Effect(k, f, r, next(iter(known.values())).place, tuple(known)) for (k, f, r), known in stores.items()]
    return sorted(told, key=lambda effect: (KINDS.index(effect.kind), effect.function))
