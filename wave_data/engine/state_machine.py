"""State machines: the moves that transitions allow, read from their own SQL."""

from collections.abc import Sequence
from dataclasses import dataclass

from wave_data.engine.errors import QueryError
from wave_data.engine.sql_file import Statement
from wave_data.engine.sql_tokens import Token


@dataclass(frozen=True)
class Move:
    """What one transition does: from any of `sources` to `target`, values of `column`.

    `guards` are the other columns that must have one of some values for it.
    """

    operation: str
    column: str
    sources: tuple[str, ...]
    target: str
    guards: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def refusal(self, row: object) -> str | None:
        """The value of the row that forbids the move, that of its own column first; None where it is allowed."""
        for column, values in ((self.column, self.sources), *self.guards):
            found = getattr(row, column, None)
            if isinstance(found, str) and found not in values:
                return found
        return None


def read_move(operation: str, statement: Statement, column: str = "status") -> Move:
    """The move of an UPDATE that sets a status where it has one of some values.

    Raises QueryError where the statement does not say both with literals.
    """
    tokens = statement.tokens
    words = [token.text.upper() for token in tokens]
    if "SET" not in words or "WHERE" not in words[words.index("SET") :]:
        raise QueryError(f"{statement.place}: a transition is an UPDATE … SET {column} = '…' WHERE …")
    where = words.index("WHERE", words.index("SET"))
    target = _comparisons(tokens[words.index("SET") : where], column).get(column, ())
    guards = _comparisons(tokens[where:], column)
    sources = guards.pop(column, ())
    if len(target) != 1 or not sources:
        raise QueryError(
            f"{statement.place}: a transition says SET {column} = '…', and WHERE {column} = '…' or"
            f" {column} IN ('…', …), so that its moves can be read"
        )
    return Move(operation, column, sources, target[0], tuple(guards.items()))


def _comparisons(tokens: Sequence[Token], column: str) -> dict[str, tuple[str, ...]]:
    """The quoted values that columns are set to or compared with: `column` anywhere, others outside parentheses."""
    found: dict[str, tuple[str, ...]] = {}
    depth = 0
    for index, token in enumerate(tokens[:-2]):
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if token.kind != "word" or token.text in found or (depth and token.text != column):
            continue
        if tokens[index + 1].text == "=" and tokens[index + 2].kind == "quoted":
            found[token.text] = (_unquoted(tokens[index + 2]),)
        elif tokens[index + 1].text.upper() == "IN" and tokens[index + 2].text == "(":
            end = next(i for i in range(index, len(tokens)) if tokens[i].text == ")")
            found[token.text] = tuple(_unquoted(t) for t in tokens[index + 3 : end] if t.kind == "quoted")
    return found


def _unquoted(token: Token) -> str:
    return token.text[1:-1].replace("''", "'")


def allowed_targets(moves: Sequence[Move], column: str, row: object) -> list[str]:
    """The values of a column that these moves lead to from where a row is; one that only stays leads nowhere."""
    leading = (found for found in moves if found.column == column and found.sources != (found.target,))
    return list(dict.fromkeys(found.target for found in leading if found.refusal(row) is None))
