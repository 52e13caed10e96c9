"""Conditions that leave no NULL in a column, and those that look alike."""

from uuid import UUID

from wave_data import Executor, Json, Record, query


class Named(Record):
    title: str
    name: str


class Subtitled(Record):
    title: str
    subtitle: str


class Noted(Record):
    key: str
    note: str


@query
async def is_not_null(db: Executor, author_id: UUID) -> list[str]: ...


@query
async def equals(db: Executor, author_id: UUID, subtitle: str) -> list[str]: ...


@query
async def is_greater(db: Executor, author_id: UUID, words: int) -> list[int]: ...


@query
async def is_not_null_or_else(db: Executor, author_id: UUID) -> list[str]: ...


@query
async def equals_when_filled_up(db: Executor, author_id: UUID) -> list[str]: ...


@query
async def is_not_distinct(db: Executor, author_id: UUID, subtitle: str | None) -> list[str]: ...


@query
async def is_not_false(db: Executor, author_id: UUID) -> list[bool]: ...


@query
async def another_column_is_not_null(db: Executor, author_id: UUID) -> list[str]: ...


@query
async def is_null(db: Executor, author_id: UUID) -> list[str]: ...


@query
async def condition_of_a_left_join_about_its_left_side(db: Executor, author_id: UUID) -> list[Subtitled]: ...


@query
async def condition_of_a_left_join_about_its_right_side(db: Executor, author_id: UUID) -> list[Named]: ...


@query
async def condition_in_a_left_joined_subquery(db: Executor, author_id: UUID, country: str) -> list[Named]: ...


@query
async def condition_of_another_row_of_the_table(db: Executor, author_id: UUID) -> list[Subtitled]: ...


@query
async def condition_of_a_subquery(db: Executor, author_id: UUID) -> list[str]: ...


@query
async def cleared_where_it_was_there(db: Executor, id: UUID) -> Subtitled: ...


@query
async def replaced_where_it_was_there(db: Executor, id: UUID, subtitle: str | None) -> Subtitled: ...


@query
async def upsert_where_it_was_there(db: Executor, key: str, value: Json, note: str | None) -> Noted | None: ...


@query
async def max_where_it_is_there(db: Executor, author_id: UUID) -> int: ...


@query
async def only_in_an_optional_line(db: Executor, author_id: UUID, subtitle: str | None = None) -> list[str]: ...


@query
async def condition_of_one_arm(db: Executor, author_id: UUID) -> list[str]: ...


@query
async def not_among_none(db: Executor, author_id: UUID, book_id: UUID) -> list[str]: ...


@query
async def among_some(db: Executor, author_id: UUID, book_id: UUID) -> list[str]: ...


@query
async def unlike_all_of_none(db: Executor, author_id: UUID, words: list[str]) -> list[str]: ...


@query
async def negated_conjunction(db: Executor, author_id: UUID) -> list[str]: ...


@query
async def null_or_equal(db: Executor, author_id: UUID, subtitle: str) -> list[str]: ...


@query
async def not_true(db: Executor, author_id: UUID, subtitle: str) -> list[str]: ...


@query
async def condition_in_a_case(db: Executor, author_id: UUID, subtitle: str) -> list[str]: ...


@query
async def left_join_or_nothing(db: Executor, author_id: UUID, country: str) -> list[Named]: ...


@query
async def anti_join(db: Executor, author_id: UUID) -> list[Named]: ...


@query
async def condition_of_a_right_join_about_its_left_side(db: Executor, author_id: UUID) -> list[Subtitled]: ...


@query
async def condition_before_a_rollup(db: Executor, country: str) -> list[Named]: ...


@query
async def condition_on_the_table_not_the_cte(db: Executor, author_id: UUID) -> list[Subtitled]: ...


@query
async def is_distinct(db: Executor, author_id: UUID, subtitle: str) -> list[str]: ...


@query
async def test_compared(db: Executor, author_id: UUID, is_there: bool) -> list[str]: ...


@query
async def case_compared(db: Executor, author_id: UUID) -> list[str]: ...


@query
async def lenient_function_compared(db: Executor, author_id: UUID) -> list[str]: ...


@query
async def constructor_compared(db: Executor, author_id: UUID) -> list[str]: ...


@query
async def comparison_filled_up(db: Executor, author_id: UUID, subtitle: str) -> list[str]: ...


@query
async def second_of_compared_rows(db: Executor, author_id: UUID, title: str, words: int) -> dict[str, int]: ...


@query
async def equal_rows(db: Executor, author_id: UUID, pages: int, words: int) -> dict[str, int]: ...


@query
async def shadowed_alias(db: Executor, author_id: UUID) -> list[str]: ...


@query
async def other_use_of_the_cte(db: Executor, author_id: UUID) -> list[Subtitled]: ...


@query
async def condition_on_the_cte(db: Executor, author_id: UUID) -> list[Subtitled]: ...


@query
async def condition_in_the_cte(db: Executor, author_id: UUID) -> list[Subtitled]: ...


@query
async def copied_without_it(db: Executor, id: UUID, name: str, other_id: UUID) -> str: ...


@query
async def between(db: Executor, author_id: UUID) -> list[int]: ...


@query
async def columns_that_are_equal(db: Executor, author_id: UUID) -> list[Subtitled]: ...


@query
async def columns_that_are_equal_or_missing(db: Executor, author_id: UUID) -> list[Subtitled]: ...


@query
async def negated_among_none(db: Executor, author_id: UUID, book_id: UUID) -> list[str]: ...


@query
async def deleted_where_it_was_there(db: Executor, parent_id: UUID) -> list[str]: ...


@query
async def is_not_so_that_it_is_null(db: Executor, author_id: UUID) -> list[str]: ...
