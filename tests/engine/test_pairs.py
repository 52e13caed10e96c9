"""Two columns that are given as a pair or one by one."""

import pytest

from wave_data import UNSET, InvalidValue
from wave_data.engine.pairs import split


@pytest.mark.parametrize(
    ("pair", "first", "second", "expected"),
    [
        ((1, -2), UNSET, UNSET, (1, -2)),
        (UNSET, 1, UNSET, (1, UNSET)),
        (UNSET, UNSET, 2, (UNSET, 2)),
        (UNSET, 1, 2, (1, 2)),
        (UNSET, UNSET, UNSET, (UNSET, UNSET)),
    ],
)
def test_what_is_set(pair, first, second, expected):
    assert split("position", pair, first, second) == expected


@pytest.mark.parametrize(("first", "second"), [(1, UNSET), (UNSET, 0), (1, 2), (None, UNSET)])
def test_a_pair_beside_its_parts_is_refused(first, second):
    with pytest.raises(InvalidValue, match="position: give the pair or its parts, not both"):
        split("position", (1, 2), first, second)


@pytest.mark.parametrize("pair", [None, 1, "ab", (), (1,), (1, 2, 3), (1, 2.0), (1, True), (2**31, 0), {1: 2}])
def test_what_is_no_pair_is_refused(pair):
    with pytest.raises(InvalidValue, match="position: "):
        split("position", pair, UNSET, UNSET)
