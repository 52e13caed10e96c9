import asyncio
from datetime import datetime, timedelta
from functools import partial
from uuid import uuid4

import pytest
from pydantic import ValidationError

from wave_data import Conflict, InvalidTransition, InvalidValue, NotFound, client_sessions

HOUR = timedelta(hours=1)


@pytest.fixture
async def session(db):
    return await client_sessions.create(db, "phone")


@pytest.fixture
async def still_session(still_db):
    return await client_sessions.create(still_db, "phone")


# Creating


async def test_a_new_session_is_active_and_has_just_beaten(still_db, clock):
    session = await client_sessions.create(still_db, "phone")
    assert (session.client_id, session.user_id, session.connection_type) == ("phone", None, "websocket")
    assert (session.is_active, session.metadata, session.is_authenticated) == (True, {}, False)
    assert session.last_heartbeat == session.created_at == session.updated_at == clock()
    assert await client_sessions.get(still_db, session.id) == session


async def test_a_session_holds_what_it_was_given(db):
    given = uuid4()
    session = await client_sessions.create(db, "phone", "grpc", "ana", {"os": "x"}, given)
    assert (session.id, session.connection_type, session.user_id) == (given, "grpc", "ana")
    assert (session.metadata, session.is_authenticated) == ({"os": "x"}, True)


async def test_a_taken_id_conflicts(db, session):
    with pytest.raises(Conflict):
        await client_sessions.create(db, "tablet", id=session.id)


@pytest.mark.parametrize(
    "arguments",
    [
        {"client_id": ""},
        {"client_id": "a" * 256},
        {"user_id": ""},
        {"user_id": "a" * 256},
        {"connection_type": "carrier pigeon"},
        {"metadata": []},
    ],
    ids="-".join,
)
async def test_create_refuses(db, arguments):
    with pytest.raises(InvalidValue):
        await client_sessions.create(db, **{"client_id": "phone"} | arguments)


# Reading


async def test_an_absent_session_is_not_found(db):
    absent = uuid4()
    with pytest.raises(NotFound, match=f"client_session {absent} not found"):
        await client_sessions.get(db, absent)
    assert await client_sessions.find(db, absent) is None
    assert await client_sessions.find_by_client(db, "phone") is None


async def test_a_client_is_found_by_its_active_session(still_db, clock):
    first = await client_sessions.create(still_db, "phone")
    clock.advance(HOUR)
    second = await client_sessions.create(still_db, "phone")
    clock.advance(HOUR)
    await client_sessions.create(still_db, "tablet")
    assert await client_sessions.find_by_client(still_db, "phone") == second
    first = await client_sessions.heartbeat(still_db, first.id)
    assert await client_sessions.find_by_client(still_db, "phone") == first
    first = await client_sessions.deactivate(still_db, first.id)
    assert await client_sessions.find_by_client(still_db, "phone") == second
    await client_sessions.deactivate(still_db, second.id)
    assert await client_sessions.find_by_client(still_db, "phone") == first


# Lists


async def mixed_sessions(db):
    """Sessions of three clients and two users, some of them inactive, those changed last in another order."""
    made = []
    for number in range(12):
        user = (None, "ana", "bo")[number % 3]
        made.append(await client_sessions.create(db, ("phone", "tablet", "desk")[number // 4], user_id=user))
    for number in (7, 2, 5, 10, 0):
        await client_sessions.deactivate(db, made[number].id)
    for number in (8, 3, 6):
        await client_sessions.heartbeat(db, made[number].id)


@pytest.fixture(params=["moving clock", "still clock"])
def either_db(request, db, still_db):
    return db if request.param == "moving clock" else still_db


LISTS = {
    "find_many": ((), lambda session: True),
    "list_by_client": (("tablet",), lambda session: session.client_id == "tablet"),
    "list_by_user": (("ana",), lambda session: session.user_id == "ana"),
}
ORDERS = {
    "list_active": (lambda session: session.is_active, "last_heartbeat"),
    "list_inactive": (lambda session: not session.is_active, "updated_at"),
}


@pytest.mark.parametrize("name", LISTS)
async def test_pages_hold_exactly_the_matching_sessions_newest_first(either_db, read_pages, name):
    arguments, matches = LISTS[name]
    await mixed_sessions(either_db)
    everything = [session async for session in client_sessions.iterate(either_db)]
    assert everything == sorted(everything, key=lambda session: (session.created_at, session.id), reverse=True)
    expected = [session for session in everything if matches(session)]
    assert await read_pages(partial(getattr(client_sessions, name), either_db, *arguments)) == expected
    assert len(expected) >= 4


@pytest.mark.parametrize("name", ORDERS)
async def test_active_and_inactive_sessions_come_by_their_last_sign(either_db, read_pages, name):
    matches, column = ORDERS[name]
    await mixed_sessions(either_db)
    expected = [session async for session in client_sessions.iterate(either_db) if matches(session)]
    expected.sort(key=lambda session: (getattr(session, column), session.id), reverse=True)
    assert await read_pages(partial(getattr(client_sessions, name), either_db)) == expected
    assert len(expected) >= 5


@pytest.mark.parametrize(
    ("filters", "number"),
    [
        ({}, 12),
        ({"client_id": "phone"}, 4),
        ({"user_id": "ana"}, 4),
        ({"is_active": False}, 5),
        ({"is_active": True}, 7),
        ({"client_id": "phone", "user_id": "ana", "is_active": True}, 1),
        ({"client_id": "nobody"}, 0),
    ],
    ids=str,
)
async def test_filters_combine(db, filters, number):
    await mixed_sessions(db)
    matching = [
        session
        async for session in client_sessions.iterate(db)
        if all(getattr(session, name) == value for name, value in filters.items())
    ]
    assert [session async for session in client_sessions.iterate(db, **filters)] == matching
    assert (await client_sessions.find_many(db, **filters)).items == matching
    assert await client_sessions.count(db, **filters) == len(matching) == number


async def test_active_sessions_are_counted(db):
    await mixed_sessions(db)
    assert await client_sessions.count_active(db) == 7


# Staleness


async def beaten_at(db, clock, *ages):
    """Sessions whose last heartbeats are these numbers of minutes ago, in the order given."""
    now = clock()
    made = []
    for age in ages:
        clock.set(now - timedelta(minutes=age))
        made.append(await client_sessions.create(db, f"client {age}"))
    clock.set(now)
    return made


async def test_exactly_at_the_cutoff_is_not_stale(still_db, clock):
    await beaten_at(still_db, clock, 5)
    assert (await client_sessions.list_stale(still_db, timedelta(minutes=5))).items == []
    clock.advance(timedelta(microseconds=1))
    assert len((await client_sessions.list_stale(still_db, timedelta(minutes=5))).items) == 1


async def test_stale_sessions_come_oldest_first_and_active_ones_only(still_db, clock, read_pages):
    made = await beaten_at(still_db, clock, 9, 3, 7, 7, 20, 8)
    await client_sessions.deactivate(still_db, made[-1].id)
    stale = await read_pages(partial(client_sessions.list_stale, still_db, timedelta(minutes=5)))
    assert stale == [made[4], made[0], made[2], made[3]]


async def test_a_page_of_stale_sessions_goes_on_while_time_passes(still_db, clock):
    made = await beaten_at(still_db, clock, 9, 8, 7)
    page = await client_sessions.list_stale(still_db, timedelta(minutes=5), limit=2)
    clock.advance(HOUR)
    rest = await client_sessions.list_stale(still_db, timedelta(minutes=5), limit=2, cursor=page.next_cursor)
    assert page.items + rest.items == made


async def test_staleness_may_count_from_another_moment(still_db, clock):
    made = await beaten_at(still_db, clock, 9, 3)
    earlier = clock() - timedelta(minutes=3)
    assert (await client_sessions.list_stale(still_db, timedelta(minutes=5), now=earlier)).items == made[:1]
    assert await client_sessions.cleanup_stale(still_db, timedelta(minutes=5), now=earlier) == [made[0].id]
    assert (await client_sessions.get(still_db, made[0].id)).updated_at == clock()


@pytest.mark.parametrize("operation", ["list_stale", "cleanup_stale"])
@pytest.mark.parametrize(
    "arguments",
    [
        {"stale_after": timedelta(seconds=-1)},
        {"stale_after": 300},
        {"stale_after": HOUR, "now": datetime(2026, 1, 1)},  # noqa: DTZ001
    ],
    ids=str,
)
async def test_staleness_refuses(db, operation, arguments):
    with pytest.raises(InvalidValue, match="now" if "now" in arguments else "stale_after"):
        await getattr(client_sessions, operation)(db, **arguments)


async def test_cleaning_up_deactivates_the_stale_and_tells_which(still_db, clock):
    made = await beaten_at(still_db, clock, 9, 3, 7)
    stale = {made[0].id, made[2].id}
    assert set(await client_sessions.cleanup_stale(still_db, timedelta(minutes=5))) == stale
    assert {session.id for session in (await client_sessions.list_inactive(still_db)).items} == stale
    assert await client_sessions.cleanup_stale(still_db, timedelta(minutes=5)) == []


async def test_a_session_that_beats_while_others_are_cleaned_up_survives_or_was_deactivated_first(still_db, clock):
    made = await beaten_at(still_db, clock, *[9] * 20)
    beats = [client_sessions.heartbeat(still_db, session.id) for session in made[:10]]
    cleaned, *outcomes = await asyncio.gather(
        client_sessions.cleanup_stale(still_db, timedelta(minutes=5)), *beats, return_exceptions=True
    )
    for session, outcome in zip(made, outcomes, strict=False):
        is_active = (await client_sessions.get(still_db, session.id)).is_active
        assert is_active is (session.id not in cleaned)
        assert is_active is not isinstance(outcome, InvalidTransition)
    assert {session.id for session in made[10:]} <= set(cleaned)


# Changing


async def test_a_heartbeat_sets_both_times_to_one_instant(still_db, still_session, clock):
    clock.advance(HOUR)
    beaten = await client_sessions.heartbeat(still_db, still_session.id)
    assert beaten.last_heartbeat == beaten.updated_at == clock()
    assert await client_sessions.get(still_db, beaten.id) == beaten


async def test_an_inactive_session_does_not_beat(db, session):
    await client_sessions.deactivate(db, session.id)
    with pytest.raises(InvalidTransition, match="is inactive") as caught:
        await client_sessions.heartbeat(db, session.id)
    assert (caught.value.current, caught.value.allowed) == ("inactive", ("active",))


async def test_an_activated_session_is_not_stale_at_once(still_db, still_session, clock):
    await client_sessions.deactivate(still_db, still_session.id)
    clock.advance(HOUR)
    activated = await client_sessions.activate(still_db, still_session.id)
    assert activated.is_active
    assert activated.last_heartbeat == activated.updated_at == clock()
    assert (await client_sessions.list_stale(still_db, timedelta(minutes=5))).items == []
    assert await client_sessions.activate(still_db, still_session.id) == activated


async def test_deactivating_again_changes_nothing(still_db, still_session, clock):
    clock.advance(HOUR)
    deactivated = await client_sessions.deactivate(still_db, still_session.id)
    assert (deactivated.is_active, deactivated.updated_at) == (False, clock())
    assert deactivated.last_heartbeat == still_session.last_heartbeat
    clock.advance(HOUR)
    assert await client_sessions.deactivate(still_db, still_session.id) == deactivated
    assert await client_sessions.get(still_db, still_session.id) == deactivated


async def test_the_user_can_be_set_and_cleared(db, session):
    assert (await client_sessions.set_user(db, session.id, "ana")).user_id == "ana"
    assert (await client_sessions.set_user(db, session.id, None)).user_id is None
    with pytest.raises(InvalidValue):
        await client_sessions.set_user(db, session.id, "")


async def test_metadata_is_replaced_or_merged(db, session):
    await client_sessions.set_metadata(db, session.id, {"a": {"x": 1}, "b": 2, "c": 3})
    merged = await client_sessions.merge_metadata(db, session.id, {"a": {"y": 2}, "b": None})
    assert merged.metadata == {"a": {"y": 2}, "b": None, "c": 3}
    assert (await client_sessions.set_metadata(db, session.id, {"d": 4})).metadata == {"d": 4}


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("heartbeat", ()),
        ("activate", ()),
        ("deactivate", ()),
        ("set_user", ("ana",)),
        ("set_metadata", ({},)),
        ("merge_metadata", ({},)),
    ],
)
async def test_an_absent_session_cannot_be_changed(db, operation, arguments):
    with pytest.raises(NotFound):
        await getattr(client_sessions, operation)(db, uuid4(), *arguments)


# Deleting


async def test_delete_tells_whether_there_was_a_session(db, session):
    assert await client_sessions.delete(db, session.id) is True
    assert await client_sessions.delete(db, session.id) is False
    with pytest.raises(NotFound):
        await client_sessions.delete(db, session.id, missing_ok=False)


async def test_inactive_sessions_are_deleted_by_how_long_they_have_been_so(still_db, clock):
    made = [await client_sessions.create(still_db, "phone") for _ in range(4)]
    for session in made[:3]:
        await client_sessions.deactivate(still_db, session.id)
        clock.advance(HOUR)
    assert await client_sessions.delete_inactive(still_db, 3 * HOUR) == 0
    assert await client_sessions.delete_inactive(still_db, 2 * HOUR) == 1
    assert await client_sessions.delete_inactive(still_db) == 2
    assert [session async for session in client_sessions.iterate(still_db)] == made[3:]


# The record


async def test_repr_shows_the_client_but_no_metadata(db):
    session = await client_sessions.create(db, "phone", metadata={"token": "s3cret"})
    assert repr(session) == f"ClientSession(id={session.id!r}, client_id='phone', is_active=True)"


async def test_a_session_never_changes(session):
    with pytest.raises(ValidationError):
        session.is_active = False
