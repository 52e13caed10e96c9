"""python -m examples.orchestrator: run the stories of a file, or finish what an interrupted run began.

Exit code 0 means that every story is complete, 1 that one is not or that the database failed, 2 wrong usage
or a broken stories file.
"""

import argparse
import asyncio
import signal
import sys
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from examples.orchestrator.display import display_for
from examples.orchestrator.graph import all_executions, run_wave
from examples.orchestrator.lane import Context
from examples.orchestrator.stories import Money, StoriesError, Title, Wave, load_wave
from wave_data import InvalidValue, WaveDataError, connect, migrate

T = TypeVar("T")

STORIES = Path(__file__).with_name("stories.toml")
# Never DATABASE_URL: trying the example must not write to the database that somebody works with.
DATABASE_URL = "sqlite:orchestrator.db"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; its exit code."""
    options = _parser().parse_args(arguments)
    try:
        wave = load_wave(options.stories)
        if options.project is not None:
            wave = wave.model_copy(update={"project": options.project})
        migrate(options.database_url)
    except (StoriesError, InvalidValue) as error:
        return _complain(error, 2)
    except WaveDataError as error:
        return _complain(error, 1)
    try:
        completed = asyncio.run(_run(wave, options))
    except WaveDataError as error:
        return _complain(error, 1)
    except (KeyboardInterrupt, asyncio.CancelledError):
        return _complain("interrupted; start again to finish", 130)
    return 0 if completed else 1


async def _run(wave: Wave, options: argparse.Namespace) -> bool:
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    async with connect(options.database_url) as db:
        display = display_for(wave)
        with display:
            session = await run_wave(Context(db, wave, display, options.concurrency, options.budget))
        display.close(session, await all_executions(db, session.id))
    return session.is_successful


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m examples.orchestrator", description=__doc__)
    parser.add_argument(
        "--stories", type=Path, default=STORIES, metavar="FILE", help="what to do (default: this repository's own)"
    )
    parser.add_argument(
        "--database-url",
        default=DATABASE_URL,
        metavar="URL",
        help="SQLite or PostgreSQL; created and migrated where needed (default: %(default)s)",
    )
    parser.add_argument("--project", type=_project, help="another project name than the file's")
    parser.add_argument(
        "--budget", type=_dollars, metavar="USD", help="another budget than the file's, also for an interrupted session"
    )
    parser.add_argument(
        "--concurrency",
        type=_positive,
        default=2,
        metavar="N",
        help="stories at a time, of different domains (default: %(default)s)",
    )
    return parser


def _project(text: str) -> str:
    return _checked(TypeAdapter(Title), text)


def _dollars(text: str) -> Decimal:
    return _checked(TypeAdapter(Money), text)


def _checked(kind: TypeAdapter[T], text: str) -> T:
    """The text as the stories file would have it."""
    try:
        return kind.validate_python(text)
    except ValidationError as error:
        raise argparse.ArgumentTypeError(f"{error.errors()[0]['msg']}; found {text!r}") from error


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of 1 or more")
    return int(text)


def _complain(error: object, code: int) -> int:
    print(error, file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
