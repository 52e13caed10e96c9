"""What a function expects, as it is written down, and which facts do not meet it."""

from collections.abc import Sequence

import pytest
from check_packages import MakePackage

from wave_data.check.contracts import Contract, Expected, breaches, contract_of
from wave_data.check.facts import ColumnFact, ParameterFact, StatementFacts
from wave_data.check.static import load

PYTHON = """
    class Maker(Record):
        id: UUID
        name: str | None

    class Offer(Record):
        title: str
        price: Usd
        labels: list[str] = []
        maker: Maker | None

    @query
    async def find(db: Executor, id: UUID, labels: list[str] | None = None, limit: int = 10) -> list[Offer]: ...

    @query
    async def totals(db: Executor) -> dict[str, int]: ...

    @query
    async def remove(db: Executor, id: UUID) -> Affected: ...
"""
SQL = """
    -- name: find
    SELECT 1 FROM books WHERE id = :id AND tags = :labels LIMIT :limit;
    -- name: totals
    SELECT 1, 2;
    -- name: remove
    DELETE FROM books WHERE id = :id;
"""


@pytest.fixture
def contracts(make_package: MakePackage) -> dict[str, Contract]:
    modules, findings = load([make_package(SQL, PYTHON)])
    assert findings == []
    return {name: contract_of(query) for name, query in modules[0].queries.items()}


def broken(contract: Contract, columns: Sequence[ColumnFact], *types: str) -> list[tuple[str, str]]:
    slots = [(name, None) for name in contract.parameters]
    facts = StatementFacts(tuple(map(ParameterFact, types)), tuple(columns))
    return [(breach.code, breach.subject) for breach in breaches(contract, slots, "postgres", facts)]


TITLE, PRICE = ColumnFact("title", "text", False), ColumnFact("price", "numeric", False)
MAKER = [
    ColumnFact("maker.id", "uuid", True, joins=frozenset({1})),
    ColumnFact("maker.name", "text", True, joins=frozenset({1}), null_in_row=True),
]


def test_a_contract_names_types_defaults_and_what_the_rows_become(contracts: dict[str, Contract]):
    find = contracts["find"]
    assert {name: str(expected) for name, expected in find.parameters.items()} == {
        "id": "UUID",
        "labels": "list[str]? = None",
        "limit": "int = …",
    }
    assert find.result == ("list", "shop.Offer")
    assert {name: str(expected) for name, expected in find.records["shop.Offer"].items()} == {
        "title": "str",
        "price": "Decimal",
        "labels": "list[str] = …",
        "maker": "shop.Maker?",
    }
    assert (contracts["totals"].result, contracts["remove"].result) == (("mapping", "str", "int"), ("affected",))


@pytest.mark.parametrize("text", ["UUID", "str?", "list[datetime]? = None", "int = …", "shop.Offer?"])
def test_what_is_expected_is_read_back(text: str):
    assert str(Expected.parse(text)) == text


def test_an_unknown_type_is_an_error():
    with pytest.raises(ValueError, match="tuple is no type of this release"):
        _ = Expected("tuple").kind


def test_facts_that_fit_break_nothing(contracts: dict[str, Contract]):
    assert broken(contracts["find"], [TITLE, PRICE, *MAKER], "uuid", "text[]", "int8") == []
    assert broken(contracts["totals"], [TITLE, ColumnFact("count", "int8", False)]) == []
    assert broken(contracts["remove"], [], "uuid") == []


def test_more_columns_break_nothing(contracts: dict[str, Contract]):
    assert broken(contracts["find"], [TITLE, PRICE, *MAKER, ColumnFact("new", "uuid", True)]) == []


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ([TITLE, *MAKER], ("column-missing", "price")),
        ([TITLE, PRICE], ("column-missing", "maker")),
        ([TITLE, PRICE, MAKER[0]], ("column-missing", "maker.name")),
        ([TITLE, ColumnFact("price", "int8", False), *MAKER], ("column-type", "price")),
        ([ColumnFact("title", "text", True, null_in_row=True), PRICE, *MAKER], ("nullable", "title")),
        ([TITLE, PRICE, ColumnFact("maker.id", "uuid", True, null_in_row=True), MAKER[1]], ("nullable", "maker.id")),
    ],
)
def test_facts_that_do_not_fit_are_named(
    contracts: dict[str, Contract], columns: list[ColumnFact], expected: tuple[str, str]
):
    assert broken(contracts["find"], columns) == [expected]


def test_the_wrong_number_of_scalars_is_named(contracts: dict[str, Contract]):
    assert broken(contracts["totals"], [TITLE]) == [("column-missing", "")]


def test_a_parameter_of_another_type_is_named(contracts: dict[str, Contract]):
    assert broken(contracts["remove"], [], "int8") == [("parameter-type", "id")]
