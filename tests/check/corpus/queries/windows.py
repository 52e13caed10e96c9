"""Window functions: neighbours may be missing, and a frame may be empty."""

from uuid import UUID

from wave_data import Executor, Record, query


class Numbered(Record):
    title: str
    number: int


class Before(Record):
    title: str
    before: str


class MaybeBefore(Record):
    title: str
    before: str | None


class Pages(Record):
    title: str
    pages: int


@query
async def row_number(db: Executor, author_id: UUID) -> list[Numbered]: ...


@query
async def rank(db: Executor, author_id: UUID) -> list[Numbered]: ...


@query
async def count_of_all(db: Executor, author_id: UUID) -> list[Numbered]: ...


@query
async def count_of_an_empty_frame(db: Executor, author_id: UUID) -> list[Numbered]: ...


@query
async def running_sum(db: Executor, author_id: UUID) -> list[Pages]: ...


@query
async def sum_of_a_partition(db: Executor, author_id: UUID) -> list[Pages]: ...


@query
async def sum_of_an_empty_frame(db: Executor, author_id: UUID) -> list[Pages]: ...


@query
async def filtered_sum(db: Executor, author_id: UUID) -> list[Pages]: ...


@query
async def max_of_optional(db: Executor, author_id: UUID) -> list[Pages]: ...


@query
async def row_before(db: Executor, author_id: UUID) -> list[Before]: ...


@query
async def row_before_allowed(db: Executor, author_id: UUID) -> list[MaybeBefore]: ...


@query
async def row_before_filled_up(db: Executor, author_id: UUID) -> list[Before]: ...


@query
async def row_after(db: Executor, author_id: UUID) -> list[Before]: ...


@query
async def optional_row_before_with_default(db: Executor, author_id: UUID) -> list[Before]: ...


@query
async def second_row(db: Executor, author_id: UUID) -> list[Before]: ...


@query
async def first_row_of_a_frame_ahead(db: Executor, author_id: UUID) -> list[Before]: ...


@query
async def last_optional_row(db: Executor, author_id: UUID) -> list[Before]: ...


@query
async def named_window(db: Executor, author_id: UUID) -> list[Pages]: ...


@query
async def latest_of_each(db: Executor, author_id: UUID) -> list[Numbered]: ...


@query
async def sum_of_the_others(db: Executor, author_id: UUID) -> list[Pages]: ...


@query
async def named_window_of_an_empty_frame(db: Executor, author_id: UUID) -> list[Pages]: ...


@query
async def first_row(db: Executor, author_id: UUID) -> list[Before]: ...


@query
async def moving_sum(db: Executor, author_id: UUID) -> list[Pages]: ...


@query
async def tile(db: Executor, author_id: UUID) -> list[Numbered]: ...
