"""The commands for a database as a whole, and for its backups."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from by_hand import run as run_sql
from test_cli import Outcome, run, url

from wave_data.migrations import migrations_of

__all__ = ["run", "url"]

COUNT = len(migrations_of("sqlite"))
Run = Callable[..., Outcome]


@pytest.fixture
def file_url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A SQLite file that does not exist yet, which DATABASE_URL names."""
    found = f"sqlite:{tmp_path / 'wave.db'}"
    monkeypatch.setenv("DATABASE_URL", found)
    return found


def zones_in(url: str) -> int:
    return int(run_sql(url, "SELECT count(*) FROM zones")[0][0])


# init and seed


def test_init_makes_everything(run: Run, url: str):
    outcome = run("init")
    assert outcome.code == 0
    assert outcome.out.splitlines() == [
        *(f"applied {migration}" for migration in migrations_of("sqlite")),
        "created 4 of 4 default zones",
        f"{COUNT} applied, 0 pending",
    ]
    assert zones_in(url) == 4


def test_init_twice_changes_nothing(run: Run, url: str):
    run("init")
    found = run("init", "--json").json
    assert found == {
        "applied": [],
        "seeded": {"created": 0, "skipped": 4, "total": 4},
        "status": {"applied": COUNT, "pending": 0, "unknown": []},
    }


def test_init_with_a_backup_first(run: Run, file_url: str, tmp_path: Path):
    run("migrate", "up")
    run("migrate", "down")
    outcome = run("init", "--backup", "--json")
    assert outcome.code == 0
    assert [applied["version"] for applied in outcome.json["applied"]] == [migrations_of("sqlite")[-1].version]
    assert len(list((tmp_path / "backups").glob("*.db"))) == 1
    assert zones_in(file_url) == 4


def test_init_with_a_backup_is_for_sqlite(run: Run, empty_postgres_url: str):
    outcome = run("init", "--backup", "--database-url", empty_postgres_url)
    assert outcome.code == 1
    assert "pg_dump" in outcome.err


def test_seed_creates_what_is_absent(run: Run, url: str):
    run("migrate", "up")
    assert run("seed", "--json").json == {"created": 4, "skipped": 0, "total": 4}
    run_sql(url, "DELETE FROM zones WHERE id = 'zone-review'")
    assert run("seed").out == "created 1 of 4 default zones\n"


def test_seed_needs_the_tables(run: Run, url: str):
    outcome = run("seed")
    assert (outcome.code, outcome.out) == (1, "")


# reset


def test_reset_begins_anew(run: Run, url: str):
    run("init")
    run_sql(url, "DELETE FROM zones")
    outcome = run("reset", "--yes")
    assert outcome.out.splitlines() == [f"took back {COUNT}, applied {COUNT}", "created 4 of 4 default zones"]
    assert outcome.code == 0
    assert zones_in(url) == 4
    found = run("reset", "--yes", "--json").json
    assert (len(found["dropped"]), len(found["applied"]), found["seeded"]["created"]) == (COUNT, COUNT, 4)


def test_reset_must_be_meant(run: Run, url: str):
    run("init")
    run_sql(url, "DELETE FROM zones")
    outcome = run("reset")
    assert outcome.code == 2
    assert "--yes" in outcome.err
    assert zones_in(url) == 0


@pytest.mark.parametrize("environment", ["production", "PRODUCTION", " Production "])
def test_reset_refuses_in_production(run: Run, url: str, monkeypatch: pytest.MonkeyPatch, environment: str):
    run("init")
    run_sql(url, "DELETE FROM zones")
    monkeypatch.setenv("WAVE_ENV", environment)
    outcome = run("reset", "--yes")
    assert (outcome.code, outcome.out) == (1, "")
    assert "WAVE_ENV is production" in outcome.err
    assert zones_in(url) == 0


def test_reset_elsewhere_does_what_it_is_told(run: Run, file_url: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("WAVE_ENV", "staging")
    assert run("reset", "--yes").code == 0


def test_reset_that_fails_part_way_says_so(run: Run, file_url: str):
    run("init")
    run_sql(file_url, "CREATE TABLE zones_copy AS SELECT * FROM zones", "DROP TABLE zones")
    outcome = run("reset", "--yes")
    assert (outcome.code, outcome.out) == (1, "")
    assert "reset failed, and " in outcome.err
    assert outcome.err.count("\n") == 1


# stats and health


def test_stats_counts_every_table(run: Run, url: str):
    run("init")
    found = run("stats", "--json").json
    assert found["schema_version"] == migrations_of("sqlite")[-1].version
    assert found["dialect"] == ("sqlite" if url.startswith("sqlite") else "postgres")
    assert (found["tables"]["zones"], found["tables"]["wave_sessions"]) == (4, 0)
    assert "schema_migrations" not in found["tables"]
    lines = run("stats").out.splitlines()
    assert found["schema_version"] in lines[0]
    assert [line.split() for line in lines[1:]] == [[name, str(count)] for name, count in found["tables"].items()]


def test_health_of_a_database_that_answers(run: Run, url: str):
    run("init")
    outcome = run("health", "--json")
    assert outcome.code == 0
    assert (outcome.json["ok"], outcome.json["error"]) == (True, None)
    assert outcome.json["server_version"]
    assert run("health").out.startswith("ok: ")


def test_health_of_a_server_that_does_not_answer(run: Run):
    outcome = run("health", "--json", "--database-url", "postgres://wave:hunter2@127.0.0.1:1/wave")
    assert outcome.code == 1
    assert outcome.json["ok"] is False
    assert "hunter2" not in outcome.out + outcome.err
    outcome = run("health", "--database-url", "postgres://wave:hunter2@127.0.0.1:1/wave")
    assert outcome.code == 1
    assert outcome.out.startswith("not healthy: ")


@pytest.mark.parametrize("command", ["health", "stats", "seed", "backup"])
def test_looking_creates_no_file(run: Run, file_url: str, tmp_path: Path, command: str):
    assert run(command).code == 1
    assert list(tmp_path.iterdir()) == []


# Backups


def test_a_backup_is_made_and_listed(run: Run, file_url: str, tmp_path: Path):
    run("init")
    made = run("backup", "--json")
    assert made.code == 0
    found = made.json
    assert Path(found["path"]).parent == tmp_path / "backups"
    assert (found["row_counts"]["zones"], found["removed"]) == (4, [])
    assert len(found["sha256"]) == 64
    listed = run("backups", "--json").json
    assert listed == [{key: found[key] for key in ("path", "taken_at", "size")}]
    assert found["path"] in run("backups").out


def test_old_backups_are_removed_on_request(run: Run, file_url: str):
    run("init")
    paths = [run("backup", "--json").json["path"] for _ in range(3)]
    found = run("backup", "--keep", "2", "--json").json
    assert sorted(found["removed"]) == sorted(paths[:2])
    assert run("backup", "--max-age", "0").out.count("removed ") == 2
    assert len(run("backups", "--json").json) == 1


def test_backups_in_a_folder_of_ones_own(run: Run, file_url: str, tmp_path: Path):
    run("init")
    folder = str(tmp_path / "elsewhere")
    assert run("backups", "--directory", folder).out == "no backups\n"
    assert Path(run("backup", "--directory", folder, "--json").json["path"]).parent == Path(folder)
    assert run("rollback", "--directory", folder).code == 0


def test_a_backup_is_restored(run: Run, file_url: str):
    run("init")
    path = run("backup", "--json").json["path"]
    run_sql(file_url, "DELETE FROM zones")
    outcome = run("restore", path, "--json")
    assert outcome.code == 0
    assert outcome.json["restored"]["path"] == path
    assert zones_in(file_url) == 4
    assert zones_in(f"sqlite:{outcome.json['set_aside']}") == 0


def test_what_is_no_backup_is_not_restored(run: Run, file_url: str, tmp_path: Path):
    run("init")
    (tmp_path / "text.db").write_text("a text" * 1000)
    for path in ("text.db", "absent.db"):
        outcome = run("restore", str(tmp_path / path))
        assert (outcome.code, outcome.out) == (1, "")
    assert zones_in(file_url) == 4


def test_rolling_back(run: Run, file_url: str):
    run("init")
    first = run("backup", "--json").json
    run_sql(file_url, "DELETE FROM zones WHERE id = 'zone-review'")
    second = run("backup", "--json").json
    run_sql(file_url, "DELETE FROM zones")
    assert run("rollback").out.splitlines()[0] == f"restored {second['path']}"
    assert zones_in(file_url) == 3
    assert run("rollback", "--at", first["taken_at"], "--json").json["restored"]["path"] == first["path"]
    assert zones_in(file_url) == 4
    assert run("rollback", "--at", "2020-01-01T00:00Z").code == 1


def test_a_file_in_use_is_not_replaced(run: Run, file_url: str, tmp_path: Path):
    run("init")
    path = run("backup", "--json").json["path"]
    with closing(sqlite3.connect(tmp_path / "wave.db")) as other:
        other.execute("PRAGMA journal_mode = WAL")
        other.execute("SELECT count(*) FROM zones").fetchone()
        outcome = run("restore", path)
    assert outcome.code == 1
    assert "open in another process" in outcome.err


@pytest.mark.parametrize("command", [["backup"], ["backups"], ["restore", "x.db"], ["rollback"]])
def test_backups_are_for_sqlite(run: Run, command: list[str]):
    outcome = run(*command, "--database-url", "postgres://wave:hunter2@127.0.0.1:1/wave")
    assert outcome.code == 1
    assert "pg_dump" in outcome.err
    assert "hunter2" not in outcome.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["init", "--no-such-option"],
        ["init", "--database-url", "mysql://host/db"],
        ["init", "--database-url", "sqlite::memory:"],
        ["seed", "--database-url", "sqlite::memory:"],
        ["stats", "--database-url", "sqlite::memory:"],
        ["health", "--database-url", "sqlite::memory:"],
        ["reset", "--yes", "--database-url", "sqlite::memory:"],
        ["restore"],
        ["backup", "--keep", "few"],
        ["backup", "--keep", "-1"],
        ["rollback", "--at", "yesterday"],
        ["rollback", "--at", "2026-01-01T12:00"],
        ["health", "--timeout", "0"],
    ],
)
def test_wrong_usage_is_code_2(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]):
    monkeypatch.setenv("DATABASE_URL", f"sqlite:{tmp_path / 'wave.db'}")
    run("init")
    assert run(*arguments).code == 2


def test_every_command_helps(run: Run):
    commands = ("init", "reset", "seed", "backup", "backups", "restore", "rollback", "stats", "health")
    shown = run("--help").out
    for command in commands:
        assert command in shown
        assert run(command, "--help").code == 0


def test_json_is_all_that_is_written(run: Run, url: str):
    for command in (["init"], ["seed"], ["stats"], ["health"], ["reset", "--yes"]):
        outcome = run(*command, "--json")
        assert (outcome.code, outcome.err) == (0, "")
        json.loads(outcome.out)
