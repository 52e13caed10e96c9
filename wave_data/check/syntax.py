"""Statements as syntax trees."""

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import takewhile
from typing import Any, cast

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from wave_data.engine.dialect import Dialect

_SQLITE_ONLY = re.compile(
    r"""
    (?P<kept> '(?:[^']|'')*' | "(?:[^"]|"")*" | `[^`]*` | --[^\n]* | /\*.*?\*/ )
    | \?(?P<number>\d+)
    | (?P<replacing>\bREPLACE\s+INTO\b)
    | \b(?P<update>UPDATE)\s+OR\s+\w+
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)

# A statement that it cannot read becomes a Command, with a warning that says so.
logging.getLogger("sqlglot").setLevel(logging.ERROR)


@lru_cache(maxsize=4096)
def parse(text: str, dialect: Dialect) -> exp.Expr | None:
    """The tree of a driver's text, not to be changed; None for a text that the parser does not know.

    A numbered placeholder of SQLite becomes `:p1`.
    """
    if dialect == "sqlite":
        text = _SQLITE_ONLY.sub(_known, text)
    try:
        tree = sqlglot.parse_one(text, dialect=dialect)
    except (SqlglotError, RecursionError):
        return None
    return None if isinstance(tree, exp.Command) else tree


def _known(match: re.Match[str]) -> str:
    """What the parser knows instead of what SQLite alone has."""
    if match["number"]:
        return f":p{match['number']}"
    return "INSERT OR REPLACE INTO" if match["replacing"] else match["update"] or match["kept"]


def part(node: exp.Expr, name: str) -> exp.Expr | None:
    """The single child of a name."""
    found = node.args.get(name)
    return found if isinstance(found, exp.Expr) else None


def parts(node: exp.Expr, name: str) -> Sequence[exp.Expr]:
    """The children of a name, in order."""
    found = node.args.get(name)
    return cast("list[exp.Expr]", found) if isinstance(found, list) else ()


def children(node: exp.Expr) -> list[exp.Expr]:
    """Every direct child, in order."""
    return list(node.iter_expressions())


def inside(node: exp.Expr) -> exp.Expr:
    """The first child, which is what parentheses, an alias, a cast or a function without a name of its own is about."""
    return part(node, "this") or children(node)[0]


def flag(node: exp.Expr, name: str) -> Any:
    """A plain argument, such as the side of a join; None where it is absent."""
    return node.args.get(name)


def word(node: exp.Expr, name: str) -> str:
    """A keyword of a node in capitals, nothing where it is absent."""
    return str(node.args.get(name) or "").upper()


def unwrapped(node: exp.Expr) -> exp.Expr:
    """What parentheses hold."""
    while isinstance(node, exp.Paren) and (inner := part(node, "this")) is not None:
        node = inner
    return node


def conjuncts(condition: exp.Expr | None) -> list[exp.Expr]:
    """The conditions that AND joins."""
    if condition is None:
        return []
    condition = unwrapped(condition)
    if isinstance(condition, exp.And):
        return [found for side in children(condition) for found in conjuncts(side)]
    return [condition]


def condition_of(node: exp.Expr, name: str = "where") -> exp.Expr | None:
    """The condition of a clause such as WHERE."""
    clause = part(node, name)
    return None if clause is None else part(clause, "this")


@dataclass(frozen=True)
class Ctes:
    """The queries of WITH clauses that a place sees, by their names in small letters.

    `in_order` is for PostgreSQL, where a query of a WITH that is not `recursive` sees only those before it.
    """

    named: dict[str, exp.Expr] = field(default_factory=dict[str, exp.Expr])
    outer: "Ctes | None" = None
    in_order: bool = False
    recursive: bool = False

    def seen_in(self, node: exp.Expr) -> "Ctes":
        """Those that the inside of a query or statement sees, with those of its own WITH."""
        clause = part(node, "with_") or part(node, "with")
        if clause is None:
            return self
        named = {cte.alias.lower(): cte for cte in parts(clause, "expressions")}
        return Ctes(named, self, self.in_order, bool(flag(clause, "recursive")))

    def find(self, table: exp.Expr) -> "tuple[exp.Expr, Ctes] | None":
        """The CTE that a table's name stands for, and what it sees itself."""
        if flag(table, "db"):
            return None
        name = table.name.lower()
        if name in self.named:
            return self.named[name], self._seen_by(name)
        return None if self.outer is None else self.outer.find(table)

    def _seen_by(self, name: str) -> "Ctes":
        if self.recursive or not self.in_order:
            return self
        before = takewhile(lambda item: item[0] != name, self.named.items())
        return replace(self, named=dict(before))


def is_query(node: exp.Expr) -> bool:
    """Whether the node is a SELECT, VALUES, or several that UNION and its kin join."""
    return isinstance(node, exp.Select | exp.SetOperation | exp.Values | exp.Subquery)


_BOUNDARIES = (exp.Select, exp.SetOperation, exp.Values, exp.Subquery)


def own_nodes(node: exp.Expr) -> list[exp.Expr]:
    """The node and all below it that stand in the same query; a subquery is among them, its inside is not.

    A join in parentheses is no subquery.
    """
    found = [node]
    for child in children(node):
        if isinstance(child, _BOUNDARIES) and not isinstance(child.this, exp.Table):
            found.append(child)
        else:
            found.extend(own_nodes(child))
    return found


def is_aggregate(node: exp.Expr) -> bool:
    """Whether the node is an aggregate function, as which it gives one value for many rows."""
    if isinstance(node, exp.Anonymous):
        return str(node.this).lower() in _AGGREGATES
    return isinstance(node, exp.AggFunc)


_AGGREGATES = frozenset(
    re.findall(
        r"\w+",
        """
        any_value array_agg bit_and bit_or bit_xor bool_and bool_or every json_agg json_arrayagg json_group_array
        json_group_object json_object_agg json_objectagg jsonb_agg jsonb_agg_strict jsonb_group_array jsonb_group_object
        jsonb_object_agg jsonb_object_agg_strict range_agg range_intersect_agg string_agg total xmlagg
        """,
    )
)


def windowed(window: exp.Expr) -> exp.Expr:
    """The function of a window, without its FILTER."""
    function = inside(window)
    return inside(function) if isinstance(function, exp.Filter) else function


def aggregates(select: exp.Expr) -> bool:
    """Whether a SELECT uses an aggregate of its own: in its columns, its HAVING or its order; windows are none."""
    places = [*parts(select, "expressions"), part(select, "having"), part(select, "order")]
    return any(_aggregates_below(place) for place in places if place is not None)


def _aggregates_below(node: exp.Expr) -> bool:
    if isinstance(node, _BOUNDARIES):
        return False
    if isinstance(node, exp.Window):
        # The function itself is none, but its arguments, its FILTER and the window may have some.
        own = {id(inside(node)), id(windowed(node))}
        nodes = [*children(node), *children(inside(node)), *children(windowed(node))]
        return any(_aggregates_below(child) for child in nodes if id(child) not in own)
    return is_aggregate(node) or any(_aggregates_below(child) for child in children(node))
