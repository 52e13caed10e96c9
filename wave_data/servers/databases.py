"""Databases that live for one test."""

import secrets
from collections.abc import Generator
from contextlib import contextmanager
from urllib.parse import urlsplit

import asyncpg

from wave_data.administration import administer
from wave_data.stores.settings import DatabaseUrl


@contextmanager
def temporary_database(server_url: str, template_url: str | None = None) -> Generator[str]:
    """Create a PostgreSQL database, empty or a copy of the template; give its URL, and drop it at the end.

    Nobody may be connected to the template meanwhile; whoever is still connected at the end is cut off.
    Raises MigrationError when the server cannot be reached or its user may not create databases.
    """
    name = f"wave_test_{secrets.token_hex(8)}"
    template = "template0" if template_url is None else DatabaseUrl.parse(template_url).database
    _execute(server_url, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    try:
        yield urlsplit(server_url)._replace(path=f"/{name}").geturl()
    finally:
        _execute(server_url, f'DROP DATABASE "{name}" WITH (FORCE)')


def _execute(server_url: str, statement: str) -> None:
    async def execute(connection: asyncpg.Connection) -> None:
        await connection.execute(statement)

    administer(DatabaseUrl.parse(server_url), execute)
