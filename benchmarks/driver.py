"""Asks the processes of the libraries in turn, so that a noisy moment of the machine strikes all of them alike."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field, replace
from time import perf_counter
from typing import Any

from benchmarks.data import Sizes
from benchmarks.peers import Entry
from benchmarks.stores import Ground
from benchmarks.workloads import Workload
from wave_data.stores.settings import DatabaseUrl

CONNECTIONS = 10
"""Connections of each library to PostgreSQL."""


class PeerFailed(Exception):
    """A library could not do what it was asked."""


@dataclass(frozen=True)
class Effort:
    """How long everything is run: `rounds` of `seconds` each; after `least` of them none begins beyond `patience`."""

    rounds: int = 7
    large_rounds: int = 5
    least: int = 3
    seconds: float = 0.05
    patience: float = 6.0
    start_ups: int = 3

    @property
    def lighter(self) -> "Effort":
        """Fewer rounds, for what is run a second time under other conditions."""
        return replace(self, rounds=max(1, self.rounds // 2), large_rounds=max(1, self.large_rounds // 2), least=1)


@dataclass(frozen=True)
class Cores:
    """The cores that clients and server are held to: a call that moves between cores takes other times."""

    client: int | None = None
    server: int | None = None

    @classmethod
    def of_this_machine(cls) -> "Cores":
        """Two of the cores, where there are so many and the system lets a process be held to one."""
        if not hasattr(os, "sched_getaffinity"):
            return cls()
        available = sorted(os.sched_getaffinity(0))
        return cls(available[1], available[0]) if len(available) > 1 else cls()

    @contextmanager
    def holding_server(self) -> Generator[None]:
        """What is started in this block runs on the server's core."""
        if self.server is None:
            yield
            return
        before = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {self.server})
        try:
            yield
        finally:
            os.sched_setaffinity(0, before)


class PeerProcess:
    """A library in a process of its own, for importing one changes how fast another allocates memory."""

    def __init__(self, entry: Entry, sizes: Sizes, cores: Cores) -> None:
        self.entry = entry
        self.sizes = sizes
        command = [sys.executable, "-m", "benchmarks.worker", entry.store, entry.module, json.dumps(asdict(sizes))]
        if cores.client is not None:
            command += ["--core", str(cores.client)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self) -> "PeerProcess":
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def ask(self, do: str, **arguments: Any) -> dict[str, Any]:
        """The answer to a command. Raises PeerFailed."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"do": do, **arguments}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        answer: dict[str, Any] = json.loads(line) if line else {"error": "the process ended"}
        if "error" in answer:
            raise PeerFailed(f"{self.entry.title} ({self.entry.store}): {do} {arguments}: {answer['error']}")
        return answer


@dataclass
class Series:
    """What a workload took in each round, by library; the rounds of all libraries are the same moments."""

    title: str
    unit: str
    rounds: list[dict[Entry, float]] = field(default_factory=list)
    failures: dict[Entry, str] = field(default_factory=dict)

    def of(self, entry: Entry) -> list[tuple[float, float]]:
        """What a library and the limit took in each round in which both were asked."""
        limits = [next(iter(moment.values())) for moment in self.rounds]
        return [(moment[entry], limit) for moment, limit in zip(self.rounds, limits, strict=True) if entry in moment]


@contextmanager
def running(
    entries: Sequence[Entry], ground: Ground, sizes: Sizes, cores: Cores, leave_out: Callable[[str], None]
) -> Generator[list[PeerProcess]]:
    """A process for each library, connected, its answers checked; without those that fail, of which it tells."""
    with ExitStack() as stack:
        able: list[PeerProcess] = []
        for process in [stack.enter_context(PeerProcess(entry, sizes, cores)) for entry in entries]:
            try:
                process.ask("open", location=ground.location, connections=CONNECTIONS)
                process.ask("check")
                able.append(process)
            except PeerFailed as error:
                if process.entry.is_limit or process.entry.module == "ours":
                    raise
                leave_out(f"Failed: {error}")
            ground.clean()
        ground.tidy()
        yield able


def take_turns(
    series: Series, processes: Sequence[PeerProcess], rounds: int, effort: Effort, ask: Callable[[PeerProcess], float]
) -> Series:
    """Fill a series: in each round every library has its turn, in an order that moves on by one."""
    begun = perf_counter()
    for number in range(rounds):
        if number >= effort.least and perf_counter() - begun > effort.patience:
            break
        able = [process for process in processes if process.entry not in series.failures]
        first = number % len(able)
        moment: dict[Entry, float] = {}
        for process in (*able[first:], *able[:first]):
            try:
                moment[process.entry] = ask(process)
            except PeerFailed as error:
                if process.entry.is_limit:
                    raise
                series.failures[process.entry] = str(error)
        series.rounds.append({process.entry: moment[process.entry] for process in able if process.entry in moment})
    return series


def time_workload(
    workload: Workload, tasks: int, processes: Sequence[PeerProcess], ground: Ground, effort: Effort
) -> Series:
    """Time a workload in so many tasks."""
    seconds = 0.0 if workload.is_large else effort.seconds

    def ask(process: PeerProcess) -> float:
        taken: float = process.ask("time", workload=workload.name, tasks=tasks, seconds=seconds)["seconds"]
        if workload.inserts:
            ground.clean()
        return taken

    title = workload.title_for(processes[0].sizes)
    if workload.warms_up:
        take_turns(Series(title, "s"), processes, 1, effort, ask)  # prepares statements on every connection
    ground.tidy()
    rounds = effort.large_rounds if workload.is_large else effort.rounds
    return take_turns(Series(title, "s"), processes, rounds, effort, ask)


def time_start_up(entries: Sequence[Entry], ground: Ground, sizes: Sizes, cores: Cores, effort: Effort) -> list[Series]:
    """What loading a library takes in a fresh process, connecting with one connection, and the first calls."""
    titles = {"load": "import", "open": "connect", "first": "first call", "second": "second call"}
    found = {name: Series(title, "s") for name, title in titles.items()}
    for _ in range(effort.start_ups):
        answers: dict[Entry, dict[str, float]] = {}
        for entry in entries:
            with PeerProcess(entry, sizes, cores) as process:
                answers[entry] = process.ask("open", location=ground.location, connections=1)
        for name, series in found.items():
            series.rounds.append({entry: answer[name] for entry, answer in answers.items()})
    return list(found.values())


def weigh(
    workloads: Sequence[Workload], entries: Sequence[Entry], ground: Ground, sizes: Sizes, cores: Cores
) -> list[Series]:
    """The memory that workloads, the most frugal first, take at their peak in a fresh process."""
    found = [Series(f"peak memory, {workload.title_for(sizes)}", "B", [{}]) for workload in workloads]
    for entry in entries:
        with PeerProcess(entry, sizes, cores) as process:
            process.ask("open", location=ground.location, connections=1)
            for workload, series in zip(workloads, found, strict=True):
                series.rounds[0][entry] = process.ask("memory", workload=workload.name)["bytes"]
    return found


@contextmanager
def delayed(location: str, seconds: float, cores: Cores) -> Generator[str]:
    """The URL of a PostgreSQL database through a proxy that holds each request back."""
    url = DatabaseUrl.parse(location)
    command = [sys.executable, "-m", "benchmarks.latency", str(url.host), str(url.port or 5432), str(seconds)]
    with cores.holding_server():
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield replace(url, host="127.0.0.1", port=int(process.stdout.readline())).dbmate
    finally:
        process.kill()
        process.wait()
