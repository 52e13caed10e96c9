"""When a value of a statement can be NULL."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain


@dataclass(frozen=True)
class Value:
    """What is known of a value; see ColumnFact for the names. `origin` may be a view's column."""

    null_in_row: bool = False
    joins: frozenset[int] = frozenset()
    origin: tuple[str, str] | None = None

    @property
    def nullable(self) -> bool:
        """Whether it can be NULL at all."""
        return self.null_in_row or bool(self.joins)

    def computed(self) -> "Value":
        """The value of an expression that is NULL exactly where this value is."""
        return replace(self, origin=None)


NOT_NULL = Value()
UNKNOWN = Value(null_in_row=True)


def any_null(values: Iterable[Value]) -> Value:
    """The value of an operation that is NULL where one of its operands is."""
    known = list(values)
    return Value(any(v.null_in_row for v in known), frozenset(chain.from_iterable(v.joins for v in known)))


def all_null(values: Iterable[Value]) -> Value:
    """The value of a COALESCE."""
    known = list(values)
    return one_of(known) if all(v.nullable for v in known) else NOT_NULL


def one_of(values: Iterable[Value]) -> Value:
    """The value of an operation that gives one of its operands."""
    known = [value.computed() for value in values]
    if len(set(known)) == 1:
        return known[0]
    if not any(value.nullable for value in known):
        return NOT_NULL
    return Value(True, known[0].joins.intersection(*(value.joins for value in known)))


def one_row_of(values: Sequence[Value]) -> Value:
    """The value of a column whose rows come from several queries, as in a UNION."""
    origins = {value.origin for value in values}
    return replace(any_null(values), origin=origins.pop() if len(origins) == 1 else None)
