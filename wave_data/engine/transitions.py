"""The generic transition: to a status by whichever operation leads there."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

from wave_data.engine.errors import InvalidTransition, InvalidValue, NotFound
from wave_data.engine.executor import Executor
from wave_data.engine.modules import Query, query_of
from wave_data.engine.state_machine import allowed_targets

T = TypeVar("T")


async def move(
    db: Executor,
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
    row = await queries[0].finder.read(db, key)
    if row is None:
        raise NotFound(module.entity, key)
    allowed = allowed_targets(moves, column, row)
    raise InvalidTransition(module.entity, key, current=str(getattr(row, column)), requested=status, allowed=allowed)


def _query_of(operation: Callable[..., Any]) -> Query:
    return query_of(operation.func if isinstance(operation, partial) else operation)
