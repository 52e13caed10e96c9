"""What the peers that are given SQL bind for a new row."""

import json
from collections.abc import Callable
from typing import Any

from benchmarks.data import NewCheckpoint, NewStory, sqlite_value


def of_story(new: NewStory, to_json: Callable[[Any], Any] = json.dumps) -> tuple[Any, ...]:
    """The columns of `statements.STORY_FIELDS`."""
    return (
        new.id,
        new.session_id,
        new.story_id,
        new.story_title,
        new.domain,
        new.agent,
        new.priority,
        new.story_points,
        new.max_retries,
        to_json(new.metadata),
        new.created_at,
        new.updated_at,
    )


def of_checkpoint(new: NewCheckpoint, to_json: Callable[[Any], Any] = json.dumps) -> tuple[Any, ...]:
    """The columns of `statements.CHECKPOINT_FIELDS`."""
    return (
        new.id,
        new.session_id,
        new.checkpoint_type,
        new.checkpoint_name,
        new.story_id,
        new.gate,
        to_json(new.state),
        new.agent_id,
        new.parent_checkpoint_id,
        new.created_at,
    )


def of_sqlite_story(new: NewStory) -> tuple[Any, ...]:
    """The same as SQLite keeps them."""
    return (
        str(new.id),
        str(new.session_id),
        new.story_id,
        new.story_title,
        new.domain,
        new.agent,
        new.priority,
        new.story_points,
        new.max_retries,
        json.dumps(new.metadata),
        sqlite_value(new.created_at),
        sqlite_value(new.updated_at),
    )


def of_sqlite_checkpoint(new: NewCheckpoint) -> tuple[Any, ...]:
    """The same as SQLite keeps them."""
    return (
        str(new.id),
        str(new.session_id),
        new.checkpoint_type,
        new.checkpoint_name,
        new.story_id,
        new.gate,
        json.dumps(new.state),
        new.agent_id,
        None if new.parent_checkpoint_id is None else str(new.parent_checkpoint_id),
        sqlite_value(new.created_at),
    )


def same(value: Any) -> Any:
    """JSON for a driver that encodes it itself."""
    return value
