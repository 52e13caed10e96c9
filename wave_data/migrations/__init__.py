"""Migrations: up, down, and what stands where.

dbmate does the work, one transaction per migration. This package picks the files that fit the URL, lets one
migrator in at a time, and says what went wrong. Its functions block, and may be called inside a running event
loop as well; a URL that is not given comes from the environment.
"""

from wave_data.migrations.commands import (
    MigrationStatus,
    drop_all,
    migrate,
    new,
    rollback,
    status,
    verify,
)
from wave_data.migrations.files import Migration, migrations_of, required_versions
from wave_data.package_data import MIGRATIONS

__all__ = [
    "MIGRATIONS",
    "Migration",
    "MigrationStatus",
    "drop_all",
    "migrate",
    "migrations_of",
    "new",
    "required_versions",
    "rollback",
    "status",
    "verify",
]
