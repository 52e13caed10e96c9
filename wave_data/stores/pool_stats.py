"""The numbers of a database's connections."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime


@dataclass(frozen=True)
class PoolCounts:
    """How connections are used at one moment, and what has happened since the database was opened.

    `size` connections are open: `idle` wait for work, `active` are in use. There may be `maximum`; `overflow` are open
    beyond `pool_size`. `waiting` calls wait for a connection. In total `acquired` were taken and `released` given
    back, and `timeouts` calls waited in vain.
    """

    size: int
    idle: int
    active: int
    maximum: int
    overflow: int
    waiting: int
    acquired: int
    released: int
    timeouts: int


@dataclass(frozen=True)
class PoolStats(PoolCounts):
    """The numbers of all connections of a database, and the number of attempts that were made again, at a moment."""

    retries: int
    collected_at: datetime

    @classmethod
    def of(cls, pools: Sequence[PoolCounts], retries: int, now: datetime) -> "PoolStats":
        """The sums over the pools of a database."""
        sums = {field.name: sum(asdict(pool)[field.name] for pool in pools) for field in fields(PoolCounts)}
        return cls(**sums, retries=retries, collected_at=now)
