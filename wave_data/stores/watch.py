"""What is logged of the statements that run; never their arguments, which may be secrets."""

import logging
from time import perf_counter

from wave_data.engine.compiled import CompiledStatement
from wave_data.stores.settings import Options

log = logging.getLogger("wave_data")


class Watch:
    """Logs every statement where `echo` is on, and those slower than `slow_query_ms`."""

    def __init__(self, options: Options) -> None:
        self._echo = options.echo
        self._slow_ms = float("inf") if options.slow_query_ms is None else options.slow_query_ms

    def ended(self, statement: CompiledStatement | None, started: float) -> None:
        """Take note of a statement that began at a time of `perf_counter`."""
        elapsed_ms = (perf_counter() - started) * 1000
        if statement is None:
            return
        if self._echo:
            log.info("%s took %.1f ms:\n%s", statement.query, elapsed_ms, statement.text)
        if elapsed_ms > self._slow_ms:
            log.warning("slow query: %s (%s) took %.0f ms", statement.query, statement.place(), elapsed_ms)
