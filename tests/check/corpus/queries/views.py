"""Views: their columns count as nullable, whatever is behind them."""

from uuid import UUID

from wave_data import Executor, Record, query


class Available(Record):
    id: UUID | None
    title: str | None
    subtitle: str | None


class StrictAvailable(Record):
    id: UUID
    title: str


class Totals(Record):
    author_id: UUID
    book_count: int
    longest: int


class Counted(Record):
    name: str
    book_count: int


class MaybeCounted(Record):
    name: str
    book_count: int | None


@query
async def view(db: Executor, author_id: UUID) -> list[Available]: ...


@query
async def view_too_strict(db: Executor, author_id: UUID) -> list[StrictAvailable]: ...


@query
async def reviewed_view(db: Executor, author_id: UUID) -> list[StrictAvailable]: ...


@query
async def reviewed_view_of_groups(db: Executor, author_id: UUID) -> list[Totals]: ...


@query
async def half_reviewed_view(db: Executor, author_id: UUID) -> list[Totals]: ...


@query
async def join_of_a_view(db: Executor, id: UUID) -> list[Counted]: ...


@query
async def left_join_of_a_view(db: Executor, id: UUID) -> list[MaybeCounted]: ...


@query
async def filled_up_view(db: Executor, author_id: UUID) -> list[str]: ...


@query
async def count_of_a_view(db: Executor, author_id: UUID) -> int: ...
