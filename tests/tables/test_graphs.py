import asyncio
from datetime import timedelta
from decimal import Decimal
from functools import partial
from uuid import uuid4

import pytest

from wave_data import Conflict, InvalidTransition, InvalidValue, NotFound, execution_logs, graphs, runs

EMPTY = {"nodes": [], "edges": [], "entry_point": "start"}
CHAIN = {
    "nodes": [{"name": "plan", "model": "large"}, {"name": "build"}],
    "edges": [{"from": "plan", "to": "build", "when": "ready"}],
    "entry_point": "plan",
    "owner": {"team": "ana"},
}
MAPPED = {**CHAIN, "nodes": {"plan": {"model": "large"}, "build": {}}}


@pytest.fixture
async def graph(db):
    return await graphs.create(db, "review", CHAIN)


# Creating


async def test_a_new_graph_is_active_and_of_version_1(db):
    graph = await graphs.create(db, "review", CHAIN, "Reviews a change")
    assert (graph.name, graph.definition, graph.description) == ("review", CHAIN, "Reviews a change")
    assert (graph.version, graph.is_active, graph.deleted_at) == (1, True, None)
    assert await graphs.get(db, graph.id) == graph


async def test_a_given_id_is_used_once(db):
    given = uuid4()
    assert (await graphs.create(db, "review", EMPTY, id=given)).id == given
    with pytest.raises(Conflict):
        await graphs.create(db, "other", EMPTY, id=given)


async def test_a_name_is_taken_once_even_by_a_deleted_graph(db, graph):
    await graphs.delete(db, graph.id)
    with pytest.raises(Conflict):
        await graphs.create(db, "review", EMPTY)
    assert (await graphs.create(db, "Review", EMPTY)).name == "Review"


@pytest.mark.parametrize("name", ["", "x" * 256])
async def test_a_name_has_1_to_255_characters(db, name):
    with pytest.raises(InvalidValue):
        await graphs.create(db, name, EMPTY)


# Definitions


@pytest.mark.parametrize(
    "definition",
    [
        EMPTY,
        CHAIN,
        MAPPED,
        {**EMPTY, "nodes": {}, "edges": [{"from": "anything", "to": "goes"}]},
        {**CHAIN, "edges": ()},
    ],
)
async def test_a_definition_is_kept_with_its_other_keys(db, definition):
    graph = await graphs.create(db, "review", definition)
    expected = {**definition, "edges": [*definition["edges"]]}
    assert (await graphs.get(db, graph.id)).definition == expected


@pytest.mark.parametrize(
    ("definition", "message"),
    [
        ([], "an object was expected, not list"),
        ({}, "nodes, edges, entry_point is missing"),
        ({"nodes": [], "entry_point": "a"}, "edges is missing"),
        ({**EMPTY, "nodes": "a"}, "nodes: a list was expected, not str"),
        ({**EMPTY, "nodes": ["a"]}, r"nodes\[0\]: an object was expected, not str"),
        ({**EMPTY, "nodes": [{"title": "a"}]}, r"nodes\[0\].name"),
        ({**EMPTY, "nodes": [{"name": 1}]}, r"nodes\[0\].name"),
        ({**EMPTY, "nodes": [{"name": "a"}, {"name": "a"}]}, "'a' is twice there"),
        ({**EMPTY, "edges": {}}, "edges: a list was expected, not dict"),
        ({**EMPTY, "edges": [1]}, r"edges\[0\]: an object was expected, not int"),
        ({**EMPTY, "edges": [{"from": "a"}]}, r"edges\[0\].to"),
        ({**EMPTY, "edges": [{"to": "a"}]}, r"edges\[0\].from"),
        ({**EMPTY, "entry_point": None}, "entry_point: the name of a node"),
        ({**CHAIN, "entry_point": "deploy"}, "entry_point: 'deploy' is no node"),
        ({**CHAIN, "edges": [{"from": "plan", "to": "deploy"}]}, r"edges\[0\].to: 'deploy' is no node"),
        ({**MAPPED, "edges": [{"from": "deploy", "to": "plan"}]}, r"edges\[0\].from: 'deploy' is no node"),
    ],
)
async def test_a_definition_that_does_not_hold_together_is_refused(db, graph, definition, message):
    with pytest.raises(InvalidValue, match=message):
        await graphs.create(db, "other", definition)
    with pytest.raises(InvalidValue, match=message):
        await graphs.update(db, graph.id, definition=definition)
    assert await graphs.get(db, graph.id) == graph


# Reading


async def test_an_absent_graph_is_not_found(db):
    absent = uuid4()
    with pytest.raises(NotFound, match=f"graph {absent} not found"):
        await graphs.get(db, absent)
    assert await graphs.find(db, absent) is None
    assert await graphs.find_by_name(db, "review") is None


async def test_a_deleted_graph_is_still_found_unless_only_active_ones_are_wanted(db, graph):
    assert await graphs.find_by_name(db, "review", active_only=True) == graph
    await graphs.delete(db, graph.id)
    deleted = await graphs.get(db, graph.id)
    assert not deleted.is_active
    assert await graphs.find(db, graph.id) == deleted
    assert await graphs.find_by_name(db, "review") == deleted
    assert await graphs.find_by_name(db, "review", active_only=True) is None


@pytest.fixture(params=["moving clock", "still clock"])
def either_db(request, db, still_db):
    return db if request.param == "moving clock" else still_db


async def test_lists_are_newest_first_and_leave_deleted_graphs_out(either_db, read_pages):
    made = [await graphs.create(either_db, f"graph {number}", EMPTY) for number in range(7)]
    for graph in made[1:3]:
        await graphs.delete(either_db, graph.id)
    active = [graph for graph in reversed(made) if graph not in made[1:3]]
    everything = [await graphs.get(either_db, graph.id) for graph in reversed(made)]
    assert await read_pages(partial(graphs.find_many, either_db)) == active
    assert await read_pages(partial(graphs.find_many, either_db, active_only=False)) == everything
    assert [graph async for graph in graphs.iterate(either_db)] == active
    assert [graph async for graph in graphs.iterate(either_db, active_only=False)] == everything
    assert (await graphs.count(either_db), await graphs.count(either_db, active_only=False)) == (5, 7)


@pytest.mark.parametrize("operation", [graphs.find_many, graphs.count])
async def test_active_only_is_a_bool(db, operation):
    with pytest.raises(InvalidValue):
        await operation(db, active_only=1)


async def test_a_cursor_holds_for_the_same_filter_only(db):
    for number in range(3):
        await graphs.create(db, f"graph {number}", EMPTY)
    page = await graphs.find_many(db, limit=1)
    with pytest.raises(InvalidValue):
        await graphs.find_many(db, active_only=False, limit=1, cursor=page.next_cursor)


async def test_run_counts_leave_deleted_runs_and_graphs_out(still_db, clock, read_pages):
    db = still_db
    made = [await graphs.create(db, f"graph {number}", EMPTY) for number in range(4)]
    await graphs.delete(db, made[0].id)
    for number in range(3):
        clock.advance(timedelta(minutes=1))
        run = await runs.create(db, made[1].id, {}, f"r{number}")
    last = run.created_at
    clock.advance(timedelta(minutes=1))
    await runs.create(db, made[1].id, {}, "deleted")
    await runs.delete(db, "deleted")
    counted = await read_pages(partial(graphs.list_with_run_counts, db))
    assert [(graph.id, graph.run_count, graph.last_run_at) for graph in counted] == [
        (made[3].id, 0, None),
        (made[2].id, 0, None),
        (made[1].id, 3, last),
    ]
    assert counted[0].model_dump().items() >= made[3].model_dump().items()


# Updating


async def test_an_update_changes_the_given_fields_only(db, graph):
    updated = await graphs.update(db, graph.id, name="checks", description="Checks a change")
    assert (updated.name, updated.description) == ("checks", "Checks a change")
    assert (updated.definition, updated.version) == (CHAIN, 1)
    assert updated.updated_at > graph.updated_at
    assert (await graphs.update(db, graph.id, description=None)).description is None
    with pytest.raises(TypeError):
        await graphs.update(db, graph.id, title="checks")


async def test_an_update_of_nothing_changes_nothing(db, graph):
    assert await graphs.update(db, graph.id) == graph
    assert await graphs.update(db, graph.id, expected_version=1) == graph


async def test_an_update_of_an_absent_graph_is_not_found(db):
    with pytest.raises(NotFound):
        await graphs.update(db, uuid4(), name="checks")


@pytest.mark.parametrize(
    "fields", [{"name": None}, {"name": ""}, {"definition": None}, {"version": 0}, {"version": None}]
)
async def test_an_update_refuses(db, graph, fields):
    with pytest.raises(InvalidValue):
        await graphs.update(db, graph.id, **fields)
    assert await graphs.get(db, graph.id) == graph


async def test_a_taken_name_conflicts(db, graph):
    await graphs.create(db, "checks", EMPTY)
    with pytest.raises(Conflict):
        await graphs.update(db, graph.id, name="checks")


async def test_another_definition_raises_the_version(db, graph):
    assert (await graphs.update(db, graph.id, definition=EMPTY)).version == 2
    assert (await graphs.update(db, graph.id, definition=EMPTY)).version == 2
    assert (await graphs.update(db, graph.id, definition=CHAIN)).version == 3


async def test_the_order_of_keys_and_what_json_makes_of_values_are_no_change(db, graph):
    same = dict(reversed({**CHAIN, "owner": {"team": "ana"}}.items()))
    assert (await graphs.update(db, graph.id, definition=same)).version == 1
    assert (await graphs.update(db, graph.id, definition={**CHAIN, "cost": Decimal("1.5")})).version == 2
    assert (await graphs.update(db, graph.id, definition={**CHAIN, "cost": "1.5"})).version == 2
    assert (await graphs.update(db, graph.id, definition={**CHAIN, "cost": 1})).version == 3
    assert (await graphs.update(db, graph.id, definition={**CHAIN, "cost": True})).version == 4


async def test_a_given_version_counts_and_never_falls(db, graph):
    assert (await graphs.update(db, graph.id, version=5)).version == 5
    assert (await graphs.update(db, graph.id, definition=EMPTY, version=5)).version == 5
    with pytest.raises(InvalidValue, match="4 is below the current one, 5"):
        await graphs.update(db, graph.id, definition=CHAIN, version=4)
    assert (await graphs.get(db, graph.id)).definition == EMPTY


async def test_a_stale_expected_version_conflicts(db, graph):
    await graphs.update(db, graph.id, definition=EMPTY, expected_version=1)
    with pytest.raises(Conflict, match="has version 2, not 1"):
        await graphs.update(db, graph.id, definition=CHAIN, expected_version=1)


async def test_of_racing_updates_with_one_expectation_one_succeeds(db, graph):
    done = await asyncio.gather(
        *(
            graphs.update(db, graph.id, definition={**CHAIN, "number": number}, expected_version=1)
            for number in range(8)
        ),
        return_exceptions=True,
    )
    assert sum(isinstance(found, graphs.Graph) for found in done) == 1
    assert sum(isinstance(found, Conflict) for found in done) == 7
    assert (await graphs.get(db, graph.id)).version == 2


async def test_racing_updates_each_raise_the_version(db, graph):
    changes = [graphs.update(db, graph.id, definition={**CHAIN, "number": number}) for number in range(8)]
    assert sorted(found.version for found in await asyncio.gather(*changes)) == list(range(2, 10))


# Deleting


async def test_deleting_marks_a_graph_once(db, graph):
    assert await graphs.delete(db, graph.id) is True
    deleted = await graphs.get(db, graph.id)
    assert (deleted.is_active, deleted.deleted_at) == (False, deleted.updated_at)
    assert await graphs.delete(db, graph.id) is False
    assert await graphs.delete(db, graph.id, missing_ok=False) is False
    assert await graphs.get(db, graph.id) == deleted


async def test_deleting_an_absent_graph(db):
    assert await graphs.delete(db, uuid4()) is False
    assert await graphs.hard_delete(db, uuid4()) is False
    for operation in (graphs.delete, graphs.hard_delete):
        with pytest.raises(NotFound):
            await operation(db, uuid4(), missing_ok=False)


async def test_a_deleted_graph_can_be_restored_once(db, graph):
    await graphs.delete(db, graph.id)
    restored = await graphs.restore(db, graph.id)
    assert (restored.is_active, restored.deleted_at) == (True, None)
    assert await graphs.get(db, graph.id) == restored
    with pytest.raises(InvalidTransition):
        await graphs.restore(db, graph.id)
    with pytest.raises(NotFound):
        await graphs.restore(db, uuid4())


async def test_a_hard_deletion_takes_runs_and_logs_along(db, graph):
    run = await runs.create(db, graph.id, {})
    log = await execution_logs.create(db, run.id, "plan", "started")
    assert await graphs.hard_delete(db, graph.id) is True
    assert await graphs.find(db, graph.id) is None
    assert await runs.find(db, run.id) is None
    assert await execution_logs.find(db, log.id) is None


async def test_purging_removes_what_was_deleted_longer_ago(still_db, clock):
    db = still_db
    old, new, active = [await graphs.create(db, name, EMPTY) for name in ("old", "new", "active")]
    await runs.create(db, old.id, {}, "run of old")
    await graphs.delete(db, old.id)
    clock.advance(timedelta(days=1))
    await graphs.delete(db, new.id)
    assert await graphs.purge_deleted(db, timedelta(days=1)) == 0
    clock.advance(timedelta(microseconds=1))
    assert await graphs.purge_deleted(db, timedelta(days=1)) == 1
    assert [graph.id async for graph in graphs.iterate(db, active_only=False)] == [active.id, new.id]
    assert await runs.find_by_run_id(db, "run of old") is None
    with pytest.raises(InvalidValue):
        await graphs.purge_deleted(db, timedelta(days=-1))


async def test_repr_names_the_graph_and_not_its_definition(graph):
    assert repr(graph) == f"Graph(id={graph.id!r}, name='review', version=1, is_active=True)"
