"""The pages of docs/tables are what the code and the migrations say."""

import pytest

from docs import table_pages
from wave_data.schema import read_schema
from wave_data.servers.databases import temporary_database
from wave_data.stores.settings import DatabaseUrl


@pytest.fixture(scope="module")
def pages(postgres_url, postgres_template, sqlite_template):
    with temporary_database(postgres_url, postgres_template) as url:
        postgres = read_schema(DatabaseUrl.parse(url))
    sqlite = read_schema(DatabaseUrl.parse(f"sqlite:{sqlite_template}"))
    return table_pages.pages({"postgres": postgres, "sqlite": sqlite})


def test_every_page_is_current(pages):
    found = {path.name: path.read_text("utf-8") for path in table_pages.FOLDER.glob("*.md")}
    stale = sorted(name for name in pages.keys() | found.keys() if pages.get(name) != found.get(name))
    assert not stale, "run `make docs`"


def test_every_table_has_a_page(pages, sqlite_template):
    tables = read_schema(DatabaseUrl.parse(f"sqlite:{sqlite_template}")).tables
    columns = [line for text in pages.values() for line in text.splitlines() if line.startswith("## Columns")]
    named = {line.removeprefix("## Columns of ") for line in columns} | {name.removesuffix(".md") for name in pages}
    assert set(tables) <= named


def test_a_page_shows_the_states_and_the_sql_of_each_operation(pages):
    text = pages["wave_sessions.md"]
    assert "    pending --> in_progress: start" in text
    assert "## Columns of wave_charges" in text
    start = text.partition("### wave_sessions.start\n")[2].partition("\n### ")[0]
    assert "async def start(db: Executor, id: UUID) -> WaveSession" in start
    assert "SET status = 'in_progress'" in start
