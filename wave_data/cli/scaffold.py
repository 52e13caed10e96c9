"""`wave-data scaffold`: the Python for a statement that has no function yet."""

from pathlib import Path
from typing import Annotated

import typer

from wave_data.cli.check import OWN, MigrationsOption, PackageOption, make_importable, servers_needed
from wave_data.cli.options import JsonOption
from wave_data.cli.output import show


def scaffold(
    statement: Annotated[
        str, typer.Argument(help="A file and a name in it, such as sessions.sql:find_by_user.", show_default=False)
    ],
    package: PackageOption = None,
    migrations: MigrationsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print the record and the signature for a new statement, from what both databases say of it."""
    from wave_data.check.scaffold import scaffold as draft

    make_importable(Path.cwd())
    with servers_needed():
        text = draft(statement, package or [OWN], migrations)
    show({"statement": statement, "python": text}, text.splitlines(), as_json=as_json)
