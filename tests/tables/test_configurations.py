import asyncio
from collections import Counter
from datetime import timedelta
from functools import partial

import pytest
from pydantic import ValidationError

from wave_data import InvalidValue, NotFound, PayloadTooLarge, configurations
from wave_data.engine.types import MASK

TYPES = ("string", "integer", "float", "boolean", "json")
SECRET = "tops3cret"


class Rotation:
    """A codec that shifts every character by some places, and knows its own texts."""

    def __init__(self, places):
        self.places = places

    def encrypt(self, text):
        return f"{self.places}:" + "".join(chr(ord(character) + self.places) for character in text)

    def decrypt(self, text):
        mark, _, rest = text.partition(":")
        if mark != str(self.places):
            raise KeyError(f"not one of mine: {text}")
        return "".join(chr(ord(character) - self.places) for character in rest)


class Broken:
    """A codec whose errors tell the secret."""

    def encrypt(self, text):
        raise RuntimeError(text)

    def decrypt(self, text):
        raise RuntimeError(text)


@pytest.fixture
async def coded_db(connect_store):
    return await connect_store(secret_codec=Rotation(1))


async def stored_text(db, key):
    """The value as it stands in the database."""
    codec, db.secret_codec = db.secret_codec, None
    try:
        found = await configurations._find_stored(db, key)
    finally:
        db.secret_codec = codec
    return found.value


# Putting


async def test_a_new_setting_is_open_and_of_the_type_of_its_value(still_db, clock):
    found = await configurations.put(still_db, "workers", 4)
    assert (found.key, found.value, found.value_type) == ("workers", "4", "integer")
    assert (found.description, found.is_secret) == (None, False)
    assert found.created_at == found.updated_at == clock()
    assert await configurations.get(still_db, "workers") == found


@pytest.mark.parametrize(
    ("value", "value_type", "text"),
    [("a", "string", "a"), (True, "boolean", "true"), (0.5, "float", "0.5"), ({"a": [1]}, "json", '{"a":[1]}')],
)
async def test_the_type_is_inferred(db, value, value_type, text):
    found = await configurations.put(db, "setting", value)
    assert (found.value_type, found.value) == (value_type, text)
    assert await configurations.get_value(db, "setting") == value


async def test_putting_again_keeps_description_secrecy_and_creation(still_db, clock):
    first = await configurations.put(still_db, "token", "old", description="for the API", is_secret=True)
    clock.advance(timedelta(minutes=5))
    second = await configurations.put(still_db, "token", 5)
    assert (second.description, second.is_secret, second.value_type) == ("for the API", True, "integer")
    assert (second.created_at, second.updated_at) == (first.created_at, clock())
    assert await configurations.reveal(still_db, "token") == 5


async def test_putting_again_may_change_description_and_secrecy(db):
    await configurations.put(db, "token", SECRET, description="for the API", is_secret=True)
    found = await configurations.put(db, "token", "open", description=None, is_secret=False)
    assert (found.description, found.is_secret, found.value) == (None, False, "open")
    found = await configurations.put(db, "token", SECRET, description="again", is_secret=True)
    assert (found.description, found.is_secret, found.value) == ("again", True, MASK)


@pytest.mark.parametrize(
    "arguments",
    [
        {"key": ""},
        {"key": "k" * 256},
        {"key": 5},
        {"value": "x", "value_type": "integer"},
        {"value": "{", "value_type": "json"},
        {"value": "x", "value_type": "text"},
        {"value": b"x"},
        {"value": "a\0b"},
        {"description": 5},
        {"is_secret": 1},
    ],
    ids=str,
)
async def test_put_refuses(db, arguments):
    with pytest.raises(InvalidValue):
        await configurations.put(db, **{"key": "setting", "value": "x"} | arguments)
    assert await configurations.count(db) == 0


async def test_a_json_value_has_a_limit(connect_store):
    db = await connect_store(json_limit=100)
    with pytest.raises(PayloadTooLarge):
        await configurations.put(db, "setting", ["x" * 100])


async def test_a_value_is_updated_within_its_type(db):
    await configurations.put(db, "workers", 4, description="how many")
    found = await configurations.update_value(db, "workers", "5")
    assert (found.value, found.value_type, found.description) == ("5", "integer", "how many")
    with pytest.raises(InvalidValue, match="whole number"):
        await configurations.update_value(db, "workers", "many")
    assert await configurations.get(db, "workers") == found


async def test_a_secret_stays_one_when_its_value_is_updated(coded_db):
    await configurations.put(coded_db, "token", "old", is_secret=True)
    assert (await configurations.update_value(coded_db, "token", SECRET)).value == MASK
    assert await configurations.reveal(coded_db, "token") == SECRET
    assert SECRET not in await stored_text(coded_db, "token")


async def test_the_description_can_be_set_and_cleared(db):
    await configurations.put(db, "workers", 4)
    assert (await configurations.update_description(db, "workers", "how many")).description == "how many"
    assert (await configurations.update_description(db, "workers", None)).description is None


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("get", ()),
        ("get_value", ()),
        ("reveal", ()),
        ("update_value", (5,)),
        ("update_description", ("x",)),
        ("mark_secret", ()),
        ("unmark_secret", ()),
    ],
)
async def test_an_absent_setting_is_not_found(db, operation, arguments):
    with pytest.raises(NotFound, match="configuration absent not found"):
        await getattr(configurations, operation)(db, "absent", *arguments)


async def test_a_setting_exists_or_not(db):
    await configurations.put(db, "workers", 4)
    assert await configurations.exists(db, "workers") is True
    assert await configurations.exists(db, "Workers") is False
    assert await configurations.find(db, "Workers") is None


# Typed values

READS = {
    "get_str": {"5": "5", "1": "1", "0.5": "0.5", "yes": "yes", "[1]": "[1]", "x": "x", "": ""},
    "get_int": {"5": 5, "1": 1},
    "get_float": {"5": 5.0, "1": 1.0, "0.5": 0.5},
    "get_bool": {"1": True, "yes": True},
    "get_json": {"5": 5, "1": 1, "0.5": 0.5, "[1]": [1]},
}
LENIENT = {"get_int": "as_integer", "get_float": "as_float", "get_bool": "as_boolean", "get_json": "as_json"}


@pytest.mark.parametrize("text", READS["get_str"])
async def test_a_text_is_read_as_whatever_it_can_be(db, text):
    found = await configurations.put(db, "setting", text)
    for name, values in READS.items():
        read = partial(getattr(configurations, name), db, "setting")
        if text in values:
            assert (await read(), type(await read())) == (values[text], type(values[text]))
        else:
            with pytest.raises(InvalidValue, match="configuration setting"):
                await read()
        if name in LENIENT:
            assert getattr(found, LENIENT[name])() == values.get(text)


@pytest.mark.parametrize("name", ["get_value", *READS])
async def test_a_default_serves_for_an_absent_setting_only(db, name):
    read = getattr(configurations, name)
    assert await read(db, "absent", None) is None
    assert await read(db, "absent", default=7) == 7
    await configurations.put(db, "present", "1")
    assert await read(db, "present", default=7) != 7
    with pytest.raises(NotFound):
        await read(db, "absent")


async def test_a_value_by_hand_that_is_not_of_its_type_is_refused(db):
    await configurations._put_first(db, "setting", "x", "integer")
    with pytest.raises(InvalidValue, match="whole number"):
        await configurations.get_value(db, "setting")
    with pytest.raises(InvalidValue, match="whole number"):
        await configurations.reveal(db, "setting")


# Lists


async def mixed_settings(db):
    values = ["a", 1, 0.5, True, {}]
    for number in range(15):
        await configurations.put(db, f"key {number:02}", values[number % 5], is_secret=number % 4 == 0)


@pytest.mark.parametrize(
    ("name", "arguments", "matches"),
    [
        ("find_many", {}, lambda found: True),
        ("find_many", {"value_type": "integer"}, lambda found: found.value_type == "integer"),
        ("find_many", {"is_secret": False}, lambda found: not found.is_secret),
        ("list_by_type", {"value_type": "json"}, lambda found: found.value_type == "json"),
        ("list_secrets", {}, lambda found: found.is_secret),
        ("list_by_prefix", {"prefix": "key 1"}, lambda found: found.key.startswith("key 1")),
        ("list_by_prefix", {"prefix": ""}, lambda found: True),
    ],
)
async def test_pages_hold_exactly_the_matching_settings_by_key(db, read_pages, name, arguments, matches):
    await mixed_settings(db)
    everything = [found async for found in configurations.iterate(db)]
    assert [found.key for found in everything] == [f"key {number:02}" for number in range(15)]
    expected = [found for found in everything if matches(found)]
    assert await read_pages(partial(getattr(configurations, name), db, **arguments)) == expected
    assert len(expected) >= 3


@pytest.mark.parametrize("filters", [{}, {"value_type": "float"}, {"is_secret": True}], ids=str)
async def test_counts_take_the_filters_of_the_lists(db, filters):
    await mixed_settings(db)
    matching = [found async for found in configurations.iterate(db, **filters)]
    assert await configurations.count(db, **filters) == len(matching) > 0
    assert await configurations.count(db, value_type="json", is_secret=True) == 1


KEYS = ["a", "A", "a%", "a%b", "a_", "a_b", "ab", "axb", "a\\", "a\\b", "ä", "aÿ", "aĀ", "b", "a\ud7ff", "a\ue000"]
KEYS += ["a\U0010ffff", "a\U0010ffffb", "\U0010ffff", "\U0010ffff\U0010ffff", "\U0001f600"]
PREFIXES = ["", "a", "A", "a%", "a_", "a\\", "ä", "a\ud7ff", "a\U0010ffff", "\U0010ffff", "z", "ab", "aÿ", "%", "_"]


async def test_a_prefix_is_literal_and_case_sensitive(db):
    for key in KEYS:
        await configurations.put(db, key, "x")
    for prefix in PREFIXES:
        page = await configurations.list_by_prefix(db, prefix)
        assert [found.key for found in page.items] == sorted(key for key in KEYS if key.startswith(prefix))


async def test_a_prefix_is_a_text(db):
    with pytest.raises(InvalidValue, match="prefix"):
        await configurations.list_by_prefix(db, None)


async def test_a_cursor_holds_for_its_prefix(db):
    for key in KEYS:
        await configurations.put(db, key, "x")
    page = await configurations.list_by_prefix(db, "a", limit=2)
    with pytest.raises(InvalidValue, match="cursor"):
        await configurations.list_by_prefix(db, "b", cursor=page.next_cursor)


# First come


async def test_what_is_there_is_not_put(db):
    await configurations.put(db, "workers", 4, description="how many")
    found = await configurations.get_or_put(db, "workers", lambda: pytest.fail("not needed"))
    assert (found.value, found.description) == ("4", "how many")


async def test_a_factory_may_be_async_and_its_value_of_a_given_type(db):
    async def make():
        return "[1]"

    found = await configurations.get_or_put(db, "lanes", make, value_type="json")
    assert (found.value, found.value_type) == ("[1]", "json")
    with pytest.raises(InvalidValue):
        await configurations.get_or_put(db, "other", lambda: "x", value_type="integer")


async def test_of_many_who_put_at_once_the_first_writes(db):
    made = Counter()

    def make(number):
        made["calls"] += 1
        return number

    found = await asyncio.gather(*(configurations.get_or_put(db, "id", partial(make, n)) for n in range(30)))
    assert all(one == found[0] for one in found)
    assert await configurations.get(db, "id") == found[0]
    assert made["calls"] >= 1


async def test_putting_at_once_leaves_one_whole_row(db):
    put = [configurations.put(db, "setting", value) for value in [*range(20), *map(str, range(20))]]
    outcomes = await asyncio.gather(*put)
    found = await configurations.get(db, "setting")
    assert await configurations.count(db) == 1
    assert (found.value, found.value_type) in {(one.value, one.value_type) for one in outcomes}
    assert len({one.created_at for one in outcomes}) == 1


async def test_a_put_that_races_with_marking_never_leaves_the_secret_open(coded_db):
    await configurations.put(coded_db, "token", "old")
    puts = [configurations.put(coded_db, "token", f"{SECRET} {number}") for number in range(15)]
    await asyncio.gather(configurations.mark_secret(coded_db, "token"), *puts)
    assert (await configurations.get(coded_db, "token")).value == MASK
    assert SECRET not in await stored_text(coded_db, "token")
    assert (await configurations.reveal(coded_db, "token")).startswith(SECRET)


# Secrets


@pytest.mark.parametrize("value", [SECRET, 12345, 0.25, True, {"token": SECRET}], ids=str)
async def test_a_secret_is_masked_in_every_row(db, value):
    rows = [
        await configurations.put(db, "token", value, is_secret=True),
        await configurations.put(db, "token", value),
        await configurations.update_value(db, "token", value),
        await configurations.update_description(db, "token", "x"),
        await configurations.mark_secret(db, "token"),
        await configurations.get(db, "token"),
        await configurations.find(db, "token"),
        await configurations.get_or_put(db, "token", lambda: None),
        *(await configurations.find_many(db)).items,
        *(await configurations.list_secrets(db)).items,
        *(await configurations.list_by_prefix(db, "t")).items,
        *[found async for found in configurations.iterate(db)],
    ]
    assert {found.value for found in rows} == {MASK}
    assert [getattr(found, name)() for found in rows for name in LENIENT.values()] == [None] * 4 * len(rows)
    assert await configurations.reveal(db, "token") == value


@pytest.mark.parametrize("name", ["get_value", *READS])
async def test_a_secret_is_read_by_reveal_only(db, name):
    await configurations.put(db, "token", SECRET, is_secret=True)
    with pytest.raises(InvalidValue, match=r"configurations\.reveal"):
        await getattr(configurations, name)(db, "token", default=None)


async def test_a_row_may_be_revealed(db):
    masked = await configurations.put(db, "token", "5", is_secret=True)
    for revealed in (await configurations.get(db, "token", reveal=True), await configurations.find(db, "token", True)):
        assert (revealed.value, revealed.as_integer()) == ("5", 5)
        assert type(revealed) is type(masked)
        assert repr(revealed) == repr(masked) == "Configuration(key='token', value_type='string', is_secret=True)"
    assert await configurations.find(db, "absent", reveal=True) is None
    assert await configurations.reveal(db, "token") == "5"


async def test_a_setting_can_become_a_secret_and_open_again(db):
    await configurations.put(db, "token", SECRET)
    assert (await configurations.mark_secret(db, "token")).value == MASK
    assert (await configurations.unmark_secret(db, "token")).value == SECRET


async def test_with_a_codec_secrets_are_stored_in_its_form_only(coded_db):
    await configurations.put(coded_db, "new", SECRET, is_secret=True)
    await configurations.put(coded_db, "marked", SECRET)
    assert await stored_text(coded_db, "marked") == SECRET
    await configurations.mark_secret(coded_db, "marked")
    for key in ("new", "marked"):
        assert await stored_text(coded_db, key) == Rotation(1).encrypt(SECRET)
        assert (await configurations.get(coded_db, key)).value == MASK
        assert await configurations.reveal(coded_db, key) == SECRET
        assert (await configurations.get(coded_db, key, reveal=True)).value == SECRET
    assert (await configurations.unmark_secret(coded_db, "new")).value == SECRET
    assert await stored_text(coded_db, "new") == SECRET


async def test_a_transaction_has_the_codec_of_its_database(coded_db):
    async with coded_db.transaction() as transaction, transaction.transaction() as inner:
        await configurations.put(inner, "token", SECRET, is_secret=True)
    async with coded_db.connection() as connection:
        assert await configurations.reveal(connection, "token") == SECRET
    assert SECRET not in await stored_text(coded_db, "token")


async def test_an_encoded_secret_needs_the_codec(coded_db):
    await configurations.put(coded_db, "token", SECRET, is_secret=True)
    coded_db.secret_codec = None
    for operation in ("reveal", "mark_secret", "unmark_secret"):
        with pytest.raises(InvalidValue, match="token is encoded"):
            await getattr(configurations, operation)(coded_db, "token")
    assert (await configurations.get(coded_db, "token")).value == MASK


async def test_rotation_stores_every_secret_in_the_new_form(coded_db):
    for number in range(7):
        await configurations.put(coded_db, f"key {number}", f"{SECRET} {number}", is_secret=number != 3)
    assert await configurations.reencrypt(coded_db, Rotation(2)) == 6
    for number in range(7):
        expected = f"{SECRET} {number}"
        assert await configurations.reveal(coded_db, f"key {number}") == expected
        stored = expected if number == 3 else Rotation(2).encrypt(expected)
        assert await stored_text(coded_db, f"key {number}") == stored


async def test_rotation_encodes_what_was_stored_before_there_was_a_codec(db):
    await configurations.put(db, "token", SECRET, is_secret=True)
    assert await stored_text(db, "token") == SECRET
    assert await configurations.reencrypt(db, Rotation(2)) == 1
    assert await stored_text(db, "token") == Rotation(2).encrypt(SECRET)


async def test_rotation_goes_through_more_secrets_than_one_batch(db):
    async with db.transaction() as transaction:
        for number in range(501):
            await configurations.put(transaction, f"key {number}", number, is_secret=True)
    assert await configurations.reencrypt(db, Rotation(2)) == 501
    assert await configurations.reveal(db, "key 500") == 500


async def test_a_rotation_that_fails_leaves_everything_as_it_was(coded_db):
    await configurations.put(coded_db, "a", SECRET, is_secret=True)
    await configurations.put(coded_db, "b", SECRET, is_secret=True)
    codec = coded_db.secret_codec
    with pytest.raises(InvalidValue, match="a: the secret codec failed: RuntimeError"):
        await configurations.reencrypt(coded_db, Broken())
    assert coded_db.secret_codec is codec
    assert await configurations.reveal(coded_db, "b") == SECRET


async def test_a_codec_that_gives_no_text_is_refused(db):
    class Bytes(Rotation):
        def encrypt(self, text):
            return text.encode()

    db.secret_codec = Bytes(1)
    with pytest.raises(InvalidValue, match="it gave a bytes"):
        await configurations.put(db, "token", SECRET, is_secret=True)


# Deleting


async def test_delete_tells_whether_there_was_a_setting(db):
    await configurations.put(db, "workers", 4)
    assert await configurations.delete(db, "workers") is True
    assert await configurations.delete(db, "workers") is False
    with pytest.raises(NotFound, match="configuration workers not found"):
        await configurations.delete(db, "workers", missing_ok=False)


async def test_all_settings_are_deleted_only_when_confirmed(db):
    await mixed_settings(db)
    with pytest.raises(InvalidValue, match="confirm=True"):
        await configurations.delete_all(db)
    assert await configurations.delete_all(db, confirm=True) == 15
    assert await configurations.count(db) == 0


async def test_a_setting_never_changes(db):
    found = await configurations.put(db, "workers", 4)
    with pytest.raises(ValidationError):
        found.value = "5"
