"""Keys that grow."""

import threading
import time
from itertools import pairwise
from uuid import RFC_4122, UUID

import pytest

from wave_data.engine import identifiers
from wave_data.engine.identifiers import uuid7


def test_a_key_is_a_uuid_of_version_7():
    key = uuid7()
    assert type(key) is UUID
    assert (key.version, key.variant) == (7, RFC_4122)


def test_a_key_begins_with_the_time():
    before = time.time_ns() // 1_000_000
    key = uuid7()
    assert before <= key.int >> 80 <= time.time_ns() // 1_000_000 + 1


def test_keys_grow():
    keys = [uuid7() for _ in range(10_000)]
    assert all(a < b for a, b in pairwise(keys))


def test_the_text_of_keys_grows():
    keys = [str(uuid7()) for _ in range(10_000)]
    assert keys == sorted(set(keys))


@pytest.fixture
def clock(monkeypatch):
    """The milliseconds of the clock, to be set."""
    now = [2_000_000_000_000]
    monkeypatch.setattr(identifiers.time, "time_ns", lambda: now[0] * 1_000_000)
    monkeypatch.setattr(identifiers, "_sequence", identifiers._Sequence())
    return now


def test_keys_grow_while_the_clock_stands_still(clock):
    keys = [uuid7() for _ in range(10_000)]
    assert all(a < b for a, b in pairwise(keys))
    assert {key.version for key in keys} == {7}
    assert {key.variant for key in keys} == {RFC_4122}


def test_keys_grow_while_the_clock_steps_back(clock):
    keys = []
    for step in (0, -1, 5, -3600_000, 1, -7, 0):
        clock[0] += step
        keys += [uuid7() for _ in range(100)]
    assert all(a < b for a, b in pairwise(keys))


def test_a_clock_that_went_back_does_not_lead_into_the_future(clock):
    first = uuid7()
    clock[0] -= 3600_000
    for _ in range(1000):
        last = uuid7()
    assert last.int >> 80 == first.int >> 80


def test_a_full_counter_goes_on_in_the_next_millisecond(clock, monkeypatch):
    monkeypatch.setattr(identifiers._sequence, "_last", (clock[0] << 42) + (1 << 42) - 2)
    keys = [uuid7() for _ in range(4)]
    assert all(a < b for a, b in pairwise(keys))
    assert [key.int >> 80 for key in keys] == [clock[0], clock[0] + 1, clock[0] + 1, clock[0] + 1]
    assert {(key.version, key.variant) for key in keys} == {(7, RFC_4122)}


def test_keys_grow_across_threads():
    made: list[list[UUID]] = [[] for _ in range(4)]
    barrier = threading.Barrier(4)

    def work(keys: list[UUID]) -> None:
        barrier.wait()
        keys.extend(uuid7() for _ in range(5_000))

    threads = [threading.Thread(target=work, args=(keys,)) for keys in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for keys in made:
        assert all(a < b for a, b in pairwise(keys))
    assert len({key for keys in made for key in keys}) == 20_000


def test_keys_cannot_be_guessed(clock):
    assert len({uuid7().int & 0xFFFFFFFF for _ in range(1000)}) > 990
