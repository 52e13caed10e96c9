"""wave_sessions: one execution of a project's wave, with its budget and counters."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import computed_field

from wave_data.engine import (
    Executor,
    Page,
    Record,
    move,
    partial_update,
    percentage,
    query,
    transactional,
    transition,
)
from wave_data.engine.errors import BudgetExceeded
from wave_data.engine.types import (
    BigCount,
    Count,
    Default,
    JsonObject,
    NewId,
    Text,
    Usd,
    UsdAmount,
    UtcDatetime,
)

WaveSessionStatus = Literal["pending", "in_progress", "completed", "failed", "cancelled"]


class WaveSession(Record):
    """One execution of a project's wave."""

    shown: ClassVar[tuple[str, ...]] = ("id", "project_name", "wave_number", "status")

    id: UUID
    project_name: str
    wave_number: int
    status: WaveSessionStatus
    started_at: UtcDatetime | None
    completed_at: UtcDatetime | None
    failed_at: UtcDatetime | None
    cancelled_at: UtcDatetime | None
    budget_usd: Usd
    actual_cost_usd: Usd
    token_count: int
    story_count: int
    stories_completed: int
    stories_failed: int
    metadata: JsonObject
    created_at: UtcDatetime
    updated_at: UtcDatetime

    @property
    def is_active(self) -> bool:
        """Pending or in progress."""
        return self.status in ("pending", "in_progress")

    @property
    def is_terminal(self) -> bool:
        """Completed or cancelled; a failed session can be resumed."""
        return self.status in ("completed", "cancelled")

    @property
    def is_successful(self) -> bool:
        """Completed."""
        return self.status == "completed"


class BudgetStatus(Record):
    """What a session may spend, and what it has spent."""

    budget_usd: Usd
    spent_usd: Usd

    @computed_field  # type: ignore[prop-decorator]
    @property
    def remaining_usd(self) -> Decimal:
        """The budget less what is spent; negative once it is exceeded."""
        return self.budget_usd - self.spent_usd

    @computed_field  # type: ignore[prop-decorator]
    @property
    def used_percent(self) -> Decimal:
        """The part of the budget that is spent, to two digits; 0 when the budget is 0."""
        return percentage(self.spent_usd, self.budget_usd)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def exceeded(self) -> bool:
        """Whether more is spent than the budget."""
        return self.spent_usd > self.budget_usd


@query
async def create(
    db: Executor,
    project_name: Text,
    wave_number: Count,
    budget_usd: Annotated[UsdAmount | None, Default(Decimal("2.00"))] = None,
    metadata: Annotated[JsonObject | None, Default({})] = None,
    id: NewId = None,
) -> WaveSession:
    """Insert a pending session; the budget is 2.00 only when none is given.

    Raises Conflict when the wave already has a live session.
    """
    ...


@query
async def get(db: Executor, id: UUID) -> WaveSession:
    """The session. Raises NotFound."""
    ...


@query
async def find(db: Executor, id: UUID) -> WaveSession | None:
    """The session, or None."""
    ...


@query
async def find_active(db: Executor, project_name: Text) -> WaveSession | None:
    """The session of the project in progress that was started last, otherwise its newest pending one."""
    ...


@query
async def find_by_project_and_wave(db: Executor, project_name: Text, wave_number: Count) -> WaveSession | None:
    """The newest session of a wave."""
    ...


@query
async def find_many(
    db: Executor,
    project_name: Text | None = None,
    status: WaveSessionStatus | None = None,
    limit: int = 100,
    cursor: str | None = None,
) -> Page[WaveSession]:
    """Sessions, newest first."""
    ...


@query
def iterate(
    db: Executor, project_name: Text | None = None, status: WaveSessionStatus | None = None
) -> AsyncIterator[WaveSession]:
    """All matching sessions, newest first."""
    ...


@query
async def list_by_project(
    db: Executor, project_name: Text, limit: int = 100, cursor: str | None = None
) -> Page[WaveSession]:
    """The sessions of a project, newest first."""
    ...


@query
async def list_active(db: Executor, limit: int = 100, cursor: str | None = None) -> Page[WaveSession]:
    """Pending and running sessions of all projects, newest first."""
    ...


@query
async def count(db: Executor, project_name: Text | None = None, status: WaveSessionStatus | None = None) -> int:
    """The number of matching sessions."""
    ...


@query
async def counts_by_status(db: Executor, project_name: Text | None = None) -> dict[WaveSessionStatus, int]:
    """The number of sessions in each status, zeros included."""
    ...


@transition
async def start(db: Executor, id: UUID) -> WaveSession:
    """Move a pending session to in_progress. Raises NotFound and InvalidTransition."""
    ...


@transition
async def complete(db: Executor, id: UUID, actual_cost_usd: UsdAmount | None = None) -> WaveSession:
    """Move a live session to completed, and store its cost when given.

    Raises NotFound and InvalidTransition.
    """
    ...


@transition
async def fail(db: Executor, id: UUID, error_message: Text | None = None) -> WaveSession:
    """Move a live session to failed; the message goes to metadata.error_message.

    Raises NotFound and InvalidTransition.
    """
    ...


@transition
async def cancel(db: Executor, id: UUID, reason: Text | None = None) -> WaveSession:
    """Move a live session to cancelled; the reason goes to metadata.cancel_reason.

    Raises NotFound and InvalidTransition.
    """
    ...


@transition
async def resume(db: Executor, id: UUID) -> WaveSession:
    """Move a failed session back to in_progress.

    Raises NotFound, InvalidTransition, and Conflict when the wave has another live session.
    """
    ...


async def set_status(db: Executor, id: UUID, status: WaveSessionStatus) -> WaveSession:
    """Make whichever transition leads to the status.

    Raises NotFound, InvalidTransition, and Conflict when the wave has another live session.
    """
    return await move(
        db,
        id,
        status,
        {
            "in_progress": (start, resume),
            "completed": (complete,),
            "failed": (fail,),
            "cancelled": (cancel,),
        },
    )


@partial_update
async def update_progress(
    db: Executor,
    id: UUID,
    story_count: Count | None = None,
    stories_completed: Count | None = None,
    stories_failed: Count | None = None,
    actual_cost_usd: UsdAmount | None = None,
    token_count: BigCount | None = None,
) -> WaveSession:
    """Set the given counters to absolute values. Raises NotFound."""
    ...


@query
async def add_usage(db: Executor, id: UUID, tokens: BigCount = 0, cost_usd: UsdAmount = Decimal(0)) -> WaveSession:
    """Add tokens and cost, whatever the budget. Raises NotFound."""
    ...


@transactional
async def recalculate(db: Executor, id: UUID) -> WaveSession:
    """Compute counters, tokens and cost again from the session's story executions. Raises NotFound."""
    # The lock comes first, so that the sums are taken after every roll-up that it waited for.
    await _lock(db, id)
    return await _recalculate(db, id)


@query
async def _lock(db: Executor, id: UUID) -> UUID: ...


@query
async def _recalculate(db: Executor, id: UUID) -> WaveSession: ...


async def charge(
    db: Executor, id: UUID, cost_usd: UsdAmount, tokens: BigCount = 0, key: Text | None = None
) -> WaveSession:
    """Add cost and tokens if the budget allows it. A charge repeated under its key counts once.

    Raises NotFound, and BudgetExceeded with what remains; a refused charge leaves its key unused.
    """
    if key is None:
        return await _charge_within_budget(db, id, cost_usd, tokens)
    return await _charge_once(db, id, cost_usd, tokens, key)


@transactional
async def _charge_once(db: Executor, id: UUID, cost_usd: UsdAmount, tokens: BigCount, key: Text) -> WaveSession:
    if await _use_key(db, id, cost_usd, tokens, key):
        return await _charge_within_budget(db, id, cost_usd, tokens)
    return await get(db, id)


async def _charge_within_budget(db: Executor, id: UUID, cost_usd: UsdAmount, tokens: BigCount) -> WaveSession:
    charged = await _charge(db, id, cost_usd, tokens)
    if charged is not None:
        return charged
    budget = await budget_status(db, id)
    raise BudgetExceeded(
        f"wave_session {id}: a charge of {cost_usd} passes the budget of {budget.budget_usd};"
        f" {budget.remaining_usd} remain",
        remaining=budget.remaining_usd,
        entity="wave_session",
        key=id,
    )


@query
async def _charge(db: Executor, id: UUID, cost_usd: UsdAmount, tokens: BigCount) -> WaveSession | None: ...


@query
async def _use_key(db: Executor, id: UUID, cost_usd: UsdAmount, tokens: BigCount, key: Text) -> bool: ...


@query
async def set_budget(db: Executor, id: UUID, budget_usd: UsdAmount) -> WaveSession:
    """Set the budget. Raises NotFound."""
    ...


@query
async def budget_status(db: Executor, id: UUID) -> BudgetStatus:
    """What the session may spend and has spent. Raises NotFound."""
    ...


@query
async def merge_metadata(db: Executor, id: UUID, patch: JsonObject) -> WaveSession:
    """Set the top-level keys of the patch; a None is stored as null, the other keys stay. Raises NotFound."""
    ...


@query
async def delete(db: Executor, id: UUID, missing_ok: bool = True) -> bool:
    """Remove the session with its checkpoints, story executions and charges; whether there was one.

    Raises NotFound when it is absent and missing_ok is False.
    """
    ...
