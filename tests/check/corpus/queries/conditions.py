"""CASE, COALESCE, NULLIF and the three values of conditions."""

from uuid import UUID

from wave_data import Executor, query


@query
async def case_without_else(db: Executor, id: UUID) -> str: ...


@query
async def case_with_else(db: Executor, id: UUID) -> str: ...


@query
async def case_without_else_allowed(db: Executor, id: UUID) -> str | None: ...


@query
async def case_with_else_null(db: Executor, id: UUID) -> str: ...


@query
async def case_with_an_optional_branch(db: Executor, id: UUID) -> str: ...


@query
async def case_with_an_optional_else(db: Executor, id: UUID) -> str: ...


@query
async def simple_case(db: Executor, id: UUID) -> int: ...


@query
async def simple_case_without_else(db: Executor, id: UUID) -> int: ...


@query
async def case_on_an_optional_column(db: Executor, id: UUID) -> str: ...


@query
async def nested_case_without_else(db: Executor, id: UUID) -> str: ...


@query
async def coalesce_with_a_column(db: Executor, id: UUID) -> str: ...


@query
async def coalesce_of_three(db: Executor, id: UUID) -> str: ...


@query
async def coalesce_of_optionals(db: Executor, id: UUID) -> str: ...


@query
async def coalesce_with_null(db: Executor, id: UUID) -> str: ...


@query
async def coalesce_with_an_argument(db: Executor, id: UUID, fallback: str) -> str: ...


@query
async def coalesce_with_an_optional_argument(db: Executor, id: UUID, fallback: str | None) -> str: ...


@query
async def nullif(db: Executor, id: UUID) -> int: ...


@query
async def nullif_filled_up(db: Executor, id: UUID) -> int: ...


@query
async def division_by_nullif(db: Executor, id: UUID) -> int: ...


@query
async def comparison(db: Executor, id: UUID) -> bool: ...


@query
async def comparison_of_optional(db: Executor, id: UUID) -> bool: ...


@query
async def conjunction(db: Executor, id: UUID) -> bool: ...


@query
async def conjunction_with_optional(db: Executor, id: UUID) -> bool: ...


@query
async def negation_of_optional(db: Executor, id: UUID) -> bool: ...


@query
async def truth_test(db: Executor, id: UUID) -> bool: ...


@query
async def null_test(db: Executor, id: UUID) -> bool: ...


@query
async def distinct_test(db: Executor, id: UUID) -> bool: ...


@query
async def between(db: Executor, id: UUID) -> bool: ...


@query
async def between_optional_bounds(db: Executor, id: UUID) -> bool: ...


@query
async def member_of_a_list(db: Executor, id: UUID) -> bool: ...


@query
async def optional_member_of_a_list(db: Executor, id: UUID) -> bool: ...


@query
async def member_of_a_list_with_optional(db: Executor, id: UUID) -> bool: ...


@query
async def pattern(db: Executor, id: UUID) -> bool: ...


@query
async def pattern_of_optional(db: Executor, id: UUID) -> bool: ...


@query
async def comparison_with_null(db: Executor, id: UUID) -> bool: ...
