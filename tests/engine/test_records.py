"""A record made from a row is a record like any other."""

import copy
import gc
import pickle
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from pydantic import ValidationError
from user_package import books
from user_package.books import Book

from wave_data import InvalidValue, Record, RowMappingError
from wave_data.engine.readers import MANY, compile_reader, read_many
from wave_data.engine.records import Column, Result

FULL = {
    "price": Decimal("9.99"),
    "score": Decimal("12.5"),
    "pages": 7,
    "words": 2**40,
    "weight": 0.25,
    "in_print": True,
    "details": {"a": [1, None, {"b": "é"}]},
    "notes": ["x"],
    "tags": ["one", "two"],
    "published_at": datetime(2020, 2, 29, 12, 30, 15, 123456, tzinfo=UTC),
}


@pytest.fixture
async def book(db) -> Book:
    """A record from a row, with a value in every column."""
    return await books.create(db, "Emma", **FULL)


@pytest.fixture
def twin(book) -> Book:
    """The same record, validated."""
    return Book(**{name: copy.deepcopy(getattr(book, name)) for name in Book.model_fields})


def test_it_equals_the_validated_one(book, twin):
    assert book == twin
    assert twin == book
    assert type(book) is type(twin) is Book
    assert isinstance(book, Book)


def test_it_has_the_same_types(book, twin):
    for name in Book.model_fields:
        assert type(getattr(book, name)) is type(getattr(twin, name)), name


def test_it_has_the_values_of_the_row(book):
    for name, value in FULL.items():
        assert getattr(book, name) == value
    assert type(book.id) is UUID
    assert book.created_at.tzinfo is UTC
    assert (str(book.price), str(book.score)) == ("9.990000", "12.50")


def test_it_dumps_the_same(book, twin):
    assert book.model_dump() == twin.model_dump()
    assert list(book.model_dump()) == list(twin.model_dump())
    assert book.model_dump_json() == twin.model_dump_json()
    assert book.model_dump(mode="json") == twin.model_dump(mode="json")
    assert dict(book) == dict(twin)


def test_it_can_be_read_back_from_its_json(book):
    assert Book.model_validate_json(book.model_dump_json()) == book


def test_it_is_shown_the_same(book, twin):
    assert repr(book) == repr(twin) == f"Book(id={book.id!r}, title='Emma', status='draft')"
    assert str(book) == str(twin)


def test_it_knows_which_fields_are_set(book, twin):
    assert book.model_fields_set == twin.model_fields_set == set(Book.model_fields)
    assert book.model_extra is None
    assert (book.__pydantic_extra__, book.__pydantic_private__) == (twin.__pydantic_extra__, twin.__pydantic_private__)


def test_it_has_the_same_inside(book, twin):
    assert book.__dict__ == twin.__dict__
    assert list(book.__dict__) == list(twin.__dict__)


@pytest.mark.parametrize("make", [copy.copy, copy.deepcopy, lambda book: pickle.loads(pickle.dumps(book))])
def test_it_can_be_copied_and_pickled(book, make):
    made = make(book)
    assert made == book
    assert type(made) is Book
    assert made.model_fields_set == book.model_fields_set


def test_a_deep_copy_shares_nothing(book):
    made = copy.deepcopy(book)
    made.tags.append("three")
    made.details["a"].append(2)
    assert (book.tags, book.details) == (["one", "two"], {"a": [1, None, {"b": "é"}]})


def test_it_can_be_copied_with_changes(book):
    made = book.model_copy(update={"title": "Persuasion"})
    assert (made.title, made.id, book.title) == ("Persuasion", book.id, "Emma")


def test_it_is_frozen(book):
    with pytest.raises(ValidationError, match="frozen"):
        book.title = "Persuasion"
    with pytest.raises(ValidationError, match="frozen"):
        del book.title
    assert book.title == "Emma"


def test_it_passes_validation_as_it_is(book):
    assert Book.model_validate(book) is book


async def test_records_of_hashable_values_are_hashable(db, load):
    shop = load(
        "-- name: pick\nSELECT id, title, price FROM books;\n",
        """
        class Item(Record):
            id: UUID
            title: str
            price: Usd

        @query
        async def pick(db: Executor) -> Item: ...
        """,
    )
    made = await books.create(db, "Emma", price=1)
    item = await shop.pick(db)
    assert hash(item) == hash(shop.Item(id=made.id, title="Emma", price=1))
    assert {item} == {await shop.pick(db)}


async def test_rows_share_no_mutable_default(db, load):
    shop = load(
        "-- name: pick\nSELECT title FROM books;\n",
        """
        from pydantic import Field

        class Item(Record):
            title: str
            one: list[str] = []
            two: TextArray = Field(default_factory=list)

        @query
        async def pick(db: Executor) -> list[Item]: ...
        """,
    )
    await books.create(db, "Emma")
    await books.create(db, "Persuasion")
    first, second = await shop.pick(db)
    first.one.append("x")
    first.two.append("y")
    assert (second.one, second.two) == ([], [])
    assert first.model_fields_set == {"title"}
    assert shop.Item(title="x").one == []


async def test_properties_and_methods_work(db, load):
    shop = load(
        "-- name: pick\nSELECT title, pages FROM books;\n",
        """
        from functools import cached_property
        from pydantic import computed_field

        class Item(Record):
            title: str
            pages: int

            @property
            def is_long(self) -> bool:
                return self.pages > 5

            @computed_field
            @property
            def words(self) -> int:
                return self.pages * 300

            @cached_property
            def shout(self) -> str:
                return self.title.upper()

        @query
        async def pick(db: Executor) -> Item: ...
        """,
    )
    await books.create(db, "Emma", pages=7)
    item = await shop.pick(db)
    assert (item.is_long, item.words, item.shout) == (True, 2100, "EMMA")
    assert item.model_dump() == {"title": "Emma", "pages": 7, "words": 2100}
    assert item == shop.Item(title="Emma", pages=7)


# Columns and fields


ITEM = """
    class Item(Record):
        id: UUID
        title: str
        pages: int = 3

    @query
    async def pick(db: Executor) -> Item: ...
    """


async def test_unknown_columns_are_ignored(db, load):
    shop = load("-- name: pick\nSELECT * FROM books;\n", ITEM)
    book = await books.create(db, "Emma", pages=7)
    assert (await shop.pick(db)).model_dump() == {"id": book.id, "title": "Emma", "pages": 7}


async def test_columns_come_in_any_order(db, load):
    shop = load("-- name: pick\nSELECT pages, title, id FROM books;\n", ITEM)
    await books.create(db, "Emma", pages=7)
    assert (await shop.pick(db)).title == "Emma"


async def test_a_missing_column_takes_the_default(db, load):
    shop = load("-- name: pick\nSELECT id, title FROM books;\n", ITEM)
    await books.create(db, "Emma", pages=7)
    item = await shop.pick(db)
    assert (item.pages, item.model_fields_set) == (3, {"id", "title"})


async def test_a_missing_column_is_named(db, load):
    shop = load("-- name: pick\nSELECT id, title AS titel FROM books;\n", ITEM)
    await books.create(db, "Emma")
    expected = r"no column title for Item\.title; did you mean titel\? \(columns: id, titel\)"
    with pytest.raises(RowMappingError, match=rf"shop\.pick \(.*shop\.sql:1:1\): {expected}"):
        await shop.pick(db)


async def test_a_missing_column_shows_without_any_row(db, load):
    shop = load("-- name: pick\nSELECT id FROM books;\n", ITEM.replace("-> Item", "-> list[Item]"))
    with pytest.raises(RowMappingError, match=r"no column title for Item\.title"):
        await shop.pick(db)


async def test_null_in_a_field_without_none_is_named(db, load):
    shop = load("-- name: pick\nSELECT id, title, NULL AS pages FROM books;\n", ITEM.replace("int = 3", "str"))
    await books.create(db, "Emma")
    with pytest.raises(RowMappingError, match=r"column pages is NULL, but Item\.pages does not allow None"):
        await shop.pick(db)


KINDS = {
    "id": "UUID",
    "title": "str",
    "price": "Usd",
    "score": "Percent",
    "pages": "int",
    "weight": "float",
    "in_print": "bool",
    "details": "JsonObject",
    "tags": "TextArray",
    "created_at": "UtcDatetime",
}


@pytest.mark.parametrize(("column", "kind"), KINDS.items(), ids=KINDS.keys())
async def test_null_is_told_in_every_kind_of_field(db, load, column, kind):
    shop = load(
        f"""
        -- name: pick
        SELECT books.{column} AS value FROM (SELECT 1 AS one) AS single LEFT JOIN books ON books.title = 'none';
        """,
        f"""
        class Item(Record):
            value: {kind}

        @query
        async def pick(db: Executor) -> Item: ...
        """,
    )
    with pytest.raises(RowMappingError, match=r"column value is NULL, but Item\.value does not allow None"):
        await shop.pick(db)


async def test_an_enum_of_ids_is_read_as_its_members(db, load):
    shop = load(
        "-- name: pick\nSELECT id AS key, title FROM books ORDER BY title;\n",
        """
        class Key(Enum):
            EMMA = UUID("01900000-0000-7000-8000-0000000000ff")

        class Item(Record):
            key: Key
            title: str

        @query
        async def pick(db: Executor) -> list[Item]: ...
        """,
    )
    await books.create(db, "Emma", id=shop.Key.EMMA.value)
    assert [item.key for item in await shop.pick(db)] == [shop.Key.EMMA]


WRONG = {
    "text in an int": ("title", "int"),
    "text in a decimal": ("title", "Usd"),
    "text in a bool": ("title", "bool"),
    "text in a float": ("title", "float"),
    "text in a time": ("title", "UtcDatetime"),
    "text in a UUID": ("title", "UUID"),
    "text in an object": ("title", "JsonObject"),
    "text in an array": ("title", "TextArray"),
    "an int in a text": ("pages", "str"),
    "an int in a time": ("pages", "UtcDatetime"),
    "a float in an int": ("weight", "int"),
    "a float in a decimal": ("weight", "Usd"),
    "an object in an array": ("details", "TextArray"),
    "an array in an object": ("tags", "JsonObject"),
    "an int beyond its bounds": ("words", "Count"),
    "a number that is no bool": ("pages", "bool"),
}


@pytest.mark.parametrize(("column", "annotation"), WRONG.values(), ids=WRONG.keys())
async def test_a_wrong_type_is_named(db, load, column, annotation):
    shop = load(
        f"-- name: pick\nSELECT {column} AS value FROM books;\n",
        f"class Item(Record):\n    value: {annotation}\n@query\nasync def pick(db: Executor) -> Item: ...\n",
    )
    await books.create(db, "Emma", pages=7, words=2**40, weight=0.5)
    with pytest.raises(RowMappingError, match=r"shop\.pick \(.*\): column value "):
        await shop.pick(db)


async def test_the_value_of_a_wrong_row_is_not_told(db, load):
    shop = load(
        "-- name: pick\nSELECT title AS value FROM books;\n",
        "class Item(Record):\n    value: UtcDatetime\n@query\nasync def pick(db: Executor) -> Item: ...\n",
    )
    await books.create(db, "s3cret")
    with pytest.raises(RowMappingError) as caught:
        await shop.pick(db)
    assert "s3cret" not in f"{caught.value}{caught.value.__cause__}"


async def test_two_columns_of_one_name_are_refused(db, load):
    shop = load("-- name: pick\nSELECT id, title, status AS title FROM books;\n", ITEM)
    with pytest.raises(
        RowMappingError, match=r"two columns are named title; name the ones of the joined table with AS"
    ):
        await shop.pick(db)


# Records with validation of their own


VALIDATED = {
    "a field validator": (
        """
        @field_validator("title")
        @classmethod
        def shout(cls, value: str) -> str:
            return value.upper()
        """,
        "EMMA",
    ),
    "a model validator": (
        """
        @model_validator(mode="before")
        @classmethod
        def shout(cls, value: Any) -> Any:
            return {**value, "title": value["title"].upper()}
        """,
        "EMMA",
    ),
    "a model validator that runs after": (
        """
        @model_validator(mode="after")
        def look(self) -> "Item":
            object.__setattr__(self, "title", self.title.upper())
            return self
        """,
        "EMMA",
    ),
    "a post-init": (
        """
        def model_post_init(self, context: Any) -> None:
            object.__setattr__(self, "title", self.title.upper())
        """,
        "EMMA",
    ),
    "an __init__": (
        """
        def __init__(self, **values: Any) -> None:
            super().__init__(**{**values, "title": values["title"].upper()})
        """,
        "EMMA",
    ),
}

IMPORTS = "from pydantic import *\n"


def with_body(body: str) -> str:
    indented = "".join(f"    {line}\n" for line in body.strip("\n").replace("\n        ", "\n").strip().splitlines())
    return (
        f"{IMPORTS}class Item(Record):\n    title: str\n{indented}@query\nasync def pick(db: Executor) -> Item: ...\n"
    )


@pytest.mark.parametrize(("body", "expected"), VALIDATED.values(), ids=VALIDATED.keys())
async def test_validation_of_the_record_is_done(db, load, body, expected):
    shop = load("-- name: pick\nSELECT title FROM books;\n", with_body(body))
    await books.create(db, "Emma")
    item = await shop.pick(db)
    assert item.title == expected
    assert item == shop.Item(title="Emma")


async def test_private_attributes_are_there(db, load):
    shop = load(
        "-- name: pick\nSELECT title FROM books;\n",
        with_body("_seen: list[str] = PrivateAttr(default_factory=list)"),
    )
    await books.create(db, "Emma")
    item = await shop.pick(db)
    item._seen.append("x")
    assert (await shop.pick(db))._seen == []


CONSTRAINTS = {
    "Field(max_length=3)": "str",
    'Field(pattern="^P")': "str",
    "Field(min_length=5)": "str",
    "AfterValidator(int)": "str",
    "StringConstraints(max_length=3)": "str",
}


@pytest.mark.parametrize("constraint", CONSTRAINTS)
async def test_a_row_that_breaks_a_constraint_of_its_field_is_refused(db, load, constraint):
    shop = load(
        "-- name: pick\nSELECT title FROM books;\n",
        f"{IMPORTS}class Item(Record):\n    title: Annotated[str, {constraint}]\n"
        "@query\nasync def pick(db: Executor) -> Item: ...\n",
    )
    await books.create(db, "Emma")
    with pytest.raises(RowMappingError, match="title"):
        await shop.pick(db)


@pytest.mark.parametrize(
    "constraint", ['Field(pattern="^E")', "Field(max_length=4)", "StringConstraints(max_length=4)"]
)
async def test_a_row_within_the_constraint_of_its_field_is_read(db, load, constraint):
    shop = load(
        "-- name: pick\nSELECT title FROM books;\n",
        f"{IMPORTS}class Item(Record):\n    title: Annotated[str, {constraint}]\n"
        "@query\nasync def pick(db: Executor) -> Item: ...\n",
    )
    await books.create(db, "Emma")
    assert (await shop.pick(db)).title == "Emma"


async def test_numbers_within_constraints_of_pydantic(db, load):
    shop = load(
        "-- name: pick\nSELECT pages FROM books;\n",
        IMPORTS + "class Item(Record):\n    pages: int = Field(ge=0, lt=10, multiple_of=7)\n"
        "@query\nasync def pick(db: Executor) -> Item: ...\n",
    )
    book = await books.create(db, "Emma", pages=7)
    assert (await shop.pick(db)).pages == 7
    await books.delete(db, book.id)
    await books.create(db, "Emma", pages=8)
    with pytest.raises(RowMappingError, match="pages"):
        await shop.pick(db)


async def test_a_field_with_an_alias_is_read_from_the_column_of_its_name(db, load):
    shop = load(
        "-- name: pick\nSELECT title FROM books;\n",
        IMPORTS + 'class Item(Record):\n    title: str = Field(alias="bookTitle")\n'
        "@query\nasync def pick(db: Executor) -> Item: ...\n",
    )
    await books.create(db, "Emma")
    item = await shop.pick(db)
    assert item == shop.Item(bookTitle="Emma")
    assert item.model_dump(by_alias=True) == {"bookTitle": "Emma"}


async def test_a_json_column_may_be_a_model(db, load):
    shop = load(
        """
        -- name: add
        UPDATE books SET details = :details RETURNING details;
        -- name: pick
        SELECT details FROM books;
        """,
        """
        class Size(Record):
            width: int
            unit: Literal["cm", "in"] = "cm"

        class Item(Record):
            details: Size

        @query
        async def add(db: Executor, details: Size) -> Item: ...
        @query
        async def pick(db: Executor) -> Item: ...
        """,
    )
    book = await books.create(db, "Emma")
    with pytest.raises(RowMappingError, match=r"column details .*width"):
        await shop.pick(db)
    item = await shop.add(db, shop.Size(width=7))
    assert item == await shop.pick(db) == shop.Item(details=shop.Size(width=7, unit="cm"))
    with pytest.raises(InvalidValue):
        await shop.add(db, {"width": "wide"})
    assert (await books.get(db, book.id)).details == {"width": 7, "unit": "cm"}


def test_a_record_built_by_hand_is_validated():
    values = {name: None for name in Book.model_fields if not Book.model_fields[name].is_required()}
    with pytest.raises(ValidationError):
        Book(**values)
    with pytest.raises(ValidationError, match=r"timezone|naive"):
        books.Book.model_validate({**FULL, "published_at": datetime(2020, 1, 1)})  # noqa: DTZ001


async def test_a_record_built_by_hand_keeps_times_in_utc(book):
    zone = timezone(timedelta(hours=2))
    made = Book.model_validate({**book.model_dump(), "created_at": datetime(2020, 1, 1, 2, tzinfo=zone), "id": uuid4()})
    assert made.created_at == datetime(2020, 1, 1, tzinfo=UTC)
    assert made.created_at.tzinfo is UTC


@pytest.mark.parametrize("enabled", [True, False])
def test_the_collector_rests_over_many_rows_and_is_left_as_it_was(enabled):
    class Counted(Record):
        number: int

    running: list[bool] = []

    class Row(tuple[int]):
        __slots__ = ()

        def __getitem__(self, key):
            running.append(gc.isenabled())
            return super().__getitem__(key)

    read = compile_reader(Result.of(Counted), [Column("number", "int4")], "postgres", "shop.list")
    rows = [Row((1,))] * MANY
    (gc.enable if enabled else gc.disable)()
    try:
        assert len(read_many(read, rows)) == MANY
        assert rows == []
        assert set(running) == {False}
        read_many(read, [Row((1,))])
        assert running[-1] is enabled
        assert gc.isenabled() is enabled
    finally:
        gc.enable()
