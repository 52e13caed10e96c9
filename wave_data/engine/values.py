"""Single values: what is accepted, and the forms that a driver takes and gives.

Each function raises TypeError or ValueError for a value that does not fit, without repeating it.
"""

from datetime import date, datetime
from decimal import Decimal
from math import isfinite
from typing import Any
from uuid import UUID, SafeUUID

from wave_data.engine.timestamps import timestamp_text, to_utc


def unexpected(expected: str, value: object) -> TypeError:
    """The error for a value of another type; it does not repeat the value."""
    return TypeError(f"{expected} was expected, not {type(value).__name__}")


def text(value: object) -> str:
    """The value, where it is text that both stores can hold."""
    if not isinstance(value, str):
        raise unexpected("text", value)
    if "\0" in value:
        raise ValueError("the text contains the character U+0000, which PostgreSQL cannot store")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise ValueError("the text contains a lone surrogate") from None
    return value


def integer(value: object) -> int:
    """The value, where it is an int of at most 64 bits and no bool."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise unexpected("an int", value)
    if not -(2**63) <= value < 2**63:
        raise ValueError("an integer of at most 64 bits was expected")
    return value


def floating(value: object) -> float:
    """The value as a float, where it is a finite number."""
    if not isinstance(value, float | int) or isinstance(value, bool):
        raise unexpected("a float", value)
    try:
        number = float(value)
    except OverflowError:
        raise ValueError("an int that fits a float was expected") from None
    if not isfinite(number):
        raise ValueError("a finite number was expected")
    return number + 0.0  # PostgreSQL's JSON has no negative zero, so nothing has


def boolean(value: object) -> bool:
    """The value, where it is a bool."""
    if not isinstance(value, bool):
        raise unexpected("a bool", value)
    return value


def uuid(value: object) -> UUID:
    """The value, where it is a UUID."""
    if not isinstance(value, UUID):
        raise unexpected("a UUID", value)
    return value


def uuid_text(value: object) -> str:
    """A UUID as SQLite keeps it."""
    return str(uuid(value))


def timestamp(value: object) -> datetime:
    """The value in UTC, where it is an aware datetime."""
    if not isinstance(value, datetime):
        raise unexpected("an aware datetime", value)
    return to_utc(value)


def timestamp_of(value: object) -> str:
    """An aware datetime as SQLite keeps it."""
    return timestamp_text(timestamp(value))


def day(value: object) -> date:
    """The value, where it is a date and no datetime."""
    if not isinstance(value, date) or isinstance(value, datetime):
        raise unexpected("a date", value)
    return value


def day_text(value: object) -> str:
    """A date as SQLite keeps it."""
    return day(value).isoformat()


def binary(value: object) -> bytes:
    """The value, where it is bytes."""
    if not isinstance(value, bytes):
        raise unexpected("bytes", value)
    return value


class _BareUuid(UUID):
    """A UUID without the checks of its constructor, which takes plain assignments until it is given `UUID` as class."""

    __slots__ = ()
    __init__ = object.__init__  # pyright: ignore[reportAssignmentType]
    __setattr__ = object.__setattr__  # type: ignore[assignment]
    __delattr__ = object.__delattr__


_UNKNOWN = SafeUUID.unknown  # to look a member up in its Enum takes longer than to make the rest of a UUID


def uuid_of_driver(value: Any) -> UUID:
    """A UUID of the standard library in place of asyncpg's own subclass, which pickles only where asyncpg is installed.

    Made around the constructor, which takes several times as long.
    """
    made: Any = _BareUuid()
    made.int = value.int
    made.is_safe = _UNKNOWN
    made.__class__ = UUID
    return made  # type: ignore[no-any-return]


def uuid_of_text(value: str) -> UUID:
    """The UUID of a text that SQLite kept."""
    made: Any = _BareUuid()
    made.int = int(value.replace("-", ""), 16)
    made.is_safe = _UNKNOWN
    made.__class__ = UUID
    return made  # type: ignore[no-any-return]


def timestamp_of_driver(value: datetime) -> datetime:
    """A time from asyncpg, which gives naive ones for infinity."""
    if value.tzinfo is None:
        raise ValueError("the column holds an infinite timestamp, which no datetime can express")
    return value


def decimal_of_driver(value: Decimal) -> Decimal:
    """A number from asyncpg, where it is finite."""
    if not value.is_finite():
        raise ValueError("the column holds NaN or infinity, which is no amount")
    return value
