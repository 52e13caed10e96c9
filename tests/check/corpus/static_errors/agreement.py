"""Statements and functions that do not belong together."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from wave_data import Executor, NewId, query


@dataclass
class NewShop:
    name: str
    id: NewId = None


@query
async def agreed(db: Executor, id: UUID) -> str: ...


@query
async def misspelt_parameter(db: Executor, ids: UUID) -> str: ...


@query
async def unknown_parameter(db: Executor, id: UUID) -> str: ...


# expect: static "'pages' is bound nowhere"
@query
async def unused_parameter(db: Executor, id: UUID, pages: int) -> str: ...


@query
async def misspelt_attribute(db: Executor, shop: NewShop) -> None: ...


@query
async def attribute_of_a_scalar(db: Executor, id: UUID) -> str: ...


@query
async def rows_as_a_whole(db: Executor, shops: Sequence[NewShop]) -> None: ...


# expect: static "no statement `-- name: without_a_statement`"
@query
async def without_a_statement(db: Executor, id: UUID) -> str: ...


# expect: static "no statement `-- name: mispelt_name`"
@query
async def mispelt_name(db: Executor, id: UUID) -> str: ...


@query
async def for_one_store(db: Executor, id: UUID) -> str: ...


@query
async def gives_rows_on_one_store(db: Executor, id: UUID) -> UUID: ...


# expect: static "optional lines of the two stores"
@query
async def optional_lines_of_the_stores_differ(
    db: Executor, author_id: UUID, status: str | None = None
) -> list[str]: ...


@query
async def shared(db: Executor, author_id: UUID) -> list[str]: ...


@query
async def shared_too(db: Executor, author_id: UUID) -> list[str]: ...
