"""Retention: what grows old goes, table by table."""

from datetime import timedelta

import pytest

from wave_data import (
    Database,
    InvalidValue,
    audit,
    client_sessions,
    execution_logs,
    graphs,
    maintenance,
    runs,
    tasks,
    tool_executions,
    wave_checkpoints,
    wave_sessions,
    worktrees,
    zone_executions,
    zones,
)
from wave_data.flows import maintenance as module
from wave_data.flows.maintenance import RetentionPolicy, apply_retention

DAY = timedelta(days=1)
GRAPH = {"nodes": [], "edges": [], "entry_point": "start"}


@pytest.fixture
async def db(connect_store, clock) -> Database:
    """The database with a clock that the test moves."""
    return await connect_store(clock=clock)


async def removed(db, policy) -> dict[str, int]:
    reports = await apply_retention(db, policy)
    assert all(report.seconds >= 0 for report in reports)
    return {report.table: report.removed for report in reports}


async def add_rows(db):
    """A row that can grow old in each table."""
    task = await tasks.create(db, "t", "research")
    await tool_executions.create(db, task.id, "search")
    graph = await graphs.create(db, f"graph {task.id}", GRAPH)
    run = await runs.create(db, graph.id, {})
    await execution_logs.create(db, run.id, "plan", "started")
    zone = await zones.create(db, "Testing")
    worktree = await worktrees.create(db, f"/src/{task.id}", "main")
    await zone_executions.create(db, zone.id, worktree.id, "qa", "Test it.", True)
    client = await client_sessions.create(db, "browser")
    await client_sessions.deactivate(db, client.id)
    gone = await runs.create(db, graph.id, {})
    await runs.delete(db, gone.run_id)
    old = await graphs.create(db, f"old {task.id}", GRAPH)
    await graphs.delete(db, old.id)


EVERYTHING = {
    "tool_executions": 1,
    "execution_logs": 1,
    "zone_executions": 1,
    "client_sessions": 1,
    "runs": 1,
    "graphs": 1,
}


async def test_what_is_older_than_the_policy_allows_is_removed(db, clock):
    await add_rows(db)
    clock.advance(2 * DAY)
    await add_rows(db)
    policy = RetentionPolicy(**dict.fromkeys(EVERYTHING, DAY))
    assert await removed(db, policy) == EVERYTHING
    assert await removed(db, policy) == dict.fromkeys(EVERYTHING, 0)
    assert await tool_executions.count(db) == 1
    assert await client_sessions.count(db) == 1


async def test_a_policy_that_names_nothing_removes_nothing(db, clock):
    await add_rows(db)
    clock.advance(1000 * DAY)
    assert await apply_retention(db, RetentionPolicy()) == []
    assert await tool_executions.count(db) == 1


@pytest.mark.parametrize("table", EVERYTHING)
async def test_each_table_has_its_own_age(db, clock, table):
    await add_rows(db)
    clock.advance(2 * DAY)
    assert await removed(db, RetentionPolicy(**{table: DAY})) == {table: 1}


async def test_what_is_kept_and_what_lives_stays(db, clock):
    graph = await graphs.create(db, "live", GRAPH)
    run = await runs.create(db, graph.id, {})
    client = await client_sessions.create(db, "browser")
    clock.advance(1000 * DAY)
    policy = RetentionPolicy(graphs=timedelta(0), runs=timedelta(0), client_sessions=timedelta(0))
    assert set((await removed(db, policy)).values()) == {0}
    for found in (graphs.find(db, graph.id), runs.find(db, run.id), client_sessions.find(db, client.id)):
        assert await found is not None


async def test_the_newest_checkpoints_of_ended_sessions_are_kept(db, monkeypatch):
    monkeypatch.setattr(module, "_SESSIONS", 2)
    sessions = [await wave_sessions.create(db, f"project {number}", 1) for number in range(5)]
    for session in sessions:
        for number in range(4):
            await wave_checkpoints.create(db, session.id, "manual", f"checkpoint {number}", {})
    for session in sessions[:3]:
        await wave_sessions.complete(db, session.id)
    await wave_sessions.fail(db, sessions[3].id)
    assert await removed(db, RetentionPolicy(wave_checkpoints=1)) == {"wave_checkpoints": 9}
    assert [await wave_checkpoints.count_by_session(db, session.id) for session in sessions] == [1, 1, 1, 4, 4]
    page = await wave_checkpoints.list_by_session(db, sessions[0].id)
    assert [row.checkpoint_name for row in page.items] == ["checkpoint 3"]
    assert await removed(db, RetentionPolicy(wave_checkpoints=0)) == {"wave_checkpoints": 3}


async def test_audit_entries_grow_old_too(connect_store, clock):
    db = await connect_store(clock=clock, audit=True)
    await tasks.create(db, "t", "research")
    clock.advance(2 * DAY)
    await tasks.create(db, "t", "research")
    assert await removed(db, RetentionPolicy(audit_log=DAY)) == {"audit_log": 1}
    assert await audit.count(db) == 1


async def test_it_works_in_a_transaction(db, clock):
    await add_rows(db)
    clock.advance(2 * DAY)
    with pytest.raises(ZeroDivisionError):
        async with db.transaction() as tx:
            assert await removed(tx, RetentionPolicy(tool_executions=DAY)) == {"tool_executions": 1}
            raise ZeroDivisionError
    assert await tool_executions.count(db) == 1


@pytest.mark.parametrize(
    "fields", [{"runs": -DAY}, {"runs": 3}, {"wave_checkpoints": -1}, {"wave_checkpoints": DAY}, {"graphs": "P1D"}]
)
def test_a_wrong_value_is_refused(fields):
    with pytest.raises(InvalidValue, match=next(iter(fields))):
        RetentionPolicy(**fields)


def test_an_unknown_table_is_refused():
    with pytest.raises(TypeError, match="tasks"):
        maintenance.RetentionPolicy(tasks=DAY)
