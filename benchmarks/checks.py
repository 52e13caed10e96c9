"""Whether a library gives the right answers: what is fast and wrong is not timed."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from benchmarks.data import (
    BULK,
    COLUMNS,
    FIRST_RUN,
    LISTED,
    MOVED,
    PAGE,
    TOKENS,
    Sizes,
    new_checkpoint,
    new_story,
    row_id,
    session_id,
    sqlite_value,
    story,
)
from benchmarks.peers import Contender

_BULK = 20


class WrongAnswer(Exception):
    """A library gave another answer than the workload expects."""


async def check(peer: Contender, sizes: Sizes) -> None:
    """Call every operation once. Raises WrongAnswer."""
    await _check_reads(peer, sizes)
    await _check_writes(peer)
    await peer.insert_many([new_story(BULK) for _ in range(_BULK)])
    _expect("rows of a bulk insert", len(await peer.list_all(session_id(BULK))), _BULK)


async def _check_reads(peer: Contender, sizes: Sizes) -> None:
    wanted = story(LISTED, 3)
    found = await peer.get(wanted["id"])
    _expect("id", _column(found, "id"), wanted["id"])
    _expect("title", _column(found, "story_title"), wanted["story_title"])
    _expect("cost", _column(found, "cost_usd"), wanted["cost_usd"])
    values = peer.values(found)
    if values is not None:
        _expect("columns", values, wanted)
    newest = await peer.list_newest(session_id(LISTED), PAGE)
    expected = [row_id(LISTED, number) for number in reversed(range(max(0, sizes.listed - PAGE), sizes.listed))]
    for position, key in enumerate(expected):
        _expect(f"id {position} of a short list", _column(newest[position], "id"), key)
    _expect("length of a short list", len(newest), len(expected))
    _expect("length of a long list", len(await peer.list_all(session_id(LISTED))), sizes.listed)
    _expect("length of a stream", await peer.stream(session_id(LISTED)), sizes.listed)


async def _check_writes(peer: Contender) -> None:
    new = new_story(FIRST_RUN)
    inserted = await peer.insert(new)
    _expect("id of an inserted story", _column(inserted, "id"), new.id)
    _expect("default of an inserted story", _column(inserted, "status"), "pending")
    moved = row_id(MOVED, 0)
    before = _column(await peer.get(moved), "token_count")
    _expect("status", _column(await peer.submit(moved), "status"), "review")
    _expect("status", _column(await peer.reopen(moved), "status"), "in_progress")
    _expect("tokens", _column(await peer.add_usage(moved), "token_count"), before + TOKENS)
    stepped = await peer.step(new_checkpoint(FIRST_RUN, new.story_id), moved)
    _expect("tokens", _column(stepped, "token_count"), before + 2 * TOKENS)
    after = await peer.get(moved)
    _expect("tokens after a transaction", _column(after, "token_count"), before + 2 * TOKENS)
    checkpoint = new_checkpoint(FIRST_RUN, new.story_id)
    found = await peer.add_checkpoint(checkpoint)
    _expect("id of a checkpoint", _plain(found[0] if isinstance(found, tuple) else _read(found, "id")), checkpoint.id)


def _column(row: Any, name: str) -> Any:
    """A column of a story, whatever a library makes of a row."""
    return _plain(row[COLUMNS.index(name)] if isinstance(row, tuple) else _read(row, name))


def _read(row: Any, name: str) -> Any:
    return getattr(row, name) if hasattr(row, name) else row[name]


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, UUID) else value


def _expect(what: str, found: Any, expected: Any) -> None:
    """Raise WrongAnswer unless the values are equal; a bare driver gives what SQLite keeps."""
    expected = _plain(expected)
    raw = sqlite_value(expected) if isinstance(expected, Decimal) else expected
    if found not in (expected, raw):
        raise WrongAnswer(f"{what}: {found!r} where {expected!r} was expected")
