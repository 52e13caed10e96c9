"""A database of each store with the rows in it, and what keeps it the same from one round to the next."""

import asyncio
import sqlite3
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from itertools import chain
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

import asyncpg

from benchmarks.data import BULK, COLUMNS, FIRST_RUN, LISTED, MOVED, RUNS, STREAMED, Sizes, session_id, sqlite_value
from benchmarks.data import stories as stories_of
from wave_data import migrate
from wave_data.servers.databases import temporary_database

_SCRATCH = [session_id(number) for number in (BULK, *range(FIRST_RUN, FIRST_RUN + RUNS))]
_TABLES = ("wave_story_executions", "wave_checkpoints")


class Ground(Protocol):
    """A loaded database. `location` is what a peer connects to."""

    location: str

    def clean(self) -> None:
        """Remove the rows that peers have inserted."""
        ...

    def tidy(self) -> None:
        """Remove what rewritten rows have left behind."""
        ...


def _stories(sizes: Sizes) -> Iterator[dict[str, Any]]:
    return chain(stories_of(LISTED, sizes.listed), stories_of(STREAMED, sizes.streamed), stories_of(MOVED, sizes.moved))


def _sessions() -> list[tuple[Any, ...]]:
    return [(session_id(number), "benchmark", number) for number in range(FIRST_RUN + RUNS)]


class SqliteGround:
    """A file, with its journal as a WAL."""

    def __init__(self, folder: Path, sizes: Sizes) -> None:
        self.location = str(folder / "benchmark.db")
        migrate(f"sqlite://{quote(self.location)}")
        with closing(self._connect()) as raw, raw:
            raw.execute("PRAGMA journal_mode = WAL")
            raw.execute("BEGIN")
            raw.executemany(
                "INSERT INTO wave_sessions (id, project_name, wave_number) VALUES (?, ?, ?)",
                [(str(key), *rest) for key, *rest in _sessions()],
            )
            places = ", ".join("?" * len(COLUMNS))
            raw.executemany(
                f"INSERT INTO wave_story_executions ({', '.join(COLUMNS)}) VALUES ({places})",
                ([sqlite_value(value, name) for name, value in story.items()] for story in _stories(sizes)),
            )
            raw.execute("COMMIT")
            raw.execute("ANALYZE")

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self.location, timeout=60, isolation_level=None)

    def clean(self) -> None:
        """Remove the rows that peers have inserted."""
        places = ", ".join("?" * len(_SCRATCH))
        with closing(self._connect()) as raw:
            for table in _TABLES:
                raw.execute(
                    f"DELETE FROM {table} WHERE session_id IN ({places})", [str(session) for session in _SCRATCH]
                )

    def tidy(self) -> None:
        """Move the WAL into the file."""
        with closing(self._connect()) as raw:
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")


class PostgresGround:
    """A database of a server, and one connection of the suite's own."""

    def __init__(self, url: str, sizes: Sizes, runner: asyncio.Runner) -> None:
        self.location = url
        migrate(url)
        self._runner = runner
        self._raw = runner.run(asyncpg.connect(url))
        runner.run(self._load(sizes))

    async def _load(self, sizes: Sizes) -> None:
        await self._raw.executemany(
            "INSERT INTO wave_sessions (id, project_name, wave_number) VALUES ($1, $2, $3)", _sessions()
        )
        await self._raw.set_type_codec(
            "jsonb", schema="pg_catalog", format="binary", encoder=_jsonb, decoder=lambda value: value
        )
        await self._raw.copy_records_to_table(
            "wave_story_executions", records=(tuple(story.values()) for story in _stories(sizes)), columns=COLUMNS
        )
        await self._raw.execute("VACUUM ANALYZE")

    def clean(self) -> None:
        """Remove the rows that peers have inserted."""
        for table in _TABLES:
            self._runner.run(self._raw.execute(f"DELETE FROM {table} WHERE session_id = ANY($1)", _SCRATCH))

    def tidy(self) -> None:
        """Remove dead rows."""
        for table in _TABLES:
            self._runner.run(self._raw.execute(f"VACUUM {table}"))

    def close(self) -> None:
        """Close the suite's own connection."""
        self._runner.run(self._raw.close())


def _jsonb(value: object) -> bytes:
    text: str = sqlite_value(value)
    return b"\x01" + text.encode()


@contextmanager
def postgres_ground(server_url: str, sizes: Sizes) -> Generator[Ground]:
    """A loaded database, dropped at the end."""
    with temporary_database(server_url) as url, asyncio.Runner() as runner:
        ground = PostgresGround(url, sizes, runner)
        try:
            yield ground
        finally:
            ground.close()
