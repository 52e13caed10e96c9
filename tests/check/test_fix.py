"""What is mended: only what can be meant in one way, and nothing around it."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from check_packages import MakePackage
from releases import server_at

from wave_data.check import Finding, check
from wave_data.check.fix import apply
from wave_data.check.static import load


@pytest.fixture(autouse=True)
def server(postgres_url: str) -> Iterator[None]:
    with server_at(postgres_url):
        yield


def folder_of(package: str) -> Path:
    return next(folder for path in sys.path if (folder := Path(path) / package).is_dir())


def mended_statically(package: str) -> list[Finding]:
    return apply(load([package])[1])


def mended_by_servers(package: str) -> list[Finding]:
    return apply(check([package]).findings)


def texts(package: str) -> tuple[str, str]:
    folder = folder_of(package)
    return (folder / "shop.sql").read_text(), (folder / "shop.py").read_text()


FIND = """
    @query
    async def find_by_title(db: Executor, title: str) -> Book | None: ...
"""


def test_a_misspelt_parameter_becomes_the_one_that_is_free(make_package: MakePackage):
    package = make_package("-- name: find_by_title\nSELECT * FROM books WHERE title = :titel;", FIND)
    assert [finding.code for finding in mended_statically(package)] == ["static"]
    assert texts(package)[0] == "-- name: find_by_title\nSELECT * FROM books WHERE title = :title;"
    assert load([package])[1] == []


def test_a_parameter_like_two_others_stays(make_package: MakePackage):
    package = make_package(
        "-- name: find\nSELECT * FROM books WHERE title = :title;",
        "@query\nasync def find(db: Executor, title1: str, title2: str) -> Book | None: ...",
    )
    assert mended_statically(package) == []


def test_a_parameter_like_none_stays(make_package: MakePackage):
    package = make_package("-- name: find_by_title\nSELECT * FROM books WHERE title = :name;", FIND)
    assert mended_statically(package) == []


def test_a_parameter_like_one_that_is_bound_already_stays(make_package: MakePackage):
    package = make_package("-- name: find_by_title\nSELECT * FROM books WHERE title = :title OR title = :titles;", FIND)
    assert mended_statically(package) == []


def test_a_misspelt_heading_becomes_the_function_that_has_no_statement(make_package: MakePackage):
    sql = (
        "-- name: find_by_titel @postgres\nSELECT * FROM books WHERE title = :title;\n"
        "-- name: find_by_titel @sqlite\nSELECT * FROM books WHERE title = :title;\n"
    )
    package = make_package(sql, FIND)
    assert len(mended_statically(package)) == 2
    assert texts(package)[0] == sql.replace("titel", "title")
    assert load([package])[1] == []


def test_of_a_shared_heading_only_the_misspelt_name_changes(make_package: MakePackage):
    python = FIND + "\n    @query\n    async def find(db: Executor, title: str) -> Book | None: ...\n"
    package = make_package("-- name: find, find_by_titel\nSELECT * FROM books WHERE title = :title;", python)
    mended_statically(package)
    assert texts(package)[0].startswith("-- name: find, find_by_title\n")


def test_a_heading_like_two_functions_stays(make_package: MakePackage):
    python = FIND + FIND.replace("find_by_title", "find_by_titles")
    package = make_package("-- name: find_by_titel\nSELECT * FROM books WHERE title = :title;", python)
    assert mended_statically(package) == []


NOTES = """
    class Noted(Record):
        id: UUID
        notes: Any
        tag: str = ""
        score: Annotated[Decimal, Scale(5, 2)]  # in percent
"""
SCORES = "-- name: list_notes\nSELECT id, notes, score FROM books;"
LIST = NOTES + "\n    @query\n    async def list_notes(db: Executor) -> list[Noted]: ...\n"


def test_the_field_of_a_nullable_column_takes_none(make_package: MakePackage):
    package = make_package(SCORES, LIST)
    before = texts(package)[1]
    assert {finding.subject for finding in mended_by_servers(package)} == {"notes", "score"}
    expected = before.replace("Scale(5, 2)]  #", "Scale(5, 2)] | None  #").replace(
        "notes: Any\n", "notes: Any | None\n"
    )
    assert texts(package)[1] == expected


def test_a_field_that_another_query_never_fills_with_null_stays(make_package: MakePackage):
    sql = SCORES + "\n-- name: list_scored\nSELECT id, notes, score FROM books WHERE score IS NOT NULL;"
    python = LIST + "\n    @query\n    async def list_scored(db: Executor) -> list[Noted]: ...\n"
    package = make_package(sql, python)
    assert {finding.subject for finding in mended_by_servers(package)} == {"notes"}


def test_a_field_that_all_queries_of_its_record_fill_with_null_is_mended(make_package: MakePackage):
    sql = SCORES.replace("list_notes", "list_notes, list_all") + "\n-- name: again\nSELECT id, notes, score FROM books;"
    python = LIST + "".join(
        f"\n    @query\n    async def {name}(db: Executor) -> list[Noted]: ...\n" for name in ("list_all", "again")
    )
    package = make_package(sql, python)
    mended_by_servers(package)
    assert "Scale(5, 2)] | None  # in percent" in texts(package)[1]


def test_a_scalar_stays_for_none_would_mean_no_row_as_well(make_package: MakePackage):
    package = make_package(
        "-- name: score\nSELECT score FROM books WHERE id = :id;",
        "@query\nasync def score(db: Executor, id: UUID) -> Annotated[Decimal, Scale(5, 2)]: ...",
    )
    assert mended_by_servers(package) == []


def test_a_field_that_one_store_alone_makes_nullable_stays(make_package: MakePackage):
    sql = (
        "-- name: list_notes @postgres\nSELECT id, 'x'::text AS tag FROM books;\n"
        "-- name: list_notes @sqlite\nSELECT id, NULL AS tag FROM books;\n"
    )
    python = """
        class Noted(Record):
            id: UUID
            tag: str
        @query
        async def list_notes(db: Executor) -> list[Noted]: ...
    """
    assert mended_by_servers(make_package(sql, python)) == []


REVIEWED = """\
-- name: find
-- The book.
-- scan: for no reason
-- not null: title, notes,id
SELECT * FROM books WHERE id = :id;
"""


def test_needless_directives_go_and_needed_ones_stay(make_package: MakePackage):
    python = """
        class Noted(Record):
            id: UUID
            title: str
            notes: JsonObject

        @query
        async def find(db: Executor, id: UUID) -> Noted | None: ...
    """
    package = make_package(REVIEWED, python)
    assert {finding.subject for finding in mended_by_servers(package)} == {"scan", "title", "id"}
    assert texts(package)[0] == REVIEWED.replace("-- scan: for no reason\n", "").replace("title, notes,id", "notes")


def test_a_directive_of_which_nothing_is_left_goes(make_package: MakePackage):
    sql = "-- name: find_by_title\n-- not null: title\nSELECT * FROM books WHERE title = :title LIMIT 1;\n"
    package = make_package(sql, FIND)
    mended_by_servers(package)
    assert texts(package)[0] == sql.replace("-- not null: title\n", "")


def test_every_other_byte_stays(make_package: MakePackage):
    package = make_package("-- name: find_by_title\nSELECT 1;", FIND)
    path = folder_of(package) / "shop.sql"
    before = (
        "\ufeff-- name: find_by_titel\r\n-- näher\t \r\nSELECT *  FROM books\rWHERE title = :titel;  \r\n\r\n".encode()
    )
    path.write_bytes(before)
    mended_statically(package)
    after = path.read_bytes()
    mended_statically(package)
    assert after == before.replace(b"find_by_titel", b"find_by_title")
    assert path.read_bytes() == before.replace(b"titel", b"title")
