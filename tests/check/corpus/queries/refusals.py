"""What a database does not take at all."""

from uuid import UUID

from wave_data import Affected, Executor, query


@query
async def misspelt_keyword(db: Executor, id: UUID) -> str: ...


@query
async def unknown_table(db: Executor, id: UUID) -> str: ...


@query
async def unknown_column(db: Executor, id: UUID) -> str: ...


@query
async def unknown_column_in_a_condition(db: Executor, colour: str) -> list[str]: ...


@query
async def ambiguous_column(db: Executor, id: UUID) -> UUID: ...


@query
async def unknown_function(db: Executor, id: UUID) -> str: ...


@query
async def function_of_postgres(db: Executor, id: UUID) -> int: ...


@query
async def function_of_sqlite(db: Executor, id: UUID) -> int: ...


@query
async def column_outside_of_the_group(db: Executor, author_id: UUID) -> dict[str, int]: ...


@query
async def aggregate_in_a_condition(db: Executor, author_id: UUID) -> list[str]: ...


@query
async def sum_of_text(db: Executor, id: UUID) -> str: ...


@query
async def undetermined_parameter(db: Executor, author_id: UUID, word: str | None) -> list[str]: ...


@query
async def fewer_values_than_columns(db: Executor, id: UUID, name: str) -> None: ...


@query
async def unknown_column_inserted(db: Executor, id: UUID, name: str, slogan: str) -> None: ...


@query
async def unknown_column_updated(db: Executor, id: UUID, slogan: str) -> bool: ...


@query
async def conflict_without_a_key(db: Executor, id: UUID, name: str, motto: str) -> Affected: ...


@query
async def arms_of_different_width(db: Executor, author_id: UUID) -> dict[UUID, str]: ...


@query
async def arms_of_different_types(db: Executor, author_id: UUID) -> list[str]: ...


@query
async def number_as_truth(db: Executor, author_id: UUID) -> list[str]: ...


@query
async def branches_of_different_types(db: Executor, id: UUID) -> str: ...


@query
async def returned_column_of_another_table(db: Executor, id: UUID) -> str: ...


@query
async def clock_of_postgres(db: Executor, author_id: UUID) -> list[str]: ...


@query
async def unknown_column_in_an_optional_line(
    db: Executor, author_id: UUID, nickname: str | None = None
) -> list[str]: ...
