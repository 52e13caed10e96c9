from datetime import timedelta
from functools import partial

import pytest

from wave_data import Conflict, InvalidValue, NotFound, worktree_zones, worktrees, zone_executions, zones

DEFAULTS = ["zone-development", "zone-testing", "zone-review", "zone-deployment"]
ACTIONS = [{"type": "runTests"}, {"type": "notify", "message": "done", "to": ["ana", "bo"]}]


@pytest.fixture
async def zone(db):
    return await zones.create(db, "Testing", "where tests run", id="zone-1")


@pytest.fixture(params=["moving clock", "still clock"])
def either_db(request, db, still_db):
    return db if request.param == "moving clock" else still_db


async def mixed_zones(db):
    """Nine zones, three of each trigger, newest first."""
    made = [await zones.create(db, f"Zone {n}", trigger=("onDrop", "manual", "scheduled")[n % 3]) for n in range(9)]
    return made[::-1]


# Creating


async def test_a_new_zone_waits_for_a_drop(db):
    zone = await zones.create(db, "Testing")
    assert (zone.name, zone.description, zone.trigger) == ("Testing", None, "onDrop")
    assert (zone.agents, zone.prompt_template, zone.actions) == ([], "", [])
    assert (zone.position, zone.size) == ((0, 0), (300, 200))
    assert zone.created_at == zone.updated_at
    assert await zones.get(db, zone.id) == zone


async def test_a_zone_holds_what_it_was_given(db):
    zone = await zones.create(
        db, "Testing", "tests", "manual", ["qa", "dev"], "Test it.", ACTIONS, (-5, 7), (1, 2), "zone-1"
    )
    assert (zone.id, zone.description, zone.trigger) == ("zone-1", "tests", "manual")
    assert (zone.agents, zone.prompt_template, zone.actions) == (["qa", "dev"], "Test it.", ACTIONS)
    assert (zone.position_x, zone.position_y, zone.size_width, zone.size_height) == (-5, 7, 1, 2)
    assert (zone.position, zone.size) == ((-5, 7), (1, 2))
    assert await zones.get(db, "zone-1") == zone


async def test_a_zone_without_an_id_gets_one_that_grows(db):
    first, second = await zones.create(db, "One"), await zones.create(db, "Two")
    assert first.id.startswith("zone-")
    assert len(first.id) == len("zone-") + 32
    assert first.id < second.id


async def test_names_are_not_unique_but_ids_are(db, zone):
    await zones.create(db, "Testing")
    with pytest.raises(Conflict):
        await zones.create(db, "Other", id="zone-1")
    assert await zones.count(db) == 2


@pytest.mark.parametrize(
    "arguments",
    [
        {"name": ""},
        {"name": "a" * 256},
        {"trigger": "hourly"},
        {"agents": "qa"},
        {"agents": [1]},
        {"prompt_template": None},
        {"actions": [{"title": "no type"}]},
        {"actions": [{"type": ""}]},
        {"actions": [{"type": 1}]},
        {"actions": [{"type": "wait", "hours": float("nan")}]},
        {"actions": ["runTests"]},
        {"actions": {"type": "runTests"}},
        {"position": (1,)},
        {"position": (1, 2, 3)},
        {"position": (1.5, 2)},
        {"position": (2**31, 0)},
        {"position": None},
        {"size": (0, 200)},
        {"size": (300, 0)},
        {"size": (300, -1)},
        {"id": ""},
        {"id": "-zone"},
        {"id": "zone 1"},
        {"id": "a" * 101},
        {"id": "zöne"},
    ],
    ids=str,
)
async def test_create_refuses(db, arguments):
    with pytest.raises(InvalidValue):
        await zones.create(db, **{"name": "Testing"} | arguments)


@pytest.mark.parametrize("id", ["z", "Z.1_a-b", "0" * 100])
async def test_an_id_is_a_slug(db, id):
    assert (await zones.create(db, "Testing", id=id)).id == id


async def test_a_refused_action_is_not_repeated_in_the_message(db):
    with pytest.raises(InvalidValue, match="actions: 0: an action is an object with a type") as caught:
        await zones.create(db, "Testing", actions=[{"token": "hush"}])
    assert "hush" not in str(caught.value)


# Reading


async def test_an_absent_zone_is_not_found(db):
    with pytest.raises(NotFound, match="zone nowhere not found"):
        await zones.get(db, "nowhere")
    assert await zones.find(db, "nowhere") is None


async def test_ids_differ_by_case(db, zone):
    await zones.create(db, "Other", id="Zone-1")
    assert (await zones.get(db, "zone-1")).name == "Testing"


async def test_pages_hold_all_zones_newest_first(either_db, read_pages):
    expected = await mixed_zones(either_db)
    assert await read_pages(partial(zones.find_many, either_db)) == expected
    assert [zone async for zone in zones.iterate(either_db)] == expected
    assert await zones.count(either_db) == 9


@pytest.mark.parametrize("trigger", ["onDrop", "manual", "scheduled"])
async def test_zones_are_listed_by_trigger(either_db, read_pages, trigger):
    expected = [zone for zone in await mixed_zones(either_db) if zone.trigger == trigger]
    assert await read_pages(partial(zones.find_many, either_db, trigger)) == expected
    assert await read_pages(partial(zones.list_by_trigger, either_db, trigger)) == expected
    assert [zone async for zone in zones.iterate(either_db, trigger)] == expected
    assert await zones.count(either_db, trigger) == len(expected) == 3


async def test_zones_are_listed_with_what_is_in_them(either_db, read_pages):
    made = await mixed_zones(either_db)
    for number, zone in enumerate(made[:3]):
        for _ in range(number):
            worktree = await worktrees.create(either_db, f"/{number}/{_}", "main")
            await worktree_zones.assign(either_db, worktree.id, zone.id)
            for success in (True, False):
                await zone_executions.create(either_db, zone.id, worktree.id, "qa", "test", success)
    listed = await read_pages(partial(zones.list_with_counts, either_db))
    assert [(zone.id, zone.worktree_count, zone.execution_count) for zone in listed] == [
        (zone.id, number if number < 3 else 0, 2 * number if number < 3 else 0) for number, zone in enumerate(made)
    ]
    assert [zones.Zone(**zone.model_dump()) for zone in listed] == made


# Changing


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"name": "Lab"}, {"name": "Lab"}),
        ({"description": None}, {"description": None}),
        ({"trigger": "scheduled"}, {"trigger": "scheduled"}),
        ({"agents": ["qa"]}, {"agents": ["qa"]}),
        ({"prompt_template": "Test!"}, {"prompt_template": "Test!"}),
        ({"actions": ACTIONS}, {"actions": ACTIONS}),
        ({"position": (3, -4)}, {"position_x": 3, "position_y": -4}),
        ({"position_x": 3}, {"position_x": 3}),
        ({"position_y": -4}, {"position_y": -4}),
        ({"size": (10, 20)}, {"size_width": 10, "size_height": 20}),
        ({"size_width": 10}, {"size_width": 10}),
        ({"size_height": 20, "position_x": 1}, {"size_height": 20, "position_x": 1}),
    ],
    ids=str,
)
async def test_update_changes_the_fields_given(still_db, clock, given, expected):
    zone = await zones.create(still_db, "Testing", "tests", agents=["a"], actions=[{"type": "x"}])
    clock.advance(timedelta(minutes=1))
    changed = await zones.update(still_db, zone.id, **given)
    assert changed == zone.model_copy(update=expected | {"updated_at": clock()})
    assert await zones.get(still_db, zone.id) == changed


@pytest.mark.parametrize(
    "given",
    [
        {"name": None},
        {"name": ""},
        {"trigger": "hourly"},
        {"agents": None},
        {"actions": [{}]},
        {"position": (1,)},
        {"position": None},
        {"position": (1, 2), "position_x": 1},
        {"position_x": None},
        {"size": (0, 1)},
        {"size_width": 0},
        {"size_height": -1},
        {"size": (1, 2), "size_height": 2},
    ],
    ids=str,
)
async def test_update_refuses(db, zone, given):
    with pytest.raises(InvalidValue):
        await zones.update(db, zone.id, **given)
    assert await zones.get(db, zone.id) == zone


async def test_an_update_of_nothing_changes_nothing(db, zone):
    assert await zones.update(db, zone.id) == zone


async def test_an_update_of_an_absent_zone_is_not_found(db):
    with pytest.raises(NotFound):
        await zones.update(db, "nowhere", name="Lab")
    with pytest.raises(NotFound):
        await zones.update(db, "nowhere")


async def test_an_unknown_field_is_a_type_error(db, zone):
    with pytest.raises(TypeError, match="colour"):
        await zones.update(db, zone.id, colour="red")


# Deleting


async def test_a_zone_is_deleted_once(db, zone):
    assert await zones.delete(db, zone.id) is True
    assert await zones.delete(db, zone.id) is False
    with pytest.raises(NotFound):
        await zones.delete(db, zone.id, missing_ok=False)


async def test_deleting_a_zone_deletes_what_belongs_to_it(db, zone):
    worktree = await worktrees.create(db, "/a", "main")
    await worktree_zones.assign(db, worktree.id, zone.id)
    await zone_executions.create(db, zone.id, worktree.id, "qa", "test", True)
    await zones.delete(db, zone.id)
    assert await worktree_zones.find_by_worktree(db, worktree.id) is None
    assert await zone_executions.count(db) == 0
    assert await worktrees.get(db, worktree.id) == worktree


# The default zones


async def test_the_default_zones_are_created(db):
    seeded = await zones.seed_defaults(db)
    assert (seeded.created, seeded.skipped, seeded.total) == (4, 0, 4)
    made = [await zones.get(db, id) for id in DEFAULTS]
    assert [zone.name for zone in made] == ["Development", "Testing", "Code Review", "Deployment"]
    assert [zone.position for zone in made] == [(50, 50), (450, 50), (850, 50), (1250, 50)]
    assert {zone.size for zone in made} == {(350, 450)}
    assert [zone.trigger for zone in made] == ["onDrop", "onDrop", "onDrop", "manual"]
    assert [zone.agents for zone in made] == [
        ["frontend", "backend"],
        ["qa", "test-engineer"],
        ["code-reviewer"],
        ["devops"],
    ]
    assert [[action["type"] for action in zone.actions] for zone in made] == [
        [],
        ["runTests"],
        ["runTests", "createPR"],
        ["runTests", "notify"],
    ]
    assert made[2].actions[1] == {"type": "createPR", "title": "{{ github.title }}"}
    assert made[3].actions[1]["message"]
    assert all(zone.description and "{{ github.title }}" in zone.prompt_template for zone in made)


async def test_templates_use_known_placeholders_only(db):
    await zones.seed_defaults(db)
    known = [f"github.{name}" for name in ("title", "description", "url")]
    known += [f"worktree.{name}" for name in ("branch", "path", "port")]
    async for zone in zones.iterate(db):
        rest = zone.prompt_template
        for name in known:
            rest = rest.replace(f"{{{{ {name} }}}}", "")
        assert "{" not in rest
        assert "}" not in rest


async def test_seeding_again_changes_nothing(db):
    await zones.seed_defaults(db)
    mine = await zones.update(db, "zone-review", name="Mine")
    await zones.delete(db, "zone-testing")
    seeded = await zones.seed_defaults(db)
    assert (seeded.created, seeded.skipped, seeded.total) == (1, 3, 4)
    assert await zones.get(db, "zone-review") == mine
    seeded = await zones.seed_defaults(db)
    assert (seeded.created, seeded.skipped, seeded.total) == (0, 4, 4)
    assert await zones.count(db) == 4
