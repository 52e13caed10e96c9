"""Variants of the two stores that do not agree."""

from uuid import UUID

from wave_data import Affected, Executor, Record, query


class Remarked(Record):
    id: UUID
    remark: str = "none"


@query
async def same(db: Executor, id: UUID) -> Remarked: ...


@query
async def other_order(db: Executor, id: UUID) -> Remarked: ...


@query
async def columns_that_no_field_takes(db: Executor, id: UUID) -> Remarked: ...


@query
async def column_on_postgres_only(db: Executor, id: UUID) -> Remarked: ...


@query
async def column_on_sqlite_only(db: Executor, id: UUID) -> Remarked: ...


@query
async def parameter_on_postgres_only(db: Executor, author_id: UUID, in_print: bool) -> list[UUID]: ...


@query
async def parameter_on_sqlite_only(db: Executor, author_id: UUID, in_print: bool) -> Affected: ...


@query
async def clock_on_one_store(db: Executor, author_id: UUID) -> list[UUID]: ...


@query
async def twice_on_one_store(db: Executor, author_id: UUID) -> list[UUID]: ...


@query
async def optional_on_one_store(db: Executor, id: UUID) -> Remarked: ...


@query
async def unlike_limits(db: Executor, author_id: UUID) -> UUID: ...
