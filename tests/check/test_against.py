"""Another release's lock file, held against this schema."""

import subprocess
from collections.abc import Iterator
from os.path import relpath
from pathlib import Path

import pytest
from check_packages import MakePackage
from releases import PYTHON, SQL, server_at, write_migrations

from wave_data import InvalidValue
from wave_data.check import Finding, check, lock_file
from wave_data.check.against import hold


@pytest.fixture(autouse=True)
def server(postgres_url: str) -> Iterator[None]:
    with server_at(postgres_url):
        yield


@pytest.fixture
def package(make_package: MakePackage) -> str:
    return make_package(SQL, PYTHON)


@pytest.fixture
def yesterday(package: str, tmp_path: Path) -> Path:
    """The lock file of a release on the tables as they were."""
    path, folder = tmp_path / "yesterday.json", write_migrations(tmp_path / "before")
    lock_file.write(check([package], folder), path, [package], folder)
    return path


def held(yesterday: Path, package: str, tmp_path: Path, *changes: str | tuple[str, str]) -> list[Finding]:
    return hold(str(yesterday), tmp_path / "queries.lock.json", [package], write_migrations(tmp_path / "now", *changes))


def told(findings: list[Finding]) -> set[tuple[str, str, str | None]]:
    return {(finding.function, finding.code, finding.store) for finding in findings}


def test_nothing_breaks_where_nothing_changes(yesterday: Path, package: str, tmp_path: Path):
    assert held(yesterday, package, tmp_path) == []


def test_what_is_added_breaks_nothing_that_ignores_it(yesterday: Path, package: str, tmp_path: Path):
    changes = (
        "ALTER TABLE items ADD COLUMN colour text;",
        "ALTER TABLE items ADD COLUMN size integer NOT NULL DEFAULT 0;",
        "CREATE INDEX idx_items_note ON items (note);",
    )
    assert held(yesterday, package, tmp_path, *changes) == []


def test_a_column_that_is_dropped_breaks_each_query_that_names_or_reads_it(
    yesterday: Path, package: str, tmp_path: Path
):
    findings = held(yesterday, package, tmp_path, "ALTER TABLE items DROP COLUMN note;")
    assert told(findings) == {
        ("shop.add", "refused", "postgres"),
        ("shop.add", "refused", "sqlite"),
        ("shop.count", "refused", "postgres"),
        ("shop.count", "refused", "sqlite"),
        ("shop.get", "column-missing", None),
        ("shop.list_by_price", "column-missing", None),
    }
    get = next(finding for finding in findings if finding.function == "shop.get")
    assert get.message.startswith(f"shop.get of {yesterday} breaks on this schema: there is no column note")
    assert '"shop.get": {' in yesterday.read_text().splitlines()[get.place.line - 1]
    count = next(finding for finding in findings if finding.function == "shop.count")
    assert count.shape == ("note",)


def test_a_column_that_becomes_nullable_breaks_fields_that_do_not_allow_none(
    yesterday: Path, package: str, tmp_path: Path
):
    rebuild = """
        ALTER TABLE items RENAME TO old_items;
        CREATE TABLE items (id TEXT NOT NULL PRIMARY KEY, name TEXT, price INTEGER NOT NULL, note TEXT) STRICT;
        INSERT INTO items SELECT * FROM old_items;
        DROP TABLE old_items;
    """
    findings = held(yesterday, package, tmp_path, ("ALTER TABLE items ALTER COLUMN name DROP NOT NULL;", rebuild))
    assert told(findings) == {("shop.get", "nullable", None), ("shop.list_by_price", "nullable", None)}
    assert {finding.subject for finding in findings} == {"name"}


def test_a_column_of_another_type_breaks_what_reads_and_what_binds_it(yesterday: Path, package: str, tmp_path: Path):
    findings = held(yesterday, package, tmp_path, ("ALTER TABLE items ALTER COLUMN price TYPE text;", "SELECT 1;"))
    assert told(findings) == {
        ("shop.add", "parameter-type", "postgres"),
        ("shop.get", "column-type", "postgres"),
        ("shop.list_by_price", "column-type", "postgres"),
        ("shop.list_by_price", "parameter-type", "postgres"),
    }


def test_a_type_that_still_fits_breaks_nothing(yesterday: Path, package: str, tmp_path: Path):
    assert held(yesterday, package, tmp_path, ("ALTER TABLE items ALTER COLUMN price TYPE bigint;", "SELECT 1;")) == []


def test_a_column_that_must_have_a_value_breaks_the_insert_that_gives_none(
    yesterday: Path, package: str, tmp_path: Path
):
    rebuild = """
        DROP TABLE items;
        CREATE TABLE items (
            id TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL, price INTEGER NOT NULL, note TEXT, colour TEXT NOT NULL
        ) STRICT;
    """
    (finding,) = held(yesterday, package, tmp_path, ("ALTER TABLE items ADD COLUMN colour text NOT NULL;", rebuild))
    assert told([finding]) == {("shop.add", "refused", None)}
    assert finding.message.endswith("items.colour must have a value, and its INSERT gives none")


def test_a_value_that_the_database_makes_breaks_no_insert(yesterday: Path, package: str, tmp_path: Path):
    change = "ALTER TABLE items ADD COLUMN number bigint GENERATED ALWAYS AS IDENTITY;"
    assert held(yesterday, package, tmp_path, (change, "SELECT 1;")) == []


def test_one_store_alone_can_be_asked(yesterday: Path, package: str, tmp_path: Path):
    folder = write_migrations(tmp_path / "now", "ALTER TABLE items DROP COLUMN note;")
    findings = hold(str(yesterday), tmp_path / "queries.lock.json", [package], folder, ("sqlite",))
    assert {finding.store for finding in findings} == {"sqlite"}


def test_a_git_revision_has_the_lock_file_of_then(yesterday: Path, package: str, tmp_path: Path):
    lock = tmp_path / "repository" / "db" / "queries.lock.json"
    lock.parent.mkdir(parents=True)
    lock.write_text(yesterday.read_text())
    git = ["git", "-C", str(lock.parent), "-c", "user.name=A", "-c", "user.email=a@example.org"]
    for arguments in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "--message", "Yesterday"]):
        subprocess.run([*git, *arguments], check=True)
    lock.write_text("{}")
    folder = write_migrations(tmp_path / "now", "ALTER TABLE items DROP COLUMN note;")
    findings = hold("HEAD", lock, [package], folder, ("sqlite",))
    assert {finding.function for finding in findings} == {"shop.add", "shop.count", "shop.get", "shop.list_by_price"}
    assert {str(finding.place.path) for finding in findings} == {f"HEAD:{relpath(lock)}"}


def test_what_is_neither_a_file_nor_a_revision_is_refused(package: str, tmp_path: Path):
    with pytest.raises(InvalidValue, match="nowhere is neither a lock file nor a git revision"):
        hold("nowhere", tmp_path / "queries.lock.json", [package], write_migrations(tmp_path / "now"))
