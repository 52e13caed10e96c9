"""Functions and operators: most give NULL for NULL only, some for more."""

from uuid import UUID

from wave_data import Executor, Record, query


class Pair(Record):
    first: int
    second: int


@query
async def text_functions(db: Executor, id: UUID) -> str: ...


@query
async def text_function_of_optional(db: Executor, id: UUID) -> str: ...


@query
async def length(db: Executor, id: UUID) -> int: ...


@query
async def length_of_optional(db: Executor, id: UUID) -> int: ...


@query
async def replaced(db: Executor, id: UUID) -> str: ...


@query
async def replaced_by_optional(db: Executor, id: UUID) -> str: ...


@query
async def part_of_text(db: Executor, id: UUID) -> str: ...


@query
async def joined_text(db: Executor, id: UUID) -> str: ...


@query
async def joined_text_with_optional(db: Executor, id: UUID) -> str: ...


@query
async def arithmetic(db: Executor, id: UUID) -> int: ...


@query
async def arithmetic_with_optional(db: Executor, id: UUID) -> int: ...


@query
async def division_by_a_number(db: Executor, id: UUID) -> int: ...


@query
async def division_by_a_column(db: Executor, id: UUID) -> int: ...


@query
async def remainder_by_a_column(db: Executor, id: UUID) -> int: ...


@query
async def division_by_an_argument(db: Executor, id: UUID, parts: int) -> int: ...


@query
async def cast(db: Executor, id: UUID) -> str: ...


@query
async def part_of_a_time(db: Executor, id: UUID) -> int: ...


@query
async def part_by_pattern(db: Executor, id: UUID) -> str: ...


@query
async def part_by_position_of_a_pattern(db: Executor, id: UUID) -> str: ...


@query
async def lower_bound_of_an_empty_range(db: Executor, id: UUID) -> int: ...


@query
async def missing_setting(db: Executor) -> str: ...


@query
async def larger_with_optional(db: Executor, id: UUID) -> int: ...


@query
async def larger_of_optionals(db: Executor, id: UUID) -> int: ...


@query
async def rounded(db: Executor, id: UUID) -> int: ...


@query
async def clock(db: Executor, id: UUID) -> bool: ...


@query
async def series_of_unlike_lengths(db: Executor, id: UUID) -> list[Pair]: ...


@query
async def rows_from_series(db: Executor) -> list[Pair]: ...


@query
async def series(db: Executor) -> list[int]: ...


@query
async def code_of_a_character(db: Executor, id: UUID) -> int: ...


@query
async def day_of_a_text(db: Executor, id: UUID) -> str: ...


@query
async def joined_whatever_is_there(db: Executor, id: UUID) -> str: ...


@query
async def chosen(db: Executor, id: UUID) -> str: ...


@query
async def chosen_optional(db: Executor, id: UUID) -> str: ...


@query
async def contained(db: Executor, id: UUID) -> bool: ...


@query
async def contained_in_optional(db: Executor, id: UUID) -> bool: ...
