"""Types of parameters, which PostgreSQL tells."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Literal
from uuid import UUID

from corpus.records import Book
from wave_data import Executor, Integer, JsonObject, NewId, Page, Percent, TextArray, Usd, UtcDatetime, query


class Colour(Enum):
    RED = "red"


@dataclass
class NewReview:
    book_id: UUID
    score: int
    body: str | None = None
    id: NewId = None


@dataclass
class WrongReview:
    book_id: str
    score: Usd
    id: NewId = None


@query
async def key(db: Executor, id: UUID) -> str: ...


@query
async def text_for_a_key(db: Executor, id: str) -> str: ...


@query
async def integer_for_text(db: Executor, author_id: UUID, title: int) -> UUID: ...


@query
async def text_for_an_integer(db: Executor, author_id: UUID, pages: str) -> list[UUID]: ...


@query
async def integer(db: Executor, author_id: UUID, pages: Integer, words: int) -> list[UUID]: ...


@query
async def integer_for_a_float(db: Executor, author_id: UUID, weight: int) -> list[UUID]: ...


@query
async def float_for_an_integer(db: Executor, author_id: UUID, pages: float) -> list[UUID]: ...


@query
async def money(db: Executor, author_id: UUID, price: Usd, discount: Percent) -> list[UUID]: ...


@query
async def integer_for_money(db: Executor, author_id: UUID, price: int) -> list[UUID]: ...


@query
async def float_for_money(db: Executor, author_id: UUID, price: float) -> list[UUID]: ...


@query
async def money_for_a_float(db: Executor, author_id: UUID, weight: Usd) -> list[UUID]: ...


@query
async def times(db: Executor, author_id: UUID, since: UtcDatetime, day: date) -> list[UUID]: ...


@query
async def day_for_a_time(db: Executor, author_id: UUID, since: date) -> list[UUID]: ...


@query
async def text_for_a_time(db: Executor, author_id: UUID, since: str) -> list[UUID]: ...


@query
async def truth(db: Executor, author_id: UUID, in_print: bool) -> list[UUID]: ...


@query
async def integer_for_truth(db: Executor, author_id: UUID, in_print: int) -> list[UUID]: ...


@query
async def one_of_some_texts(db: Executor, author_id: UUID, status: Literal["draft", "published"]) -> list[UUID]: ...


@query
async def one_of_some_texts_for_an_integer(db: Executor, author_id: UUID, pages: Literal["1", "2"]) -> list[UUID]: ...


@query
async def enumeration(db: Executor, author_id: UUID, colour: Colour) -> UUID: ...


@query
async def keys(db: Executor, ids: Sequence[UUID]) -> list[str]: ...


@query
async def texts_for_keys(db: Executor, ids: list[str]) -> list[str]: ...


@query
async def integers_for_texts(db: Executor, id: UUID, tags: list[int]) -> bool: ...


@query
async def arrays_and_objects(
    db: Executor, id: UUID, tags: TextArray, details: JsonObject, notes: JsonObject | None, cover: bytes | None
) -> bool: ...


@query
async def array_for_an_object(db: Executor, id: UUID, details: TextArray) -> bool: ...


@query
async def text_for_bytes(db: Executor, id: UUID, cover: str) -> bool: ...


@query
async def integer_for_a_cast_to_text(db: Executor, author_id: UUID, word: int) -> UUID: ...


@query
async def added_reviews(db: Executor, reviews: Sequence[NewReview]) -> None: ...


@query
async def added_wrong_reviews(db: Executor, reviews: Sequence[WrongReview]) -> None: ...


@query
async def wrong_type_in_an_optional_line(
    db: Executor, author_id: UUID, status: int | None = None, limit: int = 100, cursor: str | None = None
) -> Page[Book]: ...
