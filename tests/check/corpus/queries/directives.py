"""Directives: what they silence, and those that nothing needs."""

from uuid import UUID

from corpus.records import Author, Book
from wave_data import Executor, Record, TextArray, query


class Titled(Record):
    id: UUID
    title: str


class Bounds(Record):
    shortest: int
    longest: int


class Nicknamed(Record):
    label: str
    name: str


@query
async def needed_not_null(db: Executor, author_id: UUID) -> Bounds: ...


@query
async def needed_not_null_of_a_scalar(db: Executor, id: UUID) -> str: ...


@query
async def needless_not_null(db: Executor, id: UUID) -> Titled: ...


@query
async def half_needless_not_null(db: Executor, id: UUID) -> Titled: ...


@query
async def not_null_for_an_annotation_that_allows_none(db: Executor, id: UUID) -> str | None: ...


@query
async def misspelt_not_null(db: Executor, id: UUID) -> Titled: ...


@query
async def needed_one_row(db: Executor, author_id: UUID, status: str) -> Book | None: ...


@query
async def needless_one_row(db: Executor, id: UUID) -> Book | None: ...


@query
async def one_row_of_a_list(db: Executor, author_id: UUID) -> list[Book]: ...


@query
async def needed_scan(db: Executor, nickname: str) -> list[Author]: ...


@query
async def needed_sort(db: Executor, author_id: UUID) -> list[Book]: ...


@query
async def scan_needed_in_one_shape(db: Executor, nickname: str | None = None) -> list[Author]: ...


@query
async def needless_scan(db: Executor, author_id: UUID) -> list[Book]: ...


@query
async def several(db: Executor, nickname: str) -> Nicknamed | None: ...


@query
async def not_null_on_one_store(db: Executor, author_id: UUID) -> list[TextArray]: ...


@query
async def needless_on_one_store(db: Executor, author_id: UUID) -> list[TextArray]: ...


@query
async def wrong_directive(db: Executor, nickname: str) -> list[Author]: ...


@query
async def needed_on_one_store(db: Executor, id: UUID) -> int: ...
