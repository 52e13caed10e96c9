import asyncio
from collections import Counter
from datetime import timedelta
from decimal import Decimal
from functools import partial
from itertools import product
from uuid import UUID, uuid4

import pytest

from wave_data import (
    Conflict,
    InvalidTransition,
    InvalidValue,
    MissingReference,
    NotFound,
    human_reviews,
    orchestrator_runs,
)

PROJECT = UUID("01900000-0000-7000-8000-00000000000a")
STATUSES = ("pending", "approved", "rejected")
TYPES = ("safety", "gate_override", "budget_exceeded")
DECISIONS = {"approve": "approved", "reject": "rejected"}


@pytest.fixture
async def run(db):
    return await orchestrator_runs.create(db, "thread-1", PROJECT, "S-1")


@pytest.fixture
async def review(db, run):
    return await human_reviews.create(db, "thread-1", "safety", "odd")


def run_of(db, thread_id="thread-1"):
    return orchestrator_runs.find_by_thread(db, thread_id)


# Creating


async def test_a_new_review_is_pending_and_holds_its_run(db, run):
    review = await human_reviews.create(db, "thread-1", "safety", "odd")
    assert (review.thread_id, review.review_type, review.reason) == ("thread-1", "safety", "odd")
    assert (review.status, review.safety_score, review.context) == ("pending", None, None)
    assert (review.resolved_by, review.resolved_at, review.resolution_notes) == (None,) * 3
    assert (review.is_active, review.is_terminal, review.is_successful) == (True, False, False)
    assert await human_reviews.get(db, review.id) == review
    held = await run_of(db)
    assert (held.gate_status, held.gate_reason, held.requires_human_review) == ("hold", "odd", True)


async def test_a_review_holds_what_it_was_given(db, run):
    given = uuid4()
    review = await human_reviews.create(
        db, "thread-1", "budget_exceeded", "dear", Decimal("0.5"), [{"cost": Decimal("1.5")}, None], False, given
    )
    assert (review.safety_score, review.context, review.id) == (Decimal("0.50"), [{"cost": "1.5"}, None], given)


async def test_a_review_without_a_hold_flags_the_run_only(db, run):
    await human_reviews.create(db, "thread-1", "safety", "odd", hold_run=False)
    flagged = await run_of(db)
    assert (flagged.gate_status, flagged.requires_human_review) == ("pending", True)


async def test_a_run_that_is_held_keeps_its_reason(db, run):
    await orchestrator_runs.hold(db, run.id, "wait for a key")
    await human_reviews.create(db, "thread-1", "safety", "odd")
    assert (await run_of(db)).gate_reason == "wait for a key"


@pytest.mark.parametrize("phase", ["complete", "failed"])
async def test_a_terminal_run_is_flagged_and_not_held(db, phase):
    await orchestrator_runs.create(db, "thread-1", PROJECT, "S-1", phase=phase, gate_status="go")
    await human_reviews.create(db, "thread-1", "safety", "odd")
    flagged = await run_of(db)
    assert (flagged.phase, flagged.gate_status, flagged.requires_human_review) == (phase, "go", True)


async def test_an_unknown_thread_is_a_missing_reference(db):
    with pytest.raises(MissingReference):
        await human_reviews.create(db, "thread-9", "safety", "odd")


async def test_a_taken_id_conflicts_and_leaves_the_run_alone(db, run, review):
    other = await orchestrator_runs.create(db, "thread-2", PROJECT, "S-1")
    with pytest.raises(Conflict):
        await human_reviews.create(db, "thread-2", "safety", "odd", id=review.id)
    assert await run_of(db, "thread-2") == other


@pytest.mark.parametrize(
    "arguments",
    [
        {"review_type": "other"},
        {"reason": ""},
        {"reason": None},
        {"safety_score": Decimal("1.1")},
        {"safety_score": 0.5},
        {"context": {"score": float("nan")}},
        {"hold_run": 1},
    ],
    ids="-".join,
)
async def test_create_refuses(db, run, arguments):
    with pytest.raises(InvalidValue):
        await human_reviews.create(db, "thread-1", **{"review_type": "safety", "reason": "odd"} | arguments)
    assert await run_of(db) == run


# Reading


async def test_an_absent_review_is_not_found(db):
    absent = uuid4()
    with pytest.raises(NotFound, match=f"human_review {absent} not found"):
        await human_reviews.get(db, absent)
    assert await human_reviews.find(db, absent) is None


async def mixed_reviews(db):
    """Reviews of two threads, of every type, a third of them decided."""
    for thread_id in ("thread-1", "thread-2"):
        await orchestrator_runs.create(db, thread_id, PROJECT, "S-1")
    for number in range(18):
        review = await human_reviews.create(
            db, f"thread-{number % 2 + 1}", TYPES[number // 2 % 3], "odd", hold_run=False
        )
        match number % 6:
            case 0:
                await human_reviews.approve(db, review.id, "ana")
            case 1:
                await human_reviews.reject(db, review.id, "ben", run_outcome="none")


FILTERS = [
    {},
    {"thread_id": "thread-1"},
    {"review_type": "safety"},
    {"status": "pending"},
    {"status": "pending", "review_type": "gate_override"},
    {"thread_id": "thread-2", "status": "rejected"},
]


@pytest.fixture(params=["moving clock", "still clock"])
def either_db(request, db, still_db):
    return db if request.param == "moving clock" else still_db


@pytest.mark.parametrize("filters", FILTERS, ids=lambda filters: "-".join(filters) or "none")
async def test_filters_combine_in_lists_streams_and_counts(either_db, read_pages, filters):
    await mixed_reviews(either_db)
    everything = [review async for review in human_reviews.iterate(either_db)]
    assert everything == sorted(everything, key=lambda review: (review.created_at, review.id), reverse=True)
    expected = [found for found in everything if all(getattr(found, name) == value for name, value in filters.items())]
    assert len(expected) >= 3
    assert await read_pages(partial(human_reviews.find_many, either_db, **filters)) == expected
    assert [review async for review in human_reviews.iterate(either_db, **filters)] == expected
    assert await human_reviews.count(either_db, **filters) == len(expected)


async def test_pending_reviews_come_oldest_first(either_db, read_pages):
    await mixed_reviews(either_db)
    pending = [review async for review in human_reviews.iterate(either_db, status="pending")][::-1]
    assert await read_pages(partial(human_reviews.list_pending, either_db)) == pending
    of_type = [review for review in pending if review.review_type == "gate_override"]
    assert await read_pages(partial(human_reviews.list_pending, either_db, "gate_override")) == of_type
    assert await human_reviews.count_pending(either_db) == len(pending)
    of_thread = [review for review in pending if review.thread_id == "thread-1"]
    assert await human_reviews.count_pending(either_db, "thread-1") == len(of_thread)


async def test_the_reviews_of_a_thread_come_newest_first(either_db, read_pages):
    await mixed_reviews(either_db)
    expected = [review async for review in human_reviews.iterate(either_db, thread_id="thread-2")]
    assert await read_pages(partial(human_reviews.list_by_thread, either_db, "thread-2")) == expected


async def test_overdue_reviews_have_waited_longer_than_that(still_db, clock, read_pages):
    await orchestrator_runs.create(still_db, "thread-1", PROJECT, "S-1")
    asked = []
    for _ in range(5):
        asked.append(await human_reviews.create(still_db, "thread-1", "safety", "odd"))
        clock.advance(timedelta(hours=1))
    await human_reviews.approve(still_db, asked[1].id, "ana")
    assert await read_pages(partial(human_reviews.list_overdue, still_db)) == [asked[0]]
    exactly = partial(human_reviews.list_overdue, still_db, timedelta(hours=2))
    assert await read_pages(exactly) == [asked[0], asked[2]]
    longer = partial(human_reviews.list_overdue, still_db, timedelta(hours=2) - timedelta(microseconds=1))
    assert await read_pages(longer) == [asked[0], asked[2], asked[3]]


async def test_the_pages_of_overdue_reviews_go_on_while_time_passes(still_db, clock):
    await orchestrator_runs.create(still_db, "thread-1", PROJECT, "S-1")
    asked = [await human_reviews.create(still_db, "thread-1", "safety", "odd") for _ in range(3)]
    clock.advance(timedelta(hours=5))
    first = await human_reviews.list_overdue(still_db, limit=2)
    clock.advance(timedelta(hours=5))
    second = await human_reviews.list_overdue(still_db, limit=2, cursor=first.next_cursor)
    assert first.items + second.items == asked


@pytest.mark.parametrize("older_than", [timedelta(seconds=-1), 3600, None, timedelta.max])
async def test_an_age_is_a_span_that_has_passed(db, older_than):
    with pytest.raises(InvalidValue, match="older_than"):
        await human_reviews.list_overdue(db, older_than)


async def test_counts_name_every_status(db):
    assert await human_reviews.counts_by_status(db) == dict.fromkeys(STATUSES, 0)
    await mixed_reviews(db)
    assert await human_reviews.counts_by_status(db) == {"pending": 12, "approved": 3, "rejected": 3}


# Decisions


@pytest.mark.parametrize(("decision", "status"), list(product(DECISIONS, STATUSES)))
async def test_a_pending_review_is_decided_once(db, review, decision, status):
    if status != "pending":
        review = await getattr(human_reviews, "approve" if status == "approved" else "reject")(db, review.id, "ana")
    before = await run_of(db)
    decide = partial(getattr(human_reviews, decision), db, review.id, "ben", "seen")
    if status == "pending":
        decided = await decide()
        assert (decided.status, decided.resolved_by) == (DECISIONS[decision], "ben")
        assert (decided.resolution_notes, decided.is_terminal) == ("seen", True)
        assert decided.resolved_at is not None
        assert await human_reviews.get(db, review.id) == decided
        return
    with pytest.raises(InvalidTransition) as caught:
        await decide()
    assert (caught.value.current, caught.value.requested, caught.value.allowed) == (status, DECISIONS[decision], ())
    assert await human_reviews.get(db, review.id) == review
    assert await run_of(db) == before


@pytest.mark.parametrize("decision", DECISIONS)
async def test_an_absent_review_is_not_decided(db, decision):
    with pytest.raises(NotFound):
        await getattr(human_reviews, decision)(db, uuid4(), "ana")


@pytest.mark.parametrize("decision", DECISIONS)
@pytest.mark.parametrize("resolved_by", ["", None, "x" * 256])
async def test_a_decision_requires_who_made_it(db, review, decision, resolved_by):
    with pytest.raises(InvalidValue):
        await getattr(human_reviews, decision)(db, review.id, resolved_by)
    assert await human_reviews.get(db, review.id) == review


async def test_an_approval_lets_the_run_go(db, review):
    await human_reviews.approve(db, review.id, "ana")
    released = await run_of(db)
    assert (released.gate_status, released.gate_reason, released.requires_human_review) == ("go", None, False)


async def test_an_approval_waits_for_the_last_review(db, review):
    other = await human_reviews.create(db, "thread-1", "gate_override", "look")
    await human_reviews.approve(db, review.id, "ana")
    held = await run_of(db)
    assert (held.gate_status, held.requires_human_review) == ("hold", True)
    await human_reviews.approve(db, other.id, "ana")
    released = await run_of(db)
    assert (released.gate_status, released.requires_human_review) == ("go", False)


async def test_an_approval_opens_a_held_gate_only(db, run):
    review = await human_reviews.create(db, "thread-1", "safety", "odd", hold_run=False)
    await human_reviews.approve(db, review.id, "ana")
    assert ((await run_of(db)).gate_status, (await run_of(db)).requires_human_review) == ("pending", False)


async def test_the_reviews_of_other_threads_do_not_matter(db, review):
    await orchestrator_runs.create(db, "thread-2", PROJECT, "S-1")
    await human_reviews.create(db, "thread-2", "safety", "odd")
    await human_reviews.approve(db, review.id, "ana")
    assert (await run_of(db)).gate_status == "go"
    assert (await run_of(db, "thread-2")).gate_status == "hold"


@pytest.mark.parametrize(("notes", "expected"), [("no", "no"), (None, "odd")])
async def test_a_rejection_kills_the_run(db, review, notes, expected):
    await human_reviews.reject(db, review.id, "ana", notes)
    killed = await run_of(db)
    assert (killed.gate_status, killed.gate_reason) == ("kill", expected)
    assert (killed.phase, killed.error) == ("failed", expected)
    assert killed.completed_at is not None
    assert not killed.requires_human_review


async def test_a_rejection_can_recycle_the_run(db, run, review):
    await orchestrator_runs.set_phase(db, run.id, "testing")
    await human_reviews.reject(db, review.id, "ana", "again", "recycle")
    recycled = await run_of(db)
    assert (recycled.gate_status, recycled.gate_reason) == ("recycle", "again")
    assert (recycled.phase, recycled.completed_at, recycled.requires_human_review) == ("planning", None, False)


async def test_a_rejection_can_leave_the_run_held(db, review):
    await human_reviews.reject(db, review.id, "ana", run_outcome="none")
    held = await run_of(db)
    assert (held.gate_status, held.phase, held.requires_human_review) == ("hold", "planning", False)


async def test_the_flag_stays_while_another_review_is_pending(db, review):
    other = await human_reviews.create(db, "thread-1", "gate_override", "look")
    await human_reviews.reject(db, review.id, "ana", run_outcome="none")
    assert (await run_of(db)).requires_human_review
    await human_reviews.reject(db, other.id, "ana", run_outcome="none")
    assert not (await run_of(db)).requires_human_review


@pytest.mark.parametrize("outcome", ["kill", "recycle", "none"])
async def test_a_run_that_has_ended_is_left_alone(db, run, review, outcome):
    await orchestrator_runs.fail(db, run.id, "broken")
    ended = await run_of(db)
    await human_reviews.reject(db, review.id, "ana", "no", outcome)
    kept = {"exclude": {"requires_human_review", "updated_at"}}
    assert (await run_of(db)).model_dump(**kept) == ended.model_dump(**kept)


async def test_an_unknown_outcome_is_refused(db, review):
    with pytest.raises(InvalidValue, match="later"):
        await human_reviews.reject(db, review.id, "ana", run_outcome="later")
    assert await human_reviews.get(db, review.id) == review


# Deleting


async def test_a_deleted_review_is_gone_and_the_run_stays(db, review):
    before = await run_of(db)
    assert await human_reviews.delete(db, review.id) is True
    assert await human_reviews.delete(db, review.id) is False
    with pytest.raises(NotFound):
        await human_reviews.delete(db, review.id, missing_ok=False)
    assert await run_of(db) == before


async def test_the_reviews_of_a_thread_are_deleted_together(db):
    await mixed_reviews(db)
    assert await human_reviews.delete_by_thread(db, "thread-1") == 9
    assert await human_reviews.delete_by_thread(db, "thread-1") == 0
    assert await human_reviews.count(db) == 9


# Races


async def test_of_reviewers_who_decide_at_once_one_succeeds(db, review):
    decisions = [
        getattr(human_reviews, decision)(db, review.id, f"reviewer {n}")
        for n, decision in enumerate(list(DECISIONS) * 10)
    ]
    outcomes = await asyncio.gather(*decisions, return_exceptions=True)
    [won] = [outcome for outcome in outcomes if not isinstance(outcome, BaseException)]
    assert Counter(map(type, outcomes))[InvalidTransition] == 19
    assert await human_reviews.get(db, review.id) == won
    run = await run_of(db)
    expected = ("go", "planning") if won.status == "approved" else ("kill", "failed")
    assert (run.gate_status, run.phase, run.requires_human_review) == (*expected, False)


async def test_of_the_last_two_approvals_at_once_one_lets_the_run_go(db, run):
    for _ in range(10):
        reviews = [await human_reviews.create(db, "thread-1", "safety", "odd") for _ in range(3)]
        await asyncio.gather(*(human_reviews.approve(db, review.id, "ana") for review in reviews))
        released = await run_of(db)
        assert (released.gate_status, released.requires_human_review) == ("go", False)


async def test_a_review_asked_for_while_another_is_approved_keeps_the_run_held(db, run):
    for _ in range(10):
        review = await human_reviews.create(db, "thread-1", "safety", "odd")
        _, other = await asyncio.gather(
            human_reviews.approve(db, review.id, "ana"), human_reviews.create(db, "thread-1", "safety", "odder")
        )
        held = await run_of(db)
        assert (held.gate_status, held.requires_human_review) == ("hold", True)
        await human_reviews.approve(db, other.id, "ana")


async def test_a_decision_and_the_deletion_of_its_run_do_not_wait_for_each_other(db):
    for number in range(10):
        run = await orchestrator_runs.create(db, f"thread-{number}", PROJECT, "S-1")
        review = await human_reviews.create(db, run.thread_id, "safety", "odd")
        decided, deleted = await asyncio.gather(
            human_reviews.reject(db, review.id, "ana"),
            orchestrator_runs.delete(db, run.id),
            return_exceptions=True,
        )
        assert deleted is True
        assert isinstance(decided, human_reviews.HumanReview | NotFound)
