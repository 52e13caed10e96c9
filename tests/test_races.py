"""Many tasks at one row: what must hold whoever comes first."""

import asyncio
from collections import Counter
from decimal import Decimal
from uuid import uuid4

import pytest

from wave_data import (
    BudgetExceeded,
    Conflict,
    InvalidTransition,
    MissingReference,
    NotFound,
    recovery,
    story_flow,
    wave_checkpoints,
    wave_sessions,
    wave_story_executions,
    worktree_zones,
    worktrees,
    zone_executions,
    zones,
)


async def race(*calls):
    """Run all calls at once; what succeeded, and the errors of the rest."""
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    errors = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    return [outcome for outcome in outcomes if not isinstance(outcome, BaseException)], errors


def kinds(errors):
    return Counter(type(error) for error in errors)


@pytest.fixture
async def session(db):
    return await wave_sessions.create(db, "atlas", 1, Decimal(100))


@pytest.fixture
async def story(db, session):
    return await wave_story_executions.create(db, session.id, "S-1", "Login", "auth", "coder")


# Transitions


async def test_of_fifty_starts_one_wins(db, session):
    won, lost = await race(*(wave_sessions.start(db, session.id) for _ in range(50)))
    assert len(won) == 1
    assert kinds(lost) == {InvalidTransition: 49}


async def test_a_session_ends_in_one_way_only(db, session):
    ends = (wave_sessions.complete, wave_sessions.fail, wave_sessions.cancel)
    won, lost = await race(*(end(db, session.id) for end in ends * 5))
    assert len(won) == 1
    assert kinds(lost) == {InvalidTransition: 14}
    assert await wave_sessions.get(db, session.id) == won[0]


async def test_of_fifty_starts_of_a_story_one_wins(db, story):
    won, lost = await race(*(wave_story_executions.start(db, story.id) for _ in range(50)))
    assert len(won) == 1
    assert kinds(lost) == {InvalidTransition: 49}


async def test_racing_flow_transitions_leave_one_checkpoint(db, session, story):
    won, lost = await race(*(story_flow.transition(db, story.id, "in_progress") for _ in range(20)))
    assert len(won) == 1
    assert kinds(lost) == {InvalidTransition: 19}
    assert await wave_checkpoints.count_by_session(db, session.id) == 1


# Uniqueness


async def test_a_wave_gets_one_live_session(db):
    won, lost = await race(*(wave_sessions.create(db, "atlas", 1) for _ in range(50)))
    assert len(won) == 1
    assert kinds(lost) == {Conflict: 49}


async def test_resumed_and_new_sessions_share_one_place(db):
    failed = []
    for _ in range(10):
        session = await wave_sessions.create(db, "atlas", 1)
        failed.append(await wave_sessions.fail(db, session.id))
    won, lost = await race(
        *(wave_sessions.resume(db, session.id) for session in failed),
        *(wave_sessions.create(db, "atlas", 1) for _ in range(10)),
    )
    assert len(won) == 1
    assert kinds(lost) == {Conflict: 19}


async def test_a_story_begins_once(db, session):
    won, lost = await race(*(story_flow.begin(db, session.id, "S-1", "Login", "auth", "coder") for _ in range(20)))
    assert len(won) == 1
    assert kinds(lost) == {Conflict: 19}
    assert await wave_checkpoints.count_by_session(db, session.id) == 1


# Charges


@pytest.mark.parametrize("keyed", [False, True])
async def test_of_two_hundred_charges_those_that_fit_succeed(db, session, keyed):
    charges = (
        wave_sessions.charge(db, session.id, Decimal(1), 2, f"call-{number}" if keyed else None)
        for number in range(200)
    )
    won, lost = await race(*charges)
    charged = await wave_sessions.get(db, session.id)
    assert len(won) == 100
    assert kinds(lost) == {BudgetExceeded: 100}
    assert (charged.actual_cost_usd, charged.token_count) == (100, 200)


async def test_charges_with_one_key_count_once(db, session):
    won, lost = await race(*(wave_sessions.charge(db, session.id, Decimal(1), 2, "call-1") for _ in range(50)))
    charged = await wave_sessions.get(db, session.id)
    assert (len(won), lost) == (50, [])
    assert (charged.actual_cost_usd, charged.token_count) == (1, 2)


# Counters


async def test_usage_of_a_session_is_never_lost(db, session):
    _, lost = await race(*(wave_sessions.add_usage(db, session.id, 3, Decimal("0.01")) for _ in range(100)))
    used = await wave_sessions.get(db, session.id)
    assert lost == []
    assert (used.token_count, used.actual_cost_usd) == (300, 1)


async def test_usage_of_stories_rolls_up_without_loss(db, session):
    stories = [
        await wave_story_executions.create(db, session.id, f"S-{number}", "Story", "api", "coder")
        for number in range(5)
    ]
    _, lost = await race(
        *(wave_story_executions.add_usage(db, story.id, 3, Decimal("0.01"), 1, roll_up=True) for story in stories * 20)
    )
    total = await wave_sessions.get(db, session.id)
    assert lost == []
    assert (total.token_count, total.actual_cost_usd) == (300, 1)
    for story in stories:
        used = await wave_story_executions.get(db, story.id)
        assert (used.token_count, used.cost_usd, used.retry_count) == (60, Decimal("0.2"), 20)


async def test_recalculating_does_not_lose_what_rolls_up_meanwhile(db, session, story):
    calls = []
    for _ in range(50):
        calls.append(wave_story_executions.add_usage(db, story.id, 3, Decimal("0.01"), roll_up=True))
        calls.append(wave_sessions.recalculate(db, session.id))
    _, lost = await race(*calls)
    total = await wave_sessions.get(db, session.id)
    assert lost == []
    assert (total.token_count, total.actual_cost_usd) == (150, Decimal("0.5"))


async def test_merged_metadata_is_never_lost(db, session):
    await race(*(wave_sessions.merge_metadata(db, session.id, {f"key-{n}": n}) for n in range(50)))
    merged = await wave_sessions.get(db, session.id)
    assert merged.metadata == {f"key-{n}": n for n in range(50)}


async def test_appended_files_are_never_lost_or_doubled(db, story):
    names = [f"{number}.py" for number in range(30)]
    await race(*(wave_story_executions.add_files(db, story.id, created=[name]) for name in names * 2))
    assert sorted((await wave_story_executions.get(db, story.id)).files_created) == sorted(names)


# Gates and recovery


async def test_failing_gates_count_every_retry_and_then_fail_once(db, session):
    story = await story_flow.begin(db, session.id, "S-1", "Login", "auth", "coder", max_retries=5)
    won, lost = await race(*(story_flow.record_gate(db, story.id, "gate-1", "failed") for _ in range(20)))
    failed = await wave_story_executions.get(db, story.id)
    assert len(won) == 6
    assert kinds(lost) == {InvalidTransition: 14}
    assert (failed.status, failed.retry_count) == ("failed", 5)


async def test_the_last_gate_completes_a_story_once(db, session):
    story = await story_flow.begin(db, session.id, "S-1", "Login", "auth", "coder")
    won, lost = await race(*(story_flow.record_gate(db, story.id, "gate-7", "passed") for _ in range(20)))
    page = await wave_checkpoints.list_by_type(db, session.id, "story_complete")
    assert len(won) == 1
    assert kinds(lost) == {InvalidTransition: 19}
    assert len(page.items) == 1


async def test_a_story_is_skipped_once(db, session):
    await story_flow.begin(db, session.id, "S-1", "Login", "auth", "coder")
    won, lost = await race(
        *(recovery.recover_story(db, session.id, "S-1", "skip") for _ in range(20)),
    )
    assert len(won) == 1
    assert kinds(lost) == {Conflict: 19}


async def test_racing_recoveries_of_a_session_resume_each_story_once(db, session):
    for number in range(5):
        story = await story_flow.begin(db, session.id, f"S-{number}", "Story", "api", "coder")
        await story_flow.fail(db, story.id, "tests broke")
    won, lost = await race(*(recovery.recover_session(db, session.id) for _ in range(5)))
    assert (len(won), lost) == (5, [])
    assert await wave_story_executions.counts_by_status(db, session.id) == {
        "pending": 0,
        "in_progress": 5,
        "blocked": 0,
        "review": 0,
        "complete": 0,
        "failed": 0,
        "cancelled": 0,
    }


# Cleaning up


async def test_cleaning_up_never_deletes_what_it_must_keep(db, session):
    creations = [wave_checkpoints.create(db, session.id, "manual", f"{n}", {}) for n in range(60)]
    cleanings = [wave_checkpoints.cleanup_old(db, session.id, keep=5) for _ in range(30)]
    calls = [call for pair in zip(creations[::2], cleanings, creations[1::2], strict=True) for call in pair]
    outcomes, lost = await race(*calls)
    created = [outcome for outcome in outcomes if not isinstance(outcome, int)]
    newest = sorted(created, key=lambda checkpoint: (checkpoint.created_at, checkpoint.id))[-5:]
    kept = (await wave_checkpoints.list_by_session(db, session.id)).items
    deleted = sum(outcome for outcome in outcomes if isinstance(outcome, int))
    assert lost == []
    assert all(checkpoint in kept for checkpoint in newest)
    assert len(kept) + deleted == 60
    await wave_checkpoints.cleanup_old(db, session.id, keep=5)
    assert (await wave_checkpoints.list_by_session(db, session.id)).items == newest[::-1]


# Ports


async def test_concurrent_worktrees_get_different_ports(db):
    made, lost = await race(*(worktrees.create(db, f"/src/{number}", "main") for number in range(50)))
    assert lost == []
    assert sorted(worktree.port for worktree in made) == list(range(3001, 3051))


async def test_worktrees_of_concurrent_transactions_get_different_ports(db):
    async def create_two(number):
        async with db.transaction() as tx:
            return [await worktrees.create(tx, f"/src/{number}/{name}", "main") for name in "ab"]

    made, lost = await race(*(create_two(number) for number in range(10)))
    assert lost == []
    assert sorted(worktree.port for pair in made for worktree in pair) == list(range(3001, 3021))


async def test_transactions_that_see_one_moment_get_different_ports(db):
    async def create(tx):
        return await worktrees.create(tx, f"/src/{uuid4()}", "main")

    made, lost = await race(*(db.run_in_transaction(create, "repeatable read") for _ in range(3)))
    assert lost == []
    assert sorted(worktree.port for worktree in made) == [3001, 3002, 3003]


async def test_a_range_of_ports_is_given_out_to_the_last_one(db):
    made, lost = await race(
        *(worktrees.create(db, f"/src/{number}", "main", port_range=(5000, 5009)) for number in range(30))
    )
    assert sorted(worktree.port for worktree in made) == list(range(5000, 5010))
    assert kinds(lost) == {Conflict: 20}


async def test_a_given_port_or_path_is_taken_once(db):
    for_port = [worktrees.create(db, f"/src/{number}", "main", 4000) for number in range(20)]
    for_path = [worktrees.create(db, "/shared", "main") for _ in range(20)]
    made, lost = await race(*for_port, *for_path)
    assert [(worktree.port == 4000, worktree.path == "/shared") for worktree in made] == [(True, False), (False, True)]
    assert kinds(lost) == {Conflict: 38}


# The board


@pytest.fixture
async def four_zones(db):
    await zones.seed_defaults(db)
    return [zone.id async for zone in zones.iterate(db)]


async def test_every_move_tells_where_the_move_before_it_led(db, four_zones):
    worktree = await worktrees.create(db, "/src/a", "main")
    moves, lost = await race(*(worktree_zones.assign(db, worktree.id, zone) for zone in four_zones * 10))
    last = await worktree_zones.get(db, worktree.id)
    assert lost == []
    assert Counter(move.previous_zone_id for move in moves) + Counter([last.zone_id]) == (
        Counter(four_zones * 10) + Counter([None])
    )
    assert await worktree_zones.count(db) == 1


async def test_a_worktree_that_moves_is_never_seen_without_a_zone(db, four_zones):
    worktree = await worktrees.create(db, "/src/a", "main")
    await worktree_zones.assign(db, worktree.id, four_zones[0])
    moving = asyncio.gather(*(worktree_zones.assign(db, worktree.id, zone) for zone in four_zones * 10))
    seen, readings = set(), 0
    while not moving.done() or readings < 20:
        place = await worktree_zones.find_by_worktree(db, worktree.id)
        seen.add(place and place.zone_id)
        readings += 1
    await moving
    assert None not in seen


async def test_a_zone_that_is_deleted_while_worktrees_move_in_keeps_none_of_them(db, four_zones):
    made = [await worktrees.create(db, f"/src/{number}", "main") for number in range(10)]
    for worktree in made:
        await worktree_zones.assign(db, worktree.id, four_zones[0])
    _, lost = await race(
        *(worktree_zones.assign(db, worktree.id, four_zones[0]) for worktree in made * 2),
        zones.delete(db, four_zones[0]),
        *(worktree_zones.assign(db, worktree.id, four_zones[1]) for worktree in made),
    )
    assert set(kinds(lost)) <= {NotFound}
    assert await worktree_zones.count_by_zone(db, four_zones[0]) == 0
    assert await worktree_zones.count_by_zone(db, four_zones[1]) > 0


async def test_the_default_zones_are_seeded_once(db):
    seeded, lost = await race(*(zones.seed_defaults(db) for _ in range(20)))
    assert lost == []
    assert sum(result.created for result in seeded) == await zones.count(db) == 4


async def test_executions_of_a_deleted_worktree_are_refused_or_deleted_with_it(db, four_zones):
    worktree = await worktrees.create(db, "/src/a", "main")
    creations = [zone_executions.create(db, four_zones[0], worktree.id, "qa", "Test it.", True) for _ in range(20)]
    _, lost = await race(*creations[:10], worktrees.delete(db, worktree.id), *creations[10:])
    assert set(kinds(lost)) <= {MissingReference}
    assert await zone_executions.count(db) == 0
