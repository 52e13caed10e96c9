"""The views, with the same rows in both stores."""

from decimal import Decimal
from typing import Any

import pytest
from by_hand import NOON, OTHER_ID, SESSION_ID, insert, run, session


@pytest.fixture(params=["sqlite-file", "postgres"])
def store(request: pytest.FixtureRequest) -> str:
    return request.param


def scaled(url: str, value: str, digits: int) -> int | str:
    """A decimal as it is written in this store."""
    return value if url.startswith("postgres") else int(Decimal(value).scaleb(digits))


def decimals(url: str, found: Any, digits: int) -> Decimal:
    """A decimal of a view, as it is meant."""
    assert isinstance(found, Decimal if url.startswith("postgres") else int)
    return found if isinstance(found, Decimal) else Decimal(found).scaleb(-digits)


def only(url: str, statement: str) -> Any:
    [(value,)] = run(url, statement)
    return value


@pytest.mark.parametrize(
    ("ended", "minutes"),
    [
        ("2026-01-01T12:00:00.000000Z", "0.00"),
        ("2026-01-01T12:00:00.299999Z", "0.00"),
        ("2026-01-01T12:00:00.300000Z", "0.01"),
        ("2026-01-01T12:00:00.899999Z", "0.01"),
        ("2026-01-01T12:00:00.900000Z", "0.02"),
        ("2026-01-01T12:01:00.000000Z", "1.00"),
        ("2026-01-02T12:00:00.000000Z", "1440.00"),
        ("2926-01-01T12:00:00.300000Z", "473353920.01"),
        ("2926-01-01T12:00:00.299999Z", "473353920.00"),
        ("2026-01-01T11:00:00.000000Z", "0.00"),
    ],
)
@pytest.mark.parametrize("end", ["completed", "failed", "cancelled"])
def test_a_storys_duration_is_exact_and_rounds_half_up(database_url: str, end: str, ended: str, minutes: str):
    status = "complete" if end == "completed" else end
    story = insert("wave_story_executions", status=status, started_at=NOON, **{f"{end}_at": ended})
    run(database_url, session(), story)
    found = only(database_url, "SELECT duration_minutes FROM story_execution_summary")
    assert decimals(database_url, found, 2) == Decimal(minutes)


def test_a_story_that_was_skipped_after_it_failed_ended_when_it_failed(database_url: str):
    times = {"failed_at": "2026-01-01T12:10:00.000000Z", "cancelled_at": "2026-01-01T13:00:00.000000Z"}
    run(
        database_url,
        session(),
        insert("wave_story_executions", status="cancelled", started_at=NOON, **times),
    )
    found = only(database_url, "SELECT duration_minutes FROM story_execution_summary")
    assert decimals(database_url, found, 2) == 10


@pytest.mark.parametrize("status", ["in_progress", "blocked", "review"])
def test_a_live_storys_duration_counts_up_to_now(database_url: str, status: str):
    run(database_url, session(), insert("wave_story_executions", status=status, started_at=NOON))
    minutes = elapsed_minutes(database_url)
    found = only(database_url, "SELECT duration_minutes FROM story_execution_summary")
    assert 0 <= decimals(database_url, found, 2) - minutes < 5


def test_a_story_that_was_never_started_has_no_duration(database_url: str):
    run(database_url, session(), insert("wave_story_executions", status="cancelled", cancelled_at=NOON))
    assert only(database_url, "SELECT duration_minutes FROM story_execution_summary") is None


def test_a_sessions_duration_counts_from_its_start(database_url: str):
    run(database_url, session(), insert("wave_sessions", wave_number=1, status="in_progress", started_at=NOON))
    minutes = elapsed_minutes(database_url)
    durations = dict(run(database_url, "SELECT wave_number, duration_minutes FROM active_wave_sessions"))
    assert durations[0] is None
    assert 0 <= decimals(database_url, durations[1], 2) - minutes < 5


def test_only_pending_and_running_sessions_are_active(database_url: str):
    ended = {
        "completed": {"started_at": NOON, "completed_at": NOON},
        "failed": {"failed_at": NOON},
        "cancelled": {"cancelled_at": NOON},
    }
    for number, (status, times) in enumerate(ended.items(), start=1):
        run(
            database_url,
            insert("wave_sessions", id=f"{SESSION_ID[:-1]}{number + 2}", status=status, **times),
        )
    run(database_url, insert("wave_sessions", wave_number=5))
    assert run(database_url, "SELECT wave_number, status FROM active_wave_sessions") == [(5, "pending")]


@pytest.mark.parametrize(
    ("completed", "count", "percentage"),
    [
        (0, 0, "0"),
        (3, 0, "0"),
        (0, 4, "0"),
        (1, 3, "33.33"),
        (2, 3, "66.67"),
        (1, 800, "0.13"),
        (1, 20_001, "0.00"),
        (1, 20_000, "0.01"),
        (4, 4, "100"),
        (7, 5, "140"),
        (2_147_483_647, 1, "214748364700"),
    ],
)
def test_completion_is_a_percentage_that_rounds_half_up(database_url: str, completed: int, count: int, percentage: str):
    run(database_url, session(stories_completed=completed, story_count=count))
    found = only(database_url, "SELECT completion_percentage FROM active_wave_sessions")
    assert decimals(database_url, found, 2) == Decimal(percentage)


def test_what_remains_may_be_below_zero(database_url: str):
    money = {"budget_usd": "1.5", "actual_cost_usd": "2.000001"}
    run(database_url, session(**{name: scaled(database_url, value, 6) for name, value in money.items()}))
    found = only(database_url, "SELECT remaining_usd FROM active_wave_sessions")
    assert decimals(database_url, found, 6) == Decimal("-0.500001")


def test_costs_are_summed_per_project(database_url: str):
    ended = {"status": "completed", "started_at": NOON, "completed_at": NOON}
    cost = scaled(database_url, "0.100001", 6)
    counters = {"actual_cost_usd": cost, "token_count": 2**40, "stories_completed": 2, "stories_failed": 1}
    run(
        database_url,
        session(**counters, **ended),
        insert("wave_sessions", **counters),
        insert("wave_sessions", id=OTHER_ID.replace("2", "3"), project_name="gemini"),
    )
    columns = "project_name, session_count, token_count, stories_completed, stories_failed"
    assert run(database_url, f"SELECT {columns} FROM wave_project_costs ORDER BY project_name") == [
        ("apollo", 2, 2**41, 4, 2),
        ("gemini", 1, 0, 0, 0),
    ]
    [(budget, spent)] = run(
        database_url, "SELECT budget_usd, actual_cost_usd FROM wave_project_costs WHERE project_name = 'apollo'"
    )
    assert decimals(database_url, budget, 6) == 4
    assert decimals(database_url, spent, 6) == Decimal("0.200002")


def elapsed_minutes(url: str) -> Decimal:
    clock = (
        "extract(epoch FROM now() - timestamptz '2026-01-01 12:00:00Z')"
        if url.startswith("postgres")
        else "unixepoch('now') - unixepoch('2026-01-01T12:00:00Z')"
    )
    return Decimal(only(url, f"SELECT {clock}")) / 60 - Decimal("0.01")
