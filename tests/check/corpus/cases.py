"""The cases of the corpus: where each stands, and what is expected to be found there."""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from corpus import HOME
from wave_data.check import Finding
from wave_data.engine.dialect import DIALECTS, Dialect

_EXPECTATION = re.compile(
    r'(?:--|#) expect: (?P<code>[a-z-]+)(?: @(?P<store>\w+))? "(?P<message>[^"]*)"(?: at: (?P<line>.+))?'
)
_NAME = re.compile(r"-- name: (?P<names>[\w, ]+?)(?: @(?P<store>\w+))?")


@dataclass(frozen=True)
class Expectation:
    """A finding that has to be there: its code, its store if on one only, and pieces of its message and its line.

    The message here is what is told of the finding: what is wrong, and what was expected.
    """

    code: str
    store: Dialect | None
    message: str
    line: str

    def fits(self, finding: Finding, line: str) -> bool:
        """Whether a finding, which points at `line`, is the expected one."""
        return (
            finding.code == self.code
            and finding.store == self.store
            and self.message in f"{finding.message}; {finding.expected}"
            and self.line in line
        )


@dataclass(frozen=True)
class Case:
    """A statement, or a function without one, and all that is to be found between its lines `first` and `last`."""

    path: Path
    first: int
    last: int
    names: tuple[str, ...]
    expected: tuple[Expectation, ...]

    @property
    def functions(self) -> set[str]:
        """The functions that it is about."""
        return {f"{self.path.stem}.{name}" for name in self.names}

    def __str__(self) -> str:
        return f"{self.path.relative_to(HOME)}:{self.first}: {', '.join(self.names)}"


@dataclass
class Score:
    """What a check made of cases."""

    wrong: int
    right: int
    missed: list[str] = field(default_factory=list[str])
    false: list[str] = field(default_factory=list[str])

    def __str__(self) -> str:
        return (
            f"{self.wrong} wrong queries with {len(self.missed)} misses,"
            f" {self.right} right ones with {len(self.false)} false positives"
        )


def read_cases() -> list[Case]:
    """All cases of the corpus."""
    found: list[Case] = []
    for path in sorted(HOME.glob("*/*.sql")):
        found += _statements(path)
    for path in sorted(HOME.glob("static_errors/*.py")):
        found += _functions(path)
    return found


def score(cases: Iterable[Case], findings: Iterable[Finding]) -> Score:
    """Hold findings against cases: each expected one is there, at its place, and no other."""
    cases, left = list(cases), list(findings)
    wrong = {name for case in cases if case.expected for name in case.functions}
    made = Score(len(wrong), len({name for case in cases for name in case.functions} - wrong))
    for case in cases:
        lines = case.path.read_text().splitlines()
        here = [f for f in left if f.place.path == case.path and case.first <= f.place.line <= case.last]
        for expected in case.expected:
            fitting = next((f for f in here if expected.fits(f, lines[f.place.line - 1])), None)
            if fitting is None:
                made.missed.append(f"{case}: {expected}")
            else:
                here.remove(fitting)
                left.remove(fitting)
        made.false += [f"{case}: {_told(finding, lines)}" for finding in here]
        left = [finding for finding in left if finding not in here]
    made.false += [f"{finding.place}: {_told(finding)}" for finding in left]
    return made


def _told(finding: Finding, lines: list[str] | None = None) -> str:
    line = "" if lines is None else f" in `{lines[finding.place.line - 1].strip()}`"
    return (
        f"{finding.code} @{finding.store or 'both'} {finding.shape or ''} '{finding.message}; {finding.expected}'{line}"
    )


def _statements(path: Path) -> Iterator[Case]:
    lines = path.read_text().splitlines()
    names = [number for number, line in enumerate(lines) if line.startswith("-- name:")]
    for first, following in zip(names, [*names[1:], len(lines)], strict=True):
        heading = _NAME.fullmatch(lines[first])
        assert heading is not None, f"{path}:{first + 1}: no name"
        store = heading["store"] if heading["store"] in DIALECTS else None
        titles = tuple(name.strip() for name in heading["names"].split(","))
        last = next((n for n in range(following - 1, first, -1) if not _is_between(lines[n])), first)
        yield Case(path, first + 1, last + 1, titles, tuple(_expected(path, lines, first, store)))


def _is_between(line: str) -> bool:
    """Whether a line belongs to the statement after it."""
    return not line.strip() or line.startswith("-- expect:")


def _functions(path: Path) -> Iterator[Case]:
    text = path.read_text()
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.decorator_list[0].lineno
            expected = tuple(_expected(path, text.splitlines(), first - 1, None))
            yield Case(path, first, node.end_lineno or first, (node.name,), expected)


def _expected(path: Path, lines: list[str], first: int, store: Dialect | None) -> Iterator[Expectation]:
    """The expectations in the lines above `first`. A variant's are of its store, but for what is about both stores."""
    for number in range(first - 1, -1, -1):
        if "expect:" not in lines[number]:
            return
        match = _EXPECTATION.fullmatch(lines[number])
        assert match is not None, f"{path}:{number + 1}: no expectation that can be read"
        given = next((dialect for dialect in DIALECTS if dialect == match["store"]), store)
        is_of_both = match["code"] in ("store-difference", "needless", "static")
        yield Expectation(match["code"], None if is_of_both else given, match["message"], match["line"] or "")
