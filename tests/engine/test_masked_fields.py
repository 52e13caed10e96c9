"""A field that may be a secret, in rows of any record."""

import pytest

from wave_data import Record, RowMappingError, Secret
from wave_data.engine.compiled import CompiledStatement
from wave_data.engine.modules import query_of
from wave_data.engine.readers import compile_reader
from wave_data.engine.records import Column, Result
from wave_data.tables import configurations, wave_sessions


class Token(Record):
    """A row that may be a secret."""

    name: str
    value: Secret
    is_secret: bool


class Optional(Record):
    """A row whose secret may be absent, and whose flag may be too."""

    value: Secret | None
    is_secret: bool | None


class Service(Record):
    """A row with another inside."""

    name: str
    token: Token | None


class Bundle(Record):
    """A row with others in a JSON value."""

    tokens: list[Token]


@pytest.fixture(params=["sqlite", "postgres"])
def read(request):
    """Reads one row, given as columns and values."""

    def read_row(record, **row):
        types = {name: "bool" if name.endswith("is_secret") else "text" for name in row}
        columns = [Column(name, kind if request.param == "postgres" else None) for name, kind in types.items()]
        values = tuple(int(v) if isinstance(v, bool) and request.param == "sqlite" else v for v in row.values())
        return compile_reader(Result.of(record), columns, request.param, "a query")([values])[0]

    return read_row


@pytest.mark.parametrize(("is_secret", "shown"), [(True, "********"), (False, "tops3cret")])
def test_a_value_is_masked_where_its_row_says_so(read, is_secret, shown):
    assert read(Token, name="a", value="tops3cret", is_secret=is_secret).value == shown
    assert read(Token, is_secret=is_secret, value="tops3cret", name="a").value == shown


def test_the_mask_has_one_width(read):
    assert {read(Token, name="a", value=value, is_secret=True).value for value in ("", "x" * 99)} == {"********"}


def test_a_row_that_does_not_say_is_masked(read):
    assert read(Optional, value="tops3cret", is_secret=None).value == "********"
    assert read(Optional, value=None, is_secret=False).value is None


def test_a_joined_row_has_its_own_flag(read):
    row = {"name": "x", "token.name": "a", "token.value": "tops3cret", "token.is_secret": True}
    assert read(Service, **row).token == Token(name="a", value="********", is_secret=True)


@pytest.mark.parametrize("kind", [Token, Optional])
def test_a_statement_without_the_flag_is_refused(read, kind):
    with pytest.raises(RowMappingError, match="no column is_secret"):
        read(kind, name="a", value="tops3cret")


def test_a_row_in_a_json_value_is_refused():
    with pytest.raises(TypeError, match="join its table"):
        Result.of(Bundle)


def test_a_scalar_is_refused():
    with pytest.raises(TypeError, match="is_secret"):
        Result.of(Secret)


def shape(function, dialect) -> CompiledStatement:
    return query_of(function).compiled[dialect][0]


@pytest.mark.parametrize("dialect", ["sqlite", "postgres"])
def test_a_statement_knows_that_it_has_secrets(dialect):
    for function in (configurations._find, configurations._put, configurations._store_encoded):
        assert shape(function, dialect).has_secrets
    assert not shape(configurations.delete, dialect).has_secrets
    assert not shape(wave_sessions.get, dialect).has_secrets
