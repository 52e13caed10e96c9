"""Changes to files that leave every other byte as it is."""

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from wave_data.engine import problems
from wave_data.engine.sql_file import parse_sql
from wave_data.engine.sql_tokens import Place

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_MARK = "\ufeff"
"""What some editors put before UTF-8; no line counts it."""


@dataclass(frozen=True, order=True)
class Edit:
    """Text in place of `length` characters from a place on, all on one line; `whole_line` takes the line away."""

    path: Path
    line: int
    column: int
    length: int
    text: str = ""
    whole_line: bool = False

    @classmethod
    def at(cls, place: Place, length: int, text: str) -> "Edit":
        """An edit at a place."""
        return cls(place.path, place.line, place.column, length, text)


def apply_edits(path: Path, edits: Iterable[Edit]) -> bool:
    """Make the edits of a file; whether it could be done. A file that they would break stays as it is."""
    raw = path.read_bytes()
    try:
        lines = _LINE.findall(raw.decode("utf-8"))
    except UnicodeDecodeError:
        return False
    for edit in sorted(set(edits), reverse=True):
        if not 1 <= edit.line <= len(lines):
            return False
        line = lines[edit.line - 1]
        if edit.whole_line:
            lines[edit.line - 1] = _MARK if line.startswith(_MARK) else ""
            continue
        start = edit.column - 1 + line.startswith(_MARK)
        lines[edit.line - 1] = line[:start] + edit.text + line[start + edit.length :]
    text = "".join(lines)
    if not _is_readable(path, text.removeprefix(_MARK)):
        return False
    path.write_bytes(text.encode("utf-8"))
    return True


def lines_of_file(path: Path) -> list[str]:
    """The lines of a file as places count them, with their ends."""
    return _LINE.findall(path.read_bytes().decode("utf-8", "replace").removeprefix(_MARK))


def _is_readable(path: Path, text: str) -> bool:
    if path.suffix == ".py":
        try:
            ast.parse(text)
        except (SyntaxError, ValueError):
            return False
        return True
    with problems.gathered() as mistakes:
        parse_sql(text, path)
    return not mistakes
