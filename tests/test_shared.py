"""The database that a whole process shares."""

import asyncio
import subprocess
import sys
import threading
from functools import partial

import pytest

from wave_data import (
    Conflict,
    ConnectionFailed,
    InvalidValue,
    MigrationError,
    NotInitialised,
    PoolClosed,
    close_db,
    get_db,
    init_db,
    lifespan,
    session_dependency,
    wave_sessions,
)


@pytest.fixture(autouse=True)
async def _nothing_is_left_open():
    yield
    await close_db()


async def test_there_is_none_before_it_is_opened():
    with pytest.raises(NotInitialised, match=r"await init_db\(\) first"):
        get_db()


async def test_it_is_opened_once_and_found_everywhere(database_url):
    db = await init_db(database_url)
    assert get_db() is db
    assert await init_db(database_url) is db
    assert await wave_sessions.count(get_db()) == 0


async def test_the_url_may_come_from_the_environment(database_url, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", database_url)
    db = await init_db()
    assert await init_db(database_url) is db is await init_db()


async def test_tasks_that_open_it_at_the_same_time_get_the_same_one(database_url):
    found = await asyncio.gather(*(init_db(database_url) for _ in range(20)))
    assert len(set(map(id, found))) == 1
    assert get_db() is found[0]


async def test_it_is_not_there_while_it_is_being_opened(database_url):
    opening = asyncio.create_task(init_db(database_url))
    await asyncio.sleep(0)
    with pytest.raises(NotInitialised):
        get_db()
    assert await opening is get_db()


async def test_one_who_gives_up_takes_it_from_nobody(database_url):
    first = asyncio.create_task(init_db(database_url))
    second = asyncio.create_task(init_db(database_url))
    await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert await second is get_db()


async def test_another_url_is_a_conflict(database_url, tmp_path):
    db = await init_db(database_url)
    with pytest.raises(Conflict, match=r"close_db\(\) first"):
        await init_db(f"sqlite:{tmp_path / 'other.db'}")
    assert get_db() is db
    assert await db.is_healthy()


async def test_another_url_is_a_conflict_while_the_first_is_being_opened(database_url, tmp_path):
    results = await asyncio.gather(
        init_db(database_url), init_db(f"sqlite:{tmp_path / 'other.db'}"), return_exceptions=True
    )
    assert results[0] is get_db()
    assert isinstance(results[1], Conflict)


async def test_a_password_is_not_shown_in_the_conflict(database_url):
    await init_db(database_url)
    with pytest.raises(Conflict) as caught:
        await init_db("postgres://wave:hunter2@elsewhere/wave")
    assert "hunter2" not in str(caught.value)


async def test_other_options_are_a_conflict(database_url):
    db = await init_db(database_url, pool_size=2)
    assert await init_db(database_url, pool_size=2) is db
    assert await init_db(database_url) is db
    with pytest.raises(Conflict, match="another pool_size"):
        await init_db(database_url, pool_size=3)
    with pytest.raises(Conflict, match="another echo"):
        await init_db(database_url, echo=True)


async def test_the_same_file_by_another_path_is_the_same_database(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    db = await init_db("sqlite:wave.db", migrations=None)
    assert await init_db(f"sqlite://{tmp_path}/./wave.db") is db


async def test_closing(database_url):
    db = await init_db(database_url)
    await close_db()
    with pytest.raises(NotInitialised):
        get_db()
    with pytest.raises(PoolClosed):
        await wave_sessions.count(db)
    await close_db()


async def test_it_can_be_opened_again(database_url, tmp_path):
    first = await init_db(database_url)
    await close_db()
    second = await init_db(database_url)
    assert second is not first
    assert await second.is_healthy()
    await close_db()
    await init_db(f"sqlite:{tmp_path / 'other.db'}", migrations=None)


async def test_closing_while_it_is_being_opened(database_url):
    opening = asyncio.create_task(init_db(database_url))
    await asyncio.sleep(0)
    await close_db()
    assert not await (await opening).is_healthy()
    with pytest.raises(NotInitialised):
        get_db()


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("postgres://nobody@127.0.0.1:1/none", ConnectionFailed),
        ("mysql://host/db", InvalidValue),
        ("sqlite:{}/x", MigrationError),
    ],
    ids=["unreachable", "malformed", "without tables"],
)
async def test_after_a_failure_it_can_be_opened(database_url, tmp_path, url, error):
    for _ in range(2):
        with pytest.raises(error):
            await init_db(url.format(tmp_path), connect_retries=0)
    assert await init_db(database_url) is get_db()


async def test_everybody_who_waits_is_told_of_the_failure():
    results = await asyncio.gather(
        *(init_db("postgres://nobody@127.0.0.1:1/none", connect_retries=0) for _ in range(3)), return_exceptions=True
    )
    assert [type(result) for result in results] == [ConnectionFailed] * 3


async def test_another_event_loop_is_refused(database_url):
    db = await init_db(database_url)
    caught = []

    def other_thread():
        try:
            asyncio.run(init_db(database_url))
        except Conflict as error:
            caught.append(str(error))

    thread = threading.Thread(target=other_thread)
    thread.start()
    await asyncio.to_thread(thread.join)
    assert caught == ["the database of this process belongs to another event loop; use connect() in this one"]
    assert get_db() is db


def test_threads_that_open_it_at_the_same_time_share_nothing_by_accident(tmp_path):
    """Each has a loop of its own: one gets the database, the others a Conflict."""
    outcomes = []
    barrier = threading.Barrier(4)
    done = threading.Event()

    async def work():
        barrier.wait()
        try:
            await init_db(f"sqlite:{tmp_path / 'wave.db'}", migrations=None)
            outcomes.append("opened")
            await asyncio.to_thread(done.wait)
            await close_db()
        except Conflict:
            outcomes.append("refused")
        if len(outcomes) == 4:
            done.set()

    threads = [threading.Thread(target=asyncio.run, args=(work(),)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads[:3]:
        thread.join(1)
    done.set()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["opened", "refused", "refused", "refused"]


def test_what_a_loop_that_ended_left_open_is_closed(tmp_path):
    source = f"""
import asyncio
from wave_data import close_db, get_db, init_db

async def open_it():
    return await init_db({f"sqlite:{tmp_path / 'wave.db'}"!r}, migrations=None)

async def open_and_close():
    db = await open_it()
    assert await db.is_healthy()
    await close_db()

first = asyncio.run(open_it())
asyncio.run(open_and_close())
asyncio.run(open_it())
asyncio.run(close_db())
"""
    subprocess.run([sys.executable, "-c", source], check=True, timeout=60)


# One transaction for a request


async def request(fails: bool = False) -> None:
    """What a web framework does with a dependency: it throws the failure of the handler into it."""
    dependency = session_dependency()
    tx = await anext(dependency)
    await wave_sessions.create(tx, "atlas", 1)
    if fails:
        with pytest.raises(ZeroDivisionError):
            await dependency.athrow(ZeroDivisionError())
    else:
        with pytest.raises(StopAsyncIteration):
            await anext(dependency)


async def test_a_request_that_succeeds_is_committed(database_url):
    db = await init_db(database_url)
    await request()
    assert await wave_sessions.count(db) == 1
    assert db.pool_stats().active == 0


async def test_a_request_that_fails_is_rolled_back(database_url):
    db = await init_db(database_url)
    await request(fails=True)
    assert await wave_sessions.count(db) == 0
    assert db.pool_stats().active == 0


async def test_a_request_before_the_database_is_open():
    with pytest.raises(NotInitialised):
        await anext(session_dependency())


async def test_the_database_is_open_while_the_application_runs(database_url):
    async with partial(lifespan, url=database_url, pool_size=1)(object()):
        db = get_db()
        assert await db.is_healthy()
    with pytest.raises(NotInitialised):
        get_db()
    assert not await db.is_healthy()


async def test_the_database_is_closed_when_the_application_fails(database_url, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", database_url)
    with pytest.raises(ZeroDivisionError):
        async with lifespan():
            db = get_db()
            raise ZeroDivisionError
    assert not await db.is_healthy()
