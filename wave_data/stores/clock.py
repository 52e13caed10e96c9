"""The one clock of a database: what its times are written and compared with."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import monotonic

from wave_data.engine.errors import InvalidValue
from wave_data.engine.timestamps import to_utc


def system_clock() -> datetime:
    """The time of this machine, in UTC."""
    return datetime.now(UTC)


class ServerClock:
    """A server's clock, followed by this process's monotonic one, so that steps of the local clock do not matter."""

    def __init__(self) -> None:
        self._server: datetime = system_clock()
        self._local = monotonic()

    def set(self, server: datetime, sent: float, received: float) -> None:
        """Take a reading that a query, sent and received at these monotonic times, brought."""
        self._server = server
        self._local = (sent + received) / 2

    def __call__(self) -> datetime:
        return self._server + timedelta(seconds=monotonic() - self._local)


def checked_clock(clock: Callable[[], datetime]) -> Callable[[], datetime]:
    """A caller's clock, whose times are held to be aware and put in UTC."""

    def now() -> datetime:
        value = clock()
        try:
            return to_utc(value)
        except (ValueError, AttributeError):
            raise InvalidValue(f"the clock gave {value!r}; it must give an aware datetime") from None

    return now
