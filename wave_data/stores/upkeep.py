"""What looks after a database: what a store can tell of itself beside the answers to queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from wave_data.engine.dialect import Dialect
from wave_data.stores.connection import StoreConnection


@dataclass(frozen=True)
class Health:
    """Whether a database answers. `latency` is in seconds; `error` says what is wrong, None when nothing is."""

    ok: bool
    latency: float
    dialect: Dialect
    server_version: str | None
    error: str | None


@dataclass(frozen=True)
class Reference:
    """A foreign key: rows of `table` refer to these columns of `referenced_table`."""

    table: str
    referenced_table: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class BrokenReference:
    """A foreign key that rows of `table` break: `rows` of them refer to rows of `referenced_table` that are absent."""

    table: str
    constraint: str
    referenced_table: str
    rows: int


class Upkeep(Protocol):
    """The statements of one store that look after it. Each runs on a connection that nobody else uses meanwhile."""

    async def server_version(self, connection: StoreConnection) -> str:
        """The version of the database software."""
        ...

    async def tables(self, connection: StoreConnection) -> list[str]:
        """The names of all tables, sorted, besides dbmate's own and the partitions of others."""
        ...

    async def references(self, connection: StoreConnection) -> list[Reference]:
        """The foreign keys of all tables."""
        ...

    async def broken_references(self, connection: StoreConnection) -> list[BrokenReference]:
        """The foreign keys that some rows break."""
        ...

    async def integrity_problems(self, connection: StoreConnection) -> list[str]:
        """What is wrong with the database as it is stored."""
        ...

    async def plan(self, connection: StoreConnection, sql: str, arguments: Sequence[Any]) -> list[str]:
        """The lines of the plan for a statement, which does not run."""
        ...


def quoted(name: str) -> str:
    """A name from the catalogue as it is written in SQL."""
    return '"' + name.replace('"', '""') + '"'


async def count_rows(connection: StoreConnection, tables: Sequence[str]) -> dict[str, int]:
    """The number of rows of each table, from one statement."""
    if not tables:
        return {}
    counts = [f"SELECT {number}, count(*) FROM {quoted(table)}" for number, table in enumerate(tables)]
    found = await connection.rows(" UNION ALL ".join(counts))
    return {table: count for table, (_, count) in zip(tables, sorted(found), strict=True)}
