"""Support for tests, ours and yours: the pytest plugin `wave_data.testing.plugin`, and a clock to set."""

from wave_data.testing.clock import FixedClock

__all__ = ["FixedClock"]
