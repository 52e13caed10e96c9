"""The process of one library: it reads commands, a JSON object in a line, and answers each of them in a line."""

import argparse
import asyncio
import gc
import json
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.data import LISTED, Sizes, row_id, session_id
from benchmarks.peers import Contender, Entry, entry_of

_TICK = 0.001


class Worker:
    """One library, and what it can be asked."""

    def __init__(self, entry: Entry, sizes: Sizes) -> None:
        self._entry = entry
        self._sizes = sizes
        self._peer: Contender | None = None

    @property
    def peer(self) -> Contender:
        """The library, opened."""
        assert self._peer is not None
        return self._peer

    async def open(self, location: str, connections: int) -> dict[str, Any]:
        """Load the library and connect; what both took, and the first two calls."""
        await self.close()
        started = perf_counter()
        self._peer = self._entry.make()
        loaded = perf_counter()
        await self._peer.open(location, connections)
        opened = perf_counter()
        await self._peer.get(row_id(LISTED, 1))
        first = perf_counter()
        await self._peer.get(row_id(LISTED, 1))
        second = perf_counter()
        return {"load": loaded - started, "open": opened - loaded, "first": first - opened, "second": second - first}

    async def check(self) -> dict[str, Any]:
        """Raise WrongAnswer where the library gives one."""
        from benchmarks.checks import check

        await check(self.peer, self._sizes)
        return {}

    async def time(self, workload: str, tasks: int, seconds: float) -> dict[str, Any]:
        """Run a workload for some time, at least once in each task; the seconds that one call took."""
        from benchmarks.workloads import workload_named

        found = workload_named(workload)
        operations = [found.make(self.peer, self._sizes, task) for task in range(tasks)]
        gc.collect()
        started = perf_counter()
        if tasks == 1:
            done = await _repeat(operations[0], started + seconds)
        else:
            done = sum(await asyncio.gather(*(_repeat(operation, started + seconds) for operation in operations)))
        return {"seconds": (perf_counter() - started) / (done * found.calls)}

    async def stall(self) -> dict[str, Any]:
        """The longest time for which the event loop stood still while a long list arrived."""
        gaps: list[float] = []

        async def tick() -> None:
            last = perf_counter()
            while True:
                await asyncio.sleep(_TICK)
                now = perf_counter()
                gaps.append(now - last)
                last = now

        gc.collect()
        ticking = asyncio.create_task(tick())
        await asyncio.sleep(5 * _TICK)
        gaps.clear()
        await self.peer.list_all(session_id(LISTED))
        await asyncio.sleep(2 * _TICK)
        ticking.cancel()
        return {"seconds": max(gaps)}

    async def memory(self, workload: str) -> dict[str, Any]:
        """The bytes that a workload takes at its peak, in a process that has done nothing large before."""
        from benchmarks.workloads import workload_named

        operation = workload_named(workload).make(self.peer, self._sizes, 0)
        gc.collect()
        _reset_peak()
        before = _memory("VmRSS")
        await operation()
        return {"bytes": _memory("VmHWM") - before}

    async def close(self) -> dict[str, Any]:
        """Close the connections."""
        if self._peer is not None:
            peer, self._peer = self._peer, None
            await peer.close()
        return {}


async def _repeat(operation: Callable[[], Awaitable[Any]], until: float) -> int:
    done = 0
    while True:
        await operation()
        done += 1
        if perf_counter() >= until:
            return done


def _reset_peak() -> None:
    """Set the peak back to what is in use."""
    Path("/proc/self/clear_refs").write_text("5")


def _memory(field: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    line = next(line for line in lines if line.startswith(field))
    return int(line.split()[1]) * 1024


async def _serve(worker: Worker, answers: Any) -> None:
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        command = json.loads(line)
        try:
            answer = await getattr(worker, command.pop("do"))(**command)
        except Exception as error:  # noqa: BLE001 - the driver decides what a failure means
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), file=answers, flush=True)
    await worker.close()


def main() -> None:
    """Serve until the input ends."""
    parser = argparse.ArgumentParser()
    parser.add_argument("store")
    parser.add_argument("module")
    parser.add_argument("sizes", type=json.loads)
    parser.add_argument("--core", type=int)
    given = parser.parse_args()
    if given.core is not None:
        os.sched_setaffinity(0, {given.core})
    # Answers have the standard output to themselves, whatever a library prints.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    asyncio.run(_serve(Worker(entry_of(given.store, given.module), Sizes(**given.sizes)), answers))


if __name__ == "__main__":
    main()
