from pathlib import Path

import pytest

from wave_data.engine.plain_insert import PlainInsert, read_plain_insert
from wave_data.engine.sql_file import parse_sql


def plain_insert_of(text):
    (statement,) = parse_sql(f"-- name: add\n{text}", Path("x.sql")).statements
    return read_plain_insert(statement, statement.render("postgres", lambda line: True))


def test_parameters_into_columns_are_plain():
    assert plain_insert_of("INSERT INTO books (id, title) VALUES (:books.id, :books.title);") == PlainInsert(
        "books", ("id", "title"), (0, 1)
    )


def test_a_parameter_may_fill_several_columns():
    found = plain_insert_of("insert into books (created_at, id, updated_at) values (:now, :books.id, :now)")
    assert found == PlainInsert("books", ("created_at", "id", "updated_at"), (0, 1, 0))


def test_names_stay_as_they_are_written():
    found = plain_insert_of('INSERT INTO public . zones ("trigger", /* why */ name) -- so\nVALUES (:a, :b)')
    assert found == PlainInsert("public.zones", ('"trigger"', "name"), (0, 1))


@pytest.mark.parametrize(
    "text",
    [
        "INSERT INTO books (id) VALUES (:id) RETURNING *",
        "INSERT INTO books (id) VALUES (:id) ON CONFLICT DO NOTHING",
        "INSERT INTO books (id, status) VALUES (:id, 'draft')",
        "INSERT INTO books (id, title) VALUES (:id, lower(:title))",
        "INSERT INTO books (id, title) VALUES (:id, :title::text)",
        "INSERT INTO books (id) VALUES (:id), (:other)",
        "INSERT INTO books VALUES (:id)",
        "INSERT INTO books (id) SELECT :id",
        "INSERT INTO books AS b (id) VALUES (:id)",
        "INSERT INTO books (id) OVERRIDING SYSTEM VALUE VALUES (:id)",
        "INSERT INTO books (id\n, title --?\n) VALUES (:id\n, :title --?\n)".replace(", title --?", ", title"),
        "WITH x AS (SELECT 1) INSERT INTO books (id) VALUES (:id)",
        "UPDATE books SET id = :id",
    ],
)
def test_whatever_else_a_statement_does_is_not(text):
    assert plain_insert_of(text) is None
