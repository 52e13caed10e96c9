"""What defaults, bounds and pydantic's own constraints make of a column type."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Annotated, Any, cast

from annotated_types import BaseMetadata, Ge, Gt, Le, Len, Lt, MaxLen, MinLen
from pydantic import TypeAdapter, ValidationError

from wave_data.engine.conversions import NAMES, TO_STORES, ColumnType, Convert, Inline
from wave_data.engine.types import Default


def or_none(found: ColumnType) -> ColumnType:
    """`found` for values that may be None."""
    return replace(
        found,
        nullable=True,
        to_postgres=_unless_none(found.to_postgres),
        to_sqlite=_unless_none(found.to_sqlite),
        inline=_for_arguments(found, _or_none_inline),
    )


def _unless_none(convert: Convert) -> Convert:
    return lambda value: None if value is None else convert(value)


def _for_arguments(found: ColumnType, change: Callable[[Inline], Inline]) -> dict[str, Inline]:
    """The expressions of `found`, those for arguments changed."""
    return {way: change(known) if way in TO_STORES else known for way, known in found.inline.items()}


def _or_none_inline(known: Inline) -> Inline:
    result = known.result if known.result == "{0}" else f"(None if {{0}} is None else {known.result})"
    return Inline(f"({{0}} is None or {known.test})", result)


def with_default(found: ColumnType, default: Default) -> ColumnType:
    """`found` for arguments whose None is another value."""
    if default.clock:
        return replace(found, nullable=False, clock=True)

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
        inline=_for_arguments(found, lambda known: Inline(f"({{0}} is not None and {known.test})", known.result)),
    )


def with_validation(found: ColumnType, annotation: Any, constraint: object) -> ColumnType:
    """`found` for a constraint that pydantic alone can judge: its arguments are validated, and so are its rows."""
    adapter: TypeAdapter[Any] = TypeAdapter(cast(Any, Annotated[annotation, constraint]))

    def validating(convert: Convert) -> Convert:
        def validate(value: Any) -> Any:
            converted = convert(value)  # first, because pydantic takes bytes for text and 1 for True
            return converted if value is None else convert(validated(adapter, value))

        return validate

    return replace(
        found,
        validated=True,
        to_postgres=validating(found.to_postgres),
        to_sqlite=validating(found.to_sqlite),
        inline={},
    )


def validated(adapter: TypeAdapter[Any], value: object) -> Any:
    """The value as pydantic takes it. Raises ValueError."""
    try:
        return adapter.validate_python(value)
    except ValidationError as error:
        raise ValueError(validation_reason(error)) from None


def validation_reason(error: ValidationError) -> str:
    """What pydantic found wrong and where, without the value: it may be a secret."""
    return "; ".join(
        ": ".join(filter(None, (".".join(map(str, found["loc"])), found["msg"].removeprefix("Value error, "))))
        for found in error.errors(include_url=False, include_input=False)
    )


def with_bound(found: ColumnType, bound: BaseMetadata | Len) -> ColumnType:
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
        steps={},
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
    limits = {"from_sqlite": str(limit * 10**found.scale)}
    if found.name == "decimal":
        # A Decimal is compared with another in half the time that an int takes.
        limits["from_postgres"] = f"_limit_{limit}".replace("-", "minus_")
        NAMES[limits["from_postgres"]] = Decimal(limit)
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
