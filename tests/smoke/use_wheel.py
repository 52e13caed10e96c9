"""Use the installed package as a stranger would: no checkout, no test support, one SQLite file."""

import asyncio
import sys
from importlib import metadata
from pathlib import Path

import wave_data
from wave_data import connect, migrate, wave_sessions


async def use(url: str) -> None:
    async with connect(url) as db:
        session = await wave_sessions.create(db, "smoke", 1)
        started = await wave_sessions.start(db, session.id)
        assert started == await wave_sessions.get(db, session.id), started
        assert started.status == "in_progress", started


def main(checkout: Path) -> None:
    package = Path(wave_data.__file__).parent
    assert not package.is_relative_to(checkout), f"{package} is the checkout, not the wheel"
    assert (package / "py.typed").is_file(), "the wheel lacks py.typed"
    assert (package / "db" / "queries").is_dir(), "the wheel lacks the SQL"

    url = "sqlite:smoke.db"
    assert migrate(url), "no migration was applied"
    asyncio.run(use(url))
    asyncio.run(use("sqlite::memory:"))
    print(f"wave-data {metadata.version('wave-data')} works from its wheel")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
