"""Recovery after a crash: where each story can go on from, and how it does."""

from collections.abc import Mapping
from time import perf_counter
from typing import ClassVar, Literal, NamedTuple
from uuid import UUID

from pydantic import computed_field

from wave_data.engine import Executor, Page, Record, check, query, transactional
from wave_data.engine.errors import Conflict, InvalidValue, MissingReference, NotFound
from wave_data.engine.types import JsonObject, Text, UtcDatetime, timestamp_text
from wave_data.tables import wave_checkpoints, wave_sessions, wave_story_executions
from wave_data.tables.wave_checkpoints import CheckpointType, Gate, WaveCheckpoint
from wave_data.tables.wave_sessions import WaveSession, WaveSessionStatus
from wave_data.tables.wave_story_executions import StoryStatus, WaveStoryExecution

RecoveryStrategy = Literal["resume_from_last", "resume_from_gate", "restart", "skip"]
RecoveryOutcome = Literal["resumed", "restarted", "skipped"]


class _Resumption(NamedTuple):
    possible: bool
    reason: str


_RESUMPTIONS: Mapping[CheckpointType, _Resumption] = {
    "gate": _Resumption(True, "the story stood at a gate"),
    "story_start": _Resumption(True, "the story had just started"),
    "agent_handoff": _Resumption(True, "the story was handed over"),
    "error": _Resumption(True, "the story had failed: resume with caution"),
    "story_complete": _Resumption(False, "the story was complete"),
    "manual": _Resumption(False, "a manual checkpoint notes a decision and holds no work"),
}


class RecoveryPoint(Record):
    """A checkpoint, and whether a story can go on from it."""

    shown: ClassVar[tuple[str, ...]] = ("checkpoint_id", "checkpoint_type", "checkpoint_name", "story_id")

    checkpoint_id: UUID
    checkpoint_type: CheckpointType
    checkpoint_name: str
    story_id: str | None
    gate: Gate | None
    state: JsonObject
    created_at: UtcDatetime

    @computed_field  # type: ignore[prop-decorator]
    @property
    def can_resume(self) -> bool:
        """Whether the story can go on from here."""
        return _RESUMPTIONS[self.checkpoint_type].possible

    @computed_field  # type: ignore[prop-decorator]
    @property
    def reason(self) -> str:
        """Why it can or cannot."""
        return _RESUMPTIONS[self.checkpoint_type].reason


class StoryRecovery(Record):
    """How a story was recovered. The source is None when the story had no point to resume from."""

    shown: ClassVar[tuple[str, ...]] = ("story_id", "strategy", "status")

    strategy: RecoveryStrategy
    story_id: str
    status: RecoveryOutcome
    checkpoint_id: UUID | None
    checkpoint_type: CheckpointType | None
    state: JsonObject | None
    target_gate: Gate | None
    recovery_checkpoint_id: UUID
    recovery_time_seconds: float
    recovery_timestamp: UtcDatetime


class FailedRecovery(Record):
    """Why a story was not recovered."""

    story_id: str
    error: str


class SessionRecovery(Record):
    """How the stories of a session were recovered. Complete and cancelled ones count in the total only."""

    shown: ClassVar[tuple[str, ...]] = ("session_id", "strategy", "total_stories")

    session_id: UUID
    strategy: RecoveryStrategy
    total_stories: int
    recovered: list[StoryRecovery]
    failed: list[FailedRecovery]
    recovery_time_seconds: float
    recovery_timestamp: UtcDatetime


class LastCheckpoint(Record):
    """The newest checkpoint of a story."""

    type: CheckpointType
    gate: Gate | None
    created_at: UtcDatetime


class RecoverableStory(Record):
    """A story that can be recovered."""

    story_id: str
    current_status: StoryStatus
    retry_count: int
    last_checkpoint: LastCheckpoint


class RecoveryStatus(Record):
    """What is left to recover in a session."""

    shown: ClassVar[tuple[str, ...]] = ("session_id", "session_status", "total_stories")

    session_id: UUID
    session_status: WaveSessionStatus
    total_stories: int
    by_status: dict[StoryStatus, int]
    completed_stories: int
    recoverable_stories: list[RecoverableStory]


class InterruptedSession(WaveSession):
    """A live session, and how many of its stories can be recovered."""

    recoverable_stories: int


@query
async def list_points(
    db: Executor, session_id: UUID, story_id: Text | None = None, limit: int = 100, cursor: str | None = None
) -> Page[RecoveryPoint]:
    """The checkpoints of a session or one of its stories, newest first, and which can be resumed."""
    ...


@query
async def find_last_point(db: Executor, session_id: UUID, story_id: Text) -> RecoveryPoint | None:
    """The newest point that a story can safely resume from, otherwise its newest error."""
    ...


@query
async def can_recover(db: Executor, session_id: UUID, story_id: Text) -> bool:
    """Whether the story exists, is neither complete nor cancelled, and has a checkpoint."""
    ...


@transactional
async def recover_story(
    db: Executor,
    session_id: UUID,
    story_id: Text,
    strategy: RecoveryStrategy = "resume_from_last",
    target_gate: Gate | None = None,
) -> StoryRecovery:
    """Let a story go on, and leave a `manual` checkpoint that names strategy, source and time.

    Raises NotFound without the story or a checkpoint at the target gate, Conflict when the story cannot be
    recovered, and InvalidValue for a strategy that lacks its target gate or takes none.
    """
    _check_strategy(strategy, target_gate)
    story = await _lock_story(db, session_id, story_id)
    sources = await _list_sources(db, session_id, story_id)
    return await _recover(db, story, sources[0] if sources else None, strategy, target_gate)


@transactional
async def recover_session(
    db: Executor, session_id: UUID, strategy: RecoveryStrategy = "resume_from_last"
) -> SessionRecovery:
    """Recover every story that is neither complete nor cancelled, each apart from the others.

    Raises NotFound without the session, InvalidValue for a strategy that needs a target gate.
    """
    begun = perf_counter()
    _check_strategy(strategy, None)
    await wave_sessions.get(db, session_id)
    stories = await _lock_stories(db, session_id)
    sources = {source.story_id: source for source in await _list_sources(db, session_id)}
    recovered: list[StoryRecovery] = []
    failed: list[FailedRecovery] = []
    for story in stories:
        if story.is_terminal:
            continue
        try:
            async with db.transaction() as savepoint:
                recovered.append(await _recover(savepoint, story, sources.get(story.story_id), strategy, None))
        except (Conflict, InvalidValue, MissingReference, NotFound) as error:
            failed.append(FailedRecovery(story_id=story.story_id, error=str(error)))
    return SessionRecovery(
        session_id=session_id,
        strategy=strategy,
        total_stories=len(stories),
        recovered=recovered,
        failed=failed,
        recovery_time_seconds=perf_counter() - begun,
        recovery_timestamp=db.now(),
    )


async def status(db: Executor, session_id: UUID) -> RecoveryStatus:
    """What is left to recover in a session. Raises NotFound."""
    async with db.transaction("repeatable read", readonly=True) as tx:
        session = await wave_sessions.get(tx, session_id)
        by_status = await wave_story_executions.counts_by_status(tx, session_id)
        recoverable = await _list_recoverable(tx, session_id)
    return RecoveryStatus(
        session_id=session_id,
        session_status=session.status,
        total_stories=sum(by_status.values()),
        by_status=by_status,
        completed_stories=by_status["complete"] + by_status["cancelled"],
        recoverable_stories=recoverable,
    )


@query
async def list_interrupted(db: Executor, limit: int = 100, cursor: str | None = None) -> Page[InterruptedSession]:
    """The live sessions, newest first, each with its number of recoverable stories."""
    ...


def _check_strategy(strategy: RecoveryStrategy, target_gate: Gate | None) -> None:
    check(RecoveryStrategy, strategy, "strategy")
    if strategy == "resume_from_gate" and target_gate is None:
        raise InvalidValue("resume_from_gate needs a target_gate: call recover_story with the gate to resume from")
    if strategy != "resume_from_gate" and target_gate is not None:
        raise InvalidValue(f"{strategy} takes no target_gate; resume_from_gate does")


async def _recover(
    db: Executor,
    story: WaveStoryExecution,
    newest: WaveCheckpoint | None,
    strategy: RecoveryStrategy,
    target_gate: Gate | None,
) -> StoryRecovery:
    """Recover a locked story; `newest` is the best of its checkpoints, resumable or not."""
    begun = perf_counter()
    _check_recoverable(story, newest)
    source = await _find_source(db, story, newest, target_gate)
    outcome = await _apply(db, story, strategy, target_gate)
    note = await _note(db, story, source, strategy, target_gate)
    return StoryRecovery(
        strategy=strategy,
        story_id=story.story_id,
        status=outcome,
        checkpoint_id=None if source is None else source.id,
        checkpoint_type=None if source is None else source.checkpoint_type,
        state=None if source is None else source.state,
        target_gate=target_gate,
        recovery_checkpoint_id=note.id,
        recovery_time_seconds=perf_counter() - begun,
        recovery_timestamp=note.created_at,
    )


def _check_recoverable(story: WaveStoryExecution, newest: WaveCheckpoint | None) -> None:
    if story.is_terminal:
        reason = f"is {story.status}"
    elif newest is None:
        reason = "has no checkpoint"
    else:
        return
    raise Conflict(
        f"story {story.story_id} {reason} and cannot be recovered",
        entity="wave_story_execution",
        key=story.id,
    )


async def _find_source(
    db: Executor, story: WaveStoryExecution, newest: WaveCheckpoint | None, target_gate: Gate | None
) -> WaveCheckpoint | None:
    """The checkpoint that a story goes on from."""
    if target_gate is None:
        return newest if newest is not None and _RESUMPTIONS[newest.checkpoint_type].possible else None
    source = await wave_checkpoints.find_gate_checkpoint(db, story.session_id, story.story_id, target_gate)
    if source is None:
        raise NotFound("wave_checkpoint", (story.session_id, story.story_id, target_gate))
    return source


async def _apply(
    db: Executor, story: WaveStoryExecution, strategy: RecoveryStrategy, target_gate: Gate | None
) -> RecoveryOutcome:
    match strategy:
        case "restart":
            await wave_story_executions.restart(db, story.id)
            return "restarted"
        case "skip":
            await wave_story_executions.skip(db, story.id, "skipped by recovery")
            return "skipped"
        case "resume_from_last" | "resume_from_gate":
            if story.status == "failed":
                await wave_story_executions.resume(db, story.id)
            if target_gate is not None:
                await wave_story_executions.set_gate(db, story.id, target_gate)
            return "resumed"


async def _note(
    db: Executor,
    story: WaveStoryExecution,
    source: WaveCheckpoint | None,
    strategy: RecoveryStrategy,
    target_gate: Gate | None,
) -> WaveCheckpoint:
    """Write the checkpoint of a recovery. It names its source only, so that repeated recoveries do not grow."""
    source_id = None if source is None else source.id
    state = {
        "recovery_strategy": strategy,
        "recovered_from": source_id,
        "target_gate": target_gate,
        "recovered_at": timestamp_text(db.now()),
    }
    return await wave_checkpoints.create(
        db,
        story.session_id,
        "manual",
        f"recovery: {strategy}",
        state,
        story_id=story.story_id,
        agent_id=story.agent,
        parent_checkpoint_id=source_id,
    )


@query
async def _lock_story(db: Executor, session_id: UUID, story_id: Text) -> WaveStoryExecution: ...


@query
async def _lock_stories(db: Executor, session_id: UUID) -> list[WaveStoryExecution]: ...


@query
async def _list_sources(db: Executor, session_id: UUID, story_id: Text | None = None) -> list[WaveCheckpoint]: ...


@query
async def _list_recoverable(db: Executor, session_id: UUID) -> list[RecoverableStory]: ...
