"""What each migration does to the queries, by name."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from check_packages import MakePackage
from releases import PYTHON, SQL, server_at, write_migrations

from wave_data import InvalidValue, QueryError, migrate
from wave_data.check.impact import Impact, of_pending, since
from wave_data.servers import temporary_database


@pytest.fixture(autouse=True)
def server(postgres_url: str) -> Iterator[None]:
    with server_at(postgres_url):
        yield


@pytest.fixture
def package(make_package: MakePackage) -> str:
    return make_package(SQL, PYTHON)


def effects(impact: Impact) -> list[tuple[str, str, str]]:
    return [(effect.kind, effect.function, effect.reason) for effect in impact.effects]


def test_each_migration_has_its_own_impact(package: str, tmp_path: Path):
    folder = write_migrations(
        tmp_path,
        "ALTER TABLE items ADD COLUMN colour text;",
        "SELECT 1;",
        "ALTER TABLE items DROP COLUMN note;",
    )
    added, nothing, dropped = since([package], "1", folder)
    assert effects(added) == [
        ("changes", "shop.get", "gives a new column colour"),
        ("changes", "shop.list_by_price", "gives a new column colour"),
    ]
    assert {effect.stores for effect in added.effects} == {("postgres", "sqlite")}
    assert (nothing.migration, nothing.effects) == ("3_step", ())
    assert {(effect.kind, effect.function) for effect in dropped.effects} == {
        ("breaks", "shop.add"),
        ("breaks", "shop.count"),
        ("breaks", "shop.get"),
        ("breaks", "shop.list_by_price"),
    }
    get = next(effect for effect in dropped.effects if effect.function == "shop.get")
    assert get.place.path.name == "shop.sql"


def test_a_query_that_waits_for_a_migration_is_named(make_package: MakePackage, tmp_path: Path):
    package = make_package(
        "-- name: list_colours\nSELECT colour FROM items;",
        """
        @query
        async def list_colours(db: Executor) -> list[str | None]: ...
        """,
    )
    (impact,) = since([package], "1", write_migrations(tmp_path, "ALTER TABLE items ADD COLUMN colour text;"))
    assert effects(impact) == [("needed by", "shop.list_colours", "it cannot run before")]


def test_rules_that_rows_must_keep_change_what_writes_them(package: str, tmp_path: Path):
    change = "ALTER TABLE items ADD CONSTRAINT items_price_check CHECK (price >= 0);"
    (impact,) = since([package], "1", write_migrations(tmp_path, (change, "SELECT 1;")), ("postgres",))
    assert effects(impact) == [("changes", "shop.add", "items has a new check items_price_check")]


def test_a_unique_index_changes_what_writes_the_table(package: str, tmp_path: Path):
    folder = write_migrations(tmp_path, "CREATE UNIQUE INDEX idx_items_note ON items (note);")
    (impact,) = since([package], "1", folder)
    assert ("changes", "shop.add", "items has a new unique index idx_items_note") in effects(impact)


def test_a_column_that_takes_no_null_any_more_changes_what_writes_it(package: str, tmp_path: Path):
    change = "ALTER TABLE items ALTER COLUMN note SET NOT NULL;"
    (impact,) = since([package], "1", write_migrations(tmp_path, (change, "SELECT 1;")), ("postgres",))
    assert ("changes", "shop.get", "column note is never NULL now") in effects(impact)
    assert ("changes", "shop.add", "items.note is text NOT NULL now") in effects(impact)


def test_an_index_that_goes_changes_the_plan_of_what_it_served(package: str, tmp_path: Path):
    (impact,) = since([package], "1", write_migrations(tmp_path, "DROP INDEX idx_items_price;"))
    assert effects(impact) == [
        ("changes", "shop.list_by_price", "reads all rows of items, for which no index serves any more")
    ]


def test_a_key_that_goes_lets_more_than_one_row_through(package: str, tmp_path: Path):
    change = "ALTER TABLE items DROP CONSTRAINT items_name_key;"
    (impact,) = since([package], "1", write_migrations(tmp_path, (change, "SELECT 1;")), ("postgres",))
    reason = "is no longer limited to one row by a unique key"
    assert ("changes", "shop.find_by_name", reason) in effects(impact)


def test_only_what_a_database_lacks_is_looked_at(package: str, tmp_path: Path):
    folder = write_migrations(tmp_path / "migrations", "ALTER TABLE items ADD COLUMN colour text;")
    url = f"sqlite:{tmp_path / 'shop.db'}"
    assert [impact.migration for impact in of_pending([package], url, folder)] == ["1_step", "2_step"]
    migrate(url, folder=folder)
    assert of_pending([package], url, folder) == []
    write_migrations(tmp_path / "migrations", "ALTER TABLE items ADD COLUMN colour text;", "DROP TABLE items;")
    (impact,) = of_pending([package], url, folder)
    assert {(effect.kind, effect.stores) for effect in impact.effects} == {("breaks", ("sqlite",))}


def test_the_database_itself_is_left_as_it_is(package: str, tmp_path: Path, postgres_url: str):
    folder = write_migrations(tmp_path)
    with temporary_database(postgres_url) as url:
        assert [impact.migration for impact in of_pending([package], url, folder)] == ["1_step"]
        assert [impact.migration for impact in of_pending([package], url, folder)] == ["1_step"]


def test_an_unknown_version_is_refused_with_those_there_are(package: str, tmp_path: Path):
    with pytest.raises(InvalidValue, match="no migration has the version 7; the versions are 1, 2"):
        since([package], "7", write_migrations(tmp_path, "SELECT 1;"))


def test_queries_that_cannot_be_imported_are_refused(make_package: MakePackage, tmp_path: Path):
    with pytest.raises(QueryError, match=r"shop\.sql:1:1: 'get' has no function; mend what `wave-data check` finds"):
        since([make_package("-- name: get\nSELECT 1;", "")], "1", write_migrations(tmp_path))
