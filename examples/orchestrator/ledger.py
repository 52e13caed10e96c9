"""The books: what an attempt at a gate cost, and how it is recorded together with its outcome."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from examples.orchestrator.gates import Result
from examples.orchestrator.stories import Prices, Story
from wave_data import Conflict, Executor, story_flow, transactional, wave_sessions, wave_story_executions
from wave_data.flows.story_flow import GateOutcome
from wave_data.tables.wave_checkpoints import Gate
from wave_data.tables.wave_story_executions import WaveStoryExecution

CHARACTERS_PER_TOKEN = 4


@dataclass(frozen=True)
class Attempt:
    """One attempt at a gate, by a story that stood at the checkpoint `after` when it began."""

    execution: WaveStoryExecution
    story: Story
    gate: Gate
    after: UUID | None
    results: tuple[Result, ...]
    cost_usd: Decimal
    tokens: int

    @property
    def key(self) -> str:
        """The idempotency key of the charge: there is one attempt, at most, to go on from a checkpoint."""
        return f"{self.story.id}/{self.gate}/after {self.after}"

    @property
    def failure(self) -> Result | None:
        """The criterion that failed."""
        return next((result for result in self.results if result.problem is not None), None)

    @property
    def outcome(self) -> GateOutcome:
        """What the gate says; one without criteria is skipped."""
        if self.failure is not None:
            return "failed"
        return "passed" if self.results else "skipped"


def price(results: tuple[Result, ...], prices: Prices) -> tuple[Decimal, int]:
    """The cost in dollars, to the millionth, and the tokens of results.

    The seconds are measured. The tokens are an estimate of what a model would have to read: a token for four
    characters of output.
    """
    seconds = sum((result.seconds for result in results), Decimal(0))
    tokens = sum(result.characters for result in results) // CHARACTERS_PER_TOKEN
    cost = seconds * prices.usd_per_second + tokens * prices.usd_per_million_tokens / 10**6
    return round(cost, 6), tokens


@transactional
async def record_attempt(db: Executor, attempt: Attempt) -> WaveStoryExecution:
    """Charge an attempt to the session, add its usage to the story and record its outcome: all of it or nothing.

    Raises BudgetExceeded, and Conflict when the story has moved on since the attempt began.
    """
    execution = attempt.execution
    if attempt.results:
        await wave_sessions.charge(db, execution.session_id, attempt.cost_usd, attempt.tokens, key=attempt.key)
    state = await story_flow.state(db, execution.id)
    latest = state.latest_checkpoint
    if (None if latest is None else latest.id) != attempt.after:
        raise Conflict(
            f"story {execution.story_id} has moved on from where {attempt.gate} began: another process works on this"
            " wave; let it finish, or end it and start again",
            entity="wave_story_execution",
            key=execution.id,
        )
    await wave_story_executions.add_usage(db, execution.id, attempt.tokens, attempt.cost_usd)
    passed = sum(result.problem is None for result in attempt.results)
    failure = attempt.failure
    return await story_flow.record_gate(
        db,
        execution.id,
        attempt.gate,
        attempt.outcome,
        ac_passed=attempt.story.criteria_before(attempt.gate) + passed,
        ac_total=len(attempt.story.criteria),
        error_message=None if failure is None else str(failure),
        metadata={
            "cost_usd": attempt.cost_usd,
            "tokens": attempt.tokens,
            "criteria": [_summary(result) for result in attempt.results],
        },
    )


@transactional
async def stop_wave(db: Executor, attempt: Attempt, reason: str) -> WaveStoryExecution:
    """Cancel the story of an attempt, and leave word in the session that no other gate is to be run."""
    await wave_sessions.merge_metadata(db, attempt.execution.session_id, {"stopped": reason})
    return await story_flow.transition(db, attempt.execution.id, "cancelled", reason)


async def stop_reason(db: Executor, session_id: UUID) -> str | None:
    """Why no other gate of the session is to be run, or None: its budget is used up, or somebody ended it."""
    session = await wave_sessions.get(db, session_id)
    if not session.is_active:
        return f"the session is {session.status}"
    reason = session.metadata.get("stopped")
    return None if reason is None else str(reason)


def _summary(result: Result) -> dict[str, object]:
    return {
        "name": result.criterion.name,
        "command": result.criterion.run,
        "problem": result.problem,
        "seconds": result.seconds,
        "output": result.output,
    }
