"""What the tests of every table use."""

import pytest

from wave_data import Database


@pytest.fixture
async def still_db(connect_store, clock) -> Database:
    """The database with a clock that stands still, so that only the ids order the rows."""
    return await connect_store(clock=clock)
