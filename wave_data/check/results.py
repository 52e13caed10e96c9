"""The columns of a result, held against the record or the scalars that a function returns."""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import lru_cache
from types import NoneType
from typing import NamedTuple, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from wave_data.check.facts import ColumnFact
from wave_data.check.finding import Code, Finding
from wave_data.check.fitting import castable, expected, reads, with_article
from wave_data.check.python_spans import field_span, return_span
from wave_data.check.sql_spans import Span, column_in, results_of
from wave_data.engine.conversions import ColumnType
from wave_data.engine.dialect import Dialect
from wave_data.engine.modules import Query
from wave_data.engine.records import Result, field_type, record_in
from wave_data.engine.signature import Shape


class Target(NamedTuple):
    """What a column becomes: a field of a record, or without one a scalar of the return annotation."""

    query: Query
    kind: ColumnType
    record: type[BaseModel] | None = None
    field: str = ""

    @property
    def declared(self) -> Span | None:
        """Where it is annotated."""
        return return_span(self.query.signature) if self.record is None else field_span(self.record, self.field)

    @property
    def with_none(self) -> str | None:
        """The annotation that allows None; None where it cannot be told."""
        written = "" if self.declared is None else self.declared.text
        if not written or self.record is not None:
            return f"{written} | None" if written else None
        match self.query.signature.shape:
            case Shape.ONE | Shape.OPTIONAL:
                return f"{written} | None"
            case Shape.LIST | Shape.STREAM if written.endswith("]"):
                return f"{written[:-1]} | None]"
            case _:
                return None

    def __str__(self) -> str:
        if self.record is not None:
            return f"{self.record.__name__}.{self.field}"
        return f"`{return_span(self.query.signature).text or self.kind.name}`"


@lru_cache(maxsize=8)  # the shapes of a statement, which come one after the other, mostly give the same columns
def compare(query: Query, dialect: Dialect, columns: tuple[ColumnFact, ...]) -> tuple[Finding, ...]:
    """What is wrong with the columns of a statement, on one store."""
    result = query.signature.result
    if result is None:
        return ()
    found = _Columns(query, dialect, columns)
    return tuple(found.scalars(result) if result.kind is None else found.record(result.kind))


class _Columns:
    """The columns of one shape."""

    def __init__(self, query: Query, dialect: Dialect, columns: tuple[ColumnFact, ...]) -> None:
        self.query = query
        self.dialect: Dialect = dialect
        self.statement = query.statements[dialect]
        self.columns = columns
        self.positions: dict[str, int] = {}
        for position, column in enumerate(columns):
            self.positions.setdefault(column.name, position)

    def scalars(self, result: Result) -> Iterator[Finding]:
        """Exactly the columns of the annotation are there, and fit it."""
        if len(self.columns) != len(result.scalars):
            names = ", ".join(column.name for column in self.columns) or "none"
            count = len(result.scalars)
            declared = return_span(self.query.signature)
            yield self._missing(
                f"`{declared.text or result.name}` takes {count} column{'s' * (count != 1)}, the statement gives"
                f" {len(self.columns)}: {names}",
                declared,
                f"give {count}, or annotate a record with these fields",
            )
            return
        for position, kind in enumerate(result.scalars):
            yield from self._fit(position, Target(self.query, kind))

    def record(self, kind: type[BaseModel], prefix: str = "", outer: frozenset[int] | None = None) -> Iterator[Finding]:
        """Every field has its column. `outer` has the joins whose missing row makes the whole record None."""
        for name, field in kind.model_fields.items():
            position = self.positions.get(prefix + name)
            nested = record_in(field.annotation)
            if position is not None:
                yield from self._repeated(prefix + name, position)
                fitting = field_type(kind, name, self.dialect)
                target = Target(self.query, fitting, kind, name)
                yield from self._fit(position, target, outer)
            elif nested is not None and self._under(f"{prefix}{name}."):
                yield from self.record(nested, f"{prefix}{name}.", self._absent_with(f"{prefix}{name}.", field, outer))
            elif field.is_required():
                yield self._no_column(kind, name, prefix)

    def _under(self, prefix: str) -> list[ColumnFact]:
        return [column for column in self.columns if column.name.startswith(prefix)]

    def _absent_with(self, prefix: str, field: FieldInfo, outer: frozenset[int] | None) -> frozenset[int] | None:
        """The joins without whose row all columns of a nested record are NULL, so that it is None."""
        if NoneType not in get_args(field.annotation):
            return outer
        shared = frozenset[int].intersection(*(column.joins for column in self._under(prefix)))
        return shared | (outer or frozenset())

    def _repeated(self, name: str, position: int) -> Iterator[Finding]:
        again = [n for n, column in enumerate(self.columns) if column.name == name and n != position]
        if again:
            span = column_in(self.statement, name, again[0])
            yield Finding(
                code="column-missing",
                message=f"two columns are named {name}",
                place=span.place,
                length=span.length,
                remedy=f'name the one of the joined table with AS "field.{name}"',
                subject=name,
            )

    def _no_column(self, kind: type[BaseModel], name: str, prefix: str) -> Finding:
        declared = field_span(kind, name)
        free = [column for column in self.positions if column.removeprefix(prefix) not in kind.model_fields]
        near = get_close_matches(prefix + name, free, 1)
        names = ", ".join(self.positions) or "none"
        hint = f"write `{near[0]} AS {name}`, or call the field {near[0]}" if near else f"select {name}"
        return self._missing(
            f"there is no column {prefix}{name} for {kind.__name__}.{name} (columns: {names})",
            declared,
            f"{hint}, or give the field a default",
            subject=prefix + name,
            suggestion=near[0] if len(get_close_matches(prefix + name, free, 2)) == 1 else None,
        )

    def _missing(
        self, message: str, declared: Span | None, remedy: str, subject: str = "", suggestion: str | None = None
    ) -> Finding:
        span = results_of(self.statement)
        return Finding(
            code="column-missing",
            message=message,
            place=span.place,
            length=span.length,
            remedy=remedy,
            subject=subject,
            declared=None if declared is None else declared.place,
            suggestion=suggestion,
        )

    def _fit(self, position: int, target: Target, outer: frozenset[int] | None = None) -> Iterator[Finding]:
        column = self.columns[position]
        if not reads(target.kind, self.dialect, column.type):
            yield self._about(
                position,
                target,
                "column-type",
                f"column {column.name} is {with_article(column.type)}, but {target} takes {target.kind.name}",
                expected(target.kind, self.dialect),
                f"annotate what the column holds, or cast it: CAST(… AS {castable(target.kind)}) AS {column.name}",
            )
        if not target.kind.nullable and can_be_null(column, outer):
            yield self._about(
                position,
                target,
                "nullable",
                f"column {column.name} can be NULL, but {target} does not allow None",
                "a column that is never NULL",
                f"annotate {f'`{target.with_none}`' if target.with_none else '… | None'}; where you know better, write"
                f" `-- not null: {column.name}` under the name",
                suggestion=target.with_none,
            )

    def _about(
        self,
        position: int,
        target: Target,
        code: Code,
        message: str,
        expected: str,
        remedy: str,
        suggestion: str | None = None,
    ) -> Finding:
        column = self.columns[position]
        span = column_in(self.statement, column.name, position)
        return Finding(
            code=code,
            message=message,
            place=span.place,
            length=span.length,
            expected=expected,
            remedy=remedy,
            subject=column.name,
            declared=None if target.declared is None else target.declared.place,
            suggestion=suggestion,
        )


def can_be_null(column: ColumnFact, outer: frozenset[int] | None) -> bool:
    """Whether a column can be NULL in a record that is there; without a row of a join in `outer`, none is there."""
    if not column.nullable or outer is None:
        return column.nullable
    return column.null_in_row or not column.joins or not column.joins <= outer


def filled(columns: Sequence[ColumnFact], fields: Mapping[str, FieldInfo]) -> set[str]:
    """The fields that columns fill, directly or as a nested record."""
    return {name for column in columns if (name := column.name.partition(".")[0]) in fields}
