"""Who writes books."""

from uuid import UUID

from wave_data import Executor, NewId, Record, UtcDatetime, query


class Author(Record):
    """A row of authors."""

    id: UUID
    name: str
    created_at: UtcDatetime


@query
async def create(db: Executor, name: str, id: NewId = None) -> Author:
    """Add an author. Raises Conflict when the name is taken."""
    ...


@query
async def get(db: Executor, id: UUID) -> Author:
    """The author. Raises NotFound."""
    ...


@query
async def find(db: Executor, id: UUID) -> Author | None:
    """The author, or None."""
    ...


@query
async def delete(db: Executor, id: UUID, missing_ok: bool = True) -> bool:
    """Remove an author and the books."""
    ...
