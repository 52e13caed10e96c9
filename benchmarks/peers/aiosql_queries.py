"""The queries as aiosql reads them, in one text for both drivers."""

from typing import Any

import aiosql

from benchmarks import statements
from benchmarks.statements import CHECKPOINT_FIELDS, STORY_FIELDS, for_names

_USAGE = ("tokens", "cost_usd", "now", "id")
_QUERIES = {
    "get^": for_names(statements.GET, ("id",)),
    "list_newest": for_names(statements.LIST_NEWEST, ("session_id", "limit")),
    "list_all": for_names(statements.LIST_ALL, ("session_id",)),
    "insert^": for_names(statements.INSERT, STORY_FIELDS),
    "insert_many*!": for_names(statements.INSERT_MANY, STORY_FIELDS),
    "submit^": for_names(statements.SUBMIT, ("now", "id")),
    "reopen^": for_names(statements.REOPEN, ("now", "id")),
    "add_usage^": for_names(statements.ADD_USAGE, _USAGE),
    "add_checkpoint^": for_names(statements.ADD_CHECKPOINT, CHECKPOINT_FIELDS),
}


def load(driver: str) -> Any:
    """The queries for a driver."""
    text = "\n\n".join(f"-- name: {name}\n{statement};" for name, statement in _QUERIES.items())
    return aiosql.from_str(text, driver, mandatory_parameters=False)
