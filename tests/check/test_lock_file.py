"""The lock file: what it says of a query, that it is read back as it was, and that it changes with queries only."""

import os
from dataclasses import replace
from pathlib import Path

import pytest
from check_packages import MakePackage
from shop_facts import PYTHON, SQL, column, facts_of

from wave_data.check import FactKey, Report, check
from wave_data.check.facts import ColumnFact, PlanFact, StatementFacts
from wave_data.check.lock import Lock, LockError, lines_of, statement_of
from wave_data.check.lock_file import digests, lock_of, parse, read, write
from wave_data.check.lock_text import render
from wave_data.check.shapes import shapes_of
from wave_data.check.static import load
from wave_data.engine.dialect import DIALECTS


@pytest.fixture
def package(make_package: MakePackage) -> str:
    return make_package(SQL, PYTHON)


def lock_text(package: str, facts: dict[FactKey, StatementFacts]) -> str:
    modules, findings = load([package])
    assert findings == []
    return render(lock_of(Report(facts=facts), modules))


def entries(text: str, section: str) -> str:
    """The text of one section, from its key on."""
    start = text.index(f'  "{section}": {{')
    return text[start : text.index("\n  }", start) + 4]


def test_an_entry_says_what_a_function_expects_and_what_the_stores_give(package: str):
    text = lock_text(package, facts_of("postgres") | facts_of("sqlite"))
    assert entries(text, "records").splitlines() == [
        '  "records": {',
        '    "shop.Title": {',
        '      "id": "UUID",',
        '      "title": "str? = None"',
        "    }",
        "  }",
    ]
    assert '"books": {\n      "id": ["uuid", "TEXT"],\n      "title": ["text", "TEXT"]\n    }' in entries(
        text, "tables"
    )
    assert entries(text, "queries").splitlines() == [
        '  "queries": {',
        '    "shop.count": {',
        '      "result": ["one", "int"],',
        '      "parameters": {',
        '        "status": ["str? = None", "text"]',
        "      },",
        '      "sql": [',
        '        "SELECT count(*) FROM books",',
        '        "WHERE TRUE",',
        '        "  AND status = :status --?"',
        "      ],",
        '      "columns": [',
        '        ["count", "int8", ""]',
        "      ],",
        '      "reads": {"books": []},',
        '      "one_row": true,',
        '      "given": {"status": {"reads": {"books": ["status"]}}}',
        "    },",
        '    "shop.find": {',
        '      "result": ["optional", "shop.Title"],',
        '      "parameters": {',
        '        "id": ["UUID", "uuid"]',
        "      },",
        '      "sql": [',
        '        "SELECT id, title FROM books WHERE id = :id"',
        "      ],",
        '      "columns": "books.*",',
        '      "reads": {"books": "*"},',
        '      "one_row": true',
        "    }",
        "  }",
    ]


def test_what_the_stores_do_not_share_stands_apart(package: str):
    slow = (PlanFact("scan", "books", ("status",)),)
    facts = facts_of("postgres") | facts_of(
        "sqlite", all=StatementFacts(plan=slow), by_status=StatementFacts(plan=slow)
    )
    text = entries(lock_text(package, facts), "queries")
    assert '"plan @sqlite": [["scan", "books", ["status"]]]' in text
    assert '"one_row @postgres": true' in text


def test_a_shape_that_is_different_says_only_what_is(package: str):
    slow = facts_of("postgres")[FactKey("shop.count", "postgres", ("status",))]
    slow = replace(slow, plan=(PlanFact("sort", "books", ("title",)),))
    facts = facts_of("postgres", by_status=slow) | facts_of("sqlite")
    text = lock_text(package, facts)
    assert '"shapes @postgres": {"status": {"plan": [["sort", "books", ["title"]]]}}' in text
    found = parse(text, "lock").queries["shop.count"].facts["postgres"]
    assert (found[()].plan, found["status",].plan) == ((), slow.plan)


def test_a_table_is_told_once_and_a_query_says_where_it_differs(make_package: MakePackage):
    package = make_package(
        """
        -- name: titles
        SELECT id, title, notes FROM books;
        -- name: noted
        SELECT id, title, notes FROM books WHERE notes IS NOT NULL;
        """,
        """
        class Noted(Record):
            id: UUID
            title: str
            notes: Any
        @query
        async def titles(db: Executor) -> list[Noted]: ...
        @query
        async def noted(db: Executor) -> list[Noted]: ...
        """,
    )
    columns = (column("id", "TEXT"), column("title", "TEXT"), column("notes", "TEXT", nullable=True))
    noted = (*columns[:2], replace(columns[2], nullable=False, null_in_row=False))
    facts = {
        FactKey(f"shop.{name}", dialect, ()): StatementFacts(columns=found)
        for name, found in (("titles", columns), ("noted", noted))
        for dialect in DIALECTS
    }
    text = lock_text(package, facts)
    assert '"notes": ["TEXT?", "TEXT?"]' in entries(text, "tables")
    assert '"columns": "books.*"' in text
    assert '"books.*",\n        ["notes", "TEXT", "TEXT", "books.notes"]' in text
    queries = parse(text, "lock").queries
    assert queries["shop.noted"].facts["sqlite"][()].columns == noted
    assert queries["shop.titles"].facts["postgres"][()].columns == columns


def test_outer_joins_are_kept(package: str):
    joined = (
        ColumnFact("id", "uuid", True, None, frozenset({1}), False),
        ColumnFact("title", "text", True, None, frozenset({1, 12}), True),
    )
    key = FactKey("shop.find", "postgres", ())
    facts = facts_of("postgres") | facts_of("sqlite")
    text = lock_text(package, facts | {key: replace(facts[key], columns=joined)})
    assert '["id", "uuid(1)"]' in text
    assert '["title", "text?(1 12)"]' in text
    assert parse(text, "lock").queries["shop.find"].facts["postgres"][()].columns == joined


def test_functions_that_share_a_statement_tell_it_once(make_package: MakePackage):
    package = make_package(
        "-- name: find, get\nSELECT id FROM books WHERE id = :id;",
        """
        @query
        async def find(db: Executor, id: UUID) -> UUID | None: ...
        @query
        async def get(db: Executor, id: UUID) -> UUID: ...
        """,
    )
    facts = {FactKey(f"shop.{n}", d, ()): StatementFacts(limit_one=True) for n in ("find", "get") for d in DIALECTS}
    text = lock_text(package, facts)
    assert text.count("SELECT id") == 1
    assert '"sql": "find"' in text
    queries = parse(text, "lock").queries
    assert (
        queries["shop.get"].sql
        == queries["shop.find"].sql
        == dict.fromkeys(DIALECTS, ("SELECT id FROM books WHERE id = :id",))
    )


def test_comments_and_spaces_are_no_part_of_it():
    bare = statement_of(("SELECT 'a  b',", "  title", "FROM books"))
    noted = statement_of(("-- why", "SELECT   'a  b',  -- what", "  title /* and */ ", "", "FROM books"))
    assert lines_of(noted) == lines_of(bare) == ("SELECT 'a  b',", "  title", "FROM books")


def test_a_query_that_a_store_refuses_is_left_out_of_that_store(package: str):
    facts = facts_of("postgres") | facts_of("sqlite")
    del facts[FactKey("shop.count", "sqlite", ("status",))]
    query = parse(lock_text(package, facts), "lock").queries["shop.count"]
    assert list(query.facts) == ["postgres"]


def test_a_digest_for_each_migration_and_store(tmp_path: Path):
    for dialect, files in {"postgres": ("1_a", "2_b"), "sqlite": ("1_a",)}.items():
        (tmp_path / dialect).mkdir()
        for name in files:
            (tmp_path / dialect / f"{name}.sql").write_text("-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 2;\n")
    found = digests([tmp_path])
    assert list(found) == ["1_a", "2_b"]
    assert (found["1_a"][0], found["2_b"][1]) == (found["1_a"][1], None)
    (tmp_path / "sqlite" / "1_a.sql").write_text("-- migrate:up\nSELECT 3;\n-- migrate:down\nSELECT 2;\n")
    assert digests([tmp_path])["1_a"][0] == found["1_a"][0] != digests([tmp_path])["1_a"][1]


def test_writing_says_whether_anything_changed(package: str, tmp_path: Path):
    report, path = Report(facts=facts_of("postgres") | facts_of("sqlite")), tmp_path / "queries.lock.json"
    assert write(report, path, [package])
    assert not write(report, path, [package])
    assert path.read_text("utf-8").endswith("}\n")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{\n<<<<<<< ours\n", "queries.lock.json:2:1: the lock file is no JSON"),
        ('{"format": 0}', "queries.lock.json:1:1: the lock file is not of this release (ValueError: format 0"),
        ('{"format": 1}', "queries.lock.json:1:1: the lock file is not of this release (KeyError"),
        ("[]", "queries.lock.json:1:1: the lock file is not of this release (TypeError"),
    ],
)
def test_what_is_no_lock_file_is_refused_with_the_place(tmp_path: Path, text: str, expected: str):
    path = tmp_path / "queries.lock.json"
    path.write_text(text)
    with pytest.raises(LockError) as caught:
        read(path)
    assert expected in str(caught.value)
    assert "wave-data check" in str(caught.value)


def test_a_missing_lock_file_says_what_writes_it(tmp_path: Path):
    with pytest.raises(LockError, match="there is no lock file; `wave-data check` writes it"):
        read(tmp_path / "queries.lock.json")


@pytest.fixture(scope="module")
def own(postgres_url: str) -> tuple[Report, Lock]:
    """What the stores say of the library's own queries."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "WAVE_TEST_DATABASE_URL", postgres_url)
        report = check(["wave_data"])
    return report, lock_of(report, load(["wave_data"])[0])


def test_all_of_the_library_is_read_back_as_it_was_written(own: tuple[Report, Lock]):
    _, lock = own
    text = render(lock)
    again = parse(text, "lock")
    assert render(again) == text
    assert again.migrations == lock.migrations
    for title, query in lock.queries.items():
        found = again.queries[title]
        assert (found.contract, found.sql) == (query.contract, query.sql)
        assert {(d, s): f for d, shapes in found.facts.items() for s, f in shapes.items()} == {
            (d, s): f for d, shapes in query.facts.items() for s, f in shapes.items()
        }, title


def test_what_is_written_makes_the_text_that_the_driver_gets(own: tuple[Report, Lock]):
    _, lock = own
    modules, _ = load(["wave_data"])
    for query in (query for module in modules for query in module.queries.values()):
        for dialect, statement in query.statements.items():
            locked = lock.queries[query.signature.title]
            shapes = shapes_of(query, dialect)
            assert list(locked.facts[dialect]) == [names for names, _ in shapes]
            for names, compiled in shapes:
                made = locked.compiled(dialect, names, statement.place)
                assert made.text.split() == uncommented(compiled.text).split()
                assert (made.slots, made.nulls) == (compiled.slots, compiled.nulls)


def uncommented(text: str) -> str:
    return "\n".join(line.partition("--")[0] for line in text.splitlines())


def test_lines_are_short_enough_to_compare(own: tuple[Report, Lock]):
    lines = render(own[1]).splitlines()
    assert max(map(len, lines)) <= 160
