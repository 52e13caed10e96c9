"""Every library of the benchmarks gives the right answers, and every workload runs. Nothing is timed here."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from benchmarks.checks import WrongAnswer, check
from benchmarks.data import RUNS, STATE, Sizes, sqlite_value
from benchmarks.peers import ALL, Contender, Entry
from benchmarks.stores import Ground, PostgresGround, SqliteGround
from benchmarks.workloads import WORKLOADS
from wave_data.servers.databases import temporary_database

SIZES = Sizes(listed=120, streamed=150, moved=2 * RUNS, bulk=30)
ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def sqlite_ground(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    return SqliteGround(tmp_path_factory.mktemp("ground"), SIZES)


@pytest.fixture(scope="module")
def postgres_ground(postgres_url: str) -> Iterator[Ground]:
    with temporary_database(postgres_url) as url, asyncio.Runner() as runner:
        ground = PostgresGround(url, SIZES, runner)
        yield ground
        ground.close()


@pytest.fixture(params=ALL, ids=lambda entry: f"{entry.store}-{entry.module}")
def entry(request: pytest.FixtureRequest) -> Entry:
    found: Entry = request.param
    return found


@pytest.fixture
def ground(entry: Entry, request: pytest.FixtureRequest) -> Iterator[Ground]:
    found: Ground = request.getfixturevalue(f"{entry.store}_ground")
    yield found
    found.clean()


@pytest_asyncio.fixture
async def peer(entry: Entry, ground: Ground) -> AsyncIterator[Contender]:
    opened = entry.make()
    await opened.open(ground.location, 3)
    yield opened
    await opened.close()


async def test_a_library_gives_the_right_answers_and_runs_every_workload(peer: Contender) -> None:
    await check(peer, SIZES)
    for workload in WORKLOADS:
        tasks = 1 if workload.is_large else 3
        await asyncio.gather(*(workload.make(peer, SIZES, task)() for task in range(tasks)))


@pytest.mark.parametrize("entry", [ALL[0]], indirect=True, ids=["limit"])
async def test_a_wrong_answer_is_told(ground: Ground, peer: Contender) -> None:
    with pytest.raises(WrongAnswer, match="id 0 of a short list"):
        await check(peer, Sizes(listed=121, streamed=150, moved=2 * RUNS, bulk=30))


def test_the_state_of_a_checkpoint_has_about_2_kb() -> None:
    assert 1_800 <= len(sqlite_value(STATE)) <= 2_200


def test_the_suite_writes_its_report(tmp_path: Path) -> None:
    report = tmp_path / "report.md"
    arguments = ("--quick", "--stores", "sqlite", "--peers", "ours", "--workloads", "get", "--output", str(report))
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    text = report.read_text()
    assert "| sqlite3 tuples, one aiosqlite job |" in text
    assert "| **wave_data** |" in text
    assert "load average" in text
