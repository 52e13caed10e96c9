"""What is written down of the queries: the contract, the SQL and the facts of each, and the migrations they need."""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from wave_data.check.contracts import Contract
from wave_data.check.facts import StatementFacts
from wave_data.check.shapes import selections
from wave_data.engine.compiled import CompiledStatement
from wave_data.engine.dialect import Dialect
from wave_data.engine.errors import WaveDataError
from wave_data.engine.signature import Shape, Signature
from wave_data.engine.sql_file import Line, Statement, parse_sql
from wave_data.engine.sql_tokens import Place

ShapeFacts = Mapping[tuple[str, ...], StatementFacts]
Digests = Mapping[str, tuple[str | None, str | None]]
"""Digests of migrations on PostgreSQL and SQLite, by `version_name`."""


class LockError(WaveDataError):
    """A lock file cannot be read."""


@dataclass(frozen=True)
class LockedQuery:
    """What was written down of one query: its contract, and for each store its SQL and the facts of each shape."""

    contract: Contract
    sql: Mapping[Dialect, tuple[str, ...]]
    facts: Mapping[Dialect, ShapeFacts]

    def statement(self, dialect: Dialect, place: Place) -> Statement:
        """The statement as it was; it stands at `place` now."""
        return replace(statement_of(self.sql[dialect]), place=place)

    def compiled(self, dialect: Dialect, shape: tuple[str, ...], place: Place) -> CompiledStatement:
        """One shape as a driver takes it. It cannot be run: there is no function that would bind its arguments."""
        statement = self.statement(dialect, place)
        sql = self.contract.render(statement, dialect, shape)
        nulls = self.contract.nulls(sql.slots, shape)
        module, _, name = self.contract.title.rpartition(".")
        signature = Signature(name, module, place, inspect.Signature(), {}, Shape.NOTHING, None)
        return CompiledStatement(signature, statement, sql, dialect, _bind_nothing, "", nulls)


@dataclass(frozen=True)
class Lock:
    """A lock file."""

    migrations: Digests = field(default_factory=dict[str, tuple[str | None, str | None]])
    queries: Mapping[str, LockedQuery] = field(default_factory=dict[str, LockedQuery])


def shape_names(contract: Contract, statement: Statement) -> list[tuple[str, ...]]:
    """The shapes that `shapes_of` gives, from what was written down."""
    optional = contract.optional(statement)
    shapes = [
        tuple(name for name, given in zip(optional, selection, strict=True) if given)
        for selection in selections(len(optional))
    ]
    return [shape for shape in shapes if shape or not optional or contract.role != "partial update"]


def lines_of(statement: Statement) -> tuple[str, ...]:
    """The SQL of a statement, line by line, without what means nothing: comments, empty lines, extra spaces."""
    lines = (_line(line) for line in statement.lines)
    return tuple(line for line in lines if line.strip())


def _line(line: Line) -> str:
    pieces: list[str] = []
    for position, token in enumerate(line.tokens):
        if token.kind == "space":
            pieces.append(token.text if position == 0 else " ")
        elif token.kind == "comment":
            pieces.append(" ")
        elif token.kind != "optional":
            pieces.append(token.text)
    text = "".join(pieces).rstrip()
    return f"{text} --?" if line.optional else text


@cache
def statement_of(lines: tuple[str, ...]) -> Statement:
    """The reverse of `lines_of`."""
    return parse_sql("\n".join(("-- name: locked", *lines)), Path()).statements[0]


def _bind_nothing(*_: object) -> tuple[()]:
    return ()
