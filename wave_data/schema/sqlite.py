"""The schema of a SQLite database, from its pragmas and, for the names of constraints, its own SQL."""

import re
import sqlite3
from collections import defaultdict
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wave_data.engine.errors import MigrationError
from wave_data.schema.model import Column, ForeignKey, Index, Key, Schema, Table, View

_OBJECTS = """
    SELECT type, name, tbl_name, sql FROM sqlite_schema
    WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND tbl_name <> 'schema_migrations'
    ORDER BY name
"""

_TOKEN = re.compile(
    r"""
    (?P<skipped> \s+ | --[^\n]* | /\*.*?\*/ )
    | (?P<kept> '(?:[^']|'')*' | "(?:[^"]|"")*" | `[^`]*` | \[[^\]]*\] | \w+(?:\.\w+)* | [<>=!|]+ | . )
    """,
    re.VERBOSE | re.DOTALL,
)


def read_sqlite(path: Path) -> Schema:
    """Read the schema of a SQLite file. Raises MigrationError when it cannot be read."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            return _read(connection)
    except sqlite3.Error as error:
        raise MigrationError(f"{path}: {error}") from error


def _read(connection: sqlite3.Connection) -> Schema:
    of_kind: dict[str, list[tuple[str, str, list[str]]]] = defaultdict(list)
    for kind, name, owner, sql in connection.execute(_OBJECTS):
        of_kind[kind].append((name, owner, _tokens(sql)))
    indexes: dict[str, dict[str, Index]] = defaultdict(dict)
    for name, owner, tokens in of_kind["index"]:
        indexes[owner][name] = _index(connection, name, tokens)
    triggers: dict[str, dict[str, str]] = defaultdict(dict)
    for name, owner, tokens in of_kind["trigger"]:
        triggers[owner][name] = " ".join(tokens)
    tables = {
        name: _table(connection, name, tokens, indexes[name], triggers[name]) for name, _, tokens in of_kind["table"]
    }
    views = {
        name: View(tuple(row[1] for row in _pragma(connection, "table_xinfo", name)), " ".join(tokens))
        for name, _, tokens in of_kind["view"]
    }
    return Schema(tables, views)


def _table(
    connection: sqlite3.Connection,
    name: str,
    tokens: list[str],
    indexes: dict[str, Index],
    triggers: dict[str, str],
) -> Table:
    body, rest = _group(tokens, tokens.index("("))
    constraints = _Constraints()
    for definition in _split(body):
        constraints.read(definition)
    return Table(
        options=tuple(" ".join(option) for option in _split(tokens[rest:])),
        columns={row[1]: Column(row[2], not row[3], row[4]) for row in _pragma(connection, "table_xinfo", name)},
        checks=constraints.checks,
        keys=constraints.keys,
        foreign_keys=_foreign_keys(connection, name, constraints.foreign_key_names),
        indexes=indexes,
        triggers=triggers,
    )


@dataclass
class _Constraints:
    """What the definitions inside CREATE TABLE declare; a constraint without a name goes by its own text."""

    checks: dict[str, str] = field(default_factory=dict[str, str])
    keys: dict[str, Key] = field(default_factory=dict[str, Key])
    foreign_key_names: dict[tuple[str, ...], str] = field(default_factory=dict[tuple[str, ...], str])

    def read(self, definition: list[str]) -> None:
        """Collect what one definition declares, be it of a column or of a constraint."""
        column = _unquoted(definition[0])
        name: str | None = None
        position = 0
        while position < len(definition):
            word = definition[position].upper()
            position += 1
            if word == "CONSTRAINT":
                name = _unquoted(definition[position])
                position += 1
            elif word in ("CHECK", "PRIMARY", "UNIQUE", "FOREIGN", "REFERENCES"):
                position += word in ("PRIMARY", "FOREIGN")  # the word KEY
                group, after = _group(definition, position)
                position = position if word == "REFERENCES" else after
                self._add(word, name, group, column)
                name = None
            elif word == "(":
                position = _group(definition, position - 1)[1]

    def _add(self, word: str, name: str | None, group: list[str], column: str) -> None:
        columns = tuple(_unquoted(part[0]) for part in _split(group)) or (column,)
        match word:
            case "CHECK":
                expression = " ".join(group)
                self.checks[name or expression] = expression
            case "PRIMARY" | "UNIQUE":
                key = Key(columns, word == "PRIMARY")
                self.keys[name or str(key)] = key
            case _ if name is not None:
                self.foreign_key_names[columns if word == "FOREIGN" else (column,)] = name
            case _:
                pass


def _foreign_keys(
    connection: sqlite3.Connection, table: str, names: dict[tuple[str, ...], str]
) -> dict[str, ForeignKey]:
    rows_by_id: dict[int, list[tuple[str, ...]]] = defaultdict(list)
    for number, _, *details in _pragma(connection, "foreign_key_list", table):
        rows_by_id[number].append(tuple(details))
    found: dict[str, ForeignKey] = {}
    for rows in rows_by_id.values():
        target, _, _, on_update, on_delete, _ = rows[0]
        columns = tuple(row[1] for row in rows)
        name = names.get(columns, f"({', '.join(columns)})")
        found[name] = ForeignKey(columns, target, tuple(row[2] for row in rows), on_delete, on_update)
    return found


def _index(connection: sqlite3.Connection, name: str, tokens: list[str]) -> Index:
    columns = tuple(
        (column or "an expression") + (" DESC" if descending else "")
        for _, _, column, descending, _, is_key in _pragma(connection, "index_xinfo", name)
        if is_key
    )
    words = [token.upper() for token in tokens]
    predicate = " ".join(tokens[words.index("WHERE") + 1 :]) if "WHERE" in words else None
    return Index(columns, words[1] == "UNIQUE", predicate, " ".join(tokens))


def _pragma(connection: sqlite3.Connection, pragma: str, name: str) -> list[tuple[Any, ...]]:
    return connection.execute(f"SELECT * FROM pragma_{pragma}(?)", (name,)).fetchall()


def _tokens(sql: str) -> list[str]:
    return [match["kept"] for match in _TOKEN.finditer(sql) if match["kept"] is not None]


def _group(tokens: list[str], opening: int) -> tuple[list[str], int]:
    """What the parentheses that open at `opening` hold, nothing when none do, and where the text goes on."""
    if opening >= len(tokens) or tokens[opening] != "(":
        return [], opening
    depth = 0
    for position in range(opening, len(tokens)):
        depth += (tokens[position] == "(") - (tokens[position] == ")")
        if depth == 0:
            return tokens[opening + 1 : position], position + 1
    return tokens[opening + 1 :], len(tokens)


def _split(tokens: list[str]) -> list[list[str]]:
    """The parts between the commas that no parentheses hold."""
    parts: list[list[str]] = [[]]
    depth = 0
    for token in tokens:
        depth += (token == "(") - (token == ")")
        if token == "," and depth == 0:
            parts.append([])
        else:
            parts[-1].append(token)
    return [part for part in parts if part]


def _unquoted(name: str) -> str:
    return name[1:-1] if name[0] in '"`[' else name
