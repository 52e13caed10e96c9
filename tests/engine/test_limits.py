"""How large a JSON value may be."""

import hashlib
from decimal import Decimal

import pytest
from user_package import books

from wave_data import InvalidValue, PayloadTooLarge
from wave_data.engine.limits import MIB, Limits, marker


def test_the_default_limits():
    assert (Limits().json, Limits().snapshot, Limits().snapshot_policy) == (16 * MIB, MIB, "reject")


@pytest.mark.parametrize("text", ['"' + "x" * 8 + '"', '"éééé"', '"🎉🎉"', "1234567890"])
def test_a_text_up_to_the_limit_is_kept(text):
    size = len(text.encode())
    assert Limits(json=size).json_text(text) == text
    assert Limits(snapshot=size).snapshot_text(text) == text
    with pytest.raises(PayloadTooLarge, match=f"takes {size} bytes; at most {size - 1} are stored"):
        Limits(json=size - 1).json_text(text)
    with pytest.raises(PayloadTooLarge):
        Limits(snapshot=size - 1).snapshot_text(text)


def test_null_has_no_size():
    limits = Limits(json=1, snapshot=1)
    assert (limits.json_text(None), limits.snapshot_text(None)) == (None, None)


def test_each_limit_is_for_its_own_values():
    assert Limits(snapshot=1).json_text('"x"') == '"x"'
    assert Limits(json=1).snapshot_text('"x"') == '"x"'


def test_a_truncated_snapshot_leaves_a_marker():
    text = '"' + "é" * 10 + '"'
    limits = Limits(snapshot=21, snapshot_policy="truncate")
    digest = hashlib.sha256(text.encode()).hexdigest()
    assert marker(text) == {"truncated": True, "size": 22, "sha256": digest}
    assert limits.snapshot_text(text) == f'{{"truncated":true,"size":22,"sha256":"{digest}"}}'
    with pytest.raises(PayloadTooLarge):
        Limits(json=21, snapshot_policy="truncate").json_text(text)


async def test_the_parameter_of_a_value_too_large_is_named(connect_store):
    db = await connect_store(json_limit=20)
    fits = {"x": "a" * 12}
    assert (await books.create(db, "Emma", details=fits)).details == fits
    with pytest.raises(PayloadTooLarge, match=r"^books\.create: details: the JSON value takes 21 bytes; at most 20"):
        await books.create(db, "Persuasion", details={"x": "a" * 13})
    with pytest.raises(PayloadTooLarge, match=r"^books\.create: notes: the JSON value takes 21 bytes"):
        await books.create(db, "Persuasion", notes="a" * 19)


async def test_the_limit_is_that_of_the_database(connect_store):
    small, large = await connect_store(json_limit=20), await connect_store()
    details = {"x": "a" * 100}
    await books.create(large, "Emma", details=details)
    with pytest.raises(PayloadTooLarge):
        await books.create(small, "Persuasion", details=details)


@pytest.mark.parametrize("policy", ["reject", "truncate"])
async def test_the_annotation_of_a_snapshot_holds_in_bulk_too(connect_store, load, policy):
    shop = load(
        """
        -- name: note
        INSERT INTO books (id, title, details, created_at, updated_at)
        VALUES (:id, :title, :details, :now, :now)
        RETURNING details;

        -- name: note_many
        INSERT INTO books (id, title, details, created_at, updated_at)
        VALUES (:notes.id, :notes.title, :notes.details, :now, :now)
        RETURNING details;
        """,
        """
        from dataclasses import dataclass

        @dataclass
        class Note:
            title: str
            details: Snapshot
            id: NewId = None

        @query
        async def note(db: Executor, title: str, details: Snapshot, id: NewId = None) -> JsonObject: ...

        @query
        async def note_many(db: Executor, notes: Sequence[Note]) -> list[JsonObject]: ...
        """,
    )
    db = await connect_store(snapshot_limit=20, snapshot_policy=policy)
    details, notes = {"x": "a" * 13}, [shop.Note("fits", {}), shop.Note("too large", {"x": "a" * 13})]
    if policy == "truncate":
        assert (await shop.note(db, "Emma", details))["size"] == 21
        assert [note.get("truncated") for note in await shop.note_many(db, notes)] == [None, True]
    else:
        with pytest.raises(PayloadTooLarge, match=r"shop\.note: details"):
            await shop.note(db, "Emma", details)
        with pytest.raises(PayloadTooLarge, match=r"shop\.note_many: notes\[1\]\.details"):
            await shop.note_many(db, notes)
    with pytest.raises(InvalidValue, match="a dict was expected"):
        await shop.note(db, "Emma", [Decimal(1)])
