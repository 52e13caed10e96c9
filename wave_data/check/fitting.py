"""Which types of the stores fit a type of Python."""

import re

from wave_data.engine.conversions import ColumnType

_BUILT_IN = frozenset(
    re.findall(
        r"\w+",
        "bool int2 int4 int8 float4 float8 numeric text varchar bpchar char name bytea uuid json jsonb date time timetz"
        " timestamp timestamptz interval inet cidr macaddr xml oid point",
    )
)


def binds(kind: ColumnType, server: str | None) -> bool:
    """Whether an argument of this kind can be bound where PostgreSQL takes a `server` type; None fits.

    More can be bound than read: an integer as a float, and a text as a value of an enumerated type.
    """
    if server is None or server in kind.postgres:
        return True
    if server in ("float4", "float8"):
        return "int8" in kind.postgres
    return "text" in kind.postgres and not server.endswith("[]") and server not in _BUILT_IN


def reads(kind: ColumnType, dialect: str, declared: str | None) -> bool:
    """Whether a column of this type can be read as this kind; on SQLite it is the declared type of the origin."""
    if declared is None:
        return True
    if dialect == "postgres":
        return declared in kind.postgres
    stored = _stored(declared)
    return not stored or not stored.isdisjoint(kind.sqlite)


def expected(kind: ColumnType, dialect: str) -> str:
    """The types that fit, for a message."""
    if dialect == "postgres":
        return " or ".join(kind.postgres)
    return " or ".join(dict.fromkeys(_NAMES[found] for found in kind.sqlite))


def castable(kind: ColumnType) -> str:
    """The type to cast to, as it is written on both stores."""
    name = kind.postgres[0]
    return {"int2": "bigint", "float4": "double precision", "bool": "boolean"}.get(name, name)


def with_article(name: str | None) -> str:
    """A type as a sentence names it."""
    return f"{'an' if (name or '')[:1].lower() in 'aeiou' else 'a'} {name}"


_NAMES: dict[type, str] = {int: "INTEGER", float: "REAL", str: "TEXT", bytes: "BLOB"}


def _stored(declared: str) -> frozenset[type]:
    """What a column of a declared type holds, by SQLite's rules of affinity; empty where that may be anything."""
    name = declared.upper()
    if "INT" in name:
        return frozenset((int,))
    if any(part in name for part in ("CHAR", "CLOB", "TEXT")):
        return frozenset((str,))
    if "BLOB" in name:
        return frozenset((bytes,))
    if any(part in name for part in ("REAL", "FLOA", "DOUB")):
        return frozenset((float,))
    return frozenset()
