"""orchestrator_runs: a graph thread with its phase, its gate, and its safety and budget state."""

from collections.abc import AsyncIterator, Sequence
from decimal import Decimal
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from annotated_types import MinLen

from wave_data.engine import Executor, Page, Record, check, partial_update, query, transactional, transition
from wave_data.engine.errors import Conflict, InvalidTransition, InvalidValue
from wave_data.engine.identifiers import uuid7
from wave_data.engine.types import (
    UNSET,
    BigCount,
    Count,
    NewId,
    NowByDefault,
    Text,
    TextArray,
    Unset,
    Usd,
    UsdAmount,
    UtcDatetime,
)
from wave_data.tables import human_reviews
from wave_data.tables.human_reviews import HumanReview, SafetyScore

Phase = Literal["planning", "development", "testing", "review", "complete", "failed"]
LivePhase = Literal["planning", "development", "testing", "review"]
GateStatus = Literal["pending", "go", "hold", "kill", "recycle"]


class OrchestratorRun(Record):
    """A graph thread with its safety and budget state."""

    shown: ClassVar[tuple[str, ...]] = ("id", "thread_id", "phase", "gate_status")

    id: UUID
    thread_id: str
    project_id: UUID
    story_id: str
    phase: Phase
    current_agent: str | None
    gate_status: GateStatus
    gate_reason: str | None
    safety_score: SafetyScore
    violations: TextArray
    requires_human_review: bool
    tokens_used: int
    cost_usd: Usd
    actions_count: int
    started_at: UtcDatetime
    completed_at: UtcDatetime | None
    updated_at: UtcDatetime
    files_created: TextArray
    error: str | None

    @property
    def is_active(self) -> bool:
        """In a phase that is not the end."""
        return not self.is_terminal

    @property
    def is_terminal(self) -> bool:
        """Complete or failed."""
        return self.phase in ("complete", "failed")

    @property
    def is_successful(self) -> bool:
        """Complete."""
        return self.phase == "complete"


class ReviewedRun(OrchestratorRun):
    """A run with its reviews, newest first."""

    reviews: list[HumanReview]


class RunSummary(Record):
    """A run in short, with the number of its reviews that wait for a decision."""

    shown: ClassVar[tuple[str, ...]] = ("id", "phase", "gate_status", "pending_reviews")

    id: UUID
    thread_id: str
    phase: Phase
    current_agent: str | None
    safety_score: SafetyScore
    gate_status: GateStatus
    tokens_used: int
    actions_count: int
    started_at: UtcDatetime
    pending_reviews: int


def new_thread_id(story_id: Text, wave_number: Count = 1) -> str:
    """A new thread handle that begins with the wave and the story. Raises InvalidValue."""
    check(Text, story_id, "story_id")
    check(Count, wave_number, "wave_number")
    return f"wave-{wave_number}-{story_id[:200]}-{uuid7().hex}"


@query
async def create(
    db: Executor,
    thread_id: Text,
    project_id: UUID,
    story_id: Text,
    *,
    phase: Phase = "planning",
    current_agent: Text | None = None,
    gate_status: GateStatus = "pending",
    safety_score: SafetyScore = Decimal("1.00"),
    violations: Sequence[str] = (),
    requires_human_review: bool = False,
    tokens_used: BigCount = 0,
    cost_usd: UsdAmount = Decimal(0),
    files_created: Sequence[str] = (),
    started_at: NowByDefault = None,
    id: NewId = None,
) -> OrchestratorRun:
    """Insert a run; in a terminal phase it is completed at once. Raises Conflict when the thread is taken."""
    ...


@query
async def get(db: Executor, id: UUID) -> OrchestratorRun:
    """The run. Raises NotFound."""
    ...


@query
async def find(db: Executor, id: UUID) -> OrchestratorRun | None:
    """The run, or None."""
    ...


@query
async def find_by_thread(db: Executor, thread_id: Text) -> OrchestratorRun | None:
    """The run of a thread."""
    ...


async def get_with_reviews(db: Executor, id: UUID) -> ReviewedRun:
    """The run with its reviews, the newest 1000 of them. Raises NotFound."""
    run = await get(db, id)
    reviews = await human_reviews.list_by_thread(db, run.thread_id, limit=1000)
    return ReviewedRun(**dict(run), reviews=reviews.items)


@query
async def find_many(
    db: Executor,
    project_id: UUID | None = None,
    story_id: Text | None = None,
    phase: Phase | None = None,
    gate_status: GateStatus | None = None,
    requires_human_review: bool | None = None,
    limit: int = 100,
    cursor: str | None = None,
) -> Page[OrchestratorRun]:
    """Runs, by their start, newest first."""
    ...


@query
def iterate(
    db: Executor,
    project_id: UUID | None = None,
    story_id: Text | None = None,
    phase: Phase | None = None,
    gate_status: GateStatus | None = None,
    requires_human_review: bool | None = None,
) -> AsyncIterator[OrchestratorRun]:
    """All matching runs, by their start, newest first."""
    ...


@query
async def list_by_project(
    db: Executor, project_id: UUID, limit: int = 100, cursor: str | None = None
) -> Page[OrchestratorRun]:
    """The runs of a project, by their start, newest first."""
    ...


@query
async def list_active(db: Executor, limit: int = 100, cursor: str | None = None) -> Page[OrchestratorRun]:
    """The runs whose phase is not terminal, by their start, newest first."""
    ...


@query
async def count(
    db: Executor,
    project_id: UUID | None = None,
    story_id: Text | None = None,
    phase: Phase | None = None,
    gate_status: GateStatus | None = None,
    requires_human_review: bool | None = None,
) -> int:
    """The number of matching runs."""
    ...


@query
async def counts_by_phase(db: Executor, project_id: UUID | None = None) -> dict[Phase, int]:
    """The number of runs in each phase, zeros included."""
    ...


@query
async def counts_by_gate(db: Executor, project_id: UUID | None = None) -> dict[GateStatus, int]:
    """The number of runs at each gate status, zeros included."""
    ...


@query
async def summary(db: Executor, id: UUID) -> RunSummary:
    """The run in short. Raises NotFound."""
    ...


@query
async def list_summaries(
    db: Executor,
    project_id: UUID | None = None,
    story_id: Text | None = None,
    phase: Phase | None = None,
    gate_status: GateStatus | None = None,
    requires_human_review: bool | None = None,
    limit: int = 100,
    cursor: str | None = None,
) -> Page[RunSummary]:
    """Runs in short, by their start, newest first."""
    ...


@partial_update
async def update(
    db: Executor,
    id: UUID,
    *,
    story_id: Text | Unset = UNSET,
    project_id: UUID | Unset = UNSET,
    current_agent: Text | Unset | None = UNSET,
    error: Text | Unset | None = UNSET,
) -> OrchestratorRun:
    """Change the fields given. Raises NotFound."""
    ...


@query
async def assign_agent(db: Executor, id: UUID, agent: Text | None) -> OrchestratorRun:
    """Set the agent, or with None take it away. Raises NotFound."""
    ...


# Phases


async def set_phase(
    db: Executor, id: UUID, phase: Phase, current_agent: Text | Unset | None = UNSET
) -> OrchestratorRun:
    """Move a live run to another phase, and hand it to an agent where one is given.

    Raises NotFound, InvalidTransition, and as `complete` does Conflict.
    """
    check(Phase, phase, "phase")
    match phase:
        case "planning":
            return await _to_planning(db, id, current_agent)
        case "development":
            return await _to_development(db, id, current_agent)
        case "testing":
            return await _to_testing(db, id, current_agent)
        case "review":
            return await _to_review(db, id, current_agent)
        case "complete":
            return await _complete(db, id, current_agent)
        case "failed":
            return await _to_failed(db, id, current_agent=current_agent)


async def complete(db: Executor, id: UUID) -> OrchestratorRun:
    """Complete a live run.

    Raises NotFound, InvalidTransition (on hold or kill too), and Conflict while the thread has a pending review.
    """
    return await _complete(db, id)


@transactional
async def _complete(db: Executor, id: UUID, current_agent: Text | Unset | None = UNSET) -> OrchestratorRun:
    # The move comes first: it locks the run, without which no review is asked for.
    run = await _to_complete(db, id, current_agent)
    await _refuse_pending_review(db, run)
    return run


async def _refuse_pending_review(db: Executor, run: OrchestratorRun) -> None:
    if await human_reviews.count_pending(db, run.thread_id):
        raise Conflict(
            f"orchestrator_run {run.id}: a review of its thread is pending; approve or reject it first",
            entity="orchestrator_run",
            key=run.id,
        )


@transition("phase")
async def fail(db: Executor, id: UUID, error: Text) -> OrchestratorRun:
    """Fail a live run. Raises NotFound and InvalidTransition."""
    ...


@transition("phase")
async def _to_planning(db: Executor, id: UUID, current_agent: Text | Unset | None = UNSET) -> OrchestratorRun: ...


@transition("phase")
async def _to_development(db: Executor, id: UUID, current_agent: Text | Unset | None = UNSET) -> OrchestratorRun: ...


@transition("phase")
async def _to_testing(db: Executor, id: UUID, current_agent: Text | Unset | None = UNSET) -> OrchestratorRun: ...


@transition("phase")
async def _to_review(db: Executor, id: UUID, current_agent: Text | Unset | None = UNSET) -> OrchestratorRun: ...


@transition("phase")
async def _to_complete(db: Executor, id: UUID, current_agent: Text | Unset | None = UNSET) -> OrchestratorRun: ...


@transition("phase")
async def _to_failed(
    db: Executor, id: UUID, error: Text | None = None, current_agent: Text | Unset | None = UNSET
) -> OrchestratorRun: ...


# Gates


async def set_gate(db: Executor, id: UUID, gate_status: GateStatus, reason: Text | None = None) -> OrchestratorRun:
    """Make whichever move of the gate leads to the status; pending and go keep no reason.

    Raises what that move raises, and InvalidValue for a kill without a reason.
    """
    check(GateStatus, gate_status, "gate_status")
    match gate_status:
        case "pending":
            return await _to_pending(db, id)
        case "go":
            return await go(db, id)
        case "hold":
            return await hold(db, id, reason)
        case "recycle":
            return await recycle(db, id, reason)
        case "kill":
            if reason is None:
                raise InvalidValue("reason: killing a run requires one")
            return await kill(db, id, reason)


@transition("gate_status")
async def hold(db: Executor, id: UUID, reason: Text | None = None) -> OrchestratorRun:
    """Hold a live run at its gate. Raises NotFound and InvalidTransition."""
    ...


@transactional
async def go(db: Executor, id: UUID) -> OrchestratorRun:
    """Let a live run pass its gate.

    Raises NotFound, InvalidTransition, and Conflict while the thread has a pending review.
    """
    run = await _to_go(db, id)
    await _refuse_pending_review(db, run)
    return run


@transition("gate_status")
async def recycle(
    db: Executor, id: UUID, reason: Text | None = None, to_phase: LivePhase = "planning"
) -> OrchestratorRun:
    """Send a live run back to a phase. Raises NotFound and InvalidTransition."""
    ...


@transition("gate_status")
async def kill(db: Executor, id: UUID, reason: Annotated[Text, MinLen(1)]) -> OrchestratorRun:
    """Stop a live run for good: it fails with the reason as its error. Raises NotFound and InvalidTransition."""
    ...


@transition("gate_status")
async def _to_pending(db: Executor, id: UUID) -> OrchestratorRun: ...


@transition("gate_status")
async def _to_go(db: Executor, id: UUID) -> OrchestratorRun: ...


# Safety and usage


@transactional
async def record_safety(
    db: Executor,
    id: UUID,
    score: SafetyScore,
    violations: Sequence[str] = (),
    threshold: SafetyScore = Decimal("0.70"),
) -> OrchestratorRun:
    """Store the safety score of a live run and append violations.

    Below the threshold the run is held and flagged, and a `safety` review asked for unless one is pending.
    Raises NotFound and InvalidTransition.
    """
    check(SafetyScore, threshold, "threshold")
    run = await _record_safety(db, id, score, violations)
    if run is None:
        ended = await get(db, id)
        raise InvalidTransition(
            "orchestrator_run", id, current=ended.phase, requested="rated for its safety", allowed=()
        )
    if Decimal(score) >= Decimal(threshold):
        return run
    reason = f"safety score {score} is below {threshold}"
    if not await human_reviews.count(db, run.thread_id, "safety", "pending"):
        evidence = {"violations": run.violations}
        await human_reviews.create(db, run.thread_id, "safety", reason, run.safety_score, evidence, hold_run=False)
    return await _hold_for_review(db, id, reason)


@query
async def _record_safety(
    db: Executor, id: UUID, score: SafetyScore, violations: Sequence[str]
) -> OrchestratorRun | None: ...


@query
async def _hold_for_review(db: Executor, id: UUID, reason: Text) -> OrchestratorRun: ...


@query
async def record_usage(
    db: Executor, id: UUID, tokens: BigCount = 0, cost_usd: UsdAmount = Decimal(0), actions: Count = 0
) -> OrchestratorRun:
    """Add tokens, cost and actions. Raises NotFound."""
    ...


@query
async def add_files(db: Executor, id: UUID, files: Sequence[str]) -> OrchestratorRun:
    """Append created files, each of them once. Raises NotFound."""
    ...


@query
async def delete(db: Executor, id: UUID, missing_ok: bool = True) -> bool:
    """Remove the run with its reviews; whether there was one.

    Raises NotFound when it is absent and missing_ok is False.
    """
    ...
