"""`wave-data migrate impact` and `wave-data scaffold`, as they are typed."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from check_packages import MakePackage
from releases import PYTHON, SQL, server_at, write_migrations

from wave_data.cli import main


@pytest.fixture(autouse=True)
def server(postgres_url: str) -> Iterator[None]:
    with server_at(postgres_url):
        yield


def run(arguments: Sequence[object]) -> int:
    with pytest.raises(SystemExit) as ended:
        main([str(argument) for argument in arguments])
    return int(ended.value.code or 0)


def test_impact_names_each_query_and_fails_where_one_breaks(
    make_package: MakePackage, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    folder = write_migrations(tmp_path, "SELECT 1;", "ALTER TABLE items DROP COLUMN note;")
    package = make_package(SQL, PYTHON)
    assert run(["migrate", "impact", "--after", 1, "--folder", folder, "--package", package]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == ["2_step", "  no query is affected", "3_step"]
    place = tmp_path / package / "shop.sql"
    assert f"  breaks shop.get: there is no column note ({place}:4:1)" in lines
    assert f"  breaks shop.count on SQLite: SQLite says: no such column: note ({place}:13:1)" in lines


def test_impact_as_json(make_package: MakePackage, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    folder = write_migrations(tmp_path, "ALTER TABLE items ADD COLUMN colour text;")
    package = make_package(SQL, PYTHON)
    assert run(["migrate", "impact", "--after", 1, "--folder", folder, "--package", package, "--json"]) == 0
    (impact,) = json.loads(capsys.readouterr().out)
    assert (impact["migration"], impact["effects"][0]) == (
        "2_step",
        {
            "kind": "changes",
            "function": "shop.get",
            "reason": "gives a new column colour",
            "file": str(tmp_path / package / "shop.sql"),
            "line": 4,
            "stores": ["postgres", "sqlite"],
        },
    )


def test_impact_of_what_a_database_lacks(make_package: MakePackage, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    folder, url = write_migrations(tmp_path / "migrations"), f"sqlite:{tmp_path / 'shop.db'}"
    package = make_package(SQL, PYTHON)
    options = ["--database-url", url, "--folder", folder]
    assert run(["migrate", "impact", *options, "--package", package]) == 0
    assert capsys.readouterr().out.splitlines()[0] == "1_step"
    assert run(["migrate", "up", *options]) == 0
    capsys.readouterr()
    assert run(["migrate", "impact", *options, "--package", package]) == 0
    assert capsys.readouterr().out == "nothing is pending\n"


def test_an_unknown_version_is_wrong_usage(
    make_package: MakePackage, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    package = make_package(SQL, PYTHON)
    options = ["--folder", write_migrations(tmp_path), "--package", package]
    assert run(["migrate", "impact", "--after", 9, *options]) == 2
    assert capsys.readouterr().err == "wave-data: no migration has the version 9; the versions are 1\n"


def test_scaffold_prints_what_can_be_pasted(make_package: MakePackage, capsys: pytest.CaptureFixture[str]):
    sql = "-- name: find\nSELECT * FROM books WHERE id = :id;\n-- name: count\nSELECT count(*) FROM books;\n"
    package = make_package(sql, "@query\nasync def find(db: Executor, id: UUID) -> Book | None: ...")
    assert run(["scaffold", "shop.sql:count", "--package", package]) == 0
    assert capsys.readouterr().out == '@query\nasync def count(db: Executor) -> int:\n    """…"""\n    ...\n'
