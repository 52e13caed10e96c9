"""worktrees: checked-out branches on the board, each with a port for its development server."""

from collections.abc import AsyncIterator
from typing import Annotated, ClassVar, Literal

from annotated_types import Ge, Le

from wave_data.engine import Executor, Page, Record, check, partial_update, query
from wave_data.engine.errors import Conflict, InvalidValue
from wave_data.engine.identifiers import uuid7
from wave_data.engine.pairs import Pair, split
from wave_data.engine.types import UNSET, Default, Integer, Slug, Text, Unset, UtcDatetime
from wave_data.tables.zones import Zone

WorktreeStatus = Literal["active", "inactive", "completed"]
Port = Annotated[int, Ge(1), Le(65535)]


def _new_id() -> str:
    return f"wt-{uuid7().hex}"


class Worktree(Record):
    """A checked-out branch."""

    shown: ClassVar[tuple[str, ...]] = ("id", "branch_name", "port", "status")

    id: str
    path: str
    port: int
    branch_name: str
    issue_url: str | None
    task_id: str | None
    status: WorktreeStatus
    position_x: int
    position_y: int
    created_at: UtcDatetime
    updated_at: UtcDatetime

    @property
    def position(self) -> tuple[int, int]:
        """Where it lies on the board, x and y."""
        return self.position_x, self.position_y

    @property
    def is_active(self) -> bool:
        """Neither inactive nor completed."""
        return self.status == "active"


class WorktreeWithZone(Worktree):
    """A worktree and the zone that it is in."""

    zone: Zone | None


class PortStatus(Record):
    """How many ports of a range there are, are held and are free, and the held ones, ascending."""

    total: int
    allocated: int
    available: int
    ports: list[int]


async def create(
    db: Executor,
    path: Text,
    branch_name: Text,
    port: Port | None = None,
    issue_url: Text | None = None,
    task_id: Text | None = None,
    status: WorktreeStatus = "active",
    position: Pair = (0, 0),
    port_range: Pair = (3001, 3999),
    id: Slug | None = None,
) -> Worktree:
    """Insert a worktree; without a port it takes the lowest one of the range that no worktree holds.

    Raises Conflict when the port, the path or the id is taken, or every port of the range.
    """
    x, y = check(Pair, position, "position")
    if port is not None:
        created = await _insert(db, path, port, branch_name, issue_url, task_id, status, x, y, id)
        if created is None:
            raise _taken(f"the port {port} is taken")
        return created
    lowest, highest = _check_range(port_range)
    while (free := await _find_free_port(db, lowest, highest)) is not None:
        created = await _insert(db, path, free, branch_name, issue_url, task_id, status, x, y, id)
        if created is not None:
            return created
    raise _taken(f"every port from {lowest} to {highest} is taken")


def _taken(what: str) -> Conflict:
    return Conflict(f"worktrees.create: {what}", entity="worktree", constraint="worktrees_port_key")


def _check_range(port_range: Pair) -> Pair:
    lowest, highest = check(Pair, port_range, "port_range")
    check(Port, lowest, "port_range")
    check(Port, highest, "port_range")
    if lowest > highest:
        raise InvalidValue(f"port_range: the lowest port and the highest were expected, not {lowest} and {highest}")
    return lowest, highest


@query
async def _insert(
    db: Executor,
    path: Text,
    port: Port,
    branch_name: Text,
    issue_url: Text | None,
    task_id: Text | None,
    status: WorktreeStatus,
    position_x: Integer,
    position_y: Integer,
    id: Annotated[Slug | None, Default(factory=_new_id)],
) -> Worktree | None: ...


@query
async def _find_free_port(db: Executor, lowest: Port, highest: Port) -> int | None: ...


@query
async def get(db: Executor, id: Text) -> Worktree:
    """The worktree. Raises NotFound."""
    ...


@query
async def find(db: Executor, id: Text) -> Worktree | None:
    """The worktree, or None."""
    ...


@query
async def find_by_port(db: Executor, port: Integer) -> Worktree | None:
    """The worktree that holds a port."""
    ...


@query
async def find_by_path(db: Executor, path: Text) -> Worktree | None:
    """The worktree at a path."""
    ...


@query
async def find_many(
    db: Executor,
    status: WorktreeStatus | None = None,
    task_id: Text | None = None,
    limit: int = 100,
    cursor: str | None = None,
) -> Page[Worktree]:
    """Worktrees, newest first."""
    ...


@query
def iterate(db: Executor, status: WorktreeStatus | None = None, task_id: Text | None = None) -> AsyncIterator[Worktree]:
    """All matching worktrees, newest first."""
    ...


@query
async def list_with_zone(db: Executor, limit: int = 100, cursor: str | None = None) -> Page[WorktreeWithZone]:
    """Worktrees, each with its zone or None, newest first."""
    ...


@query
async def count(db: Executor, status: WorktreeStatus | None = None, task_id: Text | None = None) -> int:
    """The number of matching worktrees."""
    ...


@query
async def counts_by_status(db: Executor, task_id: Text | None = None) -> dict[WorktreeStatus, int]:
    """The number of worktrees in each status, zeros included."""
    ...


async def port_status(db: Executor, port_range: Pair = (3001, 3999)) -> PortStatus:
    """Which ports of a range are held, by worktrees of any status. Raises InvalidValue for what is no range."""
    lowest, highest = _check_range(port_range)
    ports = await _list_ports(db, lowest, highest)
    total = highest - lowest + 1
    return PortStatus(total=total, allocated=len(ports), available=total - len(ports), ports=ports)


@query
async def _list_ports(db: Executor, lowest: Port, highest: Port) -> list[int]: ...


async def update(
    db: Executor,
    id: Text,
    *,
    status: WorktreeStatus | Unset = UNSET,
    position: Pair | Unset = UNSET,
    position_x: Integer | Unset = UNSET,
    position_y: Integer | Unset = UNSET,
    issue_url: Text | Unset | None = UNSET,
    task_id: Text | Unset | None = UNSET,
    branch_name: Text | Unset = UNSET,
    path: Text | Unset = UNSET,
    port: Port | Unset = UNSET,
) -> Worktree:
    """Change the fields given; the position as a pair or one axis of it.

    Raises NotFound, and Conflict when the path or the port is taken.
    """
    x, y = split("position", position, position_x, position_y)
    return await _update(db, id, status, x, y, issue_url, task_id, branch_name, path, port)


@partial_update
async def _update(
    db: Executor,
    id: Text,
    status: WorktreeStatus | Unset = UNSET,
    position_x: Integer | Unset = UNSET,
    position_y: Integer | Unset = UNSET,
    issue_url: Text | Unset | None = UNSET,
    task_id: Text | Unset | None = UNSET,
    branch_name: Text | Unset = UNSET,
    path: Text | Unset = UNSET,
    port: Port | Unset = UNSET,
) -> Worktree: ...


@query
async def delete(db: Executor, id: Text, missing_ok: bool = True) -> bool:
    """Remove the worktree with its assignment and its zone executions; whether there was one.

    Raises NotFound when it is absent and missing_ok is False.
    """
    ...
