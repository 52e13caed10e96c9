"""The kinds of functions: pages, streams, bulk statements, transitions, partial updates and optional lines."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from corpus.records import Book, Status
from wave_data import (
    UNSET,
    Default,
    Executor,
    NewId,
    Page,
    Record,
    Unset,
    UtcDatetime,
    partial_update,
    query,
    transition,
)


@dataclass
class NewShop:
    name: str
    parent_id: UUID | None = None
    id: NewId = None


class Subtitled(Record):
    id: UUID
    subtitle: str


class Dated(Subtitled):
    created_at: UtcDatetime


class Worded(Record):
    title: str
    word: str = ""


class Mottoed(Record):
    id: UUID
    motto: str


@query
async def get(db: Executor, id: UUID) -> Book: ...


@query
async def find(db: Executor, id: UUID) -> Book | None: ...


@query
async def find_many(
    db: Executor, author_id: UUID | None = None, limit: int = 100, cursor: str | None = None
) -> Page[Book]: ...


@query
def iterate(db: Executor, status: Status | None = None) -> AsyncIterator[Book]: ...


@query
async def list_by_author(db: Executor, author_id: UUID, limit: int = 100, cursor: str | None = None) -> Page[Book]: ...


@query
def stream_of_optional(db: Executor, author_id: UUID) -> AsyncIterator[str]: ...


@query
def stream_of_optional_allowed(db: Executor, author_id: UUID) -> AsyncIterator[str | None]: ...


@query
async def page_of_optional(
    db: Executor, author_id: UUID, limit: int = 100, cursor: str | None = None
) -> Page[Dated]: ...


@query
async def create_many(db: Executor, shops: Sequence[NewShop]) -> None: ...


@query
async def create_many_returning(db: Executor, shops: Sequence[NewShop]) -> list[UUID]: ...


@query
async def create_many_returning_optional(db: Executor, shops: Sequence[NewShop]) -> list[Mottoed]: ...


@transition
async def publish(db: Executor, id: UUID, subtitle: str | None = None) -> Book: ...


@transition
async def withdraw_all(db: Executor, id: UUID) -> Book: ...


@transition
async def withdraw(db: Executor, id: UUID) -> Subtitled: ...


@partial_update
async def update(
    db: Executor,
    id: UUID,
    *,
    title: str | Unset = UNSET,
    subtitle: str | Unset | None = UNSET,
    editor_id: UUID | Unset | None = UNSET,
) -> Book: ...


@partial_update
async def update_by_author(db: Executor, id: UUID, *, title: str | None = None) -> Book: ...


@partial_update
async def update_with_a_wrong_type(
    db: Executor, id: UUID, *, title: str | None = None, pages: str | None = None
) -> Book: ...


@partial_update
async def update_of_an_unknown_column(
    db: Executor, id: UUID, *, title: str | None = None, colour: str | None = None
) -> Book: ...


@query
async def list_filtered(
    db: Executor,
    author_id: UUID,
    status: Status | None = None,
    in_print: bool | None = None,
    least: int = 0,
    most: int | None = None,
    after: int | None = None,
) -> list[Book]: ...


@query
async def given_none(db: Executor, id: UUID, word: str | None = "none") -> Worded: ...


@query
async def given_something(db: Executor, id: UUID, word: str | None = None) -> Worded: ...


@query
async def replaced_none(db: Executor, id: UUID, word: Annotated[str | None, Default("none")] = None) -> Worded: ...
