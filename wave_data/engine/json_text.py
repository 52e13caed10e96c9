"""JSON as both stores keep it: one text for equal values, and the changes that statements make inside it."""

import json
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from enum import Enum
from math import isfinite
from typing import Any, cast
from uuid import UUID

from pydantic_core import PydanticSerializationError, from_json, to_json

from wave_data.engine.errors import InvalidValue
from wave_data.engine.timestamps import timestamp_text

MAX_DEPTH = 100

_MAX_DIGITS = 4300  # of an integer that Python, and so JSON decoders, read back
_TOO_LONG = re.compile(rf"\d{{{_MAX_DIGITS + 1}}}")
_FIRST_TOO_LONG = 10**_MAX_DIGITS
_SCALARS = frozenset((str, int, float, bool, type(None)))
_STRING_OR_NUMBER = re.compile(r'"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?e\+\d+|-0\.0(?![\d.])')
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


def encode_json(value: object) -> str:
    """The JSON text of a value.

    Takes JSON types, and Decimal, UUID, datetime and Enum as strings. Raises InvalidValue, naming the place inside the
    value, for NaN, infinity, U+0000, lone surrogates, keys that are not text and other types.
    """
    plain = value if _is_plain(value, 0) else _to_plain(value, "$", 0)
    try:
        encoded = to_json(plain)
    except PydanticSerializationError:
        raise InvalidValue("the JSON value contains a lone surrogate, which is not text") from None
    text = encoded.decode()
    if "NaN" in text or "Infinity" in text or (len(text) > _MAX_DIGITS and _TOO_LONG.search(text)):
        _to_plain(plain, "$", 0)
    if "\\u0000" in text and _NUL.search(text):
        raise InvalidValue("the JSON value contains the character U+0000, which PostgreSQL cannot store")
    return _STRING_OR_NUMBER.sub(_portable, text) if "e+" in text or "-0.0" in text else text


decode_json: Callable[[str], Any] = from_json
"""The value of a JSON text that a store returned."""


def json_merge(target: str, patch: str) -> str:
    """The object `target` with the top-level members of `patch` added or replaced."""
    return encode_json(json.loads(target) | json.loads(patch))


def json_put(target: str, key: str, value: str | None) -> str:
    """The object `target` with one top-level member set to a text."""
    return encode_json(json.loads(target) | {key: value})


def json_without(target: str, key: str) -> str:
    """The object `target` without one top-level member."""
    return encode_json({name: member for name, member in json.loads(target).items() if name != key})


def array_append_distinct(existing: str, added: str) -> str:
    """The array `existing` with the members of `added` behind it, each text once, in order of appearance."""
    return encode_json(list(dict.fromkeys(json.loads(existing) + json.loads(added))))


def _is_plain(value: Any, depth: int) -> bool:
    """Whether `value` holds JSON types only; written for speed, since it sees every JSON value on its way in."""
    kind = value.__class__
    if kind in _SCALARS:
        return True
    if depth > MAX_DEPTH:
        return False
    if kind is dict:
        for key in value:
            if key.__class__ is not str:
                return False
        members = value.values()
    elif kind is list:
        members = value
    else:
        return False
    return all(member.__class__ in _SCALARS or _is_plain(member, depth + 1) for member in members)


def _to_plain(value: Any, place: str, depth: int) -> Any:
    """`value` in JSON types; raises InvalidValue that names the place of what is not one."""
    if depth > MAX_DEPTH:
        raise InvalidValue(f"the JSON value is nested more than {MAX_DEPTH} levels deep")
    match value:
        case dict():
            members = cast(dict[object, object], value).items()
            return {_key(key, place): _to_plain(member, f"{place}.{key}", depth + 1) for key, member in members}
        case list() | tuple():
            items = cast(Sequence[object], value)
            return [_to_plain(member, f"{place}[{index}]", depth + 1) for index, member in enumerate(items)]
        case _:
            return _plain_scalar(value, place)


def _plain_scalar(value: object, place: str) -> object:
    match value:
        case None | bool():
            return value
        case Enum():
            return str(value.value)
        case str():
            return str(value)
        case int() if abs(value) < _FIRST_TOO_LONG:
            return int(value)
        case float() if isfinite(value):
            return float(value)
        case Decimal() | UUID():
            return str(value)
        case datetime() if value.utcoffset() is not None:
            return timestamp_text(value)
        case _:
            found, rule = _explained(value)
            raise InvalidValue(f"the JSON value has {found} at {place}; {rule}")


def _explained(value: object) -> tuple[str, str]:
    """What a value is that is no JSON, and the rule that it breaks."""
    match value:
        case int():
            return "an integer of more than 4300 digits", "nobody could read it back"
        case float():
            return str(value), "JSON knows finite numbers only"
        case datetime():
            return "a naive datetime", "give it a time zone"
        case _:
            kind = type(value).__name__
            article = "an" if kind[:1].lower() in "aeiou" else "a"
            return f"{article} {kind}", "JSON types, Decimal, UUID, datetime and Enum can be stored"


def _key(key: object, place: str) -> str:
    if not isinstance(key, str):
        raise InvalidValue(f"the JSON value has the key {key!r} at {place}; keys are text")
    return str(key)


def _portable(match: re.Match[str]) -> str:
    """A number as jsonb keeps it: `1e+16` would become an integer, and there is no negative zero."""
    token = match.group()
    if token.startswith('"'):
        return token
    return "0.0" if token == "-0.0" else f"{Decimal(token):f}.0"
