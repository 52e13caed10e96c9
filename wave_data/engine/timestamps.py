"""The one text format of a time: `YYYY-MM-DDTHH:MM:SS.ffffffZ`, 27 characters, so that text order is time order."""

from datetime import UTC, datetime


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
    return to_utc(value).isoformat(timespec="microseconds")[:26] + "Z"
