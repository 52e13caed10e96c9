"""What is timed: each workload makes, for one task, an operation that is called again and again."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from itertools import count
from random import Random
from typing import Any

from benchmarks.data import (
    BULK,
    CHECKPOINTS,
    FIRST_RUN,
    LISTED,
    MOVED,
    PAGE,
    RUNS,
    STREAMED,
    Sizes,
    new_checkpoint,
    new_story,
    row_id,
    session_id,
)
from benchmarks.peers import Contender

Operation = Callable[[], Awaitable[Any]]


@dataclass(frozen=True)
class Workload:
    """One thing that is timed. The title may name a size.

    `make(peer, sizes, task)` gives the operation of a task. `calls` is what one operation counts for. A large
    workload is run once in a round and in one task only, a small one for some time. One that does not warm up
    is made of statements that others have prepared.
    """

    name: str
    title: str
    make: Callable[[Contender, Sizes, int], Operation]
    calls: int = 1
    is_large: bool = False
    inserts: bool = False
    warms_up: bool = True

    def title_for(self, sizes: Sizes) -> str:
        """The title with the size in it."""
        return self.title.format_map(asdict(sizes))

    @property
    def tasks(self) -> tuple[int, ...]:
        """How many tasks at the same time it is run in."""
        return (1,) if self.is_large else (1, RUNS)


def _get(peer: Contender, sizes: Sizes, task: int) -> Operation:
    numbers = Random(task)
    ids = [row_id(LISTED, numbers.randrange(sizes.listed)) for _ in range(500)]
    turn = count()
    return lambda: peer.get(ids[next(turn) % len(ids)])


def _list_newest(peer: Contender, sizes: Sizes, task: int) -> Operation:
    return lambda: peer.list_newest(session_id(LISTED), PAGE)


def _insert(peer: Contender, sizes: Sizes, task: int) -> Operation:
    return lambda: peer.insert(new_story(FIRST_RUN + task))


def _own_row(sizes: Sizes, task: int) -> Callable[[], Any]:
    """The rows that one task alone changes, in turn."""
    own = sizes.moved // RUNS
    turn = count()
    return lambda: row_id(MOVED, task * own + next(turn) % own)


def _transition(peer: Contender, sizes: Sizes, task: int) -> Operation:
    next_row = _own_row(sizes, task)

    async def there_and_back() -> None:
        own = next_row()
        await peer.submit(own)
        await peer.reopen(own)

    return there_and_back


def _add_usage(peer: Contender, sizes: Sizes, task: int) -> Operation:
    next_row = _own_row(sizes, task)
    return lambda: peer.add_usage(next_row())


def _add_checkpoint(peer: Contender, sizes: Sizes, task: int) -> Operation:
    return lambda: peer.add_checkpoint(new_checkpoint(FIRST_RUN + task, "WAVE3-API-000001"))


def _step(peer: Contender, sizes: Sizes, task: int) -> Operation:
    next_row = _own_row(sizes, task)
    return lambda: peer.step(new_checkpoint(FIRST_RUN + task, "WAVE3-API-000001"), next_row())


def _list_all(peer: Contender, sizes: Sizes, task: int) -> Operation:
    return lambda: peer.list_all(session_id(LISTED))


def _insert_many(peer: Contender, sizes: Sizes, task: int) -> Operation:
    new = [new_story(BULK) for _ in range(sizes.bulk)]
    return lambda: peer.insert_many(new)


def _stream(peer: Contender, sizes: Sizes, task: int) -> Operation:
    return lambda: peer.stream(session_id(STREAMED))


def _orchestrate(peer: Contender, sizes: Sizes, task: int) -> Operation:
    async def run() -> None:
        new = new_story(FIRST_RUN + task)
        await peer.insert(new)
        for _ in range(CHECKPOINTS):
            await peer.get(new.id)
            await peer.step(new_checkpoint(FIRST_RUN + task, new.story_id), new.id)

    return run


WORKLOADS = (
    Workload("get", "get by key", _get),
    Workload("list_100", "list of 100", _list_newest),
    Workload("insert", "insert returning", _insert, inserts=True),
    Workload("transition", "transition", _transition, calls=2),
    Workload("add_usage", "add_usage", _add_usage),
    Workload("checkpoint", "checkpoint of 2 KB", _add_checkpoint, inserts=True),
    Workload("transaction", "transaction", _step, inserts=True),
    Workload("orchestrator", f"run of {CHECKPOINTS} checkpoints", _orchestrate, inserts=True, warms_up=False),
    Workload("list_10000", "list of {listed:,}", _list_all, is_large=True, warms_up=False),
    Workload("bulk", "bulk insert of {bulk:,}", _insert_many, is_large=True, inserts=True, warms_up=False),
    Workload("stream", "stream of {streamed:,}", _stream, is_large=True, warms_up=False),
)


def workload_named(name: str) -> Workload:
    """The workload of a name."""
    return next(workload for workload in WORKLOADS if workload.name == name)
