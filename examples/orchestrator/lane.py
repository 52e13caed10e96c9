"""A lane: some of the stories one after the other, each gate by gate, as a LangGraph graph."""

from dataclasses import dataclass
from decimal import Decimal
from typing import TypedDict
from uuid import UUID

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime

from examples.orchestrator.display import Display
from examples.orchestrator.gates import run_criteria
from examples.orchestrator.ledger import Attempt, price, record_attempt, stop_reason, stop_wave
from examples.orchestrator.stories import GATES, Story, Wave
from wave_data import BudgetExceeded, Database, story_flow, wave_story_executions
from wave_data.tables.wave_story_executions import WaveStoryExecution


@dataclass(frozen=True)
class Context:
    """What the nodes work with: `concurrency` lanes at most; `budget_usd` is the budget of this run, if it has one."""

    db: Database
    wave: Wave
    display: Display
    concurrency: int
    budget_usd: Decimal | None = None


class LaneState(TypedDict):
    """What a lane carries from node to node; where a story stands is in the database alone."""

    session_id: UUID
    waiting: list[Story]
    story: Story
    execution: WaveStoryExecution | None
    attempt: Attempt


class Nothing(TypedDict):
    """What a lane hands back, and what a wave begins with."""


async def take_story(state: LaneState, runtime: Runtime[Context]) -> dict[str, object]:
    """Begin the next story, or take up one that an earlier run left."""
    db, display = runtime.context.db, runtime.context.display
    story, *waiting = state["waiting"]
    execution = await wave_story_executions.find_by_story(db, state["session_id"], story.id)
    if execution is None:
        if await stop_reason(db, state["session_id"]) is None:
            execution = await _begin(db, state["session_id"], story)
    elif execution.status != "in_progress":
        execution = await story_flow.transition(db, execution.id, "in_progress", "taken up by the orchestrator")
    if execution is not None:
        display.update(execution)
    return {"waiting": waiting, "story": story, "execution": execution}


async def _begin(db: Database, session_id: UUID, story: Story) -> WaveStoryExecution:
    return await story_flow.begin(
        db,
        session_id,
        story.id,
        story.title,
        story.domain,
        story.agent,
        priority=story.priority,
        story_points=story.points,
        max_retries=story.max_retries,
    )


async def run_gate(state: LaneState, runtime: Runtime[Context]) -> dict[str, object]:
    """Run the criteria at the gate that the story stands at; a wave that was stopped cancels it instead."""
    context, story, execution = runtime.context, state["story"], _current(state)
    reason = await stop_reason(context.db, state["session_id"])
    if reason is not None:
        cancelled = await story_flow.transition(context.db, execution.id, "cancelled", reason)
        context.display.update(cancelled)
        return {"execution": cancelled}
    stands = await story_flow.state(context.db, execution.id)
    results = await run_criteria(
        story.criteria_at(stands.current_gate),
        context.wave.target,
        lambda criterion: context.display.running(story, criterion),
    )
    cost, tokens = price(results, context.wave.prices)
    after = None if stands.latest_checkpoint is None else stands.latest_checkpoint.id
    return {"attempt": Attempt(execution, story, stands.current_gate, after, results, cost, tokens)}


async def record_gate(state: LaneState, runtime: Runtime[Context]) -> dict[str, object]:
    """Record the attempt; if the budget cannot bear it, stop the wave."""
    context, attempt = runtime.context, state["attempt"]
    try:
        execution = await record_attempt(context.db, attempt)
    except BudgetExceeded as error:
        execution = await stop_wave(
            context.db,
            attempt,
            f"the budget is used up: {attempt.gate} of {attempt.story.id} cost {attempt.cost_usd} USD"
            f" where {error.remaining} USD remained",
        )
    context.display.record(attempt, execution)
    return {"execution": execution}


def _current(state: LaneState) -> WaveStoryExecution:
    execution = state["execution"]
    assert execution is not None  # the edges lead past the gates without one
    return execution


def _follow(state: LaneState, while_active: str) -> str:
    execution = state["execution"]
    if execution is not None and execution.is_active:
        return while_active
    return "take_story" if state["waiting"] else END


def _to_gate(state: LaneState) -> str:
    return _follow(state, "run_gate")


def _to_record(state: LaneState) -> str:
    return _follow(state, "record_gate")


def lane_graph() -> CompiledStateGraph[LaneState, Context, LaneState, Nothing]:
    """take_story, then run_gate and record_gate until the story is finished; then the next."""
    graph = StateGraph(LaneState, context_schema=Context, output_schema=Nothing)
    graph.add_node(take_story)
    graph.add_node(run_gate)
    graph.add_node(record_gate)
    graph.add_edge(START, "take_story")
    graph.add_conditional_edges("take_story", _to_gate, ["run_gate", "take_story", END])
    graph.add_conditional_edges("run_gate", _to_record, ["record_gate", "take_story", END])
    graph.add_conditional_edges("record_gate", _to_gate, ["run_gate", "take_story", END])
    return graph.compile()


def longest_walk(stories: tuple[Story, ...]) -> int:
    """The number of steps that a lane of stories takes at most: LangGraph wants a limit."""
    return sum(1 + 2 * (len(GATES) + story.max_retries) for story in stories)
