"""The documentation keeps its word: programs run, quotations stand in the files they name, links lead somewhere.

What is done with a block ```` ```python ````:

- one that begins with `# file: name.py` is written to the folder of the page, behind what the page has written there;
  one that begins with `# wave_data/tables/x.py` quotes that file of this repository, or is written where there is none;
- one that has `asyncio.run(` is a program: it is run, and prints just what the next block says if that is of `text`;
  a `test_….py` is run by pytest; other modules are imported once the whole page has been followed;
- ```` ```python fragment ```` is held to be Python, no more;
- any other fails the test.

A block of SQL or TOML that begins with such a path is written or quoted too; any other is for people only.
"""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).parent.parent
GUIDES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
PAGES = [*GUIDES, ROOT / "CHANGELOG.md", *sorted((ROOT / "examples").rglob("*.md"))]

BLOCK = re.compile(r"^```(?P<language>\w*) ?(?P<mark>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
PATH = re.compile(r"(?:#|--) (?P<own>file: )?(?P<path>[\w./-]+\.(?:py|sql|toml))\n")
LINK = re.compile(r"\]\((?P<target>[^)\s]+)\)")
HEADING = re.compile(r"^#+ (?P<title>.+)$", re.MULTILINE)


class Block(NamedTuple):
    """A fenced block; `expected` is the output that the page promises."""

    line: int
    language: str
    mark: str
    text: str
    expected: str | None

    @property
    def path(self) -> str | None:
        found = PATH.match(self.text)
        return found["path"] if found else None

    @property
    def is_quotation(self) -> bool:
        found = PATH.match(self.text)
        return found is not None and not found["own"] and (ROOT / found["path"]).exists()

    @property
    def is_program(self) -> bool:
        return self.language == "python" and not self.mark and "asyncio.run(" in self.text


def blocks_of(page: Path) -> Iterator[Block]:
    text = page.read_text()
    found = list(BLOCK.finditer(text))
    for match, following in pairwise([*found, None]):
        promises = following is not None and following["language"] == "text"
        line = text.count("\n", 0, match.start()) + 1
        yield Block(line, match["language"], match["mark"], match["text"], following["text"] if promises else None)


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


class Reader:
    """Somebody who does what a page says, in an empty folder, with a database of their own."""

    def __init__(self, page: Path, folder: Path, environment: dict[str, str]) -> None:
        self.page = page
        self.folder = folder
        self.environment = {**os.environ, **environment, "PYTHONPATH": str(ROOT)}
        self.modules: dict[str, None] = {}

    def follow(self) -> None:
        for block in blocks_of(self.page):
            if block.language in ("python", "sql", "toml"):
                self.take(block)
        for module in self.modules:
            self.run("-c", f"import {module}", place=f"the module {module}")

    def take(self, block: Block) -> None:
        place = f"{name_of(self.page)}:{block.line}"
        if block.mark:
            assert block.mark == "fragment", f"{place}: unknown mark {block.mark!r}; expected fragment"
            if block.language == "python":
                compile(block.text, place, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        elif block.is_quotation:
            quoted(block, place)
        elif block.path is not None:
            self.write(block, place)
        elif block.is_program:
            (self.folder / "program.py").write_text(block.text)
            self.program("program.py", block, place)
        elif block.language == "python":
            pytest.fail(
                f"{place}: this block is not run; begin it with `# file: name.py`, or mark it: ```python fragment"
            )

    def write(self, block: Block, place: str) -> None:
        path = self.folder / str(block.path)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a") as file:
            file.write(block.text if not file.tell() else "\n\n" + block.text.partition("\n")[2].lstrip())
        if path.name.startswith("test_"):
            self.run("-m", "pytest", "-q", "-p", "no:cacheprovider", str(block.path), place=place)
        elif block.is_program:
            self.program(str(block.path), block, place)
        elif path.suffix == ".py" and path.name != "conftest.py":
            self.modules[str(block.path).removesuffix(".py").removesuffix("/__init__").replace("/", ".")] = None

    def program(self, path: str, block: Block, place: str) -> None:
        printed = self.run(path, place=place).replace(f"{self.folder}{os.sep}", "")
        if block.expected is not None:
            assert printed == block.expected, f"{place}: the program prints something else:\n{printed}"

    def run(self, *arguments: str, place: str) -> str:
        done = subprocess.run(
            [sys.executable, "-W", "error", *arguments],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=100,
        )
        assert done.returncode == 0, f"{place}:\n{done.stdout}{done.stderr}"
        return done.stdout


def quoted(block: Block, place: str) -> None:
    """Each line stands in the file, in this order."""
    lines = iter((ROOT / str(block.path)).read_text().splitlines())
    for line in block.text.splitlines()[1:]:
        assert not line or line in lines, f"{place}: {block.path} does not say, or not there: {line}"


@pytest.fixture(params=["sqlite", "postgres"])
def environment(request, tmp_path_factory, postgres_url):
    url = f"sqlite:{tmp_path_factory.mktemp('database')}/wave.db"
    if request.param == "postgres":
        url = request.getfixturevalue("empty_postgres_url")
    return {"DATABASE_URL": url, "WAVE_TEST_POSTGRES": "url", "WAVE_TEST_DATABASE_URL": postgres_url}


@pytest.mark.parametrize("page", GUIDES, ids=name_of)
def test_what_a_page_shows_works(page, tmp_path, environment):
    Reader(page, tmp_path, environment).follow()


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page):
    text = BLOCK.sub("", page.read_text())
    for link in LINK.finditer(text):
        path, _, anchor = unquote(link["target"]).partition("#")
        if re.match(r"[a-z]+:", path):
            continue
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{name_of(page)}: {link['target']} leads nowhere"
        if anchor:
            assert anchor in anchors(target), f"{name_of(page)}: {link['target']}: no such heading"


def anchors(page: Path) -> set[str]:
    titles = HEADING.findall(BLOCK.sub("", page.read_text()))
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}
