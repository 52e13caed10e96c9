"""The unique keys of tables, in the terms that conditions are compared with."""

import re
from dataclasses import dataclass
from functools import lru_cache

from sqlglot import exp

from wave_data.check.syntax import conjuncts, parse, part, unwrapped
from wave_data.engine.dialect import Dialect
from wave_data.schema import Table


@dataclass(frozen=True)
class Key:
    """Terms (names of columns, or expressions over them) that are unique where the conditions hold."""

    terms: frozenset[str]
    conditions: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Rows:
    """What a table or query gives: the names of its columns where they are known, and its unique keys.

    `single` tells that it gives one row at most.
    """

    columns: tuple[str, ...] | None = None
    keys: frozenset[Key] = frozenset()
    single: bool = False

    def under(self, names: tuple[str, ...]) -> "Rows":
        """The rows with other names for their columns."""
        if self.columns is None or len(self.columns) != len(names):
            return Rows(names, single=self.single)
        new = dict(zip(self.columns, names, strict=True))
        keys = frozenset(
            Key(frozenset(new[term] for term in key.terms))
            for key in self.keys
            if key.terms <= new.keys() and not key.conditions
        )
        return Rows(names, keys, self.single)


def folded(name: str, dialect: Dialect, *, quoted: bool = False) -> str:
    """A name as the store compares it."""
    return name if quoted and dialect == "postgres" else name.lower()


def name_of(node: exp.Expr, dialect: Dialect) -> str:
    """The name of a column, table or identifier as the store compares it."""
    identifier = node if isinstance(node, exp.Identifier) else part(node, "this")
    quoted = isinstance(identifier, exp.Identifier) and bool(identifier.args.get("quoted"))
    return folded(node.name, dialect, quoted=quoted)


def term_text(node: exp.Expr, dialect: Dialect) -> str:
    """The text of an expression over one source, the same however it is written there and in an index."""
    if isinstance(node, exp.Column):
        return name_of(node, dialect)

    def plain(below: exp.Expr) -> exp.Expr:
        below = unwrapped(below)
        if isinstance(below, exp.Column):
            return exp.column(exp.to_identifier(name_of(below, dialect)))
        inner = part(below, "this")
        return inner if isinstance(below, exp.Cast) and isinstance(inner, exp.Literal | exp.Column) else below

    text: str = node.copy().transform(plain).sql(dialect=dialect, normalize_functions="lower")
    return text


def rows_of(table: Table, dialect: Dialect) -> Rows:
    """The columns and keys of a table."""
    keys = {Key(frozenset(folded(name, dialect, quoted=True) for name in key.columns)) for key in table.keys.values()}
    for index in table.indexes.values():
        terms = [_index_term(column, dialect) for column in index.columns]
        conditions = _conditions(index.predicate, dialect)
        if index.unique and conditions is not None and None not in terms:
            keys.add(Key(frozenset(term for term in terms if term is not None), conditions))
    return Rows(tuple(folded(name, dialect, quoted=True) for name in table.columns), frozenset(keys))


@lru_cache(maxsize=4096)
def _index_term(column: str, dialect: Dialect) -> str | None:
    column = column.removesuffix(" DESC")
    if re.fullmatch(r"\w+", column):
        return folded(column, dialect, quoted=True)
    if dialect == "sqlite":
        return None if column == "an expression" else column.lower()
    tree = parse(f"SELECT {column}", dialect)
    return None if tree is None else term_text(unwrapped(tree.args["expressions"][0]), dialect)


@lru_cache(maxsize=1024)
def _conditions(predicate: str | None, dialect: Dialect) -> frozenset[str] | None:
    """The conditions of a partial index, none for an index of all rows; None when they cannot be read."""
    if predicate is None:
        return frozenset()
    tree = parse(f"SELECT 1 WHERE {predicate}", dialect)
    where = None if tree is None else part(tree, "where")
    return None if where is None else frozenset(term_text(item, dialect) for item in conjuncts(part(where, "this")))
