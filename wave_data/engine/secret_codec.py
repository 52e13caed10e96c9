"""How secrets are kept: in the form that a codec of the caller's gives them."""

from collections.abc import Callable
from typing import Protocol

from wave_data.engine.errors import InvalidValue


class SecretCodec(Protocol):
    """A pair of functions, the caller's choice: the library has no algorithm of its own."""

    def encrypt(self, text: str, /) -> str:
        """The form in which a secret is stored."""
        ...

    def decrypt(self, text: str, /) -> str:
        """The secret of its stored form."""
        ...


def encoded(codec: SecretCodec | None, key: str, text: str) -> str:
    """The form in which the secret of a key is stored: as it is without a codec. Raises InvalidValue where it fails."""
    return text if codec is None else _convert(codec.encrypt, key, text)


def decoded(codec: SecretCodec | None, key: str, text: str) -> str:
    """The secret of a key, from the form that a codec gave it. Raises InvalidValue without codec, or where it fails."""
    if codec is None:
        raise InvalidValue(f"{key} is encoded; open the database with its secret_codec", key=key)
    return _convert(codec.decrypt, key, text)


def _convert(convert: Callable[[str], str], key: str, text: str) -> str:
    """What a codec makes of a text. Its own errors may hold the secret, so nothing of them goes on but their type."""
    try:
        made: object = convert(text)
        found = f"it gave a {type(made).__name__}"
    except Exception as error:  # noqa: BLE001 - a codec may raise anything
        made, found = None, type(error).__name__
    if not isinstance(made, str):
        raise InvalidValue(f"{key}: the secret codec failed: {found}", key=key)
    return made
