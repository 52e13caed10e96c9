"""The one text format of a time: `YYYY-MM-DDTHH:MM:SS.ffffffZ`, 27 characters, so that text order is time order."""

from datetime import UTC, datetime

from pydantic_core import to_json


def to_utc(value: datetime) -> datetime:
    """The same instant in UTC. Raises ValueError for a naive datetime and one that UTC cannot hold."""
    if value.tzinfo is UTC:
        return value
    if value.utcoffset() is None:
        raise ValueError("a naive datetime says no instant: give it a time zone, such as datetime.now(UTC)")
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise ValueError("the datetime lies outside the years 1 to 9999 in UTC") from None


def timestamp_text(value: datetime) -> str:
    """The text of an aware datetime, in UTC with microseconds."""
    value = to_utc(value)
    text = to_json(value)  # between quotes, in a third of the time of isoformat, but without microseconds of zero
    return text[1:-1].decode() if len(text) == _LENGTH + 2 else value.isoformat(timespec="microseconds")[:26] + "Z"


_LENGTH = 27
