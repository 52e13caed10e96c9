"""Which statements are shown to give one row at most."""

import pytest

from wave_data.check.cardinality import limit_one
from wave_data.engine.dialect import DIALECTS
from wave_data.schema import Column, Index, Key, Schema, Table, View


def table(columns, *keys, indexes=None):
    return Table(
        columns={name: Column("text") for name in columns.split()},
        keys={f"key_{number}": Key(tuple(key.split()), number == 0) for number, key in enumerate(keys)},
        indexes=indexes or {},
    )


def index(*columns, predicate=None, unique=True):
    return Index(columns, unique, predicate, "")


SCHEMA = Schema(
    tables={
        "agents": table("id name email", "id", "email"),
        "jobs": table("id agent_id title status", "id", indexes={"open": index("title", predicate="status = 'open'")}),
        "steps": table("job_id number note", "job_id number", indexes={"plain": index("note", unique=False)}),
    },
    views={
        "busy": View(("id", "title"), "SELECT id, title FROM jobs WHERE status <> 'done'"),
        "totals": View(("agent_id", "count"), "SELECT agent_id, count(*) FROM jobs GROUP BY agent_id"),
    },
)

ONE = [
    "SELECT * FROM jobs WHERE id = ?",
    "SELECT * FROM jobs WHERE ? = id AND status = 'open'",
    "SELECT * FROM jobs AS j WHERE j.id = ?",
    "SELECT * FROM jobs WHERE (id) = ?",
    "SELECT * FROM jobs WHERE id IN (?)",
    "SELECT * FROM agents WHERE email = ?",
    "SELECT * FROM steps WHERE job_id = ? AND number = ?",
    "SELECT * FROM steps WHERE (job_id, number) = (?, ?)",
    "SELECT * FROM jobs ORDER BY title LIMIT 1",
    "SELECT * FROM jobs WHERE title = ? AND status = 'open'",
    "SELECT count(*) FROM jobs",
    "SELECT max(title) FROM jobs WHERE status = ?",
    "SELECT COALESCE(max(title), '') FROM jobs",
    "SELECT EXISTS (SELECT 1 FROM jobs)",
    "SELECT 1",
    "SELECT * FROM jobs WHERE id = (SELECT job_id FROM steps WHERE note = ? LIMIT 1)",
    "SELECT * FROM jobs WHERE id IN (SELECT job_id FROM steps ORDER BY number LIMIT 1)",
    "SELECT * FROM jobs JOIN agents ON agents.id = jobs.agent_id WHERE jobs.id = ?",
    "SELECT * FROM jobs LEFT JOIN agents ON agents.id = jobs.agent_id WHERE jobs.id = ?",
    "SELECT * FROM jobs RIGHT JOIN agents ON agents.id = jobs.agent_id AND jobs.id = ? WHERE agents.id = ?",
    "SELECT * FROM jobs, agents WHERE agents.id = jobs.agent_id AND jobs.id = ?",
    "SELECT * FROM agents JOIN jobs ON jobs.agent_id = agents.id WHERE jobs.id = ?",
    "SELECT * FROM steps JOIN jobs ON jobs.id = steps.job_id WHERE jobs.id = ? AND steps.number = 1",
    "SELECT * FROM steps JOIN jobs ON jobs.id = steps.job_id WHERE steps.job_id = ? AND steps.number = 1",
    "SELECT * FROM jobs AS a JOIN jobs AS b USING (id) WHERE a.id = ?",
    "SELECT * FROM (SELECT * FROM jobs LIMIT 1) AS first",
    "SELECT * FROM (SELECT id AS job, title FROM jobs) AS found WHERE job = ?",
    "SELECT * FROM jobs LEFT JOIN agents ON agents.id = "
    "(SELECT a.id FROM agents AS a WHERE a.name = jobs.title LIMIT 1) WHERE jobs.id = ?",
    "WITH found AS (SELECT * FROM jobs) SELECT * FROM found WHERE id = ?",
    "WITH found AS (SELECT * FROM jobs WHERE id = ?) SELECT * FROM found",
    "WITH found (job, name) AS (SELECT id, title FROM jobs) SELECT name FROM found WHERE job = ?",
    "SELECT * FROM busy WHERE id = ?",
    "SELECT * FROM totals WHERE agent_id = ?",
    "SELECT agent_id, count(*) FROM jobs WHERE agent_id = ? GROUP BY agent_id",
    "SELECT DISTINCT agent_id FROM jobs WHERE agent_id = ?",
    "SELECT id FROM jobs WHERE id = ? INTERSECT SELECT job_id FROM steps",
    "SELECT id FROM jobs WHERE id = ? EXCEPT SELECT job_id FROM steps",
    "SELECT id FROM jobs UNION SELECT job_id FROM steps LIMIT 1",
    "SELECT agents.id, t.n FROM agents LEFT JOIN (SELECT agent_id, count(*) AS n FROM jobs GROUP BY agent_id) AS t"
    " ON t.agent_id = agents.id WHERE agents.id = ?",
    "VALUES (1, 2)",
    "INSERT INTO jobs (id, title) VALUES (?, ?) RETURNING *",
    "INSERT INTO jobs (id, title) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET title = excluded.title RETURNING *",
    "INSERT INTO jobs (id) SELECT ? WHERE NOT EXISTS (SELECT 1 FROM jobs) RETURNING *",
    "INSERT INTO jobs (id) SELECT id FROM agents WHERE id = ? RETURNING *",
    "UPDATE jobs SET title = ? WHERE id = ? RETURNING *",
    "UPDATE jobs SET title = ? WHERE id = (SELECT id FROM jobs ORDER BY title LIMIT 1) RETURNING *",
    "UPDATE jobs SET title = agents.name FROM agents WHERE agents.id = jobs.agent_id AND jobs.id = ? RETURNING *",
    "UPDATE jobs SET title = steps.note FROM steps WHERE steps.job_id = jobs.id AND steps.job_id = ? RETURNING *",
    "DELETE FROM jobs WHERE id = ? RETURNING *",
]

SEVERAL = [
    "SELECT * FROM jobs",
    "SELECT * FROM jobs WHERE title = ?",
    "SELECT * FROM jobs WHERE id > ?",
    "SELECT * FROM jobs WHERE id <> ?",
    "SELECT * FROM jobs WHERE id IN (?, ?)",
    "SELECT * FROM jobs WHERE id IN (SELECT job_id FROM steps)",
    "SELECT * FROM jobs WHERE id = ? OR title = ?",
    "SELECT * FROM jobs WHERE NOT id = ?",
    "SELECT * FROM jobs WHERE id = title",
    "SELECT * FROM jobs LIMIT 2",
    "SELECT * FROM jobs LIMIT ?",
    "SELECT * FROM jobs WHERE title = ? AND status = 'done'",
    "SELECT * FROM steps WHERE job_id = ?",
    "SELECT * FROM steps WHERE note = ?",
    "SELECT status, count(*) FROM jobs GROUP BY status",
    "SELECT count(*) OVER () FROM jobs",
    "SELECT DISTINCT status FROM jobs WHERE agent_id = ?",
    "SELECT jobs.* FROM jobs JOIN steps ON steps.job_id = jobs.id WHERE jobs.id = ?",
    "SELECT jobs.* FROM jobs LEFT JOIN steps ON steps.job_id = jobs.id WHERE jobs.id = ?",
    "SELECT jobs.* FROM jobs LEFT JOIN agents ON agents.id = jobs.agent_id AND jobs.id = ?",
    "SELECT jobs.* FROM jobs RIGHT JOIN agents ON agents.id = jobs.agent_id AND agents.id = ?",
    "SELECT * FROM jobs FULL JOIN agents ON agents.id = jobs.agent_id",
    "SELECT * FROM (SELECT * FROM jobs LIMIT 1) AS a FULL JOIN (SELECT * FROM agents LIMIT 1) AS b ON a.id = b.id",
    "SELECT * FROM jobs, agents WHERE jobs.id = ?",
    "SELECT * FROM jobs AS a JOIN jobs AS b USING (title) WHERE a.id = ?",
    "SELECT * FROM jobs WHERE id = (SELECT a.id FROM agents AS a WHERE a.name = jobs.title LIMIT 1)",
    "SELECT * FROM (SELECT title FROM jobs) AS found WHERE title = ?",
    "SELECT * FROM (SELECT id FROM jobs UNION ALL SELECT job_id FROM steps) AS found WHERE id = ?",
    "WITH found AS (SELECT jobs.id FROM jobs JOIN steps ON steps.job_id = jobs.id) SELECT * FROM found WHERE id = ?",
    "WITH RECURSIVE up (id) AS (SELECT id FROM jobs WHERE id = ? UNION ALL SELECT agent_id FROM up JOIN jobs"
    " USING (id)) SELECT * FROM up",
    "SELECT * FROM busy WHERE title = ?",
    "SELECT id FROM jobs WHERE id = ? UNION SELECT job_id FROM steps WHERE job_id = ? AND number = 1",
    "VALUES (1), (2)",
    "INSERT INTO jobs (id) VALUES (?), (?) RETURNING *",
    "INSERT INTO jobs (id) SELECT id FROM agents RETURNING *",
    "UPDATE jobs SET title = ? RETURNING *",
    "UPDATE jobs SET title = ? WHERE status = ? RETURNING *",
    "UPDATE jobs SET title = ? FROM agents WHERE agents.id = ? AND jobs.agent_id = agents.id RETURNING *",
    "DELETE FROM jobs WHERE status = ? RETURNING *",
    "SELECT * FROM elsewhere WHERE id = ?",
    "this is no SQL",
]

POSTGRES_ONE = [
    "SELECT * FROM jobs WHERE id = ? FOR UPDATE SKIP LOCKED",
    "SELECT * FROM jobs FETCH FIRST 1 ROW ONLY",
    "SELECT * FROM jobs WHERE id = ?::uuid",
    "SELECT * FROM jobs LEFT JOIN LATERAL (SELECT * FROM steps WHERE job_id = jobs.id ORDER BY number LIMIT 1) AS s"
    " ON TRUE WHERE jobs.id = ?",
    "WITH moved AS (UPDATE jobs SET title = ? WHERE id = ? RETURNING *) SELECT * FROM moved",
    "DELETE FROM jobs USING agents WHERE agents.id = jobs.agent_id AND jobs.id = ? RETURNING *",
    "SELECT DISTINCT ON (agent_id) * FROM jobs WHERE agent_id = ?",
]

POSTGRES_SEVERAL = [
    "SELECT * FROM jobs WHERE id = ANY(?)",
    "SELECT unnest(array_agg(title)) FROM jobs",
    "SELECT jsonb_array_elements(title) FROM jobs WHERE id = ?",
    "SELECT generate_series(1, 3)",
    "SELECT * FROM jobs FETCH FIRST 1 ROWS WITH TIES",
    "SELECT * FROM jobs, unnest(?) AS given (value) WHERE jobs.id = given.value",
    "WITH moved AS (UPDATE jobs SET title = ? RETURNING *) SELECT * FROM moved",
]


def numbered(text, dialect):
    number = 0
    while "?" in text.replace("?#", ""):
        number += 1
        text = text.replace("?", f"${number}" if dialect == "postgres" else f"@{number}", 1)
    return text.replace("@", "?")


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("text", ONE)
def test_one_row_at_most_is_shown(text, dialect):
    assert limit_one(numbered(text, dialect), dialect, SCHEMA)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("text", SEVERAL)
def test_several_rows_are_allowed(text, dialect):
    assert not limit_one(numbered(text, dialect), dialect, SCHEMA)


@pytest.mark.parametrize("text", POSTGRES_ONE)
def test_one_row_at_most_is_shown_of_what_only_postgresql_knows(text):
    assert limit_one(numbered(text, "postgres"), "postgres", SCHEMA)


@pytest.mark.parametrize("text", POSTGRES_SEVERAL)
def test_several_rows_are_allowed_by_what_only_postgresql_knows(text):
    assert not limit_one(numbered(text, "postgres"), "postgres", SCHEMA)


def test_a_unique_index_over_an_expression_is_a_key_on_postgresql():
    schema = Schema(tables={"agents": table("id email", indexes={"lower": index("lower(email)")})})
    assert limit_one("SELECT * FROM agents WHERE lower(email) = $1", "postgres", schema)
    assert not limit_one("SELECT * FROM agents WHERE email = $1", "postgres", schema)


@pytest.mark.parametrize("predicate", ["deleted_at IS NULL", "(deleted_at IS NULL)"])
def test_a_partial_index_is_a_key_where_its_condition_stands(predicate):
    schema = Schema(
        tables={"agents": table("id email deleted_at", indexes={"live": index("email", predicate=predicate)})}
    )
    for dialect in DIALECTS:
        assert limit_one("SELECT * FROM agents AS a WHERE a.email = 'x' AND a.deleted_at IS NULL", dialect, schema)
        assert not limit_one("SELECT * FROM agents WHERE email = 'x'", dialect, schema)


def test_names_are_compared_as_the_store_compares_them():
    schema = Schema(tables={"Jobs": table("Id", "Id")})
    assert limit_one("SELECT * FROM jobs WHERE ID = ?1", "sqlite", schema)
    assert limit_one('SELECT * FROM "Jobs" WHERE "Id" = $1', "postgres", schema)
    assert not limit_one('SELECT * FROM "Jobs" WHERE id = $1', "postgres", schema)


def test_a_comparison_in_another_collation_is_none_with_a_key():
    assert not limit_one("SELECT * FROM jobs WHERE id = ?1 COLLATE NOCASE", "sqlite", SCHEMA)
