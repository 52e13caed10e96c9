"""Old code on a newer schema, and new code on an older one."""

import asyncio
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import asyncpg
import pytest
from user_package import MIGRATIONS, authors, books
from user_package.books import NewBook
from user_package.fixtures import load, migrations_folder, postgres_template, sqlite_template

from wave_data import MigrationError, QueryError, RowMappingError, WaveDataError, connect, migrate
from wave_data import wave_sessions as sessions
from wave_data.package_data import DB
from wave_data.servers.databases import temporary_database
from wave_data.stores.settings import DatabaseUrl

__all__ = ["load", "migrations_folder", "postgres_template", "sqlite_template"]

AHEAD = "20990101000000"


def by_hand(url: str, *statements: str) -> None:
    """What a newer migration does, past every connection of the test."""
    target = DatabaseUrl.parse(url)
    if target.path is not None:
        with closing(sqlite3.connect(target.path, isolation_level=None)) as connection:
            for statement in statements:
                connection.execute(statement)
        return

    async def work() -> None:
        connection = await asyncpg.connect(target.dbmate)
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work()).result()


@pytest.fixture(params=["sqlite-file", "postgres"])
def store(request) -> str:
    """The stores that others can change meanwhile."""
    return request.param


@pytest.fixture
def change(database_url) -> Callable[..., None]:
    """Changes the schema of the test's database."""
    return lambda *statements: by_hand(database_url, *statements)


ADD = "ALTER TABLE books ADD COLUMN colour text"
DROP = "ALTER TABLE books DROP COLUMN weight"
NEWER = f"INSERT INTO schema_migrations (version) VALUES ('{AHEAD}')"


@pytest.fixture
async def old(connect_store):
    """A database whose one connection has prepared every statement that the tests use."""
    db = await connect_store(pool_size=1, max_overflow=0, backoff_base=0.001)
    first, _ = await books.create_many(db, [NewBook("Emma"), NewBook("Persuasion")])
    await use(db, first.id)
    async with db.transaction() as tx:
        await use(tx, first.id)
    return db


async def use(db, id) -> None:
    """One statement of every kind."""
    await books.get(db, id)
    await books.update(db, id, score=1)
    await books.add_words(db, id, 1)
    await books.find_many(db, limit=1)
    (made,) = await books.create_many(db, [NewBook("Sanditon")])
    await books.delete(db, made.id)
    await books.import_many(db, [made])
    await books.delete(db, made.id)
    await books.count(db)
    assert len([book async for book in books.iterate(db)]) == 2


async def only_id(db):
    return [book.id async for book in books.iterate(db)][-1]


async def test_a_new_column_does_not_disturb_old_code(old, change):
    id = await only_id(old)
    change(ADD)
    await use(old, id)


KINDS = {
    "a read": books.get,
    "a write": lambda db, id: books.add_words(db, id, 1),
    "a page": lambda db, id: books.find_many(db),
    "a bulk write": lambda db, id: books.create_many(db, [NewBook("Sanditon")]),
    "a bulk write without rows": lambda db, id: books.import_many(db, []),
    "a stream": lambda db, id: collect(books.iterate(db)),
}


async def collect(stream):
    return [item async for item in stream]


@pytest.mark.parametrize("kind", KINDS)
async def test_the_first_statement_after_a_new_column(old, change, kind):
    id = await only_id(old)
    change(ADD)
    await KINDS[kind](old, id)
    await KINDS[kind](old, id) if kind != "a bulk write" else await books.delete_drafts(old)


@pytest.mark.parametrize("kind", KINDS)
async def test_the_first_transaction_after_a_new_column(old, change, kind):
    id = await only_id(old)
    change(ADD)
    await old.run_in_transaction(lambda tx: KINDS[kind](tx, id))


@pytest.mark.parametrize("kind", KINDS)
async def test_a_new_column_in_the_midst_of_a_transaction(old, change, kind):
    """The transaction may have to be run again, and nothing of its first run stays."""
    id = await only_id(old)
    runs = []

    async def work(tx):
        runs.append(1)
        if len(runs) == 1:
            change(ADD)
        return await KINDS[kind](tx, id)

    if old.dialect == "sqlite":
        change(ADD)
        runs.append(1)
    await old.run_in_transaction(work)
    assert len(runs) <= 2


async def test_records_have_no_unknown_column(old, change):
    change(ADD, "UPDATE books SET colour = 'red'")
    book = await books.get(old, await only_id(old))
    assert "colour" not in book.model_dump()


async def test_a_dropped_column_is_a_clear_error(old, change):
    id = await only_id(old)
    change(DROP)
    for _ in range(2):
        with pytest.raises(RowMappingError, match=r"books\.get \(.*\): no column weight for Book\.weight"):
            await books.get(old, id)
        with pytest.raises(QueryError, match="weight"):
            await books.update(old, id, weight=1.0)
    assert await books.count(old) == 2


async def test_a_dropped_table_is_a_clear_error(old, change):
    change("DROP TABLE books")
    with pytest.raises(QueryError, match=r"books.*\(is the schema migrated\? run `wave-data migrate up`\)"):
        await books.count(old)
    assert await authors.find(old, (await authors.create(old, "Jane Austen")).id) is not None


@pytest.mark.parametrize("store", ["postgres"], indirect=True)
async def test_a_column_of_another_type_is_a_clear_error(old, change):
    id = await only_id(old)
    change("ALTER TABLE books ALTER COLUMN pages TYPE text")
    with pytest.raises(RowMappingError, match=r"column pages has the type text, but Book\.pages takes int"):
        await books.get(old, id)


# Opening


@pytest.fixture
def newer(tmp_path) -> Path:
    """The package's migrations with one that the database does not have."""
    folder = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, folder)
    for dialect in ("postgres", "sqlite"):
        path = folder / dialect / f"{AHEAD}_add_colours.sql"
        path.write_text(f"-- migrate:up\n{ADD};\n-- migrate:down\nALTER TABLE books DROP COLUMN colour;\n")
    return folder


async def test_new_code_refuses_an_older_schema(database_url, newer):
    with pytest.raises(MigrationError) as caught:
        await connect(database_url, migrations=newer)
    assert f"is behind the code; missing: {AHEAD} (add_colours); run `wave-data migrate up`" in str(caught.value)
    assert DatabaseUrl.parse(database_url).password is None or ":***@" in str(caught.value)


async def test_new_code_opens_after_the_migration(database_url, newer):
    migrate(database_url, folder=newer)
    async with connect(database_url, migrations=newer) as db:
        assert await books.count(db) == 0


async def test_an_empty_database_misses_every_migration(store, tmp_path, postgres_url):
    versions = sorted(path.name.partition("_")[0] for path in (DB / "migrations" / "sqlite").glob("*.sql"))

    async def refused(url: str) -> None:
        with pytest.raises(MigrationError) as caught:
            await connect(url)
        assert all(version in str(caught.value) for version in versions)

    if store == "postgres":
        with temporary_database(postgres_url) as url:
            await refused(url)
    else:
        await refused(f"sqlite:{tmp_path / 'empty.db'}")


async def test_the_check_may_be_left_out(database_url):
    async with connect(database_url, migrations=None) as db:
        assert await books.count(db) == 0


async def test_a_schema_ahead_of_the_code_is_accepted(database_url, change):
    change(ADD, NEWER)
    async with connect(database_url, migrations=MIGRATIONS) as db:
        await books.create(db, "Emma")


@pytest.mark.parametrize("broken", [DROP, "ALTER TABLE books RENAME COLUMN title TO name", "DROP TABLE books"])
async def test_a_schema_ahead_that_breaks_a_query_is_refused(database_url, change, broken):
    change(broken, NEWER)
    with pytest.raises(MigrationError, match="is ahead of the code, and queries no longer fit it: ") as caught:
        await connect(database_url, migrations=MIGRATIONS)
    assert "books." in str(caught.value)


async def test_a_schema_ahead_that_breaks_a_returned_row_is_refused(database_url, change, load):
    """A statement that writes is verified too, down to the columns that it returns."""
    load(
        """
        -- name: touch
        UPDATE authors SET name = name RETURNING *;
        """,
        """
        @query
        async def touch(db: Executor) -> list[Author]: ...
        """,
        migrations=MIGRATIONS,
    )
    change("ALTER TABLE authors RENAME COLUMN created_at TO added_at", NEWER)
    with pytest.raises(MigrationError, match=r"shop\.touch"):
        await connect(database_url, migrations=MIGRATIONS)


async def test_the_queries_of_another_schema_are_not_verified(database_url, change, load):
    load("-- name: pick\nSELECT 1 FROM elsewhere;\n", "@query\nasync def pick(db: Executor) -> int: ...\n")
    change(ADD, NEWER)
    async with connect(database_url, migrations=MIGRATIONS) as db:
        assert await books.count(db) == 0


async def test_verifying_changes_nothing(database_url, change):
    async with connect(database_url, migrations=MIGRATIONS) as db:
        await books.create(db, "Emma")
    change(ADD, NEWER)
    async with connect(database_url, migrations=MIGRATIONS) as db:
        assert await books.count(db) == 1


async def test_a_connection_refused_for_its_schema_leaves_nothing_open(database_url, newer, change):
    for _ in range(3):
        with pytest.raises(MigrationError):
            await connect(database_url, migrations=newer)
    change("DROP TABLE books")


# The library's own queries


@pytest.fixture
def library_url(store, tmp_path, postgres_url) -> Iterator[str]:
    """A database with the library's own schema, ahead by one version."""

    def ahead(url: str) -> str:
        migrate(url)
        by_hand(url, NEWER)
        return url

    if store == "sqlite-file":
        yield ahead(f"sqlite:{tmp_path / 'wave.db'}")
        return
    with temporary_database(postgres_url) as url:
        yield ahead(url)


async def test_every_query_of_the_library_verifies(library_url):
    async with connect(library_url) as db:
        assert (await sessions.find_many(db)).items == []


async def test_a_broken_query_of_the_library_is_named(library_url):
    by_hand(library_url, "ALTER TABLE wave_checkpoints RENAME COLUMN checkpoint_name TO name")
    with pytest.raises(MigrationError, match=r"wave_checkpoints\.") as caught:
        await connect(library_url)
    assert isinstance(caught.value, WaveDataError)
