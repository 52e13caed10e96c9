"""SQL and Python are held together at import: each mismatch is one QueryError at its place, with the remedy."""

import importlib
import re
import sys

import pytest
from user_package.fixtures import FIRST

from wave_data import QueryError, load_queries


def refused(load, sql: str, python: str) -> str:
    """The error of a package, without the folders in front of its files."""
    with pytest.raises(QueryError) as caught:
        load(sql, python)
    return re.sub(r"[^\s(]*/package_\d+/", "", re.sub(r"package_\d+\.", "", str(caught.value)))


ONE = "-- name: pick\nSELECT title FROM books WHERE id = :id;\n"
PICK = "@query\nasync def pick(db: Executor, id: UUID) -> str: ...\n"


def test_sql_and_python_that_agree(load):
    assert callable(load(ONE, PICK).pick)


def test_a_function_without_a_statement(load):
    message = refused(load, ONE, PICK + "@query\nasync def count(db: Executor) -> int: ...\n")
    assert message == f"shop.py:{FIRST + 2}:1: shop.sql has no statement `-- name: count`; add it"


def test_a_function_with_a_misspelt_name(load):
    message = refused(load, ONE, "@query\nasync def pik(db: Executor, id: UUID) -> str: ...\n")
    assert message == (
        f"shop.py:{FIRST}:1: shop.sql has no statement `-- name: pik`; did you mean pick (shop.sql:1:1)?"
    )


def test_a_statement_without_a_function(load):
    message = refused(load, ONE + "\n-- name: count\nSELECT count(*) FROM books;\n", PICK)
    assert message == "shop.sql:4:1: 'count' has no function; add an @query function of that name to shop"


def test_one_of_several_names_without_a_function(load):
    message = refused(load, ONE.replace("pick", "pick, find"), PICK)
    assert message.startswith("shop.sql:1:1: 'find' has no function")


def test_two_functions_of_one_name(load):
    message = refused(load, ONE, PICK + PICK)
    assert message == f"shop.py:{FIRST + 2}:1: shop has two functions named pick"


def test_a_misspelt_parameter_in_the_statement(load):
    message = refused(load, ONE, PICK.replace("id: UUID", "ids: UUID"))
    assert message == "shop.sql:2:36: shop.pick has no parameter 'id'; did you mean :ids? (its parameters are ids)"


def test_a_parameter_that_the_function_lacks(load):
    message = refused(load, ONE, PICK.replace(", id: UUID", ""))
    assert message == "shop.sql:2:36: shop.pick has no parameter 'id' (its parameters are none)"


def test_a_parameter_that_the_statement_lacks(load):
    message = refused(load, ONE, PICK.replace("id: UUID", "id: UUID, colour: str"))
    assert message == (
        f"shop.py:{FIRST}:1: shop.pick: parameter 'colour' is bound nowhere in the statement (shop.sql:1:1);"
        " bind :colour, or remove it"
    )


def test_a_misspelt_parameter_in_an_optional_line(load):
    sql = "-- name: pick\nSELECT title FROM books\nWHERE title = :titel --?\n;\n"
    message = refused(load, sql, '@query\nasync def pick(db: Executor, title: str = "") -> list[str]: ...\n')
    assert message.startswith("shop.sql:3:15: shop.pick has no parameter 'titel'; did you mean :title?")


def test_a_parameter_that_no_function_of_a_shared_statement_has(load):
    sql = (
        "-- name: pick, find\nSELECT title FROM books\nWHERE TRUE\n"
        "  AND title = :title --?\n  AND colour = :colour --?\n;\n"
    )
    python = '@query\nasync def NAME(db: Executor, title: str = "") -> list[str]: ...\n'
    message = refused(load, sql, python.replace("NAME", "pick") + python.replace("NAME", "find"))
    assert message.startswith("shop.sql:5:16: ")
    assert "colour" in message


def test_a_misspelt_attribute(load):
    sql = "-- name: add\nINSERT INTO authors (id, name)\nVALUES (:row.id, :row.nam);\n"
    python = (
        "class Row(NamedTuple):\n    id: UUID\n    name: str\n"
        "@query\nasync def add(db: Executor, row: Sequence[Row]) -> None: ...\n"
    )
    message = refused(load, sql, python)
    assert message == "shop.sql:3:18: shop.add: row has no attribute 'nam'; did you mean :row.name?"


def test_rows_bound_as_a_whole(load):
    sql = "-- name: add\nUPDATE books\nSET title = :rows;\n"
    python = (
        "class Row(NamedTuple):\n    id: UUID\n@query\nasync def add(db: Executor, rows: Sequence[Row]) -> None: ...\n"
    )
    message = refused(load, sql, python)
    assert message.startswith("shop.sql:3:13: ")
    assert ":rows.id" in message


def test_an_attribute_of_a_scalar(load):
    message = refused(load, ONE.replace(":id", ":id.hex"), PICK)
    assert message.startswith("shop.sql:2:36: shop.pick: id has no attribute 'hex'")


def test_an_annotation_that_no_column_can_hold(load):
    message = refused(load, ONE, PICK.replace("id: UUID", "id: complex"))
    assert message.startswith(
        f"shop.py:{FIRST}:1: shop.pick: parameter id: no column can hold <class 'complex'>: use str, int,"
    )


def test_a_decimal_without_a_scale(load):
    message = refused(load, ONE, PICK.replace("id: UUID", "id: Decimal"))
    assert message.startswith(
        f"shop.py:{FIRST}:1: shop.pick: parameter id: a Decimal needs its scale: Annotated[Decimal,"
    )


def test_a_return_annotation_that_no_column_can_hold(load):
    message = refused(load, ONE, PICK.replace("-> str", "-> complex"))
    assert message.startswith(f"shop.py:{FIRST}:1: shop.pick: the return annotation: no column can hold")


def test_a_record_with_a_field_that_no_column_can_hold(load):
    python = "class Item(Record):\n    title: complex\n" + PICK.replace("-> str", "-> Item")
    message = refused(load, ONE, python)
    assert message.startswith(
        f"shop.py:{FIRST + 2}:1: shop.pick: the return annotation: Item.title: no column can hold"
    )


def test_an_annotation_that_is_not_defined(load):
    message = refused(load, ONE, PICK.replace("-> str", '-> "Colour"'))
    assert message == (f"shop.py:{FIRST}:1: shop.pick: an annotation is not defined: name 'Colour' is not defined")


def test_a_parameter_without_annotation(load):
    message = refused(load, ONE, PICK.replace("id: UUID", "id"))
    assert message == f"shop.py:{FIRST}:1: shop.pick: parameter id has no annotation"


def test_a_missing_return_annotation(load):
    message = refused(load, ONE, PICK.replace(" -> str", ""))
    assert message.startswith(f"shop.py:{FIRST}:1: shop.pick: the return annotation is missing")


def test_a_missing_executor(load):
    message = refused(load, "-- name: pick\nSELECT 1;\n", "@query\nasync def pick() -> int: ...\n")
    assert message == f"shop.py:{FIRST}:1: shop.pick: the first parameter is the executor: db: Executor"


def test_another_parameter_in_the_executors_place(load):
    message = refused(load, ONE, PICK.replace("db: Executor, ", ""))
    assert message == f"shop.py:{FIRST}:1: shop.pick: the first parameter is the executor: db: Executor"


def test_a_keyword_in_the_executors_place(load):
    message = refused(load, ONE, PICK.replace("db: Executor, ", "*, db: Executor, "))
    assert message == f"shop.py:{FIRST}:1: shop.pick: the first parameter is the executor: db: Executor"


@pytest.mark.parametrize("stars", ["*", "**"])
def test_parameters_with_stars(load, stars):
    message = refused(load, ONE, PICK.replace("id: UUID", f"{stars}id: UUID"))
    assert message.startswith(f"shop.py:{FIRST}:1: shop.pick: *id cannot be bound; name each parameter")


def test_a_statement_for_one_store_only(load):
    message = refused(load, "\n" + ONE.replace("pick", "pick @sqlite"), PICK)
    assert message == "shop.sql:1:1: 'pick' has a statement for sqlite only; add the other store's"


def test_variants_that_give_rows_on_one_store_only(load):
    sql = "-- name: clear @postgres\nDELETE FROM books RETURNING id;\n-- name: clear @sqlite\nDELETE FROM books;\n"
    message = refused(load, sql, "@query\nasync def clear(db: Executor) -> Affected: ...\n")
    assert message == "shop.sql:3:1: 'clear' gives rows on one store only"


def test_variants_whose_optional_lines_differ(load):
    sql = (
        "-- name: pick @postgres\nSELECT 1\nWHERE TRUE\n  AND :a --?\n;\n-- name: pick @sqlite\nSELECT 1\nWHERE :a\n;\n"
    )
    message = refused(load, sql, "@query\nasync def pick(db: Executor, a: bool | None = None) -> int: ...\n")
    assert message.startswith(f"shop.py:{FIRST}:1: shop.pick: the optional lines of the two stores bind different")


def test_variants_with_optional_lines_in_another_order(load):
    postgres = "-- name: pick @postgres\nSELECT 1\nWHERE TRUE\n  AND :a --?\n  AND :b --?\n;\n"
    sqlite = "-- name: pick @sqlite\nSELECT 1\nWHERE TRUE\n  AND :b --?\n  AND :a --?\n;\n"
    python = "@query\nasync def pick(db: Executor, a: bool | None = None, b: bool | None = None) -> int: ...\n"
    message = refused(load, postgres + sqlite, python)
    assert message.startswith(f"shop.py:{FIRST}:1: shop.pick: the optional lines of the two stores bind different")


def test_rows_that_the_statement_does_not_give(load):
    message = refused(
        load, "-- name: clear\nDELETE FROM books;\n", "@query\nasync def clear(db: Executor) -> Book: ..."
    )
    assert message.startswith(f"shop.py:{FIRST}:1: shop.clear: the statement gives no rows; add RETURNING, or annotate")


@pytest.mark.parametrize("annotation", ["Affected", "bool"])
def test_a_bulk_statement_whose_rows_nobody_counts(load, annotation):
    sql = "-- name: clear\nDELETE FROM books WHERE id = :rows.id;\n"
    python = (
        "class Row(NamedTuple):\n    id: UUID\n"
        f"@query\nasync def clear(db: Executor, rows: Sequence[Row]) -> {annotation}: ...\n"
    )
    message = refused(load, sql, python)
    assert message.startswith(
        f"shop.py:{FIRST + 2}:1: shop.clear: the drivers do not count the rows of a bulk statement"
    )


def test_a_bulk_statement_that_streams(load):
    sql = "-- name: add\nINSERT INTO authors (id, name) VALUES (:rows.id, :rows.name) RETURNING *;\n"
    python = (
        "class Row(NamedTuple):\n    id: UUID\n    name: str\n"
        "@query\ndef add(db: Executor, rows: Sequence[Row]) -> AsyncIterator[Author]: ...\n"
    )
    message = refused(load, sql, python)
    assert message.startswith(f"shop.py:{FIRST + 3}:1: shop.add: ")


def test_a_stream_is_a_plain_function(load):
    message = refused(load, ONE, PICK.replace("-> str", "-> AsyncIterator[str]"))
    assert message.startswith(f"shop.py:{FIRST}:1: shop.pick: write `async def`, or for an AsyncIterator a plain `def`")


def test_every_other_query_is_a_coroutine(load):
    message = refused(load, ONE, PICK.replace("async ", ""))
    assert message.startswith(f"shop.py:{FIRST}:1: shop.pick: write `async def`, or for an AsyncIterator a plain `def`")


PAGED = "-- name: pick\nSELECT * FROM books\nWHERE id > :cursor.id --?\nORDER BY id\nLIMIT :limit;\n"


def test_a_page_without_limit_and_cursor(load):
    message = refused(
        load, "-- name: pick\nSELECT * FROM books;\n", "@query\nasync def pick(db: Executor) -> Page[Book]: ..."
    )
    assert message.startswith(f"shop.py:{FIRST}:1: shop.pick: a page has the parameters `limit: int = 100, cursor:")


def test_a_page_of_scalars(load):
    python = "@query\nasync def pick(db: Executor, limit: int = 100, cursor: str | None = None) -> Page[str]: ...\n"
    assert refused(load, PAGED, python).startswith(f"shop.py:{FIRST}:1: shop.pick: a page continues after a row")


def test_a_cursor_after_a_column_that_the_record_lacks(load):
    python = "@query\nasync def pick(db: Executor, limit: int = 100, cursor: str | None = None) -> Page[Book]: ...\n"
    message = refused(load, PAGED.replace(":cursor.id", ":cursor.colour"), python)
    assert message.startswith(f"shop.py:{FIRST}:1: shop.pick: a page continues after a row")


def test_a_transition_without_literals(load):
    sql = "-- name: move\nUPDATE books SET status = :status WHERE id = :id AND status = 'draft' RETURNING *;\n"
    message = refused(load, sql, "@transition\nasync def move(db: Executor, id: UUID, status: str) -> Book: ...")
    assert message.startswith("shop.sql:1:1: a transition says SET status = '…', and WHERE status = '…' or")


def test_a_transition_that_updates_nothing(load):
    message = refused(load, ONE, PICK.replace("@query", "@transition"))
    assert message.startswith("shop.sql:1:1: a transition is an UPDATE … SET status = '…' WHERE …")


def test_a_transition_without_find(load):
    sql = "-- name: move\nUPDATE books SET status = 'published' WHERE id = :id AND status = 'draft' RETURNING *;\n"
    message = refused(load, sql, "@transition\nasync def move(db: Executor, id: UUID) -> Book: ...")
    assert message == f"shop.py:{FIRST}:1: shop.move: a transition needs the module's 'find' query; add it"


def test_a_partial_update_without_get(load):
    sql = "-- name: change\nUPDATE books SET updated_at = :now\n  , title = :title --?\nWHERE id = :id RETURNING *;\n"
    python = "@partial_update\nasync def change(db: Executor, id: UUID, title: str | Unset = UNSET) -> Book: ..."
    message = refused(load, sql, python)
    assert message == f"shop.py:{FIRST}:1: shop.change: a partial update needs the module's 'get' query; add it"


def test_a_malformed_file_stops_the_import(load):
    message = refused(load, "-- name: pick\nSELECT ?1;\n", PICK)
    assert message.startswith("shop.sql:2:8: a positional parameter ?1")


def test_the_second_import_of_a_wrong_module_tells_the_same(load, tmp_path):
    sql = ONE + "-- name: find\nSELECT title FROM books WHERE id = :id;\n"
    python = PICK + PICK.replace("pick", "fnd")
    first = refused(load, sql, python)
    (package,) = {name.partition(".")[0] for name in sys.modules if name.startswith("package_")} & {
        path.name for path in tmp_path.iterdir()
    }
    with pytest.raises(QueryError) as caught:
        load_queries(package)
    second = re.sub(r"[^\s(]*/package_\d+/", "", re.sub(r"package_\d+\.", "", str(caught.value)))
    assert second == first


def test_a_module_may_be_reloaded(load):
    shop = load(ONE, PICK)
    assert importlib.reload(shop) is shop


def test_a_package_that_never_called_load_queries(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "lonely_package").mkdir()
    (tmp_path / "lonely_package" / "__init__.py").write_text("")
    path = tmp_path / "lonely_package" / "shop.py"
    path.write_text("from wave_data import Executor, query\n\n@query\nasync def pick(db: Executor) -> int: ...\n")
    expected = f"{path}:3:1: the package 'lonely_package' has not said where its SQL is; call load_queries(__name__) in"
    with pytest.raises(QueryError, match="^" + re.escape(expected)):
        __import__("lonely_package.shop")


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(QueryError, match=re.escape(f"{tmp_path / 'sql'}: no such folder of queries")):
        load_queries("user_package", folder=tmp_path / "sql")


def test_a_file_without_a_module(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    package = tmp_path / "half_package"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "shop.sql").write_text(ONE)
    __import__("half_package")
    expected = f"{package / 'shop.sql'}:1:1: no module for this file; add half_package.shop, or remove the file"
    with pytest.raises(QueryError, match=re.escape(expected)):
        load_queries("half_package")
