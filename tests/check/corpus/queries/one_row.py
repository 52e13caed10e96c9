"""Functions of one row: limited by a unique key, LIMIT 1 or an aggregate, or warned about."""

from uuid import UUID

from corpus.records import Author, Book, Review, Setting, Shop, Stock
from wave_data import Executor, Record, query


class Authored(Record):
    title: str
    name: str


class Reviewed(Record):
    title: str
    score: int


@query
async def primary_key(db: Executor, id: UUID) -> Book: ...


@query
async def primary_key_and_more(db: Executor, id: UUID, title: str) -> Book | None: ...


@query
async def unique_key(db: Executor, name: str) -> Author | None: ...


@query
async def plain_index(db: Executor, author_id: UUID) -> Book | None: ...


@query
async def plain_index_for_one_row(db: Executor, author_id: UUID) -> Book: ...


@query
async def composite_key(db: Executor, shop_id: UUID, book_id: UUID) -> Stock | None: ...


@query
async def half_of_a_composite_key(db: Executor, book_id: UUID) -> Stock | None: ...


@query
async def composite_unique_key(db: Executor, author_id: UUID, title: str) -> Book | None: ...


@query
async def partial_unique_index(db: Executor, email: str) -> Author | None: ...


@query
async def partial_unique_index_without_its_condition(db: Executor, email: str) -> Author | None: ...


@query
async def partial_unique_index_with_the_opposite(db: Executor, email: str) -> Author | None: ...


@query
async def partial_unique_index_by_status(db: Executor, author_id: UUID) -> Book | None: ...


@query
async def partial_unique_index_by_another_status(db: Executor, author_id: UUID) -> Book | None: ...


@query
async def partial_unique_index_by_an_argument(db: Executor, author_id: UUID, status: str) -> Book | None: ...


@query
async def partial_unique_index_for_nulls(db: Executor) -> Author | None: ...


@query
async def limited(db: Executor, author_id: UUID) -> Book | None: ...


@query
async def limited_to_two(db: Executor, author_id: UUID) -> Book | None: ...


@query
async def limited_by_an_argument(db: Executor, author_id: UUID, size: int) -> Book | None: ...


@query
async def alternative_of_keys(db: Executor, id: UUID, other_id: UUID) -> Book | None: ...


@query
async def key_or_something_else(db: Executor, id: UUID, name: str) -> Author | None: ...


@query
async def list_of_keys(db: Executor, id: UUID, other_id: UUID) -> Book | None: ...


@query
async def list_of_one_key(db: Executor, id: UUID) -> Book | None: ...


@query
async def keys_of_a_subquery(db: Executor, shop_id: UUID) -> Book | None: ...


@query
async def key_of_a_scalar_subquery(db: Executor, review_id: UUID) -> Book | None: ...


@query
async def range_of_keys(db: Executor, name: str) -> Author | None: ...


@query
async def key_compared_with_itself(db: Executor, author_id: UUID) -> Book | None: ...


@query
async def negated_key(db: Executor, author_id: UUID, id: UUID) -> Book | None: ...


@query
async def join_along_a_foreign_key(db: Executor, id: UUID) -> Authored: ...


@query
async def join_against_a_foreign_key(db: Executor, id: UUID) -> Authored: ...


@query
async def left_join_of_many(db: Executor, id: UUID) -> Reviewed: ...


@query
async def chain_of_foreign_keys(db: Executor, id: UUID) -> Authored: ...


@query
async def key_through_the_join(db: Executor, name: str, title: str) -> Authored | None: ...


@query
async def cross_join(db: Executor, id: UUID, country: str) -> Authored | None: ...


@query
async def two_keys(db: Executor, id: UUID, author_id: UUID) -> Authored | None: ...


@query
async def aggregate(db: Executor, author_id: UUID) -> int: ...


@query
async def aggregate_of_groups(db: Executor, author_id: UUID) -> int: ...


@query
async def window_is_no_aggregate(db: Executor, author_id: UUID) -> int: ...


@query
async def subquery_with_an_aggregate(db: Executor, author_id: UUID) -> int: ...


@query
async def without_a_table(db: Executor) -> int: ...


@query
async def union_of_single_rows(db: Executor, id: UUID) -> str: ...


@query
async def inserted_row(db: Executor, id: UUID, name: str) -> Shop: ...


@query
async def inserted_rows(db: Executor, id: UUID, name: str, other_id: UUID, other_name: str) -> Shop: ...


@query
async def inserted_selection(db: Executor, shop_id: UUID, author_id: UUID) -> UUID: ...


@query
async def updated_row(db: Executor, key: str, note: str) -> Setting: ...


@query
async def updated_rows(db: Executor, author_id: UUID) -> Book: ...


@query
async def deleted_rows(db: Executor, book_id: UUID) -> Review | None: ...


@query
async def chosen_row(db: Executor) -> Book | None: ...


@query
async def key_in_an_optional_line(db: Executor, author_id: UUID, id: UUID | None = None) -> Book | None: ...


@query
async def derived_row(db: Executor, author_id: UUID) -> str: ...


@query
async def row_of_a_cte(db: Executor, id: UUID) -> str: ...


@query
async def rows_of_a_cte(db: Executor, author_id: UUID) -> str: ...


@query
async def unlimited_around_a_limited_subquery(db: Executor, author_id: UUID) -> Book | None: ...


@query
async def expression_over_the_key(db: Executor, nickname: str) -> Author | None: ...


@query
async def left_join_of_a_whole_key(db: Executor, id: UUID, shop_id: UUID) -> Reviewed: ...


@query
async def key_in_the_condition_of_a_right_join(db: Executor, id: UUID, author_id: UUID) -> Reviewed: ...


@query
async def key_in_the_condition_of_a_left_join(db: Executor, id: UUID, country: str) -> Authored: ...


@query
async def key_of_another_row_of_the_table(db: Executor, id: UUID) -> Book: ...


@query
async def key_before_an_or(db: Executor, id: UUID, author_id: UUID) -> Book | None: ...


@query
async def partial_unique_index_with_more_statuses(db: Executor, author_id: UUID) -> Book | None: ...


@query
async def many_values_of_one_row(db: Executor, id: UUID) -> str | None: ...


@query
async def limited_with_ties(db: Executor, author_id: UUID) -> Book | None: ...


@query
async def fetched_first(db: Executor, author_id: UUID) -> Book | None: ...


@query
async def compared_without_case(db: Executor, name: str) -> Author | None: ...


@query
async def full_join_of_single_rows(db: Executor, id: UUID, author_id: UUID) -> Authored: ...


@query
async def key_in_a_subquery_only(db: Executor, id: UUID) -> Authored: ...


@query
async def row_number_of_the_table(db: Executor, id: int) -> str | None: ...
