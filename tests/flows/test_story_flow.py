from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from uuid import uuid4

import pytest

from wave_data import (
    Conflict,
    InvalidTransition,
    InvalidValue,
    NotFound,
    story_flow,
    wave_checkpoints,
    wave_sessions,
    wave_story_executions,
)

NOON = "2026-01-01T12:00:00.000000Z"
STATUSES = ("pending", "in_progress", "blocked", "review", "complete", "failed", "cancelled")
GATES = tuple(f"gate-{number}" for number in range(8))


@pytest.fixture
async def db(connect_store, clock):
    return await connect_store(clock=clock)


@pytest.fixture
async def session(db):
    return await wave_sessions.create(db, "atlas", 1)


@pytest.fixture
async def story(db, session):
    return await story_flow.begin(db, session.id, "S-1", "Login", "auth", "coder")


async def story_in(db, session, status):
    if status == "pending":
        return await wave_story_executions.create(db, session.id, "S-9", "Login", "auth", "coder")
    story = await story_flow.begin(db, session.id, "S-9", "Login", "auth", "coder")
    if status == "in_progress":
        return story
    return await story_flow.transition(db, story.id, status)


async def checkpoints_of(db, story):
    """The story's checkpoints, oldest first."""
    page = await wave_checkpoints.list_by_story(db, story.session_id, story.story_id, 1000)
    return page.items[::-1]


async def last_checkpoint_of(db, story):
    return await wave_checkpoints.find_latest_by_story(db, story.session_id, story.story_id)


# Beginning


async def test_a_begun_story_is_in_progress(db, session, clock):
    story = await story_flow.begin(
        db, session.id, "S-1", "Login", "auth", "coder", "P0", 5, 1, "gate-2", {"owner": "ana"}
    )
    assert (story.status, story.started_at, story.current_gate) == ("in_progress", clock(), "gate-2")
    assert (story.priority, story.story_points, story.max_retries) == ("P0", 5, 1)
    assert story.metadata == {"owner": "ana"}
    assert await wave_story_executions.get(db, story.id) == story


async def test_a_begun_story_has_a_start_checkpoint(db, session):
    story = await story_flow.begin(db, session.id, "S-1", "Login", "auth", "coder", current_gate="gate-2")
    (checkpoint,) = await checkpoints_of(db, story)
    assert (checkpoint.checkpoint_type, checkpoint.agent_id) == ("story_start", "coder")
    assert checkpoint.state == {"current_gate": "gate-2", "retry_count": 0, "started_at": NOON}


async def test_a_story_begins_at_the_first_gate_with_three_retries(story):
    assert (story.current_gate, story.max_retries) == ("gate-0", 3)


async def test_a_story_cannot_begin_without_its_session(db):
    absent = uuid4()
    with pytest.raises(NotFound, match=f"{absent} not found") as caught:
        await story_flow.begin(db, absent, "S-1", "Login", "auth", "coder")
    assert (caught.value.entity, caught.value.key) == ("wave_session", absent)


async def test_a_story_cannot_begin_twice(db, session, story):
    with pytest.raises(Conflict):
        await story_flow.begin(db, session.id, "S-1", "Login", "auth", "coder")
    assert len(await checkpoints_of(db, story)) == 1


async def test_a_story_that_cannot_begin_leaves_nothing(db, session):
    with pytest.raises(InvalidValue):
        await story_flow.begin(db, session.id, "S-1", "Login", "auth", "coder", current_gate="gate-8")
    assert await wave_story_executions.count(db) == 0
    assert await wave_checkpoints.count(db) == 0


async def test_a_refused_beginning_leaves_the_callers_transaction_usable(db, session, story):
    async with db.transaction() as tx:
        with pytest.raises(Conflict):
            await story_flow.begin(tx, session.id, "S-1", "Login", "auth", "coder")
        await story_flow.begin(tx, session.id, "S-2", "Logout", "auth", "coder")
    assert await wave_story_executions.count(db) == 2


# Transitions


@pytest.mark.parametrize(
    ("source", "target", "checkpoint_type"),
    [
        ("pending", "in_progress", "manual"),
        ("pending", "cancelled", "manual"),
        ("in_progress", "blocked", "manual"),
        ("in_progress", "review", "agent_handoff"),
        ("in_progress", "complete", "manual"),
        ("in_progress", "failed", "manual"),
        ("in_progress", "cancelled", "manual"),
        ("blocked", "in_progress", "manual"),
        ("blocked", "failed", "manual"),
        ("blocked", "cancelled", "manual"),
        ("review", "in_progress", "manual"),
        ("review", "complete", "manual"),
        ("review", "failed", "manual"),
        ("review", "cancelled", "manual"),
    ],
)
async def test_transition_leaves_a_checkpoint(db, session, clock, source, target, checkpoint_type):
    story = await story_in(db, session, source)
    clock.advance(timedelta(minutes=5))
    moved = await story_flow.transition(db, story.id, target, "because")
    checkpoint = await last_checkpoint_of(db, story)
    assert moved.status == target
    assert (checkpoint.checkpoint_type, checkpoint.agent_id) == (checkpoint_type, "coder")
    assert checkpoint.state == {
        "previous_state": source,
        "new_state": target,
        "reason": "because",
        "timestamp": "2026-01-01T12:05:00.000000Z",
    }


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("pending", "complete"),
        ("pending", "blocked"),
        ("pending", "pending"),
        ("in_progress", "in_progress"),
        ("in_progress", "pending"),
        ("blocked", "complete"),
        ("complete", "in_progress"),
        ("failed", "in_progress"),
        ("failed", "pending"),
        ("failed", "cancelled"),
        ("cancelled", "pending"),
    ],
)
async def test_transition_is_refused_without_a_trace(db, session, source, target):
    story = await story_in(db, session, source)
    before = await checkpoints_of(db, story)
    with pytest.raises(InvalidTransition) as caught:
        await story_flow.transition(db, story.id, target)
    assert (caught.value.current, caught.value.requested) == (source, target)
    assert await checkpoints_of(db, story) == before
    assert await wave_story_executions.get(db, story.id) == story


async def test_the_reason_of_a_failure_becomes_its_message(db, story):
    assert (await story_flow.transition(db, story.id, "failed", "tests broke")).error_message == "tests broke"


async def test_transition_needs_no_reason(db, story):
    await story_flow.transition(db, story.id, "blocked")
    assert (await last_checkpoint_of(db, story)).state["reason"] is None


async def test_completing_by_a_transition_sets_the_time(db, story, clock):
    clock.advance(timedelta(minutes=5))
    assert (await story_flow.transition(db, story.id, "complete")).completed_at == clock()


async def test_transition_to_an_unknown_status_is_refused(db, story):
    with pytest.raises(InvalidValue, match="paused"):
        await story_flow.transition(db, story.id, "paused")


# Gates


@pytest.mark.parametrize(
    ("outcome", "ac_passed", "ac_total", "error_message", "metadata"),
    [("passed", 3, 5, None, None), ("failed", None, None, "lint", {"tool": "ruff"})],
)
async def test_a_gate_leaves_a_checkpoint(db, story, outcome, ac_passed, ac_total, error_message, metadata):
    await story_flow.record_gate(db, story.id, "gate-1", outcome, ac_passed, ac_total, error_message, metadata)
    checkpoint = await last_checkpoint_of(db, story)
    assert (checkpoint.checkpoint_type, checkpoint.gate, checkpoint.agent_id) == ("gate", "gate-1", "coder")
    assert checkpoint.state == {
        "gate": "gate-1",
        "status": outcome,
        "ac_passed": ac_passed,
        "ac_total": ac_total,
        "error_message": error_message,
        "metadata": metadata,
        "timestamp": NOON,
    }


@pytest.mark.parametrize("outcome", ["passed", "skipped"])
@pytest.mark.parametrize(("gate", "following"), list(pairwise(GATES)))
async def test_a_gate_leads_to_the_next(db, story, outcome, gate, following):
    assert (await story_flow.record_gate(db, story.id, gate, outcome)).current_gate == following


async def test_gates_need_no_order(db, story):
    await story_flow.record_gate(db, story.id, "gate-5", "passed")
    assert (await story_flow.record_gate(db, story.id, "gate-2", "passed")).current_gate == "gate-3"


@pytest.mark.parametrize("status", ["in_progress", "review"])
async def test_passing_the_last_gate_completes_the_story(db, session, clock, status):
    story = await story_in(db, session, status)
    clock.advance(timedelta(minutes=5))
    completed = await story_flow.record_gate(db, story.id, "gate-7", "passed")
    assert (completed.status, completed.completed_at) == ("complete", clock())
    kinds = [checkpoint.checkpoint_type for checkpoint in await checkpoints_of(db, story)]
    assert kinds[-2:] == ["gate", "story_complete"]


async def test_skipping_the_last_gate_does_not_complete_the_story(db, story):
    skipped = await story_flow.record_gate(db, story.id, "gate-7", "skipped")
    assert (skipped.status, skipped.current_gate) == ("in_progress", "gate-7")


async def test_a_pending_gate_is_recorded_only(db, story):
    assert await story_flow.record_gate(db, story.id, "gate-3", "pending") == story
    assert (await last_checkpoint_of(db, story)).state["status"] == "pending"


async def test_a_failed_gate_counts_a_retry(db, story):
    failed = await story_flow.record_gate(db, story.id, "gate-1", "failed")
    assert (failed.status, failed.retry_count, failed.current_gate) == ("in_progress", 1, "gate-0")


@pytest.mark.parametrize("max_retries", [0, 1, 4])
async def test_a_gate_that_fails_without_a_retry_left_fails_the_story(db, session, max_retries):
    story = await story_flow.begin(db, session.id, "S-1", "Login", "auth", "coder", max_retries=max_retries)
    for retry in range(max_retries):
        again = await story_flow.record_gate(db, story.id, "gate-1", "failed", error_message="lint")
        assert (again.status, again.retry_count) == ("in_progress", retry + 1)
    failed = await story_flow.record_gate(db, story.id, "gate-1", "failed", error_message="lint")
    assert (failed.status, failed.retry_count) == ("failed", max_retries)
    assert failed.error_message == "gate-1 failed: lint"


async def test_a_story_that_a_gate_fails_has_an_error_checkpoint(db, session):
    story = await story_flow.begin(db, session.id, "S-1", "Login", "auth", "coder", max_retries=0)
    await story_flow.record_gate(db, story.id, "gate-1", "failed")
    *_, gate, error = await checkpoints_of(db, story)
    assert (gate.checkpoint_type, error.checkpoint_type) == ("gate", "error")
    assert error.state == {"error_message": "gate-1 failed", "retry_count": 0, "failed_at": NOON}


async def test_a_gate_stores_its_criteria(db, story):
    recorded = await story_flow.record_gate(db, story.id, "gate-1", "pending", ac_passed=3, ac_total=5)
    assert (recorded.acceptance_criteria_passed, recorded.acceptance_criteria_total) == (3, 5)
    recorded = await story_flow.record_gate(db, story.id, "gate-1", "pending", ac_passed=0)
    assert (recorded.acceptance_criteria_passed, recorded.acceptance_criteria_total) == (0, 5)


async def test_more_criteria_than_there_are_are_refused_without_a_trace(db, story):
    before = await checkpoints_of(db, story)
    with pytest.raises(InvalidValue):
        await story_flow.record_gate(db, story.id, "gate-1", "passed", ac_passed=6, ac_total=5)
    assert await checkpoints_of(db, story) == before
    assert await wave_story_executions.get(db, story.id) == story


@pytest.mark.parametrize("status", ["pending", "blocked", "complete", "failed", "cancelled"])
async def test_a_gate_is_recorded_only_while_the_story_runs(db, session, status):
    story = await story_in(db, session, status)
    before = await checkpoints_of(db, story)
    with pytest.raises(InvalidTransition) as caught:
        await story_flow.record_gate(db, story.id, "gate-1", "passed")
    assert caught.value.current == status
    assert await checkpoints_of(db, story) == before


@pytest.mark.parametrize("arguments", [("gate-8", "passed"), ("gate-1", "cancelled")])
async def test_an_unknown_gate_or_outcome_is_refused(db, story, arguments):
    with pytest.raises(InvalidValue):
        await story_flow.record_gate(db, story.id, *arguments)
    assert len(await checkpoints_of(db, story)) == 1


# Completing and failing


async def test_complete_leaves_a_checkpoint_with_the_results(db, story):
    completed = await story_flow.complete(
        db,
        story.id,
        tests_passing=True,
        coverage_achieved=Decimal("87.5"),
        files_created=["a.py"],
        files_modified=["b.py"],
        branch_name="feature/login",
        commit_sha="0a1b2c",
        pr_url="https://example.org/pr/1",
    )
    checkpoint = await last_checkpoint_of(db, story)
    assert (completed.status, checkpoint.checkpoint_type) == ("complete", "story_complete")
    assert checkpoint.state == {
        "files_created": ["a.py"],
        "files_modified": ["b.py"],
        "branch_name": "feature/login",
        "commit_sha": "0a1b2c",
        "pr_url": "https://example.org/pr/1",
        "tests_passing": True,
        "coverage_achieved": "87.50",
        "completed_at": NOON,
    }


async def test_complete_without_results_leaves_a_checkpoint_of_what_is_known(db, story):
    await wave_story_executions.add_files(db, story.id, created=["a.py"])
    await story_flow.complete(db, story.id)
    state = (await last_checkpoint_of(db, story)).state
    assert (state["files_created"], state["tests_passing"], state["coverage_achieved"]) == (
        ["a.py"],
        False,
        None,
    )


async def test_complete_is_refused_without_a_trace(db, session):
    story = await story_in(db, session, "blocked")
    before = await checkpoints_of(db, story)
    with pytest.raises(InvalidTransition):
        await story_flow.complete(db, story.id)
    assert await checkpoints_of(db, story) == before


async def test_fail_leaves_an_error_checkpoint(db, story):
    await wave_story_executions.add_usage(db, story.id, retries=2)
    failed = await story_flow.fail(db, story.id, "tests broke")
    checkpoint = await last_checkpoint_of(db, story)
    assert (failed.status, failed.error_message) == ("failed", "tests broke")
    assert (checkpoint.checkpoint_type, checkpoint.agent_id) == ("error", "coder")
    assert checkpoint.state == {"error_message": "tests broke", "retry_count": 2, "failed_at": NOON}


async def test_fail_is_refused_without_a_trace(db, session):
    story = await story_in(db, session, "complete")
    before = await checkpoints_of(db, story)
    with pytest.raises(InvalidTransition):
        await story_flow.fail(db, story.id, "tests broke")
    assert await checkpoints_of(db, story) == before


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("transition", ("blocked",)),
        ("record_gate", ("gate-1", "passed")),
        ("complete", ()),
        ("fail", ("tests broke",)),
        ("state", ()),
    ],
)
async def test_an_absent_story_is_not_found(db, operation, arguments):
    absent = uuid4()
    with pytest.raises(NotFound, match=f"{absent} not found"):
        await getattr(story_flow, operation)(db, absent, *arguments)


# State


async def test_the_state_tells_where_the_story_stands(db, story):
    await story_flow.record_gate(db, story.id, "gate-0", "passed", 2, 5)
    await story_flow.record_gate(db, story.id, "gate-1", "failed")
    state = await story_flow.state(db, story.id)
    assert (state.status, state.current_gate) == ("in_progress", "gate-1")
    assert (state.retry_count, state.max_retries) == (1, 3)
    assert (state.acceptance_criteria_passed, state.acceptance_criteria_total) == (2, 5)


async def test_the_state_carries_the_latest_checkpoint_of_this_story(db, session, story):
    await story_flow.record_gate(db, story.id, "gate-0", "passed")
    latest = await last_checkpoint_of(db, story)
    await story_flow.begin(db, session.id, "S-2", "Logout", "auth", "coder")
    await wave_checkpoints.create(db, session.id, "manual", "of the session", {})
    assert (await story_flow.state(db, story.id)).latest_checkpoint == latest


async def test_a_story_without_checkpoints_has_a_state(db, session):
    story = await story_in(db, session, "pending")
    assert (await story_flow.state(db, story.id)).latest_checkpoint is None


# As a whole


async def test_a_story_goes_through_all_its_gates(db, story):
    for gate in GATES[:7]:
        await story_flow.record_gate(db, story.id, gate, "passed")
    completed = await story_flow.record_gate(db, story.id, "gate-7", "passed")
    kinds = [checkpoint.checkpoint_type for checkpoint in await checkpoints_of(db, story)]
    assert completed.is_successful
    assert kinds == ["story_start", *["gate"] * 8, "story_complete"]


async def test_a_flow_rolls_back_with_the_callers_transaction(db, story):
    async def give_up():
        async with db.transaction() as tx:
            await story_flow.complete(tx, story.id)
            raise RuntimeError("the caller gave up")

    with pytest.raises(RuntimeError):
        await give_up()
    assert await wave_story_executions.get(db, story.id) == story
    assert len(await checkpoints_of(db, story)) == 1
