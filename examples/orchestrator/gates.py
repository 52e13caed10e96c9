"""The gates: the criteria of a story at one of them, run as subprocesses.

What the eight gates are for; a story has criteria at those that it needs, and always at the last:

    gate-0  ready        the tools and files that the work needs are there
    gate-1  style        format and lint
    gate-2  types        the type checker agrees
    gate-3  build        it parses, imports, compiles
    gate-4  tests        the tests of the part
    gate-5  integration  the part works with a real database
    gate-6  documents    what is written about it is true
    gate-7  acceptance   what the story is for; passing it completes the story
"""

import asyncio
import os
import shlex
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter_ns

from examples.orchestrator.stories import Criterion

_TAIL = 2_000
_CHUNK = 65_536


@dataclass(frozen=True)
class Result:
    """What became of a criterion: `problem` is None when it passed; `output` is the end of what it printed."""

    criterion: Criterion
    problem: str | None
    seconds: Decimal
    characters: int
    output: str

    def __str__(self) -> str:
        said = self.output.splitlines()[-1:] if self.problem is not None else []
        return ": ".join([self.criterion.name, self.problem or "passed", *said])


class _Output:
    """What a process prints: how much it is, and its end."""

    def __init__(self) -> None:
        self.size = 0
        self._end = b""

    async def read(self, stream: asyncio.StreamReader) -> None:
        while chunk := await stream.read(_CHUNK):
            self.size += len(chunk)
            self._end = (self._end + chunk)[-_TAIL:]

    def __str__(self) -> str:
        # U+0000 can be printed and not be stored.
        return self._end.decode(errors="replace").replace("\0", "\N{REPLACEMENT CHARACTER}").strip()


async def run_criteria(
    criteria: tuple[Criterion, ...], target: Path, watch: Callable[[Criterion], None]
) -> tuple[Result, ...]:
    """Run criteria one after the other, up to the first that fails.

    They run in `target`, without a shell, in an environment that they share with this program. `{python}` in a
    command is this interpreter, `{scratch}` a folder that lives as long as this call: so that every attempt
    at a gate starts from nothing, whatever an earlier one left behind.
    """
    results: list[Result] = []
    with TemporaryDirectory(prefix="orchestrator-", ignore_cleanup_errors=True) as scratch:
        for criterion in criteria:
            watch(criterion)
            results.append(await _run(criterion, target, scratch))
            if results[-1].problem is not None:
                break
    return tuple(results)


async def _run(criterion: Criterion, target: Path, scratch: str) -> Result:
    command = [
        argument.replace("{python}", sys.executable).replace("{scratch}", scratch)
        for argument in shlex.split(criterion.run)
    ]
    output = _Output()
    begun = perf_counter_ns()
    problem = await _execute(command, target, criterion.timeout_seconds, output)
    seconds = Decimal(perf_counter_ns() - begun) / 10**9
    return Result(criterion, problem, seconds, output.size, str(output))


async def _execute(command: list[str], target: Path, timeout_seconds: int, output: _Output) -> str | None:
    """Run a command to its end; what went wrong, or None."""
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=target,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )
    except OSError as error:
        return f"{command[0]} cannot be run: {error.strerror}"
    assert process.stdout is not None
    try:
        async with asyncio.timeout(timeout_seconds):
            await output.read(process.stdout)
            code = await process.wait()
    except TimeoutError:
        return f"still running after {timeout_seconds} s"
    finally:
        await _end(process)
    match code:
        case 0:
            return None
        case _ if code < 0:
            return f"ended by {signal.Signals(-code).name}"
        case _:
            return f"exit code {code}"


async def _end(process: asyncio.subprocess.Process) -> None:
    """Leave nothing of a process behind: its session holds whatever it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()
