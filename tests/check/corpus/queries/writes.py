"""RETURNING of insertions, updates, deletions and upserts."""

from typing import Annotated
from uuid import UUID

from corpus.records import Author, Book, Setting, Shop
from wave_data import Affected, Default, Executor, Json, JsonObject, NewId, Record, query


class Titled(Record):
    id: UUID
    title: str
    subtitle: str


class Noted(Record):
    key: str
    note: str


class Priced(Record):
    title: str
    name: str


class Scored(Record):
    book_id: UUID
    score: int


@query
async def insert_row(
    db: Executor, name: str, parent_id: UUID | None = None, motto: str | None = None, id: NewId = None
) -> Shop: ...


@query
async def insert_key(db: Executor, name: str, id: NewId = None) -> UUID: ...


@query
async def insert_optional(db: Executor, name: str, motto: str | None = None, id: NewId = None) -> str: ...


@query
async def insert_without_the_column(db: Executor, name: str, id: NewId = None) -> str: ...


@query
async def insert_nothing_back(db: Executor, name: str, id: NewId = None) -> None: ...


@query
async def insert_expression(db: Executor, name: str, id: NewId = None) -> str: ...


@query
async def insert_optional_expression(db: Executor, name: str, motto: str | None = None, id: NewId = None) -> str: ...


@query
async def insert_default(
    db: Executor, key: str, value: Annotated[JsonObject | None, Default({})] = None
) -> Setting: ...


@query
async def insert_or_nothing(db: Executor, name: str, id: NewId = None) -> UUID | None: ...


@query
async def upsert(db: Executor, key: str, value: Json, note: str | None = None) -> Setting: ...


@query
async def upsert_optional(db: Executor, key: str, value: Json, note: str | None = None) -> Noted: ...


@query
async def upsert_filled_up(db: Executor, key: str, value: Json, note: str | None = None) -> Noted: ...


@query
async def update_row(db: Executor, id: UUID, title: str) -> Book: ...


@query
async def update_optional(db: Executor, id: UUID, title: str) -> Titled: ...


@query
async def update_counter(db: Executor, id: UUID, pages: int) -> int: ...


@query
async def update_optional_counter(db: Executor, id: UUID, words: int) -> int: ...


@query
async def update_many(db: Executor, author_id: UUID) -> list[UUID]: ...


@query
async def update_uncounted(db: Executor, author_id: UUID) -> Affected: ...


@query
async def update_returning_a_subquery(db: Executor, id: UUID) -> Priced: ...


@query
async def update_from(db: Executor, id: UUID) -> Priced: ...


@query
async def update_from_an_optional(db: Executor, id: UUID) -> Priced: ...


@query
async def update_from_a_left_join(db: Executor, review_id: UUID) -> Priced: ...


@query
async def delete_row(db: Executor, id: UUID) -> Author | None: ...


@query
async def delete_optional(db: Executor, country: str) -> list[str]: ...


@query
async def delete_known(db: Executor, id: UUID, missing_ok: bool = True) -> bool: ...


@query
async def insert_select(db: Executor, book_id: UUID, id: NewId = None) -> Scored: ...


@query
async def insert_select_optional(db: Executor, book_id: UUID, id: NewId = None) -> str: ...


@query
async def returned_comparison(db: Executor, shop_id: UUID, book_id: UUID, quantity: int) -> bool: ...
