"""Many rows into one table by COPY, which spares the server what it does for each statement anew."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg

from wave_data.engine.plain_insert import PlainInsert

COPY_FROM = 50
"""Rows from which on COPY is worth its preparation."""

# Types whose binary format asyncpg writes, and the arrays of some of them.
_SCALARS = ("bool", "int2", "int4", "int8", "float4", "float8", "numeric", "text", "varchar", "timestamptz")
_BINARY = {*_SCALARS, "bpchar", "bytea", "date", *(f"{name}[]" for name in _SCALARS)}
_JSON = {"json": "", "jsonb": "\x01"}
"""asyncpg has JSON as text only; its binary format is that text, after the number of a version for jsonb."""
_WRITTEN_AS = {**{name: name for name in _BINARY}, **dict.fromkeys(_JSON, "text"), "uuid": "bytea"}
"""The types whose binary format is that of the values that are bound."""


@dataclass(frozen=True)
class Copy:
    """A COPY statement, the statement that tells asyncpg the types of its columns, and what each column takes."""

    text: str
    types: Any
    values: tuple[tuple[int, str | None], ...]

    async def run(self, raw: "asyncpg.Connection[asyncpg.Record]", rows: Sequence[tuple[Any, ...]]) -> None:
        """Insert the rows, all or none of them."""
        protocol: Any = getattr(raw, "_protocol")  # noqa: B009 - asyncpg's own method cannot leave JSON to its text
        await protocol.copy_in(self.text, None, None, self._records(rows), self.types, None)

    def _records(self, rows: Sequence[tuple[Any, ...]]) -> Iterable[tuple[Any, ...]]:
        if all(version is None and place == position for position, (place, version) in enumerate(self.values)):
            return rows
        names = "".join(
            f"row[{place}], " if not version else f"None if row[{place}] is None else {version!r} + row[{place}], "
            for place, version in self.values
        )
        records: Iterable[tuple[Any, ...]] = eval(f"(({names}) for row in rows)", {"rows": rows})
        return records


async def prepare_copy(
    raw: "asyncpg.Connection[asyncpg.Record]", insert: PlainInsert, types: Sequence[asyncpg.Type]
) -> Copy | None:
    """The COPY that does what `insert` does, whose placeholders have these types; None where it would not be the same.

    It is refused for a table with row-level security, and passes over rules and views.
    """
    names = [types[position].name for position in insert.positions]
    if not all(name in _WRITTEN_AS for name in names):
        return None
    plain = await raw.fetchval(
        "SELECT relkind IN ('r', 'p') AND NOT relhasrules AND NOT row_security_active(oid) FROM pg_class"
        " WHERE oid = $1::regclass",
        insert.table,
    )
    if not plain:
        return None
    prepare: Any = getattr(raw, "_get_statement")  # noqa: B009 - with the binary forms that COPY needs
    nulls = ", ".join(f"NULL::{_WRITTEN_AS[name]}" for name in names)
    return Copy(
        f"COPY {insert.table} ({', '.join(insert.columns)}) FROM STDIN (FORMAT binary)",
        await prepare(f"SELECT {nulls}", None, use_cache=False, ignore_custom_codec=True),
        tuple((position, _JSON.get(name)) for position, name in zip(insert.positions, names, strict=True)),
    )
