"""graphs: executable graph definitions; a deleted graph is kept, inactive, until it is purged."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, ClassVar, Literal, cast
from uuid import UUID

from wave_data.engine import Affected, Executor, Page, Record, check, partial_update, query, transactional
from wave_data.engine.errors import Conflict, InvalidTransition, InvalidValue
from wave_data.engine.json_text import decode_json, encode_json
from wave_data.engine.types import (
    UNSET,
    Age,
    JsonObject,
    NewId,
    PositiveCount,
    Text,
    Unset,
    UtcDatetime,
)


class Graph(Record):
    """An executable graph definition."""

    shown: ClassVar[tuple[str, ...]] = ("id", "name", "version", "is_active")

    id: UUID
    name: str
    description: str | None
    definition: JsonObject
    version: int
    is_active: bool
    deleted_at: UtcDatetime | None
    created_at: UtcDatetime
    updated_at: UtcDatetime


class GraphWithRunCount(Graph):
    """A graph, how many runs it has, deleted ones aside, and when the last of them was created."""

    run_count: int
    last_run_at: UtcDatetime | None


def check_definition(definition: JsonObject) -> None:
    """Make sure that a definition has `nodes`, `edges` and `entry_point`, and that these agree.

    Nodes are a list of objects with a `name`, or a mapping by name; edges a list of objects with `from` and `to`.
    Where there are nodes, the entry point and the ends of edges are among them. Other keys may be anything.
    Raises InvalidValue.
    """
    if not isinstance(definition, dict):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidValue(f"definition: an object was expected, not {type(definition).__name__}")
    missing = [key for key in ("nodes", "edges", "entry_point") if key not in definition]
    if missing:
        raise InvalidValue(f"definition: {', '.join(missing)} is missing; a graph has nodes, edges and entry_point")
    names = _node_names(definition["nodes"])
    if not isinstance(definition["entry_point"], str):
        raise InvalidValue("definition.entry_point: the name of a node was expected")
    for place, name in [("entry_point", definition["entry_point"]), *_edge_ends(definition["edges"])]:
        if names and name not in names:
            raise InvalidValue(f"definition.{place}: {name!r} is no node")


def _node_names(nodes: object) -> set[str]:
    if isinstance(nodes, Mapping):
        names = list(cast(Mapping[object, object], nodes))
    else:
        names = [_member(node, "name", f"nodes[{index}]") for index, node in enumerate(_objects(nodes, "nodes"))]
    found: set[str] = set()
    for name in names:
        if not isinstance(name, str) or name in found:
            raise InvalidValue(f"definition.nodes: {name!r} is {'twice there' if name in found else 'no name'}")
        found.add(name)
    return found


def _edge_ends(edges: object) -> list[tuple[str, str]]:
    return [
        (f"edges[{index}].{end}", _member(edge, end, f"edges[{index}]"))
        for index, edge in enumerate(_objects(edges, "edges"))
        for end in ("from", "to")
    ]


def _objects(members: object, place: str) -> Sequence[Mapping[str, Any]]:
    if not isinstance(members, list | tuple):
        raise InvalidValue(f"definition.{place}: a list was expected, not {type(members).__name__}")
    for index, member in enumerate(cast(Sequence[object], members)):
        if not isinstance(member, Mapping):
            raise InvalidValue(f"definition.{place}[{index}]: an object was expected, not {type(member).__name__}")
    return cast(Sequence[Mapping[str, Any]], members)


def _member(owner: Mapping[str, Any], key: str, place: str) -> str:
    found = owner.get(key)
    if not isinstance(found, str):
        raise InvalidValue(f"definition.{place}.{key}: the name of a node was expected")
    return found


async def create(
    db: Executor, name: Text, definition: JsonObject, description: Text | None = None, id: UUID | None = None
) -> Graph:
    """Insert an active graph of version 1.

    Raises InvalidValue for a definition that `check_definition` refuses, Conflict when the name or the id is taken;
    a deleted graph keeps its name.
    """
    check_definition(definition)
    return await _insert(db, name, definition, description, id)


@query
async def _insert(db: Executor, name: Text, definition: JsonObject, description: Text | None, id: NewId) -> Graph: ...


@query
async def get(db: Executor, id: UUID) -> Graph:
    """The graph, deleted or not. Raises NotFound."""
    ...


@query
async def find(db: Executor, id: UUID) -> Graph | None:
    """The graph, deleted or not, or None."""
    ...


@query
async def find_by_name(db: Executor, name: Text, active_only: bool = False) -> Graph | None:
    """The graph of a name, or None."""
    ...


async def find_many(db: Executor, active_only: bool = True, limit: int = 100, cursor: str | None = None) -> Page[Graph]:
    """Graphs, newest first."""
    return await _find_many(db, _wanted(active_only), limit, cursor)


def iterate(db: Executor, active_only: bool = True) -> AsyncIterator[Graph]:
    """All graphs, newest first."""
    return _iterate(db, _wanted(active_only))


async def count(db: Executor, active_only: bool = True) -> int:
    """The number of graphs."""
    return await _count(db, _wanted(active_only))


def _wanted(active_only: bool) -> Literal[True] | None:
    """The state of the graphs that are asked for; None for any."""
    return True if check(bool, active_only, "active_only") else None


@query
async def _find_many(
    db: Executor, is_active: bool | None = None, limit: int = 100, cursor: str | None = None
) -> Page[Graph]: ...


@query
def _iterate(db: Executor, is_active: bool | None = None) -> AsyncIterator[Graph]: ...


@query
async def _count(db: Executor, is_active: bool | None = None) -> int: ...


@query
async def list_with_run_counts(db: Executor, limit: int = 100, cursor: str | None = None) -> Page[GraphWithRunCount]:
    """Active graphs with their numbers of runs, newest first."""
    ...


@transactional
async def update(
    db: Executor,
    id: UUID,
    *,
    name: Text | Unset = UNSET,
    definition: JsonObject | Unset = UNSET,
    description: Text | Unset | None = UNSET,
    version: PositiveCount | Unset = UNSET,
    expected_version: PositiveCount | Unset = UNSET,
) -> Graph:
    """Change the fields given. Another definition raises the version by one, unless the version is given too.

    Raises NotFound; Conflict when the name is taken or the version is not the expected one; InvalidValue for a
    definition that `check_definition` refuses, and for a version below the current one.
    """
    current = await _lock(db, id)
    if not isinstance(expected_version, Unset) and expected_version != current.version:
        raise Conflict(
            f"graph {id} has version {current.version}, not {expected_version}: it has been changed meanwhile",
            entity="graph",
            key=id,
        )
    if not isinstance(version, Unset) and check(PositiveCount, version, "version") < current.version:
        raise InvalidValue(f"version: {version} is below the current one, {current.version}", entity="graph", key=id)
    if not isinstance(definition, Unset):
        check_definition(definition)
        if isinstance(version, Unset) and _text(definition) != _text(current.definition):
            version = current.version + 1
    return await _update(db, id, name=name, definition=definition, description=description, version=version)


def _text(definition: JsonObject) -> str:
    """The definition in a form that does not depend on the order of keys."""
    return json.dumps(decode_json(encode_json(definition)), sort_keys=True)


@query
async def _lock(db: Executor, id: UUID) -> Graph: ...


@partial_update
async def _update(
    db: Executor,
    id: UUID,
    *,
    name: Text | Unset = UNSET,
    definition: JsonObject | Unset = UNSET,
    description: Text | Unset | None = UNSET,
    version: PositiveCount | Unset = UNSET,
) -> Graph: ...


async def delete(db: Executor, id: UUID, missing_ok: bool = True) -> bool:
    """Make the graph inactive; whether it was active. Its name stays taken.

    Raises NotFound when it is absent and missing_ok is False.
    """
    if await _mark_deleted(db, id):
        return True
    if not missing_ok:
        await get(db, id)
    return False


@query
async def _mark_deleted(db: Executor, id: UUID) -> bool: ...


async def restore(db: Executor, id: UUID) -> Graph:
    """Make a deleted graph active again. Raises NotFound, and InvalidTransition for an active one."""
    restored = await _restore(db, id)
    if restored is None:
        await get(db, id)
        raise InvalidTransition("graph", id, current="active", requested="active", allowed=("deleted",))
    return restored


@query
async def _restore(db: Executor, id: UUID) -> Graph | None: ...


@query
async def hard_delete(db: Executor, id: UUID, missing_ok: bool = True) -> bool:
    """Remove the graph with its runs and their logs; whether there was one.

    Raises NotFound when it is absent and missing_ok is False.
    """
    ...


@query
async def purge_deleted(db: Executor, older_than: Age) -> Affected:
    """Remove the graphs that were deleted longer ago than that, with their runs; how many graphs."""
    ...
