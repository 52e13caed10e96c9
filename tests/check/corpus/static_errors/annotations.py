"""Signatures that the engine cannot serve."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from corpus.records import Book
from wave_data import Affected, Executor, NewId, Page, Record, partial_update, query, transition


@dataclass
class NewShop:
    name: str
    id: NewId = None


class Unheld(Record):
    title: complex


# expect: static "parameter id has no annotation"
@query
async def without_annotation(db: Executor, id) -> str: ...


# expect: static "parameter id: no column can hold"
@query
async def unheld_parameter(db: Executor, id: complex) -> str: ...


# expect: static "a Decimal needs its scale"
@query
async def decimal_without_scale(db: Executor, id: Decimal) -> str: ...


# expect: static "an annotation is not defined"
@query
async def undefined_annotation(db: Executor, id: "Missing") -> str: ...  # noqa: F821


# expect: static "the return annotation is missing"
@query
async def without_return(db: Executor, id: UUID): ...


# expect: static "the return annotation: no column can hold"
@query
async def unheld_return(db: Executor, id: UUID) -> complex: ...


# expect: static "one type and None were expected"
@query
async def two_types(db: Executor, id: UUID | int) -> str: ...


# expect: static "Unheld.title: no column can hold"
@query
async def unheld_field(db: Executor, id: UUID) -> Unheld: ...


# expect: static "write `async def`"
@query
def plain_function(db: Executor, id: UUID) -> str: ...


# expect: static "the first parameter is the executor"
@query
async def without_executor(id: UUID) -> str: ...


# expect: static "*ids cannot be bound"
@query
async def any_number_of_parameters(db: Executor, *ids: UUID) -> str: ...


# expect: static "the statement gives no rows"
@query
async def rows_of_no_returning(db: Executor, id: UUID) -> Book: ...


# expect: static "for an AsyncIterator a plain `def`"
@query
async def stream_as_a_coroutine(db: Executor, author_id: UUID) -> AsyncIterator[str]: ...


# expect: static "a page has the parameters"
@query
async def page_without_limit(db: Executor, author_id: UUID, cursor: str | None = None) -> Page[Book]: ...


# expect: static "a page continues after a row"
@query
async def page_without_keys(
    db: Executor, author_id: UUID, limit: int = 100, cursor: str | None = None
) -> Page[Book]: ...


# expect: static "do not count the rows of a bulk statement"
@query
async def counted_bulk(db: Executor, shops: Sequence[NewShop]) -> Affected: ...


@transition
async def transition_to_an_argument(db: Executor, id: UUID, status: str) -> Book: ...


@transition
async def transition_of_a_select(db: Executor, id: UUID) -> Book: ...


# expect: static "a transition needs the module's 'find'"
@transition
async def transition_without_find(db: Executor, id: UUID) -> Book: ...


# expect: static "a partial update needs the module's 'get'"
@partial_update
async def partial_update_without_get(db: Executor, id: UUID, *, title: str | None = None) -> Book: ...
