"""The signature of a query function: what each parameter binds, and what the return annotation promises."""

import dataclasses
import inspect
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel

from wave_data.engine.columns import column_type
from wave_data.engine.conversions import ColumnType
from wave_data.engine.errors import QueryError
from wave_data.engine.page import Page
from wave_data.engine.records import Result, field_annotation
from wave_data.engine.sql_tokens import Place


class _RowsChanged:
    """Marks the annotation Affected."""


Affected = Annotated[int, _RowsChanged()]
"""The return annotation of a statement whose function gives the number of rows that it changed."""


class Shape(Enum):
    """What a function makes of its statement's rows."""

    ONE = auto()
    OPTIONAL = auto()
    LIST = auto()
    PAGE = auto()
    STREAM = auto()
    MAPPING = auto()
    AFFECTED = auto()
    CHANGED = auto()
    NOTHING = auto()


@dataclass(frozen=True, eq=False)
class Parameter:
    """A parameter of a query function.

    `type` converts the value itself; `attributes` are the annotations of what `:parameter.attribute` reads, and `many`
    says that there is a row of them for each member of a sequence.
    """

    name: str
    default: Any
    type: ColumnType | None = None
    attributes: dict[str, Any] = field(default_factory=dict[str, Any])
    many: bool = False

    @property
    def required(self) -> bool:
        """Whether every call gives it."""
        return self.default is inspect.Parameter.empty


@dataclass(frozen=True, eq=False)
class Signature:
    """A query function as the engine sees it. `parameters` leaves out the executor."""

    name: str
    module: str
    place: Place
    signature: inspect.Signature
    parameters: dict[str, Parameter]
    shape: Shape
    result: Result | None

    @property
    def title(self) -> str:
        """What messages call the function."""
        return f"{self.module.rpartition('.')[2]}.{self.name}"

    def fail(self, message: str) -> QueryError:
        """An error that points at the function."""
        return QueryError(f"{self.place}: {self.title}: {message}")


_NOTHING = inspect.Parameter("nothing", inspect.Parameter.VAR_POSITIONAL)

CONTROLS = ("limit", "cursor", "missing_ok", "batch")
"""Parameters with a meaning of their own: of a page, a page, a deletion and a stream."""


def place_of(function: Callable[..., Any]) -> Place:
    """Where a function stands."""
    return Place(Path(function.__code__.co_filename), function.__code__.co_firstlineno)


def read_signature(function: Callable[..., Any], *, returns_rows: bool) -> Signature:
    """The signature of a function. Raises QueryError, with the remedy, for what the engine cannot bind or return."""
    found = Signature(
        function.__name__, function.__module__, place_of(function), inspect.signature(function), {}, Shape.ONE, None
    )
    try:
        hints = get_type_hints(function, include_extras=True)
    except NameError as error:
        raise found.fail(f"an annotation is not defined: {error}") from error
    first, *rest = found.signature.parameters.values() or [_NOTHING]
    if first.kind is not first.POSITIONAL_OR_KEYWORD or not _is_executor(hints.get(first.name, Any)):
        raise found.fail("the first parameter is the executor: db: Executor")
    if "return" not in hints:
        raise found.fail("the return annotation is missing; it says what the rows become")
    shape, result = _read_return(found, hints["return"], inspect.iscoroutinefunction(function), returns_rows)
    found = dataclasses.replace(found, shape=shape, result=result)
    for parameter in rest:
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            raise found.fail(f"*{parameter.name} cannot be bound; name each parameter")
        if parameter.name.startswith("__"):
            raise found.fail(f"parameter {parameter.name}: names that begin with __ are the engine's")
        if parameter.name not in hints:
            raise found.fail(f"parameter {parameter.name} has no annotation")
        found.parameters[parameter.name] = _read_parameter(found, parameter, hints[parameter.name])
    return found


def _is_executor(annotation: Any) -> bool:
    return annotation is Any or hasattr(annotation, "run_in_transaction")


def _read_return(
    function: Signature, annotation: Any, is_coroutine: bool, returns_rows: bool
) -> tuple[Shape, Result | None]:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if (origin is AsyncIterator) == is_coroutine:
        raise function.fail("write `async def`, or for an AsyncIterator a plain `def`")
    if annotation in (None, NoneType):
        return Shape.NOTHING, None
    if origin is Annotated and any(isinstance(item, _RowsChanged) for item in arguments[1:]):
        return Shape.AFFECTED, None
    if annotation is bool and not returns_rows:
        return Shape.CHANGED, None
    if not returns_rows:
        raise function.fail("the statement gives no rows; add RETURNING, or annotate Affected, bool or None")
    try:
        if origin is dict and arguments[1] is not Any:
            return Shape.MAPPING, Result.pair(*arguments)
        if origin in _COLLECTIONS:
            return _COLLECTIONS[origin], Result.of(arguments[0])
        if origin in (Union, UnionType) and NoneType in arguments:
            row = Result.of(_without_none(annotation))
            return Shape.OPTIONAL, Result.of(annotation) if row.kind is None else row
        return Shape.ONE, Result.of(annotation)
    except TypeError as error:
        raise function.fail(f"the return annotation: {error}") from error


_COLLECTIONS = {list: Shape.LIST, Page: Shape.PAGE, AsyncIterator: Shape.STREAM}


def _without_none(annotation: Any) -> Any:
    kinds = [kind for kind in get_args(annotation) if kind is not NoneType]
    return kinds[0] if len(kinds) == 1 else Union[tuple(kinds)]  # noqa: UP007


def _read_parameter(function: Signature, parameter: inspect.Parameter, annotation: Any) -> Parameter:
    name, default = parameter.name, parameter.default
    if name == "limit" and function.shape is Shape.PAGE:
        # A page binds one row more than its limit, which may come to the default, so no default leaves the line out.
        return Parameter(name, inspect.Parameter.empty, column_type(int))
    if name == "cursor" and function.shape is Shape.PAGE:
        return Parameter(name, default, column_type(str))
    if get_origin(annotation) in (Sequence, Iterable, list) and (attributes := _attributes(get_args(annotation)[0])):
        return Parameter(name, default, attributes=attributes, many=True)
    attributes = _attributes(annotation)
    try:
        return Parameter(name, default, column_type(annotation), attributes)
    except TypeError as error:
        if attributes:
            return Parameter(name, default, attributes=attributes)
        raise function.fail(f"parameter {name}: {error}") from error


def _attributes(kind: Any) -> dict[str, Any]:
    """The annotations of a class's attributes; none where it is no class of named values."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return {name: field_annotation(field) for name, field in kind.model_fields.items()}
    if isinstance(kind, type) and (dataclasses.is_dataclass(kind) or hasattr(kind, "_fields")):  # pyright: ignore[reportUnknownArgumentType]
        return get_type_hints(kind, include_extras=True)  # pyright: ignore[reportUnknownArgumentType]
    return {}
