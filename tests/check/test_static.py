"""What importing tells: every mistake of a package, each with its place."""

import sys

import pytest
from check_packages import FIRST, MakePackage

from wave_data import InvalidValue, QueryError
from wave_data.check.static import load
from wave_data.engine.modules import query_modules

RIGHT = """
    -- name: find
    SELECT * FROM books WHERE id = :id;
"""
RIGHT_PYTHON = """
    @query
    async def find(db: Executor, id: UUID) -> Book | None: ...
"""


def found(make_package: MakePackage, sql: str, python: str, **others: str) -> list[tuple[str, int, int, str]]:
    """File, line, column and message of each finding."""
    _, findings = load([make_package(sql, python, **others)])
    assert {finding.code for finding in findings} <= {"static"}
    return [(f.place.path.name, f.place.line, f.place.column, f.message) for f in findings]


def test_a_right_package_has_none_and_its_modules(make_package: MakePackage):
    package = make_package(RIGHT, RIGHT_PYTHON)
    modules, findings = load([package])
    assert ([module.name for module in modules], findings) == ([f"{package}.shop"], [])


def test_every_mistake_of_a_file_is_told(make_package: MakePackage):
    sql = """
        -- name: stray
        SELECT : id FROM books;
        -- name: positional
        SELECT * FROM books WHERE id = $1;
        -- name: nothing
        -- name: two
        SELECT 1; SELECT 2;
        -- name: marked
        SELECT * FROM books WHERE id = :id --? if given
        ;
        -- name: an other
        SELECT 1;
    """
    told = found(make_package, sql, "")
    assert [(line, column) for _, line, column, _ in told] == [(2, 8), (4, 32), (5, 1), (7, 11), (9, 36), (11, 1)]
    assert {file for file, *_ in told} == {"shop.sql"}


def test_a_quote_that_is_never_closed_leaves_the_rest_readable(make_package: MakePackage):
    sql = """
        -- name: quoted
        SELECT 'Emma;
        -- name: commented
        SELECT 1 /* one;
        -- name: find
        SELECT * FROM books WHERE id = :di;
    """
    told = found(make_package, sql, RIGHT_PYTHON)
    assert [(line, column) for _, line, column, _ in told] == [(2, 8), (4, 10), (6, 32)]


def test_the_function_of_a_broken_statement_is_not_blamed(make_package: MakePackage):
    told = found(make_package, "-- name: find\nSELECT * FROM books WHERE id = : id;\n", RIGHT_PYTHON)
    assert [message for *_, message in told] == ["a stray colon"]


def test_every_function_is_told_of(make_package: MakePackage):
    sql = """
        -- name: rename
        UPDATE books SET title = :titel WHERE id = :idd RETURNING *;
        -- name: total
        SELECT sum(price) FROM books;
        -- name: lost
        SELECT 1;
    """
    python = """
        @query
        async def rename(db: Executor, id: UUID, title: str) -> Book: ...

        @query
        async def total(db: Executor) -> Decimal: ...

        @query
        async def absent(db: Executor) -> int: ...
    """
    assert [(file, line) for file, line, *_ in found(make_package, sql, python)] == [
        ("shop.sql", 2),
        ("shop.sql", 2),
        ("shop.py", FIRST + 3),
        ("shop.py", FIRST + 6),
        ("shop.sql", 5),
    ]


def test_every_parameter_too_many_is_told(make_package: MakePackage):
    python = """
        @query
        async def find(db: Executor, id: UUID, one: int, two: int) -> Book | None: ...
    """
    _, findings = load([make_package(RIGHT, python)])
    assert [(f.function, f.message.partition(" is bound nowhere")[0]) for f in findings] == [
        ("shop.find", "parameter 'one'"),
        ("shop.find", "parameter 'two'"),
    ]


def test_every_module_is_told_of(make_package: MakePackage):
    told = found(
        make_package,
        RIGHT,
        RIGHT_PYTHON.replace("UUID", "UUDI"),
        lonely_sql="-- name: a\nSELECT 1",
        other_sql=RIGHT,
        other_py=RIGHT_PYTHON.replace("id:", "di:"),
    )
    assert [file for file, *_ in told] == ["lonely.sql", "other.sql", "shop.py"]
    assert told[-1] == ("shop.py", FIRST + 1, 34, "NameError: name 'UUDI' is not defined")


def test_a_syntax_error_has_its_place(make_package: MakePackage):
    assert found(make_package, RIGHT, "def find(:\n")[0][:3] == ("shop.py", FIRST, 10)


def test_the_remedy_stands_by_itself(make_package: MakePackage):
    _, (finding,) = load(
        [make_package(RIGHT, RIGHT_PYTHON + "\n    @query\n    async def fnid(db: Executor) -> int: ...\n")]
    )
    assert finding.remedy.startswith("did you mean find")


def test_a_mistake_marks_its_word(make_package: MakePackage):
    _, (finding,) = load([make_package(RIGHT.replace(":id", ":ident"), RIGHT_PYTHON)])
    assert (finding.place.column, finding.length) == (32, len(":ident"))


def test_a_wrong_package_can_be_loaded_again_once_it_is_mended(make_package: MakePackage, tmp_path):
    package = make_package(RIGHT.replace(":id", ":di"), RIGHT_PYTHON)
    assert len(load([package])[1]) == 1
    path = tmp_path / package / "shop.sql"
    path.write_text(path.read_text().replace(":di", ":id"))
    assert load([package])[1] == []


def test_importing_it_still_raises_the_first(make_package: MakePackage):
    package = make_package(RIGHT.replace(":id", ":idd"), RIGHT_PYTHON)
    with pytest.raises(QueryError, match=r"shop\.find has no parameter 'idd'; did you mean :id"):
        __import__(package)
    assert package not in sys.modules
    assert package not in {module.name.partition(".")[0] for module in query_modules()}


@pytest.mark.parametrize("package", ["no_such_package", "user_package.no_such_module"])
def test_an_unknown_package_is_wrong_usage(package):
    with pytest.raises(InvalidValue, match=f"there is no package {package}"):
        load([package])


def test_a_package_without_queries_is_wrong_usage():
    with pytest.raises(InvalidValue, match="json has no queries: name the one whose __init__ calls load_queries"):
        load(["json"])


def test_two_modules_of_one_name_are_wrong_usage(make_package: MakePackage):
    with pytest.raises(InvalidValue, match="have one name, shop"):
        load([make_package(RIGHT, RIGHT_PYTHON), make_package(RIGHT, RIGHT_PYTHON)])
