"""What the tests of every table use."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest

from wave_data import Database, Page

T = TypeVar("T")
ReadPages = Callable[[Callable[..., Awaitable[Page[T]]]], Awaitable[list[T]]]


@pytest.fixture
async def still_db(connect_store, clock) -> Database:
    """The database with a clock that stands still, so that only the ids order the rows."""
    return await connect_store(clock=clock)


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
