"""Whether a statement gives one row at most, from the unique keys of the schema.

A source of rows is *single* once a unique key of it is known: by conditions that equate its columns with parameters,
with constants, or with columns that are known already. A query gives one row at most when all of its sources are
single, or when LIMIT 1, an aggregate or a single row of VALUES says so.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from sqlglot import exp

from wave_data.check.equations import Equation, Sources, Term
from wave_data.check.syntax import (
    Ctes,
    aggregates,
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
    word,
)
from wave_data.check.unique_keys import Key, Rows, folded, name_of, rows_of, term_text
from wave_data.engine.dialect import Dialect
from wave_data.schema import Schema

_Outputs = Sequence[tuple[str, Term | None]]
"""The columns of a query: their names, and the terms that they show unchanged."""


def limit_one(text: str, dialect: Dialect, schema: Schema) -> bool:
    """Whether a statement gives, or where it gives none changes, one row at most. False where that is not shown."""
    tree = parse(text, dialect)
    prover = _Prover(dialect, schema)
    return tree is not None and prover.rows(tree, prover.outermost).single


class _Prover:
    def __init__(self, dialect: Dialect, schema: Schema) -> None:
        self._dialect: Dialect = dialect
        self._schema = schema
        self._open: set[int] = set()
        self.outermost = Ctes(in_order=dialect == "postgres")

    def rows(self, node: exp.Expr, tables: Ctes) -> Rows:
        """What a query, or a statement that changes rows, gives."""
        tables = tables.seen_in(node)
        match node:
            case exp.Subquery():
                found = self.rows(inside(node), tables)
            case exp.Values():
                found = Rows(single=len(parts(node, "expressions")) == 1)
            case exp.Select():
                found = self._select(node, tables)
            case exp.SetOperation():
                found = self._compound(node, tables)
            case exp.Insert() | exp.Update() | exp.Delete():
                found = self._changed(node, tables)
            case _:
                found = Rows()
        return Rows(found.columns, found.keys, found.single or _is_limited(part(node, "limit")))

    def _compound(self, node: exp.Expr, tables: Ctes) -> Rows:
        left, right = (self.rows(arm, tables) for arm in (inside(node), part(node, "expression") or node))
        if isinstance(node, exp.Union):
            return Rows(left.columns)
        single = left.single or (isinstance(node, exp.Intersect) and right.single)
        return Rows(left.columns, left.keys, single)

    def _changed(self, node: exp.Expr, tables: Ctes) -> Rows:
        """The rows of an INSERT, UPDATE or DELETE; each row of its table is among them once at most."""
        target = part(node, "this")
        target = part(target, "this") if isinstance(target, exp.Schema) else target
        if not isinstance(target, exp.Table):
            return Rows()
        sources = Sources()
        self._add(sources, target, tables)
        alias = next(iter(sources.sources))
        if isinstance(node, exp.Insert):
            given = part(node, "expression")
            single = bool(flag(node, "default")) if given is None else self.rows(given, tables).single
        else:
            joined = Sources()
            self._add(joined, target, tables)
            for item in [part(node, "from_") or part(node, "from"), *parts(node, "using")]:
                if item is not None:
                    self._add(joined, inside(item) if isinstance(item, exp.From) else item, tables)
            self._conditions(joined, condition_of(node), None, tables)
            single = alias in joined.known()[0]
        returning = part(node, "returning")
        outputs = self._outputs(parts(returning, "expressions"), sources) if returning else None
        return self._projected(sources, outputs, single)

    def _select(self, node: exp.Expr, tables: Ctes) -> Rows:
        sources = self._from(node, tables)
        expressions = parts(node, "expressions")
        outputs = self._outputs(expressions, sources)
        names = None if outputs is None else tuple(name for name, _ in outputs)
        if any(self._is_set_returning(below) for item in expressions for below in own_nodes(item)):
            return Rows(names)
        group, distinct = part(node, "group"), part(node, "distinct")
        if group is None and aggregates(node):
            return Rows(names, single=True)
        single, _ = sources.known()
        all_single = not sources.is_full and single == set(sources.sources)
        fixed = sources.fixed(single)
        if group is not None:
            grouped = [_selected(item, expressions) for item in parts(group, "expressions")]
            plain = bool(grouped) and not any(value for name, value in group.args.items() if name != "expressions")
            is_one = plain and all(self._is_fixed(item, sources, single, fixed) for item in grouped)
            key = _names_of((self._origin(item, sources) for item in grouped), outputs) if plain else None
            return Rows(names, frozenset(() if key is None else (Key(key),)), all_single or is_one)
        if distinct is not None and not sources.is_full:
            on = part(distinct, "on")
            items = expressions if on is None else (parts(on, "expressions") or [on])
            all_single |= all(self._is_fixed(item, sources, single, fixed) for item in items)
        return self._projected(sources, outputs, all_single)

    def _projected(self, sources: Sources, outputs: _Outputs | None, single: bool) -> Rows:
        """The rows of sources with the keys that their columns still show."""
        keys: set[Key] = set()
        for alias, rows in sources.sources.items():
            for key in () if sources.is_full or outputs is None else rows.keys:
                assumed = {(alias, term) for term in key.terms}
                complete = sources.known(assumed)[0] == set(sources.sources)
                shown = _names_of(assumed - sources.known()[1], outputs) if complete else None
                if shown is not None:
                    keys.add(Key(shown))
        return Rows(None if outputs is None else tuple(name for name, _ in outputs), frozenset(keys), single)

    def _is_fixed(self, item: exp.Expr, sources: Sources, single: set[str], fixed: set[Term]) -> bool:
        """Whether an expression has one value in all rows."""
        if isinstance(item, exp.Star) or any(isinstance(below, exp.Star) for below in item.walk()):
            return False
        needs = self._needs(item, sources, self.outermost)
        return needs is not None and all(need in fixed or need[0] in single for need in needs)

    def _outputs(self, expressions: Sequence[exp.Expr], sources: Sources) -> _Outputs | None:
        """The names of the columns with the terms that they show; None where `*` stands for unknown columns."""
        outputs: list[tuple[str, Term | None]] = []
        for item in expressions:
            if isinstance(item, exp.Star) or (isinstance(item, exp.Column) and isinstance(item.this, exp.Star)):
                table = item.table.lower() if isinstance(item, exp.Column) else ""
                for alias, rows in sources.sources.items():
                    if table not in ("", alias):
                        continue
                    if rows.columns is None:
                        return None
                    outputs += [(name, (alias, name)) for name in rows.columns]
            else:
                inner = inside(item) if isinstance(item, exp.Alias) else item
                outputs.append((self._folded(item.alias_or_name), self._origin(inner, sources)))
        return outputs

    def _origin(self, item: exp.Expr, sources: Sources) -> Term | None:
        if not isinstance(item, exp.Column) or isinstance(item.this, exp.Star):
            return None
        name = name_of(item, self._dialect)
        alias = sources.source_of(item, name)
        return None if alias is None else (alias, name)

    def _from(self, node: exp.Expr, tables: Ctes) -> Sources:
        sources = Sources()
        clause = part(node, "from_") or part(node, "from")
        if clause is not None:
            self._add(sources, inside(clause), tables)
        self._add_joins(sources, node, tables)
        self._conditions(sources, condition_of(node), None, tables)
        return sources

    def _add_joins(self, sources: Sources, node: exp.Expr, tables: Ctes) -> None:
        for join in parts(node, "joins"):
            left, side = set(sources.sources), word(join, "side")
            self._add(sources, inside(join), tables)
            right = set(sources.sources) - left
            pins = {"LEFT": frozenset(right), "RIGHT": frozenset(left)}.get(side)
            sources.is_full |= side == "FULL"
            if side != "FULL":
                self._conditions(sources, part(join, "on"), pins, tables)
                self._shared(sources, join, (left, right), pins)

    def _shared(
        self, sources: Sources, join: exp.Expr, sides: tuple[set[str], set[str]], pins: frozenset[str] | None
    ) -> None:
        """The equations of USING and NATURAL."""
        mine, other = ({alias: sources.sources[alias].columns or () for alias in side} for side in sides)
        names = {self._folded(item.name) for item in parts(join, "using")}
        if word(join, "method") == "NATURAL":
            names = {name for columns in other.values() for name in columns}
        for name in names:
            left = [(alias, name) for alias, columns in mine.items() if name in columns]
            right = [(alias, name) for alias, columns in other.items() if name in columns]
            for one, two in ((a, b) for a in left[:1] for b in right[:1]):
                sources.equations += [
                    Equation(term, frozenset((need,)), pins is None)
                    for term, need in ((one, two), (two, one))
                    if pins is None or term[0] in pins
                ]

    def _add(self, sources: Sources, node: exp.Expr, tables: Ctes) -> None:
        """Add an item of a FROM clause, with the joins in its parentheses."""
        inner = part(node, "this")
        alias = node.alias_or_name.lower() or f"({len(sources.sources)})"
        if isinstance(node, exp.Subquery | exp.Lateral) and inner is not None and not node.alias:
            if isinstance(inner, exp.Table | exp.Subquery):
                self._add(sources, inner, tables)
            else:
                sources.sources[alias] = self.rows(inner, tables)
        elif isinstance(node, exp.Table) and isinstance(inner, exp.Identifier):
            sources.sources[alias] = self._named(node, tables)
        elif isinstance(node, exp.Subquery | exp.Lateral) and inner is not None and is_query(inner):
            sources.sources[alias] = self._renamed(self.rows(inner, tables), node)
        else:
            sources.sources[alias] = Rows()
        self._add_joins(sources, node, tables)

    def _named(self, node: exp.Table, tables: Ctes) -> Rows:
        known = tables.find(node)
        if known is not None:
            cte, around = known
            return self._guarded(cte, inside(cte), around)
        name = name_of(node, self._dialect)
        names = {folded(each, self._dialect, quoted=True): each for each in (*self._schema.tables, *self._schema.views)}
        stored = names.get(name, "")
        if stored in self._schema.tables:
            return rows_of(self._schema.tables[stored], self._dialect)
        if stored not in self._schema.views:
            return Rows()
        view = self._schema.views[stored]
        tree = parse(view.definition.rstrip("; \n"), self._dialect)
        body = part(tree, "expression") if isinstance(tree, exp.Create) else tree
        columns = tuple(folded(column, self._dialect, quoted=True) for column in view.columns)
        found = Rows() if body is None else self._guarded(body, body, self.outermost)
        return found.under(columns)

    def _guarded(self, owner: exp.Expr, body: exp.Expr, tables: Ctes) -> Rows:
        """The rows of a CTE or view; nothing is known of one that uses itself."""
        if id(owner) in self._open:
            return Rows()
        self._open.add(id(owner))
        try:
            return self._renamed(self.rows(body, tables), owner)
        finally:
            self._open.discard(id(owner))

    def _renamed(self, rows: Rows, node: exp.Expr) -> Rows:
        alias = part(node, "alias")
        names = () if alias is None else tuple(name_of(item, self._dialect) for item in parts(alias, "columns"))
        return rows.under(names) if names else rows

    def _folded(self, name: str) -> str:
        return folded(name, self._dialect)

    def _is_set_returning(self, node: exp.Expr) -> bool:
        """Whether a function in the columns of a SELECT may give several rows."""
        if self._dialect == "sqlite" or not isinstance(node, exp.Func):
            return False
        if not isinstance(node, exp.Anonymous):
            return isinstance(node, _SET_RETURNING)
        name = str(node.args.get("this")).lower()
        return bool(_SET_RETURNING_NAME.search(name)) or any(
            own.startswith(f"{name}(") and _RETURNS_SET.search(definition)
            for own, definition in self._schema.functions.items()
        )

    def _conditions(
        self, sources: Sources, condition: exp.Expr | None, pins: frozenset[str] | None, tables: Ctes
    ) -> None:
        """Add what a condition equates; `pins` are the only sources that an outer join's condition restricts."""
        for item in conjuncts(condition):
            for left, right in self._equalities(item, tables):
                for side, value in ((left, right), (right, left)):
                    term, needs = self._term(side, sources), self._needs(value, sources, tables)
                    if term is not None and needs is not None and (pins is None or term[0] in pins):
                        sources.equations.append(Equation(term, needs, pins is None))
            if pins is None:
                self._keep(sources, item, tables)

    def _keep(self, sources: Sources, condition: exp.Expr, tables: Ctes) -> None:
        """Remember a condition on one source alone, where a partial index may ask for it."""
        aliases = {alias for alias, _ in self._needs(condition, sources, tables) or ()}
        alias = aliases.pop() if len(aliases) == 1 else ""
        if alias and any(key.conditions for key in sources.sources[alias].keys):
            sources.conditions.setdefault(alias, set()).add(term_text(condition, self._dialect))

    def _equalities(self, condition: exp.Expr, tables: Ctes) -> Iterator[tuple[exp.Expr, exp.Expr]]:
        """The pairs of expressions that a condition equates."""
        match condition:
            case exp.EQ():
                yield from _paired(*children(condition))
            case exp.In() if (query := part(condition, "query")) is not None:
                if self.rows(query, tables).single:
                    yield from _paired(inside(condition), query)
            case exp.In() if len(parts(condition, "expressions")) == 1:
                yield from _paired(inside(condition), parts(condition, "expressions")[0])
            case exp.Is() if isinstance(part(condition, "expression"), exp.Boolean):
                yield from _paired(*children(condition))
            case exp.NullSafeEQ() if isinstance(part(condition, "expression"), exp.Literal):
                yield from _paired(*children(condition))
            case _:
                pass

    def _term(self, node: exp.Expr, sources: Sources) -> Term | None:
        """The term that an expression is: a column, or a function of one source's columns."""
        node = unwrapped(node)
        if isinstance(node, exp.Column):
            return self._origin(node, sources)
        if not isinstance(node, exp.Func) or any(is_query(below) for below in own_nodes(node)):
            return None
        needs = self._needs(node, sources, self.outermost) or frozenset[Term]()
        aliases = {alias for alias, _ in needs}
        return (aliases.pop(), term_text(node, self._dialect)) if len(aliases) == 1 else None

    def _needs(self, node: exp.Expr, sources: Sources, tables: Ctes) -> frozenset[Term] | None:
        """The columns of these sources that an expression is made of; None where that is not known."""
        needs: set[Term] = set()
        for column in self._columns_in(node, tables):
            name = name_of(column, self._dialect)
            alias = sources.source_of(column, name)
            if alias is not None:
                needs.add((alias, name))
            elif not column.table and any(rows.columns is None for rows in sources.sources.values()):
                return None
        many = (exp.Any, exp.All, exp.Collate)
        return None if any(isinstance(below, many) for below in own_nodes(node)) else frozenset(needs)

    def _columns_in(self, node: exp.Expr, tables: Ctes) -> Iterator[exp.Column]:
        """The columns that an expression names and that none of its subqueries has."""
        if isinstance(node, _QUERIES):
            inner = self._from(node, tables) if isinstance(node, exp.Select) else Sources()
            for child in children(node):
                for column in self._columns_in(child, tables):
                    if inner.source_of(column, name_of(column, self._dialect)) is None:
                        yield column
        elif isinstance(node, exp.Column):
            if not isinstance(node.this, exp.Star):
                yield node
        else:
            for child in children(node):
                yield from self._columns_in(child, tables)


_QUERIES = (exp.Select, exp.SetOperation, exp.Values, exp.Subquery)
_SET_RETURNING = (exp.Unnest, exp.Explode, exp.GenerateSeries, exp.ExplodingGenerateSeries)
_SET_RETURNING_NAME = re.compile(
    r"unnest|generate_|_each|_elements|_object_keys|_path_query$|recordset|regexp_matches|_to_table"
)
_RETURNS_SET = re.compile(r"RETURNS\s+(?:SETOF|TABLE)\b", re.IGNORECASE)


def _is_limited(limit: exp.Expr | None) -> bool:
    """Whether LIMIT or FETCH allows one row at most."""
    if isinstance(limit, exp.Fetch):
        options, bound = part(limit, "limit_options"), part(limit, "count")
        if options is not None and (flag(options, "with_ties") or flag(options, "percent")):
            return False
        return bound is None or bound.name in ("0", "1")
    bound = None if limit is None else part(limit, "expression")
    return isinstance(bound, exp.Literal) and bound.name in ("0", "1")


def _paired(left: exp.Expr, right: exp.Expr) -> Iterator[tuple[exp.Expr, exp.Expr]]:
    """The pairs that the comparison of two rows of values makes; a query gives all the values of its row."""
    left, right = unwrapped(left), unwrapped(right)
    sides = [parts(side, "expressions") if isinstance(side, exp.Tuple) else () for side in (left, right)]
    if sides[0] and sides[1]:
        yield from zip(*sides, strict=False)
    elif sides[0] and is_query(right):
        yield from ((item, right) for item in sides[0])
    elif not sides[0] and not sides[1]:
        yield left, right


def _selected(item: exp.Expr, expressions: Sequence[exp.Expr]) -> exp.Expr:
    """What an item of GROUP BY stands for, where it is the number or the name of a column of the result."""
    item = unwrapped(item)
    if isinstance(item, exp.Literal) and not item.is_string and 0 < int(item.name) <= len(expressions):
        item = expressions[int(item.name) - 1]
    elif isinstance(item, exp.Column) and not item.table:
        named = [e for e in expressions if isinstance(e, exp.Alias) and e.alias == item.name]
        item = named[0] if named else item
    return inside(item) if isinstance(item, exp.Alias) else item


def _names_of(terms: Iterable[Term | None], outputs: _Outputs | None) -> frozenset[str] | None:
    """The names under which a query shows terms; None unless it shows all of them."""
    names: set[str] = set()
    for term in terms:
        shown = [name for name, own in outputs or () if own is not None and own == term]
        if not shown:
            return None
        names.add(shown[0])
    return frozenset(names)
