"""Directives: what they silence, and when they are needless."""

from pathlib import Path

import pytest
from check_packages import MakePackage

from wave_data.check.directives import directives_of
from wave_data.check.facts import ColumnFact, PlanFact, StatementFacts
from wave_data.check.finding import FactKey, Finding
from wave_data.check.shapes import shapes_of
from wave_data.check.static import load
from wave_data.check.verdicts import judge
from wave_data.engine.dialect import DIALECTS, Dialect
from wave_data.engine.sql_file import parse_sql

PYTHON = """
    class Title(Record):
        id: UUID
        title: str

    @query
    async def read(db: Executor, id: UUID) -> Title: ...
"""
NULLABLE = (ColumnFact("id", None, True), ColumnFact("title", None, True))
PLAIN = (ColumnFact("id", None, False), ColumnFact("title", None, False))
SCAN, SORT = PlanFact("scan", "books", ("pages",)), PlanFact("sort", "books", ("pages",))


def judged(
    make_package: MakePackage, directive: str, facts: StatementFacts, stores: tuple[Dialect, ...] = DIALECTS
) -> list[Finding]:
    sql = f"-- name: read\n-- The title of a book.\n{directive}\nSELECT id, title FROM books WHERE id = :id;\n"
    modules, mistakes = load([make_package(sql, PYTHON)])
    answers = {
        FactKey(query.signature.title, dialect, names): facts
        for query in modules[0].queries.values()
        for dialect in stores
        for names, _ in shapes_of(query, dialect)
    }
    return [*mistakes, *judge(modules, answers, stores=stores)]


@pytest.mark.parametrize(
    ("directive", "facts"),
    [
        ("-- not null: id, title", StatementFacts(columns=NULLABLE, limit_one=True)),
        ("-- not null: id\n-- not null: title", StatementFacts(columns=NULLABLE, limit_one=True)),
        ("-- one row: there is one book with an id", StatementFacts(columns=PLAIN)),
        ("-- scan: few books", StatementFacts(columns=PLAIN, limit_one=True, plan=(SCAN, SORT))),
        ("-- scan: few books", StatementFacts(columns=PLAIN, limit_one=True, plan=(SORT,))),
    ],
)
def test_one_silences_what_it_is_about(make_package: MakePackage, directive, facts):
    assert judged(make_package, directive, facts) == []


def test_one_silences_nothing_else(make_package: MakePackage):
    found = judged(make_package, "-- not null: id", StatementFacts(columns=NULLABLE))
    assert [(finding.code, finding.subject) for finding in found] == [("nullable", "title"), ("cardinality", "")]


@pytest.mark.parametrize(
    ("directive", "subject", "column"),
    [
        ("-- not null: id", "id", 14),
        ("-- not null: titel", "titel", 14),
        ("-- one row: there is one", "one row", 1),
        ("-- scan: few books", "scan", 1),
    ],
)
def test_one_that_changes_nothing_is_needless(make_package: MakePackage, directive, subject, column):
    (finding,) = judged(make_package, directive, StatementFacts(columns=PLAIN, limit_one=True))
    assert (finding.code, finding.severity, finding.subject) == ("needless", "warning", subject)
    assert (finding.place.line, finding.place.column) == (3, column)


def test_each_column_of_one_line_is_judged_by_itself(make_package: MakePackage):
    columns = (PLAIN[0], NULLABLE[1])
    (finding,) = judged(make_package, "-- not null: id, title", StatementFacts(columns=columns, limit_one=True))
    assert (finding.code, finding.subject, finding.length) == ("needless", "id", 2)


def test_none_is_needless_while_a_store_is_not_asked(make_package: MakePackage):
    facts = StatementFacts(columns=PLAIN, limit_one=True)
    assert judged(make_package, "-- not null: id", facts, stores=("sqlite",)) == []


@pytest.mark.parametrize("directive", ["-- one row:", "-- scan: ", "-- not null:"])
def test_one_without_a_reason_or_a_column_is_a_mistake(make_package: MakePackage, directive):
    found = judged(make_package, directive, StatementFacts(columns=PLAIN, limit_one=True))
    assert [(finding.code, finding.place.line) for finding in found] == [("static", 3)]


def test_they_stand_between_the_name_and_the_statement(tmp_path: Path):
    text = (
        "-- name: read\n"
        "  -- not null: a\n"
        "\n"
        "-- scanning: is no directive\n"
        "SELECT a -- one row: this is no directive\n"
        "FROM t; -- scan: nor is this\n"
    )
    path = tmp_path / "shop.sql"
    path.write_text(text)
    (statement,) = parse_sql(text, path).statements
    (found,) = directives_of(statement).all
    assert (found.kind, found.subject, found.place.line, found.place.column) == ("not null", "a", 2, 16)
