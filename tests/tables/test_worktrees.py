from datetime import timedelta
from functools import partial

import pytest

from wave_data import Conflict, InvalidValue, NotFound, worktree_zones, worktrees, zone_executions, zones

STATUSES = ("active", "inactive", "completed")


@pytest.fixture
async def worktree(db):
    return await worktrees.create(db, "/src/a", "feature/a", id="wt-1")


@pytest.fixture(params=["moving clock", "still clock"])
def either_db(request, db, still_db):
    return db if request.param == "moving clock" else still_db


async def mixed_worktrees(db):
    """Twelve worktrees of three statuses and two tasks, newest first."""
    made = [
        await worktrees.create(db, f"/src/{n}", "main", task_id=f"T-{n % 2}", status=STATUSES[n % 3]) for n in range(12)
    ]
    return made[::-1]


# Creating


async def test_a_new_worktree_is_active_at_the_lowest_port(db):
    worktree = await worktrees.create(db, "/src/a", "feature/a")
    assert (worktree.path, worktree.branch_name, worktree.port) == ("/src/a", "feature/a", 3001)
    assert (worktree.status, worktree.is_active, worktree.position) == ("active", True, (0, 0))
    assert (worktree.issue_url, worktree.task_id) == (None, None)
    assert worktree.created_at == worktree.updated_at
    assert await worktrees.get(db, worktree.id) == worktree


async def test_a_worktree_holds_what_it_was_given(db):
    url = "https://example.com/1"
    worktree = await worktrees.create(
        db, "/src/a", "main", 65535, url, "T-1", "inactive", (-3, 4), (3001, 3999), "wt-1"
    )
    assert (worktree.id, worktree.port, worktree.issue_url, worktree.task_id) == ("wt-1", 65535, url, "T-1")
    assert (worktree.status, worktree.is_active, worktree.position) == ("inactive", False, (-3, 4))
    assert await worktrees.get(db, "wt-1") == worktree


async def test_a_worktree_without_an_id_gets_one_that_grows(db):
    first, second = await worktrees.create(db, "/a", "main"), await worktrees.create(db, "/b", "main")
    assert first.id.startswith("wt-")
    assert len(first.id) == len("wt-") + 32
    assert first.id < second.id


@pytest.mark.parametrize(
    "arguments",
    [
        {"path": ""},
        {"path": "a" * 4097},
        {"branch_name": ""},
        {"branch_name": "a" * 256},
        {"port": 0},
        {"port": 65536},
        {"port": True},
        {"issue_url": ""},
        {"issue_url": "a" * 2049},
        {"task_id": ""},
        {"task_id": "a" * 256},
        {"status": "paused"},
        {"status": None},
        {"position": (1,)},
        {"position": "ab"},
        {"position": (2**31, 0)},
        {"port_range": (4000, 3000)},
        {"port_range": (0, 3000)},
        {"port_range": (3000, 65536)},
        {"port_range": (3000,)},
        {"port_range": None},
        {"id": ""},
        {"id": "_a"},
        {"id": "a/b"},
        {"id": "a" * 101},
        {"id": "a\n"},
    ],
    ids=lambda arguments: str(arguments)[:40],
)
async def test_create_refuses(db, arguments):
    with pytest.raises(InvalidValue):
        await worktrees.create(db, **{"path": "/src/a", "branch_name": "main"} | arguments)
    assert await worktrees.count(db) == 0


@pytest.mark.parametrize(
    ("taken", "constraint"),
    [
        ({"path": "/src/a"}, "worktrees_path_key"),
        ({"port": 3001}, "worktrees_port_key"),
        ({"id": "wt-1"}, "worktrees_pkey"),
    ],
    ids=str,
)
async def test_a_taken_path_port_or_id_conflicts(db, worktree, taken, constraint):
    with pytest.raises(Conflict) as caught:
        await worktrees.create(db, **{"path": "/src/b", "branch_name": "main"} | taken)
    assert (caught.value.constraint, caught.value.entity) == (constraint, "worktree")
    assert await worktrees.count(db) == 1


# Ports


@pytest.mark.parametrize("status", STATUSES)
async def test_a_worktree_of_any_status_holds_its_port(db, status):
    await worktrees.create(db, "/a", "main", status=status)
    assert (await worktrees.create(db, "/b", "main")).port == 3002


@pytest.mark.parametrize(
    ("held", "free"),
    [
        ([], 10),
        ([9, 14], 10),
        ([11], 10),
        ([10], 11),
        ([10, 12], 11),
        ([12, 10, 11], 13),
        ([9, 10, 11, 13], 12),
    ],
)
async def test_the_lowest_free_port_of_the_range_is_taken(db, held, free):
    for port in held:
        await worktrees.create(db, f"/held/{port}", "main", port)
    assert (await worktrees.create(db, "/new", "main", port_range=(10, 13))).port == free


async def test_a_deleted_worktree_gives_its_port_back(db, worktree):
    await worktrees.create(db, "/src/b", "main")
    await worktrees.delete(db, worktree.id)
    assert (await worktrees.create(db, "/src/c", "main")).port == worktree.port


@pytest.mark.parametrize("port_range", [(10, 10), (10, 12), (65535, 65535)], ids=str)
async def test_a_range_that_is_used_up_conflicts(db, port_range):
    for port in range(port_range[0], port_range[1] + 1):
        await worktrees.create(db, f"/{port}", "main", port_range=port_range)
    with pytest.raises(Conflict, match=f"every port from {port_range[0]} to {port_range[1]} is taken"):
        await worktrees.create(db, "/new", "main", port_range=port_range)


async def test_a_transaction_goes_on_after_a_taken_port(db, worktree):
    async with db.transaction() as tx:
        with pytest.raises(Conflict, match="the port 3001 is taken"):
            await worktrees.create(tx, "/src/b", "main", 3001)
        await worktrees.create(tx, "/src/b", "main")
    assert (await worktrees.find_by_port(db, 3002)).path == "/src/b"


async def test_the_ports_of_a_range_are_told(db):
    for port in (3005, 3001, 3999, 4000, 3000):
        await worktrees.create(db, f"/{port}", "main", port, status=STATUSES[port % 3])
    status = await worktrees.port_status(db)
    assert (status.total, status.allocated, status.available) == (999, 3, 996)
    assert status.ports == [3001, 3005, 3999]
    narrow = await worktrees.port_status(db, (3002, 3004))
    assert (narrow.total, narrow.allocated, narrow.available, narrow.ports) == (3, 0, 3, [])


@pytest.mark.parametrize("port_range", [(4000, 3000), (0, 3000), (3000, 65536), (3000,), 3000], ids=str)
async def test_the_status_of_no_range_is_refused(db, port_range):
    with pytest.raises(InvalidValue):
        await worktrees.port_status(db, port_range)


# Reading


async def test_an_absent_worktree_is_not_found(db):
    with pytest.raises(NotFound, match="worktree nowhere not found"):
        await worktrees.get(db, "nowhere")
    assert await worktrees.find(db, "nowhere") is None
    assert await worktrees.find_by_port(db, 3001) is None
    assert await worktrees.find_by_path(db, "/src/a") is None


async def test_a_worktree_is_found_by_each_of_its_keys(db, worktree):
    await worktrees.create(db, "/src/b", "main")
    assert await worktrees.find(db, "wt-1") == worktree
    assert await worktrees.find_by_port(db, worktree.port) == worktree
    assert await worktrees.find_by_path(db, "/src/a") == worktree


@pytest.mark.parametrize("status", [None, *STATUSES])
@pytest.mark.parametrize("task_id", [None, "T-1"])
async def test_pages_hold_exactly_the_matching_worktrees_newest_first(either_db, read_pages, status, task_id):
    expected = [
        worktree
        for worktree in await mixed_worktrees(either_db)
        if status in (None, worktree.status) and task_id in (None, worktree.task_id)
    ]
    assert await read_pages(partial(worktrees.find_many, either_db, status, task_id)) == expected
    assert [worktree async for worktree in worktrees.iterate(either_db, status, task_id)] == expected
    assert await worktrees.count(either_db, status, task_id) == len(expected) > 0


async def test_the_counts_name_every_status(db):
    assert await worktrees.counts_by_status(db) == dict.fromkeys(STATUSES, 0)
    await mixed_worktrees(db)
    await worktrees.create(db, "/src/x", "main", task_id="T-7")
    assert await worktrees.counts_by_status(db) == {"active": 5, "inactive": 4, "completed": 4}
    assert await worktrees.counts_by_status(db, "T-7") == {"active": 1, "inactive": 0, "completed": 0}


async def test_worktrees_are_listed_with_their_zone(either_db, read_pages):
    made = await mixed_worktrees(either_db)
    zone = await zones.create(either_db, "Testing", "tests", agents=["qa"], actions=[{"type": "x"}])
    plain = await zones.create(either_db, "Plain")
    await worktree_zones.assign(either_db, made[0].id, zone.id)
    await worktree_zones.assign(either_db, made[3].id, plain.id)
    listed = await read_pages(partial(worktrees.list_with_zone, either_db))
    assert [worktrees.Worktree(**worktree.model_dump()) for worktree in listed] == made
    assert [worktree.zone for worktree in listed] == [zone, None, None, plain, *[None] * 8]


# Changing


@pytest.mark.parametrize("source", STATUSES)
@pytest.mark.parametrize("target", STATUSES)
async def test_any_status_can_follow_any(db, source, target):
    worktree = await worktrees.create(db, "/a", "main", status=source)
    assert (await worktrees.update(db, worktree.id, status=target)).status == target


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"position": (3, -4)}, {"position_x": 3, "position_y": -4}),
        ({"position_x": 3}, {"position_x": 3}),
        ({"position_y": 0}, {"position_y": 0}),
        ({"position_x": 3, "position_y": 4}, {"position_x": 3, "position_y": 4}),
        ({"issue_url": None}, {"issue_url": None}),
        ({"issue_url": "https://x"}, {"issue_url": "https://x"}),
        ({"task_id": None}, {"task_id": None}),
        ({"branch_name": "dev"}, {"branch_name": "dev"}),
        ({"path": "/elsewhere"}, {"path": "/elsewhere"}),
        ({"port": 1}, {"port": 1}),
        ({"path": "/src/a", "port": 3001}, {}),
    ],
    ids=str,
)
async def test_update_changes_the_fields_given(still_db, clock, given, expected):
    worktree = await worktrees.create(still_db, "/src/a", "main", None, "https://y", "T-1", position=(1, 2))
    clock.advance(timedelta(minutes=1))
    changed = await worktrees.update(still_db, worktree.id, **given)
    assert changed == worktree.model_copy(update=expected | {"updated_at": clock()})
    assert await worktrees.get(still_db, worktree.id) == changed


@pytest.mark.parametrize(
    "given",
    [
        {"status": "paused"},
        {"status": None},
        {"branch_name": None},
        {"path": ""},
        {"port": 0},
        {"port": None},
        {"position": (1,)},
        {"position": None},
        {"position": (1, 2), "position_y": 2},
        {"position_x": 2**31},
    ],
    ids=str,
)
async def test_update_refuses(db, worktree, given):
    with pytest.raises(InvalidValue):
        await worktrees.update(db, worktree.id, **given)
    assert await worktrees.get(db, worktree.id) == worktree


@pytest.mark.parametrize("given", [{"path": "/src/b"}, {"port": 3002}], ids=str)
async def test_an_update_to_a_taken_path_or_port_conflicts(db, worktree, given):
    await worktrees.create(db, "/src/b", "main")
    with pytest.raises(Conflict):
        await worktrees.update(db, worktree.id, **given)


async def test_an_update_of_nothing_changes_nothing(db, worktree):
    assert await worktrees.update(db, worktree.id) == worktree


async def test_an_update_of_an_absent_worktree_is_not_found(db):
    with pytest.raises(NotFound):
        await worktrees.update(db, "nowhere", status="inactive")
    with pytest.raises(NotFound):
        await worktrees.update(db, "nowhere")


async def test_an_unknown_field_is_a_type_error(db, worktree):
    with pytest.raises(TypeError, match="colour"):
        await worktrees.update(db, worktree.id, colour="red")


# Deleting


async def test_a_worktree_is_deleted_once(db, worktree):
    assert await worktrees.delete(db, worktree.id) is True
    assert await worktrees.delete(db, worktree.id) is False
    with pytest.raises(NotFound):
        await worktrees.delete(db, worktree.id, missing_ok=False)


async def test_deleting_a_worktree_deletes_what_belongs_to_it(db, worktree):
    zone = await zones.create(db, "Testing")
    await worktree_zones.assign(db, worktree.id, zone.id)
    await zone_executions.create(db, zone.id, worktree.id, "qa", "test", True)
    await worktrees.delete(db, worktree.id)
    assert await worktree_zones.count(db) == await zone_executions.count(db) == 0
    assert await zones.get(db, zone.id) == zone
