"""Backups of a SQLite file, and the way back to one."""

import asyncio
import hashlib
import shutil
import sqlite3
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from waiting import until

from wave_data import BackupError, Database, InvalidValue, backup, connect, wave_sessions, zones
from wave_data.backup import copying
from wave_data.engine.identifiers import uuid7
from wave_data.migrations import migrations_of
from wave_data.testing import FixedClock

NEWEST = migrations_of("sqlite")[-1].version
DAY = timedelta(days=1)


@pytest.fixture
def path(tmp_path: Path, sqlite_template: Path) -> Path:
    """A migrated file without rows."""
    return Path(shutil.copy(sqlite_template, tmp_path / "wave.db"))


@pytest.fixture
async def db(path: Path, clock: FixedClock) -> AsyncIterator[Database]:
    """The database in that file, open."""
    async with connect(f"sqlite:{path}", clock=clock) as opened:
        yield opened


async def add(db: Database, *numbers: int) -> None:
    for number in numbers:
        await wave_sessions.create(db, "atlas", number)


def sessions_in(path: Path) -> int:
    """The number of sessions in a file that stands alone, with nothing beside it."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as raw:
        return int(raw.execute("SELECT count(*) FROM wave_sessions").fetchone()[0])


def files_in(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def spoil(path: Path) -> None:
    """Damage a file where SQLite finds it: in every page after the first."""
    content = bytearray(path.read_bytes())
    for start in range(4096, len(content), 4096):
        content[start : start + 8] = b"\xff" * 8
    path.write_bytes(content)


# Making one


async def test_a_backup_tells_what_it_holds(db, path, clock):
    await add(db, 1, 2, 3)
    made = await backup.backup(db)
    assert made is not None
    assert made.path == path.parent / "backups" / "wave-20260101T120000000000Z.db"
    assert made.taken_at == clock()
    assert made.size == made.path.stat().st_size
    assert made.sha256 == hashlib.sha256(made.path.read_bytes()).hexdigest()
    assert made.schema_version == NEWEST
    assert made.row_counts == await db.table_counts()
    assert made.row_counts["wave_sessions"] == 3


async def test_a_backup_has_what_only_the_wal_holds(db, path):
    await add(db, 1, 2)
    assert path.with_name("wave.db-wal").stat().st_size > 0
    assert sessions_in(path) == 0  # copying the main file is not enough
    made = await backup.backup(db)
    assert sessions_in(made.path) == 2


async def test_a_backup_is_one_file_and_its_checksum(db, path):
    made = await backup.backup(db)
    assert files_in(made.path.parent) == [made.path.name, f"{made.path.name}.sha256"]
    noted = made.path.with_name(f"{made.path.name}.sha256")
    assert noted.read_text() == f"{made.sha256}  {made.path.name}\n"  # as `sha256sum --check` reads it


async def test_a_directory_of_ones_own(db, tmp_path):
    made = await backup.backup(db, tmp_path / "elsewhere" / "deep")
    assert made.path.parent == tmp_path / "elsewhere" / "deep"


async def test_a_url_will_do(db, path, tmp_path):
    await add(db, 1)
    made = await backup.backup(f"sqlite:{path}")
    assert made.row_counts["wave_sessions"] == 1
    assert abs(made.taken_at - datetime.now(UTC)) < timedelta(minutes=1)


async def test_the_url_may_come_from_the_environment(path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", f"sqlite:{path}")
    assert (await backup.backup(None)).path.parent == path.parent / "backups"


async def test_a_file_that_does_not_exist_yet(tmp_path):
    assert await backup.backup(f"sqlite:{tmp_path / 'wave.db'}") is None
    assert files_in(tmp_path) == []


async def test_a_database_without_migrations(tmp_path):
    with closing(sqlite3.connect(tmp_path / "plain.db")) as raw:
        raw.execute("CREATE TABLE notes (text TEXT)")
    made = await backup.backup(f"sqlite:{tmp_path / 'plain.db'}")
    assert (made.schema_version, made.row_counts) == (None, {"notes": 0})


async def test_two_backups_of_one_moment_are_two(db):
    first, second = await backup.backup(db), await backup.backup(db)
    assert second.taken_at == first.taken_at + timedelta(microseconds=1)


async def test_what_is_not_committed_is_not_in_it(db):
    async with db.transaction() as tx:
        await add(tx, 1)
        assert (await backup.backup(db)).row_counts["wave_sessions"] == 0


async def test_a_backup_is_of_one_moment_while_many_write(path, monkeypatch):
    """Every transaction writes a session in each of two projects; no backup has one of them alone."""
    monkeypatch.setattr(copying, "PAGES", 1)
    stop = threading.Event()
    written = []

    async def write():
        number = 0
        while not stop.is_set():
            number += 1
            async with db.transaction() as tx:
                for project in ("one", "other"):
                    await wave_sessions.create(tx, project, number, metadata={"text": "x" * 20_000})
            written.append(number)
            await asyncio.sleep(0)

    async with connect(f"sqlite:{path}") as db:
        writing = asyncio.create_task(write())
        found = []
        for _ in range(5):
            found.append(await backup.backup(db))
            seen = len(written)
            await until(lambda seen=seen: len(written) > seen + 2)  # so the next one finds more
        stop.set()
        await writing
    counts = []
    for made in found:
        with closing(sqlite3.connect(made.path)) as raw:
            counts.append(dict(raw.execute("SELECT project_name, count(*) FROM wave_sessions GROUP BY 1").fetchall()))
    assert all(count.get("one") == count.get("other") for count in counts)
    numbers = [count.get("one", 0) for count in counts]
    assert numbers == sorted(numbers)
    assert numbers[-1] > numbers[0]


async def test_another_program_writes_on_while_a_backup_is_made(path, monkeypatch):
    monkeypatch.setattr(copying, "PAGES", 1)
    written_meanwhile = []
    original = copying.check_digest

    def write_first(*arguments):
        with closing(sqlite3.connect(path, timeout=0)) as other:
            other.execute("CREATE TABLE others (id INTEGER)")
            other.commit()
        written_meanwhile.append(1)
        return original(*arguments)

    monkeypatch.setattr(copying, "check_digest", write_first)
    async with connect(f"sqlite:{path}") as db:
        made = await backup.backup(db)
    assert written_meanwhile
    assert "others" not in made.row_counts


async def test_a_cancelled_backup_leaves_nothing(db, path, monkeypatch):
    reached = threading.Event()
    go_on = threading.Event()

    def sync(path):
        reached.set()
        go_on.wait(10)

    monkeypatch.setattr(copying, "sync", sync)
    task = asyncio.create_task(backup.backup(db))
    await asyncio.to_thread(reached.wait)
    task.cancel()
    asyncio.get_running_loop().call_later(0.01, go_on.set)  # it is waited for
    with pytest.raises(asyncio.CancelledError):
        await task
    assert files_in(path.parent / "backups") == []


async def test_a_cancelled_copy_stops_before_its_end(path, tmp_path, monkeypatch):
    monkeypatch.setattr(copying, "PAGES", 1)
    steps = []

    def is_stopped():
        steps.append(1)
        return len(steps) == 3

    with pytest.raises(copying.Stopped):
        copying.copy_database(path, tmp_path / "copy.db", is_stopped)
    assert len(steps) == 3


async def test_a_damaged_database_gives_no_backup(path):
    async with connect(f"sqlite:{path}") as db:
        await add(db, *range(50))
    spoil(path)
    with pytest.raises(BackupError, match=r"malformed|usable"):
        await backup.backup(f"sqlite:{path}")
    assert files_in(path.parent / "backups") == []


async def test_what_is_no_database_gives_no_backup(tmp_path):
    (tmp_path / "wave.db").write_text("this is a text, and long enough to be taken for one" * 100)
    with pytest.raises(BackupError, match="not a database"):
        await backup.backup(f"sqlite:{tmp_path / 'wave.db'}")


async def test_a_folder_that_cannot_be_made(db, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(BackupError, match="cannot make the folder"):
        await backup.backup(db, tmp_path / "file")


# Verifying


async def test_a_backup_is_verified(db):
    await add(db, 1)
    made = await backup.backup(db)
    assert await backup.verify_backup(made.path) == made
    assert await backup.verify_backup(str(made.path)) == made


async def test_verifying_leaves_the_file_as_it_is(db):
    made = await backup.backup(db)
    before = files_in(made.path.parent)
    await backup.verify_backup(made.path)
    assert files_in(made.path.parent) == before
    assert hashlib.sha256(made.path.read_bytes()).hexdigest() == made.sha256


async def test_a_file_that_is_absent(tmp_path):
    with pytest.raises(BackupError, match="there is no backup"):
        await backup.verify_backup(tmp_path / "none.db")


async def test_a_damaged_backup(db):
    await add(db, *range(20))
    made = await backup.backup(db)
    spoil(made.path)
    with pytest.raises(BackupError, match="another checksum"):
        await backup.verify_backup(made.path)
    made.path.with_name(f"{made.path.name}.sha256").unlink()
    with pytest.raises(BackupError, match="no usable backup"):
        await backup.verify_backup(made.path)


async def test_a_change_that_sqlite_does_not_see(db):
    made = await backup.backup(db)
    with closing(sqlite3.connect(made.path)) as raw:
        raw.execute("DELETE FROM zones")
        raw.execute("INSERT INTO zones (id, name) VALUES ('zone-x', 'X')")
        raw.commit()
    with pytest.raises(BackupError, match="was changed or damaged"):
        await backup.verify_backup(made.path)


async def test_a_broken_reference(db):
    made = await backup.backup(db)
    made.path.with_name(f"{made.path.name}.sha256").unlink()
    with closing(sqlite3.connect(made.path)) as raw:
        raw.execute("INSERT INTO wave_charges (session_id, key, cost_usd) VALUES (?, 'call', 0)", (str(uuid7()),))
        raw.commit()
    with pytest.raises(BackupError, match="a row of wave_charges refers to one of wave_sessions that is absent"):
        await backup.verify_backup(made.path)


async def test_a_database_in_use_is_no_backup(db, path):
    await add(db, 1)
    with pytest.raises(BackupError, match=r"newer changes in wave\.db-wal"):
        await backup.verify_backup(path)


# Restoring


async def test_an_open_database_has_the_rows_of_the_backup(db, path):
    await add(db, 1, 2)
    made = await backup.backup(db)
    await add(db, 3)
    restored = await backup.restore(db, made.path)
    assert restored.backup == made
    assert await wave_sessions.count(db) == 2
    await add(db, 4)
    assert await wave_sessions.count(db) == 3
    assert made.path.exists()


async def test_the_former_file_is_set_aside_with_all_its_rows(db, path):
    made = await backup.backup(db)
    await add(db, 1)
    restored = await backup.restore(db, made.path)
    assert restored.set_aside == path.with_name("wave.db.replaced-20260101T120000000000Z")
    assert sessions_in(restored.set_aside) == 1


async def test_a_closed_database_is_restored(path):
    async with connect(f"sqlite:{path}") as db:
        made = await backup.backup(db)
        await add(db, 1)
    await backup.restore(f"sqlite:{path}", made.path)
    async with connect(f"sqlite:{path}") as db:
        assert await wave_sessions.count(db) == 0


async def test_a_database_that_is_gone_is_restored(path):
    async with connect(f"sqlite:{path}") as db:
        await add(db, 1)
        made = await backup.backup(db)
    path.unlink()
    restored = await backup.restore(f"sqlite:{path}", made.path)
    assert restored.set_aside is None
    assert sessions_in(path) == 1


async def test_the_wal_of_a_lost_file_does_not_spoil_the_restored_one(path):
    async with connect(f"sqlite:{path}") as db:
        await add(db, 1)
        made = await backup.backup(db)
        await add(db, *range(2, 30))
        shutil.copy(path.with_name("wave.db-wal"), path.with_name("kept-wal"))
    path.unlink()
    path.with_name("kept-wal").rename(path.with_name("wave.db-wal"))
    await backup.restore(f"sqlite:{path}", made.path)
    async with connect(f"sqlite:{path}") as db:
        assert await wave_sessions.count(db) == 1
        assert await db.integrity_check() == []


async def test_a_damaged_database_is_restored_and_kept_for_study(path):
    async with connect(f"sqlite:{path}") as db:
        await add(db, 1)
        made = await backup.backup(db)
    path.write_bytes(b"no database at all, alas" * 1000)
    restored = await backup.restore(f"sqlite:{path}", made.path)
    assert restored.set_aside.read_bytes().startswith(b"no database at all")
    assert sessions_in(path) == 1


async def test_a_damaged_backup_restores_nothing(db):
    made = await backup.backup(db)
    await add(db, 1)
    spoil(made.path)
    with pytest.raises(BackupError):
        await backup.restore(db, made.path)
    assert await wave_sessions.count(db) == 1


async def test_a_database_is_no_backup_of_itself(path):
    with pytest.raises(BackupError, match="the database itself"):
        await backup.restore(f"sqlite:{path}", path)


async def test_work_that_comes_meanwhile_waits(db):
    await add(db, 1)
    made = await backup.backup(db)
    await add(db, 2)
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def work():
        async with db.transaction() as tx:
            await add(tx, 3)
            begun.set()
            await go_on.wait()

    working = asyncio.create_task(work())
    await begun.wait()
    restoring = asyncio.create_task(backup.restore(db, made.path))
    await until(lambda: db._writing._paused)
    counting = asyncio.create_task(wave_sessions.count(db))
    await asyncio.sleep(0)
    assert not restoring.done()
    go_on.set()
    await working
    restored = await restoring
    assert await counting == 1
    assert sessions_in(restored.set_aside) == 3  # what was in flight was finished first


async def test_work_that_does_not_end_is_not_cut_off(db):
    made = await backup.backup(db)
    async with db.transaction() as tx:
        await add(tx, 1)
        with pytest.raises(BackupError, match="still in use"):
            await backup.restore(db, made.path, timeout=0.01)
    assert await wave_sessions.count(db) == 1


@contextmanager
def another_program(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that has looked at the database and waits."""
    with closing(sqlite3.connect(path)) as other:
        other.execute("SELECT count(*) FROM wave_sessions").fetchone()
        yield other


async def test_nothing_is_replaced_under_another_program(db, path):
    made = await backup.backup(db)
    await add(db, 1)
    with another_program(path), pytest.raises(BackupError, match="open in another process"):
        await backup.restore(db, made.path)
    assert await wave_sessions.count(db) == 1
    assert not list(path.parent.glob("*.replaced-*"))
    await backup.restore(db, made.path)
    assert await wave_sessions.count(db) == 0


# Rolling back


async def test_the_newest_backup_is_taken(db, clock):
    for number in range(3):
        await add(db, number)
        await backup.backup(db)
        clock.advance(DAY)
    await add(db, 9)
    restored = await backup.rollback(db)
    assert restored.backup.taken_at == clock() - DAY
    assert await wave_sessions.count(db) == 3


@pytest.mark.parametrize(("days", "sessions"), [(0, 1), (0.5, 1), (1, 2), (100, 3)])
async def test_the_newest_backup_up_to_a_time_is_taken(db, clock, days, sessions):
    begun = clock()
    for number in range(3):
        await add(db, number)
        await backup.backup(db)
        clock.advance(DAY)
    await backup.rollback(db, begun + days * DAY)
    assert await wave_sessions.count(db) == sessions


async def test_a_damaged_backup_is_passed_over(db, clock, caplog):
    await add(db, 1)
    await backup.backup(db)
    clock.advance(DAY)
    await add(db, 2)
    spoil((await backup.backup(db)).path)
    await backup.rollback(db)
    assert await wave_sessions.count(db) == 1
    assert "passed over a backup: " in caplog.text


async def test_without_a_backup_there_is_no_way_back(db, clock):
    with pytest.raises(BackupError, match=r"no usable backup of wave\.db"):
        await backup.rollback(db)
    await backup.backup(db)
    with pytest.raises(BackupError, match="no usable backup"):
        await backup.rollback(db, clock() - DAY)


async def test_a_time_without_a_zone_is_refused(db):
    with pytest.raises(InvalidValue, match="at: "):
        await backup.rollback(db, datetime(2026, 1, 1))  # noqa: DTZ001


# Listing and pruning


async def test_the_newest_is_listed_first(db, clock):
    made = []
    for _ in range(3):
        made.append(await backup.backup(db))
        clock.advance(DAY)
    found = await backup.list_backups(db)
    assert [file.path for file in found] == [one.path for one in reversed(made)]
    assert [(file.taken_at, file.size) for file in found] == [(one.taken_at, one.size) for one in reversed(made)]


async def test_only_backups_of_this_database_are_listed(db, clock):
    made = await backup.backup(db)
    for name in ("wave-2-20260101T120000000000Z.db", "other-20260101T120000000000Z.db", "wave-old.db", "notes.txt"):
        shutil.copy(made.path, made.path.with_name(name))
    assert [file.path for file in await backup.list_backups(db)] == [made.path]


async def test_no_folder_is_no_backup(db):
    assert await backup.list_backups(db) == []
    assert await backup.prune(db) == []


@pytest.mark.parametrize(
    ("limits", "left"),
    [
        ({}, 5),
        ({"keep": 2}, 2),
        ({"keep": 1}, 1),
        ({"keep": 0}, 1),
        ({"max_age": timedelta(days=2.5)}, 2),
        ({"max_age": timedelta(hours=1)}, 1),
        ({"max_age": timedelta(0)}, 1),
        ({"keep": 4, "max_age": timedelta(days=3.5)}, 3),
        ({"keep": 2, "max_age": timedelta(days=3.5)}, 2),
    ],
)
async def test_old_backups_go_and_the_last_one_stays(db, clock, limits, left):
    for _ in range(5):
        await backup.backup(db)
        clock.advance(DAY)
    listed = await backup.list_backups(db)
    removed = await backup.prune(db, **limits)
    assert await backup.list_backups(db) == listed[:left]
    assert removed == listed[left:]
    assert len(files_in(listed[0].path.parent)) == 2 * left


async def test_ten_backups_of_thirty_days_are_kept_unless_told(db, clock):
    for _ in range(12):
        await backup.backup(db)
        clock.advance(4 * DAY)
    await backup.prune(db)
    assert len(await backup.list_backups(db)) == 7
    clock.set(clock() - 40 * DAY)
    for _ in range(12):
        await backup.backup(db)
    await backup.prune(db)
    assert len(await backup.list_backups(db)) == 10


@pytest.mark.parametrize("limits", [{"keep": -1}, {"max_age": -DAY}])
async def test_limits_that_make_no_sense(db, limits):
    with pytest.raises(InvalidValue, match="must not be negative"):
        await backup.prune(db, **limits)


# Migrating


@pytest.fixture
def broken_folder(tmp_path: Path) -> Path:
    """Migrations of one's own: the first works, the second changes much before it fails."""
    folder = tmp_path / "own"
    (folder / "sqlite").mkdir(parents=True)
    steps = {
        "30000101000000_add_notes": "CREATE TABLE notes (text TEXT NOT NULL); DELETE FROM wave_sessions;",
        "30000101000001_break_it": "SELECT * FROM nowhere;",
    }
    for name, up in steps.items():
        (folder / "sqlite" / f"{name}.sql").write_text(f"-- migrate:up\n{up}\n-- migrate:down\nSELECT 1;\n")
    return folder


async def test_a_new_database_is_made_with_its_zones(tmp_path):
    url = f"sqlite:{tmp_path / 'wave.db'}"
    done = await backup.migrate_with_backup(url)
    assert done.backup is None
    assert done.applied == tuple(migrations_of("sqlite"))
    async with connect(url) as db:
        assert await zones.count(db) == 4
    again = await backup.migrate_with_backup(url)
    assert again.applied == ()
    assert again.backup.row_counts["zones"] == 4


async def test_an_open_database_is_migrated(tmp_path):
    async with connect(f"sqlite:{tmp_path / 'wave.db'}", migrations=None) as db:
        done = await backup.migrate_with_backup(db)
        assert done.backup.row_counts == {}
        assert await zones.count(db) == 4


async def test_tables_of_others_do_not_stand_in_the_way(db):
    await db.run_script("CREATE TABLE mine (id INTEGER)")
    await backup.migrate_with_backup(db)


@pytest.mark.parametrize("is_open", [True, False], ids=["open", "closed"])
async def test_a_migration_that_fails_leaves_everything_as_it_was(path, broken_folder, is_open):
    url = f"sqlite:{path}"
    async with connect(url) as db:
        await add(db, 1, 2)
        if is_open:
            with pytest.raises(Exception, match="nowhere"):
                await backup.migrate_with_backup(db, folder=broken_folder)
            assert await wave_sessions.count(db) == 2
    if not is_open:
        with pytest.raises(Exception, match="nowhere"):
            await backup.migrate_with_backup(url, folder=broken_folder)
    async with connect(url) as db:
        assert await wave_sessions.count(db) == 2
        assert "notes" not in await db.table_counts()


async def test_a_failure_with_a_new_database_leaves_none(tmp_path, broken_folder):
    with pytest.raises(Exception, match="wave_sessions"):
        await backup.migrate_with_backup(f"sqlite:{tmp_path / 'wave.db'}", folder=broken_folder)
    assert not (tmp_path / "wave.db").exists()


async def test_a_schema_that_is_not_the_expected_one_is_a_failure(db):
    await db.run_script("DROP INDEX idx_wave_sessions_created_at_id")
    with pytest.raises(Exception, match="idx_wave_sessions_created_at_id is missing"):
        await backup.migrate_with_backup(db)
    assert await zones.count(db) == 0


async def test_a_broken_reference_is_a_failure(db):
    await db.run_script(
        "PRAGMA foreign_keys = OFF;"
        f"INSERT INTO wave_charges (session_id, key, cost_usd) VALUES ('{uuid7()}', 'call', 0);"
        "PRAGMA foreign_keys = ON;"
    )
    with pytest.raises(BackupError, match="a row of wave_charges"):
        await backup.migrate_with_backup(db)


# Other databases

OPERATIONS = {
    "backup": backup.backup,
    "restore": lambda source: backup.restore(source, "x.db"),
    "rollback": backup.rollback,
    "list_backups": backup.list_backups,
    "prune": backup.prune,
    "migrate_with_backup": backup.migrate_with_backup,
}


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS.keys())
async def test_postgresql_has_tools_of_its_own(operation):
    with pytest.raises(BackupError, match="pg_dump"):
        await operation("postgres://wave:hunter2@127.0.0.1/wave")


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS.keys())
async def test_a_database_in_memory_has_no_file(operation):
    async with connect("sqlite::memory:") as db:
        with pytest.raises(BackupError, match="in memory"):
            await operation(db)
        assert await wave_sessions.count(db) == 0
