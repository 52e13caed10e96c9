from functools import partial
from uuid import uuid4

import pytest
from pydantic import ValidationError

from wave_data import Conflict, InvalidValue, MissingReference, NotFound, wave_checkpoints, wave_sessions

TYPES = ("gate", "story_start", "story_complete", "agent_handoff", "error", "manual")
GATES = tuple(f"gate-{number}" for number in range(8))


@pytest.fixture
async def session(db):
    return await wave_sessions.create(db, "atlas", 1)


async def checkpoints_of(db, session, count, **values):
    return [
        await wave_checkpoints.create(db, session.id, "manual", f"note {number}", {"n": number}, **values)
        for number in range(count)
    ]


async def chain_of(db, session, length):
    """Checkpoints, each the parent of the next."""
    chain = []
    for _ in range(length):
        parent = chain[-1].id if chain else None
        chain += await checkpoints_of(db, session, 1, parent_checkpoint_id=parent)
    return chain


# Creating


async def test_a_checkpoint_holds_what_it_was_given(db, session):
    parent = await wave_checkpoints.create(db, session.id, "story_start", "begin", {})
    state = {"files": ["a.py"], "depth": {"x": None}, "ok": True, "n": 1.5}
    checkpoint = await wave_checkpoints.create(
        db, session.id, "gate", "gate-2 passed", state, "S-1", "gate-2", "coder", parent.id
    )
    assert (checkpoint.session_id, checkpoint.checkpoint_type) == (session.id, "gate")
    assert (checkpoint.checkpoint_name, checkpoint.state) == ("gate-2 passed", state)
    assert (checkpoint.story_id, checkpoint.gate, checkpoint.agent_id) == ("S-1", "gate-2", "coder")
    assert checkpoint.parent_checkpoint_id == parent.id
    assert await wave_checkpoints.get(db, checkpoint.id) == checkpoint


async def test_a_checkpoint_needs_no_story(db, session):
    checkpoint = await wave_checkpoints.create(db, session.id, "manual", "note", {})
    assert (checkpoint.story_id, checkpoint.gate, checkpoint.agent_id) == (None, None, None)
    assert (checkpoint.parent_checkpoint_id, checkpoint.state) == (None, {})


async def test_a_checkpoint_carries_the_time_of_the_clock(still_db, clock):
    session = await wave_sessions.create(still_db, "atlas", 1)
    assert (await wave_checkpoints.create(still_db, session.id, "manual", "note", {})).created_at == clock()


@pytest.mark.parametrize("checkpoint_type", TYPES)
async def test_type_is_allowed(db, session, checkpoint_type):
    checkpoint = await wave_checkpoints.create(db, session.id, checkpoint_type, "note", {})
    assert checkpoint.checkpoint_type == checkpoint_type


@pytest.mark.parametrize("gate", GATES)
async def test_gate_is_allowed(db, session, gate):
    assert (await wave_checkpoints.create(db, session.id, "gate", "note", {}, gate=gate)).gate == gate


async def test_an_unknown_type_is_refused_by_name_with_the_allowed_ones(db, session):
    with pytest.raises(InvalidValue) as caught:
        await wave_checkpoints.create(db, session.id, "autosave", "note", {})
    assert "autosave" in str(caught.value)
    assert all(kind in str(caught.value) for kind in TYPES)


async def test_an_unknown_gate_is_refused_by_name_with_the_allowed_ones(db, session):
    with pytest.raises(InvalidValue) as caught:
        await wave_checkpoints.create(db, session.id, "gate", "note", {}, gate="gate-8")
    assert "gate-8" in str(caught.value)
    assert all(gate in str(caught.value) for gate in GATES)


async def test_an_absent_session_is_a_missing_reference(db):
    with pytest.raises(MissingReference):
        await wave_checkpoints.create(db, uuid4(), "manual", "note", {})


async def test_an_absent_parent_is_a_missing_reference(db, session):
    with pytest.raises(MissingReference):
        await wave_checkpoints.create(db, session.id, "manual", "note", {}, parent_checkpoint_id=uuid4())


async def test_a_parent_of_another_session_is_refused(db, session):
    other = await wave_sessions.create(db, "atlas", 2)
    (stranger,) = await checkpoints_of(db, other, 1)
    with pytest.raises(InvalidValue, match=str(stranger.id)):
        await wave_checkpoints.create(db, session.id, "manual", "note", {}, parent_checkpoint_id=stranger.id)
    assert await wave_checkpoints.count_by_session(db, session.id) == 0


async def test_a_checkpoint_is_not_its_own_parent(db, session):
    own = uuid4()
    with pytest.raises(InvalidValue):
        await wave_checkpoints.create(db, session.id, "manual", "note", {}, parent_checkpoint_id=own, id=own)


async def test_a_given_id_is_used_and_a_taken_one_conflicts(db, session):
    given = uuid4()
    assert (await wave_checkpoints.create(db, session.id, "manual", "note", {}, id=given)).id == given
    with pytest.raises(Conflict):
        await wave_checkpoints.create(db, session.id, "manual", "note", {}, id=given)


@pytest.mark.parametrize(
    "arguments",
    [
        {"checkpoint_name": ""},
        {"checkpoint_name": "a" * 256},
        {"story_id": ""},
        {"story_id": "a" * 101},
        {"agent_id": ""},
        {"agent_id": "a" * 101},
        {"state": []},
        {"state": None},
        {"state": {"text": "a\0b"}},
    ],
    ids="-".join,
)
async def test_create_refuses(db, session, arguments):
    values = {"checkpoint_type": "manual", "checkpoint_name": "note", "state": {}} | arguments
    with pytest.raises(InvalidValue):
        await wave_checkpoints.create(db, session.id, **values)


async def test_no_operation_updates_a_checkpoint():
    assert not [name for name in vars(wave_checkpoints) if name.startswith(("update", "set_", "merge"))]


# Reading


async def test_get_of_an_absent_checkpoint_says_not_found(db):
    absent = uuid4()
    with pytest.raises(NotFound, match=f"{absent} not found"):
        await wave_checkpoints.get(db, absent)
    assert await wave_checkpoints.find(db, absent) is None


async def test_the_latest_of_a_session_is_the_newest_even_at_one_time(still_db):
    session = await wave_sessions.create(still_db, "atlas", 1)
    other = await wave_sessions.create(still_db, "atlas", 2)
    checkpoints = await checkpoints_of(still_db, session, 20)
    await checkpoints_of(still_db, other, 1)
    assert await wave_checkpoints.find_latest_by_session(still_db, session.id) == checkpoints[-1]


async def test_the_latest_of_a_story_is_the_newest_even_at_one_time(still_db):
    session = await wave_sessions.create(still_db, "atlas", 1)
    checkpoints = await checkpoints_of(still_db, session, 20, story_id="S-1")
    await checkpoints_of(still_db, session, 3, story_id="S-2")
    assert await wave_checkpoints.find_latest_by_story(still_db, session.id, "S-1") == checkpoints[-1]


async def test_without_checkpoints_there_is_no_latest(db, session):
    assert await wave_checkpoints.find_latest_by_session(db, session.id) is None
    assert await wave_checkpoints.find_latest_by_story(db, session.id, "S-1") is None


async def test_the_gate_checkpoint_is_the_newest_of_type_gate(db, session):
    for name in ("first", "second"):
        newest = await wave_checkpoints.create(db, session.id, "gate", name, {}, "S-1", "gate-1")
    await wave_checkpoints.create(db, session.id, "error", "later", {}, "S-1", "gate-1")
    await wave_checkpoints.create(db, session.id, "gate", "other gate", {}, "S-1", "gate-2")
    await wave_checkpoints.create(db, session.id, "gate", "other story", {}, "S-2", "gate-1")
    assert await wave_checkpoints.find_gate_checkpoint(db, session.id, "S-1", "gate-1") == newest
    assert await wave_checkpoints.find_gate_checkpoint(db, session.id, "S-1", "gate-3") is None


# Lists


async def mixed_checkpoints(db):
    """Four of each kind that the lists tell apart, with strangers among them."""
    session = await wave_sessions.create(db, "atlas", 1)
    other = await wave_sessions.create(db, "atlas", 2)
    (parent,) = await checkpoints_of(db, session, 1)
    for number in range(4):
        for owner in (session, other):
            await wave_checkpoints.create(db, owner.id, "gate", f"{number}", {}, "S-1", "gate-1")
            await wave_checkpoints.create(db, owner.id, "error", f"{number}", {}, "S-2", "gate-1")
        await wave_checkpoints.create(db, session.id, "gate", f"{number}", {}, "S-1", "gate-2")
        await wave_checkpoints.create(db, session.id, "manual", f"{number}", {}, parent_checkpoint_id=parent.id)
    return session, parent


@pytest.fixture(params=["moving clock", "still clock"])
def either_db(request, db, still_db):
    return db if request.param == "moving clock" else still_db


LISTS = {
    "list_by_session": (lambda s, p: (s.id,), lambda c, s, p: c.session_id == s.id),
    "list_by_story": (
        lambda s, p: (s.id, "S-1"),
        lambda c, s, p: (c.session_id, c.story_id) == (s.id, "S-1"),
    ),
    "list_by_type": (
        lambda s, p: (s.id, "gate"),
        lambda c, s, p: (c.session_id, c.checkpoint_type) == (s.id, "gate"),
    ),
    "list_by_gate": (
        lambda s, p: (s.id, "gate-1"),
        lambda c, s, p: (c.session_id, c.gate) == (s.id, "gate-1"),
    ),
    "list_children": (lambda s, p: (p.id,), lambda c, s, p: c.parent_checkpoint_id == p.id),
    "find_many": (lambda s, p: (), lambda c, s, p: True),
}


@pytest.mark.parametrize("name", LISTS)
async def test_pages_hold_exactly_the_matching_checkpoints_newest_first(either_db, read_pages, name):
    arguments, matches = LISTS[name]
    session, parent = await mixed_checkpoints(either_db)
    everything = [checkpoint async for checkpoint in wave_checkpoints.iterate(either_db)]
    assert everything == sorted(everything, key=lambda c: (c.created_at, c.id), reverse=True)
    expected = [checkpoint for checkpoint in everything if matches(checkpoint, session, parent)]
    listed = getattr(wave_checkpoints, name)
    assert await read_pages(partial(listed, either_db, *arguments(session, parent))) == expected
    assert len(expected) >= 4


async def test_find_many_iterate_and_count_share_their_filter(db):
    session, _ = await mixed_checkpoints(db)
    page = await wave_checkpoints.find_many(db, session.id)
    assert [checkpoint async for checkpoint in wave_checkpoints.iterate(db, session.id)] == page.items
    assert await wave_checkpoints.count(db, session.id) == len(page.items) == 17
    assert await wave_checkpoints.count_by_session(db, session.id) == 17
    assert await wave_checkpoints.count(db) == 25


@pytest.mark.parametrize("name", ["list_by_type", "list_by_gate"])
async def test_a_list_refuses_an_unknown_value(db, session, name):
    with pytest.raises(InvalidValue):
        await getattr(wave_checkpoints, name)(db, session.id, "unknown")


# Ancestors


async def test_ancestors_come_nearest_first(db, session):
    chain = await chain_of(db, session, 5)
    assert await wave_checkpoints.list_ancestors(db, chain[-1].id) == chain[-2::-1]


async def test_the_first_of_a_chain_has_no_ancestors(db, session):
    chain = await chain_of(db, session, 2)
    assert await wave_checkpoints.list_ancestors(db, chain[0].id) == []
    assert await wave_checkpoints.list_ancestors(db, uuid4()) == []


async def test_at_most_a_thousand_ancestors_are_listed(db, session):
    async with db.transaction() as tx:
        chain = await chain_of(tx, session, 1003)
    assert await wave_checkpoints.list_ancestors(db, chain[-1].id) == chain[-2:1:-1]


# Deleting


async def test_delete_tells_whether_there_was_a_checkpoint(db, session):
    (checkpoint,) = await checkpoints_of(db, session, 1)
    assert await wave_checkpoints.delete(db, checkpoint.id) is True
    assert await wave_checkpoints.delete(db, checkpoint.id) is False


@pytest.mark.parametrize("include_descendants", [False, True])
async def test_delete_can_insist_on_the_checkpoint(db, include_descendants):
    absent = uuid4()
    assert await wave_checkpoints.delete(db, absent, include_descendants) is False
    with pytest.raises(NotFound, match=f"wave_checkpoint {absent} not found"):
        await wave_checkpoints.delete(db, absent, include_descendants, missing_ok=False)


async def test_children_of_a_deleted_checkpoint_stay_without_a_parent(db, session):
    chain = await chain_of(db, session, 3)
    await wave_checkpoints.delete(db, chain[0].id)
    assert (await wave_checkpoints.get(db, chain[1].id)).parent_checkpoint_id is None
    assert (await wave_checkpoints.get(db, chain[2].id)).parent_checkpoint_id == chain[1].id


async def test_descendants_are_deleted_on_demand(db, session):
    chain = await chain_of(db, session, 4)
    (cousin,) = await checkpoints_of(db, session, 1, parent_checkpoint_id=chain[0].id)
    assert await wave_checkpoints.delete(db, chain[1].id, include_descendants=True) is True
    page = await wave_checkpoints.list_by_session(db, session.id)
    assert page.items == [cousin, chain[0]]


async def test_delete_by_session_counts_what_it_removed(db, session):
    other = await wave_sessions.create(db, "atlas", 2)
    await chain_of(db, session, 4)
    await chain_of(db, other, 2)
    assert await wave_checkpoints.delete_by_session(db, session.id) == 4
    assert await wave_checkpoints.delete_by_session(db, session.id) == 0
    assert await wave_checkpoints.count(db) == 2


# Cleaning up


async def test_cleanup_keeps_the_five_newest(db, session):
    checkpoints = await checkpoints_of(db, session, 8)
    assert await wave_checkpoints.cleanup_old(db, session.id) == 3
    assert (await wave_checkpoints.list_by_session(db, session.id)).items == checkpoints[:2:-1]


async def test_cleanup_keeps_the_newest_of_many_made_at_one_time(still_db):
    session = await wave_sessions.create(still_db, "atlas", 1)
    checkpoints = await checkpoints_of(still_db, session, 50)
    assert await wave_checkpoints.cleanup_old(still_db, session.id, 2) == 48
    assert (await wave_checkpoints.list_by_session(still_db, session.id)).items == checkpoints[:47:-1]


async def test_cleanup_of_a_story_leaves_the_others(db, session):
    ours = await checkpoints_of(db, session, 4, story_id="S-1")
    await checkpoints_of(db, session, 4, story_id="S-2")
    await checkpoints_of(db, session, 4)
    assert await wave_checkpoints.cleanup_old(db, session.id, 1, "S-1") == 3
    assert (await wave_checkpoints.list_by_story(db, session.id, "S-1")).items == ours[-1:]
    assert await wave_checkpoints.count_by_session(db, session.id) == 9


async def test_cleanup_leaves_other_sessions(db, session):
    other = await wave_sessions.create(db, "atlas", 2)
    await checkpoints_of(db, session, 3)
    await checkpoints_of(db, other, 3)
    assert await wave_checkpoints.cleanup_old(db, session.id, keep=0) == 3
    assert await wave_checkpoints.count_by_session(db, other.id) == 3


@pytest.mark.parametrize("keep", [3, 4])
async def test_cleanup_of_few_deletes_nothing(db, session, keep):
    await checkpoints_of(db, session, 3)
    assert await wave_checkpoints.cleanup_old(db, session.id, keep) == 0


async def test_cleanup_refuses_a_negative_number(db, session):
    with pytest.raises(InvalidValue):
        await wave_checkpoints.cleanup_old(db, session.id, -1)


async def test_a_kept_checkpoint_loses_its_deleted_parent(db, session):
    chain = await chain_of(db, session, 3)
    assert await wave_checkpoints.cleanup_old(db, session.id, keep=1) == 2
    assert (await wave_checkpoints.get(db, chain[-1].id)).parent_checkpoint_id is None


# The record


async def test_repr_shows_the_key_and_the_name_but_no_state(db, session):
    checkpoint = await wave_checkpoints.create(db, session.id, "manual", "note", {"token": "s3cret"}, "S-1")
    key = f"id={checkpoint.id!r}"
    assert repr(checkpoint) == (
        f"WaveCheckpoint({key}, checkpoint_type='manual', checkpoint_name='note', story_id='S-1')"
    )


async def test_a_checkpoint_never_changes(db, session):
    (checkpoint,) = await checkpoints_of(db, session, 1)
    with pytest.raises(ValidationError):
        checkpoint.state = {}
