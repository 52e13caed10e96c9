"""Where in a `.sql` file the parts of a statement stand that findings are about."""

import re
from itertools import pairwise
from linecache import getline
from typing import NamedTuple

from wave_data.engine.sql_file import Statement
from wave_data.engine.sql_tokens import Place, Token


class Span(NamedTuple):
    """A piece of one line of a file."""

    place: Place
    length: int
    text: str = ""


def word_at(place: Place) -> Span:
    """The word, parameter or sign that stands at a place."""
    rest = getline(str(place.path), place.line)[place.column - 1 :].rstrip()
    match = re.match(r":?[\w.]+|@\w+|'[^']*'|\S", rest)
    return Span(place, len(match.group()) if match else 1, match.group() if match else "")


def heading_of(statement: Statement, name: str) -> Span:
    """A function's name in the heading of its statement."""
    place = statement.place
    match = re.search(rf"\b{re.escape(name)}\b", getline(str(place.path), place.line).partition(":")[2])
    offset = getline(str(place.path), place.line).find(":") + 1
    return Span(place, 1) if match is None else _moved(place, offset + match.start(), name)


def parameter_in(statement: Statement, slot: tuple[str, str | None]) -> Span:
    """The first place at which a statement binds a parameter."""
    token = next((token for token in statement.parameters if token.parameter == slot), statement.tokens[0])
    return _span(token)


def results_of(statement: Statement) -> Span:
    """The list of what a statement gives, as far as it stands on its first line."""
    return _line_span(_results(statement) or list(statement.tokens[:1]))


def column_in(statement: Statement, name: str, position: int) -> Span:
    """The expression of a result's column; the `*` that it comes from, or else the list of them all."""
    items = _items(_results(statement))
    star = next((item for item in items if item[-1].text == "*"), None)
    named = next((item for item in items if _unquoted(item[-1].text) == name), None)
    if star is None and position < len(items):
        return _line_span(items[position])
    return _line_span(named or star or _results(statement) or list(statement.tokens[:1]))


def table_in(statement: Statement, table: str) -> Span:
    """The first mention of a table behind FROM, JOIN, INTO or UPDATE."""
    tokens = statement.tokens
    for before, token in pairwise(tokens):
        if before.text.upper() in ("FROM", "JOIN", "INTO", "UPDATE", ",") and _unquoted(token.text) == table:
            return _span(token)
    return _span(next((token for token in tokens if _unquoted(token.text) == table), tokens[0]))


def order_in(statement: Statement) -> Span:
    """The last ORDER BY of a statement."""
    tokens = statement.tokens
    found = [n for n in range(len(tokens) - 1) if [t.text.upper() for t in tokens[n : n + 2]] == ["ORDER", "BY"]]
    return _line_span(list(tokens[found[-1] :])) if found else _span(tokens[0])


def _results(statement: Statement) -> list[Token]:
    """The tokens of the outermost RETURNING or SELECT list."""
    depth, found, inside = 0, list[Token](), False
    for token in statement.tokens:
        depth += (token.text == "(") - (token.text == ")")
        word = token.text.upper() if token.kind == "word" and depth == 0 else ""
        if word == "RETURNING" or (word == "SELECT" and not found):
            found, inside = [], True
        elif word in _ENDS:
            inside = False
        elif inside and not (word in ("DISTINCT", "ALL") and not found):
            found.append(token)
    return found


_ENDS = frozenset(re.findall(r"\w+", "FROM WHERE GROUP HAVING ORDER LIMIT UNION INTERSECT EXCEPT WINDOW FOR ON"))


def _items(tokens: list[Token]) -> list[list[Token]]:
    """A list of expressions, taken apart at its commas."""
    items: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        depth += (token.text in "([") - (token.text in ")]")
        if token.text == "," and depth == 0:
            items.append([])
        else:
            items[-1].append(token)
    return [item for item in items if item]


def _unquoted(text: str) -> str:
    return text[1:-1].replace('""', '"') if text[:1] == '"' else text


def _span(token: Token) -> Span:
    return Span(token.place, len(token.text.splitlines()[0]), token.text)


def _line_span(tokens: list[Token]) -> Span:
    """From the first of the tokens to the last one on its line."""
    first = tokens[0]
    last = [token for token in tokens if token.place.line == first.place.line][-1]
    return Span(first.place, last.place.column + len(last.text.splitlines()[0]) - first.place.column)


def _moved(place: Place, columns: int, text: str) -> Span:
    return Span(Place(place.path, place.line, place.column + columns), len(text), text)
