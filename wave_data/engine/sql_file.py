"""A `.sql` file: its named statements, their parameters and optional lines."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from wave_data.engine.dialect import DIALECTS, Dialect
from wave_data.engine.errors import QueryError
from wave_data.engine.problems import report
from wave_data.engine.sql_tokens import Place, Token, tokenise

CLOCK = "now"
"""The parameter that the engine binds to the database's clock."""


@dataclass(frozen=True)
class Line:
    """One line of a statement, or several that a quoted text joins."""

    tokens: tuple[Token, ...]
    optional: bool

    @cached_property
    def parameters(self) -> tuple[Token, ...]:
        """The parameters that the line binds, besides the clock."""
        return tuple(t for t in self.tokens if t.kind == "parameter" and t.text != f":{CLOCK}")

    @cached_property
    def pieces(self) -> tuple[Token, ...]:
        """The tokens as a driver's text needs them: parameters by themselves, what stands between them as one."""
        found: list[Token] = []
        for token in self.tokens:
            if token.kind == "optional":
                continue
            last = found[-1] if found and found[-1].kind != "parameter" else None
            if last is None or token.kind == "parameter" or "\n" in last.text:
                found.append(token)
            else:
                found[-1] = Token("symbol", last.text + token.text, last.place)
        return tuple(found)


@dataclass(frozen=True)
class SqlText:
    """A statement as one driver takes it: the text, and what each of its numbered placeholders binds."""

    text: str
    slots: tuple[tuple[str, str | None], ...]
    _origins: tuple[tuple[int, Place], ...] = field(repr=False, default=())

    def place_of(self, offset: int) -> Place:
        """Where the character at `offset` of the text stands in the file."""
        index = bisect_right(self._origins, offset, key=lambda origin: origin[0]) - 1
        start, place = self._origins[max(index, 0)]
        return Place(place.path, place.line, place.column + max(offset - start, 0))


@dataclass(frozen=True, eq=False)
class Statement:
    """A named statement. `names` are the functions that it serves; `dialect` is None when it serves both stores."""

    names: tuple[str, ...]
    dialect: Dialect | None
    place: Place
    documentation: str
    lines: tuple[Line, ...]

    @cached_property
    def tokens(self) -> tuple[Token, ...]:
        """The tokens that mean something: no spaces, no comments."""
        return tuple(t for line in self.lines for t in line.tokens if t.kind not in ("space", "comment", "optional"))

    @cached_property
    def parameters(self) -> tuple[Token, ...]:
        """Every parameter of every line, besides the clock."""
        return tuple(token for line in self.lines for token in line.parameters)

    @property
    def source(self) -> str:
        """The SQL as it stands in the file."""
        return "".join(token.text for line in self.lines for token in line.tokens).strip()

    def has_word(self, *words: str) -> bool:
        """Whether any of these keywords occurs outside of quotes."""
        return not self._words.isdisjoint(words)

    @cached_property
    def _words(self) -> frozenset[str]:
        return frozenset(token.text.upper() for token in self.tokens if token.kind == "word")

    @cached_property
    def changes(self) -> bool:
        """Whether the statement changes rows."""
        return self.has_word("INSERT", "SET", "DELETE", "MERGE") or self.tokens[0].text.upper() == "REPLACE"

    @cached_property
    def writes(self) -> bool:
        """Whether the statement changes rows or locks them."""
        return self.changes or self.has_word("UPDATE", "SHARE")

    @property
    def returns_rows(self) -> bool:
        """Whether the statement gives rows back."""
        return not self.changes or self.has_word("RETURNING")

    def render(self, dialect: Dialect, keeps: Callable[[Line], bool]) -> SqlText:
        """The text for a driver with the lines that `keeps` accepts, and placeholders for the parameters."""
        slots: dict[tuple[str, str | None], int] = {}
        texts: list[str] = []
        origins: list[tuple[int, Place]] = []
        offset = 0
        for line in self.lines:
            for piece in line.pieces if keeps(line) else ():
                text = piece.text
                if piece.kind == "parameter":
                    number = slots.setdefault(piece.parameter, len(slots) + 1)
                    text = _placeholder(dialect, number, piece.parameter[0])
                origins.append((offset, piece.place))
                texts.append(text)
                offset += len(text)
        return SqlText("".join(texts).rstrip(), tuple(slots), tuple(origins))


def _placeholder(dialect: Dialect, number: int, name: str) -> str:
    if dialect == "sqlite":
        return f"?{number}"
    return f"${number}::timestamptz" if name == CLOCK else f"${number}"


@dataclass(frozen=True)
class SqlFile:
    """A file of named statements, one per function name and store.

    `broken` has the names of those that are left out because of mistakes that were reported already.
    """

    path: Path
    statements: tuple[Statement, ...]
    broken: frozenset[str] = frozenset()

    @property
    def names(self) -> dict[str, Place]:
        """Every function name that the file serves, with the place of its heading."""
        return {name: statement.place for statement in reversed(self.statements) for name in statement.names}

    def find(self, name: str, dialect: Dialect) -> Statement | None:
        """The statement that serves a function on a store."""
        for statement in self.statements:
            if name in statement.names and statement.dialect in (None, dialect):
                return statement
        return None


def read_sql_file(path: Path) -> SqlFile:
    """Read a `.sql` file. Raises QueryError that points at file, line and column for anything malformed."""
    try:
        text = path.read_text("utf-8-sig")
    except OSError as error:
        raise QueryError(f"{path}: cannot read the SQL file: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise QueryError(f"{path}: the SQL file is not UTF-8 (byte {error.start})") from error
    return parse_sql(text, path)


def parse_sql(text: str, path: Path) -> SqlFile:
    """The statements of a text that stands in `path`."""
    statements: list[Statement] = []
    broken: set[str] = set()
    for heading, body in _sections(tokenise(text, path)):
        try:
            _finish(heading, body, statements)
        except QueryError as error:
            report(error)
            broken.update(_names(heading))
        if any(token.kind == "wrong" for token in body):
            broken.update(_names(heading))
    _refuse_duplicates(statements)
    return SqlFile(path, tuple(s for s in statements if broken.isdisjoint(s.names)), frozenset(broken))


def _sections(tokens: Iterable[Token]) -> Iterator[tuple[Token | None, list[Token]]]:
    """The headings, each with what stands under it; what stands before the first one has none."""
    heading: Token | None = None
    body: list[Token] = []
    for token in tokens:
        if token.kind != "heading":
            body.append(token)
            continue
        yield heading, body
        heading, body = token, []
    yield heading, body


def _names(heading: Token | None) -> list[str]:
    """Whatever a heading, right or wrong, seems to name."""
    return [] if heading is None else re.findall(r"\w+", heading.text.partition(":")[2].partition("@")[0])


_HEADING = re.compile(r"--\s*name:\s*(?P<names>\w+(?:\s*,\s*\w+)*)\s*(?:@(?P<dialect>\w+))?\s*")


def _finish(heading: Token | None, body: list[Token], statements: list[Statement]) -> None:
    code = [token for token in body if token.kind not in ("space", "comment")]
    if heading is None:
        if code:
            raise code[0].place.error("SQL stands before the first name; begin each statement with `-- name: …`")
        return
    match = _HEADING.fullmatch(heading.text)
    if match is None:
        raise heading.place.error(
            f"{heading.text!r} names no function; write `-- name: find_by_user` or `-- name: a, b @sqlite`",
        )
    dialect = match["dialect"]
    if dialect not in (None, *DIALECTS):
        raise heading.place.error(f"unknown store @{dialect}; write @postgres or @sqlite")
    if not code:
        raise heading.place.error("the name has no statement under it")
    end = next((i for i, token in enumerate(code) if token.text == ";"), len(code))
    if end + 1 < len(code):
        raise code[end + 1].place.error("a second statement under one name; give it a name of its own")
    if end < len(code):
        body = body[: body.index(code[end])]
    documentation = [
        token.text.removeprefix("--").strip()
        for token in body[: body.index(code[0])]
        if token.kind == "comment" and token.text.startswith("--")
    ]
    statements.append(
        Statement(
            tuple(name.strip() for name in match["names"].split(",")),
            dialect,
            heading.place,
            "\n".join(documentation),
            _lines(body[body.index(code[0]) :]),
        )
    )


def _lines(tokens: list[Token]) -> tuple[Line, ...]:
    lines: list[Line] = []
    current: list[Token] = []
    for token in tokens:
        current.append(token)
        if token.kind == "space" and token.text.endswith("\n"):
            lines.append(_line(current))
            current = []
    if current:
        lines.append(_line(current))
    return tuple(lines)


def _line(tokens: list[Token]) -> Line:
    mark = next((token for token in tokens if token.kind == "optional"), None)
    line = Line(tuple(tokens), mark is not None)
    if mark is not None and not line.parameters:
        raise mark.place.error("an optional line binds a parameter, so that an argument can tell whether it stays")
    if mark is not None and mark.place.line != tokens[0].place.line:
        raise mark.place.error("an optional line is one line; a quoted text here runs over several")
    return line


def _refuse_duplicates(statements: list[Statement]) -> None:
    seen: dict[tuple[str, Dialect], Statement] = {}
    for statement in statements:
        for name in statement.names:
            for dialect in DIALECTS if statement.dialect is None else (statement.dialect,):
                earlier = seen.setdefault((name, dialect), statement)
                if earlier is not statement:
                    report(_duplicate(name, dialect, statement, earlier))
                    break
        if len(set(statement.names)) < len(statement.names):
            report(statement.place.error("the heading names a function twice"))


def _duplicate(name: str, dialect: Dialect, statement: Statement, earlier: Statement) -> QueryError:
    return statement.place.error(
        f"{name!r} has a statement for {dialect} already, on line {earlier.place.line};"
        " rename one, or mark the two @postgres and @sqlite",
    )
