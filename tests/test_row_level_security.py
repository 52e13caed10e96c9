"""On PostgreSQL the runs and their reviews are there for the owner and the application's role, and for nobody else."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace
from uuid import UUID

import pytest
from by_hand import Refused, insert, parents, run

from wave_data import (
    MigrationError,
    NotFound,
    QueryError,
    connect,
    human_reviews,
    migrate,
    migrations,
    orchestrator_runs,
)
from wave_data.servers.databases import temporary_database
from wave_data.stores.settings import DatabaseUrl

TABLES = ("orchestrator_runs", "human_review_queue")
PROJECT = UUID("01900000-0000-7000-8000-00000000000a")


@dataclass(frozen=True)
class Roles:
    """Names of roles that can connect; the member has joined the application's role."""

    application: str
    member: str
    other: str
    password: str

    def url(self, database_url: str, role: str) -> str:
        """The URL of a database for one of them."""
        return replace(DatabaseUrl.parse(database_url), user=role, password=self.password).dbmate


@pytest.fixture(scope="module")
def roles(postgres_url: str) -> Iterator[Roles]:
    token = secrets.token_hex(8)
    made = Roles(*(f"wave {kind} {token}" for kind in ("application", "member", "other")), password=token)
    names = (made.application, made.member, made.other)
    run(postgres_url, *(f"""CREATE ROLE "{name}" LOGIN PASSWORD '{token}'""" for name in names))
    run(postgres_url, f'GRANT "{made.application}" TO "{made.member}"')
    yield made
    run(postgres_url, *(f'DROP ROLE "{name}"' for name in reversed(names)))


@pytest.fixture(scope="module")
def secured_url(postgres_url: str, roles: Roles) -> Iterator[str]:
    """A database whose application role is configured, and where two roles have been granted everything."""
    with temporary_database(postgres_url) as url:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("WAVE_DATA_APPLICATION_ROLE", roles.application)
            migrate(url)
        for role in (roles.application, roles.other):
            run(url, f'GRANT ALL ON ALL TABLES IN SCHEMA public TO "{role}"')
        yield url


@pytest.fixture
def thread(secured_url: str) -> Iterator[str]:
    """The thread of a run that the owner has made."""
    run(secured_url, *parents(), insert("human_review_queue"))
    yield "thread-0"
    run(secured_url, "DELETE FROM orchestrator_runs")
    run(secured_url, *(f"DELETE FROM {table}" for table in _tables_of_parents()))


def _tables_of_parents() -> list[str]:
    return [statement.split()[2] for statement in reversed(parents())]


@pytest.mark.parametrize("kind", ["application", "member"])
async def test_the_application_does_everything(secured_url: str, roles: Roles, thread: str, kind: str):
    async with connect(roles.url(secured_url, getattr(roles, kind))) as db:
        made = await orchestrator_runs.create(db, f"thread of {kind}", PROJECT, "S-1")
        await orchestrator_runs.record_safety(db, made.id, "0.1")
        [review] = (await human_reviews.list_by_thread(db, made.thread_id)).items
        await human_reviews.approve(db, review.id, "ana")
        assert (await orchestrator_runs.get(db, made.id)).gate_status == "go"
        assert await orchestrator_runs.find_by_thread(db, thread) is not None
        assert await human_reviews.delete_by_thread(db, thread) == 1
        assert await orchestrator_runs.delete(db, made.id)
        assert await human_reviews.count(db) == 0


async def test_another_role_sees_and_changes_nothing_whatever_it_was_granted(
    secured_url: str, roles: Roles, thread: str
):
    async with connect(roles.url(secured_url, roles.other)) as db:
        assert await orchestrator_runs.count(db) == await human_reviews.count(db) == 0
        assert await orchestrator_runs.find_by_thread(db, thread) is None
        assert await human_reviews.delete_by_thread(db, thread) == 0
        [(id,)] = run(secured_url, "SELECT id FROM orchestrator_runs")
        with pytest.raises(NotFound):
            await orchestrator_runs.kill(db, id, "mine")
        with pytest.raises(QueryError):
            await orchestrator_runs.create(db, "thread-9", PROJECT, "S-1")
        with pytest.raises(QueryError):
            await human_reviews.create(db, thread, "safety", "odd")
    assert run(secured_url, "SELECT count(*) FROM human_review_queue") == [(1,)]


def test_another_role_sees_nothing_through_a_view_either(secured_url: str, roles: Roles, thread: str):
    count = "SELECT sum(pending_count) FROM review_backlog"
    assert run(roles.url(secured_url, roles.application), count) == [(1,)]
    [(version,)] = run(secured_url, "SELECT current_setting('server_version_num')::integer")
    if version >= 150000:  # before, a view is read with the rights of its owner
        assert run(roles.url(secured_url, roles.other), count) == [(0,)]


@pytest.mark.parametrize("table", TABLES)
def test_a_session_cannot_appoint_itself(secured_url: str, roles: Roles, thread: str, table: str):
    url = roles.url(secured_url, roles.other)
    appoint = f"SET wave_data.application_role = '{roles.other}'"
    assert run(url, appoint, f"SELECT * FROM {table}") == []
    with pytest.raises(Refused, match="row-level security"):
        run(url, appoint, insert(table))


def test_no_policy_admits_everyone(secured_url: str, roles: Roles):
    found = run(secured_url, "SELECT tablename, roles::text[] FROM pg_policies ORDER BY tablename")
    assert found == [(table, [roles.application]) for table in sorted(TABLES)]


def test_without_a_configured_role_there_is_none_but_the_owner(postgres_url: str, postgres_template: str):
    with temporary_database(postgres_url, postgres_template) as url:
        found = run(url, "SELECT roles::text[] = ARRAY[current_user::text] FROM pg_policies")
        enabled = run(url, "SELECT relname FROM pg_class WHERE relrowsecurity ORDER BY relname")
    assert found == [(True,), (True,)]
    assert enabled == [(table,) for table in sorted(TABLES)]


def test_verify_holds_the_policies_against_the_configured_role(
    secured_url: str, roles: Roles, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("WAVE_DATA_APPLICATION_ROLE", roles.application)
    assert migrations.verify(secured_url) == []
    monkeypatch.setenv("WAVE_DATA_APPLICATION_ROLE", roles.other)
    found = migrations.verify(secured_url)
    assert {difference.place for difference in found} == {f"table {t}, policy {t}_application" for t in TABLES}


def test_an_absent_role_is_named(postgres_url: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("WAVE_DATA_APPLICATION_ROLE", "wave nobody")
    with temporary_database(postgres_url) as url, pytest.raises(MigrationError, match="wave nobody"):
        migrate(url)
