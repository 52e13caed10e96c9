"""The column type of each kind of value."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, cast
from uuid import UUID

from pydantic import ConfigDict, TypeAdapter

from wave_data.engine import values
from wave_data.engine.constraints import validated
from wave_data.engine.conversions import NAMES, TO_STORES, ColumnType, Convert, Inline
from wave_data.engine.json_text import decode_json, encode_json
from wave_data.engine.types import PRECISE, Scale


def decimal(scale: Scale) -> ColumnType:
    """Decimals of one scale."""
    unit = Decimal(1).scaleb(-scale.scale)
    NAMES[f"_unit_{scale.scale}"] = unit

    def unscaled(value: int) -> Decimal:
        return PRECISE.multiply(value, unit)

    def scaled(value: object) -> int:
        return int(scale.quantise(value).scaleb(scale.scale, PRECISE))

    return ColumnType(
        name="decimal",
        postgres=("numeric",),
        to_postgres=scale.quantise,
        to_sqlite=scaled,
        from_postgres=values.decimal_of_driver,
        from_sqlite=unscaled,
        inline={
            "from_postgres": Inline("{0}.is_finite()"),
            "from_sqlite": Inline("{0}.__class__ is int", f"_multiply({{0}}, _unit_{scale.scale})"),
        },
        scale=scale.scale,
    )


def literal(choices: tuple[Any, ...]) -> ColumnType:
    """Texts of a list."""
    if not all(isinstance(choice, str) for choice in choices):
        raise TypeError("a Literal column holds text values")
    allowed = frozenset(choices)

    def member(value: object) -> str:
        if not isinstance(value, str) or value not in allowed:
            raise ValueError(f"{value!r} is not one of {', '.join(choices)}")
        return str(value)

    return ColumnType(name="literal", postgres=_TEXTS, to_postgres=member, to_sqlite=member, choices=choices)


def enum(kind: type[Enum]) -> ColumnType:
    """The members of an Enum, kept as their values."""
    inner = PLAIN[type(next(iter(kind)).value)]

    def value_of(value: object) -> Any:
        if not isinstance(value, kind):
            raise values.unexpected(kind.__name__, value)
        return value.value

    def carried(encode: Convert) -> Convert:
        return lambda value: encode(value_of(value))

    def member(decode: Convert | None) -> Convert:
        return kind if decode is None else lambda value: kind(decode(value))

    return replace(
        inner,
        name="enum",
        to_postgres=carried(inner.to_postgres),
        to_sqlite=carried(inner.to_sqlite),
        from_postgres=member(inner.from_postgres),
        from_sqlite=member(inner.from_sqlite),
        inline={},
        steps={},
    )


def _members(value: object) -> Sequence[Any]:
    if isinstance(value, str | bytes) or not isinstance(value, Sequence):
        raise values.unexpected("a list", value)
    return value  # pyright: ignore[reportUnknownVariableType]


def array(inner: ColumnType, annotation: Any) -> ColumnType:
    """A list of values, of JSON where they are; an array of PostgreSQL else."""
    if inner.name in ("json", "object", "array"):
        # Not a number stays one, for encode_json to refuse it; pydantic by itself makes null of it.
        return model(TypeAdapter(annotation, config=ConfigDict(ser_json_inf_nan="constants")), "list")

    def members(encode: Convert) -> Callable[[object], list[Any]]:
        def encoded(value: object) -> list[Any]:
            return [encode(item) for item in _members(value)]

        return encoded

    to_postgres, to_sqlite = members(inner.to_postgres), members(inner.to_sqlite)
    from_postgres, from_sqlite = inner.from_postgres, inner.from_sqlite
    return ColumnType(
        name="array",
        postgres=tuple(f"{name}[]" for name in inner.postgres),
        to_postgres=to_postgres,
        to_sqlite=lambda value: json.dumps(to_sqlite(value), ensure_ascii=False, separators=(",", ":")),
        from_postgres=None if from_postgres is None else lambda value: [from_postgres(item) for item in value],
        from_sqlite=(
            _decode_array if from_sqlite is None else lambda value: [from_sqlite(item) for item in _decode_array(value)]
        ),
        validated=inner.validated,
        inline={"from_sqlite": _DECODED_ARRAY} if from_sqlite is None else {},
    )


def json_value(*, is_object: bool) -> ColumnType:
    """Any JSON value, or any object."""

    def encode_object(value: object) -> str:
        if not isinstance(value, dict):
            raise values.unexpected("a dict", value)
        return encode_json(cast(object, value))

    encode = encode_object if is_object else encode_json
    return ColumnType(
        name="object" if is_object else "json",
        postgres=("jsonb", "json"),
        to_postgres=encode,
        to_sqlite=encode,
        from_postgres=_decode_object if is_object else decode_json,
        from_sqlite=_decode_object if is_object else decode_json,
        inline=dict.fromkeys(("from_postgres", "from_sqlite"), _DECODED_OBJECT) if is_object else {},
        limit="json_text",
    )


_DECODED_OBJECT = Inline("(_decoded := _decode_json({0})).__class__ is dict", "_decoded")
_DECODED_ARRAY = Inline("(_decoded := _decode_json({0})).__class__ is list", "_decoded")


def _decode_object(text: str) -> dict[str, Any]:
    value = decode_json(text)
    if not isinstance(value, dict):
        raise TypeError("no JSON object")
    return value  # pyright: ignore[reportUnknownVariableType]


def _decode_array(text: str) -> list[Any]:
    value = decode_json(text)
    if not isinstance(value, list):
        raise TypeError("no JSON array")
    return value  # pyright: ignore[reportUnknownVariableType]


def model(adapter: TypeAdapter[Any], name: str) -> ColumnType:
    """A JSON column that holds a validated value."""

    def encode(value: object) -> str:
        return encode_json(adapter.dump_python(validated(adapter, value), mode="json"))

    return ColumnType(
        name=name,
        postgres=("jsonb", "json"),
        to_postgres=encode,
        to_sqlite=encode,
        from_postgres=adapter.validate_json,
        from_sqlite=adapter.validate_json,
        limit="json_text",
    )


def _plain(name: str, postgres: tuple[str, ...], check: Convert, *, as_is: str = "", **conversions: Any) -> ColumnType:
    conversions.setdefault("to_sqlite", check)
    if as_is:
        conversions["inline"] = dict.fromkeys(TO_STORES, Inline(as_is))
    return ColumnType(name=name, postgres=postgres, to_postgres=check, **conversions)


def _uuid_steps(number: str) -> tuple[str, ...]:
    """As values.uuid_of_bytes does it."""
    return ("{1} = _BareUuid()", f"{{1}}.int = {number}", "{1}.is_safe = _UNKNOWN", "{1}.__class__ = _UUID")


_TEXTS = ("text", "varchar", "bpchar", "name")
PLAIN: dict[Any, ColumnType] = {
    str: _plain("text", _TEXTS, values.text, as_is="{0}.__class__ is str and {0}.isascii() and '\\0' not in {0}"),
    int: _plain(
        "integer",
        ("int2", "int4", "int8"),
        values.integer,
        as_is=f"{{0}}.__class__ is int and {-(2**63)} <= {{0}} < {2**63}",
    ),
    float: _plain("float", ("float4", "float8"), values.floating),
    bool: _plain(
        "boolean",
        ("bool",),
        values.boolean,
        from_sqlite=values.boolean_of_number,
        inline={
            **dict.fromkeys(TO_STORES, Inline("{0}.__class__ is bool")),
            "from_sqlite": Inline("{0} == 1 or {0} == 0", "{0} == 1"),
        },
    ),
    bytes: _plain("bytes", ("bytea",), values.binary),
    UUID: _plain(
        "uuid",
        ("uuid",),
        values.uuid_bytes,
        to_sqlite=values.uuid_text,
        from_postgres=values.uuid_of_bytes,
        from_sqlite=values.uuid_of_text,
        inline={"to_postgres": Inline("{0}.__class__ is _UUID", "{0}.bytes")},
        steps={
            "from_postgres": _uuid_steps("_from_bytes({0})"),
            "from_sqlite": _uuid_steps("_from_bytes(_unhexlify({0}.replace('-', '')))"),
        },
    ),
    datetime: _plain(
        "timestamp",
        ("timestamptz",),
        values.timestamp,
        to_sqlite=values.timestamp_of,
        from_postgres=values.timestamp_of_driver,
        from_sqlite=datetime.fromisoformat,
        inline={
            "from_postgres": Inline("{0}.tzinfo is _UTC"),
            "to_postgres": Inline("{0}.__class__ is _datetime and {0}.tzinfo is _UTC"),
        },
    ),
    date: _plain(
        "date",
        ("date",),
        values.day,
        to_sqlite=values.day_text,
        from_sqlite=date.fromisoformat,
    ),
}
AGE = _plain("age", ("timestamptz",), values.age, age=True)
LEASE_TYPE = _plain("lease", ("timestamptz",), values.lease, age=True)
