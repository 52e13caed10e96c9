"""Two releases of a small shop: yesterday's lock file, and folders of migrations that change its tables."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent

import pytest

TABLES = {
    "postgres": """
        CREATE TABLE items (
            id uuid NOT NULL PRIMARY KEY,
            name text NOT NULL,
            price integer NOT NULL,
            note text,
            CONSTRAINT items_name_key UNIQUE (name)
        );
        CREATE INDEX idx_items_price ON items (price);
    """,
    "sqlite": """
        CREATE TABLE items (
            id TEXT NOT NULL PRIMARY KEY,
            name TEXT NOT NULL,
            price INTEGER NOT NULL,
            note TEXT,
            CONSTRAINT items_name_key UNIQUE (name)
        ) STRICT;
        CREATE INDEX idx_items_price ON items (price);
    """,
}
SQL = """
    -- name: add
    INSERT INTO items (id, name, price, note) VALUES (:id, :name, :price, :note);

    -- name: get
    SELECT * FROM items WHERE id = :id;

    -- name: find_by_name
    SELECT id FROM items WHERE name = :name;

    -- name: list_by_price
    SELECT * FROM items WHERE price = :price;

    -- name: count
    SELECT count(*) FROM items
    WHERE TRUE
      AND note = :note --?
    ;
"""
PYTHON = """
    class Item(Record):
        id: UUID
        name: str
        price: int
        note: str | None

    @query
    async def add(db: Executor, id: UUID, name: str, price: int, note: str | None = None) -> None: ...

    @query
    async def get(db: Executor, id: UUID) -> Item: ...

    @query
    async def find_by_name(db: Executor, name: str) -> UUID | None: ...

    @query
    async def list_by_price(db: Executor, price: int) -> list[Item]: ...

    @query
    async def count(db: Executor, note: str | None = None) -> int: ...
"""


def write_migrations(folder: Path, *changes: str | tuple[str, str]) -> Path:
    """The migrations that make the tables and then change them; a pair has the SQL of each store."""
    steps: list[tuple[str, str]] = [(TABLES["postgres"], TABLES["sqlite"])]
    steps += [(change, change) if isinstance(change, str) else change for change in changes]
    for number, texts in enumerate(steps, 1):
        for dialect, text in zip(("postgres", "sqlite"), texts, strict=True):
            path = folder / dialect / f"{number}_step.sql"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"-- migrate:up\n{dedent(text)}\n-- migrate:down\nSELECT 1;\n")
    return folder


@contextmanager
def server_at(url: str) -> Iterator[None]:
    """Checks take the server of the tests instead of starting one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WAVE_TEST_DATABASE_URL", url)
        yield
