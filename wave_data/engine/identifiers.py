"""UUIDv7 keys: they grow with time, so B-tree inserts stay at the right edge (RFC 9562, section 5.7)."""

import os
import threading
import time
from uuid import UUID

_COUNTER_BITS = 42
_COUNTER_MASK = (1 << _COUNTER_BITS) - 1


class _Sequence:
    """Milliseconds and a counter in one number that only grows."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0

    def next(self) -> int:
        # The counter starts at random in its lower half, so that it cannot overflow within a millisecond.
        counter = int.from_bytes(os.urandom(6)) >> (48 - _COUNTER_BITS + 1)
        fresh = time.time_ns() // 1_000_000 << _COUNTER_BITS | counter
        with self._lock:
            later = fresh >> _COUNTER_BITS > self._last >> _COUNTER_BITS
            self._last = fresh if later else self._last + 1
            return self._last


_sequence = _Sequence()


def uuid7() -> UUID:
    """A new UUIDv7, greater than every one that this process made before, whatever the clock does."""
    ordered = _sequence.next()
    milliseconds, counter = ordered >> _COUNTER_BITS, ordered & _COUNTER_MASK
    high, low = counter >> 30, counter & (1 << 30) - 1
    value = milliseconds << 80 | 7 << 76 | high << 64 | 0b10 << 62 | low << 32
    return UUID(int=value | int.from_bytes(os.urandom(4)))
