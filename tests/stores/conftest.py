"""These tests run on the schema of `user_package`: the mechanism is proved without the library's own tables."""

from user_package.fixtures import load, migrations_folder, postgres_template, sqlite_template

__all__ = ["load", "migrations_folder", "postgres_template", "sqlite_template"]
