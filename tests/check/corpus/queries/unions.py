"""Set operations: a column can be NULL where it can in one of the arms that give rows."""

from uuid import UUID

from wave_data import Executor, Record, query


class Line(Record):
    id: UUID
    line: str


class MaybeLine(Record):
    id: UUID
    line: str | None


class Event(Record):
    kind: str
    amount: int


class Numbered(Record):
    number: int
    word: str


@query
async def union_all(db: Executor, author_id: UUID) -> list[Line]: ...


@query
async def union_all_with_an_optional_arm(db: Executor, author_id: UUID) -> list[Line]: ...


@query
async def union_with_an_optional_first_arm(db: Executor, author_id: UUID) -> list[Line]: ...


@query
async def union_allowed(db: Executor, author_id: UUID) -> list[MaybeLine]: ...


@query
async def union_with_literals(db: Executor, author_id: UUID) -> list[Event]: ...


@query
async def union_with_null(db: Executor, author_id: UUID) -> list[Event]: ...


@query
async def union_with_an_empty_sum(db: Executor, author_id: UUID) -> list[Event]: ...


@query
async def third_arm(db: Executor, author_id: UUID) -> list[Line]: ...


@query
async def arm_with_a_left_join(db: Executor, author_id: UUID) -> list[Line]: ...


@query
async def derived_union(db: Executor, author_id: UUID) -> list[Line]: ...


@query
async def derived_union_filled_up(db: Executor, author_id: UUID) -> list[Line]: ...


@query
async def exchanged_columns_of_arms(db: Executor, author_id: UUID) -> list[str]: ...


@query
async def intersection_of_optionals(db: Executor, author_id: UUID) -> list[str]: ...


@query
async def intersection(db: Executor, author_id: UUID) -> list[str]: ...


@query
async def difference_of_an_optional(db: Executor, author_id: UUID) -> list[str]: ...


@query
async def rows_of_values(db: Executor) -> list[Numbered]: ...


@query
async def rows_of_values_allowed(db: Executor) -> list[Numbered]: ...
