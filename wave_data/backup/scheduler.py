"""Backups made by themselves while a program runs."""

import asyncio
import logging
from datetime import timedelta
from pathlib import Path
from types import TracebackType

from wave_data.backup.commands import Kept, Source, backup, list_backups, prune
from wave_data.backup.files import Backup, check_limits
from wave_data.engine.errors import InvalidValue, WaveDataError

log = logging.getLogger("wave_data")


class BackupScheduler:
    """Backs a database up in the background, and prunes: `async with BackupScheduler(db, every=timedelta(hours=6))`.

    The first backup is due `every` after the newest one there is. A run that fails is logged and counted in `failures`,
    and the next one comes in its time. `last` is the newest backup made here. Raises BackupError for a database that is
    no SQLite file, InvalidValue for an interval or a limit that makes no sense.
    """

    def __init__(
        self,
        source: Source,
        every: timedelta,
        keep: int = 10,
        max_age: timedelta = timedelta(days=30),
        directory: Path | str | None = None,
    ) -> None:
        self._kept = Kept(source, directory)
        check_limits(keep, max_age)
        if every <= timedelta(0):
            raise InvalidValue(f"every={every}: the time between two backups must be positive")
        self._source = source
        self._every = every
        self._keep = keep
        self._max_age = max_age
        self._task: asyncio.Task[None] | None = None
        self.last: Backup | None = None
        self.failures = 0

    async def __aenter__(self) -> "BackupScheduler":
        self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.stop()

    def start(self) -> None:
        """Begin; a scheduler that runs goes on."""
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """End; a backup that is being made is given up. May be repeated."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait((task,))

    async def _run(self) -> None:
        wait = self._until_due
        while True:
            try:
                await asyncio.sleep(await wait())
                await self._make()
            except (WaveDataError, OSError) as error:
                self.failures += 1
                log.warning("the backup of %s failed, next attempt in %s: %s", self._kept.path, self._every, error)
            wait = self._interval

    async def _until_due(self) -> float:
        """Seconds until the newest backup is as old as it may be."""
        found = await list_backups(self._source, self._kept.folder)
        due = found[0].taken_at + self._every if found else self._kept.now()
        return max(0.0, (due - self._kept.now()).total_seconds())

    async def _interval(self) -> float:
        return self._every.total_seconds()

    async def _make(self) -> None:
        self.last = await backup(self._source, self._kept.folder) or self.last
        await prune(self._source, self._keep, self._max_age, self._kept.folder)
