"""wave_story_executions: one story's work inside a session."""

from collections.abc import AsyncIterator, Sequence
from decimal import Decimal
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from wave_data.engine import (
    Affected,
    Executor,
    Page,
    Record,
    move,
    partial_update,
    query,
    transactional,
    transition,
)
from wave_data.engine.types import (
    BigCount,
    Count,
    Default,
    JsonObject,
    NewId,
    Percent,
    Text,
    TextArray,
    Usd,
    UsdAmount,
    UtcDatetime,
)
from wave_data.tables.wave_checkpoints import Gate

StoryStatus = Literal["pending", "in_progress", "blocked", "review", "complete", "failed", "cancelled"]


class WaveStoryExecution(Record):
    """One story's work inside a session."""

    shown: ClassVar[tuple[str, ...]] = ("id", "story_id", "story_title", "status")

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
    completed_at: UtcDatetime | None
    failed_at: UtcDatetime | None
    cancelled_at: UtcDatetime | None
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
    error_message: str | None
    metadata: JsonObject
    created_at: UtcDatetime
    updated_at: UtcDatetime

    @property
    def is_active(self) -> bool:
        """Pending, in progress, blocked or in review."""
        return self.status in ("pending", "in_progress", "blocked", "review")

    @property
    def is_terminal(self) -> bool:
        """Complete or cancelled; a failed story can be recovered."""
        return self.status in ("complete", "cancelled")

    @property
    def is_successful(self) -> bool:
        """Complete."""
        return self.status == "complete"


@query
async def create(
    db: Executor,
    session_id: UUID,
    story_id: Text,
    story_title: Text,
    domain: Text,
    agent: Text,
    priority: Text | None = None,
    story_points: Count | None = None,
    max_retries: Count = 3,
    metadata: Annotated[JsonObject | None, Default({})] = None,
    id: NewId = None,
) -> WaveStoryExecution:
    """Insert a pending story.

    Raises Conflict when the session has the story already, MissingReference without the session.
    """
    ...


@query
async def get(db: Executor, id: UUID) -> WaveStoryExecution:
    """The story execution. Raises NotFound."""
    ...


@query
async def find(db: Executor, id: UUID) -> WaveStoryExecution | None:
    """The story execution, or None."""
    ...


@query
async def find_by_story(db: Executor, session_id: UUID, story_id: Text) -> WaveStoryExecution | None:
    """The execution of a story in a session."""
    ...


@query
async def find_many(
    db: Executor, story_id: Text | None = None, limit: int = 100, cursor: str | None = None
) -> Page[WaveStoryExecution]:
    """Story executions of all sessions, newest first."""
    ...


@query
def iterate(db: Executor, story_id: Text | None = None) -> AsyncIterator[WaveStoryExecution]:
    """All matching story executions, newest first."""
    ...


@query
async def list_by_session(
    db: Executor, session_id: UUID, limit: int = 100, cursor: str | None = None
) -> Page[WaveStoryExecution]:
    """The stories of a session, newest first."""
    ...


@query
async def list_by_status(
    db: Executor, session_id: UUID, status: StoryStatus, limit: int = 100, cursor: str | None = None
) -> Page[WaveStoryExecution]:
    """The stories of a session in one status, newest first."""
    ...


@query
async def list_by_agent(
    db: Executor, session_id: UUID, agent: Text, limit: int = 100, cursor: str | None = None
) -> Page[WaveStoryExecution]:
    """The stories of a session that one agent works on, newest first."""
    ...


@query
async def list_by_domain(
    db: Executor, session_id: UUID, domain: Text, limit: int = 100, cursor: str | None = None
) -> Page[WaveStoryExecution]:
    """The stories of a session in one domain, newest first."""
    ...


@query
async def count(db: Executor, story_id: Text | None = None) -> int:
    """The number of matching story executions."""
    ...


@query
async def counts_by_status(db: Executor, session_id: UUID) -> dict[StoryStatus, int]:
    """The number of stories of a session in each status, zeros included."""
    ...


@transition
async def start(db: Executor, id: UUID, reason: Text | None = None) -> WaveStoryExecution:
    """Move a pending story to in_progress. Raises NotFound and InvalidTransition."""
    ...


@transition
async def block(db: Executor, id: UUID, reason: Text) -> WaveStoryExecution:
    """Move a story in progress to blocked; the reason goes to metadata.block_reason.

    Raises NotFound and InvalidTransition.
    """
    ...


@transition
async def unblock(db: Executor, id: UUID, reason: Text | None = None) -> WaveStoryExecution:
    """Move a blocked story back to in_progress, and drop metadata.block_reason.

    Raises NotFound and InvalidTransition.
    """
    ...


@transition
async def submit_for_review(db: Executor, id: UUID, reason: Text | None = None) -> WaveStoryExecution:
    """Move a story in progress to review. Raises NotFound and InvalidTransition."""
    ...


@transition
async def reopen(db: Executor, id: UUID, reason: Text | None = None) -> WaveStoryExecution:
    """Move a story in review back to in_progress. Raises NotFound and InvalidTransition."""
    ...


@transition
async def complete(
    db: Executor,
    id: UUID,
    tests_passing: bool | None = None,
    coverage_achieved: Percent | None = None,
    files_created: Sequence[str] | None = None,
    files_modified: Sequence[str] | None = None,
    branch_name: Text | None = None,
    commit_sha: Text | None = None,
    pr_url: Text | None = None,
) -> WaveStoryExecution:
    """Move a story in progress or review to complete, and store the given results.

    Raises NotFound and InvalidTransition.
    """
    ...


@transition
async def fail(db: Executor, id: UUID, error_message: Text) -> WaveStoryExecution:
    """Move a started story to failed. Raises NotFound and InvalidTransition."""
    ...


@transition
async def cancel(db: Executor, id: UUID, reason: Text | None = None) -> WaveStoryExecution:
    """Move a live story to cancelled. Raises NotFound and InvalidTransition."""
    ...


@transition
async def resume(db: Executor, id: UUID) -> WaveStoryExecution:
    """Move a failed story back to in_progress; its error message stays.

    Raises NotFound and InvalidTransition.
    """
    ...


@transition
async def restart(db: Executor, id: UUID) -> WaveStoryExecution:
    """Move a live or failed story back to pending, as if it had never begun.

    Raises NotFound and InvalidTransition.
    """
    ...


@transition
async def skip(db: Executor, id: UUID, reason: Text | None = None) -> WaveStoryExecution:
    """Move a live or failed story to cancelled; the reason goes to metadata.skip_reason.

    Raises NotFound and InvalidTransition.
    """
    ...


async def set_status(db: Executor, id: UUID, status: StoryStatus, reason: Text | None = None) -> WaveStoryExecution:
    """Make whichever transition leads to the status; resume, restart and skip have only their own names.

    The reason becomes the error message of a failed story, metadata.block_reason of a blocked one, and else
    metadata.last_transition_reason. Raises NotFound and InvalidTransition.
    """
    return await move(
        db,
        id,
        status,
        {
            "in_progress": (start, unblock, reopen),
            "blocked": (_block,),
            "review": (submit_for_review,),
            "complete": (_complete,),
            "failed": (_fail,),
            "cancelled": (cancel,),
        },
        reason,
    )


@transition
async def _block(db: Executor, id: UUID, reason: Text | None = None) -> WaveStoryExecution: ...


@transition
async def _complete(db: Executor, id: UUID, reason: Text | None = None) -> WaveStoryExecution: ...


@transition
async def _fail(db: Executor, id: UUID, error_message: Text | None = None) -> WaveStoryExecution: ...


@query
async def set_gate(db: Executor, id: UUID, current_gate: Gate) -> WaveStoryExecution:
    """Set the gate to run next. Raises NotFound."""
    ...


@partial_update
async def update_metrics(
    db: Executor,
    id: UUID,
    token_count: BigCount | None = None,
    cost_usd: UsdAmount | None = None,
    retry_count: Count | None = None,
    acceptance_criteria_passed: Count | None = None,
    acceptance_criteria_total: Count | None = None,
) -> WaveStoryExecution:
    """Set the given metrics to absolute values.

    Raises NotFound, and InvalidValue when more criteria would have passed than there are.
    """
    ...


async def add_usage(
    db: Executor,
    id: UUID,
    tokens: BigCount = 0,
    cost_usd: UsdAmount = Decimal(0),
    retries: Count = 0,
    roll_up: bool = False,
) -> WaveStoryExecution:
    """Add tokens, cost and retries; with roll_up, tokens and cost to the session too. Raises NotFound."""
    if roll_up:
        return await _add_usage_to_both(db, id, tokens, cost_usd, retries)
    return await _add_usage(db, id, tokens, cost_usd, retries)


@transactional
async def _add_usage_to_both(
    db: Executor, id: UUID, tokens: BigCount, cost_usd: UsdAmount, retries: Count
) -> WaveStoryExecution:
    # The session before the story, in the order in which deleting a session locks them.
    await _roll_up(db, id, tokens, cost_usd)
    return await _add_usage(db, id, tokens, cost_usd, retries)


@query
async def _roll_up(db: Executor, id: UUID, tokens: BigCount, cost_usd: UsdAmount) -> None: ...


@query
async def _add_usage(
    db: Executor, id: UUID, tokens: BigCount, cost_usd: UsdAmount, retries: Count
) -> WaveStoryExecution: ...


@partial_update
async def add_files(
    db: Executor, id: UUID, created: Sequence[str] = (), modified: Sequence[str] = ()
) -> WaveStoryExecution:
    """Append files, each of them once. Raises NotFound."""
    ...


@query
async def merge_metadata(db: Executor, id: UUID, patch: JsonObject) -> WaveStoryExecution:
    """Set the top-level keys of the patch; a None is stored as null, the other keys stay. Raises NotFound."""
    ...


@query
async def delete(db: Executor, id: UUID, missing_ok: bool = True) -> bool:
    """Remove the story execution; whether there was one.

    Raises NotFound when it is absent and missing_ok is False.
    """
    ...


@query
async def delete_by_session(db: Executor, session_id: UUID) -> Affected:
    """Remove the story executions of a session; how many."""
    ...
