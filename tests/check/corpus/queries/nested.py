"""Nested records from joins: one of only NULLs is None."""

from uuid import UUID

from wave_data import Executor, Record, UtcDatetime, query


class Person(Record):
    id: UUID
    name: str


class Nicknamed(Record):
    id: UUID
    nickname: str


class MaybeNicknamed(Record):
    id: UUID
    nickname: str | None


class Written(Record):
    title: str
    author: Person


class Edited(Record):
    title: str
    editor: Person | None


class EditedByNickname(Record):
    title: str
    editor: Nicknamed | None


class EditedByMaybeNickname(Record):
    title: str
    editor: MaybeNicknamed | None


class Both(Record):
    title: str
    author: Person
    editor: Person | None


class EditorRequired(Record):
    title: str
    editor: Person


class Critique(Record):
    id: UUID
    score: int
    critic: Person | None


class Criticised(Record):
    title: str
    review: Critique | None


class Aged(Record):
    id: UUID
    created_at: UtcDatetime


class EditedSince(Record):
    title: str
    editor: Aged | None


class WithDefault(Record):
    title: str
    editor: Person | None = None


@query
async def inner_join(db: Executor, id: UUID) -> Written: ...


@query
async def left_join(db: Executor, id: UUID) -> Edited: ...


@query
async def left_join_of_a_required_record(db: Executor, id: UUID) -> EditorRequired: ...


@query
async def optional_column_of_a_left_join(db: Executor, id: UUID) -> EditedByNickname: ...


@query
async def optional_column_of_a_left_join_allowed(db: Executor, id: UUID) -> EditedByMaybeNickname: ...


@query
async def two_records(db: Executor, id: UUID) -> Both: ...


@query
async def exchanged_records(db: Executor, id: UUID) -> Both: ...


@query
async def record_of_two_tables(db: Executor, id: UUID) -> EditedSince: ...


@query
async def record_of_two_left_joins(db: Executor, author_id: UUID) -> list[EditedSince]: ...


@query
async def record_filled_up_in_part(db: Executor, id: UUID) -> Edited: ...


@query
async def record_in_a_record(db: Executor, author_id: UUID) -> list[Criticised]: ...


@query
async def field_of_the_nested_record_missing(db: Executor, id: UUID) -> Edited: ...


@query
async def misspelt_nested_column(db: Executor, id: UUID) -> Written: ...


@query
async def nested_record_missing(db: Executor, id: UUID) -> Written: ...


@query
async def nested_record_with_a_default(db: Executor, id: UUID) -> WithDefault: ...


@query
async def left_join_of_a_subquery(db: Executor, author_id: UUID, country: str) -> list[Edited]: ...
