"""Each constraint of the schema, violated once by hand-written SQL on both stores."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from by_hand import NOON, ROWS, Refused, insert, parents, run
from constraint_cases import ALLOWED, REFERENCES, SQLITE_VIOLATIONS, VIOLATIONS
from constraint_cases.samples import ENDED, Violations

from wave_data.schema import Schema, read_schema
from wave_data.servers.databases import temporary_database
from wave_data.stores.settings import DatabaseUrl

# What gives the sample row of a table another natural key.
OTHER_KEYS: dict[str, dict[str, object]] = {
    "wave_sessions": {"wave_number": 7},
    "wave_story_executions": {"story_id": "S-2"},
    "orchestrator_runs": {"thread_id": "thread-2"},
    "workflows": {"name": "other"},
    "graphs": {"name": "other"},
    "runs": {"run_id": "run-2"},
    "worktrees": {"path": "/src/c", "port": 3003},
}


def cases(violations: Violations) -> list[tuple[str, str, dict[str, object]]]:
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
    run(url, *parents())
    return url


@pytest.fixture(scope="module")
def postgres_copy(postgres_url: str, postgres_template: str) -> Iterator[str]:
    with temporary_database(postgres_url, postgres_template) as url:
        run(url, *parents())
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
        run(url, "BEGIN", insert(table), insert(table, **OTHER_KEYS.get(table, {})))


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


@pytest.mark.parametrize(
    ("table", "column"),
    [(table, column) for table in sorted(OTHER_KEYS.keys() - {"wave_sessions"}) for column in OTHER_KEYS[table]],
)
def test_a_natural_key_is_unique(url: str, table: str, column: str):
    others = {name: value for name, value in OTHER_KEYS[table].items() if name != column}
    again = insert(table, id="01900000-0000-7000-8000-000000000003", **others)
    with pytest.raises(Refused, match=r"(?i)unique"):
        run(url, "BEGIN", insert(table), again)


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
