"""The JSON text of a lock file; `lock_file` says what it holds."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from wave_data.check.contracts import Fields, slot_name
from wave_data.check.facts import ColumnFact, StatementFacts
from wave_data.check.lock import Lock, LockedQuery, statement_of
from wave_data.engine.dialect import DIALECTS, Dialect
from wave_data.engine.sql_file import CLOCK
from wave_data.engine.sql_tokens import Place

FORMAT = 1
_ABOUT = "Written by `wave-data check`. T? can be NULL. Review what changes, and commit it with the queries."
_WIDTH = 120
_ENTRY = 3
"""How deep the members of queries, records and tables lie."""
CLOCK_TYPE = "timestamptz"

Json = dict[str, Any]
Columns = tuple[ColumnFact, ...]
Tables = Mapping[str, Mapping[Dialect, Columns]]
"""The columns of tables whose every column some query gives unchanged."""
Pairs = frozenset[tuple[str, str]]
"""Tables with their columns; an empty column stands for the table itself."""


def render(lock: Lock) -> str:
    """The text of a lock file."""
    records: dict[str, Fields] = {}
    for query in lock.queries.values():
        records.update(query.contract.records)
    tables = _tables(lock)
    queries: Json = {}
    by_module: dict[tuple[str, str], str] = {}
    for title, query in lock.queries.items():
        queries[title] = _query(query, tables, by_module)
    document = {
        "about": _ABOUT,
        "format": FORMAT,
        "migrations": {name: list(digests) for name, digests in lock.migrations.items()},
        "records": {name: {f: str(e) for f, e in records[name].items()} for name in sorted(records)},
        "tables": {name: _table_json(tables[name]) for name in sorted(tables)},
        "queries": queries,
    }
    return _pretty(document, 0, "") + "\n"


def line_of(text: str, name: str, path: Path) -> Place:
    """Where a name is a key of the lock file with this text."""
    before, found, _ = text.partition(f'\n    "{name}": ')
    return Place(path, before.count("\n") + 2 if found else 1, 5 if found else 1)


def _query(query: LockedQuery, tables: Tables, by_module: dict[tuple[str, str], str]) -> Json:
    contract = query.contract
    entry: Json = {} if contract.role == "query" else {"role": contract.role}
    entry["result"] = list(contract.result)
    types = _parameter_types(query)
    parameters = {name: [str(e), *filter(None, [types.get(name)])] for name, e in contract.parameters.items()}
    by_store = {dialect: _store(query, dialect, tables, by_module) for dialect in query.sql}
    columns = _common_columns(query, tables)
    entry |= {"parameters": parameters} if parameters else {}
    for aspect in ("sql", "columns", "reads", "writes", "plan", "one_row", "given", "shapes"):
        found = {dialect: aspects[aspect] for dialect, aspects in by_store.items() if aspect in aspects}
        values = list(found.values())
        if aspect == "columns" and columns is not None:
            entry["columns"] = columns
        elif len(values) == len(DIALECTS) and values[0] == values[1]:
            entry[aspect] = values[0]
        else:
            entry |= {f"{aspect} @{dialect}": value for dialect, value in found.items()}
    return entry


def _store(query: LockedQuery, dialect: Dialect, tables: Tables, by_module: dict[tuple[str, str], str]) -> Json:
    """What one store says, by aspect; what is empty is left out."""
    shapes = query.facts[dialect]
    usual = _usual(shapes.values())
    sets = {"reads": _Shared({s: _pairs(f.reads) for s, f in shapes.items()})}
    sets["writes"] = _Shared({s: _pairs(f.writes) for s, f in shapes.items()})
    given: Json = {}
    for aspect, shared in sets.items():
        for name, pairs in shared.given.items():
            given.setdefault(name, {})[aspect] = _access(pairs, dialect, tables)
    found: Json = {
        "sql": _sql(query, dialect, by_module),
        "columns": _columns([usual.columns], [dialect], tables),
        **{aspect: _access(shared.always, dialect, tables) for aspect, shared in sets.items()},
        "plan": _plan(usual),
        "one_row": usual.limit_one,
        "given": given,
        "shapes": {
            ", ".join(shape): different
            for shape, facts in shapes.items()
            if (different := _different(shape, facts, usual, sets, dialect, tables, query))
        },
    }
    return {aspect: value for aspect, value in found.items() if value}


def _usual(facts: Iterable[StatementFacts]) -> StatementFacts:
    """What most shapes have of each aspect that is no set; the first of as many."""
    every = list(facts)
    return StatementFacts(
        columns=_most(f.columns for f in every),
        limit_one=_most(f.limit_one for f in every),
        plan=_most(f.plan for f in every),
    )


def _most(values: Iterable[Any]) -> Any:
    return Counter(values).most_common(1)[0][0]


class _Shared:
    """A set for each shape: what all have, and what each optional parameter adds."""

    def __init__(self, sets: Mapping[tuple[str, ...], Pairs]) -> None:
        self.always = frozenset[tuple[str, str]].intersection(*sets.values())
        self.given: dict[str, Pairs] = {}
        for name in dict.fromkeys(name for shape in sets for name in shape):
            added = frozenset[tuple[str, str]].intersection(*(s for shape, s in sets.items() if name in shape))
            if added - self.always:
                self.given[name] = added - self.always

    def of(self, shape: Sequence[str]) -> Pairs:
        """What a shape should have."""
        return together(self.always, self.given, shape)


def together(always: Pairs, given: Mapping[str, Pairs], shape: Sequence[str]) -> Pairs:
    """What a shape has: what all shapes have, and what each of its parameters adds."""
    return always.union(*(given[name] for name in shape if name in given))


def _different(
    shape: tuple[str, ...],
    facts: StatementFacts,
    usual: StatementFacts,
    sets: Mapping[str, _Shared],
    dialect: Dialect,
    tables: Tables,
    query: LockedQuery,
) -> Json:
    different: Json = {}
    if facts.columns != usual.columns:
        different["columns"] = _columns([facts.columns], [dialect], tables)
    for aspect, access in (("reads", facts.reads), ("writes", facts.writes)):
        if _pairs(access) != sets[aspect].of(shape):
            different[aspect] = _access(_pairs(access), dialect, tables)
    if facts.plan != usual.plan:
        different["plan"] = _plan(facts)
    if facts.limit_one != usual.limit_one:
        different["one_row"] = facts.limit_one
    types = _parameter_types(query)
    if dialect == "postgres":
        slots = query.contract.slots(statement_of(query.sql[dialect]), shape)
        own = _types_of(slots, facts)
        if any(types.get(name) != kind for name, kind in own.items()):
            different["parameters"] = own
    return different


def _parameter_types(query: LockedQuery) -> dict[str, str]:
    """The type that PostgreSQL gave each slot, in the first shape that has it."""
    types: dict[str, str] = {}
    if "postgres" in query.facts:
        statement = statement_of(query.sql["postgres"])
        for shape, facts in query.facts["postgres"].items():
            slots = query.contract.slots(statement, shape)
            for name, kind in _types_of(slots, facts).items():
                types.setdefault(name, kind)
    return types


def _types_of(slots: Sequence[tuple[str, str | None]], facts: StatementFacts) -> dict[str, str]:
    return {
        slot_name(slot): fact.type
        for slot, fact in zip(slots, facts.parameters, strict=False)
        if fact.type is not None and slot_name(slot) != CLOCK
    }


def _sql(query: LockedQuery, dialect: Dialect, by_module: dict[tuple[str, str], str]) -> list[str] | str:
    """The lines of a statement, or the name of the function before that has the same."""
    module, _, name = query.contract.title.partition(".")
    lines = query.sql[dialect]
    first = by_module.setdefault((f"{module} @{dialect}", "\n".join(lines)), name)
    return list(lines) if first == name else first


def _tables(lock: Lock) -> Tables:
    """For each store the longest list of columns that come unchanged from one table, under their own names."""
    found: dict[str, dict[Dialect, Columns]] = {}
    for query in lock.queries.values():
        for dialect, shapes in query.facts.items():
            for columns in {facts.columns: None for facts in shapes.values()}:
                table = _only_table(columns)
                if table is not None:
                    best = found.setdefault(table, {})
                    best[dialect] = max(best.get(dialect, ()), columns, key=_fullness)
    return {table: stores for table, stores in found.items() if _same_names(stores)}


def _fullness(columns: Columns) -> tuple[Any, ...]:
    """What makes a list say more of its table: more columns, none of them by a join, none made not null by a WHERE."""
    joined = any(column.joins for column in columns)
    return len(columns), not joined, [column.nullable for column in columns], [column.name for column in columns]


def _only_table(columns: Columns) -> str | None:
    owners = {column.origin[0] if column.origin and column.origin[1] == column.name else "" for column in columns}
    distinct = len({column.name for column in columns}) == len(columns) > 1
    return owners.pop() or None if distinct and len(owners) == 1 else None


def _same_names(stores: Mapping[Dialect, Columns]) -> bool:
    return len({tuple(column.name for column in columns) for columns in stores.values()}) == 1


def _table_json(stores: Mapping[Dialect, Columns]) -> Json:
    types = [[_type(column) for column in stores[d]] if d in stores else None for d in DIALECTS]
    names = [column.name for column in next(iter(stores.values()))]
    return {name: [None if kinds is None else kinds[i] for kinds in types] for i, name in enumerate(names)}


def _type(column: ColumnFact) -> str:
    """The type with `?` where a row that is there can have NULL, and with the outer joins that make it NULL."""
    joins = f"({' '.join(map(str, sorted(column.joins)))})" if column.joins else ""
    can_be_null = column.null_in_row or (column.nullable and not column.joins)
    return f"{column.type or ''}{'?' if can_be_null else ''}{joins}"


def _columns(columns: Sequence[Columns], dialects: Sequence[Dialect], tables: Tables) -> Any:
    """The columns on one store or on both, where they differ in types only.

    It is the name of a table that has the same, or a list that may begin with such a name, for all but its rows.
    """
    rows = _rows(columns)
    table = _only_table(columns[0])
    stores = tables.get(table or "", {})
    known = [stores[dialect] for dialect in dialects if dialect in stores]
    if len(known) < len(dialects) or _names(known[0]) != _names(columns[0]):
        return rows
    different = [row for row, whole in zip(rows, _rows(known), strict=True) if row != whole]
    return [f"{table}.*", *different] if different else f"{table}.*"


def _rows(columns: Sequence[Columns]) -> list[list[str]]:
    return [[same[0].name, *map(_type, same), *_origin(same[0])] for same in zip(*columns, strict=True)]


def _names(columns: Columns) -> list[tuple[str, tuple[str, str] | None]]:
    return [(column.name, column.origin) for column in columns]


def _origin(column: ColumnFact) -> list[str]:
    return [] if column.origin is None else [".".join(column.origin)]


def _common_columns(query: LockedQuery, tables: Tables) -> Any:
    """The columns of both stores in one list, where they differ in nothing but types."""
    if len(query.facts) < len(DIALECTS):
        return None
    columns = [_usual(query.facts[dialect].values()).columns for dialect in DIALECTS]
    if not columns[0] or _names(columns[0]) != _names(columns[1]):
        return None
    return _columns(columns, DIALECTS, tables)


def _pairs(access: Mapping[str, frozenset[str]]) -> Pairs:
    return frozenset((table, column) for table, columns in access.items() for column in (*columns, ""))


def _access(pairs: Pairs, dialect: Dialect, tables: Tables) -> Json:
    found: Json = {}
    for table in sorted({table for table, _ in pairs}):
        columns = sorted(column for owner, column in pairs if owner == table and column)
        known = {column.name for column in tables.get(table, {}).get(dialect, ())}
        found[table] = "*" if known and known == set(columns) else columns
    return found


def _plan(facts: StatementFacts) -> list[list[Any]]:
    return [[step.step, step.table, list(step.columns)] for step in facts.plan]


_SPREAD = ("sql", "columns", "parameters")


def _pretty(value: Any, depth: int, key: str) -> str:
    """JSON that is easy to compare: a line for each member of a record, table, query, SQL text or list of columns."""
    short = json.dumps(value, ensure_ascii=False)
    is_spread = key.partition(" ")[0] in _SPREAD or (isinstance(value, dict) and depth < _ENTRY)
    if not value or not isinstance(value, dict | list) or not (is_spread or len(short) + len(key) + 2 * depth > _WIDTH):
        return short
    inner = "  " * (depth + 1)
    if isinstance(value, dict):
        named = cast(Json, value)
        members = [f"{json.dumps(k, ensure_ascii=False)}: {_pretty(v, depth + 1, k)}" for k, v in named.items()]
    else:
        members = [_pretty(member, depth + 1, "") for member in value]  # pyright: ignore[reportUnknownVariableType]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    return f"{opening}\n{inner}" + f",\n{inner}".join(members) + f"\n{'  ' * depth}{closing}"
