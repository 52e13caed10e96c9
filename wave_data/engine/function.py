"""The function that callers call, written from a signature so that a call does nothing that could be done before."""

from collections.abc import Callable
from functools import update_wrapper
from inspect import Parameter as Argument
from inspect import cleandoc
from typing import Any, NoReturn

from wave_data.engine.columns import column_type
from wave_data.engine.compiled import Shapes, optional_parameters
from wave_data.engine.errors import NotFound
from wave_data.engine.modules import Query
from wave_data.engine.page import Pager
from wave_data.engine.records import Result, field_annotation
from wave_data.engine.signature import CONTROLS, Shape, Signature


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


def generate(found: Query, function: Callable[..., Any]) -> Callable[..., Any]:
    """Write the function that callers call: its signature, and nothing that could be done beforehand."""
    signature = found.signature
    pager = _pager(found)
    found.compiled = {
        d: Shapes(signature, statement, d, pager, lambda: found.entity) for d, statement in found.statements.items()
    }
    scope: dict[str, Any] = {
        "_shapes": found.compiled,
        "_query": found,
        "_pager": pager,
        "_NotFound": NotFound,
    }
    executor, *names = signature.signature.parameters
    names_text = ", ".join(names)
    filters = "".join(f"{name}, " for name in names if name not in CONTROLS)
    lines: list[str] = []
    if pager is not None:
        lines += [
            f"_filters = ({filters})",
            "_size = _pager.size(limit)",
            "limit = _size + 1",
            "if cursor is not None:",
            "    cursor = _pager.read(cursor, _filters)",
        ]
    lines += [f"_shape = {_shape_expression(found, scope)}"]
    if found.role == "partial update":
        lines += [
            "if not _shape:",
            f"    return await _query.module.queries['get'].function({executor}, {_key(found)})",
        ]
    lines += [
        f"_statement = _shapes[{executor}.dialect][_shape]",
        "try:",
        f"    _arguments = _statement.bind({executor}, {names_text})",
        "except (TypeError, ValueError, AttributeError) as _error:",
        f"    _shapes[{executor}.dialect].refuse(_error, {executor}, ({names_text}{',' if names else ''}))",
        *_outcome(found, executor, f"({names_text}{',' if names else ''})"),
    ]
    keyword = "def" if signature.shape is Shape.STREAM else "async def"
    body = "\n    ".join(lines)
    source = f"{keyword} {function.__name__}({_parameters_text(signature, scope)}):\n    {body}\n"
    exec(compile(source, f"<{signature.title}>", "exec"), scope)
    made: Callable[..., Any] = scope[function.__name__]
    update_wrapper(made, function)
    del made.__wrapped__  # type: ignore[attr-defined]
    made.__signature__ = signature.signature  # type: ignore[attr-defined]
    made.__query__ = found  # type: ignore[attr-defined]
    made.__doc__ = _documentation(found, function.__doc__)
    return made


def _parameters_text(signature: Signature, scope: dict[str, Any]) -> str:
    pieces: list[str] = []
    starred = False
    for name, parameter in signature.signature.parameters.items():
        if parameter.kind is Argument.KEYWORD_ONLY and not starred:
            pieces.append("*")
            starred = True
        if parameter.default is Argument.empty:
            pieces.append(name)
        else:
            scope[f"_default_{name}"] = parameter.default
            pieces.append(f"{name}=_default_{name}")
    return ", ".join(pieces)


def _shape_expression(found: Query, scope: dict[str, Any]) -> str:
    terms: list[str] = []
    for bit, name in enumerate(_optional(found)):
        default = found.signature.parameters[name].default
        same = default is None or isinstance(default, bool) or not isinstance(default, str | int | float | tuple)
        scope[f"_default_{name}"] = default
        terms.append(f"({name} {'is not' if same else '!='} _default_{name}) << {bit}")
    return " | ".join(terms) or "0"


def _optional(found: Query) -> tuple[str, ...]:
    names = {d: optional_parameters(found.signature, s) for d, s in found.statements.items()}
    if names["postgres"] != names["sqlite"]:
        raise found.signature.fail(
            "the optional lines of the two stores bind different parameters, or in another order"
        )
    return names["postgres"]


def _key(found: Query) -> str:
    for name in ("id", "key"):
        if name in found.signature.parameters:
            return name
    return ", ".join(name for name, p in found.signature.parameters.items() if p.required)


def _outcome(found: Query, db: str, arguments: str) -> list[str]:
    """The lines that run the bound statement and make what the return annotation says."""
    many = any(parameter.many for parameter in found.signature.parameters.values())
    fetch = f"await {db}.{'fetch_many' if many else 'fetch'}(_statement, _arguments)"
    execute = f"await {db}.{'execute_many' if many else 'execute'}(_statement, _arguments)"
    match found.signature.shape:
        case Shape.ONE:
            return [
                f"_rows = {fetch}",
                "if len(_rows) == 1:",
                "    return _rows[0]",
                "if _rows:",
                "    _query.too_many(len(_rows))",
                f"await _query.absent({db}, {arguments})",
            ]
        case Shape.OPTIONAL:
            return [
                f"_rows = {fetch}",
                "if len(_rows) > 1:",
                "    _query.too_many(len(_rows))",
                "return _rows[0] if _rows else None",
            ]
        case Shape.LIST:
            return [f"return {fetch}"]
        case Shape.PAGE:
            return [f"return _pager.cut({fetch}, _size, _filters)"]
        case Shape.STREAM:
            return [f"return {db}.stream(_statement, _arguments)"]
        case Shape.MAPPING:
            return [f"return {_zeros(found)} | dict({fetch})"]
        case Shape.NOTHING:
            return [execute]
        case Shape.AFFECTED:
            return [f"return {execute}"] if not many else _counted(found)
        case Shape.CHANGED:
            if "missing_ok" not in found.signature.parameters:
                return [f"return {execute} > 0"]
            return [
                f"_changed = {execute} > 0",
                "if not _changed and not missing_ok:",
                f"    raise _NotFound(_query.entity, _query.key({arguments}))",
                "return _changed",
            ]


def _counted(found: Query) -> NoReturn:
    raise found.signature.fail("the drivers do not count the rows of a bulk statement; annotate None, or add RETURNING")


def _zeros(found: Query) -> str:
    """The values that a mapping has when the rows name none: 0 for each value of a Literal key."""
    result = found.signature.result
    assert isinstance(result, Result)
    return repr(dict.fromkeys(result.scalars[0].choices, 0))


def _documentation(found: Query, text: str | None) -> str:
    pieces = [cleandoc(text or "")]
    for statement in dict.fromkeys(found.statements.values()):
        notes = f"{statement.documentation}\n" if statement.documentation else ""
        pieces.append(f"{notes}SQL, {statement.place}:\n\n{statement.source}")
    return "\n\n".join(pieces)
