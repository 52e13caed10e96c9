"""How one value travels between Python and each store: found once, from its annotation."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, TypeVar, Union, cast, get_args, get_origin
from uuid import UUID

from annotated_types import BaseMetadata, Ge, Gt, Le, Len, Lt, MaxLen, MinLen
from pydantic import BaseModel, JsonValue, TypeAdapter

from wave_data.engine import values
from wave_data.engine.errors import InvalidValue
from wave_data.engine.json_text import decode_json, encode_json
from wave_data.engine.types import PRECISE, Default, Scale, Unset, Utc

Convert = Callable[[Any], Any]
T = TypeVar("T")


class Inline(NamedTuple):
    """Expressions over `{0}`: where `test` holds for a value, `result` is what it becomes; by default itself."""

    test: str
    result: str = "{0}"

    def write(self, value: str, otherwise: str) -> str:
        """The expression of the converted `value`."""
        return f"({self.result.format(value)} if {self.test.format(value)} else {otherwise})"


@dataclass(frozen=True, eq=False, kw_only=True)
class ColumnType:
    """The conversions of one annotation.

    The `to_` functions raise TypeError or ValueError for a value that does not fit; a `from_` function of None hands
    the driver's value on. `postgres` names the PostgreSQL types that fit. `validated` tells that a row's value must
    still pass the annotation's own validation; `choices` are the values of a Literal.
    `inline` has, for some of the conversions, what serves in place of a call. `repeats` tells that a column often holds
    the value of the row before, whose conversion then serves. `scale` is the number of digits after the point of a
    decimal, which SQLite keeps as a whole number.
    """

    name: str
    postgres: tuple[str, ...]
    to_postgres: Convert
    to_sqlite: Convert
    from_postgres: Convert | None = None
    from_sqlite: Convert | None = None
    nullable: bool = False
    validated: bool = False
    choices: tuple[str, ...] = ()
    inline: "Mapping[str, Inline]" = field(default_factory=dict[str, "Inline"])
    repeats: bool = False
    scale: int = 0

    @property
    def sqlite(self) -> tuple[type, ...]:
        """The types that sqlite3 gives for the values that fit."""
        return _SQLITE_TYPES.get(self.postgres[0], (str,))

    def decoder(self, dialect: str) -> Convert | None:
        """The function that turns the value of a row of `dialect` into Python's, or None where it is the same."""
        return self.from_postgres if dialect == "postgres" else self.from_sqlite

    def encoder(self, dialect: str) -> Convert:
        """The function that checks an argument and turns it into what the driver of `dialect` takes."""
        return self.to_postgres if dialect == "postgres" else self.to_sqlite


_TO: tuple[str, ...] = ("to_postgres", "to_sqlite")

_SQLITE_TYPES: dict[str, tuple[type, ...]] = {
    "int2": (int,),
    "numeric": (int,),
    "bool": (int,),
    "float4": (float, int),
    "bytea": (bytes,),
}


NAMES: dict[str, object] = {
    "_UUID": UUID,
    "_datetime": datetime,
    "_UTC": UTC,
    "_decode_json": decode_json,
    "_multiply": PRECISE.multiply,
}
"""What the expressions of `inline` name besides the value."""


def column_type(annotation: Any) -> ColumnType:
    """The ColumnType of an annotation. Raises TypeError, with the remedy, for one that no column can hold."""
    metadata: tuple[Any, ...] = ()
    while get_origin(annotation) is Annotated:
        annotation, *outer = get_args(annotation)
        metadata = (*metadata, *outer)
    found = _bare(annotation, next((m for m in metadata if isinstance(m, Scale)), None))
    for item in metadata:
        if isinstance(item, Default):
            found = _with_default(found, item)
        elif isinstance(item, Ge | Gt | Le | Lt | Len | MinLen | MaxLen):
            found = _with_bound(found, item)
        elif not isinstance(item, Scale | Utc):
            found = _with_validation(found, annotation, item)
    return found


def check(annotation: Any, value: T, name: str) -> T:
    """The value, where it fits the annotation; for functions that take arguments which no statement binds.

    Raises InvalidValue that names the parameter.
    """
    try:
        column_type(annotation).to_postgres(value)
    except (TypeError, ValueError) as error:
        raise InvalidValue(f"{name}: {error}") from None
    return value


def _bare(annotation: Any, scale: Scale | None) -> ColumnType:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (Union, UnionType):
        return _optional(annotation, scale)
    if origin is Literal:
        return _literal(arguments)
    if annotation in (Any, object, JsonValue, dict) or origin in (dict, Mapping):
        return _json(is_object=annotation is dict or origin in (dict, Mapping))
    if origin in (list, Sequence, tuple):
        return _array(arguments[0], annotation)
    if annotation is Decimal:
        if scale is None:
            raise TypeError("a Decimal needs its scale: Annotated[Decimal, Scale(14, 6)], or an alias such as Usd")
        return _decimal(scale)
    if isinstance(annotation, type):
        if annotation in _PLAIN:
            return _PLAIN[annotation]
        if issubclass(annotation, Enum):
            return _enum(annotation)
        if issubclass(annotation, BaseModel):
            return _model(TypeAdapter(annotation), annotation.__name__)
    raise TypeError(
        f"no column can hold {annotation!r}: use str, int, float, bool, UUID, datetime, date, bytes, a scaled Decimal, "
        "Literal, Enum, list of these, dict or a pydantic model"
    )


def _optional(annotation: Any, scale: Scale | None) -> ColumnType:
    kinds = [kind for kind in get_args(annotation) if kind not in (NoneType, Unset)]
    if len(kinds) != 1:
        raise TypeError(f"one type and None were expected, not {annotation!r}")
    found = _bare(kinds[0], scale) if scale is not None else column_type(kinds[0])
    if NoneType not in get_args(annotation):
        return found
    return replace(
        found,
        nullable=True,
        to_postgres=_unless_none(found.to_postgres),
        to_sqlite=_unless_none(found.to_sqlite),
        inline=_with_test(found, "{{0}} is None or {}"),
    )


def _with_test(found: ColumnType, test: str) -> dict[str, Inline]:
    """The expressions of `found`, where `test` surrounds the tests of arguments."""
    return {
        way: Inline(f"({test.format(known.test)})", known.result) if way in _TO else known
        for way, known in found.inline.items()
    }


def _unless_none(convert: Convert) -> Convert:
    return lambda value: None if value is None else convert(value)


def _with_default(found: ColumnType, default: Default) -> ColumnType:
    def supplied(convert: Convert) -> Convert:
        factory = default.factory
        if factory is not None:
            return lambda value: convert(factory() if value is None else value)
        constant = convert(default.value)
        return lambda value: constant if value is None else convert(value)

    return replace(
        found,
        nullable=False,
        to_postgres=supplied(found.to_postgres),
        to_sqlite=supplied(found.to_sqlite),
        inline=_with_test(found, "{{0}} is not None and {}"),
    )


def _with_validation(found: ColumnType, annotation: Any, constraint: object) -> ColumnType:
    """`found` for a constraint that pydantic alone can judge: its arguments are validated, and so are its rows."""
    adapter: TypeAdapter[Any] = TypeAdapter(cast(Any, Annotated[annotation, constraint]))

    def validating(convert: Convert) -> Convert:
        return lambda value: convert(value if value is None else adapter.validate_python(value))

    return replace(
        found,
        validated=True,
        to_postgres=validating(found.to_postgres),
        to_sqlite=validating(found.to_sqlite),
        inline={},
    )


def _with_bound(found: ColumnType, bound: BaseMetadata | Len) -> ColumnType:
    """`found` with a bound on the unrounded argument, and on what a row holds."""
    check = _bound_check(bound)

    def encoding(convert: Convert) -> Convert:
        def encode(value: Any) -> Any:
            converted = convert(value)
            check(Decimal(value) if found.name == "decimal" and value is not None else value)
            return converted

        return encode

    def decoding(convert: Convert | None) -> Convert:
        def decode(value: Any) -> Any:
            converted = value if convert is None else convert(value)
            check(converted)
            return converted

        return decode

    return replace(
        found,
        to_postgres=encoding(found.to_postgres),
        to_sqlite=encoding(found.to_sqlite),
        from_postgres=decoding(found.from_postgres),
        from_sqlite=decoding(found.from_sqlite),
        inline=_bounded(found, bound),
    )


def _bound_check(bound: BaseMetadata | Len) -> Callable[[Any], None]:
    fits, wording = _bound(bound)

    def check(value: Any) -> None:
        if value is not None and not fits(value):
            raise ValueError(f"{wording} was expected")

    return check


def _bounded(found: ColumnType, bound: BaseMetadata | Len) -> dict[str, Inline]:
    """The expressions of numbers, whose tests a bound of theirs joins; none other holds for a bounded value."""
    match bound:
        case Ge(ge=int(limit)):
            operator = ">="
        case Le(le=int(limit)):
            operator = "<="
        case _:
            return {}
    if found.name not in ("integer", "decimal"):
        return {}
    limits = {"from_sqlite": limit * 10**found.scale}
    return {
        way: Inline(f"{known.test} and {{0}} {operator} {limits.get(way, limit)}", known.result)
        for way, known in found.inline.items()
    }


def _bound(bound: BaseMetadata | Len) -> tuple[Callable[[Any], bool], str]:
    match bound:
        case Ge(ge=limit):
            return (lambda value: value >= limit), f"{limit} or more"
        case Gt(gt=limit):
            return (lambda value: value > limit), f"more than {limit}"
        case Le(le=limit):
            return (lambda value: value <= limit), f"at most {limit}"
        case Lt(lt=limit):
            return (lambda value: value < limit), f"less than {limit}"
        case MinLen(min_length=length):
            return (lambda value: len(value) >= length), f"a length of {length} or more"
        case MaxLen(max_length=length):
            return (lambda value: len(value) <= length), f"a length of at most {length}"
        case _:
            raise TypeError(f"the bound {bound!r} is not known: use Ge, Gt, Le, Lt, MinLen or MaxLen")


def _decimal(scale: Scale) -> ColumnType:
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


def _literal(choices: tuple[Any, ...]) -> ColumnType:
    if not all(isinstance(choice, str) for choice in choices):
        raise TypeError("a Literal column holds text values")
    allowed = frozenset(choices)

    def member(value: object) -> str:
        if not isinstance(value, str) or value not in allowed:
            raise ValueError(f"{value!r} is not one of {', '.join(choices)}")
        return str(value)

    return ColumnType(name="literal", postgres=_TEXTS, to_postgres=member, to_sqlite=member, choices=choices)


def _enum(kind: type[Enum]) -> ColumnType:
    inner = _bare(type(next(iter(kind)).value), None)

    def value_of(value: object) -> Any:
        if not isinstance(value, kind):
            raise values.unexpected(kind.__name__, value)
        return value.value

    return replace(inner, name="enum", to_postgres=value_of, to_sqlite=value_of, from_postgres=kind, from_sqlite=kind)


def _members(value: object) -> Sequence[Any]:
    if isinstance(value, str | bytes) or not isinstance(value, Sequence):
        raise values.unexpected("a list", value)
    return value  # pyright: ignore[reportUnknownVariableType]


def _array(member: Any, annotation: Any) -> ColumnType:
    inner = column_type(member)
    if inner.name in ("json", "object", "array"):
        return _model(TypeAdapter(annotation), "list")

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


def _json(*, is_object: bool) -> ColumnType:
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


def _model(adapter: TypeAdapter[Any], name: str) -> ColumnType:
    """A JSON column that holds a validated value."""

    def encode(value: object) -> str:
        return encode_json(adapter.dump_python(adapter.validate_python(value), mode="json"))

    return ColumnType(
        name=name,
        postgres=("jsonb", "json"),
        to_postgres=encode,
        to_sqlite=encode,
        from_postgres=adapter.validate_json,
        from_sqlite=adapter.validate_json,
    )


def _plain(
    name: str, postgres: tuple[str, ...], check: Convert, *, as_is: str | Mapping[str, str] = "", **conversions: Any
) -> ColumnType:
    to_sqlite = conversions.pop("to_sqlite", check)
    tests = dict.fromkeys(_TO, as_is) if isinstance(as_is, str) and as_is else dict(as_is or {})
    inline = {way: Inline(test) for way, test in tests.items()}
    return ColumnType(
        name=name, postgres=postgres, to_postgres=check, to_sqlite=to_sqlite, inline=inline, **conversions
    )


_TEXTS = ("text", "varchar", "bpchar", "name")
_PLAIN: dict[Any, ColumnType] = {
    str: _plain("text", _TEXTS, values.text, as_is="{0}.__class__ is str and {0}.isascii() and '\\0' not in {0}"),
    int: _plain(
        "integer",
        ("int2", "int4", "int8"),
        values.integer,
        as_is=f"{{0}}.__class__ is int and {-(2**63)} <= {{0}} < {2**63}",
    ),
    float: _plain("float", ("float4", "float8"), values.floating),
    bool: _plain("boolean", ("bool",), values.boolean, from_sqlite=bool, as_is="{0}.__class__ is bool"),
    bytes: _plain("bytes", ("bytea",), values.binary),
    UUID: _plain(
        "uuid",
        ("uuid",),
        values.uuid,
        to_sqlite=values.uuid_text,
        from_postgres=values.uuid_of_driver,
        from_sqlite=values.uuid_of_text,
        as_is={"to_postgres": "{0}.__class__ is _UUID"},
        repeats=True,
    ),
    datetime: _plain(
        "timestamp",
        ("timestamptz",),
        values.timestamp,
        to_sqlite=values.timestamp_of,
        from_postgres=values.timestamp_of_driver,
        from_sqlite=datetime.fromisoformat,
        as_is={
            "from_postgres": "{0}.tzinfo is not None",
            "to_postgres": "{0}.__class__ is _datetime and {0}.tzinfo is _UTC",
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
