"""Rows for tests, one builder for each table: what a test does not say has a sensible value.

Each passes its keywords on to the operation that makes the row. A row that it refers to is built too where its key is
not given, and what must be unique is.
"""

from itertools import count
from typing import Any

from wave_data.engine import Executor
from wave_data.engine.identifiers import uuid7
from wave_data.tables import (
    client_sessions,
    configurations,
    execution_logs,
    graphs,
    human_reviews,
    orchestrator_runs,
    runs,
    tasks,
    tool_executions,
    wave_checkpoints,
    wave_sessions,
    wave_story_executions,
    workflow_tasks,
    workflows,
    worktree_zones,
    worktrees,
    zone_executions,
    zones,
)
from wave_data.tables.client_sessions import ClientSession
from wave_data.tables.configurations import Configuration
from wave_data.tables.execution_logs import ExecutionLog
from wave_data.tables.graphs import Graph
from wave_data.tables.human_reviews import HumanReview
from wave_data.tables.orchestrator_runs import OrchestratorRun
from wave_data.tables.runs import Run
from wave_data.tables.tasks import Task
from wave_data.tables.tool_executions import ToolExecution
from wave_data.tables.wave_checkpoints import WaveCheckpoint
from wave_data.tables.wave_sessions import WaveSession
from wave_data.tables.wave_story_executions import WaveStoryExecution
from wave_data.tables.workflow_tasks import WorkflowTask
from wave_data.tables.workflows import Workflow
from wave_data.tables.worktree_zones import Assignment
from wave_data.tables.worktrees import Worktree
from wave_data.tables.zone_executions import ZoneExecution
from wave_data.tables.zones import Zone

_numbers = count(1)

DEFINITION = {
    "nodes": [{"name": "plan"}, {"name": "build"}],
    "edges": [{"from": "plan", "to": "build"}],
    "entry_point": "plan",
}


def _unique(word: str) -> str:
    return f"{word}-{next(_numbers)}"


def _filled(given: dict[str, Any], **usual: Any) -> dict[str, Any]:
    """What is given, and the usual values for the rest."""
    return usual | given


async def wave_session(db: Executor, **given: Any) -> WaveSession:
    """A pending session, of a project of its own."""
    return await wave_sessions.create(db, **_filled(given, project_name=_unique("project"), wave_number=1))


async def wave_checkpoint(db: Executor, **given: Any) -> WaveCheckpoint:
    """A checkpoint of a session."""
    values = _filled(given, checkpoint_type="gate", checkpoint_name="gate-1 passed", gate="gate-1", state={})
    if "session_id" not in values:
        values["session_id"] = (await wave_session(db)).id
    return await wave_checkpoints.create(db, **values)


async def wave_story_execution(db: Executor, **given: Any) -> WaveStoryExecution:
    """A pending story of a session."""
    values = _filled(given, story_title="Let it retry", domain="backend", agent="coder")
    if "session_id" not in values:
        values["session_id"] = (await wave_session(db)).id
    return await wave_story_executions.create(db, **_filled(values, story_id=_unique("STORY")))


async def orchestrator_run(db: Executor, **given: Any) -> OrchestratorRun:
    """A run in planning, on a thread of its own."""
    values = _filled(given, thread_id=_unique("thread"), project_id=uuid7(), story_id="STORY-1")
    return await orchestrator_runs.create(db, **values)


async def human_review(db: Executor, **given: Any) -> HumanReview:
    """A pending review of an orchestrator run, which is held."""
    values = _filled(given, review_type="safety", reason="the score is low")
    if "thread_id" not in values:
        values["thread_id"] = (await orchestrator_run(db)).thread_id
    return await human_reviews.create(db, **values)


async def task(db: Executor, **given: Any) -> Task:
    """A pending task."""
    return await tasks.create(db, **_filled(given, title=_unique("task"), task_type="build"))


async def workflow(db: Executor, **given: Any) -> Workflow:
    """A draft of a workflow."""
    return await workflows.create(db, **_filled(given, name=_unique("workflow"), definition={}))


async def workflow_task(db: Executor, **given: Any) -> WorkflowTask:
    """A task at the end of a workflow."""
    values = _filled(given)
    if "workflow_id" not in values:
        values["workflow_id"] = (await workflow(db)).id
    if "task_id" not in values:
        values["task_id"] = (await task(db)).id
    return await workflow_tasks.create(db, **values)


async def tool_execution(db: Executor, **given: Any) -> ToolExecution:
    """A pending tool call of a task."""
    values = _filled(given, tool_name="grep")
    if "task_id" not in values:
        values["task_id"] = (await task(db)).id
    return await tool_executions.create(db, **values)


async def client_session(db: Executor, **given: Any) -> ClientSession:
    """An active connection of a client."""
    return await client_sessions.create(db, **_filled(given, client_id=_unique("client")))


async def configuration(db: Executor, **given: Any) -> Configuration:
    """A setting, a text."""
    return await configurations.put(db, **_filled(given, key=_unique("setting"), value="on"))


async def graph(db: Executor, **given: Any) -> Graph:
    """An active graph of two nodes."""
    return await graphs.create(db, **_filled(given, name=_unique("graph"), definition=DEFINITION))


async def run(db: Executor, **given: Any) -> Run:
    """A pending run of a graph."""
    values = _filled(given, initial_state={})
    if "graph_id" not in values:
        values["graph_id"] = (await graph(db)).id
    return await runs.create(db, **values)


async def execution_log(db: Executor, **given: Any) -> ExecutionLog:
    """The log of a node that a run has completed."""
    values = _filled(given, node_name="plan", status="completed")
    if "run_id" not in values:
        values["run_id"] = (await run(db)).id
    return await execution_logs.create(db, **values)


async def worktree(db: Executor, **given: Any) -> Worktree:
    """An active worktree, with the lowest free port."""
    name = _unique("feature")
    return await worktrees.create(db, **_filled(given, path=f"/worktrees/{name}", branch_name=name))


async def zone(db: Executor, **given: Any) -> Zone:
    """A zone of the board."""
    return await zones.create(db, **_filled(given, name=_unique("zone")))


async def worktree_zone(db: Executor, **given: Any) -> Assignment:
    """A worktree in a zone."""
    values = _filled(given)
    if "worktree_id" not in values:
        values["worktree_id"] = (await worktree(db)).id
    if "zone_id" not in values:
        values["zone_id"] = (await zone(db)).id
    return await worktree_zones.assign(db, **values)


async def zone_execution(db: Executor, **given: Any) -> ZoneExecution:
    """What a zone did with a worktree, with success."""
    values = _filled(given, agent_type="qa", prompt="Run the tests.", success=True)
    if "worktree_id" not in values:
        values["worktree_id"] = (await worktree(db)).id
    if "zone_id" not in values:
        values["zone_id"] = (await zone(db)).id
    return await zone_executions.create(db, **values)
