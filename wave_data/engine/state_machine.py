"""State machines: the moves that transitions allow, read from their own SQL."""

from collections.abc import Sequence
from dataclasses import dataclass

from wave_data.engine.errors import QueryError
from wave_data.engine.sql_file import Statement, Token


@dataclass(frozen=True)
class Move:
    """What one transition does: from any of `sources` to `target`, values of `column`."""

    operation: str
    column: str
    sources: tuple[str, ...]
    target: str


def read_move(operation: str, statement: Statement, column: str = "status") -> Move:
    """The move of an UPDATE that sets a status where it has one of some values.

    Raises QueryError where the statement does not say both with literals.
    """
    tokens = statement.tokens
    words = [token.text.upper() for token in tokens]
    if "SET" not in words or "WHERE" not in words[words.index("SET") :]:
        raise QueryError(f"{statement.place}: a transition is an UPDATE … SET {column} = '…' WHERE …")
    where = words.index("WHERE", words.index("SET"))
    target = _literals(tokens[words.index("SET") : where], column)
    sources = _literals(tokens[where:], column)
    if len(target) != 1 or not sources:
        raise QueryError(
            f"{statement.place}: a transition says SET {column} = '…', and WHERE {column} = '…' or"
            f" {column} IN ('…', …), so that its moves can be read"
        )
    return Move(operation, column, sources, target[0])


def _literals(tokens: Sequence[Token], column: str) -> tuple[str, ...]:
    """The quoted values that `column` is set to or compared with."""
    for index, token in enumerate(tokens[:-2]):
        if token.kind != "word" or token.text != column:
            continue
        if tokens[index + 1].text == "=" and tokens[index + 2].kind == "quoted":
            return (_unquoted(tokens[index + 2]),)
        if tokens[index + 1].text.upper() == "IN" and tokens[index + 2].text == "(":
            end = next(i for i in range(index, len(tokens)) if tokens[i].text == ")")
            return tuple(_unquoted(t) for t in tokens[index + 3 : end] if t.kind == "quoted")
    return ()


def _unquoted(token: Token) -> str:
    return token.text[1:-1].replace("''", "'")


def allowed_targets(moves: Sequence[Move], current: str) -> list[str]:
    """The statuses that these moves lead to from `current`."""
    return list(dict.fromkeys(found.target for found in moves if current in found.sources))
