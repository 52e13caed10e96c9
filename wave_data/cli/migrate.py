"""`wave-data migrate`: the schema of a database."""

from dataclasses import asdict
from typing import Annotated

import typer

from wave_data import migrations
from wave_data.cli.options import DatabaseUrlOption, FolderOption, JsonOption
from wave_data.cli.output import show
from wave_data.migrations import Migration

app = typer.Typer(help="Change the schema of a database, and see what it is.", no_args_is_help=True)


@app.command()
def up(database_url: DatabaseUrlOption = None, folder: FolderOption = None, as_json: JsonOption = False) -> None:
    """Apply every pending migration; a missing database is created."""
    applied = migrations.migrate(database_url, folder=folder)
    lines = [f"applied {migration}" for migration in applied] or ["nothing to apply"]
    show({"applied": [_shown(migration) for migration in applied]}, lines, as_json=as_json)


@app.command()
def down(database_url: DatabaseUrlOption = None, folder: FolderOption = None, as_json: JsonOption = False) -> None:
    """Take back the newest applied migration, with the data in what it made."""
    migration = migrations.rollback(database_url, folder=folder)
    show({"rolled_back": _shown(migration)}, [f"rolled back {migration}"], as_json=as_json)


@app.command()
def status(database_url: DatabaseUrlOption = None, folder: FolderOption = None, as_json: JsonOption = False) -> None:
    """List the applied and the pending migrations."""
    found = migrations.status(database_url, folder=folder)
    lines = [
        *(f"[x] {migration}" for migration in found.applied),
        *(f"[ ] {migration}" for migration in found.pending),
        *(f"[?] {version} is in the database and has no file" for version in found.unknown),
        f"{len(found.applied)} applied, {len(found.pending)} pending",
    ]
    result = {
        "applied": [_shown(migration) for migration in found.applied],
        "pending": [_shown(migration) for migration in found.pending],
        "unknown": list(found.unknown),
    }
    show(result, lines, as_json=as_json)


@app.command()
def verify(database_url: DatabaseUrlOption = None, folder: FolderOption = None, as_json: JsonOption = False) -> None:
    """Compare the schema with the one that the migrations give; any difference is a failure."""
    found = migrations.verify(database_url, folder=folder)
    lines = [str(difference) for difference in found] or ["the schema is the one that the migrations give"]
    show({"differences": [asdict(difference) for difference in found]}, lines, as_json=as_json)
    if found:
        raise typer.Exit(1)


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="What it does, such as create_reports.", show_default=False)],
    folder: FolderOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write an empty migration for each store, both with one new version."""
    paths = [str(path) for path in migrations.new(name, folder=folder)]
    show({"created": paths}, paths, as_json=as_json)


def _shown(migration: Migration) -> dict[str, str]:
    return {"version": migration.version, "name": migration.name}
