"""The steps of SQLite's plans that read all rows of a table, or sort them, although an index could serve."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlglot import exp

from wave_data.check.facts import PlanFact
from wave_data.check.sqlite.catalogue import Catalogue, CatalogueTable
from wave_data.check.syntax import (
    children,
    condition_of,
    conjuncts,
    flag,
    inside,
    is_query,
    own_nodes,
    parse,
    part,
    parts,
    unwrapped,
)
from wave_data.check.unique_keys import term_text
from wave_data.schema import Schema, Table

_SCAN = re.compile(r"SCAN (?:TABLE )?(?P<name>\S+)(?: AS (?P<alias>\S+))?")
_SEARCH = re.compile(r"SEARCH (?:TABLE )?(?P<name>\S+)(?: AS (?P<alias>\S+))?")
_AUTOMATIC = re.compile(r"USING AUTOMATIC .*INDEX \((?P<columns>[^)]*)\)")
_INDEX = re.compile(r"USING (?:COVERING )?INDEX (?P<index>\S+)")
_SORT = re.compile(r"USE TEMP B-TREE FOR .*ORDER BY")


class Step(NamedTuple):
    """A row of EXPLAIN QUERY PLAN."""

    number: int
    parent: int
    detail: str

    @property
    def source(self) -> str | None:
        """The table that the step reads, by its alias, in small letters."""
        match = _SCAN.match(self.detail) or _SEARCH.match(self.detail)
        return None if match is None else (match["alias"] or match["name"]).lower()


@dataclass(frozen=True)
class _Level:
    """A SELECT, UPDATE or DELETE: its tables by their aliases, its conditions, and its order.

    `around` are the conditions that the query around a view puts on the view's columns.
    """

    node: exp.Expr
    tables: dict[str, CatalogueTable]
    conditions: tuple[exp.Expr, ...]
    around: frozenset[str] = frozenset()

    def column(self, node: exp.Expr) -> tuple[str, str] | None:
        """The alias and the name of a column of these tables."""
        node = unwrapped(node)
        if not isinstance(node, exp.Column):
            return None
        for alias, table in self.tables.items():
            if node.table.lower() in ("", alias) and node.name.lower() in table.columns:
                return alias, table.columns[node.name.lower()].name
        return None

    def expression(self, node: exp.Expr) -> tuple[str, str] | None:
        """The alias and the text of a function of one table's columns, by which an index can be made."""
        nodes = own_nodes(unwrapped(node))
        aliases = {found[0] for found in map(self.column, nodes) if found is not None}
        if not isinstance(unwrapped(node), exp.Func) or len(aliases) != 1 or any(is_query(below) for below in nodes):
            return None
        return aliases.pop(), term_text(unwrapped(node), "sqlite")


def plan_facts(
    steps: Sequence[Step], tree: exp.Expr | None, catalogue: Catalogue, schema: Schema
) -> tuple[PlanFact, ...]:
    """What a plan reads or sorts in full and could not have to; each once, in the order of the plan."""
    levels = [] if tree is None else list(_levels(tree, catalogue))
    found: dict[PlanFact, None] = {}
    for step in steps:
        siblings = [other for other in steps if other.parent == step.parent and other.source is not None]
        if step.source is not None:
            same = [other for other in steps if other.source == step.source]
            facts = _scanned(step, siblings[0] is step, levels, schema)
            # Several queries may read a table under one name; a plan does not tell which of them a step is of.
            facts = facts if all(_SCAN.match(other.detail) for other in same) else facts[:1]
        elif _SORT.match(step.detail):
            # An index that spares the scan of a table gives the order too.
            scanned = {fact.table for other in siblings for fact in _scanned(other, True, levels, schema)}
            facts = [fact for fact in _sorted(siblings, levels) if fact.table not in scanned]
        else:
            continue
        found.update(dict.fromkeys(facts))
    return tuple(found)


def _levels(tree: exp.Expr, catalogue: Catalogue, around: frozenset[str] = frozenset()) -> Iterator[_Level]:
    for node in tree.find_all(exp.Select, exp.Update, exp.Delete):
        own = [below for child in children(node) for below in own_nodes(child)]
        named = [below for below in own if isinstance(below, exp.Table) and isinstance(below.this, exp.Identifier)]
        tables = {item.alias_or_name.lower(): table for item in named if (table := catalogue.table(item.name))}
        ons = [part(below, "on") for below in own if isinstance(below, exp.Join)]
        conditions = tuple(found for item in [condition_of(node), *ons] for found in conjuncts(item))
        level = _Level(node, tables, conditions, around)
        yield level
        for alias, table in tables.items():
            definition = parse(catalogue.views[table.name.lower()], "sqlite") if table.is_view else None
            body = None if definition is None else part(definition, "expression")
            if body is not None:
                yield from _levels(body, catalogue, frozenset(_mentioned(level, alias)))


def _scanned(step: Step, is_first: bool, levels: list[_Level], schema: Schema) -> list[PlanFact]:
    automatic = _AUTOMATIC.search(step.detail)
    if automatic is None and not _SCAN.match(step.detail):
        return []
    facts: list[PlanFact] = []
    alias = step.source or ""
    for level in levels:
        table = level.tables.get(alias)
        if table is None or table.is_view:
            continue
        columns: list[str] = []
        if automatic is not None:
            columns = re.findall(r"(\w+)[=<>]", automatic["columns"])
        else:
            served = _served(step, schema.tables.get(table.name, Table()))
            if not served.issuperset(_mentioned(level, alias)):
                columns = [name for name in _wanted(level, alias, is_first) if name.lower() not in served]
        if columns:
            facts.append(PlanFact("scan", table.name, tuple(columns)))
    return facts


def _served(step: Step, table: Table) -> frozenset[str]:
    """The columns in the condition of the partial index that the step reads, a condition that the statement has."""
    match = _INDEX.search(step.detail)
    predicate = table.indexes[match["index"]].predicate if match and match["index"] in table.indexes else None
    tree = None if predicate is None else parse(f"SELECT 1 WHERE {predicate}", "sqlite")
    return frozenset[str]() if tree is None else frozenset(column.name.lower() for column in tree.find_all(exp.Column))


def _wanted(level: _Level, alias: str, is_first: bool) -> list[str]:
    """The columns of an index that would spare the scan, none where no condition asks for less than all rows.

    What is read first cannot be found by the columns of what is read after it.
    """
    equal: list[str] = []
    ranged: list[str] = []
    for condition in level.conditions:
        for kind, name, value in _compared(level, alias, condition):
            is_joined = any(found is not None and found[0] != alias for found in map(level.column, own_nodes(value)))
            if not (is_first and is_joined):
                (equal if kind == "equal" else ranged).append(name)
    table = level.tables[alias]
    around = [column.name for column in table.columns.values() if column.name.lower() in level.around]
    if equal or ranged or around:
        order = _order(level) or []
        first = list(dict.fromkeys([*equal, *around]))
        behind = _behind(first, order) if all(item.alias == alias for item in order) else []
        return list(dict.fromkeys([*first, *(behind or ranged)]))
    return list(dict.fromkeys(_mentioned(level, alias, alone=True)))


def _compared(level: _Level, alias: str, condition: exp.Expr) -> Iterator[tuple[str, str, exp.Expr]]:
    """The columns of a source that a condition compares in a way that an index serves, and with what."""
    condition = unwrapped(condition)
    match condition:
        case exp.EQ() | exp.NullSafeEQ() | exp.Is():
            kind, pairs = "equal", [*_pairs(condition)]
        case exp.In():
            kind, pairs = "equal", [(item, exp.Null()) for item in _members(inside(condition))]
        case exp.LT() | exp.LTE() | exp.GT() | exp.GTE():
            kind, pairs = "range", [*_pairs(condition)]
        case exp.Between():
            kind, pairs = "range", [(inside(condition), exp.Null())]
        case _:
            return
    for one, value in pairs:
        found = level.column(one) or level.expression(one)
        if found is not None and found[0] == alias:
            yield kind, found[1], value


def _pairs(condition: exp.Expr) -> Iterator[tuple[exp.Expr, exp.Expr]]:
    """Each side of a comparison with the other; rows of values member by member."""
    left, right = (unwrapped(side) for side in children(condition))
    if isinstance(left, exp.Tuple) and isinstance(right, exp.Tuple):
        sides = list(zip(_members(left), _members(right), strict=False))
    else:
        sides = [(item, right) for item in _members(left)]
    for one, other in sides:
        yield one, other
        yield other, one


def _members(node: exp.Expr) -> list[exp.Expr]:
    node = unwrapped(node)
    return list(parts(node, "expressions")) if isinstance(node, exp.Tuple) else [node]


def _mentioned(level: _Level, alias: str, *, alone: bool = False) -> Iterator[str]:
    """The columns of a source in conditions; with `alone` in those that name no other source and have no subquery."""
    for condition in level.conditions:
        nodes = own_nodes(condition)
        found = [place for place in map(level.column, nodes) if place is not None]
        if alone and (any(is_query(node) for node in nodes) or any(own != alias for own, _ in found)):
            continue
        yield from (name.lower() if not alone else name for own, name in found if own == alias)


class _Ordered(NamedTuple):
    """A column of ORDER BY."""

    alias: str
    name: str
    descends: bool


def _behind(first: list[str], order: list[_Ordered]) -> list[str]:
    """The order as it stands behind the first columns of an index, which is read in both directions."""
    rest = [item for item in order if item.name not in first]
    mixed = len({item.descends for item in rest}) > 1
    return [f"{item.name} DESC" if mixed and item.descends else item.name for item in rest]


def _order(level: _Level) -> list[_Ordered] | None:
    """The columns of ORDER BY; None where there is none, or something else than a column."""
    clause = part(level.node, "order")
    if clause is None:
        return None
    expressions = parts(level.node, "expressions")
    found: list[_Ordered] = []
    for ordered in parts(clause, "expressions"):
        item = unwrapped(inside(ordered))
        named = [e for e in expressions if isinstance(e, exp.Alias) and e.alias.lower() == item.name.lower()]
        if isinstance(item, exp.Literal) and item.name.isdigit() and 0 < int(item.name) <= len(expressions):
            item = expressions[int(item.name) - 1]
        elif named and isinstance(item, exp.Column) and not item.table:
            item = named[0]
        column = level.column(inside(item) if isinstance(item, exp.Alias) else item)
        if column is None:
            return None
        found.append(_Ordered(*column, bool(flag(ordered, "desc"))))
    return found


def _sorted(siblings: list[Step], levels: list[_Level]) -> list[PlanFact]:
    """The sort of what these sources give, where the order is that of columns of the source that is read first."""
    for level in levels:
        order = _order(level)
        sources = [step.source or "" for step in siblings]
        if not sources or not order or not set(sources) <= set(level.tables):
            continue
        alias = sources[0]
        is_grouped = part(level.node, "group") is not None or part(level.node, "distinct") is not None
        if is_grouped or any(item.alias != alias for item in order) or level.tables[alias].is_view:
            return []
        equal = [
            name
            for condition in level.conditions
            if not _is_list(condition)
            for kind, name, value in _compared(level, alias, condition)
            if kind == "equal"
            and not any(found is not None and found[0] != alias for found in map(level.column, own_nodes(value)))
        ]
        first = list(dict.fromkeys(equal))
        return [PlanFact("sort", level.tables[alias].name, (*first, *_behind(first, order)))]
    return []


def _is_list(condition: exp.Expr) -> bool:
    """Whether a condition allows several values, so that an index by it does not keep the order behind it."""
    return isinstance(unwrapped(condition), exp.In) and len(parts(unwrapped(condition), "expressions")) != 1
