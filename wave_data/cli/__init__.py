"""The command line `wave-data`: one module per group of commands.

Exit code 0 means success, 1 failure, 2 wrong usage. Results go to standard output, errors to standard error.
"""

import sys
from collections.abc import Sequence
from typing import NoReturn

import typer

from wave_data.cli import backup, check, database, impact, migrate, scaffold
from wave_data.engine.errors import InvalidValue, WaveDataError

__all__ = ["app", "main"]

app = typer.Typer(
    name="wave-data",
    help="Raw-SQL data access for agent orchestrators: the commands for its database.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(database.init)
app.add_typer(migrate.app, name="migrate")
for command in (database.reset, database.seed, backup.backup, backup.restore, backup.rollback):
    app.command()(command)
app.command("backups")(backup.list_backups)
app.command()(database.stats)
app.command()(database.health)
app.command()(check.check)
app.command()(scaffold.scaffold)
migrate.app.command()(impact.impact)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run a command with the arguments given, or else those of the process, and exit with its code."""
    try:
        app(args=arguments, prog_name="wave-data")
    except WaveDataError as error:
        print("wave-data:", *str(error).split(), file=sys.stderr)
        sys.exit(2 if isinstance(error, InvalidValue) else 1)
    sys.exit(0)
