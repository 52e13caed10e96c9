import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from itertools import product
from uuid import UUID, uuid4

import pytest

from wave_data import Conflict, InvalidTransition, InvalidValue, NotFound, human_reviews, orchestrator_runs

LIVE = ("planning", "development", "testing", "review")
PHASES = (*LIVE, "complete", "failed")
GATES = {
    "pending": {"go", "hold", "kill", "recycle"},
    "go": {"pending", "hold", "kill", "recycle"},
    "hold": {"go", "kill", "recycle"},
    "recycle": {"pending", "go", "hold", "kill"},
    "kill": set(),
}
PROJECT = UUID("01900000-0000-7000-8000-00000000000a")
OTHER_PROJECT = UUID("01900000-0000-7000-8000-00000000000b")


def phases_from(phase):
    return set(PHASES) - {phase} if phase in LIVE else set()


@pytest.fixture
async def run(db):
    return await orchestrator_runs.create(db, "thread-1", PROJECT, "S-1")


def run_in(db, phase="planning", gate_status="pending", thread_id="thread-1"):
    return orchestrator_runs.create(db, thread_id, PROJECT, "S-1", phase=phase, gate_status=gate_status)


def set_gate(db, id, gate_status):
    return orchestrator_runs.set_gate(db, id, gate_status, "because" if gate_status == "kill" else None)


# Creating


async def test_a_new_run_is_planned_and_safe(db):
    run = await orchestrator_runs.create(db, "thread-1", PROJECT, "S-1")
    assert (run.thread_id, run.project_id, run.story_id) == ("thread-1", PROJECT, "S-1")
    assert (run.phase, run.gate_status, run.safety_score) == ("planning", "pending", Decimal("1.00"))
    assert (run.current_agent, run.gate_reason, run.error, run.completed_at) == (None,) * 4
    assert (run.violations, run.files_created, run.requires_human_review) == ([], [], False)
    assert (run.tokens_used, run.cost_usd, run.actions_count) == (0, 0, 0)
    assert run.started_at == run.updated_at
    assert await orchestrator_runs.get(db, run.id) == run


async def test_a_run_holds_what_it_was_given(db):
    given, started_at = uuid4(), datetime(2026, 1, 1, 12, tzinfo=UTC)
    run = await orchestrator_runs.create(
        db,
        "thread-1",
        PROJECT,
        "S-1",
        phase="testing",
        current_agent="tester",
        gate_status="go",
        safety_score=Decimal("0.875"),
        violations=["network"],
        requires_human_review=True,
        tokens_used=7,
        cost_usd=Decimal("0.25"),
        files_created=["a.py"],
        started_at=started_at,
        id=given,
    )
    assert (run.phase, run.current_agent, run.gate_status) == ("testing", "tester", "go")
    assert (run.safety_score, run.violations, run.requires_human_review) == (Decimal("0.88"), ["network"], True)
    assert (run.tokens_used, run.cost_usd, run.files_created) == (7, Decimal("0.25"), ["a.py"])
    assert (run.started_at, run.id) == (started_at, given)


@pytest.mark.parametrize("phase", PHASES)
async def test_a_run_made_in_a_terminal_phase_is_completed(db, phase):
    run = await run_in(db, phase)
    assert (run.completed_at is None) == (phase in LIVE)
    assert (run.is_active, run.is_terminal) == (phase in LIVE, phase not in LIVE)
    assert run.is_successful == (phase == "complete")


async def test_a_taken_thread_or_id_conflicts(db, run):
    with pytest.raises(Conflict) as caught:
        await orchestrator_runs.create(db, "thread-1", PROJECT, "S-2")
    assert caught.value.constraint == "orchestrator_runs_thread_id_key"
    with pytest.raises(Conflict):
        await orchestrator_runs.create(db, "thread-2", PROJECT, "S-1", id=run.id)


@pytest.mark.parametrize(
    "arguments",
    [
        {"thread_id": ""},
        {"thread_id": "x" * 256},
        {"story_id": ""},
        {"story_id": "x" * 256},
        {"phase": "done"},
        {"current_agent": ""},
        {"current_agent": "x" * 101},
        {"gate_status": "open"},
        {"safety_score": Decimal("1.001")},
        {"safety_score": Decimal("-0.001")},
        {"safety_score": 0.5},
        {"violations": "network"},
        {"requires_human_review": 1},
        {"tokens_used": -1},
        {"cost_usd": Decimal(-1)},
        {"started_at": "2026-01-01T12:00:00Z"},
    ],
    ids="-".join,
)
async def test_create_refuses(db, arguments):
    values = {"thread_id": "thread-1", "project_id": PROJECT, "story_id": "S-1"} | arguments
    with pytest.raises(InvalidValue):
        await orchestrator_runs.create(db, **values)


def test_thread_ids_are_readable_and_differ():
    made = {orchestrator_runs.new_thread_id("S-1", 3) for _ in range(1000)}
    assert len(made) == 1000
    assert all(thread_id.startswith("wave-3-S-1-") for thread_id in made)


def test_a_thread_id_of_the_longest_story_fits():
    assert len(orchestrator_runs.new_thread_id("x" * 255, 2**31 - 1)) <= 255


@pytest.mark.parametrize("arguments", [(7,), ("S-1", -1), ("S-1", "one")])
def test_a_thread_id_refuses(arguments):
    with pytest.raises(InvalidValue):
        orchestrator_runs.new_thread_id(*arguments)


# Reading


async def test_an_absent_run_is_not_found(db):
    absent = uuid4()
    for operation in (orchestrator_runs.get, orchestrator_runs.summary, orchestrator_runs.get_with_reviews):
        with pytest.raises(NotFound, match=f"{absent} not found"):
            await operation(db, absent)
    assert await orchestrator_runs.find(db, absent) is None
    assert await orchestrator_runs.find_by_thread(db, "thread-1") is None


async def test_a_run_is_found_by_its_thread(db, run):
    assert await orchestrator_runs.find(db, run.id) == run
    assert await orchestrator_runs.find_by_thread(db, "thread-1") == run
    assert await orchestrator_runs.find_by_thread(db, "THREAD-1") is None


async def test_a_run_comes_with_its_reviews_newest_first(db, run):
    first = await human_reviews.create(db, "thread-1", "safety", "odd")
    second = await human_reviews.create(db, "thread-1", "budget_exceeded", "dear")
    found = await orchestrator_runs.get_with_reviews(db, run.id)
    assert found.reviews == [second, first]
    expected = await orchestrator_runs.get(db, run.id)
    assert found.model_dump(exclude={"reviews"}) == expected.model_dump()


async def test_a_summary_counts_pending_reviews(db, run):
    await orchestrator_runs.record_usage(db, run.id, tokens=7, actions=2)
    await orchestrator_runs.assign_agent(db, run.id, "planner")
    for _ in range(2):
        await human_reviews.create(db, "thread-1", "safety", "odd", hold_run=False)
    decided = await human_reviews.create(db, "thread-1", "safety", "odd", hold_run=False)
    await human_reviews.approve(db, decided.id, "ana")
    found = await orchestrator_runs.summary(db, run.id)
    assert (found.id, found.phase, found.current_agent) == (run.id, "planning", "planner")
    assert (found.safety_score, found.gate_status, found.pending_reviews) == (1, "pending", 2)
    assert (found.tokens_used, found.actions_count) == (7, 2)


# Lists


async def mixed_runs(db):
    """Runs of two projects and stories, in several phases and gates, some of them flagged; not in order of start."""
    noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    for number in range(18):
        await orchestrator_runs.create(
            db,
            f"thread-{number}",
            (PROJECT, OTHER_PROJECT)[number % 2],
            ("S-1", "S-2")[number // 9],
            phase=PHASES[number % 6],
            gate_status=("pending", "go", "hold")[number % 3],
            requires_human_review=number % 4 == 0,
            started_at=noon + timedelta(minutes=number * 7 % 5),
        )


FILTERS = {
    "project_id": PROJECT,
    "story_id": "S-2",
    "phase": "testing",
    "gate_status": "hold",
    "requires_human_review": True,
}
COMBINED = [{}, *({name: value} for name, value in FILTERS.items()), {"story_id": "S-1", "gate_status": "pending"}]


@pytest.mark.parametrize("filters", COMBINED, ids=lambda filters: "-".join(filters) or "none")
async def test_filters_combine_in_lists_streams_and_counts(db, read_pages, filters):
    await mixed_runs(db)
    everything = [run async for run in orchestrator_runs.iterate(db)]
    assert everything == sorted(everything, key=lambda run: (run.started_at, run.id), reverse=True)
    expected = [run for run in everything if all(getattr(run, name) == value for name, value in filters.items())]
    assert len(expected) >= 3
    assert await read_pages(partial(orchestrator_runs.find_many, db, **filters)) == expected
    assert [run async for run in orchestrator_runs.iterate(db, **filters)] == expected
    assert await orchestrator_runs.count(db, **filters) == len(expected)
    summaries = await read_pages(partial(orchestrator_runs.list_summaries, db, **filters))
    assert [summary.id for summary in summaries] == [run.id for run in expected]


async def test_unflagged_runs_are_a_filter_too(db):
    await mixed_runs(db)
    assert await orchestrator_runs.count(db, requires_human_review=False) == 13


async def test_lists_of_a_project_and_of_active_runs(db, read_pages):
    await mixed_runs(db)
    everything = [run async for run in orchestrator_runs.iterate(db)]
    of_project = [run for run in everything if run.project_id == PROJECT]
    assert await read_pages(partial(orchestrator_runs.list_by_project, db, PROJECT)) == of_project
    active = [run for run in everything if run.is_active]
    assert await read_pages(partial(orchestrator_runs.list_active, db)) == active
    assert len(active) == 12


async def test_counts_name_every_phase_and_gate(db):
    await mixed_runs(db)
    assert await orchestrator_runs.counts_by_phase(db) == dict.fromkeys(PHASES, 3)
    odd = dict.fromkeys(PHASES, 0) | {"planning": 3, "testing": 3, "complete": 3}
    assert await orchestrator_runs.counts_by_phase(db, PROJECT) == odd
    gates = dict.fromkeys(GATES, 0) | {"pending": 6, "go": 6, "hold": 6}
    assert await orchestrator_runs.counts_by_gate(db) == gates
    assert await orchestrator_runs.counts_by_gate(db, uuid4()) == dict.fromkeys(GATES, 0)


# Fields


async def test_an_update_changes_the_given_fields_only(still_db, clock):
    run = await orchestrator_runs.create(still_db, "thread-1", PROJECT, "S-1", current_agent="planner")
    clock.advance(timedelta(minutes=5))
    changed = await orchestrator_runs.update(still_db, run.id, story_id="S-2", error="odd")
    assert changed == run.model_copy(update={"story_id": "S-2", "error": "odd", "updated_at": clock()})
    cleared = await orchestrator_runs.update(still_db, run.id, project_id=OTHER_PROJECT, current_agent=None, error=None)
    assert (cleared.project_id, cleared.current_agent, cleared.error) == (OTHER_PROJECT, None, None)
    assert await orchestrator_runs.get(still_db, run.id) == cleared


async def test_an_update_of_nothing_leaves_the_row(still_db, clock):
    run = await orchestrator_runs.create(still_db, "thread-1", PROJECT, "S-1")
    clock.advance(timedelta(minutes=5))
    assert await orchestrator_runs.update(still_db, run.id) == run


async def test_an_update_refuses(db, run):
    with pytest.raises(NotFound):
        await orchestrator_runs.update(db, uuid4(), story_id="S-2")
    with pytest.raises(InvalidValue):
        await orchestrator_runs.update(db, run.id, story_id=None)
    with pytest.raises(TypeError):
        await orchestrator_runs.update(db, run.id, phase="review")


async def test_an_agent_is_assigned_and_taken_away(db, run):
    assert (await orchestrator_runs.assign_agent(db, run.id, "coder")).current_agent == "coder"
    assert (await orchestrator_runs.assign_agent(db, run.id, None)).current_agent is None
    with pytest.raises(NotFound):
        await orchestrator_runs.assign_agent(db, uuid4(), "coder")


async def test_usage_adds_up(db, run):
    await orchestrator_runs.record_usage(db, run.id, tokens=7, cost_usd=Decimal("0.000001"))
    used = await orchestrator_runs.record_usage(db, run.id, tokens=3, cost_usd=Decimal("0.5"), actions=2)
    assert (used.tokens_used, used.cost_usd, used.actions_count) == (10, Decimal("0.500001"), 2)
    for negative in ({"tokens": -1}, {"cost_usd": Decimal(-1)}, {"actions": -1}):
        with pytest.raises(InvalidValue):
            await orchestrator_runs.record_usage(db, run.id, **negative)
    with pytest.raises(NotFound):
        await orchestrator_runs.record_usage(db, uuid4(), tokens=1)


async def test_files_are_appended_once_each(db, run):
    await orchestrator_runs.add_files(db, run.id, ["b.py", "a.py", "b.py"])
    assert (await orchestrator_runs.add_files(db, run.id, ["a.py", "c.py"])).files_created == ["b.py", "a.py", "c.py"]
    with pytest.raises(NotFound):
        await orchestrator_runs.add_files(db, uuid4(), ["a.py"])


async def test_usage_and_files_of_many_at_once_are_never_lost(db, run):
    await asyncio.gather(*(orchestrator_runs.record_usage(db, run.id, 3, Decimal("0.01"), 1) for _ in range(50)))
    await asyncio.gather(*(orchestrator_runs.add_files(db, run.id, [f"{n % 20}.py"]) for n in range(40)))
    used = await orchestrator_runs.get(db, run.id)
    assert (used.tokens_used, used.cost_usd, used.actions_count) == (150, Decimal("0.5"), 50)
    assert sorted(used.files_created) == sorted(f"{n}.py" for n in range(20))


async def test_a_deleted_run_is_gone_with_its_reviews(db, run):
    review = await human_reviews.create(db, "thread-1", "safety", "odd")
    assert await orchestrator_runs.delete(db, run.id) is True
    assert await orchestrator_runs.find(db, run.id) is None
    assert await human_reviews.find(db, review.id) is None
    assert await orchestrator_runs.delete(db, run.id) is False
    with pytest.raises(NotFound):
        await orchestrator_runs.delete(db, run.id, missing_ok=False)


# Phases


@pytest.mark.parametrize(("source", "target"), list(product(PHASES, PHASES)))
async def test_set_phase_follows_the_table(db, source, target):
    run = await run_in(db, source)
    if target in phases_from(source):
        moved = await orchestrator_runs.set_phase(db, run.id, target)
        assert (moved.phase, moved.completed_at is None) == (target, target in LIVE)
    else:
        with pytest.raises(InvalidTransition) as caught:
            await orchestrator_runs.set_phase(db, run.id, target)
        assert (caught.value.current, caught.value.requested) == (source, target)
        assert set(caught.value.allowed) == phases_from(source)
        moved = run
    assert await orchestrator_runs.get(db, run.id) == moved


@pytest.mark.parametrize("source", PHASES)
@pytest.mark.parametrize("operation", ["complete", "fail"])
async def test_a_live_run_ends(db, source, operation):
    run = await run_in(db, source)
    end = partial(getattr(orchestrator_runs, operation), db, run.id, *(("broken",) if operation == "fail" else ()))
    if source not in LIVE:
        with pytest.raises(InvalidTransition):
            await end()
        return
    ended = await end()
    assert (ended.phase, ended.error) == (("failed", "broken") if operation == "fail" else ("complete", None))
    assert ended.completed_at == ended.updated_at


async def test_a_phase_can_come_with_its_agent(db, run):
    moved = await orchestrator_runs.set_phase(db, run.id, "development", "coder")
    assert moved.current_agent == "coder"
    assert (await orchestrator_runs.set_phase(db, run.id, "testing")).current_agent == "coder"
    assert (await orchestrator_runs.set_phase(db, run.id, "review", None)).current_agent is None
    assert (await orchestrator_runs.set_phase(db, run.id, "complete", "closer")).current_agent == "closer"


async def test_an_absent_run_has_no_phase_to_set(db):
    for phase in PHASES:
        with pytest.raises(NotFound):
            await orchestrator_runs.set_phase(db, uuid4(), phase)
    with pytest.raises(NotFound):
        await orchestrator_runs.complete(db, uuid4())
    with pytest.raises(NotFound):
        await orchestrator_runs.fail(db, uuid4(), "broken")


async def test_unknown_phases_and_gates_are_refused(db, run):
    with pytest.raises(InvalidValue, match="done"):
        await orchestrator_runs.set_phase(db, run.id, "done")
    with pytest.raises(InvalidValue, match="open"):
        await orchestrator_runs.set_gate(db, run.id, "open")


@pytest.mark.parametrize("gate_status", ["hold", "kill"])
async def test_a_held_or_killed_run_is_not_completed(db, gate_status):
    run = await run_in(db, gate_status=gate_status)
    with pytest.raises(InvalidTransition) as caught:
        await orchestrator_runs.complete(db, run.id)
    assert (caught.value.current, caught.value.requested) == (gate_status, "complete")
    assert set(caught.value.allowed) == phases_from("planning") - {"complete"}
    assert await orchestrator_runs.get(db, run.id) == run


async def test_a_run_with_a_pending_review_is_neither_completed_nor_let_go(db, run):
    review = await human_reviews.create(db, "thread-1", "gate_override", "look", hold_run=False)
    before = await orchestrator_runs.get(db, run.id)
    for operation in (orchestrator_runs.complete, orchestrator_runs.go):
        with pytest.raises(Conflict, match="pending") as caught:
            await operation(db, run.id)
        assert not isinstance(caught.value, InvalidTransition)
        assert caught.value.key == run.id
    assert await orchestrator_runs.get(db, run.id) == before
    await human_reviews.approve(db, review.id, "ana")
    await orchestrator_runs.go(db, run.id)
    assert (await orchestrator_runs.complete(db, run.id)).phase == "complete"


# Gates


@pytest.mark.parametrize("phase", ["planning", "complete"])
@pytest.mark.parametrize(("source", "target"), list(product(GATES, GATES)))
async def test_set_gate_follows_the_table(db, source, target, phase):
    run = await run_in(db, phase, source)
    allowed = GATES[source] if phase in LIVE else set()
    if target in allowed:
        moved = await set_gate(db, run.id, target)
        assert moved.gate_status == target
    else:
        with pytest.raises(InvalidTransition) as caught:
            await set_gate(db, run.id, target)
        refused_by_phase = target in GATES[source]
        assert (caught.value.current, caught.value.requested) == (phase if refused_by_phase else source, target)
        assert set(caught.value.allowed) == allowed
        moved = run
    assert await orchestrator_runs.get(db, run.id) == moved


async def test_an_absent_run_has_no_gate_to_set(db):
    for gate_status in GATES:
        with pytest.raises(NotFound):
            await set_gate(db, uuid4(), gate_status)


async def test_a_hold_keeps_its_reason_until_the_run_may_go(db, run):
    held = await orchestrator_runs.hold(db, run.id, "wait for a key")
    assert (held.gate_status, held.gate_reason) == ("hold", "wait for a key")
    released = await orchestrator_runs.go(db, run.id)
    assert (released.gate_status, released.gate_reason) == ("go", None)
    assert (await orchestrator_runs.hold(db, run.id)).gate_reason is None


async def test_a_recycled_run_goes_back_to_a_phase(db):
    run = await run_in(db, "review")
    recycled = await orchestrator_runs.recycle(db, run.id, "again", "development")
    assert (recycled.gate_status, recycled.gate_reason, recycled.phase) == ("recycle", "again", "development")
    await orchestrator_runs.set_gate(db, run.id, "pending")
    again = await orchestrator_runs.set_gate(db, run.id, "recycle", "from the start")
    assert (again.gate_reason, again.phase) == ("from the start", "planning")
    await orchestrator_runs.go(db, run.id)
    with pytest.raises(InvalidValue):
        await orchestrator_runs.recycle(db, run.id, to_phase="complete")


async def test_a_killed_run_has_failed_for_that_reason(db, run):
    killed = await orchestrator_runs.kill(db, run.id, "unsafe")
    assert (killed.gate_status, killed.gate_reason) == ("kill", "unsafe")
    assert (killed.phase, killed.error, killed.completed_at) == ("failed", "unsafe", killed.updated_at)


async def test_a_kill_requires_a_reason(db, run):
    for refused in (
        orchestrator_runs.kill(db, run.id, ""),
        orchestrator_runs.kill(db, run.id, None),
        orchestrator_runs.set_gate(db, run.id, "kill"),
    ):
        with pytest.raises(InvalidValue, match="reason"):
            await refused
    assert await orchestrator_runs.get(db, run.id) == run


# Safety


async def test_a_safe_score_is_stored_and_nothing_else_happens(db, run):
    safe = await orchestrator_runs.record_safety(db, run.id, Decimal("0.70"), ["slow"])
    assert (safe.safety_score, safe.violations) == (Decimal("0.70"), ["slow"])
    assert (safe.gate_status, safe.requires_human_review) == ("pending", False)
    assert await human_reviews.count(db) == 0


async def test_an_unsafe_score_holds_the_run_and_asks_for_a_review(db, run):
    unsafe = await orchestrator_runs.record_safety(db, run.id, Decimal("0.4"), ["network", "shell", "network"])
    assert (unsafe.gate_status, unsafe.requires_human_review) == ("hold", True)
    assert (unsafe.safety_score, unsafe.violations) == (Decimal("0.40"), ["network", "shell"])
    assert await orchestrator_runs.get(db, run.id) == unsafe
    [review] = (await human_reviews.list_by_thread(db, "thread-1")).items
    assert (review.review_type, review.status, review.safety_score) == ("safety", "pending", Decimal("0.40"))
    assert review.context == {"violations": ["network", "shell"]}
    assert review.reason == unsafe.gate_reason == "safety score 0.4 is below 0.70"


async def test_unsafe_scores_ask_once_until_somebody_decides(db, run):
    await orchestrator_runs.record_safety(db, run.id, Decimal("0.4"))
    held = await orchestrator_runs.record_safety(db, run.id, Decimal("0.3"))
    assert (held.safety_score, held.gate_reason) == (Decimal("0.30"), "safety score 0.4 is below 0.70")
    [review] = (await human_reviews.list_pending(db)).items
    await human_reviews.approve(db, review.id, "ana")
    await orchestrator_runs.record_safety(db, run.id, Decimal("0.3"))
    assert await human_reviews.count_pending(db, "thread-1") == 1


async def test_a_pending_review_of_another_kind_does_not_serve(db, run):
    await human_reviews.create(db, "thread-1", "budget_exceeded", "dear")
    await orchestrator_runs.record_safety(db, run.id, Decimal("0.4"))
    assert await human_reviews.count_pending(db, "thread-1") == 2


async def test_a_recycled_run_is_held_again_by_an_unsafe_score(db, run):
    await orchestrator_runs.record_safety(db, run.id, Decimal("0.4"))
    await orchestrator_runs.recycle(db, run.id)
    assert (await orchestrator_runs.record_safety(db, run.id, Decimal("0.4"))).gate_status == "hold"
    assert await human_reviews.count_pending(db, "thread-1") == 1


async def test_a_score_is_compared_before_it_is_rounded(db, run):
    unsafe = await orchestrator_runs.record_safety(db, run.id, Decimal("0.699"))
    assert (unsafe.safety_score, unsafe.gate_status) == (Decimal("0.70"), "hold")


@pytest.mark.parametrize(("threshold", "gate_status"), [("0.95", "hold"), (0, "pending"), (1, "hold")])
async def test_the_threshold_decides(db, run, threshold, gate_status):
    rated = await orchestrator_runs.record_safety(db, run.id, Decimal("0.9"), threshold=threshold)
    assert rated.gate_status == gate_status


@pytest.mark.parametrize("phase", ["complete", "failed"])
async def test_a_terminal_run_is_not_rated(db, phase):
    run = await run_in(db, phase)
    with pytest.raises(InvalidTransition) as caught:
        await orchestrator_runs.record_safety(db, run.id, Decimal("0.1"))
    assert (caught.value.current, caught.value.allowed) == (phase, ())
    assert await orchestrator_runs.get(db, run.id) == run
    assert await human_reviews.count(db) == 0


@pytest.mark.parametrize("arguments", [(0.5,), (Decimal("1.1"),), (1, (), Decimal(2)), (1, (), 0.5), (1, "shell")])
async def test_record_safety_refuses(db, run, arguments):
    with pytest.raises(InvalidValue):
        await orchestrator_runs.record_safety(db, run.id, *arguments)
    assert await orchestrator_runs.get(db, run.id) == run


async def test_the_safety_of_an_absent_run_is_not_found(db):
    with pytest.raises(NotFound):
        await orchestrator_runs.record_safety(db, uuid4(), 1)


async def test_unsafe_scores_at_once_ask_for_one_review(db, run):
    await asyncio.gather(
        *(orchestrator_runs.record_safety(db, run.id, Decimal("0.1"), [f"{n}"]) for n in range(20)),
    )
    rated = await orchestrator_runs.get(db, run.id)
    assert (rated.gate_status, rated.requires_human_review) == ("hold", True)
    assert sorted(rated.violations) == sorted(f"{n}" for n in range(20))
    assert await human_reviews.count_pending(db, "thread-1") == 1


async def test_a_run_is_never_let_go_past_a_review_that_is_asked_for_meanwhile(db):
    for number in range(10):
        thread_id = f"thread-{number}"
        run = await run_in(db, thread_id=thread_id)
        outcomes = await asyncio.gather(
            orchestrator_runs.go(db, run.id),
            human_reviews.create(db, thread_id, "safety", "odd"),
            orchestrator_runs.complete(db, run.id),
            return_exceptions=True,
        )
        assert all(isinstance(outcome, Conflict) for outcome in outcomes if isinstance(outcome, Exception))
        ended = await orchestrator_runs.get(db, run.id)
        assert ended.requires_human_review
        assert (ended.phase, ended.gate_status) in {("planning", "hold"), ("complete", "pending"), ("complete", "go")}
