"""Modules of query functions, each held together with the `.sql` file of its name."""

import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal, NamedTuple

from wave_data.engine.columns import column_type
from wave_data.engine.compiled import CompiledStatement, Shapes
from wave_data.engine.errors import InvalidTransition, NotFound, QueryError, WaveDataError
from wave_data.engine.executor import Executor
from wave_data.engine.records import field_annotation
from wave_data.engine.signature import Signature, place_of
from wave_data.engine.sql_file import Dialect, SqlFile, Statement, read_sql_file
from wave_data.engine.state_machine import Move, allowed_targets

Role = Literal["query", "transition", "partial update"]

_WORD_START = re.compile(r"(?<!^)(?=[A-Z])")


def _words(name: str) -> str:
    """WaveSession -> wave_session."""
    return _WORD_START.sub("_", name).lower()


@dataclass(eq=False)
class QueryModule:
    """A module of query functions and the `.sql` file of the same name."""

    name: str
    sql: SqlFile
    migrations: Path | None = None
    is_complete: bool = False
    queries: "dict[str, Query]" = field(default_factory=dict)  # pyright: ignore[reportUnknownVariableType]

    @property
    def entity(self) -> str:
        """What errors call a row of this module, after the record of its `find` or `get`; nothing without them."""
        found = self.queries.get("find") or self.queries.get("get")
        return "" if found is None else _words(found.result_name)

    @property
    def moves(self) -> list[Move]:
        """The allowed moves of the module's state machine, from its transitions."""
        return [found.move for found in self.queries.values() if found.move is not None]

    def choices(self, column: str) -> tuple[str, ...]:
        """The values of a Literal field of the module's record."""
        result = self.queries["find"].signature.result
        if result is None or result.kind is None:
            return ()
        return column_type(field_annotation(result.kind.model_fields[column])).choices


@dataclass(eq=False)
class Query:
    """A query function with its statements and what it needs of its siblings."""

    module: QueryModule
    signature: Signature
    statements: dict[Dialect, Statement]
    role: Role
    function: Callable[..., Any]
    move: Move | None = None
    compiled: dict[Dialect, Shapes] = field(default_factory=dict[Dialect, Shapes])

    @property
    def entity(self) -> str:
        """What errors call a row: after the module's record, else the function's own, else the module."""
        return self.module.entity or _words(self.result_name) or self.module.name.rpartition(".")[2]

    @property
    def result_name(self) -> str:
        """The name of the record that the function returns, or nothing."""
        result = self.signature.result
        return result.kind.__name__ if result is not None and result.kind is not None else ""

    def shapes(self, dialect: Dialect) -> list[CompiledStatement]:
        """The statement with none and with all of its optional lines."""
        found = self.compiled[dialect]
        return [found[shape] for shape in sorted({0, (1 << len(found.optional)) - 1})]

    def key(self, arguments: Sequence[Any]) -> object:
        """What addresses the row: `id` or `key`, else the required arguments."""
        given = dict(zip(self.signature.parameters, arguments, strict=True))
        for name in ("id", "key"):
            if name in given:
                return given[name]
        required = tuple(given[name] for name, p in self.signature.parameters.items() if p.required)
        return required[0] if len(required) == 1 else required

    async def absence(self, db: Executor, arguments: Sequence[Any]) -> WaveDataError:
        """What it means that a function of exactly one row met none."""
        key = self.key(arguments)
        if self.move is not None:
            row = await self.module.queries["find"].function(db, key)
            if row is not None:
                current = str(getattr(row, self.move.column))
                allowed = allowed_targets(self.module.moves, current)
                return InvalidTransition(self.entity, key, current=current, requested=self.move.target, allowed=allowed)
        return NotFound(self.entity, key)

    def surplus(self, count: int) -> QueryError:
        """The error for more rows than the annotation allows."""
        return QueryError(
            f"{self.signature.title}: {count} rows where one was expected; limit the statement at"
            f" {next(iter(self.statements.values())).place} by a unique key, or annotate a list"
        )


class _Folder(NamedTuple):
    queries: Path
    migrations: Path | None


_folders: dict[str, _Folder] = {}
_modules: dict[str, QueryModule] = {}


def load_queries(*packages: str, folder: Path | None = None, migrations: Path | None = None) -> None:
    """Import every module of `packages` that has a `.sql` file of its name in `folder`, and hold the two together.

    Call it once, in the `__init__` of the package: `load_queries(__name__)` looks for the files beside the modules,
    `load_queries(__name__, folder=…)` elsewhere. `migrations` is the folder of migrations whose schema the queries
    need: `connect` verifies them on a schema that is ahead of it.

    Raises QueryError, pointing at file, line and column, when a statement has no function, a function no statement,
    or their parameters disagree.
    """
    directory = folder or Path(sys.modules[packages[0]].__file__ or "").parent
    if not directory.is_dir():
        raise QueryError(f"{directory}: no such folder of queries")
    for package in packages:
        _folders[package] = _Folder(directory, migrations)
    for path in sorted(directory.glob("*.sql")):
        names = [f"{package}.{path.stem}" for package in packages]
        present = [name for name in names if find_spec(name) is not None]
        if not present:
            raise QueryError(f"{path}:1:1: no module for this file; add {' or '.join(names)}, or remove the file")
        for name in present:
            try:
                import_module(name)
                _check_complete(name, path)
            except BaseException:
                _modules.pop(name, None)
                raise


def query_modules() -> list[QueryModule]:
    """Every module of queries that has been loaded."""
    return list(_modules.values())


def query_of(function: Callable[..., Any]) -> Query:
    """The query behind a decorated function. Raises QueryError for another function."""
    found = getattr(function, "__query__", None)
    if not isinstance(found, Query):
        raise QueryError(f"{getattr(function, '__qualname__', function)!s} is not a query function")
    return found


def module_of(function: Callable[..., Any]) -> QueryModule:
    """The module of queries that a function stands in. Raises QueryError when its package was not loaded."""
    name = function.__module__
    if name not in _modules or _is_run_again(_modules[name], function):
        package, _, stem = name.rpartition(".")
        if package not in _folders:
            raise QueryError(
                f"{place_of(function)}: the package {package or name!r} has not said where its SQL is;"
                " call load_queries(__name__) in the __init__ of a package, and import the module from there"
            )
        folder = _folders[package]
        _modules[name] = QueryModule(name, read_sql_file(folder.queries / f"{stem}.sql"), folder.migrations)
    return _modules[name]


def _is_run_again(module: QueryModule, function: Callable[..., Any]) -> bool:
    """Whether the module is being reloaded, so that its queries are made afresh."""
    known = module.queries.get(function.__name__)
    return module.is_complete or (known is not None and known.signature.place == place_of(function))


def _check_complete(name: str, path: Path) -> None:
    module = _modules.get(name) or QueryModule(name, read_sql_file(path))
    for statement in module.sql.names:
        if statement not in module.queries:
            near = get_close_matches(statement, set(module.queries) - set(module.sql.names), 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise QueryError(
                f"{module.sql.names[statement]}: {statement!r} has no function; add an @query function of that name to"
                f" {name}{hint}"
            )
    _check_optional_lines(module)
    for function in module.queries.values():
        needed = {"transition": "find", "partial update": "get"}.get(function.role)
        if needed is not None and needed not in module.queries:
            raise function.signature.fail(f"a {function.role} needs the module's {needed!r} query; add it")
    module.is_complete = True


def _check_optional_lines(module: QueryModule) -> None:
    """Every parameter of an optional line belongs to a function that the statement serves."""
    for statement in module.sql.statements:
        known = {name for function in statement.names for name in module.queries[function].signature.parameters}
        for token in statement.parameters:
            if token.parameter[0] not in known:
                near = get_close_matches(token.parameter[0], known, 1)
                hint = f"; did you mean :{near[0]}?" if near else ""
                functions = ", ".join(statement.names)
                raise QueryError(
                    f"{token.place}: no function of {functions} has a parameter {token.parameter[0]!r}{hint}"
                )
