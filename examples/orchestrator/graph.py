"""The wave: a LangGraph graph that opens or recovers a session, runs its lanes side by side, and closes it."""

from collections.abc import Sequence
from typing import TypedDict
from uuid import UUID

from langchain_core.runnables import RunnableConfig
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime
from langgraph.types import Send

from examples.orchestrator.lane import Context, Nothing, lane_graph, longest_walk
from examples.orchestrator.stories import Story
from wave_data import Database, recovery, wave_sessions, wave_story_executions
from wave_data.tables.wave_sessions import WaveSession
from wave_data.tables.wave_story_executions import WaveStoryExecution


class WaveState(TypedDict):
    """What the wave carries from node to node; everything else is in the database."""

    session: WaveSession
    interrupted: bool
    lanes: list[list[Story]]


async def open_session(state: WaveState, runtime: Runtime[Context]) -> dict[str, object]:
    """Find the session that an earlier run left live, or create one."""
    db, wave, budget_usd = runtime.context.db, runtime.context.wave, runtime.context.budget_usd
    session = await wave_sessions.find_by_project_and_wave(db, wave.project, wave.number)
    interrupted = session is not None and session.is_active
    if session is None or not session.is_active:
        budget = wave.budget_usd if budget_usd is None else budget_usd
        session = await wave_sessions.create(db, wave.project, wave.number, budget)
    elif budget_usd is not None:
        await wave_sessions.merge_metadata(db, session.id, {"stopped": None})
        session = await wave_sessions.set_budget(db, session.id, budget_usd)
    if session.status == "pending":
        session = await wave_sessions.start(db, session.id)
    runtime.context.display.open(session)
    return {"session": session, "interrupted": interrupted}


async def recover_stories(state: WaveState, runtime: Runtime[Context]) -> None:
    """Let the stories that were cut off go on, and skip those that the stories file has lost."""
    db, wave, display = runtime.context.db, runtime.context.wave, runtime.context.display
    status = await recovery.status(db, state["session"].id)
    display.recover(status)
    for left in status.recoverable_stories:
        if left.current_status == "failed":
            continue  # it has used up its retries: recover_session would resume it, and a crash is no reason to
        lost = wave.story(left.story_id) is None
        recovered = await recovery.recover_story(
            db, state["session"].id, left.story_id, "skip" if lost else "resume_from_last"
        )
        display.recovered(recovered)


async def plan_lanes(state: WaveState, runtime: Runtime[Context]) -> dict[str, object]:
    """Find out which stories are still to be done, and deal their domains out to the lanes."""
    context = runtime.context
    executions = await all_executions(context.db, state["session"].id)
    finished = {execution.story_id for execution in executions if not execution.is_active}
    for execution in executions:
        context.display.update(execution)
    unfinished = [story for story in context.wave.stories if story.id not in finished]
    return {"lanes": _deal(unfinished, context.concurrency)}


def _deal(stories: list[Story], concurrency: int) -> list[list[Story]]:
    """Each domain to the lane that has least to do: stories of one domain change the same files and take turns."""
    lanes: list[list[Story]] = [[] for _ in range(min(concurrency, len(stories)))]
    for domain in dict.fromkeys(story.domain for story in stories):
        min(lanes, key=len).extend(story for story in stories if story.domain == domain)
    return [lane for lane in lanes if lane]


async def close_session(state: WaveState, runtime: Runtime[Context]) -> dict[str, object]:
    """Complete the session if all its stories are complete, else fail it."""
    db, stories = runtime.context.db, runtime.context.wave.stories
    session = await wave_sessions.recalculate(db, state["session"].id)
    executions = await all_executions(db, session.id)
    complete = {execution.story_id for execution in executions if execution.is_successful}
    missed = [story.id for story in stories if story.id not in complete]
    if not session.is_active:
        return {"session": session}  # somebody ended it meanwhile
    if not missed:
        return {"session": await wave_sessions.complete(db, session.id)}
    message = session.metadata.get("stopped") or f"not complete: {', '.join(missed)}"
    return {"session": await wave_sessions.fail(db, session.id, message)}


async def all_executions(db: Database, session_id: UUID) -> list[WaveStoryExecution]:
    """The story executions of a session."""
    page = await wave_story_executions.list_by_session(db, session_id, limit=1000)
    executions = [*page.items]
    while page.next_cursor is not None:
        page = await wave_story_executions.list_by_session(db, session_id, limit=1000, cursor=page.next_cursor)
        executions += page.items
    return executions


def _to_recovery(state: WaveState) -> str:
    return "recover_stories" if state["interrupted"] else "plan_lanes"


def _to_lanes(state: WaveState) -> Sequence[Send] | str:
    session_id = state["session"].id
    lanes = [Send("lane", {"session_id": session_id, "waiting": stories}) for stories in state["lanes"]]
    return lanes or "close_session"


def wave_graph() -> CompiledStateGraph[WaveState, Context, Nothing, WaveState]:
    """open_session, recover_stories where needed, plan_lanes, the lanes side by side, close_session."""
    graph = StateGraph(WaveState, context_schema=Context, input_schema=Nothing)
    graph.add_node(open_session)
    graph.add_node(recover_stories)
    graph.add_node(plan_lanes)
    graph.add_node(close_session)
    graph.add_node("lane", lane_graph())
    graph.add_edge(START, "open_session")
    graph.add_conditional_edges("open_session", _to_recovery, ["recover_stories", "plan_lanes"])
    graph.add_edge("recover_stories", "plan_lanes")
    graph.add_conditional_edges("plan_lanes", _to_lanes, ["lane", "close_session"])
    graph.add_edge("lane", "close_session")
    graph.add_edge("close_session", END)
    return graph.compile()


async def run_wave(context: Context) -> WaveSession:
    """Run a wave to its end; its session as it ended."""
    limits = RunnableConfig(recursion_limit=10 + longest_walk(context.wave.stories))
    end = await wave_graph().ainvoke(Nothing(), limits, context=context)
    session: WaveSession = end["session"]
    return session
