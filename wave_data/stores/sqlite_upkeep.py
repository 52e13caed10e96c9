"""Upkeep of SQLite, by its pragmas."""

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from wave_data.engine.errors import ConnectionFailed
from wave_data.stores.connection import StoreConnection
from wave_data.stores.upkeep import BrokenReference, Reference, quoted

_TABLES = r"""
SELECT name FROM sqlite_schema
WHERE type = 'table' AND name NOT LIKE 'sqlite\_%' ESCAPE '\' AND name <> 'schema_migrations'
ORDER BY name
"""
_REFERENCES = """
SELECT child.name, reference."table", reference.id, COALESCE(reference."to", parent_key.name)
FROM sqlite_schema AS child
JOIN pragma_foreign_key_list(child.name) AS reference
LEFT JOIN pragma_table_info(reference."table") AS parent_key ON parent_key.pk = reference.seq + 1
WHERE child.type = 'table'
ORDER BY child.name, reference.id, reference.seq
"""


class SqliteUpkeep:
    """Upkeep of a SQLite database."""

    async def server_version(self, connection: StoreConnection) -> str:
        """The version of the SQLite library."""
        # The file is read too: a library without one answers as well.
        ((version, _),) = await connection.rows("SELECT sqlite_version(), (SELECT count(*) FROM sqlite_schema)")
        return str(version)

    async def tables(self, connection: StoreConnection) -> list[str]:
        """The names of all tables besides SQLite's and dbmate's own."""
        return [name for (name,) in await connection.rows(_TABLES)]

    async def references(self, connection: StoreConnection) -> list[Reference]:
        """The foreign keys of all tables."""
        columns: defaultdict[tuple[str, str, int], list[str]] = defaultdict(list)
        for table, parent, number, column in await connection.rows(_REFERENCES):
            columns[table, parent, number].append(column)
        return [Reference(table, parent, tuple(found)) for (table, parent, _), found in columns.items()]

    async def broken_references(self, connection: StoreConnection) -> list[BrokenReference]:
        """The foreign keys that some rows break; while the library writes none can arise."""
        found = await connection.rows("PRAGMA foreign_key_check")
        broken = Counter((table, parent, number) for table, _, parent, number in found)
        return sorted(
            [
                BrokenReference(table, await self._name(connection, table, number), parent, rows)
                for (table, parent, number), rows in broken.items()
            ],
            key=lambda reference: (reference.table, reference.constraint),
        )

    async def _name(self, connection: StoreConnection, table: str, number: int) -> str:
        """The name that a foreign key has by the naming rule; SQLite tells its columns only."""
        columns: defaultdict[int, list[str]] = defaultdict(list)
        for key, _, _, column, *_ in await connection.rows(f"PRAGMA foreign_key_list({quoted(table)})"):
            columns[key].append(column)
        return f"{table}_{'_'.join(columns[number])}_fkey"

    async def integrity_problems(self, connection: StoreConnection) -> list[str]:
        """What PRAGMA integrity_check finds."""
        try:
            found = [str(line) for (line,) in await connection.rows("PRAGMA integrity_check")]
        except ConnectionFailed as error:
            if getattr(error.__cause__, "sqlite_errorcode", None) not in (
                sqlite3.SQLITE_CORRUPT,
                sqlite3.SQLITE_NOTADB,
            ):
                raise
            return [str(error.__cause__)]
        return [] if found == ["ok"] else found

    async def plan(self, connection: StoreConnection, sql: str, arguments: Sequence[Any]) -> list[str]:
        """The lines of EXPLAIN QUERY PLAN, indented as its tree is."""
        depths: dict[int, int] = {}
        lines: list[str] = []
        for step, parent, _, detail in await connection.rows(f"EXPLAIN QUERY PLAN {sql}", arguments):
            depths[step] = depths.get(parent, -1) + 1
            lines.append("  " * depths[step] + str(detail))
        return lines
