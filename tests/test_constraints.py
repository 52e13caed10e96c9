"""Each constraint of the schema, violated once by hand-written SQL on both stores."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from by_hand import NOON, OTHER_ID, ROWS, Refused, insert, run, session

from wave_data.schema import Schema, read_schema
from wave_data.stores.settings import DatabaseUrl
from wave_data.testing.databases import temporary_database

LONG = {n: "x" * (n + 1) for n in (20, 64, 100, 255, 2048)}
ENDED = {"status": "completed", "started_at": NOON, "completed_at": NOON}

# table -> constrained column -> rows that break its check and no other.
VIOLATIONS: dict[str, dict[str, list[dict[str, object]]]] = {
    "wave_sessions": {
        "project_name": [{"project_name": ""}, {"project_name": LONG[255]}],
        "wave_number": [{"wave_number": -1}],
        "status": [{"status": "paused"}],
        "started_at": [
            {"started_at": NOON},
            {"status": "in_progress"},
            {"status": "completed", "completed_at": NOON},
            {"status": "in_progress", "started_at": "infinity"},
        ],
        "completed_at": [
            {"completed_at": NOON},
            {"status": "completed", "started_at": NOON},
            {**ENDED, "completed_at": "infinity"},
            {"status": "failed", "failed_at": NOON, "completed_at": NOON},
        ],
        "failed_at": [
            {"failed_at": NOON},
            {"status": "failed"},
            {"status": "failed", "failed_at": "infinity"},
            {"status": "cancelled", "cancelled_at": NOON, "failed_at": NOON},
        ],
        "cancelled_at": [
            {"cancelled_at": NOON},
            {"status": "cancelled"},
            {"status": "cancelled", "cancelled_at": "infinity"},
        ],
        "budget_usd": [{"budget_usd": -1}],
        "actual_cost_usd": [{"actual_cost_usd": -1}],
        "token_count": [{"token_count": -1}],
        "story_count": [{"story_count": -1}],
        "stories_completed": [{"stories_completed": -1}],
        "stories_failed": [{"stories_failed": -1}],
        "metadata": [{"metadata": "[]"}, {"metadata": "null"}],
        "created_at": [{"created_at": "infinity"}],
        "updated_at": [{"updated_at": "-infinity"}],
    },
    "wave_checkpoints": {
        "checkpoint_type": [{"checkpoint_type": "automatic"}],
        "checkpoint_name": [{"checkpoint_name": ""}, {"checkpoint_name": LONG[255]}],
        "story_id": [{"story_id": ""}, {"story_id": LONG[100]}],
        "gate": [{"gate": "gate-8"}],
        "state": [{"state": "[]"}],
        "agent_id": [{"agent_id": ""}, {"agent_id": LONG[100]}],
        "parent_checkpoint_id": [{"parent_checkpoint_id": OTHER_ID}],
        "created_at": [{"created_at": "infinity"}],
    },
    "wave_story_executions": {
        "story_id": [{"story_id": ""}, {"story_id": LONG[100]}],
        "story_title": [{"story_title": ""}, {"story_title": LONG[255]}],
        "domain": [{"domain": ""}, {"domain": LONG[100]}],
        "agent": [{"agent": ""}, {"agent": LONG[100]}],
        "status": [{"status": "completed", "started_at": NOON}],
        "priority": [{"priority": ""}, {"priority": LONG[20]}],
        "story_points": [{"story_points": -1}],
        "started_at": [
            {"started_at": NOON},
            {"status": "in_progress"},
            {"status": "blocked"},
            {"status": "review"},
            {"status": "complete", "completed_at": NOON},
            {"status": "failed", "failed_at": NOON},
            {"status": "review", "started_at": "infinity"},
        ],
        "completed_at": [
            {"completed_at": NOON},
            {"status": "complete", "started_at": NOON},
            {"status": "complete", "started_at": NOON, "completed_at": "infinity"},
        ],
        "failed_at": [
            {"failed_at": NOON},
            {"status": "failed", "started_at": NOON},
            {"status": "in_progress", "started_at": NOON, "failed_at": NOON},
            {"status": "failed", "started_at": NOON, "failed_at": "infinity"},
        ],
        "cancelled_at": [
            {"cancelled_at": NOON},
            {"status": "cancelled"},
            {"status": "cancelled", "cancelled_at": "infinity"},
        ],
        "token_count": [{"token_count": -1}],
        "cost_usd": [{"cost_usd": -1}],
        "retry_count": [{"retry_count": -1}],
        "max_retries": [{"max_retries": -1}],
        "current_gate": [{"current_gate": "gate-8"}],
        "acceptance_criteria_passed": [{"acceptance_criteria_passed": -1}],
        "acceptance_criteria_total": [
            {"acceptance_criteria_total": -1},
            {"acceptance_criteria_passed": 3, "acceptance_criteria_total": 2},
        ],
        "coverage_achieved": [{"coverage_achieved": -1}],
        "branch_name": [{"branch_name": ""}, {"branch_name": LONG[255]}],
        "commit_sha": [{"commit_sha": ""}, {"commit_sha": LONG[64]}],
        "pr_url": [{"pr_url": ""}, {"pr_url": LONG[2048]}],
        "metadata": [{"metadata": "[]"}],
        "created_at": [{"created_at": "infinity"}],
        "updated_at": [{"updated_at": "infinity"}],
    },
    "wave_charges": {
        "key": [{"key": ""}, {"key": LONG[255]}],
        "cost_usd": [{"cost_usd": -1}],
        "tokens": [{"tokens": -1}],
        "created_at": [{"created_at": "infinity"}],
    },
}

UPPER_CASE = "01900000-0000-7000-8000-00000000000A"
# What a type of PostgreSQL refuses, and SQLite therefore by a check.
SQLITE_VIOLATIONS: dict[str, dict[str, list[dict[str, object]]]] = {
    "wave_sessions": {
        "id": [{"id": "x"}, {"id": UPPER_CASE}],
        "wave_number": [{"wave_number": 2**31}],
        "story_count": [{"story_count": 2**31}],
        "stories_completed": [{"stories_completed": 2**31}],
        "stories_failed": [{"stories_failed": 2**31}],
        "budget_usd": [{"budget_usd": 10**14}],
        "actual_cost_usd": [{"actual_cost_usd": 10**14}],
        "metadata": [{"metadata": "{"}],
        "created_at": [
            {"created_at": "2026-01-01 12:00:00"},
            {"created_at": "2026-01-01T12:00:00.000Z"},
            {"created_at": "2026-01-01T12:00:00.000000+00:00"},
            {"created_at": "2026-13-01T12:00:00.000000Z"},
        ],
    },
    "wave_checkpoints": {
        "id": [{"id": UPPER_CASE}],
        "session_id": [{"session_id": UPPER_CASE}],
        "parent_checkpoint_id": [{"parent_checkpoint_id": UPPER_CASE}],
        "state": [{"state": "{"}],
    },
    "wave_story_executions": {
        "id": [{"id": UPPER_CASE}],
        "session_id": [{"session_id": UPPER_CASE}],
        "story_points": [{"story_points": 2**31}],
        "retry_count": [{"retry_count": 2**31}],
        "max_retries": [{"max_retries": 2**31}],
        "acceptance_criteria_passed": [{"acceptance_criteria_passed": 2**31, "acceptance_criteria_total": 2**31}],
        "acceptance_criteria_total": [{"acceptance_criteria_total": 2**31}],
        "tests_passing": [{"tests_passing": 2}],
        "coverage_achieved": [{"coverage_achieved": 10001}],
        "files_created": [{"files_created": "{}"}, {"files_created": "["}],
        "files_modified": [{"files_modified": "{}"}],
        "cost_usd": [{"cost_usd": 10**14}],
    },
    "wave_charges": {"session_id": [{"session_id": UPPER_CASE}], "cost_usd": [{"cost_usd": 10**14}]},
}

REFERENCES = {
    "wave_checkpoints": {"session_id", "parent_checkpoint_id"},
    "wave_story_executions": {"session_id"},
    "wave_charges": {"session_id"},
}

ALLOWED: dict[str, list[dict[str, object]]] = {
    "wave_sessions": [
        {},
        {"status": "in_progress", "started_at": NOON},
        ENDED,
        {"status": "failed", "failed_at": NOON},
        {"status": "failed", "started_at": NOON, "failed_at": NOON},
        {"status": "cancelled", "cancelled_at": NOON},
        {"status": "cancelled", "started_at": NOON, "cancelled_at": NOON},
        {"project_name": "x" * 255, "wave_number": 2**31 - 1, "token_count": 2**63 - 1, "budget_usd": 0},
    ],
    "wave_checkpoints": [{}, {"gate": "gate-7", "story_id": "S-1", "agent_id": "builder"}],
    "wave_story_executions": [
        {},
        *({"status": status, "started_at": NOON} for status in ("in_progress", "blocked", "review")),
        {"status": "complete", "started_at": NOON, "completed_at": NOON},
        {"status": "failed", "started_at": NOON, "failed_at": NOON},
        {"status": "cancelled", "cancelled_at": NOON},
        {"status": "cancelled", "started_at": NOON, "failed_at": NOON, "cancelled_at": NOON},
        {"acceptance_criteria_passed": 2, "acceptance_criteria_total": 2, "coverage_achieved": 100},
    ],
    "wave_charges": [{}],
}


def cases(violations: dict[str, dict[str, list[dict[str, object]]]]) -> list[tuple[str, str, dict[str, object]]]:
    return [
        (table, column, row)
        for table, columns in violations.items()
        for column, rows in columns.items()
        for row in rows
    ]


@pytest.fixture(scope="module")
def sqlite_url(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("constraints") / "wave.db"
    shutil.copyfile(sqlite_template, path)
    url = f"sqlite:{path}"
    run(url, session(wave_number=99))
    return url


@pytest.fixture(scope="module")
def postgres_copy(postgres_url: str, postgres_template: str) -> Iterator[str]:
    with temporary_database(postgres_url, postgres_template) as url:
        run(url, session(wave_number=99))
        yield url


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest) -> str:
    return request.getfixturevalue({"sqlite": "sqlite_url", "postgres": "postgres_copy"}[request.param])


@pytest.mark.parametrize(("table", "column", "row"), cases(VIOLATIONS))
def test_a_check_refuses_the_row_by_its_name(url: str, table: str, column: str, row: dict[str, object]):
    with pytest.raises(Refused) as refused:
        run(url, insert(table, **row))
    assert refused.value.constraint == f"{table}_{column}_check"


@pytest.mark.parametrize(("table", "column", "row"), cases(SQLITE_VIOLATIONS))
def test_sqlite_refuses_what_a_postgres_type_refuses(sqlite_url: str, table: str, column: str, row: dict[str, object]):
    with pytest.raises(Refused) as refused:
        run(sqlite_url, insert(table, **row))
    assert refused.value.constraint == f"{table}_{column}_check"


@pytest.mark.parametrize(
    ("table", "row"),
    [
        ("wave_sessions", {"id": "x"}),
        ("wave_sessions", {"wave_number": 2**31}),
        ("wave_sessions", {"token_count": 2**63}),
        ("wave_sessions", {"metadata": "{"}),
        ("wave_sessions", {"created_at": "2026-13-01T12:00:00.000000Z"}),
        ("wave_sessions", {"budget_usd": "NaN"}),
        ("wave_story_executions", {"tests_passing": "perhaps"}),
        ("wave_story_executions", {"coverage_achieved": "NaN"}),
        ("wave_charges", {"cost_usd": "Infinity"}),
    ],
)
def test_both_stores_refuse_a_value_that_a_type_cannot_hold(url: str, table: str, row: dict[str, object]):
    with pytest.raises(Refused):
        run(url, insert(table, **row))


@pytest.mark.parametrize(("money", "fits"), [(99_999_999, True), (100_000_000, False)])
def test_money_has_one_range_on_both_stores(url: str, money: int, fits: bool):
    scale = 1 if url.startswith("postgres") else 1_000_000
    statement = insert("wave_sessions", budget_usd=money * scale)
    if fits:
        run(url, "BEGIN", statement, "ROLLBACK")
    else:
        with pytest.raises(Refused):
            run(url, statement)


@pytest.mark.parametrize(("table", "row"), [(table, row) for table, rows in ALLOWED.items() for row in rows])
def test_a_row_that_the_transitions_can_make_is_accepted(url: str, table: str, row: dict[str, object]):
    run(url, "BEGIN", insert(table, **row), "ROLLBACK")


@pytest.mark.parametrize(
    ("table", "column"),
    [(table, column) for table, row in ROWS.items() for column in row],
)
def test_a_required_column_refuses_null(url: str, table: str, column: str):
    with pytest.raises(Refused, match=column):
        run(url, insert(table, **{column: None}))


@pytest.mark.parametrize(
    ("table", "column"), [(table, column) for table, columns in REFERENCES.items() for column in sorted(columns)]
)
def test_a_reference_to_nothing_is_refused(url: str, table: str, column: str):
    with pytest.raises(Refused, match=r"(?i)foreign key"):
        run(url, insert(table, **{column: "01900000-0000-7000-8000-00000000dead"}))


@pytest.mark.parametrize("table", list(ROWS))
def test_a_primary_key_is_unique(url: str, table: str):
    with pytest.raises(Refused, match=r"(?i)unique"):
        run(url, "BEGIN", insert(table), insert(table, **_other_natural_key(table)))


@pytest.mark.parametrize("first", ["pending", "in_progress"])
def test_a_wave_has_one_live_session(url: str, first: str):
    started = NOON if first == "in_progress" else None
    live = insert("wave_sessions", status=first, started_at=started)
    with pytest.raises(Refused, match=r"(?i)unique"):
        run(url, "BEGIN", live, insert("wave_sessions", id="01900000-0000-7000-8000-000000000003"))


def test_a_wave_has_any_number_of_finished_sessions(url: str):
    others = [f"01900000-0000-7000-8000-00000000000{n}" for n in (3, 4, 5)]
    finished = [insert("wave_sessions", id=other, **ENDED) for other in others]
    run(url, "BEGIN", insert("wave_sessions"), *finished, "ROLLBACK")


def test_a_story_is_once_in_a_session(url: str):
    again = insert("wave_story_executions", id="01900000-0000-7000-8000-000000000003")
    with pytest.raises(Refused, match=r"(?i)unique"):
        run(url, "BEGIN", insert("wave_story_executions"), again)


def test_names_differ_by_case(url: str):
    other = insert("wave_sessions", id="01900000-0000-7000-8000-000000000003", project_name="Apollo")
    run(url, "BEGIN", insert("wave_sessions"), other, "ROLLBACK")


def test_every_check_is_violated_here(sqlite_url: str, postgres_copy: str):
    tried = {f"{table}_{column}_check" for table, column, _ in cases(VIOLATIONS)}
    tried_on_sqlite = tried | {f"{table}_{column}_check" for table, column, _ in cases(SQLITE_VIOLATIONS)}
    assert _checks(read_schema(DatabaseUrl.parse(postgres_copy))) == tried
    assert _checks(read_schema(DatabaseUrl.parse(sqlite_url))) == tried_on_sqlite


def _checks(schema: Schema) -> set[str]:
    return {name for table in schema.tables.values() for name in table.checks}


def _other_natural_key(table: str) -> dict[str, object]:
    return {"wave_sessions": {"wave_number": 7}, "wave_story_executions": {"story_id": "S-2"}}.get(table, {})
