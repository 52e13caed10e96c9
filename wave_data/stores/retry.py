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


def attempts(retries: int, options: Options) -> AsyncRetrying:
    """`retries` more attempts at a unit of work that raised a retryable error, with full jitter between them."""
    return AsyncRetrying(
        retry=retry_if_exception(lambda error: isinstance(error, WaveDataError) and error.retryable),
        stop=stop_after_attempt(retries + 1),
        wait=wait_random_exponential(
            multiplier=options.backoff_base, exp_base=options.backoff_factor, max=options.backoff_cap
        ),
        before_sleep=_log,
        reraise=True,
    )


def _log(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome is not None else None
    log.warning("attempt %d failed, trying again: %s", state.attempt_number, error)
