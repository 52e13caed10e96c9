"""Types of columns: PostgreSQL tells them all, SQLite those of its tables."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel

from wave_data import BigInteger, Executor, Integer, JsonObject, Percent, Record, TextArray, Usd, UtcDatetime, query


class Fitting(Record):
    id: UUID
    title: str
    status: Literal["draft", "published", "withdrawn"]
    price: Usd
    discount: Percent | None
    pages: Integer
    words: BigInteger | None
    weight: float
    in_print: bool
    cover: bytes | None
    tags: TextArray
    details: JsonObject
    notes: Any | None
    published_on: date | None
    released_at: UtcDatetime | None


class Unfitting(Record):
    title: int
    pages: str
    weight: int


class Sample(Record):
    id: BigInteger
    small: int
    code: str
    ratio: float
    raw: JsonObject
    numbers: list[int]


class Details(BaseModel):
    colour: str = "white"


class Modelled(Record):
    details: Details


@query
async def fitting(db: Executor, id: UUID) -> Fitting: ...


@query
async def unfitting(db: Executor, id: UUID) -> Unfitting: ...


@query
async def count_as_text(db: Executor, author_id: UUID) -> str: ...


@query
async def sum_of_big_integers(db: Executor, author_id: UUID) -> int: ...


@query
async def cast_sum_of_big_integers(db: Executor, author_id: UUID) -> int: ...


@query
async def mean_as_float(db: Executor, author_id: UUID) -> float: ...


@query
async def key_as_text(db: Executor, author_id: UUID) -> list[str]: ...


@query
async def key_cast_to_text(db: Executor, author_id: UUID) -> list[str]: ...


@query
async def text_as_key(db: Executor, author_id: UUID) -> list[UUID]: ...


@query
async def money_as_integer(db: Executor, id: UUID) -> int: ...


@query
async def money_as_float_text(db: Executor, id: UUID) -> str: ...


@query
async def integer_as_money(db: Executor, id: UUID) -> Usd: ...


@query
async def float_as_money(db: Executor, id: UUID) -> Usd: ...


@query
async def truth_as_integer(db: Executor, id: UUID) -> int: ...


@query
async def integer_as_truth(db: Executor, id: UUID) -> bool: ...


@query
async def time_as_day(db: Executor, id: UUID) -> date: ...


@query
async def day_as_time(db: Executor, id: UUID) -> UtcDatetime | None: ...


@query
async def texts_as_integers(db: Executor, id: UUID) -> list[list[int]]: ...


@query
async def array_as_object(db: Executor, id: UUID) -> JsonObject: ...


@query
async def object_as_text(db: Executor, id: UUID) -> str: ...


@query
async def bytes_as_text(db: Executor, id: UUID) -> str | None: ...


@query
async def object_as_model(db: Executor, id: UUID) -> Modelled: ...


@query
async def mapping_with_a_wrong_value(db: Executor, author_id: UUID) -> dict[str, int]: ...


@query
def stream_of_a_wrong_type(db: Executor, author_id: UUID) -> AsyncIterator[str]: ...


@query
async def returned_wrong_type(db: Executor, id: UUID) -> str: ...


@query
async def rarer_types(db: Executor, id: BigInteger) -> Sample: ...


@query
async def generated_key(db: Executor, id: int) -> list[int]: ...


@query
async def generated_column(db: Executor, id: int) -> int: ...


@query
async def time_without_a_zone(db: Executor, id: int) -> UtcDatetime: ...


@query
async def enumerated_type(db: Executor, id: int) -> Literal["calm", "cross"]: ...


@query
async def enumerated_type_as_text(db: Executor, id: int, mood: Literal["calm", "cross"]) -> str | None: ...


@query
async def integers_as_texts(db: Executor, id: int) -> list[TextArray]: ...


@query
async def required_key_of_a_loose_table(db: Executor, code: str) -> str: ...


@query
async def key_of_a_loose_table(db: Executor, code: str) -> list[str]: ...
