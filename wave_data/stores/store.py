"""A store: where the connections for reading and for writing come from."""

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from wave_data.engine.dialect import Dialect
from wave_data.engine.limits import Limits
from wave_data.stores.changes import ChangeSource
from wave_data.stores.connection import StoreConnection
from wave_data.stores.loop_time import LoopTime
from wave_data.stores.pool import Pool
from wave_data.stores.retry import Retries
from wave_data.stores.settings import DatabaseUrl, Options
from wave_data.stores.upkeep import Upkeep

C = TypeVar("C", bound=StoreConnection)

_MORE_CONNECTIONS = "shorten the transactions, or raise pool_size or max_overflow"
_ONE_WRITER = (
    "SQLite has one writer: shorten the transactions, and inside `async with db.transaction() as tx` use tx, not db"
)


@dataclass(frozen=True)
class Store:
    """The connections of one database; the two pools are one where reading and writing need no separation.

    `background` is what runs beside the work, until the database closes.
    """

    dialect: Dialect
    url: DatabaseUrl
    reading: Pool[StoreConnection]
    writing: Pool[StoreConnection]
    clock: Callable[[], datetime]
    retries: Retries
    upkeep: Upkeep
    changes: ChangeSource
    limits: Limits
    loop_time: LoopTime = field(default_factory=LoopTime)
    background: Callable[[], Coroutine[Any, Any, None]] | None = None


def make_pool(
    open_connection: Callable[[], Awaitable[C]], options: Options, retries: Retries, *, size: int | None = None
) -> Pool[StoreConnection]:
    """A pool whose connections are opened with retries; of exactly `size` where SQLite gives no choice."""

    async def open_with_retries() -> StoreConnection:
        return await retries.attempts(options.connect_retries)(open_connection)

    return Pool(
        open_with_retries,
        size=options.pool_size if size is None else size,
        overflow=options.max_overflow if size is None else 0,
        timeout=options.acquire_timeout,
        pre_ping=options.pre_ping,
        remedy=_MORE_CONNECTIONS if size is None else _ONE_WRITER,
    )
