"""Books, with a column of every type."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated, Any, Literal, NamedTuple
from uuid import UUID

from wave_data import (
    UNSET,
    Affected,
    Executor,
    NewId,
    Page,
    Record,
    Usd,
    UtcDatetime,
    move,
    partial_update,
    query,
    transition,
)
from wave_data.engine.identifiers import uuid7
from wave_data.engine.types import BigCount, Default, Integer, Json, JsonObject, Percent, TextArray, Unset

Status = Literal["draft", "published", "withdrawn"]


class Book(Record):
    """A row of books."""

    shown = ("id", "title", "status")

    id: UUID
    author_id: UUID | None
    title: str
    status: Status
    price: Usd
    score: Percent | None
    pages: Integer
    words: BigCount
    weight: float | None
    in_print: bool
    details: JsonObject
    notes: Json | None
    tags: TextArray
    published_at: UtcDatetime | None
    created_at: UtcDatetime
    updated_at: UtcDatetime


@dataclass
class NewBook:
    """A book to be added, as a dataclass."""

    title: str
    pages: Integer = 0
    price: Usd = Decimal(0)
    id: UUID = field(default_factory=uuid7)


class LoadedBook(NamedTuple):
    """A book to be added, as a named tuple."""

    id: UUID
    title: str
    price: Usd
    pages: Integer


@query
async def create(
    db: Executor,
    title: str,
    *,
    author_id: UUID | None = None,
    price: Annotated[Usd | None, Default(Decimal(0))] = None,
    score: Percent | None = None,
    pages: Integer = 0,
    words: BigCount = 0,
    weight: float | None = None,
    in_print: bool = False,
    details: Annotated[JsonObject | None, Default({})] = None,
    notes: Json | None = None,
    tags: Annotated[TextArray | None, Default([])] = None,
    published_at: UtcDatetime | None = None,
    id: NewId = None,
) -> Book:
    """Add a draft. Raises Conflict when the title is taken."""
    ...


@query
async def create_many(db: Executor, books: Sequence[NewBook]) -> list[Book]:
    """Add books in one round trip."""
    ...


@query
async def load_many(db: Executor, books: Sequence[LoadedBook]) -> list[Book]:
    """Add books in one round trip."""
    ...


@query
async def import_many(db: Executor, books: Sequence[Book]) -> None:
    """Add copies of books in one round trip."""
    ...


@query
async def get(db: Executor, id: UUID) -> Book:
    """The book. Raises NotFound."""
    ...


@query
async def find(db: Executor, id: UUID) -> Book | None:
    """The book, or None."""
    ...


@query
async def find_many(
    db: Executor,
    *,
    author_id: UUID | None = None,
    status: Status | None = None,
    in_print: bool | None = None,
    limit: int = 100,
    cursor: str | None = None,
) -> Page[Book]:
    """Books, newest first."""
    ...


@query
def iterate(
    db: Executor, *, author_id: UUID | None = None, status: Status | None = None, in_print: bool | None = None
) -> AsyncIterator[Book]:
    """All matching books, newest first."""
    ...


@query
async def list_by_author(db: Executor, author_id: UUID) -> list[Book]:
    """The books of an author, newest first."""
    ...


@query
async def count(
    db: Executor, *, author_id: UUID | None = None, status: Status | None = None, in_print: bool | None = None
) -> int:
    """The number of matching books."""
    ...


@query
async def counts_by_status(db: Executor) -> dict[Status, int]:
    """The number of books in each status."""
    ...


@transition
async def publish(db: Executor, id: UUID) -> Book:
    """Move a draft to published."""
    ...


@transition
async def withdraw(db: Executor, id: UUID) -> Book:
    """Move a book that is not withdrawn to withdrawn."""
    ...


MOVES: Mapping[str, Sequence[Callable[..., Awaitable[Book]]]] = {
    "draft": (),
    "published": (publish,),
    "withdrawn": (withdraw,),
}


async def set_status(db: Executor, id: UUID, status: Status) -> Book:
    """Move a book to a status."""
    return await move(db, id, status, MOVES)


@partial_update
async def update(
    db: Executor,
    id: UUID,
    *,
    title: str | Unset = UNSET,
    score: Percent | Unset | None = UNSET,
    weight: float | Unset | None = UNSET,
) -> Book:
    """Change the fields given. Raises NotFound."""
    ...


@query
async def add_words(db: Executor, id: UUID, count: int) -> Book:
    """Add to the number of words. Raises NotFound, and InvalidValue where it would fall below zero."""
    ...


@query
async def delete(db: Executor, id: UUID, missing_ok: bool = True) -> bool:
    """Remove a book."""
    ...


@query
async def delete_drafts(db: Executor) -> Affected:
    """Remove every draft; the number of them."""
    ...


def snapshot(book: Book) -> dict[str, Any]:
    """What a caller can see of a book."""
    return book.model_dump()
