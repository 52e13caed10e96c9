"""Story executions by the thousand."""

from collections.abc import AsyncIterator, Sequence
from uuid import UUID

from benchmarks.data import NewStory
from wave_data import Executor, query
from wave_data.tables.wave_story_executions import WaveStoryExecution


@query
async def list_by_session(db: Executor, session_id: UUID) -> list[WaveStoryExecution]:
    """All stories of a session at once, newest first."""
    ...


@query
def iterate_by_session(db: Executor, session_id: UUID) -> AsyncIterator[WaveStoryExecution]:
    """All stories of a session one by one, newest first."""
    ...


@query
async def create_many(db: Executor, stories: Sequence[NewStory]) -> None:
    """Insert stories, all or none."""
    ...
