"""What is wrong with a query, and what a whole check found."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from wave_data.check.facts import StatementFacts
from wave_data.engine.dialect import Dialect
from wave_data.engine.sql_tokens import Place

Severity = Literal["error", "warning"]
Code = Literal[
    "static",
    "refused",
    "parameter-type",
    "column-missing",
    "column-type",
    "nullable",
    "store-difference",
    "cardinality",
    "scan",
    "sort",
    "needless",
    "stale",
]

STORES: dict[Dialect, str] = {"postgres": "PostgreSQL", "sqlite": "SQLite"}
"""What messages call the stores."""

WARNINGS: frozenset[Code] = frozenset({"cardinality", "scan", "sort", "needless"})
"""The codes that a reviewed directive silences, or that are about one."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that is wrong with a query or its signature.

    `place` with `length` is what the caret marks. `function` is the title of the function, such as
    `wave_sessions.start`; `store` is None when it is wrong on both; `shape` has the names of the optional parameters
    that were given, None where the shape does not matter.

    `subject` names what it is about: a parameter (`id`, `session.id`), a column, a table or a directive. `declared` is
    where the Python side of it stands, `suggestion` the text that certainly is the right one in place of the subject.
    """

    code: Code
    message: str
    place: Place
    length: int = 1
    function: str = ""
    store: Dialect | None = None
    shape: tuple[str, ...] | None = None
    expected: str = ""
    remedy: str = ""
    subject: str = ""
    declared: Place | None = None
    suggestion: str | None = None

    @property
    def severity(self) -> Severity:
        """How bad it is: an error fails at run time, a warning wants a change or a reviewed directive."""
        return "warning" if self.code in WARNINGS else "error"


class FactKey(NamedTuple):
    """One shape of a function's statement on one store; `shape` has the optional parameters given, in order."""

    function: str
    dialect: Dialect
    shape: tuple[str, ...]


@dataclass(frozen=True)
class Report:
    """What a check found, in the order of files and lines, and what the stores said of each shape.

    `servers` has the version of each store that was asked.
    """

    findings: tuple[Finding, ...] = ()
    facts: Mapping[FactKey, StatementFacts] = field(default_factory=dict[FactKey, StatementFacts])
    servers: Mapping[Dialect, str] = field(default_factory=dict[Dialect, str])
    seconds: float = 0.0


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings by file, line and column, the errors of a place before its warnings."""
    return tuple(
        sorted(
            findings,
            key=lambda f: (str(f.place.path), f.place.line, f.place.column, f.severity, f.code, f.function, f.message),
        )
    )
