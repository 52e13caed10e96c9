"""The one database that a whole process shares, for programs that do not hand it on themselves."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any

from wave_data.engine.errors import Conflict, NotInitialised
from wave_data.lifecycle import connect
from wave_data.stores.database import Database
from wave_data.stores.settings import DatabaseUrl, database_url
from wave_data.stores.transaction import Transaction


async def init_db(url: str | None = None, **options: Any) -> Database:
    """Open the database of this process, or return it where it is open; callers at the same time share one.

    The arguments are those of `connect`. Raises Conflict where another URL, other options or another event loop hold
    the database already, and what `connect` raises; after a failure it can be tried again.
    """
    abandoned = _process.abandoned()
    if abandoned is not None:
        await _close(abandoned)
    shared = _process.share(_canonical(database_url(url)), url, options)
    # The task goes on when one of those who wait for it is cancelled.
    return await asyncio.shield(shared.opening)


def get_db() -> Database:
    """The database of this process. Raises NotInitialised before `init_db` has ended and after `close_db`."""
    shared = _process.shared
    if shared is None or not shared.is_open:
        raise NotInitialised("there is no database yet: await init_db() first, when the program starts")
    return shared.opening.result()


async def close_db() -> None:
    """Close the database of this process, also one that is being opened. May be repeated; init_db works after it."""
    shared = _process.shared
    if shared is not None:
        await _close(shared)


async def session_dependency() -> AsyncGenerator[Transaction]:
    """A transaction of the process's database for one request: `tx: Transaction = Depends(session_dependency)`.

    It commits when the request succeeds and rolls back when it fails.
    """
    async with get_db().transaction() as transaction:
        yield transaction


@asynccontextmanager
async def lifespan(app: object = None, url: str | None = None, **options: Any) -> AsyncGenerator[None]:
    """Open the process's database while an application runs: `FastAPI(lifespan=lifespan)`.

    `functools.partial(lifespan, url=…)` names the database; the arguments are those of `init_db`.
    """
    await init_db(url, **options)
    try:
        yield
    finally:
        await close_db()


@dataclass(frozen=True)
class _Shared:
    """What was asked for, and the task that opens it."""

    url: DatabaseUrl
    options: dict[str, Any]
    opening: "asyncio.Task[Database]"

    @property
    def is_open(self) -> bool:
        return self.opening.done() and not self.has_failed

    @property
    def has_failed(self) -> bool:
        return self.opening.done() and (self.opening.cancelled() or self.opening.exception() is not None)

    @property
    def is_abandoned(self) -> bool:
        return self.opening.get_loop().is_closed()

    def refuse_other(self, url: DatabaseUrl, options: dict[str, Any]) -> None:
        """Raise Conflict where something else is asked for."""
        if url != self.url:
            raise Conflict(f"the database of this process is {self.url}, not {url}; close_db() first, or use connect()")
        unlike = sorted(name for name in options if name not in self.options or options[name] != self.options[name])
        if unlike:
            raise Conflict(
                f"the database of this process was opened with another {', '.join(unlike)}; close_db() first"
            )
        if self.opening.get_loop() is not asyncio.get_running_loop():
            raise Conflict("the database of this process belongs to another event loop; use connect() in this one")


class _Process:
    """Holds what the process shares; threads with loops of their own may ask at the same moment."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.shared: _Shared | None = None

    def share(self, target: DatabaseUrl, url: str | None, options: dict[str, Any]) -> _Shared:
        """What is shared already, where it is what is asked for, else the beginning of it."""
        with self._lock:
            if self.shared is None or self.shared.has_failed:
                opening = asyncio.get_running_loop().create_task(_open(url, options))
                self.shared = _Shared(target, options, opening)
            else:
                self.shared.refuse_other(target, options)
            return self.shared

    def abandoned(self) -> _Shared | None:
        """What an event loop that has ended left open."""
        shared = self.shared
        return shared if shared is not None and shared.is_abandoned else None

    def forget(self, shared: _Shared) -> None:
        """Share it no more."""
        with self._lock:
            if self.shared is shared:
                self.shared = None


_process = _Process()


async def _open(url: str | None, options: dict[str, Any]) -> Database:
    return await connect(url, **options)


async def _close(shared: _Shared) -> None:
    if not shared.opening.done():
        await asyncio.wait((shared.opening,))
    _process.forget(shared)
    if shared.is_open:
        await shared.opening.result().close()


def _canonical(url: DatabaseUrl) -> DatabaseUrl:
    """The URL by which the same file is the same database, however its path is written."""
    return url if url.path is None else replace(url, path=url.path.resolve())
