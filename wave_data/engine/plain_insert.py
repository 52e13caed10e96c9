"""The INSERT that COPY can do as well: parameters into columns, and nothing else."""

import re
from dataclasses import dataclass

from wave_data.engine.sql_file import SqlText, Statement

_PLAIN = re.compile(
    r"INSERT INTO (?P<table>[\w\"]+(?: \. [\w\"]+)?)"
    r" \( (?P<columns>[^()]+) \)"
    r" VALUES \( (?P<values>:\w[\w.]*(?: , :\w[\w.]*)*) \)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class PlainInsert:
    """A table and its columns as the statement writes them, and for each column the placeholder that it takes."""

    table: str
    columns: tuple[str, ...]
    positions: tuple[int, ...]


def read_plain_insert(statement: Statement, sql: SqlText) -> PlainInsert | None:
    """What the statement inserts; None where it does anything else, such as RETURNING or ON CONFLICT."""
    if any(line.optional for line in statement.lines):
        return None
    found = _PLAIN.fullmatch(" ".join(token.text for token in statement.tokens))
    if found is None:
        return None
    slots = {f":{name}.{attribute}" if attribute else f":{name}": i for i, (name, attribute) in enumerate(sql.slots)}
    values = found["values"].split(" , ")
    return PlainInsert(
        found["table"].replace(" ", ""),
        tuple(found["columns"].split(" , ")),
        tuple(slots[value] for value in values),
    )
