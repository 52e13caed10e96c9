"""How a connection to PostgreSQL is opened."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from math import ceil
from typing import Any

import asyncpg

from wave_data.engine.timestamps import timestamp_text
from wave_data.stores.postgres_errors import connect_error
from wave_data.stores.settings import DatabaseUrl, Options

RECEIVE_BYTES = 65536


async def open_raw(url: DatabaseUrl, options: Options) -> "asyncpg.Connection[asyncpg.Record]":
    """A connection of asyncpg as the library needs it. Raises ConnectionFailed, without the password."""
    try:
        raw = await asyncpg.connect(
            replace(url, password=None).dbmate,
            timeout=options.connect_timeout,
            password=url.password,
            statement_cache_size=options.statement_cache_size,
            max_cached_statement_lifetime=0,
            server_settings=_settings(options),
        )
    except Exception as error:
        raise connect_error(error, url.redacted) from error
    _receive_in_small_pieces(raw)
    set_codecs(raw)
    return raw


def set_codecs(raw: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Have times and numbers travel as text, which Python reads in half the time of asyncpg's binary forms.

    Ids come as the bytes that they are, instead of as asyncpg's own kind of UUID. All this is what `set_type_codec` and
    `set_builtin_type_codec` do, without asking the server for the number of a type that never changes.
    """
    settings: Any = getattr(raw, "_protocol").get_settings()  # noqa: B009
    for number, (name, encode, decode) in _AS_TEXT.items():
        settings.add_python_codec(number, name, "pg_catalog", [], "scalar", encode, decode, "text")
    settings.set_builtin_type_codec(2950, "uuid", "pg_catalog", "scalar", "bytea", "binary")


def _time(text: str) -> datetime | str:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return text  # infinity, or a year before 1 or after 9999: the reader of the row names the column


_AS_TEXT: dict[int, tuple[str, Callable[[Any], str], Callable[[str], Any]]] = {
    1184: ("timestamptz", timestamp_text, _time),
    1700: ("numeric", str, Decimal),
}


def _receive_in_small_pieces(raw: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Have asyncio read 64 KiB at a time: for the 256 KiB of its own it maps and unmaps memory at every packet."""
    transport: Any = getattr(raw, "_transport", None)
    if hasattr(transport, "max_size"):
        transport.max_size = RECEIVE_BYTES


def _settings(options: Options) -> dict[str, str]:
    settings = {"timezone": "UTC", "datestyle": "ISO", "application_name": "wave_data"}
    if options.statement_timeout is not None:
        settings["statement_timeout"] = str(ceil(options.statement_timeout * 1000))
    return settings
