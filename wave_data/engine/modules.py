"""Modules of query functions, each held together with the `.sql` file of its name."""

import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, NamedTuple

from wave_data.engine.columns import column_type
from wave_data.engine.compiled import CompiledStatement, Shapes
from wave_data.engine.dialect import Dialect
from wave_data.engine.errors import Conflict, InvalidTransition, NotFound, QueryError, StaleClaim, WaveDataError
from wave_data.engine.executor import Executor
from wave_data.engine.problems import report
from wave_data.engine.records import field_annotation
from wave_data.engine.signature import Signature, place_of
from wave_data.engine.sql_file import SqlFile, Statement, read_sql_file
from wave_data.engine.state_machine import Move, allowed_targets

Role = Literal["query", "transition", "partial update"]

_WORD_START = re.compile(r"(?<!^)(?=[A-Z])")


def _words(name: str) -> str:
    """WaveSession -> wave_session."""
    return _WORD_START.sub("_", name).lower()


@dataclass(eq=False)
class QueryModule:
    """A module of query functions and the `.sql` file of the same name.

    `broken` has the names of the functions that are left out because of mistakes that were reported already.
    """

    name: str
    sql: SqlFile
    migrations: Path | None = None
    is_complete: bool = False
    queries: "dict[str, Query]" = field(default_factory=dict)  # pyright: ignore[reportUnknownVariableType]
    broken: set[str] = field(default_factory=set[str])

    def __post_init__(self) -> None:
        self.broken |= self.sql.broken

    @property
    def entity(self) -> str:
        """What errors call a row of this module, after the record of its `find`, `get` or `_find`; else nothing."""
        found = self.queries.get("find") or self.queries.get("get") or self.queries.get("_find")
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
    """A query function with its statements and what it needs of its siblings.

    `run` is what a call of the function comes to, given the executor and all arguments, where nobody observes it.
    """

    module: QueryModule
    signature: Signature
    statements: dict[Dialect, Statement]
    role: Role
    function: Callable[..., Any]
    move: Move | None = None
    compiled: dict[Dialect, Shapes] = field(default_factory=dict[Dialect, Shapes])
    run: Callable[[Executor, tuple[Any, ...]], Any] = field(init=False)

    async def read(self, db: Executor, *key: Any) -> Any:
        """What the function gives for a key, from the database itself."""
        defaults = [parameter.default for parameter in self.signature.parameters.values()][len(key) :]
        return await self.run(db, (*key, *defaults))

    @cached_property
    def changes(self) -> bool:
        """Whether the function changes rows."""
        return any(statement.changes for statement in self.statements.values())

    @property
    def finds_one(self) -> bool:
        """Whether the function is `get`, `find` or a `find_by_x`."""
        name = self.signature.name.removeprefix("_")
        return name in ("get", "find") or name.startswith("find_by_")

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

    @property
    def handle(self) -> str:
        """The first parameter, where the module finds a row by it, as `find_by_run_id` does; else nothing."""
        first = next(iter(self.signature.parameters), "")
        found = self.module.queries.get(f"find_by_{first}")
        return first if found is not None and list(found.signature.parameters) == [first] else ""

    @property
    def finder(self) -> "Query":
        """The query that finds the row which this one addresses."""
        return self.module.queries[f"find_by_{self.handle}" if self.handle else "find"]

    def key(self, arguments: Sequence[Any]) -> object:
        """What addresses the row: a claim, `id`, `key`, the leading handle, what `find` takes, or what is required."""
        given = dict(zip(self.signature.parameters, arguments, strict=True))
        if "claim" in given:
            return given["claim"].id
        for name in ("id", "key", *([self.handle] if self.handle else ())):
            if name in given:
                return given[name]
        names = self.module.queries["find"].signature.parameters if "find" in self.module.queries else {}
        if not names or not given.keys() >= names.keys():
            names = {name: p for name, p in self.signature.parameters.items() if p.required}
        required = tuple(given[name] for name in names)
        return required[0] if len(required) == 1 else required

    async def absence(self, db: Executor, arguments: Sequence[Any]) -> WaveDataError:
        """What it means that a function of exactly one row met none."""
        key = self.key(arguments)
        moves = self.move is not None or "claim" in self.signature.parameters
        row = await self.finder.read(db, key) if moves else None
        if row is None:
            return NotFound(self.entity, key)
        if getattr(row, "deleted_at", None) is not None:
            return Conflict(f"{self.entity} {key} is deleted; restore it first", entity=self.entity, key=key)
        return self._stale_claim(row, key, arguments) or self._invalid_transition(row, key)

    def _stale_claim(self, row: Any, key: object, arguments: Sequence[Any]) -> WaveDataError | None:
        """The error where a claim or its fence was given, or lacks where nothing but a lease can have refused."""
        given = dict(zip(self.signature.parameters, arguments, strict=True))
        fence = given["claim"].fence if "claim" in given else given.get("fence")
        is_refused = self.move is not None and self.move.refusal(row) is not None
        if fence is None and ("fence" not in given or is_refused):
            return None
        return StaleClaim(self.entity, key, current=row.status, fence=fence)

    def _invalid_transition(self, row: Any, key: object) -> WaveDataError:
        assert self.move is not None
        current = self.move.refusal(row) or str(getattr(row, self.move.column))
        allowed = allowed_targets(self.module.moves, self.move.column, row)
        return InvalidTransition(self.entity, key, current=current, requested=self.move.target, allowed=allowed)

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
_waiting: dict[str, Path] = {}


def load_queries(
    *packages: str, folder: Path | None = None, migrations: Path | None = None, at_once: bool = True
) -> None:
    """Import every module of `packages` that has a `.sql` file of its name in `folder`, and hold the two together.

    Call it once, in the `__init__` of the package: `load_queries(__name__)` looks for the files beside the modules,
    `load_queries(__name__, folder=…)` elsewhere. `migrations` is the folder of migrations whose schema the queries
    need: `connect` verifies them on a schema that is ahead of it. Where not `at_once`, each module is left until
    `load_module` or `query_modules` asks for it, or an import of its own.

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
            report(QueryError(f"{path}:1:1: no module for this file; add {' or '.join(names)}, or remove the file"))
        _waiting.update(dict.fromkeys(present, path))
    if at_once:
        for package in packages:
            _load_waiting(package)


def load_module(name: str) -> ModuleType:
    """Import a module of queries, held together with its file. Raises QueryError as `load_queries` does."""
    path = _waiting.pop(name, None)
    try:
        module = import_module(name)
        if path is not None:
            _check_complete(name, path)
    except BaseException:
        _modules.pop(name, None)
        raise
    return module


def query_modules() -> list[QueryModule]:
    """Every module of queries of the packages that have been loaded."""
    _load_waiting()
    return list(_modules.values())


def _load_waiting(package: str | None = None) -> None:
    for name in sorted(_waiting, key=lambda name: name.rpartition(".")[2]):
        if package in (None, name.rpartition(".")[0]):
            try:
                load_module(name)
            except BaseException as error:
                if not isinstance(error, Exception):
                    raise
                report(error)


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
        if statement not in module.queries and statement not in module.broken:
            near = get_close_matches(statement, set(module.queries) - set(module.sql.names), 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            report(
                QueryError(
                    f"{module.sql.names[statement]}: {statement!r} has no function; add an @query function of that name"
                    f" to {name}{hint}"
                )
            )
    _check_optional_lines(module)
    for function in module.queries.values():
        needed = {"transition": "find", "partial update": "get"}.get(function.role)
        if needed == "find" and function.handle:
            continue
        if needed is not None and needed not in module.queries and needed not in module.broken:
            report(function.signature.fail(f"a {function.role} needs the module's {needed!r} query; add it"))
    module.is_complete = True


def _check_optional_lines(module: QueryModule) -> None:
    """Every parameter of an optional line belongs to a function that the statement serves."""
    for statement in module.sql.statements:
        if not set(statement.names) <= module.queries.keys():
            continue  # what is missing has been reported
        known = {name for function in statement.names for name in module.queries[function].signature.parameters}
        for token in statement.parameters:
            if token.parameter[0] not in known:
                near = get_close_matches(token.parameter[0], known, 1)
                hint = f"; did you mean :{near[0]}?" if near else ""
                functions = ", ".join(statement.names)
                report(
                    QueryError(
                        f"{token.place}: no function of {functions} has a parameter {token.parameter[0]!r}{hint}"
                    )
                )
