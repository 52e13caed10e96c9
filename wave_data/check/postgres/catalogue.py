"""What a database's catalogue says of the things that statements name: read once, by their numbers."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from wave_data.check.postgres import functions

if TYPE_CHECKING:
    import asyncpg


@dataclass(frozen=True)
class Relation:
    """A table or view. `columns` has each column's name by its number, `required` the numbers that are never NULL.

    `keys` has, for each index, the column names or expressions that it begins with; `unique` those of the unique ones
    without a condition.
    """

    name: str
    columns: Mapping[int, str]
    required: frozenset[int]
    keys: Mapping[str, tuple[str, ...]]
    unique: tuple[frozenset[str], ...]


@dataclass(frozen=True)
class Catalogue:
    """The relations, types and functions of a database, by their numbers.

    `types` has the names of types as statements write them, `domains` those of the types under domains as the driver
    calls them.

    `strict` functions give NULL for a NULL argument; `total` ones give none when no argument is NULL, `first` ones when
    the first is not, `definite` ones never. Of aggregates, `counts` never give NULL, `collections` give none for at
    least one row, `aggregates` when one of the rows has a value. `sets` give rows without a NULL. `parts` take a part
    out of a time.
    """

    relations: Mapping[int, Relation]
    types: Mapping[int, str]
    domains: Mapping[int, str]
    strict: frozenset[int]
    total: frozenset[int]
    first: frozenset[int]
    definite: frozenset[int]
    counts: frozenset[int]
    collections: frozenset[int]
    aggregates: frozenset[int]
    sets: frozenset[int]
    parts: frozenset[int]
    without_partial_indexes: tuple[str, ...]

    @cached_property
    def named_relations(self) -> dict[str, Relation]:
        """The relations by their names."""
        return {relation.name: relation for relation in self.relations.values()}


# A column is required only where it is so in every table that inherits it; a constraint that was not validated does
# not speak of the rows that were there before it.
_RELATIONS = """
    WITH RECURSIVE family (root, member) AS (
        SELECT oid, oid FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm', 'f')
        UNION
        SELECT family.root, i.inhrelid FROM family JOIN pg_inherits i ON i.inhparent = family.member
    ), inherited (root, name, required) AS (
        SELECT family.root, a.attname, bool_and(a.attnotnull AND {validated})
        FROM family JOIN pg_attribute a ON a.attrelid = family.member AND a.attnum > 0 AND NOT a.attisdropped
        GROUP BY family.root, a.attname
    )
    SELECT c.oid, CASE WHEN pg_table_is_visible(c.oid) THEN c.relname::text ELSE c.oid::regclass::text END AS name,
           a.attnum, a.attname AS column, inherited.required AND c.relkind IN ('r', 'p') AS required
    FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN inherited ON inherited.root = c.oid AND inherited.name = a.attname
    ORDER BY c.oid, a.attnum
"""
_VALIDATED = """NOT EXISTS (
    SELECT FROM pg_constraint k
    WHERE k.conrelid = a.attrelid AND k.contype = 'n' AND k.conkey = ARRAY[a.attnum] AND NOT k.convalidated
)"""

_INDEXES = """
    SELECT i.indrelid AS relation, index.relname AS name, i.indisunique AND i.indpred IS NULL AS is_unique,
           ARRAY(
               SELECT coalesce(a.attname::text, pg_get_indexdef(i.indexrelid, position, false))
               FROM generate_series(1, i.indnkeyatts::int) AS position
               LEFT JOIN pg_attribute a
                   ON a.attrelid = i.indrelid AND a.attnum = i.indkey[position - 1] AND a.attnum > 0
               ORDER BY position
           ) AS columns
    FROM pg_index i
    JOIN pg_class index ON index.oid = i.indexrelid
    JOIN pg_class c ON c.oid = i.indrelid
    WHERE i.indisvalid AND c.relnamespace <> 'pg_catalog'::regnamespace
      AND c.relnamespace <> 'pg_toast'::regnamespace
"""

_PARTIAL_INDEXES = """
    SELECT 'DROP INDEX ' || string_agg(indexrelid::regclass::text, ', ') AS statement
    FROM pg_index i
    WHERE indpred IS NOT NULL AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid)
    HAVING count(*) > 0
"""

_TYPES = "SELECT oid, format_type(oid, NULL) AS name FROM pg_type"

_DOMAINS = """
    WITH RECURSIVE base (oid, type) AS (
        SELECT oid, typbasetype FROM pg_type WHERE typtype = 'd'
        UNION
        SELECT base.oid, t.typbasetype FROM base JOIN pg_type t ON t.oid = base.type WHERE t.typtype = 'd'
    )
    SELECT base.oid, coalesce(element.typname || '[]', t.typname)::text AS name
    FROM base
    JOIN pg_type t ON t.oid = base.type AND t.typtype <> 'd'
    LEFT JOIN pg_type element ON element.oid = t.typelem AND t.typcategory = 'A'
"""


async def read_catalogue(connection: "asyncpg.Connection[asyncpg.Record]") -> Catalogue:
    """Read the catalogue of the database that a connection is to."""
    version = connection.get_server_version()
    validated = _VALIDATED if version >= (18,) else "TRUE"
    relations: dict[int, tuple[str, dict[int, str], set[int]]] = {}
    for row in await connection.fetch(_RELATIONS.replace("{validated}", validated)):
        _, columns, required = relations.setdefault(row["oid"], (row["name"], {}, set()))
        columns[row["attnum"]] = row["column"]
        if row["required"]:
            required.add(row["attnum"])
    keys: dict[int, dict[str, tuple[str, ...]]] = defaultdict(dict)
    unique: dict[int, list[frozenset[str]]] = defaultdict(list)
    for row in await connection.fetch(_INDEXES):
        keys[row["relation"]][row["name"]] = tuple(row["columns"])
        if row["is_unique"]:
            unique[row["relation"]].append(frozenset(row["columns"]))
    groups: dict[str, set[int]] = defaultdict(set)
    for row in await connection.fetch(functions.QUERY, *functions.ARGUMENTS):
        for group in row["groups"]:
            groups[group].add(row["oid"])
    return Catalogue(
        relations={
            oid: Relation(name, columns, frozenset(required), keys[oid], tuple(unique[oid]))
            for oid, (name, columns, required) in relations.items()
        },
        types=_named(await connection.fetch(_TYPES)),
        without_partial_indexes=tuple(row["statement"] for row in await connection.fetch(_PARTIAL_INDEXES)),
        domains=_named(await connection.fetch(_DOMAINS)),
        **{name: frozenset(groups[name]) for name in functions.GROUPS},
    )


def _named(rows: "list[asyncpg.Record]") -> dict[int, str]:
    return {row["oid"]: row["name"] for row in rows}
