"""Backups made by themselves while a program runs."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from waiting import until

from wave_data import BackupError, Database, InvalidValue, backup, connect
from wave_data.backup import BackupScheduler
from wave_data.testing import FixedClock

NEVER = timedelta(days=1000)
ALWAYS = timedelta(milliseconds=1)


@pytest.fixture
async def db(tmp_path: Path, sqlite_template: Path, clock: FixedClock) -> AsyncIterator[Database]:
    path = shutil.copy(sqlite_template, tmp_path / "wave.db")
    async with connect(f"sqlite:{path}", clock=clock) as opened:
        yield opened


async def test_the_first_backup_is_made_at_once(db):
    async with BackupScheduler(db, every=NEVER) as scheduler:
        await until(lambda: scheduler.last)
    assert [file.path for file in await backup.list_backups(db)] == [scheduler.last.path]
    assert scheduler.failures == 0


async def test_a_program_that_starts_again_waits_until_the_next_one_is_due(db, clock):
    await backup.backup(db)
    clock.advance(timedelta(hours=1))
    async with BackupScheduler(db, every=timedelta(hours=2)) as waiting:
        async with BackupScheduler(db, every=timedelta(minutes=59)) as due:
            await until(lambda: due.last)
        assert waiting.last is None


async def test_backups_follow_each_other_and_old_ones_go(db, clock):
    made = []
    async with BackupScheduler(db, every=ALWAYS, keep=2) as scheduler:
        while len(made) < 4:
            await until(lambda: scheduler.last and scheduler.last not in made)
            made.append(scheduler.last)
            clock.advance(ALWAYS)
    assert len(await backup.list_backups(db)) <= 3


async def test_backups_that_are_too_old_go(db, clock):
    old = await backup.backup(db)
    clock.advance(timedelta(days=3))
    async with BackupScheduler(db, every=timedelta(days=2), max_age=timedelta(days=2)) as scheduler:
        await until(lambda: not old.path.exists())
    assert [file.path for file in await backup.list_backups(db)] == [scheduler.last.path]


async def test_a_run_that_fails_is_logged_and_tried_again(db, tmp_path, caplog):
    folder = tmp_path / "later"
    folder.write_text("a file where a folder should be")
    async with BackupScheduler(db, every=ALWAYS, directory=folder) as scheduler:
        await until(lambda: scheduler.failures > 1)
        assert scheduler.last is None
        folder.unlink()
        await until(lambda: scheduler.last)
    assert "failed, next attempt in 0:00:00.001000" in caplog.text


async def test_a_database_that_does_not_exist_yet_is_waited_for(tmp_path, sqlite_template):
    path = tmp_path / "later.db"
    async with BackupScheduler(f"sqlite:{path}", every=ALWAYS) as scheduler:
        assert scheduler.last is None
        shutil.copy(sqlite_template, path)
        await until(lambda: scheduler.last)
    assert scheduler.failures == 0


async def test_it_ends_when_told(db):
    scheduler = BackupScheduler(db, every=ALWAYS)
    scheduler.start()
    scheduler.start()
    await until(lambda: scheduler.last)
    await scheduler.stop()
    await scheduler.stop()
    (found,) = {file.path.parent for file in await backup.list_backups(db)}
    assert not list(found.glob(".*"))
    assert not [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]


@pytest.mark.parametrize("options", [{"every": timedelta(0)}, {"every": -NEVER}, {"every": NEVER, "keep": -1}])
async def test_options_that_make_no_sense(db, options):
    with pytest.raises(InvalidValue):
        BackupScheduler(db, **options)


async def test_postgresql_has_tools_of_its_own():
    with pytest.raises(BackupError, match="pg_dump"):
        BackupScheduler("postgres://wave@127.0.0.1/wave", every=NEVER)
