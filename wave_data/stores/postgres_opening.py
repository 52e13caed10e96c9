"""How a connection to PostgreSQL is opened."""

from dataclasses import replace
from math import ceil
from typing import Any

import asyncpg

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
    return raw


def _receive_in_small_pieces(raw: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Have asyncio read 64 KiB at a time: for the 256 KiB of its own it maps and unmaps memory at every packet."""
    transport: Any = getattr(raw, "_transport", None)
    if hasattr(transport, "max_size"):
        transport.max_size = RECEIVE_BYTES


def _settings(options: Options) -> dict[str, str]:
    settings = {"timezone": "UTC", "application_name": "wave_data"}
    if options.statement_timeout is not None:
        settings["statement_timeout"] = str(ceil(options.statement_timeout * 1000))
    return settings
