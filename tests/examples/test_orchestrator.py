"""The orchestrator example, run as people run it: a process of its own, which can be killed."""

import asyncio
import os
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import asyncpg
import pytest

from examples.orchestrator.stories import load_wave
from wave_data import connect, wave_checkpoints, wave_sessions, wave_story_executions
from wave_data.stores.settings import DatabaseUrl
from wave_data.tables.wave_checkpoints import WaveCheckpoint
from wave_data.tables.wave_sessions import WaveSession
from wave_data.tables.wave_story_executions import WaveStoryExecution

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "examples" / "orchestrator" / "stories.toml"

# Eight characters are two tokens, and a token costs a dollar: so every attempt costs 2 USD.
PRICES = "[prices]\nusd_per_second = 0\nusd_per_million_tokens = 1000000\n"
PRINT = "printf 12345678"

# Waits for the test, which holds the other end of the connection, as long as there is a file `port`.
BLOCK = """
import socket, sys
from pathlib import Path
with open("ran", "a") as ran:
    ran.write(sys.argv[1] + "\\n")
port = Path("port")
if port.exists():
    with socket.create_connection(("127.0.0.1", int(port.read_text()))) as connection:
        connection.recv(1)
sys.stdout.write("12345678")
"""


class Books(NamedTuple):
    """What a run has left in the database."""

    session: WaveSession
    stories: dict[str, WaveStoryExecution]
    checkpoints: list[WaveCheckpoint]
    charges: dict[str, Decimal]

    @property
    def statuses(self) -> dict[str, str]:
        return {name: story.status for name, story in self.stories.items()}

    @property
    def outcomes(self) -> list[str]:
        """The outcomes of all gates with criteria, oldest first."""
        states = [c.state for c in reversed(self.checkpoints) if c.checkpoint_type == "gate"]
        return [state["status"] for state in states if state["status"] != "skipped"]


class Orchestrator:
    """Runs the program in a folder of its own."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.url = url
        self.stories = folder / "stories.toml"
        # A killed run cannot remove its scratch folders: they go with the test.
        self.environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(folder.parent)}

    def command(self, *options: str) -> list[str]:
        program = [sys.executable, "-m", "examples.orchestrator"]
        return [*program, "--stories", str(self.stories), "--database-url", self.url, *options]

    def write(self, stories: Mapping[str, Mapping[str, str]], budget: int = 100, timeout_seconds: int = 60) -> None:
        """Write a stories file: the commands by gate, by story."""
        text = [f'project = "test"\nbudget_usd = {budget}\n{PRICES}']
        for story_id, criteria in stories.items():
            text.append(f'[[stories]]\nid = "{story_id}"\ntitle = "T"\ndomain = "D"\nagent = "A"\n')
            text.extend(
                f"[[stories.criteria]]\ngate = '{gate}'\nname = '{story_id}'\nrun = '''{command}'''\n"
                f"timeout_seconds = {timeout_seconds}\n"
                for gate, command in criteria.items()
            )
        self.stories.write_text("".join(text))

    def start(self, *options: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            self.command(*options),
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *options: str) -> tuple[int, str, str]:
        """Its exit code, and what it wrote to standard output and standard error."""
        return ended(self.start(*options))

    def ran(self) -> list[str]:
        """What the criteria noted, in their order."""
        return (self.folder / "ran").read_text().split()

    def books(self) -> Books:
        return asyncio.run(self._read())

    async def _read(self) -> Books:
        async with connect(self.url) as db:
            session = await wave_sessions.find_by_project_and_wave(db, "test", 0)
            assert session is not None
            page = await wave_story_executions.list_by_session(db, session.id)
            checkpoints = await wave_checkpoints.list_by_session(db, session.id, limit=1000)
            stories = {story.story_id: story for story in page.items}
            return Books(session, stories, checkpoints.items, await charges(self.url, session.id.hex))


async def charges(url: str, session_hex: str) -> dict[str, Decimal]:
    """The charges of a session by key, past the library."""
    text = "SELECT key, cost_usd FROM wave_charges WHERE replace(CAST(session_id AS text), '-', '') = "
    target = DatabaseUrl.parse(url)
    if target.path is not None:
        with closing(sqlite3.connect(target.path)) as file:
            return {key: Decimal(cost) / 10**6 for key, cost in file.execute(f"{text}?", (session_hex,))}
    server = await asyncpg.connect(url)
    try:
        return {row["key"]: row["cost_usd"] for row in await server.fetch(f"{text}$1", session_hex)}
    finally:
        await server.close()


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    with process:
        output, errors = process.communicate(timeout=60)
    return process.returncode, output, errors


class Gatekeeper:
    """Holds criteria that block."""

    def __init__(self, listener: socket.socket, port: Path) -> None:
        self._listener = listener
        self._port = port

    def wait(self) -> socket.socket:
        """Wait until a criterion blocks; closing what is returned lets it go on."""
        connection, _ = self._listener.accept()
        connection.settimeout(60)
        return connection

    def retire(self) -> None:
        """Let criteria pass from now on."""
        self._port.unlink()


@contextmanager
def gatekeeper(folder: Path) -> Iterator[Gatekeeper]:
    (folder / "block.py").write_text(BLOCK)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(60)
        port = folder / "port"
        port.write_text(str(listener.getsockname()[1]))
        yield Gatekeeper(listener, port)


def block(name: str) -> str:
    return f"{{python}} block.py {name}"


def note(name: str) -> str:
    return f'sh -c "echo {name} >> ran; {PRINT}"'


def fail(name: str) -> str:
    return f'sh -c "echo {name} >> ran; exit 3"'


def kill(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    assert ended(process)[0] == -signal.SIGKILL


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "work"
    path.mkdir()
    return path


@pytest.fixture
def on_sqlite(folder: Path) -> Orchestrator:
    return Orchestrator(folder, f"sqlite:{quote(str(folder / 'wave.db'))}")


@pytest.fixture(params=["sqlite", "postgres"])
def orchestrator(request: pytest.FixtureRequest, folder: Path) -> Orchestrator:
    if request.param == "postgres":
        return Orchestrator(folder, request.getfixturevalue("empty_postgres_url"))
    return request.getfixturevalue("on_sqlite")


def test_all_stories_are_completed_and_paid_for(orchestrator):
    orchestrator.write({"one": {"gate-0": note("a"), "gate-7": note("b")}, "two": {"gate-7": note("c")}}, budget=6)
    code, output, errors = orchestrator.run()
    assert (code, errors) == (0, "")
    session, stories, _, charged = orchestrator.books()
    assert (session.status, session.actual_cost_usd, session.token_count) == ("completed", 6, 6)
    assert (session.story_count, session.stories_completed) == (2, 2)
    assert {story.story_id: story.cost_usd for story in stories.values()} == {"one": 4, "two": 2}
    assert list(charged.values()) == [2, 2, 2]
    assert orchestrator.ran() == ["a", "b", "c"]
    assert "0------7" in output
    assert "completed; 6.000000 of 6.000000 USD spent" in output


def test_a_killed_run_is_finished_by_the_next_one(orchestrator):
    with gatekeeper(orchestrator.folder) as keeper:
        orchestrator.write(
            {
                "done": {"gate-0": note("done-0"), "gate-7": note("done-7")},
                "cut-off": {"gate-1": note("cut-off-1"), "gate-7": block("cut-off-7")},
                "ahead": {"gate-7": note("ahead-7")},
            }
        )
        first = orchestrator.start()
        with keeper.wait():
            kill(first)
        before = orchestrator.books()
        assert before.session.status == "in_progress"
        assert before.session.actual_cost_usd == 6
        keeper.retire()
        code, output, errors = orchestrator.run()
    assert (code, errors) == (0, "")
    assert "interrupted: 1 of its 2 stories are finished" in output
    after = orchestrator.books()
    assert after.session.id == before.session.id
    assert after.session.status == "completed"
    assert orchestrator.ran() == ["done-0", "done-7", "cut-off-1", "cut-off-7", "cut-off-7", "ahead-7"]
    assert after.stories["done"] == before.stories["done"]
    assert before.charges.items() < after.charges.items()
    assert after.session.actual_cost_usd == sum(after.charges.values()) == 10
    assert after.session.actual_cost_usd == sum(story.cost_usd for story in after.stories.values())
    assert after.outcomes == ["passed"] * 5


def test_a_run_may_be_killed_again_and_again(orchestrator):
    with gatekeeper(orchestrator.folder) as keeper:
        orchestrator.write(
            {"one": {f"gate-{n}": block(f"one-{n}") for n in (0, 3, 7)}, "two": {"gate-7": block("two-7")}}
        )
        for _ in range(3):
            process = orchestrator.start()
            keeper.wait().close()
            with keeper.wait():
                kill(process)
        keeper.retire()
        assert orchestrator.run()[0] == 0
    assert orchestrator.ran() == ["one-0", "one-3", "one-3", "one-7", "one-7", "two-7", "two-7"]
    books = orchestrator.books()
    assert books.session.status == "completed"
    assert books.session.actual_cost_usd == sum(books.charges.values()) == 8
    assert books.outcomes == ["passed"] * 4


def test_stories_of_different_domains_run_side_by_side_and_are_all_recovered(orchestrator):
    with gatekeeper(orchestrator.folder) as keeper:
        orchestrator.write({name: {"gate-0": note(name), "gate-7": block(name)} for name in ("one", "two")})
        stories = orchestrator.stories.read_text()
        orchestrator.stories.write_text(stories.replace('domain = "D"', 'domain = "another"', 1))
        process = orchestrator.start()
        with keeper.wait(), keeper.wait():
            kill(process)
        keeper.retire()
        assert orchestrator.run()[0] == 0
    assert sorted(orchestrator.ran()) == ["one"] * 3 + ["two"] * 3
    books = orchestrator.books()
    assert books.statuses == {"one": "complete", "two": "complete"}
    assert books.session.actual_cost_usd == sum(books.charges.values()) == 8


def test_a_failed_story_stays_failed_after_a_kill(on_sqlite):
    with gatekeeper(on_sqlite.folder) as keeper:
        on_sqlite.write({"hopeless": {"gate-7": fail("hopeless")}, "cut-off": {"gate-7": block("cut-off")}})
        process = on_sqlite.start()
        with keeper.wait():
            kill(process)
        keeper.retire()
        assert on_sqlite.run()[0] == 1
    assert on_sqlite.ran() == ["hopeless", "hopeless", "cut-off", "cut-off"]
    assert on_sqlite.books().statuses == {"hopeless": "failed", "cut-off": "complete"}


def test_a_story_that_the_file_has_lost_is_skipped(on_sqlite):
    with gatekeeper(on_sqlite.folder) as keeper:
        on_sqlite.write({"lost": {"gate-7": block("lost")}, "kept": {"gate-7": note("kept")}})
        process = on_sqlite.start()
        with keeper.wait():
            kill(process)
        on_sqlite.write({"kept": {"gate-7": note("kept")}})
        assert on_sqlite.run()[0] == 0
    assert on_sqlite.ran() == ["lost", "kept"]
    assert on_sqlite.books().statuses == {"lost": "cancelled", "kept": "complete"}


def test_a_wave_that_is_finished_begins_anew(on_sqlite):
    on_sqlite.write({"one": {"gate-7": note("a")}})
    assert on_sqlite.run()[0] == 0
    first = on_sqlite.books()
    assert on_sqlite.run()[0] == 0
    second = on_sqlite.books()
    assert second.session.id != first.session.id
    assert second.session.actual_cost_usd == 2
    assert on_sqlite.ran() == ["a", "a"]


def test_of_two_runs_at_a_time_one_gives_way_and_nothing_is_charged_twice(orchestrator):
    with gatekeeper(orchestrator.folder) as keeper:
        orchestrator.write({"one": {"gate-7": block("one")}})
        first = orchestrator.start()
        with keeper.wait() as first_criterion:
            second = orchestrator.start()
            with keeper.wait():
                first_criterion.close()
                code, _, errors = ended(first)
                assert code == 1
                assert "another process works on this wave" in errors
                assert len(errors.splitlines()) == 1
        assert ended(second)[0] == 0
    books = orchestrator.books()
    assert books.session.actual_cost_usd == sum(books.charges.values()) == 2
    assert books.outcomes == ["passed"]


def test_a_terminated_run_ends_its_criteria_and_can_go_on(on_sqlite):
    with gatekeeper(on_sqlite.folder) as keeper:
        on_sqlite.write({"one": {"gate-7": block("one")}})
        process = on_sqlite.start()
        with keeper.wait() as criterion:
            process.terminate()
            code, _, errors = ended(process)
            assert criterion.recv(1) == b""
        assert (code, errors) == (130, "interrupted; start again to finish\n")
        keeper.retire()
        assert on_sqlite.run()[0] == 0
    assert on_sqlite.books().session.status == "completed"


def test_a_flaky_criterion_is_tried_again_at_its_own_cost(orchestrator):
    flaky = f'sh -c "{PRINT}; test -e seen || {{ touch seen; exit 1; }}"'
    orchestrator.write({"flaky": {"gate-4": flaky, "gate-7": note("end")}})
    code, output, _ = orchestrator.run()
    assert code == 0
    assert "exit code 1: 12345678 (0 more to try)" in output
    books = orchestrator.books()
    assert books.stories["flaky"].retry_count == 1
    assert books.outcomes == ["failed", "passed", "passed"]
    assert books.session.actual_cost_usd == sum(books.charges.values()) == 6


def test_a_failing_story_does_not_keep_the_others_from_going_on(orchestrator):
    orchestrator.write({"bad": {"gate-2": fail("bad"), "gate-7": note("never")}, "good": {"gate-7": note("good")}})
    code, output, _ = orchestrator.run()
    assert code == 1
    assert orchestrator.ran() == ["bad", "bad", "good"]
    session, stories, _, _ = orchestrator.books()
    assert (session.status, session.stories_completed, session.stories_failed) == ("failed", 1, 1)
    assert session.metadata["error_message"] == "not complete: bad"
    assert stories["bad"].error_message.endswith("exit code 3")
    assert "bad failed: gate-2 failed: " in output


def test_a_budget_that_is_used_up_stops_the_wave(orchestrator):
    orchestrator.write({name: {"gate-7": note(name)} for name in ("affordable", "too-dear", "not-begun")}, budget=3)
    code, output, errors = orchestrator.run()
    assert (code, errors) == (1, "")
    books = orchestrator.books()
    assert books.session.status == "failed"
    assert books.session.actual_cost_usd == sum(books.charges.values()) == 2
    assert books.statuses == {"affordable": "complete", "too-dear": "cancelled"}
    assert orchestrator.ran() == ["affordable", "too-dear"]
    assert "the budget is used up: gate-7 of too-dear cost 2.000000 USD where 1.000000 USD remained" in output
    assert "not begun" in output


def test_a_budget_of_zero_buys_nothing(on_sqlite):
    on_sqlite.write({"one": {"gate-7": note("a")}})
    assert on_sqlite.run("--budget", "0")[0] == 1
    assert on_sqlite.books().charges == {}


def test_criteria_that_hang_crash_or_cannot_be_run_fail(on_sqlite):
    commands = {"hangs": "tail -f /dev/null", "crashes": "sh -c 'kill -SEGV $$'", "absent": "no-such-program"}
    on_sqlite.write({name: {"gate-7": command} for name, command in commands.items()}, timeout_seconds=1)
    assert on_sqlite.run()[0] == 1
    errors = {name: story.error_message for name, story in on_sqlite.books().stories.items()}
    assert "still running after 1 s" in errors["hangs"]
    assert "ended by SIGSEGV" in errors["crashes"]
    assert "no-such-program cannot be run: No such file or directory" in errors["absent"]


def test_output_that_a_database_cannot_hold_is_made_fit(orchestrator):
    orchestrator.write({"one": {"gate-7": r"printf \\000\\377ok"}})
    assert orchestrator.run()[0] == 0
    gates = [checkpoint for checkpoint in orchestrator.books().checkpoints if checkpoint.gate == "gate-7"]
    assert gates[0].state["metadata"]["criteria"][0]["output"] == "\N{REPLACEMENT CHARACTER}" * 2 + "ok"


HEAD = 'project = "p"\n'
STORY = '[[stories]]\nid = "s"\ntitle = "t"\ndomain = "d"\nagent = "a"\n'
CRITERIA = 'criteria = [{ gate = "gate-7", name = "n", run = "true" }]\n'
BROKEN = {
    "not TOML": ("project = ", "this is not TOML: Invalid value"),
    "no story": (HEAD, "stories: missing; add it"),
    "a missing field": (
        HEAD + STORY.replace('agent = "a"\n', "") + CRITERIA,
        "story 's', agent: missing; add it",
    ),
    "an unknown gate": (
        HEAD + STORY + CRITERIA.replace("gate-7", "gate-8"),
        "story 's', criterion 'n', gate: Input should be 'gate-0', 'gate-1'",
    ),
    "an unknown field": (
        HEAD + "budget = 3\n" + STORY + CRITERIA,
        "budget: unknown; correct its name or remove it",
    ),
    "a story that cannot be completed": (
        HEAD + STORY + CRITERIA.replace("gate-7", "gate-1"),
        "story 's': no criterion at gate-7, whose passing completes the story: add one",
    ),
    "a command with an open quotation": (
        HEAD + STORY + CRITERIA.replace("true", "echo 'x"),
        "story 's', criterion 'n', run: No closing quotation",
    ),
    "two stories of one id": (
        HEAD + 2 * (STORY + CRITERIA),
        "several stories have the id s: give each its own",
    ),
    "an absent target": (
        HEAD + 'target = "nowhere"\n' + STORY + CRITERIA,
        "nowhere is no directory; name the one to run the criteria in",
    ),
}


@pytest.mark.parametrize(("text", "message"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_stories_file_is_explained_and_leaves_nothing_behind(on_sqlite, text, message):
    on_sqlite.stories.write_text(text)
    code, output, errors = on_sqlite.run()
    assert (code, output) == (2, "")
    assert errors.startswith(f"{on_sqlite.stories}: ")
    assert message in errors
    assert "Traceback" not in errors
    assert list(on_sqlite.folder.iterdir()) == [on_sqlite.stories]


def test_an_absent_stories_file_is_explained_and_leaves_nothing_behind(on_sqlite):
    code, _, errors = on_sqlite.run()
    assert code == 2
    assert errors == f"{on_sqlite.stories}: No such file or directory; name a stories file with --stories FILE\n"
    assert list(on_sqlite.folder.iterdir()) == []


@pytest.mark.parametrize(
    "options",
    [("--budget", "much"), ("--budget", "-1"), ("--concurrency", "0"), ("--project", ""), ("--database-url", "x://y")],
    ids=" ".join,
)
def test_wrong_usage_is_explained(on_sqlite, options):
    on_sqlite.write({"one": {"gate-7": note("a")}})
    code, _, errors = on_sqlite.run(*options)
    assert code == 2
    assert "Traceback" not in errors
    assert list(on_sqlite.folder.iterdir()) == [on_sqlite.stories]


def test_the_environment_never_chooses_the_database(on_sqlite):
    on_sqlite.write({"one": {"gate-7": note("a")}})
    subprocess.run(
        [sys.executable, "-m", "examples.orchestrator", "--stories", "stories.toml"],
        cwd=on_sqlite.folder,
        env={**on_sqlite.environment, "DATABASE_URL": "sqlite:precious.db"},
        check=True,
        timeout=60,
        stdout=subprocess.DEVNULL,
    )
    assert (on_sqlite.folder / "orchestrator.db").exists()
    assert not (on_sqlite.folder / "precious.db").exists()


def test_the_shipped_stories_are_about_this_repository():
    wave = load_wave(SHIPPED)
    assert wave.target == ROOT
    assert len(wave.stories) >= 6
    assert len({story.domain for story in wave.stories}) > 1
