from datetime import timedelta
from decimal import Decimal
from functools import partial
from itertools import product
from uuid import UUID, uuid4

import pytest
from pydantic import ValidationError

from wave_data import (
    BudgetExceeded,
    Conflict,
    InvalidTransition,
    InvalidValue,
    NotFound,
    wave_checkpoints,
    wave_sessions,
    wave_story_executions,
)

STATUSES = ("pending", "in_progress", "completed", "failed", "cancelled")
MOVES = {
    "start": ({"pending"}, "in_progress"),
    "complete": ({"pending", "in_progress"}, "completed"),
    "fail": ({"pending", "in_progress"}, "failed"),
    "cancel": ({"pending", "in_progress"}, "cancelled"),
    "resume": ({"failed"}, "in_progress"),
}
ALLOWED = [(name, source) for name, (sources, _) in MOVES.items() for source in STATUSES if source in sources]
REFUSED = sorted(set(product(MOVES, STATUSES)) - set(ALLOWED))
REACHABLE = {status: {target for sources, target in MOVES.values() if status in sources} for status in STATUSES}


async def session_in(db, status, project_name="atlas", wave_number=1):
    session = await wave_sessions.create(db, project_name, wave_number)
    if status == "in_progress":
        return await wave_sessions.start(db, session.id)
    if status in ("completed", "failed", "cancelled"):
        return await wave_sessions.set_status(db, session.id, status)
    return session


async def stories_in(db, session_id, *statuses):
    """One story for each status, with 10 tokens and 0.25 dollars each."""
    for number, status in enumerate(statuses):
        story = await wave_story_executions.create(db, session_id, f"S-{number}", "Story", "api", "coder")
        await wave_story_executions.add_usage(db, story.id, tokens=10, cost_usd=Decimal("0.25"))
        if status != "pending":
            await wave_story_executions.start(db, story.id)
        if status in ("complete", "failed"):
            await wave_story_executions.set_status(db, story.id, status)


# Creating


async def test_a_new_session_is_pending_and_has_spent_nothing(db):
    session = await wave_sessions.create(db, "atlas", 0)
    assert (session.project_name, session.wave_number, session.status) == ("atlas", 0, "pending")
    assert (session.actual_cost_usd, session.token_count, session.story_count) == (0, 0, 0)
    assert (session.stories_completed, session.stories_failed, session.metadata) == (0, 0, {})


async def test_a_new_session_has_no_start(db):
    session = await wave_sessions.create(db, "atlas", 1)
    assert (session.started_at, session.completed_at, session.failed_at, session.cancelled_at) == (None,) * 4


async def test_a_new_session_carries_the_time_of_the_clock(still_db, clock):
    session = await wave_sessions.create(still_db, "atlas", 1)
    assert session.created_at == session.updated_at == clock()


async def test_the_budget_is_two_dollars_when_none_is_given(db):
    assert (await wave_sessions.create(db, "atlas", 1)).budget_usd == Decimal("2.00")
    assert (await wave_sessions.create(db, "atlas", 2, None)).budget_usd == Decimal("2.00")


async def test_a_budget_of_zero_stays_zero(db):
    assert (await wave_sessions.create(db, "atlas", 1, Decimal(0))).budget_usd == 0


async def test_a_budget_keeps_six_digits(db):
    session = await wave_sessions.create(db, "atlas", 1, Decimal("12345678.123456"))
    assert session.budget_usd == Decimal("12345678.123456")


async def test_metadata_is_stored(db):
    metadata = {"owner": "ana", "tags": ["a", "b"], "limits": {"depth": 3}, "note": None}
    session = await wave_sessions.create(db, "atlas", 1, metadata=metadata)
    assert session.metadata == metadata


async def test_a_given_id_is_used(db):
    given = uuid4()
    assert (await wave_sessions.create(db, "atlas", 1, id=given)).id == given


async def test_ids_grow(db):
    first = await wave_sessions.create(db, "atlas", 1)
    second = await wave_sessions.create(db, "atlas", 2)
    assert first.id < second.id


async def test_a_taken_id_conflicts(db):
    session = await wave_sessions.create(db, "atlas", 1)
    with pytest.raises(Conflict):
        await wave_sessions.create(db, "atlas", 2, id=session.id)


@pytest.mark.parametrize("status", ["pending", "in_progress"])
async def test_a_second_live_session_of_a_wave_conflicts(db, status):
    await session_in(db, status)
    with pytest.raises(Conflict) as caught:
        await wave_sessions.create(db, "atlas", 1)
    assert not isinstance(caught.value, InvalidTransition)


@pytest.mark.parametrize("status", ["completed", "failed", "cancelled"])
async def test_a_finished_session_leaves_its_wave_free(db, status):
    await session_in(db, status)
    assert (await wave_sessions.create(db, "atlas", 1)).status == "pending"


async def test_waves_and_projects_do_not_hinder_each_other(db):
    await wave_sessions.create(db, "atlas", 1)
    await wave_sessions.create(db, "atlas", 2)
    await wave_sessions.create(db, "Atlas", 1)
    assert await wave_sessions.count(db) == 3


@pytest.mark.parametrize(
    "arguments",
    [
        {"project_name": ""},
        {"project_name": "a" * 256},
        {"project_name": "a\0b"},
        {"project_name": "a\ud800"},
        {"project_name": None},
        {"wave_number": -1},
        {"wave_number": 2**31},
        {"wave_number": True},
        {"budget_usd": Decimal(-1)},
        {"budget_usd": Decimal(100000000)},
        {"budget_usd": Decimal("NaN")},
        {"budget_usd": 1.5},
        {"metadata": ["not", "an", "object"]},
        {"metadata": {"ratio": float("nan")}},
        {"id": "not a uuid"},
    ],
    ids=str,
)
async def test_create_refuses(db, arguments):
    with pytest.raises(InvalidValue):
        await wave_sessions.create(db, **{"project_name": "atlas", "wave_number": 1} | arguments)
    assert await wave_sessions.count(db) == 0


async def test_an_unknown_field_is_a_type_error(db):
    with pytest.raises(TypeError):
        await wave_sessions.create(db, "atlas", 1, colour="red")


# Reading


async def test_get_and_find_return_the_row(db):
    session = await wave_sessions.create(db, "atlas", 1)
    assert await wave_sessions.get(db, session.id) == session
    assert await wave_sessions.find(db, session.id) == session


async def test_get_of_an_absent_session_says_not_found(db):
    absent = uuid4()
    with pytest.raises(NotFound, match=f"{absent} not found") as caught:
        await wave_sessions.get(db, absent)
    assert caught.value.key == absent


async def test_find_of_an_absent_session_is_none(db):
    assert await wave_sessions.find(db, uuid4()) is None


async def test_the_active_session_is_the_one_in_progress_started_last(db):
    first, second, third = [await wave_sessions.create(db, "atlas", number) for number in (1, 2, 3)]
    await wave_sessions.start(db, second.id)
    await wave_sessions.start(db, first.id)
    active = await wave_sessions.find_active(db, "atlas")
    assert active is not None
    assert active.id == first.id
    assert third.status == "pending"


async def test_without_one_in_progress_the_newest_pending_session_is_active(db):
    await session_in(db, "failed", wave_number=9)
    await wave_sessions.create(db, "atlas", 1)
    newest = await wave_sessions.create(db, "atlas", 2)
    await wave_sessions.create(db, "other", 3)
    assert await wave_sessions.find_active(db, "atlas") == newest


async def test_ids_decide_between_sessions_started_at_once(still_db):
    sessions = [await wave_sessions.create(still_db, "atlas", number) for number in range(3)]
    for session in reversed(sessions):
        await wave_sessions.start(still_db, session.id)
    active = await wave_sessions.find_active(still_db, "atlas")
    assert active is not None
    assert active.id == sessions[-1].id


async def test_a_project_without_live_sessions_has_no_active_one(db):
    await session_in(db, "completed")
    assert await wave_sessions.find_active(db, "atlas") is None


async def test_the_session_of_a_wave_is_its_newest(still_db):
    await session_in(still_db, "completed")
    await session_in(still_db, "failed")
    newest = await session_in(still_db, "pending")
    await session_in(still_db, "pending", wave_number=2)
    assert await wave_sessions.find_by_project_and_wave(still_db, "atlas", 1) == newest
    assert await wave_sessions.find_by_project_and_wave(still_db, "atlas", 3) is None


# Lists


async def test_pages_hold_every_session_newest_first(db, read_pages):
    sessions = [await wave_sessions.create(db, "atlas", number) for number in range(5)]
    assert await read_pages(partial(wave_sessions.find_many, db)) == sessions[::-1]


async def test_pages_hold_every_session_created_at_one_time(still_db, read_pages):
    sessions = [await wave_sessions.create(still_db, "atlas", number) for number in range(5)]
    assert await read_pages(partial(wave_sessions.find_many, still_db)) == sessions[::-1]


async def test_lists_follow_creation_and_not_the_start(still_db, clock):
    sessions = []
    for number in range(3):
        sessions.append(await wave_sessions.create(still_db, "atlas", number))
        clock.advance(timedelta(seconds=1))
    await wave_sessions.start(still_db, sessions[0].id)
    page = await wave_sessions.find_many(still_db)
    assert [session.id for session in page.items] == [session.id for session in sessions[::-1]]


async def test_filters_combine(db):
    wanted = await session_in(db, "failed", "atlas")
    await session_in(db, "pending", "atlas")
    await session_in(db, "failed", "other")
    page = await wave_sessions.find_many(db, "atlas", "failed")
    assert page.items == [wanted]
    assert await wave_sessions.count(db, "atlas", "failed") == 1
    assert [session async for session in wave_sessions.iterate(db, "atlas", "failed")] == [wanted]


async def test_a_project_lists_its_own_sessions(db, read_pages):
    sessions = [await wave_sessions.create(db, "atlas", number) for number in range(3)]
    await wave_sessions.create(db, "other", 1)
    assert await read_pages(partial(wave_sessions.list_by_project, db, "atlas")) == sessions[::-1]


async def test_the_active_list_spans_projects_and_leaves_out_finished_sessions(db, read_pages):
    live = [
        await session_in(db, "pending", "atlas"),
        await session_in(db, "in_progress", "borealis"),
        await session_in(db, "pending", "cygnus"),
    ]
    for status in ("completed", "failed", "cancelled"):
        await session_in(db, status, "draco")
    assert await read_pages(partial(wave_sessions.list_active, db)) == live[::-1]


async def test_iterate_yields_every_session_newest_first(still_db):
    sessions = [await wave_sessions.create(still_db, "atlas", number) for number in range(5)]
    assert [session async for session in wave_sessions.iterate(still_db)] == sessions[::-1]


@pytest.mark.parametrize("limit", [0, 1001, -1, True, "2"])
async def test_a_limit_out_of_range_is_refused(db, limit):
    with pytest.raises(InvalidValue):
        await wave_sessions.find_many(db, limit=limit)


async def test_a_cursor_of_another_list_is_refused(db):
    for number in range(2):
        await wave_sessions.create(db, "atlas", number)
    page = await wave_sessions.find_many(db, limit=1)
    with pytest.raises(InvalidValue):
        await wave_sessions.find_many(db, "atlas", limit=1, cursor=page.next_cursor)
    with pytest.raises(InvalidValue):
        await wave_sessions.list_active(db, limit=1, cursor=page.next_cursor)


async def test_rows_that_come_and_go_neither_repeat_nor_hide_the_others(db):
    sessions = [await wave_sessions.create(db, "atlas", number) for number in range(4)]
    first = await wave_sessions.find_many(db, limit=2)
    await wave_sessions.create(db, "atlas", 9)
    await wave_sessions.delete(db, sessions[2].id)
    second = await wave_sessions.find_many(db, limit=2, cursor=first.next_cursor)
    assert first.items + second.items == sessions[::-1]


async def test_the_counts_name_every_status(db):
    await session_in(db, "failed", "atlas")
    await session_in(db, "failed", "other")
    await session_in(db, "pending", "atlas")
    assert await wave_sessions.counts_by_status(db) == {
        "pending": 1,
        "in_progress": 0,
        "completed": 0,
        "failed": 2,
        "cancelled": 0,
    }
    assert (await wave_sessions.counts_by_status(db, "atlas"))["failed"] == 1


# Transitions


@pytest.mark.parametrize(("operation", "source"), ALLOWED)
async def test_transition_is_allowed(db, operation, source):
    session = await session_in(db, source)
    moved = await getattr(wave_sessions, operation)(db, session.id)
    assert moved.status == MOVES[operation][1]
    assert await wave_sessions.get(db, session.id) == moved


@pytest.mark.parametrize(("operation", "source"), REFUSED)
async def test_transition_is_refused(db, operation, source):
    session = await session_in(db, source)
    with pytest.raises(InvalidTransition) as caught:
        await getattr(wave_sessions, operation)(db, session.id)
    assert (caught.value.current, caught.value.requested) == (source, MOVES[operation][1])
    assert set(caught.value.allowed) == REACHABLE[source]
    assert await wave_sessions.get(db, session.id) == session


@pytest.mark.parametrize("operation", MOVES)
async def test_transition_of_an_absent_session_is_not_found(db, operation):
    with pytest.raises(NotFound):
        await getattr(wave_sessions, operation)(db, uuid4())


async def test_start_sets_the_start(still_db, clock):
    session = await wave_sessions.create(still_db, "atlas", 1)
    clock.advance(timedelta(minutes=5))
    started = await wave_sessions.start(still_db, session.id)
    assert started.started_at == started.updated_at == clock()
    assert started.created_at == session.created_at


async def test_the_time_of_an_update_is_the_clocks_even_when_it_stands_still(still_db, clock):
    session = await wave_sessions.create(still_db, "atlas", 1)
    started = await wave_sessions.start(still_db, session.id)
    assert started.updated_at == clock()
    assert await wave_sessions.get(still_db, session.id) == started


async def test_complete_keeps_the_start(still_db, clock):
    session = await session_in(still_db, "in_progress")
    clock.advance(timedelta(minutes=5))
    completed = await wave_sessions.complete(still_db, session.id)
    assert (completed.started_at, completed.completed_at) == (session.started_at, clock())


async def test_complete_from_pending_sets_the_start(still_db, clock):
    session = await wave_sessions.create(still_db, "atlas", 1)
    clock.advance(timedelta(minutes=5))
    completed = await wave_sessions.complete(still_db, session.id)
    assert completed.started_at == completed.completed_at == clock()


async def test_complete_stores_a_given_cost(db):
    session = await wave_sessions.create(db, "atlas", 1)
    await wave_sessions.add_usage(db, session.id, cost_usd=Decimal("0.5"))
    assert (await wave_sessions.complete(db, session.id, Decimal("1.25"))).actual_cost_usd == Decimal("1.25")


async def test_complete_stores_a_cost_of_zero(db):
    session = await wave_sessions.create(db, "atlas", 1)
    await wave_sessions.add_usage(db, session.id, cost_usd=Decimal("0.5"))
    assert (await wave_sessions.complete(db, session.id, Decimal(0))).actual_cost_usd == 0


async def test_complete_without_a_cost_leaves_it(db):
    session = await wave_sessions.create(db, "atlas", 1)
    await wave_sessions.add_usage(db, session.id, cost_usd=Decimal("0.5"))
    assert (await wave_sessions.complete(db, session.id)).actual_cost_usd == Decimal("0.5")


async def test_fail_merges_its_message_into_the_metadata(still_db, clock):
    session = await wave_sessions.create(still_db, "atlas", 1, metadata={"owner": "ana"})
    failed = await wave_sessions.fail(still_db, session.id, "out of tokens")
    assert failed.metadata == {"owner": "ana", "error_message": "out of tokens"}
    assert failed.failed_at == clock()


async def test_fail_without_a_message_leaves_the_metadata(db):
    session = await wave_sessions.create(db, "atlas", 1, metadata={"owner": "ana"})
    assert (await wave_sessions.fail(db, session.id)).metadata == {"owner": "ana"}


async def test_an_empty_message_is_a_message(db):
    session = await wave_sessions.create(db, "atlas", 1)
    assert (await wave_sessions.fail(db, session.id, "")).metadata == {"error_message": ""}


async def test_cancel_merges_its_reason_into_the_metadata(still_db, clock):
    session = await wave_sessions.create(still_db, "atlas", 1, metadata={"owner": "ana"})
    cancelled = await wave_sessions.cancel(still_db, session.id, reason="superseded")
    assert cancelled.metadata == {"owner": "ana", "cancel_reason": "superseded"}
    assert cancelled.cancelled_at == clock()


async def test_resume_clears_the_failure_and_keeps_the_start(still_db, clock):
    session = await session_in(still_db, "in_progress")
    await wave_sessions.fail(still_db, session.id)
    clock.advance(timedelta(minutes=5))
    resumed = await wave_sessions.resume(still_db, session.id)
    assert (resumed.failed_at, resumed.started_at) == (None, session.started_at)


async def test_resume_of_a_session_that_never_started_sets_the_start(still_db, clock):
    session = await session_in(still_db, "failed")
    clock.advance(timedelta(minutes=5))
    assert (await wave_sessions.resume(still_db, session.id)).started_at == clock()


async def test_resume_conflicts_with_another_live_session(db):
    failed = await session_in(db, "failed")
    await session_in(db, "pending")
    with pytest.raises(Conflict) as caught:
        await wave_sessions.resume(db, failed.id)
    assert not isinstance(caught.value, InvalidTransition)
    assert await wave_sessions.get(db, failed.id) == failed


@pytest.mark.parametrize("source", STATUSES)
@pytest.mark.parametrize("target", STATUSES)
async def test_set_status_follows_the_transitions(db, source, target):
    session = await session_in(db, source)
    if target in REACHABLE[source]:
        assert (await wave_sessions.set_status(db, session.id, target)).status == target
    else:
        with pytest.raises(InvalidTransition) as caught:
            await wave_sessions.set_status(db, session.id, target)
        assert (caught.value.current, caught.value.requested) == (source, target)
        assert set(caught.value.allowed) == REACHABLE[source]


async def test_set_status_refuses_an_unknown_status(db):
    session = await wave_sessions.create(db, "atlas", 1)
    with pytest.raises(InvalidValue, match="paused"):
        await wave_sessions.set_status(db, session.id, "paused")


@pytest.mark.parametrize("status", STATUSES)
async def test_set_status_of_an_absent_session_is_not_found(db, status):
    with pytest.raises(NotFound):
        await wave_sessions.set_status(db, uuid4(), status)


# Counters


async def test_progress_sets_what_is_given(db):
    session = await wave_sessions.create(db, "atlas", 1)
    await wave_sessions.update_progress(db, session.id, story_count=5, token_count=100)
    updated = await wave_sessions.update_progress(db, session.id, 7, stories_completed=2)
    assert (updated.story_count, updated.stories_completed, updated.token_count) == (7, 2, 100)


async def test_a_progress_of_zero_is_set(db):
    session = await wave_sessions.create(db, "atlas", 1)
    await wave_sessions.update_progress(db, session.id, 5, 4, 3, Decimal("1.5"), 100)
    updated = await wave_sessions.update_progress(db, session.id, 0, 0, 0, Decimal(0), 0)
    assert (updated.story_count, updated.stories_completed, updated.stories_failed) == (0, 0, 0)
    assert (updated.actual_cost_usd, updated.token_count) == (0, 0)


async def test_progress_sets_the_time_of_the_update(still_db, clock):
    session = await wave_sessions.create(still_db, "atlas", 1)
    clock.advance(timedelta(minutes=5))
    updated = await wave_sessions.update_progress(still_db, session.id, story_count=1)
    assert (updated.updated_at, updated.created_at) == (clock(), session.created_at)


async def test_progress_without_a_field_touches_nothing(still_db, clock):
    session = await wave_sessions.create(still_db, "atlas", 1)
    clock.advance(timedelta(minutes=5))
    assert await wave_sessions.update_progress(still_db, session.id) == session


@pytest.mark.parametrize("fields", [{}, {"story_count": 1}])
async def test_progress_of_an_absent_session_is_not_found(db, fields):
    with pytest.raises(NotFound):
        await wave_sessions.update_progress(db, uuid4(), **fields)


@pytest.mark.parametrize(
    "fields",
    [
        {"story_count": -1},
        {"stories_completed": -1},
        {"stories_failed": 2**31},
        {"actual_cost_usd": Decimal(-1)},
        {"token_count": -1},
        {"token_count": 2**63},
    ],
    ids=str,
)
async def test_progress_refuses(db, fields):
    session = await wave_sessions.create(db, "atlas", 1)
    with pytest.raises(InvalidValue):
        await wave_sessions.update_progress(db, session.id, **fields)


async def test_an_unknown_progress_field_is_a_type_error(db):
    session = await wave_sessions.create(db, "atlas", 1)
    with pytest.raises(TypeError):
        await wave_sessions.update_progress(db, session.id, stories_skipped=1)


async def test_usage_adds_up(db):
    session = await wave_sessions.create(db, "atlas", 1)
    await wave_sessions.add_usage(db, session.id, 10, Decimal("0.000001"))
    used = await wave_sessions.add_usage(db, session.id, tokens=5, cost_usd=Decimal("0.1"))
    assert (used.token_count, used.actual_cost_usd) == (15, Decimal("0.100001"))


async def test_usage_may_pass_the_budget(db):
    session = await wave_sessions.create(db, "atlas", 1, Decimal(1))
    assert (await wave_sessions.add_usage(db, session.id, cost_usd=Decimal(3))).actual_cost_usd == 3


@pytest.mark.parametrize("usage", [{"tokens": -1}, {"cost_usd": Decimal("-0.1")}, {"cost_usd": 0.1}], ids=str)
async def test_usage_refuses(db, usage):
    session = await wave_sessions.create(db, "atlas", 1)
    with pytest.raises(InvalidValue):
        await wave_sessions.add_usage(db, session.id, **usage)
    assert await wave_sessions.get(db, session.id) == session


async def test_usage_that_no_longer_fits_its_column_is_refused(db):
    session = await wave_sessions.create(db, "atlas", 1)
    await wave_sessions.add_usage(db, session.id, 2**63 - 1, Decimal("99999999.999999"))
    with pytest.raises(InvalidValue):
        await wave_sessions.add_usage(db, session.id, tokens=1)
    with pytest.raises(InvalidValue):
        await wave_sessions.add_usage(db, session.id, cost_usd=Decimal("0.000001"))


async def test_usage_of_an_absent_session_is_not_found(db):
    with pytest.raises(NotFound):
        await wave_sessions.add_usage(db, uuid4(), tokens=1)


async def test_recalculate_counts_the_stories_again(db):
    session = await wave_sessions.create(db, "atlas", 1)
    other = await wave_sessions.create(db, "atlas", 2)
    await wave_sessions.update_progress(db, session.id, 99, 99, 99, Decimal(99), 99)
    await stories_in(db, session.id, "pending", "in_progress", "complete", "complete", "failed")
    await stories_in(db, other.id, "complete")
    counted = await wave_sessions.recalculate(db, session.id)
    assert (counted.story_count, counted.stories_completed, counted.stories_failed) == (5, 2, 1)
    assert (counted.token_count, counted.actual_cost_usd) == (50, Decimal("1.25"))


async def test_recalculate_of_a_session_without_stories_is_zero(db):
    session = await wave_sessions.create(db, "atlas", 1)
    await wave_sessions.update_progress(db, session.id, 99, 99, 99, Decimal(99), 99)
    counted = await wave_sessions.recalculate(db, session.id)
    assert (counted.story_count, counted.token_count, counted.actual_cost_usd) == (0, 0, 0)


async def test_recalculate_of_an_absent_session_is_not_found(db):
    with pytest.raises(NotFound):
        await wave_sessions.recalculate(db, uuid4())


# Budget


async def test_a_charge_within_the_budget_is_added(db):
    session = await wave_sessions.create(db, "atlas", 1, Decimal(1))
    charged = await wave_sessions.charge(db, session.id, Decimal("0.4"), 7)
    assert (charged.actual_cost_usd, charged.token_count) == (Decimal("0.4"), 7)


async def test_a_charge_may_use_the_budget_up(db):
    session = await wave_sessions.create(db, "atlas", 1, Decimal(1))
    await wave_sessions.charge(db, session.id, Decimal("0.999999"))
    assert (await wave_sessions.charge(db, session.id, Decimal("0.000001"))).actual_cost_usd == 1


@pytest.mark.parametrize("key", [None, "call-1"])
async def test_a_charge_past_the_budget_is_refused_with_what_remains(db, key):
    session = await wave_sessions.create(db, "atlas", 1, Decimal(1))
    await wave_sessions.charge(db, session.id, Decimal("0.75"))
    with pytest.raises(BudgetExceeded) as caught:
        await wave_sessions.charge(db, session.id, Decimal("0.250001"), 5, key)
    assert caught.value.remaining == Decimal("0.25")
    assert (await wave_sessions.get(db, session.id)).actual_cost_usd == Decimal("0.75")
    assert (await wave_sessions.get(db, session.id)).token_count == 0


async def test_a_budget_of_zero_allows_only_charges_of_nothing(db):
    session = await wave_sessions.create(db, "atlas", 1, Decimal(0))
    await wave_sessions.charge(db, session.id, Decimal(0), 10)
    with pytest.raises(BudgetExceeded):
        await wave_sessions.charge(db, session.id, Decimal("0.000001"))


async def test_a_charge_repeated_under_its_key_counts_once(db):
    session = await wave_sessions.create(db, "atlas", 1, Decimal(1))
    first = await wave_sessions.charge(db, session.id, Decimal("0.4"), 7, key="call-1")
    assert await wave_sessions.charge(db, session.id, Decimal("0.4"), 7, key="call-1") == first


async def test_another_key_is_another_charge(db):
    session = await wave_sessions.create(db, "atlas", 1, Decimal(1))
    await wave_sessions.charge(db, session.id, Decimal("0.4"), key="call-1")
    charged = await wave_sessions.charge(db, session.id, Decimal("0.4"), key="call-2")
    assert charged.actual_cost_usd == Decimal("0.8")


async def test_sessions_do_not_share_keys(db):
    for number in (1, 2):
        session = await wave_sessions.create(db, "atlas", number, Decimal(1))
        charged = await wave_sessions.charge(db, session.id, Decimal("0.4"), key="call-1")
        assert charged.actual_cost_usd == Decimal("0.4")


async def test_a_repeated_charge_is_answered_when_the_budget_is_used_up(db):
    session = await wave_sessions.create(db, "atlas", 1, Decimal(1))
    await wave_sessions.charge(db, session.id, Decimal(1), key="call-1")
    assert (await wave_sessions.charge(db, session.id, Decimal(1), key="call-1")).actual_cost_usd == 1


async def test_a_refused_charge_leaves_its_key_unused(db):
    session = await wave_sessions.create(db, "atlas", 1, Decimal(1))
    with pytest.raises(BudgetExceeded):
        await wave_sessions.charge(db, session.id, Decimal(2), key="call-1")
    await wave_sessions.set_budget(db, session.id, Decimal(2))
    assert (await wave_sessions.charge(db, session.id, Decimal(2), key="call-1")).actual_cost_usd == 2


async def test_a_refused_charge_leaves_the_callers_transaction_usable(db):
    session = await wave_sessions.create(db, "atlas", 1, Decimal(1))
    async with db.transaction() as tx:
        with pytest.raises(BudgetExceeded):
            await wave_sessions.charge(tx, session.id, Decimal(2), key="call-1")
        await wave_sessions.charge(tx, session.id, Decimal(1), key="call-1")
    assert (await wave_sessions.get(db, session.id)).actual_cost_usd == 1


@pytest.mark.parametrize("key", [None, "call-1"])
async def test_a_charge_to_an_absent_session_is_not_found(db, key):
    with pytest.raises(NotFound):
        await wave_sessions.charge(db, uuid4(), Decimal(1), key=key)


@pytest.mark.parametrize("key", [None, "call-1"])
@pytest.mark.parametrize("charge", [(Decimal("-0.1"), 0), (Decimal(1), -1), (0.5, 0)], ids=str)
async def test_charge_refuses(db, charge, key):
    session = await wave_sessions.create(db, "atlas", 1)
    with pytest.raises(InvalidValue):
        await wave_sessions.charge(db, session.id, *charge, key=key)
    assert await wave_sessions.get(db, session.id) == session


async def test_the_budget_can_be_set(db):
    session = await wave_sessions.create(db, "atlas", 1)
    assert (await wave_sessions.set_budget(db, session.id, Decimal("7.5"))).budget_usd == Decimal("7.5")
    with pytest.raises(InvalidValue):
        await wave_sessions.set_budget(db, session.id, Decimal(-1))
    with pytest.raises(NotFound):
        await wave_sessions.set_budget(db, uuid4(), Decimal(1))


@pytest.mark.parametrize(
    ("budget", "spent", "remaining", "used_percent", "exceeded"),
    [
        ("2.00", "0", "2", "0.00", False),
        ("3", "1", "2", "33.33", False),
        ("800", "1", "799", "0.13", False),
        ("2", "2", "0", "100.00", False),
        ("2", "3", "-1", "150.00", True),
        ("0", "0", "0", "0.00", False),
        ("0", "1", "-1", "0.00", True),
    ],
)
async def test_budget_status(db, budget, spent, remaining, used_percent, exceeded):
    session = await wave_sessions.create(db, "atlas", 1, Decimal(budget))
    await wave_sessions.add_usage(db, session.id, cost_usd=Decimal(spent))
    status = await wave_sessions.budget_status(db, session.id)
    assert (status.budget_usd, status.spent_usd) == (Decimal(budget), Decimal(spent))
    assert (status.remaining_usd, status.exceeded) == (Decimal(remaining), exceeded)
    assert str(status.used_percent) == used_percent


async def test_the_budget_status_of_an_absent_session_is_not_found(db):
    with pytest.raises(NotFound):
        await wave_sessions.budget_status(db, uuid4())


# Metadata


async def test_merging_keeps_the_other_keys(db):
    session = await wave_sessions.create(db, "atlas", 1, metadata={"a": 1, "b": 2})
    merged = await wave_sessions.merge_metadata(db, session.id, {"b": 3, "c": 4})
    assert merged.metadata == {"a": 1, "b": 3, "c": 4}


async def test_merging_is_shallow_and_stores_null(db):
    session = await wave_sessions.create(db, "atlas", 1, metadata={"a": {"x": 1}, "b": 2})
    merged = await wave_sessions.merge_metadata(db, session.id, {"a": {"y": 2}, "b": None})
    assert merged.metadata == {"a": {"y": 2}, "b": None}


async def test_merging_into_an_absent_session_is_not_found(db):
    with pytest.raises(NotFound):
        await wave_sessions.merge_metadata(db, uuid4(), {"a": 1})


# Deleting


async def test_delete_tells_whether_there_was_a_session(db):
    session = await wave_sessions.create(db, "atlas", 1)
    assert await wave_sessions.delete(db, session.id) is True
    assert await wave_sessions.delete(db, session.id) is False


async def test_delete_can_insist_on_the_session(db):
    with pytest.raises(NotFound):
        await wave_sessions.delete(db, uuid4(), missing_ok=False)


async def test_delete_removes_checkpoints_stories_and_charges(db):
    session = await wave_sessions.create(db, "atlas", 1)
    checkpoint = await wave_checkpoints.create(db, session.id, "manual", "note", {})
    story = await wave_story_executions.create(db, session.id, "S-1", "Story", "api", "coder")
    await wave_sessions.charge(db, session.id, Decimal(1), key="call-1")
    await wave_sessions.delete(db, session.id)
    assert await wave_checkpoints.find(db, checkpoint.id) is None
    assert await wave_story_executions.find(db, story.id) is None
    again = await wave_sessions.create(db, "atlas", 1, id=session.id)
    assert (await wave_sessions.charge(db, again.id, Decimal(1), key="call-1")).actual_cost_usd == 1


# The record


@pytest.mark.parametrize(
    ("status", "active", "terminal", "successful"),
    [
        ("pending", True, False, False),
        ("in_progress", True, False, False),
        ("completed", False, True, True),
        ("failed", False, False, False),
        ("cancelled", False, True, False),
    ],
)
async def test_status_properties(db, status, active, terminal, successful):
    session = await session_in(db, status)
    assert (session.is_active, session.is_terminal, session.is_successful) == (active, terminal, successful)


async def test_repr_shows_the_key_and_the_status_but_no_metadata(db):
    session = await wave_sessions.create(db, "atlas", 3, metadata={"token": "s3cret"})
    assert repr(session) == (f"WaveSession(id={session.id!r}, project_name='atlas', wave_number=3, status='pending')")


async def test_a_session_never_changes(db):
    session = await wave_sessions.create(db, "atlas", 1)
    with pytest.raises(ValidationError):
        session.status = "completed"


async def test_times_and_ids_have_the_types_of_the_standard_library(db):
    session = await wave_sessions.create(db, "atlas", 1)
    assert type(session.id) is UUID
    assert session.created_at.utcoffset() == timedelta(0)
