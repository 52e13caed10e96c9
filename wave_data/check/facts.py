"""What a database says of a statement, on either store."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class ParameterFact:
    """A placeholder as the database takes it; `type` is its PostgreSQL type, None where the store does not tell."""

    type: str | None = None


@dataclass(frozen=True)
class ColumnFact:
    """A column of a statement's result.

    `nullable` is derived from the statement and the schema, never from data: what cannot be derived is nullable.
    `origin` is the table and the column that the value comes from unchanged; None for an expression. `type` is the
    PostgreSQL type, on SQLite the declared type of the origin; None where there is none.
    `joins` numbers the outer joins of the statement that make it NULL where they find no row, and `null_in_row` tells
    that it can be NULL in a row that they did find; `nullable` holds where either does.
    """

    name: str
    type: str | None
    nullable: bool
    origin: tuple[str, str] | None = None
    joins: frozenset[int] = frozenset()
    null_in_row: bool = False


@dataclass(frozen=True)
class PlanFact:
    """A step of a plan that reads all rows of a table, or sorts them.

    `columns` are those that an index would begin with: of the conditions, then of the order.
    """

    step: Literal["scan", "sort"]
    table: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class StatementFacts:
    """All that a database says of one shape of a statement.

    `reads` and `writes` give the columns for each table; a deletion writes none, and names its table. `limit_one` tells
    that a unique key, LIMIT 1 or an aggregate allows one row at most.
    """

    parameters: tuple[ParameterFact, ...] = ()
    columns: tuple[ColumnFact, ...] = ()
    reads: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    writes: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    limit_one: bool = False
    plan: tuple[PlanFact, ...] = ()


class Refused(Exception):
    """The database does not take a statement; `offset` is the character of its text that it points at, from 0."""

    def __init__(self, message: str, offset: int | None = None) -> None:
        super().__init__(message)
        self.offset = offset
