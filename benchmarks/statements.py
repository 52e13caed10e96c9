"""The SQL of the peers that are given SQL, with PostgreSQL's placeholders; each placeholder appears once, in order."""

import re

from benchmarks.data import COLUMNS

_ROW = ", ".join(COLUMNS)
_STORY_COLUMNS = (
    "id, session_id, story_id, story_title, domain, agent, priority, story_points, max_retries, metadata,"
    " created_at, updated_at"
)
_CHECKPOINT_COLUMNS = (
    "id, session_id, checkpoint_type, checkpoint_name, story_id, gate, state, agent_id, parent_checkpoint_id,"
    " created_at"
)

GET = f"SELECT {_ROW} FROM wave_story_executions WHERE id = $1"
LIST_ALL = f"SELECT {_ROW} FROM wave_story_executions WHERE session_id = $1 ORDER BY created_at DESC, id DESC"
LIST_NEWEST = f"{LIST_ALL} LIMIT $2"
INSERT_MANY = (
    f"INSERT INTO wave_story_executions ({_STORY_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
)
INSERT = f"{INSERT_MANY} RETURNING {_ROW}"
SUBMIT = (
    "UPDATE wave_story_executions SET status = 'review', updated_at = $1"
    f" WHERE id = $2 AND status = 'in_progress' RETURNING {_ROW}"
)
REOPEN = (
    "UPDATE wave_story_executions SET status = 'in_progress', updated_at = $1"
    f" WHERE id = $2 AND status = 'review' RETURNING {_ROW}"
)
ADD_USAGE = (
    "UPDATE wave_story_executions SET token_count = token_count + $1, cost_usd = cost_usd + $2, updated_at = $3"
    f" WHERE id = $4 RETURNING {_ROW}"
)
ADD_CHECKPOINT = (
    f"INSERT INTO wave_checkpoints ({_CHECKPOINT_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING *"
)

STORY_FIELDS = tuple(_STORY_COLUMNS.split(", "))
CHECKPOINT_FIELDS = tuple(_CHECKPOINT_COLUMNS.split(", "))


def for_sqlite(statement: str) -> str:
    """The statement with SQLite's placeholders."""
    return statement.replace("$", "?")


def for_psycopg(statement: str) -> str:
    """The statement with psycopg's placeholders."""
    return re.sub(r"\$\d+", "%s", statement)


def for_names(statement: str, names: tuple[str, ...]) -> str:
    """The statement with named placeholders."""
    return re.sub(r"\$(\d+)", lambda found: f":{names[int(found[1]) - 1]}", statement)
