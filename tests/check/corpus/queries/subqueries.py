"""Subqueries: scalar ones may find no row, and derived tables carry what is inside."""

from uuid import UUID

from wave_data import Executor, Record, query


class Counted(Record):
    title: str
    review_count: int


class Best(Record):
    title: str
    best: int


class Named(Record):
    title: str
    name: str


class MaybeNamed(Record):
    title: str
    name: str | None


class Reviewed(Record):
    title: str
    is_reviewed: bool


@query
async def scalar_allowed(db: Executor, id: UUID) -> MaybeNamed: ...


@query
async def scalar(db: Executor, id: UUID) -> Named: ...


@query
async def scalar_filled_up(db: Executor, id: UUID) -> Named: ...


@query
async def scalar_filled_up_too_early(db: Executor, id: UUID) -> Named: ...


@query
async def scalar_count(db: Executor, id: UUID) -> Counted: ...


@query
async def scalar_count_of_groups(db: Executor, id: UUID) -> Counted: ...


@query
async def scalar_count_with_having(db: Executor, id: UUID) -> Counted: ...


@query
async def scalar_count_beyond_an_offset(db: Executor, id: UUID) -> Counted: ...


@query
async def scalar_max(db: Executor, id: UUID) -> Best: ...


@query
async def scalar_max_filled_up_inside(db: Executor, id: UUID) -> Best: ...


@query
async def scalar_literal_allowed(db: Executor, id: UUID, review_id: UUID) -> MaybeNamed: ...


@query
async def scalar_literal(db: Executor, id: UUID, review_id: UUID) -> Named: ...


@query
async def exists(db: Executor, id: UUID) -> Reviewed: ...


@query
async def not_exists(db: Executor, id: UUID) -> Reviewed: ...


@query
async def among_optional_values(db: Executor, id: UUID) -> Reviewed: ...


@query
async def not_among_optional_values(db: Executor, id: UUID) -> Reviewed: ...


@query
async def optional_value_among(db: Executor, id: UUID) -> Reviewed: ...


@query
async def derived_table(db: Executor, id: UUID) -> Named: ...


@query
async def derived_table_with_optional(db: Executor, id: UUID) -> Named: ...


@query
async def derived_table_with_left_join(db: Executor, id: UUID) -> Named: ...


@query
async def nested_derived_tables(db: Executor, id: UUID) -> Named: ...


@query
async def nested_derived_tables_with_optional(db: Executor, id: UUID) -> Named: ...


@query
async def star_of_a_derived_table(db: Executor, id: UUID) -> Named: ...


@query
async def star_of_a_derived_table_with_optional(db: Executor, id: UUID) -> Named: ...


@query
async def filtered_by_a_subquery(db: Executor, country: str) -> list[str]: ...
