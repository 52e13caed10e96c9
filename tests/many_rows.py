"""Every table filled with rows that its constraints accept, made from the sample rows of `by_hand`."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cached_property
from graphlib import TopologicalSorter

from by_hand import ROWS, literal, run
from constraint_cases import ALLOWED

from wave_data.engine.types import timestamp_text
from wave_data.schema.model import ForeignKey, Schema, Table

MANY = 10_000
FEW = 10
"""Different values of a column that a list may be filtered by."""
BATCH = 1_000

Make = Callable[[int], object]

_FREE_TEXT = re.compile(r"length \( (\w+) \) BETWEEN 1 AND \d+")


class ManyRows:
    """The rows of a schema's tables, each made from its number."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.start = datetime.now(UTC) - timedelta(seconds=MANY)
        self._makers: dict[str, dict[str, Make]] = {}

    @cached_property
    def tables(self) -> list[str]:
        """The tables that have a sample row, each after those that it refers to."""
        known = {name: table for name, table in self.schema.tables.items() if name in ROWS}
        references = {
            name: {key.table for key in table.foreign_keys.values()} - {name} for name, table in known.items()
        }
        return list(TopologicalSorter(references).static_order())

    def row(self, table: str, number: int) -> dict[str, object]:
        """The row of a number: a sample row, or another that is allowed, made different from the others."""
        makers = self._makers.get(table) or self._makers.setdefault(table, dict(self._find_makers(table)))
        variants = ALLOWED.get(table, [{}])
        row: dict[str, object] = {**ROWS[table], **variants[number % len(variants)]}
        row.update((column, make(number)) for column, make in makers.items())
        return row

    def fill(self, url: str) -> None:
        """Insert the rows of all tables, and let the database count them."""
        for table in self.tables:
            run(url, "BEGIN", *self._inserts(table), "COMMIT", f"ANALYZE {table}")

    def _inserts(self, table: str) -> Iterator[str]:
        # The first few are what the others of the same table refer to.
        for numbers in (range(FEW), *(range(first, min(first + BATCH, MANY)) for first in range(FEW, MANY, BATCH))):
            alike: dict[tuple[str, ...], list[str]] = {}
            for row in (self.row(table, number) for number in numbers):
                alike.setdefault(tuple(row), []).append(f"({', '.join(map(literal, row.values()))})")
            for columns, rows in alike.items():
                yield f"INSERT INTO {table} ({', '.join(columns)}) VALUES {', '.join(rows)}"

    def _find_makers(self, table: str) -> Iterator[tuple[str, Make]]:
        """The columns whose value differs from row to row, and what makes it of a number."""
        given = {column for variant in ALLOWED.get(table, ()) for column in variant}
        for column in self.schema.tables[table].columns:
            make = self._maker(table, column)
            if make is not None and (column not in given or self._keys_of(table, column)):
                yield column, make

    def _maker(self, table: str, column: str) -> Make | None:
        found = self.schema.tables[table]
        check = found.checks.get(f"{table}_{column}_check", "")
        is_key = bool(self._keys_of(table, column))
        for key in found.foreign_keys.values():
            if key.columns == (column,):
                return self._reference(table, column, key)
        if column == "id":
            return lambda number: f"01900000-0000-7000-8000-{number:012x}"
        if found.columns[column].type == "INTEGER":
            return (lambda number: 1_024 + number) if is_key else None
        if "julianday" in check:
            return None if found.columns[column].nullable else self._time
        if is_key:
            return lambda number: f"{column}-{number}"
        return (lambda number: f"{column}-{number % FEW}") if _FREE_TEXT.fullmatch(check) else None

    def _time(self, number: int) -> str:
        return timestamp_text(self.start + timedelta(seconds=number))

    def _reference(self, table: str, column: str, key: ForeignKey) -> Make | None:
        """The key of a row referred to: another each time where the keys of this table ask for that."""
        make = self._maker(key.table, key.target_columns[0])
        if make is None:
            return None
        if key.table == table:
            return lambda number: None if number < FEW else make(number % FEW)
        references = {name for other in self.schema.tables[table].foreign_keys.values() for name in other.columns}
        keys = self._keys_of(table, column)
        if any(own[-1] == column and set(own) <= references for own in keys):
            return make
        return lambda number: make(number % FEW)

    def _keys_of(self, table: str, column: str) -> list[tuple[str, ...]]:
        return [key for key in _unique(self.schema.tables[table]) if column in key]


def _unique(table: Table) -> list[tuple[str, ...]]:
    """The columns of each unique key and index."""
    indexes = [index.columns for index in table.indexes.values() if index.unique]
    return [key.columns for key in table.keys.values()] + indexes
