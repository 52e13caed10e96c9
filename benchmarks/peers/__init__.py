"""The libraries that are compared. Adding one is adding a module with a class `Peer`, and its line in ALL."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Literal, Protocol
from uuid import UUID

from benchmarks.data import NewCheckpoint, NewStory

Store = Literal["postgres", "sqlite"]
STORES: tuple[Store, ...] = ("postgres", "sqlite")


class Contender(Protocol):
    """What a module's `Peer` can do. A story that is returned is whatever the library makes of a row."""

    async def open(self, location: str, connections: int) -> None:
        """Connect to a URL of PostgreSQL or to a file of SQLite."""
        ...

    async def close(self) -> None:
        """Close every connection."""
        ...

    def values(self, story: Any) -> dict[str, Any] | None:
        """The columns of a story, None where they are not of the types that Python has for them."""
        ...

    async def get(self, id: UUID) -> Any:
        """The story of an id."""
        ...

    async def list_newest(self, session_id: UUID, limit: int) -> Sequence[Any]:
        """The newest stories of a session, newest first."""
        ...

    async def list_all(self, session_id: UUID) -> Sequence[Any]:
        """All stories of a session, newest first."""
        ...

    async def stream(self, session_id: UUID) -> int:
        """Take all stories of a session one by one, newest first; how many there were."""
        ...

    async def insert(self, new: NewStory) -> Any:
        """Insert a story and return its row."""
        ...

    async def insert_many(self, new: Sequence[NewStory]) -> None:
        """Insert stories, all or none."""
        ...

    async def submit(self, id: UUID) -> Any:
        """Move a story in progress to review and return its row."""
        ...

    async def reopen(self, id: UUID) -> Any:
        """Move a story in review to in_progress and return its row."""
        ...

    async def add_usage(self, id: UUID) -> Any:
        """Add TOKENS and COST to a story and return its row."""
        ...

    async def add_checkpoint(self, new: NewCheckpoint) -> Any:
        """Insert a checkpoint and return its row."""
        ...

    async def step(self, new: NewCheckpoint, id: UUID) -> Any:
        """Insert a checkpoint and add usage to its story, in one transaction; return the story's row."""
        ...


@dataclass(frozen=True)
class Entry:
    """One library on one store. The limit is what the others are held against."""

    store: Store
    module: str
    title: str
    needs: tuple[str, ...]
    is_limit: bool = False

    @property
    def is_installed(self) -> bool:
        """Whether the packages it needs are there."""
        return all(find_spec(name) is not None for name in self.needs)

    def make(self) -> Contender:
        """The library, ready to be opened."""
        made: Contender = import_module(f"benchmarks.peers.{self.module}").Peer()
        return made


ALL = (
    Entry("postgres", "asyncpg_records", "asyncpg, Records", ("asyncpg",), is_limit=True),
    Entry("postgres", "ours", "wave_data", ("asyncpg", "pydantic")),
    Entry("postgres", "sqlc_asyncpg", "as sqlc generates it", ("asyncpg",)),
    Entry("postgres", "pydantic_asyncpg", "asyncpg + model_validate", ("asyncpg", "pydantic")),
    Entry("postgres", "aiosql_asyncpg", "aiosql + model_validate", ("aiosql", "asyncpg", "pydantic")),
    Entry("postgres", "psycopg_rows", "psycopg, class_row", ("psycopg", "psycopg_pool", "pydantic")),
    Entry("postgres", "core", "SQLAlchemy Core + model_validate", ("sqlalchemy", "asyncpg", "pydantic")),
    Entry("postgres", "orm", "SQLAlchemy ORM", ("sqlalchemy", "asyncpg")),
    Entry("postgres", "sqlmodel_orm", "SQLModel", ("sqlmodel", "asyncpg")),
    Entry("sqlite", "aiosqlite_tuples", "sqlite3 tuples, one aiosqlite job", ("aiosqlite",), is_limit=True),
    Entry("sqlite", "sqlite3_tuples", "sqlite3 tuples, in the event loop", ()),
    Entry("sqlite", "ours", "wave_data", ("aiosqlite", "pydantic")),
    Entry("sqlite", "aiosqlite_plain", "aiosqlite, tuples", ("aiosqlite",)),
    Entry("sqlite", "sqlc_aiosqlite", "as sqlc generates it", ("aiosqlite",)),
    Entry("sqlite", "pydantic_aiosqlite", "aiosqlite + model_validate", ("aiosqlite", "pydantic")),
    Entry("sqlite", "aiosql_aiosqlite", "aiosql + model_validate", ("aiosql", "aiosqlite", "pydantic")),
    Entry("sqlite", "core", "SQLAlchemy Core + model_validate", ("sqlalchemy", "aiosqlite", "pydantic")),
    Entry("sqlite", "orm", "SQLAlchemy ORM", ("sqlalchemy", "aiosqlite")),
    Entry("sqlite", "sqlmodel_orm", "SQLModel", ("sqlmodel", "aiosqlite")),
)


def entry_of(store: str, module: str) -> Entry:
    """The library that a module stands for on a store."""
    return next(entry for entry in ALL if (entry.store, entry.module) == (store, module))
