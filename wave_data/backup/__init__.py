"""Backups of a SQLite file, made while it is in use, and the way back to one.

Each function takes an open `Database` first, or a URL; None is the URL of the environment. On PostgreSQL, which has
tools of its own, they raise BackupError.
"""

from wave_data.backup.commands import (
    MigratedWithBackup,
    Restored,
    backup,
    list_backups,
    migrate_with_backup,
    prune,
    restore,
    rollback,
    verify_backup,
)
from wave_data.backup.files import Backup, BackupFile
from wave_data.backup.scheduler import BackupScheduler

__all__ = [
    "Backup",
    "BackupFile",
    "BackupScheduler",
    "MigratedWithBackup",
    "Restored",
    "backup",
    "list_backups",
    "migrate_with_backup",
    "prune",
    "restore",
    "rollback",
    "verify_backup",
]
