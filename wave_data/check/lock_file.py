"""The lock file: what the stores said of every query, written down to be reviewed.

It is JSON with one query per entry, made to be read in a diff. What both stores agree on stands under `reads`, what
they do not under `reads @postgres` and `reads @sqlite`, as in the headings of a `.sql` file. A `?` behind a type tells
that the value can be NULL.

- `migrations`: a digest of the way up of each migration, for PostgreSQL and SQLite.
- `records`: the fields of each record, with their defaults: `None`, or `…` for another.
- `tables`: the columns of each table that some query gives as a whole, with the types of PostgreSQL and SQLite.
- `queries`, by function: `result`; `parameters`, each with its Python type and the type that PostgreSQL gave it; `sql`,
  or the name of the sibling that has the same; `columns`, each with its name, its types and where it comes from;
  `reads`, `writes`, `plan` and `one_row`. `given` has what the optional lines of a parameter add, and `shapes` what is
  different in single shapes, each named by the optional parameters given.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from wave_data.check import lock_reading, lock_text
from wave_data.check.contracts import contract_of
from wave_data.check.facts import StatementFacts
from wave_data.check.finding import FactKey, Report
from wave_data.check.lock import Digests, Lock, LockedQuery, LockError, lines_of
from wave_data.check.shapes import shapes_of
from wave_data.check.static import load
from wave_data.engine.dialect import DIALECTS, Dialect
from wave_data.engine.errors import InvalidValue, QueryError
from wave_data.engine.modules import Query, QueryModule
from wave_data.migrations.files import migrations_of


def write(report: Report, path: Path, packages: Sequence[str], migrations: Path | None = None) -> bool:
    """Write the lock file of a check that found no error on either store; whether it is another than before.

    `packages` were checked; `migrations` is the folder that the check was given, None for those of the packages.
    """
    modules, _ = load(packages)
    text = lock_text.render(lock_of(report, modules, migrations))
    if path.exists() and path.read_text("utf-8") == text:
        return False
    path.write_text(text, encoding="utf-8")
    return True


def read(path: Path) -> Lock:
    """Read a lock file. Raises LockError, which names the place."""
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        raise LockError(f"{path}: there is no lock file; `wave-data check` writes it") from None
    except (OSError, UnicodeDecodeError) as error:
        raise LockError(f"{path}: the lock file cannot be read: {error}") from error
    return parse(text, str(path))


def parse(text: str, name: str) -> Lock:
    """The lock file in a text. Raises LockError."""
    try:
        return lock_reading.parse(text)
    except json.JSONDecodeError as error:
        raise LockError(
            f"{name}:{error.lineno}:{error.colno}: the lock file is no JSON ({error.msg}); write it anew with"
            " `wave-data check`"
        ) from None
    except (AttributeError, KeyError, QueryError, TypeError, ValueError) as error:
        raise LockError(
            f"{name}:1:1: the lock file is not of this release ({type(error).__name__}: {error}); write it anew with"
            " `wave-data check`"
        ) from None


def lock_of(report: Report, modules: Sequence[QueryModule], migrations: Path | None = None) -> Lock:
    """What a report has to be written down of the queries of modules."""
    by_title = {query.signature.title: query for module in modules for query in module.queries.values()}
    titles = sorted({key.function for key in report.facts})
    return Lock(digests(folders_of(modules, migrations)), {title: _locked(by_title[title], report) for title in titles})


def _locked(query: Query, report: Report) -> LockedQuery:
    facts: dict[Dialect, dict[tuple[str, ...], StatementFacts]] = {}
    for dialect in DIALECTS:
        shapes = [names for names, _ in shapes_of(query, dialect)]
        known = {shape: report.facts.get(FactKey(query.signature.title, dialect, shape)) for shape in shapes}
        if None not in known.values():
            facts[dialect] = {shape: _with_plain_names(found) for shape, found in known.items() if found}
    sql: dict[Dialect, tuple[str, ...]] = {dialect: lines_of(query.statements[dialect]) for dialect in facts}
    return LockedQuery(contract_of(query), sql, facts)


def _with_plain_names(facts: StatementFacts) -> StatementFacts:
    """The facts without the names that SQLite makes of long expressions; no field and no directive can have them."""
    columns = [replace(column, name=_UNNAMED) if " " in column.name else column for column in facts.columns]
    return replace(facts, columns=tuple(columns))


_UNNAMED = "?"


def folders_of(modules: Iterable[QueryModule], chosen: Path | None) -> list[Path]:
    """The folders of migrations that make the tables of modules: the one chosen, or else their own."""
    if chosen is not None:
        return [chosen]
    return list(dict.fromkeys(module.migrations for module in modules if module.migrations is not None))


def folder_of(modules: Iterable[QueryModule], chosen: Path | None) -> Path:
    """The one folder of migrations that makes the tables of modules. Raises InvalidValue for none and for several."""
    folders = folders_of(modules, chosen)
    if len(folders) != 1:
        found = " and ".join(map(str, folders)) or "none"
        raise InvalidValue(f"one folder of migrations makes the tables here, and the packages name {found}: name it")
    return folders[0]


def digests(folders: Iterable[Path]) -> Digests:
    """A digest of the way up of each migration in some folders."""
    found: dict[str, list[str | None]] = {}
    for folder in folders:
        for position, dialect in enumerate(DIALECTS):
            for migration in migrations_of(dialect, folder) if (folder / dialect).is_dir() else ():
                digest = hashlib.sha256(migration.up.encode()).hexdigest()[:12]
                found.setdefault(str(migration), [None, None])[position] = digest
    return {name: (found[name][0], found[name][1]) for name in sorted(found)}
