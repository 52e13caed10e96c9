from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from functools import partial
from uuid import uuid4

import pytest

from wave_data import Conflict, InvalidValue, MissingReference, NotFound, worktrees, zone_executions, zones

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)  # a Wednesday


@pytest.fixture
async def zone(db):
    return await zones.create(db, "Testing", id="zone-1")


@pytest.fixture
async def worktree(db):
    return await worktrees.create(db, "/src/a", "main", id="wt-1")


@pytest.fixture
async def execution(db, zone, worktree):
    return await zone_executions.create(db, zone.id, worktree.id, "qa", "Test it.", True)


@pytest.fixture(params=["moving clock", "still clock"])
def either_db(request, db, still_db):
    return db if request.param == "moving clock" else still_db


async def mixed_executions(db):
    """Executions in two zones, on three worktrees, by two agents, one of three failed; newest first."""
    for name in ("zone-1", "zone-2"):
        await zones.create(db, name, id=name)
    for number in range(3):
        await worktrees.create(db, f"/src/{number}", "main", id=f"wt-{number}")
    made = [
        await zone_executions.create(
            db,
            f"zone-{n % 2 + 1}",
            f"wt-{n % 3}",
            ("qa", "dev")[n // 6],
            "Test it.",
            n % 3 > 0,
            executed_at=NOON + timedelta(hours=n // 2),
        )
        for n in range(12)
    ]
    return made[::-1]


FILTERS = {
    "nothing": {},
    "zone": {"zone_id": "zone-1"},
    "worktree": {"worktree_id": "wt-2"},
    "agent": {"agent_type": "dev"},
    "success": {"success": True},
    "failure": {"success": False},
    "since": {"since": NOON + timedelta(hours=2)},
    "until": {"until": NOON + timedelta(hours=2)},
    "all": {
        "zone_id": "zone-2",
        "worktree_id": "wt-1",
        "agent_type": "qa",
        "success": True,
        "since": NOON,
        "until": NOON + timedelta(hours=5),
    },
}


def matches(execution, since=None, until=None, **filters):
    return (
        all(getattr(execution, name) == value for name, value in filters.items())
        and (since is None or execution.executed_at >= since)
        and (until is None or execution.executed_at < until)
    )


# Creating


async def test_an_execution_holds_what_it_was_given(db, zone, worktree):
    given = uuid4()
    result = {"passed": 3, "notes": [None, "ünï", 1.5]}
    execution = await zone_executions.create(db, zone.id, worktree.id, "qa", "Test it.", False, result, NOON, given)
    assert (execution.id, execution.zone_id, execution.worktree_id) == (given, "zone-1", "wt-1")
    assert (execution.agent_type, execution.prompt, execution.success) == ("qa", "Test it.", False)
    assert (execution.result, execution.executed_at) == (result, NOON)
    assert await zone_executions.get(db, given) == execution


async def test_an_execution_is_made_now_without_a_result(still_db, clock):
    zone, worktree = await zones.create(still_db, "Testing"), await worktrees.create(still_db, "/a", "main")
    execution = await zone_executions.create(still_db, zone.id, worktree.id, "qa", "", True)
    assert (execution.result, execution.executed_at, execution.success) == (None, clock(), True)
    assert await zone_executions.get(still_db, execution.id) == execution


@pytest.mark.parametrize("result", [None, True, 0, "text", [], {}, [1, {"a": None}]], ids=str)
async def test_a_result_is_any_json(db, zone, worktree, result):
    execution = await zone_executions.create(db, zone.id, worktree.id, "qa", "Test it.", True, result)
    assert (await zone_executions.get(db, execution.id)).result == execution.result == result


async def test_success_must_be_stated(db, zone, worktree):
    with pytest.raises(TypeError, match="success"):
        await zone_executions.create(db, zone.id, worktree.id, "qa", "Test it.")


async def test_a_time_of_another_zone_becomes_utc(db, zone, worktree):
    there = NOON.astimezone(timezone(timedelta(hours=9)))
    execution = await zone_executions.create(db, zone.id, worktree.id, "qa", "Test it.", True, executed_at=there)
    assert execution.executed_at == NOON
    assert execution.executed_at.tzinfo is UTC


@pytest.mark.parametrize(
    "arguments",
    [
        {"agent_type": ""},
        {"agent_type": "a" * 101},
        {"prompt": None},
        {"success": None},
        {"success": 1},
        {"result": float("nan")},
        {"executed_at": datetime(2026, 1, 1)},  # noqa: DTZ001
    ],
    ids=lambda arguments: str(arguments)[:40],
)
async def test_create_refuses(db, zone, worktree, arguments):
    values = {"agent_type": "qa", "prompt": "Test it.", "success": True} | arguments
    with pytest.raises(InvalidValue):
        await zone_executions.create(db, zone.id, worktree.id, **values)


async def test_an_absent_zone_or_worktree_is_a_missing_reference(db, zone, worktree):
    with pytest.raises(MissingReference):
        await zone_executions.create(db, "nowhere", worktree.id, "qa", "Test it.", True)
    with pytest.raises(MissingReference):
        await zone_executions.create(db, zone.id, "nowhere", "qa", "Test it.", True)


async def test_a_taken_id_conflicts(db, execution):
    with pytest.raises(Conflict):
        await zone_executions.create(db, "zone-1", "wt-1", "qa", "Test it.", True, id=execution.id)


# Reading


async def test_an_absent_execution_is_not_found(db):
    absent = uuid4()
    with pytest.raises(NotFound, match=f"{absent} not found"):
        await zone_executions.get(db, absent)
    assert await zone_executions.find(db, absent) is None


@pytest.mark.parametrize("filters", FILTERS.values(), ids=FILTERS)
async def test_pages_hold_exactly_the_matching_executions_newest_first(db, read_pages, filters):
    expected = [execution for execution in await mixed_executions(db) if matches(execution, **filters)]
    assert await read_pages(partial(zone_executions.find_many, db, **filters)) == expected
    assert [execution async for execution in zone_executions.iterate(db, **filters)] == expected
    assert await zone_executions.count(db, **filters) == len(expected) > 0


async def test_executions_are_listed_by_zone_and_by_worktree(either_db, read_pages):
    everything = await mixed_executions(either_db)
    in_zone = [execution for execution in everything if execution.zone_id == "zone-2"]
    assert await read_pages(partial(zone_executions.list_by_zone, either_db, "zone-2")) == in_zone
    on_worktree = [execution for execution in everything if execution.worktree_id == "wt-0"]
    assert await read_pages(partial(zone_executions.list_by_worktree, either_db, "wt-0")) == on_worktree


async def test_an_execution_is_listed_by_when_it_was_made(db, zone, worktree):
    late = await zone_executions.create(db, zone.id, worktree.id, "qa", "late", True, executed_at=NOON)
    early = await zone_executions.create(
        db, zone.id, worktree.id, "qa", "early", True, executed_at=NOON - timedelta(seconds=1)
    )
    assert (await zone_executions.find_many(db)).items == [late, early]


# Statistics


async def test_no_executions_make_zeros(db):
    stats = await zone_executions.stats(db)
    assert (stats.total, stats.successful, stats.failed, stats.unique_agents) == (0, 0, 0, 0)
    assert stats.success_rate == Decimal("0.00")


@pytest.mark.parametrize("name", ["nothing", "zone", "worktree", "since"])
async def test_stats_count_the_matching_executions(db, name):
    filters = FILTERS[name]
    expected = [execution for execution in await mixed_executions(db) if matches(execution, **filters)]
    stats = await zone_executions.stats(db, **filters)
    assert stats.total == len(expected)
    assert stats.successful == sum(execution.success for execution in expected)
    assert stats.failed == stats.total - stats.successful
    assert stats.unique_agents == len({execution.agent_type for execution in expected})


@pytest.mark.parametrize(
    ("successes", "failures", "rate"),
    [(1, 0, "100.00"), (0, 1, "0.00"), (2, 1, "66.67"), (1, 2, "33.33"), (1, 7, "12.50")],
)
async def test_the_success_rate_has_two_digits(db, zone, worktree, successes, failures, rate):
    for success in [True] * successes + [False] * failures:
        await zone_executions.create(db, zone.id, worktree.id, "qa", "Test it.", success)
    found = (await zone_executions.stats(db)).success_rate
    assert str(found) == rate


@pytest.mark.parametrize(
    ("bucket", "starts"),
    [
        ("hour", ["2026-02-28T23", "2026-03-01T00", "2026-03-01T23", "2026-03-02T00", "2026-03-31T12"]),
        ("day", ["2026-02-28", "2026-03-01", "2026-03-02", "2026-03-31"]),
        ("week", ["2026-02-23", "2026-03-02", "2026-03-30"]),
        ("month", ["2026-02-01", "2026-03-01"]),
    ],
)
async def test_trends_count_by_bucket(db, zone, worktree, bucket, starts):
    times = [
        datetime(2026, 2, 28, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(2026, 3, 1, 0, 0, tzinfo=UTC),
        datetime(2026, 3, 1, 23, 30, tzinfo=UTC),
        datetime(2026, 3, 2, 0, 0, tzinfo=UTC),
        datetime(2026, 3, 31, 12, 0, tzinfo=UTC),
        datetime(2026, 3, 31, 12, 0, 0, 1, tzinfo=UTC),
    ]
    for number, time in enumerate(times):
        await zone_executions.create(db, zone.id, worktree.id, "qa", "Test it.", number % 2 == 0, executed_at=time)
    trends = await zone_executions.trends(db, times[0], times[-1] + timedelta(microseconds=1), bucket)
    assert [trend.bucket for trend in trends] == [datetime.fromisoformat(start).replace(tzinfo=UTC) for start in starts]
    assert sum(trend.total for trend in trends) == 6
    assert all(trend.total == trend.successful + trend.failed for trend in trends)
    assert (trends[-1].successful, trends[-1].failed) == {
        "hour": (1, 1),
        "day": (1, 1),
        "week": (1, 1),
        "month": (2, 3),
    }[bucket]


async def test_trends_are_daily_and_end_before_until(db):
    await mixed_executions(db)
    [trend] = await zone_executions.trends(db, NOON + timedelta(hours=1), NOON + timedelta(hours=5))
    assert (trend.bucket, trend.total) == (NOON.replace(hour=0), 8)
    [trend] = await zone_executions.trends(db, NOON, NOON + timedelta(days=1), zone_id="zone-1")
    assert trend.total == 6
    assert await zone_executions.trends(db, NOON + timedelta(days=1), NOON) == []


async def test_trends_refuse_an_unknown_bucket(db):
    with pytest.raises(InvalidValue, match="year"):
        await zone_executions.trends(db, NOON, NOON, "year")


# Deleting


async def test_an_execution_is_deleted_once(db, execution):
    assert await zone_executions.delete(db, execution.id) is True
    assert await zone_executions.delete(db, execution.id) is False
    with pytest.raises(NotFound):
        await zone_executions.delete(db, execution.id, missing_ok=False)


async def test_executions_before_a_time_are_deleted(db):
    everything = await mixed_executions(db)
    until = NOON + timedelta(hours=3)
    kept = [execution for execution in everything if execution.executed_at >= until]
    assert await zone_executions.delete_before(db, until) == len(everything) - len(kept) == 6
    assert (await zone_executions.find_many(db)).items == kept
