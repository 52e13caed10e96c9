"""Story executions as a row of 27 columns, and everything that is timed of them."""

from collections.abc import AsyncIterator, Sequence
from uuid import UUID

from benchmarks.data import NewStory
from wave_data import Executor, Page, Record, query, transition
from wave_data.engine.types import BigCount, JsonObject, Percent, TextArray, Usd, UsdAmount, UtcDatetime
from wave_data.tables.wave_checkpoints import Gate
from wave_data.tables.wave_story_executions import StoryStatus


class Story(Record):
    """A story execution without the columns of its end."""

    id: UUID
    session_id: UUID
    story_id: str
    story_title: str
    domain: str
    agent: str
    status: StoryStatus
    priority: str | None
    story_points: int | None
    started_at: UtcDatetime | None
    token_count: int
    cost_usd: Usd
    retry_count: int
    max_retries: int
    current_gate: Gate
    acceptance_criteria_passed: int
    acceptance_criteria_total: int
    tests_passing: bool
    coverage_achieved: Percent | None
    files_created: TextArray
    files_modified: TextArray
    branch_name: str | None
    commit_sha: str | None
    pr_url: str | None
    metadata: JsonObject
    created_at: UtcDatetime
    updated_at: UtcDatetime


@query
async def find(db: Executor, id: UUID) -> Story | None:
    """A story, or None."""
    ...


@query
async def get(db: Executor, id: UUID) -> Story:
    """A story. Raises NotFound."""
    ...


@query
async def list_newest(db: Executor, session_id: UUID, limit: int = 100, cursor: str | None = None) -> Page[Story]:
    """The stories of a session, newest first."""
    ...


@query
async def list_by_session(db: Executor, session_id: UUID) -> list[Story]:
    """All stories of a session at once, newest first."""
    ...


@query
def iterate_by_session(db: Executor, session_id: UUID) -> AsyncIterator[Story]:
    """All stories of a session one by one, newest first."""
    ...


@query
async def create(db: Executor, story: NewStory) -> Story:
    """Insert a story."""
    ...


@query
async def create_many(db: Executor, stories: Sequence[NewStory]) -> None:
    """Insert stories, all or none."""
    ...


@transition
async def submit(db: Executor, id: UUID) -> Story:
    """Move a story in progress to review."""
    ...


@transition
async def reopen(db: Executor, id: UUID) -> Story:
    """Move a story in review back to in_progress."""
    ...


@query
async def add_usage(db: Executor, id: UUID, tokens: BigCount, cost_usd: UsdAmount) -> Story:
    """Add tokens and cost."""
    ...
