"""configurations: typed settings under a key, some of them secret.

A secret shows as `********` in every row; its value comes out by `reveal`, and by `find` and `get` with reveal=True.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any, ClassVar, TypeVar

from wave_data.engine import Affected, Executor, Page, Record, check, query, record_reveal, transactional, typed_text
from wave_data.engine.errors import InvalidValue, NotFound
from wave_data.engine.secret_codec import SecretCodec, decoded, encoded
from wave_data.engine.typed_text import ValueType
from wave_data.engine.types import UNSET, Secret, Text, Unset, UtcDatetime
from wave_data.engine.values import text_behind

R = TypeVar("R")
T = TypeVar("T")


class Configuration(Record):
    """A setting. Its value is the text that is stored; that of a secret is masked unless it was to be revealed."""

    shown: ClassVar[tuple[str, ...]] = ("key", "value_type", "is_secret")

    key: str
    value: Secret
    value_type: ValueType
    description: str | None
    is_secret: bool
    created_at: UtcDatetime
    updated_at: UtcDatetime

    def as_integer(self) -> int | None:
        """The value as an int, whatever its type; None where it cannot be read as one."""
        return self._read_as(typed_text.integer_of)

    def as_float(self) -> float | None:
        """The value as a float, whatever its type; None where it cannot be read as one."""
        return self._read_as(typed_text.float_of)

    def as_boolean(self) -> bool | None:
        """The value as a bool, whatever its type; None where it cannot be read as one."""
        return self._read_as(typed_text.boolean_of)

    def as_json(self) -> Any:
        """The value as JSON, whatever its type; None where it cannot be read as such."""
        return self._read_as(typed_text.json_of)

    def _read_as(self, read: Callable[[str], R]) -> R | None:
        try:
            return read(self.value)
        except ValueError:
            return None


class _Stored(Configuration):
    """A setting with its value as it is stored, a secret too."""

    value: str
    is_encoded: bool


@dataclass
class _EncodedSecret:
    key: Text
    value: Secret


async def get(db: Executor, key: Text, reveal: bool = False) -> Configuration:
    """The setting. Raises NotFound, and InvalidValue when a secret is to be revealed that cannot be decoded."""
    found = await find(db, key, reveal)
    if found is None:
        raise NotFound("configuration", key)
    return found


async def find(db: Executor, key: Text, reveal: bool = False) -> Configuration | None:
    """The setting, or None. Raises InvalidValue when a secret is to be revealed that cannot be decoded."""
    if not reveal:
        return await _find(db, key)
    stored = await _find_stored(db, key)
    if stored is None:
        return None
    revealed = Configuration.model_validate({**stored.model_dump(), "value": _decoded(db, stored)})
    if stored.is_secret:
        await record_reveal(db, "configurations", key)
    return revealed


@query
async def _find(db: Executor, key: Text) -> Configuration | None: ...


@query
async def _find_stored(db: Executor, key: Text) -> _Stored | None: ...


@query
async def exists(db: Executor, key: Text) -> bool:
    """Whether there is a setting of this key."""
    ...


@query
async def find_many(
    db: Executor,
    value_type: ValueType | None = None,
    is_secret: bool | None = None,
    limit: int = 100,
    cursor: str | None = None,
) -> Page[Configuration]:
    """Settings, by key."""
    ...


@query
def iterate(
    db: Executor, value_type: ValueType | None = None, is_secret: bool | None = None
) -> AsyncIterator[Configuration]:
    """All matching settings, by key."""
    ...


@query
async def list_by_type(
    db: Executor, value_type: ValueType, limit: int = 100, cursor: str | None = None
) -> Page[Configuration]:
    """The settings of a type, by key."""
    ...


@query
async def list_secrets(db: Executor, limit: int = 100, cursor: str | None = None) -> Page[Configuration]:
    """The secret settings, by key."""
    ...


async def list_by_prefix(
    db: Executor, prefix: Text, limit: int = 100, cursor: str | None = None
) -> Page[Configuration]:
    """The settings whose key begins with exactly this text, by key; all of them for an empty one."""
    return await _list_by_prefix(db, prefix, text_behind(check(Text, prefix, "prefix")), limit, cursor)


@query
async def _list_by_prefix(
    db: Executor, prefix: Text, until: Text | None = None, limit: int = 100, cursor: str | None = None
) -> Page[Configuration]: ...


@query
async def count(db: Executor, value_type: ValueType | None = None, is_secret: bool | None = None) -> int:
    """The number of matching settings."""
    ...


async def get_value(db: Executor, key: Text, default: T | Unset = UNSET) -> Any | T:
    """The value, read as its type; the default where the key is absent.

    Raises NotFound without a default, and InvalidValue for a secret or a value that is not of its type.
    """
    return await _read(db, key, _typed, default)


async def get_str(db: Executor, key: Text, default: T | Unset = UNSET) -> str | T:
    """The value as the text that is stored; errors and default as get_value."""
    return await _read(db, key, lambda found: found.value, default)


async def get_int(db: Executor, key: Text, default: T | Unset = UNSET) -> int | T:
    """The value as an int, where it can be read as one; errors and default as get_value."""
    return await _read(db, key, lambda found: typed_text.integer_of(found.value), default)


async def get_float(db: Executor, key: Text, default: T | Unset = UNSET) -> float | T:
    """The value as a float, where it can be read as one; errors and default as get_value."""
    return await _read(db, key, lambda found: typed_text.float_of(found.value), default)


async def get_bool(db: Executor, key: Text, default: T | Unset = UNSET) -> bool | T:
    """The value as a bool, where it can be read as one; errors and default as get_value."""
    return await _read(db, key, lambda found: typed_text.boolean_of(found.value), default)


async def get_json(db: Executor, key: Text, default: T | Unset = UNSET) -> Any | T:
    """The value as JSON, where it can be read as such; errors and default as get_value."""
    return await _read(db, key, lambda found: typed_text.json_of(found.value), default)


async def _read(db: Executor, key: Text, read: Callable[[Configuration], R], default: T | Unset) -> R | T:
    found = await _find(db, key)
    if found is None and not isinstance(default, Unset):
        return default
    if found is None:
        raise NotFound("configuration", key)
    if found.is_secret:
        raise _invalid(key, f"it is a secret; read it by configurations.reveal(db, {key!r})")
    return _readable(found, read)


async def reveal(db: Executor, key: Text) -> Any:
    """The value, read as its type, of a secret too.

    Raises NotFound, and InvalidValue for a value that is not of its type or cannot be decoded.
    """
    return _readable(await get(db, key, reveal=True), _typed)


async def put(
    db: Executor,
    key: Text,
    value: Any,
    value_type: ValueType | None = None,
    description: Text | Unset | None = UNSET,
    is_secret: bool | Unset = UNSET,
) -> Configuration:
    """Set the value of a key; without a type, of the type that the value has in Python.

    A key that exists keeps its description and its secrecy unless they are given. Raises InvalidValue for a value
    that does not fit the type.
    """
    chosen, text = _typed_text(db, key, value, value_type)
    secrecy = None if isinstance(is_secret, Unset) else check(bool, is_secret, "is_secret")
    codec = None if secrecy is False else db.secret_codec
    secret_form = encoded(codec, key, text)
    return await _put(
        db,
        key,
        secret_form if secrecy else text,
        secret_form,
        codec is not None,
        chosen,
        None if isinstance(description, Unset) else description,
        isinstance(description, Unset),
        secrecy,
    )


@query
async def _put(
    db: Executor,
    key: Text,
    value: Secret,
    secret_form: Secret,
    encodes: bool,
    value_type: ValueType,
    description: Text | None,
    keeps_description: bool,
    is_secret: bool | None,
) -> Configuration: ...


async def get_or_put(
    db: Executor, key: Text, factory: Callable[[], Any], value_type: ValueType | None = None
) -> Configuration:
    """The setting; where it is absent, with the value that `factory` gives or, when it is async, comes to.

    Of many who put at once the first writes, and everyone gets what is stored. Raises InvalidValue for a value that
    does not fit the type.
    """
    found = await _find(db, key)
    if found is not None:
        return found
    value = factory()
    chosen, text = _typed_text(db, key, await value if isawaitable(value) else value, value_type)
    return await _put_first(db, key, text, chosen)


@query
async def _put_first(db: Executor, key: Text, value: Secret, value_type: ValueType) -> Configuration: ...


@transactional
async def update_value(db: Executor, key: Text, value: Any) -> Configuration:
    """Set the value of a key that exists; it keeps its type. Raises NotFound and InvalidValue."""
    stored = await _lock(db, key)
    _, text = _typed_text(db, key, value, stored.value_type)
    return await _write(db, key, text, stored.is_secret)


@transactional
async def mark_secret(db: Executor, key: Text) -> Configuration:
    """Make a setting a secret, encoded where the database has a secret codec. Raises NotFound and InvalidValue."""
    return await _write(db, key, _decoded(db, await _lock(db, key)), is_secret=True)


@transactional
async def unmark_secret(db: Executor, key: Text) -> Configuration:
    """Make a secret an open setting. Raises NotFound, and InvalidValue when it cannot be decoded."""
    return await _write(db, key, _decoded(db, await _lock(db, key)), is_secret=False)


async def _write(db: Executor, key: Text, text: str, is_secret: bool) -> Configuration:
    codec = db.secret_codec if is_secret else None
    return await _store(db, key, encoded(codec, key, text), is_secret, codec is not None)


@query
async def _lock(db: Executor, key: Text) -> _Stored: ...


@query
async def _store(db: Executor, key: Text, value: Secret, is_secret: bool, is_encoded: bool) -> Configuration: ...


async def reencrypt(db: Executor, new_codec: SecretCodec) -> int:
    """Store every secret in the form of another codec, which `db` has from then on; how many.

    All of them or none: raises InvalidValue when one cannot be decoded or encoded. Nobody may write secrets in the
    old form meanwhile: stop or reopen what else has the database open.
    """
    number = await _reencrypt(db, new_codec)
    db.secret_codec = new_codec
    return number


@transactional
async def _reencrypt(db: Executor, new_codec: SecretCodec) -> int:
    number, after = 0, ""
    while stored := await _lock_secrets(db, after):
        texts = [(secret.key, _decoded(db, secret)) for secret in stored]
        await _store_encoded(db, [_EncodedSecret(key, encoded(new_codec, key, text)) for key, text in texts])
        number, after = number + len(stored), stored[-1].key
    return number


@query
async def _lock_secrets(db: Executor, after: Text) -> list[_Stored]: ...


@query
async def _store_encoded(db: Executor, secrets: Sequence[_EncodedSecret]) -> None: ...


@query
async def update_description(db: Executor, key: Text, description: Text | None) -> Configuration:
    """Set the description; None clears it. Raises NotFound."""
    ...


@query
async def delete(db: Executor, key: Text, missing_ok: bool = True) -> bool:
    """Remove the setting; whether there was one.

    Raises NotFound when it is absent and missing_ok is False.
    """
    ...


async def delete_all(db: Executor, confirm: bool = False) -> int:
    """Remove every setting; how many. Raises InvalidValue without confirm=True."""
    if confirm is not True:
        raise InvalidValue("this removes every configuration; say confirm=True")
    return await _delete_all(db)


@query
async def _delete_all(db: Executor) -> Affected: ...


def _typed_text(db: Executor, key: Text, value: object, value_type: ValueType | None) -> tuple[ValueType, str]:
    """The type of a value, given or its own, and the text that is stored."""
    if value_type is not None:
        check(ValueType, value_type, "value_type")
    try:
        chosen = typed_text.infer_type(value) if value_type is None else value_type
        text = typed_text.text_of(value, chosen)
    except (TypeError, ValueError) as error:
        raise _invalid(key, f"the value does not fit its type: {error}") from None
    if chosen == "json":
        db.limits.json_text(text)
    return chosen, text


def _typed(found: Configuration) -> Any:
    return typed_text.value_of(found.value, found.value_type)


def _readable(found: Configuration, read: Callable[[Configuration], R]) -> R:
    try:
        return read(found)
    except ValueError as error:
        raise _invalid(found.key, f"the value cannot be read: {error}") from None


def _decoded(db: Executor, stored: _Stored) -> str:
    """The value of a setting, whatever form it is stored in."""
    return decoded(db.secret_codec, stored.key, stored.value) if stored.is_encoded else stored.value


def _invalid(key: Text, reason: str) -> InvalidValue:
    return InvalidValue(f"configuration {key}: {reason}", entity="configuration", key=key)
