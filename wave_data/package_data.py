"""Where the SQL files are that the package carries."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_SHIPPED = _PACKAGE / "db"

IS_SHIPPED = _SHIPPED.is_dir()
"""True in an installed wheel, which has its own copy; False in a checkout."""

DB: Path = _SHIPPED if IS_SHIPPED else _PACKAGE.parent / "db"
"""The folder with `migrations` and `queries`."""

QUERIES = DB / "queries"
MIGRATIONS = DB / "migrations"
