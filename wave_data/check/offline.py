"""The check without a database: the queries are held against what the lock file says of them."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path

from wave_data.check.contracts import Contract, contract_of
from wave_data.check.facts import StatementFacts
from wave_data.check.finding import STORES, FactKey, Finding, in_order
from wave_data.check.lock import Lock, LockedQuery, LockError, lines_of
from wave_data.check.lock_file import digests, folders_of, read
from wave_data.check.lock_text import line_of
from wave_data.check.shapes import shapes_of
from wave_data.check.sql_spans import heading_of
from wave_data.check.static import load
from wave_data.check.verdicts import judge
from wave_data.engine.dialect import DIALECTS, Dialect
from wave_data.engine.modules import Query, QueryModule
from wave_data.engine.sql_file import Statement
from wave_data.engine.sql_tokens import Place

_REMEDY = "run `wave-data check`, review what it changes in the lock file, and commit that with the queries"


def verify(path: Path, packages: Sequence[str], migrations: Path | None = None) -> list[Finding]:
    """Hold the queries of `packages` against the lock file.

    Gives all that importing tells, a finding `stale` for each query and migration that the lock file does not fit, and
    what is wrong with the signatures by the facts that were written down. `migrations` is the folder of migrations,
    None for those of the packages.
    """
    modules, findings = load(packages)
    try:
        lock = read(path)
    except LockError as error:
        return [*findings, Finding(code="stale", message=str(error), place=Place(path, 1), remedy=_REMEDY)]
    text = path.read_text("utf-8")
    findings += _stale_migrations(lock, text, path, folders_of(modules, migrations))
    is_whole = not any(finding.code == "static" for finding in findings)
    findings += _stale_queries(lock, modules, text, path, is_whole=is_whole)
    return list(in_order([*findings, *judge(modules, _fitting_facts(lock, modules))]))


def _stale_migrations(lock: Lock, text: str, path: Path, folders: Sequence[Path]) -> Iterator[Finding]:
    if not folders:
        return  # no module could be imported that would name one
    found = digests(folders)
    for name in sorted(found.keys() | lock.migrations.keys()):
        if name not in found:
            yield _stale(f"the migration {name} of the lock file has no file any more", line_of(text, name, path))
        elif found[name] != lock.migrations.get(name):
            files = (folder / dialect / f"{name}.sql" for dialect in DIALECTS for folder in folders)
            change = (
                "has changed since the lock file was written" if name in lock.migrations else "is not in the lock file"
            )
            yield _stale(f"the migration {name} {change}", Place(next(f for f in files if f.exists()), 1))


def _stale_queries(
    lock: Lock, modules: Sequence[QueryModule], text: str, path: Path, *, is_whole: bool
) -> Iterator[Finding]:
    queries = {query.signature.title: query for module in modules for query in module.queries.values()}
    for title, query in queries.items():
        yield from _stale_query(query, lock.queries.get(title))
    for title in lock.queries.keys() - queries.keys():
        if is_whole:  # else it may be one of those that importing complained about
            yield _stale(f"{title} is in the lock file and no query any more", line_of(text, title, path), title)


def _stale_query(query: Query, locked: LockedQuery | None) -> Iterator[Finding]:
    title = query.signature.title
    some = next(iter(query.statements.values()))
    if locked is None or not locked.sql:
        span = heading_of(some, query.signature.name)
        yield _stale(f"{title} is not in the lock file", span.place, title, length=span.length)
        return
    changed: dict[Statement, Dialect] = {
        s: d for d, s in reversed(query.statements.items()) if lines_of(s) != locked.sql.get(d)
    }
    for statement, dialect in changed.items():
        line = _first_change(statement, locked.sql.get(dialect, ()))
        store = "" if statement.dialect is None else f" for {STORES[dialect]}"
        yield _stale(f"the statement{store} of {title} has changed since the lock file was written", line, title)
    if what := _contract_change(contract_of(query), locked.contract):
        yield _stale(f"{what} of {title} changed after the lock file was written", query.signature.place, title)


def _first_change(statement: Statement, locked: Sequence[str]) -> Place:
    """Where a statement begins to be another than it was."""
    lines = [line for line in statement.lines if any(t.kind not in ("space", "comment") for t in line.tokens)]
    for line, now, before in zip_longest(lines, lines_of(statement), locked):
        if now != before and line is not None:
            return next(t for t in line.tokens if t.kind not in ("space", "comment")).place
    return statement.place


def _contract_change(now: Contract, before: Contract) -> str:
    """What of a signature is another than it was; nothing where none is."""
    if now.role != before.role:
        return "the decorator"
    for name in (*now.parameters, *before.parameters):
        if now.parameters.get(name) != before.parameters.get(name):
            return f"the parameter {name}"
    if now.result != before.result:
        return "the return annotation"
    for record, fields in (*now.records.items(), *before.records.items()):
        other = (now if fields is not now.records.get(record) else before).records.get(record, {})
        for name in fields:
            if fields[name] != other.get(name):
                return f"the field {record.rpartition('.')[2]}.{name} of the result"
    return ""


def _fitting_facts(lock: Lock, modules: Sequence[QueryModule]) -> Mapping[FactKey, StatementFacts]:
    """The facts of the statements that are still what they were."""
    facts: dict[FactKey, StatementFacts] = {}
    for module in modules:
        for query in module.queries.values():
            locked = lock.queries.get(query.signature.title)
            for dialect, statement in query.statements.items():
                if locked is None or locked.sql.get(dialect) != lines_of(statement):
                    continue
                for shape, compiled in shapes_of(query, dialect):
                    found = locked.facts[dialect].get(shape)
                    if found is not None and len(found.parameters) == len(compiled.slots):
                        facts[FactKey(query.signature.title, dialect, shape)] = found
    return facts


def _stale(message: str, place: Place, function: str = "", length: int = 1) -> Finding:
    return Finding(code="stale", message=message, place=place, length=length, function=function, remedy=_REMEDY)
