from datetime import timedelta
from functools import partial

import pytest

from wave_data import InvalidValue, NotFound, worktree_zones, worktrees, zones


@pytest.fixture
async def worktree(db):
    return await worktrees.create(db, "/src/a", "main", id="wt-1")


@pytest.fixture
async def zone(db):
    return await zones.create(db, "Testing", id="zone-1")


@pytest.fixture
async def other(db):
    return await zones.create(db, "Review", id="zone-2")


@pytest.fixture(params=["moving clock", "still clock"])
def either_db(request, db, still_db):
    return db if request.param == "moving clock" else still_db


# Assigning


async def test_a_worktree_is_put_into_a_zone(db, worktree, zone):
    assigned = await worktree_zones.assign(db, worktree.id, zone.id)
    assert (assigned.worktree_id, assigned.zone_id, assigned.previous_zone_id) == ("wt-1", "zone-1", None)
    found = await worktree_zones.get(db, worktree.id)
    assert found == worktree_zones.WorktreeZone(**assigned.model_dump())
    assert await worktree_zones.find(db, worktree.id) == await worktree_zones.find_by_worktree(db, worktree.id) == found


async def test_a_move_tells_where_from(db, worktree, zone, other):
    await worktree_zones.assign(db, worktree.id, zone.id)
    moved = await worktree_zones.assign(db, worktree.id, other.id)
    assert (moved.zone_id, moved.previous_zone_id) == ("zone-2", "zone-1")
    assert (await worktree_zones.get(db, worktree.id)).zone_id == "zone-2"
    assert await worktree_zones.count(db) == 1


async def test_every_assignment_refreshes_the_time(still_db, clock):
    worktree = await worktrees.create(still_db, "/src/a", "main")
    zone = await zones.create(still_db, "Testing")
    await worktree_zones.assign(still_db, worktree.id, zone.id)
    clock.advance(timedelta(minutes=1))
    again = await worktree_zones.assign(still_db, worktree.id, zone.id)
    assert (again.zone_id, again.previous_zone_id, again.assigned_at) == (zone.id, zone.id, clock())
    assert (await worktree_zones.get(still_db, worktree.id)).assigned_at == clock()


async def test_an_unknown_worktree_is_named(db, zone):
    with pytest.raises(NotFound, match="worktree nowhere not found") as caught:
        await worktree_zones.assign(db, "nowhere", zone.id)
    assert (caught.value.entity, caught.value.key) == ("worktree", "nowhere")


async def test_an_unknown_zone_is_named_and_the_worktree_stays(db, worktree, zone):
    await worktree_zones.assign(db, worktree.id, zone.id)
    with pytest.raises(NotFound, match="zone nowhere not found") as caught:
        await worktree_zones.assign(db, worktree.id, "nowhere")
    assert (caught.value.entity, caught.value.key) == ("zone", "nowhere")
    assert (await worktree_zones.get(db, worktree.id)).zone_id == zone.id


async def test_a_transaction_goes_on_after_an_unknown_zone(db, worktree, zone):
    async with db.transaction() as tx:
        with pytest.raises(NotFound):
            await worktree_zones.assign(tx, worktree.id, "nowhere")
        await worktree_zones.assign(tx, worktree.id, zone.id)
    assert (await worktree_zones.get(db, worktree.id)).zone_id == zone.id


@pytest.mark.parametrize("arguments", [(None, "zone-1"), ("wt-1", None), (1, "zone-1")])
async def test_assign_refuses_what_is_no_id(db, worktree, zone, arguments):
    with pytest.raises(InvalidValue):
        await worktree_zones.assign(db, *arguments)


# Reading


async def test_a_worktree_without_a_zone_has_no_place(db, worktree):
    assert await worktree_zones.find(db, worktree.id) is None
    assert await worktree_zones.find_by_worktree(db, worktree.id) is None
    with pytest.raises(NotFound, match="wt-1 not found"):
        await worktree_zones.get(db, worktree.id)


async def test_the_worktrees_of_a_zone_are_listed_by_arrival(either_db, read_pages):
    zone = await zones.create(either_db, "Testing")
    other = await zones.create(either_db, "Review")
    made = [await worktrees.create(either_db, f"/{n}", "main", id=f"wt-{n}") for n in range(7)]
    for worktree in made[::-1]:
        await worktree_zones.assign(either_db, worktree.id, zone.id)
    await worktree_zones.assign(either_db, made[3].id, other.id)
    await worktree_zones.assign(either_db, made[5].id, zone.id)
    places = await read_pages(partial(worktree_zones.list_by_zone, either_db, zone.id))
    assert places == sorted(places, key=lambda place: (place.assigned_at, place.worktree_id))
    assert {place.worktree_id for place in places} == {f"wt-{n}" for n in (0, 1, 2, 4, 5, 6)}
    listed = await read_pages(partial(worktree_zones.list_worktrees, either_db, zone.id))
    assert [(worktree.id, worktree.assigned_at) for worktree in listed] == [
        (place.worktree_id, place.assigned_at) for place in places
    ]
    assert worktrees.Worktree(**listed[0].model_dump()) in made


async def test_worktrees_are_counted_by_zone(db, zone, other):
    for number in range(3):
        worktree = await worktrees.create(db, f"/{number}", "main")
        await worktree_zones.assign(db, worktree.id, (zone, zone, other)[number].id)
    assert await worktree_zones.count(db) == 3
    assert await worktree_zones.count(db, zone.id) == await worktree_zones.count_by_zone(db, zone.id) == 2
    assert await worktree_zones.count_by_zone(db, "nowhere") == 0


# Removing


async def test_a_worktree_is_taken_out_once(db, worktree, zone):
    await worktree_zones.assign(db, worktree.id, zone.id)
    assert await worktree_zones.unassign(db, worktree.id) is True
    assert await worktree_zones.unassign(db, worktree.id) is False
    assert await worktree_zones.find(db, worktree.id) is None


async def test_deleting_a_place_can_ask_for_it_to_be_there(db, worktree, zone):
    await worktree_zones.assign(db, worktree.id, zone.id)
    assert await worktree_zones.delete(db, worktree.id) is True
    assert await worktree_zones.delete(db, worktree.id) is False
    with pytest.raises(NotFound):
        await worktree_zones.delete(db, worktree.id, missing_ok=False)


async def test_a_worktree_that_was_taken_out_comes_from_nowhere(db, worktree, zone, other):
    await worktree_zones.assign(db, worktree.id, zone.id)
    await worktree_zones.unassign(db, worktree.id)
    assert (await worktree_zones.assign(db, worktree.id, other.id)).previous_zone_id is None
