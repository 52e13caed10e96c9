"""The text of a typed value: one form for equal values, and the value that a text is read as.

The values may be secrets, so no error repeats one, and none has another error as its context that does.
"""

import re
from collections.abc import Callable
from functools import partial
from typing import Any, Literal

from pydantic_core import from_json

from wave_data.engine import values
from wave_data.engine.json_text import encode_json

ValueType = Literal["string", "integer", "float", "boolean", "json"]

_INTEGER = re.compile(r"[+-]?[0-9]{1,20}")
_FLOAT = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_BOOLEANS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
_INFERRED: dict[type, ValueType] = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "float",
    dict: "json",
    list: "json",
    tuple: "json",
    type(None): "json",
}


def infer_type(value: object) -> ValueType:
    """The type of a Python value. Raises ValueError for one that has none."""
    for kind in type(value).__mro__:
        if kind in _INFERRED:
            return _INFERRED[kind]
    raise ValueError(f"a {type(value).__name__} has no type of its own here: name the value_type")


def text_of(value: object, value_type: ValueType) -> str:
    """The text that a value of the type is stored as. Raises TypeError or ValueError for one that does not fit."""
    match value_type:
        case "string":
            return values.text(value)
        case "json":
            return _json_text(value)
        case _:
            read = value_of(value, value_type) if isinstance(value, str) else value
            return _SCALARS[value_type](read)


def value_of(text: str, value_type: ValueType) -> Any:
    """The value that a text of the type stands for. Raises ValueError where it stands for none."""
    return _READERS[value_type](text)


def integer_of(text: str) -> int:
    """The int that a text stands for. Raises ValueError where it stands for none."""
    if not _INTEGER.fullmatch(text):
        raise ValueError("a whole number was expected")
    return values.integer(int(text))


def float_of(text: str) -> float:
    """The float that a text stands for. Raises ValueError where it stands for none."""
    if not _FLOAT.fullmatch(text):
        raise ValueError("a number was expected")
    return values.floating(float(text))


def boolean_of(text: str) -> bool:
    """The bool that a text stands for. Raises ValueError where it stands for none."""
    found = _BOOLEANS.get(text.lower())
    if found is None:
        raise ValueError("true, 1, yes, false, 0 or no was expected")
    return found


def json_of(text: str) -> Any:
    """The JSON value that a text stands for. Raises ValueError where it stands for none."""
    read, value = _attempt(partial(from_json, allow_inf_nan=False), text)
    if not read:
        raise ValueError("valid JSON was expected")
    return value


def _json_text(value: object) -> str:
    """The compact text of a JSON value, or of a valid JSON text."""
    written, text = _attempt(encode_json, json_of(value) if isinstance(value, str) else value)
    if not written:
        raise ValueError("a value that JSON can hold was expected: no NaN, no infinity, no U+0000, text as keys")
    return str(text)


def _attempt(convert: Callable[[Any], Any], value: object) -> tuple[bool, Any]:
    """Whether a conversion succeeds, and what it gives."""
    try:
        return True, convert(value)
    except ValueError:
        return False, None


_SCALARS: dict[str, Callable[[Any], str]] = {
    "integer": lambda value: str(values.integer(value)),
    "float": lambda value: repr(values.floating(value)),
    "boolean": lambda value: "true" if values.boolean(value) else "false",
}
_READERS: dict[str, Callable[[str], Any]] = {
    "string": str,
    "integer": integer_of,
    "float": float_of,
    "boolean": boolean_of,
    "json": json_of,
}
