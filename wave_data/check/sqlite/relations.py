"""The columns that a statement gives, and when each can be NULL."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import count

from sqlglot import exp

from wave_data.check.sqlite.catalogue import ROWID_NAMES, Catalogue, CatalogueTable
from wave_data.check.sqlite.conditions import shown_by
from wave_data.check.sqlite.expressions import Expressions
from wave_data.check.sqlite.scope import OutputColumn, Place, Scope, Source
from wave_data.check.sqlite.values import NOT_NULL, UNKNOWN, Value, any_null, one_row_of
from wave_data.check.syntax import Ctes, aggregates, condition_of, inside, part, parts, word

Columns = tuple[OutputColumn, ...]


def columns_of(statement: exp.Expr, catalogue: Catalogue, nulls: tuple[bool, ...]) -> Columns:
    """The columns of a statement's rows; none when it gives no rows."""
    return _Resolver(catalogue, nulls).statement(statement)


def inserted_columns(statement: exp.Expr | None) -> list[str]:
    """The columns that an INSERT names; none when it names none or is no INSERT."""
    target = part(statement, "this") if isinstance(statement, exp.Insert) else None
    return [item.name for item in parts(target, "expressions")] if isinstance(target, exp.Schema) else []


class _Resolver:
    def __init__(self, catalogue: Catalogue, nulls: tuple[bool, ...]) -> None:
        self._catalogue = catalogue
        self._tables = Ctes()
        self._joins = count(1)
        self._assumed: dict[int, Columns] = {}
        self._recursive: set[int] = set()
        self._expressions = Expressions(catalogue.connection, nulls, self._subquery)

    def statement(self, node: exp.Expr) -> Columns:
        """The columns of a whole statement."""
        self._tables = self._tables.seen_in(node)
        returning = part(node, "returning")
        if not isinstance(node, exp.Insert | exp.Update | exp.Delete):
            return self._query(node, Scope())
        target = part(node, "this")
        target = part(target, "this") if isinstance(target, exp.Schema) else target
        if returning is None or target is None:
            return ()
        scope = self._item(target, None)
        if isinstance(node, exp.Delete):  # an UPDATE returns what it made of the row
            scope = scope.knowing(shown_by(condition_of(node), scope))
        return self._outputs(parts(returning, "expressions"), scope)

    def _subquery(self, node: exp.Expr, scope: Scope) -> tuple[Columns, bool]:
        return self._query(node, scope), _has_row(node)

    def _query(self, node: exp.Expr, parent: Scope | None) -> Columns:
        outer = self._tables
        self._tables = self._tables.seen_in(node)
        try:
            match node:
                case exp.Subquery():
                    return self._query(inside(node), parent)
                case exp.SetOperation():
                    return self._compound(node, parent)
                case exp.Values():
                    return self._values(node, parent)
                case exp.Select():
                    return self._select(node, parent)
                case _:
                    return ()
        finally:
            self._tables = outer

    def _compound(self, node: exp.Expr, parent: Scope | None) -> Columns:
        arms = [part(node, "this"), part(node, "expression")]
        left, right = (() if arm is None else self._query(arm, parent) for arm in arms)
        if isinstance(node, exp.Except) or len(left) != len(right):
            return left
        if isinstance(node, exp.Intersect):
            return tuple(
                mine if not mine.value.nullable else replace(mine, value=other.value)
                for mine, other in zip(left, right, strict=True)
            )
        return tuple(
            replace(mine, value=one_row_of((mine.value, other.value))) for mine, other in zip(left, right, strict=True)
        )

    def _values(self, node: exp.Expr, parent: Scope | None) -> Columns:
        scope = parent or Scope()
        rows = [
            [self._expressions.value(item, scope).computed() for item in parts(row, "expressions")]
            for row in parts(node, "expressions")
        ]
        return tuple(
            OutputColumn(f"column{number}", any_null(values))
            for number, values in enumerate(zip(*rows, strict=False), start=1)
        )

    def _select(self, node: exp.Expr, parent: Scope | None) -> Columns:
        scope = self._from(node, parent)
        scope = scope.knowing(shown_by(condition_of(node), scope))
        if part(node, "group") is None and aggregates(node):
            scope = replace(scope, phantom=True)
        return self._outputs(parts(node, "expressions"), scope)

    def _outputs(self, nodes: Sequence[exp.Expr], scope: Scope) -> Columns:
        found: list[OutputColumn] = []
        for node in nodes:
            if isinstance(node, exp.Star):
                found += scope.star()
            elif isinstance(node, exp.Column) and isinstance(node.this, exp.Star):
                found += scope.star(node.table)
            else:
                inner = inside(node) if isinstance(node, exp.Alias) else node
                name = node.alias_or_name if isinstance(node, exp.Alias) or _has_own_name(node) else ""
                found.append(OutputColumn(name, self._expressions.value(inner, scope)))
        return tuple(found)

    def _from(self, node: exp.Expr, parent: Scope | None) -> Scope:
        clause = part(node, "from_") or part(node, "from")
        first = None if clause is None else part(clause, "this")
        scope = Scope(parent=parent) if first is None else self._item(first, parent)
        return self._joined(scope, node)

    def _joined(self, scope: Scope, node: exp.Expr) -> Scope:
        for join in parts(node, "joins"):
            scope = self._join(scope, join)
        return scope

    def _join(self, left: Scope, join: exp.Expr) -> Scope:
        node = part(join, "this")
        right = Scope() if node is None else self._item(node, left.parent)
        side, split = word(join, "side"), len(left.sources)
        shared = [(left.find(name), right.find(name)) for name in _shared(left, join, right)]
        pairs = [(mine, other) for mine, other in shared if mine is not None and other is not None]
        values = [(_value(left, mine), _value(right, other)) for mine, other in pairs]
        shown = shown_by(part(join, "on"), left.beside(right))
        told = [[place for place in shown if place[0] < split], [(n - split, p) for n, p in shown if n >= split]]
        # Where a column that the condition needs is missing itself, the join finds no row either.
        causes = [side_scope.joins_of(places) for side_scope, places in zip((left, right), told, strict=True)]
        # The condition holds in the rows that an outer join found, so it tells of the side that may be missing.
        if side in ("", "RIGHT"):
            left = left.knowing(told[0])
        if side in ("", "LEFT"):
            right = right.knowing(told[1])
        if side in ("RIGHT", "FULL"):
            left = left.outside(causes[1] | {next(self._joins)})
        if side in ("LEFT", "FULL"):
            right = right.outside(causes[0] | {next(self._joins)})
        both = left.beside(right)
        merged = {
            mine: _merged(*found, _value(left, mine), side) for (mine, _), found in zip(pairs, values, strict=True)
        }
        dropped = frozenset((number + split, position) for _, (number, position) in pairs)
        return replace(both, merged={**both.merged, **merged}, dropped=both.dropped | dropped)

    def _item(self, node: exp.Expr, parent: Scope | None) -> Scope:
        """An item of a FROM clause: a table, a query, or a join in parentheses."""
        inner = part(node, "this")
        if isinstance(node, exp.Subquery) and isinstance(inner, exp.Table | exp.Subquery):
            scope = self._item(inner, parent)
            if node.alias:
                scope = Scope((Source(node.alias, tuple(scope.star())),), parent)
        elif isinstance(node, exp.Table):
            source = self._named(node) if isinstance(inner, exp.Identifier) else self._function(node, inner)
            scope = Scope((source,), parent)
        else:
            scope = Scope((Source(node.alias, _renamed(self._query(node, parent), node)),), parent)
        return self._joined(scope, node)

    def _named(self, node: exp.Expr) -> Source:
        """A table, view or CTE by its name."""
        name = node.name
        known = self._tables.find(node)
        if known is not None:
            return Source(node.alias_or_name, self._cte(*known))
        table = self._catalogue.table(name) or self._catalogue.function(name)
        return Source(node.alias_or_name, *_columns(table)) if table else Source(node.alias_or_name, ())

    def _function(self, node: exp.Expr, inner: exp.Expr | None) -> Source:
        name = str(inner.this) if isinstance(inner, exp.Anonymous) else ""
        table = self._catalogue.function(name)
        return Source(node.alias or name, *_columns(table)) if table else Source(node.alias or name, ())

    def _cte(self, cte: exp.Expr, tables: Ctes) -> Columns:
        """The columns of a CTE; those of a recursive one are what its own use of them leaves as it is."""
        if id(cte) in self._assumed:
            self._recursive.add(id(cte))
            return self._assumed[id(cte)]
        outer, self._tables = self._tables, tables
        body = inside(cte)
        base = part(body, "this") if isinstance(body, exp.Union) else body
        try:
            self._assumed[id(cte)] = ()
            found = self._body(base or body, cte)
            for _ in range(2 * len(found) + 2):
                self._assumed[id(cte)] = found
                found = self._body(body, cte)
                if id(cte) not in self._recursive or found == self._assumed[id(cte)]:
                    return self._numbered_anew(found)
            return tuple(replace(column, value=UNKNOWN) for column in found)
        finally:
            del self._assumed[id(cte)]
            self._tables = outer

    def _body(self, body: exp.Expr, cte: exp.Expr) -> Columns:
        columns = _renamed(self._query(body, None), cte)
        if id(cte) not in self._recursive:
            return columns
        return tuple(replace(c, value=Value(c.value.nullable, origin=c.value.origin)) for c in columns)

    def _numbered_anew(self, columns: Columns) -> Columns:
        """The columns with numbers of their own for the joins, as another use of the same CTE has other rows."""
        numbers = {join: next(self._joins) for join in sorted({j for c in columns for j in c.value.joins})}
        return tuple(
            replace(c, value=replace(c.value, joins=frozenset(numbers[join] for join in c.value.joins)))
            for c in columns
        )


def _value(scope: Scope, place: Place) -> Value:
    value = scope.sources[place[0]].columns[place[1]].value
    return scope.merged.get(place, value)


def _has_own_name(node: exp.Expr) -> bool:
    """Whether a column is named as it is written; a rowid may go by the name of the key."""
    return isinstance(node, exp.Column) and node.name.lower() not in ROWID_NAMES


def _shared(left: Scope, join: exp.Expr, right: Scope) -> list[str]:
    """The names of the columns that USING or NATURAL makes one."""
    if word(join, "method") == "NATURAL":
        return [column.name for column in right.star() if left.find(column.name) is not None]
    return [item.name for item in parts(join, "using")]


def _columns(table: CatalogueTable) -> tuple[Columns, Value | None]:
    """The columns of a table as a source, and its rowid. A view's columns count as nullable."""
    columns = tuple(
        OutputColumn(
            column.name, Value(column.nullable or table.is_view, origin=(table.name, column.name)), column.hidden
        )
        for column in table.columns.values()
    )
    return columns, NOT_NULL if table.has_rowid else None


def _renamed(columns: Columns, node: exp.Expr) -> Columns:
    """The columns under the names that an alias such as `found (id, name)` gives them."""
    alias = part(node, "alias")
    names = [] if alias is None else [item.name for item in parts(alias, "columns")]
    if len(names) != len(columns):
        return columns
    return tuple(replace(column, name=name) for column, name in zip(columns, names, strict=True))


def _merged(left: Value, right: Value, left_outside: Value, side: str) -> Value:
    """The column that USING makes of two; where a side may be missing it is that of the other."""
    match side:
        case "RIGHT":
            return right.computed()
        case "FULL":
            return any_null((left, right))
        case _:
            return left_outside


def _has_row(node: exp.Expr) -> bool:
    """Whether a query always has a row: an aggregate without GROUP BY, or no table at all."""
    if isinstance(node, exp.Subquery):
        return _has_row(inside(node))
    if part(node, "offset") is not None or not _keeps_a_row(part(node, "limit")):
        return False
    if isinstance(node, exp.Values):
        return True
    if isinstance(node, exp.Union):
        return any(_has_row(arm) for arm in (part(node, "this"), part(node, "expression")) if arm is not None)
    if not isinstance(node, exp.Select) or part(node, "having") is not None or part(node, "group") is not None:
        return False
    has_source = part(node, "from_") is not None or part(node, "from") is not None
    return aggregates(node) or (not has_source and part(node, "where") is None)


def _keeps_a_row(limit: exp.Expr | None) -> bool:
    bound = None if limit is None else part(limit, "expression")
    return limit is None or (isinstance(bound, exp.Literal) and str(bound.this) != "0")
