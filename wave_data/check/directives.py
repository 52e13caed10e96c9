"""Directives: the comment lines under a statement's name by which a reviewer overrides what is derived.

`-- not null: column, column`, `-- one row: reason` and `-- scan: reason`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from linecache import getline
from typing import Literal

from wave_data.check.finding import Finding
from wave_data.engine.sql_file import Statement
from wave_data.engine.sql_tokens import Place

Kind = Literal["not null", "one row", "scan"]

_DIRECTIVE = re.compile(r"--\s*(?P<kind>not null|one row|scan):(?P<rest>.*)")


@dataclass(frozen=True)
class Directive:
    """One override; `subject` is the column of a `not null`, and empty for the others."""

    kind: Kind
    subject: str
    place: Place
    length: int


@dataclass(frozen=True)
class Directives:
    """The overrides of one statement, and what is wrong with how they are written."""

    all: tuple[Directive, ...] = ()
    malformed: tuple[Finding, ...] = ()

    def find(self, kind: Kind, subject: str = "") -> Directive | None:
        """The override of this kind and subject."""
        return next((found for found in self.all if (found.kind, found.subject) == (kind, subject)), None)


@cache
def directives_of(statement: Statement) -> Directives:
    """The directives of a statement, from the comment lines under its name."""
    found: list[Directive] = []
    malformed: list[Finding] = []
    for place, text in _comments(statement):
        match = _DIRECTIVE.fullmatch(text)
        if match is None:
            continue
        kind: Kind = match["kind"]  # type: ignore[assignment]
        if not match["rest"].strip():
            malformed.append(_empty(kind, place, len(text)))
        elif kind != "not null":
            found.append(Directive(kind, "", place, len(text)))
        else:
            found += (
                Directive(kind, column.group(), _at(place, match.start("rest") + column.start()), len(column.group()))
                for column in re.finditer(r"[^\s,]+", match["rest"])
            )
    return Directives(tuple(found), tuple(malformed))


def needless(directive: Directive, function: str) -> Finding:
    """The finding for a directive that changes nothing."""
    changes = {
        "not null": f"the column {directive.subject} is no result that can be NULL where None is not allowed",
        "one row": "the statement is limited to one row already, or its function takes any number",
        "scan": "no plan of the statement reads or sorts all rows of a table",
    }
    return Finding(
        code="needless",
        message=f"the directive `{directive.kind}` changes nothing: {changes[directive.kind]}",
        place=directive.place,
        length=directive.length,
        function=function,
        remedy=f"remove {directive.subject or 'the line'}",
        subject=directive.subject or directive.kind,
    )


def _empty(kind: Kind, place: Place, length: int) -> Finding:
    missing = "names no column" if kind == "not null" else "gives no reason"
    wanted = "-- not null: column" if kind == "not null" else f"-- {kind}: why that is right"
    return Finding(
        code="static",
        message=f"the directive `{kind}` {missing}",
        place=place,
        length=length,
        remedy=f"write `{wanted}`",
        subject=kind,
    )


def _comments(statement: Statement) -> Iterator[tuple[Place, str]]:
    """The comment lines between the name and the statement."""
    path = statement.place.path
    for number in range(statement.place.line + 1, statement.tokens[0].place.line):
        line = getline(str(path), number).rstrip()
        text = line.lstrip()
        if text.startswith("--"):
            yield Place(path, number, len(line) - len(text) + 1), text


def _at(place: Place, columns: int) -> Place:
    return Place(place.path, place.line, place.column + columns)
