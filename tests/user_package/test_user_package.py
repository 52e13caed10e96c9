"""A user's own package gets everything that the library's own modules have."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import user_package
import wave_data
from user_package import QUERIES, authors, books
from wave_data import Conflict, InvalidTransition, InvalidValue, NotFound
from wave_data.engine.modules import query_modules

HERE = Path(__file__).parent


async def test_its_queries_run(db):
    jane = await authors.create(db, "Jane Austen")
    emma = await books.create(db, "Emma", author_id=jane.id, price="9.99", tags=["novel"])
    assert (await books.publish(db, emma.id)).status == "published"
    assert [book.title for book in (await books.find_many(db, author_id=jane.id)).items] == ["Emma"]
    assert await books.counts_by_status(db) == {"draft": 0, "published": 1, "withdrawn": 0}


async def test_its_errors_are_the_librarys(db):
    jane = await authors.create(db, "Jane Austen")
    with pytest.raises(Conflict):
        await authors.create(db, "Jane Austen")
    with pytest.raises(NotFound, match=f"author {jane.id} not found"):
        await authors.delete(db, jane.id)
        await authors.get(db, jane.id)
    emma = await books.create(db, "Emma")
    await books.withdraw(db, emma.id)
    with pytest.raises(InvalidTransition):
        await books.publish(db, emma.id)


async def test_its_statements_run_in_one_transaction_with_the_librarys_way(db):
    with pytest.raises(InvalidValue):
        async with db.transaction() as tx:
            emma = await books.create(tx, "Emma")
            await books.add_words(tx, emma.id, -1)
    assert await books.count(db) == 0


def test_its_modules_are_known():
    names = {module.name for module in query_modules()}
    assert {"user_package.authors", "user_package.books"} <= names


def test_help_names_its_files():
    assert f"{QUERIES / 'authors.sql'}:6:1" in authors.get.__doc__


def run(package: Path, source: str) -> subprocess.CompletedProcess[str]:
    """Run Python where the copied package and the library can be imported, far from here."""
    root = Path(wave_data.__file__).parent.parent
    program = f"import sys; sys.path[:0] = [{str(package.parent)!r}, {str(root)!r}]\n{source}"
    return subprocess.run(
        [sys.executable, "-c", program], cwd=package.parent, capture_output=True, text=True, check=False
    )


@pytest.fixture
def copied(tmp_path) -> Path:
    """The package, to be broken."""
    return Path(
        shutil.copytree(HERE, tmp_path / "user_package", ignore=shutil.ignore_patterns("test_*", "conftest*", "__pyc*"))
    )


def test_it_works_in_a_program_of_its_own(copied):
    source = """
import asyncio
from user_package import MIGRATIONS, books
from wave_data import connect

async def main():
    async with connect("sqlite::memory:", migrations=MIGRATIONS) as db:
        print((await books.create(db, "Emma")).title)

asyncio.run(main())
"""
    done = run(copied, source)
    assert (done.stdout, done.stderr) == ("Emma\n", "")


BROKEN = {
    "a statement without a function": (
        "queries/authors.sql",
        "-- name: delete",
        "-- name: remove",
        "authors.py",
    ),
    "a misspelt parameter": ("queries/authors.sql", ":name, :now", ":nmae, :now", "queries/authors.sql:3:14"),
    "a stray colon": (
        "queries/books.sql",
        "ORDER BY created_at DESC, id DESC",
        "ORDER BY : id",
        "queries/books.sql:33:10",
    ),
    "a parameter too many": (
        "authors.py",
        "db: Executor, id: UUID) -> Author:",
        "db: Executor, id: UUID, x: int) -> Author:",
        "authors.py:22:1",
    ),
}


@pytest.mark.parametrize(("file", "right", "wrong", "place"), BROKEN.values(), ids=BROKEN.keys())
def test_its_mistakes_point_at_its_files(copied, file, right, wrong, place):
    path = copied / file
    assert right in path.read_text()
    path.write_text(path.read_text().replace(right, wrong, 1))
    done = run(copied, "import user_package")
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith(f"wave_data.engine.errors.QueryError: {copied / place}")


def test_the_package_is_no_part_of_the_library():
    assert not user_package.__name__.startswith("wave_data")
