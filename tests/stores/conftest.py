"""These tests run on the schema of `user_package`: the mechanism is proved without the library's own tables."""

import pytest
from user_package.fixtures import load, migrations_folder, postgres_template, sqlite_template

__all__ = ["load", "migrations_folder", "postgres_template", "sqlite_template"]


@pytest.fixture
def path(tmp_path, sqlite_template):
    """A migrated file of SQLite."""
    path = tmp_path / "books.db"
    path.write_bytes(sqlite_template.read_bytes())
    return path
