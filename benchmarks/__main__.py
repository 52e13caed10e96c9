"""Times every library in one run, and writes what was found: `python -m benchmarks --help`."""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter
from typing import Annotated, TypeVar

import typer

from benchmarks.data import QUICK, RUNS, Sizes
from benchmarks.driver import (
    CONNECTIONS,
    Cores,
    Effort,
    PeerFailed,
    PeerProcess,
    Series,
    delayed,
    running,
    take_turns,
    time_start_up,
    time_workload,
    weigh,
)
from benchmarks.peers import ALL, STORES, Entry, Store
from benchmarks.report import NAMES, Report, Section, load_average
from benchmarks.stores import Ground, SqliteGround, postgres_ground
from benchmarks.workloads import WORKLOADS, Workload
from wave_data.servers.folders import temporary_folder
from wave_data.servers.postgres import postgres_server

OUTPUT = Path(__file__).parent.parent / "docs" / "benchmarks.md"
LATENCY = 0.001

T = TypeVar("T")


def main(
    quick: Annotated[bool, typer.Option(help="Small sizes and few rounds, printed instead of written.")] = False,
    workloads: Annotated[str, typer.Option(help="Names, with commas between them.")] = "",
    peers: Annotated[str, typer.Option(help="Names of modules in benchmarks/peers; the limit is always run.")] = "",
    stores: Annotated[str, typer.Option(help="postgres, sqlite.")] = "",
    output: Annotated[Path | None, typer.Option(help="The file to write.")] = None,
) -> None:
    """Time the library, the bare drivers and other libraries in turns, and write docs/benchmarks.md."""
    chosen = _choose("workload", workloads, {workload.name: workload for workload in WORKLOADS})
    modules = _choose("peer", peers, {entry.module: entry.module for entry in ALL})
    suite = Suite(
        sizes=QUICK if quick else Sizes(),
        effort=Effort(rounds=2, large_rounds=1, least=1, seconds=0.005, patience=0.5, start_ups=1)
        if quick
        else Effort(),
        workloads=chosen,
        modules=modules,
    )
    try:
        for store in _choose("store", stores, {store: store for store in STORES}):
            suite.run(store)
    except PeerFailed as error:
        typer.echo(f"stopped: {error}", err=True)
        raise typer.Exit(1) from None
    text = suite.report.text()
    target = output or (None if quick or workloads or peers or stores else OUTPUT)
    if target is None:
        typer.echo(text)
    else:
        target.write_text(text)
        typer.echo(f"written to {target}")


def _choose(kind: str, names: str, known: dict[str, T]) -> list[T]:
    wanted = [name.strip() for name in names.split(",") if name.strip()] or list(known)
    for name in wanted:
        if name not in known:
            raise typer.BadParameter(f"no {kind} {name!r}; there are {', '.join(known)}")
    return [known[name] for name in known if name in wanted]


class Suite:
    """One run: what is timed, how long, and what was found so far."""

    def __init__(self, sizes: Sizes, effort: Effort, workloads: Sequence[Workload], modules: Sequence[str]) -> None:
        self.sizes = sizes
        self.effort = effort
        self.workloads = workloads
        self.modules = modules
        self.cores = Cores.of_this_machine()
        self.report = Report(sizes, self.cores, load_average())
        self._begun = perf_counter()

    def run(self, store: Store) -> None:
        """Time everything on one store."""
        entries = self._entries(store)
        with ExitStack() as stack:
            ground: Ground
            if store == "postgres":
                with self.cores.holding_server():
                    server = stack.enter_context(postgres_server())
                self.report.servers.append(f"PostgreSQL {server.version} ({server.origin})")
                ground = stack.enter_context(postgres_ground(server.url, self.sizes))
            else:
                ground = SqliteGround(Path(stack.enter_context(temporary_folder())), self.sizes)
            with running(entries, ground, self.sizes, self.cores, self.report.left_out.append) as processes:
                self._time(NAMES[store], processes, ground, self.effort)
                self._costs(NAMES[store], processes, ground)
                if store == "postgres":
                    url = stack.enter_context(delayed(ground.location, LATENCY, self.cores))
                    for process in processes:
                        process.ask("open", location=url, connections=CONNECTIONS)
                    self._time(f"{NAMES[store]}, 1 ms away", processes, ground, self.effort.lighter)

    def _entries(self, store: Store) -> list[Entry]:
        entries: list[Entry] = []
        for entry in ALL:
            if entry.store != store or not (entry.is_limit or entry.module in self.modules):
                continue
            if entry.is_installed:
                entries.append(entry)
            else:
                self.report.left_out.append(
                    f"Missing on {NAMES[store]}: {entry.title}; install {', '.join(entry.needs)}."
                )
        return entries

    def _time(self, title: str, processes: Sequence[PeerProcess], ground: Ground, effort: Effort) -> None:
        for tasks in (1, RUNS):
            section = Section(
                f"{title}: {'one after the other' if tasks == 1 else f'{tasks} tasks'}",
                [process.entry for process in processes],
            )
            for workload in self.workloads:
                if tasks in workload.tasks:
                    self._tell(f"{section.title}: {workload.title_for(self.sizes)}")
                    section.series.append(time_workload(workload, tasks, processes, ground, effort))
            if section.series:
                self.report.sections.append(section)

    def _tell(self, what: str) -> None:
        typer.echo(f"{perf_counter() - self._begun:5.0f} s  {what}", err=True)

    def _costs(self, title: str, processes: Sequence[PeerProcess], ground: Ground) -> None:
        """What is paid besides the time of the calls: stalls, memory and the start of a process."""
        entries = [process.entry for process in processes]
        effort = self.effort
        found: list[Series] = []
        self._tell(f"{title}: stalls, memory, start of a process")
        chosen = {workload.name: workload for workload in self.workloads}
        if "list_10000" in chosen:
            title_of_list = chosen["list_10000"].title_for(self.sizes)
            stall = Series(f"longest stall of the event loop, {title_of_list}", "s")
            found.append(take_turns(stall, processes, effort.large_rounds, effort, _stall))
        weighed = [chosen[name] for name in ("stream", "list_10000") if name in chosen]
        if weighed and Path("/proc/self/clear_refs").exists():
            found += weigh(weighed, entries, ground, self.sizes, self.cores)
        found += time_start_up(entries, ground, self.sizes, self.cores, effort)
        self.report.sections.append(Section(f"{title}: stalls, memory and start", entries, found, relative=False))


def _stall(process: PeerProcess) -> float:
    seconds: float = process.ask("stall")["seconds"]
    return seconds


if __name__ == "__main__":
    typer.run(main)
