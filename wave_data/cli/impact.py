"""`wave-data migrate impact`: what migrations do to queries."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wave_data.cli.check import OWN, PackageOption, make_importable, servers_needed
from wave_data.cli.options import DatabaseUrlOption, FolderOption, JsonOption
from wave_data.cli.output import show

if TYPE_CHECKING:
    from wave_data.check.impact import Effect, Impact


def impact(
    database_url: DatabaseUrlOption = None,
    after: Annotated[
        str | None,
        typer.Option(
            "--after",
            metavar="VERSION",
            help="Look at each migration after this version, on both stores, with no database of yours.",
            show_default=False,
        ),
    ] = None,
    package: PackageOption = None,
    folder: FolderOption = None,
    as_json: JsonOption = False,
) -> None:
    """Name the queries that each pending migration breaks or changes.

    Exit code 1 means that one breaks a query.
    """
    from wave_data.check.impact import of_pending, since

    make_importable(Path.cwd())
    packages = package or [OWN]
    with servers_needed():
        found = of_pending(packages, database_url, folder) if after is None else since(packages, after, folder)
    lines = [line for impact in found for line in _lines(impact)] or ["nothing is pending"]
    show([_shown(impact) for impact in found], lines, as_json=as_json)
    if any(effect.kind == "breaks" for impact in found for effect in impact.effects):
        raise typer.Exit(1)


def _lines(impact: "Impact") -> list[str]:
    lines = [
        f"  {effect.kind} {effect.function}{_stores(effect)}: {effect.reason} ({effect.place})"
        for effect in impact.effects
    ]
    return [impact.migration, *(lines or ["  no query is affected"])]


def _stores(effect: "Effect") -> str:
    from wave_data.check.finding import STORES

    return f" on {STORES[effect.stores[0]]}" if len(effect.stores) == 1 else ""


def _shown(impact: "Impact") -> dict[str, object]:
    effects = [
        {
            "kind": effect.kind,
            "function": effect.function,
            "reason": effect.reason,
            "file": str(effect.place.path),
            "line": effect.place.line,
            "stores": list(effect.stores),
        }
        for effect in impact.effects
    ]
    return {"migration": impact.migration, "effects": effects}
