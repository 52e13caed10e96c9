"""Which columns a condition shows not to be NULL."""

from collections.abc import Iterable

from sqlglot import exp

from wave_data.check.sqlite.scope import Place, Scope
from wave_data.check.syntax import children, inside, part, parts, unwrapped

Places = frozenset[Place]

_COMPARISONS = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Like, exp.Glob)
_ARITHMETIC = (
    exp.Add,
    exp.Sub,
    exp.Mul,
    exp.Div,
    exp.Mod,
    exp.DPipe,
    exp.Neg,
    exp.Lower,
    exp.Upper,
    exp.Length,
    exp.Abs,
)
_AS_OPERAND = (exp.Cast, exp.Collate, exp.Between, exp.In, exp.Escape, exp.Not)
_NOTHING: Places = frozenset()


def shown_by(condition: exp.Expr | None, scope: Scope) -> Places:
    """The columns of `scope` that are not NULL in a row for which the condition is true."""
    if condition is None:
        return _NOTHING
    condition = unwrapped(condition)
    match condition:
        case exp.And():
            return _union(shown_by(side, scope) for side in children(condition))
        case exp.Or():
            return _intersection([shown_by(side, scope) for side in children(condition)])
        case exp.Not():
            inner = part(condition, "this")
            return _NOTHING if inner is None else shown_by_failure(inner, scope) | nulling(inner, scope)
        case exp.NullSafeEQ():
            left, right = children(condition)
            return nulling(left, scope) if isinstance(right, exp.Literal) else _NOTHING
        case exp.Is() if isinstance(part(condition, "expression"), exp.Boolean):
            return nulling(inside(condition), scope)
        case exp.In() if not _is_row(condition):
            return nulling(inside(condition), scope)
        case _:
            return nulling(condition, scope)


def shown_by_failure(condition: exp.Expr, scope: Scope) -> Places:
    """The columns of `scope` that are not NULL in a row for which the condition is not true."""
    condition = unwrapped(condition)
    match condition:
        case exp.Is() if isinstance(part(condition, "expression"), exp.Null):
            return nulling(inside(condition), scope)
        case exp.Or():
            return _union(shown_by_failure(side, scope) for side in children(condition))
        case exp.And():
            return _intersection([shown_by_failure(side, scope) for side in children(condition)])
        case _:
            return _NOTHING


def nulling(node: exp.Expr, scope: Scope) -> Places:
    """The columns of `scope` each of which, when NULL, makes the expression NULL."""
    node = unwrapped(node)
    match node:
        case exp.Column():
            place = scope.find(node.name, node.table)
            return _NOTHING if place is None else frozenset((place,))
        case exp.EQ() | exp.LT() | exp.LTE() | exp.GT() | exp.GTE() if _is_row(node):
            return _union(_of_row(side, scope, isinstance(node, exp.EQ)) for side in children(node))
        case exp.And() | exp.Or():
            return _intersection([nulling(side, scope) for side in children(node)])
        case exp.In() if not parts(node, "expressions"):
            return _NOTHING  # IN of no rows is false whatever stands before it
        case _ if _is_row(node):
            return _NOTHING
        case _ if isinstance(node, _COMPARISONS + _ARITHMETIC):
            return _union(nulling(child, scope) for child in children(node))
        case _ if isinstance(node, _AS_OPERAND):
            return nulling(inside(node), scope)
        case _:
            return _NOTHING


def _is_row(node: exp.Expr) -> bool:
    return any(isinstance(unwrapped(child), exp.Tuple) for child in children(node))


def _of_row(node: exp.Expr, scope: Scope, every: bool) -> Places:
    """What a row of values shows in a comparison: rows are compared from the left as far as it takes."""
    node = unwrapped(node)
    members = parts(node, "expressions") if isinstance(node, exp.Tuple) else ()
    return _union(nulling(member, scope) for member in (members if every else members[:1]))


def _union(found: Iterable[Places]) -> Places:
    return frozenset[Place]().union(*found)


def _intersection(found: list[Places]) -> Places:
    return found[0].intersection(*found[1:]) if found else _NOTHING
