"""JSON: what an operator or a path finds can be absent, and an aggregate of no rows is NULL on PostgreSQL."""

from uuid import UUID

from wave_data import Executor, Json, JsonObject, Record, query


class Scored(Record):
    score: int
    body: str | None


class Discussed(Record):
    title: str
    reviews: list[Scored]


class Point(Record):
    value: str


@query
async def whole_value(db: Executor, id: UUID) -> JsonObject: ...


@query
async def optional_value(db: Executor, id: UUID) -> JsonObject: ...


@query
async def member_as_text(db: Executor, id: UUID) -> str: ...


@query
async def member_as_text_allowed(db: Executor, id: UUID) -> str | None: ...


@query
async def member_filled_up(db: Executor, id: UUID) -> str: ...


@query
async def member(db: Executor, id: UUID) -> JsonObject: ...


@query
async def member_of_a_member(db: Executor, id: UUID) -> str: ...


@query
async def cast_of_a_member(db: Executor, id: UUID) -> int: ...


@query
async def comparison_of_a_member(db: Executor, id: UUID) -> bool: ...


@query
async def member_is_there(db: Executor, id: UUID) -> bool: ...


@query
async def path(db: Executor, id: UUID) -> str: ...


@query
async def path_function(db: Executor, id: UUID) -> str: ...


@query
async def path_query(db: Executor, id: UUID) -> str: ...


@query
async def type_of_the_value(db: Executor, id: UUID) -> str: ...


@query
async def built_object(db: Executor, id: UUID) -> JsonObject: ...


@query
async def collected_of_nothing(db: Executor, author_id: UUID) -> list[Json]: ...


@query
async def collected_filled_up(db: Executor, author_id: UUID) -> list[Json]: ...


@query
async def mapped_of_nothing(db: Executor, author_id: UUID) -> JsonObject: ...


@query
async def nested_records(db: Executor, id: UUID) -> Discussed: ...


@query
async def nested_records_of_nothing(db: Executor, id: UUID) -> Discussed: ...


@query
async def members(db: Executor, id: UUID) -> list[Point]: ...


@query
async def merged_with_optional(db: Executor, id: UUID) -> JsonObject: ...


@query
async def merged_allowed(db: Executor, id: UUID, patch: JsonObject) -> JsonObject | None: ...


@query
async def stored_merge(db: Executor, id: UUID, patch: JsonObject) -> JsonObject: ...


@query
async def length_of_a_member(db: Executor, id: UUID) -> int: ...
