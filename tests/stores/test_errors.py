"""The same mistake is the same error on every store, and no error of a driver escapes."""

import asyncio
import re
import socket
from contextlib import AsyncExitStack
from pathlib import Path
from uuid import uuid4

import pytest
from user_package import authors, books

from wave_data import (
    Conflict,
    ConnectionFailed,
    InvalidValue,
    MissingReference,
    PoolTimeout,
    QueryError,
    QueryTimeout,
    WaveDataError,
    connect,
)
from wave_data.servers.wheel import wheel_server
from wave_data.stores.settings import DatabaseUrl

LAZY = {"connect_retries": 0, "migrations": None}


async def failure(awaitable, kind: type[WaveDataError]) -> WaveDataError:
    """The error of a call; it is one of ours, with the driver's as its cause."""
    with pytest.raises(WaveDataError) as caught:
        await awaitable
    assert type(caught.value) is kind
    return caught.value


# Constraints


async def test_a_taken_key(db):
    book = await books.create(db, "Emma")
    error = await failure(books.create(db, "Persuasion", id=book.id), Conflict)
    assert (error.constraint, error.entity) == ("books_pkey", "book")
    assert error.__cause__ is not None


async def test_a_taken_name(db):
    await books.create(db, "Emma")
    error = await failure(books.create(db, "Emma"), Conflict)
    assert (error.constraint, str(error)) == (
        "books_title_key",
        "books.create: the unique key is taken (books_title_key)",
    )


async def test_an_absent_reference(db):
    error = await failure(books.create(db, "Emma", author_id=uuid4()), MissingReference)
    assert error.entity == "book"


async def test_an_absent_reference_shows_at_the_statement_inside_a_transaction(db):
    async with db.transaction() as tx:
        with pytest.raises(MissingReference):
            async with tx.transaction() as inner:
                await books.create(inner, "Emma", author_id=uuid4())
    assert await books.count(db) == 0


async def test_a_check(db):
    book = await books.create(db, "Emma")
    error = await failure(books.add_words(db, book.id, -1), InvalidValue)
    assert (error.constraint, str(error)) == (
        "books_words_check",
        "books.add_words: a check refuses the value (books_words_check)",
    )


async def test_null_in_a_column_that_takes_none(db, load):
    shop = load(
        """
        -- name: add
        INSERT INTO authors (id, name, created_at) VALUES (:id, :name, :now);
        """,
        """
        @query
        async def add(db: Executor, name: str | None, id: NewId = None) -> None: ...
        """,
    )
    error = await failure(shop.add(db, None), InvalidValue)
    assert str(error) == "shop.add: the column takes no NULL (name)"


async def test_children_go_with_their_parent(db):
    author = await authors.create(db, "Jane Austen")
    await books.create(db, "Emma", author_id=author.id)
    await authors.delete(db, author.id)
    assert await books.count(db) == 0


async def test_the_values_of_a_refused_row_are_not_told(db):
    await books.create(db, "s3cret")
    error = await failure(books.create(db, "s3cret"), Conflict)
    assert "s3cret" not in str(error)


# Statements that are wrong

WRONG = {
    "a syntax error": ("SELEC 1", "int"),
    "an unknown table": ("SELECT count(*) FROM bookz", "int"),
    "an unknown column": ("SELECT titel FROM books", "str"),
    "an unknown function": ("SELECT frobnicate(1)", "int"),
    "a wrong number of arguments": ("SELECT lower('a', 'b', 'c')", "str"),
    "an insert with too many values": ("INSERT INTO authors (id) VALUES (1, 2)", "None"),
    "an aggregate in WHERE": ("SELECT 1 FROM books WHERE count(*) > 1", "int"),
}


@pytest.mark.parametrize(("sql", "annotation"), WRONG.values(), ids=WRONG.keys())
async def test_wrong_sql(db, load, sql, annotation):
    shop = load(f"\n-- name: pick\n{sql};\n", f"@query\nasync def pick(db: Executor) -> {annotation}: ...\n")
    error = await failure(shop.pick(db), QueryError)
    assert re.match(re.escape(str(Path(shop.__file__).with_suffix(".sql"))) + r":[12]:\d+: shop\.pick: ", str(error))


@pytest.mark.parametrize("store", ["postgres"], indirect=True)
async def test_postgres_tells_the_very_place(db, load):
    shop = load(
        "-- name: pick\nSELECT title\nFROM books\nWHERE id = :id AND titel = 'x';\n",
        "@query\nasync def pick(db: Executor, id: UUID) -> str | None: ...\n",
    )
    error = await failure(shop.pick(db, uuid4()), QueryError)
    assert "shop.sql:4:20: shop.pick: " in str(error)


async def test_an_unknown_table_has_a_remedy(db, load):
    shop = load("-- name: pick\nSELECT count(*) FROM bookz;\n", "@query\nasync def pick(db: Executor) -> int: ...\n")
    error = await failure(shop.pick(db), QueryError)
    assert "bookz" in str(error)
    assert "(is the schema migrated? run `wave-data migrate up`)" in str(error)


async def test_the_connection_is_usable_after_every_error(connect_store, load):
    db = await connect_store(pool_size=1, max_overflow=0)
    shop = load("-- name: pick\nSELECT count(*) FROM bookz;\n", "@query\nasync def pick(db: Executor) -> int: ...\n")
    for _ in range(3):
        await failure(shop.pick(db), QueryError)
        await failure(books.create(db, "Emma", author_id=uuid4()), MissingReference)
    assert await books.count(db) == 0


async def test_an_integer_too_large_for_its_column(db, load):
    shop = load(
        "-- name: change\nUPDATE books SET words = :words;\n",
        "@query\nasync def change(db: Executor, words: int) -> None: ...\n",
    )
    await failure(shop.change(db, 2**63), InvalidValue)


@pytest.mark.parametrize("store", ["postgres"], indirect=True)
async def test_postgres_refuses_a_division_by_zero(db, load):
    shop = load(
        "-- name: pick\nSELECT 1 / :number FROM books;\n",
        "@query\nasync def pick(db: Executor, number: int) -> int | None: ...\n",
    )
    await books.create(db, "Emma")
    await failure(shop.pick(db, 0), InvalidValue)


SLOW = """
    -- name: slow @postgres
    SELECT count(pg_sleep(10));
    -- name: slow @sqlite
    WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers LIMIT 1000000000)
    SELECT count(*) FROM numbers;
    """


async def test_a_statement_that_runs_too_long(connect_store, load):
    shop = load(SLOW, "@query\nasync def slow(db: Executor) -> int: ...\n")
    db = await connect_store(statement_timeout=0.05, pool_size=1, max_overflow=0)
    error = await failure(shop.slow(db), QueryTimeout)
    assert error.retryable is False
    assert await books.count(db) == 0


# Databases that cannot be reached


def chain(error: BaseException | None) -> str:
    """All that an error and its causes show."""
    shown = ""
    while error is not None:
        shown += f"{error} {error!r} {error.args!r} {vars(error)!r}\n"
        error = error.__cause__ or error.__context__
    return shown


async def unreachable(url: str, **options) -> ConnectionFailed:
    with pytest.raises(ConnectionFailed) as caught:
        async with connect(url, **{**LAZY, **options}):
            pass
    assert "s3cr" not in chain(caught.value)
    return caught.value


def with_password(url: str, **changes) -> str:
    target = DatabaseUrl.parse(url)
    values = {"user": target.user, "password": "s3cret", "host": target.host, "port": target.port, **changes}
    database = changes.get("database", target.database)
    return "postgresql://{user}:{password}@{host}:{port}/{0}?sslmode=disable".format(database, **values)


async def test_a_wrong_password(postgres_url):
    error = await unreachable(with_password(postgres_url))
    assert "the server refused the user or the password" in str(error)
    assert ":***@" in str(error)


async def test_an_unknown_user(postgres_url):
    error = await unreachable(with_password(postgres_url, user="nobody_at_all"))
    assert "the server refused the user or the password" in str(error)


async def test_an_unknown_database(postgres_url):
    target = DatabaseUrl.parse(postgres_url)
    error = await unreachable(
        f"postgresql://{target.user}:{target.password}@{target.host}:{target.port}/no_such_database?sslmode=disable"
    )
    assert "the server has no database of this name" in str(error)
    assert target.password not in chain(error)


async def test_a_port_where_nobody_listens():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    error = await unreachable(f"postgresql://me:s3cret@127.0.0.1:{port}/db")
    assert f"cannot connect to postgres://me:***@127.0.0.1:{port}/db: no server answers there" in str(error)


async def test_an_unknown_host():
    await unreachable("postgresql://me:s3cret@no-such-host.invalid/db")


async def test_a_server_that_says_nothing():
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        port = silent.getsockname()[1]
        error = await unreachable(f"postgresql://me:s3cret@127.0.0.1:{port}/db?sslmode=disable", connect_timeout=0.05)
    assert "the server did not answer in time" in str(error)


async def test_a_server_that_is_no_postgres():
    async def shout(reader, writer):
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n" * 20)
        writer.close()

    server = await asyncio.start_server(shout, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        await unreachable(f"postgresql://me:s3cret@127.0.0.1:{port}/db?sslmode=disable", connect_timeout=2)


async def test_an_unknown_parameter_of_the_url(postgres_url):
    error = await unreachable(postgres_url + "&frobnicate=1")
    assert "frobnicate" in str(error)


async def test_a_server_that_stops_and_starts_again():
    with wheel_server({"fsync": "off"}) as url:
        async with connect(url, migrations=None, connect_retries=0, transaction_retries=0) as db:
            await db.ping()
        stopped = url
    error = await unreachable(stopped)
    assert "no server answers there" in str(error)


async def test_more_connections_than_the_server_has():
    with wheel_server({"fsync": "off", "max_connections": "4", "superuser_reserved_connections": "0"}) as url:
        async with connect(url, migrations=None, connect_retries=0, pool_size=9, transaction_retries=0) as db:
            with pytest.raises(ConnectionFailed, match="connection left"):
                await take_all(db)


async def take_all(db) -> None:
    """Hold as many connections as there are to be had."""
    async with AsyncExitStack() as held:
        while True:
            await held.enter_async_context(db.connection())


async def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    error = await unreachable(f"sqlite:{tmp_path / 'file' / 'sub' / 'books.db'}")
    assert f"cannot make the directory {tmp_path / 'file' / 'sub'}: Not a directory" in str(error)


async def test_a_missing_folder_is_made(tmp_path):
    async with connect(f"sqlite:{tmp_path / 'a' / 'b' / 'books.db'}", migrations=None) as db:
        await db.ping()
    assert (tmp_path / "a" / "b" / "books.db").exists()


async def test_a_folder_in_place_of_a_file(tmp_path):
    await unreachable(f"sqlite:{tmp_path}")


async def test_a_file_that_is_no_database(tmp_path):
    path = tmp_path / "books.db"
    path.write_text("Emma Woodhouse, handsome, clever, and rich\n" * 200)
    error = await unreachable(f"sqlite:{path}")
    assert str(path) in str(error)


async def test_a_full_pool_names_its_remedy(connect_store):
    db = await connect_store(pool_size=1, max_overflow=0, acquire_timeout=0.2)
    async with db.connection():
        error = await failure(books.create(db, "Emma"), PoolTimeout)
    assert "shorten the transactions" in str(error)
