from decimal import Decimal
from enum import IntEnum
from uuid import UUID

import pytest

from wave_data.engine.typed_text import infer_type, text_of, value_of

SECRET = "tops3cret"

ROUND_TRIPS = [
    ("string", "", "", ""),
    ("string", " 5 ", " 5 ", " 5 "),
    ("string", "größer\n", "größer\n", "größer\n"),
    ("integer", 5, "5", 5),
    ("integer", "-5", "-5", -5),
    ("integer", "+05", "5", 5),
    ("integer", 2**63 - 1, "9223372036854775807", 2**63 - 1),
    ("integer", str(-(2**63)), "-9223372036854775808", -(2**63)),
    ("float", 0.1, "0.1", 0.1),
    ("float", 5, "5.0", 5.0),
    ("float", "1e3", "1000.0", 1000.0),
    ("float", ".5", "0.5", 0.5),
    ("float", "-0", "0.0", 0.0),
    ("float", 1e300, "1e+300", 1e300),
    ("float", 0.1 + 0.2, "0.30000000000000004", 0.1 + 0.2),
    ("boolean", True, "true", True),
    ("boolean", False, "false", False),
    *(("boolean", text, "true", True) for text in ("true", "TRUE", "1", "yes", "Yes")),
    *(("boolean", text, "false", False) for text in ("false", "False", "0", "no", "NO")),
    ("json", {"a": [1, None, 2.5]}, '{"a":[1,null,2.5]}', {"a": [1, None, 2.5]}),
    ("json", ' {"a" : 1} ', '{"a":1}', {"a": 1}),
    ("json", '"text"', '"text"', "text"),
    ("json", None, "null", None),
    ("json", 5, "5", 5),
    ("json", [Decimal("1.50"), UUID(int=1)], f'["1.50","{UUID(int=1)}"]', ["1.50", str(UUID(int=1))]),
]
REFUSED = [
    *(("string", value) for value in (5, None, b"x", "a\0b", f"{SECRET}\ud800")),
    *(("integer", value) for value in (True, 1.0, "1.0", "", " 5", "1_000", "\u0665", "x", None, 2**63, "9" * 30)),
    *(("float", value) for value in (True, float("nan"), float("inf"), "nan", "inf", "1e999", "", ".", "1_0", None)),
    *(("float", value) for value in (10**400, Decimal(1))),
    *(("boolean", value) for value in (1, 0, "2", "on", "", " true", None)),
    *(("json", value) for value in ("{", "text", "NaN", "[Infinity]", "", float("nan"), object(), {1: 2})),
    *(("json", value) for value in ({SECRET: object()}, [f"{SECRET}\0"], f'["{SECRET}', f'"{SECRET}\ud800"')),
]


@pytest.mark.parametrize(("value_type", "given", "text", "value"), ROUND_TRIPS)
def test_a_value_has_one_text(value_type, given, text, value):
    assert text_of(given, value_type) == text
    read = value_of(text, value_type)
    assert (read, type(read)) == (value, type(value))
    assert text_of(read if not isinstance(read, str) or value_type == "string" else text, value_type) == text


@pytest.mark.parametrize(("value_type", "given"), REFUSED)
def test_what_does_not_fit_is_refused_and_never_repeated(value_type, given):
    with pytest.raises((TypeError, ValueError)) as caught:
        text_of(given, value_type)
    error = caught.value
    while error is not None:
        assert SECRET not in f"{error!r} {error.args} {vars(error)}"
        error = error.__cause__ or error.__context__


@pytest.mark.parametrize(
    ("value", "value_type"),
    [
        ("5", "string"),
        (True, "boolean"),
        (5, "integer"),
        (IntEnum("Number", ["ONE"]).ONE, "integer"),
        (5.0, "float"),
        ({}, "json"),
        ([], "json"),
        ((), "json"),
        (None, "json"),
    ],
)
def test_a_python_value_has_a_type(value, value_type):
    assert infer_type(value) == value_type


@pytest.mark.parametrize("value", [b"x", Decimal(1), object()])
def test_other_values_need_to_be_told_their_type(value):
    with pytest.raises(ValueError, match="name the value_type"):
        infer_type(value)
