"""Statements of a caller's own that are explained, never run."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wave_data.engine.columns import column_type
from wave_data.engine.dialect import Dialect
from wave_data.engine.errors import InvalidValue
from wave_data.engine.sql_tokens import tokenise


def bind(sql: str, arguments: Mapping[str, object], dialect: Dialect) -> tuple[str, list[Any]]:
    """The text for a driver, with placeholders for each `:name`, and the values for them as the store carries them.

    Raises InvalidValue for a name without an argument, an argument without a name and a value that no column holds,
    QueryError for SQL that cannot be split.
    """
    numbers: dict[str, int] = {}
    pieces: list[str] = []
    for token in tokenise(sql, Path("explain")):
        text = token.text
        if token.kind == "parameter":
            number = numbers.setdefault(text[1:], len(numbers) + 1)
            text = f"?{number}" if dialect == "sqlite" else f"${number}"
        pieces.append(text)
    if numbers.keys() != arguments.keys():
        wrong = sorted(numbers.keys() ^ arguments.keys())
        raise InvalidValue(f"explain: each :name has an argument and the other way round; see {', '.join(wrong)}")
    return "".join(pieces), [_carried(name, arguments[name], dialect) for name in numbers]


def _carried(name: str, value: object, dialect: Dialect) -> Any:
    if value is None:
        return None
    try:
        return column_type(type(value)).encoder(dialect)(value)
    except (TypeError, ValueError) as error:
        raise InvalidValue(f"explain: {name}: {error}") from None
