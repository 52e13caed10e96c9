"""Pages and cursors."""

import re

import pytest
from user_package import authors, books
from user_package.books import NewBook

from wave_data import InvalidValue
from wave_data.engine.modules import query_of
from wave_data.testing import FixedClock


@pytest.fixture
async def shelf(connect_store):
    """A database with five books that were added at the same moment."""
    db = await connect_store(clock=FixedClock())
    await books.create_many(db, [NewBook(title) for title in "abcde"])
    return db


async def read(db, **arguments) -> list[list[str]]:
    """The titles of every page."""
    pages, cursor = [], None
    while True:
        page = await books.find_many(db, cursor=cursor, **arguments)
        pages.append([book.title for book in page.items])
        cursor = page.next_cursor
        if cursor is None:
            return pages


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        (1, [["e"], ["d"], ["c"], ["b"], ["a"]]),
        (2, [["e", "d"], ["c", "b"], ["a"]]),
        (4, [["e", "d", "c", "b"], ["a"]]),
        (5, [["e", "d", "c", "b", "a"]]),
        (6, [["e", "d", "c", "b", "a"]]),
        (1000, [["e", "d", "c", "b", "a"]]),
    ],
)
async def test_pages_are_the_whole_list(shelf, limit, expected):
    assert await read(shelf, limit=limit) == expected


@pytest.mark.parametrize("dialect", ["postgres", "sqlite"])
def test_no_page_is_read_without_its_limit(dialect):
    # 99 and the one row that tells of a next page are 100, the default, which leaves other optional lines out.
    found = query_of(books.find_many).compiled[dialect]
    assert "limit" not in found.optional
    assert all("LIMIT" in found[shape].text for shape in range(1 << len(found.optional)))


async def test_an_empty_page_is_the_last(db):
    page = await books.find_many(db)
    assert (page.items, page.next_cursor) == ([], None)


async def test_a_page_has_a_hundred_rows_unless_told(db):
    await books.create_many(db, [NewBook(str(number)) for number in range(101)])
    page = await books.find_many(db)
    assert len(page.items) == 100
    assert len((await books.find_many(db, cursor=page.next_cursor)).items) == 1


async def test_rows_that_come_and_go_move_no_others(shelf):
    first = await books.find_many(shelf, limit=2)
    await books.delete(shelf, first.items[1].id)
    await books.create(shelf, "f")
    second = await books.find_many(shelf, limit=2, cursor=first.next_cursor)
    assert [book.title for book in first.items + second.items] == ["e", "d", "c", "b"]


@pytest.mark.parametrize("limit", [0, -1, 1001, 2.0, "10", True, None])
async def test_a_limit_out_of_range(shelf, limit):
    expected = f"books.find_many: limit must be a whole number from 1 to 1000, not {limit!r}"
    with pytest.raises(InvalidValue, match="^" + re.escape(expected)):
        await books.find_many(shelf, limit=limit)


async def test_a_cursor_is_safe_in_a_url(shelf):
    page = await books.find_many(shelf, limit=1)
    assert re.fullmatch(r"[A-Za-z0-9_-]+", page.next_cursor)


WRONG = ["", "x", "é", "a b", "AAAA", 7, b"abc", "=" * 8, "A" * 5000]


@pytest.mark.parametrize("cursor", WRONG)
async def test_a_cursor_that_is_none(shelf, cursor):
    with pytest.raises(InvalidValue, match="the cursor is not one that this operation gave for these filters"):
        await books.find_many(shelf, cursor=cursor)


async def test_no_character_of_a_cursor_can_be_altered(shelf):
    cursor = (await books.find_many(shelf, limit=1)).next_cursor
    for index, character in enumerate(cursor):
        altered = cursor[:index] + ("A" if character != "A" else "B") + cursor[index + 1 :]
        with pytest.raises(InvalidValue):
            await books.find_many(shelf, cursor=altered)
    for altered in (cursor[:-1], cursor + "A", cursor + "=", cursor.swapcase()):
        with pytest.raises(InvalidValue):
            await books.find_many(shelf, cursor=altered)


async def test_a_cursor_belongs_to_its_filters(shelf):
    page = await books.find_many(shelf, limit=1, status="draft")
    with pytest.raises(InvalidValue):
        await books.find_many(shelf, limit=1, cursor=page.next_cursor)
    with pytest.raises(InvalidValue):
        await books.find_many(shelf, limit=1, status="published", cursor=page.next_cursor)
    assert len((await books.find_many(shelf, status="draft", cursor=page.next_cursor)).items) == 4


async def test_a_cursor_may_be_used_with_another_limit(shelf):
    page = await books.find_many(shelf, limit=1)
    assert len((await books.find_many(shelf, limit=3, cursor=page.next_cursor)).items) == 3


async def test_a_cursor_belongs_to_its_operation(shelf, load):
    shop = load(
        """
        -- name: find_many
        SELECT * FROM books
        WHERE TRUE
          AND (created_at, id) < (:cursor.created_at, :cursor.id) --?
        ORDER BY created_at DESC, id DESC
        LIMIT :limit;
        """,
        """
        @query
        async def find_many(db: Executor, limit: int = 100, cursor: str | None = None) -> Page[Book]: ...
        """,
    )
    page = await books.find_many(shelf, limit=1)
    with pytest.raises(InvalidValue):
        await shop.find_many(shelf, cursor=page.next_cursor)


async def test_a_cursor_continues_on_every_type_of_column(shelf, load):
    shop = load(
        """
        -- name: by_price
        SELECT * FROM books
        WHERE TRUE
          AND (price, title) > (:cursor.price, :cursor.title) --?
        ORDER BY price, title
        LIMIT :limit;
        """,
        """
        @query
        async def by_price(db: Executor, limit: int = 100, cursor: str | None = None) -> Page[Book]: ...
        """,
    )
    await books.create(shelf, "f", price="0.000001")
    await books.create(shelf, "g", price="99999999.999999")
    seen, cursor = [], None
    while True:
        page = await shop.by_price(shelf, 1, cursor)
        seen += [book.title for book in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == list("abcdefg")


async def test_a_cursor_is_the_same_for_equal_filters(shelf):
    author = await authors.create(shelf, "Jane Austen")
    await books.create(shelf, "f", author_id=author.id)
    await books.create(shelf, "g", author_id=author.id)
    page = await books.find_many(shelf, limit=1, author_id=author.id)
    again = await books.find_many(shelf, limit=1, author_id=type(author.id)(str(author.id)), cursor=page.next_cursor)
    assert [book.title for book in again.items] == ["f"]
