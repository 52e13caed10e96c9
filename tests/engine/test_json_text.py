"""JSON as both stores keep it."""

import json
from collections import OrderedDict
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum, IntEnum
from uuid import UUID

import pytest

from wave_data import InvalidValue
from wave_data.engine.json_text import (
    array_append_distinct,
    decode_json,
    encode_json,
    json_merge,
    json_put,
    json_without,
)


class Colour(Enum):
    RED = "red"


class Level(IntEnum):
    HIGH = 3


ID = UUID("01900000-0000-7000-8000-0000000000ff")

WRITTEN = {
    "null": (None, "null"),
    "booleans": ([True, False], "[true,false]"),
    "whole numbers": ([0, -7, 10**30], f"[0,-7,{10**30}]"),
    "fractions": ([0.5, -0.25, 1e-7], "[0.5,-0.25,1e-7]"),
    "a fraction that is whole": (1.0, "1.0"),
    "a large fraction": (1e16, "10000000000000000.0"),
    "a larger fraction": ([1.5e20], "[150000000000000000000.0]"),
    "a text that looks like one": ({"1e+16": "2e+20"}, '{"1e+16":"2e+20"}'),
    "text": ('é"\\\n🎉', '"é\\"\\\\\\n🎉"'),
    "a backslash before u0000": ("\\u0000", '"\\\\u0000"'),
    "an object": ({"b": 1, "a": {"c": []}}, '{"b":1,"a":{"c":[]}}'),
    "a decimal": (Decimal("1.50"), '"1.50"'),
    "a UUID": ({"id": ID}, f'{{"id":"{ID}"}}'),
    "a time": ([datetime(2026, 1, 1, tzinfo=UTC)], '["2026-01-01T00:00:00.000000Z"]'),
    "an enum": ([Colour.RED, Level.HIGH], '["red","3"]'),
    "a tuple": ((1, (2,)), "[1,[2]]"),
    "another mapping": (OrderedDict(a=1), '{"a":1}'),
    "the word NaN": ({"NaN": "Infinity"}, '{"NaN":"Infinity"}'),
    "an empty key": ({"": 1}, '{"":1}'),
}


@pytest.mark.parametrize(("value", "text"), WRITTEN.values(), ids=WRITTEN.keys())
def test_a_value_has_one_text(value, text):
    assert encode_json(value) == text


@pytest.mark.parametrize("value", [1e16, 1e300, 1.7976931348623157e308, 5e-324, 2.5e-310, -1e22, 123456789012345680.0])
def test_a_float_stays_the_same_float(value):
    read = decode_json(encode_json(value))
    assert (read, type(read)) == (value, float)


REFUSED = {
    "NaN": (float("nan"), "nan at $;"),
    "infinity in a list": ([1, float("inf")], "inf at $[1];"),
    "infinity in an object": ({"a": {"b": -float("inf")}}, "-inf at $.a.b;"),
    "NaN beside its word": (["NaN", float("nan")], "nan at $[1];"),
    "a set": ({"a": {1}}, "a set at $.a;"),
    "bytes": ([b"x"], "a bytes at $[0];"),
    "an object of another class": (object(), "an object at $;"),
    "a key that is a number": ({"a": {1: 2}}, "the key 1 at $.a;"),
    "a key that is None": ({None: 2}, "the key None at $;"),
    "U+0000": ("a\0", "U+0000"),
    "U+0000 in a key": ({"\0": 1}, "U+0000"),
    "U+0000 behind a backslash": ("\\\0", "U+0000"),
    "a lone surrogate": ("\ud800", "lone surrogate"),
    "a lone surrogate in a key": ({"\udfff": 1}, "lone surrogate"),
    "a naive time": ([datetime(2026, 1, 1)], "naive"),  # noqa: DTZ001
    "an integer that nobody reads again": (10**5000, "4300 digits"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_value_that_is_no_json_is_refused_at_its_place(name):
    value, part = REFUSED[name]
    with pytest.raises(InvalidValue) as caught:
        encode_json(value)
    assert part in str(caught.value)


def nested(depth: int) -> object:
    value: object = 1
    for _ in range(depth):
        value = [value]
    return value


def test_a_value_may_be_a_hundred_levels_deep():
    assert decode_json(encode_json(nested(100))) == nested(100)


@pytest.mark.parametrize("depth", [102, 5000])
def test_a_value_may_not_be_deeper(depth):
    with pytest.raises(InvalidValue, match="nested more than 100 levels deep"):
        encode_json(nested(depth))


def test_a_value_that_contains_itself():
    value: list[object] = []
    value.append(value)
    with pytest.raises(InvalidValue, match="nested more than"):
        encode_json(value)


def test_the_value_given_is_not_changed():
    value = {"a": (1, Decimal(1))}
    encode_json(value)
    assert value == {"a": (1, Decimal(1))}


# Changes inside a value


def change(function, *arguments):
    return json.loads(function(*(a if isinstance(a, str) or a is None else json.dumps(a) for a in arguments)))


def test_merge_adds_and_replaces():
    assert change(json_merge, {"a": 1, "b": 2}, {"b": 3, "c": 4}) == {"a": 1, "b": 3, "c": 4}


def test_merge_is_shallow():
    assert change(json_merge, {"a": {"x": 1}}, {"a": {"y": 2}}) == {"a": {"y": 2}}


def test_merge_stores_null():
    assert change(json_merge, {"a": 1}, {"a": None}) == {"a": None}


def test_merge_with_nothing():
    assert change(json_merge, {"a": 1}, {}) == {"a": 1}


def test_put_sets_one_key():
    assert change(json_put, {"a": 1}, "b", "x") == {"a": 1, "b": "x"}
    assert change(json_put, {"a": 1}, "a", None) == {"a": None}


def test_without_removes_one_key():
    assert change(json_without, {"a": 1, "b": 2}, "a") == {"b": 2}
    assert change(json_without, {"a": 1}, "b") == {"a": 1}


def test_append_keeps_order_and_drops_duplicates():
    assert change(array_append_distinct, ["b", "a"], ["c", "a", "c"]) == ["b", "a", "c"]
    assert change(array_append_distinct, ["a", "a"], []) == ["a"]
