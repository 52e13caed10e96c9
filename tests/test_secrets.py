"""A secret comes out by `reveal` and in no other way: what the library prints, logs or raises is searched for one."""

import asyncio
import copy
import logging
import pickle
import traceback
from collections.abc import Iterator
from typing import Any

import pytest
from by_hand import run

from wave_data import (
    BackupError,
    InvalidValue,
    MemoryCache,
    MissingReference,
    QueryError,
    RowMappingError,
    WaveDataError,
    audit,
    backup,
    configurations,
)
from wave_data.engine.types import MASK
from wave_data.stores.settings import DatabaseUrl

SECRET = "tops3cret"
DIGITS = 31415926535897


class Broken:
    """A codec whose errors tell the secret."""

    def encrypt(self, text):
        raise RuntimeError(text)

    def decrypt(self, text):
        raise RuntimeError(text)


class Reversed:
    """A codec that writes backwards."""

    def encrypt(self, text):
        return text[::-1]

    def decrypt(self, text):
        return text[::-1]


@pytest.fixture(params=[None, Reversed()], ids=["plain", "encoded"])
async def db(request, connect_store, caplog):
    caplog.set_level(logging.DEBUG)
    asyncio.get_running_loop().set_debug(True)
    return await connect_store(echo=True, slow_query_ms=0.0001, secret_codec=request.param)


@pytest.fixture
async def token(db):
    return await configurations.put(db, "token", SECRET, is_secret=True)


def texts_of(value: object) -> Iterator[str]:
    """Every text that somebody who holds the value may print."""
    yield repr(value)
    yield str(value)
    if isinstance(value, BaseException):
        yield from map(repr, (value.args, vars(value), {n: getattr(value, n, None) for n in dir(value) if n[0] != "_"}))
        yield "".join(traceback.format_exception(value))
        yield repr(pickle.dumps(value)) if isinstance(value, WaveDataError) else ""
        yield repr(vars(copy.copy(value)))
    else:
        dump = getattr(value, "model_dump", None)
        yield repr(dump()) if dump else ""
        yield repr(getattr(value, "__dict__", ""))


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error with everything that it was raised from or while handling."""
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        found = waiting.pop()
        if found is not None and id(found) not in seen:
            seen.add(id(found))
            yield found
            waiting += [found.__cause__, found.__context__]


def assert_silent(caplog: pytest.LogCaptureFixture, *values: object) -> None:
    """None of the values, and no log, has the secret or its stored form."""
    texts = [text for value in values for text in texts_of(value)]
    texts += [record.getMessage() for record in caplog.records]
    texts += [repr(record.args) for record in caplog.records]
    for secret in (SECRET, SECRET[::-1], str(DIGITS), str(DIGITS)[::-1]):
        assert [text for text in texts if secret in text] == []


async def refused(kind: type[BaseException], awaitable: Any, caplog: pytest.LogCaptureFixture) -> BaseException:
    """The error that is raised, when neither it nor what is behind it tells the secret."""
    with pytest.raises(kind) as caught:
        await awaitable
    assert_silent(caplog, *causes(caught.value))
    return caught.value


async def test_rows_lists_and_logs_are_silent(db, token, caplog):
    page = await configurations.find_many(db)
    rows = [
        token,
        await configurations.put(db, "token", SECRET),
        await configurations.put(db, "number", DIGITS, is_secret=True),
        await configurations.put(db, "object", {SECRET: SECRET}, is_secret=True),
        await configurations.update_value(db, "token", SECRET),
        await configurations.mark_secret(db, "token"),
        await configurations.get_or_put(db, "token", lambda: SECRET),
        *[found async for found in configurations.iterate(db)],
    ]
    assert {found.value for found in rows} == {MASK}
    await configurations.reencrypt(db, Reversed())
    async with db.transaction() as transaction:
        await configurations.put(transaction, "token", SECRET)
    assert_silent(caplog, page, *page.items, *rows, db, transaction, db.secret_codec)
    assert any("INSERT INTO configurations" in record.getMessage() for record in caplog.records)


async def test_a_revealed_row_prints_no_value(db, token, caplog):
    revealed = await configurations.get(db, "token", reveal=True)
    assert revealed.value == SECRET == await configurations.reveal(db, "token")
    stored = await configurations._find_stored(db, "token")
    for row in (revealed, stored):
        assert SECRET not in repr(row) + str(row) + f"{row}"
    assert_silent(caplog)


@pytest.mark.parametrize("secret", [SECRET, {SECRET: SECRET}, [SECRET], DIGITS], ids=type)
async def test_a_write_that_a_check_refuses_is_silent(db, caplog, secret):
    error = await refused(InvalidValue, configurations.put(db, "k" * 256, secret, is_secret=True), caplog)
    assert error.constraint == "configurations_key_check"


UNFIT = [
    (SECRET, "integer"),
    (SECRET, "float"),
    (SECRET, "boolean"),
    (SECRET, "json"),
    (f'{{"{SECRET}": NaN}}', "json"),
    (f"{SECRET}\0", "string"),
    (f"{SECRET}\ud800", "string"),
    ({SECRET: object()}, "json"),
    ({SECRET: f"{SECRET}\ud800"}, "json"),
    ({SECRET: {5: SECRET}}, "json"),
    ({SECRET: float("nan")}, "json"),
    (SECRET.encode(), "string"),
    (DIGITS * 10**20, "integer"),
    (f"{DIGITS}" * 400, "integer"),
]


@pytest.mark.parametrize("operation", ["put", "update_value", "get_or_put"])
async def test_a_value_that_does_not_fit_is_not_repeated(db, caplog, operation):
    for value, value_type in UNFIT:
        match operation:
            case "put":
                work = configurations.put(db, "token", value, value_type, is_secret=True)
            case "get_or_put":
                work = configurations.get_or_put(db, "token", lambda value=value: value, value_type)
            case "update_value":
                await configurations.put(db, "token", "0", value_type, is_secret=True)
                work = configurations.update_value(db, "token", value)
        await refused(InvalidValue, work, caplog)


@pytest.mark.parametrize("name", ["get_value", "get_str", "get_int", "get_float", "get_bool", "get_json"])
async def test_a_getter_that_refuses_a_secret_is_silent(db, token, caplog, name):
    await refused(InvalidValue, getattr(configurations, name)(db, "token"), caplog)


async def test_a_secret_that_is_not_of_its_type_is_not_repeated(db, caplog):
    await configurations._put_first(db, "token", SECRET, "integer")
    await configurations.mark_secret(db, "token")
    await refused(InvalidValue, configurations.reveal(db, "token"), caplog)


async def test_the_errors_of_a_codec_are_kept_to_themselves(db, token, caplog):
    has_codec = db.secret_codec is not None
    db.secret_codec = Broken()
    await refused(InvalidValue, configurations.put(db, "token", SECRET), caplog)
    await refused(InvalidValue, configurations.put(db, "other", SECRET, is_secret=True), caplog)
    await refused(InvalidValue, configurations.update_value(db, "token", SECRET), caplog)
    if has_codec:
        for operation in ("reveal", "unmark_secret"):
            await refused(InvalidValue, getattr(configurations, operation)(db, "token"), caplog)
        await refused(InvalidValue, configurations.get(db, "token", reveal=True), caplog)
        await refused(InvalidValue, configurations.reencrypt(db, Reversed()), caplog)


async def test_a_failure_in_a_transaction_is_silent_to_its_end(db, token, caplog):
    async def work():
        async with db.transaction() as transaction:
            with pytest.raises(InvalidValue):
                await configurations.put(transaction, "k" * 256, SECRET, is_secret=True)

    await refused(QueryError, work(), caplog)


class TestErrorsOfTheServer:
    """What PostgreSQL itself says of a row or a value; SQLite's messages have names of tables and columns only."""

    @pytest.fixture
    def store(self) -> str:
        return "postgres"

    @pytest.fixture
    def by_hand(self, database_url: str):
        return lambda *statements: run(DatabaseUrl.parse(database_url).dbmate, *statements)

    @pytest.mark.parametrize("change", ["mark_secret", "unmark_secret", "update_description"])
    async def test_a_check_that_a_row_fails_later_does_not_tell_the_row(self, db, token, by_hand, caplog, change):
        by_hand("ALTER TABLE configurations ADD CONSTRAINT odd_check CHECK (updated_at < '2000-01-01') NOT VALID")
        arguments = ("x",) if change == "update_description" else ()
        work = getattr(configurations, change)(db, "token", *arguments)
        error = await refused(InvalidValue, work, caplog)
        assert (error.constraint, error.__cause__.constraint_name) == ("odd_check", "odd_check")

    @pytest.mark.parametrize(
        ("body", "kind"),
        [
            ("RAISE EXCEPTION 'the value % is odd', NEW.value USING DETAIL = NEW.value, HINT = NEW.value", QueryError),
            ("NEW.is_secret := NEW.value::boolean", InvalidValue),
            ("PERFORM NEW.value::json", InvalidValue),
            ("EXECUTE 'SELECT ' || quote_ident(NEW.value)", QueryError),
            ("RAISE foreign_key_violation USING MESSAGE = NEW.value", MissingReference),
        ],
    )
    async def test_a_trigger_does_not_tell_the_value(self, db, token, by_hand, caplog, body, kind):
        by_hand(
            f"CREATE FUNCTION odd() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body}; RETURN NEW; END $$",
            "CREATE TRIGGER odd BEFORE INSERT OR UPDATE ON configurations FOR EACH ROW EXECUTE FUNCTION odd()",
        )
        await refused(kind, configurations.put(db, "token", SECRET), caplog)
        await refused(kind, configurations.put(db, "other", SECRET, is_secret=True), caplog)
        await refused(kind, configurations.update_value(db, "token", SECRET), caplog)
        await refused(kind, configurations.reencrypt(db, Reversed()), caplog)

    async def test_a_column_that_no_longer_fits_is_named_and_no_value(self, db, token, by_hand, caplog):
        by_hand("ALTER TABLE configurations ALTER value TYPE bytea USING value::bytea")
        await refused(RowMappingError, configurations.get(db, "token"), caplog)
        await refused(WaveDataError, configurations.put(db, "token", SECRET), caplog)


async def test_what_looks_after_the_database_is_silent(db, token, caplog):
    # On PostgreSQL the plan repeats to the caller what the caller gave.
    await db.explain("SELECT * FROM configurations WHERE value = :value", {"value": SECRET})
    await refused(QueryError, db.explain("SELECT * FROM nowhere WHERE value = :value", {"value": SECRET}), caplog)
    found = await db.table_counts(), await db.integrity_check(), await db.foreign_key_check(), await db.health_check()
    assert_silent(caplog, *found, db.pool_stats())


async def test_the_audit_log_and_the_cache_are_silent(connect_store, caplog):
    caplog.set_level(logging.DEBUG)
    cache = MemoryCache()
    db = await connect_store(audit=True, cache=True, cache_backend=cache, echo=True, secret_codec=Reversed())
    for key, secret in [("token", SECRET), ("number", DIGITS)]:
        await configurations.put(db, key, secret, is_secret=True)
        await configurations.update_value(db, key, secret)
        await configurations.get(db, key)
        assert await configurations.reveal(db, key) == secret
        await configurations.unmark_secret(db, key)
        await configurations.mark_secret(db, key)
        await configurations.find(db, key)
    await configurations.reencrypt(db, Reversed())
    await configurations.delete(db, "token")
    await configurations.find(db, "number")
    entries = [entry async for entry in audit.iterate(db)]
    assert {entry.action for entry in entries} == {"create", "update", "reveal", "delete"}
    assert len(cache) == 1
    assert_silent(caplog, *entries, db, cache, *cache._entries.items(), db.cache_stats())


async def test_what_makes_backups_is_silent(db, token, store, caplog, tmp_path):
    if store != "sqlite-file":
        await refused(BackupError, backup.backup(db, tmp_path), caplog)
        return
    made = await backup.backup(db, tmp_path)
    restored = await backup.restore(db, made.path)
    assert_silent(
        caplog, made, restored, await backup.verify_backup(made.path), *await backup.list_backups(db, tmp_path)
    )
    stored = made.path.read_bytes()
    assert (SECRET.encode() in stored) == (db.secret_codec is None)  # it is kept as the database keeps it
