"""Mistakes in queries: the first one is raised, or all of them are gathered for whoever wants to see them together."""

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar

_gathered: ContextVar[list[Exception] | None] = ContextVar("gathered", default=None)


@contextmanager
def gathered() -> Generator[list[Exception]]:
    """Collect the mistakes that are reported inside, instead of raising the first."""
    found: list[Exception] = []
    token = _gathered.set(found)
    try:
        yield found
    finally:
        _gathered.reset(token)


def report(mistake: Exception) -> None:
    """Raise a mistake; where mistakes are gathered, keep it, for the caller to go on without what is wrong."""
    found = _gathered.get()
    if found is None:
        raise mistake
    found.append(mistake)
