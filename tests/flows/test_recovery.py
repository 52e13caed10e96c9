from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest

from wave_data import (
    Conflict,
    InvalidValue,
    NotFound,
    recovery,
    story_flow,
    wave_checkpoints,
    wave_sessions,
    wave_story_executions,
)

NOON = "2026-01-01T12:00:00.000000Z"
RESUMABLE = {
    "gate": True,
    "story_start": True,
    "agent_handoff": True,
    "error": True,
    "story_complete": False,
    "manual": False,
}
STRATEGIES = ("resume_from_last", "resume_from_gate", "restart", "skip")


@pytest.fixture
async def db(connect_store, clock):
    return await connect_store(clock=clock)


@pytest.fixture
async def session(db):
    return await wave_sessions.create(db, "atlas", 1)


async def story_in(db, session, status, story_id="S-1"):
    """A begun story, brought to a status without another checkpoint."""
    story = await story_flow.begin(db, session.id, story_id, "Login", "auth", "coder")
    match status:
        case "pending":
            return await wave_story_executions.restart(db, story.id)
        case "in_progress":
            return story
    return await wave_story_executions.set_status(db, story.id, status, "because")


async def write(db, session, *types, story_id="S-1", gate=None):
    """One checkpoint for each type, oldest first."""
    return [await wave_checkpoints.create(db, session.id, kind, kind, {}, story_id, gate) for kind in types]


async def read_pages(list_page):
    rows, cursor = [], None
    while True:
        page = await list_page(limit=2, cursor=cursor)
        rows += page.items
        cursor = page.next_cursor
        if cursor is None:
            return rows


class Counting:
    """An executor that notes the texts of the statements that give it rows."""

    def __init__(self, inner, texts):
        self.inner, self.texts = inner, texts

    def __getattr__(self, name):
        return getattr(self.inner, name)

    async def fetch(self, statement, arguments):
        self.texts.append(statement.text)
        return await self.inner.fetch(statement, arguments)

    @asynccontextmanager
    async def transaction(self, *arguments, **options):
        async with self.inner.transaction(*arguments, **options) as tx:
            yield Counting(tx, self.texts)

    async def run_in_transaction(self, work, isolation=None):
        return await self.inner.run_in_transaction(lambda tx: work(Counting(tx, self.texts)), isolation)


async def queries_of(db, operation):
    """How many queries an operation takes, its writes aside."""
    texts = []
    await operation(Counting(db, texts))
    return sum(text.startswith("SELECT") for text in texts)


# Points


@pytest.mark.parametrize(("checkpoint_type", "can_resume"), RESUMABLE.items())
async def test_a_point_tells_whether_a_story_can_resume_from_it(db, session, checkpoint_type, can_resume):
    await write(db, session, checkpoint_type)
    (point,) = (await recovery.list_points(db, session.id)).items
    assert (point.checkpoint_type, point.can_resume) == (checkpoint_type, can_resume)
    assert ("caution" in point.reason) is (checkpoint_type == "error")


async def test_a_point_carries_its_checkpoint(db, session):
    checkpoint = await wave_checkpoints.create(db, session.id, "gate", "passed", {"n": 1}, "S-1", "gate-2")
    (point,) = (await recovery.list_points(db, session.id)).items
    assert (point.checkpoint_id, point.checkpoint_name) == (checkpoint.id, "passed")
    assert (point.story_id, point.gate, point.state) == ("S-1", "gate-2", {"n": 1})
    assert point.created_at == checkpoint.created_at


async def test_points_come_newest_first_in_pages(db, session):
    other = await wave_sessions.create(db, "atlas", 2)
    written = await write(db, session, *RESUMABLE)
    await write(db, other, "gate")
    points = await read_pages(partial(recovery.list_points, db, session.id))
    assert [point.checkpoint_id for point in points] == [checkpoint.id for checkpoint in written[::-1]]


async def test_points_can_be_those_of_one_story(db, session):
    written = await write(db, session, "gate", "error", "gate")
    await write(db, session, "gate", story_id="S-2")
    points = await read_pages(partial(recovery.list_points, db, session.id, "S-1"))
    assert [point.checkpoint_id for point in points] == [checkpoint.id for checkpoint in written[::-1]]


@pytest.mark.parametrize(
    ("types", "expected"),
    [
        (("story_start", "gate", "agent_handoff"), 2),
        (("story_start", "gate", "error", "manual"), 1),
        (("error", "error", "manual"), 1),
        (("story_complete", "manual"), None),
        ((), None),
    ],
)
async def test_the_last_point_is_the_newest_safe_one_and_else_an_error(db, session, types, expected):
    written = await write(db, session, *types)
    await write(db, session, "gate", story_id="S-2")
    point = await recovery.find_last_point(db, session.id, "S-1")
    assert (point and point.checkpoint_id) == (None if expected is None else written[expected].id)


@pytest.mark.parametrize("checkpoint_type", RESUMABLE)
async def test_the_last_point_is_always_one_to_resume_from(db, session, checkpoint_type):
    await write(db, session, checkpoint_type)
    point = await recovery.find_last_point(db, session.id, "S-1")
    assert (point is not None and point.can_resume) is RESUMABLE[checkpoint_type]


# Whether a story can be recovered


@pytest.mark.parametrize(
    ("status", "recoverable"),
    [
        ("pending", True),
        ("in_progress", True),
        ("blocked", True),
        ("review", True),
        ("failed", True),
        ("complete", False),
        ("cancelled", False),
    ],
)
async def test_a_story_can_be_recovered_unless_it_is_over(db, session, status, recoverable):
    await story_in(db, session, status)
    assert await recovery.can_recover(db, session.id, "S-1") is recoverable


async def test_a_story_without_checkpoints_cannot_be_recovered(db, session):
    await wave_story_executions.create(db, session.id, "S-1", "Login", "auth", "coder")
    assert await recovery.can_recover(db, session.id, "S-1") is False


async def test_an_absent_story_cannot_be_recovered(db, session):
    await write(db, session, "gate")
    assert await recovery.can_recover(db, session.id, "S-1") is False


# Recovering a story


async def test_a_failed_story_resumes(db, session):
    story = await story_in(db, session, "failed")
    result = await recovery.recover_story(db, session.id, "S-1")
    resumed = await wave_story_executions.get(db, story.id)
    assert (result.strategy, result.story_id, result.status) == ("resume_from_last", "S-1", "resumed")
    assert (resumed.status, resumed.failed_at, resumed.error_message) == ("in_progress", None, "because")


@pytest.mark.parametrize("status", ["pending", "in_progress", "blocked", "review"])
async def test_resuming_leaves_a_live_story_where_it_is(db, session, status):
    story = await story_in(db, session, status)
    result = await recovery.recover_story(db, session.id, "S-1")
    assert result.status == "resumed"
    assert await wave_story_executions.get(db, story.id) == story


async def test_the_result_carries_the_point_that_the_story_goes_on_from(db, session, clock):
    await story_in(db, session, "failed")
    source = await wave_checkpoints.create(db, session.id, "gate", "passed", {"n": 1}, "S-1", "gate-2")
    await write(db, session, "error")
    result = await recovery.recover_story(db, session.id, "S-1")
    assert (result.checkpoint_id, result.checkpoint_type, result.state) == (source.id, "gate", {"n": 1})
    assert (result.target_gate, result.recovery_timestamp) == (None, clock())
    assert 0 <= result.recovery_time_seconds < 60


async def test_without_a_safe_point_a_story_goes_on_from_its_error(db, session):
    story = await wave_story_executions.create(db, session.id, "S-1", "Login", "auth", "coder")
    await wave_story_executions.start(db, story.id)
    await story_flow.fail(db, story.id, "tests broke")
    assert (await recovery.recover_story(db, session.id, "S-1")).checkpoint_type == "error"


async def test_without_any_point_a_story_goes_on_from_none(db, session):
    await wave_story_executions.create(db, session.id, "S-1", "Login", "auth", "coder")
    await write(db, session, "manual")
    result = await recovery.recover_story(db, session.id, "S-1")
    assert (result.checkpoint_id, result.checkpoint_type, result.state) == (None, None, None)


async def test_a_recovery_leaves_a_checkpoint_that_refers_to_its_source(db, session):
    await story_in(db, session, "failed")
    source = await wave_checkpoints.create(db, session.id, "gate", "passed", {"n": 1}, "S-1", "gate-2")
    result = await recovery.recover_story(db, session.id, "S-1")
    checkpoint = await wave_checkpoints.get(db, result.recovery_checkpoint_id)
    assert (checkpoint.checkpoint_type, checkpoint.story_id) == ("manual", "S-1")
    assert (checkpoint.agent_id, checkpoint.parent_checkpoint_id) == ("coder", source.id)
    assert checkpoint.state == {
        "recovery_strategy": "resume_from_last",
        "recovered_from": str(source.id),
        "target_gate": None,
        "recovered_at": NOON,
    }


async def test_repeated_recoveries_do_not_grow(db, session):
    await story_in(db, session, "in_progress")
    await wave_checkpoints.create(db, session.id, "gate", "passed", {"log": "x" * 1000}, "S-1", "gate-2")
    results = [await recovery.recover_story(db, session.id, "S-1") for _ in range(5)]
    written = [await wave_checkpoints.get(db, result.recovery_checkpoint_id) for result in results]
    assert len({result.checkpoint_id for result in results}) == 1
    assert all(checkpoint.state == written[0].state for checkpoint in written)
    assert "log" not in written[0].state


@pytest.mark.parametrize("status", ["failed", "review"])
async def test_a_story_resumes_from_a_gate(db, session, status):
    story = await story_in(db, session, status)
    (source,) = await write(db, session, "gate", gate="gate-1")
    await write(db, session, "gate", gate="gate-2")
    result = await recovery.recover_story(db, session.id, "S-1", "resume_from_gate", "gate-1")
    resumed = await wave_story_executions.get(db, story.id)
    assert (result.status, result.checkpoint_id, result.target_gate) == ("resumed", source.id, "gate-1")
    assert resumed.status == ("in_progress" if status == "failed" else status)
    assert resumed.current_gate == "gate-1"
    checkpoint = await wave_checkpoints.get(db, result.recovery_checkpoint_id)
    assert checkpoint.state["target_gate"] == "gate-1"


async def test_resuming_from_a_gate_needs_the_gate(db, session):
    await story_in(db, session, "failed")
    with pytest.raises(InvalidValue, match="target_gate"):
        await recovery.recover_story(db, session.id, "S-1", "resume_from_gate")


@pytest.mark.parametrize("strategy", ["resume_from_last", "restart", "skip"])
async def test_the_other_strategies_take_no_gate(db, session, strategy):
    await story_in(db, session, "failed")
    with pytest.raises(InvalidValue, match="target_gate"):
        await recovery.recover_story(db, session.id, "S-1", strategy, "gate-1")


async def test_resuming_from_a_gate_that_was_never_reached_is_not_found(db, session):
    story = await story_in(db, session, "failed")
    await write(db, session, "error", gate="gate-1")
    with pytest.raises(NotFound, match="gate-1"):
        await recovery.recover_story(db, session.id, "S-1", "resume_from_gate", "gate-1")
    assert await wave_story_executions.get(db, story.id) == story


@pytest.mark.parametrize("status", ["pending", "in_progress", "blocked", "review", "failed"])
async def test_a_story_restarts_and_keeps_its_checkpoints(db, session, status):
    story = await story_in(db, session, status)
    before = await wave_checkpoints.count_by_session(db, session.id)
    result = await recovery.recover_story(db, session.id, "S-1", "restart")
    fresh = await wave_story_executions.get(db, story.id)
    assert (result.status, fresh.status, fresh.started_at) == ("restarted", "pending", None)
    assert await wave_checkpoints.count_by_session(db, session.id) == before + 1


@pytest.mark.parametrize("status", ["pending", "in_progress", "blocked", "review", "failed"])
async def test_a_story_is_skipped(db, session, clock, status):
    story = await story_in(db, session, status)
    result = await recovery.recover_story(db, session.id, "S-1", "skip")
    skipped = await wave_story_executions.get(db, story.id)
    assert (result.status, skipped.status, skipped.cancelled_at) == ("skipped", "cancelled", clock())
    assert skipped.metadata["skipped_at"] == NOON


@pytest.mark.parametrize("status", ["complete", "cancelled"])
@pytest.mark.parametrize("strategy", STRATEGIES)
async def test_a_story_that_is_over_is_not_recovered(db, session, status, strategy):
    story = await story_in(db, session, status)
    await write(db, session, "gate", gate="gate-1")
    gate = "gate-1" if strategy == "resume_from_gate" else None
    before = await wave_checkpoints.count_by_session(db, session.id)
    with pytest.raises(Conflict, match="S-1"):
        await recovery.recover_story(db, session.id, "S-1", strategy, gate)
    assert await wave_story_executions.get(db, story.id) == story
    assert await wave_checkpoints.count_by_session(db, session.id) == before


async def test_a_story_without_checkpoints_is_not_recovered(db, session):
    await wave_story_executions.create(db, session.id, "S-1", "Login", "auth", "coder")
    with pytest.raises(Conflict, match="no checkpoint"):
        await recovery.recover_story(db, session.id, "S-1")


async def test_an_absent_story_is_not_found(db, session):
    with pytest.raises(NotFound, match="S-1"):
        await recovery.recover_story(db, session.id, "S-1")


async def test_an_unknown_strategy_is_refused(db, session):
    await story_in(db, session, "failed")
    with pytest.raises(InvalidValue, match="retry"):
        await recovery.recover_story(db, session.id, "S-1", "retry")


async def test_a_story_with_a_thousand_checkpoints_is_recovered(db, session):
    await story_in(db, session, "failed")
    async with db.transaction() as tx:
        await write(tx, session, *["gate", "manual"] * 500)
    assert (await recovery.recover_story(db, session.id, "S-1")).checkpoint_type == "gate"


# Recovering a session


async def test_every_story_that_is_not_over_is_recovered(db, session, clock):
    statuses = ("pending", "in_progress", "blocked", "review", "failed", "complete", "cancelled")
    for status in statuses:
        await story_in(db, session, status, story_id=status)
    result = await recovery.recover_session(db, session.id)
    assert (result.session_id, result.strategy, result.total_stories) == (session.id, "resume_from_last", 7)
    assert [story.story_id for story in result.recovered] == list(statuses[:5])
    assert result.failed == []
    assert result.recovery_timestamp == clock()
    assert 0 <= result.recovery_time_seconds < 60
    assert (await wave_story_executions.counts_by_status(db, session.id))["failed"] == 0


async def test_a_story_that_cannot_be_recovered_does_not_hold_up_the_others(db, session):
    await story_in(db, session, "failed", story_id="S-1")
    bare = await wave_story_executions.create(db, session.id, "S-2", "Bare", "auth", "coder")
    await story_in(db, session, "failed", story_id="S-3")
    result = await recovery.recover_session(db, session.id)
    assert [story.story_id for story in result.recovered] == ["S-1", "S-3"]
    assert [(story.story_id, "no checkpoint" in story.error) for story in result.failed] == [("S-2", True)]
    assert await wave_story_executions.get(db, bare.id) == bare


@pytest.mark.parametrize(("strategy", "status"), [("restart", "pending"), ("skip", "cancelled")])
async def test_a_session_is_recovered_by_a_strategy(db, session, strategy, status):
    for story_id in ("S-1", "S-2"):
        await story_in(db, session, "failed", story_id)
    result = await recovery.recover_session(db, session.id, strategy)
    assert result.strategy == strategy
    assert (await wave_story_executions.counts_by_status(db, session.id))[status] == 2


async def test_other_sessions_are_left_alone(db, session):
    other = await wave_sessions.create(db, "atlas", 2)
    stranger = await story_in(db, other, "failed")
    await recovery.recover_session(db, session.id)
    assert await wave_story_executions.get(db, stranger.id) == stranger


async def test_a_session_without_stories_is_recovered_trivially(db, session):
    result = await recovery.recover_session(db, session.id)
    assert (result.total_stories, result.recovered, result.failed) == (0, [], [])


@pytest.mark.parametrize("strategy", ["resume_from_gate", "retry"])
async def test_a_session_refuses_a_strategy_of_one_story(db, session, strategy):
    with pytest.raises(InvalidValue):
        await recovery.recover_session(db, session.id, strategy)


@pytest.mark.parametrize("operation", [recovery.recover_session, recovery.status])
async def test_an_absent_session_is_not_found(db, operation):
    absent = uuid4()
    with pytest.raises(NotFound, match=f"{absent} not found"):
        await operation(db, absent)


async def test_a_hundred_and_fifty_stories_are_recovered_without_a_cut(db, session):
    async with db.transaction() as tx:
        for number in range(150):
            await story_in(tx, session, "failed", f"S-{number}")
    result = await recovery.recover_session(db, session.id)
    status = await recovery.status(db, session.id)
    (interrupted,) = (await recovery.list_interrupted(db)).items
    assert (result.total_stories, len(result.recovered)) == (150, 150)
    assert len(status.recoverable_stories) == interrupted.recoverable_stories == 150


async def test_the_number_of_queries_does_not_grow_with_the_stories(db, session):
    operations = [
        lambda counted: recovery.status(counted, session.id),
        lambda counted: recovery.recover_session(counted, session.id),
        recovery.list_interrupted,
    ]
    await story_in(db, session, "failed", "S-0")
    few = [await queries_of(db, operation) for operation in operations]
    for number in range(1, 20):
        await story_in(db, session, "failed", f"S-{number}")
    assert [await queries_of(db, operation) for operation in operations] == few
    assert few == [3, 3, 1]


# Status


async def test_the_status_tells_what_is_left_to_recover(db, session, clock):
    await story_in(db, session, "complete", "S-1")
    await story_in(db, session, "cancelled", "S-2")
    failed = await story_in(db, session, "failed", "S-3")
    await wave_story_executions.add_usage(db, failed.id, retries=2)
    clock.advance(timedelta(minutes=5))
    await write(db, session, "gate", story_id="S-3", gate="gate-2")
    await wave_story_executions.create(db, session.id, "S-4", "Bare", "auth", "coder")
    status = await recovery.status(db, session.id)
    assert (status.session_id, status.session_status) == (session.id, "pending")
    assert (status.total_stories, status.completed_stories) == (4, 2)
    assert (status.by_status["failed"], status.by_status["review"]) == (1, 0)
    (story,) = status.recoverable_stories
    assert (story.story_id, story.current_status, story.retry_count) == ("S-3", "failed", 2)
    assert (story.last_checkpoint.type, story.last_checkpoint.gate) == ("gate", "gate-2")
    assert story.last_checkpoint.created_at == clock()


async def test_the_status_lists_stories_as_they_were_created(db, session):
    for number in range(5):
        await story_in(db, session, "failed", f"S-{number}")
    status = await recovery.status(db, session.id)
    assert [story.story_id for story in status.recoverable_stories] == [f"S-{n}" for n in range(5)]


# Interrupted sessions


async def test_the_interrupted_sessions_are_the_live_ones_with_their_recoverable_stories(db):
    expected = []
    for number in range(5):
        session = await wave_sessions.create(db, "atlas", number)
        for story in range(number):
            await story_in(db, session, "in_progress", f"S-{story}")
        await story_in(db, session, "complete", "over")
        await wave_story_executions.create(db, session.id, "bare", "Bare", "auth", "coder")
        expected.append((session.id, number))
    finished = await wave_sessions.create(db, "atlas", 9)
    await story_in(db, finished, "in_progress")
    await wave_sessions.fail(db, finished.id)
    found = await read_pages(partial(recovery.list_interrupted, db))
    assert [(session.id, session.recoverable_stories) for session in found] == expected[::-1]


async def test_an_interrupted_session_has_the_fields_of_a_session(db, session):
    (found,) = (await recovery.list_interrupted(db)).items
    assert (found.project_name, found.wave_number, found.is_active) == ("atlas", 1, True)
