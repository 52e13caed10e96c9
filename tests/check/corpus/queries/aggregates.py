"""Aggregates over sets that may be empty, groups, and grouping sets."""

from uuid import UUID

from corpus.records import Status
from wave_data import Executor, Record, Usd, query


class Longest(Record):
    author_id: UUID
    longest: int


class Total(Record):
    author_id: UUID
    total: int


class Mean(Record):
    author_id: UUID
    mean: float


class Last(Record):
    author_id: UUID
    last: str


class Edited(Record):
    editor_id: UUID
    book_count: int


class MaybeEdited(Record):
    editor_id: UUID | None
    book_count: int


class Country(Record):
    country: str
    author_count: int


class Bounds(Record):
    book_count: int
    shortest: int | None
    longest: int | None


class Numbered(Record):
    title: str
    number: int


@query
async def count_rows(db: Executor, author_id: UUID) -> int: ...


@query
async def count_values(db: Executor, author_id: UUID) -> int: ...


@query
async def count_distinct(db: Executor, author_id: UUID) -> int: ...


@query
async def count_filtered(db: Executor, author_id: UUID) -> int: ...


@query
async def any_rows(db: Executor, author_id: UUID) -> bool: ...


@query
async def sum_of_nothing(db: Executor, author_id: UUID) -> int: ...


@query
async def sum_allowed(db: Executor, author_id: UUID) -> int | None: ...


@query
async def sum_filled_up(db: Executor, author_id: UUID) -> int: ...


@query
async def sum_filled_up_inside(db: Executor, author_id: UUID) -> int: ...


@query
async def money(db: Executor, author_id: UUID) -> Usd: ...


@query
async def money_of_nothing(db: Executor, author_id: UUID) -> Usd: ...


@query
async def max_of_nothing(db: Executor, author_id: UUID) -> int: ...


@query
async def min_of_nothing(db: Executor, author_id: UUID) -> str: ...


@query
async def mean_of_nothing(db: Executor, author_id: UUID) -> float: ...


@query
async def expression_over_sum(db: Executor, author_id: UUID) -> int: ...


@query
async def coalesce_of_aggregates(db: Executor, author_id: UUID) -> int: ...


@query
async def bounds(db: Executor, author_id: UUID) -> Bounds: ...


@query
async def max_of_a_group(db: Executor, author_id: UUID) -> list[Longest]: ...


@query
async def sum_of_a_group(db: Executor, author_id: UUID) -> list[Total]: ...


@query
async def mean_of_a_group(db: Executor, author_id: UUID) -> list[Mean]: ...


@query
async def max_of_optional_in_a_group(db: Executor, author_id: UUID) -> list[Last]: ...


@query
async def max_of_filled_up_in_a_group(db: Executor, author_id: UUID) -> list[Last]: ...


@query
async def filtered_max_of_a_group(db: Executor, author_id: UUID) -> list[Longest]: ...


@query
async def conditional_sum_of_a_group(db: Executor, author_id: UUID) -> list[Total]: ...


@query
async def conditional_sum_with_else(db: Executor, author_id: UUID) -> list[Total]: ...


@query
async def optional_group_key(db: Executor, author_id: UUID) -> list[Edited]: ...


@query
async def optional_group_key_allowed(db: Executor, author_id: UUID) -> list[MaybeEdited]: ...


@query
async def counts_by_status(db: Executor, author_id: UUID) -> dict[Status, int]: ...


@query
async def mapping_with_optional_key(db: Executor, author_id: UUID) -> dict[UUID, int]: ...


@query
async def mapping_with_optional_value(db: Executor, author_id: UUID) -> dict[str, int]: ...


@query
async def mapping_with_optional_value_allowed(db: Executor, author_id: UUID) -> dict[str, int | None]: ...


@query
async def rollup(db: Executor, first: str, second: str) -> list[Country]: ...


@query
async def grouping_sets(db: Executor, first: str, second: str) -> list[Country]: ...


@query
async def joined_text_of_nothing(db: Executor, author_id: UUID) -> str: ...


@query
async def joined_text_filled_up(db: Executor, author_id: UUID) -> str: ...


@query
async def every_of_nothing(db: Executor, author_id: UUID) -> bool: ...


@query
async def group_over_a_left_join(db: Executor, author_id: UUID) -> list[Last]: ...


@query
async def count_or_sum(db: Executor, author_id: UUID) -> int: ...


@query
async def nullif_of_a_count(db: Executor, author_id: UUID) -> int: ...


@query
async def deviation_of_a_group(db: Executor, author_id: UUID) -> list[Mean]: ...


@query
async def column_beside_an_aggregate(db: Executor, author_id: UUID) -> Numbered: ...


@query
async def sum_of_a_derived_union(db: Executor, author_id: UUID) -> int: ...


@query
async def aggregate_over_a_scalar_subquery(db: Executor, author_id: UUID) -> list[Numbered]: ...


@query
async def texts_of_an_optional_column(db: Executor, author_id: UUID) -> list[Last]: ...


@query
async def texts_of_a_group(db: Executor, author_id: UUID) -> list[Last]: ...
