"""The function that callers call: it binds their arguments, runs the statement and makes what its annotation says."""

from collections.abc import Awaitable, Callable
from functools import update_wrapper
from inspect import Parameter as Argument
from inspect import cleandoc
from typing import Any

from wave_data.engine.columns import check, column_type
from wave_data.engine.compiled import CompiledStatement, Shapes, optional_parameters
from wave_data.engine.errors import NotFound
from wave_data.engine.executor import Executor
from wave_data.engine.modules import Query
from wave_data.engine.page import Page, Pager
from wave_data.engine.records import field_annotation
from wave_data.engine.signature import CONTROLS, Shape
from wave_data.engine.types import BatchSize, Unset

Arguments = tuple[Any, ...]


def make_function(found: Query, function: Callable[..., Any]) -> Callable[..., Any]:
    """The function for callers, with the signature of `function`."""
    call = _Call(found)
    if call.many and found.signature.shape not in (Shape.NOTHING, Shape.LIST):
        raise found.signature.fail(
            "the drivers do not count the rows of a bulk statement, nor page or stream them; annotate None, or with"
            " RETURNING a list"
        )
    found.run = _RUNS[found.signature.shape](call)
    made = _written(call, function)
    update_wrapper(made, function)
    del made.__wrapped__  # type: ignore[attr-defined]
    made.__signature__ = found.signature.signature  # type: ignore[attr-defined]
    made.__query__ = found  # type: ignore[attr-defined]
    made.__doc__ = _documentation(found, function.__doc__)
    return made


def make_fetch(found: Query) -> Callable[[Executor, Arguments], Awaitable[list[Any]]]:
    """What gives the rows of a query, given the executor and all arguments of its function."""
    return _Call(found).fetch


def _written(call: "_Call", function: Callable[..., Any]) -> Callable[..., Any]:
    """A function with the parameters of the signature that hands them on.

    It is written out, because that is the one way to take keywords and defaults without work per call.
    """
    signature = call.query.signature
    body, scope = _body(call)
    parameters: list[str] = []
    for name, parameter in signature.signature.parameters.items():
        if parameter.kind is Argument.KEYWORD_ONLY and "*" not in parameters:
            parameters.append("*")
        scope[f"__default_{name}"] = parameter.default
        parameters.append(name if parameter.default is Argument.empty else f"{name}=__default_{name}")
    executor, *names = signature.signature.parameters
    given = f"{executor}, ({''.join(f'{name}, ' for name in names)})"
    if _is_observed(call.query):
        scope["__query"] = call.query
        handed_over = f"return await {executor}.observer.call(__query, {given})"
        body = f"if {executor}.observer is not None: {handed_over}\n    {body}"
    definition = "def" if signature.shape is Shape.STREAM else "async def"
    source = f"{definition} {function.__name__}({', '.join(parameters)}):\n    {body.format(given)}\n"
    exec(compile(source, f"<{signature.title}>", "exec"), scope)
    made: Callable[..., Any] = scope[function.__name__]
    return made


def _is_observed(found: Query) -> bool:
    """Whether calls go to the executor's observer, where it has one."""
    return found.signature.shape is not Shape.STREAM and (found.changes or found.finds_one)


def _body(call: "_Call") -> tuple[str, dict[str, Any]]:
    """The body of a function, with a place for what it was given, and the functions that it names."""
    shape = call.query.signature.shape
    if shape is Shape.STREAM:
        return "return __run({})", {"__run": call.query.run}
    if shape in (Shape.ONE, Shape.OPTIONAL) and call.query.role != "partial update":
        # What is called most has a layer less: one row is what nearly every call of it finds.
        body = "rows = await __fetch({0}); return rows[0] if len(rows) == 1 else await __unless_one({0}, rows)"
        return body, {"__fetch": call.fetch, "__unless_one": call.unless_one}
    return "return await __run({})", {"__run": call.query.run}


class _Call:
    """What every call of one function does, by the kind of its result."""

    def __init__(self, found: Query) -> None:
        self.query = found
        self.pager = _pager(found)
        self.shapes = found.compiled = {
            dialect: Shapes(found.signature, statement, dialect, self.pager, lambda: found.entity)
            for dialect, statement in found.statements.items()
        }
        self.shape_of = _shape_function(found)
        self.has_shapes = any(shapes.optional for shapes in self.shapes.values())
        self.many = any(parameter.many for parameter in found.signature.parameters.values())

    def bind(self, db: Executor, arguments: Arguments) -> tuple[CompiledStatement, Any]:
        """The statement in the shape that the arguments ask for, and what it binds."""
        statement = self.shapes[db.dialect][self.shape_of(*arguments) if self.has_shapes else 0]
        try:
            return statement, statement.bind(db, *arguments)
        except (TypeError, ValueError, AttributeError) as error:
            raise self.shapes[db.dialect].refusal(db, statement, error, arguments) from None

    def fetch(self, db: Executor, arguments: Arguments) -> Awaitable[list[Any]]:
        """Every row."""
        statement, bound = self.bind(db, arguments)
        return db.fetch_many(statement, bound) if self.many else db.fetch(statement, bound)

    async def one(self, db: Executor, arguments: Arguments) -> Any:
        """The one row, or None where the annotation allows for it."""
        rows = await self.fetch(db, arguments)
        return rows[0] if len(rows) == 1 else await self.unless_one(db, arguments, rows)

    async def unless_one(self, db: Executor, arguments: Arguments, rows: list[Any]) -> None:
        """What becomes of no row, or of several, where one was expected."""
        if rows:
            raise self.query.surplus(len(rows))
        if self.query.signature.shape is Shape.ONE:
            raise await self.query.absence(db, arguments)

    async def updated(self, db: Executor, arguments: Arguments) -> Any:
        """The row that a partial update changed, or with no field given the row as it is."""
        if not self.shape_of(*arguments):
            return await self.query.module.queries["get"].read(db, self.query.key(arguments))
        return await self.one(db, arguments)

    async def mapping(self, db: Executor, arguments: Arguments) -> dict[Any, Any]:
        """Rows of a key and a value; each value of a Literal key is present, 0 where no row has it."""
        result = self.query.signature.result
        found = dict.fromkeys(result.scalars[0].choices if result is not None else (), 0)
        found.update(await self.fetch(db, arguments))
        return found

    def stream(self, db: Executor, arguments: Arguments) -> Any:
        """Every row, in batches."""
        return db.stream(*self.bind(db, arguments))

    def stream_in_batches(self, db: Executor, arguments: Arguments) -> Any:
        """Every row, in batches of the size that the caller gives."""
        size = dict(zip(self.query.signature.parameters, arguments, strict=True))["batch"]
        return db.stream(*self.bind(db, arguments), check(BatchSize, size, f"{self.query.signature.title}: batch"))

    async def execute(self, db: Executor, arguments: Arguments) -> int:
        """The number of rows changed."""
        statement, bound = self.bind(db, arguments)
        return await db.execute(statement, bound)

    async def nothing(self, db: Executor, arguments: Arguments) -> None:
        """No result."""
        statement, bound = self.bind(db, arguments)
        await (db.execute_many(statement, bound) if self.many else db.execute(statement, bound))

    async def changed(self, db: Executor, arguments: Arguments) -> bool:
        """Whether a row changed."""
        return await self.execute(db, arguments) > 0


def _changed(call: _Call) -> Callable[..., Awaitable[Any]]:
    names = list(call.query.signature.parameters)
    if "missing_ok" not in names:
        return call.changed
    position = names.index("missing_ok")

    async def changed_or_absent(db: Executor, arguments: Arguments) -> bool:
        changed = await call.changed(db, arguments)
        if not changed and not arguments[position]:
            raise NotFound(call.query.entity, call.query.key(arguments))
        return changed

    return changed_or_absent


def _page(call: _Call) -> Callable[..., Awaitable[Any]]:
    names = list(call.query.signature.parameters)
    limit, cursor = names.index("limit"), names.index("cursor")
    filters = [position for position, name in enumerate(names) if name not in CONTROLS]
    pager = call.pager
    assert pager is not None

    async def page(db: Executor, arguments: Arguments) -> Page[Any]:
        given = tuple(arguments[position] for position in filters)
        size = pager.size(arguments[limit])
        values = list(arguments)
        values[limit] = size + 1  # the row beyond the page tells whether another follows
        if values[cursor] is not None:
            values[cursor] = pager.read(values[cursor], given)
        return pager.cut(await call.fetch(db, tuple(values)), size, given)

    return page


_RUNS: dict[Shape, Callable[[_Call], Callable[..., Any]]] = {
    Shape.ONE: lambda call: call.updated if call.query.role == "partial update" else call.one,
    Shape.OPTIONAL: lambda call: call.one,
    Shape.LIST: lambda call: call.fetch,
    Shape.PAGE: _page,
    Shape.STREAM: lambda call: call.stream_in_batches if "batch" in call.query.signature.parameters else call.stream,
    Shape.MAPPING: lambda call: call.mapping,
    Shape.AFFECTED: lambda call: call.execute,
    Shape.CHANGED: _changed,
    Shape.NOTHING: lambda call: call.nothing,
}


def _pager(found: Query) -> Pager | None:
    signature = found.signature
    if signature.shape is not Shape.PAGE:
        return None
    result = signature.result
    if "limit" not in signature.parameters or "cursor" not in signature.parameters:
        raise signature.fail("a page has the parameters `limit: int = 100, cursor: str | None = None`")
    keys = dict.fromkeys(t.parameter[1] for t in found.statements["postgres"].parameters if t.parameter[0] == "cursor")
    kind = result.kind if result is not None else None
    if kind is None or not keys or None in keys or not set(keys) <= set(kind.model_fields):
        raise signature.fail(
            "a page continues after a row: bind the sort key, fields of the record, as :cursor.created_at, :cursor.id"
        )
    types = [(key, column_type(field_annotation(kind.model_fields[key]))) for key in keys if key is not None]
    return Pager(signature.title, types)


def _shape_function(found: Query) -> Callable[..., int]:
    """The function from arguments to their shape: a bit for each that decides on optional lines and is no default."""
    names = {d: optional_parameters(found.signature, s) for d, s in found.statements.items()}
    if names["postgres"] != names["sqlite"]:
        raise found.signature.fail(
            "the optional lines of the two stores bind different parameters, or in another order"
        )
    scope: dict[str, Any] = {}
    terms: list[str] = []
    for bit, name in enumerate(names["postgres"]):
        default = found.signature.parameters[name].default
        scope[f"__default_{name}"] = default
        differs = "is not" if default is None or isinstance(default, bool | Unset) else "!="
        terms.append(f"({name} {differs} __default_{name}) << {bit}")
    source = f"lambda {', '.join(found.signature.parameters)}: {' | '.join(terms) or '0'}"
    function: Callable[..., int] = eval(source, scope)
    return function


def _documentation(found: Query, text: str | None) -> str:
    pieces = [cleandoc(text or "")]
    for statement in dict.fromkeys(found.statements.values()):
        notes = f"{statement.documentation}\n" if statement.documentation else ""
        pieces.append(f"{notes}SQL, {statement.place}:\n\n{statement.source}")
    return "\n\n".join(pieces)
