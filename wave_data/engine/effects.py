"""What a statement does to the rows of a table, and which rows those are, read from its SQL."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Literal

from pydantic import BaseModel

from wave_data.engine.dialect import Dialect
from wave_data.engine.errors import WaveDataError
from wave_data.engine.modules import Query, QueryModule, query_modules
from wave_data.engine.sql_file import Line, Statement
from wave_data.engine.sql_tokens import Token

_VERBS = ("INSERT", "REPLACE", "UPDATE", "DELETE", "SELECT", "MERGE", "VALUES")
_AFTER_A_CONDITION = ("GROUP", "WINDOW", "ORDER", "LIMIT", "OFFSET", "FOR")
_FINDERS = ("find", "get", "_find", "_get")


@dataclass(frozen=True)
class Effect:
    """What an INSERT, UPDATE or DELETE does to one table.

    `assigned` are the columns that it sets, with the first word of their new value. `keys` are those that its WHERE
    requires to equal a parameter. `start` to `end` of the statement's tokens, less `dropped`, tell which rows.
    """

    action: Literal["insert", "update", "delete"]
    table: str
    alias: str
    assigned: dict[str, str]
    keys: dict[str, str]
    may_meet_rows: bool
    start: int
    rest: int
    end: int


@dataclass(frozen=True)
class Table:
    """A table whose rows a module finds by their key, as records of `kind`."""

    name: str
    kind: type[BaseModel]
    key: tuple[str, ...]
    module: QueryModule
    finder: Query

    def key_of(self, record: BaseModel) -> tuple[Any, ...]:
        """The key of a row."""
        return tuple(getattr(record, column) for column in self.key)

    def records_in(self, result: Any) -> list[Any]:
        """The rows of the table among what a call gave."""
        return [row for row in rows_in(result) if isinstance(row, self.kind)]

    def key_given(self, query: Query, effect: Effect, arguments: Sequence[Any]) -> tuple[Any, ...] | None:
        """The key of the one row that a call addresses; None where its arguments do not tell."""
        given = dict(zip(query.signature.parameters, arguments, strict=True))
        values: list[Any] = []
        for column in self.key:
            name = effect.keys.get(column, "")
            parameter = query.signature.parameters.get(name)
            if parameter is None or parameter.many or parameter.type is None or given[name] is None:
                return None
            try:
                values.append(parameter.type.checked(given[name]))
            except (TypeError, ValueError, WaveDataError):
                return None  # the call refuses it
        return tuple(values)


def rows_in(result: Any) -> list[Any]:
    """What a call gave as a list, whether it gave one or not."""
    return result if isinstance(result, list) else [result]  # pyright: ignore[reportUnknownVariableType]


def key_text(key: Sequence[Any]) -> str:
    """A key as one text: its values, with a slash between them."""
    return "/".join(map(str, key))


@cache
def read_effect(statement: Statement) -> Effect | None:
    """The effect of a statement; None where it is none of INSERT, UPDATE and DELETE."""
    tokens = statement.tokens
    words = [token.text.upper() for token in tokens]
    outer = _outside_parentheses(tokens)
    start = next((index for index in outer if words[index] in _VERBS), None)
    if start is None or words[start] in ("SELECT", "MERGE", "VALUES"):
        return None
    verb = words[start]
    into = {"INSERT": "INTO", "REPLACE": "INTO", "DELETE": "FROM"}.get(verb)
    at = start if into is None else next(index for index in outer if index > start and words[index] == into)
    table, alias, rest = _target(tokens, words, at + 1)

    def first(word: str, after: int) -> int:
        return next((index for index in outer if index >= after and words[index] == word), len(tokens))

    end = first("RETURNING", rest)
    where = min(first("WHERE", rest), end)
    settings = first("SET", at)
    assigned = _assigned(tokens, outer, settings, min(first("FROM", settings), where if verb == "UPDATE" else end))
    if verb in ("INSERT", "REPLACE"):
        meets = verb == "REPLACE" or "REPLACE" in words[start:at] or bool(assigned)
        return Effect("insert", table, alias, assigned, _inserted(tokens, words, rest), meets, start, rest, end)
    if verb == "UPDATE":
        rest = min(first("FROM", settings), where)
    keys = _equalities(statement, where, end)
    return Effect("update" if verb == "UPDATE" else "delete", table, alias, assigned, keys, True, start, rest, end)


def _outside_parentheses(tokens: Sequence[Token]) -> list[int]:
    depth, found = 0, list[int]()
    for index, token in enumerate(tokens):
        depth -= token.text == ")"
        if depth == 0:
            found.append(index)
        depth += token.text == "("
    return found


def _target(tokens: Sequence[Token], words: Sequence[str], index: int) -> tuple[str, str, int]:
    """The table that stands at an index, what the statement calls it, and the index behind both."""
    if words[index] == "ONLY":
        index += 1
    if index + 2 < len(tokens) and tokens[index + 1].text == ".":
        index += 2
    name = tokens[index].text
    index += 1
    if index + 1 < len(tokens) and words[index] == "AS":
        return _unquoted(name), tokens[index + 1].text, index + 2
    return _unquoted(name), name, index


def _unquoted(name: str) -> str:
    return name[1:-1].replace('""', '"') if name.startswith('"') else name


def _assigned(tokens: Sequence[Token], outer: Sequence[int], start: int, end: int) -> dict[str, str]:
    """The columns that `SET column = value, (column, column) = value` assigns."""
    found: dict[str, str] = {}
    opened = next((i for i in range(start, end) if tokens[i].text == "("), None)
    for index in outer:
        if not start < index < end - 1 or tokens[index + 1].text != "=":
            continue
        names = range(index, index + 1)
        if tokens[index].text == ")" and opened is not None:
            opened = max(i for i in range(start, index) if tokens[i].text == "(")
            names = range(opened + 1, index)
        for name in names:
            if tokens[name].kind in ("word", "quoted"):
                found[_unquoted(tokens[name].text)] = tokens[index + 2].text.upper()
    return found


def _inserted(tokens: Sequence[Token], words: Sequence[str], start: int) -> dict[str, str]:
    """The columns into which `(column, …) VALUES (:parameter, …)` puts a parameter as it is."""
    if start >= len(tokens) or tokens[start].text != "(" or "VALUES" not in words[start:]:
        return {}
    columns = _members(tokens, start)
    values = _members(tokens, words.index("VALUES", start) + 1)
    return {
        _unquoted(column[0].text): value[0].text[1:]
        for column, value in zip(columns, values, strict=False)
        if len(value) == 1 and value[0].kind == "parameter"
    }


def _members(tokens: Sequence[Token], start: int) -> list[list[Token]]:
    """The parts of a list in parentheses that begins at an index."""
    members: list[list[Token]] = [[]]
    depth = 0
    for token in tokens[start:]:
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if depth == 0:
            break
        if depth == 1 and token.text == ",":
            members.append([])
        elif not (depth == 1 and token.text == "("):
            members[-1].append(token)
    return members


def _equalities(statement: Statement, start: int, end: int) -> dict[str, str]:
    """The columns that a condition, the tokens between two indexes, always requires to equal a parameter."""
    tokens = statement.tokens
    outer = [tokens[index] for index in _outside_parentheses(tokens) if start < index < end]
    if any(token.text.upper() == "OR" for token in outer):
        return {}
    optional = {id(token) for line in statement.lines if line.optional for token in line.tokens}
    terms: list[list[Token]] = [[]]
    for token in outer:
        word = token.text.upper()
        if word in _AFTER_A_CONDITION:
            break
        if word == "AND":
            terms.append([])
        else:
            terms[-1].append(token)
    found: dict[str, str] = {}
    for term in terms:
        is_of_table = len(term) == 5 and term[1].text == "."
        if (len(term) != 3 and not is_of_table) or id(term[0]) in optional:
            continue
        column, sign, value = term[-3:]
        if column.kind in ("word", "quoted") and sign.text == "=" and value.kind == "parameter":
            found[_unquoted(column.text)] = value.text[1:]
    return found


def rows_before(statement: Statement, effect: Effect, dialect: Dialect) -> Statement:
    """The SELECT of the rows that an UPDATE or DELETE is about to meet, which locks them where that takes saying."""
    table = f'"{effect.table}"' if effect.alias.startswith('"') else effect.table
    source = table if effect.alias == effect.table else f"{table} AS {effect.alias}"
    place = statement.place
    head = Token("word", f"SELECT {effect.alias}.* FROM {source} ", place)
    lines: list[Line] = []
    index = 0
    for line in statement.lines:
        kept: list[Token] = []
        for token in line.tokens:
            if token.kind in ("space", "comment", "optional"):
                kept.append(token)
                continue
            if index == effect.start:
                kept.append(head)
            if index == effect.rest and token.text.upper() in ("FROM", "USING"):
                kept.append(Token("symbol", ",", place))  # the other tables stand behind the one that changes
            elif index < effect.start or effect.rest <= index < effect.end:
                kept.append(token)
            index += 1
        lines.append(Line(tuple(kept), line.optional and any(token.kind == "parameter" for token in kept)))
    if dialect == "postgres":
        strength = "UPDATE" if effect.action == "delete" else "NO KEY UPDATE"
        lines.append(Line((Token("word", f"\nFOR {strength} OF {effect.alias}", place),), False))
    return replace(statement, lines=tuple(lines))


@cache
def table_read(statement: Statement) -> str | None:
    """The one table that a SELECT reads; None where it reads several, or none."""
    words = [token.text.upper() for token in statement.tokens]
    if words[0] != "SELECT" or words.count("FROM") != 1 or "JOIN" in words:
        return None
    return _unquoted(statement.tokens[words.index("FROM") + 1].text)


@cache
def table_of(query: Query, name: str) -> Table | None:
    """The table of a name as the query's own module finds its rows, or else another one, of its package first."""
    package = query.module.name.rpartition(".")[0]

    def distance(module: QueryModule) -> tuple[bool, bool]:
        return module is not query.module, module.name.rpartition(".")[0] != package

    for module in sorted(query_modules(), key=distance):
        found = _found_by(module, name)
        if found is not None:
            return found
    return None


def _found_by(module: QueryModule, name: str) -> Table | None:
    for finder in (module.queries[candidate] for candidate in _FINDERS if candidate in module.queries):
        statement = finder.statements["postgres"]
        kind = finder.signature.result.kind if finder.signature.result is not None else None
        if kind is None or table_read(statement) != name:
            continue
        words = [token.text.upper() for token in statement.tokens]
        key = _equalities(statement, words.index("WHERE") if "WHERE" in words else len(words), len(words))
        if key and key.keys() <= kind.model_fields.keys():
            return Table(name, kind, tuple(key), module, finder)
    return None
