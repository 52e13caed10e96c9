"""Support for tests, ours and yours: the pytest plugin `wave_data.testing.plugin`, builders, and a clock to set."""

from wave_data.testing import builders
from wave_data.testing.clock import FixedClock

__all__ = ["FixedClock", "builders"]
