"""When an expression can be NULL."""

import contextlib
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import replace

from sqlglot import exp

from wave_data.check.sqlite.conditions import shown_by, shown_by_failure
from wave_data.check.sqlite.scope import OutputColumn, Scope
from wave_data.check.sqlite.values import NOT_NULL, UNKNOWN, Value, all_null, any_null, one_of
from wave_data.check.syntax import children, inside, is_aggregate, is_query, part, parts, unwrapped, windowed, word

Query = Callable[[exp.Expr, Scope], tuple[Sequence[OutputColumn], bool]]
"""Gives the columns of a subquery, and whether it always has a row."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_STRICT = _words(
    """
    abs array_append_distinct contains_text glob greatest instr json json_merge json_patch json_put json_valid
    json_without least length like likely lower ltrim milliseconds_between octet_length replace round rtrim soundex
    str_position substr substring trim unlikely upper
    """
)
_STRICT_OF_FIRST = _words("json_set json_insert json_replace likelihood")
_STRICT_OF_ONE = _words("json_type json_array_length")
_NEVER = _words(
    """
    changes char chr concat concat_ws count cume_dist current_date current_time current_timestamp dense_rank hex
    json_array json_array_agg json_arrayagg json_group_array json_group_object json_object json_object_agg
    json_objectagg json_quote last_insert_rowid ntile percent_rank quote rand random randomblob rank row_number
    sqlite_source_id sqlite_version total total_changes typeof zeroblob
    """
)
_OF_NOW = _words("date datetime julianday time unixepoch")
_OF_ROWS = _words("avg first_value group_concat last_value max min string_agg sum")

_STRICT_OPERATORS = (
    exp.Add,
    exp.And,
    exp.Between,
    exp.BitwiseAnd,
    exp.BitwiseLeftShift,
    exp.BitwiseNot,
    exp.BitwiseOr,
    exp.BitwiseRightShift,
    exp.DPipe,
    exp.EQ,
    exp.Escape,
    exp.GT,
    exp.GTE,
    exp.Glob,
    exp.LT,
    exp.LTE,
    exp.Like,
    exp.Mul,
    exp.NEQ,
    exp.Neg,
    exp.Not,
    exp.Or,
    exp.Sub,
    exp.Tuple,
)
_TRANSPARENT = (exp.Paren, exp.Cast, exp.Collate, exp.Alias)
_NEVER_NULL = (exp.Literal, exp.Boolean, exp.HexString, exp.Is, exp.NullSafeEQ, exp.NullSafeNEQ, exp.Exists)


class Expressions:
    """Tells of expressions in a scope when they are NULL.

    `nulls` tells for each placeholder whether it can be bound to NULL. Sums of infinities, which are NULL too, are left
    out of account.
    """

    def __init__(self, connection: sqlite3.Connection, nulls: tuple[bool, ...], query: Query) -> None:
        self._connection = connection
        self._nulls = nulls
        self._query = query
        self._special: dict[type[exp.Expr], Callable[[exp.Expr, Scope], Value]] = {
            exp.Column: lambda node, scope: scope.value(node.name, _text(node, "table")),
            exp.Placeholder: self._placeholder,
            exp.Div: self._quotient,
            exp.Mod: self._quotient,
            exp.Case: self._choice,
            exp.If: self._choice,
            exp.In: self._membership,
            exp.Window: self._over_rows,
            exp.Filter: self._over_rows,
            exp.Coalesce: lambda node, scope: all_null(self._values(children(node), scope)),
        }

    def value(self, node: exp.Expr, scope: Scope) -> Value:
        """What is known of an expression."""
        special = self._special.get(type(node))
        if special is not None:
            return special(node, scope)
        if is_query(node):
            return self._subquery(node, scope)
        if isinstance(node, _NEVER_NULL):
            return NOT_NULL
        if isinstance(node, _TRANSPARENT):
            return self.value(inside(node), scope).computed()
        if isinstance(node, _STRICT_OPERATORS):
            return any_null(self._values(children(node), scope))
        return self._function(node, scope) if isinstance(node, exp.Func) else UNKNOWN

    def _values(self, nodes: Sequence[exp.Expr], scope: Scope) -> list[Value]:
        return [self.value(node, scope) for node in nodes]

    def _placeholder(self, node: exp.Expr, _: Scope) -> Value:
        number = _text(node, "this").removeprefix("p")
        if not number.isdigit() or not 0 < int(number) <= len(self._nulls):
            return UNKNOWN
        return UNKNOWN if self._nulls[int(number) - 1] else NOT_NULL

    def _quotient(self, node: exp.Expr, scope: Scope) -> Value:
        """A division, which is NULL when it is by zero."""
        left, right = children(node)
        divisor = unwrapped(right)
        if isinstance(divisor, exp.Literal) and not divisor.is_string and float(str(divisor.this)) != 0:
            return self.value(left, scope).computed()
        return UNKNOWN

    def _choice(self, node: exp.Expr, scope: Scope) -> Value:
        """A CASE or IIF; a branch is taken in rows that its condition tells something of."""
        branches = parts(node, "ifs") if isinstance(node, exp.Case) else [node]
        has_operand = isinstance(node, exp.Case) and part(node, "this") is not None
        values: list[Value] = []
        for branch in branches:
            condition, result = part(branch, "this"), part(branch, "true")
            inner = scope if has_operand else scope.knowing(shown_by(condition, scope))
            values.append(UNKNOWN if result is None else self.value(result, inner))
            if condition is not None and not has_operand:
                scope = scope.knowing(shown_by_failure(condition, scope))
        otherwise = part(node, "default" if isinstance(node, exp.Case) else "false")
        values.append(UNKNOWN if otherwise is None else self.value(otherwise, scope))
        return one_of(values)

    def _membership(self, node: exp.Expr, scope: Scope) -> Value:
        query = part(node, "query")
        found = self._values([child for child in children(node) if child is not query], scope)
        if part(node, "field") is not None:
            return UNKNOWN
        if query is not None:
            found += [column.value for column in self._query(query, scope)[0]]
        return any_null(found)

    def _subquery(self, node: exp.Expr, scope: Scope) -> Value:
        columns, has_row = self._query(node, scope)
        value = any_null(column.value for column in columns)
        return value if has_row else replace(value, null_in_row=True)

    def _over_rows(self, node: exp.Expr, scope: Scope) -> Value:
        """An aggregate of a window or with a FILTER."""
        function = windowed(node) if isinstance(node, exp.Window) else inside(node)
        name = _name(function)
        if name in _NEVER:
            return NOT_NULL
        is_filtered = isinstance(inside(node), exp.Filter) or isinstance(node, exp.Filter)
        if name in _OF_ROWS and not is_filtered and _has_own_row(node):
            return self._of_rows(function, scope)
        return UNKNOWN

    def _function(self, node: exp.Expr, scope: Scope) -> Value:
        name, arguments = _name(node), children(node)
        if name in _NEVER or (name in _OF_NOW and not arguments):
            return NOT_NULL
        if name in _OF_ROWS:
            return (
                replace(self._of_rows(node, scope), null_in_row=True) if scope.phantom else self._of_rows(node, scope)
            )
        if name in _STRICT or (name in _STRICT_OF_ONE and len(arguments) == 1):
            return any_null(self._values(arguments, scope))
        if name in _STRICT_OF_FIRST:
            return self.value(arguments[0], scope).computed()
        return NOT_NULL if self._is_constant(node) else UNKNOWN

    def _of_rows(self, node: exp.Expr, scope: Scope) -> Value:
        """An aggregate such as `sum`, which is NULL where its argument is NULL in every row."""
        argument = part(node, "this")
        if isinstance(argument, exp.Distinct):
            argument = next(iter(parts(argument, "expressions")), None)
        return UNKNOWN if argument is None else self.value(argument, scope).computed()

    def _is_constant(self, node: exp.Expr) -> bool:
        """Whether a function of literals alone, such as strftime('%Y', 'now'), gives a value."""
        if is_aggregate(node) or any(not children(n) and not isinstance(n, exp.Literal) for n in node.walk()):
            return False
        with contextlib.suppress(sqlite3.Error):
            text = node.sql(dialect="sqlite")
            return bool(self._connection.execute(f"SELECT ({text}) IS NOT NULL").fetchone()[0])
        return False


def _text(node: exp.Expr, name: str) -> str:
    found = node.args.get(name)
    return found.name if isinstance(found, exp.Expr) else str(found or "")


def _name(node: exp.Expr) -> str:
    if isinstance(node, exp.Anonymous):
        return _text(node, "this").lower()
    return node.sql_name().lower().replace("j_s_o_n", "json") if isinstance(node, exp.Func) else ""


def _has_own_row(window: exp.Expr) -> bool:
    """Whether the frame of a window always has the row itself."""
    spec, name = part(window, "spec"), part(window, "alias")
    if spec is None and name is not None:
        select = window.parent_select
        named = [] if select is None else [w for w in parts(select, "windows") if w.name.lower() == name.name.lower()]
        spec = part(named[0], "spec") if named else None
    if spec is None:
        return True
    starts_behind = word(spec, "start_side") == "FOLLOWING"
    ends_before = word(spec, "end_side") == "PRECEDING"
    return not starts_behind and not ends_before and not word(spec, "exclude")
