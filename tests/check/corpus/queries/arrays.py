"""Arrays: elements can be absent or NULL, and an aggregate of no rows is NULL on PostgreSQL."""

from uuid import UUID

from wave_data import Executor, Record, TextArray, query


class Element(Record):
    tag: str


class MaybeElement(Record):
    tag: str | None


class Tagged(Record):
    title: str
    tags: TextArray


class Awarded(Record):
    title: str
    awards: TextArray


@query
async def whole_array(db: Executor, id: UUID) -> Tagged: ...


@query
async def optional_array(db: Executor, id: UUID) -> Awarded: ...


@query
async def optional_array_filled_up(db: Executor, id: UUID) -> Awarded: ...


@query
async def first_element(db: Executor, id: UUID) -> Element: ...


@query
async def first_element_allowed(db: Executor, id: UUID) -> MaybeElement: ...


@query
async def length_of_an_empty_array(db: Executor, id: UUID) -> int: ...


@query
async def cardinality(db: Executor, id: UUID) -> int: ...


@query
async def cardinality_of_optional(db: Executor, id: UUID) -> int: ...


@query
async def elements(db: Executor, id: UUID) -> list[Element]: ...


@query
async def elements_in_the_results(db: Executor, id: UUID) -> list[Element]: ...


@query
async def elements_allowed(db: Executor, id: UUID) -> list[MaybeElement]: ...


@query
async def collected_of_nothing(db: Executor, author_id: UUID) -> list[TextArray]: ...


@query
async def collected_filled_up(db: Executor, author_id: UUID) -> list[TextArray]: ...


@query
async def collected_by_a_constructor(db: Executor, id: UUID) -> Tagged: ...


@query
async def written_out(db: Executor, id: UUID) -> Tagged: ...


@query
async def is_among(db: Executor, id: UUID, tag: str) -> bool: ...


@query
async def place_in_the_array(db: Executor, id: UUID, tag: str) -> int: ...


@query
async def keys_given(db: Executor, ids: list[UUID]) -> list[str]: ...
