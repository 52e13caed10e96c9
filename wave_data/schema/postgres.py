"""The schema of a PostgreSQL database, from its catalogue."""

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING

from wave_data.administration import administer
from wave_data.schema.model import Column, ForeignKey, Index, Key, Schema, Table, View
from wave_data.stores.settings import DatabaseUrl

if TYPE_CHECKING:
    import asyncpg

# Relations of the current schema that neither an extension nor partitioning nor dbmate made.
_RELATIONS = """
    SELECT c.* FROM pg_class c
    WHERE c.relnamespace = current_schema()::regnamespace
      AND NOT c.relispartition
      AND c.relname <> 'schema_migrations'
      AND NOT EXISTS (
          SELECT FROM pg_depend d
          WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
      )
"""

_TABLES = f"""
    SELECT c.relname AS name, array_remove(ARRAY[
        CASE WHEN c.relpersistence = 'u' THEN 'UNLOGGED' END,
        CASE WHEN c.relkind = 'p' THEN 'PARTITION BY ' || pg_get_partkeydef(c.oid) END,
        CASE WHEN c.relrowsecurity THEN 'ROW LEVEL SECURITY' END,
        CASE WHEN c.relforcerowsecurity THEN 'FORCE ROW LEVEL SECURITY' END,
        CASE WHEN c.reloptions IS NOT NULL THEN 'WITH (' || array_to_string(c.reloptions, ', ') || ')' END
    ], NULL) AS options
    FROM ({_RELATIONS}) c WHERE c.relkind IN ('r', 'p')
"""

_COLUMNS = f"""
    SELECT c.relname AS owner, a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type,
           NOT a.attnotnull AS nullable,
           CASE WHEN a.attcollation <> t.typcollation THEN o.collname END AS collation,
           CASE a.attidentity WHEN 'a' THEN 'IDENTITY ALWAYS' WHEN 'd' THEN 'IDENTITY' ELSE
               CASE WHEN a.attgenerated <> '' THEN 'GENERATED ' ELSE '' END || pg_get_expr(d.adbin, d.adrelid)
           END AS default
    FROM ({_RELATIONS}) c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_collation o ON o.oid = a.attcollation
    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE c.relkind IN ('r', 'p', 'v', 'm')
    ORDER BY c.relname, a.attnum
"""

_CONSTRAINTS = f"""
    SELECT c.relname AS owner, k.conname AS name, k.contype::text AS kind,
           pg_get_constraintdef(k.oid) AS definition,
           ARRAY(
               SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY AS key (attnum, position)
               JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = key.attnum ORDER BY key.position
           ) AS columns,
           target.relname AS target,
           ARRAY(
               SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY AS key (attnum, position)
               JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = key.attnum ORDER BY key.position
           ) AS target_columns,
           k.confdeltype::text AS on_delete, k.confupdtype::text AS on_update
    FROM ({_RELATIONS}) c
    JOIN pg_constraint k ON k.conrelid = c.oid
    LEFT JOIN pg_class target ON target.oid = k.confrelid
    WHERE k.contype IN ('c', 'f', 'p', 'u', 'x')
"""

_INDEXES = f"""
    SELECT c.relname AS owner, index.relname AS name, i.indisunique AS is_unique,
           pg_get_expr(i.indpred, i.indrelid) AS predicate, pg_get_indexdef(i.indexrelid) AS definition,
           ARRAY(
               SELECT coalesce(a.attname::text, pg_get_indexdef(i.indexrelid, position, false))
               FROM generate_series(1, i.indnkeyatts::int) AS position
               LEFT JOIN pg_attribute a
                   ON a.attrelid = i.indrelid AND a.attnum = i.indkey[position - 1] AND a.attnum > 0
               ORDER BY position
           ) AS columns
    FROM ({_RELATIONS}) c
    JOIN pg_index i ON i.indrelid = c.oid
    JOIN pg_class index ON index.oid = i.indexrelid
    WHERE NOT EXISTS (
        SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x')
    )
"""

_TRIGGERS = f"""
    SELECT c.relname AS owner, t.tgname AS name,
           pg_get_triggerdef(t.oid)
               || CASE t.tgenabled WHEN 'O' THEN '' ELSE ' (' || t.tgenabled::text || ')' END AS definition
    FROM ({_RELATIONS}) c JOIN pg_trigger t ON t.tgrelid = c.oid
    WHERE NOT t.tgisinternal
"""

_POLICIES = """
    SELECT tablename AS owner, policyname AS name,
           concat_ws(
               ' ', permissive, cmd, 'TO', roles::text, 'USING', qual, 'CHECK', with_check
           ) AS definition
    FROM pg_policies WHERE schemaname = current_schema()
"""

_VIEWS = f"""
    SELECT c.relname AS name, c.relkind = 'm' AS materialised, pg_get_viewdef(c.oid) AS definition
    FROM ({_RELATIONS}) c WHERE c.relkind IN ('v', 'm')
"""

_FUNCTIONS = """
    SELECT format('%s(%s)', p.proname, pg_get_function_identity_arguments(p.oid)) AS name,
           pg_get_functiondef(p.oid) AS definition
    FROM pg_proc p
    WHERE p.pronamespace = current_schema()::regnamespace
      AND p.prokind IN ('f', 'p')
      AND NOT EXISTS (
          SELECT FROM pg_depend d
          WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
      )
"""

_RULES = {"a": "NO ACTION", "r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"}

Rows = Iterable["asyncpg.Record"]


def read_postgres(url: DatabaseUrl) -> Schema:
    """Read the schema of a PostgreSQL database. Raises MigrationError when it cannot be read."""
    return administer(url, _read)


async def _read(connection: "asyncpg.Connection") -> Schema:
    columns = _by_owner(await connection.fetch(_COLUMNS))
    constraints = _by_owner(await connection.fetch(_CONSTRAINTS))
    indexes = _by_owner(await connection.fetch(_INDEXES))
    triggers = _by_owner(await connection.fetch(_TRIGGERS))
    policies = _by_owner(await connection.fetch(_POLICIES))
    tables = {
        row["name"]: Table(
            options=tuple(row["options"]),
            columns=_columns(columns[row["name"]]),
            checks=_definitions(k for k in constraints[row["name"]] if k["kind"] in "cx"),
            keys=_keys(constraints[row["name"]]),
            foreign_keys=_foreign_keys(constraints[row["name"]]),
            indexes=_indexes(indexes[row["name"]]),
            triggers=_definitions(triggers[row["name"]]),
            policies=_definitions(policies[row["name"]]),
        )
        for row in await connection.fetch(_TABLES)
    }
    views = {
        row["name"]: View(
            columns=tuple(column["name"] for column in columns[row["name"]]),
            definition=row["definition"],
            materialised=row["materialised"],
            indexes=_indexes(indexes[row["name"]]),
        )
        for row in await connection.fetch(_VIEWS)
    }
    return Schema(tables, views, _definitions(await connection.fetch(_FUNCTIONS)))


def _by_owner(rows: Rows) -> "dict[str, list[asyncpg.Record]]":
    grouped: dict[str, list[asyncpg.Record]] = defaultdict(list)
    for row in rows:
        grouped[row["owner"]].append(row)
    return grouped


def _columns(rows: Rows) -> dict[str, Column]:
    return {row["name"]: Column(row["type"], row["nullable"], row["default"], row["collation"]) for row in rows}


def _keys(rows: Rows) -> dict[str, Key]:
    return {row["name"]: Key(tuple(row["columns"]), row["kind"] == "p") for row in rows if row["kind"] in "pu"}


def _foreign_keys(rows: Rows) -> dict[str, ForeignKey]:
    return {
        row["name"]: ForeignKey(
            columns=tuple(row["columns"]),
            table=row["target"],
            target_columns=tuple(row["target_columns"]),
            on_delete=_RULES[row["on_delete"]],
            on_update=_RULES[row["on_update"]],
        )
        for row in rows
        if row["kind"] == "f"
    }


def _indexes(rows: Rows) -> dict[str, Index]:
    return {
        row["name"]: Index(tuple(row["columns"]), row["is_unique"], row["predicate"], row["definition"]) for row in rows
    }


def _definitions(rows: Rows) -> dict[str, str]:
    return {row["name"]: row["definition"] for row in rows}
