"""What was measured, as Markdown."""

import os
import platform
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median, quantiles

from benchmarks.data import RUNS, Sizes
from benchmarks.driver import CONNECTIONS, Cores, Series
from benchmarks.peers import Entry, Store

NAMES: dict[Store, str] = {"postgres": "PostgreSQL", "sqlite": "SQLite"}


@dataclass
class Section:
    """Series of the same libraries under the same conditions."""

    title: str
    entries: Sequence[Entry]
    series: list[Series] = field(default_factory=list)
    relative: bool = True


@dataclass
class Report:
    """Everything of one run."""

    sizes: Sizes
    cores: Cores
    load_before: str
    sections: list[Section] = field(default_factory=list)
    servers: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def text(self) -> str:
        """The whole report."""
        return "\n".join(self._lines()).rstrip() + "\n"

    def _lines(self) -> Iterable[str]:
        yield "# Benchmarks"
        yield ""
        yield (
            "Written by `make bench`. The first row of a table is the limit, the bare driver, with its time; every"
            " other cell is the median of the ratios to the limit in the same round, and the quartiles of them."
        )
        for section in self.sections:
            yield ""
            yield f"## {section.title}"
            yield ""
            yield from _table(section)
        yield ""
        yield "## How it was measured"
        yield ""
        yield from (f"- {line}" for line in self._method())
        yield ""
        yield "## The machine"
        yield ""
        yield from (f"- {line}" for line in self._machine())

    def _method(self) -> Iterable[str]:
        yield "Each library runs in a process of its own; in each round every library has its turn."
        yield f"On PostgreSQL each has {CONNECTIONS} connections; “20 tasks” share them."
        yield (
            "A row is one of wave_story_executions, 27 columns: uuid, text, numeric, timestamptz, text[], jsonb."
            f" The long list has {self.sizes.listed:,} rows, the bulk insert {self.sizes.bulk:,}, the stream"
            f" {self.sizes.streamed:,}."
        )
        yield (
            "“asyncpg, Records”, “as sqlc generates it” and tuples leave JSON as text, and on SQLite times, ids and"
            " decimals too; the others give Python's own types."
        )
        yield (
            f"A run of an orchestrator inserts a story, and for each checkpoint reads it and writes 2 KB of state and"
            f" its usage in one transaction; {RUNS} tasks are {RUNS} runs at the same time. Times are of one run."
        )
        yield "The added latency is 1 ms on each round trip, by a TCP proxy."
        yield "The garbage collector runs as it does in any program, and is emptied before each turn."
        yield "A transition and a transaction: an UPDATE … RETURNING; a checkpoint and the usage of its story."
        yield from self.left_out
        yield from sorted(
            {f"Failed: {why}" for section in self.sections for s in section.series for why in s.failures.values()}
        )

    def _machine(self) -> Iterable[str]:
        yield f"{datetime.now(UTC):%Y-%m-%d}, {_processor()}, {os.cpu_count()} cores, {_memory()}"
        yield f"{platform.system()} {platform.release()}, Python {platform.python_version()}"
        yield f"{'; '.join(self.servers)}; the server survives no crash: fsync is off" if self.servers else "no server"
        yield f"SQLite {sqlite3.sqlite_version}, WAL, synchronous NORMAL"
        if self.cores.client is not None:
            yield f"clients on core {self.cores.client}, server and proxy on core {self.cores.server}"
        yield f"load average {self.load_before} before, {load_average()} after"
        used = {name for section in self.sections for entry in section.entries for name in entry.needs}
        yield ", ".join(f"{name} {version(name)}" for name in sorted(used))


def _table(section: Section) -> Iterable[str]:
    yield "| | " + " | ".join(series.title for series in section.series) + " |"
    yield "|---" * (len(section.series) + 1) + "|"
    for entry in section.entries:
        name = f"**{entry.title}**" if entry.module == "ours" else entry.title
        yield f"| {name} | " + " | ".join(_cell(entry, series, section) for series in section.series) + " |"


def _cell(entry: Entry, series: Series, section: Section) -> str:
    pairs = series.of(entry)
    if not pairs or entry in series.failures:
        return "failed"
    if entry.is_limit or not section.relative:
        return _quantity(median(taken for taken, _ in pairs), series.unit)
    ratios = [taken / limit for taken, limit in pairs]
    if len(ratios) < 2:
        return f"{ratios[0]:.2f}"
    low, _, high = quantiles(ratios, n=4, method="inclusive")
    return f"{median(ratios):.2f} ({low:.2f} to {high:.2f})"


def _quantity(value: float, unit: str) -> str:
    if unit == "B":
        return f"{value / 2**20:.1f} MB"
    for factor, name in ((1, "s"), (1e3, "ms")):
        if value * factor >= 1:
            return f"{value * factor:.3g} {name}"
    return f"{value * 1e6:.3g} µs"


def load_average() -> str:
    """The load of the last minute and the last five."""
    return " / ".join(f"{load:.2f}" for load in os.getloadavg()[:2])


def _processor() -> str:
    told = _told("/proc/cpuinfo", ":")
    return told.get("model name", platform.machine())


def _memory() -> str:
    told = _told("/proc/meminfo", ":").get("MemTotal", "").split()
    return f"{int(told[0]) / 2**20:.0f} GB" if told else "memory unknown"


def _told(path: str, separator: str) -> Mapping[str, str]:
    try:
        lines = Path(path).read_text().splitlines()
    except OSError:
        return {}
    pairs = (line.partition(separator) for line in lines)
    return {name.strip(): value.strip() for name, _, value in pairs}
