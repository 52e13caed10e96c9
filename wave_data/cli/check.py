"""`wave-data check`: the queries, held against real databases."""

import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from wave_data.cli.options import JsonOption
from wave_data.engine.dialect import DIALECTS
from wave_data.engine.errors import InvalidValue
from wave_data.package_data import DB, IS_SHIPPED

if TYPE_CHECKING:
    from wave_data.check import Report

Store = Literal["postgres", "sqlite"]
Form = Literal["text", "json", "github"]

OWN = "wave_data"
OWN_LOCK = DB / "queries.lock.json"

PackageOption = Annotated[
    list[str] | None,
    typer.Option(
        "--package",
        metavar="NAME",
        help="A package of queries, such as myapp.queries; repeat it for more. Without it: the library's own.",
        show_default=False,
    ),
]
MigrationsOption = Annotated[
    Path | None,
    typer.Option(
        "--migrations",
        metavar="PATH",
        help="The folder with postgres/ and sqlite/ that makes the tables. Without it: the one that each package gave "
        "to load_queries.",
        show_default=False,
    ),
]
LockOption = Annotated[
    Path | None,
    typer.Option(
        "--lock",
        metavar="PATH",
        help="The lock file, which a check without errors writes. Without it: db/queries.lock.json for the library's "
        "own queries, none for others.",
        show_default=False,
    ),
]
AgainstOption = Annotated[
    str | None,
    typer.Option(
        metavar="REV|FILE",
        help="Check the queries of another release, by its lock file or its git revision, on these migrations.",
        show_default=False,
    ),
]
StoreOption = Annotated[Store | None, typer.Option("--store", help="Check on this store only.", show_default=False)]


def check(
    package: PackageOption = None,
    migrations: MigrationsOption = None,
    store: StoreOption = None,
    lock: LockOption = None,
    offline: Annotated[bool, typer.Option("--offline", help="Check against the lock file, with no database.")] = False,
    against: AgainstOption = None,
    fix: Annotated[bool, typer.Option("--fix", help="Mend names and annotations where the fix is certain.")] = False,
    form: Annotated[Form, typer.Option("--format", help="How to write the findings.")] = "text",
    as_json: JsonOption = False,
) -> None:
    """Prove every query against real databases, which are made for the purpose and thrown away.

    Exit code 0 means no finding, 1 findings, 2 wrong usage or no PostgreSQL server.
    """
    from wave_data.check.rendering import render

    if offline and (against is not None or store):
        raise InvalidValue("--offline asks no database: it goes with neither --against nor --store")
    if fix and against is not None:
        raise InvalidValue("--fix mends the queries at hand; --against is about those of another release")
    make_importable(Path.cwd())
    packages = package or [OWN]
    lock_path = lock or (None if package else OWN_LOCK)
    if offline:
        report = _offline(packages, migrations, lock_path)
    elif against is not None:
        report = _against(against, packages, migrations, store, lock_path)
    else:
        report = _online(packages, migrations, store, lock_path)
    if fix:
        report = _mend(report)
    print(render(report, "json" if as_json else form))
    if report.findings:
        raise typer.Exit(1)


def make_importable(folder: Path) -> None:
    """A command's own folder is not where Python looks; the package that is named often stands there."""
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))


def _online(packages: list[str], migrations: Path | None, store: Store | None, lock: Path | None) -> "Report":
    """Check on servers, and renew the lock file when everything was asked and nothing is broken."""
    from wave_data.check import check as check_queries
    from wave_data.check import lock_file

    with servers_needed():
        report = check_queries(packages, migrations, DIALECTS if store is None else (store,))
    is_broken = any(finding.severity == "error" for finding in report.findings)
    # The lock file of the library's own queries is changed in a checkout, not in an installed package.
    is_own = lock == OWN_LOCK and IS_SHIPPED
    if lock is None or is_own or is_broken or set(report.servers) < set(DIALECTS):
        return report
    if lock_file.write(report, lock, packages, migrations):
        print(f"wrote {lock}", file=sys.stderr)
    return report


def _offline(packages: list[str], migrations: Path | None, lock: Path | None) -> "Report":
    from wave_data.check import Report, offline

    begun = perf_counter()
    findings = offline.verify(_named(lock), packages, migrations)
    return Report(tuple(findings), seconds=perf_counter() - begun)


def _against(
    other: str, packages: list[str], migrations: Path | None, store: Store | None, lock: Path | None
) -> "Report":
    from wave_data.check import Report, against

    begun = perf_counter()
    with servers_needed():
        findings = against.hold(other, _named(lock), packages, migrations, DIALECTS if store is None else (store,))
    return Report(tuple(findings), seconds=perf_counter() - begun)


def _named(lock: Path | None) -> Path:
    if lock is None:
        raise InvalidValue("name the lock file of the package: --lock PATH")
    return lock


def _mend(report: "Report") -> "Report":
    """Mend what certainly can be, and give the report of the rest."""
    from wave_data.check import fix
    from wave_data.check.rendering import shown

    mended = fix.apply(report.findings)
    for finding in mended:
        print(f"mended {shown(finding.declared or finding.place)}: {finding.message}", file=sys.stderr)
    return replace(report, findings=tuple(finding for finding in report.findings if finding not in mended))


@contextmanager
def servers_needed() -> Generator[None]:
    """Say what is missing for a check on servers, in one line and with code 2."""
    from wave_data.servers.errors import ServerUnavailable

    try:
        yield
    except ServerUnavailable as error:
        raise InvalidValue(str(error)) from error
    except ModuleNotFoundError as error:
        if error.name not in ("apsw", "sqlglot"):
            raise
        raise InvalidValue(f"{error.name} is not installed: pip install 'wave-data[check]'") from error
