"""sqlite3 called in the event loop itself, which stands still meanwhile."""

import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from benchmarks.data import NewCheckpoint, NewStory
from benchmarks.peers import sqlite3_operations as operations


class Peer:
    """One connection for everything."""

    async def open(self, location: str, connections: int) -> None:
        self._raw = sqlite3.connect(location, isolation_level=None)
        operations.configure(self._raw)

    async def close(self) -> None:
        self._raw.close()

    def values(self, story: Any) -> dict[str, Any] | None:
        return None

    async def get(self, id: UUID) -> Any:
        return operations.get(self._raw, id)

    async def list_newest(self, session_id: UUID, limit: int) -> Sequence[Any]:
        return operations.list_newest(self._raw, session_id, limit)

    async def list_all(self, session_id: UUID) -> Sequence[Any]:
        return operations.list_all(self._raw, session_id)

    async def stream(self, session_id: UUID) -> int:
        found = 0
        for _ in operations.open_cursor(self._raw, session_id):
            found += 1
        return found

    async def insert(self, new: NewStory) -> Any:
        return operations.insert(self._raw, new)

    async def insert_many(self, new: Sequence[NewStory]) -> None:
        operations.insert_many(self._raw, new)

    async def submit(self, id: UUID) -> Any:
        return operations.submit(self._raw, datetime.now(UTC), id)

    async def reopen(self, id: UUID) -> Any:
        return operations.reopen(self._raw, datetime.now(UTC), id)

    async def add_usage(self, id: UUID) -> Any:
        return operations.add_usage(self._raw, datetime.now(UTC), id)

    async def add_checkpoint(self, new: NewCheckpoint) -> Any:
        return operations.add_checkpoint(self._raw, new)

    async def step(self, new: NewCheckpoint, id: UUID) -> Any:
        return operations.step(self._raw, new, id)
