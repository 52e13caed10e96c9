"""Which failures are worth another attempt, and when."""

import logging

from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception,
    stop_after_attempt,
    wait_random_exponential,
)

from wave_data.engine.errors import WaveDataError
from wave_data.stores.settings import Options

log = logging.getLogger("wave_data")


class Retries:
    """Makes further attempts at what failed in a way that leaves nothing behind, logs them and counts them."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self.count = 0

    def attempts(self, retries: int, failed: int = 0) -> AsyncRetrying:
        """`retries` more attempts at a unit of work that raised a retryable error, with full jitter between them.

        `failed` tells how many attempts at it have failed already.
        """

        def note(state: RetryCallState) -> None:
            error = state.outcome.exception() if state.outcome is not None else None
            self.note(failed + state.attempt_number, error)

        return AsyncRetrying(
            retry=retry_if_exception(lambda error: isinstance(error, WaveDataError) and error.retryable),
            stop=stop_after_attempt(retries + 1),
            wait=wait_random_exponential(
                multiplier=self._options.backoff_base,
                exp_base=self._options.backoff_factor,
                max=self._options.backoff_cap,
            ),
            before_sleep=note,
            reraise=True,
        )

    def note(self, attempt: int, error: BaseException | None) -> None:
        """Log and count an attempt that failed and that another one follows."""
        self.count += 1
        log.warning("attempt %d failed, trying again: %s", attempt, error)
