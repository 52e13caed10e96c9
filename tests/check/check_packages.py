"""Packages of queries, right and wrong, for the check to look at."""

import itertools
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Protocol

import pytest
from user_package import MIGRATIONS

from wave_data.engine import modules

PREAMBLE = """\
from collections.abc import AsyncIterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID
from wave_data import *
from user_package.authors import Author
from user_package.books import Book, NewBook
"""
FIRST = PREAMBLE.count("\n") + 1
"""The line on which a module's own Python begins."""

_numbers = itertools.count()


class MakePackage(Protocol):
    """Writes a package of queries on the tables of `user_package`, and gives its name."""

    def __call__(self, sql: str, python: str, **others: str) -> str:
        """A package with a module `shop` of this SQL and Python; `others` are more files, named like `name_sql`."""
        ...


@pytest.fixture
def make_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MakePackage]:
    """A function that writes packages, which are forgotten after the test."""
    modules.query_modules()  # what is left for later would be lost with the copy
    monkeypatch.setattr(modules, "_modules", dict(modules._modules))
    monkeypatch.setattr(modules, "_folders", dict(modules._folders))
    monkeypatch.syspath_prepend(tmp_path)
    made: list[str] = []

    def make(sql: str, python: str, **others: str) -> str:
        package = f"checked_{next(_numbers)}"
        folder = tmp_path / package
        folder.mkdir()
        (folder / "__init__.py").write_text(
            "from pathlib import Path\nfrom wave_data import load_queries\n"
            f"load_queries(__name__, migrations=Path({str(MIGRATIONS)!r}))\n"
        )
        for name, text in {"shop_sql": sql, "shop_py": python, **others}.items():
            stem, _, kind = name.rpartition("_")
            start = PREAMBLE if kind == "py" else ""
            (folder / f"{stem}.{kind}").write_text(start + dedent(text).lstrip("\n"))
        made.append(package)
        return package

    yield make
    for name in [name for name in sys.modules if name.partition(".")[0] in made]:
        del sys.modules[name]
