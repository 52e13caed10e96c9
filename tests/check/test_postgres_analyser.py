"""What PostgreSQL says of parameters, columns, and what a statement reads and writes."""

import asyncio

import pytest
from postgres_statements import Describe, compile_statement, execute

from wave_data import MigrationError
from wave_data.check.facts import Refused
from wave_data.check.postgres import open_analyser
from wave_data.servers import temporary_database


def test_the_server_is_named_with_its_version(describe: Describe) -> None:
    ((rows,),) = describe.run("SHOW server_version")
    assert describe.analyser.server == f"PostgreSQL {rows[0].split()[0]}"
    assert describe.analyser.dialect == "postgres"


def test_the_server_tells_the_types_of_parameters(describe: Describe) -> None:
    facts = describe("SELECT 1 FROM books WHERE id = :id AND tags @> :tags AND created_at < :now LIMIT :limit")
    assert [parameter.type for parameter in facts.parameters] == ["int4", "text[]", "timestamptz", "int8"]


def test_types_go_by_the_drivers_names(describe: Describe) -> None:
    found = describe.columns("SELECT name, born FROM authors").values()
    assert [column.type for column in found] == ["varchar", "date"]
    found = describe.columns("SELECT tags, details, price, created_at, pages FROM books").values()
    assert [column.type for column in found] == ["text[]", "jsonb", "numeric", "timestamptz", "int4"]


def test_a_domain_goes_by_the_type_under_it(describe: Describe) -> None:
    facts = describe("INSERT INTO odds VALUES (CAST(:isbn AS isbn), :mood, :moods, :code, :isbns) RETURNING *")
    assert [parameter.type for parameter in facts.parameters] == ["text", "mood", "mood[]", "bpchar", "isbn[]"]
    assert [column.type for column in facts.columns] == ["text", "mood", "mood[]", "bpchar", "isbn[]"]


def test_columns_go_by_the_names_that_the_driver_gives(describe: Describe) -> None:
    assert list(describe.columns('SELECT title, pages AS "agent.pages", count(*) FROM books GROUP BY 1, 2')) == [
        "title",
        "agent.pages",
        "count",
    ]


def test_a_column_that_comes_unchanged_has_its_origin(describe: Describe) -> None:
    found = describe.columns(
        'WITH s AS (SELECT title AS x FROM books) SELECT s.x, l."Reader" AS y, upper(s.x) AS z, v.pages'
        " FROM s CROSS JOIN loans l CROSS JOIN long_books v"
    )
    assert {name: column.origin for name, column in found.items()} == {
        "x": ("books", "title"),
        "y": ("loans", "Reader"),
        "z": None,
        "pages": ("long_books", "pages"),
    }


def test_a_statement_without_rows_has_no_columns(describe: Describe) -> None:
    assert describe("DELETE FROM loans").columns == ()


@pytest.mark.parametrize(
    ("sql", "reads", "writes"),
    [
        ("SELECT title FROM books WHERE pages > 3 ORDER BY note", {"books": {"title", "pages", "note"}}, {}),
        ("SELECT count(*) FROM books", {"books": set()}, {}),
        ("SELECT b FROM authors b", {"authors": {"id", "name", "born", "editor_id"}}, {}),
        (
            "SELECT 1 FROM loans WHERE EXISTS (SELECT FROM books WHERE id = book_id)",
            {"loans": {"book_id"}, "books": {"id"}},
            {},
        ),
        ("INSERT INTO authors (id, name) VALUES (7, 'x')", {}, {"authors": {"id", "name"}}),
        (
            "INSERT INTO authors (id, name) SELECT id, title FROM books RETURNING born",
            {"books": {"id", "title"}, "authors": {"born"}},
            {"authors": {"id", "name"}},
        ),
        (
            "INSERT INTO authors (id, name) VALUES (7, 'x') ON CONFLICT (id) DO UPDATE SET born = authors.born",
            {"authors": {"id", "born"}},
            {"authors": {"id", "name", "born"}},
        ),
        (
            "UPDATE books SET pages = pages + 1 WHERE id = 1",
            {"books": {"id", "pages"}},
            {"books": {"pages"}},
        ),
        ("DELETE FROM loans WHERE state = 'x'", {"loans": {"state"}}, {"loans": set()}),
        ("DELETE FROM loans", {}, {"loans": set()}),
        ("SELECT id FROM books FOR UPDATE", {"books": {"id"}}, {}),
        (
            "WITH gone AS (DELETE FROM loans RETURNING book_id) UPDATE books SET note = 'x' FROM gone"
            " WHERE id = gone.book_id",
            {"loans": {"book_id"}, "books": {"id"}},
            {"loans": set(), "books": {"note"}},
        ),
        ("SELECT pages FROM long_books", {"long_books": {"pages"}}, {}),
        ("SELECT id FROM attic.boxes", {"attic.boxes": {"id"}}, {}),
    ],
)
def test_what_a_statement_reads_and_writes(
    describe: Describe, sql: str, reads: dict[str, set[str]], writes: dict[str, set[str]]
) -> None:
    facts = describe(sql)
    assert (facts.reads, facts.writes) == (reads, writes)


def test_a_unique_key_limits_a_statement_to_one_row(describe: Describe) -> None:
    assert describe("SELECT title FROM books WHERE id = :id").limit_one
    assert not describe("SELECT title FROM books WHERE note = :note").limit_one


@pytest.mark.parametrize(
    ("sql", "message", "points_at"),
    [
        ("SELECT titel FROM books", 'column "titel" does not exist', "titel"),
        ("SELECT title FROM bookz", 'relation "bookz" does not exist', "bookz"),
        ("SELECT title FROM books WHERE", "syntax error at end of input", None),
        ("SELECT title FORM books WHERE id = :id", 'syntax error at or near "books"', "books"),
        ("SELECT pages + title FROM books", "operator does not exist", "+ title"),
        ("SELECT 'ÄÖÜ', titel FROM books", 'column "titel" does not exist', "titel"),
    ],
)
def test_a_refused_statement_is_pointed_into(describe: Describe, sql: str, message: str, points_at: str | None) -> None:
    statement = compile_statement(sql)
    with pytest.raises(Refused, match=message) as caught:
        describe.analyser.describe(statement)
    offset = caught.value.offset
    assert offset is not None
    assert statement.text[offset:].startswith(points_at or "")


def test_what_the_planner_alone_finds_wrong_is_refused_too(describe: Describe) -> None:
    with pytest.raises(Refused, match="no unique or exclusion constraint matching the ON CONFLICT"):
        describe("INSERT INTO authors (id, name) VALUES (:id, :name) ON CONFLICT (name) DO NOTHING")


def test_the_servers_hint_is_part_of_the_message(describe: Describe) -> None:
    with pytest.raises(Refused, match="Perhaps you meant to reference"):
        describe("SELECT titl FROM books")


def test_a_refused_statement_leaves_the_analyser_as_it_was(describe: Describe) -> None:
    with pytest.raises(Refused):
        describe("SELECT nothing FROM books")
    assert describe.nullable("SELECT title FROM books") == [False]


def test_a_statement_that_no_plan_can_be_made_for_still_has_its_columns(describe: Describe) -> None:
    assert describe.nullable("SELECT 1 / 0, title FROM books") == [False, False]
    assert describe.nullable("SELECT title FROM books") == [False]


def test_of_what_no_function_can_hold_all_columns_may_be_null(describe: Describe) -> None:
    facts = describe("SHOW server_version")
    assert [(column.name, column.nullable) for column in facts.columns] == [("server_version", True)]


def test_a_comment_at_the_end_hides_nothing(describe: Describe) -> None:
    assert describe.nullable("SELECT title FROM books -- all of them") == [False]


def test_nothing_stays_in_the_database(describe: Describe) -> None:
    before = describe.run("SELECT count(*) FROM pg_proc", "SELECT count(*) FROM pg_indexes")
    describe("SELECT id FROM books")
    describe("SELECT number FROM loans WHERE state = 'x'")
    describe("INSERT INTO authors (id, name) VALUES (77, 'x')")
    assert describe.run("SELECT count(*) FROM pg_proc", "SELECT count(*) FROM pg_indexes") == before
    assert describe.run("SELECT 1 FROM authors WHERE id = 77") == [[]]


def test_a_database_that_is_not_there_is_named(postgres_url: str) -> None:
    with temporary_database(postgres_url) as url:
        asyncio.run(execute(url, "SELECT 1"))
    with pytest.raises(MigrationError, match="does not exist"), open_analyser(url):
        pass
