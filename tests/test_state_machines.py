"""Every state machine, driven at random on both stores at once, against a plain model of it.

The models repeat what the domain says, not what the SQL says. A model maps the state of a row and an operation to the
next state, or to None where the operation is refused.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from wave_data import (
    Conflict,
    Database,
    connect,
    graphs,
    human_reviews,
    orchestrator_runs,
    runs,
    tasks,
    tool_executions,
    wave_sessions,
    wave_story_executions,
    workflows,
)
from wave_data.servers.databases import temporary_database

State = tuple[Any, ...]
Call = Callable[[Database, Any], Awaitable[Any]]
Model = Callable[[State], State | None]


@dataclass(frozen=True)
class Machine:
    """How a row is made, with what key, what its state is, and what each operation does according to the model."""

    begin: Callable[[Database, UUID], Awaitable[Any]]
    key: Callable[[Any], Any]
    state: Callable[[Any], State]
    find: Call
    operations: Mapping[str, tuple[Call, Model]]
    initial: State
    states: frozenset[State]


def simple(begin, module, moves, *, key="id", find=None, column="status"):
    """A machine with one column of state; `moves` gives for each operation its call, its sources and its target."""

    def model(sources: str, target: str) -> Model:
        return lambda state: (target,) if state[0] in sources.split() else None

    reachable = {"pending", "draft"} & {source for _, sources, _ in moves.values() for source in sources.split()}
    (initial,) = reachable
    states = {initial, *(target for _, _, target in moves.values())}
    return Machine(
        begin,
        lambda row: getattr(row, key),
        lambda row: (getattr(row, column),),
        find or module.get,
        {name: (call, model(sources, target)) for name, (call, sources, target) in moves.items()},
        (initial,),
        frozenset((state,) for state in states),
    )


LIVE = "planning development testing review"
GATES = {
    "pending": "go hold kill recycle",
    "go": "pending hold kill recycle",
    "hold": "go kill recycle",
    "recycle": "pending go hold kill",
    "kill": "",
}


def phase_to(target: str, gates: str = "pending go hold recycle kill") -> Model:
    def model(state: State) -> State | None:
        phase, gate = state
        return (target, gate) if phase in LIVE.split() and phase != target and gate in gates.split() else None

    return model


def gate_to(target: str, phase_after: str | None = None) -> Model:
    def model(state: State) -> State | None:
        phase, gate = state
        if phase not in LIVE.split() or target not in GATES[gate].split():
            return None
        return phase_after or phase, target

    return model


async def _begin_story(db: Database, id: UUID) -> Any:
    session = await wave_sessions.create(db, f"project {id}", 0)
    return await wave_story_executions.create(db, session.id, "S-1", "Story", "api", "coder", id=id)


async def _begin_tool(db: Database, id: UUID) -> Any:
    task = await tasks.create(db, "Task", "build")
    return await tool_executions.create(db, task.id, "grep", id=id)


async def _begin_run(db: Database, id: UUID) -> Any:
    graph = await graphs.create(db, f"graph {id}", {"nodes": [], "edges": [], "entry_point": ""})
    return await runs.create(db, graph.id, {}, run_id=str(id), id=id)


async def _begin_review(db: Database, id: UUID) -> Any:
    await orchestrator_runs.create(db, str(id), id, "S-1")
    return await human_reviews.create(db, str(id), "safety", "Look", id=id)


STORY_LIVE = "pending in_progress blocked review"
MACHINES = {
    "wave_sessions": simple(
        lambda db, id: wave_sessions.create(db, f"project {id}", 0, id=id),
        wave_sessions,
        {
            "start": (wave_sessions.start, "pending", "in_progress"),
            "complete": (wave_sessions.complete, "pending in_progress", "completed"),
            "fail": (wave_sessions.fail, "pending in_progress", "failed"),
            "cancel": (wave_sessions.cancel, "pending in_progress", "cancelled"),
            "resume": (wave_sessions.resume, "failed", "in_progress"),
        },
    ),
    "wave_story_executions": simple(
        _begin_story,
        wave_story_executions,
        {
            "start": (wave_story_executions.start, "pending", "in_progress"),
            "block": (lambda db, id: wave_story_executions.block(db, id, "why"), "in_progress", "blocked"),
            "unblock": (wave_story_executions.unblock, "blocked", "in_progress"),
            "submit_for_review": (wave_story_executions.submit_for_review, "in_progress", "review"),
            "reopen": (wave_story_executions.reopen, "review", "in_progress"),
            "complete": (wave_story_executions.complete, "in_progress review", "complete"),
            "fail": (
                lambda db, id: wave_story_executions.fail(db, id, "broken"),
                "in_progress blocked review",
                "failed",
            ),
            "cancel": (wave_story_executions.cancel, STORY_LIVE, "cancelled"),
            "resume": (wave_story_executions.resume, "failed", "in_progress"),
            "restart": (wave_story_executions.restart, f"{STORY_LIVE} failed", "pending"),
            "skip": (wave_story_executions.skip, f"{STORY_LIVE} failed", "cancelled"),
        },
    ),
    "tasks": simple(
        lambda db, id: tasks.create(db, "Task", "build", id=id),
        tasks,
        {
            "start": (tasks.start, "pending", "running"),
            "complete": (tasks.complete, "running", "completed"),
            "fail": (lambda db, id: tasks.fail(db, id, "broken"), "pending running", "failed"),
            "cancel": (tasks.cancel, "pending running", "cancelled"),
            "retry": (tasks.retry, "failed cancelled", "pending"),
        },
    ),
    "workflows": simple(
        lambda db, id: workflows.create(db, f"workflow {id}", {}, id=id),
        workflows,
        {
            "activate": (workflows.activate, "draft paused", "active"),
            "pause": (workflows.pause, "active", "paused"),
            "archive": (workflows.archive, "draft active paused", "archived"),
            "restore": (workflows.restore, "archived", "draft"),
        },
    ),
    "tool_executions": simple(
        _begin_tool,
        tool_executions,
        {
            "start": (tool_executions.start, "pending", "running"),
            "complete": (tool_executions.complete, "pending running", "completed"),
            "fail": (lambda db, id: tool_executions.fail(db, id, "broken"), "pending running", "failed"),
            "timeout": (tool_executions.timeout, "pending running", "timeout"),
        },
    ),
    "runs": simple(
        _begin_run,
        runs,
        {
            "start": (runs.start, "pending", "running"),
            "complete": (runs.complete, "running", "completed"),
            "fail": (lambda db, run_id: runs.fail(db, run_id, "broken"), "pending running", "failed"),
            "cancel": (runs.cancel, "pending running", "cancelled"),
            "resume": (runs.resume, "failed", "running"),
        },
        key="run_id",
        find=runs.find_by_run_id,
    ),
    "human_reviews": simple(
        _begin_review,
        human_reviews,
        {
            "approve": (lambda db, id: human_reviews.approve(db, id, "someone"), "pending", "approved"),
            "reject": (lambda db, id: human_reviews.reject(db, id, "someone"), "pending", "rejected"),
        },
    ),
    "orchestrator_runs": Machine(
        lambda db, id: orchestrator_runs.create(db, str(id), id, "S-1", id=id),
        lambda row: row.id,
        lambda row: (row.phase, row.gate_status),
        orchestrator_runs.get,
        {
            **{
                phase: (lambda db, id, phase=phase: orchestrator_runs.set_phase(db, id, phase), phase_to(phase))
                for phase in LIVE.split()
            },
            "complete": (orchestrator_runs.complete, phase_to("complete", "pending go recycle")),
            "fail": (lambda db, id: orchestrator_runs.fail(db, id, "broken"), phase_to("failed")),
            "pending": (lambda db, id: orchestrator_runs.set_gate(db, id, "pending"), gate_to("pending")),
            "hold": (orchestrator_runs.hold, gate_to("hold")),
            "go": (orchestrator_runs.go, gate_to("go")),
            "recycle": (orchestrator_runs.recycle, gate_to("recycle", "planning")),
            "kill": (lambda db, id: orchestrator_runs.kill(db, id, "unsafe"), gate_to("kill", "failed")),
        },
        ("planning", "pending"),
        frozenset(
            {(phase, gate) for phase in LIVE.split() for gate in ("pending", "go", "hold", "recycle")}
            | {("complete", gate) for gate in ("pending", "go", "recycle")}
            | {("failed", gate) for gate in GATES}
        ),
    ),
}
# What a store decides by itself, or what differs by the moment of the call.
OWN = {"created_at", "updated_at", "started_at", "completed_at", "failed_at", "cancelled_at", "resolved_at", "metadata"}
OWN |= {"session_id", "task_id", "graph_id", "duration_ms", "total_execution_time_ms"}


class Stores:
    """A database of each store, in an event loop of their own."""

    def __init__(self, runner: asyncio.Runner, databases: list[Database]) -> None:
        self._runner = runner
        self._databases = databases

    def each(self, call: Callable[[Database], Awaitable[Any]]) -> list[Any]:
        """What a call gives on each store, an error as a value."""

        async def run() -> list[Any]:
            return await asyncio.gather(*(call(db) for db in self._databases), return_exceptions=True)

        return self._runner.run(run())


@contextmanager
def both_stores(postgres_url: str, postgres_template: str, sqlite_template: Path, folder: Path) -> Iterator[Stores]:
    path = folder / "wave.db"
    path.write_bytes(sqlite_template.read_bytes())
    with temporary_database(postgres_url, postgres_template) as url, asyncio.Runner() as runner:
        opened = AsyncExitStack()

        async def open_all() -> list[Database]:
            return [await opened.enter_async_context(connect(text)) for text in (f"sqlite:{quote(str(path))}", url)]

        try:
            yield Stores(runner, runner.run(open_all()))
        finally:
            runner.run(opened.aclose())


@pytest.fixture(scope="module")
def stores(postgres_url, postgres_template, sqlite_template, tmp_path_factory):
    folder = tmp_path_factory.mktemp("state-machines")
    with both_stores(postgres_url, postgres_template, sqlite_template, folder) as found:
        yield found


def drive(machine: Machine, stores: Stores, visited: set[tuple[State, str]]) -> type[RuleBasedStateMachine]:
    """The stateful test of a machine; it notes which operations were tried in which states."""

    class Driver(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.rows: list[tuple[Any, State]] = []

        @rule()
        def begin(self) -> None:
            id = uuid4()
            rows = stores.each(lambda db: machine.begin(db, id))
            assert [machine.state(row) for row in rows] == [machine.initial] * 2
            self.rows.append((machine.key(rows[0]), machine.initial))

        @rule(operation=st.sampled_from(sorted(machine.operations)), choice=st.integers(0, 2))
        def apply(self, operation: str, choice: int) -> None:
            if not self.rows:
                self.begin()
            index = len(self.rows) - 1 - choice % len(self.rows)
            key, state = self.rows[index]
            call, model = machine.operations[operation]
            expected = model(state)
            visited.add((state, operation))
            found = stores.each(lambda db: call(db, key))
            if expected is None:
                for error in found:
                    assert isinstance(error, Conflict), (operation, state, error)
                assert str(found[0]) == str(found[1])
                expected = state
            else:
                assert [machine.state(row) for row in found] == [expected] * 2, (operation, state, found)
                left, right = (row.model_dump(exclude=OWN) for row in found)
                assert left == right
            self.rows[index] = key, expected
            rows = stores.each(lambda db: machine.find(db, key))
            assert [machine.state(row) for row in rows] == [expected] * 2

    return Driver


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", MACHINES)
def test_it_does_what_the_model_does(name, stores):
    machine = MACHINES[name]
    visited: set[tuple[State, str]] = set()
    quick = settings(
        max_examples=15,
        stateful_step_count=40,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(drive(machine, stores, visited), settings=quick)
    walk(machine, stores, visited)
    assert visited == {(state, operation) for state in machine.states for operation in machine.operations}


def walk(machine: Machine, stores: Stores, visited: set[tuple[State, str]]) -> None:
    """Try what chance has left out: each operation in each state, by the shortest way there."""
    ways = shortest_ways(machine)
    for state, operation in {(state, name) for state in ways for name in machine.operations} - visited:
        driver = drive(machine, stores, visited)()
        driver.begin()
        for step in (*ways[state], operation):
            driver.apply(operation=step, choice=0)


def shortest_ways(machine: Machine) -> dict[State, list[str]]:
    ways: dict[State, list[str]] = {machine.initial: []}
    waiting = [machine.initial]
    while waiting:
        state = waiting.pop(0)
        for name, (_, model) in machine.operations.items():
            reached = model(state)
            if reached is not None and reached not in ways:
                ways[reached] = [*ways[state], name]
                waiting.append(reached)
    return ways
