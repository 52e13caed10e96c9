"""What every type takes and refuses, the same for both stores."""

import pickle
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal, localcontext
from enum import Enum, StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from annotated_types import Gt, Lt, MaxLen, MinLen
from pydantic import Field

from wave_data import InvalidValue
from wave_data.engine import check, conversions, percentage
from wave_data.engine.columns import column_type
from wave_data.engine.types import (
    BigCount,
    BigInteger,
    Count,
    Default,
    Integer,
    Json,
    JsonObject,
    NewId,
    Percent,
    Slug,
    TextArray,
    Usd,
    UsdAmount,
    UtcDatetime,
    timestamp_text,
)


class Colour(Enum):
    RED = "red"


class Shade(StrEnum):
    DARK = "dark"


ID = UUID("01900000-0000-7000-8000-0000000000ff")
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
NOON_TEXT = "2026-01-01T12:00:00.000000Z"

# annotation, argument, what PostgreSQL's driver is given, what SQLite's is given
TAKEN = {
    "text": (str, "é🎉\t\n'\"\\", "é🎉\t\n'\"\\", "é🎉\t\n'\"\\"),
    "an empty text": (str, "", "", ""),
    "a text of an enum": (str, Shade.DARK, "dark", "dark"),
    "an int": (int, 7, 7, 7),
    "the smallest integer": (Integer, -(2**31), -(2**31), -(2**31)),
    "the largest integer": (Integer, 2**31 - 1, 2**31 - 1, 2**31 - 1),
    "the smallest big integer": (BigInteger, -(2**63), -(2**63), -(2**63)),
    "the largest big integer": (BigInteger, 2**63 - 1, 2**63 - 1, 2**63 - 1),
    "no count": (Count, 0, 0, 0),
    "the largest big count": (BigCount, 2**63 - 1, 2**63 - 1, 2**63 - 1),
    "a float": (float, 0.1, 0.1, 0.1),
    "an int for a float": (float, 2, 2.0, 2.0),
    "true": (bool, True, True, True),
    "a UUID": (UUID, ID, ID.bytes, str(ID)),
    "a time": (UtcDatetime, NOON, NOON, NOON_TEXT),
    "a time in another zone": (
        UtcDatetime,
        datetime(2026, 1, 1, 14, tzinfo=timezone(timedelta(hours=2))),
        NOON,
        NOON_TEXT,
    ),
    "a time in summer": (
        UtcDatetime,
        datetime(2026, 7, 1, 14, tzinfo=ZoneInfo("Europe/Berlin")),
        datetime(2026, 7, 1, 12, tzinfo=UTC),
        "2026-07-01T12:00:00.000000Z",
    ),
    "the first time": (
        UtcDatetime,
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(1, 1, 1, tzinfo=UTC),
        "0001-01-01T00:00:00.000000Z",
    ),
    "the last time": (
        UtcDatetime,
        datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        "9999-12-31T23:59:59.999999Z",
    ),
    "a date": (date, date(2026, 1, 1), date(2026, 1, 1), "2026-01-01"),
    "an amount": (Usd, Decimal("9.99"), Decimal("9.990000"), 9_990_000),
    "an amount as int": (Usd, 3, Decimal("3.000000"), 3_000_000),
    "an amount as text": (Usd, "-0.5", Decimal("-0.500000"), -500_000),
    "an amount rounded down to even": (Usd, "0.0000005", Decimal("0.000000"), 0),
    "an amount rounded up to even": (Usd, "0.0000015", Decimal("0.000002"), 2),
    "an amount that rounds to zero from below": (Usd, "-0.0000001", Decimal("0.000000"), 0),
    "the largest amount": (Usd, "99999999.999999", Decimal("99999999.999999"), 99_999_999_999_999),
    "the smallest amount": (Usd, "-99999999.999999", Decimal("-99999999.999999"), -99_999_999_999_999),
    "an amount of many digits": (Usd, "0." + "1" * 60, Decimal("0.111111"), 111_111),
    "a percentage": (Percent, "100", Decimal("100.00"), 10_000),
    "an object": (JsonObject, {"a": [1, None]}, '{"a":[1,null]}', '{"a":[1,null]}'),
    "any JSON": (Json, [1], "[1]", "[1]"),
    "a slug": (Slug, "0A.b_c-d", "0A.b_c-d", "0A.b_c-d"),
    "the longest slug": (Slug, "a" * 100, "a" * 100, "a" * 100),
    "texts": (TextArray, ["b", "a", "b"], ["b", "a", "b"], '["b","a","b"]'),
    "texts in a tuple": (TextArray, ("é",), ["é"], '["é"]'),
    "no texts": (TextArray, [], [], "[]"),
    "UUIDs": (list[UUID], [ID], [ID.bytes], f'["{ID}"]'),
    "a literal": (Literal["a", "b"], "b", "b", "b"),
    "an enum": (Colour, Colour.RED, "red", "red"),
    "bytes": (bytes, b"\x00\xff", b"\x00\xff", b"\x00\xff"),
    "None where it is allowed": (Annotated[str | None, MaxLen(3)], None, None, None),
    "a default": (Annotated[int | None, Default(7)], None, 7, 7),
    "zero beside a default": (Annotated[int | None, Default(7)], 0, 0, 0),
    "the length of a text": (Annotated[str, MinLen(1), MaxLen(3)], "éé🎉", "éé🎉", "éé🎉"),
}


@pytest.mark.parametrize(("annotation", "value", "postgres", "sqlite"), TAKEN.values(), ids=TAKEN.keys())
def test_a_value_that_fits(annotation, value, postgres, sqlite):
    kind = column_type(annotation)
    for found, expected in ((kind.to_postgres(value), postgres), (kind.to_sqlite(value), sqlite)):
        assert found == expected
        assert repr(found) == repr(expected) or isinstance(value, Shade)


NAIVE = datetime(2026, 1, 1)  # noqa: DTZ001
REFUSED: dict[str, tuple[Any, list[Any]]] = {
    "text": (str, [7, b"a", None, ["a"], Colour.RED, "a\0b", "\0", "\ud800", "a\udfffb"]),
    "a slug": (Slug, ["", "-a", ".a", "_a", "a b", "a/b", "ä", "a\n", "a\0", "a" * 101, b"a", 7, None]),
    "objects": (list[JsonObject], [[1], {}, "[]", None, [{"a": float("nan")}], [{"a": [float("inf")]}], [{"a": "\0"}]]),
    "an integer": (Integer, ["7", 7.0, True, False, None, 2**31, -(2**31) - 1, Decimal(7), 1e400]),
    "a big integer": (BigInteger, ["7", 7.0, True, 2**63, -(2**63) - 1]),
    "any int": (int, ["7", 7.0, True, 2**63, -(2**63) - 1, 10**400]),
    "a count": (Count, [-1, 2**31, True]),
    "a big count": (BigCount, [-1, 2**63]),
    "a float": (float, ["1", True, None, Decimal(1), float("nan"), float("inf"), -float("inf"), 10**400]),
    "a bool": (bool, [0, 1, "true", None, 0.0]),
    "a UUID": (UUID, [str(ID), ID.bytes, ID.int, None]),
    "a time": (UtcDatetime, [NAIVE, NOON_TEXT, 0, None, date(2026, 1, 1)]),
    "a time beyond UTC": (
        UtcDatetime,
        [
            datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=1))),
            datetime(9999, 12, 31, 23, 30, tzinfo=timezone(timedelta(hours=-1))),
        ],
    ),
    "a date": (date, [NOON, "2026-01-01", None]),
    "an amount": (
        Usd,
        [
            0.5,
            1.0,
            True,
            None,
            "",
            "x",
            "1,5",
            "NaN",
            "sNaN",
            "Infinity",
            Decimal("-Infinity"),
            100_000_000,
            "99999999.9999995",
            "-99999999.9999999",
            "1e9999",
            "1e-9999999999999999999",
            b"1",
        ],
    ),
    "an amount of at least zero": (UsdAmount, ["-0.000001", "-0.0000001", -1]),
    "a percentage": (Percent, ["100.001", "100.01", "-0.01", "-0.001", 1000]),
    "an object": (
        JsonObject,
        [[], "{}", None, 7, {"a": float("nan")}, {"a\0": 1}, {1: 2}, {"a": object()}, {"a": {1}}],
    ),
    "texts": (TextArray, ["abc", None, ["a", None], [1], ["a\0"], ["\ud800"], {"a"}, b"ab", [["a"]]]),
    "a literal": (Literal["a", "b"], ["c", "", None, 1, ["a"]]),
    "an enum": (Colour, ["red", Shade.DARK, None]),
    "bytes": (bytes, ["a", None, [1]]),
    "a bound": (Annotated[int, Gt(1), Lt(3)], [1, 3]),
    "a length": (Annotated[str, MinLen(1), MaxLen(2)], ["", "abc"]),
}
CASES = [(annotation, value) for annotation, values in REFUSED.values() for value in values]
NAMES = [f"{name} {index}" for name, (_, values) in REFUSED.items() for index in range(len(values))]


@pytest.mark.parametrize(("annotation", "value"), CASES, ids=NAMES)
def test_a_value_that_does_not_fit(annotation, value):
    kind = column_type(annotation)
    for encode in (kind.to_postgres, kind.to_sqlite):
        with pytest.raises((TypeError, ValueError)):
            encode(value)


@pytest.mark.parametrize(("annotation", "value"), CASES, ids=NAMES)
def test_check_refuses_the_same(annotation, value):
    with pytest.raises(InvalidValue, match=r"^argument: "):
        check(annotation, value, "argument")


def test_check_gives_the_value():
    assert check(Literal["a"], "a", "argument") == "a"


def test_an_amount_does_not_depend_on_the_callers_precision():
    kind = column_type(Usd)
    with localcontext(prec=3):
        assert kind.to_sqlite("12345678.123456") == 12_345_678_123_456
        assert kind.to_postgres("12345678.123456") == Decimal("12345678.123456")
        assert kind.from_sqlite(12_345_678_123_456) == Decimal("12345678.123456")


def test_a_constraint_of_pydantic_is_told_in_one_line_without_the_value():
    for annotation, value in ((Annotated[str, Field(pattern="^a")], "hush"), (list[dict[str, int]], [{"b": "hush"}])):
        with pytest.raises(InvalidValue) as caught:
            check(annotation, value, "given")
        message = str(caught.value)
        assert message.startswith("given: ")
        assert "hush" not in message
        assert "\n" not in message


def test_a_new_id_stands_for_none():
    kind = column_type(NewId)
    first, second = kind.to_postgres(None), kind.to_postgres(None)
    assert first < second
    assert UUID(kind.to_sqlite(None)).bytes > second
    assert kind.to_postgres(ID) == ID.bytes


def test_a_default_is_checked_when_it_is_declared():
    with pytest.raises((TypeError, ValueError)):
        column_type(Annotated[int | None, Default("seven")])


@pytest.mark.parametrize("annotation", [complex, set[str], Decimal, str | int, Literal[1, 2], type, object()])
def test_an_annotation_that_no_column_can_hold(annotation):
    with pytest.raises(TypeError):
        column_type(annotation)


def test_a_uuid_of_a_driver_is_one_of_the_standard_library():
    kind = column_type(UUID)
    for made in (kind.from_postgres(ID.bytes), kind.from_sqlite(str(ID)), kind.checked(ID)):
        assert type(made) is UUID
        assert (made, hash(made), made.is_safe) == (ID, hash(ID), ID.is_safe)
        assert pickle.loads(pickle.dumps(made)) == ID


@pytest.mark.parametrize(
    "text", ["2026-01-01T12:00:00.000000Z", "0001-01-01T00:00:00.000000Z", "9999-12-31T23:59:59.999999Z"]
)
def test_a_time_has_one_text(text):
    read = column_type(UtcDatetime).from_sqlite(text)
    assert read.tzinfo is UTC
    assert timestamp_text(read) == text


def test_what_postgres_can_hold_and_a_datetime_cannot():
    with pytest.raises(TypeError, match="no datetime can express"):
        column_type(UtcDatetime).from_postgres("infinity")
    with pytest.raises(ValueError, match="NaN"):
        column_type(Usd).from_postgres(Decimal("NaN"))


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [
        (1, 3, "33.33"),
        (2, 3, "66.67"),
        (1, 800, "0.13"),
        (0, 7, "0.00"),
        (7, 0, "0.00"),
        (Decimal("3.5"), Decimal(2), "175.00"),
        (Decimal("0.1") ** 30, Decimal("0.1") ** 30, "100.00"),
    ],
)
def test_a_share_in_percent_rounds_half_up(part, whole, expected):
    assert str(percentage(part, whole)) == expected


@pytest.mark.parametrize("dialect", ["postgres", "sqlite"])
def test_an_enum_takes_its_members_and_not_their_values(dialect):
    kind = column_type(Colour)
    way = kind.inline.get(f"to_{dialect}")
    assert way is None or not eval(way.test.format("'red'"), dict(conversions.NAMES))
    assert kind.encoder(dialect)(Colour.RED) == "red"
    with pytest.raises(TypeError, match="Colour"):
        kind.encoder(dialect)("red")
