"""What a store says, held against a signature: one kind of finding after the other, from facts written by hand."""

from dataclasses import replace

import pytest
from check_packages import FIRST, MakePackage

from wave_data.check.facts import ColumnFact, ParameterFact, PlanFact, Refused, StatementFacts
from wave_data.check.finding import FactKey, Finding
from wave_data.check.shapes import shapes_of
from wave_data.check.static import load
from wave_data.check.verdicts import judge
from wave_data.engine.dialect import DIALECTS, Dialect

SQL = """
    -- name: read
    SELECT id, title FROM books WHERE id = :id;
"""
PYTHON = """
    class Title(Record):
        id: UUID
        title: str
        note: str | None = None

    @query
    async def read(db: Executor, id: UUID) -> Title: ...
"""
ID = ColumnFact("id", "uuid", False)
TITLE = ColumnFact("title", "text", False)
RIGHT = StatementFacts(parameters=(ParameterFact("uuid"),), columns=(ID, TITLE), limit_one=True)


class Judge:
    """Judges one package by facts for all of its shapes, the same for both stores but for their types."""

    def __init__(self, make_package: MakePackage) -> None:
        self._make_package = make_package

    def __call__(
        self,
        facts: StatementFacts | Refused,
        sqlite: StatementFacts | Refused | None = None,
        *,
        sql: str = SQL,
        python: str = PYTHON,
        stores: tuple[Dialect, ...] = DIALECTS,
    ) -> list[Finding]:
        modules, mistakes = load([self._make_package(sql, python)])
        assert mistakes == []
        answers = {"postgres": facts, "sqlite": _without_types(facts) if sqlite is None else sqlite}
        keys = {
            FactKey(query.signature.title, dialect, names): answers[dialect]
            for module in modules
            for query in module.queries.values()
            for dialect in stores
            for names, _ in shapes_of(query, dialect)
        }
        return judge(
            modules,
            {key: answer for key, answer in keys.items() if isinstance(answer, StatementFacts)},
            {key: answer for key, answer in keys.items() if isinstance(answer, Refused)},
            stores,
        )


def _without_types(facts: StatementFacts | Refused) -> StatementFacts | Refused:
    if isinstance(facts, Refused):
        return facts
    columns = tuple(replace(column, type=None) for column in facts.columns)
    return replace(facts, parameters=(ParameterFact(),) * len(facts.parameters), columns=columns)


@pytest.fixture
def judged(make_package: MakePackage) -> Judge:
    return Judge(make_package)


def place_in_sql(finding: Finding) -> tuple[int, int, int]:
    assert finding.place.path.name == "shop.sql"
    return finding.place.line, finding.place.column, finding.length


def line_in_python(finding: Finding) -> int:
    assert finding.declared is not None
    assert finding.declared.path.name == "shop.py"
    return finding.declared.line - FIRST + 1


def test_what_fits_is_no_finding(judged: Judge):
    assert judged(RIGHT) == []


class TestParameters:
    @pytest.mark.parametrize(
        ("annotation", "server"),
        [
            ("str", "text"),
            ("str", "varchar"),
            ("str", "mood"),
            ("int", "int4"),
            ("int", "float8"),
            ("UtcDatetime", "timestamptz"),
            ("Usd", "numeric"),
            ("JsonObject", "jsonb"),
            ("list[UUID]", "uuid[]"),
            ("Literal['a']", "text"),
            ("bool | None", "bool"),
        ],
    )
    def test_a_type_that_can_be_bound_fits(self, judged: Judge, annotation, server):
        facts = replace(RIGHT, parameters=(ParameterFact(server),))
        assert judged(facts, python=PYTHON.replace("id: UUID)", f"id: {annotation})")) == []

    @pytest.mark.parametrize(
        ("annotation", "server"),
        [
            ("str", "uuid"),
            ("UUID", "text"),
            ("int", "text"),
            ("int", "numeric"),
            ("float", "int8"),
            ("Usd", "int8"),
            ("UtcDatetime", "timestamp"),
            ("UtcDatetime", "date"),
            ("str", "jsonb"),
            ("list[str]", "uuid[]"),
            ("list[str]", "text"),
            ("str", "text[]"),
        ],
    )
    def test_another_is_a_finding_at_the_placeholder(self, judged: Judge, annotation, server):
        facts = replace(RIGHT, parameters=(ParameterFact(server),))
        (finding,) = judged(facts, python=PYTHON.replace("id: UUID)", f"id: {annotation})"))
        assert (finding.code, finding.subject, finding.store) == ("parameter-type", "id", "postgres")
        assert place_in_sql(finding) == (2, 40, 3)
        assert line_in_python(finding) == 7
        assert server in finding.message


class TestColumns:
    def test_a_field_without_a_column_is_a_finding(self, judged: Judge):
        (finding,) = judged(replace(RIGHT, columns=(ID,)))
        assert (finding.code, finding.subject, finding.suggestion) == ("column-missing", "title", None)
        assert finding.message.startswith("there is no column title for Title.title")
        assert place_in_sql(finding) == (2, 8, len("id, title"))
        assert line_in_python(finding) == 3

    def test_the_nearest_column_is_suggested(self, judged: Judge):
        (finding,) = judged(replace(RIGHT, columns=(ID, ColumnFact("titel", "text", False))))
        assert finding.suggestion == "titel"
        assert "`titel AS title`" in finding.remedy

    def test_a_column_without_a_field_is_none(self, judged: Judge):
        assert judged(replace(RIGHT, columns=(ID, TITLE, ColumnFact("pages", "int4", True)))) == []

    def test_two_columns_of_one_name_are_a_finding(self, judged: Judge):
        (finding,) = judged(replace(RIGHT, columns=(ID, TITLE, ID)))
        assert (finding.code, finding.message) == ("column-missing", "two columns are named id")

    def test_a_type_that_does_not_fit_is_a_finding_at_the_column(self, judged: Judge):
        (finding,) = judged(replace(RIGHT, columns=(ID, replace(TITLE, type="int4"))))
        assert (finding.code, finding.subject, finding.store) == ("column-type", "title", "postgres")
        assert place_in_sql(finding) == (2, 12, len("title"))
        assert line_in_python(finding) == 3

    @pytest.mark.parametrize(("declared", "fits"), [("TEXT", True), ("INTEGER", False), ("BLOB", False), ("ANY", True)])
    def test_on_sqlite_the_declared_type_of_the_origin_tells(self, judged: Judge, declared, fits):
        found = judged(RIGHT, replace(RIGHT, columns=(replace(ID, type="TEXT"), replace(TITLE, type=declared))))
        assert [(f.code, f.store) for f in found] == ([] if fits else [("column-type", "sqlite")])

    @pytest.mark.parametrize(("annotation", "count"), [("int", 2), ("dict[str, int]", 1), ("dict[str, int]", 3)])
    def test_a_scalar_takes_exactly_its_columns(self, judged: Judge, annotation, count):
        columns = (ID, TITLE, ID)[:count]
        (finding,) = judged(replace(RIGHT, columns=columns), python=PYTHON.replace("-> Title", f"-> {annotation}"))
        assert finding.code == "column-missing"
        assert finding.message.startswith(f"`{annotation}` takes")
        assert line_in_python(finding) == 7


class TestNullability:
    def test_a_column_that_can_be_null_needs_a_field_that_allows_it(self, judged: Judge):
        (finding,) = judged(replace(RIGHT, columns=(ID, replace(TITLE, nullable=True))))
        assert (finding.code, finding.subject, finding.store) == ("nullable", "title", None)
        assert finding.suggestion == "str | None"
        assert place_in_sql(finding) == (2, 12, len("title"))
        assert line_in_python(finding) == 3

    def test_a_field_may_allow_what_never_comes(self, judged: Judge):
        assert judged(RIGHT, python=PYTHON.replace("title: str", "title: str | None")) == []

    def test_a_scalar_likewise(self, judged: Judge):
        facts = replace(RIGHT, columns=(ColumnFact("sum", "int8", True),))
        (finding,) = judged(facts, python=PYTHON.replace("-> Title", "-> int"))
        assert (finding.code, finding.suggestion) == ("nullable", "int | None")
        assert judged(facts, python=PYTHON.replace("-> Title", "-> int | None")) == []

    @pytest.mark.parametrize(
        ("annotation", "suggestion"),
        [("list[int]", "list[int | None]"), ("int", "int | None"), ("AsyncIterator[int]", "AsyncIterator[int | None]")],
    )
    def test_what_is_suggested_fits_the_annotation(self, judged: Judge, annotation, suggestion):
        python = PYTHON.replace("-> Title", f"-> {annotation}")
        if annotation.startswith("AsyncIterator"):
            python = python.replace("async def", "def")
        (finding,) = judged(replace(RIGHT, columns=(ColumnFact("pages", "int4", True),)), python=python)
        assert finding.suggestion == suggestion

    def test_a_star_is_marked_where_the_column_comes_from_it(self, judged: Judge):
        facts = replace(RIGHT, columns=(ID, replace(TITLE, nullable=True)))
        (finding,) = judged(facts, sql=SQL.replace("id, title", "books.*"))
        assert place_in_sql(finding) == (2, 8, len("books.*"))

    def test_on_one_store_it_is_told_of_that_store(self, judged: Judge):
        (finding,) = judged(RIGHT, replace(_without_types(RIGHT), columns=(ID, replace(TITLE, nullable=True))))
        assert finding.store == "sqlite"


class TestNestedRecords:
    PYTHON = """
        class Writer(Record):
            id: UUID
            name: str
            home: str | None

        class Book2(Record):
            id: UUID
            writer: Writer | None

        @query
        async def read(db: Executor, id: UUID) -> Book2: ...
    """

    def facts(self, *writer: ColumnFact) -> StatementFacts:
        names = ("writer.id", "writer.name", "writer.home")
        columns = (replace(column, name=name, type=None) for column, name in zip(writer, names, strict=True))
        return replace(RIGHT, columns=(ID, *columns))

    JOINED = ColumnFact("", None, True, joins=frozenset({1}))
    MAYBE = replace(JOINED, null_in_row=True)

    def test_a_record_of_an_outer_join_is_none_as_a_whole(self, judged: Judge):
        assert judged(self.facts(self.JOINED, self.JOINED, self.MAYBE), python=self.PYTHON) == []

    def test_a_field_that_can_be_null_beside_others_is_a_finding(self, judged: Judge):
        (finding,) = judged(self.facts(self.JOINED, self.MAYBE, self.MAYBE), python=self.PYTHON)
        assert (finding.code, finding.subject) == ("nullable", "writer.name")

    def test_so_is_one_of_another_join(self, judged: Judge):
        other = replace(self.JOINED, joins=frozenset({1, 2}))
        (finding,) = judged(self.facts(self.JOINED, other, self.MAYBE), python=self.PYTHON)
        assert (finding.code, finding.subject) == ("nullable", "writer.name")

    def test_a_record_that_is_always_there_takes_no_outer_join(self, judged: Judge):
        python = self.PYTHON.replace("Writer | None", "Writer")
        found = judged(self.facts(self.JOINED, self.JOINED, self.MAYBE), python=python)
        assert [finding.subject for finding in found] == ["writer.id", "writer.name"]


class TestCardinality:
    @pytest.mark.parametrize("annotation", ["Title", "Title | None"])
    def test_one_row_has_to_be_certain(self, judged: Judge, annotation):
        facts = replace(RIGHT, limit_one=False)
        (finding,) = judged(facts, python=PYTHON.replace("-> Title", f"-> {annotation}"))
        assert (finding.code, finding.severity) == ("cardinality", "warning")
        assert place_in_sql(finding) == (1, 10, len("read"))

    def test_many_rows_need_no_limit(self, judged: Judge):
        assert judged(replace(RIGHT, limit_one=False), python=PYTHON.replace("-> Title", "-> list[Title]")) == []


class TestPlans:
    def test_a_scan_names_the_index_that_would_serve(self, judged: Judge):
        (finding,) = judged(replace(RIGHT, plan=(PlanFact("scan", "books", ("author_id", "id")),)))
        assert (finding.code, finding.severity, finding.subject) == ("scan", "warning", "books")
        assert "CREATE INDEX idx_books_author_id_id ON books (author_id, id)" in finding.remedy
        assert place_in_sql(finding) == (2, 23, len("books"))

    def test_an_index_over_an_expression_has_a_plain_name(self, judged: Judge):
        (finding,) = judged(replace(RIGHT, plan=(PlanFact("scan", "books", ("lower(title)",)),)))
        assert "CREATE INDEX idx_books_lower_title ON books (lower(title))" in finding.remedy

    def test_so_does_a_sort(self, judged: Judge):
        sql = SQL.replace(";", " ORDER BY title;")
        (finding,) = judged(replace(RIGHT, plan=(PlanFact("sort", "books", ("title",)),)), sql=sql)
        assert (finding.code, finding.place.column) == ("sort", 44)

    SQL = """
        -- name: read
        SELECT id, title FROM books
        WHERE TRUE
          AND pages = :pages --?
          AND words = :words --?
        ;
    """
    PYTHON = PYTHON.replace("read(db: Executor, id: UUID)", "read(db: Executor, pages: int = 0, words: int = 0)")

    def test_what_follows_from_fewer_parameters_is_not_told(self, make_package: MakePackage):
        modules, _ = load([make_package(self.SQL, self.PYTHON.replace("-> Title", "-> list[Title]"))])
        facts = {
            FactKey(query.signature.title, dialect, names): StatementFacts(
                columns=(ID, TITLE) if dialect == "postgres" else (replace(ID, type=None), TITLE),
                plan=(PlanFact("scan", "books", (*names, "id") if dialect == "sqlite" else names),),
            )
            for query in modules[0].queries.values()
            for dialect in DIALECTS
            for names, _ in shapes_of(query, dialect)
            if names
        }
        found = judge(modules, facts)
        assert [(f.code, f.shape, f.store, f.expected) for f in found] == [
            ("scan", ("pages",), None, "an index that begins with pages, id"),
            ("scan", ("words",), None, "an index that begins with words, id"),
        ]

    def test_reading_all_rows_that_are_asked_for_is_none(self, judged: Judge):
        assert judged(replace(RIGHT, plan=(PlanFact("scan", "books", ()),))) == []


class TestRefusals:
    def test_a_refusal_points_where_the_database_does(self, judged: Judge):
        found = judged(Refused("no column", 11), stores=("postgres",))
        assert [(f.code, f.store, place_in_sql(f)) for f in found] == [("refused", "postgres", (2, 12, 5))]

    @pytest.mark.parametrize(("placeholder", "store"), [("$1", "postgres"), ("?1", "sqlite")])
    def test_or_at_the_parameter_that_it_names(self, judged: Judge, placeholder, store):
        (finding,) = judged(Refused(f"no type for {placeholder}"), stores=(store,))
        assert place_in_sql(finding) == (2, 40, len(":id"))
        assert finding.message.endswith("does not take the statement: no type for :id")

    def test_or_else_at_the_name(self, judged: Judge):
        found = judged(Refused("no such table: books"), stores=("sqlite",))
        assert [(f.store, place_in_sql(f)) for f in found] == [("sqlite", (1, 10, 4))]


class TestDifferencesOfTheStores:
    VARIANTS = """
        -- name: read @postgres
        SELECT id, title, details ->> 'note' AS note FROM books WHERE id = :id AND pages > :pages;
        -- name: read @sqlite
        SELECT id, title FROM books WHERE id = :id;
    """
    TAKES_PAGES = PYTHON.replace("id: UUID)", "id: UUID, pages: int)")
    FACTS = replace(RIGHT, parameters=(ParameterFact("uuid"), ParameterFact("int4")))

    def test_a_parameter_that_one_variant_ignores_is_a_finding(self, judged: Judge):
        (finding,) = judged(self.FACTS, RIGHT, sql=self.VARIANTS, python=self.TAKES_PAGES)
        assert (finding.code, finding.subject) == ("store-difference", "pages")
        assert finding.message == "parameter pages is bound for postgres, and nowhere for sqlite"

    def test_so_is_a_field_with_a_default_that_one_variant_leaves_to_it(self, judged: Judge):
        note = replace(self.FACTS, columns=(ID, TITLE, ColumnFact("note", "text", True)))
        sql = self.VARIANTS.replace(" AND pages > :pages", "")
        (finding,) = judged(note, _without_types(RIGHT), sql=sql)
        assert (finding.code, finding.subject) == ("store-difference", "note")


class TestTellingOnce:
    SQL = """
        -- name: read, read_all
        SELECT id, title FROM books
        WHERE TRUE
          AND title = :title --?
          AND pages = :pages --?
        ;
    """
    PYTHON = """
        class Title(Record):
            id: UUID
            title: str

        @query
        async def read(db: Executor, title: str | None = None, pages: int | None = None) -> list[Title]: ...

        @query
        async def read_all(db: Executor) -> list[Title]: ...
    """

    def test_shapes_stores_and_functions_share_a_finding(self, judged: Judge):
        wrong = StatementFacts(columns=(ID, replace(TITLE, nullable=True)))
        (finding,) = judged(wrong, sql=self.SQL, python=self.PYTHON)
        assert (finding.store, finding.shape, finding.function) == (None, None, "shop.read")

    def test_one_of_some_shapes_names_the_smallest(self, make_package: MakePackage):
        modules, _ = load([make_package(self.SQL, self.PYTHON)])
        facts = {
            FactKey(query.signature.title, dialect, names): StatementFacts(
                columns=(ID, TITLE), plan=(PlanFact("scan", "books", ("pages",)),) if "pages" in names else ()
            )
            for query in modules[0].queries.values()
            for dialect in DIALECTS
            for names, _ in shapes_of(query, dialect)
        }
        (finding,) = judge(modules, facts)
        assert (finding.code, finding.store, finding.shape) == ("scan", None, ("pages",))
