"""What a query function does with the rows of its statement, on every store."""

import inspect
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from user_package import authors, books
from user_package.books import Book, LoadedBook, NewBook

from wave_data import InvalidValue, NotFound, Page, QueryError, RowMappingError
from wave_data.engine.identifiers import uuid7
from wave_data.testing import FixedClock

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


async def add(db, *titles: str, **fields) -> list[Book]:
    return [await books.create(db, title, **fields) for title in titles]


async def titles(found: AsyncIterator[Book]) -> list[str]:
    return [book.title async for book in found]


# One row


async def test_a_record_is_the_one_row(db):
    (emma,) = await add(db, "Emma")
    assert await books.get(db, emma.id) == emma


async def test_no_row_is_not_found(db):
    id = uuid4()
    with pytest.raises(NotFound, match=f"^book {id} not found$") as caught:
        await books.get(db, id)
    assert (caught.value.entity, caught.value.key) == ("book", id)


async def test_two_rows_are_too_many_for_one(db, load):
    shop = load(
        """
        -- name: pick
        SELECT * FROM books;
        """,
        """
        @query
        async def pick(db: Executor) -> Book: ...
        """,
    )
    await add(db, "Emma", "Persuasion")
    with pytest.raises(QueryError, match=r"shop\.pick: 2 rows where one was expected.*shop\.sql:1:1"):
        await shop.pick(db)


async def test_none_stands_for_no_row(db):
    assert await books.find(db, uuid4()) is None


async def test_an_optional_row(db):
    (emma,) = await add(db, "Emma")
    assert await books.find(db, emma.id) == emma


async def test_two_rows_are_too_many_for_an_optional_one(db, load):
    shop = load(
        """
        -- name: pick
        SELECT * FROM books;
        """,
        """
        @query
        async def pick(db: Executor) -> Book | None: ...
        """,
    )
    await add(db, "Emma", "Persuasion")
    with pytest.raises(QueryError, match=r"shop\.pick: 2 rows where one was expected"):
        await shop.pick(db)


# Scalars


async def test_scalars_of_every_type(db, load):
    shop = load(
        """
        -- name: title
        SELECT title FROM books WHERE id = :id;
        -- name: price
        SELECT price FROM books WHERE id = :id;
        -- name: words
        SELECT words FROM books WHERE id = :id;
        -- name: weight
        SELECT weight FROM books WHERE id = :id;
        -- name: in_print
        SELECT in_print FROM books WHERE id = :id;
        -- name: tags
        SELECT tags FROM books WHERE id = :id;
        -- name: created_at
        SELECT created_at FROM books WHERE id = :id;
        -- name: key
        SELECT id FROM books WHERE id = :id;
        -- name: status
        SELECT status FROM books WHERE id = :id;
        """,
        """
        @query
        async def title(db: Executor, id: UUID) -> str: ...
        @query
        async def price(db: Executor, id: UUID) -> Usd: ...
        @query
        async def words(db: Executor, id: UUID) -> int: ...
        @query
        async def weight(db: Executor, id: UUID) -> float: ...
        @query
        async def in_print(db: Executor, id: UUID) -> bool: ...
        @query
        async def tags(db: Executor, id: UUID) -> TextArray | None: ...
        @query
        async def created_at(db: Executor, id: UUID) -> UtcDatetime: ...
        @query
        async def key(db: Executor, id: UUID) -> UUID: ...
        @query
        async def status(db: Executor, id: UUID) -> Literal["draft", "published"]: ...
        """,
    )
    book = await books.create(db, "Emma", price="9.99", words=2**40, weight=0.5, in_print=True, tags=["x"])
    assert await shop.title(db, book.id) == "Emma"
    assert await shop.price(db, book.id) == Decimal("9.990000")
    assert await shop.words(db, book.id) == 2**40
    assert await shop.weight(db, book.id) == 0.5
    assert await shop.in_print(db, book.id) is True
    assert await shop.tags(db, book.id) == ["x"]
    assert await shop.created_at(db, book.id) == book.created_at
    assert await shop.key(db, book.id) == book.id
    assert await shop.status(db, book.id) == "draft"


async def test_a_json_object_is_a_scalar(db, load):
    shop = load(
        """
        -- name: details
        SELECT details FROM books;
        """,
        """
        @query
        async def details(db: Executor) -> JsonObject: ...
        """,
    )
    await books.create(db, "Emma", details={"a": [1]})
    assert await shop.details(db) == {"a": [1]}


SCALAR = """
    -- name: score
    SELECT score FROM books WHERE id = :id;
    """


async def test_null_is_the_none_of_an_optional_scalar(db, load):
    shop = load(
        SCALAR,
        """
        @query
        async def score(db: Executor, id: UUID) -> Percent | None: ...
        """,
    )
    (emma,) = await add(db, "Emma")
    assert await shop.score(db, emma.id) is None
    assert await shop.score(db, uuid4()) is None


async def test_null_fits_no_scalar_without_none(db, load):
    shop = load(
        SCALAR,
        """
        @query
        async def score(db: Executor, id: UUID) -> Percent: ...
        """,
    )
    (emma,) = await add(db, "Emma")
    with pytest.raises(RowMappingError, match=r"shop\.score .*: column score is NULL"):
        await shop.score(db, emma.id)


async def test_a_scalar_that_is_absent_is_not_found(db, load):
    shop = load(
        SCALAR,
        """
        @query
        async def score(db: Executor, id: UUID) -> Percent: ...
        """,
    )
    with pytest.raises(NotFound):
        await shop.score(db, uuid4())


async def test_a_scalar_is_one_column(db, load):
    shop = load(
        """
        -- name: pick
        SELECT title, pages FROM books;
        """,
        """
        @query
        async def pick(db: Executor) -> str | None: ...
        """,
    )
    await add(db, "Emma")
    with pytest.raises(RowMappingError, match=r"1 column\(s\) expected for .*, found 2: title, pages"):
        await shop.pick(db)


# Many rows


async def test_a_list_is_all_rows(db):
    author = await authors.create(db, "Jane Austen")
    found = await add(db, "Emma", "Persuasion", author_id=author.id)
    assert await books.list_by_author(db, author.id) == found[::-1]


async def test_a_list_may_be_empty(db):
    assert await books.list_by_author(db, uuid4()) == []


async def test_a_list_of_scalars(db, load):
    shop = load(
        """
        -- name: prices
        SELECT price FROM books ORDER BY price;
        """,
        """
        @query
        async def prices(db: Executor) -> list[Usd]: ...
        """,
    )
    await books.create(db, "Emma", price=2)
    await books.create(db, "Persuasion", price="0.000001")
    assert await shop.prices(db) == [Decimal("0.000001"), Decimal("2.000000")]


async def test_a_list_of_scalars_with_none(db, load):
    shop = load(
        """
        -- name: scores
        SELECT score FROM books ORDER BY title;
        """,
        """
        @query
        async def scores(db: Executor) -> list[Percent | None]: ...
        """,
    )
    await books.create(db, "Emma")
    await books.create(db, "Persuasion", score=7)
    assert await shop.scores(db) == [None, Decimal("7.00")]


async def test_a_stream_is_all_rows_in_order(db):
    await add(db, "Emma", "Persuasion", "Sanditon")
    assert await titles(books.iterate(db)) == ["Sanditon", "Persuasion", "Emma"]


async def test_a_stream_is_longer_than_one_batch(db):
    await books.create_many(db, [NewBook(f"{number:04}") for number in range(1203)])
    assert sorted(await titles(books.iterate(db))) == [f"{number:04}" for number in range(1203)]


async def test_a_stream_may_be_empty(db):
    assert await titles(books.iterate(db)) == []


async def test_a_stream_inside_a_transaction_sees_its_changes(db):
    async with db.transaction() as tx:
        await add(tx, "Emma")
        assert await titles(books.iterate(tx)) == ["Emma"]


async def test_a_stream_that_is_left_early_gives_its_connection_back(connect_store):
    db = await connect_store(pool_size=1, max_overflow=0, acquire_timeout=5)
    await books.create_many(db, [NewBook(str(number)) for number in range(1203)])
    async for _ in books.iterate(db):
        break
    assert await books.count(db) == 1203


async def test_a_stream_that_fails_in_its_body_gives_its_connection_back(connect_store):
    db = await connect_store(pool_size=1, max_overflow=0, acquire_timeout=5)
    await add(db, "Emma", "Persuasion")
    with pytest.raises(ZeroDivisionError):
        async for book in books.iterate(db):
            book.pages // 0
    assert await books.count(db) == 2


async def test_a_stream_that_is_never_begun_takes_no_connection(connect_store):
    db = await connect_store(pool_size=1, max_overflow=0, acquire_timeout=5)
    stream = books.iterate(db)
    assert await books.count(db) == 0
    await stream.aclose()


async def test_a_stream_refuses_its_arguments_when_it_is_made(db):
    with pytest.raises(InvalidValue, match=r"books\.iterate: status: 'lost' is not one of"):
        books.iterate(db, status="lost")


BATCHED = """
-- name: stream
SELECT title FROM books
ORDER BY title;
"""


@pytest.mark.parametrize("batch", [1, 2, 3, 1000])
async def test_a_stream_may_be_given_the_size_of_its_batches(db, load, batch):
    shop = load(BATCHED, "@query\ndef stream(db: Executor, batch: int = 500) -> AsyncIterator[str]: ...")
    await add(db, "Emma", "Persuasion", "Sanditon")
    assert [title async for title in shop.stream(db, batch=batch)] == ["Emma", "Persuasion", "Sanditon"]
    async with db.connection() as connection:
        assert len([title async for title in shop.stream(connection, batch)]) == 3
        async with connection.transaction() as tx:
            assert len([title async for title in shop.stream(tx, batch)]) == 3


@pytest.mark.parametrize("batch", [0, 10_001, None, True])
async def test_a_wrong_size_of_batches_is_refused_when_the_stream_is_made(db, load, batch):
    shop = load(BATCHED, "@query\ndef stream(db: Executor, batch: int = 500) -> AsyncIterator[str]: ...")
    with pytest.raises(InvalidValue, match=r"shop\.stream: batch: "):
        shop.stream(db, batch)


async def test_statements_run_between_the_rows_of_a_stream(db):
    await add(db, "Emma", "Persuasion", "Sanditon")
    async with db.transaction() as tx:
        seen = [(await books.get(tx, book.id)).title async for book in books.iterate(tx)]
    assert seen == ["Sanditon", "Persuasion", "Emma"]


async def test_a_mapping_of_two_columns(db, load):
    shop = load(
        """
        -- name: count_by_pages
        SELECT pages, count(*) FROM books GROUP BY pages;
        """,
        """
        @query
        async def count_by_pages(db: Executor) -> dict[int, int]: ...
        """,
    )
    await add(db, "Emma", "Persuasion", pages=7)
    await add(db, "Sanditon")
    assert await shop.count_by_pages(db) == {7: 2, 0: 1}


async def test_a_mapping_of_literals_has_them_all(db):
    (emma, _) = await add(db, "Emma", "Persuasion")
    await books.publish(db, emma.id)
    assert await books.counts_by_status(db) == {"draft": 1, "published": 1, "withdrawn": 0}


# Changes


async def test_affected_is_the_number_of_rows_changed(db):
    await add(db, "Emma", "Persuasion")
    assert await books.delete_drafts(db) == 2
    assert await books.delete_drafts(db) == 0


async def test_affected_counts_an_update_that_changes_nothing(db, load):
    shop = load(
        """
        -- name: touch
        UPDATE books SET pages = pages;
        """,
        """
        @query
        async def touch(db: Executor) -> Affected: ...
        """,
    )
    await add(db, "Emma", "Persuasion")
    assert await shop.touch(db) == 2


async def test_bool_tells_whether_a_row_changed(db):
    (emma,) = await add(db, "Emma")
    assert await books.delete(db, emma.id) is True
    assert await books.delete(db, emma.id) is False


async def test_missing_ok_false_makes_an_absent_row_not_found(db):
    id = uuid4()
    with pytest.raises(NotFound, match=f"^book {id} not found$"):
        await books.delete(db, id, missing_ok=False)


async def test_bool_of_a_select_is_its_value(db, load):
    shop = load(
        """
        -- name: has_any
        SELECT EXISTS (SELECT 1 FROM books);
        """,
        """
        @query
        async def has_any(db: Executor) -> bool: ...
        """,
    )
    assert await shop.has_any(db) is False
    await add(db, "Emma")
    assert await shop.has_any(db) is True


async def test_none_gives_nothing(db, load):
    shop = load(
        """
        -- name: clear
        DELETE FROM books;
        """,
        """
        @query
        async def clear(db: Executor) -> None: ...
        """,
    )
    await add(db, "Emma")
    assert await shop.clear(db) is None
    assert await books.count(db) == 0


async def test_none_gives_nothing_of_a_statement_with_rows(db, load):
    shop = load(
        """
        -- name: add
        INSERT INTO authors (id, name, created_at) VALUES (:id, :name, :now) RETURNING id;
        -- name: look
        SELECT * FROM authors;
        """,
        """
        @query
        async def add(db: Executor, name: str, id: NewId = None) -> None: ...
        @query
        async def look(db: Executor) -> None: ...
        """,
    )
    assert await shop.add(db, "Jane Austen") is None
    assert await shop.look(db) is None


async def test_affected_counts_the_rows_of_a_statement_that_returns_them(db, load):
    shop = load(
        """
        -- name: clear
        DELETE FROM books RETURNING id;
        """,
        """
        @query
        async def clear(db: Executor) -> Affected: ...
        """,
    )
    await add(db, "Emma", "Persuasion")
    assert await shop.clear(db) == 2


# The clock and ids


async def test_now_is_the_clock_of_the_database(connect_store):
    db = await connect_store(clock=FixedClock(NOON))
    (emma,) = await add(db, "Emma")
    assert (emma.created_at, emma.updated_at) == (NOON, NOON)


async def test_now_is_the_same_clock_in_a_transaction(connect_store):
    clock = FixedClock(NOON)
    db = await connect_store(clock=clock)
    async with db.transaction() as tx:
        clock.advance(timedelta(seconds=1))
        assert (await books.create(tx, "Emma")).created_at == NOON + timedelta(seconds=1)


PUBLISHED = (
    """
-- name: add
INSERT INTO books (id, title, published_at, created_at, updated_at)
VALUES (:id, :title, :published_at, :now, :now)
RETURNING published_at;

-- name: add_many
INSERT INTO books (id, title, published_at, created_at, updated_at)
VALUES (:books.id, :books.title, :books.published_at, :now, :now)
RETURNING published_at;
""",
    """
class New(NamedTuple):
    title: str
    published_at: NowByDefault = None
    id: NewId = None

@query
async def add(db: Executor, title: str, published_at: NowByDefault = None, id: NewId = None) -> UtcDatetime: ...

@query
async def add_many(db: Executor, books: Sequence[New]) -> list[UtcDatetime]: ...
""",
)


async def test_a_time_is_that_of_the_database_where_none_is_given(connect_store, load):
    shop = load(*PUBLISHED)
    db = await connect_store(clock=FixedClock(NOON))
    earlier = NOON - timedelta(days=1)
    assert await shop.add(db, "Emma") == NOON
    assert await shop.add(db, "Persuasion", earlier) == earlier
    assert await shop.add_many(db, [shop.New("Sanditon"), shop.New("Lesley Castle", earlier)]) == [NOON, earlier]


async def test_a_wrong_argument_is_named_and_not_a_time_that_was_left_out(db, load):
    shop = load(*PUBLISHED)
    with pytest.raises(InvalidValue, match=r"shop\.add: id: a UUID was expected"):
        await shop.add(db, "Emma", id="1")
    with pytest.raises(InvalidValue, match=r"shop\.add: published_at: a naive datetime"):
        await shop.add(db, "Emma", datetime(2026, 1, 1))  # noqa: DTZ001


async def test_a_new_id_is_made_where_none_is_given(db):
    first, second = await add(db, "Emma", "Persuasion")
    assert first.id.version == 7
    assert first.id < second.id


async def test_a_given_id_is_used(db):
    id = uuid7()
    assert (await books.create(db, "Emma", id=id)).id == id


async def test_a_default_stands_for_none_and_not_for_zero(db, load):
    shop = load(
        """
        -- name: add
        INSERT INTO books (id, title, pages, tags, created_at, updated_at)
        VALUES (:id, :title, :pages, :tags, :now, :now)
        RETURNING *;
        """,
        """
        @query
        async def add(
            db: Executor,
            title: str,
            pages: Annotated[int | None, Default(100)] = None,
            tags: Annotated[TextArray | None, Default(["new"])] = None,
            id: NewId = None,
        ) -> Book: ...
        """,
    )
    assert (await shop.add(db, "Emma")).pages == 100
    assert (await shop.add(db, "Persuasion", 0, [])).pages == 0
    assert (await shop.add(db, "Sanditon", 0, [])).tags == []
    assert (await shop.add(db, "Lesley Castle")).tags == ["new"]


# Optional lines


async def test_a_filter_that_is_not_given_leaves_its_line_out(db):
    await add(db, "Emma")
    await add(db, "Persuasion", in_print=True)
    assert await books.count(db) == 2
    assert await books.count(db, in_print=True) == 1


async def test_false_is_a_given_filter(db):
    await add(db, "Emma")
    await add(db, "Persuasion", in_print=True)
    assert await titles(books.iterate(db, in_print=False)) == ["Emma"]


async def test_filters_combine(db):
    author = await authors.create(db, "Jane Austen")
    await add(db, "Emma", author_id=author.id)
    await add(db, "Persuasion", author_id=author.id, in_print=True)
    await add(db, "Sanditon", in_print=True)
    assert await titles(books.iterate(db, author_id=author.id, in_print=True)) == ["Persuasion"]
    assert await books.count(db, author_id=author.id, in_print=True, status="published") == 0


async def test_an_argument_equal_to_the_default_leaves_its_line_out(db, load):
    shop = load(
        """
        -- name: search
        SELECT title FROM books
        WHERE TRUE
          AND pages >= :pages --?
          AND price > :price  --?
          AND title <> :title --?
        ORDER BY title;
        """,
        """
        @query
        async def search(
            db: Executor, pages: int = 10, price: Usd = Decimal(0), title: str = "Emma"
        ) -> list[str]: ...
        """,
    )
    await add(db, "Emma")
    assert await shop.search(db) == ["Emma"]
    assert await shop.search(db, 10, Decimal("0.00"), "".join(["Em", "ma"])) == ["Emma"]
    assert await shop.search(db, 9) == []


async def test_a_line_of_a_parameter_without_default_stays(db, load):
    shop = load(
        """
        -- name: all, some
        SELECT title FROM books
        WHERE TRUE
          AND title = :title --?
        ORDER BY title;
        """,
        """
        @query
        async def all(db: Executor) -> list[str]: ...
        @query
        async def some(db: Executor, title: str) -> list[str]: ...
        """,
    )
    await add(db, "Emma", "Persuasion")
    assert await shop.all(db) == ["Emma", "Persuasion"]
    assert await shop.some(db, "Emma") == ["Emma"]


async def test_each_store_has_its_own_variant(db, load):
    shop = load(
        """
        -- name: which @postgres
        SELECT 'postgres';
        -- name: which @sqlite
        SELECT 'sqlite';
        """,
        """
        @query
        async def which(db: Executor) -> str: ...
        """,
    )
    assert await shop.which(db) == db.dialect


# Bulk statements and lists


async def test_a_sequence_of_dataclasses(db):
    found = await books.create_many(db, [NewBook("Emma", 7, Decimal("1.5")), NewBook("Persuasion")])
    assert [(book.title, book.pages, book.price) for book in found] == [
        ("Emma", 7, Decimal("1.500000")),
        ("Persuasion", 0, Decimal("0.000000")),
    ]


async def test_a_sequence_of_named_tuples(db):
    (emma,) = await books.load_many(db, [LoadedBook(uuid7(), "Emma", Decimal(1), 7)])
    assert await books.get(db, emma.id) == emma


async def test_a_sequence_of_records(db, connect_store):
    (emma,) = await add(db, "Emma")
    await books.delete(db, emma.id)
    assert await books.import_many(db, [emma]) is None
    assert (await books.get(db, emma.id)).title == "Emma"


async def test_a_sequence_of_no_rows(db):
    assert await books.create_many(db, []) == []
    assert await books.import_many(db, ()) is None


async def test_a_bulk_statement_writes_all_rows_or_none(db):
    with pytest.raises(InvalidValue):
        await books.create_many(db, [NewBook("Emma"), NewBook("Per\0suasion")])
    rows = [NewBook("Emma"), NewBook("Persuasion"), NewBook("Emma")]
    with pytest.raises(Exception, match="unique key"):
        await books.create_many(db, rows)
    assert await books.count(db) == 0


async def test_a_failed_bulk_statement_inside_a_savepoint_leaves_the_transaction_whole(db):
    async with db.transaction() as tx:
        await books.create(tx, "Sanditon")
        with pytest.raises(Exception, match="unique key"):
            async with tx.transaction() as inner:
                await books.import_many(inner, await books.create_many(inner, [NewBook("Emma")]))
    assert await titles(books.iterate(db)) == ["Sanditon"]


async def test_a_wrong_row_of_a_bulk_statement_is_named(db):
    with pytest.raises(InvalidValue, match=r"^books\.create_many: books\[1\]\.pages: "):
        await books.create_many(db, [NewBook("Emma"), NewBook("Persuasion", pages="many")])


async def test_a_row_without_an_attribute_is_named(db):
    with pytest.raises(InvalidValue, match=r"^books\.create_many: books\[0\]\.id: "):
        await books.create_many(db, [object()])


async def test_a_bulk_argument_that_is_no_sequence(db):
    with pytest.raises(InvalidValue, match=r"^books\.create_many: books: a sequence of rows was expected"):
        await books.create_many(db, 7)


async def test_a_bulk_statement_beside_single_arguments(db, load):
    shop = load(
        """
        -- name: add
        INSERT INTO books (id, title, pages, created_at, updated_at)
        VALUES (:rows.id, :rows.title, :row, :now, :now);
        """,
        """
        class Row(NamedTuple):
            id: UUID
            title: str

        @query
        async def add(db: Executor, rows: Sequence[Row], row: int) -> None: ...
        """,
    )
    await shop.add(db, [shop.Row(uuid7(), "Emma"), shop.Row(uuid7(), "Persuasion")], 7)
    assert [book.pages for book in (await books.find_many(db)).items] == [7, 7]


async def test_a_list_is_one_parameter(db, load):
    shop = load(
        """
        -- name: titles @postgres
        SELECT title FROM books WHERE pages = ANY (:pages) ORDER BY title;
        -- name: titles @sqlite
        SELECT title FROM books WHERE pages IN (SELECT value FROM json_each(:pages)) ORDER BY title;
        -- name: by_id @postgres
        SELECT title FROM books WHERE id = ANY (:ids) ORDER BY title;
        -- name: by_id @sqlite
        SELECT title FROM books WHERE id IN (SELECT value FROM json_each(:ids)) ORDER BY title;
        """,
        """
        @query
        async def titles(db: Executor, pages: Sequence[int]) -> list[str]: ...
        @query
        async def by_id(db: Executor, ids: list[UUID]) -> list[str]: ...
        """,
    )
    (emma,) = await add(db, "Emma", pages=1)
    await add(db, "Persuasion", pages=2)
    await add(db, "Sanditon", pages=3)
    assert await shop.titles(db, [3, 1]) == ["Emma", "Sanditon"]
    assert await shop.titles(db, (2,)) == ["Persuasion"]
    assert await shop.titles(db, []) == []
    assert await shop.by_id(db, [emma.id, uuid4()]) == ["Emma"]


async def test_text_is_no_list(db, load):
    shop = load(
        """
        -- name: add
        UPDATE books SET tags = :tags;
        """,
        """
        @query
        async def add(db: Executor, tags: Sequence[str]) -> None: ...
        """,
    )
    with pytest.raises(InvalidValue, match=r"^shop\.add: tags: a list was expected, not str$"):
        await shop.add(db, "abc")


async def test_an_attribute_of_one_argument(db, load):
    shop = load(
        """
        -- name: add
        INSERT INTO authors (id, name, created_at)
        VALUES (:author.id, :author.name, :author.created_at)
        RETURNING *;
        """,
        """
        @query
        async def add(db: Executor, author: Author) -> Author: ...
        """,
    )
    author = authors.Author(id=uuid7(), name="Jane Austen", created_at=NOON)
    assert await shop.add(db, author) == author


# Nested records


JOINED = """
    -- name: with_author
    SELECT books.title, authors.id AS "author.id", authors.name AS "author.name",
        authors.created_at AS "author.created_at"
    FROM books LEFT JOIN authors ON authors.id = books.author_id
    ORDER BY books.title;
    """


async def test_a_nested_record_comes_from_a_join(db, load):
    shop = load(
        JOINED,
        """
        class WithAuthor(Record):
            title: str
            author: Author | None

        @query
        async def with_author(db: Executor) -> list[WithAuthor]: ...
        """,
    )
    author = await authors.create(db, "Jane Austen")
    await add(db, "Emma", author_id=author.id)
    await add(db, "Beowulf")
    assert await shop.with_author(db) == [
        shop.WithAuthor(title="Beowulf", author=None),
        shop.WithAuthor(title="Emma", author=author),
    ]


async def test_a_nested_record_without_none_needs_its_columns(db, load):
    shop = load(
        JOINED,
        """
        class WithAuthor(Record):
            title: str
            author: Author

        @query
        async def with_author(db: Executor) -> list[WithAuthor]: ...
        """,
    )
    await add(db, "Beowulf")
    with pytest.raises(RowMappingError, match=r"shop\.with_author .*author"):
        await shop.with_author(db)


async def test_a_nested_record_with_null_in_one_column_is_no_none(db, load):
    shop = load(
        """
        -- name: with_author
        SELECT books.title, books.id AS "author.id", authors.name AS "author.name"
        FROM books LEFT JOIN authors ON authors.id = books.author_id;
        """,
        """
        class Writer(Record):
            id: UUID
            name: str

        class WithAuthor(Record):
            title: str
            author: Writer | None

        @query
        async def with_author(db: Executor) -> list[WithAuthor]: ...
        """,
    )
    await add(db, "Beowulf")
    with pytest.raises(RowMappingError, match=r"column author\.name is NULL, but Writer\.name does not allow None"):
        await shop.with_author(db)


async def test_records_nest_in_nested_records(db, load):
    shop = load(
        """
        -- name: pick
        SELECT id, title AS "cover.title", pages AS "cover.size.pages" FROM books;
        """,
        """
        class Size(Record):
            pages: int

        class Cover(Record):
            title: str
            size: Size

        class Item(Record):
            id: UUID
            cover: Cover

        @query
        async def pick(db: Executor) -> Item: ...
        """,
    )
    (emma,) = await add(db, "Emma", pages=3)
    made = shop.Item(id=emma.id, cover=shop.Cover(title="Emma", size=shop.Size(pages=3)))
    assert await shop.pick(db) == made


AGGREGATED = """
    -- name: shelves @postgres
    SELECT authors.name,
        coalesce(jsonb_agg(to_jsonb(books) ORDER BY title) FILTER (WHERE books.id IS NOT NULL), '[]') AS books
    FROM authors LEFT JOIN books ON books.author_id = authors.id
    GROUP BY authors.id, authors.name
    ORDER BY authors.name;
    -- name: shelves @sqlite
    SELECT authors.name,
        (
            SELECT json_group_array(json_object('id', id, 'title', title, 'price', price, 'in_print', in_print,
                'created_at', created_at, 'tags', json(tags), 'details', json(details), 'score', score))
            FROM (SELECT * FROM books WHERE author_id = authors.id ORDER BY title)
        ) AS books
    FROM authors
    ORDER BY authors.name;
    """


async def test_nested_records_come_from_json_aggregation(db, load):
    shop = load(
        AGGREGATED,
        """
        class Item(Record):
            id: UUID
            title: str
            price: Usd
            in_print: bool
            created_at: UtcDatetime
            tags: TextArray
            details: JsonObject
            score: Percent | None

        class Shelf(Record):
            name: str
            books: list[Item]

        @query
        async def shelves(db: Executor) -> list[Shelf]: ...
        """,
    )
    jane = await authors.create(db, "Jane Austen")
    await authors.create(db, "Nobody")
    emma = await books.create(
        db, "Emma", author_id=jane.id, price="1.50", in_print=True, tags=["a"], details={"b": None}, score="12.5"
    )
    await books.create(db, "Persuasion", author_id=jane.id)
    austen, nobody = await shop.shelves(db)
    assert nobody == shop.Shelf(name="Nobody", books=[])
    assert [item.title for item in austen.books] == ["Emma", "Persuasion"]
    assert austen.books[0] == shop.Item.model_validate(emma.model_dump())


# Calls


async def test_an_unknown_argument_is_a_type_error(db):
    with pytest.raises(TypeError, match="colour"):
        await books.create(db, "Emma", colour="red")


async def test_a_missing_argument_is_a_type_error(db):
    with pytest.raises(TypeError, match="title"):
        await books.create(db)


async def test_a_keyword_only_argument_is_not_taken_by_position(db):
    with pytest.raises(TypeError, match="positional"):
        await books.find_many(db, uuid4())


async def test_a_wrong_argument_is_named(db):
    with pytest.raises(InvalidValue, match=r"^books\.create: pages: an int was expected, not str$"):
        await books.create(db, "Emma", pages="7")


async def test_the_second_argument_is_named_when_the_first_is_right(db):
    with pytest.raises(InvalidValue, match=r"^books\.find_many: status: 'lost' is not one of draft, published, withd"):
        await books.find_many(db, author_id=uuid4(), status="lost")


async def test_an_empty_sql_text_of_a_caller_stays_a_value(db):
    title = "'; DROP TABLE books; --"
    (book,) = await add(db, title)
    assert (await books.get(db, book.id)).title == title


async def test_the_same_functions_serve_several_databases(db, connect_store):
    other = await connect_store()
    (emma,) = await add(db, "Emma")
    await books.delete(db, emma.id)
    assert await books.count(db) == await books.count(other) == 0


def test_the_signature_is_kept():
    assert list(inspect.signature(books.find_many).parameters) == [
        "db",
        "author_id",
        "status",
        "in_print",
        "limit",
        "cursor",
    ]
    assert inspect.signature(books.find_many).return_annotation == Page[Book]
    assert inspect.signature(books.get).parameters["id"].annotation is UUID
    assert inspect.signature(books.find_many).parameters["limit"].default == 100
    assert inspect.signature(books.find_many).parameters["status"].kind is inspect.Parameter.KEYWORD_ONLY


def test_the_function_is_the_kind_that_its_definition_says():
    assert inspect.iscoroutinefunction(books.get)
    assert not inspect.iscoroutinefunction(books.iterate)
    assert (books.get.__name__, books.get.__module__) == ("get", "user_package.books")


def test_help_shows_the_sql_and_where_it_stands():
    text = inspect.getdoc(books.find_many)
    assert text.startswith("Books, newest first.\n")
    assert "One statement for every list: newest first." in text
    assert f"{books.__file__.replace('books.py', 'queries/books.sql')}:25:1" in text
    assert "AND author_id = :author_id" in text


def test_help_shows_both_variants(load):
    shop = load(
        """
        -- name: which @postgres
        SELECT 'postgres';
        -- name: which @sqlite
        SELECT 'sqlite';
        """,
        """
        @query
        async def which(db: Executor) -> str:
            '''The store.'''
            ...
        """,
    )
    text = inspect.getdoc(shop.which)
    assert text.index("shop.sql:1:1") < text.index("SELECT 'postgres'") < text.index("shop.sql:3:1")
    assert "SELECT 'sqlite'" in text
