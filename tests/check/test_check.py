"""The whole check, and its command: packages in, findings and exit codes out."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from check_packages import PREAMBLE, MakePackage
from user_package import MIGRATIONS

from wave_data import InvalidValue
from wave_data.check import FactKey, check
from wave_data.cli import main
from wave_data.engine.dialect import DIALECTS

SQL = """
    -- name: list_titles
    SELECT id, title, score FROM books
    WHERE TRUE
      AND id = :id --?
    ;
"""
PYTHON = """
    class Title(Record):
        id: UUID
        title: str
        score: Percent | None

    @query
    async def list_titles(db: Executor, id: UUID | None = None) -> list[Title]: ...
"""
NULLABLE = PYTHON.replace("Percent | None", "Percent")


@pytest.fixture(autouse=True)
def on_the_server_of_the_tests(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the check use the server that is there already."""
    monkeypatch.setenv("WAVE_TEST_POSTGRES", "url")
    monkeypatch.setenv("WAVE_TEST_DATABASE_URL", postgres_url)


class TestCheck:
    def test_the_queries_of_the_library_have_no_findings(self):
        assert check(["wave_data"]).findings == ()

    def test_a_right_package_has_no_findings_and_facts_of_every_shape(self, make_package: MakePackage):
        report = check([make_package(SQL, PYTHON)])
        assert report.findings == ()
        assert set(report.facts) == {
            FactKey("shop.list_titles", dialect, names) for dialect in DIALECTS for names in ((), ("id",))
        }
        assert report.servers["postgres"].startswith("PostgreSQL ")
        assert report.servers["sqlite"].startswith("SQLite ")

    def test_what_is_wrong_on_both_stores_is_told_once(self, make_package: MakePackage):
        report = check([make_package(SQL, NULLABLE)])
        assert [(f.code, f.subject, f.store, f.shape) for f in report.findings] == [("nullable", "score", None, None)]

    def test_what_a_database_refuses_is_told_where_it_stands(self, make_package: MakePackage):
        report = check([make_package(SQL.replace("score", "scoer"), PYTHON)])
        assert [(f.code, f.place.line, f.subject) for f in report.findings] == [("refused", 2, "scoer")] * 2
        assert {f.store for f in report.findings} == set(DIALECTS)

    def test_a_statement_that_is_wrong_does_not_hide_another(self, make_package: MakePackage):
        sql = SQL + "    -- name: broken\n    SELECT : id;\n"
        python = NULLABLE + "\n    @query\n    async def broken(db: Executor, id: UUID) -> int: ...\n"
        report = check([make_package(sql, python)])
        assert [f.code for f in report.findings] == ["nullable", "static"]

    def test_one_store_can_be_enough(self, make_package: MakePackage):
        report = check([make_package(SQL, NULLABLE)], stores=["sqlite"])
        assert set(report.servers) == {"sqlite"}
        assert [(f.code, f.store) for f in report.findings] == [("nullable", "sqlite")]

    def test_migrations_can_be_named(self, make_package: MakePackage, tmp_path: Path):
        folder = tmp_path / "migrations" / "sqlite"
        folder.mkdir(parents=True)
        (folder / "1_create_books.sql").write_text(
            "-- migrate:up\nCREATE TABLE books (id TEXT NOT NULL PRIMARY KEY, title TEXT) STRICT;\n-- migrate:down\n"
        )
        (finding,) = check([make_package(SQL, PYTHON)], folder.parent, ["sqlite"]).findings
        assert (finding.code, finding.subject) == ("refused", "score")

    def test_a_package_without_migrations_has_to_name_them(self, make_package: MakePackage, tmp_path: Path):
        package = make_package(SQL, PYTHON)
        (tmp_path / package / "__init__.py").write_text("from wave_data import load_queries\nload_queries(__name__)\n")
        with pytest.raises(InvalidValue, match="does not say which migrations make its tables"):
            check([package])
        assert check([package], MIGRATIONS, ["sqlite"]).findings == ()


@pytest.mark.parametrize(
    ("module", "strangers"),
    [
        ("wave_data", {"apsw", "sqlglot", "wave_data.check", "wave_data.servers"}),
        ("wave_data.check", {"apsw", "sqlglot", "asyncpg", "docker", "wave_data.servers"}),
    ],
)
def test_importing_takes_no_more_than_it_needs(module, strangers):
    source = f"import sys, {module}; print(*sorted(set(sys.modules) & {strangers!r}))"
    done = subprocess.run(
        [sys.executable, "-c", source], cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True
    )
    assert done.stdout == "\n"


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
            main(["check", *arguments])
        captured = capsys.readouterr()
        assert isinstance(exited.value.code, int)
        return Outcome(exited.value.code, captured.out, captured.err)

    return run_main


class TestCommand:
    def test_no_finding_is_code_0(self, run: Callable[..., Outcome], make_package: MakePackage):
        outcome = run("--package", make_package(SQL, PYTHON))
        assert (outcome.code, outcome.err) == (0, "")
        assert outcome.out.startswith("0 errors, 0 warnings in 1 function (2 shapes) on PostgreSQL ")

    def test_a_finding_is_code_1(self, run: Callable[..., Outcome], make_package: MakePackage):
        outcome = run("--package", make_package(SQL, NULLABLE), "--store", "sqlite")
        assert outcome.code == 1
        assert "error[nullable]: shop.list_titles: column score can be NULL" in outcome.out

    def test_a_warning_is_code_1_too(self, run: Callable[..., Outcome], make_package: MakePackage):
        sql = SQL.replace("list_titles\n", "list_titles\n    -- not null: id\n")
        outcome = run("--package", make_package(sql, PYTHON), "--json")
        assert (outcome.code, [finding["code"] for finding in outcome.json["findings"]]) == (1, ["needless"])

    def test_several_packages_are_one_report(self, run: Callable[..., Outcome], make_package: MakePackage):
        other = make_package(SQL, PYTHON, other_sql=SQL, other_py=NULLABLE)
        outcome = run("--package", "user_package", "--package", other, "--store", "sqlite", "--json")
        assert "other.list_titles" in {finding["function"] for finding in outcome.json["findings"]}

    def test_json_is_one_document(self, run: Callable[..., Outcome], make_package: MakePackage):
        package = make_package(SQL, NULLABLE)
        (finding,) = run("--package", package, "--format", "json").json["findings"]
        assert (finding["code"], finding["line"], finding["subject"]) == ("nullable", 2, "score")

    def test_github_annotates(self, run: Callable[..., Outcome], make_package: MakePackage):
        outcome = run("--package", make_package(SQL, NULLABLE), "--store", "sqlite", "--format", "github")
        assert outcome.out.startswith("::error file=")

    def test_the_lock_file_is_written_when_nothing_is_wrong(
        self, run: Callable[..., Outcome], make_package: MakePackage, tmp_path: Path
    ):
        lock = tmp_path / "queries.lock.json"
        assert run("--package", make_package(SQL, NULLABLE), "--lock", str(lock)).code == 1
        assert not lock.exists()
        package = make_package(SQL, PYTHON)
        assert run("--package", package, "--lock", str(lock)).err == f"wrote {lock}\n"
        assert run("--package", package, "--lock", str(lock)).err == ""
        assert run("--package", package, "--lock", str(lock), "--offline").code == 0

    def test_what_certainly_can_be_is_mended(
        self, run: Callable[..., Outcome], make_package: MakePackage, tmp_path: Path
    ):
        package = make_package(SQL, NULLABLE)
        path = tmp_path / package / "shop.py"
        outcome = run("--package", package, "--fix")
        assert (outcome.code, outcome.out[:20]) == (0, "0 errors, 0 warnings")
        assert f"mended {path}:{PREAMBLE.count(chr(10)) + 4}:5: column score can be NULL" in outcome.err
        assert "score: Percent | None\n" in path.read_text()

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["--package", "no_such_package"], "there is no package no_such_package"),
            (["--package", "user_package", "--offline"], "name the lock file of the package: --lock PATH"),
            (["--package", "user_package", "--against", "HEAD"], "name the lock file of the package: --lock PATH"),
            (["--offline", "--store", "sqlite"], "--offline asks no database"),
            (["--offline", "--against", "HEAD"], "--offline asks no database"),
            (["--fix", "--against", "HEAD"], "--fix mends the queries at hand"),
        ],
    )
    def test_wrong_usage_is_one_line_and_code_2(self, run: Callable[..., Outcome], arguments, message):
        outcome = run(*arguments)
        assert (outcome.code, outcome.out) == (2, "")
        assert outcome.err.startswith(f"wave-data: {message}")
        assert outcome.err.count("\n") == 1

    def test_no_server_is_one_line_and_code_2(
        self, run: Callable[..., Outcome], make_package: MakePackage, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setenv("WAVE_TEST_DATABASE_URL", "postgres://nobody@127.0.0.1:1/postgres")
        outcome = run("--package", make_package(SQL, PYTHON))
        assert (outcome.code, outcome.out) == (2, "")
        assert outcome.err.startswith("wave-data: no PostgreSQL server; not from url: cannot connect")

    def test_it_finds_a_package_in_the_folder_where_it_runs(self, make_package: MakePackage, tmp_path: Path):
        package = make_package(SQL, PYTHON)
        root = Path(__file__).parents[2]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(root), str(root / "tests")])}
        program = "from wave_data.cli import main; main()"
        finished = subprocess.run(
            [sys.executable, "-P", "-c", program, "check", "--package", package, "--store", "sqlite"],
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (finished.returncode, finished.stderr) == (0, "")
