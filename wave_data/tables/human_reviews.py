"""human_review_queue: decisions about orchestrator runs that wait for a person."""

from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from annotated_types import Ge, Le

from wave_data.engine import Affected, Executor, Page, Record, check, query, transactional, transition
from wave_data.engine.types import Age, Json, NewId, Scale, Text, UtcDatetime

ReviewType = Literal["safety", "gate_override", "budget_exceeded"]
ReviewStatus = Literal["pending", "approved", "rejected"]
RunOutcome = Literal["kill", "recycle", "none"]
SafetyScore = Annotated[Decimal, Scale(3, 2), Ge(0), Le(1)]


class HumanReview(Record):
    """A decision about a run that waits for a person, or was made by one."""

    shown: ClassVar[tuple[str, ...]] = ("id", "thread_id", "review_type", "status")

    id: UUID
    thread_id: str
    review_type: ReviewType
    reason: str
    safety_score: SafetyScore | None
    context: Json | None
    status: ReviewStatus
    resolved_by: str | None
    resolved_at: UtcDatetime | None
    resolution_notes: str | None
    created_at: UtcDatetime

    @property
    def is_active(self) -> bool:
        """Pending."""
        return self.status == "pending"

    @property
    def is_terminal(self) -> bool:
        """Approved or rejected."""
        return self.status != "pending"

    @property
    def is_successful(self) -> bool:
        """Approved."""
        return self.status == "approved"


@transactional
async def create(
    db: Executor,
    thread_id: Text,
    review_type: ReviewType,
    reason: Text,
    safety_score: SafetyScore | None = None,
    context: Json | None = None,
    hold_run: bool = True,
    id: NewId = None,
) -> HumanReview:
    """Ask for a decision: the thread's run is flagged, and with hold_run its gate held while it is live.

    Raises MissingReference for an unknown thread, Conflict when the id is taken.
    """
    await _flag_run(db, thread_id)
    if check(bool, hold_run, "hold_run"):
        await _hold_run(db, thread_id, reason)
    return await _insert(db, thread_id, review_type, reason, safety_score, context, id)


@query
async def _flag_run(db: Executor, thread_id: Text) -> None: ...


@query
async def _hold_run(db: Executor, thread_id: Text, reason: Text) -> None: ...


@query
async def _insert(
    db: Executor,
    thread_id: Text,
    review_type: ReviewType,
    reason: Text,
    safety_score: SafetyScore | None,
    context: Json | None,
    id: NewId,
) -> HumanReview: ...


@query
async def get(db: Executor, id: UUID) -> HumanReview:
    """The review. Raises NotFound."""
    ...


@query
async def find(db: Executor, id: UUID) -> HumanReview | None:
    """The review, or None."""
    ...


@query
async def find_many(
    db: Executor,
    thread_id: Text | None = None,
    review_type: ReviewType | None = None,
    status: ReviewStatus | None = None,
    limit: int = 100,
    cursor: str | None = None,
) -> Page[HumanReview]:
    """Reviews, newest first."""
    ...


@query
def iterate(
    db: Executor,
    thread_id: Text | None = None,
    review_type: ReviewType | None = None,
    status: ReviewStatus | None = None,
) -> AsyncIterator[HumanReview]:
    """All matching reviews, newest first."""
    ...


@query
async def list_by_thread(
    db: Executor, thread_id: Text, limit: int = 100, cursor: str | None = None
) -> Page[HumanReview]:
    """The reviews of a thread, newest first."""
    ...


@query
async def list_pending(
    db: Executor, review_type: ReviewType | None = None, limit: int = 100, cursor: str | None = None
) -> Page[HumanReview]:
    """The reviews that wait for a decision, oldest first."""
    ...


@query
async def list_overdue(
    db: Executor, older_than: Age = timedelta(hours=4), limit: int = 100, cursor: str | None = None
) -> Page[HumanReview]:
    """The reviews that have waited longer than that, oldest first."""
    ...


@query
async def count(
    db: Executor,
    thread_id: Text | None = None,
    review_type: ReviewType | None = None,
    status: ReviewStatus | None = None,
) -> int:
    """The number of matching reviews."""
    ...


@query
async def count_pending(db: Executor, thread_id: Text | None = None) -> int:
    """The number of reviews that wait for a decision, of all threads or one."""
    ...


@query
async def counts_by_status(db: Executor) -> dict[ReviewStatus, int]:
    """The number of reviews in each status, zeros included."""
    ...


@transactional
async def approve(db: Executor, id: UUID, resolved_by: Text, notes: Text | None = None) -> HumanReview:
    """Approve a pending review; when it was the last of its thread, the run's flag is cleared and its held gate opens.

    Raises NotFound and InvalidTransition.
    """
    await _lock_run(db, id)
    review = await _approve(db, id, resolved_by, notes)
    await _clear_flag(db, review.thread_id)
    await _release_run(db, review.thread_id)
    return review


@transactional
async def reject(
    db: Executor, id: UUID, resolved_by: Text, notes: Text | None = None, run_outcome: RunOutcome = "kill"
) -> HumanReview:
    """Reject a pending review, and treat a live run as run_outcome says.

    *kill* fails the run, with the notes (or else the review's reason) as its error; *recycle* sends it back to
    planning; *none* leaves it as it is. When the review was the last of its thread, the run's flag is cleared.
    Raises NotFound and InvalidTransition.
    """
    check(RunOutcome, run_outcome, "run_outcome")
    await _lock_run(db, id)
    review = await _reject(db, id, resolved_by, notes)
    reason = review.reason if notes is None else notes
    match run_outcome:
        case "kill":
            await _kill_run(db, review.thread_id, reason)
        case "recycle":
            await _recycle_run(db, review.thread_id, reason)
        case "none":
            pass
    await _clear_flag(db, review.thread_id)
    return review


@query
async def _lock_run(db: Executor, id: UUID) -> UUID | None: ...


@transition
async def _approve(db: Executor, id: UUID, resolved_by: Text, notes: Text | None) -> HumanReview: ...


@transition
async def _reject(db: Executor, id: UUID, resolved_by: Text, notes: Text | None) -> HumanReview: ...


@query
async def _clear_flag(db: Executor, thread_id: Text) -> None: ...


@query
async def _release_run(db: Executor, thread_id: Text) -> None: ...


@query
async def _kill_run(db: Executor, thread_id: Text, reason: Text) -> None: ...


@query
async def _recycle_run(db: Executor, thread_id: Text, reason: Text) -> None: ...


@query
async def delete(db: Executor, id: UUID, missing_ok: bool = True) -> bool:
    """Remove the review; whether there was one. The run stays as it is.

    Raises NotFound when it is absent and missing_ok is False.
    """
    ...


@query
async def delete_by_thread(db: Executor, thread_id: Text) -> Affected:
    """Remove the reviews of a thread; how many. The run stays as it is."""
    ...
