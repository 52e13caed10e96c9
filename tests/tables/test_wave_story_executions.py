from datetime import timedelta
from decimal import Decimal
from functools import partial
from itertools import product
from uuid import uuid4

import pytest
from pydantic import ValidationError

from wave_data import (
    Conflict,
    InvalidTransition,
    InvalidValue,
    MissingReference,
    NotFound,
    wave_sessions,
    wave_story_executions,
)

STATUSES = ("pending", "in_progress", "blocked", "review", "complete", "failed", "cancelled")
LIVE = {"pending", "in_progress", "blocked", "review"}
ORDINARY = {
    "start": ({"pending"}, "in_progress"),
    "block": ({"in_progress"}, "blocked"),
    "unblock": ({"blocked"}, "in_progress"),
    "submit_for_review": ({"in_progress"}, "review"),
    "reopen": ({"review"}, "in_progress"),
    "complete": ({"in_progress", "review"}, "complete"),
    "fail": ({"in_progress", "blocked", "review"}, "failed"),
    "cancel": (LIVE, "cancelled"),
}
RECOVERY = {
    "resume": ({"failed"}, "in_progress"),
    "restart": (LIVE | {"failed"}, "pending"),
    "skip": (LIVE | {"failed"}, "cancelled"),
}
MOVES = ORDINARY | RECOVERY
REQUIRED = {"block": ("waiting",), "fail": ("broken",)}
ALLOWED = [(name, source) for name, (sources, _) in MOVES.items() for source in STATUSES if source in sources]
REFUSED = sorted(set(product(MOVES, STATUSES)) - set(ALLOWED))


def targets(moves, source):
    return {target for sources, target in moves.values() if source in sources}


@pytest.fixture
async def session(db):
    return await wave_sessions.create(db, "atlas", 1)


@pytest.fixture
async def story(db, session):
    return await wave_story_executions.create(db, session.id, "S-1", "Login", "auth", "coder")


async def story_in(db, status, story_id="S-1", metadata=None):
    """A story brought to a status, in a session of its own."""
    session = await wave_sessions.create(db, f"project of {story_id} {status}", 1)
    story = await wave_story_executions.create(db, session.id, story_id, "Login", "auth", "coder", metadata=metadata)
    match status:
        case "pending":
            return story
        case "cancelled":
            return await wave_story_executions.cancel(db, story.id)
    story = await wave_story_executions.start(db, story.id)
    return story if status == "in_progress" else await wave_story_executions.set_status(db, story.id, status)


def operate(db, operation, id):
    return getattr(wave_story_executions, operation)(db, id, *REQUIRED.get(operation, ()))


# Creating


async def test_a_new_story_is_pending_at_the_first_gate(db, session):
    story = await wave_story_executions.create(db, session.id, "S-1", "Login", "auth", "coder")
    assert (story.session_id, story.story_id, story.story_title) == (session.id, "S-1", "Login")
    assert (story.domain, story.agent) == ("auth", "coder")
    assert (story.status, story.current_gate) == ("pending", "gate-0")
    assert await wave_story_executions.get(db, story.id) == story


async def test_a_new_story_has_done_nothing(story):
    assert (story.started_at, story.completed_at, story.failed_at, story.cancelled_at) == (None,) * 4
    assert (story.token_count, story.cost_usd, story.retry_count, story.max_retries) == (0, 0, 0, 3)
    assert (story.acceptance_criteria_passed, story.acceptance_criteria_total) == (0, 0)
    assert (story.tests_passing, story.coverage_achieved) == (False, None)
    assert (story.files_created, story.files_modified, story.metadata) == ([], [], {})
    assert (story.branch_name, story.commit_sha, story.pr_url, story.error_message) == (None,) * 4
    assert (story.priority, story.story_points) == (None, None)


async def test_a_story_holds_what_it_was_given(db, session):
    given = uuid4()
    story = await wave_story_executions.create(
        db, session.id, "S-1", "Login", "auth", "coder", "P0", 5, 0, {"owner": "ana"}, given
    )
    assert (story.priority, story.story_points, story.max_retries) == ("P0", 5, 0)
    assert (story.metadata, story.id) == ({"owner": "ana"}, given)


async def test_a_story_exists_once_in_a_session(db, session, story):
    with pytest.raises(Conflict):
        await wave_story_executions.create(db, session.id, "S-1", "Again", "auth", "coder")
    other = await wave_sessions.create(db, "atlas", 2)
    await wave_story_executions.create(db, other.id, "S-1", "Login", "auth", "coder")
    assert await wave_story_executions.count(db, "S-1") == 2


async def test_a_taken_id_conflicts(db, session, story):
    with pytest.raises(Conflict):
        await wave_story_executions.create(db, session.id, "S-2", "Other", "auth", "coder", id=story.id)


async def test_an_absent_session_is_a_missing_reference(db):
    with pytest.raises(MissingReference):
        await wave_story_executions.create(db, uuid4(), "S-1", "Login", "auth", "coder")


@pytest.mark.parametrize(
    "arguments",
    [
        {"story_id": ""},
        {"story_id": "a" * 101},
        {"story_title": ""},
        {"story_title": "a" * 256},
        {"domain": ""},
        {"domain": "a" * 101},
        {"agent": ""},
        {"agent": "a" * 101},
        {"priority": ""},
        {"priority": "a" * 21},
        {"story_points": -1},
        {"max_retries": -1},
        {"max_retries": None},
        {"metadata": []},
    ],
    ids="-".join,
)
async def test_create_refuses(db, session, arguments):
    values = {"story_id": "S-1", "story_title": "Login", "domain": "auth", "agent": "coder"} | arguments
    with pytest.raises(InvalidValue):
        await wave_story_executions.create(db, session.id, **values)


# Reading


async def test_an_absent_story_is_not_found(db, session):
    absent = uuid4()
    with pytest.raises(NotFound, match=f"{absent} not found"):
        await wave_story_executions.get(db, absent)
    assert await wave_story_executions.find(db, absent) is None
    assert await wave_story_executions.find_by_story(db, session.id, "S-1") is None


async def test_a_story_is_found_by_session_and_name(db, session, story):
    assert await wave_story_executions.find(db, story.id) == story
    assert await wave_story_executions.find_by_story(db, session.id, "S-1") == story


# Lists


async def mixed_stories(db):
    """Stories of two sessions, domains and agents, some of them started."""
    session = await wave_sessions.create(db, "atlas", 1)
    other = await wave_sessions.create(db, "atlas", 2)
    for number in range(8):
        agent, domain = ("coder", "tester")[number % 2], ("auth", "api")[number // 4]
        for owner in (session, other):
            story = await wave_story_executions.create(db, owner.id, f"S-{number}", "Story", domain, agent)
            if number < 3:
                await wave_story_executions.start(db, story.id)
    return session


@pytest.fixture(params=["moving clock", "still clock"])
def either_db(request, db, still_db):
    return db if request.param == "moving clock" else still_db


LISTS = {
    "list_by_session": ((), lambda story: True),
    "list_by_status": (("in_progress",), lambda story: story.status == "in_progress"),
    "list_by_agent": (("coder",), lambda story: story.agent == "coder"),
    "list_by_domain": (("api",), lambda story: story.domain == "api"),
}


@pytest.mark.parametrize("name", LISTS)
async def test_pages_hold_exactly_the_matching_stories_newest_first(either_db, read_pages, name):
    arguments, matches = LISTS[name]
    session = await mixed_stories(either_db)
    everything = [story async for story in wave_story_executions.iterate(either_db)]
    assert everything == sorted(everything, key=lambda story: (story.created_at, story.id), reverse=True)
    expected = [story for story in everything if story.session_id == session.id and matches(story)]
    listed = getattr(wave_story_executions, name)
    assert await read_pages(partial(listed, either_db, session.id, *arguments)) == expected
    assert len(expected) >= 3


async def test_a_storys_executions_span_sessions(either_db, read_pages):
    await mixed_stories(either_db)
    everything = [story async for story in wave_story_executions.iterate(either_db)]
    assert await read_pages(partial(wave_story_executions.find_many, either_db)) == everything
    expected = [story for story in everything if story.story_id == "S-3"]
    assert await read_pages(partial(wave_story_executions.find_many, either_db, "S-3")) == expected
    assert [story async for story in wave_story_executions.iterate(either_db, "S-3")] == expected
    assert await wave_story_executions.count(either_db, "S-3") == len(expected) == 2
    assert await wave_story_executions.count(either_db) == 16


async def test_the_counts_of_a_session_name_every_status(db):
    session = await mixed_stories(db)
    expected = dict.fromkeys(STATUSES, 0) | {"pending": 5, "in_progress": 3}
    assert await wave_story_executions.counts_by_status(db, session.id) == expected
    assert await wave_story_executions.counts_by_status(db, uuid4()) == dict.fromkeys(STATUSES, 0)


# Transitions


@pytest.mark.parametrize(("operation", "source"), ALLOWED)
async def test_transition_is_allowed(db, operation, source):
    story = await story_in(db, source)
    moved = await operate(db, operation, story.id)
    assert moved.status == MOVES[operation][1]
    assert await wave_story_executions.get(db, story.id) == moved


@pytest.mark.parametrize(("operation", "source"), REFUSED)
async def test_transition_is_refused(db, operation, source):
    story = await story_in(db, source)
    with pytest.raises(InvalidTransition) as caught:
        await operate(db, operation, story.id)
    assert (caught.value.current, caught.value.requested) == (source, MOVES[operation][1])
    assert set(caught.value.allowed) == targets(MOVES, source)
    assert await wave_story_executions.get(db, story.id) == story


@pytest.mark.parametrize("operation", MOVES)
async def test_transition_of_an_absent_story_is_not_found(db, operation):
    with pytest.raises(NotFound):
        await operate(db, operation, uuid4())


@pytest.mark.parametrize("source", STATUSES)
@pytest.mark.parametrize("target", STATUSES)
async def test_set_status_follows_the_ordinary_transitions_only(db, source, target):
    story = await story_in(db, source)
    if target in targets(ORDINARY, source):
        assert (await wave_story_executions.set_status(db, story.id, target)).status == target
    else:
        with pytest.raises(InvalidTransition) as caught:
            await wave_story_executions.set_status(db, story.id, target)
        assert (caught.value.current, caught.value.requested) == (source, target)
        assert set(caught.value.allowed) == targets(ORDINARY, source)
        assert await wave_story_executions.get(db, story.id) == story


async def test_set_status_refuses_an_unknown_status(db, story):
    with pytest.raises(InvalidValue, match="paused"):
        await wave_story_executions.set_status(db, story.id, "paused")


@pytest.mark.parametrize("status", STATUSES)
async def test_set_status_of_an_absent_story_is_not_found(db, status):
    with pytest.raises(NotFound):
        await wave_story_executions.set_status(db, uuid4(), status)


@pytest.mark.parametrize(
    ("operation", "source", "column"),
    [
        ("start", "pending", "started_at"),
        ("complete", "in_progress", "completed_at"),
        ("fail", "in_progress", "failed_at"),
        ("cancel", "pending", "cancelled_at"),
        ("skip", "failed", "cancelled_at"),
    ],
)
async def test_transition_sets_its_time(still_db, clock, operation, source, column):
    story = await story_in(still_db, source)
    clock.advance(timedelta(minutes=5))
    moved = await operate(still_db, operation, story.id)
    assert getattr(moved, column) == moved.updated_at == clock()
    assert moved.created_at == story.created_at


async def test_moving_on_keeps_the_start(still_db, clock):
    story = await story_in(still_db, "in_progress")
    clock.advance(timedelta(minutes=5))
    for operation in ("block", "unblock", "submit_for_review", "reopen", "complete"):
        assert (await operate(still_db, operation, story.id)).started_at == story.started_at


@pytest.mark.parametrize(
    ("operation", "source"),
    [("submit_for_review", "in_progress"), ("reopen", "review"), ("cancel", "blocked")],
)
async def test_a_given_reason_is_merged_into_the_metadata(db, operation, source):
    story = await story_in(db, source, metadata={"owner": "ana"})
    moved = await getattr(wave_story_executions, operation)(db, story.id, reason="because")
    assert moved.metadata == {"owner": "ana", "last_transition_reason": "because"}


@pytest.mark.parametrize(
    ("operation", "source"),
    [("submit_for_review", "in_progress"), ("reopen", "review"), ("cancel", "blocked")],
)
async def test_without_a_reason_the_metadata_stays(db, operation, source):
    story = await story_in(db, source, metadata={"owner": "ana"})
    assert (await getattr(wave_story_executions, operation)(db, story.id)).metadata == {"owner": "ana"}


async def test_a_block_keeps_its_reason_until_it_is_lifted(db):
    story = await story_in(db, "in_progress", metadata={"owner": "ana"})
    blocked = await wave_story_executions.block(db, story.id, "waiting for a key")
    assert blocked.metadata == {"owner": "ana", "block_reason": "waiting for a key"}
    assert (await wave_story_executions.unblock(db, story.id)).metadata == {"owner": "ana"}


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        ("pending", "in_progress", {"last_transition_reason": "because"}),
        ("in_progress", "blocked", {"block_reason": "because"}),
        ("in_progress", "review", {"last_transition_reason": "because"}),
        ("review", "in_progress", {"last_transition_reason": "because"}),
        ("review", "complete", {"last_transition_reason": "because"}),
        ("blocked", "cancelled", {"last_transition_reason": "because"}),
        ("in_progress", "failed", {}),
    ],
)
async def test_set_status_puts_the_reason_where_the_operation_does(db, source, target, expected):
    story = await story_in(db, source, metadata={"owner": "ana"})
    moved = await wave_story_executions.set_status(db, story.id, target, "because")
    assert moved.metadata == {"owner": "ana"} | expected
    assert moved.error_message == ("because" if target == "failed" else None)


async def test_set_status_lifts_a_block_with_a_reason(db):
    story = await story_in(db, "in_progress")
    await wave_story_executions.block(db, story.id, "waiting")
    moved = await wave_story_executions.set_status(db, story.id, "in_progress", "the key came")
    assert moved.metadata == {"last_transition_reason": "the key came"}


async def test_complete_stores_the_given_results(db):
    story = await story_in(db, "review")
    completed = await wave_story_executions.complete(
        db,
        story.id,
        tests_passing=True,
        coverage_achieved=Decimal("87.5"),
        files_created=["a.py", "b.py"],
        files_modified=["c.py"],
        branch_name="feature/login",
        commit_sha="0a1b2c",
        pr_url="https://example.org/pr/1",
    )
    assert (completed.tests_passing, completed.coverage_achieved) == (True, Decimal("87.50"))
    assert (completed.files_created, completed.files_modified) == (["a.py", "b.py"], ["c.py"])
    assert (completed.branch_name, completed.commit_sha) == ("feature/login", "0a1b2c")
    assert completed.pr_url == "https://example.org/pr/1"


async def test_complete_leaves_results_that_are_not_given(db):
    story = await story_in(db, "in_progress")
    await wave_story_executions.add_files(db, story.id, created=["a.py"], modified=["b.py"])
    completed = await wave_story_executions.complete(db, story.id, tests_passing=False)
    assert (completed.files_created, completed.files_modified) == (["a.py"], ["b.py"])
    assert (completed.tests_passing, completed.coverage_achieved) == (False, None)
    assert (completed.branch_name, completed.commit_sha, completed.pr_url) == (None,) * 3


async def test_an_empty_list_of_files_is_a_result(db):
    story = await story_in(db, "in_progress")
    await wave_story_executions.add_files(db, story.id, created=["a.py"])
    assert (await wave_story_executions.complete(db, story.id, files_created=[])).files_created == []


@pytest.mark.parametrize(
    "results",
    [
        {"coverage_achieved": Decimal("100.01")},
        {"coverage_achieved": Decimal(-1)},
        {"coverage_achieved": 50.5},
        {"branch_name": ""},
        {"branch_name": "a" * 256},
        {"commit_sha": "a" * 65},
        {"pr_url": "a" * 2049},
        {"tests_passing": 1},
        {"files_created": "a.py"},
        {"files_modified": [1]},
    ],
    ids="-".join,
)
async def test_complete_refuses(db, results):
    story = await story_in(db, "in_progress")
    with pytest.raises(InvalidValue):
        await wave_story_executions.complete(db, story.id, **results)
    assert await wave_story_executions.get(db, story.id) == story


async def test_fail_keeps_its_message_through_a_resume(still_db, clock):
    story = await story_in(still_db, "in_progress")
    failed = await wave_story_executions.fail(still_db, story.id, "tests broke")
    assert (failed.error_message, failed.failed_at) == ("tests broke", clock())
    clock.advance(timedelta(minutes=5))
    resumed = await wave_story_executions.resume(still_db, story.id)
    assert (resumed.error_message, resumed.failed_at) == ("tests broke", None)
    assert resumed.started_at == story.started_at


@pytest.mark.parametrize("source", sorted(LIVE | {"failed"}))
async def test_restart_forgets_the_attempt(still_db, clock, source):
    story = await story_in(still_db, source, metadata={"owner": "ana"})
    await wave_story_executions.update_metrics(
        still_db, story.id, 100, Decimal(1), 2, acceptance_criteria_passed=3, acceptance_criteria_total=5
    )
    await wave_story_executions.set_gate(still_db, story.id, "gate-4")
    clock.advance(timedelta(minutes=5))
    fresh = await wave_story_executions.restart(still_db, story.id)
    assert (fresh.started_at, fresh.completed_at, fresh.failed_at, fresh.cancelled_at) == (None,) * 4
    assert (fresh.error_message, fresh.retry_count, fresh.acceptance_criteria_passed) == (None, 0, 0)
    assert (fresh.current_gate, fresh.acceptance_criteria_total, fresh.token_count) == ("gate-0", 5, 100)
    assert fresh.metadata == {"owner": "ana", "restarted_at": "2026-01-01T12:05:00.000000Z"}


@pytest.mark.parametrize(("reason", "expected"), [("obsolete", {"skip_reason": "obsolete"}), (None, {})])
async def test_skip_notes_reason_and_time(still_db, reason, expected):
    story = await story_in(still_db, "failed", metadata={"owner": "ana"})
    skipped = await wave_story_executions.skip(still_db, story.id, reason)
    assert skipped.metadata == {"owner": "ana", "skipped_at": "2026-01-01T12:00:00.000000Z"} | expected


# Metrics, usage and files


async def test_metrics_set_what_is_given(db, story):
    await wave_story_executions.update_metrics(db, story.id, acceptance_criteria_total=5)
    updated = await wave_story_executions.update_metrics(
        db, story.id, 100, Decimal("1.5"), 2, acceptance_criteria_passed=3
    )
    assert (updated.token_count, updated.cost_usd, updated.retry_count) == (100, Decimal("1.5"), 2)
    assert (updated.acceptance_criteria_passed, updated.acceptance_criteria_total) == (3, 5)


async def test_metrics_of_zero_are_set(db, story):
    await wave_story_executions.update_metrics(db, story.id, 100, Decimal("1.5"), 2, 3, 5)
    updated = await wave_story_executions.update_metrics(db, story.id, 0, Decimal(0), 0, 0, 0)
    assert (updated.token_count, updated.cost_usd, updated.retry_count) == (0, 0, 0)
    assert (updated.acceptance_criteria_passed, updated.acceptance_criteria_total) == (0, 0)


async def test_metrics_without_a_field_touch_nothing(still_db, clock):
    story = await story_in(still_db, "pending")
    clock.advance(timedelta(minutes=5))
    assert await wave_story_executions.update_metrics(still_db, story.id) == story


@pytest.mark.parametrize("fields", [{}, {"token_count": 1}])
async def test_metrics_of_an_absent_story_are_not_found(db, fields):
    with pytest.raises(NotFound):
        await wave_story_executions.update_metrics(db, uuid4(), **fields)


@pytest.mark.parametrize(
    "fields",
    [
        {"acceptance_criteria_passed": 1},
        {"acceptance_criteria_passed": 6, "acceptance_criteria_total": 5},
        {"acceptance_criteria_total": -1},
        {"token_count": -1},
        {"cost_usd": Decimal(-1)},
        {"retry_count": -1},
    ],
    ids=str,
)
async def test_metrics_refuse(db, story, fields):
    with pytest.raises(InvalidValue):
        await wave_story_executions.update_metrics(db, story.id, **fields)
    assert await wave_story_executions.get(db, story.id) == story


async def test_usage_adds_up(db, story):
    await wave_story_executions.add_usage(db, story.id, 10, Decimal("0.5"), 1)
    used = await wave_story_executions.add_usage(db, story.id, tokens=5, cost_usd=Decimal("0.000001"), retries=1)
    assert (used.token_count, used.cost_usd, used.retry_count) == (15, Decimal("0.500001"), 2)


async def test_usage_stays_with_the_story(db, session, story):
    await wave_story_executions.add_usage(db, story.id, 10, Decimal("0.5"))
    assert await wave_sessions.get(db, session.id) == session


async def test_usage_rolls_up_to_the_session(db, session, story):
    await wave_sessions.add_usage(db, session.id, 1, Decimal("0.1"))
    used = await wave_story_executions.add_usage(db, story.id, 10, Decimal("0.5"), 1, roll_up=True)
    total = await wave_sessions.get(db, session.id)
    assert (used.token_count, used.cost_usd, used.retry_count) == (10, Decimal("0.5"), 1)
    assert (total.token_count, total.actual_cost_usd) == (11, Decimal("0.6"))


async def test_usage_that_the_session_cannot_hold_is_added_to_neither(db, session, story):
    await wave_sessions.add_usage(db, session.id, tokens=2**63 - 1)
    with pytest.raises(InvalidValue):
        await wave_story_executions.add_usage(db, story.id, 1, roll_up=True)
    assert await wave_story_executions.get(db, story.id) == story


@pytest.mark.parametrize("roll_up", [False, True])
async def test_usage_of_an_absent_story_is_not_found(db, roll_up):
    with pytest.raises(NotFound):
        await wave_story_executions.add_usage(db, uuid4(), 1, roll_up=roll_up)


@pytest.mark.parametrize("roll_up", [False, True])
@pytest.mark.parametrize("usage", [{"tokens": -1}, {"cost_usd": Decimal("-0.1")}, {"retries": -1}], ids=str)
async def test_usage_refuses_negatives(db, session, story, usage, roll_up):
    with pytest.raises(InvalidValue):
        await wave_story_executions.add_usage(db, story.id, **usage, roll_up=roll_up)
    assert await wave_story_executions.get(db, story.id) == story
    assert await wave_sessions.get(db, session.id) == session


async def test_files_are_appended_once_in_order(db, story):
    await wave_story_executions.add_files(db, story.id, created=["b.py", "a.py", "b.py"])
    added = await wave_story_executions.add_files(db, story.id, created=["c.py", "a.py"], modified=["d.py"])
    assert (added.files_created, added.files_modified) == (["b.py", "a.py", "c.py"], ["d.py"])


async def test_adding_no_files_touches_nothing(still_db, clock):
    story = await story_in(still_db, "pending")
    clock.advance(timedelta(minutes=5))
    assert await wave_story_executions.add_files(still_db, story.id) == story


async def test_files_are_a_sequence_and_not_a_text(db, story):
    with pytest.raises(InvalidValue):
        await wave_story_executions.add_files(db, story.id, created="a.py")


async def test_the_gate_can_be_set(db, story):
    assert (await wave_story_executions.set_gate(db, story.id, "gate-3")).current_gate == "gate-3"
    with pytest.raises(InvalidValue):
        await wave_story_executions.set_gate(db, story.id, "gate-8")
    with pytest.raises(NotFound):
        await wave_story_executions.set_gate(db, uuid4(), "gate-3")


async def test_merging_metadata_is_shallow_and_stores_null(db, story):
    await wave_story_executions.merge_metadata(db, story.id, {"a": {"x": 1}, "b": 2, "c": 3})
    merged = await wave_story_executions.merge_metadata(db, story.id, {"a": {"y": 2}, "b": None})
    assert merged.metadata == {"a": {"y": 2}, "b": None, "c": 3}


# Deleting


async def test_delete_tells_whether_there_was_a_story(db, story):
    assert await wave_story_executions.delete(db, story.id) is True
    assert await wave_story_executions.delete(db, story.id) is False
    with pytest.raises(NotFound):
        await wave_story_executions.delete(db, story.id, missing_ok=False)


async def test_delete_by_session_counts_what_it_removed(db):
    session = await mixed_stories(db)
    assert await wave_story_executions.delete_by_session(db, session.id) == 8
    assert await wave_story_executions.count(db) == 8


# The record


@pytest.mark.parametrize("status", STATUSES)
async def test_status_properties(db, status):
    story = await story_in(db, status)
    assert story.is_active is (status in LIVE)
    assert story.is_terminal is (status in {"complete", "cancelled"})
    assert story.is_successful is (status == "complete")


async def test_repr_shows_the_key_and_the_name_but_no_metadata(db, session):
    story = await wave_story_executions.create(
        db, session.id, "S-1", "Login", "auth", "coder", metadata={"token": "s3cret"}
    )
    assert repr(story) == (
        f"WaveStoryExecution(id={story.id!r}, story_id='S-1', story_title='Login', status='pending')"
    )


async def test_a_story_never_changes(story):
    with pytest.raises(ValidationError):
        story.status = "complete"
