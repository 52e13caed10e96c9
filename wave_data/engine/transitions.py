"""State machines: the moves that transitions allow, read from their own SQL."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from wave_data.engine.errors import InvalidTransition, InvalidValue, QueryError
from wave_data.engine.sql_file import Statement, Token

if TYPE_CHECKING:
    from wave_data.engine.executor import Executor
    from wave_data.engine.modules import Query

T = TypeVar("T")


@dataclass(frozen=True)
class Move:
    """What one transition does: from any of `sources` to `target`, values of `column`."""

    operation: str
    column: str
    sources: tuple[str, ...]
    target: str


def read_move(operation: str, statement: Statement, column: str = "status") -> Move:
    """The move of an UPDATE that sets a status where it has one of some values.

    Raises QueryError where the statement does not say both with literals.
    """
    tokens = statement.tokens
    words = [token.text.upper() for token in tokens]
    if "SET" not in words or "WHERE" not in words[words.index("SET") :]:
        raise QueryError(f"{statement.place}: a transition is an UPDATE … SET {column} = '…' WHERE …")
    where = words.index("WHERE", words.index("SET"))
    target = _literals(tokens[words.index("SET") : where], column)
    sources = _literals(tokens[where:], column)
    if len(target) != 1 or not sources:
        raise QueryError(
            f"{statement.place}: a transition says SET {column} = '…', and WHERE {column} = '…' or"
            f" {column} IN ('…', …), so that its moves can be read"
        )
    return Move(operation, column, sources, target[0])


def _literals(tokens: Sequence[Token], column: str) -> tuple[str, ...]:
    """The quoted values that `column` is set to or compared with."""
    for index, token in enumerate(tokens[:-2]):
        if token.kind != "word" or token.text != column:
            continue
        if tokens[index + 1].text == "=" and tokens[index + 2].kind == "quoted":
            return (_unquoted(tokens[index + 2]),)
        if tokens[index + 1].text.upper() == "IN" and tokens[index + 2].text == "(":
            end = next(i for i in range(index, len(tokens)) if tokens[i].text == ")")
            return tuple(_unquoted(t) for t in tokens[index + 3 : end] if t.kind == "quoted")
    return ()


def _unquoted(token: Token) -> str:
    return token.text[1:-1].replace("''", "'")


def allowed_targets(moves: Sequence[Move], current: str) -> list[str]:
    """The statuses that these moves lead to from `current`."""
    return list(dict.fromkeys(found.target for found in moves if current in found.sources))


async def move(
    db: "Executor",
    key: Any,
    status: str,
    operations: Mapping[str, Sequence[Callable[..., Awaitable[T]]]],
    *arguments: object,
) -> T:
    """Move a row to `status` by the first of the operations that lead there from where it is.

    `operations` gives the transitions that lead to a status; each, a partial of one too, is awaited as
    `operation(db, key, *arguments)`.
    Raises InvalidValue for an unknown status, NotFound, and InvalidTransition with what these operations allow.
    """
    queries = [_query_of(operation) for leading in operations.values() for operation in leading]
    module, moves = queries[0].module, [found.move for found in queries if found.move is not None]
    column = moves[0].column
    choices = module.choices(column)
    if status not in choices:
        raise InvalidValue(f"{column}: {status!r} is not one of {', '.join(choices)}")
    for operation in operations.get(status, ()):
        with suppress(InvalidTransition):
            return await operation(db, key, *arguments)
    current = str(getattr(await module.queries["get"].function(db, key), column))
    raise InvalidTransition(
        module.entity, key, current=current, requested=status, allowed=allowed_targets(moves, current)
    )


def _query_of(operation: Callable[..., Any]) -> "Query":
    found: Query = getattr(operation.func if isinstance(operation, partial) else operation, "__query__")  # noqa: B009
    return found
