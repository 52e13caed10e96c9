"""A first draft of the Python for a statement that has no function yet, from what both stores say of it."""

import inspect
from collections.abc import Mapping, Sequence
from pathlib import Path

from wave_data.check.annotations import Annotations
from wave_data.check.drafts import Draft, Writer
from wave_data.check.facts import Refused, StatementFacts
from wave_data.check.finding import STORES
from wave_data.check.lock_file import folder_of
from wave_data.check.stages import StagedDatabase, staged_databases
from wave_data.check.static import load
from wave_data.engine.compiled import CompiledStatement
from wave_data.engine.dialect import DIALECTS, Dialect
from wave_data.engine.errors import InvalidValue, QueryError
from wave_data.engine.modules import QueryModule
from wave_data.engine.signature import Shape, Signature
from wave_data.engine.sql_file import SqlFile, Statement, read_sql_file


def scaffold(target: str, packages: Sequence[str], migrations: Path | None = None) -> str:
    """The record, where no known one fits, and the function for a statement, ready to be pasted.

    `target` is a file and a name, such as `sessions.sql:find_by_user`. Without `migrations`, those of the packages are
    meant. Raises InvalidValue for a statement that is not there or has its function, QueryError for one that a store
    refuses, ServerUnavailable, and MigrationError when the migrations fail.
    """
    file, _, name = target.rpartition(":")
    modules, _ = load(packages)
    sql, home = _find(file, modules)
    if home is not None and name in home.queries:
        raise InvalidValue(f"{name} has its function already, at {home.queries[name].signature.place}")
    statements = _statements(sql, name)
    with staged_databases(folder_of(modules, migrations)) as databases:
        facts: dict[Dialect, StatementFacts] = {
            dialect: _facts(name, statements[dialect], database) for dialect, database in databases.items()
        }
        schema = databases["postgres"].schema()
    slots = _compile(name, statements["postgres"], "postgres").slots
    draft = Draft(name, statements, slots, facts)
    annotations = Annotations(modules, home, schema, facts["postgres"].reads)
    return "\n".join(Writer(draft, home, modules, annotations, sql.path).lines()) + "\n"


def _find(file: str, modules: Sequence[QueryModule]) -> tuple[SqlFile, QueryModule | None]:
    """The `.sql` file, and its module where there is one."""
    for module in modules:
        if module.sql.path.name == Path(file).name and str(module.sql.path).endswith(file.removeprefix("./")):
            return module.sql, module
    for folder in (Path(), *(module.sql.path.parent for module in modules)):
        if (folder / file).is_file():
            return read_sql_file(folder / file), None
    known = ", ".join(sorted(module.sql.path.name for module in modules))
    raise InvalidValue(f"{file or 'nothing'} is no file of these packages ({known}); write sessions.sql:find_by_user")


def _statements(sql: SqlFile, name: str) -> Mapping[Dialect, Statement]:
    statements: dict[Dialect, Statement] = {}
    for dialect in DIALECTS:
        if (statement := sql.find(name, dialect)) is not None:
            statements[dialect] = statement
    if len(statements) < len(DIALECTS):
        missing = " and ".join(STORES[dialect] for dialect in DIALECTS if dialect not in statements)
        names = ", ".join(sorted(sql.names)) or "none"
        raise InvalidValue(f"{sql.path} has no statement {name!r} for {missing}; its names are {names}")
    return statements


def _facts(name: str, statement: Statement, database: StagedDatabase) -> StatementFacts:
    database.apply(database.migrations)
    compiled = _compile(name, statement, database.dialect)
    with database.analyser() as analyser:
        try:
            return analyser.describe(compiled)
        except Refused as refused:
            place = compiled.place(refused.offset)
            raise QueryError(f"{place}: {STORES[database.dialect]} says: {refused}") from None


def _compile(name: str, statement: Statement, dialect: Dialect) -> CompiledStatement:
    signature = Signature(name, "", statement.place, inspect.Signature(), {}, Shape.NOTHING, None)
    sql = statement.render(dialect, lambda line: True)
    return CompiledStatement(signature, statement, sql, dialect, lambda *_: (), "", (False,) * len(sql.slots))
