"""Options that several commands take."""

from pathlib import Path
from typing import Annotated

import typer

DatabaseUrlOption = Annotated[
    str | None,
    typer.Option(
        "--database-url",
        metavar="URL",
        help="The database. Without it: DATABASE_URL, which keeps a password out of the list of processes, "
        "or POSTGRES_HOST, _PORT, _DB, _USER and _PASSWORD.",
        show_default=False,
    ),
]
FolderOption = Annotated[
    Path | None,
    typer.Option(
        "--folder",
        metavar="PATH",
        help="A folder with postgres/ and sqlite/. Without it: the library's own migrations.",
        show_default=False,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Write the result as JSON.")]
