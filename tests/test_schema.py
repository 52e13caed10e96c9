"""The schema that the migrations make: the same on both stores, and what it promises to hand-written SQL."""

import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import permutations
from pathlib import Path

import pytest
from by_hand import NOON, OTHER_ID, SESSION_ID, insert, parents, run, session

from wave_data.schema import Column, Key, Schema, Table, read_schema
from wave_data.servers.databases import temporary_database
from wave_data.stores.settings import DatabaseUrl

SQLITE_TYPES = {
    "uuid": "TEXT",
    "text": "TEXT",
    "text[]": "TEXT",
    "jsonb": "TEXT",
    "timestamp with time zone": "TEXT",
    "boolean": "INTEGER",
    "integer": "INTEGER",
    "bigint": "INTEGER",
    "numeric": "INTEGER",
    "double precision": "REAL",
}

# What the check on a SQLite column says besides the rule that both stores share.
REPRESENTATIONS = {
    "uuid": "length ( {0} ) = 36",
    "boolean": "{0} IN ( 0 , 1 )",
    "integer": "2147483647",
    "jsonb": "json_valid ( {0} )",
    "text[]": "json_type ( {0} ) = 'array'",
    "timestamp with time zone": "julianday ( {0} )",
}

# Checks whose own bounds are narrower than those of the type.
NARROWER = {"worktrees_port_check"}

HANDLES = {
    "audit_log": {"table_name", "row_key", "actor"},
    "wave_sessions": {"project_name"},
    "wave_checkpoints": {"checkpoint_name", "story_id", "agent_id"},
    "wave_story_executions": {
        "story_id",
        "story_title",
        "domain",
        "agent",
        "priority",
        "branch_name",
        "commit_sha",
        "pr_url",
    },
    "wave_charges": {"key"},
    "orchestrator_runs": {"thread_id", "story_id", "current_agent"},
    "human_review_queue": {"thread_id", "resolved_by"},
    "tasks": {"title", "task_type", "workspace_path", "claimed_by"},
    "workflows": {"name"},
    "tool_executions": {"tool_name"},
    "client_sessions": {"client_id", "user_id"},
    "configurations": {"key"},
    "graphs": {"name"},
    "runs": {"run_id", "claimed_by"},
    "execution_logs": {"node_name"},
    "worktrees": {"id", "path", "branch_name", "issue_url", "task_id"},
    "zones": {"id", "name"},
    "worktree_zones": {"worktree_id", "zone_id"},
    "analytics_refreshes": {"view_name"},
    "zone_executions": {"zone_id", "worktree_id", "agent_type"},
}

# The column that PostgreSQL cuts a table's partitions by.
PARTITIONED = {"execution_logs": "timestamp"}

# A change that leaves updated_at alone, for each table that has it.
CHANGES = {
    "wave_sessions": "token_count = 1",
    "wave_story_executions": "token_count = 1",
    "orchestrator_runs": "tokens_used = 1",
    "tasks": "fence = 1",
    "workflows": "description = 'by night'",
    "client_sessions": "user_id = 'ana'",
    "configurations": "value = '6'",
    "graphs": "version = 2",
    "runs": "fence = 1",
    "worktrees": "position_x = 1",
    "zones": "position_x = 1",
}

# The primary key, where it is not called id.
KEYS = {"configurations": "key"}

# What goes with a row of a table.
CHILDREN = {
    "wave_sessions": ["wave_checkpoints", "wave_story_executions", "wave_charges"],
    "orchestrator_runs": ["human_review_queue"],
    "tasks": ["workflow_tasks", "tool_executions"],
    "workflows": ["workflow_tasks"],
    "graphs": ["runs", "execution_logs"],
    "runs": ["execution_logs"],
    "worktrees": ["worktree_zones", "zone_executions"],
    "zones": ["worktree_zones", "zone_executions"],
}


@pytest.fixture(scope="module")
def sqlite_schema(sqlite_template: Path) -> Schema:
    return read_schema(DatabaseUrl("sqlite", path=sqlite_template))


@pytest.fixture(scope="module")
def postgres_schema(postgres_url: str, postgres_template: str) -> Iterator[Schema]:
    with temporary_database(postgres_url, postgres_template) as url:
        yield read_schema(DatabaseUrl.parse(url))


@pytest.fixture(params=["sqlite", "postgres"])
def schema(request: pytest.FixtureRequest) -> Schema:
    return request.getfixturevalue(f"{request.param}_schema")


@pytest.fixture(params=["sqlite-file", "postgres"])
def store(request: pytest.FixtureRequest) -> str:
    return request.param


def pairs(one: Schema, other: Schema) -> Iterator[tuple[str, Table, Table]]:
    for name, table in one.tables.items():
        yield name, table, other.tables[name]


class TestAgreement:
    def test_tables_and_views_have_the_same_names(self, postgres_schema: Schema, sqlite_schema: Schema):
        assert set(postgres_schema.tables) == set(sqlite_schema.tables)
        assert set(postgres_schema.views) == set(sqlite_schema.views)

    def test_columns_come_in_the_same_order(self, postgres_schema: Schema, sqlite_schema: Schema):
        for _, postgres, sqlite in pairs(postgres_schema, sqlite_schema):
            assert list(postgres.columns) == list(sqlite.columns)

    def test_columns_have_the_matching_type(self, postgres_schema: Schema, sqlite_schema: Schema):
        for name, postgres, sqlite in pairs(postgres_schema, sqlite_schema):
            for column, found in postgres.columns.items():
                kind = found.type.partition("(")[0]
                assert sqlite.columns[column].type == SQLITE_TYPES[kind], f"{name}.{column}"

    def test_columns_have_the_same_nullability(self, postgres_schema: Schema, sqlite_schema: Schema):
        for _, postgres, sqlite in pairs(postgres_schema, sqlite_schema):
            expected = {name: column.nullable for name, column in postgres.columns.items()}
            assert {name: column.nullable for name, column in sqlite.columns.items()} == expected

    def test_columns_have_the_same_default(self, postgres_schema: Schema, sqlite_schema: Schema):
        for _, postgres, sqlite in pairs(postgres_schema, sqlite_schema):
            expected = {name: sqlite_default(column) for name, column in postgres.columns.items()}
            assert {name: column.default for name, column in sqlite.columns.items()} == expected

    def test_keys_and_foreign_keys_are_the_same(self, postgres_schema: Schema, sqlite_schema: Schema):
        for name, postgres, sqlite in pairs(postgres_schema, sqlite_schema):
            assert {key_name: without_partitions(name, key) for key_name, key in postgres.keys.items()} == sqlite.keys
            assert postgres.foreign_keys == sqlite.foreign_keys

    def test_indexes_are_the_same(self, postgres_schema: Schema, sqlite_schema: Schema):
        for _, postgres, sqlite in pairs(postgres_schema, sqlite_schema):
            assert indexes(postgres) == indexes(sqlite)

    def test_checks_have_the_same_names_besides_those_of_a_representation(
        self, postgres_schema: Schema, sqlite_schema: Schema
    ):
        for name, postgres, sqlite in pairs(postgres_schema, sqlite_schema):
            representations = {
                f"{name}_{column}_check"
                for column, found in postgres.columns.items()
                if found.type in ("uuid", "boolean", "integer", "text[]", "jsonb")
            }
            assert set(sqlite.checks) == set(postgres.checks) | representations

    def test_sqlite_checks_how_a_value_is_written(self, postgres_schema: Schema, sqlite_schema: Schema):
        for name, postgres, sqlite in pairs(postgres_schema, sqlite_schema):
            for column, found in postgres.columns.items():
                check = f"{name}_{column}_check"
                if (rule := REPRESENTATIONS.get(found.type)) and check not in NARROWER:
                    assert rule.format(column) in sqlite.checks[check]

    def test_triggers_have_the_same_names_besides_those_that_notify(
        self, postgres_schema: Schema, sqlite_schema: Schema
    ):
        for name, postgres, sqlite in pairs(postgres_schema, sqlite_schema):
            assert set(postgres.triggers) - {f"{name}_notify_change"} == set(sqlite.triggers)

    def test_views_have_the_same_columns(self, postgres_schema: Schema, sqlite_schema: Schema):
        for name, view in postgres_schema.views.items():
            assert view.columns == sqlite_schema.views[name].columns


class TestRules:
    def test_every_foreign_key_leads_an_index(self, schema: Schema):
        for table in schema.tables.values():
            for key in table.foreign_keys.values():
                width = len(key.columns)
                assert any(columns[:width] == key.columns for columns in whole_indexes(table)), key

    def test_no_index_is_the_beginning_of_another(self, schema: Schema):
        for table in schema.tables.values():
            for one, other in permutations(whole_indexes(table), 2):
                assert one != other[: len(one)]

    def test_constraints_and_indexes_are_named_after_their_columns(self, schema: Schema):
        for name, table in schema.tables.items():
            for key_name, key in table.keys.items():
                assert key_name == (f"{name}_pkey" if key.primary else f"{name}_{'_'.join(key.columns)}_key")
            for key_name, reference in table.foreign_keys.items():
                assert key_name == f"{name}_{'_'.join(reference.columns)}_fkey"
            for check in table.checks:
                assert re.fullmatch(rf"{name}_({'|'.join(table.columns)})_check", check)
            for index_name, index in table.indexes.items():
                columns = "_".join(index.columns)
                assert index_name.startswith(f"{name}_{columns}_key" if index.unique else f"idx_{name}_{columns}")

    def test_names_fit_the_longest_identifier_of_postgres(self, sqlite_schema: Schema):
        for table in sqlite_schema.tables.values():
            names = [*table.checks, *table.keys, *table.foreign_keys, *table.indexes, *table.triggers]
            assert max(map(len, names)) <= 63

    def test_every_reference_says_what_its_deletion_does(self, schema: Schema):
        rules = {name: key.on_delete for table in schema.tables.values() for name, key in table.foreign_keys.items()}
        assert rules == {
            "wave_checkpoints_session_id_fkey": "CASCADE",
            "wave_checkpoints_parent_checkpoint_id_fkey": "SET NULL",
            "wave_story_executions_session_id_fkey": "CASCADE",
            "wave_charges_session_id_fkey": "CASCADE",
            "human_review_queue_thread_id_fkey": "CASCADE",
            "workflow_tasks_workflow_id_fkey": "CASCADE",
            "workflow_tasks_task_id_fkey": "CASCADE",
            "tool_executions_task_id_fkey": "CASCADE",
            "runs_graph_id_fkey": "CASCADE",
            "execution_logs_run_id_fkey": "CASCADE",
            "worktree_zones_worktree_id_fkey": "CASCADE",
            "worktree_zones_zone_id_fkey": "CASCADE",
            "zone_executions_zone_id_fkey": "CASCADE",
            "zone_executions_worktree_id_fkey": "CASCADE",
        }

    def test_sqlite_tables_are_strict_and_their_keys_not_null(self, sqlite_schema: Schema):
        for table in sqlite_schema.tables.values():
            assert "STRICT" in table.options
            primary = next(key for key in table.keys.values() if key.primary)
            assert not any(table.columns[column].nullable for column in primary.columns)

    def test_no_column_is_a_varchar(self, schema: Schema):
        types = {column.type.lower() for table in schema.tables.values() for column in table.columns.values()}
        assert not any("char" in kind for kind in types)

    def test_handles_compare_by_code_point(self, postgres_schema: Schema):
        collated = {
            name: {column for column, found in table.columns.items() if found.collation == "C"}
            for name, table in postgres_schema.tables.items()
        }
        assert {name: columns for name, columns in collated.items() if columns} == HANDLES

    def test_postgres_makes_an_id_for_hand_written_sql(self, postgres_schema: Schema):
        for table in postgres_schema.tables.values():
            if "id" in table.columns and table.columns["id"].type == "uuid":
                assert table.columns["id"].default == "gen_random_uuid()"

    def test_postgres_refuses_infinite_times(self, postgres_schema: Schema):
        for name, table in postgres_schema.tables.items():
            for column, found in table.columns.items():
                if found.type == "timestamp with time zone":
                    check = table.checks[f"{name}_{column}_check"]
                    assert f"isfinite({column})" in check.replace('"', "")

    def test_views_are_not_ordered(self, schema: Schema):
        for view in schema.views.values():
            without_windows = re.sub(r"OVER \([^)]*\)", "", view.definition.upper())
            assert "ORDER BY" not in without_windows


class TestTriggers:
    @pytest.mark.parametrize("table", CHANGES)
    def test_an_update_by_hand_moves_updated_at(self, database_url: str, table: str):
        run(database_url, *parents(), insert(table, updated_at=NOON))
        run(database_url, f"UPDATE {table} SET {CHANGES[table]} WHERE {KEYS.get(table, 'id')} = '{OTHER_ID}'")
        assert_recent(stamp(database_url, table, "updated_at"))

    @pytest.mark.parametrize("table", CHANGES)
    def test_an_update_that_sets_updated_at_keeps_it(self, database_url: str, table: str):
        run(database_url, *parents(), insert(table))
        key = KEYS.get(table, "id")
        run(database_url, f"UPDATE {table} SET updated_at = '{NOON}' WHERE {key} = '{OTHER_ID}'")
        assert stamp(database_url, table, "updated_at") == datetime(2026, 1, 1, 12, tzinfo=UTC)

    def test_only_the_updated_row_is_touched(self, database_url: str):
        run(database_url, session(wave_number=99, updated_at=NOON), insert("wave_sessions", updated_at=NOON))
        run(database_url, f"UPDATE wave_sessions SET token_count = 1 WHERE id = '{SESSION_ID}'")
        assert stamp(database_url, "wave_sessions", "updated_at") == datetime(2026, 1, 1, 12, tzinfo=UTC)

    def test_exactly_the_tables_with_updated_at_have_one(self, schema: Schema):
        for name, table in schema.tables.items():
            expected = {f"{name}_set_updated_at"} if "updated_at" in table.columns else set()
            assert set(table.triggers) - {f"{name}_notify_change"} == expected
            assert (name in CHANGES) == bool(expected)


class TestByHand:
    def test_times_default_to_the_clock(self, database_url: str):
        run(database_url, session(wave_number=99), insert("wave_sessions"))
        assert_recent(stamp(database_url, "wave_sessions", "created_at"))
        assert_recent(stamp(database_url, "wave_sessions", "updated_at"))

    def test_sqlite_writes_times_in_one_format(self, sqlite_template: Path, tmp_path: Path):
        url = f"sqlite:{shutil.copyfile(sqlite_template, tmp_path / 'wave.db')}"
        run(url, insert("wave_sessions"))
        [(created_at,)] = run(url, "SELECT created_at FROM wave_sessions")
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", created_at)

    @pytest.mark.parametrize(("table", "children"), CHILDREN.items())
    def test_deleting_a_row_deletes_what_belongs_to_it(self, database_url: str, table: str, children: list[str]):
        run(database_url, *parents(), *map(insert, children))
        run(database_url, f"DELETE FROM {table} WHERE id = '{SESSION_ID}'")
        assert [child for child in children if run(database_url, f"SELECT * FROM {child}")] == []

    def test_a_renamed_thread_takes_its_reviews_along(self, database_url: str):
        run(database_url, *parents(), insert("human_review_queue"))
        run(database_url, f"UPDATE orchestrator_runs SET thread_id = 'renamed' WHERE id = '{SESSION_ID}'")
        assert run(database_url, "SELECT thread_id FROM human_review_queue") == [("renamed",)]

    def test_deleting_a_checkpoint_leaves_its_children_without_a_parent(self, database_url: str):
        child = insert("wave_checkpoints", id=SESSION_ID, parent_checkpoint_id=OTHER_ID)
        run(database_url, session(), insert("wave_checkpoints"), child)
        run(database_url, f"DELETE FROM wave_checkpoints WHERE id = '{OTHER_ID}'")
        assert run(database_url, "SELECT parent_checkpoint_id FROM wave_checkpoints") == [(None,)]


class TestPostgresFunctions:
    @pytest.fixture
    def store(self) -> str:
        return "postgres"

    @pytest.mark.parametrize(
        ("expression", "expected"),
        [
            ("""json_merge('{"a": {"x": 1}, "b": 1}', '{"a": {"y": 2}}')""", '{"a": {"y": 2}, "b": 1}'),
            ("""json_merge('{"a": 1}', '{"a": null}')""", '{"a": null}'),
            ("""json_put('{"a": 1}', 'b', 'text')""", '{"a": 1, "b": "text"}'),
            ("""json_put('{"a": 1}', 'a', NULL::text)""", '{"a": null}'),
            (
                """json_put('{}', 'at', timestamptz '2026-01-01 14:00:00.000001+02')""",
                '{"at": "2026-01-01T12:00:00.000001Z"}',
            ),
            ("""json_put('{}', 'at', NULL::timestamptz)""", '{"at": null}'),
            ("""json_without('{"a": 1, "b": 2}', 'a')""", '{"b": 2}'),
            ("""json_without('{"a": 1}', 'absent')""", '{"a": 1}'),
        ],
    )
    def test_json(self, database_url: str, expression: str, expected: str):
        assert run(database_url, f"SELECT ({expression})::text") == [(expected,)]

    @pytest.mark.parametrize(
        ("existing", "added", "expected"),
        [
            ("{b,a}", "{c,a,c}", ["b", "a", "c"]),
            ("{}", "{}", []),
            ("{b,b}", "{}", ["b"]),
            ("{}", "{z,y,z}", ["z", "y"]),
        ],
    )
    def test_array_append_distinct(self, database_url: str, existing: str, added: str, expected: list[str]):
        assert run(database_url, f"SELECT array_append_distinct('{existing}', '{added}')") == [(expected,)]

    def test_a_shown_time_is_utc_in_any_time_zone(self, database_url: str):
        statement = "SELECT json_put('{}', 'at', timestamptz '2026-01-01 12:00:00Z')::text"
        assert run(database_url, "SET TIME ZONE 'Asia/Tokyo'", statement) == [
            ('{"at": "2026-01-01T12:00:00.000000Z"}',)
        ]


def sqlite_default(column: Column) -> str | None:
    match column.default:
        case None | "gen_random_uuid()":
            return None
        case "now()":
            return "strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')"
        case "'{}'::text[]":
            return "'[]'"
        case "false" | "true" as truth:
            return truth.upper()
        case default if scale := re.fullmatch(r"numeric\(\d+,(\d+)\)", column.type):
            return str(int(Decimal(default).scaleb(int(scale[1]))))
        case default:
            return default.partition("::")[0]


def without_partitions(table: str, key: Key) -> Key:
    """The key without the column that PostgreSQL cuts the partitions of the table by, which SQLite needs not."""
    return Key(tuple(column for column in key.columns if column != PARTITIONED.get(table)), key.primary)


def indexes(table: Table) -> dict[str, tuple[tuple[str, ...], bool, list[str] | None]]:
    return {
        name: (index.columns, index.unique, index.predicate and re.findall(r"'[^']*'", index.predicate))
        for name, index in table.indexes.items()
    }


def whole_indexes(table: Table) -> list[tuple[str, ...]]:
    whole = [index.columns for index in table.indexes.values() if index.predicate is None]
    return whole + [key.columns for key in table.keys.values()]


def stamp(url: str, table: str, column: str) -> datetime:
    [(found,)] = run(url, f"SELECT {column} FROM {table} WHERE {KEYS.get(table, 'id')} = '{OTHER_ID}'")
    return found if isinstance(found, datetime) else datetime.fromisoformat(found)


def assert_recent(time: datetime) -> None:
    assert abs(datetime.now(UTC) - time) < timedelta(minutes=5)
