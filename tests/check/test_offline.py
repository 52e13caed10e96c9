"""The check without a database: it trusts the lock file where that fits, and says where it does not."""

import subprocess
import sys
from pathlib import Path

import pytest
from check_packages import FIRST, MakePackage
from releases import server_at
from shop_facts import PYTHON, SQL, facts_of

from wave_data.check import FactKey, Finding, Report, check, lock_file
from wave_data.check.facts import PlanFact, StatementFacts
from wave_data.check.offline import verify
from wave_data.package_data import DB


@pytest.fixture
def lock(make_package: MakePackage, tmp_path: Path) -> Path:
    """The lock file of the shop."""
    path = tmp_path / "queries.lock.json"
    lock_file.write(Report(facts=facts_of("postgres") | facts_of("sqlite")), path, [make_package(SQL, PYTHON)])
    return path


def told(findings: list[Finding]) -> list[tuple[str, str, int, str]]:
    return [(f.code, f.place.path.name, f.place.line, f.message) for f in findings]


def test_what_has_not_changed_has_no_finding(make_package: MakePackage, lock: Path):
    assert verify(lock, [make_package(SQL, PYTHON)]) == []


def test_comments_and_spaces_make_nothing_stale(make_package: MakePackage, lock: Path):
    spaced = SQL.replace("-- name: find\n", "-- name: find\n    -- By its key.\n").replace("id, title", "id,   title")
    assert verify(lock, [make_package(spaced, PYTHON)]) == []


def test_a_changed_statement_is_named_with_the_line_that_changed(make_package: MakePackage, lock: Path):
    sql = SQL.replace("AND status = :status", "AND status >= :status")
    (finding,) = verify(lock, [make_package(sql, PYTHON)])
    assert told([finding]) == [
        ("stale", "shop.sql", 7, "the statement of shop.count has changed since the lock file was written")
    ]
    assert finding.severity == "error"
    assert "wave-data check" in finding.remedy


def test_one_of_two_variants_is_named_by_its_store(make_package: MakePackage, lock: Path):
    sql = SQL.replace("find\n", "find @postgres\n") + (
        "\n    -- name: find @sqlite\n    SELECT id, title FROM books WHERE id = :id LIMIT 1;\n"
    )
    (finding,) = verify(lock, [make_package(sql, PYTHON)])
    assert finding.message == "the statement for SQLite of shop.find has changed since the lock file was written"


def test_a_new_query_and_one_that_went_are_named(make_package: MakePackage, lock: Path):
    sql, python = SQL.replace("count\n", "tally\n"), PYTHON.replace("count", "tally")
    gone, new = sorted(verify(lock, [make_package(sql, python)]), key=lambda f: f.message)
    assert (gone.message, new.message) == (
        "shop.count is in the lock file and no query any more",
        "shop.tally is not in the lock file",
    )
    assert '"shop.count": {' in lock.read_text().splitlines()[gone.place.line - 1]
    assert (new.place.path.name, new.place.line, new.place.column) == ("shop.sql", 4, 10)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("status: str | None = None", "status: Text = ''", "the parameter status"),
        ("status: str | None = None", "status: UUID | None = None", "the parameter status"),
        ("-> Title | None", "-> Title", "the return annotation"),
        ("title: str | None = None", "title: str", "the field Title.title of the result"),
    ],
)
def test_a_changed_signature_makes_the_lock_stale(
    make_package: MakePackage, lock: Path, before: str, after: str, expected: str
):
    findings = verify(lock, [make_package(SQL, PYTHON.replace(before, after))])
    (stale,) = [finding for finding in findings if finding.code == "stale"]
    assert stale.message.startswith(f"{expected} of shop.")
    assert stale.place.path.name == "shop.py"
    assert stale.place.line > FIRST


def test_a_signature_that_the_facts_do_not_fit_is_found_without_a_database(make_package: MakePackage, lock: Path):
    python = PYTHON.replace("id: UUID\n", "id: int\n").replace("title: str | None", "title: UtcDatetime | None")
    findings = [finding for finding in verify(lock, [make_package(SQL, python)]) if finding.code == "column-type"]
    assert {(finding.subject, finding.store) for finding in findings} == {
        ("id", "postgres"),
        ("id", "sqlite"),
        ("title", "postgres"),
    }


def test_a_warning_that_was_there_is_there_offline(make_package: MakePackage, tmp_path: Path):
    facts = facts_of("postgres") | facts_of("sqlite")
    key = FactKey("shop.find", "postgres", ())
    slow = StatementFacts(facts[key].parameters, facts[key].columns, plan=(PlanFact("scan", "books", ("id",)),))
    path, package = tmp_path / "lock.json", make_package(SQL, PYTHON)
    lock_file.write(Report(facts={**facts, key: slow}), path, [package])
    assert {finding.code for finding in verify(path, [package])} == {"scan", "cardinality"}


def test_what_importing_tells_is_told_too_and_makes_nothing_else_stale(make_package: MakePackage, lock: Path):
    findings = verify(lock, [make_package(SQL.replace("= :id", "= :idd"), PYTHON)])
    assert [finding.code for finding in findings] == ["static"]


def test_a_module_that_cannot_be_imported_makes_nothing_stale(make_package: MakePackage, lock: Path):
    findings = verify(lock, [make_package(SQL, "import nowhere_to_be_found")])
    assert {finding.code for finding in findings} == {"static"}


def test_no_lock_file_is_a_finding(make_package: MakePackage, tmp_path: Path):
    (finding,) = verify(tmp_path / "none.json", [make_package(SQL, PYTHON)])
    assert (finding.code, "there is no lock file" in finding.message) == ("stale", True)


def test_migrations_that_are_new_changed_or_gone_are_named(make_package: MakePackage, tmp_path: Path):
    folder = tmp_path / "migrations"
    for dialect in ("postgres", "sqlite"):
        (folder / dialect).mkdir(parents=True)
        for name in ("1_same", "2_changes", "3_goes"):
            write_migration(folder / dialect / f"{name}.sql", "SELECT 1;")
    package, path = make_package(SQL, PYTHON), tmp_path / "lock.json"
    lock_file.write(Report(facts=facts_of("postgres") | facts_of("sqlite")), path, [package], folder)
    assert verify(path, [package], folder) == []
    write_migration(folder / "sqlite" / "2_changes.sql", "SELECT 2;")
    write_migration(folder / "postgres" / "4_new.sql", "SELECT 2;")
    for dialect in ("postgres", "sqlite"):
        (folder / dialect / "3_goes.sql").unlink()
    assert sorted(told(verify(path, [package], folder))) == [
        ("stale", "2_changes.sql", 1, "the migration 2_changes has changed since the lock file was written"),
        ("stale", "4_new.sql", 1, "the migration 4_new is not in the lock file"),
        ("stale", "lock.json", 7, "the migration 3_goes of the lock file has no file any more"),
    ]


def test_it_finds_what_the_servers_found_but_for_what_they_refused(postgres_url: str, tmp_path: Path):
    packages, path = ["corpus.queries"], tmp_path / "queries.lock.json"
    with server_at(postgres_url):
        report = check(packages)
    lock_file.write(report, path, packages)
    online = [finding for finding in report.findings if finding.code != "refused"]
    assert len(online) > 100
    assert [finding for finding in verify(path, packages) if finding.code != "stale"] == online


def test_the_lock_file_of_the_library_fits_its_queries():
    assert verify(DB / "queries.lock.json", ["wave_data"]) == []


def write_migration(path: Path, up: str) -> None:
    path.write_text(f"-- migrate:up\n{up}\n-- migrate:down\nSELECT 0;\n")


def test_it_loads_no_driver(make_package: MakePackage, lock: Path, tmp_path: Path):
    package = make_package(SQL, PYTHON)
    program = (
        "import sys\nfrom pathlib import Path\nfrom wave_data.check import offline\n"
        f"print(offline.verify(Path({str(lock)!r}), [{package!r}]))\n"
        "print([name for name in ('apsw', 'asyncpg', 'docker', 'sqlglot') if name in sys.modules])\n"
    )
    environment = {"PYTHONPATH": f"{tmp_path}:{':'.join(sys.path)}"}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n[]\n"
