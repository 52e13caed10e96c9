"""Upkeep of PostgreSQL, by its catalogues."""

from collections.abc import Sequence
from typing import Any

from wave_data.stores.connection import StoreConnection
from wave_data.stores.upkeep import BrokenReference, Reference, quoted

_TABLES = """
SELECT relname::text FROM pg_class
WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
  AND relname <> 'schema_migrations'
  AND NOT EXISTS (
      SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid AND deptype = 'e'
  )
ORDER BY relname COLLATE "C"
"""
_REFERENCES = """
SELECT conname::text, child.relname::text, parent.relname::text, parent_schema.nspname::text,
    (SELECT array_agg(attname::text ORDER BY place) FROM unnest(conkey) WITH ORDINALITY AS key (number, place)
     JOIN pg_attribute ON attrelid = conrelid AND attnum = number),
    (SELECT array_agg(attname::text ORDER BY place) FROM unnest(confkey) WITH ORDINALITY AS key (number, place)
     JOIN pg_attribute ON attrelid = confrelid AND attnum = number)
FROM pg_constraint
JOIN pg_class AS child ON child.oid = conrelid
JOIN pg_class AS parent ON parent.oid = confrelid
JOIN pg_namespace AS parent_schema ON parent_schema.oid = parent.relnamespace
WHERE contype = 'f' AND conparentid = 0 AND connamespace = current_schema()::regnamespace
ORDER BY child.relname COLLATE "C", conname COLLATE "C"
"""
_PROBLEMS = """
SELECT format('index %s is not valid; REINDEX it', indexrelid::regclass)
FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
WHERE NOT indisvalid AND relkind = 'i' AND relnamespace = current_schema()::regnamespace
UNION ALL
SELECT format('constraint %I of %s is not validated', conname, conrelid::regclass)
FROM pg_constraint WHERE NOT convalidated AND conrelid <> 0 AND connamespace = current_schema()::regnamespace
UNION ALL
SELECT format('trigger %I of %s is switched off', tgname, tgrelid::regclass)
FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
WHERE tgenabled = 'D' AND relnamespace = current_schema()::regnamespace
UNION ALL
SELECT format('%s pages had a wrong checksum', checksum_failures)
FROM pg_stat_database WHERE datname = current_database() AND checksum_failures > 0
"""


class PostgresUpkeep:
    """Upkeep of a PostgreSQL database."""

    async def server_version(self, connection: StoreConnection) -> str:
        """The version of the server."""
        ((version,),) = await connection.rows("SELECT current_setting('server_version')")
        return str(version)

    async def tables(self, connection: StoreConnection) -> list[str]:
        """The names of the tables of the current schema, besides partitions, extensions' and dbmate's own."""
        return [name for (name,) in await connection.rows(_TABLES)]

    async def references(self, connection: StoreConnection) -> list[Reference]:
        """The foreign keys of all tables."""
        return [Reference(key[1], key[2], tuple(key[5])) for key in await connection.rows(_REFERENCES)]

    async def broken_references(self, connection: StoreConnection) -> list[BrokenReference]:
        """The foreign keys that some rows break: possible while triggers or constraints were switched off."""
        keys = await connection.rows(_REFERENCES)
        if not keys:
            return []
        counts = [_orphans(number, *key[1:]) for number, key in enumerate(keys)]
        found = await connection.rows(" UNION ALL ".join(counts))
        return [
            BrokenReference(table, name, parent, rows)
            for (name, table, parent, *_), (_, rows) in zip(keys, sorted(found), strict=True)
            if rows
        ]

    async def integrity_problems(self, connection: StoreConnection) -> list[str]:
        """Invalid indexes, constraints that were never validated, triggers switched off, and wrong checksums."""
        return [line for (line,) in await connection.rows(_PROBLEMS)]

    async def plan(self, connection: StoreConnection, sql: str, arguments: Sequence[Any]) -> list[str]:
        """The lines of EXPLAIN."""
        # With its options in brackets, EXPLAIN cannot be talked into ANALYZE, which runs the statement.
        return [line for (line,) in await connection.rows(f"EXPLAIN (COSTS) {sql}", arguments)]


def _orphans(
    number: int, table: str, parent: str, parent_schema: str, columns: list[str], parent_columns: list[str]
) -> str:
    """The statement that counts the rows of a table whose reference leads nowhere."""
    set_columns = " AND ".join(f"child.{quoted(column)} IS NOT NULL" for column in columns)
    equal = " AND ".join(
        f"parent.{quoted(other)} = child.{quoted(column)}"
        for column, other in zip(columns, parent_columns, strict=True)
    )
    return (
        f"SELECT {number}, count(*) FROM {quoted(table)} AS child WHERE {set_columns} AND NOT EXISTS"
        f" (SELECT FROM {quoted(parent_schema)}.{quoted(parent)} AS parent WHERE {equal})"
    )
