"""Another release's lock file, held against this schema: what of that release would break under these migrations."""

import subprocess
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from os.path import relpath
from pathlib import Path

from wave_data.check.analyser import Analyser
from wave_data.check.contracts import Contract, breaches
from wave_data.check.facts import Refused, StatementFacts
from wave_data.check.finding import STORES, Code, Finding, in_order
from wave_data.check.lock import Lock
from wave_data.check.lock_file import folder_of, parse
from wave_data.check.lock_text import line_of
from wave_data.check.stages import staged_databases
from wave_data.check.static import load
from wave_data.engine.compiled import CompiledStatement
from wave_data.engine.dialect import DIALECTS, Dialect
from wave_data.engine.errors import InvalidValue
from wave_data.engine.sql_file import Statement
from wave_data.schema import Schema, Table

_REMEDY = "make the change in two steps, of which that release bears the first, or stop that release before you migrate"


@dataclass(frozen=True)
class Release:
    """The lock file of a release: its text, and what messages call it."""

    name: str
    text: str

    @property
    def lock(self) -> Lock:
        """What the text says. Raises LockError."""
        return parse(self.text, self.name)


@dataclass(frozen=True)
class Break:
    """Why a query of a release fails on a schema."""

    code: Code
    subject: str
    reason: str


def hold(
    source: str,
    path: Path,
    packages: Sequence[str],
    migrations: Path | None = None,
    stores: Sequence[Dialect] = DIALECTS,
) -> list[Finding]:
    """What of another release breaks when these migrations are live, on throw-away databases.

    `source` is the lock file of that release, or a git revision at which `path`, the lock file of this one, is read.
    Without `migrations`, those of the packages are meant.
    Raises InvalidValue where there is neither, LockError for a file that is none, ServerUnavailable, and
    MigrationError when the migrations fail.
    """
    release = find_release(source, path)
    lock = release.lock
    findings: list[Finding] = []
    with staged_databases(folder_of(load(packages)[0], migrations), stores) as databases:
        for database in databases.values():
            database.apply(database.migrations)
            schema = database.schema()
            with database.analyser() as analyser:
                findings += compare(release, lock, analyser, schema)
    return list(in_order(_told_once(findings)))


def find_release(source: str, path: Path) -> Release:
    """The lock file named: a file, or `path` at a git revision. Raises InvalidValue where there is neither."""
    if Path(source).is_file():
        return Release(source, Path(source).read_text("utf-8"))
    revision, _, other = source.partition(":")
    folder = path.resolve().parent
    answer = subprocess.run(
        ["git", "-C", str(folder), "show", f"{revision}:{other or f'./{path.name}'}"],
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode != 0:
        said = " ".join(answer.stderr.split()).removeprefix("fatal: ")
        raise InvalidValue(f"{source} is neither a lock file nor a git revision that has {path}: {said}")
    return Release(f"{revision}:{other or relpath(path)}", answer.stdout)


def compare(release: Release, lock: Lock, analyser: Analyser, schema: Schema) -> Iterator[Finding]:
    """What of a release breaks on one store, whose schema is given."""
    dialect = analyser.dialect
    for title, query in lock.queries.items():
        if dialect not in query.sql:
            continue
        place = line_of(release.text, title, Path(release.name))
        for shape, before in query.facts[dialect].items():
            statement = query.compiled(dialect, shape, place)
            for found in breaks(query.contract, statement, before, describe(analyser, statement), schema):
                yield Finding(
                    code=found.code,
                    message=f"{title} of {release.name} breaks on this schema: {found.reason}",
                    place=place,
                    function=title,
                    store=dialect,
                    shape=shape,
                    subject=found.subject,
                    remedy=_REMEDY,
                )


def describe(analyser: Analyser, statement: CompiledStatement) -> StatementFacts | Refused:
    """What a database says of a statement, be it that it refuses it."""
    try:
        return analyser.describe(statement)
    except Refused as refused:
        return refused


def breaks(
    contract: Contract,
    statement: CompiledStatement,
    before: StatementFacts,
    after: StatementFacts | Refused,
    schema: Schema,
    earlier: Schema | None = None,
) -> Iterator[Break]:
    """Why one shape fails that did not before. `schema` is the one that it meets now, `earlier` the one of before."""
    dialect = statement.dialect
    if isinstance(after, Refused):
        yield Break("refused", "", f"{STORES[dialect]} says: {after}")
        return
    known = {(b.code, b.subject) for b in breaches(contract, statement.slots, dialect, before)}
    for breach in breaches(contract, statement.slots, dialect, after):
        if (breach.code, breach.subject) not in known:
            yield Break(breach.code, breach.subject, breach.message)
    left_out_before = [] if earlier is None else list(_left_out(statement.statement, earlier))
    for column in _left_out(statement.statement, schema):
        if column not in left_out_before:
            yield Break("refused", column, f"{column} must have a value, and its INSERT gives none")


def _left_out(statement: Statement, schema: Schema) -> Iterator[str]:
    """The columns that an INSERT must give a value and does not."""
    for name, given in _inserted(statement):
        table = schema.tables.get(name, Table())
        if any("BEFORE INSERT" in trigger.upper() for trigger in table.triggers.values()):
            continue  # it may give the value
        row_number = [key.columns for key in table.keys.values() if key.primary]
        for column, kind in table.columns.items():
            is_made = kind.default is not None or (kind.type.upper() == "INTEGER" and [(column,)] == row_number)
            if not kind.nullable and not is_made and column not in given:
                yield f"{name}.{column}"


def _inserted(statement: Statement) -> Iterator[tuple[str, set[str]]]:
    """The tables that rows are inserted into, with the columns that are listed; without a list all are given."""
    tokens = [token.text.strip('"') for token in statement.tokens]
    for position, token in enumerate(tokens[:-2]):
        if token.upper() == "INTO" and "(" in tokens[position + 2 : position + 5]:
            start = tokens.index("(", position)
            yield tokens[position + 1], set(tokens[start : tokens.index(")", start)])


def _told_once(findings: Iterable[Finding]) -> list[Finding]:
    """The findings without those that only tell another shape of the same; both stores become one where they agree."""
    first: dict[tuple[str, str, str, str], list[Finding]] = {}
    for finding in findings:
        same = first.setdefault((finding.function, finding.code, finding.subject, finding.message), [])
        if finding.store not in [known.store for known in same]:
            same.append(finding)
    return [same[0] if len(same) == 1 else replace(same[0], store=None) for same in first.values()]
