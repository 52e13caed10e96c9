"""Reads the JSON text of a lock file; `lock_file` says what it holds."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from wave_data.check.contracts import Contract, Expected, Fields, slot_name
from wave_data.check.facts import ColumnFact, ParameterFact, PlanFact, StatementFacts
from wave_data.check.lock import Lock, LockedQuery, ShapeFacts, shape_names, statement_of
from wave_data.check.lock_text import CLOCK_TYPE, FORMAT, Columns, Json, Pairs, Tables, together
from wave_data.engine.dialect import DIALECTS, Dialect
from wave_data.engine.sql_file import CLOCK


def parse(text: str) -> Lock:
    """The lock file in a text. Raises ValueError, LookupError or TypeError where it is none."""
    document = json.loads(text)
    if document["format"] != FORMAT:
        raise ValueError(f"format {document['format']}; {FORMAT} was expected")
    records = {name: {f: Expected.parse(e) for f, e in fields.items()} for name, fields in document["records"].items()}
    tables = {name: _parse_table(name, columns) for name, columns in document["tables"].items()}
    reader = _Reader(records, tables, document["queries"])
    migrations = {name: (pair[0], pair[1]) for name, pair in document["migrations"].items()}
    return Lock(migrations, {title: reader.query(title) for title in document["queries"]})


class _Reader:
    """Reads the entries of queries, with the records, tables and sibling entries that they refer to."""

    def __init__(self, records: Mapping[str, Fields], tables: Tables, entries: Json) -> None:
        self.records = records
        self.tables = tables
        self.entries = entries

    def query(self, title: str) -> LockedQuery:
        """One query."""
        entry = self.entries[title]
        result = tuple(entry["result"])
        parameters = entry.get("parameters", {})
        contract = Contract(
            title,
            entry.get("role", "query"),
            {name: Expected.parse(pair[0]) for name, pair in parameters.items()},
            result,
            self._records_of(result),
        )
        types = {CLOCK: CLOCK_TYPE} | {name: pair[1] for name, pair in parameters.items() if len(pair) > 1}
        sql: dict[Dialect, tuple[str, ...]] = {}
        facts: dict[Dialect, ShapeFacts] = {}
        for dialect in DIALECTS:
            if self._aspect(entry, "sql", dialect) is not None:
                sql[dialect] = self._sql(title, dialect)
                facts[dialect] = self._facts(contract, sql[dialect], entry, dialect, types)
        return LockedQuery(contract, sql, facts)

    def _records_of(self, result: Sequence[str]) -> dict[str, Fields]:
        found: dict[str, Fields] = {}
        pending = [name for name in result[1:] if name in self.records]
        while pending:
            name = pending.pop()
            if name not in found:
                found[name] = self.records[name]
                pending += [field.type for field in found[name].values() if field.type in self.records]
        return found

    def _aspect(self, entry: Json, aspect: str, dialect: Dialect) -> Any:
        return entry.get(aspect, entry.get(f"{aspect} @{dialect}"))

    def _sql(self, title: str, dialect: Dialect) -> tuple[str, ...]:
        lines = self._aspect(self.entries[title], "sql", dialect)
        if isinstance(lines, str):
            return self._sql(f"{title.partition('.')[0]}.{lines}", dialect)
        return tuple(lines)

    def _facts(
        self, contract: Contract, sql: tuple[str, ...], entry: Json, dialect: Dialect, types: Mapping[str, str]
    ) -> ShapeFacts:
        statement = statement_of(sql)
        aspects = {a: self._aspect(entry, a, dialect) for a in ("columns", "reads", "writes", "plan", "one_row")}
        given: dict[str, Json] = self._aspect(entry, "given", dialect) or {}
        shapes: dict[str, Json] = self._aspect(entry, "shapes", dialect) or {}
        usual = StatementFacts(
            columns=self._columns(aspects["columns"], dialect, is_common="columns" in entry),
            plan=_parse_plan(aspects["plan"]),
            limit_one=bool(aspects["one_row"]),
        )
        sets: dict[str, tuple[Pairs, dict[str, Pairs]]] = {
            aspect: (
                self._pairs(aspects[aspect], dialect),
                {name: self._pairs(added.get(aspect), dialect) for name, added in given.items()},
            )
            for aspect in ("reads", "writes")
        }
        found: dict[tuple[str, ...], StatementFacts] = {}
        for shape in shape_names(contract, statement):
            own = shapes.get(", ".join(shape), {})
            slots = contract.slots(statement, shape)
            facts = replace(
                usual,
                parameters=_parameters(slots, dialect, types | own.get("parameters", {})),
                reads=_by_table(together(*sets["reads"], shape)),
                writes=_by_table(together(*sets["writes"], shape)),
            )
            found[shape] = self._with_own(facts, own, dialect)
        return found

    def _with_own(self, facts: StatementFacts, own: Json, dialect: Dialect) -> StatementFacts:
        if "columns" in own:
            facts = replace(facts, columns=self._columns(own["columns"], dialect))
        if "reads" in own:
            facts = replace(facts, reads=_by_table(self._pairs(own["reads"], dialect)))
        if "writes" in own:
            facts = replace(facts, writes=_by_table(self._pairs(own["writes"], dialect)))
        if "plan" in own:
            facts = replace(facts, plan=_parse_plan(own["plan"]))
        return replace(facts, limit_one=own["one_row"]) if "one_row" in own else facts

    def _columns(self, columns: Any, dialect: Dialect, *, is_common: bool = False) -> Columns:
        if isinstance(columns, str):
            return self.tables[columns.removesuffix(".*")][dialect]
        if columns and isinstance(columns[0], str):
            own = {c.name: c for c in self._columns(columns[1:], dialect, is_common=is_common)}
            return tuple(own.get(column.name, column) for column in self._columns(columns[0], dialect))
        return tuple(_parse_column(column, dialect, is_common=is_common) for column in columns or ())

    def _pairs(self, access: Json | None, dialect: Dialect) -> Pairs:
        found: set[tuple[str, str]] = set()
        for table, columns in (access or {}).items():
            names = [column.name for column in self.tables[table][dialect]] if columns == "*" else columns
            found |= {(table, ""), *((table, name) for name in names)}
        return frozenset(found)


def _parameters(
    slots: Sequence[tuple[str, str | None]], dialect: Dialect, types: Mapping[str, str]
) -> tuple[ParameterFact, ...]:
    if dialect == "sqlite":
        return (ParameterFact(),) * len(slots)
    return tuple(ParameterFact(types.get(slot_name(slot))) for slot in slots)


@cache
def _by_table(pairs: Pairs) -> Mapping[str, frozenset[str]]:
    """The columns of each table; one object for all shapes that have the same."""
    return {
        table: frozenset(column for owner, column in pairs if owner == table and column)
        for table in sorted({table for table, _ in pairs})
    }


def _parse_plan(steps: list[list[Any]] | None) -> tuple[PlanFact, ...]:
    return tuple(PlanFact(step, table, tuple(columns)) for step, table, columns in steps or ())


_TYPE = re.compile(r"(?P<type>.*?)(?P<nullable>\?)?(?:\((?P<joins>\d+(?: \d+)*)\))?")


def _column(name: str, text: str, origin: tuple[str, str] | None) -> ColumnFact:
    match = _TYPE.fullmatch(text)
    assert match is not None, "every text is a type"
    joins = frozenset(map(int, (match["joins"] or "").split()))
    null_in_row = match["nullable"] is not None
    return ColumnFact(name, match["type"] or None, null_in_row or bool(joins), origin, joins, null_in_row)


def _parse_column(column: Sequence[str], dialect: Dialect, *, is_common: bool) -> ColumnFact:
    """A column: its name, its type (of a common one: on each store), and where it comes from."""
    types = column[1 : 1 + len(DIALECTS)] if is_common else column[1:2]
    origin = [tuple(text.rsplit(".", 1)) for text in column[1 + len(types) :]]
    kind = types[DIALECTS.index(dialect)] if is_common else types[0]
    return _column(column[0], kind, (origin[0][0], origin[0][1]) if origin else None)


def _parse_table(name: str, columns: Mapping[str, list[str | None]]) -> dict[Dialect, Columns]:
    return {
        dialect: tuple(_column(c, str(types[i]), (name, c)) for c, types in columns.items())
        for i, dialect in enumerate(DIALECTS)
        if all(types[i] is not None for types in columns.values())
    }
