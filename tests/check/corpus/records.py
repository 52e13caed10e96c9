"""The rows of the corpus's tables."""

from datetime import date
from typing import Literal
from uuid import UUID

from wave_data import BigInteger, Integer, Json, JsonObject, Percent, Record, TextArray, Usd, UtcDatetime

__all__ = ["Author", "Book", "Review", "Setting", "Shop", "Status", "Stock"]

Status = Literal["draft", "published", "withdrawn"]


class Author(Record):
    id: UUID
    name: str
    nickname: str | None
    email: str | None
    country: str
    born_on: date | None
    rating: float | None
    is_active: bool
    deleted_at: UtcDatetime | None
    created_at: UtcDatetime


class Book(Record):
    id: UUID
    author_id: UUID
    editor_id: UUID | None
    title: str
    subtitle: str | None
    status: Status
    price: Usd
    discount: Percent | None
    pages: Integer
    words: BigInteger | None
    weight: float
    in_print: bool
    is_signed: bool | None
    cover: bytes | None
    tags: TextArray
    awards: TextArray | None
    details: JsonObject
    notes: Json | None
    published_on: date | None
    released_at: UtcDatetime | None
    created_at: UtcDatetime
    updated_at: UtcDatetime


class Review(Record):
    id: UUID
    book_id: UUID
    author_id: UUID | None
    score: Integer
    body: str | None
    created_at: UtcDatetime


class Shop(Record):
    id: UUID
    name: str
    parent_id: UUID | None
    motto: str | None


class Stock(Record):
    shop_id: UUID
    book_id: UUID
    quantity: Integer
    price: Usd | None


class Setting(Record):
    key: str
    value: Json
    note: str | None
