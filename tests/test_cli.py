"""The command line: results on standard output, one line for an error, and the exit code."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from by_hand import run as run_sql

from wave_data.cli import main
from wave_data.migrations import migrations_of

COUNT = len(migrations_of("sqlite"))


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    def run_main(*arguments: str) -> Outcome:
        with pytest.raises(SystemExit) as exited:
            main(arguments)
        captured = capsys.readouterr()
        assert isinstance(exited.value.code, int)
        return Outcome(exited.value.code, captured.out, captured.err)

    return run_main


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty database, which DATABASE_URL names."""
    found = (
        f"sqlite:{tmp_path / 'wave.db'}" if request.param == "sqlite" else request.getfixturevalue("empty_postgres_url")
    )
    monkeypatch.setenv("DATABASE_URL", found)
    return found


def test_up_lists_what_it_applied(run: Callable[..., Outcome], url: str):
    outcome = run("migrate", "up")
    assert outcome.code == 0
    assert outcome.out.splitlines() == [f"applied {migration}" for migration in migrations_of("sqlite")]


def test_up_twice_finds_nothing_to_do(run: Callable[..., Outcome], url: str):
    run("migrate", "up")
    assert run("migrate", "up") == Outcome(0, "nothing to apply\n", "")


def test_up_as_json(run: Callable[..., Outcome], url: str):
    expected = [{"version": m.version, "name": m.name} for m in migrations_of("sqlite")]
    assert run("migrate", "up", "--json").json == {"applied": expected}
    assert run("migrate", "up", "--json").json == {"applied": []}


def test_down_takes_back_one(run: Callable[..., Outcome], url: str):
    run("migrate", "up")
    assert run("migrate", "down").out == f"rolled back {migrations_of('sqlite')[-1]}\n"
    assert run("migrate", "down", "--json").json["rolled_back"]["name"] == migrations_of("sqlite")[-2].name


def test_down_without_anything_applied_fails(run: Callable[..., Outcome], url: str, tmp_path: Path):
    run("migrate", "up")
    for _ in range(COUNT):
        run("migrate", "down")
    outcome = run("migrate", "down")
    assert outcome.code == 1
    assert "no migrations have been applied" in outcome.err


def test_status_shows_applied_and_pending(run: Callable[..., Outcome], url: str):
    run("migrate", "up")
    run("migrate", "down")
    *shown, summary = run("migrate", "status").out.splitlines()
    assert [line[:3] for line in shown] == ["[x]"] * (COUNT - 1) + ["[ ]"]
    assert summary == f"{COUNT - 1} applied, 1 pending"


def test_status_as_json(run: Callable[..., Outcome], url: str):
    found = run("migrate", "status", "--json").json
    assert (found["applied"], len(found["pending"]), found["unknown"]) == ([], COUNT, [])


def test_verify_succeeds_on_what_the_migrations_made(run: Callable[..., Outcome], url: str):
    run("migrate", "up")
    assert run("migrate", "verify") == Outcome(0, "the schema is the one that the migrations give\n", "")
    assert run("migrate", "verify", "--json").json == {"differences": []}


def test_verify_fails_and_names_the_differences(run: Callable[..., Outcome], url: str):
    run("migrate", "up")
    run_sql(url, "DROP INDEX idx_wave_sessions_created_at_id")
    outcome = run("migrate", "verify")
    place = "table wave_sessions, index idx_wave_sessions_created_at_id"
    assert (outcome.code, outcome.out) == (1, f"{place} is missing\n")
    outcome = run("migrate", "verify", "--json")
    assert outcome.code == 1
    assert [(found["place"], found["found"]) for found in outcome.json["differences"]] == [(place, None)]


def test_new_writes_the_files(run: Callable[..., Outcome], tmp_path: Path):
    created = run("migrate", "new", "create_b", "--folder", str(tmp_path), "--json").json["created"]
    assert [Path(path).parent.name for path in created] == ["postgres", "sqlite"]
    assert all(Path(path).is_file() for path in created)


def test_an_option_names_the_database(run: Callable[..., Outcome], tmp_path: Path):
    assert run("migrate", "up", "--database-url", f"sqlite:{tmp_path / 'other.db'}").code == 0
    assert (tmp_path / "other.db").is_file()


def test_an_option_names_the_folder(run: Callable[..., Outcome], url: str, tmp_path: Path):
    folder = str(tmp_path / "own")
    run("migrate", "new", "create_b", "--folder", folder)
    outcome = run("migrate", "up", "--folder", folder, "--json")
    assert [applied["name"] for applied in outcome.json["applied"]] == ["create_b"]


def test_a_failure_is_one_line_and_code_1(run: Callable[..., Outcome], url: str, tmp_path: Path):
    run("migrate", "new", "break_it", "--folder", str(tmp_path / "own"))
    for path in (tmp_path / "own").glob("*/*.sql"):
        path.write_text("-- migrate:up\nSELECT *\nFROM nowhere;\n-- migrate:down\n")
    outcome = run("migrate", "up", "--folder", str(tmp_path / "own"))
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.startswith("wave-data: ")
    assert outcome.err.count("\n") == 1
    assert "nowhere" in outcome.err


def test_a_password_is_not_shown(run: Callable[..., Outcome]):
    outcome = run("migrate", "status", "--database-url", "postgres://wave:hunter2@127.0.0.1:1/wave")
    assert outcome.code == 1
    assert "hunter2" not in outcome.out + outcome.err


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["migrate"],
        ["migrate", "sideways"],
        ["migrate", "new"],
        ["migrate", "up", "--no-such-option"],
        ["migrate", "up", "--database-url", "mysql://host/db"],
        ["migrate", "up", "--database-url", "sqlite::memory:"],
        ["migrate", "new", "Not A Name"],
    ],
)
def test_wrong_usage_is_code_2(run: Callable[..., Outcome], arguments: list[str]):
    assert run(*arguments).code == 2


def test_help_is_code_0(run: Callable[..., Outcome]):
    outcome = run("migrate", "--help")
    assert outcome.code == 0
    assert all(command in outcome.out for command in ("up", "down", "status", "verify", "new"))


def test_it_runs_as_a_module(tmp_path: Path):
    environment = os.environ | {"DATABASE_URL": f"sqlite:{tmp_path / 'wave.db'}"}
    command = [sys.executable, "-m", "wave_data", "migrate", "status", "--json"]
    finished = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert len(json.loads(finished.stdout)["pending"]) == COUNT
