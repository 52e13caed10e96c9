"""Fixtures that put a test on the schema of this package instead of the library's own."""

import importlib
import itertools
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from types import ModuleType
from typing import Protocol
from urllib.parse import quote

import pytest

from user_package import MIGRATIONS
from wave_data import load_queries, migrate
from wave_data.engine import modules
from wave_data.servers.databases import temporary_database

__all__ = ["FIRST", "LoadModule", "load", "migrations_folder", "postgres_template", "sqlite_template"]


class LoadModule(Protocol):
    """Makes a module of queries."""

    def __call__(self, sql: str, python: str, *, migrations: Path | None = None) -> ModuleType:
        """The module with this SQL and this Python."""
        ...


_PREAMBLE = """\
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal, NamedTuple
from uuid import UUID
from user_package.authors import Author
from user_package.books import Book
from wave_data import (
    UNSET, Affected, Default, Executor, NewId, Page, Record, Scale, Usd, UtcDatetime,
    move, partial_update, query, transactional, transition,
)
from wave_data.engine.types import *
"""
FIRST = _PREAMBLE.count("\n") + 1
"""The line on which a test's own Python begins."""
_numbers = itertools.count()


@pytest.fixture(scope="session")
def migrations_folder() -> Path:
    """The folder with the package's own migrations."""
    return MIGRATIONS


@pytest.fixture(scope="session")
def postgres_template(postgres_url: str, migrations_folder: Path) -> Iterator[str]:
    """The URL of a migrated PostgreSQL database to copy."""
    with temporary_database(postgres_url) as url:
        migrate(url, folder=migrations_folder)
        yield url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory, migrations_folder: Path) -> Path:
    """A migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("sqlite-template") / "template.db"
    migrate(f"sqlite:{quote(str(path))}", folder=migrations_folder)
    return path


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LoadModule:
    """Loads the module `shop` of a new package, with this SQL beside this Python (after the usual imports)."""
    modules.query_modules()  # what is left for later would be lost with the copy
    monkeypatch.setattr(modules, "_modules", dict(modules._modules))
    monkeypatch.setattr(modules, "_folders", dict(modules._folders))
    monkeypatch.syspath_prepend(tmp_path)
    names: list[str] = []

    def load_module(sql: str, python: str, *, migrations: Path | None = None) -> ModuleType:
        package = f"package_{next(_numbers)}"
        folder = tmp_path / package
        folder.mkdir()
        (folder / "__init__.py").write_text("")
        (folder / "shop.sql").write_text(dedent(sql).lstrip("\n"))
        (folder / "shop.py").write_text(_PREAMBLE + dedent(python))
        importlib.import_module(package)
        names.append(package)
        load_queries(package, migrations=migrations)
        return sys.modules[f"{package}.shop"]

    return load_module
