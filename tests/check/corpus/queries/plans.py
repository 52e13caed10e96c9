"""Plans: all rows read, or sorted, where an index could serve."""

from datetime import date
from uuid import UUID

from corpus.records import Author, Book, Stock
from wave_data import Affected, Executor, Page, Record, UtcDatetime, query


class Titled(Record):
    id: UUID
    title: str


@query
async def by_index(db: Executor, editor_id: UUID) -> list[Book]: ...


@query
async def without_an_index(db: Executor, nickname: str) -> list[Author]: ...


@query
async def by_expression_index(db: Executor, nickname: str) -> list[Author]: ...


@query
async def by_an_expression_without_an_index(db: Executor, nickname: str) -> list[Author]: ...


@query
async def expression_over_an_indexed_column(db: Executor, name: str) -> list[Author]: ...


@query
async def by_partial_index(db: Executor, day: date) -> list[Book]: ...


@query
async def by_a_partial_index_without_its_condition(db: Executor, day: date) -> list[Book]: ...


@query
async def second_column_of_an_index(db: Executor, title: str) -> list[Book]: ...


@query
async def second_column_with_the_first(db: Executor, author_id: UUID, title: str) -> list[Book]: ...


@query
async def pattern(db: Executor, pattern: str) -> list[Book]: ...


@query
async def alternative_without_an_index(db: Executor, id: UUID, subtitle: str) -> list[Book]: ...


@query
async def alternative_of_indexes(db: Executor, author_id: UUID) -> list[Book]: ...


@query
async def list_of_keys(db: Executor, id: UUID, other_id: UUID) -> list[Book]: ...


@query
async def range(db: Executor, since: UtcDatetime, until: UtcDatetime) -> list[Book]: ...


@query
async def range_without_an_index(db: Executor, until: UtcDatetime) -> list[Stock]: ...


@query
async def everything(db: Executor) -> list[Author]: ...


@query
async def everything_in_order(db: Executor) -> list[Book]: ...


@query
async def count_of_everything(db: Executor) -> int: ...


@query
async def join_by_indexes(db: Executor, author_id: UUID) -> list[Titled]: ...


@query
async def join_without_an_index(db: Executor, id: UUID) -> list[Titled]: ...


@query
async def subquery_without_an_index(db: Executor, author_id: UUID) -> list[Titled]: ...


@query
async def update_without_an_index(db: Executor, subtitle: str) -> Affected: ...


@query
async def update_by_index(db: Executor, until: UtcDatetime) -> Affected: ...


@query
async def delete_without_an_index(db: Executor, until: UtcDatetime) -> Affected: ...


@query
async def delete_by_index(db: Executor, book_id: UUID) -> Affected: ...


@query
async def optional_line_without_an_index(
    db: Executor, country: str | None = None, nickname: str | None = None
) -> list[Author]: ...


@query
async def order_of_an_index(db: Executor, author_id: UUID) -> list[Book]: ...


@query
async def order_without_an_index(db: Executor, author_id: UUID) -> list[Book]: ...


@query
async def order_in_two_directions(db: Executor, author_id: UUID) -> list[Book]: ...


@query
async def order_by_another_index(db: Executor, country: str) -> list[Author]: ...


@query
async def order_of_one_row(db: Executor, id: UUID) -> list[Book]: ...


@query
async def order_of_groups(db: Executor, author_id: UUID) -> dict[str, int]: ...


@query
async def page(db: Executor, author_id: UUID, limit: int = 100, cursor: str | None = None) -> Page[Book]: ...


@query
async def page_without_an_index(
    db: Executor, author_id: UUID, limit: int = 100, cursor: str | None = None
) -> Page[Book]: ...


@query
async def small_values_in_order(db: Executor) -> dict[str, int]: ...


@query
async def keyed_array(db: Executor, ids: list[UUID]) -> list[Book]: ...
