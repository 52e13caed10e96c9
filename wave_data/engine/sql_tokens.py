"""The tokens of SQL, each with its place in a file.

A real lexer tells what is code from what is quoted or commented, so that a colon in a string, a dollar quote, a
comment, a cast or an array slice is never taken for a parameter.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from wave_data.engine.errors import QueryError
from wave_data.engine.problems import report


@dataclass(frozen=True)
class Place:
    """A position in a file; lines and columns count from 1."""

    path: Path
    line: int
    column: int = 1

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"

    def error(self, message: str) -> QueryError:
        """The error that a mistake here is."""
        return QueryError(f"{self}: {message}")


@dataclass(frozen=True)
class Token:
    """A piece of SQL text."""

    kind: Literal["heading", "optional", "comment", "quoted", "parameter", "word", "number", "symbol", "space", "wrong"]
    text: str
    place: Place

    @property
    def parameter(self) -> tuple[str, str | None]:
        """Name and attribute of a parameter token `:name.attribute`."""
        name, _, attribute = self.text[1:].partition(".")
        return name, attribute or None


_TOKEN = re.compile(
    r"""
    (?P<heading>^--[ \t]*name:[^\n]*)
  | (?P<optional>--\?[ \t]*(?=\n|\Z))
  | (?P<mark>--\?[^\n]*)
  | (?P<comment>--[^\n]*)
  | (?P<block>/\*)
  | (?P<escape>[eE]'(?:[^'\\]|\\.|'')*')
  | (?P<quoted>'(?:[^']|'')*' | "(?:[^"]|"")*" | `[^`]*`)
  | (?P<dollar>\$(?P<tag>(?:[^\W\d]\w*)?)\$(?:.*?)\$(?P=tag)\$)
  | (?P<positional>\$\d+ | \?\d+)
  | (?P<cast>::)
  | (?P<parameter>:[^\W\d]\w*(?:\.[^\W\d]\w*)?)
  | (?P<colon>:)
  | (?P<word>[^\W\d][\w$]*)
  | (?P<number>\d[\w.]*)
  | (?P<newline>[ \t\r]*\n)
  | (?P<space>[ \t\r\f]+)
  | (?P<open>['"`$])
  | (?P<symbol>.)
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)


def tokenise(text: str, path: Path) -> Iterator[Token]:
    """Split SQL into tokens. Raises QueryError for an unclosed quote, a stray colon or a positional parameter."""
    position, line, line_start, depth, operand = 0, 1, 0, 0, False
    while position < len(text):
        match = _TOKEN.match(text, position)
        assert match is not None, "the last alternative matches any character"
        kind, found = match.lastgroup or "", match.group()
        if kind == "tag":
            kind = "dollar"
        place = Place(path, line, position - line_start + 1)
        if kind == "block":
            end = _end_of_comment(text, position)
            kind, found = ("endless", found) if end is None else (kind, text[position:end])
        depth += found == "["
        depth -= found == "]"
        if depth and (kind == "colon" or (kind == "parameter" and operand)):
            kind, found = "symbol", ":"  # an array slice, arr[1:n]
        yield _token(kind, found, place)
        position += len(found)
        if "\n" in found:
            line += found.count("\n")
            line_start = position - len(found) + found.rindex("\n") + 1
        operand = kind in ("word", "number", "parameter", "quoted") or found in ("]", ")")


_KINDS = {
    "block": "comment",
    "escape": "quoted",
    "dollar": "quoted",
    "cast": "symbol",
    "newline": "space",
}


def _token(kind: str, text: str, place: Place) -> Token:
    match kind:
        case "colon":
            problem = "a stray colon; a parameter is written `:name`, a cast `::type`"
        case "mark":
            problem = "an optional line ends in `--?`; put the note on a line of its own"
        case "positional":
            problem = f"a positional parameter {text}; write `:name`, after the function's parameter"
        case "open":
            problem = f"the quote {text} is never closed"
        case "endless":
            problem = "the comment is never closed"
        case _:
            return Token(_KINDS.get(kind, kind), text, place)  # type: ignore[arg-type]
    report(place.error(problem))
    return Token("wrong", text, place)


def _end_of_comment(text: str, start: int) -> int | None:
    """Where a block comment ends, with the comments nested in it; None where it does not."""
    depth = 0
    for match in re.compile(r"/\*|\*/").finditer(text, start):
        depth += 1 if match.group() == "/*" else -1
        if depth == 0:
            return match.end()
    return None
