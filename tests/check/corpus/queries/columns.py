"""Plain columns, literals and arguments."""

from uuid import UUID

from corpus.records import Author, Book
from wave_data import Executor, Record, query


class StrictAuthor(Author):
    nickname: str  # type: ignore[assignment]
    email: str  # type: ignore[assignment]


class Heading(Record):
    heading: str
    note: str | None


class StrictHeading(Record):
    heading: str
    note: str


class Literals(Record):
    one: int
    letter: str
    yes: bool


class Subtitled(Record):
    id: UUID
    subtitle: str | None


class Defaulted(Record):
    id: UUID
    subtitle: str = ""


@query
async def required(db: Executor, id: UUID) -> str: ...


@query
async def optional(db: Executor, id: UUID) -> str | None: ...


@query
async def optional_as_required(db: Executor, id: UUID) -> str: ...


@query
async def whole_row(db: Executor, id: UUID) -> Book: ...


@query
async def whole_row_too_strict(db: Executor, id: UUID) -> StrictAuthor: ...


@query
async def renamed(db: Executor, id: UUID) -> Heading: ...


@query
async def renamed_too_strict(db: Executor, id: UUID) -> StrictHeading: ...


@query
async def exchanged_names(db: Executor, id: UUID) -> str: ...


@query
async def exchanged_names_too_strict(db: Executor, id: UUID) -> str: ...


@query
async def literals(db: Executor) -> Literals: ...


@query
async def literal_null(db: Executor) -> str: ...


@query
async def literal_null_allowed(db: Executor) -> str | None: ...


@query
async def argument(db: Executor, word: str) -> str: ...


@query
async def argument_that_may_be_none(db: Executor, word: str | None) -> str: ...


@query
async def list_of_optional(db: Executor, author_id: UUID) -> list[str | None]: ...


@query
async def list_of_required(db: Executor, author_id: UUID) -> list[str]: ...


@query
async def required_for_an_optional_field(db: Executor, id: UUID) -> Subtitled: ...


@query
async def optional_for_a_field_with_a_default(db: Executor, id: UUID) -> Defaulted: ...


@query
async def cast_of_optional(db: Executor, id: UUID) -> int: ...


@query
async def cast_of_required(db: Executor, id: UUID) -> int: ...
