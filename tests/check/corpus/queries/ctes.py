"""Common table expressions, recursive ones among them."""

from uuid import UUID

from wave_data import Executor, Record, query


class Line(Record):
    id: UUID
    line: str


class Ancestor(Record):
    id: UUID
    name: str
    depth: int


class Link(Record):
    id: UUID
    parent_id: UUID


class Counted(Record):
    title: str
    review_count: int


@query
async def cte(db: Executor, author_id: UUID) -> list[Line]: ...


@query
async def cte_with_optional(db: Executor, author_id: UUID) -> list[Line]: ...


@query
async def cte_filled_up(db: Executor, author_id: UUID) -> list[Line]: ...


@query
async def chained_ctes(db: Executor, author_id: UUID) -> list[Line]: ...


@query
async def renamed_columns(db: Executor, author_id: UUID) -> list[Line]: ...


@query
async def renamed_columns_exchanged(db: Executor, author_id: UUID) -> list[Line]: ...


@query
async def cte_named_as_a_table(db: Executor, id: UUID) -> list[str]: ...


@query
async def table_named_as_the_cte_of_another_query(db: Executor, id: UUID) -> list[str]: ...


@query
async def left_join_of_a_cte(db: Executor, author_id: UUID) -> list[Line]: ...


@query
async def inner_join_of_a_cte(db: Executor, author_id: UUID) -> list[Line]: ...


@query
async def left_join_of_counts(db: Executor, author_id: UUID) -> list[Counted]: ...


@query
async def cte_with_an_empty_max(db: Executor, author_id: UUID) -> list[int]: ...


@query
async def scalar_subquery_of_a_cte(db: Executor, author_id: UUID) -> list[Line]: ...


@query
async def ancestors(db: Executor, id: UUID) -> list[Ancestor]: ...


@query
async def ancestors_with_optional(db: Executor, id: UUID) -> list[Link]: ...


@query
async def optional_recursive_arm(db: Executor, id: UUID) -> list[Ancestor]: ...


@query
async def optional_first_arm(db: Executor, id: UUID) -> list[Ancestor]: ...


@query
async def optional_that_travels_through_the_recursion(db: Executor, id: UUID) -> list[Link]: ...


@query
async def recursion_over_its_own_column(db: Executor) -> list[int]: ...


@query
async def numbers(db: Executor) -> list[int]: ...


@query
async def deleted_rows(db: Executor, id: UUID) -> list[Line]: ...


@query
async def deleted_rows_with_optional(db: Executor, id: UUID) -> list[Line]: ...


@query
async def cte_before_its_namesake(db: Executor, author_id: UUID) -> str: ...


@query
async def cte_over_its_namesake(db: Executor, id: UUID) -> str: ...
