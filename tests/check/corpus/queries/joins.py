"""Outer joins in all their forms."""

from uuid import UUID

from wave_data import Executor, Record, query


class Named(Record):
    title: str
    name: str


class MaybeNamed(Record):
    title: str
    name: str | None


class BothOptional(Record):
    title: str | None
    name: str | None


class Scored(Record):
    title: str
    score: int


class ScoredByName(Record):
    title: str
    name: str
    score: int


class Flagged(Record):
    title: str
    flag: int


class Reviewed(Record):
    title: str
    review_count: int


class Child(Record):
    name: str
    parent: str


class InStock(Record):
    book_id: UUID
    quantity: int
    score: int | None


class InStockTooStrict(Record):
    book_id: UUID
    quantity: int
    score: int


class Latest(Record):
    title: str
    latest: int


class Placed(Record):
    id: UUID
    country: str


@query
async def inner_join(db: Executor, id: UUID) -> Named: ...


@query
async def left_join(db: Executor, id: UUID) -> MaybeNamed: ...


@query
async def left_join_too_strict(db: Executor, id: UUID) -> Named: ...


@query
async def left_side_of_left_join(db: Executor, id: UUID) -> str: ...


@query
async def primary_key_of_left_join(db: Executor, id: UUID) -> UUID: ...


@query
async def left_join_along_a_required_key(db: Executor, id: UUID) -> str: ...


@query
async def left_join_filled_up(db: Executor, id: UUID) -> Named: ...


@query
async def left_join_filled_up_with_its_own(db: Executor, id: UUID) -> Named: ...


@query
async def expression_over_left_join(db: Executor, id: UUID) -> str: ...


@query
async def comparison_over_left_join(db: Executor, id: UUID) -> bool: ...


@query
async def test_over_left_join(db: Executor, id: UUID) -> bool: ...


@query
async def truth_test_over_left_join(db: Executor, id: UUID) -> bool: ...


@query
async def count_over_left_join(db: Executor, author_id: UUID) -> int: ...


@query
async def right_join(db: Executor, author_id: UUID) -> list[Named]: ...


@query
async def right_side_of_right_join(db: Executor, author_id: UUID) -> list[str]: ...


@query
async def full_join(db: Executor, author_id: UUID, country: str) -> list[Named]: ...


@query
async def full_join_allowed(db: Executor, author_id: UUID, country: str) -> list[BothOptional]: ...


@query
async def full_join_filled_up(db: Executor, author_id: UUID, country: str) -> list[Named]: ...


@query
async def chain_of_left_joins(db: Executor, author_id: UUID) -> list[Named]: ...


@query
async def left_join_then_inner_join(db: Executor, author_id: UUID) -> list[Named]: ...


@query
async def left_join_then_inner_join_too_strict(db: Executor, author_id: UUID) -> list[Scored]: ...


@query
async def inner_join_below_a_right_join(db: Executor, shop_id: UUID, author_id: UUID) -> list[Scored]: ...


@query
async def left_join_of_a_join(db: Executor, id: UUID) -> list[ScoredByName]: ...


@query
async def side_of_a_left_join_of_a_join(db: Executor, id: UUID) -> list[str]: ...


@query
async def literal_in_a_left_joined_subquery(db: Executor, author_id: UUID, country: str) -> list[Flagged]: ...


@query
async def literal_in_an_inner_joined_subquery(db: Executor, author_id: UUID, country: str) -> list[Flagged]: ...


@query
async def count_in_a_left_joined_subquery(db: Executor, id: UUID) -> list[Reviewed]: ...


@query
async def filled_up_count_in_a_left_joined_subquery(db: Executor, id: UUID) -> list[Reviewed]: ...


@query
async def filled_up_too_early(db: Executor, author_id: UUID, country: str) -> list[Named]: ...


@query
async def star_of_a_left_join(db: Executor, id: UUID) -> Placed: ...


@query
async def self_join(db: Executor, id: UUID) -> Child: ...


@query
async def self_left_join(db: Executor, id: UUID) -> Child: ...


@query
async def left_join_using(db: Executor, shop_id: UUID) -> list[InStock]: ...


@query
async def left_join_using_too_strict(db: Executor, shop_id: UUID) -> list[InStockTooStrict]: ...


@query
async def cross_join(db: Executor, author_id: UUID, parent_id: UUID) -> list[Named]: ...


@query
async def comma_join(db: Executor, author_id: UUID) -> list[Named]: ...


@query
async def left_join_of_the_first_row(db: Executor, author_id: UUID) -> list[Latest]: ...


@query
async def join_of_the_first_row(db: Executor, author_id: UUID) -> list[Latest]: ...


class ScoredBook(Record):
    book_id: UUID
    score: int


@query
async def right_join_using(db: Executor, shop_id: UUID, author_id: UUID) -> list[ScoredBook]: ...


@query
async def side_of_a_full_join_using(db: Executor, shop_id: UUID, author_id: UUID) -> list[ScoredBook]: ...


@query
async def left_join_below_an_inner_join(db: Executor, author_id: UUID) -> list[Named]: ...
