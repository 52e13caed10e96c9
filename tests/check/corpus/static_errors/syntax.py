"""`.sql` files that cannot be read."""

from uuid import UUID

from wave_data import Executor, query


@query
async def optional_line_without_a_parameter(db: Executor, author_id: UUID) -> list[str]: ...


@query
async def note_behind_the_mark(db: Executor, author_id: UUID, title: str | None = None) -> list[str]: ...


@query
async def stray_colon(db: Executor, id: UUID) -> str: ...


@query
async def positional_parameter(db: Executor, id: UUID) -> str: ...


@query
async def two_statements(db: Executor, id: UUID) -> str: ...


@query
async def twice(db: Executor, id: UUID) -> str: ...


@query
async def for_another_store(db: Executor, id: UUID) -> str: ...


@query
async def without_a_statement(db: Executor, id: UUID) -> str: ...


@query
async def directive_without_a_column(db: Executor, id: UUID) -> str | None: ...


@query
async def directive_without_a_reason(db: Executor, author_id: UUID) -> list[str]: ...


@query
async def one_row_without_a_reason(db: Executor, id: UUID) -> str: ...


@query
async def endless_comment(db: Executor, id: UUID) -> str: ...
