"""Which shapes of a statement are looked at."""

from itertools import combinations, product

import pytest
from check_packages import MakePackage

from wave_data.check.shapes import selections, shapes_of
from wave_data.check.static import load

UPDATE = """
    -- name: get, find
    SELECT * FROM books WHERE id = :id;
    -- name: update
    UPDATE books
    SET updated_at = :now
      , title = :title --?
      , pages = :pages --?
    WHERE id = :id
    RETURNING *;
"""
UPDATE_PYTHON = """
    @query
    async def get(db: Executor, id: UUID) -> Book: ...

    @query
    async def find(db: Executor, id: UUID) -> Book | None: ...

    @partial_update
    async def update(db: Executor, id: UUID, *, title: str | Unset = UNSET, pages: int | Unset = UNSET) -> Book: ...
"""


@pytest.mark.parametrize("count", range(7))
def test_up_to_64_all_combinations_are(count):
    assert sorted(selections(count)) == sorted(product((False, True), repeat=count))


@pytest.mark.parametrize("count", [7, 8, 12, 20, 40])
def test_beyond_that_any_two_are_in_every_combination(count):
    chosen = selections(count)
    for one, other in combinations(range(count), 2):
        assert {(row[one], row[other]) for row in chosen} == set(product((False, True), repeat=2))


@pytest.mark.parametrize("count", [7, 8, 12, 20, 40])
def test_beyond_that_none_all_and_each_alone_are_among_them(count):
    chosen = set(selections(count))
    alone = {tuple(position == only for position in range(count)) for only in range(count)}
    assert {(False,) * count, (True,) * count} | alone <= chosen


def test_their_number_grows_slowly():
    assert len(selections(40)) < 64


def test_a_shape_has_the_names_that_are_given_and_their_lines(make_package: MakePackage):
    (module,), _ = load([make_package(UPDATE, UPDATE_PYTHON)])
    shapes = {names: shaped.text for names, shaped in shapes_of(module.queries["update"], "postgres")}
    assert set(shapes) == {("title",), ("pages",), ("title", "pages")}
    assert ", title = $" in shapes["title",]
    assert ", pages = $" not in shapes["title",]


def test_a_statement_without_optional_lines_has_one_shape(make_package: MakePackage):
    (module,), _ = load([make_package(UPDATE, UPDATE_PYTHON)])
    assert [names for names, _ in shapes_of(module.queries["get"], "sqlite")] == [()]
