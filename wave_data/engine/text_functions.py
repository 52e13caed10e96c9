"""What SQLite's statements compute with texts and times as PostgreSQL's functions of the same names do."""

from datetime import datetime, timedelta


def contains_text(value: str | None, part: str | None) -> bool | None:
    """Whether `value` contains `part`, ignoring the case of ASCII letters only; None where one of them is NULL."""
    if value is None or part is None:
        return None
    return part.encode().lower() in value.encode().lower()  # bytes know the case of ASCII letters alone


def milliseconds_between(since: str | None, until: str | None) -> int | None:
    """Whole milliseconds from one time to another, 0 where `until` comes first; None where one of them is NULL."""
    if since is None or until is None:
        return None
    passed = datetime.fromisoformat(until) - datetime.fromisoformat(since)
    return max(0, passed // timedelta(milliseconds=1))
