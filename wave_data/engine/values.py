"""Single values: what is accepted, and the forms that a driver takes and gives.

Each function raises TypeError or ValueError for a value that does not fit, without repeating it.
"""

from binascii import unhexlify
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from math import isfinite
from typing import Any
from uuid import UUID, SafeUUID

from wave_data.engine.timestamps import timestamp_text, to_utc
from wave_data.engine.types import PRECISE


def unexpected(expected: str, value: object) -> TypeError:
    """The error for a value of another type; it does not repeat the value."""
    return TypeError(f"{expected} was expected, not {type(value).__name__}")


def text(value: object) -> str:
    """The value, where it is text that both stores can hold."""
    if not isinstance(value, str):
        raise unexpected("text", value)
    if "\0" in value:
        raise ValueError("the text contains the character U+0000, which PostgreSQL cannot store")
    if not value.isascii() and not _is_encodable(value):
        raise ValueError("the text contains a lone surrogate")
    return value


def _is_encodable(value: str) -> bool:
    # A function of its own, because UnicodeEncodeError holds the whole text and must not become an error's context.
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def text_behind(prefix: str) -> str | None:
    """The first text, by code point, behind all that begin with the prefix; None where nothing is behind them."""
    stem = prefix.rstrip("\U0010ffff")
    if not stem:
        return None
    last = ord(stem[-1])
    return stem[:-1] + chr(0xE000 if last == 0xD7FF else last + 1)  # surrogates are no text


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


def boolean_of_number(value: object) -> bool:
    """The bool of a number that SQLite kept."""
    if value not in (0, 1):
        raise ValueError("the column holds neither 0 nor 1")
    return value == 1


def uuid(value: object) -> UUID:
    """The value, where it is a UUID."""
    if not isinstance(value, UUID):
        raise unexpected("a UUID", value)
    return value


def uuid_bytes(value: object) -> bytes:
    """A UUID as PostgreSQL keeps it."""
    return uuid(value).bytes


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


def age(value: object) -> timedelta:
    """The value, where it is a span of time that has passed since a moment which a datetime can express."""
    if not isinstance(value, timedelta):
        raise unexpected("a timedelta", value)
    if not timedelta(0) <= value <= _OLDEST:
        raise ValueError("a span of 0 to 1000 years was expected")
    return value


_OLDEST = timedelta(days=365_250)


def lease(value: object) -> timedelta:
    """A positive span of time as the age of a moment to come."""
    if not isinstance(value, timedelta):
        raise unexpected("a timedelta", value)
    if not timedelta(0) < value <= _OLDEST:
        raise ValueError("a positive span of at most 1000 years was expected")
    return -value


def moment(now: datetime, age: timedelta | None) -> datetime | None:
    """The moment that long before now."""
    return None if age is None else now - age


def moment_text(now: datetime, age: timedelta | None) -> str | None:
    """The moment that long before now, as SQLite keeps it."""
    return None if age is None else timestamp_text(now - age)


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


class BareUuid(UUID):
    """A UUID without the checks of its constructor, which takes plain assignments until it is given `UUID` as class."""

    __slots__ = ()
    __init__ = object.__init__  # pyright: ignore[reportAssignmentType]
    __setattr__ = object.__setattr__  # type: ignore[assignment]
    __delattr__ = object.__delattr__


UNKNOWN = SafeUUID.unknown  # to look a member up in its Enum takes longer than to make the rest of a UUID


def uuid_of_bytes(value: bytes) -> UUID:
    """The UUID of the bytes that PostgreSQL kept.

    Made around the constructor, which takes several times as long.
    """
    made: Any = BareUuid()
    made.int = int.from_bytes(value)
    made.is_safe = UNKNOWN
    made.__class__ = UUID
    return made  # type: ignore[no-any-return]


def uuid_of_text(value: str) -> UUID:
    """The UUID of a text that SQLite kept."""
    return uuid_of_bytes(unhexlify(value.replace("-", "")))


def timestamp_of_driver(value: object) -> datetime:
    """A time from PostgreSQL, in UTC also where a session has another time zone."""
    if not isinstance(value, datetime):
        raise TypeError("the column holds a time that no datetime can express")
    return to_utc(value)


def decimal_of_driver(value: Decimal) -> Decimal:
    """A number from asyncpg, where it is finite."""
    if not value.is_finite():
        raise ValueError("the column holds NaN or infinity, which is no amount")
    return value


def percentage(part: Decimal | int, whole: Decimal | int) -> Decimal:
    """The part in percent of the whole, to two digits, half up; 0 when the whole is 0."""
    share = PRECISE.divide(PRECISE.multiply(part, 100), whole) if whole else Decimal(0)
    return share.quantize(Decimal("0.01"), ROUND_HALF_UP, PRECISE)
