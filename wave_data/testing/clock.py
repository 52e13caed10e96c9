"""A clock that stands still until a test moves it."""

from datetime import UTC, datetime, timedelta

from wave_data.engine.errors import InvalidValue


class FixedClock:
    """The time as a test sets it, for `connect(url, clock=FixedClock())`.

    Raises InvalidValue for a naive time.
    """

    def __init__(self, now: datetime = datetime(2026, 1, 1, 12, tzinfo=UTC)) -> None:
        self.set(now)

    def __call__(self) -> datetime:
        """The time it is."""
        return self._now

    def advance(self, step: timedelta) -> None:
        """Move on by `step`, or back by a negative one."""
        self._now += step

    def set(self, now: datetime) -> None:
        """Jump to `now`, which may be in any time zone."""
        if now.tzinfo is None:
            raise InvalidValue(f"a clock needs an aware datetime, such as datetime.now(UTC); got {now!r}")
        self._now = now.astimezone(UTC)

    def __repr__(self) -> str:
        return f"FixedClock({self._now.isoformat()})"
