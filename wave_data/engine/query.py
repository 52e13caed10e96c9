"""`@query`: a signature and a statement of the same name become one async function."""

from collections.abc import Callable
from difflib import get_close_matches
from typing import Any, TypeVar, cast, overload

from wave_data.engine.columns import column_type
from wave_data.engine.dialect import DIALECTS, Dialect
from wave_data.engine.errors import QueryError
from wave_data.engine.function import make_function
from wave_data.engine.modules import Query, QueryModule, Role, module_of
from wave_data.engine.problems import report
from wave_data.engine.signature import Parameter, Shape, Signature, place_of, read_signature
from wave_data.engine.sql_file import CLOCK, Line, Statement
from wave_data.engine.sql_tokens import Place, Token
from wave_data.engine.state_machine import read_move

F = TypeVar("F", bound=Callable[..., Any])


def query(function: F) -> F:
    """Join a function to the statement of its name; its body is never run."""
    return _join(function, "query")


@overload
def transition(function: F) -> F: ...
@overload
def transition(function: str) -> Callable[[F], F]: ...
def transition(function: F | str) -> F | Callable[[F], F]:
    """As `query`, for an UPDATE that moves a row from some statuses to another; the module has a `find`.

    `@transition("phase")` names a column other than `status`. Where no row is moved, the function raises NotFound or
    InvalidTransition.
    """
    if isinstance(function, str):
        column = function
        return lambda function: _join(function, "transition", column)
    return _join(function, "transition")


def partial_update(function: F) -> F:
    """As `query`, for an UPDATE whose optional lines are the fields; the module has a `get`.

    With no field given, the function returns the row as it is.
    """
    return _join(function, "partial update")


def _join(function: F, role: Role, column: str = "status") -> F:
    module = module_of(function)
    if function.__name__ in module.sql.broken:
        return function
    try:
        made = _make(module, function, role, column)
    except QueryError as error:
        report(error)
        module.broken.add(function.__name__)
        return function
    return cast(F, made)


def _make(module: QueryModule, function: Callable[..., Any], role: Role, column: str) -> Callable[..., Any]:
    name = function.__name__
    place = place_of(function)
    if name in module.queries:
        raise QueryError(f"{place}: {module.name} has two functions named {name}")
    statements = _statements(module, name, place)
    returns_rows = {dialect: statement.returns_rows for dialect, statement in statements.items()}
    if len(set(returns_rows.values())) > 1:
        raise QueryError(f"{statements['sqlite'].place}: {name!r} gives rows on one store only")
    signature = read_signature(function, returns_rows=returns_rows["postgres"])
    found = Query(module, signature, statements, role, function)
    _check_parameters(found)
    if name in module.broken:
        return function
    if role == "transition":
        found.move = read_move(name, statements["postgres"], column)
    found.function = make_function(found, function)
    module.queries[name] = found
    return found.function


def _statements(module: QueryModule, name: str, place: Place) -> dict[Dialect, Statement]:
    """The statement of a function on each store."""
    statements: dict[Dialect, Statement] = {}
    for dialect in DIALECTS:
        statement = module.sql.find(name, dialect)
        if statement is not None:
            statements[dialect] = statement
    if not statements:
        near = get_close_matches(name, module.sql.names, 1)
        hint = f"; did you mean {near[0]} ({module.sql.names[near[0]]})?" if near else "; add it"
        raise QueryError(f"{place}: {module.sql.path} has no statement `-- name: {name}`{hint}")
    if len(statements) < len(DIALECTS):
        (only,) = statements
        raise QueryError(f"{statements[only].place}: {name!r} has a statement for {only} only; add the other store's")
    return statements


def _check_parameters(found: Query) -> None:
    """Report each parameter that the statement or the function lacks; an unused one may be meant by a misspelt one."""
    signature = found.signature
    bound: set[str] = set()
    for statement in dict.fromkeys(found.statements.values()):
        for line in statement.lines:
            for token in line.parameters:
                bound.add(token.parameter[0])
                try:
                    _check_parameter(found, statement, line, token)
                except QueryError as error:
                    report(error)
                    found.module.broken.add(signature.name)
    if signature.name in found.module.broken:
        return
    for name in signature.parameters:
        if name not in bound and not _is_control(signature, name):
            places = " and ".join(dict.fromkeys(str(s.place) for s in found.statements.values()))
            report(
                signature.fail(
                    f"parameter {name!r} is bound nowhere in the statement ({places}); bind :{name}, or remove it"
                )
            )
            found.module.broken.add(signature.name)


def _check_parameter(found: Query, statement: Statement, line: Line, token: Token) -> None:
    signature = found.signature
    name, attribute = token.parameter
    if name not in signature.parameters:
        if not (line.optional and len(statement.names) > 1):
            near = get_close_matches(name, signature.parameters, 1)
            hint = f"; did you mean :{near[0]}?" if near else ""
            raise QueryError(
                f"{token.place}: {signature.title} has no parameter {name!r}{hint}"
                f" (its parameters are {', '.join(signature.parameters) or 'none'})"
            )
    elif signature.parameters[name].many and attribute is None:
        some = next(iter(signature.parameters[name].attributes), "attribute")
        raise QueryError(
            f"{token.place}: {signature.title}: {name} is a sequence of rows;"
            f" bind the attributes of each, as :{name}.{some}"
        )
    elif attribute is not None and not (name == "cursor" and signature.shape is Shape.PAGE):
        _check_attribute(found, signature.parameters[name], attribute, str(token.place))


def _is_control(signature: Signature, name: str) -> bool:
    if name == CLOCK:
        return any(parameter.type is not None and parameter.type.age for parameter in signature.parameters.values())
    return (name, signature.shape) in (("missing_ok", Shape.CHANGED), ("batch", Shape.STREAM))


def _check_attribute(found: Query, parameter: Parameter, attribute: str, place: str) -> None:
    if attribute not in parameter.attributes:
        near = get_close_matches(attribute, parameter.attributes, 1)
        hint = f"; did you mean :{parameter.name}.{near[0]}?" if near else ""
        raise QueryError(f"{place}: {found.signature.title}: {parameter.name} has no attribute {attribute!r}{hint}")
    try:
        column_type(parameter.attributes[attribute])
    except TypeError as error:
        raise QueryError(f"{place}: {found.signature.title}: {parameter.name}.{attribute}: {error}") from error
