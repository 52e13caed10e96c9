"""Columns that a signature asks for and the statement does not give, or gives too many of."""

from uuid import UUID

from corpus.records import Book
from wave_data import Executor, Page, Record, UtcDatetime, query


class Titled(Record):
    id: UUID
    title: str


class Dated(Record):
    id: UUID
    created_at: UtcDatetime


class WithDefault(Record):
    id: UUID
    remark: str = "none"


class TitledAndDated(Titled):
    created_at: UtcDatetime


@query
async def more_columns_than_fields(db: Executor, id: UUID) -> Titled: ...


@query
async def no_column_for_a_field(db: Executor, id: UUID) -> Titled: ...


@query
async def misspelt_column(db: Executor, id: UUID) -> Titled: ...


@query
async def field_with_a_default(db: Executor, id: UUID) -> WithDefault: ...


@query
async def row_without_some_columns(db: Executor, id: UUID) -> Book: ...


@query
async def two_columns_for_a_scalar(db: Executor, id: UUID) -> str: ...


@query
async def whole_row_for_a_scalar(db: Executor, id: UUID) -> int: ...


@query
async def one_column_for_a_mapping(db: Executor, author_id: UUID) -> dict[str, int]: ...


@query
async def three_columns_for_a_mapping(db: Executor, author_id: UUID) -> dict[str, int]: ...


@query
async def two_columns_for_a_mapping(db: Executor, author_id: UUID) -> dict[str, int]: ...


@query
async def returned_too_little(db: Executor, id: UUID, title: str) -> Titled: ...


@query
async def two_columns_of_one_name(db: Executor, id: UUID) -> Dated: ...


@query
async def two_columns_of_a_name_that_is_no_field(db: Executor, id: UUID) -> Titled: ...


@query
async def unnamed_expression(db: Executor, id: UUID) -> Titled: ...


@query
async def page_without_a_column(
    db: Executor, author_id: UUID, limit: int = 100, cursor: str | None = None
) -> Page[TitledAndDated]: ...
