"""Analytics: the views as operations, materialised or not."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import get_args
from uuid import UUID

import pytest

from wave_data import (
    Database,
    InvalidValue,
    analytics,
    execution_logs,
    graphs,
    human_reviews,
    orchestrator_runs,
    runs,
    tasks,
    tool_executions,
    wave_sessions,
    wave_story_executions,
    worktrees,
    zone_executions,
    zones,
)
from wave_data.flows.analytics import MaterialisedView, View

GRAPH = {"nodes": [], "edges": [], "entry_point": "start"}
PROJECT = UUID("01900000-0000-7000-8000-000000000001")


@pytest.fixture
async def db(connect_store, clock) -> Database:
    """The database with a clock that the test moves."""
    return await connect_store(clock=clock)


async def add_runs(db, graph, *outcomes, time_ms=None):
    """A run of a graph for each outcome."""
    for outcome in outcomes:
        run = await runs.create(db, graph.id, {})
        if outcome != "pending":
            await runs.start(db, run.run_id)
        if outcome == "completed":
            await runs.complete(db, run.run_id, total_execution_time_ms=time_ms)
        elif outcome == "failed":
            await runs.fail(db, run.run_id, "no")
        elif outcome == "cancelled":
            await runs.cancel(db, run.run_id)


async def call(db, task, tool, duration_ms=None, outcome="complete"):
    execution = await tool_executions.create(db, task.id, tool)
    if outcome == "complete":
        await tool_executions.complete(db, execution.id, duration_ms=duration_ms)
    elif outcome == "fail":
        await tool_executions.fail(db, execution.id, "no", duration_ms=duration_ms)
    elif outcome == "timeout":
        await tool_executions.timeout(db, execution.id, duration_ms=duration_ms)
    elif outcome == "start":
        await tool_executions.start(db, execution.id)


class TestActiveWaveSessions:
    async def test_pending_and_running_sessions_are_told_newest_first(self, db):
        first = await wave_sessions.create(db, "apollo", 1, budget_usd=Decimal("1.5"))
        second = await wave_sessions.create(db, "gemini", 1)
        ended = await wave_sessions.create(db, "apollo", 2)
        await wave_sessions.cancel(db, ended.id)
        await wave_sessions.update_progress(
            db, first.id, story_count=3, stories_completed=2, actual_cost_usd=Decimal(2), stories_failed=1
        )
        page = await analytics.active_wave_sessions(db)
        assert [row.id for row in page.items] == [second.id, first.id]
        row = page.items[1]
        assert (row.remaining_usd, row.completion_percentage) == (Decimal("-0.5"), Decimal("66.67"))
        assert (row.duration_minutes, row.started_at, row.story_count, row.stories_failed) == (None, None, 3, 1)

    async def test_a_project_is_a_filter(self, db, read_pages):
        mine = [await wave_sessions.create(db, "apollo", number) for number in range(5)]
        await wave_sessions.create(db, "gemini", 1)

        async def list_page(limit, cursor):
            return await analytics.active_wave_sessions(db, project_name="apollo", limit=limit, cursor=cursor)

        assert [row.id for row in await read_pages(list_page)] == [row.id for row in reversed(mine)]


class TestStoryExecutionSummary:
    async def test_every_story_is_told(self, db, clock):
        session = await wave_sessions.create(db, "apollo", 1)
        story = await wave_story_executions.create(db, session.id, "S-1", "Log in", "auth", "builder")
        await wave_story_executions.start(db, story.id)
        clock.advance(timedelta(seconds=90))
        await wave_story_executions.complete(db, story.id, coverage_achieved=Decimal("81.5"))
        [row] = (await analytics.story_execution_summary(db)).items
        assert row.duration_minutes == Decimal("1.50")
        assert (row.id, row.status, row.coverage_achieved) == (story.id, "complete", Decimal("81.50"))
        assert repr(row) == f"StoryExecutionSummary(id={story.id!r}, story_id='S-1', status='complete')"

    async def test_filters_and_pages(self, db, read_pages):
        one, other = [await wave_sessions.create(db, "apollo", number) for number in range(2)]
        stories = [
            await wave_story_executions.create(db, one.id, f"S-{number}", "t", "auth", "builder") for number in range(5)
        ]
        again = await wave_story_executions.create(db, other.id, "S-1", "t", "auth", "builder")

        async def list_page(limit, cursor):
            return await analytics.story_execution_summary(db, session_id=one.id, limit=limit, cursor=cursor)

        assert [row.id for row in await read_pages(list_page)] == [row.id for row in reversed(stories)]
        page = await analytics.story_execution_summary(db, story_id="S-1")
        assert [row.id for row in page.items] == [again.id, stories[1].id]


class TestWaveProjectCosts:
    async def test_projects_are_summed_and_told_by_name(self, db, read_pages):
        for name in ("gemini", "apollo", "apollo", "Zeus"):
            session = await wave_sessions.create(db, name, 1)
            await wave_sessions.charge(db, session.id, Decimal("0.000001"), tokens=2**40)
            await wave_sessions.complete(db, session.id)

        async def list_page(limit, cursor):
            return await analytics.wave_project_costs(db, limit=limit, cursor=cursor)

        assert [row.project_name for row in await read_pages(list_page)] == ["Zeus", "apollo", "gemini"]
        [row] = (await analytics.wave_project_costs(db, project_name="apollo")).items
        assert row.model_dump() == {
            "project_name": "apollo",
            "session_count": 2,
            "budget_usd": Decimal(4),
            "actual_cost_usd": Decimal("0.000002"),
            "token_count": 2**41,
            "stories_completed": 0,
            "stories_failed": 0,
        }


class TestReviewBacklog:
    async def test_every_type_is_told_with_what_is_pending(self, db, clock):
        clock.set(datetime.now(UTC) - timedelta(hours=2))
        await orchestrator_runs.create(db, "thread", PROJECT, "S-1")
        oldest = await human_reviews.create(db, "thread", "safety", "why")
        clock.advance(timedelta(hours=1))
        await human_reviews.create(db, "thread", "safety", "why")
        decided = await human_reviews.create(db, "thread", "gate_override", "why")
        await human_reviews.approve(db, decided.id, "ada")
        found = (await analytics.review_backlog(db)).items
        assert [(row.review_type, row.pending_count) for row in found] == [
            ("budget_exceeded", 0),
            ("gate_override", 0),
            ("safety", 2),
        ]
        assert found[2].oldest_created_at == oldest.created_at
        assert found[2].oldest_age_minutes is not None
        assert 120 <= found[2].oldest_age_minutes < 125
        assert found[0].oldest_created_at is found[0].oldest_age_minutes is None
        [row] = (await analytics.review_backlog(db, review_type="safety")).items
        assert row.oldest_created_at == oldest.created_at


class TestRunDailyStats:
    async def test_runs_are_counted_by_day_and_graph(self, db, clock):
        clock.set(datetime(2026, 3, 1, 23, 30, tzinfo=UTC))
        one = await graphs.create(db, "one", GRAPH)
        await add_runs(db, one, "pending", "running", "failed", "cancelled")
        await add_runs(db, one, "completed", time_ms=1.0)
        await add_runs(db, one, "completed", "completed", time_ms=2.0)
        clock.advance(timedelta(hours=1))
        await add_runs(db, one, "pending")
        deleted = await runs.create(db, one.id, {})
        await runs.delete(db, deleted.run_id)
        await analytics.refresh(db)
        newest, oldest = (await analytics.run_daily_stats(db)).items
        assert (newest.day, newest.total, newest.success_rate, newest.avg_execution_time_ms) == (
            date(2026, 3, 2),
            1,
            0,
            0,
        )
        assert oldest.model_dump() == {
            "day": date(2026, 3, 1),
            "graph_id": one.id,
            "graph_name": "one",
            "total": 7,
            "pending": 1,
            "running": 1,
            "completed": 3,
            "failed": 1,
            "cancelled": 1,
            "avg_execution_time_ms": 1.67,
            "success_rate": Decimal("60.00"),
        }

    async def test_filters_and_pages(self, db, clock, read_pages):
        made = [await graphs.create(db, f"graph {number}", GRAPH) for number in range(2)]
        for _ in range(3):
            for graph in made:
                await add_runs(db, graph, "pending")
            clock.advance(timedelta(days=1))
        await analytics.refresh(db, "run_daily_stats")

        async def list_page(limit, cursor):
            return await analytics.run_daily_stats(db, limit=limit, cursor=cursor)

        rows = await read_pages(list_page)
        assert rows == sorted(rows, key=lambda row: (row.day, row.graph_id), reverse=True)
        assert len(rows) == 6
        page = await analytics.run_daily_stats(db, graph_id=made[0].id, since=date(2026, 1, 2), until=date(2026, 1, 3))
        assert [(row.graph_name, row.day) for row in page.items] == [("graph 0", date(2026, 1, 2))]


class TestNodePerformance:
    async def test_ends_count_and_times_are_those_that_are_known(self, db, read_pages):
        graph = await graphs.create(db, "one", GRAPH)
        run = await runs.create(db, graph.id, {})
        for node in ("plan", "code", "test"):
            await execution_logs.create(db, run.id, node, "started")
        await execution_logs.create(db, run.id, "plan", "completed", execution_time_ms=1.0)
        await execution_logs.create(db, run.id, "plan", "failed", execution_time_ms=2.5)
        await execution_logs.create(db, run.id, "code", "completed")
        await analytics.refresh(db, "node_performance")

        async def list_page(limit, cursor):
            return await analytics.node_performance(db, limit=limit, cursor=cursor)

        assert [tuple(row.model_dump().values()) for row in await read_pages(list_page)] == [
            ("code", 1, 0, 0.0, 0.0),
            ("plan", 2, 1, 1.75, 2.5),
            ("test", 0, 0, 0.0, 0.0),
        ]
        [row] = (await analytics.node_performance(db, node_name="plan")).items
        assert row.executions == 2


class TestToolPerformance:
    @pytest.mark.parametrize(
        ("durations", "expected"),
        [
            ([], 0),
            ([7], 7),
            (range(1, 20), 19),
            (range(1, 21), 19),
            (range(1, 22), 20),
            (range(1, 101), 95),
            ([5] * 19 + [100], 5),
        ],
    )
    async def test_the_percentile_is_a_duration_that_95_of_100_did_not_exceed(self, db, durations, expected):
        async with db.transaction() as tx:
            task = await tasks.create(tx, "t", "research")
            await call(tx, task, "search", outcome="create")
            for duration in reversed(durations):
                await call(tx, task, "search", duration)
        await analytics.refresh(db, "tool_performance")
        [row] = (await analytics.tool_performance(db)).items
        assert row.p95_duration_ms == expected
        assert row.avg_duration_ms == pytest.approx(sum(durations) / max(1, len(durations)), abs=0.005)

    async def test_calls_are_counted_by_status(self, db, read_pages):
        task = await tasks.create(db, "t", "research")
        for outcome in ("create", "start", "complete", "fail", "timeout", "complete"):
            await call(db, task, "search", 10, outcome)
        for tool in ("Edit", "bash"):
            await call(db, task, tool, 1)
        await analytics.refresh(db)

        async def list_page(limit, cursor):
            return await analytics.tool_performance(db, limit=limit, cursor=cursor)

        rows = await read_pages(list_page)
        assert [row.tool_name for row in rows] == ["Edit", "bash", "search"]
        assert rows[2].model_dump() == {
            "tool_name": "search",
            "total": 6,
            "pending": 1,
            "running": 1,
            "completed": 2,
            "failed": 1,
            "timeout": 1,
            "avg_duration_ms": 10.0,
            "p95_duration_ms": 10,
        }
        assert (await analytics.tool_performance(db, tool_name="search")).items == rows[2:]


class TestZoneActivityDaily:
    @pytest.fixture
    async def worktree(self, db):
        for zone in ("a", "b"):
            await zones.create(db, zone, id=zone)
        return await worktrees.create(db, "/src", "main")

    async def test_executions_are_counted_by_day_zone_and_agent(self, db, clock, worktree, read_pages):
        for success in (True, True, False):
            await zone_executions.create(db, "a", worktree.id, "qa", "Test it.", success)
        await zone_executions.create(db, "a", worktree.id, "frontend", "Build it.", True)
        clock.advance(timedelta(hours=12))
        await zone_executions.create(db, "b", worktree.id, "qa", "Test it.", False)
        await analytics.refresh(db)

        async def list_page(limit, cursor):
            return await analytics.zone_activity_daily(db, limit=limit, cursor=cursor)

        rows = await read_pages(list_page)
        assert [tuple(row.model_dump().values()) for row in rows] == [
            (date(2026, 1, 2), "b", "qa", 1, 0, 1),
            (date(2026, 1, 1), "a", "qa", 3, 2, 1),
            (date(2026, 1, 1), "a", "frontend", 1, 1, 0),
        ]
        assert (await analytics.zone_activity_daily(db, zone_id="a", agent_type="qa")).items == [rows[1]]
        assert (await analytics.zone_activity_daily(db, since=date(2026, 1, 2))).items == [rows[0]]
        assert (await analytics.zone_activity_daily(db, until=date(2026, 1, 2))).items == rows[1:]


class TestFreshness:
    async def test_a_materialised_view_shows_what_there_was_when_it_was_refreshed(self, db, clock, store):
        task = await tasks.create(db, "t", "research")
        await call(db, task, "search")
        before = (await analytics.tool_performance(db)).items
        assert len(before) == (0 if store == "postgres" else 1)
        clock.set(datetime.now(UTC) + timedelta(days=1))
        await analytics.refresh(db, "tool_performance")
        assert len((await analytics.tool_performance(db)).items) == 1
        refreshed = clock()
        clock.advance(timedelta(hours=1))
        expected = refreshed if store == "postgres" else clock()
        assert await analytics.as_of(db, "tool_performance") == expected

    async def test_one_view_is_refreshed_or_all(self, db, clock, store):
        start = {view: await analytics.as_of(db, view) for view in get_args(MaterialisedView)}
        clock.set(datetime.now(UTC) + timedelta(days=1))
        await analytics.refresh(db, "node_performance")
        if store == "postgres":
            found = {view: await analytics.as_of(db, view) for view in start}
            assert found == start | {"node_performance": clock()}
        await analytics.refresh(db)
        assert {await analytics.as_of(db, view) for view in start} == {clock()}

    async def test_the_other_views_are_always_fresh(self, db, clock):
        for view in set(get_args(View)) - set(get_args(MaterialisedView)):
            assert await analytics.as_of(db, view) == clock()

    async def test_views_are_refreshed_in_a_transaction_too(self, db, clock, store):
        clock.set(datetime.now(UTC) + timedelta(days=1))
        async with db.transaction() as tx:
            task = await tasks.create(tx, "t", "research")
            await call(tx, task, "search")
            await analytics.refresh(tx)
        assert len((await analytics.tool_performance(db)).items) == 1

    async def test_other_views_are_refused(self, db):
        with pytest.raises(InvalidValue, match="view"):
            await analytics.refresh(db, "review_backlog")
        with pytest.raises(InvalidValue, match="view"):
            await analytics.as_of(db, "pg_class")
