"""What all tests share."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest

from wave_data import Page

pytest_plugins = ["pytester", "wave_data.testing.plugin"]

T = TypeVar("T")
ReadPages = Callable[[Callable[..., Awaitable[Page[T]]]], Awaitable[list[T]]]


@pytest.fixture
def read_pages() -> ReadPages:
    """Reads a list from its first page to its last, two rows at a time."""

    async def read(list_page: Callable[..., Awaitable[Page[T]]]) -> list[T]:
        rows: list[T] = []
        cursor = None
        while True:
            page = await list_page(limit=2, cursor=cursor)
            assert len(page.items) == 2 or page.next_cursor is None
            rows += page.items
            cursor = page.next_cursor
            if cursor is None:
                return rows

    return read


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show what tests recorded as the property `shown at the end`."""
    reports = [report for of_outcome in terminalreporter.stats.values() for report in of_outcome]
    properties = [found for report in reports for found in getattr(report, "user_properties", ())]
    for line in dict.fromkeys(value for name, value in properties if name == "shown at the end"):
        terminalreporter.write_line(str(line))
