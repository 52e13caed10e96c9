"""How long the event loop has been kept from other tasks by statements that run in it."""

import asyncio

LIMIT = 0.001
"""Seconds after which other tasks have their turn."""


class LoopTime:
    """The time that statements have taken in the event loop since other tasks last had their turn."""

    def __init__(self) -> None:
        self._seconds = 0.0
        self._is_counting = False
        self.is_used_up = False
        """Whether a task should let the others have their turn: a coroutine that never waits would not."""

    def add(self, seconds: float) -> None:
        """Count the time of one statement."""
        self._seconds += seconds
        self.is_used_up = self._seconds > LIMIT
        if not self._is_counting:
            self._is_counting = True
            asyncio.get_running_loop().call_soon(self._begin_again)

    def _begin_again(self) -> None:
        self._seconds = 0.0
        self._is_counting = self.is_used_up = False
