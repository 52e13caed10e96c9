"""Migration files: pairs of dbmate files, one per store, that share a version and a name."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from wave_data.engine.errors import InvalidValue, MigrationError
from wave_data.package_data import IS_SHIPPED, MIGRATIONS
from wave_data.stores.settings import Dialect

"""The folder with the library's own migrations, one folder per store."""

DIALECTS: tuple[Dialect, ...] = ("postgres", "sqlite")

_FILE_NAME = re.compile(r"(?P<version>\d+)_(?P<name>.+)\.sql")
_SECTION = re.compile(r"^--\s*migrate:(?P<direction>up|down)\b.*$", re.MULTILINE)
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_TEMPLATE = "-- migrate:up\n\n\n-- migrate:down\n\n"


@dataclass(frozen=True, order=True)
class Migration:
    """One step of a store's schema, with the SQL that makes it and the SQL that takes it back."""

    version: str
    name: str
    up: str = field(repr=False, compare=False)
    down: str = field(repr=False, compare=False)

    @property
    def file_name(self) -> str:
        """The name of its file, in the folder of each store."""
        return f"{self.version}_{self.name}.sql"

    def __str__(self) -> str:
        return f"{self.version}_{self.name}"


def migrations_folder(dialect: Dialect, folder: Path | str | None = None) -> Path:
    """The folder of a store's migrations: inside `folder`, or the library's own.

    Raises MigrationError when there is none.
    """
    path = (MIGRATIONS if folder is None else Path(folder)) / dialect
    if not path.is_dir():
        raise MigrationError(f"{path} is not a folder; it should hold the migrations of the {dialect} store")
    return path


def migrations_of(dialect: Dialect, folder: Path | str | None = None) -> list[Migration]:
    """Every migration of a store, oldest first: the library's own, or those in `folder`/postgres or /sqlite.

    Raises MigrationError for a missing folder, a misnamed file, one without its two sections, or a version
    that occurs twice.
    """
    migrations: dict[str, Migration] = {}
    for path in sorted(migrations_folder(dialect, folder).glob("[0-9]*.sql")):  # dbmate passes over all others
        if (match := _FILE_NAME.fullmatch(path.name)) is None:
            raise MigrationError(f"{path}: a migration file is named <version>_<name>.sql")
        up, down = _sections(path)
        version = match["version"]
        if version in migrations:
            raise MigrationError(
                f"{path}: {migrations[version].file_name} has this version too; give one of them a later one",
                key=version,
            )
        migrations[version] = Migration(version, match["name"], up, down)
    return sorted(migrations.values())


def required_versions(dialect: Dialect, folder: Path | str | None = None) -> tuple[str, ...]:
    """The versions that a database must have for the code to run on it, oldest first."""
    return tuple(migration.version for migration in migrations_of(dialect, folder))


def create_files(name: str, folder: Path | str | None = None) -> list[Path]:
    """Write an empty migration for each store, both with the same new version, and return their paths.

    Raises InvalidValue for a name that is not made of lower-case words joined by `_`, or when there is no
    folder of one's own to write to.
    """
    if _NAME.fullmatch(name) is None:
        raise InvalidValue(f"a migration is named like create_reports (a-z, 0-9, _), not {name!r}")
    if folder is None and IS_SHIPPED:
        raise InvalidValue("name the folder of your own migrations: those of the installed package are not edited")
    root = MIGRATIONS if folder is None else Path(folder)
    dialects = [dialect for dialect in DIALECTS if (root / dialect).is_dir()] or list(DIALECTS)
    version = _next_version(root)
    paths = [root / dialect / f"{version}_{name}.sql" for dialect in dialects]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_TEMPLATE, encoding="utf-8")
    return paths


def _next_version(root: Path) -> str:
    taken = (m["version"] for p in root.glob("*/*.sql") if (m := _FILE_NAME.fullmatch(p.name)))
    newest = max((int(version) for version in taken), default=0)
    return str(max(int(datetime.now(UTC).strftime("%Y%m%d%H%M%S")), newest + 1))


def _sections(path: Path) -> tuple[str, str]:
    text = path.read_text(encoding="utf-8")
    headings = list(_SECTION.finditer(text))
    if [heading["direction"] for heading in headings] != ["up", "down"]:
        raise MigrationError(f"{path}: expected one '-- migrate:up' and after it one '-- migrate:down'")
    up, down = headings
    return text[up.end() : down.start()].strip(), text[down.end() :].strip()
