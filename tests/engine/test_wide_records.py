"""Records with more fields than CPython's instances share the keys of are made in another way, and are the same."""

import copy
import pickle

import pytest
from pydantic import ValidationError, create_model

from wave_data import Record
from wave_data.engine.readers import SHARED_KEYS, compile_reader
from wave_data.engine.records import Column, Result


@pytest.fixture(params=[SHARED_KEYS - 1, SHARED_KEYS, SHARED_KEYS + 1, SHARED_KEYS + 20])
def kind(request):
    """A record class of so many fields."""
    fields = {f"field_{number}": (int | None, ...) for number in range(request.param)}
    found = create_model("Wide", __base__=Record, **fields)
    globals()["Wide"] = found  # where pickle looks for it
    found.__module__ = __name__
    return found


@pytest.fixture
def rows(kind):
    return [tuple(range(start, start + len(kind.model_fields))) for start in range(3)]


@pytest.fixture
def made(kind, rows):
    columns = [Column(name, "int8") for name in kind.model_fields]
    return compile_reader(Result.of(kind), columns, "postgres", "test")(list(rows))


@pytest.fixture
def twins(kind, rows):
    return [kind(**dict(zip(kind.model_fields, row, strict=True))) for row in rows]


def test_they_equal_validated_ones_inside_and_out(made, twins):
    assert made == twins
    for record, twin in zip(made, twins, strict=True):
        assert type(record) is type(twin)
        assert list(record.__dict__.items()) == list(twin.__dict__.items())
        assert record.model_dump() == twin.model_dump()
        assert record.model_dump_json() == twin.model_dump_json()
        assert record.model_fields_set == twin.model_fields_set
        assert hash(record) == hash(twin)
        assert repr(record) == repr(twin)


def test_each_has_values_of_its_own(made):
    assert [record.field_0 for record in made] == [0, 1, 2]


@pytest.mark.parametrize("make", [copy.copy, copy.deepcopy, lambda record: pickle.loads(pickle.dumps(record))])
def test_they_can_be_copied_and_pickled(made, make):
    assert make(made[1]) == made[1]


def test_they_are_frozen(made):
    with pytest.raises(ValidationError):
        made[0].field_0 = 1
    assert made[0].model_copy(update={"field_0": 7}).field_0 == 7
    assert made[0].field_0 == 0
