"""What a value means is the same on both stores, whatever the value."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta, timezone
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from user_package import MIGRATIONS, books
from user_package.books import Book, NewBook
from user_package.fixtures import load

from wave_data import Database, InvalidValue, connect, migrate
from wave_data.engine.identifiers import uuid7
from wave_data.servers.databases import temporary_database

__all__ = ["load"]

Both = tuple[Database, Database]

quick = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(scope="module")
def user_template(postgres_url):
    """A PostgreSQL database with the schema of `user_package`."""
    with temporary_database(postgres_url) as url:
        migrate(url, folder=MIGRATIONS)
        yield url


@pytest.fixture
async def both(postgres_url, user_template, clock) -> AsyncIterator[Both]:
    """The same schema on both stores, with one clock."""
    with temporary_database(postgres_url, user_template) as url:
        async with (
            connect("sqlite::memory:", migrations=MIGRATIONS, clock=clock) as sqlite,
            connect(url, migrations=MIGRATIONS, clock=clock) as postgres,
        ):
            yield sqlite, postgres


@pytest.fixture
def changes(load):
    """The functions that statements share, each as a statement of its own."""
    return load(
        """
        -- name: merge
        SELECT json_merge(:target, :patch);
        -- name: put
        SELECT json_put(:target, :key, CAST(:value AS text));
        -- name: put_time @postgres
        SELECT json_put(:target, :key, CAST(:value AS timestamptz));
        -- name: put_time @sqlite
        SELECT json_put(:target, :key, :value);
        -- name: without
        SELECT json_without(:target, :key);
        -- name: append
        SELECT array_append_distinct(:existing, :added);
        """,
        """
        @query
        async def merge(db: Executor, target: JsonObject, patch: JsonObject) -> Json: ...
        @query
        async def put(db: Executor, target: JsonObject, key: str, value: str | None) -> Json: ...
        @query
        async def put_time(db: Executor, target: JsonObject, key: str, value: UtcDatetime) -> Json: ...
        @query
        async def without(db: Executor, target: JsonObject, key: str) -> Json: ...
        @query
        async def append(db: Executor, existing: TextArray, added: TextArray) -> TextArray | None: ...
        """,
    )


@pytest.fixture
async def library(postgres_url, postgres_template) -> AsyncIterator[Both]:
    """Both stores with the functions that the library's own migrations make."""
    with temporary_database(postgres_url, postgres_template) as url:
        async with connect("sqlite::memory:") as sqlite, connect(url) as postgres:
            yield sqlite, postgres


async def round_trip(both: Both, **fields: Any) -> Book:
    """The book with these fields, which is the same on both stores, returned and read again."""
    id = uuid7()
    written = [await books.create(db, str(id), id=id, **fields) for db in both]
    read = [await books.get(db, id) for db in both]
    assert written[0] == written[1] == read[0] == read[1]
    texts = [json.dumps(book.model_dump(mode="json"), sort_keys=True) for book in (*written, *read)]
    assert texts == texts[:1] * 4
    return read[0]


plain_text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
amounts = st.decimals(
    min_value=Decimal("-99999999.9999994"), max_value=Decimal("99999999.9999994"), allow_nan=False, allow_infinity=False
)
offsets = st.integers(-24 * 60 + 1, 24 * 60 - 1).map(lambda minutes: timezone(timedelta(minutes=minutes)))
times = st.datetimes(
    min_value=datetime(1, 1, 2),  # noqa: DTZ001
    max_value=datetime(9999, 12, 30),  # noqa: DTZ001
    timezones=st.one_of(offsets, st.timezones(), st.just(UTC)),
)
numbers = st.one_of(
    st.integers(-(10**40), 10**40),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([1e16, 1e300, -0.0, 0.0, 1e-300, 5e-324, 1.7976931348623157e308, 1e22, 2**53 + 1, 1.0, 100.0]),
)
keys = st.one_of(plain_text, st.sampled_from(['"', "\\", "'", "", "a.b", "$", "::", ":x", "e+1", "\\u0000"]))
values = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, plain_text),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(keys, inner, max_size=4)),
    max_leaves=12,
)
objects = st.dictionaries(keys, values, max_size=5)


@quick
@given(amount=amounts)
async def test_an_amount(both, amount):
    book = await round_trip(both, price=amount)
    assert book.price == amount.quantize(Decimal("0.000001"), ROUND_HALF_EVEN)
    assert book.price.as_tuple().exponent == -6


@quick
@given(time=times)
async def test_a_time(both, time):
    book = await round_trip(both, published_at=time)
    assert book.published_at == time.astimezone(UTC)
    assert book.published_at.tzinfo is UTC


@quick
@given(value=objects)
async def test_an_object(both, value):
    book = await round_trip(both, details=value)
    assert same(book.details, value)


@quick
@given(value=values)
async def test_any_json(both, value):
    book = await round_trip(both, notes=value)
    assert same(book.notes, value)


def same(found: Any, value: Any) -> bool:
    """Equal in value and in type: 1 is not 1.0, and neither is True."""
    if type(found) is not type(value):
        return False
    if isinstance(value, dict):
        return found.keys() == value.keys() and all(same(found[key], value[key]) for key in value)
    if isinstance(value, list):
        return len(found) == len(value) and all(map(same, found, value))
    return bool(found == value)


@pytest.mark.parametrize("fields", [{"notes": -0.0}, {"notes": [-0.0]}, {"details": {"a": -0.0}}, {"weight": -0.0}])
async def test_a_negative_zero_is_the_same_zero_everywhere(both, fields):
    await round_trip(both, **fields)


@pytest.mark.parametrize("depth", [1, 50, 100])
async def test_deep_json(both, depth):
    value: Any = "bottom"
    for level in range(depth):
        value = [value] if level % 2 else {"a": value}
    assert (await round_trip(both, notes=value)).notes == value


@quick
@given(tags=st.lists(plain_text, max_size=6))
async def test_texts(both, tags):
    assert (await round_trip(both, tags=tags)).tags == tags


@quick
@given(title=plain_text)
async def test_a_text(both, title):
    id = uuid7()
    made = [await books.create(db, f"{title}{id}", id=id) for db in both]
    assert made[0] == made[1]
    assert made[0].title == f"{title}{id}"


@quick
@given(pages=st.integers(-(2**31), 2**31 - 1), words=st.integers(0, 2**63 - 1), in_print=st.booleans())
async def test_integers_and_booleans(both, pages, words, in_print):
    book = await round_trip(both, pages=pages, words=words, in_print=in_print)
    assert (book.pages, book.words, book.in_print) == (pages, words, in_print)


@quick
@given(weight=st.floats(allow_nan=False, allow_infinity=False))
async def test_a_float(both, weight):
    book = await round_trip(both, weight=weight)
    assert book.weight == weight


@quick
@given(text=plain_text, rest=plain_text, where=st.sampled_from(["title", "details", "key", "notes", "tags"]))
async def test_nul_is_refused_everywhere(both, text, rest, where):
    wrong = f"{text}\0{rest}"
    fields = {
        "title": {"title": wrong},
        "details": {"details": {"a": [wrong]}},
        "key": {"details": {wrong: 1}},
        "notes": {"notes": wrong},
        "tags": {"tags": ["a", wrong]},
    }[where]
    for db in both:
        with pytest.raises(InvalidValue, match=r"U\+0000"):
            await books.create(db, **{"title": str(uuid7()), **fields})


@quick
@given(text=plain_text, wrong=st.characters(categories=["Cs"]), where=st.sampled_from(["title", "notes", "tags"]))
async def test_lone_surrogates_are_refused_everywhere(both, text, wrong, where):
    value = text + wrong
    fields = {"title": {"title": value}, "notes": {"notes": {"a": value}}, "tags": {"tags": [value]}}[where]
    for db in both:
        with pytest.raises(InvalidValue, match="surrogate"):
            await books.create(db, **{"title": str(uuid7()), **fields})


@pytest.fixture
def by_title(load):
    """Every title, in order."""
    return load(
        "-- name: list_titles\nSELECT title FROM books\nORDER BY title;\n",
        "@query\nasync def list_titles(db: Executor) -> list[str]: ...\n",
    )


@quick
@given(titles=st.lists(plain_text.filter(len), min_size=1, max_size=8, unique=True))
async def test_texts_sort_alike(both, by_title, titles):
    orders = []
    for db in both:
        await books.delete_drafts(db)
        await books.create_many(db, [NewBook(title) for title in titles])
        orders.append(await by_title.list_titles(db))
    assert orders[0] == orders[1] == sorted(titles)


@settings(quick, max_examples=15)
@given(
    moments=st.lists(st.integers(0, 3), max_size=25),
    limit=st.integers(1, 30),
    published=st.sets(st.integers(0, 24)),
    status=st.sampled_from([None, "draft", "published"]),
)
async def test_pages_are_the_full_list(both, clock, moments, limit, published, status):
    for db in both:
        [await books.delete(db, book.id) for book in [found async for found in books.iterate(db)]]
        for number, moment in enumerate(moments):
            clock.set(datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=moment))
            book = await books.create(db, str(number))
            if number in published:
                await books.publish(db, book.id)
        every = [book async for book in books.iterate(db, status=status)]
        paged, cursor = [], None
        while True:
            page = await books.find_many(db, status=status, limit=limit, cursor=cursor)
            paged += page.items
            cursor = page.next_cursor
            assert len(page.items) == limit or cursor is None
            if cursor is None:
                break
        assert paged == every
        assert every == sorted(every, key=lambda book: (book.created_at, book.id), reverse=True)
        assert await books.count(db, status=status) == len(every)


# The functions that statements share


async def agree(library: Both, function: Any, *arguments: Any) -> Any:
    """What a function gives, which is the same on both stores."""
    sqlite, postgres = await asyncio.gather(*(function(db, *arguments) for db in library))
    assert same(sqlite, postgres)
    return sqlite


@quick
@given(target=objects, patch=objects)
async def test_json_merge(library, changes, target, patch):
    assert same(await agree(library, changes.merge, target, patch), {**target, **patch})


@quick
@given(target=objects, key=keys, value=plain_text)
async def test_json_put(library, changes, target, key, value):
    assert same(await agree(library, changes.put, target, key, value), {**target, key: value})


@quick
@given(target=objects, key=keys, time=times)
async def test_json_put_of_a_time(library, changes, target, key, time):
    found = await agree(library, changes.put_time, target, key, time)
    assert datetime.fromisoformat(found[key]) == time.astimezone(UTC)
    assert len(found[key]) == 27


@quick
@given(target=objects, key=keys)
async def test_json_without(library, changes, target, key):
    expected = {name: value for name, value in target.items() if name != key}
    assert same(await agree(library, changes.without, target, key), expected)


@quick
@given(data=st.data(), existing=st.lists(st.sampled_from('abcé"\\'), max_size=6))
async def test_array_append_distinct(library, changes, data, existing):
    added = data.draw(st.lists(st.sampled_from('abcdé"\\,{}'), max_size=6))
    assert await agree(library, changes.append, existing, added) == list(dict.fromkeys(existing + added))
