"""The life of a story: each step moves its execution and leaves a checkpoint, in one transaction."""

from collections.abc import Sequence
from typing import ClassVar, Literal, get_args
from uuid import UUID

from wave_data.engine import Executor, Record, check, query, transactional
from wave_data.engine.errors import InvalidTransition, MissingReference, NotFound
from wave_data.engine.types import Count, JsonObject, Percent, Text, timestamp_text
from wave_data.tables import wave_checkpoints, wave_story_executions
from wave_data.tables.wave_checkpoints import CheckpointType, Gate, WaveCheckpoint
from wave_data.tables.wave_story_executions import StoryStatus, WaveStoryExecution

GateOutcome = Literal["passed", "failed", "skipped", "pending"]

_GATES: tuple[Gate, ...] = get_args(Gate)


class StoryState(Record):
    """Where a story stands."""

    shown: ClassVar[tuple[str, ...]] = ("status", "current_gate")

    status: StoryStatus
    current_gate: Gate
    retry_count: int
    max_retries: int
    acceptance_criteria_passed: int
    acceptance_criteria_total: int
    latest_checkpoint: WaveCheckpoint | None


@transactional
async def begin(
    db: Executor,
    session_id: UUID,
    story_id: Text,
    story_title: Text,
    domain: Text,
    agent: Text,
    priority: Text | None = None,
    story_points: Count | None = None,
    max_retries: Count = 3,
    current_gate: Gate = "gate-0",
    metadata: JsonObject | None = None,
) -> WaveStoryExecution:
    """Create a story in progress, with its `story_start` checkpoint.

    Raises NotFound without the session, Conflict when the session has the story already.
    """
    try:
        created = await wave_story_executions.create(
            db,
            session_id,
            story_id,
            story_title,
            domain,
            agent,
            priority,
            story_points,
            max_retries,
            metadata,
        )
    except MissingReference as error:
        raise NotFound("wave_session", session_id) from error
    if current_gate != created.current_gate:
        await wave_story_executions.set_gate(db, created.id, current_gate)
    story = await wave_story_executions.start(db, created.id)
    state = {
        "current_gate": story.current_gate,
        "retry_count": story.retry_count,
        "started_at": story.started_at and timestamp_text(story.started_at),
    }
    await _keep(db, story, "story_start", "story started", state)
    return story


@transactional
async def transition(
    db: Executor, execution_id: UUID, status: StoryStatus, reason: Text | None = None
) -> WaveStoryExecution:
    """Move a story to a status, with a checkpoint; a story that fails has the reason as its error message.

    Raises NotFound and InvalidTransition.
    """
    before = await _lock(db, execution_id)
    story = await wave_story_executions.set_status(db, execution_id, status, reason)
    state = {
        "previous_state": before.status,
        "new_state": story.status,
        "reason": reason,
        "timestamp": timestamp_text(story.updated_at),
    }
    kind: CheckpointType = "agent_handoff" if story.status == "review" else "manual"
    await _keep(db, story, kind, f"{before.status} to {story.status}", state)
    return story


@transactional
async def record_gate(
    db: Executor,
    execution_id: UUID,
    gate: Gate,
    outcome: GateOutcome,
    ac_passed: Count | None = None,
    ac_total: Count | None = None,
    error_message: Text | None = None,
    metadata: JsonObject | None = None,
) -> WaveStoryExecution:
    """Record the outcome of a gate with its checkpoint, and move the story as the outcome asks.

    *passed* leads to the next gate, and at the last gate completes the story; *failed* counts a retry, or
    fails the story when none is left; *skipped* leads to the next gate but never completes; *pending* moves
    nothing.
    Raises NotFound, InvalidTransition unless the story is in progress or in review, and InvalidValue.
    """
    check(GateOutcome, outcome, "outcome")
    _check_runs(await _lock(db, execution_id), gate, outcome)
    story = await wave_story_executions.update_metrics(
        db, execution_id, acceptance_criteria_passed=ac_passed, acceptance_criteria_total=ac_total
    )
    state = {
        "gate": gate,
        "status": outcome,
        "ac_passed": ac_passed,
        "ac_total": ac_total,
        "error_message": error_message,
        "metadata": metadata,
        "timestamp": timestamp_text(db.now()),
    }
    await _keep(db, story, "gate", f"{gate} {outcome}", state, gate)
    return await _follow(db, story, gate, outcome, error_message)


def _check_runs(story: WaveStoryExecution, gate: Gate, outcome: GateOutcome) -> None:
    if story.status in ("in_progress", "review"):
        return
    raise InvalidTransition(
        "wave_story_execution",
        story.id,
        current=story.status,
        requested=f"{outcome} at {gate}",
        allowed=() if story.is_terminal else ("in_progress",),
    )


async def _follow(
    db: Executor, story: WaveStoryExecution, gate: Gate, outcome: GateOutcome, error_message: Text | None
) -> WaveStoryExecution:
    """Move a story as the outcome of a gate asks."""
    match outcome:
        case "passed" if gate == _GATES[-1]:
            return await complete(db, story.id)
        case "passed" | "skipped":
            following = _GATES[_GATES.index(gate) + 1 :] or _GATES[-1:]
            return await wave_story_executions.set_gate(db, story.id, following[0])
        case "failed" if story.retry_count < story.max_retries:
            return await wave_story_executions.add_usage(db, story.id, retries=1)
        case "failed":
            return await fail(db, story.id, f"{gate} failed" + (f": {error_message}" if error_message else ""))
        case "pending":
            return story


@transactional
async def complete(
    db: Executor,
    execution_id: UUID,
    tests_passing: bool | None = None,
    coverage_achieved: Percent | None = None,
    files_created: Sequence[str] | None = None,
    files_modified: Sequence[str] | None = None,
    branch_name: Text | None = None,
    commit_sha: Text | None = None,
    pr_url: Text | None = None,
) -> WaveStoryExecution:
    """Complete a story, with a `story_complete` checkpoint of its results.

    Raises NotFound and InvalidTransition.
    """
    story = await wave_story_executions.complete(
        db,
        execution_id,
        tests_passing,
        coverage_achieved,
        files_created,
        files_modified,
        branch_name,
        commit_sha,
        pr_url,
    )
    state = {
        "files_created": story.files_created,
        "files_modified": story.files_modified,
        "branch_name": story.branch_name,
        "commit_sha": story.commit_sha,
        "pr_url": story.pr_url,
        "tests_passing": story.tests_passing,
        "coverage_achieved": None if story.coverage_achieved is None else str(story.coverage_achieved),
        "completed_at": story.completed_at and timestamp_text(story.completed_at),
    }
    await _keep(db, story, "story_complete", "story completed", state)
    return story


@transactional
async def fail(db: Executor, execution_id: UUID, error_message: Text) -> WaveStoryExecution:
    """Fail a story, with an `error` checkpoint. Raises NotFound and InvalidTransition."""
    story = await wave_story_executions.fail(db, execution_id, error_message)
    state = {
        "error_message": story.error_message,
        "retry_count": story.retry_count,
        "failed_at": story.failed_at and timestamp_text(story.failed_at),
    }
    await _keep(db, story, "error", "story failed", state)
    return story


@query
async def state(db: Executor, execution_id: UUID) -> StoryState:
    """Where the story stands, with its own latest checkpoint. Raises NotFound."""
    ...


@query
async def _lock(db: Executor, id: UUID) -> WaveStoryExecution: ...


async def _keep(
    db: Executor,
    story: WaveStoryExecution,
    checkpoint_type: CheckpointType,
    checkpoint_name: Text,
    state: JsonObject,
    gate: Gate | None = None,
) -> WaveCheckpoint:
    """Write a checkpoint of a story."""
    return await wave_checkpoints.create(
        db,
        story.session_id,
        checkpoint_type,
        checkpoint_name,
        state,
        story_id=story.story_id,
        gate=gate,
        agent_id=story.agent,
    )
