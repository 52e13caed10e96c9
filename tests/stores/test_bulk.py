"""Bulk statements of few rows and of many, which PostgreSQL takes by COPY."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from user_package import books
from user_package.books import NewBook

from wave_data import Conflict, InvalidValue
from wave_data.engine.identifiers import uuid7
from wave_data.stores.postgres_copy import COPY_FROM

MANY = COPY_FROM * 2


@pytest.fixture(params=[1, COPY_FROM - 1, COPY_FROM, MANY])
def size(request):
    return request.param


@pytest.fixture
def everything(load):
    """A bulk statement with every type of column, and NULLs."""
    return load(
        """
        -- name: copy_many
        INSERT INTO books (
            id, author_id, title, status, price, score, pages, words, weight, in_print, details, notes, tags,
            published_at, created_at, updated_at
        )
        VALUES (
            :books.id, :books.author_id, :books.title, :books.status, :books.price, :books.score, :books.pages,
            :books.words, :books.weight, :books.in_print, :books.details, :books.notes, :books.tags,
            :books.published_at, :books.created_at, :now
        );
        -- name: publish_many
        INSERT INTO books (id, title, published_at, created_at, updated_at)
        VALUES (:books.id, :books.title, :at, :now, :now);
        """,
        """
        @query
        async def copy_many(db: Executor, books: Sequence[Book]) -> None: ...
        @query
        async def publish_many(db: Executor, books: Sequence[Book], at: UtcDatetime | None) -> None: ...
        """,
    )


async def some_books(db, size):
    """Books with and without a value in every column."""
    found = []
    for number in range(size):
        given = (
            {
                "price": Decimal("0.000001") * number,
                "score": Decimal("99.99"),
                "pages": -(2**31),
                "words": 2**63 - 1,
                "weight": 0.1 + number,
                "in_print": True,
                "details": {"ü": [1, None, {"x": "\t\\\"'"}]},
                "notes": ["x", number],
                "tags": ["a,b", '"', "\\", "", "NULL", "{}"],
                "published_at": datetime(1999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
            }
            if number % 2
            else {}
        )
        found.append(await books.create(db, f"Emma\\N\t\n{number} 😀", **given))
    return found


async def test_what_is_inserted_is_what_was_given(db, everything, size):
    async with db.transaction() as tx:
        originals = await some_books(tx, size)
        await books.delete_drafts(tx)
    await everything.copy_many(db, originals)
    for original in originals:
        found = await books.get(db, original.id)
        assert found.model_dump(exclude={"updated_at"}) == original.model_dump(exclude={"updated_at"})
    assert await books.count(db) == size


async def test_a_value_for_all_rows_may_be_null(db, everything, size):
    async with db.transaction() as tx:
        originals = await some_books(tx, size)
        await books.delete_drafts(tx)
    await everything.publish_many(db, originals, None)
    assert [book.published_at async for book in books.iterate(db)] == [None] * size


async def test_a_refused_row_leaves_none_of_those_that_would_be_returned(db, size):
    await books.create(db, "Emma")
    with pytest.raises(Conflict):
        await books.create_many(db, [*(NewBook(f"book {number}") for number in range(size)), NewBook("Emma")])
    assert await books.count(db) == 1


async def test_a_row_that_a_key_refuses_leaves_none_and_names_the_key(db, size):
    kept = await books.create(db, "Emma")
    twins = [kept.model_copy(update={"id": uuid7(), "title": f"book {number}"}) for number in range(size)]
    with pytest.raises(Conflict, match=r"import_many"):
        await books.import_many(db, [*twins, kept])
    assert await books.count(db) == 1


async def test_an_argument_that_does_not_fit_leaves_nothing_and_is_named(db, size):
    kept = await books.create(db, "Emma")
    rows = [kept.model_copy(update={"id": uuid7(), "title": f"book {number}"}) for number in range(size)]
    wrong = kept.model_copy(update={"id": uuid7(), "pages": 2**31})
    with pytest.raises(InvalidValue, match=rf"books\[{size}\]\.pages"):
        await books.import_many(db, [*rows, wrong])
    assert await books.count(db) == 1


async def test_it_takes_part_in_a_transaction(db, size):
    kept = await books.create(db, "Emma")
    rows = [kept.model_copy(update={"id": uuid7(), "title": f"book {number}"}) for number in range(size)]
    with pytest.raises(RuntimeError, match="changed my mind"):
        async with db.transaction() as tx:
            await books.import_many(tx, rows)
            assert await books.count(tx) == 1 + size
            raise RuntimeError("changed my mind")
    assert await books.count(db) == 1


async def test_a_view_and_a_table_with_rules_take_many_rows_too(db, load):
    if db.dialect == "sqlite":
        script = "CREATE VIEW drafts AS SELECT id, title, created_at, updated_at FROM books;" + (
            "CREATE TRIGGER drafts_insert INSTEAD OF INSERT ON drafts BEGIN INSERT INTO books (id, title, created_at,"
            " updated_at) VALUES (new.id, 'draft: ' || new.title, new.created_at, new.updated_at); END;"
        )
    else:
        script = "CREATE VIEW drafts AS SELECT id, title, created_at, updated_at FROM books;" + (
            "CREATE RULE drafts_insert AS ON INSERT TO drafts DO INSTEAD INSERT INTO books (id, title, created_at,"
            " updated_at) VALUES (new.id, 'draft: ' || new.title, new.created_at, new.updated_at);"
        )
    await db.run_script(script)
    module = load(
        """
        -- name: add_many
        INSERT INTO drafts (id, title, created_at, updated_at)
        VALUES (:drafts.id, :drafts.title, :now, :now);
        """,
        """
        class Draft(NamedTuple):
            id: UUID
            title: str

        @query
        async def add_many(db: Executor, drafts: Sequence[Draft]) -> None: ...
        """,
    )
    await module.add_many(db, [module.Draft(uuid7(), str(number)) for number in range(MANY)])
    assert {book.title async for book in books.iterate(db)} == {f"draft: {number}" for number in range(MANY)}


@pytest.mark.parametrize("store", ["postgres"], indirect=True)
async def test_it_goes_on_after_a_migration_changed_the_type_of_a_column(db, size):
    kept = await books.create(db, "Emma")

    def copies(name):
        return [kept.model_copy(update={"id": uuid7(), "title": f"{name} {n}", "pages": n}) for n in range(size)]

    await books.import_many(db, copies("before"))
    await db.run_script("ALTER TABLE books ALTER COLUMN pages TYPE bigint")
    await books.import_many(db, copies("after"))
    await books.import_many(db, copies("later"))
    assert await books.count(db) == 1 + 3 * size


LISTS = {
    "postgres": "CREATE TABLE lists (id uuid PRIMARY KEY, ids uuid[], times timestamptz[], prices numeric(14, 6)[])",
    "sqlite": "CREATE TABLE lists (id TEXT PRIMARY KEY, ids TEXT, times TEXT, prices TEXT) STRICT",
}


async def test_lists_of_what_drivers_carry_in_forms_of_their_own(db, load, size):
    shop = load(
        """
        -- name: add_many
        INSERT INTO lists (id, ids, times, prices) VALUES (:rows.id, :rows.ids, :rows.times, :rows.prices);
        -- name: list_all
        SELECT id, ids, times, prices FROM lists ORDER BY id;
        """,
        """
        class Lists(Record):
            id: UUID
            ids: list[UUID]
            times: list[UtcDatetime]
            prices: list[Usd]

        @query
        async def add_many(db: Executor, rows: Sequence[Lists]) -> None: ...
        @query
        async def list_all(db: Executor) -> list[Lists]: ...
        """,
    )
    await db.run_script(LISTS[db.dialect])
    times = [datetime(1969, 12, 31, 23, 59, 59, 999999, UTC), datetime(2026, 1, 1, tzinfo=UTC)]
    rows = [
        shop.Lists(id=uuid7(), ids=[uuid7(), uuid7()], times=times, prices=[Decimal("0.000001") * number])
        for number in range(size)
    ]
    await shop.add_many(db, rows)
    assert await shop.list_all(db) == rows
